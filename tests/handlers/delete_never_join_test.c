/* DeleteNeverJoin. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(delete_never_join, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const struct told both = {
    .identities = {ID("email", "a@example.com"), ID("phone", "+966500000001")}};

/* Two profiles that were merged by a record, and unmerged. */
static void part(const char **one, const char **two) {
    *one = resolve(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    *two = resolve(TOLD(.identities = {ID("phone", "+966500000001")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = resolve(&both)->merge_ids[0];
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    ask_wait_us(US_PER_SECOND);
}

static Profiled__V1__DeleteNeverJoinRequest request_of(const char *one, const char *two) {
    Profiled__V1__DeleteNeverJoinRequest request = PROFILED__V1__DELETE_NEVER_JOIN_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(two);
    return request;
}

Test(delete_never_join, lets_records_join_the_two_again) {
    const char *one = NULL;
    const char *two = NULL;
    part(&one, &two);
    cr_assert_eq(resolve(&both)->outcome, OUTCOME(LINKED));

    Profiled__V1__DeleteNeverJoinRequest request = request_of(two, one);
    const Profiled__V1__DeleteNeverJoinResponse *response =
        ask_twice(&rpc_identity_service, "DeleteNeverJoin", &request.base);

    cr_expect_neq(response->never_join->merge_id[0], '\0');
    cr_expect_eq(profile_count(), 2, "nothing is joined by it");
    cr_expect_eq(resolve(&both)->outcome, OUTCOME(MERGED));
    cr_expect_str_eq(get(two)->id, one);
}

Test(delete_never_join, of_one_that_was_merged_into_a_third) {
    const char *one = NULL;
    const char *two = NULL;
    part(&one, &two);
    const char *three = resolve(TOLD(.identities = {ID("twitter", "c_x")}))->profile_id;
    Profiled__V1__MergeProfilesRequest merge = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    merge.profile_id = text(two);
    merge.other_profile_id = text(three);
    ask(&rpc_identity_service, "MergeProfiles", &merge.base);
    merge.profile_id = text(three);
    merge.other_profile_id = text(one);
    const struct answer *answer = ask_refused(&rpc_identity_service, "MergeProfiles", &merge.base,
                                              STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    cr_expect_str_eq(answer_metadata(answer, "rule"), "NEVER_JOIN");

    const Profiled__V1__DeleteNeverJoinRequest request = request_of(one, two);
    ask(&rpc_identity_service, "DeleteNeverJoin", &request.base);

    ask(&rpc_identity_service, "MergeProfiles", &merge.base);
    cr_expect_str_eq(get(three)->id, one);
}

Test(delete_never_join, names_the_pair_that_keeps_two_people_apart) {
    const char *one = NULL;
    const char *two = NULL;
    part(&one, &two);
    const char *three = resolve(TOLD(.identities = {ID("twitter", "c_x")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    const char *four = resolve(TOLD(.identities = {ID("twitter", "d_x")}))->profile_id;
    merge_two(two, three);

    Profiled__V1__DeleteNeverJoinRequest request = request_of(three, one);
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "DeleteNeverJoin", &request.base, STATUS_NOT_FOUND,
                    "NEVER_JOIN_NOT_FOUND");

    cr_expect_str_eq(answer_metadata(answer, "profile_id"), one);
    cr_expect_str_eq(answer_metadata(answer, "other_profile_id"), two);
    cr_expect_str_eq(answer_metadata(answer, "pair_count"), "1");
    request = request_of(four, one);
    answer = ask_refused(&rpc_identity_service, "DeleteNeverJoin", &request.base, STATUS_NOT_FOUND,
                         "NEVER_JOIN_NOT_FOUND");
    cr_expect_null(answer_metadata(answer, "profile_id"));
    request = request_of(three, two);
    answer = ask_refused(&rpc_identity_service, "DeleteNeverJoin", &request.base, STATUS_NOT_FOUND,
                         "NEVER_JOIN_NOT_FOUND");
    cr_expect_null(answer_metadata(answer, "profile_id"), "the two are one");
}

Test(delete_never_join, bad_missing_and_elsewhere) {
    const char *one = NULL;
    const char *two = NULL;
    part(&one, &two);
    Profiled__V1__DeleteNeverJoinRequest request = request_of("", "x");
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "DeleteNeverJoin", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "profile_id"), "is required");
    cr_expect_not_null(answer_violation(answer, "other_profile_id"));
    request = request_of(one, "0190b8a2-0000-7000-8000-00000000000a");
    ask_refused(&rpc_identity_service, "DeleteNeverJoin", &request.base, STATUS_NOT_FOUND,
                "NEVER_JOIN_NOT_FOUND");
    request = request_of(one, two);
    ask_refused_elsewhere(&rpc_identity_service, "DeleteNeverJoin", &request.base, STATUS_NOT_FOUND,
                          "NEVER_JOIN_NOT_FOUND");
}

Test(delete_never_join, is_done_once_for_one_request_id) {
    const char *one = NULL;
    const char *two = NULL;
    part(&one, &two);
    Profiled__V1__DeleteNeverJoinRequest request = request_of(one, two);
    Profiled__V1__DeleteNeverJoinRequest other = request_of(two, one);
    ask_again(&rpc_identity_service, "DeleteNeverJoin", &request.base, &other.base);
}
