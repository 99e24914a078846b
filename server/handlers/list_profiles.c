/* ListProfiles: profiles in order, a page at a time. */

#include <string.h>

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_filter.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

enum { SCANS_MAX = 10 }; /* Of index rows, for one page: a page may come short, with a token. */

/* Behind which profile the page begins. */
struct place {
    int64_t update_us;
    struct id id;
};

/* The fingerprint of filter and order, the last profile. */
static const struct page_token token = {
    .purpose = "ListProfiles",
    .list_size = VAULT_FINGERPRINT_SIZE,
    .place_size = sizeof(struct place),
    .of_another = "the page token is of a list with another filter or order",
};

struct list_order {
    const char *text;
    enum store_order order;
    bool descending;
};

/* Whether two orders have the same words, with any blanks around and between them. */
static bool is_same_order(const char *text, const char *other) {
    for (;;) {
        text += strspn(text, " ");
        other += strspn(other, " ");
        const size_t size = strcspn(text, " ");
        if (size != strcspn(other, " ") || strncmp(text, other, size) != 0) {
            return false;
        }
        if (size == 0) {
            return true;
        }
        text += size;
        other += size;
    }
}

static const struct list_order *order_read(const char *text) {
    static const struct list_order orders[] = {
        {"", STORE_BY_CREATE, false},
        {"create_time", STORE_BY_CREATE, false},
        {"create_time asc", STORE_BY_CREATE, false},
        {"create_time desc", STORE_BY_CREATE, true},
        {"update_time", STORE_BY_UPDATE, false},
        {"update_time asc", STORE_BY_UPDATE, false},
        {"update_time desc", STORE_BY_UPDATE, true},
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (is_same_order(text, orders[i].text)) {
            return &orders[i];
        }
    }
    return NULL;
}

static void list_profiles_check(struct rpc_context *ctx,
                                const Profiled__V1__ListProfilesRequest *request) {
    wire_page_size_check(ctx, request->page_size);
    const struct list_order *order = order_read(request->order_by);
    if (order == NULL) {
        rpc_violation(ctx, "must be create_time, create_time desc, update_time or update_time desc",
                      "order_by");
    } else if (request->show_deleted &&
               (request->filter[0] != '\0' || order->order != STORE_BY_CREATE)) {
        rpc_violation(ctx, "only goes without a filter and in order of creation", "show_deleted");
    }
}

static struct fingerprint list_hash(struct rpc_context *ctx,
                                    const Profiled__V1__ListProfilesRequest *request) {
    const struct bytes parts[] = {
        bytes_of_string(request->filter),
        bytes_of_string(order_read(request->order_by)->text),
        bytes_of_string(request->show_deleted ? "deleted" : ""),
    };
    return store_fingerprint(store_view_store(ctx->store), parts, sizeof parts / sizeof *parts);
}

/* A page that is being filled. */
struct page {
    const struct list_order *order;
    size_t size;
    bool show_deleted;
    struct profile_filter filter;
    const struct identity_rules *rules;
    struct store_cursor cursor; /* Behind the last profile that was looked at. */
    bool more;
    struct store_scan_report report;
    struct wire_page told;
    size_t judged_count;
};

static struct status add_profile(struct rpc_context *ctx, struct page *page, struct id id,
                                 Profiled__V1__ListProfilesResponse *response) {
    bool takes = false;
    const struct profile *profile = NULL;
    page->judged_count++;
    TRY(profile_filter_takes(ctx, &page->filter, id, &takes));
    if (!takes) {
        return OK;
    }
    TRY(store_profile_get(ctx->store, id, &profile));
    if (profile == NULL || !id_is_zero(profile->merged_into) ||
        (profile->delete_us != 0 && !page->show_deleted)) {
        return OK;
    }
    TRY(profile_message_by(ctx, page->rules, profile, &response->profiles[response->n_profiles]));
    response->n_profiles++;
    return OK;
}

/* Where the row of an id lies in the order. */
static struct status cursor_of(struct rpc_context *ctx, struct page *page, struct id id,
                               struct store_cursor *out) {
    *out = (struct store_cursor){.set = true, .id = id};
    if (page->order->order == STORE_BY_UPDATE) {
        const struct profile *profile = NULL;
        TRY(store_profile_get(ctx->store, id, &profile));
        out->update_us = profile == NULL ? 0 : profile->update_us;
    }
    return OK;
}

static bool is_over(const struct rpc_context *ctx, struct page *page,
                    const Profiled__V1__ListProfilesResponse *response) {
    return wire_page_is_over(ctx, &page->told, response->profiles, response->n_profiles);
}

