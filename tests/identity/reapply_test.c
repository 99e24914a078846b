/* Other rules for profiles that are there, through the calls that clients make. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"
#include "tests/handlers/rehearsal.h"
#include "tests/handlers/reviews.h"

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
    ask_close();
}

TestSuite(reapply, .init = ask_open, .fini = close_proven);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__IdentityTypesEffect apply(void) { return rehearsed()->effect; }

static void merge(const char *one, const char *other) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(other);
    ask(&rpc_identity_service, "MergeProfiles", &request.base);
}

static const Profiled__V1__Merge *last_merge(const char *id) {
    Profiled__V1__ListMergesRequest request = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    request.profile_id = text(id);
    const Profiled__V1__ListMergesResponse *response =
        ask(&rpc_identity_service, "ListMerges", &request.base);
    cr_assert_gt(response->n_merges, 0);
    return response->merges[0];
}

static size_t never_join_count(void) {
    Profiled__V1__ListNeverJoinsRequest request = PROFILED__V1__LIST_NEVER_JOINS_REQUEST__INIT;
    const Profiled__V1__ListNeverJoinsResponse *response =
        ask(&rpc_identity_service, "ListNeverJoins", &request.base);
    return response->n_never_joins;
}

static bool is_whole(struct bytes before) { return bytes_equal(before, profiles_whole()); }

/* Two people with an address and a number each, whom a record with both made one. */
struct two {
    const char *one;
    const char *other;
};

static struct two joined_two(void) {
    struct two two;
    two.one = tell(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")},
                        .attributes = {ATTRIBUTE("city", "Riyadh")}));
    two.other = tell(TOLD(.name = "Reem", .identities = {ID("phone", "+966500000001")},
                          .attributes = {ATTRIBUTE("city", "Jeddah")}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}));
    cr_assert_eq(profile_count(), 1);
    return two;
}

Test(reapply, a_blocked_value_joined_nobody_and_did_once_it_is_allowed_again) {
    const struct two two = joined_two();
    tell(TOLD(.identities = {ID("twitter", "somebody_else")}));
    const struct bytes before = profiles_whole();
    const char *merge_id = last_merge(two.one)->id;
    set_blocked("phone", "+966500000001");

    Profiled__V1__IdentityTypesEffect effect = apply();

    expect_effect(&effect, EFFECT(3, 1, 1, 0, 1, 0));
    cr_expect_eq(profile_count(), 3);
    cr_expect_str_eq(get(two.other)->id, two.other);
    cr_expect_str_eq(attribute_in(get(two.other), "city"), "Jeddah");
    cr_expect_str_eq(attribute_in(get(two.one), "city"), "Riyadh");
    cr_expect_eq(identity_in(get(two.other), "phone", "+966500000001")->rule, RULE(BLOCKED_VALUE));
    cr_expect_null(lookup("phone", "+966500000001"));
    const Profiled__V1__Merge *undone = last_merge(two.one);
    cr_expect(undone->undone_by_rules);
    cr_expect_not_null(undone->undo_time);
    cr_expect_eq(never_join_count(), 0);

    restore_rules(1);
    effect = apply();

    expect_effect(&effect, EFFECT(2, 1, 0, 1, 0, 1));
    cr_expect(is_whole(before));
    cr_expect_str_eq(last_merge(two.one)->id, merge_id);
    cr_expect_null(last_merge(two.one)->undo_time);
    cr_expect_not(last_merge(two.one)->undone_by_rules);
    effect = apply();
    expect_effect(&effect, EFFECT(2, 0, 0, 0, 0, 0));
}

Test(reapply, dots_that_are_ignored_join_and_no_longer_do) {
    const char *one = tell(TOLD(.name = "A", .identities = {ID("email", "nora.salem@x.example")}));
    const char *two = tell(TOLD(.name = "B", .identities = {ID("email", "norasalem@x.example")}));
    const struct bytes before = profiles_whole();
    set_ignore_dots("email", true);

    Profiled__V1__IdentityTypesEffect effect = apply();

    cr_expect_eq(effect.joined_count, 1);
    cr_expect_str_eq(get(two)->id, one);
    cr_expect_eq(identity_count(get(one), "email", true), 1, "they are one identity");
    cr_expect_str_eq(last_merge(one)->method, "ApplyIdentityTypes");
    const struct bytes joined = profiles_whole();
    cr_expect_eq(apply().changed_count, 0);

    set_ignore_dots("email", false);
    effect = apply();

    cr_expect_eq(effect.split_count, 1);
    cr_expect(is_whole(before));
    cr_expect_str_eq(lookup("email", "norasalem@x.example")->id, two);

    set_ignore_dots("email", true);
    apply();
    cr_expect(is_whole(joined));
}

