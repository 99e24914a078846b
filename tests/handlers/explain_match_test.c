/* ExplainMatch. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(explain_match, .init = ask_open, .fini = ask_close);

#define VERDICT(NAME) PROFILED__V1__MATCH_VERDICT__MATCH_VERDICT_##NAME
#define MISSING_ID "0190b8a2-0000-7000-8000-00000000000a"

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const Profiled__V1__ExplainMatchResponse *
asked(const Profiled__V1__ExplainMatchRequest *request) {
    const uint64_t before = call_data_hash(ask_fixture);
    const void *response = ask(&rpc_identity_service, "ExplainMatch", &request->base);
    cr_assert_eq(call_data_hash(ask_fixture), before, "it changed something");
    return response;
}

static const Profiled__V1__ExplainMatchResponse *of_two(const char *one, const char *other) {
    Profiled__V1__ExplainMatchRequest request = PROFILED__V1__EXPLAIN_MATCH_REQUEST__INIT;
    request.profile_id = text(one);
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_OTHER_PROFILE_ID;
    request.other_profile_id = text(other);
    return asked(&request);
}

/* `id` "": of the record alone. */
static const Profiled__V1__ExplainMatchResponse *of_record(const char *id,
                                                           const struct told *told) {
    Profiled__V1__ExplainMatchRequest request = PROFILED__V1__EXPLAIN_MATCH_REQUEST__INIT;
    request.profile_id = text(id);
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_RECORD;
    request.record = record_told(told);
    return asked(&request);
}

static const char *later(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return resolve(told)->profile_id;
}

static enum status_code merge(const char *one, const char *other, const char **merge_id) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(other);
    ProtobufCMessage *response = NULL;
    const struct answer *answer =
        call(ask_fixture, &rpc_identity_service, "MergeProfiles", &request.base, &response);
    if (merge_id != NULL && response != NULL) {
        *merge_id = ((const Profiled__V1__MergeProfilesResponse *)response)->merge_id;
    }
    return answer->code;
}

static void expect_obstacle(const Profiled__V1__MatchObstacle *obstacle, int rule,
                            const char *field, bool stops_records, bool stops_merge) {
    cr_expect_eq((int)obstacle->rule, rule, "%s", field);
    cr_expect_str_eq(obstacle->field, field);
    cr_expect_eq(obstacle->stops_records, stops_records, "%s", field);
    cr_expect_eq(obstacle->stops_merge, stops_merge, "%s", field);
    cr_expect_str_not_empty(obstacle->what_would_change);
}

/* ---- two profiles ---- */

