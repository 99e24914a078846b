/* Telling a region again, in a view in which none of it is there. */

#include "server/identity/retell.h"

#include <string.h>

#include "server/identity/attribute_rules.h"
#include "server/identity/identity_rule.h"
#include "server/identity/link.h"
#include "server/identity/match_value.h"
#include "server/identity/merge.h"
#include "server/identity/part.h"
#include "server/identity/profile_identities.h"
#include "server/identity/resolve.h"
#include "server/identity/survivorship.h"
#include "server/identity/veto.h"

/* What records of a kind come to, once one of them told nothing that was not known: the same, until
 * something else changes. They are not told then; when they were is caught up with before that. */
struct retold_kind {
    uint64_t epoch;
    size_t profile;
    size_t record; /* One of them. */
    bool is_due;
    struct seen first; /* Those that were not told. */
    struct seen last;
};

/* Two who are never to be one. */
struct retold_pair {
    struct id one;
    struct id other;
    int64_t from_us; /* Since it was said; 0: from the beginning, before all records. */
    bool is_done;
};

/* A telling under way. */
struct telling {
    const struct members_context *context; /* Of the view that is dropped. */
    const struct random *random;
    const struct retell_region *region;
    const struct store_merge *without; /* NULL: nothing is left out. */
    uint64_t until; /* Records of rules up to this version are told by the context's. */
    struct arena *arena;
    struct retelling *out;
    size_t pair_count;
    struct retold_pair *pairs;
    bool *hand_is_done;
    struct identity_rules_held held;
    uint64_t epoch;   /* Counts changes. */
    uint64_t version; /* Of the rules by which the last record was told. */
    struct retold_kind *kinds;
    size_t told_count;
    bool fits;
};

/* ---- rules of then ---- */

/* A region that was told by rules that are not kept any more does not fit. */
static struct status rules_of(struct telling *telling, uint64_t version,
                              const struct identity_rules **out) {
    if (version <= telling->until) {
        *out = telling->context->rules;
        return OK;
    }
    TRY(identity_rules_hold(telling->context->view, version, &telling->held, out));
    if (*out == NULL) {
        telling->fits = false;
        *out = telling->context->rules;
    }
    return OK;
}

static struct members_context context_at(const struct telling *telling, int64_t now_us) {
    struct members_context context = *telling->context;
    context.now_us = now_us;
    return context;
}

/* ---- who is there ---- */

static size_t find_profile(const struct retelling *retelling, struct id id) {
    size_t found = 0;
    while (found < retelling->profile_count && !id_equal(retelling->profiles[found].id, id)) {
        found++;
    }
    return found;
}

/* What the first record of a profile went to; RETELL_NOTHING when it was not told yet. */
static size_t retold_as(const struct telling *telling, struct id id) {
    const size_t member = retell_member_find(telling->region, id);
    return member == telling->region->member_count ? RETELL_NOTHING
                                                   : telling->out->of_member[member];
}

/* The persons of two; *both is false where they are one, or one of them is not there yet. */
static struct status persons_read(const struct telling *telling, size_t one, size_t other,
                                  struct members **ones, struct members **others, bool *both) {
    struct store_view *view = telling->context->view;
    const struct profile *a = NULL;
    const struct profile *b = NULL;
    *both = false;
    if (one == RETELL_NOTHING || other == RETELL_NOTHING) {
        return OK;
    }
    TRY(store_profile_follow(view, telling->out->profiles[one].id, &a));
    TRY(store_profile_follow(view, telling->out->profiles[other].id, &b));
    if (id_equal(a->id, b->id)) {
        return OK;
    }
    *both = true;
    TRY(members_read(view, a, ones));
    return members_read(view, b, others);
}

/* ---- what is told again and again ---- */

static struct status person_read(const struct telling *telling, size_t retold,
                                 struct members **out) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(telling->context->view, telling->out->profiles[retold].id, &profile));
    return members_read(telling->context->view, profile, out);
}

/* Whether the record comes to what the one of its kind before it did. */
static bool is_repeated(const struct telling *telling, size_t record) {
    const size_t kind = telling->region->records[record].kind;
    return kind != RETELL_NOTHING && telling->kinds[kind].epoch == telling->epoch;
}

