/* BatchCreateReviews, and what SuggestMerges makes of reviews. */

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/identity/reviews_between.h"
#include "tests/handlers/reviews.h"

TestSuite(batch_create_reviews, .init = ask_open, .fini = ask_close);

#define QUEUE(NAME) PROFILED__V1__QUEUE_OUTCOME__QUEUE_OUTCOME_##NAME
#define LEVEL(NAME) PROFILED__V1__SIMILARITY_LEVEL__SIMILARITY_LEVEL_##NAME

enum { PAIRS_MAX = 4 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- calls ---- */

/* One of two people who are alike: no identity joins them. */
static const char *make(const char *given_name) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.attributes = {ATTRIBUTE("given_name", given_name),
                                       ATTRIBUTE("family_name", "Harbi"),
                                       ATTRIBUTE("birth_date", "1985-10-15"),
                                       ATTRIBUTE("city", "Abha")}))
        ->profile_id;
}

static Profiled__V1__SimilarPair *pair_of(const char *one, const char *other) {
    Profiled__V1__SimilarPair *pair = arena_alloc(&ask_arena, sizeof *pair);
    profiled__v1__similar_pair__init(pair);
    pair->profile_id = text(one);
    pair->other_profile_id = text(other);
    pair->probability = 0.9;
    return pair;
}

static void score(Profiled__V1__SimilarPair *pair, const char *field, int level, double bits) {
    Profiled__V1__FieldScore *message = arena_alloc(&ask_arena, sizeof *message);
    profiled__v1__field_score__init(message);
    message->field = text(field);
    message->level = (Profiled__V1__SimilarityLevel)level;
    message->bits = bits;
    pair->fields = arena_append(&ask_arena, pair->fields, pair->n_fields, sizeof *pair->fields);
    pair->fields[pair->n_fields++] = message;
}

static Profiled__V1__BatchCreateReviewsRequest request_of(Profiled__V1__SimilarPair **pairs,
                                                          size_t count) {
    Profiled__V1__BatchCreateReviewsRequest request =
        PROFILED__V1__BATCH_CREATE_REVIEWS_REQUEST__INIT;
    request.pairs = pairs;
    request.n_pairs = count;
    return request;
}

static const Profiled__V1__QueueVerdict *queue(Profiled__V1__SimilarPair *pair) {
    const Profiled__V1__BatchCreateReviewsRequest request = request_of(&pair, 1);
    const Profiled__V1__BatchCreateReviewsResponse *response =
        ask(&rpc_identity_service, "BatchCreateReviews", &request.base);
    cr_assert_eq(response->n_verdicts, 1);
    return response->verdicts[0];
}

/* The suggestions of the workspace; of their counts those in *counts. */
static size_t suggested(Profiled__V1__SuggestCounts *counts,
                        const Profiled__V1__MergeSuggestion **first) {
    const Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    const struct feed feed = ask_feed(&rpc_identity_service, "SuggestMerges", &request.base);
    size_t count = 0;
    cr_assert_eq(feed.answer->code, STATUS_OK);
    for (size_t i = 0; i < feed.count; i++) {
        const Profiled__V1__SuggestMergesResponse *message =
            (const Profiled__V1__SuggestMergesResponse *)feed.messages[i];
        if (message->payload_case == PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_COUNTS) {
            *counts = *message->counts;
        } else if (message->payload_case ==
                   PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_SUGGESTIONS) {
            *first = count == 0 ? message->suggestions->suggestions[0] : *first;
            count += message->suggestions->n_suggestions;
        }
    }
    return count;
}

/* ---- what is queued ---- */

