/* SimulateIdentityTypes: what other rules would do, pass by pass as ApplyIdentityTypes. Each row is
 * tried on its own; only what that wishes is kept, in a what-if that lasts as long as the stream.
 */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_type_fields.h"
#include "server/handlers/identity_types_pass.h"
#include "server/handlers/wire.h"
#include "server/identity/merge.h"

enum {
    CHANGES_MAX = 32,       /* In a request. */
    ROWS_MAX = 100,         /* That one message looks at. */
    LISTED_MAX = 10000,     /* Profiles that are told. */
    LISTED_PAGE_MAX = 500,  /* In one message. */
    STREAM_MAX = 512 << 20, /* Bytes that the what-if may take. */
};

/* Profiles that are told, as far as they are there. */
struct listed_ids {
    size_t whole_count; /* With those that are not. */
    size_t count;
    struct id *items;
};

/* A profile that would change. */
struct listed {
    struct listed *next;
    uint32_t pass;
    struct id profile;
    size_t lost_count;
    size_t gained_count;
    size_t made_count;
    struct listed_ids splits;
    struct listed_ids joins;
    struct listed_ids moves_to;
    struct listed_ids moves_from;
};

/* What the runs share, in the stream's arena. */
struct simulation {
    struct members_context members; /* Rules and attributes as of the beginning. */
    struct store_what_if *what_if;
    struct identity_types_place place;
    struct id last; /* The latest profile that there was at the beginning. */
    bool counted;
    bool settled;
    int32_t pass; /* Of the last message. */
    Profiled__V1__IdentityTypesProgress progress;
    Profiled__V1__IdentityTypesEffect effect;
    struct listed *first; /* Not yet told, once all are counted. */
    struct listed **end;
    size_t listed_count;
    size_t unlisted_count;
};

/* ---- the request ---- */

static void check_change(struct rpc_context *ctx, size_t at,
                         const Profiled__V1__IdentityTypeChange *given,
                         struct identity_type_change *change) {
    if (given->identity_type == NULL || given->identity_type->type[0] == '\0') {
        rpc_violation(ctx, "is required", "changes[%zu].identity_type.type", at);
        return;
    }
    if (given->update_mask == NULL || given->update_mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "changes[%zu].update_mask", at);
        return;
    }
    change->given = given->identity_type;
    change->prefix = arena_format(ctx->arena, "changes[%zu].", at);
    identity_type_mask_read(ctx, given->update_mask,
                            arena_format(ctx->arena, "changes[%zu].update_mask", at), change);
    identity_type_change_check(ctx, change);
    const struct identity_type *builtin = identity_type_builtin(given->identity_type->type);
    if (builtin != NULL) {
        identity_type_change_read(ctx, builtin, change);
    }
}

static void
simulate_identity_types_check(struct rpc_context *ctx,
                              const Profiled__V1__SimulateIdentityTypesRequest *request) {
    if (*ctx->stream != NULL) {
        return; /* It is the same request. */
    }
    if (request->rule_version < 0) {
        rpc_violation(ctx, "must be a version", "rule_version");
    }
    if (request->rule_version != 0 && request->n_changes > 0) {
        rpc_violation(ctx, "goes without changes", "rule_version");
    }
    if ((request->rule_version == 0 && request->n_changes == 0) ||
        request->n_changes > CHANGES_MAX) {
        rpc_violation(ctx, "must be 1 to 32, where there is no rule_version", "changes");
        return;
    }
    struct identity_type_change *changes =
        arena_array(ctx->arena, request->n_changes, sizeof *changes);
    for (size_t i = 0; i < request->n_changes; i++) {
        check_change(ctx, i, request->changes[i], &changes[i]);
    }
    ctx->prepared = changes;
}

static struct status change_rules(struct rpc_context *ctx, const struct identity_rules *present,
                                  size_t count, struct identity_rules *rules) {
    struct identity_type_change *changes = ctx->prepared;
    for (size_t i = 0; i < count; i++) {
        const char *name = changes[i].given->type;
        struct identity_type *type =
            (struct identity_type *)(uintptr_t)identity_rules_find(rules, name);
        if (type == NULL) {
            rpc_error_metadata(ctx, "field",
                               arena_format(ctx->arena, "changes[%zu].identity_type.type", i));
            return status_of(STATUS_NOT_FOUND, REASON_IDENTITY_TYPE_NOT_FOUND,
                             "there is no identity type of this name: see field");
        }
        TRY(identity_type_change_make(ctx, &changes[i], type));
        TRY(identity_type_change_agrees(ctx, &changes[i], identity_rules_find(present, name),
                                        type));
    }
    identity_rules_sort(rules);
    return OK;
}