static size_t repeat(const struct telling *telling, size_t record) {
    struct retold_kind *kind = &telling->kinds[telling->region->records[record].kind];
    const struct seen seen = seen_by(&retell_told(telling->region, record)->record);
    if (!kind->is_due || seen_is_earlier(seen, kind->first)) {
        kind->first = seen;
    }
    if (!kind->is_due || seen_is_earlier(kind->last, seen)) {
        kind->last = seen;
    }
    kind->is_due = true;
    return kind->profile;
}

/* Tells the member of a record what it tells, as of another time. */
static void tell_at(const struct telling *telling, const struct record *record, struct seen seen,
                    struct profile *member) {
    struct record at = *record;
    at.observe_us = seen.observe_us;
    at.tell_us = seen.tell_us;
    at.attributes = arena_array(telling->arena, at.attribute_count, sizeof *at.attributes);
    for (size_t i = 0; i < at.attribute_count; i++) {
        at.attributes[i] = record->attributes[i];
        at.attributes[i].observe_us = seen.observe_us;
    }
    for (size_t i = 0; i < at.identity_count; i++) {
        profile_identity_add(member, &at.identities[i], IDENTITY_RULE_NONE, seen, telling->arena);
    }
    survivorship_apply(member, &at, telling->context->attributes, SURVIVORSHIP_BY_RULES, 0,
                       telling->arena);
}

static struct status catch_up_with(const struct telling *telling, struct retold_kind *kind) {
    const struct history_record *told = retell_told(telling->region, kind->record);
    const struct members_context context = context_at(telling, told->decision.decide_us);
    const struct profile *put = NULL;
    struct members *person = NULL;
    TRY(person_read(telling, kind->profile, &person));
    struct profile *member = members_change(person, telling->out->profiles[kind->profile].id);
    tell_at(telling, &told->record, kind->first, member);
    tell_at(telling, &told->record, kind->last, member);
    kind->is_due = false;
    return members_put(&context, person, &put);
}

/* To be called before anything is told that may change something. */
static struct status catch_up(const struct telling *telling) {
    for (size_t i = 0; i < telling->region->kind_count; i++) {
        if (telling->kinds[i].is_due) {
            TRY(catch_up_with(telling, &telling->kinds[i]));
        }
    }
    return OK;
}

/* ---- what somebody said ---- */

static struct status keep_apart(struct telling *telling, int64_t now_us, struct retold_pair *pair) {
    struct members *ones = NULL;
    struct members *others = NULL;
    const struct members_context context = context_at(telling, now_us);
    const size_t a = retold_as(telling, pair->one);
    const size_t b = retold_as(telling, pair->other);
    const struct profile *put = NULL;
    bool both = false;
    pair->is_done = a != RETELL_NOTHING && b != RETELL_NOTHING;
    if (!pair->is_done) {
        return OK;
    }
    TRY(catch_up(telling));
    telling->epoch++;
    TRY(persons_read(telling, a, b, &ones, &others, &both));
    if (!both) {
        return OK;
    }
    const struct store_never_join never = {.one = telling->out->profiles[a].id,
                                           .other = telling->out->profiles[b].id,
                                           .create_us = now_us};
    TRY(never_join_make(context.view, ones, others, &never));
    TRY(members_put(&context, ones, &put));
    return members_put(&context, others, &put);
}

static struct status keep_pairs_apart(struct telling *telling, int64_t now_us) {
    for (size_t i = 0; i < telling->pair_count; i++) {
        struct retold_pair *pair = &telling->pairs[i];
        if (!pair->is_done && pair->from_us <= now_us) {
            TRY(keep_apart(telling, now_us, pair));
        }
    }
    return OK;
}

/* By rules: those who were told already, and with whom a member is never to be one from the
 * beginning. Without a merge two who would never have been two are nobody's to keep apart. */
static size_t strangers_of(const struct telling *telling, size_t member, struct id *out) {
    const struct id id = telling->region->members[member].id;
    size_t count = 0;
    for (size_t i = 0; i < telling->pair_count; i++) {
        const struct retold_pair *pair = &telling->pairs[i];
        const bool is_one = id_equal(pair->one, id);
        const size_t stranger = retold_as(telling, is_one ? pair->other : pair->one);
        if (telling->region->is_by_rules && pair->from_us == 0 &&
            (is_one || id_equal(pair->other, id)) && stranger != RETELL_NOTHING) {
            out[count++] = telling->out->profiles[stranger].id;
        }
    }
    return count;
}

