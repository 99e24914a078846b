/* What a region was told to, made of what is there: records that lie elsewhere become profiles of
 * their own, ties go that cross persons, and those are tied that are one.
 *
 * The states of profiles stay what they are, with what no record told; of identities it is retold
 * which are whose. */

#include <stdlib.h>
#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/merge.h"
#include "server/identity/profile_identities.h"
#include "server/identity/reapply.h"
#include "server/identity/rejudge.h"
#include "server/identity/retell.h"
#include "server/identity/review.h"
#include "server/identity/veto.h"

/* A profile that has records, all of which went to one retold profile. */
struct piece {
    struct id id;
    size_t retold;
    size_t first; /* Its first record. */
};

/* A region on its way. */
struct remaking {
    const struct members_context *context;
    struct retell *retell;
    struct arena *arena;
    size_t person_count;
    struct members **persons;
    size_t piece_count;
    struct piece *pieces; /* By their first records. */
    size_t gone_count;    /* Ties that rules undid, where it is by rules. */
    struct store_merge *gone;
};

enum { PERSONS_MAX = RETELL_MEMBERS_MAX + MEMBERS_MAX };

static struct members *person_of(const struct remaking *remaking, struct id id) {
    for (size_t i = 0; i < remaking->person_count; i++) {
        if (members_have(remaking->persons[i], id)) {
            return remaking->persons[i];
        }
    }
    return NULL;
}

static struct status read_persons(struct remaking *remaking) {
    const struct retell_region *region = &remaking->retell->region;
    struct store_view *view = remaking->context->view;
    for (size_t i = 0; i < region->member_count; i++) {
        const struct profile *profile = NULL;
        TRY(store_profile_follow(view, region->members[i].id, &profile));
        if (person_of(remaking, profile->id) == NULL) {
            TRY(members_read(view, profile, &remaking->persons[remaking->person_count++]));
        }
    }
    return OK;
}

/* ---- records that lie elsewhere ---- */

static void keep_made(struct retell *retell, struct id id, size_t member, struct arena *arena) {
    retell->made = arena_grow(arena, retell->made, retell->made_count, sizeof *retell->made);
    retell->made_of =
        arena_grow(arena, retell->made_of, retell->made_count, sizeof *retell->made_of);
    retell->made_of[retell->made_count] = member;
    retell->made[retell->made_count++] = id;
}

/* Parts by rules are one with the rest until their ties go: rules may let those stand again. */
static struct status part(struct remaking *remaking, size_t member, const size_t *record,
                          size_t count, struct id *ids) {
    const struct retell_member *of = &remaking->retell->region.members[member];
    const struct reapply_context context = {.members = *remaking->context,
                                            .random = remaking->retell->random};
    struct members **made = &remaking->persons[remaking->person_count];
    struct members *person = person_of(remaking, of->id);
    struct reapply_row row;
    TRY(reapply_row_begin(context.members.view, of->id, &row));
    row.history = of->history;
    parts_make(remaking->context, &row.history, record, count, &row.parts);
    if (remaking->retell->region.is_by_rules) {
        TRY(parts_separate(&context, &row, person, &ids[1]));
    } else {
        TRY(parts_take_away(&context, &row, person, made));
        remaking->person_count += count - 1;
    }
    for (size_t i = 1; i < count; i++) {
        ids[i] = remaking->retell->region.is_by_rules ? ids[i] : made[i - 1]->items[0]->id;
        keep_made(remaking->retell, ids[i], member, remaking->arena);
    }
    return OK;
}

static void add_pieces(struct remaking *remaking, size_t member, const size_t *retold,
                       const size_t *record, size_t count, const struct id *ids) {
    const struct retell_region *region = &remaking->retell->region;
    size_t added = 0;
    for (size_t i = 0; i < region->record_count && added < count; i++) {
        const struct retell_record *told = &region->records[i];
        if (told->member == member && record[told->position] == added) {
            remaking->pieces[remaking->piece_count++] =
                (struct piece){ids[added], retold[added], i};
            added++;
        }
    }
}

static int by_first(const void *a, const void *b) {
    const struct piece *one = (const struct piece *)a;
    const struct piece *other = (const struct piece *)b;
    return (one->first > other->first) - (one->first < other->first);
}