static struct status start(struct rpc_context *ctx,
                           const Profiled__V1__SimulateIdentityTypesRequest *request) {
    const struct identity_rules *present = NULL;
    TRY(identity_rules_read(ctx->store, &present));
    struct identity_rules *rules = identity_rules_copy(present, ctx->arena);
    if (request->rule_version != 0) {
        TRY(identity_rules_back(ctx, present, request->rule_version, &rules));
    } else {
        TRY(change_rules(ctx, present, request->n_changes, rules));
        TRY(identity_rules_match_check(ctx, present, rules));
    }
    ctx->stream_arena->budget = STREAM_MAX;
    struct simulation *simulation = arena_alloc(ctx->stream_arena, sizeof *simulation);
    rules = identity_rules_keep(rules, ctx->stream_arena);
    rules->version = present->version + 1;
    TRY(members_context_read(store_view_beside(ctx->store, ctx->stream_arena), ctx->now_us,
                             &simulation->members));
    simulation->members.rules = rules;
    simulation->place = identity_types_place_begin(ctx->now_us);
    TRY(profile_rows_end(ctx->store, true, &simulation->last));
    simulation->end = &simulation->first;
    profiled__v1__identity_types_effect__init(&simulation->effect);
    *ctx->stream = simulation;
    return OK;
}

/* ---- counting ---- */

static struct status is_there(struct rpc_context *ctx, struct id id, bool *out) {
    const struct profile *profile = NULL;
    TRY(store_profile_get(ctx->store, id, &profile));
    *out = profile != NULL;
    return OK;
}

static struct status list_ids(struct rpc_context *ctx, const struct reapply_ids *ids,
                              struct listed_ids *out) {
    const size_t max = ids->count < REAPPLY_CHANGES_MAX ? ids->count : REAPPLY_CHANGES_MAX;
    out->whole_count = ids->count;
    out->items = arena_array(ctx->stream_arena, max, sizeof *out->items);
    for (size_t i = 0; i < max; i++) {
        bool there = false;
        TRY(is_there(ctx, ids->items[i], &there));
        out->items[out->count] = ids->items[i];
        out->count += there;
    }
    return OK;
}

/* A profile that is made on the way is told as the one that its records are linked to. */
static struct status find_there(struct identity_types_pass *pass, struct id *id) {
    bool there = false;
    TRY(is_there(pass->ctx, *id, &there));
    while (!there) {
        struct merged_part part;
        TRY(merge_find_part(pass->context.members.view, *id, &part));
        if (!part.is_part) {
            return OK; /* Somebody has erased it since. */
        }
        *id = part.whole;
        TRY(is_there(pass->ctx, *id, &there));
    }
    return OK;
}

static struct status list(struct identity_types_pass *pass, const struct reapply_outcome *outcome) {
    struct simulation *simulation = pass->state;
    if (simulation->listed_count == LISTED_MAX) {
        simulation->unlisted_count++;
        return OK;
    }
    struct listed *listed = arena_alloc(pass->ctx->stream_arena, sizeof *listed);
    *listed = (struct listed){
        .pass = simulation->place.pass,
        .profile = outcome->profile,
        .lost_count = outcome->lost_count,
        .gained_count = outcome->gained_count,
        .made_count = outcome->made_count,
    };
    TRY(find_there(pass, &listed->profile));
    TRY(list_ids(pass->ctx, &outcome->splits, &listed->splits));
    TRY(list_ids(pass->ctx, &outcome->joins, &listed->joins));
    TRY(list_ids(pass->ctx, &outcome->moves_to, &listed->moves_to));
    TRY(list_ids(pass->ctx, &outcome->moves_from, &listed->moves_from));
    *simulation->end = listed;
    simulation->end = &listed->next;
    simulation->listed_count++;
    return OK;
}

static struct store_view *view_to_try(struct rpc_context *ctx,
                                      const struct simulation *simulation) {
    struct store_view *view = store_view_try(ctx->store, simulation->what_if, ctx->arena);
    store_view_take_time(view);
    return view;
}

/* Tries a row. Where it does not read, over the what-if alone, somebody has changed what that has
 * as it was before: the row is left as it is. */
static struct status try_row(struct identity_types_pass *pass, struct id id,
                             struct reapply_outcome *out) {
    const struct simulation *simulation = pass->state;
    const struct status tried = reapply_row_run(&pass->context, id, out);
    if (tried.code != STATUS_DATA_LOSS || simulation->what_if == NULL) {
        return tried;
    }
    struct reapply_context context = pass->context;
    context.members.view = store_view_try(pass->ctx->store, NULL, pass->ctx->arena);
    store_view_take_time(context.members.view);
    TRY(reapply_row_run(&context, id, out));
    *out =
        (struct reapply_outcome){.profile = id, .looked_at = out->looked_at, .is_new = out->is_new};
    pass->context.members.view = view_to_try(pass->ctx, simulation);
    return OK;
}

