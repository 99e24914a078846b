/* The review queue as records fill it: which pairs come into it, once, what is decided stays so,
 * and later records obey. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "tests/handlers/events.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(review, .init = ask_open, .fini = ask_close);

#define MAILBOX "family@example.com"
#define MOTHER "+966500000001"
#define DAUGHTER "+966500000002"

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *mother;
static const char *daughter;

static void make_family(void) {
    mother = relative(MOTHER, MAILBOX, "1960-01-01");
    daughter = relative(DAUGHTER, MAILBOX, "1990-01-01");
    ask_wait_us(US_PER_SECOND);
}

static size_t count_of(int filter) { return reviews(filter, "")->n_reviews; }

static const char *record(const char *phone, const char *birth_date) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.identities = {ID("phone", phone), ID("email", MAILBOX)},
                        .attributes = {ATTRIBUTE("birth_date", birth_date)}))
        ->profile_id;
}

/* ---- what comes in ---- */

Test(review, a_family_mailbox_is_one_review_a_pair_however_often_it_is_met) {
    make_family();
    const char *id = the_review()->id;

    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(record(DAUGHTER, "1990-01-01"), daughter);
        cr_expect_str_eq(record(MOTHER, "1960-01-01"), mother);
    }

    const Profiled__V1__Review *review = the_review();
    cr_expect_str_eq(review->id, id);
    cr_expect_eq(review->record_count, 4);
    cr_expect_gt(review->last_time->seconds, review->first_time->seconds);
    cr_expect_str_eq(review->decision_member_id, daughter);
}

/* The clock was ahead when they were met first. */
Test(review, met_again_at_an_earlier_time_it_came_up_last_when_it_did) {
    make_family();
    const int64_t first_seconds = the_review()->first_time->seconds;
    ask_wait_us(-US_PER_DAY);

    (void)record(DAUGHTER, "1990-01-01");

    const Profiled__V1__Review *review = the_review();
    cr_expect_eq(review->record_count, 2);
    cr_expect_eq(review->first_time->seconds, first_seconds);
    cr_expect_eq(review->last_time->seconds, first_seconds);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(review, a_role_mailbox_relates_nobody) {
    relative(MOTHER, "info@example.com", "1960-01-01");
    relative(DAUGHTER, "info@example.com", "1990-01-01");

    cr_expect_eq(profile_count(), 2);
    cr_expect_eq(count_of(FILTER(ALL)), 0);
}

Test(review, two_that_would_be_over_a_limit) {
    set_limit("email", 1);
    resolve(TOLD(.identities = {ID("email", "a@example.com"), ID("phone", MOTHER)}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("email", "b@example.com"), ID("twitter", "mona_x")}));
    ask_wait_us(US_PER_SECOND);
    cr_assert_eq(resolve(TOLD(.identities = {ID("phone", MOTHER), ID("twitter", "mona_x")}))
                     ->candidates[1]
                     ->rule,
                 RULE(VETO_SINGLE_VALUE));

    cr_expect_eq(the_review()->rule, RULE(VETO_SINGLE_VALUE));
    set_limit("email", 2);
    resolve(TOLD(.identities = {ID("email", "c@example.com"), ID("phone", MOTHER)}));
    resolve(TOLD(.identities = {ID("phone", MOTHER), ID("twitter", "mona_x")}));

    const Profiled__V1__Review *review = the_review();
    cr_expect_eq(review->rule, RULE(MERGE_LIMIT));
    cr_expect_eq(review->rule_version, 3);
    cr_assert_eq(review->n_rules, 2);
    cr_expect_eq(review->rules[0], RULE(VETO_SINGLE_VALUE));
    cr_expect_eq(review->rules[1], RULE(MERGE_LIMIT));
}