static struct status part_all(struct remaking *remaking) {
    const struct retell_region *region = &remaking->retell->region;
    size_t *retold = arena_array(remaking->arena, region->record_count, sizeof *retold);
    size_t *record = arena_array(remaking->arena, region->record_count, sizeof *record);
    struct id *ids = arena_array(remaking->arena, region->record_count + 1, sizeof *ids);
    for (size_t i = 0; i < region->member_count; i++) {
        const size_t count = retell_parts(remaking->retell, i, retold, record);
        ids[0] = region->members[i].id;
        if (count > 1) {
            TRY(part(remaking, i, record, count, ids));
        }
        add_pieces(remaking, i, retold, record, count, ids);
    }
    qsort(remaking->pieces, remaking->piece_count, sizeof *remaking->pieces, by_first);
    return OK;
}

/* ---- ties ---- */

static const struct piece *piece_of(const struct remaking *remaking, struct id id) {
    for (size_t i = 0; i < remaking->piece_count; i++) {
        if (id_equal(remaking->pieces[i].id, id)) {
            return &remaking->pieces[i];
        }
    }
    return NULL;
}

/* Whether a record ties two as it is told again; also where it is none of the region's. */
static bool ties(const struct retell *retell, struct id decision) {
    const struct retell_region *region = &retell->region;
    size_t record = 0;
    while (record < region->record_count && !id_equal(region->records[record].id, decision)) {
        record++;
    }
    bool found = record == region->record_count;
    for (size_t i = 0; i < retell->anew.tie_count && !found; i++) {
        found = retell->anew.ties[i].record == record;
    }
    return found;
}

/* Who was never told of by a record is as he is. */
static struct status is_to_stand(const struct remaking *remaking, const struct profile_merge *tie,
                                 bool *out) {
    const struct retelling *anew = &remaking->retell->anew;
    const struct piece *one = piece_of(remaking, tie->one);
    const struct piece *other = piece_of(remaking, tie->other);
    struct store_merge merge;
    *out = one == NULL || other == NULL || one->retold == other->retold;
    if (*out ||
        !id_equal(anew->profiles[one->retold].person, anew->profiles[other->retold].person)) {
        return OK;
    }
    TRY(merge_read(remaking->context->view, tie->id, &merge));
    *out = !merge.parted && ties(remaking->retell, merge.decision);
    return OK;
}

static void keep_merge(struct store_merge **list, size_t *count, const struct store_merge *merge,
                       struct arena *arena) {
    *list = arena_grow(arena, *list, *count, sizeof **list);
    (*list)[(*count)++] = *merge;
}

/* Its row is to be written. */
static void touch(struct members *person) { (void)members_change(person, person->items[0]->id); }

static struct status undo(struct remaking *remaking, struct members *person, struct id id) {
    struct retell *retell = remaking->retell;
    struct store_merge merge;
    struct members *others = NULL;
    TRY(merge_read(remaking->context->view, id, &merge));
    if (!members_split(person, id, remaking->arena, &others)) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a merge that stands is not among those of its profile");
    }
    remaking->persons[remaking->person_count++] = others;
    touch(person);
    touch(others);
    merge.undone_by_rules = retell->region.is_by_rules;
    merge.retold = retell->region.is_by_rules;
    TRY(merge_let_go(remaking->context, &merge));
    keep_merge(&retell->undone, &retell->undone_count, &merge, remaking->arena);
    return OK;
}

static struct status undo_ties(struct remaking *remaking) {
    for (size_t i = 0; i < remaking->person_count; i++) {
        struct members *person = remaking->persons[i];
        for (size_t k = 0; k < person->merge_count;) {
            bool stands = false;
            TRY(is_to_stand(remaking, &person->merges[k], &stands));
            if (!stands) {
                TRY(undo(remaking, person, person->merges[k].id));
            }
            k = stands ? k + 1 : 0;
        }
    }
    return OK;
}

