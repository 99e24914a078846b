/* Other rules by which records, or merged profiles, lie with another profile that is there: what is
 * told of both, whether they are told anew or judged piece by piece. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rehearsal.h"

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
    ask_close();
}

TestSuite(reapply_moved, .init = ask_open, .fini = close_proven);

/* What would come of the present rules; they are then applied, and what comes of them is held
 * against it. */
static const struct simulated *rehearsed_told(void) {
    ask_wait_us(US_PER_SECOND);
    const struct simulated *told = simulate_version(rule_version());
    (void)rehearsed();
    return told;
}

/* Two, of whom the first loses what the second gets. */
static void expect_moved(const struct simulated *told, const char *from, const char *to) {
    Profiled__V1__IdentityTypesEffect expected = told->effect;
    expected.changed_count = 2;
    expected.split_count = 0;
    expected.joined_count = 0;
    expected.made_count = 0;
    expected.moved_count = 1;
    expect_effect(&told->effect, &expected);
    cr_assert_eq(told->listed_count, 2);
    const bool is_first = strcmp(told->listed[0]->profile_id, from) == 0;
    const Profiled__V1__ProfileEffect *giver = told->listed[is_first ? 0 : 1];
    const Profiled__V1__ProfileEffect *taker = told->listed[is_first ? 1 : 0];
    cr_expect_str_eq(giver->profile_id, from);
    cr_expect_str_eq(taker->profile_id, to);
    cr_assert_eq(giver->n_moved_to_ids, 1);
    cr_expect_str_eq(giver->moved_to_ids[0], to);
    cr_expect_eq(giver->moved_to_count, 1);
    cr_expect_eq(giver->moved_from_count, 0);
    cr_assert_eq(taker->n_moved_from_ids, 1);
    cr_expect_str_eq(taker->moved_from_ids[0], from);
    cr_expect_eq(taker->moved_from_count, 1);
    cr_expect_eq(taker->moved_to_count, 0);
}

