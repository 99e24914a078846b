/* Reviews on the wire. */

#include "server/handlers/review_message.h"

#include "server/handlers/profile_message.h"
#include "server/handlers/similarity_message.h"
#include "server/handlers/wire.h"
#include "server/identity/identity_rule.h"
#include "server/identity/members.h"

enum { RULES_MAX = 64 }; /* Bits of store_review.rules. */

/* `profile` answers for the member, and `told` is how the member is told. */
static struct status side_message(struct rpc_context *ctx, const struct review_telling *telling,
                                  struct id member, const struct profile *profile,
                                  const struct profile *told, Profiled__V1__ReviewSide **out) {
    struct store_review_count count;
    TRY(store_review_count_get(ctx->store, member, &count));
    Profiled__V1__ReviewSide *message = arena_alloc(ctx->arena, sizeof *message);
    profiled__v1__review_side__init(message);
    message->member_id = wire_id(member, ctx->arena);
    message->profile_id = wire_id(profile->id, ctx->arena);
    message->deleted = profile->delete_us != 0;
    message->open_count = (int32_t)count.open;
    message->dropped_count = (int64_t)count.dropped;
    *out = message;
    if (message->deleted) {
        return OK;
    }
    message->name = wire_string(told->name);
    return telling->has_profiles ? profile_message_by(ctx, telling->rules, told, &message->profile)
                                 : OK;
}

/* Of two that are one profile each is told as it would be by itself: what they are together is on
 * both sides the same. */
static struct status side_messages(struct rpc_context *ctx, const struct review_telling *telling,
                                   const struct review_told *review, Profiled__V1__Review *out) {
    const struct profile *told = review->one_person;
    const struct profile *other_told = review->other_person;
    if (id_equal(told->id, other_told->id)) {
        TRY(member_state_read(ctx->store, review->one_person, review->one, &told));
        TRY(member_state_read(ctx->store, review->other_person, review->other, &other_told));
    }
    TRY(side_message(ctx, telling, review->one, review->one_person, told, &out->side));
    return side_message(ctx, telling, review->other, review->other_person, other_told,
                        &out->other_side);
}

static void rule_messages(const struct store_review *review, struct arena *arena,
                          Profiled__V1__Review *out) {
    out->rule = (Profiled__V1__IdentityRule)review->rule;
    out->rules = arena_array(arena, RULES_MAX, sizeof *out->rules);
    for (uint32_t rule = 0; rule < RULES_MAX; rule++) {
        if ((review->rules >> rule & 1) != 0) {
            out->rules[out->n_rules++] = (Profiled__V1__IdentityRule)rule;
        }
    }
}

static void score_messages(const struct store_review *review, struct arena *arena,
                           Profiled__V1__Review *out) {
    out->fields = arena_array(arena, review->score_count, sizeof *out->fields);
    for (size_t i = 0; i < review->score_count; i++) {
        const struct store_review_score *score = &review->scores[i];
        if (score->field < SIMILAR_FIELD_COUNT && score->level < SIMILAR_LEVEL_COUNT) {
            out->fields[out->n_fields++] =
                similarity_field_message((enum similar_field)score->field,
                                         (enum similar_level)score->level, score->bits, arena);
        }
    }
}

/* When it was decided, and by which merge, says nothing of what the two have become otherwise. */
static void state_message(const struct store_review *review, const struct review_told *told,
                          struct arena *arena, Profiled__V1__Review *out) {
    out->state = told->is_unrelated ? PROFILED__V1__REVIEW_STATE__REVIEW_STATE_UNRELATED
                                    : (Profiled__V1__ReviewState)told->state;
    if (told->state != review->state) {
        return;
    }
    if (review->decide_us != 0) {
        out->decide_time = wire_time(review->decide_us, arena);
    }
    if (!id_is_zero(review->merge)) {
        out->merge_id = wire_id(review->merge, arena);
    }
}

struct status review_message(struct rpc_context *ctx, const struct review_telling *telling,
                             const struct store_review *review, Profiled__V1__Review **out) {
    struct arena *arena = ctx->arena;
    Profiled__V1__Review *message = arena_alloc(arena, sizeof *message);
    profiled__v1__review__init(message);
    message->id = wire_id(review->id, arena);
    struct review_told told;
    TRY(review_tell(ctx->store, telling->rules, review, &told));
    TRY(side_messages(ctx, telling, &told, message));
    state_message(review, &told, arena, message);
    rule_messages(review, arena, message);
    message->record_count = (int64_t)review->record_count;
    message->first_time = wire_time(review->first_us, arena);
    message->last_time = wire_time(review->last_us, arena);
    if (!id_is_zero(review->decision)) {
        message->decision_id = wire_id(review->decision, arena);
        message->decision_member_id = wire_id(review->decision_member, arena);
    }
    message->rule_version = (int64_t)review->rule_version;
    message->probability = review->probability;
    score_messages(review, arena, message);
    *out = message;
    return OK;
}

struct status review_message_at(struct rpc_context *ctx, const struct review_telling *telling,
                                const struct store_review_place *place,
                                Profiled__V1__Review **out) {
    bool found = false;
    struct store_review review;
    TRY(store_review_get(ctx->store, place->one, place->other, &found, &review));
    return found ? review_message(ctx, telling, &review, out)
                 : status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a list leads to no review");
}

bool review_message_is_decided(const Profiled__V1__Review *review) {
    return review->state != PROFILED__V1__REVIEW_STATE__REVIEW_STATE_UNRELATED;
}

bool review_message_is_open(const Profiled__V1__Review *review) {
    return review->state == PROFILED__V1__REVIEW_STATE__REVIEW_STATE_OPEN &&
           !review->side->deleted && !review->other_side->deleted;
}

struct status review_find(struct rpc_context *ctx, struct id id, struct store_review *out) {
    bool found = false;
    TRY(store_review_find(ctx->store, id, &found, out));
    return found ? OK
                 : status_of(STATUS_NOT_FOUND, REASON_REVIEW_NOT_FOUND,
                             "there is no review of this id, or a new one has taken its place");
}