/* Where a row wishes anything the what-if has it from then on. What comes in there the view that it
 * was tried in does not see: a new one does. */
static struct status run(struct identity_types_pass *pass, struct id id,
                         struct reapply_outcome *out) {
    struct simulation *simulation = pass->state;
    struct arena *arena = pass->ctx->stream_arena;
    TRY(try_row(pass, id, out));
    if (store_view_has_wishes(pass->context.members.view)) {
        store_view_keep(pass->context.members.view, arena, &simulation->what_if);
        pass->context.members.view = view_to_try(pass->ctx, simulation);
    }
    for (const struct reapply_outcome *outcome = out; outcome != NULL; outcome = outcome->next) {
        if (outcome->changed) {
            TRY(list(pass, outcome));
        }
    }
    pass->is_full = arena->exhausted;
    return OK;
}

static struct status count(struct rpc_context *ctx, struct simulation *simulation) {
    struct identity_types_pass pass = {
        .ctx = ctx,
        .context = {.members = simulation->members,
                    .random = ctx->random,
                    .begin_us = simulation->place.begin_us},
        .place = &simulation->place,
        .last = simulation->last,
        .effect = &simulation->effect,
        .run = run,
        .state = simulation,
    };
    pass.context.members.view = view_to_try(ctx, simulation);
    pass.context.members.now_us = ctx->now_us;
    TRY(identity_types_pass_go_on(&pass, ROWS_MAX));
    simulation->counted = pass.done;
    simulation->settled = pass.settled;
    simulation->pass = pass.number;
    simulation->progress = *pass.progress;
    return OK;
}

/* ---- telling ---- */

static char **ids_message(const struct listed_ids *ids, struct arena *arena, size_t *count,
                          int64_t *whole_count) {
    char **texts = arena_array(arena, ids->count, sizeof *texts);
    for (size_t i = 0; i < ids->count; i++) {
        texts[i] = wire_id(ids->items[i], arena);
    }
    *count = ids->count;
    *whole_count = (int64_t)ids->whole_count;
    return texts;
}

static Profiled__V1__ProfileEffect *listed_message(const struct listed *listed,
                                                   struct arena *arena) {
    Profiled__V1__ProfileEffect *message = arena_alloc(arena, sizeof *message);
    profiled__v1__profile_effect__init(message);
    message->pass = (int32_t)listed->pass;
    message->profile_id = wire_id(listed->profile, arena);
    message->lost_identity_count = (int64_t)listed->lost_count;
    message->gained_identity_count = (int64_t)listed->gained_count;
    message->made_count = (int64_t)listed->made_count;
    message->split_ids =
        ids_message(&listed->splits, arena, &message->n_split_ids, &message->split_count);
    message->joined_ids =
        ids_message(&listed->joins, arena, &message->n_joined_ids, &message->joined_count);
    message->moved_to_ids =
        ids_message(&listed->moves_to, arena, &message->n_moved_to_ids, &message->moved_to_count);
    message->moved_from_ids = ids_message(&listed->moves_from, arena, &message->n_moved_from_ids,
                                          &message->moved_from_count);
    return message;
}

static void tell(struct rpc_context *ctx, struct simulation *simulation,
                 Profiled__V1__SimulateIdentityTypesResponse *response) {
    response->effect = &simulation->effect;
    response->pass = simulation->pass;
    response->progress = &simulation->progress;
    response->counted = simulation->counted;
    response->settled = simulation->settled;
    ctx->more = true;
    if (!simulation->counted) {
        return;
    }
    response->unlisted_count = (int64_t)simulation->unlisted_count;
    response->changes = arena_array(ctx->arena, LISTED_PAGE_MAX, sizeof *response->changes);
    while (simulation->first != NULL && response->n_changes < LISTED_PAGE_MAX) {
        response->changes[response->n_changes++] = listed_message(simulation->first, ctx->arena);
        simulation->first = simulation->first->next;
    }
    ctx->more = simulation->first != NULL;
}

static struct status
simulate_identity_types(struct rpc_context *ctx,
                        const Profiled__V1__SimulateIdentityTypesRequest *request,
                        Profiled__V1__SimulateIdentityTypesResponse *response) {
    if (*ctx->stream == NULL) {
        TRY(start(ctx, request));
    }
    struct simulation *simulation = *ctx->stream;
    if (!simulation->counted) {
        TRY(count(ctx, simulation));
    }
    if (ctx->stream_arena->exhausted) {
        rpc_error_metadata(ctx, "limit_bytes", arena_format(ctx->arena, "%d", (int)STREAM_MAX));
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_SIMULATION_LIMIT,
                         "the profiles that would change take more than 512 MiB");
    }
    tell(ctx, simulation, response);
    return OK;
}

RPC_METHOD(IdentityService, SimulateIdentityTypes, simulate_identity_types, RPC_FEED);