Test(batch_create_reviews, a_pair_with_its_scores_is_queued_once) {
    const char *one = make("Noura");
    const char *other = make("Nora");
    Profiled__V1__SimilarPair *pair = pair_of(other, one);
    score(pair, "birth_date", LEVEL(SAME), 11.5);
    score(pair, "given_name", LEVEL(NEAR), -0.5);

    const Profiled__V1__QueueVerdict *first = queue(pair);
    const uint64_t before = call_data_hash(ask_fixture);
    const Profiled__V1__QueueVerdict *second = queue(pair);

    cr_expect_eq(first->outcome, QUEUE(QUEUED));
    cr_expect_eq(second->outcome, QUEUE(OPEN));
    cr_expect_str_eq(second->review_id, first->review_id);
    cr_expect_eq(call_data_hash(ask_fixture), before, "it had nothing new");
    const Profiled__V1__Review *review = the_review();
    cr_expect_str_eq(review->id, first->review_id);
    cr_expect_str_eq(review->side->member_id, one);
    cr_expect_str_eq(review->other_side->member_id, other);
    cr_expect_eq(review->rule, RULE(SIMILAR));
    cr_expect_eq(review->n_rules, 1);
    cr_expect_eq(review->record_count, 0);
    cr_expect_str_empty(review->decision_id);
    cr_expect_str_empty(review->decision_member_id);
    cr_expect_eq(review->probability, 0.9);
    cr_assert_eq(review->n_fields, 2);
    cr_expect_str_eq(review->fields[0]->field, "birth_date");
    cr_expect_eq(review->fields[0]->level, LEVEL(SAME));
    cr_expect_eq(review->fields[0]->bits, 11.5);
    cr_expect_eq(review->fields[1]->bits, -0.5);
}

Test(batch_create_reviews, other_scores_bring_it_up_to_date) {
    Profiled__V1__SimilarPair *pair = pair_of(make("Noura"), make("Nora"));
    const char *id = queue(pair)->review_id;
    ask_wait_us(US_PER_SECOND);
    pair->probability = 0.95;

    cr_expect_eq(queue(pair)->outcome, QUEUE(OPEN));

    const Profiled__V1__Review *review = review_get(id);
    cr_expect_eq(review->probability, 0.95);
    cr_expect_gt(review->last_time->seconds, review->first_time->seconds);
}

Test(batch_create_reviews, joined_the_two_are_one_and_can_be_taken_apart) {
    const char *one = make("Noura");
    const char *other = make("Nora");
    const char *id = queue(pair_of(one, other))->review_id;

    const Profiled__V1__DecideReviewResponse *decided = decide(id, DECISION(JOIN));

    cr_expect_str_eq(decided->profile->id, one);
    cr_expect_eq(decided->review->state, REVIEW(JOINED));
    cr_expect_eq(queue(pair_of(one, other))->outcome, QUEUE(SAME_PROFILE));
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = decided->review->merge_id;
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    cr_expect_eq(queue(pair_of(one, other))->outcome, QUEUE(NEVER_JOIN));
    cr_expect_str_empty(queue(pair_of(one, other))->review_id);
}

Test(batch_create_reviews, dismissed_it_is_neither_queued_nor_suggested_again) {
    const char *one = make("Noura");
    const char *other = make("Nora");
    Profiled__V1__SuggestCounts counts = PROFILED__V1__SUGGEST_COUNTS__INIT;
    const Profiled__V1__MergeSuggestion *first = NULL;
    cr_assert_eq(suggested(&counts, &first), 1);
    cr_expect_str_empty(first->review_id);
    const char *id = queue(pair_of(one, other))->review_id;
    cr_assert_eq(suggested(&counts, &first), 1);
    cr_expect_str_eq(first->review_id, id);

    decide(id, DECISION(DISMISS));

    cr_expect_eq(suggested(&counts, &first), 0);
    cr_expect_eq(counts.dismissed_count, 1);
    cr_expect_eq(counts.never_join_count, 0);
    const uint64_t before = call_data_hash(ask_fixture);
    const Profiled__V1__QueueVerdict *again = queue(pair_of(one, other));
    cr_expect_eq(again->outcome, QUEUE(DISMISSED));
    cr_expect_str_eq(again->review_id, id);
    cr_expect_eq(call_data_hash(ask_fixture), before);
}

/* A record meets the two as well: the rule is told, and how alike they are is kept. */
Test(batch_create_reviews, a_record_joins_in) {
    const char *mother = relative("+966500000001", "family@example.com", "1960-01-01");
    const char *daughter = relative("+966500000002", "family@example.com", "1990-01-01");
    const char *id = the_review()->id;

    cr_expect_eq(queue(pair_of(mother, daughter))->outcome, QUEUE(OPEN));

    const Profiled__V1__Review *review = review_get(id);
    cr_expect_eq(review->rule, RULE(VETO_BIRTH_DATE), "it still stands in the way");
    cr_expect_eq(review->n_rules, 2);
    cr_expect_eq(review->record_count, 1);
    cr_expect_eq(review->probability, 0.9);
}