Test(review, what_was_inferred_is_for_somebody_to_decide) {
    const char *one = resolve(TOLD(.identities = {ID("email", "sami@example.com")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    const char *two = resolve(TOLD(.identities = {ID("anonymous_id", "tablet-9")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("email", "sami@example.com"),
                                {.type = "anonymous_id",
                                 .value = "tablet-9",
                                 .provenance = PROVENANCE(INFERRED)}}));

    const Profiled__V1__Review *review = the_review();
    cr_expect_eq(review->rule, RULE(MERGE_PROVENANCE));
    cr_expect_str_eq(decide(review->id, DECISION(JOIN))->profile->id, one);
    cr_expect_str_eq(get(two)->id, one);
}

Test(review, a_type_that_does_not_merge_is_for_somebody_to_decide) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text("anonymous_id");
    set_rules("merge", &rules);
    resolve(TOLD(.identities = {ID("email", "sami@example.com")}));
    resolve(TOLD(.identities = {ID("anonymous_id", "tablet-9")}));
    resolve(TOLD(.identities = {ID("email", "sami@example.com"), ID("anonymous_id", "tablet-9")}));

    cr_expect_eq(the_review()->rule, RULE(MERGE_TYPE));
}

/* The member by whose identity a profile was reached, not the one that answers. */
Test(review, is_of_the_members_that_the_record_reached) {
    make_family();
    decide(the_review()->id, DECISION(DISMISS));
    const char *salem = resolve(TOLD(.identities = {ID("email", "salem@example.com")}))->profile_id;
    Profiled__V1__MergeProfilesRequest merge = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    merge.profile_id = text(salem);
    merge.other_profile_id = text(mother);
    ask(&rpc_identity_service, "MergeProfiles", &merge.base);

    const char *stranger = relative("+966500000009", "salem@example.com", "1999-01-01");

    const Profiled__V1__Review *review = the_review();
    cr_expect_str_eq(review->side->member_id, salem);
    cr_expect_str_eq(review->side->profile_id, mother);
    cr_expect_str_eq(review->other_side->member_id, stranger);
}

Test(review, what_if_queues_nothing) {
    mother = relative(MOTHER, MAILBOX, "1960-01-01");
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(TOLD(.identities = {ID("phone", DAUGHTER), ID("email", MAILBOX)},
                                      .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    request.validate_only = true;
    ask(&rpc_identity_service, "ResolveProfile", &request.base);
    cr_expect_eq(count_of(FILTER(ALL)), 0);
}

Test(review, interactions_queue_as_records_do) {
    make_family();
    record_event(event_by_record(engagement_told("e-1", "email", 0),
                                 TOLD(.identities = {ID("phone", DAUGHTER), ID("email", MAILBOX)},
                                      .attributes = {ATTRIBUTE("birth_date", "1990-01-01")})));

    cr_expect_eq(the_review()->record_count, 2);
}

/* A mailbox that more people share than anybody would go through. */
Test(review, of_one_profile_there_are_a_hundred_and_the_rest_is_counted) {
    mother = relative(MOTHER, MAILBOX, "1960-01-01");
    for (int i = 0; i < PROFILE_REVIEWS_MAX + 5; i++) {
        relative(arena_format(&ask_arena, "+96650001%04d", 1000 + i), MAILBOX,
                 arena_format(&ask_arena, "%d-02-01", 1901 + i));
    }

    const Profiled__V1__ListReviewsResponse *response = reviews(FILTER(ALL), mother);
    cr_assert_eq(response->n_reviews, PROFILE_REVIEWS_MAX);
    cr_expect_eq(response->dropped_count, 5);
    cr_expect_eq(response->reviews[0]->side->open_count, PROFILE_REVIEWS_MAX);
    cr_expect_eq(response->reviews[0]->side->dropped_count, 5);
    cr_expect_eq(response->reviews[0]->other_side->dropped_count, 0);

    decide(response->reviews[0]->id, DECISION(DISMISS));
    relative("+966500029999", MAILBOX, "1991-01-01");
    cr_expect_eq(reviews(FILTER(OPEN), mother)->n_reviews, PROFILE_REVIEWS_MAX);
    cr_expect_eq(reviews(FILTER(OPEN), mother)->dropped_count, 5);
}

/* ---- persons of several members ---- */

static const char *aunt; /* The mother's other profile. */
static const char *niece;

/* Merges two who were born the same day; the second person is met through the first one's mailbox.
 * The review. */
static const Profiled__V1__Review *meet_a_person_of_two(void) {
    mother = relative(MOTHER, "mother@example.com", "1960-01-01");
    aunt = relative("+966500000003", "aunt@example.com", "1960-01-01");
    merge_two(mother, aunt);
    niece = relative(DAUGHTER, "mother@example.com", "1990-01-01");
    return the_review();
}

Test(review, two_persons_are_asked_about_once_whichever_members_meet) {
    const Profiled__V1__Review *first = meet_a_person_of_two();

    relative(DAUGHTER, "aunt@example.com", "1990-01-01");

    const Profiled__V1__Review *review = the_review();
    cr_expect_str_eq(review->id, first->id);
    cr_expect_str_eq(review->side->member_id, mother);
    cr_expect_str_eq(review->other_side->member_id, niece);
    cr_expect_eq(review->record_count, 2);
    cr_expect_gt(review->last_time->seconds, first->last_time->seconds);
    cr_expect_str_eq(review->decision_id, first->decision_id, "that on the one that met these two");
    cr_expect_eq(count_of(FILTER(ALL)), 1);
}

/* The other way round: the record goes to the member that the review is not of. */
Test(review, a_record_of_another_member_meets_the_same_persons) {
    const Profiled__V1__Review *first = meet_a_person_of_two();

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("phone", "+966500000003"), ID("phone", DAUGHTER)},
                     .attributes = {ATTRIBUTE("birth_date", "1960-01-01")}));

    cr_assert_str_eq(decision->member_id, aunt);
    cr_expect_str_eq(the_review()->id, first->id);
    cr_expect_str_eq(the_review()->decision_member_id, niece);
    cr_expect_eq(the_review()->record_count, 2);
}

Test(review, what_was_dismissed_stays_so_whichever_members_meet) {
    const char *id = meet_a_person_of_two()->id;
    decide(id, DECISION(DISMISS));

    relative(DAUGHTER, "aunt@example.com", "1990-01-01");

    cr_expect_eq(count_of(FILTER(OPEN)), 0);
    cr_expect_eq(count_of(FILTER(ALL)), 1);
    set_limit("phone", 2); /* Another rule asks again, of the two that it meets. */
    resolve(TOLD(.identities = {ID("phone", DAUGHTER), ID("email", "aunt@example.com")}));
    const Profiled__V1__Review *review = the_review();
    cr_expect_str_eq(review->side->member_id, aunt);
    cr_expect_eq(review->rule, RULE(MERGE_LIMIT));

    decide(review->id, DECISION(DISMISS));
    relative(DAUGHTER, "aunt@example.com", "1990-01-01");
    relative(DAUGHTER, "mother@example.com", "1990-01-01");
    resolve(TOLD(.identities = {ID("phone", DAUGHTER), ID("email", "aunt@example.com")}));
    resolve(TOLD(.identities = {ID("phone", DAUGHTER), ID("email", "mother@example.com")}));
    cr_expect_eq(count_of(FILTER(OPEN)), 0, "by neither, through neither");
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
}

/* Once the two of the one person are two again, each has the reviews of its own. */
Test(review, what_was_merged_and_is_two_again_is_asked_about_apart) {
    mother = relative(MOTHER, "mother@example.com", "1960-01-01");
    aunt = relative("+966500000003", "aunt@example.com", "1960-01-01");
    const char *merge_id = merge_two(mother, aunt);
    niece = relative(DAUGHTER, "mother@example.com", "1990-01-01");
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(merge_id);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);

    relative(DAUGHTER, "aunt@example.com", "1990-01-01");

    cr_expect_eq(reviews(FILTER(OPEN), mother)->n_reviews, 1);
    cr_expect_eq(reviews(FILTER(OPEN), aunt)->n_reviews, 1);
    cr_expect_eq(reviews(FILTER(OPEN), niece)->n_reviews, 2);
}

