/* DecideReview. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/reviews.h"

TestSuite(decide_review, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *one;
static const char *two;

/* Two of a family; the id of their review. */
static const char *a_review(void) {
    one = relative("+966500000001", "family@example.com", "1960-01-01");
    two = relative("+966500000002", "family@example.com", "1990-01-01");
    const char *id = the_review()->id;
    ask_wait_us(US_PER_SECOND);
    return id;
}

static void expect_refused(const char *review_id, int decision, enum status_code code,
                           const char *reason) {
    const Profiled__V1__DecideReviewRequest request = decide_request(review_id, decision);
    ask_refused(&rpc_identity_service, "DecideReview", &request.base, code, reason);
}

static void merge(const char *left, const char *right) {
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(left);
    request.other_profile_id = text(right);
    ask(&rpc_identity_service, "MergeProfiles", &request.base);
}

Test(decide_review, join_merges_over_the_birth_date) {
    const char *id = a_review();

    Profiled__V1__DecideReviewRequest request = decide_request(id, DECISION(JOIN));
    const Profiled__V1__DecideReviewResponse *response =
        ask_twice(&rpc_identity_service, "DecideReview", &request.base);

    const Profiled__V1__Review *review = response->review;
    cr_expect_eq(review->state, REVIEW(JOINED));
    cr_expect_not_null(review->decide_time);
    cr_expect_str_not_empty(review->merge_id);
    cr_expect_str_eq(review->other_side->profile_id, one);
    cr_expect_eq(review->side->open_count, 0);
    cr_expect_str_eq(response->profile->id, one);
    cr_expect_str_eq(attribute_in(response->profile, "birth_date"), "1990-01-01",
                     "the most recently observed survives");
    cr_expect_str_eq(get(two)->id, one);
    Profiled__V1__ListMergesRequest list = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    const Profiled__V1__ListMergesResponse *merges =
        ask(&rpc_identity_service, "ListMerges", &list.base);
    cr_expect_str_eq(merges->merges[0]->id, review->merge_id);
    cr_expect_str_eq(merges->merges[0]->method, "DecideReview");
}

Test(decide_review, keep_apart_says_that_the_two_are_never_one) {
    const char *id = a_review();

    Profiled__V1__DecideReviewRequest request = decide_request(id, DECISION(KEEP_APART));
    const Profiled__V1__DecideReviewResponse *response =
        ask_twice(&rpc_identity_service, "DecideReview", &request.base);

    cr_expect_eq(response->review->state, REVIEW(KEPT_APART));
    cr_expect_null(response->profile);
    Profiled__V1__ListNeverJoinsRequest list = PROFILED__V1__LIST_NEVER_JOINS_REQUEST__INIT;
    const Profiled__V1__ListNeverJoinsResponse *nevers =
        ask(&rpc_identity_service, "ListNeverJoins", &list.base);
    cr_assert_eq(nevers->n_never_joins, 1);
    cr_expect_str_eq(nevers->never_joins[0]->review_id, id);
    cr_expect_str_eq(nevers->never_joins[0]->profile_id, one);
    cr_expect_str_eq(nevers->never_joins[0]->other_profile_id, two);
}

Test(decide_review, dismiss_changes_no_profile) {
    const char *id = a_review();
    const char *etag = get(one)->etag;

    Profiled__V1__DecideReviewRequest request = decide_request(id, DECISION(DISMISS));
    const Profiled__V1__DecideReviewResponse *response =
        ask_twice(&rpc_identity_service, "DecideReview", &request.base);

    cr_expect_eq(response->review->state, REVIEW(DISMISSED));
    cr_expect_str_eq(get(one)->etag, etag);
    cr_expect_eq(profile_count(), 2);
}

Test(decide_review, twice_is_refused) {
    const char *id = a_review();
    decide(id, DECISION(DISMISS));

    expect_refused(id, DECISION(JOIN), STATUS_FAILED_PRECONDITION, "REVIEW_DECIDED");
    expect_refused(id, DECISION(DISMISS), STATUS_FAILED_PRECONDITION, "REVIEW_DECIDED");
}

Test(decide_review, what_was_met_since_it_was_read_is_refused) {
    const char *id = a_review();
    Profiled__V1__DecideReviewRequest request = decide_request(id, DECISION(DISMISS));
    request.last_time = review_get(id)->last_time;
    relative("+966500000002", "family@example.com", "1990-01-01");
    ask_refused(&rpc_identity_service, "DecideReview", &request.base, STATUS_ABORTED,
                "ETAG_MISMATCH");

    request.last_time = review_get(id)->last_time;
    ask(&rpc_identity_service, "DecideReview", &request.base);
}