/* The tie of the two that rules undid, if it was for the same; NULL for none. */
static struct store_merge *find_gone(const struct remaking *remaking, const struct members *ones,
                                     const struct members *others,
                                     const struct store_merge *merge) {
    for (size_t i = 0; i < remaking->gone_count; i++) {
        struct store_merge *gone = &remaking->gone[i];
        const bool is_for_same =
            gone->parted || merge->linked
                ? gone->parted && merge->linked && id_equal(gone->one, merge->one)
                : id_equal(gone->decision, merge->decision);
        const bool is_one = members_have(ones, gone->one) && members_have(others, gone->other);
        const bool is_other = members_have(others, gone->one) && members_have(ones, gone->other);
        if (gone->undo_us != 0 && is_for_same && (is_one || is_other)) {
            return gone;
        }
    }
    return NULL;
}

/* Ties the two, unless they are one; a record of the first asks for it, or nobody. */
static struct status tie(struct remaking *remaking, struct id one, struct id other, size_t record,
                         bool linked) {
    struct retell *retell = remaking->retell;
    struct members *ones = person_of(remaking, one);
    struct members *others = person_of(remaking, other);
    if (ones == others) {
        return OK;
    }
    struct store_merge merge = {
        .one = one,
        .other = other,
        .method = retell->region.is_by_rules ? merge_method_rules : merge_method_undone,
        .rule_version = remaking->context->rules->version,
        .linked = linked,
        .retold = retell->region.is_by_rules,
    };
    if (record < retell->region.record_count) {
        merge.decision = retell->region.records[record].id;
        merge.decision_member = one;
    }
    struct store_merge *gone = find_gone(remaking, ones, others, &merge);
    if (gone != NULL) {
        TRY(merge_stand_again(remaking->context, ones, others, gone));
    } else {
        TRY(merge_make(remaking->context, retell->random, ones, others, &merge));
    }
    touch(ones);
    keep_merge(&retell->merges, &retell->merge_count, gone != NULL ? gone : &merge,
               remaking->arena);
    size_t at = 0;
    while (remaking->persons[at] != others) {
        at++;
    }
    remaking->persons[at] = remaking->persons[--remaking->person_count];
    return OK;
}

/* The first piece of a retold profile. */
static const struct piece *first_piece(const struct remaking *remaking, size_t retold) {
    for (size_t i = 0; i < remaking->piece_count; i++) {
        if (remaking->pieces[i].retold == retold) {
            return &remaking->pieces[i];
        }
    }
    return NULL;
}

/* The piece of a retold profile that has the record, or its first one. */
static const struct piece *piece_telling(const struct remaking *remaking, size_t retold,
                                         size_t record) {
    const struct retell *retell = remaking->retell;
    const struct retell_region *region = &retell->region;
    if (record == region->record_count || retell->anew.of_record[record] != retold) {
        return first_piece(remaking, retold);
    }
    for (size_t i = 0; i < remaking->piece_count; i++) {
        const struct piece *piece = &remaking->pieces[i];
        if (piece->retold == retold &&
            region->records[piece->first].member == region->records[record].member) {
            return piece;
        }
    }
    return first_piece(remaking, retold);
}

static struct status make_ties(struct remaking *remaking) {
    const struct retelling *anew = &remaking->retell->anew;
    for (size_t i = 0; i < remaking->piece_count; i++) {
        const struct piece *piece = &remaking->pieces[i];
        const struct piece *first = first_piece(remaking, piece->retold);
        TRY(tie(remaking, piece->id, first->id, piece->first, true));
    }
    for (size_t i = 0; i < anew->tie_count; i++) {
        const struct retold_tie *retold = &anew->ties[i];
        const struct piece *one = piece_telling(remaking, retold->one, retold->record);
        const struct piece *other = first_piece(remaking, retold->other);
        TRY(tie(remaking, one->id, other->id, retold->record, false));
    }
    return OK;
}

/* The ties of the region that rules undid: some may stand again. */
static struct status read_gone(struct remaking *remaking) {
    const struct retell_region *region = &remaking->retell->region;
    for (size_t i = 0; i < region->member_count; i++) {
        struct reapply_row row;
        TRY(reapply_row_begin(remaking->context->view, region->members[i].id, &row));
        for (size_t k = 0; k < row.tie_count; k++) {
            struct store_merge merge;
            TRY(merge_read(remaking->context->view, row.ties[k], &merge));
            keep_merge(&remaking->gone, &remaking->gone_count, &merge, remaking->arena);
        }
    }
    return OK;
}

static struct status tie_all(struct remaking *remaking) {
    if (remaking->retell->region.is_by_rules) {
        TRY(read_gone(remaking));
    }
    TRY(undo_ties(remaking));
    return make_ties(remaking);
}

