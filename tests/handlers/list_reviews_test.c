/* ListReviews. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(list_reviews, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

enum { FAMILY = 6 };

static const char *family[FAMILY];

/* The first has the mailbox: one review fewer than relatives. */
static void make_family(void) {
    for (size_t i = 0; i < FAMILY; i++) {
        family[i] = relative(arena_format(&ask_arena, "+96650000000%zu", i), "family@example.com",
                             arena_format(&ask_arena, "19%zu0-01-01", i + 1));
    }
}

Test(list_reviews, newest_first_a_page_at_a_time) {
    cr_expect_eq(reviews(FILTER(ALL), "")->n_reviews, 0);
    make_family();
    Profiled__V1__ListReviewsRequest request = PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.page_size = 2;

    size_t seen = 0;
    do {
        const Profiled__V1__ListReviewsResponse *page =
            ask(&rpc_identity_service, "ListReviews", &request.base);
        for (size_t i = 0; i < page->n_reviews; i++) {
            const Profiled__V1__Review *review = page->reviews[i];
            cr_expect_str_eq(review->side->member_id, family[0]);
            cr_expect_str_eq(review->other_side->member_id, family[FAMILY - 1 - seen]);
            cr_expect_null(review->side->profile);
            cr_expect_eq(review->side->open_count, FAMILY - 1);
            seen++;
        }
        request.page_token = page->next_page_token;
    } while (request.page_token[0] != '\0');

    cr_expect_eq(seen, FAMILY - 1);
}

Test(list_reviews, by_state_and_by_profile) {
    make_family();
    const char *first = reviews(FILTER(OPEN), family[1])->reviews[0]->id;
    decide(first, DECISION(DISMISS));

    cr_expect_eq(reviews(FILTER(UNSPECIFIED), "")->n_reviews, FAMILY - 2);
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, FAMILY - 2);
    cr_expect_eq(reviews(FILTER(ALL), "")->n_reviews, FAMILY - 1);
    cr_assert_eq(reviews(FILTER(DECIDED), "")->n_reviews, 1);
    cr_expect_str_eq(reviews(FILTER(DECIDED), "")->reviews[0]->id, first);
    cr_expect_eq(reviews(FILTER(DECIDED), "")->reviews[0]->state, REVIEW(DISMISSED));
    cr_expect_eq(reviews(FILTER(OPEN), family[0])->n_reviews, FAMILY - 2);
    cr_expect_eq(reviews(FILTER(OPEN), family[1])->n_reviews, 0);
    cr_expect_eq(reviews(FILTER(ALL), family[1])->n_reviews, 1);
}

/* A profile has the reviews of those merged into it; a pair that is one by now has nothing to
 * decide. */
Test(list_reviews, of_merged_profiles) {
    make_family();
    decide(reviews(FILTER(OPEN), family[1])->reviews[0]->id, DECISION(JOIN));

    const Profiled__V1__ListReviewsResponse *of_all = reviews(FILTER(OPEN), family[1]);
    cr_expect_eq(of_all->n_reviews, FAMILY - 2, "those of the mailbox's owner");
    cr_expect_str_eq(of_all->reviews[0]->side->profile_id, family[0]);

    Profiled__V1__MergeProfilesRequest merge = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    const char *other = create(TOLD(.name = "Another"))->id;
    merge.profile_id = text(other);
    merge.other_profile_id = text(family[2]);
    ask(&rpc_identity_service, "MergeProfiles", &merge.base);
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UpdateProfileRequest forget = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    char *path = text("attributes.birth_date");
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = &path;
    forget.profile = profile_told(TOLD(.name = NULL));
    forget.profile->id = text(family[2]);
    forget.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &forget.base);
    merge.other_profile_id = text(family[0]);
    ask(&rpc_identity_service, "MergeProfiles", &merge.base);

    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, FAMILY - 3);
    const Profiled__V1__ListReviewsResponse *all = reviews(FILTER(ALL), "");
    cr_expect_eq(all->n_reviews, FAMILY - 1);
    size_t joined = 0;
    for (size_t i = 0; i < all->n_reviews; i++) {
        joined += all->reviews[i]->state == REVIEW(JOINED);
    }
    cr_expect_eq(joined, 2);
}

