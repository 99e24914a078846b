/* ExplainProfile: how a profile came to be one. */

#include <assert.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/decision_message.h"
#include "server/handlers/explained_message.h"
#include "server/handlers/merge_cause.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"
#include "server/identity/members.h"
#include "server/rpc/method.h"

enum {
    MERGES_MAX = 1000,           /* Merges in one answer, the latest. */
    CAUSES_MAX = 256,            /* Of them those whose cause is told. */
    CAUSES_SIZE_MAX = 256 << 10, /* Bytes of identities that causes tell. */
};

/* The last decision of a page, and its number. */
struct place {
    struct id decision;
    int64_t number;
};
static_assert(sizeof(struct place) == ID_SIZE + sizeof(int64_t), "no bytes are left unset");

/* The id as it was asked for, the place. */
static const struct page_token token = {
    .purpose = "ExplainProfile",
    .list_size = ID_SIZE,
    .place_size = sizeof(struct place),
    .of_another = "the page token is of another profile's explanation",
};

static void explain_profile_check(struct rpc_context *ctx,
                                  const Profiled__V1__ExplainProfileRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    wire_page_size_check(ctx, request->page_size);
}

/* ---- members and merges ---- */

static void tell_members(struct rpc_context *ctx, const struct members *members,
                         Profiled__V1__ExplainProfileResponse *response) {
    response->n_members = members->count;
    response->members = arena_array(ctx->arena, members->count, sizeof *response->members);
    for (size_t i = 0; i < members->count; i++) {
        Profiled__V1__Member *message = arena_alloc(ctx->arena, sizeof *message);
        profiled__v1__member__init(message);
        message->id = wire_id(members->items[i]->id, ctx->arena);
        message->create_time = wire_time(members->items[i]->create_us, ctx->arena);
        message->answers = i == 0;
        message->decision_count = (int64_t)members->items[i]->decision_count;
        response->members[i] = message;
    }
}

/* The merges of the members, the oldest first. */
struct merges {
    size_t count;
    struct store_merge *items;
};

static struct status read_merges(struct rpc_context *ctx, const struct id *members,
                                 size_t member_count, struct merges *out) {
    struct id *ids = arena_array(ctx->arena, MERGES_MAX, sizeof *ids);
    TRY(store_merge_scan(ctx->store, members, member_count, (struct id){{0}}, MERGES_MAX, ids,
                         &out->count));
    out->items = arena_array(ctx->arena, out->count, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        bool found = false;
        TRY(store_merge_get(ctx->store, ids[out->count - 1 - i], &found, &out->items[i]));
        if (!found) {
            return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a merge has no record");
        }
    }
    return OK;
}

static struct status tell_merges(struct rpc_context *ctx, const struct members *members,
                                 const struct merges *merges,
                                 Profiled__V1__ExplainProfileResponse *response) {
    response->n_merges = merges->count;
    response->merges = arena_array(ctx->arena, merges->count, sizeof *response->merges);
    for (size_t i = 0; i < merges->count; i++) {
        response->merges[i] = merge_message(&merges->items[i], ctx->arena);
    }
    const size_t before = merges->count > CAUSES_MAX ? merges->count - CAUSES_MAX : 0;
    response->n_merge_causes = merges->count - before;
    response->merge_causes =
        arena_array(ctx->arena, response->n_merge_causes, sizeof *response->merge_causes);
    size_t room = CAUSES_SIZE_MAX;
    for (size_t i = 0; i < response->n_merge_causes; i++) {
        TRY(merge_cause_message(ctx, members, &merges->items[before + i], &room,
                                &response->merge_causes[i]));
    }
    return OK;
}

/* The merges that the decision made, found by their own records; one beyond those has no id. */
static void find_merges(struct id decision_id, const struct merges *merges,
                        struct decision *decision) {
    for (size_t i = 0; i < decision->merged_count; i++) {
        for (size_t k = 0; k < merges->count; k++) {
            if (id_equal(merges->items[k].decision, decision_id) &&
                id_equal(merges->items[k].decision_absorbed, decision->merged[i])) {
                decision->merges[i] = merges->items[k].id;
            }
        }
    }
}

