/* What is explained is what would be done: held against resolving and merging, on random histories
 * with everything that keeps profiles apart. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/reviews.h"

TestSuite(match_properties, .init = ask_open, .fini = ask_close, .timeout = 240);

enum { VALUES = 4, RECORD_MAX = 5, HISTORIES = 8, STEPS = 50, SEARCHES = 8 };

#define VERDICT(NAME) PROFILED__V1__MATCH_VERDICT__MATCH_VERDICT_##NAME

static const char *const types[] = {"email", "phone", "whatsapp", "twitter", "anonymous_id"};
enum { TYPES = sizeof types / sizeof *types };

struct history {
    unsigned number;
    struct seeded seeded;
    const char *ids[STEPS];
    size_t id_count;
};

/* Of each verdict how many there were: the histories are worth nothing without. */
static size_t seen_of_two[8];
static size_t seen_of_record[8];
static size_t seen_of_attributes;

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static size_t some(struct history *history, size_t count) {
    return seeded_below(&history->seeded, count);
}

static const char *const dates[] = {"1980-01-01", "1990-02-02"};
static const char *const genders[] = {"female", "male"};
static const char *const given_names[] = {"Amal", "Hind"};

static const char *value_of(unsigned h, const char *type, size_t i) {
    if (strcmp(type, "phone") == 0 || strcmp(type, "whatsapp") == 0) {
        return arena_format(&ask_arena, "+9665%02u2468%02zu", h, 10 + i);
    }
    return strcmp(type, "email") == 0 ? arena_format(&ask_arena, "p%zu@h%u.example.com", i, h)
                                      : arena_format(&ask_arena, "person-%u-%zu", h, i);
}

static struct told random_record(struct history *history) {
    struct told told = {.name = "Amal"};
    const size_t count = 1 + some(history, RECORD_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *type = types[some(history, TYPES)];
        told.identities[i] =
            (struct told_identity)ID(type, value_of(history->number, type, some(history, VALUES)));
        told.identities[i].provenance = (int)some(history, 4);
    }
    if (some(history, 4) == 0) {
        told.identities[count] = (struct told_identity)ID(
            "external_id",
            arena_format(&ask_arena, "crm-%u-%zu", history->number, some(history, VALUES)));
    }
    size_t told_count = 0;
    if (some(history, 4) == 0) {
        told.attributes[told_count++] =
            (struct told_attribute)ATTRIBUTE("birth_date", dates[some(history, 2)]);
    }
    if (some(history, 4) == 0) {
        told.attributes[told_count++] =
            (struct told_attribute)ATTRIBUTE("gender", genders[some(history, 2)]);
    }
    if (some(history, 4) == 0) {
        told.attributes[told_count++] =
            (struct told_attribute)ATTRIBUTE("given_name", given_names[some(history, 2)]);
    }
    return told;
}

/* Limits that are met all the time, and types that veto on much, on little and on nothing, and one
 * that joins nobody. */
static void set_strict_rules(void) {
    static const size_t veto_counts[] = {3, 0, 2, 1, 2};
    char *names[] = {text("birth_date"), text("given_name"), text("gender")};
    for (size_t i = 0; i < TYPES; i++) {
        Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
        rules.type = text(types[i]);
        rules.limit = 2;
        rules.n_veto_attributes = veto_counts[i];
        rules.veto_attributes = names;
        rules.merge = strcmp(types[i], "anonymous_id") != 0;
        set_rules("limit,veto_attributes,merge", &rules);
    }
}

/* ---- the calls ---- */

static const Profiled__V1__ExplainMatchResponse *explain_record(const char *id,
                                                                const struct told *told) {
    Profiled__V1__ExplainMatchRequest request = PROFILED__V1__EXPLAIN_MATCH_REQUEST__INIT;
    request.profile_id = text(id);
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_RECORD;
    request.record = record_told(told);
    return ask(&rpc_identity_service, "ExplainMatch", &request.base);
}

static const Profiled__V1__ExplainMatchResponse *explain_two(const char *one, const char *other) {
    Profiled__V1__ExplainMatchRequest request = PROFILED__V1__EXPLAIN_MATCH_REQUEST__INIT;
    request.profile_id = text(one);
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_OTHER_PROFILE_ID;
    request.other_profile_id = text(other);
    return ask(&rpc_identity_service, "ExplainMatch", &request.base);
}

static const Profiled__V1__Decision *what_if(const struct told *told) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(told);
    request.validate_only = true;
    const Profiled__V1__ResolveProfileResponse *response =
        ask(&rpc_identity_service, "ResolveProfile", &request.base);
    return response->decision;
}