Test(explain_match, one_profile_tells_the_path_of_merges) {
    const char *ids[4];
    const char *merges[3];
    for (int i = 0; i < 4; i++) {
        ids[i] = later(
            TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%d@example.com", i))}));
    }
    cr_assert_eq(merge(ids[1], ids[2], &merges[1]), STATUS_OK);
    cr_assert_eq(merge(ids[2], ids[3], &merges[2]), STATUS_OK);
    cr_assert_eq(merge(ids[0], ids[1], &merges[0]), STATUS_OK);

    const Profiled__V1__ExplainMatchResponse *response = of_two(ids[3], ids[0]);

    cr_expect_eq(response->verdict, VERDICT(SAME));
    cr_expect_str_eq(response->profile_id, ids[0]);
    cr_expect_str_eq(response->other_profile_id, ids[0]);
    cr_assert_eq(response->n_path, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(response->path[i]->id, merges[2 - i]);
    }
    cr_assert_eq(of_two(ids[2], ids[1])->n_path, 1);
    cr_expect_str_eq(of_two(ids[2], ids[1])->path[0]->id, merges[1]);
    cr_expect_eq(response->n_obstacles, 0);
}

Test(explain_match, nothing_in_common_may_be_joined_by_hand) {
    const char *one = later(TOLD(.identities = {ID("email", "a@example.com")}));
    const char *two = later(TOLD(.identities = {ID("email", "b@example.com")}));

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_expect_eq(response->n_evidence, 0);
    cr_expect_eq(response->n_obstacles, 0);
    cr_expect_eq(response->rule_version, 1);
    cr_expect_eq(merge(one, two, NULL), STATUS_OK);
}

/* Two profiles told one phone number while their birth dates kept them apart; then one was
 * corrected. */
static void make_apart(const char **one, const char **two) {
    *one = later(TOLD(.identities = {ID("phone", "+966500000017"), ID("email", "a@example.com")},
                      .attributes = {ATTRIBUTE("birth_date", "1990-01-31")}));
    *two = later(TOLD(.identities = {ID("whatsapp", "+966500000017"), ID("email", "b@example.com")},
                      .attributes = {ATTRIBUTE("birth_date", "1991-01-31")}));
}

static void update(const char *id, const char *path, const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    char *paths[] = {text(path)};
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = paths;
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(told);
    request.profile->id = text(id);
    request.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

static void correct_birth_date(const char *id, const char *date) {
    update(id, "attributes.birth_date", TOLD(.attributes = {ATTRIBUTE("birth_date", date)}));
}

static void clear_given_name(const char *id) {
    update(id, "attributes.given_name", TOLD(.name = ""));
}

static void link_national_id(const char *id, const char *value) {
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = text(id);
    request.identity = identity_told("national_id", value);
    ask(&rpc_identity_service, "LinkIdentity", &request.base);
}

Test(explain_match, an_identity_in_common_asks_for_a_join) {
    const char *one;
    const char *two;
    make_apart(&one, &two);
    correct_birth_date(two, "1990-01-31");

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(WOULD_JOIN));
    cr_assert_eq(response->n_evidence, 1);
    const Profiled__V1__MatchEvidence *evidence = response->evidence[0];
    cr_expect_str_eq(evidence->type, "phone");
    cr_expect_str_eq(evidence->other_type, "whatsapp");
    cr_expect_str_eq(evidence->canonical_value, "+966500000017");
    cr_expect_str_eq(evidence->profile_id, two);
    cr_expect_eq(evidence->priority, 4);
    cr_expect(evidence->may_match);
    cr_expect(evidence->may_merge);
    cr_expect_eq(evidence->rule, RULE(UNSPECIFIED));
    cr_expect_eq(evidence->contact_rule, RULE(OWNED_ELSEWHERE));
    cr_expect_eq(response->n_obstacles, 0);
    cr_expect_str_eq(
        later(TOLD(.identities = {ID("phone", "+966500000017"), ID("email", "b@example.com")})),
        one, "and so they are");
    cr_expect_eq(of_two(one, two)->verdict, VERDICT(SAME));
}

Test(explain_match, all_that_keeps_two_apart_is_told_with_what_would_change_it) {
    const char *one = later(
        TOLD(.identities = {ID("national_id", "1000000001"), ID("phone", "+966500000017"),
                            ID("phone", "+966500000021"), ID("phone", "+966500000022"),
                            ID("phone", "+966500000023")},
             .attributes = {ATTRIBUTE("birth_date", "1990-01-31"), ATTRIBUTE("gender", "female")}));
    const char *two = later(
        TOLD(.identities = {ID("national_id", "1000000002"), ID("phone", "+966500000017"),
                            ID("phone", "+966500000031"), ID("phone", "+966500000032")},
             .attributes = {ATTRIBUTE("birth_date", "1991-01-31"), ATTRIBUTE("gender", "male")}));

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(KEPT_APART));
    cr_assert_eq(response->n_obstacles, 3);
    expect_obstacle(response->obstacles[0], RULE(VETO_SINGLE_VALUE), "identities.national_id", true,
                    true);
    expect_obstacle(response->obstacles[1], RULE(MERGE_LIMIT), "identities.phone", true, true);
    expect_obstacle(response->obstacles[2], RULE(VETO_BIRTH_DATE), "attributes.birth_date", true,
                    true);
    cr_expect_str_eq(response->obstacles[1]->type, "phone");
    cr_expect_eq(response->obstacles[1]->count, 6);
    cr_expect_eq(response->obstacles[1]->limit, 5);
    cr_expect_str_eq(response->obstacles[1]->what_would_change,
                     "unlink 1 of the phone identities, or raise the limit of the type to 6");
    cr_expect_str_eq(response->obstacles[0]->profile_id, two);
    cr_expect_eq(merge(one, two, NULL), STATUS_FAILED_PRECONDITION);
}

Test(explain_match, what_stops_records_alone_is_left_to_hands) {
    Profiled__V1__IdentityType veto = PROFILED__V1__IDENTITY_TYPE__INIT;
    char *names[] = {text("birth_date"), text("gender")};
    veto.type = text("phone");
    veto.n_veto_attributes = 2;
    veto.veto_attributes = names;
    set_rules("veto_attributes", &veto);
    const char *one = later(TOLD(.identities = {ID("phone", "+966500000017")},
                                 .attributes = {ATTRIBUTE("gender", "female")}));
    const char *two = later(TOLD(.identities = {ID("phone", "+966500000017")},
                                 .attributes = {ATTRIBUTE("gender", "male")}));

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_assert_eq(response->n_obstacles, 1);
    expect_obstacle(response->obstacles[0], RULE(VETO_GENDER), "attributes.gender", true, false);
    cr_expect_eq(response->rule_version, 2);
    cr_expect_eq(merge(one, two, NULL), STATUS_OK);
}