/* Of persons of several members there is one review, whichever of them are named. */
Test(batch_create_reviews, two_persons_are_queued_once) {
    const char *one = make("Noura");
    const char *member = make("Noura");
    const char *other = make("Nora");
    merge_two(one, member);
    const char *id = queue(pair_of(member, other))->review_id;
    Profiled__V1__SuggestCounts counts = PROFILED__V1__SUGGEST_COUNTS__INIT;
    const Profiled__V1__MergeSuggestion *first = NULL;

    const Profiled__V1__QueueVerdict *again = queue(pair_of(other, one));

    cr_expect_eq(again->outcome, QUEUE(OPEN));
    cr_expect_str_eq(again->review_id, id);
    cr_expect_str_eq(the_review()->side->member_id, member);
    cr_assert_eq(suggested(&counts, &first), 1);
    cr_expect_str_eq(first->review_id, id);
    decide(id, DECISION(DISMISS));
    cr_expect_eq(queue(pair_of(other, one))->outcome, QUEUE(DISMISSED));
    cr_expect_str_eq(queue(pair_of(other, one))->review_id, id);
    cr_expect_eq(suggested(&counts, &first), 0);
    cr_expect_eq(counts.dismissed_count, 1);
}

/* What is looked for has an end: there may be a second review of two persons then, and no harm. */
Test(batch_create_reviews, of_so_many_members_the_first_are_looked_at) {
    const char *other = make("Nora");
    const char *another = make("Hind");
    const char *first = NULL;
    const char *last = NULL;
    for (size_t i = 0; i < REVIEW_MEMBERS_MAX + 1; i++) {
        last = make("Noura");
        first = first == NULL ? last : first;
        queue(pair_of(last, another));
        if (last != first) {
            merge_two(first, last);
        }
    }
    const char *id = queue(pair_of(last, other))->review_id;

    cr_expect_eq(queue(pair_of(first, other))->outcome, QUEUE(QUEUED));
    cr_expect_str_eq(queue(pair_of(last, other))->review_id, id);
    decide(id, DECISION(KEEP_APART));
    cr_expect_eq(reviews(FILTER(OPEN), other)->n_reviews, 0);
}

/* A review that no record met has the decision on the first that meets its persons. */
Test(batch_create_reviews, a_record_joins_in_through_another_member) {
    const char *one = create(TOLD(.name = "Another"))->id;
    const char *mother = relative("+966500000001", "family@example.com", "1960-01-01");
    merge_two(one, mother);
    const char *daughter = relative("+966500000002", "daughter@example.com", "1990-01-01");
    const char *id = queue(pair_of(one, daughter))->review_id;

    relative("+966500000002", "family@example.com", "1990-01-01");

    const Profiled__V1__Review *review = the_review();
    cr_expect_str_eq(review->id, id);
    cr_expect_eq(review->rule, RULE(VETO_BIRTH_DATE));
    cr_expect_eq(review->record_count, 1);
    cr_expect_str_eq(review->decision_member_id, daughter);
}

Test(batch_create_reviews, each_pair_has_a_verdict_of_its_own) {
    const char *one = make("Noura");
    const char *other = make("Nora");
    const char *deleted = make("Hind");
    Profiled__V1__DeleteProfileRequest delete_request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    delete_request.id = text(deleted);
    ask(&rpc_profile_service, "DeleteProfile", &delete_request.base);
    Profiled__V1__SimilarPair *pairs[PAIRS_MAX] = {
        pair_of(one, deleted),
        pair_of("0190b8a2-0000-7000-8000-00000000000a", one),
        pair_of(one, other),
        pair_of(other, one),
    };
    Profiled__V1__BatchCreateReviewsRequest request = request_of(pairs, PAIRS_MAX);

    const Profiled__V1__BatchCreateReviewsResponse *response =
        ask_twice(&rpc_identity_service, "BatchCreateReviews", &request.base);

    cr_assert_eq(response->n_verdicts, PAIRS_MAX);
    cr_expect_eq(response->verdicts[0]->outcome, QUEUE(PROFILE_NOT_FOUND));
    cr_expect_eq(response->verdicts[1]->outcome, QUEUE(PROFILE_NOT_FOUND));
    cr_expect_eq(response->verdicts[2]->outcome, QUEUE(QUEUED));
    cr_expect_eq(response->verdicts[3]->outcome, QUEUE(OPEN));
}