/* By the ids that answer, where the review is of another member. */
Test(review, a_merge_of_its_persons_and_the_undoing_are_told) {
    const char *id = meet_a_person_of_two()->id;
    Profiled__V1__UpdateProfileRequest forget = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    char *path = text("attributes.birth_date");
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = &path;
    forget.profile = profile_told(TOLD(.name = NULL));
    forget.profile->id = text(niece);
    forget.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &forget.base);

    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(merge_two(aunt, niece));
    cr_expect_eq(review_get(id)->state, REVIEW(JOINED));
    cr_expect_str_empty(review_get(id)->merge_id);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);

    cr_expect_eq(review_get(id)->state, REVIEW(KEPT_APART));
    cr_expect_null(review_get(id)->decide_time);
    cr_expect_eq(count_of(FILTER(OPEN)), 0);
}

/* ---- what is decided ---- */

Test(review, what_was_dismissed_stays_so_but_for_another_rule) {
    make_family();
    const char *id = the_review()->id;
    decide(id, DECISION(DISMISS));

    record(DAUGHTER, "1990-01-01");

    cr_expect_eq(count_of(FILTER(OPEN)), 0);
    cr_expect_eq(review_get(id)->record_count, 1);
    /* Without a birth date it is a merge, which the limit forbids. */
    set_limit("phone", 2);
    resolve(TOLD(.identities = {ID("phone", DAUGHTER), ID("phone", "+966500000077")}));
    resolve(TOLD(.identities = {ID("phone", DAUGHTER), ID("email", MAILBOX)}));
    const Profiled__V1__Review *review = the_review();
    cr_expect_str_neq(review->id, id);
    cr_expect_eq(review->rule, RULE(MERGE_LIMIT));
    cr_expect_eq(review->n_rules, 2);
    cr_expect_eq(review->record_count, 1);
    cr_expect_eq(count_of(FILTER(ALL)), 1, "it has taken the place of the other");

    decide(review->id, DECISION(DISMISS));
    record(DAUGHTER, "1990-01-01");
    cr_expect_eq(count_of(FILTER(OPEN)), 0, "by neither");
}

