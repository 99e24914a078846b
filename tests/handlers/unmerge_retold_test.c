/* UnmergeProfiles: what came since the merge is told again. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/identity/retell.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/events.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(unmerge_retold, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *make(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return create(told)->id;
}

static const Profiled__V1__UnmergeProfilesResponse *undo(const char *merge_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    ask_wait_us(US_PER_SECOND);
    request.merge_id = text(merge_id);
    return ask_twice(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

static const Profiled__V1__Decision *tell(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return resolve(told);
}

static const struct told *born(const char *mail, const char *date) {
    struct told *told = arena_alloc(&ask_arena, sizeof *told);
    *told = *TOLD(.identities = {ID("email", mail)}, .attributes = {ATTRIBUTE("birth_date", date)});
    return told;
}

/* The second's birth date kept the first record from the first, and let the second one in. */
Test(unmerge_retold, a_record_that_only_the_merge_let_in_makes_a_profile) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("email", "r@example.com")},
                                .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *merge_id = merge_two(one, two);
    const char *three = tell(born("n@example.com", "1990-01-01"))->profile_id;
    const Profiled__V1__Decision *let_in = tell(born("n@example.com", "1980-01-01"));
    cr_assert_str_neq(three, one);
    cr_assert_str_eq(let_in->member_id, one);

    const Profiled__V1__UnmergeProfilesResponse *response = undo(merge_id);

    cr_expect(response->retold);
    cr_expect_str_eq(get(three)->id, one);
    cr_expect_str_eq(value_in(get(one), "birth_date"), "1990-01-01");
    cr_expect_str_eq(get(two)->id, two);
    cr_assert_eq(response->n_reconsidered_profile_ids, 1);
    const Profiled__V1__Profile *made = get(response->reconsidered_profile_ids[0]);
    cr_expect_str_eq(made->id, response->reconsidered_profile_ids[0]);
    cr_expect_str_eq(value_in(made, "birth_date"), "1980-01-01");
    cr_expect_eq(made->identities[0]->state, PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_CONTACT);
    cr_expect_eq(reviews(FILTER(OPEN), made->id)->n_reviews, 1, "with the first");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* What it came with lies under whom it is told of. */
Test(unmerge_retold, interactions_go_with_their_records) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("email", "r@example.com")},
                                .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *merge_id = merge_two(one, two);
    tell(born("n@example.com", "1990-01-01"));
    ask_wait_us(US_PER_SECOND);
    record_event(
        event_by_record(engagement_told("e-1", "email", 0), born("n@example.com", "1980-01-01")));
    cr_assert_eq(get(one)->interaction_summary->count, 1);

    const Profiled__V1__UnmergeProfilesResponse *response = undo(merge_id);

    cr_assert_eq(response->n_reconsidered_profile_ids, 1);
    cr_expect_eq(get(one)->interaction_summary->count, 0);
    cr_expect_eq(get(response->reconsidered_profile_ids[0])->interaction_summary->count, 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* The second and the third were said to be two: that kept the third from the first too. */
Test(unmerge_retold, whom_a_word_about_the_other_kept_apart_is_joined) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("email", "r@example.com")}));
    const char *three = make(TOLD(.name = "Nour", .identities = {ID("phone", "+966500000001")}));
    undo(merge_two(two, three));
    const char *merge_id = merge_two(one, two);
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}));
    cr_assert_str_eq(get(three)->id, three);

    cr_expect(undo(merge_id)->retold);

    cr_expect_str_eq(get(three)->id, one);
    cr_expect_str_eq(get(two)->id, two);
}