static void add_tie(struct telling *telling, size_t one, size_t other, size_t record) {
    struct retelling *out = telling->out;
    out->ties = arena_grow(telling->arena, out->ties, out->tie_count, sizeof *out->ties);
    out->ties[out->tie_count++] = (struct retold_tie){one, other, record};
}

/* Somebody joined the two: whom it can't join now it was not meant for. */
static struct status join(struct telling *telling, const struct store_merge *tie) {
    struct members *ones = NULL;
    struct members *others = NULL;
    const struct members_context context = context_at(telling, tie->merge_us);
    const size_t a = retold_as(telling, tie->one);
    const size_t b = retold_as(telling, tie->other);
    const struct profile *put = NULL;
    bool both = false;
    TRY(catch_up(telling));
    telling->epoch++;
    TRY(persons_read(telling, a, b, &ones, &others, &both));
    if (!both) {
        return OK;
    }
    if (veto_never_join(members_unify(&context, ones), members_unify(&context, others))) {
        telling->fits = false;
        return OK;
    }
    struct store_merge merge = {.one = telling->out->profiles[a].id,
                                .other = telling->out->profiles[b].id,
                                .method = tie->method,
                                .rule_version = tie->rule_version};
    TRY(merge_make(&context, telling->random, ones, others, &merge));
    add_tie(telling, a, b, telling->region->record_count);
    return members_put(&context, ones, &put);
}

/* ---- what somebody told of one ---- */

/* What the rules of now block, or somebody else has by them, was linked under others: it is contact
 * data. */
static struct status keep_contact(const struct telling *telling, size_t retold,
                                  const struct record_identity *identity, enum identity_rule rule,
                                  int64_t time_us) {
    const struct members_context context = context_at(telling, time_us);
    const struct profile *put = NULL;
    struct members *person = NULL;
    TRY(person_read(telling, retold, &person));
    profile_identity_add(members_change(person, telling->out->profiles[retold].id), identity, rule,
                         (struct seen){time_us, time_us}, telling->arena);
    return members_put(&context, person, &put);
}

static struct status link(const struct telling *telling, size_t retold,
                          const struct retell_hand *hand, bool *refused) {
    const struct members_context context = context_at(telling, hand->time_us);
    const struct id id = telling->out->profiles[retold].id;
    const struct profile *profile = NULL;
    struct identity_link linked;
    struct record_identity identity = {
        .type = hand->identity->type,
        .value = hand->identity->value,
        .canonical = hand->identity->canonical,
        .match = hand->identity->match,
        .region = "",
        .source = hand->identity->source,
        .provenance =
            (enum provenance)(hand->identity->hand_us != 0 ? hand->identity->hand_provenance
                                                           : hand->identity->provenance),
    };
    TRY(store_profile_follow(context.view, id, &profile));
    TRY(identity_link(&context, profile, id, &identity, hand->time_us, &linked));
    const bool is_blocked = identity_rule_is_of_type(linked.rule);
    *refused = linked.rule != IDENTITY_RULE_NONE && !is_blocked;
    return is_blocked || linked.rule == IDENTITY_RULE_OWNED_ELSEWHERE
               ? keep_contact(telling, retold, &identity, linked.rule, hand->time_us)
               : OK;
}

/* From whoever is one with the profile by now. */
static struct status unlink(struct telling *telling, size_t retold,
                            const struct retell_hand *hand) {
    struct retelling *out = telling->out;
    const struct members_context context = context_at(telling, hand->time_us);
    const struct profile *put = NULL;
    struct members *person = NULL;
    TRY(person_read(telling, retold, &person));
    identity_unlink(person, hand->unlinked, telling->arena);
    for (size_t i = 0; i < person->count; i++) {
        out->unlinked =
            arena_grow(telling->arena, out->unlinked, out->unlinked_count, sizeof *out->unlinked);
        out->unlinked[out->unlinked_count++] =
            (struct retold_unlinked){hand->unlinked, find_profile(out, person->items[i]->id)};
    }
    return members_put(&context, person, &put);
}