/* ---- identities ---- */

static bool has_active(const struct profile *state, const struct profile_identity *identity) {
    return profile_identity_is_active(state, identity->type, identity->canonical, identity->match);
}

static const struct profile *state_of(const struct remaking *remaking, struct id id) {
    const struct members *person = person_of(remaking, id);
    for (size_t i = 0; i < person->count; i++) {
        if (id_equal(person->items[i]->id, id)) {
            return person->items[i];
        }
    }
    return NULL;
}

/* Whether a piece before this one has it as the retold profile's. */
static bool is_had_before(const struct remaking *remaking, const struct piece *piece,
                          const struct profile_identity *identity) {
    for (const struct piece *before = remaking->pieces; before < piece; before++) {
        if (before->retold == piece->retold &&
            has_active(state_of(remaking, before->id), identity)) {
            return true;
        }
    }
    return false;
}

static bool are_same(const struct profile *one, const struct profile *other) {
    bool same = one->identity_count == other->identity_count;
    for (size_t i = 0; i < one->identity_count && same; i++) {
        const struct profile_identity *a = &one->identities[i];
        const struct profile_identity *b = &other->identities[i];
        same = strcmp(a->canonical, b->canonical) == 0 && strcmp(a->match, b->match) == 0 &&
               a->rule == b->rule && a->claimed == b->claimed && a->lent == b->lent &&
               a->first_seen_us == b->first_seen_us && a->last_seen_us == b->last_seen_us &&
               a->provenance == b->provenance;
    }
    return same;
}

/* What an identity of a piece is as it was retold; of the pieces of a retold profile the first one
 * has it. */
static uint32_t rule_of(const struct remaking *remaking, const struct piece *piece,
                        const struct profile_identity *identity,
                        const struct profile_identity *as) {
    return as != NULL && as->rule == IDENTITY_RULE_NONE && is_had_before(remaking, piece, identity)
               ? (uint32_t)IDENTITY_RULE_OWNED_ELSEWHERE
               : (as == NULL ? identity->rule : as->rule);
}

/* What records did not tell stays what it is, or is what the rules say. */
static void judge(const struct remaking *remaking, const struct piece *piece) {
    const struct profile *retold = remaking->retell->anew.profiles[piece->retold].state;
    const struct profile *before = state_of(remaking, piece->id);
    struct profile *state = profile_copy(before, remaking->arena);
    retell_settle_unlinked(remaking->retell, piece->retold,
                           remaking->retell->region.records[piece->first].member, state,
                           remaking->arena);
    const bool is_other = retell_settle_facts(
        remaking->retell, piece->retold, remaking->retell->region.records[piece->first].member,
        remaking->context->attributes, state, remaking->arena);
    if (remaking->retell->region.is_by_rules) {
        rejudge_state(remaking->context->rules, state, remaking->arena);
    }
    for (size_t i = 0; i < state->identity_count; i++) {
        struct profile_identity *identity = &state->identities[i];
        const struct profile_identity *as =
            profile_identity_find(retold, identity->type, identity->canonical, identity->match);
        const uint32_t rule = rule_of(remaking, piece, identity, as);
        if (as != NULL && (rule != identity->rule || !remaking->retell->region.is_by_rules)) {
            identity->rule = rule;
            identity->over_limit = as->over_limit;
            identity->claimed = as->claimed;
            identity->lent = as->lent;
            identity->rule_before = as->rule_before;
        }
    }
    profile_identities_limit(state, remaking->context->rules); /* Of what hands linked, too. */
    if (is_other || !are_same(state, before)) {
        *members_change(person_of(remaking, piece->id), piece->id) = *state;
    }
}

static void judge_all(const struct remaking *remaking) {
    for (size_t i = 0; i < remaking->piece_count; i++) {
        judge(remaking, &remaking->pieces[i]);
    }
}

/* ---- reviews ---- */

/* A review of the two: an open one, if there is any. One that says that they are joined says
 * nothing of them, who are two. */
