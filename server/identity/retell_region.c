/* The region of a person: whoever one of its records could reach, or who could be reached by what
 * it is known by, under other rules also as contact data; and so on from these. */

#include <stdlib.h>
#include <string.h>

#include "server/identity/block.h"
#include "server/identity/merge.h"
#include "server/identity/owner.h"
#include "server/identity/reapply.h"
#include "server/identity/retell.h"
#include "server/identity/spelling.h"
#include "server/identity/text.h"

/* A region that is being read. */
struct reading {
    const struct members_context *context;
    int64_t merge_us;
    struct retell_region *region;
    const struct retell_member *from; /* NULL: the person whose region it is. */
    bool fits;
};

size_t retell_member_find(const struct retell_region *region, struct id id) {
    size_t found = 0;
    while (found < region->member_count && !id_equal(region->members[found].id, id)) {
        found++;
    }
    return found;
}

uint64_t retell_leading_back(const struct retell_region *region) {
    uint64_t back = 1;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < region->person_count; i++) {
            if ((back >> i & 1) == 0 && (region->leads[i] & back) != 0) {
                back |= UINT64_C(1) << i;
                more = true;
            }
        }
    }
    return back;
}

static struct status add_member(struct reading *reading, const struct profile *profile,
                                struct id id) {
    struct retell_region *region = reading->region;
    struct retell_member *member = &region->members[region->member_count++];
    *member = (struct retell_member){.id = id, .person = region->person_count};
    TRY(member_state_read(reading->context->view, profile, id, &member->state));
    const size_t max =
        reading->region->is_by_rules ? RETELL_RECORDS_BY_RULES_MAX : RETELL_RECORDS_MAX;
    reading->fits = reading->fits && region->record_count + member->state->decision_count <= max;
    if (reading->fits) {
        TRY(history_read(reading->context->view, id, max, &member->history));
        region->record_count += member->history.count;
    }
    return OK;
}

/* Whether rules judged a tie by itself (tie.h): then telling anew is not to take it back. */
static bool is_judged_alone(const struct store_merge *tie) {
    return !tie->retold && (tie->undone_by_rules || strcmp(tie->method, merge_method_rules) == 0);
}

static void lead(const struct reading *reading, size_t person) {
    if (reading->from != NULL) {
        reading->region->leads[reading->from->person] |= UINT64_C(1) << person;
    }
}

/* Whoever answers for the profile, unless it is there, or gone: what one would have come to who was
 * deleted since the merge is not to be told. */
static struct status add_person(struct reading *reading, struct id id) {
    struct retell_region *region = reading->region;
    const struct profile *profile = NULL;
    TRY(store_profile_follow(reading->context->view, id, &profile));
    if (profile == NULL || !profile_is_live(profile)) {
        reading->fits =
            reading->fits && (profile == NULL || profile->delete_us <= reading->merge_us);
        return OK;
    }
    const size_t there = retell_member_find(region, profile->id);
    if (there < region->member_count) {
        lead(reading, region->members[there].person);
        return OK;
    }
    if (region->member_count + profile->absorbed_count + 1 > RETELL_MEMBERS_MAX) {
        reading->fits = false;
        return OK;
    }
    lead(reading, region->person_count);
    TRY(add_member(reading, profile, profile->id));
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        TRY(add_member(reading, profile, profile->absorbed[i]));
        struct store_merge *tie = &region->ties[region->tie_count++];
        TRY(merge_read(reading->context->view, profile->merges[i].id, tie));
        reading->fits = reading->fits && !(reading->region->is_by_rules && is_judged_alone(tie));
    }
    region->person_count++;
    return OK;
}

/* ---- whom a member is related to ---- */

static struct status add_owners(struct reading *reading, const struct record_identity *told) {
    const struct identity_type *type = identity_rules_find(reading->context->rules, told->type);
    struct identity_owners owners;
    if (type == NULL) {
        return OK;
    }
    TRY(identity_owners_find(reading->context->view, reading->context->rules, type, told->canonical,
                             &owners));
    for (size_t i = 0; i < owners.count; i++) {
        TRY(add_person(reading, owners.items[i]->id));
    }
    for (size_t i = 0; i < owners.lapsed_count; i++) {
        TRY(add_person(reading, owners.lapsed[i]->id));
    }
    return OK;
}