/* A merge that a record made, to which it would not have come. */
Test(unmerge_retold, a_merge_that_hung_on_the_merge_goes) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two =
        make(TOLD(.name = "Reem", .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *three = make(TOLD(.name = "Huda", .identities = {ID("phone", "+966500000001")}));
    const char *merge_id = merge_two(one, two);
    tell(born("n@example.com", "1990-01-01"));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")},
              .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    cr_assert_str_eq(get(three)->id, one);

    const Profiled__V1__UnmergeProfilesResponse *response = undo(merge_id);

    cr_expect(response->retold);
    cr_expect_eq(response->n_reconsidered_undone_merges, 1);
    cr_expect_str_eq(get(three)->id, three);
    cr_expect_str_eq(value_in(get(three), "birth_date"), "1980-01-01");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(unmerge_retold, what_is_too_much_is_not_told_again) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two =
        make(TOLD(.name = "Reem", .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *merge_id = merge_two(one, two);
    const char *three = tell(born("n@example.com", "1990-01-01"))->profile_id;
    for (int i = 0; i < RETELL_TOLD_MAX; i++) {
        resolve(TOLD(.name = arena_format(&ask_arena, "Noura %d", i),
                     .identities = {ID("email", "n@example.com")}));
    }

    cr_expect_not(undo(merge_id)->retold);

    cr_expect_str_eq(get(three)->id, one, "joined as before");
}

/* However often it was told: customers write again and again. */
Test(unmerge_retold, what_is_told_again_and_again_is_told_once) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two =
        make(TOLD(.name = "Reem", .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const int64_t first_us = ask_now_us();
    int64_t last_us = 0;
    const char *merge_id = merge_two(one, two);
    const char *three = tell(born("n@example.com", "1990-01-01"))->profile_id;
    cr_assert_str_neq(three, one);
    for (int i = 0; i < 2 * RETELL_TOLD_MAX; i++) {
        ask_wait_us(1000);
        last_us = ask_now_us();
        resolve(TOLD(.identities = {ID("email", "n@example.com")}));
    }

    cr_expect(undo(merge_id)->retold);

    const Profiled__V1__Profile *after = get(one);
    cr_expect_str_eq(get(three)->id, one);
    cr_expect_str_eq(value_in(after, "birth_date"), "1990-01-01");
    cr_expect_eq(identity_in(after, "email", "n@example.com")->last_seen_time->seconds,
                 last_us / US_PER_SECOND);
    cr_expect_leq(identity_in(after, "email", "n@example.com")->first_seen_time->seconds,
                  first_us / US_PER_SECOND);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Whoever is said to be two is two, though telling again would make the one of what the other was
 * told. */
Test(unmerge_retold, whom_it_joined_it_parts_again) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two =
        make(TOLD(.name = "Reem", .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *merge_id = merge_two(one, two);
    const char *three = tell(born("n@example.com", "1990-01-01"))->profile_id;
    const Profiled__V1__UnmergeProfilesResponse *joined = undo(merge_id);
    cr_assert_eq(joined->n_reconsidered_merges, 1);

    const Profiled__V1__UnmergeProfilesResponse *response =
        undo(joined->reconsidered_merges[0]->id);

    cr_expect_not(response->retold);
    cr_expect_eq(response->n_reconsidered_merges, 0);
    cr_expect_str_eq(get(three)->id, three);
    cr_expect_str_eq(get(one)->id, one);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* The number of a record that joins two is one of the other's already: active as both types of the
 * person, and contact data of the part that the record makes, as if the merge had never been. */
Test(unmerge_retold, contact_data_of_a_part_is_what_it_would_have_been_told_as) {
    set_vetoes("whatsapp", "given_name");
    const char *one = tell(TOLD(.identities = {ID("whatsapp", "+966500000004")},
                                .attributes = {ATTRIBUTE("given_name", "Noura")}))
                          ->profile_id;
    const char *two = tell(TOLD(.identities = {ID("whatsapp", "+966500000002")},
                                .attributes = {ATTRIBUTE("given_name", "Reem")}))
                          ->profile_id;
    const char *merge_id = merge_two(one, two);
    (void)tell(TOLD(.identities = {ID("whatsapp", "+966500000002"), ID("phone", "+966500000003")},
                    .attributes = {ATTRIBUTE("given_name", "Noura")}));
    (void)tell(TOLD(.identities = {ID("phone", "+966500000003"), ID("phone", "+966500000004")}));
    cr_assert_eq(identity_in(get(one), "phone", "+966500000004")->state, STATE(ACTIVE));

    cr_expect(undo(merge_id)->retold);

    const Profiled__V1__Profile *joined = get(one);
    cr_expect_eq(identity_in(joined, "phone", "+966500000004")->state, STATE(ACTIVE));
    cr_expect_str_eq(lookup("phone", "+966500000004")->id, one);
    cr_assert_eq(joined->n_merged_ids, 1);
    Profiled__V1__UnmergeProfilesRequest of_part = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    of_part.profile_id = joined->merged_ids[0];
    const char *part = of_part.profile_id;
    ask(&rpc_identity_service, "UnmergeProfiles", &of_part.base);
    cr_expect_eq(identity_in(get(part), "phone", "+966500000004")->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_str_eq(lookup("phone", "+966500000004")->id, one);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* It was said of both, as long as they were one. */
Test(unmerge_retold, what_somebody_unlinked_stays_unlinked) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com"),
                                                                ID("phone", "+966500000001")}));
    const char *two =
        make(TOLD(.name = "Reem", .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *merge_id = merge_two(one, two);
    unlink_identity(two, "phone", "+966500000001");
    const char *three = tell(born("n@example.com", "1990-01-01"))->profile_id;
    cr_assert_str_neq(three, one);

    cr_expect(undo(merge_id)->retold);

    cr_expect_str_eq(get(three)->id, one);
    cr_expect_null(identity_in(get(one), "phone", "+966500000001"));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* When what was unlinked first, and of whom he said it, is not known any more. */
Test(unmerge_retold, what_is_forgotten_to_be_unlinked_is_not_told_again) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com"),
                                                                ID("phone", "+966500000001")}));
    const char *two =
        make(TOLD(.name = "Reem", .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *merge_id = merge_two(one, two);
    unlink_and_forget(one, "phone", "+966500000001");
    const char *three = tell(born("n@example.com", "1990-01-01"))->profile_id;

    cr_expect_not(undo(merge_id)->retold);

    cr_expect_str_eq(get(three)->id, one, "joined as before");
}

/* Nor what would have become of somebody who was deleted since. */
Test(unmerge_retold, of_whom_somebody_deleted_nothing_is_told_again) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two =
        make(TOLD(.name = "Reem", .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *merge_id = merge_two(one, two);
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = text(tell(born("n@example.com", "1990-01-01"))->profile_id);
    ask(&rpc_profile_service, "DeleteProfile", &request.base);

    cr_expect_not(undo(merge_id)->retold);

    cr_expect_null(attribute_in(get(one), "birth_date"));
}

/* What was over a limit of both is another one's again, of whom the number is. */
Test(unmerge_retold, a_number_of_the_other_one_that_was_over_the_limit_is_the_others) {
    Profiled__V1__IdentityType whatsapp = PROFILED__V1__IDENTITY_TYPE__INIT;
    whatsapp.type = "whatsapp";
    whatsapp.limit = 2;
    set_rules("limit", &whatsapp);
    const int64_t first_us = ask_now_us();
    const char *one = tell(TOLD(.identities = {ID("phone", "+966500000004")}))->profile_id;
    const char *two = tell(TOLD(.identities = {ID("phone", "+966500000001")}))->profile_id;
    tell(TOLD(.observe_us = first_us,
              .identities = {ID("whatsapp", "+966500000001"), ID("whatsapp", "+966500000004")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000002"), ID("whatsapp", "+966500000001")}));
    cr_assert_str_eq(get(two)->id, one);

    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(two);
    const Profiled__V1__UnmergeProfilesResponse *response =
        ask_twice(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect(response->retold);
    cr_expect_eq(identity_in(get(two), "whatsapp", "+966500000004")->rule, RULE(OWNED_ELSEWHERE));
}

/* It was free while both were over the limit of all together, and somebody got it. */
Test(unmerge_retold, what_somebody_got_that_was_over_the_limit_of_both) {
    Profiled__V1__IdentityType phone = PROFILED__V1__IDENTITY_TYPE__INIT;
    phone.type = "phone";
    phone.limit = 2;
    set_rules("limit", &phone);
    const char *one = tell(TOLD(.identities = {ID("phone", "+966500000001")}))->profile_id;
    const char *two = tell(TOLD(.identities = {ID("phone", "+966500000002")}))->profile_id;
    const char *merge_id = merge_two(one, two);
    tell(TOLD(.identities = {ID("phone", "+966500000002"), ID("phone", "+966500000003")}));
    const char *three =
        tell(TOLD(.identities = {ID("phone", "+966500000001"), ID("phone", "+966500000004")}))
            ->profile_id;
    cr_assert_str_neq(three, one);
    tell(TOLD(.identities = {ID("phone", "+966500000004"), ID("phone", "+966500000005")}));
    cr_assert_eq(identity_in(get(three), "phone", "+966500000001")->rule, RULE(OVER_LIMIT));

    cr_expect(undo(merge_id)->retold);

    cr_expect_str_eq(get(three)->id, one, "it would have been told of the one");
    cr_expect_eq(call_verify(ask_fixture), 0);
}