/* Where somebody said of other members of the two persons that they are never to be one. */
Test(list_reviews, open_ones_leave_out_persons_who_are_kept_apart) {
    make_family();
    const char *id = reviews(FILTER(OPEN), family[1])->reviews[0]->id;
    const char *other = create(TOLD(.name = "Another"))->id;
    merge_two(other, family[0]);
    Profiled__V1__CreateNeverJoinRequest never = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    never.profile_id = text(other);
    never.other_profile_id = text(family[1]);
    ask(&rpc_identity_service, "CreateNeverJoin", &never.base);

    cr_expect_eq(reviews(FILTER(OPEN), family[1])->n_reviews, 0);
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, FAMILY - 2);
    cr_expect_eq(reviews(FILTER(DECIDED), "")->n_reviews, 0);
    cr_assert_eq(reviews(FILTER(ALL), family[1])->n_reviews, 1);
    cr_expect_str_eq(reviews(FILTER(ALL), family[1])->reviews[0]->id, id);
    cr_expect_eq(reviews(FILTER(ALL), family[1])->reviews[0]->state, REVIEW(KEPT_APART));
}

Test(list_reviews, with_profiles) {
    make_family();
    Profiled__V1__ListReviewsRequest request = PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.include_profiles = true;

    const Profiled__V1__ListReviewsResponse *page =
        ask(&rpc_identity_service, "ListReviews", &request.base);

    cr_expect_str_eq(attribute_in(page->reviews[0]->side->profile, "birth_date"), "1910-01-01");
    cr_expect_str_eq(page->reviews[0]->other_side->profile->id, family[FAMILY - 1]);
}

Test(list_reviews, two_that_were_joined_have_their_own_names) {
    const char *ann = resolve(TOLD(.name = "Ann", .identities = {ID("email", "family@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1960-01-01")}))
                          ->profile_id;
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.name = "Bob", .identities = {ID("email", "family@example.com")},
                 .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    decide(the_review()->id, DECISION(JOIN));

    const Profiled__V1__Review *review = reviews(FILTER(DECIDED), ann)->reviews[0];

    cr_expect_str_eq(review->side->name, "Ann");
    cr_expect_str_eq(review->other_side->name, "Bob");
}

static void apply_a_second_later(void) {
    ask_wait_us(US_PER_SECOND);
    apply_rules(0);
}

/* A record that lies with the one, and that the other one was kept from. */
static void tell_related(const char **one, const char **other) {
    *one = resolve(TOLD(.identities = {ID("twitter", "handle2")},
                        .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
               ->profile_id;
    ask_wait_us(US_PER_SECOND);
    *other = resolve(TOLD(.identities = {ID("anonymous_id", "anon-50")},
                          .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}))
                 ->profile_id;
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("twitter", "handle2"), ID("anonymous_id", "anon-50")}));
}

/* And rules link the record to the other one. Answers the review's id. */
static const char *tell_moved(const char **one, const char **other) {
    tell_related(one, other);
    const char *id = the_review()->id;
    set_blocked("twitter", "handle2");
    apply_a_second_later();
    return id;
}

static void expect_sides(const Profiled__V1__Review *review, const char *one, const char *other) {
    cr_expect_str_eq(review->side->profile_id, one);
    cr_expect_str_eq(review->other_side->profile_id, other);
}