Test(decide_review, join_breaks_no_limit_and_nobody_s_word) {
    one = resolve(TOLD(.identities = {ID("external_id", "crm-1"), ID("email", "a@example.com")}))
              ->profile_id;
    ask_wait_us(US_PER_SECOND);
    two = resolve(TOLD(.identities = {ID("external_id", "crm-2"), ID("email", "a@example.com")}))
              ->profile_id;
    const Profiled__V1__DecideReviewRequest request =
        decide_request(the_review()->id, DECISION(JOIN));
    const struct answer *answer = ask_refused(&rpc_identity_service, "DecideReview", &request.base,
                                              STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    cr_expect_str_eq(answer_metadata(answer, "rule"), "VETO_SINGLE_VALUE");
    cr_expect_str_eq(answer_metadata(answer, "field"), "identities.external_id");
    cr_expect_str_eq(answer_metadata(answer, "count"), "2");
    cr_expect_str_eq(answer_metadata(answer, "limit"), "1");
    cr_expect_eq(the_review()->state, REVIEW(OPEN));
}

/* Others of whom somebody said that they are two. */
Test(decide_review, join_heeds_what_was_said_of_other_members) {
    const char *id = a_review();
    const char *third = create(TOLD(.name = "Third"))->id;
    merge(third, one);
    Profiled__V1__CreateNeverJoinRequest never = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    never.profile_id = text(third);
    never.other_profile_id = text(two);
    ask(&rpc_identity_service, "CreateNeverJoin", &never.base);

    const Profiled__V1__DecideReviewRequest request = decide_request(id, DECISION(JOIN));
    const struct answer *answer = ask_refused(&rpc_identity_service, "DecideReview", &request.base,
                                              STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    cr_expect_str_eq(answer_metadata(answer, "rule"), "NEVER_JOIN");
    cr_expect_str_eq(answer_metadata(answer, "field"), "never_join");
}

/* By merges of others that the two are part of. */
Test(decide_review, of_two_that_have_become_one) {
    const char *first = a_review();
    const char *third = relative("+966500000003", "family@example.com", "1999-01-01");
    const char *second = reviews(FILTER(OPEN), third)->reviews[0]->id;
    ask_wait_us(US_PER_SECOND);
    const char *bridge = create(TOLD(.name = "Bridge"))->id;
    merge(bridge, two);
    decide(second, DECISION(JOIN));
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UpdateProfileRequest clear = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    char *path = text("attributes.birth_date");
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = &path;
    clear.profile = profile_told(TOLD(.name = NULL));
    clear.profile->id = text(one);
    clear.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &clear.base);
    merge(bridge, one);
    cr_assert_eq(review_get(first)->state, REVIEW(JOINED));

    expect_refused(first, DECISION(KEEP_APART), STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    const Profiled__V1__DecideReviewResponse *response = decide(first, DECISION(JOIN));

    cr_expect_eq(response->review->state, REVIEW(JOINED));
    cr_expect_str_empty(response->review->merge_id);
    cr_expect_str_eq(response->profile->id, one);
    expect_refused(first, DECISION(JOIN), STATUS_FAILED_PRECONDITION, "REVIEW_DECIDED");
}

/* ---- two persons with two reviews: their members were merged after these were queued ---- */

static const char *member;       /* The older of the one person, */
static const char *other_member; /* the other, */
static const char *stranger;     /* and the other person. */
static const char *review_id;    /* Of the member and the stranger. */
static const char *other_id;     /* Of the other member and the stranger. */

static void two_reviews(void) {
    member = relative("+966500000001", "a@example.com", "1960-01-01");
    other_member = relative("+966500000002", "b@example.com", "1960-01-01");
    stranger = relative("+966500000003", "a@example.com", "1990-01-01");
    cr_assert_str_eq(relative("+966500000003", "b@example.com", "1990-01-01"), stranger);
    cr_assert_eq(reviews(FILTER(OPEN), stranger)->n_reviews, 2);
    merge_two(member, other_member);
    review_id = reviews(FILTER(OPEN), stranger)->reviews[1]->id;
    other_id = reviews(FILTER(OPEN), stranger)->reviews[0]->id;
    ask_wait_us(US_PER_SECOND);
}

Test(decide_review, keep_apart_is_told_of_all_reviews_of_the_two_persons) {
    two_reviews();

    const Profiled__V1__DecideReviewResponse *response = decide(review_id, DECISION(KEEP_APART));

    cr_expect_str_eq(response->review->id, review_id);
    cr_expect_eq(review_get(other_id)->state, REVIEW(KEPT_APART));
    cr_expect_null(review_get(other_id)->decide_time);
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, 0);
    const Profiled__V1__DecideReviewRequest request = decide_request(other_id, DECISION(JOIN));
    const struct answer *answer = ask_refused(&rpc_identity_service, "DecideReview", &request.base,
                                              STATUS_FAILED_PRECONDITION, "MERGE_NOT_ALLOWED");
    cr_expect_str_eq(answer_metadata(answer, "rule"), "NEVER_JOIN");
    /* It was said of the other member alone: this one may be asked about once they are two. */
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.profile_id = text(other_member);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    cr_expect_str_eq(the_review()->id, other_id);
}

Test(decide_review, join_is_told_of_all_reviews_of_the_two_persons) {
    two_reviews();

    const Profiled__V1__DecideReviewResponse *response = decide(other_id, DECISION(JOIN));

    cr_expect_str_not_empty(response->review->merge_id);
    cr_expect_eq(review_get(review_id)->state, REVIEW(JOINED));
    cr_expect_str_empty(review_get(review_id)->merge_id);
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, 0);
}