/* Whether MergeProfiles takes the two; nothing is merged. */
static bool may_merge(const char *one, const char *other) {
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(other);
    request.validate_only = true;
    const struct answer *answer =
        call(ask_fixture, &rpc_identity_service, "MergeProfiles", &request.base, NULL);
    cr_assert(answer->code == STATUS_OK || answer->code == STATUS_FAILED_PRECONDITION);
    return answer->code == STATUS_OK;
}

/* ---- what must hold ---- */

static void expect_same_decision(const Profiled__V1__Decision *one,
                                 const Profiled__V1__Decision *other) {
    cr_assert_eq(one->outcome, other->outcome);
    cr_assert(one->outcome == OUTCOME(CREATED) || strcmp(one->profile_id, other->profile_id) == 0);
    cr_assert(one->outcome == OUTCOME(CREATED) || strcmp(one->member_id, other->member_id) == 0);
    cr_assert_eq(one->rule_version, other->rule_version);
    cr_assert_eq(one->n_merged_ids, other->n_merged_ids);
    for (size_t i = 0; i < one->n_merged_ids; i++) {
        cr_assert_str_eq(one->merged_ids[i], other->merged_ids[i]);
    }
    cr_assert_eq(one->n_identities, other->n_identities);
    for (size_t i = 0; i < one->n_identities; i++) {
        cr_assert_eq(one->identities[i]->rule, other->identities[i]->rule);
        cr_assert_str_eq(one->identities[i]->matched_profile_id,
                         other->identities[i]->matched_profile_id);
    }
    cr_assert_eq(one->n_demoted, other->n_demoted);
    cr_assert_eq(one->n_candidates, other->n_candidates);
    for (size_t i = 0; i < one->n_candidates; i++) {
        cr_assert_str_eq(one->candidates[i]->profile_id, other->candidates[i]->profile_id);
        cr_assert_eq(one->candidates[i]->rule, other->candidates[i]->rule);
        cr_assert_eq(one->candidates[i]->accepted, other->candidates[i]->accepted);
    }
}

