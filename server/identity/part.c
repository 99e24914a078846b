/* Which record would be linked to which, in the order in which they came. */

#include "server/identity/part.h"

#include <string.h>

#include "server/identity/profile_identities.h"
#include "server/identity/rejudge.h"
#include "server/identity/spelling.h"
#include "server/identity/support.h"
#include "server/identity/survivorship.h"
#include "server/identity/veto.h"

/* A search under way. */
struct parting {
    const struct members_context *context;
    size_t kin_count; /* The other members of the person, by the rules of the context. */
    struct profile **kin;
    const struct profile *member;
    const struct history *history;
    struct arena *arena;
    struct arena *scratch; /* For what one record needs. */
    size_t part_count;
    struct profile **states; /* What each part makes so far; empty for one that joined another. */
    size_t *record;
    struct identity_rules_held earlier;
};

/* ---- reaching ---- */

/* What a record and a state have in common. */
static struct support support_of(const struct identity_rules *rules, const struct record *record,
                                 const struct profile *state, struct arena *arena) {
    struct support support = support_none();
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *told = &record->identities[i];
        support_add(rules, told->type, told->canonical, told->provenance, &state, 1, arena,
                    &support);
    }
    return support;
}

/* Whether the rules link the record to the state. */
static bool links(const struct identity_rules *rules, const struct record *record,
                  const struct profile *state, struct arena *arena) {
    const struct support support = support_of(rules, record, state, arena);
    const struct veto_person person = veto_person_alone(state);
    return support.reaches &&
           veto_record(rules, support.vetoes, record, &person, arena) == IDENTITY_RULE_NONE;
}

/* The place, in the order in which resolution goes through them, of the first identity by which the
 * record reaches the state: types by priority, each as it was told. */
static size_t reach_place(const struct identity_rules *rules, const struct record *record,
                          const struct profile *state, struct arena *arena) {
    size_t place = SIZE_MAX;
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *told = &record->identities[i];
        const struct identity_type *type = identity_rules_find(rules, told->type);
        struct support support = support_none();
        support_add(rules, told->type, told->canonical, told->provenance, &state, 1, arena,
                    &support);
        if (type != NULL && support.reaches) {
            const size_t here = (size_t)(type - rules->types) * record->identity_count + i;
            place = here < place ? here : place;
        }
    }
    return place;
}

/* The part that the rules link the record to: of several the one that it reaches first; part_count
 * for none. */
static size_t part_of(const struct parting *parting, const struct identity_rules *rules,
                      const struct record *record) {
    size_t found = parting->part_count;
    size_t first = SIZE_MAX;
    for (size_t part = 0; part < parting->part_count; part++) {
        const struct profile *state = parting->states[part];
        if (!links(rules, record, state, parting->scratch)) {
            continue;
        }
        const size_t place = reach_place(rules, record, state, parting->scratch);
        if (found == parting->part_count || place < first) {
            found = part;
            first = place;
        }
    }
    return found;
}

/* Whether the rules link it to another member of the person. */
static bool links_to_kin(const struct parting *parting, const struct record *record) {
    for (size_t i = 0; i < parting->kin_count; i++) {
        if (links(parting->context->rules, record, parting->kin[i], parting->scratch)) {
            return true;
        }
    }
    return false;
}

/* They may not have been put under the rules yet. */
static void find_kin(struct parting *parting, const struct members *person) {
    parting->kin = arena_array(parting->arena, person->count, sizeof(struct profile *));
    for (size_t i = 0; i < person->count; i++) {
        if (!id_equal(person->items[i]->id, parting->member->id)) {
            struct profile *kin = profile_copy(person->items[i], parting->arena);
            rejudge_state(parting->context->rules, kin, parting->arena);
            parting->kin[parting->kin_count++] = kin;
        }
    }
}

/* ---- parts ---- */

static struct profile *state_new(struct arena *arena, struct id id) {
    struct profile *state = arena_alloc(arena, sizeof *state);
    *state = (struct profile){.id = id, .name_source = ""};
    return state;
}

/* Each spelling stands by itself: which are one differs with the rules. */

/* The list is grown here alone: it may be that of a thousand records. */
static void gather(struct profile *state, const struct profile_identity *identity,
                   struct arena *arena) {
    state->identities =
        arena_grow(arena, state->identities, state->identity_count, sizeof *state->identities);
    state->identities[state->identity_count++] = *identity;
}

static void tell_identity(struct profile *state, const struct record_identity *told,
                          struct seen seen, struct arena *arena) {
    if (spelling_find(state, told->type, told->canonical) != NULL) {
        profile_identity_add(state, told, IDENTITY_RULE_NONE, seen, arena);
        return;
    }
    struct profile one = {.id = state->id};
    profile_identity_add(&one, told, IDENTITY_RULE_NONE, seen, arena);
    gather(state, &one.identities[0], arena);
}

static void tell(const struct members_context *context, struct profile *state,
                 const struct record *record, struct arena *arena) {
    for (size_t i = 0; i < record->identity_count; i++) {
        tell_identity(state, &record->identities[i], seen_by(record), arena);
    }
    survivorship_apply(state, record, context->attributes, SURVIVORSHIP_BY_RULES, 0, arena);
}

/* Part 0 has what somebody linked by hand. */
static struct profile *first_state(const struct parting *parting) {
    struct profile *state = state_new(parting->arena, parting->member->id);
    struct profile *member = profile_copy(parting->member, parting->arena);
    spellings_part(member, parting->arena);
    for (size_t i = 0; i < member->identity_count; i++) {
        const struct profile_identity *identity = &member->identities[i];
        if (!history_tells_all(parting->history, identity)) {
            gather(state, identity, parting->arena);
        }
    }
    return state;
}