/* The record of both lies with the first, and would with the second. */
struct pair {
    const char *one;
    const char *other;
};
static struct pair tell_pair(void) {
    struct pair pair;
    pair.one = tell(TOLD(.identities = {ID("twitter", "handle2"), ID("facebook", "noura.page")},
                         .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    pair.other = tell(TOLD(.identities = {ID("anonymous_id", "anon-50")},
                           .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    const char *both =
        tell(TOLD(.identities = {ID("twitter", "handle2"), ID("anonymous_id", "anon-50")},
                  .attributes = {ATTRIBUTE("city", "Riyadh")}));
    cr_assert_str_eq(both, pair.one);
    return pair;
}

Test(reapply_moved, a_record_that_goes_to_another_one_is_told_of_both) {
    const struct pair pair = tell_pair();
    set_blocked("twitter", "handle2");

    const struct simulated *told = rehearsed_told();

    expect_moved(told, pair.one, pair.other);
    cr_expect_eq(told->effect.lost_identity_count, 1);
    cr_expect_eq(told->effect.gained_identity_count, 0);
    cr_expect_str_eq(attribute_in(get(pair.other), "city"), "Riyadh");
    cr_expect_null(attribute_in(get(pair.one), "city"));

    restore_rules(1);
    told = rehearsed_told();
    expect_moved(told, pair.other, pair.one);
    cr_expect_eq(told->effect.gained_identity_count, 1);
}

Test(reapply_moved, so_it_is_piece_by_piece) {
    const struct pair pair = tell_pair();
    unlink_and_forget(pair.one, "facebook", "noura.page");
    const struct bytes before = profiles_alike();
    set_blocked("twitter", "handle2");

    const struct simulated *told = rehearsed_told();

    expect_moved(told, pair.one, pair.other);
    cr_expect_eq(told->effect.lost_identity_count, 1);
    cr_expect_str_eq(attribute_in(get(pair.other), "city"), "Riyadh");

    restore_rules(1);
    told = rehearsed_told();
    expect_moved(told, pair.other, pair.one);
    cr_expect(bytes_equal(before, profiles_alike()));
}

/* The number's profile was merged into the first, and is then one with the second. */
static struct pair tell_merged(void) {
    struct pair pair;
    pair.one =
        tell(TOLD(.identities = {ID("email", "noura@example.com"), ID("facebook", "noura.page")},
                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    pair.other = tell(TOLD(.identities = {ID("twitter", "handle2")},
                           .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    const char *merged = tell(TOLD(.identities = {ID("phone", "+966500000001")}));
    tell(TOLD(.identities = {ID("email", "noura@example.com"), ID("phone", "+966500000001")}));
    cr_assert_str_eq(get(merged)->id, pair.one);
    tell(TOLD(.identities = {ID("phone", "+966500000001"), ID("twitter", "handle2")}));
    return pair;
}

/* It is split off when it is the first one's turn, and joined when it is its own. */
Test(reapply_moved, a_merged_profile_goes_in_two_steps_piece_by_piece) {
    const struct pair pair = tell_merged();
    unlink_and_forget(pair.one, "facebook", "noura.page");
    set_disabled("email", true);

    const struct simulated *told = rehearsed_told();

    cr_expect_eq(told->effect.split_count, 1);
    cr_expect_eq(told->effect.joined_count, 1);
    cr_expect_eq(told->effect.made_count, 0);
    cr_expect_str_eq(lookup("phone", "+966500000001")->id, pair.other);
}

Test(reapply_moved, a_merged_profile_that_goes_to_another_one_is_told_of_both) {
    const struct pair pair = tell_merged();
    set_disabled("email", true);

    const struct simulated *told = rehearsed_told();

    expect_moved(told, pair.one, pair.other);
    cr_expect_eq(told->effect.lost_identity_count, 1, "the address alone");
    cr_expect_str_eq(lookup("phone", "+966500000001")->id, pair.other);

    restore_rules(1);
    expect_moved(rehearsed_told(), pair.other, pair.one);
}

/* Whom nobody has yet is made of records, and answers for itself. */
Test(reapply_moved, a_record_that_goes_to_nobody_is_made) {
    const char *one = tell(TOLD(.identities = {ID("twitter", "handle2")}));
    tell(TOLD(.identities = {ID("twitter", "handle2"), ID("anonymous_id", "anon-50")}));
    set_blocked("twitter", "handle2");

    const struct simulated *told = rehearsed_told();

    Profiled__V1__IdentityTypesEffect expected = *EFFECT(1, 1, 1, 0, 0, 0);
    expected.made_count = 1;
    expect_effect(&told->effect, &expected);
    cr_assert_eq(told->listed_count, 1);
    cr_expect_str_eq(told->listed[0]->profile_id, one);
    cr_expect_eq(told->listed[0]->made_count, 1);
    restore_rules(1);
    told = rehearsed_told();
    expect_effect(&told->effect, EFFECT(1, 1, 0, 1, 0, 1));
}

/* What is made when it is the one's turn has no id yet when it is another one's. */
Test(reapply_moved, one_that_is_made_on_the_way_is_told_as_whose_records_it_has) {
    set_disabled("email", true);
    const char *one = tell(TOLD(.identities = {ID("phone", "+966500000001")}));
    tell(TOLD(.identities = {ID("phone", "+966500000001"), ID("email", "noura@example.com")}));
    const char *other =
        tell(TOLD(.identities = {ID("twitter", "handle2"), ID("email", "noura@example.com")}));
    set_blocked("phone", "+966500000001");
    set_disabled("email", false);

    const struct simulated *told = rehearsed_told();

    cr_expect_eq(told->effect.made_count, 1);
    cr_expect_eq(told->effect.joined_count, 1);
    const Profiled__V1__ProfileEffect *last = told->listed[told->listed_count - 1];
    cr_expect_str_eq(last->profile_id, one);
    cr_assert_eq(last->n_joined_ids, 1);
    cr_expect_str_eq(last->joined_ids[0], other);
    cr_expect_str_neq(get(other)->id, one, "it is one with what was made");
}