/* Adds the profiles of ids to the page: without terms and in order of creation, rows that were
 * merged or deleted are among them. When the view is over before the last of them, the cursor goes
 * back behind the last that was looked at. */
static struct status add_profiles(struct rpc_context *ctx, struct page *page, const struct id *ids,
                                  size_t count, Profiled__V1__ListProfilesResponse *response) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && is_over(ctx, page, response)) {
            page->more = true;
            return cursor_of(ctx, page, ids[i - 1], &page->cursor);
        }
        TRY(add_profile(ctx, page, ids[i], response));
    }
    return OK;
}

static struct status fill(struct rpc_context *ctx, struct page *page,
                          Profiled__V1__ListProfilesResponse *response) {
    const struct store_choice choice =
        filter_choice(&page->filter.filter, &page->filter.fields, ctx->now_us);
    struct id *ids = arena_array(ctx->arena, page->size, sizeof *ids);
    response->profiles = arena_array(ctx->arena, page->size, sizeof *response->profiles);
    TRY(identity_rules_read(ctx->store, &page->rules));
    for (size_t i = 0; i < SCANS_MAX && page->more && response->n_profiles < page->size; i++) {
        size_t count = 0;
        TRY(store_profile_scan(ctx->store, page->order->order, page->order->descending, &choice,
                               &page->cursor, page->size - response->n_profiles, ids, &count,
                               &page->more, &page->report));
        TRY(add_profiles(ctx, page, ids, count, response));
        if (is_over(ctx, page, response)) {
            break; /* The page comes short. */
        }
    }
    return OK;
}

/* The index of a term, as filters name it. */
static const char *index_name(struct rpc_context *ctx, const struct profile_term *term) {
    switch ((int)term->kind) {
    case PROFILE_TERM_ATTRIBUTE:
        return arena_format(ctx->arena, "attributes.%s", term->field);
    case PROFILE_TERM_IDENTITY:
        return arena_format(ctx->arena, "identity.%s", term->field);
    default:
        return term->field;
    }
}

/* Of alternatives each index once. */
static char *clause_name(struct rpc_context *ctx, const struct store_clause *clause) {
    char *all = wire_string(index_name(ctx, &clause->terms[0]));
    for (size_t i = 1; i < clause->term_count; i++) {
        bool is_there = false;
        const char *name = index_name(ctx, &clause->terms[i]);
        for (size_t k = 0; k < i && !is_there; k++) {
            is_there = strcmp(name, index_name(ctx, &clause->terms[k])) == 0;
        }
        all = is_there ? all : arena_format(ctx->arena, "%s OR %s", all, name);
    }
    return all;
}

/* What was done, for who asks why it takes so long. */
static Profiled__V1__ListPlan *plan_message(struct rpc_context *ctx, const struct page *page) {
    const struct filter *filter = &page->filter.filter;
    const bool by_update =
        page->order->order == STORE_BY_UPDATE || page->report.way == STORE_SCAN_UPDATED;
    Profiled__V1__ListPlan *plan = arena_alloc(ctx->arena, sizeof *plan);
    profiled__v1__list_plan__init(plan);
    plan->index = page->report.way == STORE_SCAN_CLAUSE
                      ? clause_name(ctx, &filter->clauses[page->report.clause])
                      : wire_string(by_update ? "update_time" : "create_time");
    plan->term_count = (int32_t)filter->clause_count;
    plan->row_count = (int64_t)page->report.row_count;
    plan->profile_count = filter->test_count == 0 ? 0 : (int64_t)page->judged_count;
    return plan;
}

static struct status list_profiles(struct rpc_context *ctx,
                                   const Profiled__V1__ListProfilesRequest *request,
                                   Profiled__V1__ListProfilesResponse *response) {
    const struct fingerprint hash = list_hash(ctx, request);
    struct place place = {0};
    TRY(page_token_read(ctx, &token, request->page_token, hash.bytes, &place));
    struct page page = {.order = order_read(request->order_by),
                        .size = wire_page_size(request->page_size),
                        .show_deleted = request->show_deleted,
                        .cursor = {.set = request->page_token[0] != '\0',
                                   .id = place.id,
                                   .update_us = place.update_us},
                        .more = true};
    TRY(profile_filter_read(ctx, request->filter, false, &page.filter));
    const struct status status = fill(ctx, &page, response);
    profile_filter_free(&page.filter);
    TRY(status);
    if (request->explain) {
        response->plan = plan_message(ctx, &page);
    }
    if (page.more) {
        place = (struct place){.update_us = page.cursor.update_us, .id = page.cursor.id};
        response->next_page_token = page_token_write(ctx, &token, hash.bytes, &place);
    }
    return OK;
}

RPC_METHOD(ProfileService, ListProfiles, list_profiles, RPC_READ);
