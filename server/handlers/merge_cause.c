/* What asked for a merge, on the wire: the record, wherever it lies by now, and which of its
 * identities reached the two. */

#include "server/handlers/merge_cause.h"

#include <string.h>

#include "server/handlers/wire.h"
#include "server/identity/cause.h"
#include "server/identity/merge.h"
#include "server/identity/review.h"

static struct status members_of(struct rpc_context *ctx, struct id id, struct members **out) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(ctx->store, id, &profile));
    if (profile == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a profile that a merge names has no row");
    }
    return members_read(ctx->store, profile, out);
}

/* The two sides of a merge: as they are now, where it is undone. Only merges that rules asked for
 * need them. */
static struct status tie_read(struct rpc_context *ctx, const struct members *members,
                              const struct store_merge *merge, struct tie *out) {
    *out = (struct tie){.merge = merge};
    if (!merge_is_by_rules(merge)) {
        return OK;
    }
    if (merge->undo_us == 0) {
        out->ones = members_side(members, merge->id, merge->one, ctx->arena, &out->one_count);
        out->others = members_side(members, merge->id, merge->other, ctx->arena, &out->other_count);
        return OK;
    }
    struct members *ones = NULL;
    struct members *others = NULL;
    TRY(members_of(ctx, merge->one, &ones));
    TRY(members_of(ctx, merge->other, &others));
    *out = (struct tie){merge, ones->count, (const struct profile *const *)ones->items,
                        others->count, (const struct profile *const *)others->items};
    return OK;
}

/* Whether a side has the identity, active or as contact data. */
static bool is_there(const struct record_identity *identity, const struct profile *const *side,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < side[i]->identity_count; k++) {
            const struct profile_identity *there = &side[i]->identities[k];
            if (strcmp(identity_match_name(there->type), identity_match_name(identity->type)) ==
                    0 &&
                (profile_identity_is_told_as(there, identity->canonical) ||
                 strcmp(there->match, identity->match) == 0)) {
                return true;
            }
        }
    }
    return false;
}

/* Of the merges that rules asked for any identity of the record counts: those that the other side
 * has. */
static struct candidate_decision *narrowed(const struct cause *cause, const struct tie *tie,
                                           struct arena *arena) {
    struct candidate_decision *narrow = arena_alloc(arena, sizeof *narrow);
    narrow->positions =
        arena_array(arena, cause->second->position_count, sizeof *narrow->positions);
    for (size_t i = 0; i < cause->second->position_count; i++) {
        const int32_t position = cause->second->positions[i];
        if (!merge_is_by_rules(tie->merge) ||
            is_there(&cause->record.identities[position], tie->others, tie->other_count)) {
            narrow->positions[narrow->position_count++] = position;
        }
    }
    return narrow;
}

/* The identities of the record that reached one side, as far as there is room for all of them. */
static Profiled__V1__Identity **reached_by(const struct record *record,
                                           const struct candidate_decision *candidate,
                                           struct arena *arena, size_t *room, size_t *count) {
    *count = 0;
    if (candidate == NULL) {
        return NULL;
    }
    Profiled__V1__Identity **list = arena_array(arena, candidate->position_count, sizeof *list);
    for (size_t i = 0; i < candidate->position_count; i++) {
        const struct record_identity *identity = &record->identities[candidate->positions[i]];
        const size_t size = strlen(identity->value) + strlen(identity->canonical);
        if (size > *room) {
            *room = 0; /* Nor shorter ones: what is told is not to look like all there is. */
            *count = 0;
            return NULL;
        }
        *room -= size;
        Profiled__V1__Identity *message = arena_alloc(arena, sizeof *message);
        profiled__v1__identity__init(message);
        message->type = wire_string(identity->type);
        message->value = wire_string(identity->value);
        message->canonical_value = wire_string(identity->canonical);
        list[(*count)++] = message;
    }
    return list;
}

/* Whether the profile that the record lies under answers, by itself or as a part of another. */
static struct status record_is_told(struct rpc_context *ctx, const struct store_merge *merge,
                                    bool *out) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(ctx->store, merge->decision_member, &profile));
    *out = profile != NULL && profile_is_live(profile);
    return OK;
}

/* Writes the id of the review that the merge has decided, if there is one. */
static struct status review_of(struct rpc_context *ctx, const struct store_merge *merge,
                               char **out) {
    bool found = false;
    struct store_review review;
    TRY(store_review_get(ctx->store, merge->one, merge->other, &found, &review));
    if (!found || !id_equal(review.merge, merge->id)) {
        return OK;
    }
    const struct identity_rules *rules = NULL;
    struct review_told told;
    TRY(identity_rules_read(ctx->store, &rules));
    TRY(review_tell(ctx->store, rules, &review, &told));
    if (!told.is_unrelated) {
        *out = wire_id(review.id, ctx->arena);
    }
    return OK;
}

struct status merge_cause_message(struct rpc_context *ctx, const struct members *members,
                                  const struct store_merge *merge, size_t *room,
                                  Profiled__V1__MergeCause **out) {
    Profiled__V1__MergeCause *message = arena_alloc(ctx->arena, sizeof *message);
    profiled__v1__merge_cause__init(message);
    message->merge_id = wire_id(merge->id, ctx->arena);
    TRY(review_of(ctx, merge, &message->review_id));
    *out = message;
    if (id_is_zero(merge->decision)) {
        return OK;
    }
    message->record_profile_id = wire_id(merge->decision_member, ctx->arena);
    bool is_told = false;
    TRY(record_is_told(ctx, merge, &is_told));
    if (!is_told) {
        return OK;
    }
    struct tie tie;
    TRY(tie_read(ctx, members, merge, &tie));
    struct cause cause;
    struct members_context context;
    TRY(members_context_read(ctx->store, ctx->now_us, &context));
    TRY(cause_of_merge(&context, &tie, &cause));
    message->source = wire_string(cause.record.source);
    message->observe_time = wire_time(cause.record.observe_us, ctx->arena);
    message->identities =
        reached_by(&cause.record, cause.first, ctx->arena, room, &message->n_identities);
    message->other_identities = reached_by(&cause.record, narrowed(&cause, &tie, ctx->arena),
                                           ctx->arena, room, &message->n_other_identities);
    return OK;
}