static struct status set(const struct telling *telling, size_t retold,
                         const struct retell_hand *hand) {
    const struct members_context context = context_at(telling, hand->time_us);
    const struct profile *put = NULL;
    struct members *person = NULL;
    TRY(person_read(telling, retold, &person));
    struct profile *member = members_change(person, telling->out->profiles[retold].id);
    struct profile_attribute attribute = *hand->attribute;
    attribute.origin = member->id;
    attribute.replaced = false;
    survivorship_set(member, &attribute, telling->arena);
    return members_put(&context, person, &put);
}

static struct status tell_hand(struct telling *telling, size_t number, size_t retold) {
    const struct retell_hand *hand = &telling->region->hands[number];
    TRY(catch_up(telling));
    telling->epoch++;
    if (hand->unlinked != NULL) {
        return unlink(telling, retold, hand);
    }
    return hand->identity != NULL
               ? link(telling, retold, hand, &telling->out->hand_is_refused[number])
               : set(telling, retold, hand);
}

/* A word or a record, before which hands are told. */
struct turn {
    int64_t now_us;
    struct id id;
};

/* When something was unlinked is known exactly. */
static bool has_come(const struct retell_hand *hand, const struct turn *turn) {
    return hand->unlinked != NULL ? id_compare(hand->unlinked->id, turn->id) < 0
                                  : hand->time_us <= turn->now_us;
}

/* What was told by hand until then, of those who are there. */
static struct status tell_hands(struct telling *telling, const struct turn *turn) {
    for (size_t i = 0; i < telling->region->hand_count; i++) {
        const struct retell_hand *hand = &telling->region->hands[i];
        const size_t retold = telling->out->of_member[hand->member];
        if (has_come(hand, turn) && !telling->hand_is_done[i] && retold != RETELL_NOTHING) {
            telling->hand_is_done[i] = true;
            TRY(tell_hand(telling, i, retold));
        }
    }
    return OK;
}

/* ---- what records said ---- */

static struct status add_merges(struct telling *telling, const struct decision *decision,
                                size_t record) {
    for (size_t i = 0; i < decision->merged_count; i++) {
        struct store_merge merge;
        TRY(merge_read(telling->context->view, decision->merges[i], &merge));
        add_tie(telling, find_profile(telling->out, merge.one),
                find_profile(telling->out, merge.other), record);
    }
    return OK;
}

/* Of those before a record; that one where there is none. */
static size_t first_record(const struct retelling *retelling, size_t profile, size_t before) {
    size_t first = 0;
    while (first < before && retelling->of_record[first] != profile) {
        first++;
    }
    return first;
}

static void add_kept_apart(struct telling *telling, const struct decision *decision,
                           size_t record) {
    struct retelling *out = telling->out;
    for (size_t i = 0; i < decision->candidate_count; i++) {
        const struct candidate_decision *candidate = &decision->candidates[i];
        if (candidate->accepted) {
            continue;
        }
        const size_t profile = find_profile(out, candidate->id);
        out->apart = arena_grow(telling->arena, out->apart, out->apart_count, sizeof *out->apart);
        out->apart[out->apart_count++] = (struct retold_apart){
            record, profile, first_record(out, profile, record), candidate->rule};
    }
}

/* Resolves a record; where it told what was known those of its kind will, too. */
static struct status resolve(struct telling *telling, size_t record, const struct id *strangers,
                             size_t stranger_count, struct decision *decision) {
    const struct history_record *told = retell_told(telling->region, record);
    const size_t kind = telling->region->records[record].kind;
    struct resolve_context resolve = {
        .view = telling->context->view,
        .attributes = telling->context->attributes,
        .random = telling->random,
        .now_us = told->decision.decide_us,
        .policy = RESOLVE_LINK,
        .method = "",
        .stranger_count = stranger_count,
        .strangers = strangers,
    };
    TRY(catch_up(telling));
    TRY(rules_of(telling, told->decision.rule_version, &resolve.rules));
    TRY(record_resolve(&resolve, &told->record, decision));
    telling->fits = telling->fits && ++telling->told_count <= telling->region->told_max;
    telling->epoch += decision->repeats ? 0 : 1;
    if (decision->repeats && kind != RETELL_NOTHING) {
        telling->kinds[kind] = (struct retold_kind){
            .epoch = telling->epoch,
            .profile = find_profile(telling->out, decision->member),
            .record = record,
        };
    }
    return OK;
}

