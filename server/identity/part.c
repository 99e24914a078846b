/* Which record would be linked to which, in the order in which they came. */

#include "server/identity/part.h"

#include <string.h>

#include "server/identity/profile_identities.h"
#include "server/identity/support.h"
#include "server/identity/survivorship.h"
#include "server/identity/veto.h"

enum { VERSIONS_MAX = 16 }; /* Of rules that are kept at hand. */

/* A search under way. */
struct parting {
    const struct members_context *context;
    const struct members *person;
    const struct profile *member;
    const struct history *history;
    struct arena *arena;
    struct arena *scratch; /* For what one record needs. */
    size_t part_count;
    struct profile **states; /* What each part makes so far; empty for one that joined another. */
    size_t *record;
    size_t version_count;
    const struct identity_rules *versions[VERSIONS_MAX]; /* The earlier ones that were read. */
};

/* ---- rules of before ---- */

/* *out is NULL for rules that are not kept any more. */
static struct status rules_of(struct parting *parting, uint64_t version,
                              const struct identity_rules **out) {
    for (size_t i = 0; i < parting->version_count; i++) {
        if (parting->versions[i]->version == version) {
            *out = parting->versions[i];
            return OK;
        }
    }
    TRY(identity_rules_read_version(parting->context->view, version, out));
    if (*out != NULL && parting->version_count < VERSIONS_MAX) {
        parting->versions[parting->version_count++] = *out;
    }
    return OK;
}

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
    return support.reaches &&
           veto_record(rules, support.vetoes, record, state, arena) == IDENTITY_RULE_NONE;
}

/* The first part that the rules link the record to; part_count for none. */
static size_t part_of(const struct parting *parting, const struct identity_rules *rules,
                      const struct record *record) {
    size_t part = 0;
    while (part < parting->part_count &&
           !links(rules, record, parting->states[part], parting->scratch)) {
        part++;
    }
    return part;
}

/* Whether the rules link it to another member of the person. */
static bool links_to_kin(const struct parting *parting, const struct record *record) {
    for (size_t i = 0; parting->person != NULL && i < parting->person->count; i++) {
        const struct profile *item = parting->person->items[i];
        if (!id_equal(item->id, parting->member->id) &&
            links(parting->context->rules, record, item, parting->scratch)) {
            return true;
        }
    }
    return false;
}

/* ---- parts ---- */

static struct profile *state_new(struct arena *arena, struct id id) {
    struct profile *state = arena_alloc(arena, sizeof *state);
    *state = (struct profile){.id = id, .name_source = ""};
    return state;
}

/* The list is grown here alone: it may be that of a thousand records. */
static void gather(struct profile *state, const struct profile_identity *identity,
                   struct arena *arena) {
    state->identities =
        arena_grow(arena, state->identities, state->identity_count, sizeof *state->identities);
    state->identities[state->identity_count++] = *identity;
}

static void tell_identity(struct profile *state, const struct record_identity *told,
                          int64_t observe_us, struct arena *arena) {
    if (profile_identity_find(state, told->type, told->canonical, told->match) != NULL) {
        profile_identity_add(state, told, IDENTITY_RULE_NONE, observe_us, arena);
        return;
    }
    struct profile one = {.id = state->id};
    profile_identity_add(&one, told, IDENTITY_RULE_NONE, observe_us, arena);
    gather(state, &one.identities[0], arena);
}

static void tell(const struct members_context *context, struct profile *state,
                 const struct record *record, struct arena *arena) {
    for (size_t i = 0; i < record->identity_count; i++) {
        tell_identity(state, &record->identities[i], record->observe_us, arena);
    }
    survivorship_apply(state, record, context->attributes, SURVIVORSHIP_BY_RULES, 0, arena);
}

static bool tells(const struct record *record, const struct profile_identity *identity) {
    for (size_t i = 0; i < record->identity_count; i++) {
        if (strcmp(record->identities[i].type, identity->type) == 0 &&
            (strcmp(record->identities[i].canonical, identity->canonical) == 0 ||
             strcmp(record->identities[i].match, identity->match) == 0)) {
            return true;
        }
    }
    return false;
}

/* Whether a record tells the identity since the member has it: it may have been unlinked before. */
static bool is_told(const struct history *history, const struct profile_identity *identity) {
    for (size_t i = 0; i < history->count; i++) {
        const struct record *record = &history->records[i].record;
        if (tells(record, identity) && record->observe_us >= identity->first_seen_us) {
            return true;
        }
    }
    return false;
}