/* The part that a record is to be in: a new one only where the rules of before linked it to what is
 * there, and these do not. */
static struct status choose(struct parting *parting, const struct history_record *record,
                            size_t *out) {
    *out = part_of(parting, parting->context->rules, &record->record);
    if (*out < parting->part_count) {
        return OK;
    }
    const struct identity_rules *before = NULL;
    TRY(identity_rules_hold(parting->context->view, record->decision.rule_version,
                            &parting->earlier, &before));
    const bool was_linked =
        before != NULL && part_of(parting, before, &record->record) < parting->part_count;
    if (!was_linked || links_to_kin(parting, &record->record)) {
        *out = 0;
    }
    return OK;
}

/* A record that two parts are reached by makes them one, if the rules let it. */
static void unite(struct parting *parting, size_t part, const struct record *record) {
    const struct identity_rules *rules = parting->context->rules;
    for (size_t other = part + 1; other < parting->part_count; other++) {
        const struct profile *state = parting->states[other];
        const struct support support = support_of(rules, record, state, parting->scratch);
        const struct veto_person one = veto_person_alone(parting->states[part]);
        const struct veto_person another = veto_person_alone(state);
        if (support.rule != IDENTITY_RULE_NONE ||
            veto_merge_attributes(support.vetoes, &one, &another, parting->scratch) !=
                IDENTITY_RULE_NONE) {
            continue;
        }
        for (size_t i = 0; i < parting->history->count; i++) {
            if (parting->record[i] == other) {
                parting->record[i] = part;
                tell(parting->context, parting->states[part], &parting->history->records[i].record,
                     parting->arena);
            }
        }
        parting->states[other] = state_new(parting->arena, parting->member->id);
    }
}

/* Numbers the parts that have records one after the other. */
static void renumber(struct parting *parting, struct parts *out) {
    size_t *numbers = arena_array(parting->arena, parting->part_count + 1, sizeof *numbers);
    out->count = 1;
    for (size_t i = 0; i < parting->history->count; i++) {
        const size_t part = parting->record[i];
        if (part != 0 && numbers[part] == 0) {
            numbers[part] = out->count++;
        }
        parting->record[i] = numbers[part];
    }
    out->record = parting->record;
}

static bool is_of_other_rules(const struct members_context *context,
                              const struct history *history) {
    for (size_t i = 0; i < history->count; i++) {
        if (history->records[i].decision.rule_version != context->rules->version) {
            return true;
        }
    }
    return false;
}

/* Finds the part of each record, in their order; false when there are too many. */
static struct status go_through(struct parting *parting, bool *out) {
    const struct history *history = parting->history;
    *out = true;
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i].record;
        size_t part = 0;
        if (i > 0) {
            TRY(choose(parting, &history->records[i], &part));
        }
        if (part == parting->part_count) {
            if (part == PARTS_MAX) {
                *out = false;
                return OK;
            }
            parting->states[parting->part_count++] = state_new(parting->arena, parting->member->id);
        }
        parting->record[i] = part;
        tell(parting->context, parting->states[part], record, parting->arena);
        unite(parting, part, record);
        arena_reset(parting->scratch);
    }
    return OK;
}

/* What the records of each part make by themselves. */
static void make_states(const struct members_context *context, const struct history *history,
                        struct id member, struct parts *out) {
    struct arena *arena = store_view_arena(context->view);
    out->states = arena_array(arena, out->count, sizeof *out->states);
    for (size_t part = 0; part < out->count; part++) {
        out->states[part] = state_new(arena, member);
    }
    for (size_t i = 0; i < history->count; i++) {
        tell(context, out->states[out->record[i]], &history->records[i].record, arena);
    }
}

void parts_make(const struct members_context *context, const struct history *history,
                const size_t *record, size_t count, struct parts *out) {
    struct arena *arena = store_view_arena(context->view);
    *out = (struct parts){.count = count,
                          .record = arena_array(arena, history->count, sizeof *out->record)};
    for (size_t i = 0; i < history->count; i++) {
        out->record[i] = record[i];
    }
    make_states(context, history, history->profile, out);
}

struct status parts_find(const struct members_context *context, const struct members *person,
                         const struct profile *member, const struct history *history,
                         struct parts *out) {
    *out = (struct parts){.count = 1};
    if (history->count < 2 || !is_of_other_rules(context, history)) {
        return OK;
    }
    struct arena *arena = store_view_arena(context->view);
    struct arena scratch;
    arena_init(&scratch, SIZE_MAX);
    struct parting parting = {
        .context = context,
        .member = member,
        .history = history,
        .arena = arena,
        .scratch = &scratch,
        .part_count = 1,
        .states = arena_array(arena, PARTS_MAX + 1, sizeof *parting.states),
        .record = arena_array(arena, history->count, sizeof *parting.record),
    };
    parting.states[0] = first_state(&parting);
    if (person != NULL) {
        find_kin(&parting, person);
    }
    bool found = false;
    const struct status status = go_through(&parting, &found);
    arena_free(&scratch);
    TRY(status);
    if (!found) {
        out->count = PARTS_MAX + 1;
        return OK;
    }
    renumber(&parting, out);
    if (out->count > 1) {
        make_states(context, history, member->id, out);
    }
    return OK;
}