static struct status tell(struct telling *telling, size_t record) {
    struct retelling *out = telling->out;
    const uint64_t version = retell_told(telling->region, record)->decision.rule_version;
    const size_t member = telling->region->records[record].member;
    const bool is_first = out->of_member[member] == RETELL_NOTHING;
    struct id *strangers = arena_array(telling->arena, telling->pair_count, sizeof *strangers);
    const size_t stranger_count = is_first ? strangers_of(telling, member, strangers) : 0;
    telling->epoch += version == telling->version ? 0 : 1;
    telling->version = version;
    if (stranger_count == 0 && is_repeated(telling, record)) {
        out->of_record[record] = repeat(telling, record);
    } else {
        struct decision decision;
        TRY(resolve(telling, record, strangers, stranger_count, &decision));
        if (decision.outcome == OUTCOME_CREATED) {
            out->profiles[out->profile_count++] = (struct retold_profile){.id = decision.member};
        }
        out->of_record[record] = find_profile(out, decision.member);
        out->left[record] = decision.left;
        add_kept_apart(telling, &decision, record);
        TRY(add_merges(telling, &decision, record));
    }
    if (is_first) {
        out->of_member[member] = out->of_record[record];
    }
    return OK;
}

/* ---- all of it ---- */

/* None of the region is there any more. */
static struct status hide(const struct telling *telling) {
    struct store_view *view = telling->context->view;
    for (size_t i = 0; i < telling->region->member_count; i++) {
        const struct profile *row = NULL;
        TRY(store_profile_get(view, telling->region->members[i].id, &row));
        struct profile *hidden = profile_copy(row, telling->arena);
        hidden->merged_into = (struct id){{0}};
        hidden->absorbed_count = 0;
        hidden->delete_us = 1;
        TRY(store_profile_put(view, hidden));
    }
    return OK;
}

/* The tie that somebody made next, before a record; tie_count for none. */
static size_t next_tie(const struct telling *telling, const bool *done, size_t record) {
    const struct retell_region *region = telling->region;
    size_t next = region->tie_count;
    for (size_t i = 0; i < region->tie_count; i++) {
        const struct store_merge *tie = &region->ties[i];
        const bool is_word = id_is_zero(tie->decision) && !merge_is_by_rules(tie) &&
                             (telling->without == NULL || !id_equal(tie->id, telling->without->id));
        const bool is_due =
            record == region->record_count || id_compare(tie->id, region->records[record].id) < 0;
        if (!done[i] && is_word && is_due &&
            (next == region->tie_count || id_compare(tie->id, region->ties[next].id) < 0)) {
            next = i;
        }
    }
    return next;
}

static struct status tell_all(struct telling *telling) {
    const struct retell_region *region = telling->region;
    bool *done = arena_array(telling->arena, region->tie_count, sizeof *done);
    for (size_t i = 0; i <= region->record_count && telling->fits; i++) {
        for (size_t tie = next_tie(telling, done, i); tie < region->tie_count;
             tie = next_tie(telling, done, i)) {
            TRY(keep_pairs_apart(telling, region->ties[tie].merge_us));
            TRY(tell_hands(telling,
                           &(struct turn){region->ties[tie].merge_us, region->ties[tie].id}));
            TRY(join(telling, &region->ties[tie]));
            done[tie] = true;
        }
        if (i < region->record_count) {
            const int64_t now_us = retell_told(region, i)->decision.decide_us;
            TRY(keep_pairs_apart(telling, now_us));
            TRY(tell_hands(telling, &(struct turn){now_us, region->records[i].id}));
            TRY(tell(telling, i));
        }
    }
    struct turn end = {.now_us = INT64_MAX};
    memset(&end.id, 0xff, sizeof end.id);
    TRY(tell_hands(telling, &end));
    return catch_up(telling);
}

