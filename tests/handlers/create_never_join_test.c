/* CreateNeverJoin. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/reviews.h"

TestSuite(create_never_join, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const struct told both = {
    .identities = {ID("email", "a@example.com"), ID("phone", "+966500000001")}};

static void make(const char **one, const char **two) {
    *one = resolve(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    *two = resolve(TOLD(.identities = {ID("phone", "+966500000001")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
}

static Profiled__V1__CreateNeverJoinRequest request_of(const char *one, const char *two) {
    Profiled__V1__CreateNeverJoinRequest request = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(two);
    return request;
}

static const Profiled__V1__NeverJoin *forbid(const char *one, const char *two) {
    const Profiled__V1__CreateNeverJoinRequest request = request_of(one, two);
    const Profiled__V1__CreateNeverJoinResponse *response =
        ask(&rpc_identity_service, "CreateNeverJoin", &request.base);
    return response->never_join;
}

Test(create_never_join, records_and_calls_leave_the_two_apart) {
    const char *one = NULL;
    const char *two = NULL;
    make(&one, &two);

    Profiled__V1__CreateNeverJoinRequest request = request_of(two, one);
    const Profiled__V1__CreateNeverJoinResponse *response =
        ask_twice(&rpc_identity_service, "CreateNeverJoin", &request.base);

    cr_expect_str_eq(response->never_join->profile_id, one, "the lesser id");
    cr_expect_str_eq(response->never_join->other_profile_id, two);
    cr_expect_str_empty(response->never_join->merge_id);
    cr_expect_str_empty(response->never_join->review_id);
    const Profiled__V1__Decision *decision = resolve(&both);
    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    cr_expect_eq(decision->candidates[1]->rule, RULE(NEVER_JOIN));
    Profiled__V1__MergeProfilesRequest by_hand = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    by_hand.profile_id = text(one);
    by_hand.other_profile_id = text(two);
    const struct answer *answer = ask_refused(&rpc_identity_service, "MergeProfiles", &by_hand.base,
                                              STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    cr_expect_str_eq(answer_metadata(answer, "rule"), "NEVER_JOIN");
}

Test(create_never_join, said_again_it_is_what_it_was) {
    const char *one = NULL;
    const char *two = NULL;
    make(&one, &two);
    const Profiled__V1__NeverJoin *first = forbid(one, two);
    const uint64_t before = call_data_hash(ask_fixture);
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__NeverJoin *again = forbid(two, one);

    cr_expect_eq(again->create_time->seconds, first->create_time->seconds);
    cr_expect_eq(call_data_hash(ask_fixture), before);
}

/* It is said of the two, wherever they are merged into. */
Test(create_never_join, of_profiles_with_others) {
    const char *one = NULL;
    const char *two = NULL;
    make(&one, &two);
    const char *three = resolve(TOLD(.identities = {ID("twitter", "c_x")}))->profile_id;
    const char *merge_id = merge_two(one, three);

    const Profiled__V1__NeverJoin *never = forbid(three, two);

    cr_expect_str_eq(never->profile_id, two);
    cr_expect_str_eq(never->other_profile_id, three);
    cr_expect_eq(resolve(&both)->outcome, OUTCOME(LINKED));
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(merge_id);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    cr_expect_str_eq(get(two)->id, get(one)->id, "of the third alone it was said");
}

/* By the ids that answer, where the review is of another member; and taken back. */
Test(create_never_join, settles_a_review_of_the_two_persons) {
    const char *one = create(TOLD(.name = "Another"))->id;
    const char *member = relative("+966500000001", "a@example.com", "1960-01-01");
    merge_two(one, member);
    const char *two = relative("+966500000002", "a@example.com", "1990-01-01");
    const char *id = the_review()->id;
    cr_assert_str_eq(the_review()->side->member_id, member);

    forbid(one, two);

    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, 0);
    cr_expect_eq(review_get(id)->state, REVIEW(KEPT_APART));
    cr_expect_null(review_get(id)->decide_time);
    Profiled__V1__DeleteNeverJoinRequest forget = PROFILED__V1__DELETE_NEVER_JOIN_REQUEST__INIT;
    forget.profile_id = text(one);
    forget.other_profile_id = text(two);
    ask(&rpc_identity_service, "DeleteNeverJoin", &forget.base);
    cr_expect_str_eq(the_review()->id, id, "nobody has decided on it");
}

Test(create_never_join, of_one_profile_is_refused) {
    const char *one = NULL;
    const char *two = NULL;
    make(&one, &two);
    merge_two(one, two);

    const Profiled__V1__CreateNeverJoinRequest request = request_of(one, two);
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "CreateNeverJoin", &request.base,
                    STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    cr_expect_null(answer_metadata(answer, "rule"));
}

Test(create_never_join, bad_missing_and_elsewhere) {
    const char *one = NULL;
    const char *two = NULL;
    make(&one, &two);
    Profiled__V1__CreateNeverJoinRequest request = request_of("", "x");
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "CreateNeverJoin", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "profile_id"), "is required");
    cr_expect_not_null(answer_violation(answer, "other_profile_id"));
    request = request_of(one, one);
    ask_refused(&rpc_identity_service, "CreateNeverJoin", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request = request_of(one, "0190b8a2-0000-7000-8000-00000000000a");
    ask_refused(&rpc_identity_service, "CreateNeverJoin", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request = request_of(one, two);
    ask_refused_elsewhere(&rpc_identity_service, "CreateNeverJoin", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}

Test(create_never_join, is_done_once_for_one_request_id) {
    const char *one = NULL;
    const char *two = NULL;
    make(&one, &two);
    Profiled__V1__CreateNeverJoinRequest request = request_of(one, two);
    Profiled__V1__CreateNeverJoinRequest other = request_of(two, one);
    ask_again(&rpc_identity_service, "CreateNeverJoin", &request.base, &other.base);
}