Test(reapply, addresses_of_one_profile_are_its_own_again) {
    tell(TOLD(.name = "A", .identities = {ID("email", "nora.salem@x.example"),
                                          ID("email", "norasalem@x.example")}));
    const struct bytes before = profiles_whole();
    set_ignore_dots("email", true);
    apply();
    set_ignore_dots("email", false);
    apply();
    cr_expect(is_whole(before));
}

Test(reapply, a_lower_limit_keeps_the_latest_and_a_higher_one_brings_the_others_back) {
    const char *id = NULL;
    for (int i = 0; i < 4; i++) {
        id = tell(TOLD(.identities = {ID("external_id", "c-100"),
                                      ID("email", arena_format(&ask_arena, "e%d@x.example", i))}));
    }
    const struct bytes before = profiles_whole();
    set_limit("email", 2);

    Profiled__V1__IdentityTypesEffect effect = apply();

    expect_effect(&effect, EFFECT(1, 1, 2, 0, 0, 0));
    cr_expect_eq(identity_in(get(id), "email", "e2@x.example")->rule, RULE(UNSPECIFIED));
    cr_expect_eq(identity_in(get(id), "email", "e1@x.example")->rule, RULE(OVER_LIMIT));
    set_limit("email", 3);
    effect = apply();
    expect_effect(&effect, EFFECT(1, 1, 0, 1, 0, 0));
    cr_expect_eq(identity_in(get(id), "email", "e1@x.example")->rule, RULE(UNSPECIFIED));
    set_limit("email", 5);
    apply();
    cr_expect(is_whole(before));
}

/* Of a type with a limit of one two values are two people. */
Test(reapply, a_type_that_becomes_single_valued_parts_what_has_two) {
    const char *id = NULL;
    for (int i = 0; i < 3; i++) {
        id = tell(TOLD(.identities = {ID("external_id", "c-100"),
                                      ID("email", arena_format(&ask_arena, "e%d@x.example", i))}));
    }
    const struct bytes before = profiles_alike();
    const int64_t version = rule_version();
    set_limit("email", 1);

    Profiled__V1__IdentityTypesEffect effect = apply();

    cr_expect_eq(effect.made_count, 2, "%d made", (int)effect.made_count);
    cr_expect_not_null(identity_in(get(id), "email", "e0@x.example"));
    cr_expect_eq(identity_in(get(id), "email", "e0@x.example")->rule, RULE(UNSPECIFIED));
    cr_expect_null(identity_in(get(id), "email", "e1@x.example"));
    restore_rules(version);
    effect = apply();
    cr_expect_eq(effect.joined_count, 2, "%d joined", (int)effect.joined_count);
    cr_expect(bytes_equal(before, profiles_alike()));
}

/* A WhatsApp number is a phone number: it reaches nobody by one that is blocked. */
Test(reapply, what_reached_a_type_of_its_family_that_is_blocked_comes_apart) {
    const char *one =
        tell(TOLD(.identities = {ID("email", "b@x.example"), ID("external_id", "c-100")}));
    const char *other =
        tell(TOLD(.identities = {ID("email", "a@x.example"), ID("phone", "+966500000001")}));
    tell(TOLD(.identities = {ID("external_id", "c-100"), ID("whatsapp", "+966500000001")}));
    cr_assert_str_eq(get(other)->id, one);
    const struct bytes before = profiles_alike();
    const int64_t version = rule_version();
    set_disabled("phone", true);

    cr_expect_eq(apply().split_count, 1);

    cr_expect_str_eq(get(other)->id, other);
    restore_rules(version);
    cr_expect_eq(apply().joined_count, 1);
    cr_expect(bytes_equal(before, profiles_alike()));
}

/* The records of a batch have one time: who came first is told by their order. */
Test(reapply, the_first_of_a_batch_keeps_the_profile) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    Profiled__V1__Record *records[] = {
        record_told(TOLD(.name = "Noura",
                         .identities = {ID("email", "s@x.example"), ID("phone", "+966500000001")})),
        record_told(TOLD(.name = "Reem",
                         .identities = {ID("email", "s@x.example"), ID("phone", "+966500000002")})),
        record_told(TOLD(.name = "Huda",
                         .identities = {ID("email", "s@x.example"), ID("phone", "+966500000003")})),
    };
    request.n_records = 3;
    request.records = records;
    ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
    const char *first = lookup("email", "s@x.example")->id;
    const struct bytes before = profiles_alike();
    const int64_t version = rule_version();
    set_disabled("email", true);

    cr_expect_eq(apply().made_count, 2);

    cr_expect_str_eq(lookup("phone", "+966500000001")->id, first);
    cr_expect_lt(strcmp(first, lookup("phone", "+966500000002")->id), 0);
    cr_expect_lt(strcmp(lookup("phone", "+966500000002")->id, lookup("phone", "+966500000003")->id),
                 0);
    restore_rules(version);
    cr_expect_eq(apply().joined_count, 2);
    cr_expect(bytes_equal(before, profiles_alike()));
    cr_expect_str_eq(get(first)->id, first);
}

