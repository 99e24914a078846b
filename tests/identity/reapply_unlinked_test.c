/* Other rules where somebody unlinked an identity that records had told: it was said of those whose
 * it was, at that time. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rehearsal.h"

#define NUMBER "+966500000001"

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
    ask_close();
}

TestSuite(reapply_unlinked, .init = ask_open, .fini = close_proven);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static void match_nobody(const char *type) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    set_rules("match", &rules);
}

/* A record that others were linked to, and one of them whose handle is not the person's. */
static const char *tell_of_a_wrong_handle(void) {
    const char *id =
        tell(TOLD(.identities = {ID("external_id", "crm-1"), ID("email", "n@x.example")}));
    tell(TOLD(.identities = {ID("external_id", "crm-1"), ID("twitter", "reem_x")}));
    unlink_identity(id, "twitter", "reem_x");
    tell(TOLD(.identities = {ID("email", "n@x.example"), ID("phone", NUMBER)}));
    return id;
}

static void expect_back(struct bytes before, int64_t version) {
    restore_rules(version);
    (void)rehearsed();
    cr_expect(bytes_equal(before, profiles_alike()), "it is otherwise");
    cr_expect_eq(rehearsed()->effect.changed_count, 0, "once more");
}

Test(reapply_unlinked, stays_unlinked_where_records_stay) {
    const char *id = tell_of_a_wrong_handle();
    const struct bytes before = profiles_alike();
    match_nobody("phone");

    cr_expect_eq(rehearsed()->effect.made_count, 0);

    cr_expect_null(lookup("twitter", "reem_x"));
    cr_expect_null(identity_in(get(id), "twitter", "reem_x"));
    expect_back(before, 1);
}

/* It was said of those who had the record: of a profile that it makes alone it is not. */
Test(reapply_unlinked, is_of_the_record_that_goes) {
    const char *id = tell_of_a_wrong_handle();
    const struct bytes before = profiles_alike();
    match_nobody("external_id");

    cr_expect_eq(rehearsed()->effect.made_count, 1);

    cr_assert_not_null(lookup("twitter", "reem_x"));
    cr_expect_str_neq(lookup("twitter", "reem_x")->id, id);
    cr_expect_str_eq(lookup("phone", NUMBER)->id, id);
    expect_back(before, 1);
    cr_expect_null(lookup("twitter", "reem_x"));
}

/* Told again since, by another record. */
Test(reapply_unlinked, what_was_told_again_stays) {
    const char *id = tell_of_a_wrong_handle();
    tell(TOLD(.identities = {ID("email", "n@x.example"), ID("twitter", "reem_x")}));
    cr_assert_str_eq(lookup("twitter", "reem_x")->id, id);
    const struct bytes before = profiles_alike();
    match_nobody("phone");

    (void)rehearsed();

    cr_expect_str_eq(lookup("twitter", "reem_x")->id, id);
    expect_back(before, 1);
}

/* Who was merged when it was said, and is not by these rules. */
Test(reapply_unlinked, is_said_of_whom_had_it) {
    const char *one = tell(TOLD(.identities = {ID("external_id", "crm-1")}));
    const char *other = tell(TOLD(.identities = {ID("twitter", "reem_x"), ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("external_id", "crm-1"), ID("phone", NUMBER)}));
    cr_assert_str_eq(get(other)->id, one);
    unlink_identity(one, "twitter", "reem_x");
    const struct bytes before = profiles_alike();
    match_nobody("phone");

    cr_expect_eq(rehearsed()->effect.split_count, 1);

    cr_expect_str_eq(get(other)->id, other);
    cr_expect_null(lookup("twitter", "reem_x"));
    expect_back(before, 1);
}

/* ---- what is not known any more ---- */

/* Two of whom each pass turns both, as long as it is not known what was unlinked. */
static void tell_of_two_who_turn(bool is_forgotten) {
    const char *id = tell(
        TOLD(.identities = {
                 ID("national_id", "1007654321"),
                 {.type = "phone", .value = "+966500000011", .provenance = PROVENANCE(VERIFIED)}}));
    tell(TOLD(.identities = {ID("phone", "+966500000010"), ID("whatsapp", "+966500000011")}));
    if (is_forgotten) {
        unlink_and_forget(id, "whatsapp", "+966500000011");
    } else {
        unlink_identity(id, "whatsapp", "+966500000011");
    }
    tell(TOLD(.identities = {ID("national_id", "1017654321")}));
    tell(TOLD(.identities = {ID("email", "u2@x.example"), ID("external_id", "crm-100")}));
    tell(
        TOLD(.identities = {
                 {.type = "national_id", .value = "1017654321", .provenance = PROVENANCE(VERIFIED)},
                 {.type = "email", .value = "u2@x.example", .provenance = PROVENANCE(VERIFIED)}}));
    tell(
        TOLD(.identities = {
                 {.type = "external_id", .value = "crm-103", .provenance = PROVENANCE(VERIFIED)},
                 {.type = "national_id", .value = "1017654321", .provenance = PROVENANCE(VERIFIED)},
                 ID("whatsapp", "+966500000010")}));
}

static void prove_merges(const char *type) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    rules.merge_provenance = PROVENANCE(VERIFIED);
    set_rules("merge_provenance", &rules);
    (void)rehearsed();
}

Test(reapply_unlinked, a_rule_that_is_nobodys_changes_nothing) {
    tell_of_two_who_turn(false);
    prove_merges("national_id");
    set_blocked("tiktok", "nobody_x");

    const struct applied *done = rehearsed();

    cr_expect_eq(done->effect.changed_count, 0);
    cr_expect(done->settled);
}

Test(reapply_unlinked, what_does_not_settle_says_so) {
    tell_of_two_who_turn(true);
    prove_merges("national_id");
    set_blocked("tiktok", "nobody_x");

    const struct applied *done = rehearsed();

    cr_expect_eq(done->pass, 8);
    cr_expect_not(done->settled);
}

/* By the rules of now the two records that came while it reached nobody would have been the first
 * one's, before somebody unlinked it. */
Test(reapply_unlinked, relates_those_who_told_it_meanwhile) {
    const char *id = tell(TOLD(.identities = {ID("national_id", "1007654321")}));
    set_disabled("national_id", true);
    (void)rehearsed();
    tell(TOLD(.identities = {ID("national_id", "1007654321")}));
    tell(TOLD(.identities = {ID("national_id", "1007654321")}));
    cr_assert_eq(profile_count(), 3);
    unlink_identity(id, "national_id", "1007654321");
    set_disabled("national_id", false);

    (void)rehearsed();

    cr_expect_eq(profile_count(), 1);
    cr_expect_null(lookup("national_id", "1007654321"));
    cr_expect_eq(rehearsed()->effect.changed_count, 0, "once more");
}
