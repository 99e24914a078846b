/* MergeProfiles. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/reviews.h"

TestSuite(merge_profiles, .init = ask_open, .fini = ask_close);

static Profiled__V1__MergeProfilesRequest request_of(const char *one, const char *other) {
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)one;
    request.other_profile_id = (char *)(uintptr_t)other;
    return request;
}

static const char *make(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return create(told)->id;
}

/* `count` and `limit` are NULL where nothing is counted. */
static void expect_not_allowed(const char *one, const char *other, const char *rule,
                               const char *field, const char *count, const char *limit) {
    const Profiled__V1__MergeProfilesRequest request = request_of(one, other);
    const struct answer *answer = ask_refused(&rpc_identity_service, "MergeProfiles", &request.base,
                                              STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    cr_expect_str_eq(answer_metadata(answer, "rule"), rule);
    cr_expect_str_eq(answer_metadata(answer, "field"), field);
    if (limit == NULL) {
        cr_expect_null(answer_metadata(answer, "count"));
        cr_expect_null(answer_metadata(answer, "limit"));
        return;
    }
    cr_expect_str_eq(answer_metadata(answer, "count"), count);
    cr_expect_str_eq(answer_metadata(answer, "limit"), limit);
}

Test(merge_profiles, the_older_survives_whichever_comes_first) {
    const char *older =
        make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")},
                  .attributes = {ATTRIBUTE("city", "Riyadh"), ATTRIBUTE("job", "Engineer")}));
    const char *younger = make(TOLD(.name = "Noura Q", .identities = {ID("twitter", "noura_x")},
                                    .attributes = {ATTRIBUTE("city", "Jeddah")}));
    ask_wait_us(US_PER_SECOND);

    Profiled__V1__MergeProfilesRequest request = request_of(younger, older);
    const Profiled__V1__MergeProfilesResponse *response =
        ask_twice(&rpc_identity_service, "MergeProfiles", &request.base);

    const Profiled__V1__Profile *survivor = response->profile;
    cr_expect_str_eq(survivor->id, older);
    cr_expect_str_eq(response->merged_id, younger);
    cr_expect_str_eq(survivor->name, "Noura Q", "the most recently observed");
    cr_expect_str_eq(attribute_in(survivor, "city"), "Jeddah");
    cr_expect_str_eq(attribute_in(survivor, "job"), "Engineer");
    cr_expect_eq(survivor->n_identities, 2);
    cr_assert_eq(survivor->n_merged_ids, 1);
    cr_expect_str_eq(survivor->merged_ids[0], younger);
    cr_expect_str_eq(get(younger)->id, older);
    cr_expect_str_eq(lookup("twitter", "noura_x")->id, older);
    cr_expect_eq(profile_count(), 1);
}