Test(explain_match, evidence_that_is_too_weak_is_told) {
    const char *one;
    const char *two;
    make_apart(&one, &two);
    correct_birth_date(two, "1990-01-31");
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = text("phone");
    type.merge_provenance = PROVENANCE(VERIFIED);
    set_rules("merge_provenance", &type);

    const Profiled__V1__ExplainMatchResponse *weak = of_two(one, two);
    set_rules("merge", &type);
    const Profiled__V1__ExplainMatchResponse *none = of_two(one, two);

    cr_expect_eq(weak->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_assert_eq(weak->n_obstacles, 1);
    expect_obstacle(weak->obstacles[0], RULE(MERGE_PROVENANCE), "identities.phone", true, false);
    cr_expect_eq(weak->evidence[0]->rule, RULE(MERGE_PROVENANCE));
    cr_expect(weak->evidence[0]->may_match);
    cr_expect_not(weak->evidence[0]->may_merge);
    cr_assert_eq(none->n_obstacles, 1);
    expect_obstacle(none->obstacles[0], RULE(MERGE_TYPE), "identities.phone", true, false);
}

Test(explain_match, what_identifies_nobody_is_no_evidence_for_a_join) {
    const char *one =
        later(TOLD(.identities = {ID("email", "info@example.com"), ID("phone", "+966500000017")}));
    const char *two =
        later(TOLD(.identities = {ID("email", "info@example.com"), ID("phone", "+966500000021")}));

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_assert_eq(response->n_evidence, 1);
    cr_expect_not(response->evidence[0]->may_match);
    cr_expect_not(response->evidence[0]->may_merge);
    cr_expect_eq(response->evidence[0]->rule, RULE(BLOCKED_ROLE_MAILBOX));
    cr_expect_eq(response->evidence[0]->contact_rule, RULE(BLOCKED_ROLE_MAILBOX));
}

Test(explain_match, pairs_that_are_never_to_be_one_are_named) {
    const char *merges[2];
    const char *ids[4];
    for (int i = 0; i < 4; i++) {
        ids[i] = later(
            TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%d@example.com", i))}));
    }
    /* 0-2 is undone; then 2 is part of 3, 0 of 1; and 1 was told not to be a third one's. */
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    cr_assert_eq(merge(ids[0], ids[2], &merges[0]), STATUS_OK);
    undo.merge_id = text(merges[0]);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    const char *third = later(TOLD(.identities = {ID("email", "third@example.com")}));
    cr_assert_eq(merge(ids[1], third, &merges[1]), STATUS_OK);
    undo.merge_id = text(merges[1]);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    cr_assert_eq(merge(ids[2], ids[3], NULL), STATUS_OK);
    cr_assert_eq(merge(ids[0], ids[1], NULL), STATUS_OK);

    const Profiled__V1__ExplainMatchResponse *response = of_two(ids[1], ids[3]);

    cr_expect_eq(response->verdict, VERDICT(KEPT_APART));
    cr_assert_eq(response->n_obstacles, 1);
    expect_obstacle(response->obstacles[0], RULE(NEVER_JOIN), "never_join", true, true);
    const Profiled__V1__NeverJoin *pair = response->obstacles[0]->never_join;
    cr_assert_not_null(pair);
    cr_expect_str_eq(pair->profile_id, ids[0]);
    cr_expect_str_eq(pair->other_profile_id, ids[2]);
    cr_expect_str_eq(pair->merge_id, merges[0]);
}

/* A record, sent to see what would come of it. */
static const Profiled__V1__Decision *what_if(const struct told *told) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(told);
    request.validate_only = true;
    const Profiled__V1__ResolveProfileResponse *response =
        ask(&rpc_identity_service, "ResolveProfile", &request.base);
    return response->decision;
}

Test(explain_match, a_mailbox_of_a_third_asks_nobody_to_be_one) {
    const char *mother = relative("+966500000011", "family@example.com", "1960-01-31");
    const char *one = relative("+966500000012", "family@example.com", "1990-01-31");
    ask_wait_us(US_PER_SECOND);
    const char *two = resolve(TOLD(.name = "Her twin",
                                   .identities = {ID("phone", "+966500000013"),
                                                  ID("email", "family@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1990-01-31")}))
                          ->profile_id;
    const struct told *told =
        TOLD(.identities = {ID("email", "family@example.com"), ID("phone", "+966500000012"),
                            ID("phone", "+966500000013")});

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_assert_eq(response->n_evidence, 1);
    cr_expect_eq(response->evidence[0]->contact_rule, RULE(OWNED_ELSEWHERE));
    cr_expect_not(response->evidence[0]->may_merge);
    cr_expect_eq(response->evidence[0]->rule, RULE(OWNED_ELSEWHERE));
    cr_assert_eq(response->n_obstacles, 1);
    expect_obstacle(response->obstacles[0], RULE(OWNED_ELSEWHERE), "identities.email", true, false);
    cr_expect_eq(what_if(told)->n_merged_ids, 0);
    cr_expect_str_eq(what_if(told)->profile_id, mother);

    correct_birth_date(mother, "1990-01-31");

    cr_expect_eq(of_two(one, two)->verdict, VERDICT(WOULD_JOIN), "all three are one");
    cr_expect_eq(of_two(one, two)->n_obstacles, 0);
    cr_expect_eq(what_if(told)->n_merged_ids, 2);
}

Test(explain_match, a_type_that_does_not_veto_joins_what_others_keep_apart) {
    set_vetoes("phone", "");
    const char *one = relative("+966500000011", "family@example.com", "1960-01-31");
    const char *two = relative("+966500000012", "family@example.com", "1990-01-31");

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(WOULD_JOIN));
    cr_assert_eq(response->n_obstacles, 1);
    expect_obstacle(response->obstacles[0], RULE(VETO_BIRTH_DATE), "attributes.birth_date", false,
                    true);
    const Profiled__V1__Decision *decision = what_if(
        TOLD(.identities = {ID("email", "family@example.com"), ID("phone", "+966500000012")}));
    cr_expect_eq(decision->outcome, OUTCOME(MERGED));
}

