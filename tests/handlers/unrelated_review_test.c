/* Reviews of two whom nothing relates any more, since the identity types are others by now. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(unrelated_review, .init = ask_open, .fini = ask_close);

#define NUMBER "+966500000011"

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *one;
static const char *other;

static const char *tell(const struct told *told) {
    const char *id = resolve(told)->profile_id;
    ask_wait_us(US_PER_SECOND);
    return id;
}

static void apply(void) {
    ask_wait_us(US_PER_SECOND);
    apply_rules(0);
    ask_wait_us(US_PER_SECOND);
}

/* Two of different birth dates who tell one number, the second as `type`, and beside it what else
 * is said. Answers their review's id. */
static const char *tell_two(const char *type, struct told_identity mine,
                            struct told_identity other_mine) {
    one = tell(TOLD(.identities = {ID("whatsapp", NUMBER), mine},
                    .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    other = tell(TOLD(.identities = {ID(type, NUMBER), other_mine},
                      .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    return the_review()->id;
}

static const char *tell_two_of_a_number(void) {
    return tell_two("whatsapp", (struct told_identity){0}, (struct told_identity){0});
}

static void reach_nobody(const char *type) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    set_rules("match,merge", &rules);
}

static void expect_open(const char *id) {
    cr_expect_eq(review_get(id)->state, REVIEW(OPEN));
    cr_assert_eq(reviews(FILTER(OPEN), "")->n_reviews, 1);
    cr_expect_str_eq(reviews(FILTER(OPEN), one)->reviews[0]->id, id);
}

static size_t explained_count(const char *id) {
    Profiled__V1__ExplainProfileRequest request = PROFILED__V1__EXPLAIN_PROFILE_REQUEST__INIT;
    request.profile_id = text(id);
    const Profiled__V1__ExplainProfileResponse *response =
        ask(&rpc_identity_service, "ExplainProfile", &request.base);
    return response->n_open_reviews;
}

static void expect_refused(const char *id) {
    for (int decision = DECISION(JOIN); decision <= DECISION(DISMISS); decision++) {
        const Profiled__V1__DecideReviewRequest request = decide_request(id, decision);
        ask_refused(&rpc_identity_service, "DecideReview", &request.base,
                    STATUS_FAILED_PRECONDITION, "REVIEW_DECIDED");
    }
}

/* In every list that there is. */
static void expect_unrelated(const char *id) {
    const Profiled__V1__ListReviewsResponse *all = reviews(FILTER(ALL), other);
    cr_assert_eq(all->n_reviews, 1);
    cr_expect_str_eq(all->reviews[0]->id, id);
    cr_expect_eq(all->reviews[0]->state, REVIEW(UNRELATED));
    cr_expect_null(all->reviews[0]->decide_time, "nobody has");
    cr_expect_eq(review_get(id)->state, REVIEW(UNRELATED));
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, 0);
    cr_expect_eq(reviews(FILTER(DECIDED), "")->n_reviews, 0);
    cr_expect_eq(explained_count(one), 0);
    expect_refused(id);
}

/* ---- what relates nobody any more ---- */

Test(unrelated_review, of_a_type_that_is_disabled_until_it_is_not) {
    const char *id = tell_two_of_a_number();
    set_disabled("whatsapp", true);
    expect_unrelated(id);
    apply();
    expect_unrelated(id);

    restore_rules(1);
    expect_open(id);
    apply();

    expect_open(id);
    decide(id, DECISION(JOIN));
    cr_expect_str_eq(get(other)->id, one);
}

Test(unrelated_review, of_a_value_that_is_blocked) {
    const char *id = tell_two_of_a_number();
    set_blocked("whatsapp", NUMBER);
    apply();
    expect_unrelated(id);

    set_blocked("whatsapp", NULL);
    apply();
    expect_open(id);
}

Test(unrelated_review, of_a_type_that_does_not_match) {
    const char *id = tell_two_of_a_number();
    reach_nobody("whatsapp");
    apply();
    expect_unrelated(id);
}

/* The number is the one's as a WhatsApp number, and that brings nobody any more. */
Test(unrelated_review, of_a_sibling_type) {
    const char *id = tell_two("phone", (struct told_identity){0}, (struct told_identity){0});
    set_disabled("whatsapp", true);
    apply();
    expect_unrelated(id);
}

Test(unrelated_review, of_addresses_that_are_compared_in_another_way) {
    set_ignore_dots("email", true);
    one = tell(TOLD(.identities = {ID("email", "no.ra@example.com")},
                    .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    other = tell(TOLD(.identities = {ID("email", "nora@example.com")},
                      .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    const char *id = the_review()->id;
    set_ignore_dots("email", false);
    apply();
    expect_unrelated(id);

    set_ignore_dots("email", true);
    apply();
    expect_open(id);
}

/* Nobody has it then, until it is linked again. */
Test(unrelated_review, of_what_was_unlinked_from_whom_the_record_reached) {
    const char *id = tell_two_of_a_number();
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = text(one);
    link.identity = identity_told("whatsapp", NUMBER);
    unlink_identity(one, "whatsapp", NUMBER);
    expect_unrelated(id);

    ask(&rpc_identity_service, "LinkIdentity", &link.base);
    expect_open(id);
}

/* ---- what still does ---- */

Test(unrelated_review, not_while_they_have_something_else_in_common) {
    const char *id = tell_two("whatsapp", (struct told_identity)ID("twitter", "handle1"),
                              (struct told_identity)ID("twitter", "handle1"));
    set_disabled("whatsapp", true);
    apply();
    expect_open(id);
    set_disabled("twitter", true);
    apply();
    expect_unrelated(id);
}

Test(unrelated_review, not_by_rules_of_something_else) {
    const char *id = tell_two_of_a_number();
    set_blocked("email", "somebody@example.com");
    set_limit("whatsapp", 1);
    apply();
    expect_open(id);
}

/* The record tells it still, and the one has it. */
Test(unrelated_review, not_for_what_was_unlinked_from_whom_the_record_went_to) {
    const char *id = tell_two_of_a_number();
    unlink_identity(other, "whatsapp", NUMBER);
    expect_open(id);
    set_disabled("whatsapp", true);
    expect_unrelated(id);
}

Test(unrelated_review, not_of_two_who_are_alike) {
    const char *id = tell_two_of_a_number();
    Profiled__V1__SimilarPair pair = PROFILED__V1__SIMILAR_PAIR__INIT;
    Profiled__V1__SimilarPair *pairs[] = {&pair};
    Profiled__V1__BatchCreateReviewsRequest request =
        PROFILED__V1__BATCH_CREATE_REVIEWS_REQUEST__INIT;
    pair.profile_id = text(one);
    pair.other_profile_id = text(other);
    pair.probability = 0.9;
    request.pairs = pairs;
    request.n_pairs = 1;
    set_disabled("whatsapp", true);
    apply();
    expect_unrelated(id);

    ask(&rpc_identity_service, "BatchCreateReviews", &request.base);

    expect_open(id);
    apply();
    expect_open(id);
}

Test(unrelated_review, not_of_two_whom_a_limit_keeps_apart) {
    one = tell(TOLD(.identities = {ID("email", "a@example.com"), ID("external_id", "crm-1")}));
    other = tell(TOLD(.identities = {ID("phone", "+966500000012"), ID("external_id", "crm-2")}));
    tell(TOLD(.identities = {ID("email", "a@example.com"), ID("phone", "+966500000012")}));
    const char *id = the_review()->id;
    set_blocked("external_id", "crm-3");
    apply();
    expect_open(id);
    const bool is_by_phone =
        identity_in(get(one), "phone", "+966500000012") != NULL; /* Whose the record is. */
    set_disabled(is_by_phone ? "phone" : "email", true);
    apply();
    expect_unrelated(id);
}

/* ---- what else becomes of the two ---- */

Test(unrelated_review, open_again_by_a_record_that_relates_them_anew) {
    const char *id = tell_two("whatsapp", (struct told_identity)ID("twitter", "handle1"),
                              (struct told_identity)ID("email", "o@example.com"));
    set_disabled("whatsapp", true);
    apply();
    expect_unrelated(id);

    tell(TOLD(.identities = {ID("email", "o@example.com"), ID("twitter", "handle1")}));

    expect_open(id);
    cr_expect_eq(review_get(id)->record_count, 2);
    apply();
    expect_open(id);
    decide(id, DECISION(DISMISS));
    set_disabled("twitter", true);
    set_disabled("email", true);
    apply();
    cr_expect_eq(review_get(id)->state, REVIEW(DISMISSED));
}

Test(unrelated_review, told_as_somebody_said_of_the_two) {
    const char *id = tell_two_of_a_number();
    set_disabled("whatsapp", true);
    apply();
    Profiled__V1__CreateNeverJoinRequest never = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    never.profile_id = text(one);
    never.other_profile_id = text(other);
    ask(&rpc_identity_service, "CreateNeverJoin", &never.base);

    cr_expect_eq(review_get(id)->state, REVIEW(KEPT_APART));
    cr_expect_eq(reviews(FILTER(DECIDED), "")->n_reviews, 1);
}
