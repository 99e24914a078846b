/* ListProfiles: profiles in order, a page at a time. */

#include <string.h>

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/filter.h"
#include "server/handlers/page_token.h"
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
        if (strcmp(orders[i].text, text) == 0) {
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
        bytes_of_string(request->order_by),
        bytes_of_string(request->show_deleted ? "deleted" : ""),
    };
    return store_fingerprint(store_view_store(ctx->store), parts, sizeof parts / sizeof *parts);
}

/* Adds the profiles of ids to the page: without terms and in order of creation, rows that were
 * merged or deleted are among them. When the view is over before the last of them, the cursor goes
 * back behind the last that was looked at. */
static struct status add_profiles(struct rpc_context *ctx, const struct id *ids, size_t count,
                                  bool show_deleted, const struct identity_rules *rules,
                                  struct store_cursor *cursor, bool *more,
                                  Profiled__V1__ListProfilesResponse *response) {
    struct store_cursor behind = {.set = false};
    for (size_t i = 0; i < count; i++) {
        if (behind.set && store_view_is_over(ctx->store)) {
            *cursor = behind;
            *more = true;
            return OK;
        }
        const struct profile *profile = NULL;
        TRY(store_profile_get(ctx->store, ids[i], &profile));
        if (profile == NULL) {
            continue;
        }
        behind = (struct store_cursor){true, profile->id, profile->update_us};
        if (!id_is_zero(profile->merged_into) || (profile->delete_us != 0 && !show_deleted)) {
            continue;
        }
        TRY(profile_message_by(ctx, rules, profile, &response->profiles[response->n_profiles]));
        response->n_profiles++;
    }
    return OK;
}

static struct status list_profiles(struct rpc_context *ctx,
                                   const Profiled__V1__ListProfilesRequest *request,
                                   Profiled__V1__ListProfilesResponse *response) {
    struct filter filter;
    TRY(filter_parse(ctx, request->filter, &filter));
    const struct fingerprint hash = list_hash(ctx, request);
    struct place place = {0};
    TRY(page_token_read(ctx, &token, request->page_token, hash.bytes, &place));
    struct store_cursor cursor = {
        .set = request->page_token[0] != '\0', .id = place.id, .update_us = place.update_us};
    const struct list_order *order = order_read(request->order_by);
    const size_t page_size = wire_page_size(request->page_size);
    response->profiles = arena_array(ctx->arena, page_size, sizeof *response->profiles);
    struct id *ids = arena_array(ctx->arena, page_size, sizeof *ids);
    const struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &rules));
    bool more = true;
    for (size_t i = 0; i < SCANS_MAX && more && response->n_profiles < page_size; i++) {
        size_t count = 0;
        TRY(store_profile_scan(ctx->store, order->order, order->descending, filter.terms,
                               filter.term_count, &cursor, page_size - response->n_profiles, ids,
                               &count, &more));
        TRY(add_profiles(ctx, ids, count, request->show_deleted, rules, &cursor, &more, response));
        if (store_view_is_over(ctx->store)) {
            break; /* The page comes short. */
        }
    }
    if (more) {
        place = (struct place){.update_us = cursor.update_us, .id = cursor.id};
        response->next_page_token = page_token_write(ctx, &token, hash.bytes, &place);
    }
    return OK;
}

RPC_METHOD(ProfileService, ListProfiles, list_profiles, RPC_READ);