static struct status find_review(struct store_view *view, const struct review_meeting *meeting,
                                 bool *found, struct store_review *review) {
    struct reviews_between between;
    struct store_review next;
    bool more = false;
    *found = false;
    TRY(reviews_between_begin(view, &meeting->one, &meeting->other, &between));
    do {
        TRY(reviews_between_next(&between, &more, &next));
        if (more && next.state != STORE_REVIEW_JOINED) {
            *found = true;
            *review = next;
        }
    } while (more && !(*found && review->state == STORE_REVIEW_OPEN));
    return OK;
}

/* Two whom a record related are for review, unless they were before; `queues`: if they are not. */
static struct status review(const struct remaking *remaking, const struct retold_apart *apart,
                            bool queues) {
    const struct retell *retell = remaking->retell;
    const struct members_context *context = remaking->context;
    const size_t of_record = retell->anew.of_record[apart->record];
    const struct piece *one = piece_telling(remaking, of_record, apart->record);
    const struct piece *other = first_piece(remaking, apart->profile);
    struct review_meeting meeting = {
        .one = {.member = one->id},
        .other = {.member = other->id},
        .rule = apart->rule,
        .decision = retell->region.is_by_rules ? (struct id){{0}}
                                               : retell->region.records[apart->record].id,
        .decision_member = retell->region.is_by_rules ? (struct id){{0}} : one->id,
        .rule_version = context->rules->version,
    };
    bool found = false;
    TRY(store_profile_follow(context->view, one->id, &meeting.one.person));
    TRY(store_profile_follow(context->view, other->id, &meeting.other.person));
    if (meeting.one.person == meeting.other.person ||
        veto_never_join(meeting.one.person, meeting.other.person)) {
        return OK;
    }
    struct store_review there;
    TRY(find_review(context->view, &meeting, &found, &there));
    const bool is_open = found && there.state == STORE_REVIEW_OPEN;
    if (retell->region.is_by_rules ? !queues && !is_open : found) {
        return OK;
    }
    enum review_outcome outcome;
    return review_meet(context->view, retell->random, context->now_us, &meeting, &outcome, &there);
}

/* Whether a record was kept from that one for that in the other telling, too. */
static bool is_among(const struct retelling *retelling, const struct retold_apart *apart) {
    for (size_t i = 0; i < retelling->apart_count; i++) {
        if (retelling->apart[i].record == apart->record &&
            retelling->apart[i].first == apart->first && retelling->apart[i].rule == apart->rule) {
            return true;
        }
    }
    return false;
}

static bool are_among(const struct retelling *ones, const struct retelling *others) {
    for (size_t i = 0; i < ones->apart_count; i++) {
        if (!is_among(others, &ones->apart[i])) {
            return false;
        }
    }
    return true;
}

/* Whether rules keep others apart now, or the same for another reason; of persons who come apart
 * one may have been asked about in place of others, whose records were met too. */
static bool keeps_others_apart(const struct retell *retell) {
    return retell->undone_count > 0 || retell->made_count > 0 ||
           !are_among(&retell->anew, &retell->again) || !are_among(&retell->again, &retell->anew);
}

static bool is_of_same_two(const struct retelling *anew, const struct retold_apart *one,
                           const struct retold_apart *other) {
    const struct id ones = anew->profiles[anew->of_record[one->record]].person;
    const struct id others = anew->profiles[anew->of_record[other->record]].person;
    return id_equal(ones, others) &&
           id_equal(anew->profiles[one->profile].person, anew->profiles[other->profile].person);
}

/* Whether a record after this one kept the two apart. */
static bool is_last(const struct retelling *anew, size_t apart) {
    for (size_t i = apart + 1; i < anew->apart_count; i++) {
        if (is_of_same_two(anew, &anew->apart[apart], &anew->apart[i])) {
            return false;
        }
    }
    return true;
}

/* As the records since the merge would have queued them, or all whom the rules keep apart: what
 * kept two apart last is what their review tells. Where the rules keep nobody else apart it may
 * tell what other rules did in between. */
static struct status review_all(const struct remaking *remaking) {
    const struct retell *retell = remaking->retell;
    const bool keeps_others = keeps_others_apart(retell);
    for (size_t i = 0; i < retell->anew.apart_count; i++) {
        const struct retold_apart *apart = &retell->anew.apart[i];
        const struct history_record *told = retell_told(&retell->region, apart->record);
        if (retell->region.is_by_rules ? keeps_others || is_last(&retell->anew, i)
                                       : told->decision.decide_us >= retell->merge_us) {
            TRY(review(remaking, apart, !retell->region.is_by_rules || keeps_others));
        }
    }
    return OK;
}