/* What became of the profiles. */
static struct status read_states(const struct telling *telling) {
    struct store_view *view = telling->context->view;
    for (size_t i = 0; i < telling->out->profile_count; i++) {
        struct retold_profile *retold = &telling->out->profiles[i];
        const struct profile *profile = NULL;
        TRY(store_profile_follow(view, retold->id, &profile));
        retold->person = profile->id;
        retold->row = profile;
        TRY(member_state_read(view, profile, retold->id, &retold->state));
    }
    return OK;
}

static void list_pairs(struct telling *telling) {
    const struct retell_region *region = telling->region;
    telling->pairs = arena_array(telling->arena, region->pair_count + 1, sizeof *telling->pairs);
    for (size_t i = 0; i < region->pair_count; i++) {
        const struct store_never_join *pair = &region->pairs[i];
        telling->pairs[telling->pair_count++] = (struct retold_pair){
            .one = pair->one,
            .other = pair->other,
            .from_us = id_is_zero(pair->merge) ? pair->create_us : 0,
        };
    }
    if (telling->without != NULL) {
        telling->pairs[telling->pair_count++] =
            (struct retold_pair){.one = telling->without->one, .other = telling->without->other};
    }
}

/* Two whom the rules make one before somebody said that they never are: it holds from the
 * beginning. Whether there were any; telling again keeps them apart. */
static bool hold_earlier(struct telling *telling) {
    bool any = false;
    for (size_t i = 0; i < telling->pair_count; i++) {
        struct retold_pair *pair = &telling->pairs[i];
        if (!retell_are_two(telling->region, telling->out, pair->one, pair->other)) {
            telling->fits = telling->fits && pair->from_us != 0 && telling->region->is_by_rules;
            pair->from_us = 0;
            any = true;
        }
    }
    return any && telling->fits;
}

/* Tells from the beginning, in a view in which all is there yet. */
static struct status tell_once(struct telling *telling) {
    const struct retell_region *region = telling->region;
    struct arena *arena = telling->arena;
    *telling->out = (struct retelling){
        .profiles = arena_array(arena, region->told_max + 1, sizeof *telling->out->profiles),
        .of_record = arena_array(arena, region->record_count, sizeof *telling->out->of_record),
        .left = arena_array(arena, region->record_count, sizeof *telling->out->left),
        .hand_is_refused =
            arena_array(arena, region->hand_count, sizeof *telling->out->hand_is_refused),
        .of_member = arena_array(arena, region->member_count, sizeof *telling->out->of_member),
    };
    for (size_t i = 0; i < region->member_count; i++) {
        telling->out->of_member[i] = RETELL_NOTHING;
    }
    for (size_t i = 0; i < telling->pair_count; i++) {
        telling->pairs[i].is_done = false;
    }
    telling->hand_is_done = arena_array(arena, region->hand_count, sizeof(bool));
    telling->kinds = arena_array(arena, region->kind_count, sizeof *telling->kinds);
    telling->epoch = 1;
    telling->version = 0;
    telling->told_count = 0;
    TRY(hide(telling));
    TRY(tell_all(telling));
    return read_states(telling);
}

static struct status retell(const struct members_context *context, const struct random *random,
                            const struct retell_region *region, const struct store_merge *without,
                            uint64_t until, struct arena *arena, struct retelling *out,
                            bool *fits) {
    struct members_context put = *context;
    struct telling telling = {
        .context = &put,
        .random = random,
        .region = region,
        .without = without,
        .until = until,
        .arena = arena,
        .out = out,
        .fits = true,
    };
    list_pairs(&telling);
    do {
        put.view = store_view_above(context->view, arena);
        TRY(tell_once(&telling));
    } while (hold_earlier(&telling));
    *fits = telling.fits;
    return OK;
}

/* ---- what is to be made of it ---- */

size_t retell_parts(const struct retell *retell, size_t member, size_t *retold, size_t *record) {
    const struct retell_region *region = &retell->region;
    size_t count = 0;
    for (size_t i = 0; i < region->record_count; i++) {
        if (region->records[i].member != member) {
            continue;
        }
        size_t part = 0;
        while (part < count && retold[part] != retell->anew.of_record[i]) {
            part++;
        }
        if (part == count) {
            retold[count++] = retell->anew.of_record[i];
        }
        record[region->records[i].position] = part;
    }
    return count;
}