static struct status add_told(struct reading *reading, const struct history *history) {
    for (size_t i = 0; i < history->count && reading->fits; i++) {
        const struct history_record *told = &history->records[i];
        if (told->same != i) {
            continue;
        }
        for (size_t k = 0; k < told->record.identity_count; k++) {
            TRY(add_owners(reading, &told->record.identities[k]));
        }
        for (size_t k = 0; k < told->decision.candidate_count; k++) {
            TRY(add_person(reading, told->decision.candidates[k].id));
        }
    }
    return OK;
}

/* Whoever has the identity, be it as contact data. */
static struct status add_having(struct reading *reading, const struct profile_identity *identity) {
    struct profile_term term = {.kind = PROFILE_TERM_IDENTITY,
                                .field = identity_match_name(identity->type)};
    const struct store_clause clause = {1, &term};
    struct store_choice choice = store_choice_all();
    struct store_cursor cursor = {0};
    struct id ids[RETELL_MEMBERS_MAX];
    size_t count = 0;
    bool more = false;
    if (!text_fold(identity->canonical, store_view_arena(reading->context->view), &term.value)) {
        return OK;
    }
    choice.clauses = &clause;
    choice.clause_count = 1;
    TRY(store_profile_scan(reading->context->view, STORE_BY_CREATE, false, &choice, &cursor,
                           RETELL_MEMBERS_MAX, ids, &count, &more, NULL));
    reading->fits = reading->fits && !more;
    for (size_t i = 0; i < count && reading->fits; i++) {
        TRY(add_person(reading, ids[i]));
    }
    return OK;
}

/* Those who got what the member has by itself, and the merged have too much of together: it was
 * free for whoever told it. */
static struct status add_freed(struct reading *reading, const struct retell_member *member) {
    const struct profile *row = NULL;
    if (reading->region->is_by_rules) {
        return OK;
    }
    TRY(store_profile_follow(reading->context->view, member->id, &row));
    for (size_t i = 0; i < member->state->identity_count; i++) {
        const struct profile_identity *own = &member->state->identities[i];
        const struct profile_identity *there =
            profile_identity_find(row, own->type, own->canonical, own->match);
        if (own->rule == IDENTITY_RULE_NONE &&
            (there == NULL || there->rule != IDENTITY_RULE_NONE)) {
            TRY(add_having(reading, own));
        }
    }
    return OK;
}

/* Those who have the identity, be it as contact data: by other rules it may be either's. What the
 * rules of now let nobody be found by is nobody's, however many have it. */
static struct status add_sharing(struct reading *reading, const struct profile_identity *identity) {
    const struct identity_type *type = identity_rules_find(reading->context->rules, identity->type);
    const bool finds =
        type != NULL && identity_rule_of(type, identity->canonical) == IDENTITY_RULE_NONE;
    return reading->fits && finds ? add_having(reading, identity) : OK;
}

/* By rules those who share what the member has, or had until somebody unlinked it. */
static struct status add_all_sharing(struct reading *reading, const struct profile *state) {
    if (!reading->region->is_by_rules) {
        return OK;
    }
    for (size_t i = 0; i < state->identity_count; i++) {
        TRY(add_sharing(reading, &state->identities[i]));
    }
    for (size_t i = 0; i < state->unlinked_count; i++) {
        const struct profile_unlinked *unlinked = &state->unlinked[i];
        TRY(add_sharing(reading, &(struct profile_identity){.type = unlinked->type,
                                                            .canonical = unlinked->canonical}));
    }
    return OK;
}

static struct status add_reviewed(struct reading *reading, struct id id) {
    struct store_review_place places[RETELL_PAIRS_MAX];
    size_t count = 0;
    TRY(store_review_scan(reading->context->view, STORE_REVIEWS_ALL, &id, 1, (struct id){{0}},
                          RETELL_PAIRS_MAX, places, &count));
    reading->fits = reading->fits && count < RETELL_PAIRS_MAX;
    for (size_t i = 0; i < count && reading->fits; i++) {
        TRY(add_person(reading, id_equal(places[i].one, id) ? places[i].other : places[i].one));
    }
    return OK;
}