Test(review, records_obey_what_was_kept_apart) {
    make_family();
    decide(the_review()->id, DECISION(KEEP_APART));

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("phone", DAUGHTER), ID("email", MAILBOX)}));

    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    record(DAUGHTER, "1990-01-01");
    record(MOTHER, "1960-01-01");
    cr_expect_eq(profile_count(), 2);
    cr_expect_eq(count_of(FILTER(OPEN)), 0, "a veto asks no more");

    Profiled__V1__DeleteNeverJoinRequest forget = PROFILED__V1__DELETE_NEVER_JOIN_REQUEST__INIT;
    forget.profile_id = text(mother);
    forget.other_profile_id = text(daughter);
    ask(&rpc_identity_service, "DeleteNeverJoin", &forget.base);
    record(DAUGHTER, "1990-01-01");
    cr_expect_eq(count_of(FILTER(OPEN)), 1, "it was taken back");
}

/* One person with two birth dates, of which one survives: records that tell either are hers. */
Test(review, records_of_those_that_were_joined_are_not_vetoed) {
    make_family();
    decide(the_review()->id, DECISION(JOIN));
    cr_expect_str_eq(attribute_in(get(mother), "birth_date"), "1990-01-01");

    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(record(MOTHER, "1960-01-01"), mother);
        cr_expect_str_eq(record(DAUGHTER, "1990-01-01"), mother);
    }

    /* By the mailbox alone too, which is the mother's. */
    for (size_t i = 0; i < 2; i++) {
        cr_expect_str_eq(resolve(TOLD(.identities = {ID("email", MAILBOX)},
                                      .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
                             ->member_id,
                         daughter);
        cr_expect_str_eq(record(MOTHER, "1960-01-01"), mother);
    }
    cr_expect_eq(profile_count(), 1);
    cr_expect_eq(count_of(FILTER(OPEN)), 0);
    const char *stranger = record("+966500000009", "2001-01-01");
    cr_expect_str_neq(stranger, mother, "another birth date is somebody else's still");
    cr_expect_eq(count_of(FILTER(OPEN)), 1);
}

/* Born on two days, by two that were joined; the later told survives. */
static const char *make_joined(void) {
    const char *id = resolve(TOLD(.identities = {ID("email", MAILBOX)},
                                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01"),
                                                 ATTRIBUTE("given_name", "Noura")}))
                         ->profile_id;
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("email", MAILBOX), ID("phone", DAUGHTER)},
                 .attributes = {ATTRIBUTE("birth_date", "1990-01-02"),
                                ATTRIBUTE("given_name", "Sara")}));
    ask_wait_us(US_PER_SECOND);
    decide(the_review()->id, DECISION(JOIN));
    ask_wait_us(US_PER_SECOND);
    return id;
}

static const Profiled__V1__Decision *mailed(const char *birth_date, const char *given_name) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.identities = {ID("email", MAILBOX)},
                        .attributes = {ATTRIBUTE("birth_date", birth_date),
                                       ATTRIBUTE("given_name", given_name)}));
}