/* ---- all of it ---- */

/* What answers for the person as it is told again; NULL where no record tells of it. */
static const struct profile *row_of(const struct remaking *remaking, const struct members *person) {
    for (size_t i = 0; i < remaking->piece_count; i++) {
        const struct piece *piece = &remaking->pieces[i];
        if (members_have(person, piece->id)) {
            return remaking->retell->anew.profiles[piece->retold].row;
        }
    }
    return NULL;
}

/* A copy that has nothing active that the row has not. */
static struct profile *only_found(const struct profile *profile, const struct profile *row,
                                  struct arena *arena) {
    struct profile *copy = profile_copy(profile, arena);
    for (size_t i = 0; row != NULL && i < copy->identity_count; i++) {
        struct profile_identity *identity = &copy->identities[i];
        if (identity->rule == IDENTITY_RULE_NONE && !has_active(row, identity)) {
            identity->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
        }
    }
    return copy;
}

/* Puts a person whose members, `before` and all, are the caller's: what is put is the view's. */
static struct status put(const struct remaking *remaking, const struct members *person,
                         bool is_first) {
    const struct profile *row = row_of(remaking, person);
    struct members copy = *person;
    copy.is_split_off = true; /* What it has may be another one's by now, alone or not. */
    copy.items = arena_array(remaking->arena, person->count, sizeof *copy.items);
    copy.before = arena_array(remaking->arena, person->before_count, sizeof *copy.before);
    for (size_t i = 0; i < person->count; i++) {
        copy.items[i] = is_first ? only_found(person->items[i], row, remaking->arena)
                                 : profile_copy(person->items[i], remaking->arena);
    }
    for (size_t i = 0; i < person->before_count; i++) {
        copy.before[i] = only_found(person->before[i], row, remaking->arena);
    }
    const struct profile *profile = NULL;
    return members_put(remaking->context, &copy, &profile);
}

/* Whether anything is to be put of a person: a state, or what all of them have together. */
static struct status is_touched(const struct remaking *remaking, const struct members *person,
                                bool *out) {
    *out = false;
    for (size_t i = 0; i < person->count && !*out; i++) {
        *out = person->changed[i];
    }
    if (*out) {
        return OK;
    }
    TRY(members_are_freed(remaking->context, person, out));
    *out = *out || members_limits_changed(remaking->context, person);
    return OK;
}

static struct status drop_untouched(struct remaking *remaking) {
    size_t kept = 0;
    for (size_t i = 0; i < remaking->person_count; i++) {
        bool touched = false;
        TRY(is_touched(remaking, remaking->persons[i], &touched));
        if (touched) {
            remaking->persons[kept++] = remaking->persons[i];
        }
    }
    remaking->person_count = kept;
    return OK;
}

/* Twice: at first everybody lets go of what is another one's, be it active by itself. Then whoever
 * is found by it has it. */
static struct status put_all(const struct remaking *remaking) {
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < remaking->person_count; i++) {
            TRY(put(remaking, remaking->persons[i], turn == 0));
        }
    }
    for (size_t i = 0; i < remaking->person_count; i++) {
        TRY(merges_revise(remaking->context->view, remaking->persons[i]));
    }
    return OK;
}

struct status retell_apply(const struct members_context *context, struct retell *retell) {
    if (retell->region.member_count == 0) {
        return OK; /* Nothing was to be told. */
    }
    struct arena *arena = store_view_arena(context->view);
    struct remaking remaking = {
        .context = context,
        .retell = retell,
        .arena = arena,
        .persons = arena_array(arena, PERSONS_MAX, sizeof(struct members *)),
        .pieces = arena_array(arena, PERSONS_MAX, sizeof(struct piece)),
    };
    TRY(read_persons(&remaking));
    TRY(part_all(&remaking));
    if (!retell->is_settled) {
        TRY(tie_all(&remaking));
    }
    judge_all(&remaking);
    if (retell->region.is_by_rules) {
        TRY(drop_untouched(&remaking));
    }
    TRY(put_all(&remaking));
    return retell->is_settled ? OK : review_all(&remaking);
}
