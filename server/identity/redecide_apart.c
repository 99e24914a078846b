/* Whom records related that came while a merge stood:
 *
 *  - With whom there is a review: two persons are in the queue once, by whichever record was the
 *    first. Those that came later told of others of the person than that one, or knew more.
 *  - Over a member that both have left: X, Y and Z were one when a record told of X and of Z. Two
 *    of them stayed one by another merge, so none was made for the record. Once the second of the
 *    two merges is undone too, X and Z are one by the record alone.
 *
 *      X - Y undone before    Y - Z undone now    the record, of that time, lies under X or Z
 *
 *    The pair of X and Y that is never to be one tells which merge was undone, and so of what time
 *    the record is. */

#include <string.h>

#include "server/identity/redecide.h"

enum { HISTORIES_MAX = 128 }; /* That are read. */

/* A time in which two persons, or one with each of the two, could meet. */
struct meanwhile {
    int64_t from_us;
    int64_t until_us;
};

static bool is_same(const struct record_identity *told, const char *type, const char *canonical,
                    const char *match) {
    return strcmp(identity_match_name(told->type), identity_match_name(type)) == 0 &&
           (strcmp(told->canonical, canonical) == 0 || strcmp(told->match, match) == 0);
}

/* Contact data is told of whoever has it. */
bool redecide_tells_of(const struct record *record, const struct profile *state) {
    for (size_t i = 0; i < state->identity_count; i++) {
        const struct profile_identity *there = &state->identities[i];
        for (size_t k = 0; there->rule == IDENTITY_RULE_NONE && k < record->identity_count; k++) {
            if (is_same(&record->identities[k], there->type, there->canonical, there->match)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- what the record found where it went ---- */

const struct candidate_decision *redecide_first(const struct identity_rules *rules,
                                                const struct history *history, size_t position,
                                                const struct profile *member, struct arena *arena) {
    if (history->records[position].decision.outcome == OUTCOME_CREATED) {
        return NULL;
    }
    const struct record *record = &history->records[position].record;
    struct candidate_decision *candidate = arena_alloc(arena, sizeof *candidate);
    *candidate = (struct candidate_decision){
        .id = member->id,
        .accepted = true,
        .positions = arena_array(arena, record->identity_count, sizeof *candidate->positions),
    };
    for (size_t i = 0; i < record->identity_count; i++) {
        if (history_provenance(history, position, rules, &record->identities[i], member, arena) !=
            PROVENANCE_UNSPECIFIED) {
            candidate->positions[candidate->position_count++] = (int32_t)i;
        }
    }
    return candidate;
}

/* ---- pairs ---- */

/* Whom a record reached did not let it join the two, whoever else had been there: see
 * redecide_had_right(). */
static bool was_right(const struct decision *decision, const struct members *rest) {
    for (size_t i = 0; i < decision->candidate_count; i++) {
        const struct candidate_decision *candidate = &decision->candidates[i];
        if (members_have(rest, candidate->id) && !redecide_had_right(candidate->rule)) {
            return false;
        }
    }
    return true;
}

static void add_pairs(const struct members_context *context, struct redecide *redecide,
                      const struct history *history, size_t position, const struct profile *member,
                      const struct members *rest) {
    const struct history_record *told = &history->records[position];
    for (size_t i = 0; i < rest->count; i++) {
        if (!redecide_tells_of(&told->record, rest->items[i])) {
            continue;
        }
        const struct redecide_pair pair = {
            .one = member->id,
            .other = rest->items[i]->id,
            .decision = told->id,
            .first = redecide_first(context->rules, history, position, member,
                                    store_view_arena(context->view)),
        };
        redecide_add(redecide, &pair);
    }
}

/* Records of the members of that time that tell of the rest. The one that made them one met each of
 * those it told by itself. */
static struct status read_records(const struct members_context *context, struct redecide *redecide,
                                  const struct meanwhile *meanwhile, const struct members *members,
                                  const struct members *rest) {
    for (size_t i = 0; i < members->count && redecide->history_count < HISTORIES_MAX; i++) {
        struct history history;
        redecide->history_count++;
        TRY(history_read(context->view, members->items[i]->id, HISTORY_RECORDS_MAX, &history));
        for (size_t k = 0; k < history.count; k++) {
            const struct decision *decision = &history.records[k].decision;
            if (decision->decide_us > meanwhile->from_us &&
                decision->decide_us < meanwhile->until_us && was_right(decision, rest)) {
                add_pairs(context, redecide, &history, k, members->items[i], rest);
            }
        }
    }
    return OK;
}

/* Records of the person, and of whoever answers for the profile, unless that is the person. */
static struct status read_between(const struct members_context *context, struct redecide *redecide,
                                  const struct meanwhile *meanwhile, struct id id) {
    const struct members *together = redecide->together;
    const struct profile *profile = NULL;
    struct members *others = NULL;
    TRY(store_profile_follow(context->view, id, &profile));
    if (profile == NULL || !profile_is_live(profile) || members_have(together, profile->id)) {
        return OK;
    }
    TRY(members_read(context->view, profile, &others));
    TRY(read_records(context, redecide, meanwhile, others, together));
    return read_records(context, redecide, meanwhile, together, others);
}

/* One with whom a member is never to be one, if that is for a merge that was undone. */
static struct status read_apart(const struct members_context *context, struct redecide *redecide,
                                struct id member, struct id apart) {
    struct store_never_join never;
    struct store_merge merge;
    bool found = false;
    TRY(store_never_join_get(context->view, member, apart, &found, &never));
    if (!found || id_is_zero(never.merge)) {
        return OK;
    }
    TRY(store_merge_get(context->view, never.merge, &found, &merge));
    const struct meanwhile meanwhile = {merge.merge_us, merge.undo_us};
    return found ? read_between(context, redecide, &meanwhile, apart) : OK;
}

struct status redecide_read_apart(const struct members_context *context,
                                  struct redecide *redecide) {
    const struct members *together = redecide->together;
    for (size_t i = 0; i < together->count; i++) {
        const struct profile *member = together->items[i];
        for (size_t k = 0; k < member->apart_count; k++) {
            TRY(read_apart(context, redecide, member->id, member->apart[k]));
        }
    }
    return OK;
}

struct status redecide_read_reviewed(const struct members_context *context,
                                     struct redecide *redecide, int64_t merge_us,
                                     const struct id *reviewed, size_t count) {
    const struct meanwhile meanwhile = {merge_us, INT64_MAX};
    for (size_t i = 0; i < count; i++) {
        bool is_read = false;
        for (size_t k = 0; k < i && !is_read; k++) {
            is_read = id_equal(reviewed[k], reviewed[i]);
        }
        if (!is_read) {
            TRY(read_between(context, redecide, &meanwhile, reviewed[i]));
        }
    }
    return OK;
}