/* A thousand records of one customer number, every one with an address of as many people. */
static void tell_a_thousand(int people) {
    for (int i = 0; i < 1000; i++) {
        tell(TOLD(.identities = {ID("external_id", "c-100"),
                                 ID("email", arena_format(&ask_arena, "e%d@x.example", i % people)),
                                 ID("whatsapp", arena_format(&ask_arena, "+9665%08d", i))}));
        if (i % 100 == 99) {
            arena_reset(&ask_arena);
        }
    }
}

Test(reapply, a_thousand_records_of_a_hundred_people_come_apart_and_together, .timeout = 300) {
    tell_a_thousand(100);
    const int64_t version = rule_version();
    set_disabled("external_id", true);

    Profiled__V1__IdentityTypesEffect effect = apply();

    cr_expect_eq(effect.unjudged_count, 0, "%d unjudged", (int)effect.unjudged_count);
    cr_expect_eq(effect.made_count, 99, "%d made", (int)effect.made_count);
    cr_expect_eq(profile_count(), 100);
    restore_rules(version);
    effect = apply();
    cr_expect_eq(effect.joined_count, 99, "%d joined", (int)effect.joined_count);
    cr_expect_eq(profile_count(), 1);
}

Test(reapply, what_would_be_too_many_people_stays_whole_and_is_told, .timeout = 300) {
    tell_a_thousand(101);
    set_disabled("external_id", true);

    const Profiled__V1__IdentityTypesEffect effect = apply();

    cr_expect_eq(effect.unjudged_count, 1, "%d unjudged", (int)effect.unjudged_count);
    cr_expect_eq(effect.made_count, 0, "%d made", (int)effect.made_count);
    cr_expect_eq(profile_count(), 1);
}

Test(reapply, what_was_over_a_limit_stays_so_where_it_was_no_lower) {
    set_limit("email", 2);
    const char *id = NULL;
    for (int i = 0; i < 3; i++) {
        id = tell(TOLD(.identities = {ID("external_id", "c-100"),
                                      ID("email", arena_format(&ask_arena, "e%d@x.example", i))}));
    }
    cr_assert_eq(identity_in(get(id), "email", "e0@x.example")->rule, RULE(OVER_LIMIT));
    unlink_identity(id, "email", "e2@x.example");

    cr_expect_eq(apply().changed_count, 0, "the rules are those that it was told under");

    set_limit("email", 3);
    apply();
    cr_expect_eq(identity_in(get(id), "email", "e0@x.example")->rule, RULE(UNSPECIFIED));
}

Test(reapply, a_type_that_is_disabled_and_enabled) {
    const struct two two = joined_two();
    const struct bytes before = profiles_alike();
    const int64_t version = rule_version();
    set_disabled("email", true);

    Profiled__V1__IdentityTypesEffect effect = apply();

    /* The third record goes with the number: nobody is made of it. */
    expect_effect(&effect, EFFECT(2, 1, 1, 0, 1, 0));
    cr_expect_null(identity_in(get(two.one), "phone", "+966500000001"));
    cr_expect_null(lookup("email", "n@example.com"));
    restore_rules(version);
    apply();
    cr_expect(bytes_equal(before, profiles_alike()));
}

Test(reapply, an_attribute_that_vetoes_from_now_on) {
    const char *one = tell(TOLD(.identities = {ID("email", "n@example.com")},
                                .attributes = {ATTRIBUTE("given_name", "Noura")}));
    const char *two = tell(TOLD(.identities = {ID("phone", "+966500000001")},
                                .attributes = {ATTRIBUTE("given_name", "Reem")}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}));
    cr_assert_str_eq(get(two)->id, one);
    const struct bytes before = profiles_whole();
    set_vetoes("email", "birth_date,given_name");
    cr_expect_eq(apply().changed_count, 0, "a number joins them too, whose type has no such veto");
    set_vetoes("phone", "birth_date,given_name");

    cr_expect_eq(apply().split_count, 1);

    cr_expect_str_eq(get(two)->id, two);
    restore_rules(1);
    apply();
    cr_expect(is_whole(before));
}

Test(reapply, what_somebody_merged_stands) {
    const char *one = tell(TOLD(.identities = {ID("email", "n@example.com")}));
    const char *two = tell(TOLD(.identities = {ID("phone", "+966500000001")}));
    merge(one, two);
    set_disabled("email", true);
    set_disabled("phone", true);

    const Profiled__V1__IdentityTypesEffect effect = apply();

    cr_expect_eq(effect.split_count, 0);
    cr_expect_eq(effect.lost_identity_count, 2);
    cr_expect_str_eq(get(two)->id, one);
}