/* Those whom rules parted from a member: what becomes of one leans on the other. */
static struct status add_parted(struct reading *reading, struct id id) {
    struct reapply_row row;
    if (!reading->region->is_by_rules) {
        return OK;
    }
    TRY(reapply_row_begin(reading->context->view, id, &row));
    reading->fits = reading->fits && row.tie_count < RETELL_PAIRS_MAX;
    for (size_t i = 0; i < row.tie_count && reading->fits; i++) {
        struct store_merge merge;
        TRY(merge_read(reading->context->view, row.ties[i], &merge));
        TRY(add_person(reading, id_equal(merge.one, id) ? merge.other : merge.one));
        reading->fits = reading->fits && !is_judged_alone(&merge);
    }
    return OK;
}

static bool has_pair(const struct retell_region *region, const struct store_never_join *pair) {
    for (size_t i = 0; i < region->pair_count; i++) {
        if (id_equal(region->pairs[i].one, pair->one) &&
            id_equal(region->pairs[i].other, pair->other)) {
            return true;
        }
    }
    return false;
}

static struct status add_apart(struct reading *reading, struct id id) {
    struct retell_region *region = reading->region;
    const struct profile *row = NULL;
    TRY(store_profile_get(reading->context->view, id, &row));
    for (size_t i = 0; row != NULL && i < row->apart_count; i++) {
        struct store_never_join pair;
        bool found = false;
        TRY(add_person(reading, row->apart[i]));
        TRY(store_never_join_get(reading->context->view, id, row->apart[i], &found, &pair));
        if (!found || has_pair(region, &pair)) {
            continue;
        }
        if (region->pair_count == RETELL_PAIRS_MAX) {
            reading->fits = false;
            return OK;
        }
        region->pairs[region->pair_count++] = pair;
    }
    return OK;
}

/* ---- what somebody told ---- */

static void add_hand(struct retell_region *region, struct retell_hand hand, struct arena *arena) {
    region->hands = arena_grow(arena, region->hands, region->hand_count, sizeof *region->hands);
    hand.id = region->members[hand.member].id;
    region->hands[region->hand_count++] = hand;
}

static bool is_of_person(const struct retell_region *region, struct id id, size_t person) {
    const size_t member = retell_member_find(region, id);
    return member < region->member_count && region->members[member].person == person;
}

/* When somebody linked an identity: before the first record that found it there, if none had
 * brought it; else when it was seen, and no record told it. */
static int64_t link_time(const struct retell_region *region, size_t member,
                         const struct profile_identity *identity) {
    const struct history *history = &region->members[member].history;
    bool is_brought = false;
    for (size_t i = 0; i < region->record_count && !is_brought; i++) {
        const struct history_record *told = retell_told(region, i);
        const size_t at = record_identity_find(&told->record, identity->type, identity->canonical);
        const bool is_told = at < told->record.identity_count;
        if (is_told && told->decision.identities[at].matched &&
            is_of_person(region, told->decision.identities[at].matched_id,
                         region->members[member].person)) {
            return told->decision.decide_us;
        }
        is_brought = is_told && region->records[i].member == member;
    }
    struct profile_identity first = *identity;
    first.last_seen_us = first.first_seen_us;
    first.provenance = PROFILE_PROVENANCE_INFERRED;
    return history_tells_all(history, &first) ? identity->last_seen_us : identity->first_seen_us;
}

static void list_hands(struct retell_region *region, size_t member, struct arena *arena) {
    struct profile *state = profile_copy(region->members[member].state, arena);
    const struct history *history = &region->members[member].history;
    spellings_part(state, arena);
    for (size_t i = 0; i < state->identity_count; i++) {
        const struct profile_identity *identity = &state->identities[i];
        if (identity->hand_us != 0 || !history_tells_all(history, identity)) {
            add_hand(region,
                     (struct retell_hand){.time_us = identity->hand_us != 0
                                                         ? identity->hand_us
                                                         : link_time(region, member, identity),
                                          .member = member,
                                          .identity = identity},
                     arena);
        }
    }
    for (size_t i = 0; i < state->unlinked_count; i++) {
        add_hand(region,
                 (struct retell_hand){.time_us = id_time_us(state->unlinked[i].id),
                                      .member = member,
                                      .unlinked = &state->unlinked[i]},
                 arena);
    }
    for (size_t i = 0; i < state->attribute_count + state->cleared_count; i++) {
        const struct profile_attribute *attribute = &state->attributes[i];
        if (attribute->force_us != 0) {
            add_hand(region,
                     (struct retell_hand){
                         .time_us = attribute->force_us, .member = member, .attribute = attribute},
                     arena);
        }
    }
}