/* Whichever of the two was told last. */
Test(review, a_third_who_agrees_with_one_of_those_joined_is_no_other_person) {
    static const char *const dates[] = {"1990-01-01", "1990-01-02"};
    static const char *const tablets[] = {"tablet-1", "tablet-2", "tablet-3", "tablet-4"};
    const char *id = make_joined();

    for (size_t i = 0; i < 4; i++) {
        mailed(dates[i / 2], "Noura");
        resolve(TOLD(.identities = {ID("anonymous_id", tablets[i])},
                     .attributes = {ATTRIBUTE("birth_date", dates[i % 2])}));
        ask_wait_us(US_PER_SECOND);
        const Profiled__V1__Decision *decision =
            resolve(TOLD(.identities = {ID("email", MAILBOX), ID("anonymous_id", tablets[i])},
                         .attributes = {ATTRIBUTE("birth_date", dates[i % 2])}));
        cr_expect_str_eq(decision->profile_id, id);
        cr_expect_eq(decision->n_merge_ids, 1, "%s after %s", dates[i % 2], dates[i / 2]);
    }

    cr_expect_eq(profile_count(), 1);
    cr_expect_eq(count_of(FILTER(OPEN)), 0);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(review, a_third_who_agrees_with_none_of_those_joined_is_another_person) {
    make_joined();
    resolve(TOLD(.identities = {ID("anonymous_id", "tablet-9")},
                 .attributes = {ATTRIBUTE("birth_date", "1990-01-03")}));

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("email", MAILBOX), ID("anonymous_id", "tablet-9")}));

    cr_expect_eq(decision->n_merge_ids, 0);
    cr_expect_eq(the_review()->rule, RULE(VETO_BIRTH_DATE));
}

/* Types veto on more than one fact, and a record tells one of each member. */
Test(review, facts_of_those_joined_are_told_in_any_combination) {
    static const char *const dates[] = {"1990-01-01", "1990-01-02"};
    static const char *const names[] = {"Noura", "Sara"};
    set_vetoes("email", "birth_date,given_name");
    const char *id = make_joined();

    for (size_t i = 0; i < 16; i++) {
        const Profiled__V1__Decision *decision = mailed(dates[i % 2], names[i / 2 % 2]);
        cr_expect_str_eq(decision->profile_id, id, "record %zu", i);
        cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    }
    for (size_t i = 0; i < 4; i++) {
        const Profiled__V1__Decision *decision = mailed(dates[1], names[0]);
        cr_expect_str_eq(decision->profile_id, id);
        cr_expect_str_eq(mailed(dates[0], names[0])->profile_id, id);
    }

    cr_expect_eq(profile_count(), 1);
    cr_expect_str_neq(mailed("1990-01-03", "Noura")->profile_id, id);
    cr_expect_eq(the_review()->rule, RULE(VETO_BIRTH_DATE));
}

/* A type that does not veto lets a record in whatever it tells: of the two dates that she has it
 * may tell either, and neither is lost by it. */
