/* GetReview. */

#include <criterion/criterion.h>

#include <string.h>

#include "tests/handlers/reviews.h"

TestSuite(get_review, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *two_of_a_family(const char **one, const char **two) {
    *one = relative("+966500000001", "family@example.com", "1960-01-01");
    *two = relative("+966500000002", "family@example.com", "1990-01-01");
    return the_review()->id;
}

Test(get_review, has_both_sides_and_the_reasons) {
    const char *one = NULL;
    const char *two = NULL;
    const char *id = two_of_a_family(&one, &two);

    const Profiled__V1__Review *review = review_get(id);

    cr_expect_str_eq(review->id, id);
    cr_expect_eq(review->state, REVIEW(OPEN));
    cr_expect_str_eq(review->side->member_id, one);
    cr_expect_str_eq(review->side->profile_id, one);
    cr_expect_str_eq(review->side->name, "A relative");
    cr_expect_eq(review->side->open_count, 1);
    cr_expect_eq(review->side->dropped_count, 0);
    cr_expect_str_eq(attribute_in(review->side->profile, "birth_date"), "1960-01-01");
    cr_expect_str_eq(review->other_side->member_id, two);
    cr_expect_str_eq(attribute_in(review->other_side->profile, "birth_date"), "1990-01-01");
    cr_expect_eq(review->rule, RULE(VETO_BIRTH_DATE));
    cr_assert_eq(review->n_rules, 1);
    cr_expect_eq(review->rules[0], RULE(VETO_BIRTH_DATE));
    cr_expect_eq(review->record_count, 1);
    cr_expect_eq(review->rule_version, 1);
    cr_expect_str_eq(review->decision_member_id, two);
    cr_expect_str_not_empty(review->decision_id);
    cr_expect_not_null(review->first_time);
    cr_expect_not_null(review->last_time);
    cr_expect_null(review->decide_time);
    cr_expect_str_empty(review->merge_id);
}

static void expect_side(const Profiled__V1__ReviewSide *side, const char *member,
                        const char *birth_date, const char *phone) {
    cr_expect_str_eq(side->member_id, member);
    cr_expect_str_eq(side->profile->id, member);
    cr_expect_eq(side->profile->n_merged_ids, 0);
    cr_expect_str_eq(attribute_in(side->profile, "birth_date"), birth_date);
    cr_expect_eq(identity_count(side->profile, "phone", true), 1);
    cr_expect_not_null(identity_in(side->profile, "phone", phone));
}

/* By a merge with a third besides, which answers for all. */
Test(get_review, of_two_that_are_one_tells_what_each_was) {
    const char *third = create(TOLD(.name = "Third"))->id;
    const char *one = NULL;
    const char *two = NULL;
    const char *id = two_of_a_family(&one, &two);
    merge_two(one, third);
    decide(id, DECISION(JOIN));

    const Profiled__V1__Review *review = review_get(id);

    cr_expect_eq(review->state, REVIEW(JOINED));
    cr_expect_str_eq(review->side->profile_id, third);
    cr_expect_str_eq(review->other_side->profile_id, third);
    expect_side(review->side, one, "1960-01-01", "+966500000001");
    expect_side(review->other_side, two, "1990-01-01", "+966500000002");
}

/* One of the two answers for both, and has a state of its own besides. */
Test(get_review, of_two_that_are_one_tells_the_one_that_answers_likewise) {
    const char *one = NULL;
    const char *two = NULL;
    const char *id = two_of_a_family(&one, &two);
    decide(id, DECISION(JOIN));
    const Profiled__V1__Review *review = review_get(id);

    cr_expect_str_eq(review->other_side->profile_id, one);
    expect_side(review->side, one, "1960-01-01", "+966500000001");
    expect_side(review->other_side, two, "1990-01-01", "+966500000002");
}

Test(get_review, of_a_deleted_profile_does_not_tell_who_it_was) {
    const char *one = NULL;
    const char *two = NULL;
    const char *id = two_of_a_family(&one, &two);
    Profiled__V1__DeleteProfileRequest erase = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    erase.id = text(one);
    ask(&rpc_profile_service, "DeleteProfile", &erase.base);

    const Profiled__V1__Review *review = review_get(id);

    cr_expect(review->side->deleted);
    cr_expect_str_empty(review->side->name);
    cr_expect_null(review->side->profile);
    cr_expect_not_null(review->other_side->profile);
    cr_expect_eq(review->state, REVIEW(OPEN));
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, 0, "nobody can decide on it");
    cr_expect_eq(reviews(FILTER(ALL), "")->n_reviews, 1);
}

Test(get_review, of_two_that_are_one_and_deleted_does_not_tell_who_they_were) {
    const char *one = NULL;
    const char *two = NULL;
    const char *id = two_of_a_family(&one, &two);
    decide(id, DECISION(JOIN));
    Profiled__V1__DeleteProfileRequest erase = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    erase.id = text(two);
    ask(&rpc_profile_service, "DeleteProfile", &erase.base);

    const Profiled__V1__Review *review = review_get(id);

    cr_expect(review->side->deleted && review->other_side->deleted);
    cr_expect_str_empty(review->side->name);
    cr_expect_str_empty(review->other_side->name);
    cr_expect_null(review->side->profile);
    cr_expect_null(review->other_side->profile);
}

Test(get_review, bad_missing_and_elsewhere) {
    const char *one = NULL;
    const char *two = NULL;
    const char *id = two_of_a_family(&one, &two);
    Profiled__V1__GetReviewRequest request = PROFILED__V1__GET_REVIEW_REQUEST__INIT;
    const struct answer *answer = ask_refused(&rpc_identity_service, "GetReview", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "review_id"), "is required");
    request.review_id = text(one);
    ask_refused(&rpc_identity_service, "GetReview", &request.base, STATUS_NOT_FOUND,
                "REVIEW_NOT_FOUND");
    request.review_id = text(id);
    ask_refused_elsewhere(&rpc_identity_service, "GetReview", &request.base, STATUS_NOT_FOUND,
                          "REVIEW_NOT_FOUND");
}