Test(explain_match, one_whom_no_record_reaches_is_left_to_hands) {
    const char *one;
    const char *two;
    make_apart(&one, &two);
    correct_birth_date(two, "1990-01-31");
    Profiled__V1__UnlinkIdentityRequest request = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    request.profile_id = text(two);
    request.identity = identity_told("email", "b@example.com");
    ask(&rpc_identity_service, "UnlinkIdentity", &request.base);

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_expect_eq(response->n_obstacles, 0);
}

Test(explain_match, one_whom_weak_identities_reach_is_told_with_them) {
    const char *one;
    const char *two;
    make_apart(&one, &two);
    correct_birth_date(two, "1990-01-31");
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = text("email");
    set_rules("merge", &type);

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, two);

    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_assert_eq(response->n_obstacles, 1);
    expect_obstacle(response->obstacles[0], RULE(MERGE_TYPE), "identities.email", true, false);
    cr_expect_eq(
        what_if(TOLD(.identities = {ID("phone", "+966500000017"), ID("email", "b@example.com")}))
            ->outcome,
        OUTCOME(LINKED));
}

/* ---- a record ---- */

Test(explain_match, a_record_that_nobody_matches_is_a_new_profile) {
    later(TOLD(.identities = {ID("email", "a@example.com")}));

    const Profiled__V1__ExplainMatchResponse *response =
        of_record("", TOLD(.identities = {ID("email", "b@example.com")}));

    cr_expect_eq(response->verdict, VERDICT(NEW_PROFILE));
    cr_assert_not_null(response->decision);
    cr_expect_eq(response->decision->outcome, OUTCOME(CREATED));
    cr_expect_str_eq(response->other_profile_id, response->decision->profile_id);
    cr_expect_not(answers(response->other_profile_id));
    cr_expect_eq(profile_count(), 1);
}

Test(explain_match, a_record_that_is_linked_tells_by_what) {
    const char *id = later(TOLD(.identities = {ID("phone", "+966500000017")}));
    const struct told *told =
        TOLD(.identities = {ID("whatsapp", "+966500000017"), ID("email", "b@example.com")});

    const Profiled__V1__ExplainMatchResponse *alone = of_record("", told);
    const Profiled__V1__ExplainMatchResponse *with = of_record(id, told);

    cr_expect_eq(alone->verdict, VERDICT(WOULD_JOIN));
    cr_expect_eq(with->verdict, VERDICT(WOULD_JOIN));
    cr_expect_str_eq(with->profile_id, id);
    cr_expect_str_eq(with->other_profile_id, id);
    cr_assert_eq(alone->n_evidence, 1);
    cr_expect_str_eq(alone->evidence[0]->type, "whatsapp");
    cr_expect_str_eq(alone->evidence[0]->other_type, "whatsapp");
    cr_expect_str_eq(alone->evidence[0]->profile_id, id);
    cr_expect_eq(alone->n_obstacles, 0);
}

Test(explain_match, all_that_keeps_a_record_from_a_profile_is_told) {
    const char *id =
        later(TOLD(.identities = {ID("phone", "+966500000017"), ID("national_id", "1000000001"),
                                  ID("external_id", "crm-1")},
                   .attributes = {ATTRIBUTE("birth_date", "1990-01-31")}));
    const struct told *told =
        TOLD(.identities = {ID("phone", "+966500000017"), ID("national_id", "1000000002"),
                            ID("external_id", "crm-2")},
             .attributes = {ATTRIBUTE("birth_date", "1991-01-31")});

    const Profiled__V1__ExplainMatchResponse *with = of_record(id, told);
    const Profiled__V1__ExplainMatchResponse *alone = of_record("", told);

    cr_expect_eq(with->verdict, VERDICT(KEPT_APART));
    cr_expect_eq(alone->verdict, VERDICT(KEPT_APART));
    cr_assert_eq(with->n_obstacles, 3);
    expect_obstacle(with->obstacles[0], RULE(VETO_SINGLE_VALUE), "identities.national_id", true,
                    true);
    expect_obstacle(with->obstacles[1], RULE(VETO_SINGLE_VALUE), "identities.external_id", true,
                    true);
    expect_obstacle(with->obstacles[2], RULE(VETO_BIRTH_DATE), "attributes.birth_date", true, true);
    cr_expect_eq(alone->n_obstacles, 3);
    cr_expect_eq(with->decision->candidates[0]->rule, RULE(VETO_SINGLE_VALUE));
    cr_assert_eq(with->n_evidence, 1);
    cr_expect_str_eq(with->evidence[0]->type, "phone");
}