static bool has_obstacle(const Profiled__V1__ExplainMatchResponse *response, const char *profile_id,
                         int rule) {
    for (size_t i = 0; i < response->n_obstacles; i++) {
        const Profiled__V1__MatchObstacle *obstacle = response->obstacles[i];
        if (obstacle->stops_records && (int)obstacle->rule == rule &&
            strcmp(obstacle->profile_id, profile_id) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- attributes in the way of records ---- */

static bool differ_in(const char *one, const char *other, const char *attribute) {
    const char *value = attribute_in(get(one), attribute);
    const char *another = attribute_in(get(other), attribute);
    return value != NULL && another != NULL && *value != '\0' && *another != '\0' &&
           strcmp(value, another) != 0;
}

/* Whether the profile differs in it from one of those that the record is joined with. */
static bool differs_from_joined(const Profiled__V1__Decision *decision, const char *id,
                                const char *attribute) {
    if (decision->outcome == OUTCOME(CREATED)) {
        return false;
    }
    bool differs = false;
    for (size_t i = 0; i < decision->n_candidates; i++) {
        const Profiled__V1__CandidateDecision *candidate = decision->candidates[i];
        differs =
            differs || (candidate->accepted && differ_in(candidate->profile_id, id, attribute));
    }
    return differs;
}

/* The record with nothing but what reached the candidate, and the one attribute: whether it is by
 * this attribute that resolution refuses it. */
static bool is_vetoed_by(const struct told *told, const Profiled__V1__CandidateDecision *candidate,
                         const char *attribute, int rule) {
    struct told part = {.name = "Amal"};
    for (size_t i = 0; i < candidate->n_identity_positions; i++) {
        part.identities[i] = told->identities[candidate->identity_positions[i]];
    }
    for (size_t i = 0; told->attributes[i].name != NULL; i++) {
        if (strcmp(told->attributes[i].name, attribute) == 0) {
            part.attributes[0] = told->attributes[i];
        }
    }
    const Profiled__V1__Decision *decision = what_if(&part);
    for (size_t i = 0; i < decision->n_candidates; i++) {
        if (strcmp(decision->candidates[i]->profile_id, candidate->profile_id) == 0) {
            return (int)decision->candidates[i]->rule == rule;
        }
    }
    return false;
}

/* What is told to stop records of the candidate does: the record's own fact, or one of those that
 * it is joined with. */
static void expect_vetoes(const struct told *told, const Profiled__V1__Decision *decision,
                          const Profiled__V1__CandidateDecision *candidate,
                          const Profiled__V1__ExplainMatchResponse *response) {
    static const char prefix[] = "attributes.";
    for (size_t i = 0; i < response->n_obstacles; i++) {
        const Profiled__V1__MatchObstacle *obstacle = response->obstacles[i];
        if (!obstacle->stops_records || strncmp(obstacle->field, prefix, sizeof prefix - 1) != 0) {
            continue;
        }
        const char *attribute = obstacle->field + sizeof prefix - 1;
        cr_assert(differs_from_joined(decision, candidate->profile_id, attribute) ||
                      is_vetoed_by(told, candidate, attribute, (int)obstacle->rule),
                  "%s", obstacle->field);
        seen_of_attributes++;
    }
}

/* The record is asked about with each candidate: it is joined, or the rule that the decision names
 * is among those told. */
static void expect_candidates(const struct told *told, const Profiled__V1__Decision *decision,
                              const Profiled__V1__ExplainMatchResponse *whole, bool by_hand[]) {
    for (size_t i = 0; i < decision->n_candidates; i++) {
        const Profiled__V1__CandidateDecision *candidate = decision->candidates[i];
        const Profiled__V1__ExplainMatchResponse *response =
            explain_record(candidate->profile_id, told);
        cr_assert_eq(response->verdict == VERDICT(WOULD_JOIN), candidate->accepted);
        cr_assert_gt(response->n_evidence, 0);
        by_hand[i] = response->verdict == VERDICT(MAY_JOIN_BY_HAND);
        seen_of_record[response->verdict]++;
        if (candidate->accepted) {
            cr_assert_eq(response->n_obstacles, 0);
            continue;
        }
        cr_assert(has_obstacle(response, candidate->profile_id, (int)candidate->rule), "rule %d",
                  (int)candidate->rule);
        cr_assert(has_obstacle(whole, candidate->profile_id, (int)candidate->rule));
        expect_vetoes(told, decision, candidate, response);
    }
}

static void step_resolve(struct history *history) {
    const struct told told = random_record(history);
    const Profiled__V1__ExplainMatchResponse *whole = explain_record("", &told);
    const Profiled__V1__Decision *decision = what_if(&told);
    expect_same_decision(whole->decision, decision);
    bool by_hand[TOLD_IDENTITIES_MAX] = {false};
    expect_candidates(&told, decision, whole, by_hand);

    const Profiled__V1__Decision *done = resolve(&told);

    expect_same_decision(whole->decision, done);
    for (size_t i = 0; i < done->n_candidates; i++) {
        if (!done->candidates[i]->accepted) {
            cr_assert_eq(may_merge(done->profile_id, done->candidates[i]->profile_id), by_hand[i]);
        }
    }
    history->ids[history->id_count++] = done->profile_id;
}

/* ---- records that would join two ---- */

static bool is_joined(const Profiled__V1__Decision *decision, const char *id) {
    bool joined = strcmp(decision->profile_id, id) == 0;
    for (size_t i = 0; i < decision->n_merged_ids; i++) {
        joined = joined || strcmp(decision->merged_ids[i], id) == 0;
    }
    return joined;
}

static struct told_identity told_as(const Profiled__V1__Identity *identity) {
    struct told_identity told = ID(identity->type, identity->canonical_value);
    told.provenance = (int)identity->provenance;
    return told;
}

/* Whether a record of the identity in common and one of each joins them, and whoever has the
 * first. */
static bool joins(struct told_identity common, const Profiled__V1__Identity *of_one,
                  const Profiled__V1__Identity *of_other, const char *one, const char *other) {
    const struct told told = {.identities = {common, told_as(of_one), told_as(of_other)}};
    const Profiled__V1__Decision *decision = what_if(&told);
    const Profiled__V1__IdentityDecision *first = decision->identities[0];
    return is_joined(decision, one) && is_joined(decision, other) &&
           first->matched_profile_id[0] != '\0' && is_joined(decision, first->matched_profile_id);
}

static bool any_joins(struct told_identity common, const Profiled__V1__Profile *one,
                      const Profiled__V1__Profile *other) {
    for (size_t i = 0; i < one->n_identities; i++) {
        for (size_t k = 0; k < other->n_identities; k++) {
            if (one->identities[i]->state == STATE(ACTIVE) &&
                other->identities[k]->state == STATE(ACTIVE) &&
                joins(common, one->identities[i], other->identities[k], one->id, other->id)) {
                return true;
            }
        }
    }
    return false;
}

/* Looks for such a record among all that there are. */
static bool would_join(const Profiled__V1__ExplainMatchResponse *response) {
    const Profiled__V1__Profile *one = get(response->profile_id);
    const Profiled__V1__Profile *other = get(response->other_profile_id);
    for (size_t i = 0; i < response->n_evidence; i++) {
        const Profiled__V1__MatchEvidence *evidence = response->evidence[i];
        struct told_identity common = ID(evidence->type, evidence->canonical_value);
        common.provenance =
            (int)(evidence->provenance < evidence->other_provenance ? evidence->provenance
                                                                    : evidence->other_provenance);
        struct told_identity as_other = common;
        as_other.type = evidence->other_type;
        const bool may = evidence->may_merge || evidence->rule == RULE(OWNED_ELSEWHERE);
        if (may && (any_joins(common, one, other) || any_joins(as_other, one, other))) {
            return true;
        }
    }
    return false;
}

static void expect_two(const char *one, const char *other, bool search) {
    if (strcmp(one, other) == 0) {
        return;
    }
    const Profiled__V1__ExplainMatchResponse *response = explain_two(one, other);
    const bool may = may_merge(one, other);
    seen_of_two[response->verdict]++;
    switch ((int)response->verdict) {
    case VERDICT(SAME):
        cr_assert_not(may);
        cr_assert_str_eq(get(one)->id, get(other)->id);
        cr_assert_gt(response->n_path, 0);
        break;
    case VERDICT(MAY_JOIN_BY_HAND):
        cr_assert(may);
        break;
    case VERDICT(KEPT_APART):
        cr_assert_not(may);
        cr_assert_gt(response->n_obstacles, 0);
        break;
    default:
        cr_assert_eq(response->verdict, VERDICT(WOULD_JOIN));
        cr_assert_gt(response->n_evidence, 0);
    }
    if (search && response->verdict != VERDICT(SAME)) {
        cr_assert_eq(response->verdict == VERDICT(WOULD_JOIN), would_join(response));
    }
    cr_assert_eq(explain_two(other, one)->verdict, response->verdict, "both ways");
}

/* Undoes the latest merge of a profile, so that pairs are kept apart. */
static void step_unmerge(const char *id) {
    Profiled__V1__ListMergesRequest list = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    list.profile_id = text(id);
    const Profiled__V1__ListMergesResponse *merges =
        ask(&rpc_identity_service, "ListMerges", &list.base);
    if (merges->n_merges > 0 && merges->merges[0]->undo_time == NULL) {
        Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
        undo.merge_id = merges->merges[0]->id;
        undo.keep_decisions = true; /* Who would join stays apart. */
        ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    }
}

/* Says otherwise of an attribute, or that nothing is known. */
static void step_update(struct history *history, const char *id) {
    static const char *const paths[] = {"attributes.birth_date", "attributes.given_name"};
    const size_t which = some(history, 2);
    char *path[] = {text(paths[which])};
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = path;
    struct told told = {.name = "Amal"};
    const char *value = (which == 0 ? dates : given_names)[some(history, 2)];
    if (some(history, 3) > 0) {
        told.attributes[0] =
            (struct told_attribute)ATTRIBUTE(paths[which] + strlen("attributes."), value);
    }
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(&told);
    request.profile->id = text(id);
    request.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

/* Joins two by a review, whatever they differ in, so that people have two of some facts. */
static void step_decide(const char *id) {
    const Profiled__V1__ListReviewsResponse *open = reviews(FILTER(OPEN), id);
    if (open->n_reviews > 0) {
        const Profiled__V1__DecideReviewRequest request =
            decide_request(open->reviews[0]->id, DECISION(JOIN));
        (void)call(ask_fixture, &rpc_identity_service, "DecideReview", &request.base, NULL);
    }
}

Test(match_properties, what_is_explained_is_what_is_done) {
    set_strict_rules();
    for (unsigned h = 0; h < HISTORIES; h++) {
        struct history history = {.number = h, .seeded = {h + 1}};
        for (int i = 0; i < STEPS; i++) {
            ask_wait_us(US_PER_SECOND);
            step_resolve(&history);
            const char *one = history.ids[some(&history, history.id_count)];
            expect_two(one, history.ids[some(&history, history.id_count)],
                       some(&history, SEARCHES) == 0);
            if (some(&history, 4) == 0) {
                step_unmerge(one);
            }
            if (some(&history, 3) == 0) {
                step_update(&history, history.ids[some(&history, history.id_count)]);
            }
            if (some(&history, 3) == 0) {
                step_decide(history.ids[some(&history, history.id_count)]);
            }
        }
    }
    for (int verdict = VERDICT(SAME); verdict <= VERDICT(KEPT_APART); verdict++) {
        cr_expect_gt(seen_of_two[verdict], 2, "%d", verdict);
        cr_expect(verdict == VERDICT(SAME) || seen_of_record[verdict] > 5, "%d", verdict);
    }
    cr_expect_gt(seen_of_attributes, 20);
}