Test(reapply, those_who_are_never_to_be_one_are_not_joined) {
    const char *one = tell(TOLD(.name = "A", .identities = {ID("email", "nora.salem@x.example")}));
    const char *two = tell(TOLD(.name = "B", .identities = {ID("email", "norasalem@x.example")}));
    Profiled__V1__CreateNeverJoinRequest never = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    never.profile_id = text(one);
    never.other_profile_id = text(two);
    ask(&rpc_identity_service, "CreateNeverJoin", &never.base);
    const struct bytes before = profiles_whole();
    set_ignore_dots("email", true);

    cr_expect_eq(apply().joined_count, 0);

    cr_expect_eq(profile_count(), 2);
    set_ignore_dots("email", false);
    apply();
    cr_expect(is_whole(before));
}

Test(reapply, a_tie_that_went_does_not_stand_again_once_somebody_said_never) {
    const struct two two = joined_two();
    set_blocked("phone", "+966500000001");
    apply();
    Profiled__V1__CreateNeverJoinRequest never = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    never.profile_id = text(two.one);
    never.other_profile_id = text(two.other);
    ask(&rpc_identity_service, "CreateNeverJoin", &never.base);
    set_blocked("phone", NULL);

    apply();

    cr_expect_str_eq(get(two.other)->id, two.other);
}

Test(reapply, values_that_were_told_while_blocked_join_once_they_are_not) {
    set_blocked("phone", "+966500000001");
    const char *one = tell(TOLD(.name = "A", .identities = {ID("phone", "+966500000001")}));
    const char *two = tell(TOLD(.name = "B", .identities = {ID("phone", "+966500000001")}));
    const struct bytes before = profiles_whole();
    set_blocked("phone", NULL);

    const Profiled__V1__IdentityTypesEffect effect = apply();

    expect_effect(&effect, EFFECT(1, 1, 0, 1, 0, 1));
    cr_expect_str_eq(get(two)->id, one);
    set_blocked("phone", "+966500000001");
    apply();
    cr_expect(is_whole(before));
}

Test(reapply, a_chain_of_merges_comes_apart_and_together) {
    const char *ids[4];
    for (size_t i = 0; i < 4; i++) {
        ids[i] =
            tell(TOLD(.name = arena_format(&ask_arena, "Person %zu", i),
                      .identities = {ID("email", arena_format(&ask_arena, "p%zu@x.example", i)),
                                     ID("phone", arena_format(&ask_arena, "+96650000010%zu", i))}));
    }
    for (size_t i = 3; i > 0; i--) {
        tell(TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%zu@x.example", i)),
                                 ID("phone", arena_format(&ask_arena, "+96650000010%zu", i - 1))}));
    }
    cr_assert_eq(profile_count(), 1);
    const struct bytes before = profiles_whole();
    set_disabled("phone", true);
    cr_expect_eq(apply().split_count, 3);
    cr_expect_eq(profile_count(), 4);
    set_disabled("phone", false);
    cr_expect_eq(apply().joined_count, 3);
    cr_expect_str_eq(get(ids[3])->id, ids[0]);
    cr_expect(is_whole(before));
}

/* ---- pairs that were kept apart ---- */

/* Two people who share a mailbox, of whom the second is told with a number of the first's too. */
static struct two two_kept_apart(const char *given_name) {
    struct two two;
    two.one = tell(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura_x")},
                        .attributes = {ATTRIBUTE("given_name", "Noura")}));
    two.other = tell(TOLD(.identities = {ID("phone", "+966500000001")},
                          .attributes = {ATTRIBUTE("given_name", given_name)}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}));
    cr_assert_eq(profile_count(), 2);
    return two;
}

/* They are one under the rules of now, and two again under those of before. */
static void expect_joined_and_back(struct two two) {
    const struct bytes before = profiles_whole();
    const char *review_id = the_review()->id;
    const int64_t version = rule_version() - 1;

    cr_expect_eq(apply().joined_count, 1);

    cr_expect_str_eq(get(two.other)->id, two.one);
    cr_expect_eq(reviews(FILTER(OPEN), "")->n_reviews, 0);
    cr_expect_str_eq(last_merge(two.one)->method, "ApplyIdentityTypes");
    cr_expect_eq(apply().changed_count, 0);
    restore_rules(version);
    cr_expect_eq(apply().split_count, 1);
    cr_expect(is_whole(before));
    cr_expect_str_eq(the_review()->id, review_id, "somebody may still decide on it");
    cr_expect_eq(never_join_count(), 0);
}