/* The two are two, and what related them lies with the other one alone. */
Test(list_reviews, one_whose_record_rules_have_linked_to_the_other_is_not_told_as_joined) {
    const char *one = NULL;
    const char *other = NULL;
    const char *id = tell_moved(&one, &other);

    const Profiled__V1__ListReviewsResponse *all = reviews(FILTER(ALL), "");

    cr_assert_eq(all->n_reviews, 1);
    const Profiled__V1__Review *review = all->reviews[0];
    cr_expect_str_eq(review->id, id);
    cr_expect_eq(review->state, REVIEW(UNRELATED));
    const bool is_first = strcmp(review->side->member_id, one) == 0;
    cr_expect_str_eq(review->side->member_id, is_first ? one : other);
    cr_expect_str_eq(review->other_side->member_id, is_first ? other : one);
    expect_sides(review, is_first ? one : other, is_first ? other : one);
    cr_expect_null(review->decide_time, "nobody has");
    cr_expect_str_empty(review->merge_id);
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, 0);
    cr_expect_eq(reviews(FILTER(DECIDED), "")->n_reviews, 0);
    cr_expect_eq(reviews(FILTER(ALL), other)->n_reviews, 1);
    cr_expect_eq(review_get(id)->state, REVIEW(UNRELATED));
    for (int decision = DECISION(JOIN); decision <= DECISION(DISMISS); decision++) {
        Profiled__V1__DecideReviewRequest request = decide_request(id, decision);
        ask_refused(&rpc_identity_service, "DecideReview", &request.base,
                    STATUS_FAILED_PRECONDITION, "REVIEW_DECIDED");
    }

    restore_rules(1);
    apply_a_second_later();
    review = the_review();
    cr_expect_str_eq(review->id, id);
    expect_sides(review, is_first ? one : other, is_first ? other : one);
}

Test(list_reviews, one_whose_record_lies_with_the_other_is_told_as_somebody_said_of_the_two) {
    const char *one = NULL;
    const char *other = NULL;
    const char *id = tell_moved(&one, &other);
    Profiled__V1__CreateNeverJoinRequest never = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    never.profile_id = text(one);
    never.other_profile_id = text(other);
    ask(&rpc_identity_service, "CreateNeverJoin", &never.base);
    cr_expect_eq(review_get(id)->state, REVIEW(KEPT_APART));
    ask(&rpc_identity_service, "DeleteNeverJoin", &never.base);
    cr_expect_eq(review_get(id)->state, REVIEW(UNRELATED));

    Profiled__V1__Profile bare = PROFILED__V1__PROFILE__INIT;
    Profiled__V1__UpdateProfileRequest clear = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    bare.id = text(other);
    clear.profile = &bare;
    clear.update_mask = mask_told("attributes.birth_date");
    ask(&rpc_profile_service, "UpdateProfile", &clear.base);
    (void)merge_two(one, other);
    cr_expect_eq(review_get(id)->state, REVIEW(JOINED));
}

Test(list_reviews, bad_missing_and_elsewhere) {
    make_family();
    Profiled__V1__ListReviewsRequest request = PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.page_size = -1;
    request.state = (Profiled__V1__ReviewFilter)9;
    request.profile_id = text("x");
    const struct answer *answer = ask_refused(&rpc_identity_service, "ListReviews", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "page_size"));
    cr_expect_not_null(answer_violation(answer, "state"));
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    request = (Profiled__V1__ListReviewsRequest)PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.page_size = 1;
    const Profiled__V1__ListReviewsResponse *page =
        ask(&rpc_identity_service, "ListReviews", &request.base);
    request.page_token = page->next_page_token;
    request.state = FILTER(ALL);
    ask_refused(&rpc_identity_service, "ListReviews", &request.base, STATUS_INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID");
    request.page_token = text("");
    request.profile_id = text("0190b8a2-0000-7000-8000-00000000000a");
    ask_refused(&rpc_identity_service, "ListReviews", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request.profile_id = text("");
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, "other", &rpc_identity_service, "ListReviews", &request.base, &response);
    cr_expect_eq(((const Profiled__V1__ListReviewsResponse *)response)->n_reviews, 0);
}