/* Whether what a record of the member told is gone, or was told anew. */
static bool is_gone(const struct retell_member *member, size_t position,
                    const struct record_identity *told) {
    const struct profile_identity *there =
        profile_identity_find(member->state, told->type, told->canonical, told->match);
    return there == NULL ||
           there->first_seen_us > member->history.records[position].record.observe_us;
}

/* What is gone and was not unlinked by anybody as far as is known: that was before such was kept,
 * or so much has been unlinked since. */
static bool has_gone(const struct retell_region *region) {
    for (size_t i = 0; i < region->record_count; i++) {
        const struct retell_record *place = &region->records[i];
        const struct record *record = &retell_told(region, i)->record;
        for (size_t k = 0; k < record->identity_count; k++) {
            const struct record_identity *told = &record->identities[k];
            if (is_gone(&region->members[place->member], place->position, told) &&
                !retell_is_unlinked(region, told->type, told->canonical, told->match, &place->id)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a record may have made an identity known as well as it is that somebody linked, nobody
 * knows as which: it may have joined fewer then. */
static bool has_unclear_link(const struct retell_region *region) {
    for (size_t i = 0; i < region->hand_count; i++) {
        const struct profile_identity *linked = region->hands[i].identity;
        for (size_t k = 0; k < region->record_count && linked != NULL && linked->hand_us == 0;
             k++) {
            const struct record *record = &retell_told(region, k)->record;
            const size_t at = record_identity_find(record, linked->type, linked->canonical);
            if (at < record->identity_count &&
                record->identities[at].provenance > PROVENANCE_INFERRED) {
                return true;
            }
        }
    }
    return false;
}

/* Those of one time by their ids: whose region it is makes no difference. */
static int by_time(const void *one, const void *other) {
    const struct retell_hand *a = one;
    const struct retell_hand *b = other;
    return a->time_us == b->time_us ? id_compare(a->id, b->id)
                                    : (a->time_us > b->time_us) - (a->time_us < b->time_us);
}

static void list_all_hands(struct retell_region *region, struct arena *arena) {
    for (size_t i = 0; i < region->member_count; i++) {
        list_hands(region, i, arena);
    }
    if (region->hand_count > 0) {
        qsort(region->hands, region->hand_count, sizeof *region->hands, by_time);
    }
}

/* ---- the records of all ---- */

static int by_id(const void *one, const void *other) {
    return id_compare(((const struct retell_record *)one)->id,
                      ((const struct retell_record *)other)->id);
}

static void list_records(struct retell_region *region, struct arena *arena) {
    size_t count = 0;
    region->records = arena_array(arena, region->record_count, sizeof *region->records);
    for (size_t i = 0; i < region->member_count; i++) {
        for (size_t k = 0; k < region->members[i].history.count; k++) {
            region->records[count++] = (struct retell_record){
                region->members[i].history.records[k].id, i, k, RETELL_NOTHING};
        }
    }
    if (count > 0) {
        qsort(region->records, count, sizeof *region->records, by_id);
    }
}

/* ---- kinds ---- */

static bool has_same_attributes(const struct record *one, const struct record *other) {
    bool same = one->attribute_count == other->attribute_count;
    for (size_t i = 0; i < one->attribute_count && same; i++) {
        const struct record_attribute *a = &one->attributes[i];
        const struct record_attribute *b = &other->attributes[i];
        same = strcmp(a->kind->name, b->kind->name) == 0 &&
               attribute_form(a->kind) == attribute_form(b->kind) &&
               strcmp(a->value, b->value) == 0 && strcmp(a->source, b->source) == 0;
    }
    return same;
}

static bool tells_the_same(const struct history_record *one, const struct history_record *other) {
    bool same = one->decision.rule_version == other->decision.rule_version &&
                one->record.identity_count == other->record.identity_count &&
                strcmp(one->record.name, other->record.name) == 0 &&
                strcmp(one->record.source, other->record.source) == 0 &&
                has_same_attributes(&one->record, &other->record);
    for (size_t i = 0; i < one->record.identity_count && same; i++) {
        const struct record_identity *a = &one->record.identities[i];
        const struct record_identity *b = &other->record.identities[i];
        same = strcmp(a->type, b->type) == 0 && strcmp(a->canonical, b->canonical) == 0 &&
               strcmp(a->match, b->match) == 0 && strcmp(a->value, b->value) == 0 &&
               strcmp(a->source, b->source) == 0 && a->provenance == b->provenance;
    }
    return same;
}

/* The kind of a record that shares with none before it; `firsts` has a record of each. */
static size_t find_kind(const struct retell_region *region, const struct history_record *told,
                        const struct history_record *const *firsts) {
    size_t kind = 0;
    for (size_t i = 0; i < told->record.attribute_count; i++) {
        if (told->record.attributes[i].observe_us != told->record.observe_us) {
            return RETELL_NOTHING;
        }
    }
    while (kind < region->kind_count && !tells_the_same(firsts[kind], told)) {
        kind++;
    }
    return kind;
}

/* *fits is false where there are more than can be told. */
static void number_kinds(struct retell_region *region, struct arena *arena, bool *fits) {
    const struct history_record **firsts = arena_array(arena, region->told_max + 1, sizeof *firsts);
    size_t **kinds = arena_array(arena, region->member_count, sizeof *kinds); /* By position. */
    size_t others = 0;
    for (size_t i = 0; i < region->member_count; i++) {
        kinds[i] = arena_array(arena, region->members[i].history.count, sizeof **kinds);
    }
    for (size_t i = 0; i < region->record_count && *fits; i++) {
        struct retell_record *record = &region->records[i];
        const struct history_record *told = retell_told(region, i);
        size_t *of_member = kinds[record->member];
        record->kind = told->same != record->position ? of_member[told->same]
                                                      : find_kind(region, told, firsts);
        of_member[record->position] = record->kind;
        others += record->kind == RETELL_NOTHING ? 1 : 0;
        if (record->kind == region->kind_count) {
            firsts[region->kind_count++] = told;
        }
        *fits = region->kind_count + others <= region->told_max;
    }
}

struct status retell_region_read(const struct members_context *context,
                                 const struct profile *profile, const int64_t *merge_us,
                                 struct retell_region *out, bool *fits) {
    struct arena *arena = store_view_arena(context->view);
    *out = (struct retell_region){
        .is_by_rules = merge_us == NULL,
        .members = arena_array(arena, RETELL_MEMBERS_MAX, sizeof *out->members),
        .ties = arena_array(arena, RETELL_MEMBERS_MAX, sizeof *out->ties),
        .pairs = arena_array(arena, RETELL_PAIRS_MAX, sizeof *out->pairs),
        .told_max = merge_us == NULL ? RETELL_TOLD_BY_RULES_MAX : RETELL_TOLD_MAX,
    };
    struct reading reading = {
        .context = context,
        .merge_us = merge_us == NULL ? 0 : *merge_us,
        .region = out,
        .fits = true,
    };
    TRY(add_person(&reading, profile->id));
    for (size_t i = 0; i < out->member_count && reading.fits; i++) {
        reading.from = &out->members[i];
        TRY(add_told(&reading, &out->members[i].history));
        TRY(add_freed(&reading, &out->members[i]));
        TRY(add_all_sharing(&reading, out->members[i].state));
        TRY(add_reviewed(&reading, out->members[i].id));
        TRY(add_apart(&reading, out->members[i].id));
        TRY(add_parted(&reading, out->members[i].id));
    }
    if (reading.fits) {
        list_records(out, arena);
        number_kinds(out, arena, &reading.fits);
    }
    if (reading.fits) {
        list_all_hands(out, arena);
        reading.fits = !has_gone(out) && !has_unclear_link(out);
    }
    *fits = reading.fits;
    return OK;
}
