/* Whom a record related over a member that both have left: X, Y and Z were one when a record told
 * of X and of Z. Two of them stayed one by another merge, so none was made for the record. Once the
 * second of the two merges is undone too, X and Z are one by the record alone.
 *
 *   X - Y undone before    Y - Z undone now    the record, of that time, lies under X or Z
 *
 * The pair of X and Y that is never to be one tells which merge was undone, and so of what time the
 * record is. */

#include <stdlib.h>
#include <string.h>

#include "server/identity/redecide.h"

enum { HISTORIES_MAX = 64 }; /* That are read. */

struct search {
    const struct members_context *context;
    struct redecide *redecide;
    const struct members *others; /* The person of one whom a merge had joined with this one. */
    struct store_merge merge;     /* That merge, which was undone. */
    size_t history_count;
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

static void add_pairs(struct search *search, const struct history *history, size_t position,
                      const struct profile *member, const struct members *rest) {
    struct redecide *redecide = search->redecide;
    const struct history_record *told = &history->records[position];
    for (size_t i = 0; i < rest->count; i++) {
        if (!redecide_tells_of(&told->record, rest->items[i]) ||
            redecide->pair_count == REDECIDE_PAIRS_MAX) {
            continue;
        }
        redecide->pairs[redecide->pair_count++] = (struct redecide_pair){
            .one = member->id,
            .other = rest->items[i]->id,
            .decision = told->id,
            .first = redecide_first(search->context->rules, history, position, member,
                                    store_view_arena(search->context->view)),
        };
    }
}

/* Records of the members that came while the two persons were one, and tell of the rest. The one
 * that made them one met each of those it told by itself. */
static struct status read_records(struct search *search, const struct members *members,
                                  const struct members *rest) {
    for (size_t i = 0; i < members->count && search->history_count < HISTORIES_MAX; i++) {
        struct history history;
        search->history_count++;
        TRY(history_read(search->context->view, members->items[i]->id, &history));
        for (size_t k = 0; k < history.count; k++) {
            const int64_t decide_us = history.records[k].decision.decide_us;
            if (decide_us > search->merge.merge_us && decide_us < search->merge.undo_us) {
                add_pairs(search, &history, k, members->items[i], rest);
            }
        }
    }
    return OK;
}

/* One with whom a member is never to be one, if that is for a merge that was undone. */
static struct status read_apart(struct search *search, struct id member, struct id apart) {
    struct store_view *view = search->context->view;
    const struct members *together = search->redecide->together;
    struct store_never_join never;
    const struct profile *profile = NULL;
    struct members *others = NULL;
    bool found = false;
    TRY(store_never_join_get(view, member, apart, &found, &never));
    if (!found || id_is_zero(never.merge)) {
        return OK;
    }
    TRY(store_merge_get(view, never.merge, &found, &search->merge));
    TRY(store_profile_follow(view, apart, &profile));
    if (!found || profile == NULL || !profile_is_live(profile) ||
        members_have(together, profile->id)) {
        return OK;
    }
    TRY(members_read(view, profile, &others));
    TRY(read_records(search, others, together));
    return read_records(search, together, others);
}

static int by_decision(const void *one, const void *other) {
    const struct redecide_pair *a = one;
    const struct redecide_pair *b = other;
    return id_compare(a->decision, b->decision);
}

struct status redecide_read_apart(const struct members_context *context,
                                  struct redecide *redecide) {
    struct search search = {.context = context, .redecide = redecide};
    const struct members *together = redecide->together;
    const size_t first = redecide->pair_count;
    for (size_t i = 0; i < together->count; i++) {
        const struct profile *member = together->items[i];
        for (size_t k = 0; k < member->apart_count; k++) {
            TRY(read_apart(&search, member->id, member->apart[k]));
        }
    }
    if (redecide->pair_count > first) {
        qsort(redecide->pairs + first, redecide->pair_count - first, sizeof *redecide->pairs,
              by_decision);
    }
    return OK;
}