Test(explain_match, a_record_tells_why_a_second_profile_is_not_merged) {
    const char *one = later(TOLD(.identities = {ID("email", "a@example.com")},
                                 .attributes = {ATTRIBUTE("birth_date", "1990-01-31")}));
    const char *two =
        later(TOLD(.identities = {ID("phone", "+966500000017"), ID("phone", "+966500000021")},
                   .attributes = {ATTRIBUTE("birth_date", "1991-01-31")}));
    struct told told = {.identities = {ID("email", "a@example.com"), ID("phone", "+966500000017")}};
    told.identities[1].provenance = PROVENANCE(INFERRED);

    const Profiled__V1__ExplainMatchResponse *response = of_record(two, &told);

    cr_expect_eq(response->verdict, VERDICT(KEPT_APART));
    cr_expect_str_eq(response->other_profile_id, one);
    cr_assert_eq(response->n_obstacles, 2);
    expect_obstacle(response->obstacles[0], RULE(MERGE_PROVENANCE), "identities.phone", true,
                    false);
    expect_obstacle(response->obstacles[1], RULE(VETO_BIRTH_DATE), "attributes.birth_date", true,
                    true);
    cr_expect_eq(of_record(one, &told)->verdict, VERDICT(WOULD_JOIN));
}

Test(explain_match, a_limit_counts_what_was_merged_before) {
    const char *one =
        later(TOLD(.identities = {ID("email", "a@example.com"), ID("phone", "+966500000011"),
                                  ID("phone", "+966500000012")}));
    const char *two =
        later(TOLD(.identities = {ID("twitter", "b_example"), ID("phone", "+966500000013"),
                                  ID("phone", "+966500000014")}));
    const char *three =
        later(TOLD(.identities = {ID("instagram", "c_example"), ID("phone", "+966500000015"),
                                  ID("phone", "+966500000016")}));

    const Profiled__V1__ExplainMatchResponse *response = of_record(
        three, TOLD(.identities = {ID("email", "a@example.com"), ID("twitter", "b_example"),
                                   ID("instagram", "c_example")}));

    cr_expect_eq(response->verdict, VERDICT(KEPT_APART));
    cr_expect_str_eq(response->other_profile_id, one);
    cr_assert_eq(response->decision->n_merged_ids, 1);
    cr_expect_str_eq(response->decision->merged_ids[0], two);
    cr_assert_eq(response->n_obstacles, 1);
    expect_obstacle(response->obstacles[0], RULE(MERGE_LIMIT), "identities.phone", true, true);
    cr_expect_eq(response->obstacles[0]->count, 6);
}

Test(explain_match, a_record_without_anything_in_common_is_left_to_hands) {
    const char *id = later(TOLD(.identities = {ID("email", "a@example.com")}));

    const Profiled__V1__ExplainMatchResponse *response =
        of_record(id, TOLD(.identities = {ID("email", "b@example.com")}));

    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_expect_eq(response->n_evidence, 0);
    cr_expect_eq(response->n_obstacles, 0);
}

static bool stops_records(const Profiled__V1__ExplainMatchResponse *response, int rule) {
    for (size_t i = 0; i < response->n_obstacles; i++) {
        if ((int)response->obstacles[i]->rule == rule) {
            return response->obstacles[i]->stops_records;
        }
    }
    return false;
}

/* A person with two birth dates, and perhaps given names. */
static const char *person_of_two(const char *email, const char *given_name, const char *another) {
    struct told first = {.identities = {ID("email", email)},
                         .attributes = {ATTRIBUTE("birth_date", "1960-01-31")}};
    struct told second = {.identities = {ID("twitter", "b_example")}};
    if (given_name != NULL) {
        first.attributes[1] = (struct told_attribute)ATTRIBUTE("given_name", given_name);
        second.attributes[0] = (struct told_attribute)ATTRIBUTE("given_name", another);
    }
    const char *one = later(&first);
    const char *two = later(&second);
    cr_assert_eq(merge(one, two, NULL), STATUS_OK);
    correct_birth_date(two, "1990-01-31");
    return one;
}

Test(explain_match, either_birth_date_of_a_person_with_two_is_no_obstacle) {
    const char *one = person_of_two("a@example.com", NULL, NULL);
    link_national_id(one, "1000000001");
    const char *other = later(TOLD(.identities = {ID("national_id", "1000000002")}));
    const struct told *told =
        TOLD(.identities = {ID("national_id", "1000000002"), ID("email", "a@example.com")},
             .attributes = {ATTRIBUTE("birth_date", "1960-01-31")});

    const Profiled__V1__ExplainMatchResponse *response = of_record(one, told);

    cr_expect_str_eq(response->decision->profile_id, other);
    cr_expect_eq(response->verdict, VERDICT(KEPT_APART));
    cr_expect(stops_records(response, RULE(VETO_SINGLE_VALUE)));
    cr_expect_not(stops_records(response, RULE(VETO_BIRTH_DATE)));
}

Test(explain_match, a_person_with_two_is_refused_by_what_all_of_it_contradict) {
    set_vetoes("email", "birth_date,given_name");
    const char *id = person_of_two("a@example.com", "Amal", "Noura");
    const struct told *told = TOLD(.identities = {ID("email", "a@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1960-01-31"),
                                                  ATTRIBUTE("given_name", "Hind")});

    const Profiled__V1__ExplainMatchResponse *response = of_record(id, told);

    cr_expect_eq(response->decision->candidates[0]->rule, RULE(VETO_GIVEN_NAME));
    cr_expect(stops_records(response, RULE(VETO_GIVEN_NAME)));
    cr_expect_not(stops_records(response, RULE(VETO_BIRTH_DATE)));
}