/* Part 0 has what no record told: somebody linked it by hand. */
static struct profile *first_state(const struct parting *parting) {
    struct profile *state = state_new(parting->arena, parting->member->id);
    for (size_t i = 0; i < parting->member->identity_count; i++) {
        const struct profile_identity *identity = &parting->member->identities[i];
        if (!is_told(parting->history, identity)) {
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
    TRY(rules_of(parting, record->decision.rule_version, &before));
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
        if (support.rule != IDENTITY_RULE_NONE ||
            veto_merge_attributes(support.vetoes, parting->states[part], state, parting->scratch) !=
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
        .person = person,
        .member = member,
        .history = history,
        .arena = arena,
        .scratch = &scratch,
        .part_count = 1,
        .states = arena_array(arena, PARTS_MAX + 1, sizeof *parting.states),
        .record = arena_array(arena, history->count, sizeof *parting.record),
    };
    parting.states[0] = first_state(&parting);
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

/* ---- taking a part out ---- */

/* One part of a member that is taken. */
struct taking {
    const struct parts *parts;
    size_t part; /* By its number. */
    struct profile *moved;
};

/* The state of the part as a profile of that id. */
static struct profile *made_of(const struct parts *parts, size_t part, struct id id,
                               struct arena *arena) {
    struct profile *made = profile_copy(parts->states[part], arena);
    made->id = id;
    for (size_t i = 0; i < made->identity_count; i++) {
        made->identities[i].origin = id;
    }
    for (size_t i = 0; i < made->attribute_count; i++) {
        made->attributes[i].origin = id;
    }
    return made;
}

/* What the identity was by the member's own state, it is for the one that has it from now on. */
static void copy_rule(struct profile_identity *to, const struct profile_identity *from) {
    to->rule = from->rule;
    to->over_limit = from->over_limit;
    to->rule_before = from->rule_before;
    to->claimed = from->claimed;
}

/* Whether somebody told the identity by hand too: it was seen when no record told it. */
static bool is_linked_by_hand(const struct profile_identity *there,
                              const struct profile_identity *told,
                              const struct profile_identity *gone) {
    int64_t first_us = gone->first_seen_us;
    int64_t last_us = gone->last_seen_us;
    if (told != NULL) {
        first_us = told->first_seen_us < first_us ? told->first_seen_us : first_us;
        last_us = told->last_seen_us > last_us ? told->last_seen_us : last_us;
    }
    return there->first_seen_us < first_us || there->last_seen_us > last_us;
}

/* What was told before somebody unlinked the identity is not known of it any more. */
static void clip(struct profile_identity *told, const struct profile_identity *there) {
    told->first_seen_us =
        told->first_seen_us > there->first_seen_us ? told->first_seen_us : there->first_seen_us;
    told->provenance = told->provenance < there->provenance ? told->provenance : there->provenance;
}

/* An identity that both tell stays with the member, as it was; to the part it is somebody else's.
 */
static void share(struct profile_identity *moved, const struct profile_identity *there) {
    copy_rule(moved, there);
    if (moved->rule == IDENTITY_RULE_NONE) {
        moved->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
    }
}

/* What the records of a part tell of an identity that the member has; NULL when they tell nothing,
 * or told it before somebody unlinked it. */
static const struct profile_identity *find_told(const struct profile *part,
                                                const struct profile_identity *there) {
    const struct profile_identity *told =
        profile_identity_find(part, there->type, there->canonical, there->match);
    return told != NULL && told->last_seen_us >= there->first_seen_us ? told : NULL;
}

/* The same of all that stay: of the first part, and of parts that are yet to be taken. */
static const struct profile_identity *find_staying(const struct taking *taking,
                                                   const struct profile_identity *there,
                                                   struct profile_identity *room) {
    bool found = false;
    for (size_t part = 0; part < taking->parts->count; part++) {
        const struct profile_identity *told =
            part == 0 || part > taking->part ? find_told(taking->parts->states[part], there) : NULL;
        if (told != NULL && found) {
            profile_identity_fold(room, told);
        } else if (told != NULL) {
            *room = *told;
            found = true;
        }
    }
    return found ? room : NULL;
}

/* What the member no longer has was unlinked by hand since. */
static void settle_moved(const struct taking *taking, const struct profile *member) {
    struct profile *moved = taking->moved;
    size_t kept = 0;
    for (size_t i = 0; i < moved->identity_count; i++) {
        struct profile_identity identity = moved->identities[i];
        const struct profile_identity *there =
            profile_identity_find(member, identity.type, identity.canonical, identity.match);
        if (there == NULL || find_told(moved, there) == NULL) {
            continue;
        }
        struct profile_identity room;
        const struct profile_identity *told = find_staying(taking, there, &room);
        if (told != NULL || is_linked_by_hand(there, told, &identity)) {
            share(&identity, there);
        } else {
            copy_rule(&identity, there);
        }
        clip(&identity, there);
        moved->identities[kept++] = identity;
    }
    moved->identity_count = kept;
}

/* What the member keeps of an identity that moves: what the records that stay tell of it, and what
 * somebody told by hand. */
static struct profile_identity kept_of(const struct profile_identity *there,
                                       const struct profile_identity *told,
                                       const struct profile_identity *gone) {
    struct profile_identity kept = told != NULL ? *told : *there;
    clip(&kept, there);
    if (is_linked_by_hand(there, told, gone)) {
        if (there->first_seen_us < kept.first_seen_us) {
            kept.first_seen_us = there->first_seen_us;
        }
        if (there->last_seen_us > gone->last_seen_us) {
            kept.last_seen_us = there->last_seen_us;
            kept.source = there->source;
            kept.value = there->value;
        } else if (told == NULL) {
            kept.last_seen_us = there->first_seen_us;
        }
    }
    copy_rule(&kept, there);
    return kept;
}

/* The member keeps what those that stay tell, as far as they tell it, and what somebody linked. */
static void settle_identities(const struct taking *taking, const struct profile *member,
                              struct profile *out) {
    size_t kept = 0;
    for (size_t i = 0; i < member->identity_count; i++) {
        const struct profile_identity identity = member->identities[i];
        struct profile_identity room;
        const struct profile_identity *told = find_staying(taking, &identity, &room);
        const struct profile_identity *gone = find_told(taking->moved, &identity);
        if (gone == NULL) {
            out->identities[kept++] = identity;
        } else if (told != NULL || is_linked_by_hand(&identity, told, gone)) {
            out->identities[kept++] = kept_of(&identity, told, gone);
        }
    }
    out->identity_count = kept;
}

static bool is_same_value(const struct profile_attribute *one,
                          const struct profile_attribute *other) {
    return one != NULL && other != NULL && strcmp(one->value, other->value) == 0 &&
           strcmp(one->source, other->source) == 0 && one->observe_us == other->observe_us;
}

/* A value that came with what moves gives way to the first part's. */
static void settle_attributes(struct profile *member, const struct profile *stays,
                              const struct profile *moved) {
    size_t kept = 0;
    for (size_t i = 0; i < member->attribute_count; i++) {
        struct profile_attribute attribute = member->attributes[i];
        const struct profile_attribute *told = profile_attribute_find(stays, attribute.name);
        const struct profile_attribute *gone = profile_attribute_find(moved, attribute.name);
        if (attribute.force_us == 0 && is_same_value(&attribute, gone) &&
            !is_same_value(&attribute, told)) {
            if (told == NULL) {
                continue;
            }
            attribute = *told;
            attribute.origin = member->id;
        }
        member->attributes[kept++] = attribute;
    }
    member->attribute_count = kept;
}

static void settle_name(struct profile *member, const struct profile *stays,
                        const struct profile *moved) {
    if (member->name_force_us == 0 && !member->name_derived && moved->name != NULL &&
        !moved->name_derived && strcmp(member->name, moved->name) == 0 &&
        member->name_observe_us == moved->name_observe_us) {
        member->name = stays->name;
        member->name_derived = stays->name_derived;
        member->name_source = stays->name_source;
        member->name_observe_us = stays->name_observe_us;
    }
}

/* What was over a limit is judged anew: there is more room on both sides. */
static void free_limits(struct profile *state) {
    for (size_t i = 0; i < state->identity_count; i++) {
        if (state->identities[i].rule == IDENTITY_RULE_OVER_LIMIT) {
            state->identities[i].over_limit = 0;
        }
    }
}

void part_take(const struct members_context *context, struct profile *member,
               const struct history *history, const struct parts *parts, size_t part, struct id id,
               struct profile **out) {
    struct arena *arena = store_view_arena(context->view);
    struct profile *moved = made_of(parts, part, id, arena);
    const struct taking taking = {.parts = parts, .part = part, .moved = moved};
    settle_name(member, parts->states[0], moved);
    settle_attributes(member, parts->states[0], moved);
    struct profile kept = *member;
    kept.identities = arena_array(arena, member->identity_count, sizeof *kept.identities);
    settle_identities(&taking, member, &kept);
    settle_moved(&taking, member);
    member->identities = kept.identities;
    member->identity_count = kept.identity_count;
    free_limits(member);
    free_limits(moved);
    for (size_t i = 0; i < history->count; i++) {
        moved->decision_count += parts->record[i] == part;
    }
    member->decision_count -= moved->decision_count;
    survivorship_derive_name(member, arena);
    survivorship_derive_name(moved, arena);
    *out = moved;
}