/* ---- decisions ---- */

static struct status explain(struct rpc_context *ctx, const struct store_decision *row,
                             const struct merges *merges, int64_t rule_version,
                             struct record *record, Profiled__V1__ExplainedDecision **out) {
    struct decision decision;
    TRY(decision_unpack(row->packed, row->profile, ctx->arena, &decision, record));
    find_merges(row->id, merges, &decision);
    Profiled__V1__ExplainedDecision *message = arena_alloc(ctx->arena, sizeof *message);
    profiled__v1__explained_decision__init(message);
    message->id = wire_id(row->id, ctx->arena);
    message->decision = decision_message(&decision, ctx->arena);
    message->record = record_message(record, ctx->arena);
    message->earlier_rules = message->decision->rule_version != rule_version;
    *out = message;
    return OK;
}

/* A page of decisions, which are numbered from behind `number` on, and the identities, which say
 * what of the page told them. */
static struct status tell_decisions(struct rpc_context *ctx, const struct profile *profile,
                                    const struct members *members, const struct merges *merges,
                                    const struct identity_rules *rules,
                                    const struct store_decision *rows, size_t count, int64_t number,
                                    Profiled__V1__ExplainProfileResponse *response) {
    struct record *records = arena_array(ctx->arena, count, sizeof *records);
    response->n_decisions = count;
    response->decisions = arena_array(ctx->arena, count, sizeof *response->decisions);
    for (size_t i = 0; i < count; i++) {
        TRY(explain(ctx, &rows[i], merges, (int64_t)rules->version, &records[i],
                    &response->decisions[i]));
        response->decisions[i]->number = number + (int64_t)i + 1;
    }
    explained_identities(ctx, rules, profile, members, response->decisions, records, count,
                         response);
    return OK;
}

static struct status explain_profile(struct rpc_context *ctx,
                                     const Profiled__V1__ExplainProfileRequest *request,
                                     Profiled__V1__ExplainProfileResponse *response) {
    const struct id id = wire_id_checked(request->profile_id);
    const struct profile *profile = NULL;
    TRY(profile_find(ctx, id, false, &profile));
    struct place place = {{{0}}, 0};
    TRY(page_token_read(ctx, &token, request->page_token, &id, &place));
    const struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &rules));
    response->rule_version = (int64_t)rules->version;
    response->profile_id = wire_id(profile->id, ctx->arena);
    struct members *members = NULL;
    TRY(members_read(ctx->store, profile, &members));
    tell_members(ctx, members, response);
    explained_hand_set_values(ctx, profile, members, response);
    TRY(explained_never_joins(ctx, members, response));
    size_t member_count = 0;
    const struct id *ids = profile_member_ids(profile, ctx->arena, &member_count);
    TRY(explained_open_reviews(ctx, ids, member_count, response));
    struct merges merges = {0};
    TRY(read_merges(ctx, ids, member_count, &merges));
    TRY(tell_merges(ctx, members, &merges, response));
    const size_t page_size = wire_page_size(request->page_size);
    struct store_decision *rows = arena_array(ctx->arena, page_size, sizeof *rows);
    size_t count = 0;
    bool more = false;
    TRY(store_decision_scan(ctx->store, ids, member_count, place.decision, page_size, rows, &count,
                            &more));
    if (more) {
        const struct place last = {rows[count - 1].id, place.number + (int64_t)count};
        response->next_page_token = page_token_write(ctx, &token, &id, &last);
    }
    return tell_decisions(ctx, profile, members, &merges, rules, rows, count, place.number,
                          response);
}

RPC_METHOD(IdentityService, ExplainProfile, explain_profile, RPC_READ);