Test(reapply, a_veto_that_is_taken_back_joins) {
    set_vetoes("email", "given_name");
    set_vetoes("phone", "given_name");
    const struct two two = two_kept_apart("Reem");
    set_vetoes("email", "");

    expect_joined_and_back(two);
}

Test(reapply, a_type_that_may_merge_from_now_on_joins) {
    Profiled__V1__IdentityType email = PROFILED__V1__IDENTITY_TYPE__INIT;
    email.type = text("email");
    set_rules("merge", &email);
    const struct two two = two_kept_apart("Noura");
    email.merge = true;
    set_rules("merge", &email);

    expect_joined_and_back(two);
}

Test(reapply, a_provenance_that_is_enough_from_now_on_joins) {
    Profiled__V1__IdentityType email = PROFILED__V1__IDENTITY_TYPE__INIT;
    email.type = text("email");
    email.merge_provenance = PROVENANCE(VERIFIED);
    set_rules("merge_provenance", &email);
    const struct two two = two_kept_apart("Noura");
    email.merge_provenance = PROVENANCE(ATTESTED);
    set_rules("merge_provenance", &email);

    expect_joined_and_back(two);
}

Test(reapply, a_higher_limit_joins) {
    const char *one =
        tell(TOLD(.identities = {ID("external_id", "c-1"), ID("twitter", "noura_x")}));
    const char *other =
        tell(TOLD(.identities = {ID("external_id", "c-2"), ID("phone", "+966500000001")}));
    tell(TOLD(.identities = {ID("twitter", "noura_x"), ID("phone", "+966500000001")}));
    cr_assert_eq(profile_count(), 2);
    set_limit("external_id", 2);

    expect_joined_and_back((struct two){one, other});
}

/* It would have been linked, which needs no right to join two. */
Test(reapply, who_was_made_by_a_record_with_an_inferred_identity_is_joined_once_that_matches) {
    set_disabled("anonymous_id", true);
    const char *one =
        resolve(TOLD(.identities = {ID("anonymous_id", "d-1"), ID("email", "n@example.com")}))
            ->profile_id;
    const struct told_identity guessed = {
        .type = "anonymous_id", .value = "d-1", .provenance = PROVENANCE(INFERRED)};
    const char *two = resolve(TOLD(.identities = {guessed}))->profile_id;
    cr_assert_str_neq(one, two);
    set_disabled("anonymous_id", false);
    cr_expect_eq(apply().joined_count, 1);
    cr_expect_str_eq(get(two)->id, one);
}