Test(decide_review, dismiss_dismisses_all_reviews_of_the_two_persons) {
    two_reviews();
    const char *fourth = relative("+966500000004", "a@example.com", "1999-01-01");

    Profiled__V1__DecideReviewRequest request = decide_request(other_id, DECISION(DISMISS));
    const Profiled__V1__DecideReviewResponse *response =
        ask_twice(&rpc_identity_service, "DecideReview", &request.base);

    cr_expect_str_eq(response->review->id, other_id);
    cr_expect_eq(response->review->state, REVIEW(DISMISSED));
    cr_expect_eq(review_get(review_id)->state, REVIEW(DISMISSED));
    cr_expect_not_null(review_get(review_id)->decide_time);
    cr_expect_str_eq(the_review()->other_side->member_id, fourth, "of the same and somebody else");
    expect_refused(review_id, DECISION(JOIN), STATUS_FAILED_PRECONDITION, "REVIEW_DECIDED");
    relative("+966500000003", "a@example.com", "1990-01-01");
    relative("+966500000003", "b@example.com", "1990-01-01");
    cr_expect_str_eq(the_review()->other_side->member_id, fourth);
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
}

Test(decide_review, of_a_deleted_profile_is_refused_until_it_is_back) {
    const char *id = a_review();
    Profiled__V1__DeleteProfileRequest erase = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    erase.id = text(two);
    ask(&rpc_profile_service, "DeleteProfile", &erase.base);
    expect_refused(id, DECISION(JOIN), STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    expect_refused(id, DECISION(KEEP_APART), STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    Profiled__V1__UndeleteProfileRequest back = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    back.id = text(two);
    ask(&rpc_profile_service, "UndeleteProfile", &back.base);

    cr_expect_eq(decide(id, DECISION(JOIN))->review->state, REVIEW(JOINED));
}

Test(decide_review, bad_missing_and_elsewhere) {
    const char *id = a_review();
    Profiled__V1__DecideReviewRequest request = decide_request("x", 7);
    Google__Protobuf__Timestamp never = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    never.nanos = -1;
    request.last_time = &never;
    const struct answer *answer = ask_refused(&rpc_identity_service, "DecideReview", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "review_id"));
    cr_expect_not_null(answer_violation(answer, "decision"));
    cr_expect_not_null(answer_violation(answer, "last_time"));
    expect_refused(id, DECISION(UNSPECIFIED), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    expect_refused(one, DECISION(JOIN), STATUS_NOT_FOUND, "REVIEW_NOT_FOUND");
    request = decide_request(id, DECISION(JOIN));
    ask_refused_elsewhere(&rpc_identity_service, "DecideReview", &request.base, STATUS_NOT_FOUND,
                          "REVIEW_NOT_FOUND");
}

Test(decide_review, is_done_once_for_one_request_id) {
    const char *id = a_review();
    Profiled__V1__DecideReviewRequest request = decide_request(id, DECISION(JOIN));
    Profiled__V1__DecideReviewRequest other = decide_request(id, DECISION(DISMISS));
    ask_again(&rpc_identity_service, "DecideReview", &request.base, &other.base);
}

/* What has become of the two since leaves nothing to dismiss. */
Test(decide_review, a_review_of_two_that_are_one_is_not_dismissed) {
    const char *mother = relative("+966500000001", "family@example.com", "1960-01-01");
    const char *daughter = relative("+966500000002", "family@example.com", "1990-01-01");
    const char *id = the_review()->id;
    const char *aunt = resolve(TOLD(.identities = {ID("twitter", "aunt_x")}))->profile_id;
    merge_two(mother, aunt);
    Profiled__V1__UpdateProfileRequest update = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {(char *)(uintptr_t) "attributes.birth_date"};
    profile.id = (char *)(uintptr_t)daughter;
    mask.paths = paths;
    mask.n_paths = 1;
    update.profile = &profile;
    update.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &update.base);
    merge_two(aunt, daughter);
    cr_assert_eq(review_get(id)->state, REVIEW(JOINED));

    const Profiled__V1__DecideReviewRequest request = decide_request(id, DECISION(DISMISS));

    ask_refused(&rpc_identity_service, "DecideReview", &request.base, STATUS_FAILED_PRECONDITION,
                "REVIEW_DECIDED");
}