/* When somebody linked an identity may be told by the records around it: not any more, once they
 * lie elsewhere. And what can't be linked any more stays all the same. */
static bool has_lost_link(const struct retell *retell, size_t member) {
    const struct retell_region *region = &retell->region;
    for (size_t i = 0; i < region->hand_count; i++) {
        const struct profile_identity *linked = region->hands[i].identity;
        if (region->hands[i].member == member && linked != NULL &&
            (linked->hand_us == 0 || retell->anew.hand_is_refused[i])) {
            return true;
        }
    }
    return false;
}

/* Reads the interactions of those who come apart. *fits is false where there is too much to move.
 */
static struct status read_parts(const struct members_context *context, struct retell *retell,
                                bool *fits) {
    struct retell_region *region = &retell->region;
    struct arena *arena = store_view_arena(context->view);
    size_t *retold = arena_array(arena, region->record_count, sizeof *retold);
    size_t *record = arena_array(arena, region->record_count, sizeof *record);
    size_t made = 0;
    for (size_t i = 0; i < region->member_count && *fits; i++) {
        const size_t count = retell_parts(retell, i, retold, record);
        if (count > 1) {
            struct history *history = &region->members[i].history;
            TRY(history_read_interactions(context->view, history));
            made += count - 1;
            *fits = history->is_whole && !(region->is_by_rules && has_lost_link(retell, i)) &&
                    count <= PARTS_MAX && region->member_count + made <= MEMBERS_MAX;
        }
    }
    return OK;
}

/* Tells the region as it is: records of rules up to this version by those of now. */
static struct status tell_until(const struct members_context *context, uint64_t until,
                                struct retell *out, bool *fits) {
    struct arena *arena = store_view_arena(context->view);
    const struct retell_rules rules = {context->rules, context->rules};
    TRY(retell(context, out->random, &out->region, NULL, until, arena, &out->again, fits));
    *fits = *fits && retell_is_as_it_is(&out->region, &out->again, &rules, arena);
    return OK;
}

struct status retell_read(const struct members_context *context, const struct random *random,
                          const struct profile *profile, const struct store_merge *merge,
                          struct retell *out, bool *fits) {
    struct arena *arena = store_view_arena(context->view);
    bool leans = false;
    *out = (struct retell){.random = random, .merge_us = merge->merge_us};
    TRY(retell_leans_on(context, profile, merge, &leans));
    if (!leans) {
        *fits = true;
        return OK;
    }
    TRY(retell_region_read(context, profile, &merge->merge_us, &out->region, fits));
    uint64_t until = 0;
    if (*fits) {
        TRY(tell_until(context, until, out, fits));
        if (!*fits) {
            until = context->rules->version; /* They were applied. */
            TRY(tell_until(context, until, out, fits));
        }
    }
    if (*fits) {
        TRY(retell(context, random, &out->region, merge, until, arena, &out->anew, fits));
    }
    return *fits ? read_parts(context, out, fits) : OK;
}

/* ---- under other rules ---- */

void retell_room_init(struct retell_room *room) {
    arena_init(&room->anew, SIZE_MAX);
    arena_init(&room->again, SIZE_MAX);
}

void retell_room_free(struct retell_room *room) {
    arena_free(&room->anew);
    arena_free(&room->again);
}

enum {
    VERSIONS_TRIED_MAX = 16,
    RECORDS_TRIED_MAX = 1000, /* Of all versions together. */
};

/* Whether the rules compare all that was told as it was compared then: who has an address that
 * other rules compare in another way is not found by it, and is none of the region. */
static bool are_compared_alike(const struct retell_region *region,
                               const struct identity_rules *rules, struct arena *arena) {
    for (size_t i = 0; i < region->record_count; i++) {
        const struct record *record = &retell_told(region, i)->record;
        for (size_t k = 0; k < record->identity_count; k++) {
            const struct record_identity *told = &record->identities[k];
            const struct identity_type *type = identity_rules_find(rules, told->type);
            if (type != NULL &&
                strcmp(identity_match_value(type, told->canonical, arena), told->match) != 0) {
                return false;
            }
        }
    }
    return true;
}