Test(explain_match, another_who_tells_either_birth_date_may_be_merged) {
    const char *one = person_of_two("a@example.com", NULL, NULL);
    const char *other = later(TOLD(.identities = {ID("anonymous_id", "tablet-9")},
                                   .attributes = {ATTRIBUTE("birth_date", "1960-01-31")}));
    const char *third = later(TOLD(.identities = {ID("anonymous_id", "tablet-8")},
                                   .attributes = {ATTRIBUTE("birth_date", "2001-01-31")}));

    const Profiled__V1__ExplainMatchResponse *response = of_two(one, other);
    cr_expect_eq(response->verdict, VERDICT(MAY_JOIN_BY_HAND));
    cr_expect_eq(response->n_obstacles, 0);
    response = of_record(
        other, TOLD(.identities = {ID("email", "a@example.com"), ID("anonymous_id", "tablet-9")},
                    .attributes = {ATTRIBUTE("birth_date", "1960-01-31")}));
    cr_expect_eq(response->verdict, VERDICT(WOULD_JOIN));
    cr_expect_eq(response->decision->outcome, OUTCOME(MERGED));
    response = of_record(
        third, TOLD(.identities = {ID("email", "a@example.com"), ID("anonymous_id", "tablet-8")}));
    cr_expect_eq(response->verdict, VERDICT(KEPT_APART));
    cr_expect(stops_records(response, RULE(VETO_BIRTH_DATE)));
    cr_expect_eq(of_two(third, one)->verdict, VERDICT(KEPT_APART));
    cr_expect_eq(merge(other, one, NULL), STATUS_OK);
}

/* A fact of each: it is one of the two, and neither becomes the other. */
Test(explain_match, a_record_of_facts_of_both_is_no_third_persons) {
    set_vetoes("email", "birth_date,given_name");
    const char *id = person_of_two("a@example.com", "Amal", "Noura");
    const struct told *both = TOLD(.identities = {ID("email", "a@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1990-01-31"),
                                                  ATTRIBUTE("given_name", "Amal")});

    cr_expect_eq(of_record(id, both)->verdict, VERDICT(WOULD_JOIN));
    cr_expect_str_eq(later(both), id);

    const Profiled__V1__ExplainMatchResponse *response =
        of_record(id, TOLD(.identities = {ID("email", "a@example.com")},
                           .attributes = {ATTRIBUTE("birth_date", "1960-01-31")}));
    cr_expect_eq(response->verdict, VERDICT(WOULD_JOIN));
    cr_expect_eq(response->n_obstacles, 0);
}

/* The other profile tells it still: of that the person knows nothing any more. */
Test(explain_match, a_given_name_that_was_cleared_vetoes_no_record) {
    set_vetoes("email", "birth_date,given_name");
    const char *id = person_of_two("a@example.com", "Amal", "Noura");
    clear_given_name(id);
    cr_assert_null(attribute_in(get(id), "given_name"));

    const Profiled__V1__ExplainMatchResponse *response =
        of_record(id, TOLD(.identities = {ID("email", "a@example.com")},
                           .attributes = {ATTRIBUTE("birth_date", "1960-01-31"),
                                          ATTRIBUTE("given_name", "Hind")}));

    cr_expect_eq(response->verdict, VERDICT(WOULD_JOIN));
    cr_expect_eq(response->n_obstacles, 0);
}

/* ---- what would change it, and that it does ---- */

static void link_again(const char *id, const char *type, const char *value) {
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = text(id);
    request.identity = identity_told(type, value);
    ask(&rpc_identity_service, "LinkIdentity", &request.base);
}

static const Profiled__V1__MatchObstacle *
only_obstacle(const Profiled__V1__ExplainMatchResponse *response, int rule) {
    cr_assert_neq(response->verdict, VERDICT(WOULD_JOIN));
    const Profiled__V1__MatchObstacle *found = NULL;
    for (size_t i = 0; i < response->n_obstacles; i++) {
        if (response->obstacles[i]->stops_records) {
            cr_assert_null(found);
            found = response->obstacles[i];
        }
    }
    cr_assert_not_null(found);
    cr_assert_eq((int)found->rule, rule, "%d", (int)found->rule);
    return found;
}

static void expect_change(const Profiled__V1__MatchObstacle *obstacle, const char *change) {
    cr_expect_str_eq(obstacle->what_would_change, change);
}

static void need_verified(const char *name) {
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = text(name);
    type.merge_provenance = PROVENANCE(VERIFIED);
    set_rules("merge_provenance", &type);
}