Test(review, a_type_that_does_not_veto_replaces_nothing_of_those_joined) {
    static const char *const dates[] = {"1990-01-02", "1990-01-01"};
    set_vetoes("twitter", "");
    resolve(TOLD(.identities = {ID("email", MAILBOX), ID("twitter", "noura_x")}));
    const char *id = make_joined();

    for (size_t i = 0; i < 4; i++) {
        ask_wait_us(US_PER_SECOND);
        cr_expect_str_eq(resolve(TOLD(.identities = {ID("twitter", "noura_x")},
                                      .attributes = {ATTRIBUTE("birth_date", dates[i / 2])}))
                             ->profile_id,
                         id);
        cr_expect_str_eq(mailed(dates[i % 2], "Noura")->profile_id, id);
        cr_expect_str_eq(record(DAUGHTER, dates[i % 2]), id);
    }

    cr_expect_eq(profile_count(), 1);
    cr_expect_eq(count_of(FILTER(OPEN)), 0);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* What neither tells is news, and takes the place of what was there. */
Test(review, a_type_that_does_not_veto_tells_a_third_date_of_those_joined) {
    set_vetoes("twitter", "");
    const char *first =
        resolve(TOLD(.identities = {ID("email", MAILBOX), ID("twitter", "noura_x")}))->profile_id;
    cr_assert_str_eq(make_joined(), first);

    resolve(TOLD(.identities = {ID("twitter", "noura_x")},
                 .attributes = {ATTRIBUTE("birth_date", "1990-01-03")}));

    cr_expect_str_eq(attribute_in(get(first), "birth_date"), "1990-01-03");
    cr_expect_str_eq(mailed("1990-01-03", "Noura")->profile_id, first);
    cr_expect_str_neq(mailed("1990-01-01", "Noura")->profile_id, first);
}

/* By which no type vetoes is no strong fact: of two who are one the latest survives. */
Test(review, a_fact_on_which_no_type_vetoes_is_the_latest) {
    const char *id = make_joined();

    mailed("1990-01-01", "Sara");
    mailed("1990-01-01", "Noura");
    cr_expect_str_eq(attribute_in(get(id), "given_name"), "Noura");
    mailed("1990-01-01", "Sara");

    cr_expect_str_eq(attribute_in(get(id), "given_name"), "Sara");
}

/* Two that were joined are what they were once that is undone: the one whose identity a record of
 * both told did not become the other. */
Test(review, what_one_of_those_joined_tells_stays_its_own) {
    set_vetoes("email", "birth_date,given_name");
    const char *id = make_joined();
    const Profiled__V1__ListReviewsResponse *joined = reviews(FILTER(DECIDED), "");
    cr_assert_eq(joined->n_reviews, 1);
    mailed("1990-01-02", "Noura");
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = joined->reviews[0]->merge_id;
    undo.keep_decisions = true;

    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);

    cr_expect_str_eq(attribute_in(get(id), "birth_date"), "1990-01-01");
    cr_expect_str_eq(attribute_in(lookup("phone", DAUGHTER), "birth_date"), "1990-01-02");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* A record of both went to a third, who is both, and is told again without that one. */
Test(review, what_a_record_leaves_is_told_again) {
    set_vetoes("email", "birth_date,given_name");
    const char *id = make_joined();
    const char *third = resolve(TOLD(.identities = {ID("twitter", "noura_x")},
                                     .attributes = {ATTRIBUTE("birth_date", "1990-01-02"),
                                                    ATTRIBUTE("given_name", "Noura")}))
                            ->profile_id;
    Profiled__V1__MergeProfilesRequest merge = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    merge.profile_id = text(id);
    merge.other_profile_id = text(third);
    ask_wait_us(US_PER_SECOND);
    const Profiled__V1__MergeProfilesResponse *merged =
        ask(&rpc_identity_service, "MergeProfiles", &merge.base);
    mailed("1990-01-01", "Noura");
    cr_assert_str_eq(mailed("1990-01-02", "Noura")->member_id, third);
    cr_assert_str_eq(attribute_in(get(id), "birth_date"), "1990-01-02");
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = merged->merge_id;
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__UnmergeProfilesResponse *undone =
        ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);

    cr_expect(undone->retold);
    cr_expect_str_eq(attribute_in(get(id), "birth_date"), "1990-01-01", "told last of its own");
    cr_expect_str_eq(mailed("1990-01-02", "Noura")->profile_id, id);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(review, a_merge_of_the_two_decides_and_its_undoing_decides_otherwise) {
    make_family();
    const char *id = the_review()->id;
    const char *merge_id = decide(id, DECISION(JOIN))->review->merge_id;
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(merge_id);

    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);

    cr_expect_eq(review_get(id)->state, REVIEW(KEPT_APART));
    cr_expect_str_eq(get(daughter)->id, daughter);
    record(DAUGHTER, "1990-01-01");
    cr_expect_eq(count_of(FILTER(OPEN)), 0);
}

/* By a record that has no birth date: the veto does not hold, the two merge, nothing is open. */
Test(review, a_record_that_merges_the_two_decides) {
    const struct told *her = TOLD(.identities = {ID("phone", DAUGHTER),
                                                 {.type = "anonymous_id",
                                                  .value = "tablet-9",
                                                  .provenance = PROVENANCE(INFERRED)}});
    resolve(TOLD(.identities = {ID("anonymous_id", "tablet-9")}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("phone", DAUGHTER)}));
    ask_wait_us(US_PER_SECOND);
    resolve(her);
    const char *id = the_review()->id;

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("phone", DAUGHTER), ID("anonymous_id", "tablet-9")}));

    cr_assert_eq(decision->n_merge_ids, 1);
    cr_expect_eq(review_get(id)->state, REVIEW(JOINED));
    cr_expect_str_eq(review_get(id)->merge_id, decision->merge_ids[0]);
    cr_expect_eq(count_of(FILTER(OPEN)), 0);
}

/* What came since they were joined is told again by the rules that were applied since. */
Test(review, who_was_joined_can_be_parted_exactly_once_other_rules_were_applied) {
    make_family();
    decide(the_review()->id, DECISION(JOIN));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("phone", MOTHER)},
                 .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_assert_eq(profile_count(), 1);
    set_disabled("email", true);
    (void)apply_rules(100);
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(daughter);

    const Profiled__V1__UnmergeProfilesResponse *response =
        ask(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect(response->retold);
    cr_expect_eq(profile_count(), 3, "the last record is neither's");
    cr_expect_eq(apply_rules(100).changed_count, 0);
}