Test(merge_profiles, limits_and_strong_facts_are_kept) {
    const char *one = make(TOLD(.name = "A", .identities = {ID("external_id", "crm-1")},
                                .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    const char *two = make(TOLD(.name = "B", .identities = {ID("external_id", "crm-2")}));
    const char *three =
        make(TOLD(.name = "C", .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    expect_not_allowed(one, two, "VETO_SINGLE_VALUE", "identities.external_id", "2", "1");
    expect_not_allowed(three, one, "VETO_BIRTH_DATE", "attributes.birth_date", NULL, NULL);

    struct told many = {.name = "D"};
    struct told more = {.name = "E"};
    for (int i = 0; i < 3; i++) {
        many.identities[i] =
            (struct told_identity)ID("email", arena_format(&ask_arena, "d%d@example.com", i));
        more.identities[i] =
            (struct told_identity)ID("email", arena_format(&ask_arena, "e%d@example.com", i));
    }
    expect_not_allowed(make(&many), make(&more), "MERGE_LIMIT", "identities.email", "6", "5");
}

/* Somebody decided that both dates are right of the person: whichever survived. */
Test(merge_profiles, a_birth_date_of_any_member_agrees) {
    const char *one = relative("+966500000001", "family@example.com", "1990-01-01");
    relative("+966500000002", "family@example.com", "1990-01-02");
    decide(the_review()->id, DECISION(JOIN));
    cr_assert_str_eq(attribute_in(get(one), "birth_date"), "1990-01-02");
    const char *first =
        make(TOLD(.name = "C", .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    const char *second =
        make(TOLD(.name = "D", .attributes = {ATTRIBUTE("birth_date", "1990-01-02")}));
    const char *third =
        make(TOLD(.name = "E", .attributes = {ATTRIBUTE("birth_date", "1990-01-03")}));

    expect_not_allowed(third, one, "VETO_BIRTH_DATE", "attributes.birth_date", NULL, NULL);
    expect_not_allowed(first, second, "VETO_BIRTH_DATE", "attributes.birth_date", NULL, NULL);
    Profiled__V1__MergeProfilesRequest request = request_of(first, one);
    ask(&rpc_identity_service, "MergeProfiles", &request.base);
    request = request_of(one, second);
    ask(&rpc_identity_service, "MergeProfiles", &request.base);

    cr_expect_eq(get(one)->n_merged_ids, 3);
    expect_not_allowed(third, one, "VETO_BIRTH_DATE", "attributes.birth_date", NULL, NULL);
}

/* With 64 mailboxes that identify nobody besides: contact data, of which no type has a limit. */
static const char *with_contacts(const char *handle) {
    enum { RECORDS = 4, EACH = 16 };
    const char *id = make(TOLD(.name = "A", .identities = {ID("twitter", handle)}));
    for (int i = 0; i < RECORDS; i++) {
        struct told told = {.identities = {ID("twitter", handle)}};
        for (int k = 1; k <= EACH; k++) {
            told.identities[k] = (struct told_identity)ID(
                "email", arena_format(&ask_arena, "info@%s%d-%d.example.com", handle, i, k));
        }
        resolve(&told);
    }
    return id;
}

Test(merge_profiles, a_profile_has_at_most_128_identities) {
    expect_not_allowed(with_contacts("anna"), with_contacts("berta"), "MERGE_LIMIT", "identities",
                       "130", "128");
}

Test(merge_profiles, what_is_one_already_is_refused) {
    const char *one = make(TOLD(.name = "A"));
    const char *two = make(TOLD(.name = "B"));
    Profiled__V1__MergeProfilesRequest request = request_of(one, one);
    const struct answer *answer = ask_refused(&rpc_identity_service, "MergeProfiles", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "other_profile_id"));
    request = request_of(one, two);
    ask(&rpc_identity_service, "MergeProfiles", &request.base);
    ask_refused(&rpc_identity_service, "MergeProfiles", &request.base, STATUS_FAILED_PRECONDITION,
                "MERGE_NOT_ALLOWED");
}

Test(merge_profiles, chains_redirect_to_the_last_survivor) {
    const char *ids[4];
    for (size_t i = 0; i < 4; i++) {
        ids[i] = make(TOLD(.name = "A"));
    }
    for (size_t i = 3; i > 0; i--) {
        const Profiled__V1__MergeProfilesRequest request = request_of(ids[i], ids[i - 1]);
        ask(&rpc_identity_service, "MergeProfiles", &request.base);
    }
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(get(ids[i])->id, ids[0]);
    }
    cr_expect_eq(get(ids[0])->n_merged_ids, 3);
}

Test(merge_profiles, bad_missing_and_elsewhere) {
    const char *one = make(TOLD(.name = "A"));
    const char *two = make(TOLD(.name = "B"));
    Profiled__V1__MergeProfilesRequest request = request_of("x", "");
    const struct answer *answer = ask_refused(&rpc_identity_service, "MergeProfiles", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    cr_expect_str_eq(answer_violation(answer, "other_profile_id"), "is required");
    request = request_of(one, "0190b8a2-0000-7000-8000-00000000000a");
    ask_refused(&rpc_identity_service, "MergeProfiles", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request = request_of(one, two);
    ask_refused_elsewhere(&rpc_identity_service, "MergeProfiles", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}

Test(merge_profiles, is_done_once_for_one_request_id) {
    const char *one = make(TOLD(.name = "A"));
    const char *two = make(TOLD(.name = "B"));
    Profiled__V1__MergeProfilesRequest request = request_of(one, two);
    Profiled__V1__MergeProfilesRequest other = request_of(two, one);
    ask_again(&rpc_identity_service, "MergeProfiles", &request.base, &other.base);
}