/* A record that a veto kept from the only one it reached would have been linked to it. */
Test(reapply, a_record_that_made_a_profile_of_its_own_joins) {
    const char *one = tell(TOLD(.identities = {ID("email", "n@example.com")},
                                .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *other = tell(TOLD(.identities = {ID("email", "n@example.com")},
                                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_assert_str_neq(other, one);
    set_vetoes("email", "");

    expect_joined_and_back((struct two){one, other});
}

Test(reapply, other_rules_leave_apart_what_these_do_not_join) {
    set_vetoes("email", "given_name");
    set_vetoes("phone", "given_name");
    two_kept_apart("Reem");
    set_limit("twitter", 3);

    cr_expect_eq(apply().changed_count, 0);
    set_vetoes("email", "given_name,birth_date");
    cr_expect_eq(apply().changed_count, 0);
}

Test(reapply, whom_somebody_kept_apart_stays_apart) {
    set_vetoes("email", "given_name");
    set_vetoes("phone", "given_name");
    two_kept_apart("Reem");
    decide(the_review()->id, DECISION(KEEP_APART));
    set_vetoes("email", "");

    cr_expect_eq(apply().changed_count, 0);
}

Test(reapply, a_dismissed_review_is_found_dismissed_again) {
    set_vetoes("email", "given_name");
    set_vetoes("phone", "given_name");
    two_kept_apart("Reem");
    const char *id = the_review()->id;
    decide(id, DECISION(DISMISS));
    set_vetoes("email", "");

    cr_expect_eq(apply().joined_count, 1);

    restore_rules(rule_version() - 1);
    cr_expect_eq(apply().split_count, 1);
    cr_expect_eq(review_get(id)->state, REVIEW(DISMISSED));
}

/* A tie that rules take away is decided no more. */
Test(reapply, the_review_of_a_tie_that_goes_is_open_again) {
    set_vetoes("email", "given_name");
    set_vetoes("phone", "given_name");
    two_kept_apart("Reem");
    const char *id = the_review()->id;
    set_vetoes("email", "");
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}));
    cr_assert_eq(review_get(id)->state, REVIEW(JOINED));
    set_vetoes("email", "given_name");

    cr_expect_eq(apply().split_count, 1);

    cr_expect_eq(review_get(id)->state, REVIEW(OPEN));
    set_vetoes("email", "");
    cr_expect_eq(apply().joined_count, 1);
    cr_expect_eq(review_get(id)->state, REVIEW(JOINED));
    cr_expect_str_neq(review_get(id)->merge_id, "");
}

/* What the rules relate from now on, and may not join, is for somebody to decide on. */
Test(reapply, who_may_not_be_joined_is_queued_for_review) {
    set_blocked("phone", "+966500000001");
    tell(TOLD(.identities = {ID("phone", "+966500000001")},
              .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    tell(TOLD(.identities = {ID("phone", "+966500000001")},
              .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_assert_eq(reviews(FILTER(ALL), "")->n_reviews, 0);
    set_blocked("phone", NULL);

    cr_expect_eq(apply().joined_count, 0);

    const Profiled__V1__Review *review = the_review();
    cr_expect_eq(review->rule, RULE(VETO_BIRTH_DATE));
    cr_expect_eq(review->record_count, 0);
    cr_expect_eq(review->rule_version, rule_version());
    cr_expect_eq(apply().changed_count, 0);
    cr_expect_str_eq(the_review()->id, review->id);
}

/* ---- limits of several together ---- */

/* Under the lower limit the record would not have made them one. */
Test(reapply, a_lower_limit_parts_those_who_have_too_much_together) {
    const char *one =
        tell(TOLD(.identities = {ID("email", "a1@x.example"), ID("email", "a2@x.example"),
                                 ID("phone", "+966500000011")}));
    tell(TOLD(.identities = {ID("email", "b1@x.example"), ID("email", "b2@x.example"),
                             ID("phone", "+966500000022")}));
    tell(TOLD(.identities = {ID("phone", "+966500000011"), ID("phone", "+966500000022")}));
    cr_assert_eq(identity_count(get(one), "email", true), 4);
    const struct bytes before = profiles_whole();
    set_limit("email", 2);
    const Profiled__V1__IdentityTypesEffect told = simulate_version(rule_version())->effect;

    Profiled__V1__IdentityTypesEffect effect = apply();

    expect_effect(&effect, EFFECT(2, 1, 0, 0, 1, 0));
    expect_effect(&told, &effect);
    cr_expect_eq(identity_count(get(one), "email", true), 2);
    cr_expect_eq(apply().changed_count, 0);
    restore_rules(1);
    effect = apply();
    expect_effect(&effect, EFFECT(1, 1, 0, 0, 0, 1));
    cr_expect(is_whole(before));
}

/* What was over the limit is another profile's: a higher limit makes the two one. */
Test(reapply, what_a_higher_limit_joined_comes_apart_under_the_lower_one) {
    const char *one = tell(
        TOLD(.identities = {ID("national_id", "1011111111"), ID("national_id", "1022222222")}));
    const char *other = tell(TOLD(.name = "Sara", .identities = {ID("national_id", "1022222222")}));
    cr_assert_str_neq(other, one);
    const struct bytes before = profiles_whole();
    set_limit("national_id", 2);
    cr_expect_eq(apply().joined_count, 1);
    cr_expect_str_eq(get(other)->id, one);

    restore_rules(1);

    cr_expect_eq(apply().split_count, 1);
    cr_expect_str_eq(get(other)->id, other);
    cr_expect(is_whole(before));
}

/* ---- records that were linked to somebody else's profile ---- */

enum { FAMILY = 3 };

#define MAILBOX "salem.family@corp.example"

static const char *const family_names[FAMILY] = {"Salem", "Noura", "Huda"};

/* People who were told with a mailbox of theirs all, and so are one profile; with `writes` each of
 * them has written. */
static const char *tell_family(bool writes) {
    const char *id = NULL;
    for (size_t i = 0; i < FAMILY; i++) {
        const char *phone = arena_format(&ask_arena, "+96650000001%zu", i);
        const char *told = tell(TOLD(.name = family_names[i],
                                     .identities = {ID("email", MAILBOX), ID("phone", phone)},
                                     .attributes = {ATTRIBUTE("given_name", family_names[i])}));
        id = id == NULL ? told : id;
        if (writes) {
            ask_wait_us(US_PER_SECOND);
            record_event(
                event_by_record(engagement_told(arena_format(&ask_arena, "e-%zu", i), "email", 0),
                                TOLD(.identities = {ID("phone", phone), ID("email", MAILBOX)})));
        }
    }
    cr_assert_eq(profile_count(), 1);
    cr_assert_eq(get(id)->interaction_summary->count, writes ? FAMILY : 0);
    return id;
}

/* What everybody is found by, with the interactions of each. */
static void expect_family_apart(const char *first, int64_t event_count) {
    cr_expect_eq(profile_count(), FAMILY);
    for (size_t i = 0; i < FAMILY; i++) {
        const Profiled__V1__Profile *profile =
            lookup("phone", arena_format(&ask_arena, "+96650000001%zu", i));
        cr_assert_not_null(profile, "%zu", i);
        cr_expect_str_eq(profile->name, family_names[i]);
        cr_expect_str_eq(attribute_in(profile, "given_name"), family_names[i]);
        cr_expect_eq(profile->n_identities, 2);
        cr_expect_eq(profile->interaction_summary->count, event_count);
        cr_expect(i > 0 || strcmp(profile->id, first) == 0, "the earliest keeps its id");
    }
}

Test(reapply, those_whom_a_blocked_mailbox_linked_are_people_of_their_own) {
    const char *id = tell_family(true);
    const struct bytes before = profiles_alike();
    set_blocked("email", MAILBOX);

    Profiled__V1__IdentityTypesEffect effect = apply();

    cr_expect_eq(effect.made_count, FAMILY - 1);
    cr_expect_eq(effect.unjudged_count, 0);
    cr_expect_eq(effect.profile_count, 1);
    expect_family_apart(id, 1);
    cr_expect_eq(apply().changed_count, 0);
    cr_expect_eq(never_join_count(), 0);
    cr_expect_eq(last_merge(id)->undone_by_rules, true);

    restore_rules(1);
    effect = apply();
    cr_expect_eq(effect.joined_count, FAMILY - 1);
    cr_expect_eq(profile_count(), 1);
    cr_expect_eq(get(id)->interaction_summary->count, FAMILY);
    cr_expect(bytes_equal(before, profiles_alike()));
}

Test(reapply, those_of_another_name_are_people_of_their_own_once_it_vetoes) {
    const char *id = tell_family(false);
    set_vetoes("email", "given_name");

    cr_expect_eq(apply().made_count, FAMILY - 1);

    expect_family_apart(id, 0);
}

/* A record goes with the one whose number it was told by. */
Test(reapply, later_records_go_with_whom_they_were_linked_by) {
    tell_family(true);
    tell(TOLD(.identities = {ID("phone", "+966500000012"), ID("twitter", "huda_x")}));
    set_blocked("email", MAILBOX);

    cr_expect_eq(apply().made_count, FAMILY - 1);

    cr_expect_str_eq(lookup("twitter", "huda_x")->id, lookup("phone", "+966500000012")->id);
    cr_expect_str_eq(lookup("twitter", "huda_x")->name, "Huda");
}

Test(reapply, simulating_tells_how_many_would_be_made) {
    tell_family(true);
    const int64_t version = rule_version();
    set_blocked("email", MAILBOX);
    ask_wait_us(US_PER_SECOND);
    restore_rules(version);
    const struct simulated *told = simulate_version(version + 1);

    cr_expect_eq(told->effect.made_count, FAMILY - 1);
    cr_assert_eq(told->listed_count, 1);
    cr_expect_eq(told->listed[0]->made_count, FAMILY - 1);
    cr_expect_eq(profile_count(), 1);
}

/* Simulating tells of those, too, whom only what becomes of somebody before them lets be joined. */
Test(reapply, simulating_joins_what_a_part_that_goes_kept_apart) {
    tell(TOLD(.identities = {ID("twitter", "noura_x"), ID("email", "n@x.example")},
              .attributes = {ATTRIBUTE("given_name", "Noura")}));
    tell(TOLD(.identities = {ID("twitter", "noura_y")},
              .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    tell(TOLD(.identities = {ID("twitter", "noura_y"), ID("email", "n@x.example")}));
    tell(TOLD(.identities = {ID("twitter", "noura_x")},
              .attributes = {ATTRIBUTE("given_name", "Huda")}));
    tell(TOLD(.identities = {ID("twitter", "noura_x")},
              .attributes = {ATTRIBUTE("given_name", "Noura"),
                             ATTRIBUTE("birth_date", "1991-02-02")}));
    cr_assert_eq(profile_count(), 2);
    const int64_t version = rule_version();
    set_vetoes("twitter", "given_name");
    ask_wait_us(US_PER_SECOND);
    restore_rules(version);
    const struct simulated *told = simulate_version(version + 1);
    ask_wait_us(US_PER_SECOND);
    restore_rules(version + 1);

    const Profiled__V1__IdentityTypesEffect effect = apply();

    cr_expect_eq(effect.joined_count, 1, "%d joined", (int)effect.joined_count);
    cr_expect_eq(effect.made_count, 1, "%d made", (int)effect.made_count);
    cr_expect_eq(told->effect.joined_count, 1, "%d joined", (int)told->effect.joined_count);
    cr_expect_eq(told->effect.made_count, 1, "%d made", (int)told->effect.made_count);
}

/* What somebody told by hand stays with the id that it was told of. */
Test(reapply, what_was_told_by_hand_stays) {
    const char *id = tell_family(true);
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = text(id);
    link.identity = identity_told("twitter", "salem_x");
    ask(&rpc_identity_service, "LinkIdentity", &link.base);
    set_blocked("email", MAILBOX);

    apply();

    cr_expect_str_eq(lookup("twitter", "salem_x")->id, id);
}

/* The same where the two persons are queued already, of another member. */
/* Another one got it while it was over the limit of both. */
Test(reapply, what_somebody_has_let_go_is_active_again) {
    const char *one = tell(TOLD(.name = "Noura", .identities = {ID("email", "a@example.com"),
                                                                ID("twitter", "noura_x")}));
    unlink_and_forget(one, "twitter", "noura_x"); /* What it has is not told anew. */
    const char *two = tell(TOLD(.name = "Noura", .identities = {ID("email", "b@example.com")}));
    merge(one, two);
    set_limit("email", 1);
    apply();
    const char *other = tell(TOLD(.identities = {ID("email", "a@example.com")}));
    cr_assert_str_neq(other, one);
    restore_rules(1);
    apply();
    cr_assert_eq(identity_in(get(one), "email", "a@example.com")->rule, RULE(OWNED_ELSEWHERE));
    unlink_identity(other, "email", "a@example.com");

    const Profiled__V1__IdentityTypesEffect effect = apply();

    expect_effect(&effect, EFFECT(2, 1, 0, 1, 0, 0));
    cr_expect_str_eq(lookup("email", "a@example.com")->id, one);
}

Test(reapply, two_persons_who_may_not_be_joined_are_queued_once) {
    set_blocked("phone", "+966500000001");
    const char *one = tell(TOLD(.identities = {ID("phone", "+966500000001")},
                                .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *member = tell(TOLD(.identities = {ID("email", "n@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001"),
                             ID("twitter", "reem_x")},
              .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    merge(one, member);
    const Profiled__V1__Review *before = the_review();
    cr_assert_str_eq(before->side->member_id, member);
    set_blocked("phone", NULL);

    cr_expect_eq(apply().joined_count, 0);
    apply();

    const Profiled__V1__Review *review = the_review();
    cr_expect_str_eq(review->id, before->id);
    cr_expect_eq(review->last_time->seconds, before->last_time->seconds, "it had nothing new");
    cr_expect_eq(reviews(FILTER(ALL), "")->n_reviews, 1);
}

/* What was told before somebody unlinked it, and is there since by hand, does not move. */
Test(reapply, what_was_unlinked_and_linked_again_stays) {
    const char *id =
        tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura_x")}));
    ask_wait_us(US_PER_SECOND);
    unlink_identity(id, "twitter", "noura_x");
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = text(id);
    link.identity = identity_told("twitter", "noura_x");
    ask(&rpc_identity_service, "LinkIdentity", &link.base);
    const struct bytes before = profiles_alike();
    set_blocked("email", "n@example.com");

    cr_expect_eq(apply().made_count, 0, "the record tells what the profile has by hand");

    cr_expect_str_eq(lookup("twitter", "noura_x")->id, id);
    restore_rules(1);
    apply();
    cr_expect(bytes_equal(before, profiles_alike()));
}

/* A part that somebody merged, and that rules joined, comes back to what it was a part of. */
Test(reapply, a_part_that_was_joined_and_merged_since_comes_back) {
    Profiled__V1__IdentityType instagram = PROFILED__V1__IDENTITY_TYPE__INIT;
    instagram.type = text("instagram");
    set_rules("match", &instagram);
    const char *youngest = tell(TOLD(.name = "Huda"));
    tell(TOLD(.identities = {ID("instagram", "q_x"), ID("twitter", "z_x")}));
    const char *id = tell(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "a_x")}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("instagram", "q_x"),
                             ID("twitter", "p_x")}));
    Profiled__V1__IdentityType email = PROFILED__V1__IDENTITY_TYPE__INIT;
    email.type = text("email");
    set_rules("match", &email);
    cr_assert_eq(apply().made_count, 1);
    instagram.match = true;
    set_rules("match", &instagram);
    cr_assert_eq(apply().joined_count, 1);
    const char *part = lookup("twitter", "p_x")->id;
    merge(part, youngest);
    email.match = true;
    set_rules("match", &email);

    apply();

    cr_expect_str_eq(lookup("twitter", "p_x")->id, lookup("twitter", "a_x")->id);
    cr_expect_not_null(get(id));
}
