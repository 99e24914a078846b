/* Changing the lists of static segments. Each profile has a row of the segments that it is listed
 * in; that of the profile that was named is changed, so that a merge that is undone gives each its
 * own back. */

#include "server/handlers/segment_list.h"

#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/segment_person.h"
#include "server/handlers/wire.h"

void segment_list_check(struct rpc_context *ctx, const char *name, size_t member_count) {
    segment_name_check(ctx, name, "name");
    if (member_count == 0 || member_count > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "members");
    }
}

static bool is_listed(const uint32_t *numbers, size_t count, uint32_t segment) {
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == segment) {
            return true;
        }
    }
    return false;
}

/* Leaves those that were deleted out of a row: they stay in it until there is no more room. */
static struct status drop_deleted(struct rpc_context *ctx, const uint32_t **numbers,
                                  size_t *count) {
    uint32_t *left = arena_array(ctx->arena, *count, sizeof *left);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        const char *name = NULL;
        TRY(store_segment_name(ctx->store, (*numbers)[i], &name));
        if (name != NULL) {
            left[kept++] = (*numbers)[i];
        }
    }
    *numbers = left;
    *count = kept;
    return OK;
}

/* What came of one member. */
struct outcome {
    bool changed;      /* The list is another one than before. */
    const char *error; /* NULL: nothing is wrong. */
};

/* Changes the row of one profile. */
static struct status list_change(struct rpc_context *ctx, struct id profile, uint32_t segment,
                                 bool add, struct outcome *out) {
    const uint32_t *there = NULL;
    size_t count = 0;
    size_t kept = 0;
    TRY(store_segment_list_get(ctx->store, profile, &there, &count));
    if (is_listed(there, count, segment) == add) {
        return OK;
    }
    if (add && count >= STORE_SEGMENTS_LISTED_MAX) {
        TRY(drop_deleted(ctx, &there, &count));
    }
    if (add && count >= STORE_SEGMENTS_LISTED_MAX) {
        out->error = "is on as many lists as a profile may be: 1,000";
        return OK;
    }
    uint32_t *numbers = arena_array(ctx->arena, count + 1, sizeof *numbers);
    for (size_t i = 0; i < count && there[i] < segment; i++) {
        numbers[kept++] = there[i];
    }
    if (add) {
        numbers[kept++] = segment;
    }
    for (size_t i = 0; i < count; i++) {
        if (there[i] > segment) {
            numbers[kept++] = there[i];
        }
    }
    out->changed = true;
    return store_segment_list_put(ctx->store, profile, numbers, kept);
}

/* A person is put on by the profile that was named, and taken off by all of theirs. */
static struct status person_change(struct rpc_context *ctx, const struct profile *person,
                                   struct id named, uint32_t segment, bool add,
                                   struct outcome *out) {
    if (add) {
        return list_change(ctx, named, segment, true, out);
    }
    TRY(list_change(ctx, person->id, segment, false, out));
    for (size_t i = 0; i < person->absorbed_count; i++) {
        TRY(list_change(ctx, person->absorbed[i], segment, false, out));
    }
    return OK;
}

/* The named profile of a person: that of the id, else the one that answers. */
static struct id named_profile(const Profiled__V1__SegmentMember *member,
                               const struct profile *person) {
    struct id id;
    const bool by_id = member->person_case == PROFILED__V1__SEGMENT_MEMBER__PERSON_PROFILE_ID;
    return by_id && id_parse(member->profile_id, &id) ? id : person->id;
}

static struct status member_change(struct rpc_context *ctx, const struct identity_rules *rules,
                                   const Profiled__V1__SegmentMember *member, uint32_t segment,
                                   bool add, Profiled__V1__SegmentMemberVerdict *verdict) {
    const bool by_id = member->person_case == PROFILED__V1__SEGMENT_MEMBER__PERSON_PROFILE_ID;
    const bool by_identity = member->person_case == PROFILED__V1__SEGMENT_MEMBER__PERSON_IDENTITY;
    const struct profile *person = NULL;
    struct outcome outcome = {.changed = false};
    TRY(segment_person_find(ctx, rules, by_id ? member->profile_id : NULL,
                            by_identity ? member->identity : NULL, &person, &outcome.error));
    if (person != NULL) {
        TRY(person_change(ctx, person, named_profile(member, person), segment, add, &outcome));
        verdict->profile_id = wire_id(person->id, ctx->arena);
    }
    verdict->changed = outcome.changed;
    if (outcome.error != NULL) {
        verdict->error = wire_string(outcome.error);
    }
    return OK;
}

static struct status segment_of(struct rpc_context *ctx, const char *name,
                                struct store_segment *out) {
    TRY(segment_find(ctx, name, "name", out));
    if (out->kind != STORE_SEGMENT_STATIC) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_SEGMENT_NOT_STATIC,
                         "the members of a dynamic segment are those its filter finds");
    }
    if (out->state == STORE_SEGMENT_ARCHIVED) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_SEGMENT_ARCHIVED,
                         "the segment is archived: make it active first");
    }
    return OK;
}

struct status segment_list_change(struct rpc_context *ctx, const char *name,
                                  Profiled__V1__SegmentMember *const *members, size_t member_count,
                                  bool add, struct segment_list_result *out) {
    const struct identity_rules *rules = NULL;
    struct store_segment segment;
    TRY(segment_of(ctx, name, &segment));
    TRY(identity_rules_read(ctx->store, &rules));
    *out = (struct segment_list_result){
        .verdicts = arena_array(ctx->arena, member_count, sizeof *out->verdicts)};
    for (size_t i = 0; i < member_count; i++) {
        Profiled__V1__SegmentMemberVerdict *verdict = arena_alloc(ctx->arena, sizeof *verdict);
        profiled__v1__segment_member_verdict__init(verdict);
        out->verdicts[i] = verdict;
        TRY(member_change(ctx, rules, members[i], segment.number, add, verdict));
        out->changed_count += verdict->changed ? 1 : 0;
        out->failed_count += verdict->error[0] != '\0' ? 1 : 0;
    }
    return OK;
}