Test(batch_create_reviews, a_profile_with_a_hundred_has_no_room) {
    const char *one = make("Noura");
    for (size_t i = 0; i < PROFILE_REVIEWS_MAX; i++) {
        cr_assert_eq(queue(pair_of(one, make("Nora")))->outcome, QUEUE(QUEUED));
    }

    const Profiled__V1__QueueVerdict *verdict = queue(pair_of(make("Nora"), one));

    cr_expect_eq(verdict->outcome, QUEUE(NO_ROOM));
    cr_expect_str_empty(verdict->review_id);
    cr_expect_eq(reviews(FILTER(OPEN), one)->dropped_count, 1);
}

/* ---- what is refused ---- */

Test(batch_create_reviews, every_bad_field_is_named) {
    const char *one = make("Noura");
    Profiled__V1__SimilarPair *pairs[] = {pair_of("x", one), pair_of(one, one),
                                          pair_of(one, make("Nora"))};
    pairs[0]->probability = NAN;
    score(pairs[2], "shoe_size", LEVEL(SAME), 1);
    score(pairs[2], "city", LEVEL(SAME), 1);
    score(pairs[2], "city", LEVEL(SAME), 1);
    score(pairs[2], "email", 0, 1);
    score(pairs[2], "phone", LEVEL(SAME), INFINITY);
    const Profiled__V1__BatchCreateReviewsRequest request = request_of(pairs, 3);

    const struct answer *answer =
        ask_refused(&rpc_identity_service, "BatchCreateReviews", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    cr_expect_not_null(answer_violation(answer, "pairs[0].profile_id"));
    cr_expect_str_eq(answer_violation(answer, "pairs[0].probability"), "must be 0 to 1");
    cr_expect_str_eq(answer_violation(answer, "pairs[1].other_profile_id"), "is the same profile");
    cr_expect_not_null(answer_violation(answer, "pairs[2].fields[0].field"));
    cr_expect_str_eq(answer_violation(answer, "pairs[2].fields[2].field"), "is there twice");
    cr_expect_not_null(answer_violation(answer, "pairs[2].fields[3].level"));
    cr_expect_str_eq(answer_violation(answer, "pairs[2].fields[4].bits"), "must be a number");
    const Profiled__V1__BatchCreateReviewsRequest none = request_of(NULL, 0);
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_identity_service, "BatchCreateReviews", &none.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "pairs"));
}

Test(batch_create_reviews, elsewhere_there_are_no_such_profiles) {
    Profiled__V1__SimilarPair *pair = pair_of(make("Noura"), make("Nora"));
    const Profiled__V1__BatchCreateReviewsRequest request = request_of(&pair, 1);

    ProtobufCMessage *message = NULL;
    const struct answer *answer = call_in(ask_fixture, "other", &rpc_identity_service,
                                          "BatchCreateReviews", &request.base, &message);

    cr_assert_eq(answer->code, STATUS_OK);
    const Profiled__V1__BatchCreateReviewsResponse *response =
        (const Profiled__V1__BatchCreateReviewsResponse *)message;
    cr_expect_eq(response->verdicts[0]->outcome, QUEUE(PROFILE_NOT_FOUND));
}

Test(batch_create_reviews, is_done_once_for_one_request_id) {
    const char *one = make("Noura");
    const char *other = make("Nora");
    Profiled__V1__SimilarPair *pair = pair_of(one, other);
    Profiled__V1__SimilarPair *turned = pair_of(other, one);
    Profiled__V1__BatchCreateReviewsRequest request = request_of(&pair, 1);
    Profiled__V1__BatchCreateReviewsRequest another = request_of(&turned, 1);
    ask_again(&rpc_identity_service, "BatchCreateReviews", &request.base, &another.base);
}