Test(explain_match, the_weaker_of_record_and_profile_is_named) {
    later(TOLD(.identities = {ID("email", "a@example.com")}));
    const char *two = later(TOLD(.identities = {ID("phone", "+966500000017")}));
    need_verified("phone");
    struct told told = {.identities = {ID("email", "a@example.com"), ID("phone", "+966500000017")}};
    const Profiled__V1__MatchObstacle *both =
        only_obstacle(of_record(two, &told), RULE(MERGE_PROVENANCE));
    expect_change(both, arena_format(&ask_arena,
                                     "tell the phone as VERIFIED, tell %s its phone as VERIFIED by "
                                     "a record of its own; or lower the merge_provenance of the "
                                     "type, or merge by hand",
                                     two));
    cr_expect_eq(both->provenance, PROVENANCE(ATTESTED));

    told.identities[1].provenance = PROVENANCE(VERIFIED);
    expect_change(only_obstacle(of_record(two, &told), RULE(MERGE_PROVENANCE)),
                  arena_format(&ask_arena,
                               "tell %s its phone as VERIFIED by a record of its own; or lower the "
                               "merge_provenance of the type, or merge by hand",
                               two));
    struct told own = {.identities = {ID("phone", "+966500000017")}};
    own.identities[0].provenance = PROVENANCE(VERIFIED);
    later(&own);

    cr_expect_eq(of_record(two, &told)->verdict, VERDICT(WOULD_JOIN));
}

Test(explain_match, what_was_inferred_joins_nobody_whatever_the_rules) {
    later(TOLD(.identities = {ID("email", "a@example.com")}));
    const char *two = later(TOLD(.identities = {ID("phone", "+966500000017")}));
    struct told told = {.identities = {ID("email", "a@example.com"), ID("phone", "+966500000017")}};
    told.identities[1].provenance = PROVENANCE(INFERRED);

    const Profiled__V1__MatchObstacle *obstacle =
        only_obstacle(of_record(two, &told), RULE(MERGE_PROVENANCE));

    expect_change(obstacle, "tell the phone as ATTESTED; or merge by hand");
    cr_expect_eq(obstacle->provenance, PROVENANCE(INFERRED));
}

/* Five addresses and a sixth, by which the fifth is over the limit. */
static const char *person_over_limit(void) {
    struct told told = {.identities = {ID("phone", "+966500000017")}};
    for (int i = 0; i < 5; i++) {
        told.identities[1 + i] =
            (struct told_identity)ID("email", arena_format(&ask_arena, "a%d@example.com", i));
    }
    const char *id = later(&told);
    later(TOLD(.identities = {ID("phone", "+966500000017"), ID("email", "a5@example.com")}));
    cr_assert_str_eq(identity_over_limit(id), "a4@example.com");
    return id;
}

Test(explain_match, what_is_over_a_limit_is_told_with_all_the_steps) {
    const struct told *told = TOLD(.identities = {ID("email", "a4@example.com")});
    for (int unlinks = 0; unlinks < 2; unlinks++) {
        const char *id = person_over_limit();

        const Profiled__V1__MatchObstacle *over =
            only_obstacle(of_record(id, told), RULE(OVER_LIMIT));

        expect_obstacle(over, RULE(OVER_LIMIT), "identities.email", true, false);
        expect_change(over, "unlink 1 of the other email identities, or raise the limit of the "
                            "type to 6; then link the email to the profile again (LinkIdentity)");
        cr_expect_eq(over->count, 6);
        cr_expect_eq(over->limit, 5);
        cr_expect(over->links);
        cr_expect_not(over->lapsed);
        if (unlinks != 0) {
            unlink_identity(id, "email", "a5@example.com");
        } else {
            set_limit("email", 6);
        }
        const Profiled__V1__MatchObstacle *lapsed =
            only_obstacle(of_record(id, told), RULE(OVER_LIMIT));
        expect_change(lapsed, "link the email to the profile again (LinkIdentity)");
        cr_expect(lapsed->lapsed);
        link_again(id, "email", "a4@example.com");
        cr_expect_eq(of_record(id, told)->verdict, VERDICT(WOULD_JOIN));

        Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
        gone.id = text(id);
        ask(&rpc_profile_service, "DeleteProfile", &gone.base);
        set_limit("email", 5);
    }
}

Test(explain_match, what_another_profile_has_is_told_to_a_record) {
    const char *one = relative("+966500000011", "family@example.com", "1960-01-31");
    const char *two = relative("+966500000012", "family@example.com", "1990-01-31");
    const struct told *told = TOLD(.identities = {ID("email", "family@example.com")});

    const Profiled__V1__MatchObstacle *owned =
        only_obstacle(of_record(two, told), RULE(OWNED_ELSEWHERE));

    expect_change(owned, "unlink the email from the profile that has it; then link the email to "
                         "the profile again (LinkIdentity)");
    unlink_identity(one, "email", "family@example.com");
    expect_change(only_obstacle(of_record(two, told), RULE(OWNED_ELSEWHERE)),
                  "link the email to the profile again (LinkIdentity)");
    link_again(two, "email", "family@example.com");
    cr_expect_eq(of_record(two, told)->verdict, VERDICT(WOULD_JOIN));
}

/* What two know, and a record tells again, and nobody is found by. */
static void expect_blocked(const char *type, const char *value, int rule, const char *change) {
    const char *one = later(TOLD(.identities = {ID("twitter", "a_example"), ID(type, value)}));
    const char *two = later(TOLD(.identities = {ID("twitter", "b_example"), ID(type, value)}));
    const Profiled__V1__MatchObstacle *obstacles[] = {
        only_obstacle(of_two(one, two), rule),
        only_obstacle(of_record(two, TOLD(.identities = {ID(type, value)})), rule),
    };
    for (size_t i = 0; i < 2; i++) {
        expect_obstacle(obstacles[i], rule, arena_format(&ask_arena, "identities.%s", type), true,
                        false);
        expect_change(obstacles[i], change);
        cr_expect_str_eq(obstacles[i]->profile_id, two);
    }
}