/* Of what came of a telling only who was kept apart is asked for, and what records left. */
static void keep_apart_only(struct retelling *retelling, size_t record_count, struct arena *arena) {
    struct retold_apart *kept = arena_array(arena, retelling->apart_count, sizeof *kept);
    uint32_t *left = arena_array(arena, record_count, sizeof *left);
    for (size_t i = 0; i < record_count; i++) {
        left[i] = retelling->left[i];
    }
    for (size_t i = 0; i < retelling->apart_count; i++) {
        kept[i] = retelling->apart[i];
    }
    *retelling =
        (struct retelling){.left = left, .apart_count = retelling->apart_count, .apart = kept};
}

/* How well a telling is what is there. */
enum likeness {
    UNLIKE,
    ALIKE, /* But for facts. */
    SAME,
};

static enum likeness compare(const struct retell_region *region, const struct retelling *retelling,
                             const struct retell_rules *rules, struct arena *arena) {
    if (!retell_is_as_it_is(region, retelling, rules, arena)) {
        return UNLIKE;
    }
    return retell_has_same_facts(region, retelling) ? SAME : ALIKE;
}

/* Whether the region is what it comes to where rules were last put into force by this version; 0:
 * by none. Where that is so better than *best it is kept. */
static struct status try_version(const struct members_context *context, uint64_t version,
                                 struct arena *scratch, struct retell *out, enum likeness *best) {
    struct members_context then = *context;
    const struct retell_region *region = &out->region;
    const uint64_t latest = retell_told(region, region->record_count - 1)->decision.rule_version;
    struct retelling again;
    bool fits = false;
    arena_empty(scratch);
    TRY(identity_rules_read_version(context->view, version == 0 ? latest : version, &then.rules));
    if (then.rules == NULL || !are_compared_alike(region, then.rules, scratch)) {
        return OK;
    }
    TRY(retell(&then, out->random, region, NULL, version, scratch, &again, &fits));
    const struct retell_rules rules = {then.rules, context->rules};
    const enum likeness likeness = fits ? compare(region, &again, &rules, scratch) : UNLIKE;
    if (likeness > *best) {
        *best = likeness;
        out->is_settled = false;
        out->again = again;
        keep_apart_only(&out->again, region->record_count, store_view_arena(context->view));
    }
    return OK;
}

/* Those of then come first, then those of now, as which it was put already, then the latest. */
static struct status find_version(const struct members_context *context, struct arena *scratch,
                                  struct retell *out, bool *fits) {
    const size_t records = out->region.record_count;
    const struct retell_rules now = {context->rules, context->rules};
    enum likeness best = UNLIKE;
    TRY(try_version(context, 0, scratch, out, &best));
    const enum likeness settled = compare(&out->region, &out->anew, &now, scratch);
    if (settled > best) {
        best = settled;
        out->is_settled = true;
        out->again = (struct retelling){0};
    }
    uint64_t version = context->rules->version;
    for (size_t i = 1; i <= VERSIONS_TRIED_MAX && (i + 1) * records <= RECORDS_TRIED_MAX &&
                       version > 1 && best != SAME;
         i++) {
        TRY(try_version(context, --version, scratch, out, &best));
    }
    *fits = best != UNLIKE;
    return OK;
}

/* Of whom no record tells nobody knows what he would be. */
static bool is_told_by_records(const struct retell_region *region) {
    for (size_t i = 0; i < region->member_count; i++) {
        if (region->members[i].history.count == 0) {
            return false;
        }
    }
    return true;
}

struct status retell_read_under(const struct members_context *context, const struct random *random,
                                const struct profile *profile, struct retell_room *room,
                                struct retell *out, bool *fits) {
    *out = (struct retell){.random = random};
    struct arena *arena = store_view_arena(context->view);
    TRY(retell_region_read(context, profile, NULL, &out->region, fits));
    *fits = *fits && is_told_by_records(&out->region) &&
            are_compared_alike(&out->region, context->rules, arena);
    if (*fits) {
        arena_empty(&room->anew);
        TRY(retell(context, random, &out->region, NULL, UINT64_MAX, &room->anew, &out->anew, fits));
    }
    if (*fits) {
        TRY(find_version(context, &room->again, out, fits));
    }
    return *fits ? read_parts(context, out, fits) : OK;
}