Test(explain_match, what_identifies_nobody_is_told_with_the_rule_to_change) {
    const struct told *told = TOLD(.identities = {ID("email", "info@example.com")});
    expect_blocked("email", "info@example.com", RULE(BLOCKED_ROLE_MAILBOX),
                   "let the type email match role mailboxes; then link the email to the profile "
                   "again (LinkIdentity)");
    const char *two = lookup("twitter", "b_example")->id;
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = text("email");
    set_rules("block_role_mailboxes", &type);
    expect_change(only_obstacle(of_record(two, told), RULE(BLOCKED_ROLE_MAILBOX)),
                  "link the email to the profile again (LinkIdentity)");
    link_again(two, "email", "info@example.com");
    cr_expect_eq(of_record(two, told)->verdict, VERDICT(WOULD_JOIN));
    cr_expect_eq(of_two(lookup("twitter", "a_example")->id, two)->verdict, VERDICT(WOULD_JOIN));
}

Test(explain_match, a_value_on_the_list_of_its_type_can_be_taken_off) {
    set_blocked("phone", "+966500000017");
    expect_blocked("phone", "+966500000017", RULE(BLOCKED_VALUE),
                   "take the value out of the blocked_values of the type phone; then link the "
                   "phone to the profile again (LinkIdentity)");
}

Test(explain_match, a_built_in_placeholder_can_not) {
    expect_blocked("external_id", "unknown", RULE(BLOCKED_VALUE),
                   "nothing: such a value identifies nobody, whatever the rules of its type");
}

Test(explain_match, a_type_out_of_use_is_told) {
    set_disabled("phone", true);
    expect_blocked("phone", "+966500000017", RULE(TYPE_DISABLED),
                   "enable the type phone; then link the phone to the profile again "
                   "(LinkIdentity)");
}

Test(explain_match, what_is_still_active_need_not_be_linked) {
    const char *id = later(TOLD(.identities = {ID("phone", "+966500000017")}));
    set_disabled("phone", true);
    expect_change(only_obstacle(of_record(id, TOLD(.identities = {ID("phone", "+966500000017")})),
                                RULE(TYPE_DISABLED)),
                  "enable the type phone");
}

/* ---- bad requests ---- */

static const struct answer *refused(const Profiled__V1__ExplainMatchRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_identity_service, "ExplainMatch", &request->base, code, reason);
}

Test(explain_match, bad_requests_name_their_fields) {
    Profiled__V1__ExplainMatchRequest request = PROFILED__V1__EXPLAIN_MATCH_REQUEST__INIT;
    const struct answer *answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "other_profile_id"));
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_OTHER_PROFILE_ID;
    request.other_profile_id = text("x");
    answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "other_profile_id"));
    cr_expect_str_eq(answer_violation(answer, "profile_id"), "is required");
    request.profile_id = text(MISSING_ID);
    request.other_profile_id = text(MISSING_ID);
    answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "other_profile_id"), "is the same profile");
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_RECORD;
    request.profile_id = text("x");
    request.record = record_told(TOLD(.identities = {ID("email", "nobody")}));
    answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    cr_expect_not_null(answer_violation(answer, "record.identities[0].value"));
    request.record = record_told(TOLD(.identities = {ID("email", "nobody"), ID("shoe", "44")},
                                      .attributes = {ATTRIBUTE("birth_date", "2090-01-01")}));
    answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    cr_expect_not_null(answer_violation(answer, "record.identities[0].value"));
    cr_expect_not_null(answer_violation(answer, "record.identities[1].type"));
    cr_expect_not_null(answer_violation(answer, "record.attributes.birth_date"));
    cr_expect_eq(answer->violation_count, 4);
    request.profile_id = text("");
    request.record = record_told(TOLD(.identities = {ID("shoe", "44")}));
    answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "record.identities[0].type"));
}

Test(explain_match, missing_deleted_and_elsewhere) {
    const char *one = later(TOLD(.identities = {ID("email", "a@example.com")}));
    const char *two = later(TOLD(.identities = {ID("email", "b@example.com")}));
    Profiled__V1__ExplainMatchRequest request = PROFILED__V1__EXPLAIN_MATCH_REQUEST__INIT;
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_OTHER_PROFILE_ID;
    request.profile_id = text(one);
    request.other_profile_id = text("00000000-0000-0000-0000-000000000000");
    refused(&request, STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    request.profile_id = request.other_profile_id;
    request.other_profile_id = text(one);
    refused(&request, STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    request.profile_id = text(two);
    ask_refused_elsewhere(&rpc_identity_service, "ExplainMatch", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(two);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    refused(&request, STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    request.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_RECORD;
    request.record = record_told(TOLD(.identities = {ID("email", "a@example.com")}));
    refused(&request, STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
}
