/* Other rules that are taken back: what each kind of identity, attribute and tie is then. Each of
 * these came out of a random history (reapply_history_test.c). */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rehearsal.h"

static int64_t version; /* Of the earlier rules. */
static struct bytes before;

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
    ask_close();
}

TestSuite(reapply_back, .init = ask_open, .fini = close_proven);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static void link(const char *id, const struct told_identity *told) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = text(id);
    request.identity = identity_told(told->type, told->value);
    request.identity->provenance = (Profiled__V1__Provenance)told->provenance;
    ask(&rpc_identity_service, "LinkIdentity", &request.base);
}

static void forbid(const char *one, const char *other) {
    Profiled__V1__CreateNeverJoinRequest request = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(other);
    ask(&rpc_identity_service, "CreateNeverJoin", &request.base);
}

static void unmerge(const char *id) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.keep_decisions = true;
    request.profile_id = text(id);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

static void match_nobody(const char *type) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    set_rules("match", &rules);
}

static void block_pattern(const char *type, const char *pattern) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    char *patterns[] = {text(pattern)};
    rules.type = text(type);
    rules.n_blocked_patterns = 1;
    rules.blocked_patterns = patterns;
    set_rules("blocked_patterns", &rules);
}

/* What is there before other rules. */
static void keep(void) {
    version = rule_version();
    before = profiles_alike();
}

static Profiled__V1__IdentityTypesEffect apply(void) { return rehearsed()->effect; }

/* Applies the present rules, and the earlier ones. */
static void expect_all_back(void) {
    apply();
    cr_expect_eq(apply().changed_count, 0, "once more, under other rules");
    restore_rules(version);
    apply();
    cr_expect(bytes_equal(before, profiles_alike()), "it is otherwise");
    cr_expect_eq(apply().changed_count, 0, "once more");
}

#define NUMBER "+966500000001"
#define KNOWN(TYPE, VALUE, PROVENANCE_NAME)                                                        \
    { .type = (TYPE), .value = (VALUE), .provenance = PROVENANCE(PROVENANCE_NAME) }

/* ---- one number as a phone's and as WhatsApp's ---- */

static void tell_number_as_both(void) {
    const char *id = tell(TOLD(.name = "Noura", .identities = {ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("whatsapp", NUMBER)}));
    tell(TOLD(.identities = {ID("whatsapp", NUMBER), ID("email", "n@example.com")}));
    cr_assert_eq(identity_count(get(id), "phone", true), 1);
    cr_assert_eq(identity_count(get(id), "whatsapp", true), 1);
    keep();
}

Test(reapply_back, a_number_of_two_types_is_active_as_the_first_of_them) {
    tell_number_as_both();
    set_disabled("phone", true);
    expect_all_back();
}

Test(reapply_back, a_number_of_two_types_is_active_as_the_later_one) {
    tell_number_as_both();
    set_disabled("whatsapp", true);
    expect_all_back();
}

/* The records of the part reach another profile, too: it is the part's, and nobody else has the
 * number now. */
Test(reapply_back, a_number_that_a_part_keeps_with_somebody_else_finds_them) {
    tell(TOLD(.identities = {ID("whatsapp", NUMBER)}));
    tell(TOLD(.identities = {ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("twitter", "noura_x")}));
    tell(TOLD(.identities = {ID("phone", NUMBER), ID("twitter", "noura_x")}));
    cr_assert_eq(profile_count(), 1);
    keep();
    set_disabled("whatsapp", true);
    apply();
    cr_assert_eq(profile_count(), 2);
    const Profiled__V1__Profile *profile = lookup("phone", NUMBER);
    cr_assert_not_null(profile);
    cr_expect_eq(identity_count(profile, "phone", true), 1);
    cr_expect_eq(identity_count(profile, "twitter", true), 1);
    expect_all_back();
}

/* ---- facts of those who come apart ---- */

/* The birth date of the one whom a number joined kept the third from the other. */
Test(reapply_back, whom_a_fact_of_one_who_is_gone_kept_apart_is_joined_meanwhile) {
    const char *one =
        tell(TOLD(.name = "Noura", .identities = {ID("genesys", "g-1"), ID("whatsapp", NUMBER)},
                  .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *other = tell(TOLD(.name = "Reem", .identities = {ID("genesys", "g-2"),
                                                                 ID("whatsapp", "+966500000002")}));
    tell(TOLD(.identities = {ID("whatsapp", NUMBER), ID("whatsapp", "+966500000002")}));
    const char *third = tell(TOLD(.name = "Reem", .identities = {ID("genesys", "g-2")},
                                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_assert_str_eq(get(other)->id, one);
    cr_assert_str_eq(get(third)->id, third);
    keep();
    set_disabled("whatsapp", true);
    apply();
    cr_expect_str_eq(get(other)->id, other);
    cr_expect_str_eq(get(third)->id, other);
    expect_all_back();
}

/* ---- addresses that are one where tags are ignored ---- */

Test(reapply_back, an_address_over_a_limit_that_another_had_meanwhile_is_its_own) {
    tell(TOLD(.name = "Noura",
              .identities = {ID("email", "r@example.com"), ID("email", "n@example.com")}));
    tell(TOLD(.name = "Reem", .identities = {ID("email", "n+t@example.com")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text("email");
    rules.limit = 1;
    rules.email_ignore_tag = true;
    set_rules("limit,email_ignore_tag", &rules);
    expect_all_back();
}

/* ---- contact data of records that came apart ---- */

Test(reapply_back, what_another_member_had_is_its_own) {
    tell(TOLD(.identities = {ID("email", "n@example.com")}));
    tell(TOLD(.identities = {ID("phone", NUMBER)}));
    tell(
        TOLD(.name = "Reem", .identities = {ID("email", "n@example.com"), ID("whatsapp", NUMBER)}));
    cr_assert_eq(profile_count(), 1);
    keep();
    match_nobody("email");
    expect_all_back();
}

Test(reapply_back, what_was_told_of_somebody_who_is_gone_stays_contact_data) {
    const char *other = tell(TOLD(.identities = {ID("anonymous_id", "a-1")}));
    tell(TOLD(.identities = {ID("national_id", "1011111111")}));
    link(other, &(struct told_identity)ID("instagram", "noura_x"));
    const char *id = tell(TOLD(.identities = {ID("national_id", "1011111111"),
                                              KNOWN("instagram", "noura_x", INFERRED)}));
    Profiled__V1__DeleteProfileRequest delete = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    delete.id = text(other);
    ask(&rpc_profile_service, "DeleteProfile", &delete.base);
    cr_assert_eq(identity_count(get(id), "instagram", true), 0);
    keep();
    set_disabled("national_id", true);
    expect_all_back();
}

/* Who had the number before claims it, and is not joined with the part: it is known too little. */
Test(reapply_back, what_a_part_had_meanwhile_is_given_back) {
    tell(TOLD(.identities = {KNOWN("whatsapp", "+966500000001", INFERRED)}));
    tell(TOLD(.name = "Reem", .identities = {KNOWN("whatsapp", "+966500000003", INFERRED)}));
    tell(
        TOLD(.identities = {ID("phone", "+966500000002"), KNOWN("phone", "+966500000003", INFERRED),
                            KNOWN("phone", "+966500000001", VERIFIED)}));
    cr_assert_eq(profile_count(), 2);
    keep();
    set_disabled("whatsapp", true);
    expect_all_back();
}

/* The part has the number for a while, and who had it claims it. */
Test(reapply_back, what_a_part_had_meanwhile_goes_to_whom_it_was) {
    tell(TOLD(.identities = {KNOWN("phone", "+966500000003", VERIFIED)}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000002")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000003"), ID("phone", "+966500000002")}));
    cr_assert_eq(profile_count(), 1);
    keep();
    set_disabled("phone", true);
    expect_all_back();
}

Test(reapply_back, who_claimed_a_part_has_what_it_leaves) {
    tell(TOLD(.identities = {ID("phone", "+966500000002")}));
    const char *two = tell(TOLD(.identities = {ID("phone", "+966500000003")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000002"), ID("phone", "+966500000003")}));
    unmerge(two);
    cr_assert_eq(profile_count(), 2);
    keep();
    set_disabled("phone", true);
    expect_all_back();
}

Test(reapply_back, what_was_over_a_limit_of_those_who_came_apart) {
    tell(TOLD(.identities = {ID("national_id", "1011111111")}));
    const char *id = tell(
        TOLD(.identities = {ID("national_id", "1022222222"), ID("national_id", "1011111111")}));
    tell(TOLD(.name = "Reem", .identities = {ID("national_id", "1022222222")}));
    cr_assert_str_eq(identity_over_limit(id), "1022222222");
    keep();
    set_blocked("national_id", "1011111111");
    expect_all_back();
}

/* Under a rule that changes nothing about it: there was room since somebody unlinked the other. */
Test(reapply_back, what_was_over_a_limit_of_those_who_stay) {
    const char *id = tell(TOLD(.identities = {ID("phone", NUMBER), ID("national_id", "1011111111"),
                                              KNOWN("national_id", "1022222222", INFERRED)}));
    unlink_identity(id, "national_id", "1011111111");
    tell(TOLD(.identities = {ID("phone", NUMBER), KNOWN("twitter", "noura_x", INFERRED)}));
    tell(TOLD(.identities = {ID("twitter", "noura_x")}));
    cr_assert_str_eq(identity_over_limit(id), "1022222222");
    keep();
    match_nobody("twitter");
    expect_all_back();
}

/* Two handles of a record, of which another profile has the one. */
Test(reapply_back, what_another_one_has_takes_no_room_of_a_part) {
    set_limit("twitter", 1);
    tell(TOLD(.identities = {ID("instagram", "reem_x")}));
    tell(TOLD(.identities = {ID("twitter", "noura_x")}));
    tell(TOLD(.identities = {ID("instagram", "reem_x"), ID("phone", NUMBER)}));
    tell(TOLD(.identities = {KNOWN("phone", NUMBER, INFERRED), ID("twitter", "noura_x"),
                             ID("twitter", "reem_x")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    match_nobody("instagram");
    expect_all_back();
}

/* ---- whom a record did not join ---- */

/* By its own telling the number is known better than it was when the record came. */
Test(reapply_back, a_record_joins_nobody_whom_it_did_not_join) {
    tell(TOLD(.identities = {KNOWN("national_id", "1011111111", INFERRED)}));
    tell(TOLD(.identities = {KNOWN("twitter", "noura_x", VERIFIED)}));
    tell(TOLD(.name = "Noura", .identities = {ID("national_id", "1011111111"),
                                              KNOWN("twitter", "noura_x", VERIFIED)}));
    cr_assert_eq(profile_count(), 2);
    keep();
    set_blocked("national_id", "1011111111");
    expect_all_back();
}

Test(reapply_back, a_pair_for_review_is_not_joined) {
    tell(TOLD(.name = "Noura", .identities = {ID("anonymous_id", "a-3")}));
    tell(TOLD(.identities = {KNOWN("instagram", "reem_x", INFERRED), ID("anonymous_id", "a-4")}));
    tell(
        TOLD(.name = "Reem", .identities = {ID("instagram", "reem_x"), ID("anonymous_id", "a-3")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    set_limit("anonymous_id", 1);
    expect_all_back();
}

/* The record of the one tells what somebody unlinked since, and would not be linked to the other.
 */
/* The page was read before the record had a profile of its own: its turn would not come. */
Test(reapply_back, a_record_that_stands_alone_joins_whom_it_was_kept_from) {
    const char *one = tell(TOLD(.identities = {ID("external_id", "crm-1")}));
    tell(TOLD(.identities = {ID("external_id", "crm-2"), ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("external_id", "crm-1"), ID("whatsapp", NUMBER)}));
    unlink_identity(one, "whatsapp", NUMBER);
    keep();
    match_nobody("external_id");
    apply();
    cr_expect_eq(profile_count(), 2, "the record and whose number it told are one");
    expect_all_back();
}

/* The member that the last record reaches has that identity no more once there may be one only. */
Test(reapply_back, a_record_does_not_stay_for_what_is_over_the_limit_of_a_member) {
    tell(TOLD(.identities = {ID("external_id", "crm-1"), ID("twitter", "noura_x")}));
    tell(TOLD(.identities = {ID("anonymous_id", "a-1"), ID("twitter", "noura_x")}));
    tell(TOLD(.identities = {ID("anonymous_id", "a-2"), ID("anonymous_id", "a-3")}));
    tell(TOLD(.identities = {ID("external_id", "crm-1"), ID("anonymous_id", "a-3")}));
    cr_assert_eq(profile_count(), 1);
    keep();
    set_limit("anonymous_id", 1);
    expect_all_back();
}

/* What kept the two apart was a member of the one that is none any more: by the earlier rules they
 * would not have been asked about again. */
static void tell_pair_and_unmerge_obstacle(void) {
    tell(TOLD(.identities = {ID("national_id", "1011111111")}));
    const char *other = tell(TOLD(.identities = {ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("whatsapp", NUMBER), ID("national_id", "1011111111")}));
    tell(TOLD(.identities = {ID("phone", NUMBER), ID("national_id", "1022222222")}));
    unmerge(other);
    cr_assert_eq(profile_count(), 3);
    keep();
}

Test(reapply_back, a_pair_whose_obstacle_was_unmerged_is_apart_again) {
    tell_pair_and_unmerge_obstacle();
    set_disabled("national_id", true);
    apply();
    cr_expect_eq(profile_count(), 2, "whoever told the number is one");
    expect_all_back();
}

/* The record that tells both has made the one younger than the other by the time that it is back.
 */
Test(reapply_back, of_two_addresses_seen_at_once_the_longer_known_is_within_the_limit) {
    set_limit("email", 1);
    const char *id = tell(TOLD(.identities = {ID("whatsapp", NUMBER)}));
    tell(TOLD(.identities = {ID("email", "noura@example.com")}));
    tell(TOLD(.identities = {ID("external_id", "crm-4"), ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("external_id", "crm-4"),
                             ID("email", "noura@example.com")}));
    cr_assert_eq(profile_count(), 1);
    cr_expect_eq(identity_in(get(id), "email", "noura@example.com")->state, STATE(ACTIVE));
    cr_expect_eq(identity_in(get(id), "email", "n@example.com")->rule, RULE(OVER_LIMIT));
    keep();
    set_disabled("whatsapp", true);
    expect_all_back();
}

/* Each of the two has one of the handles while they are apart, of which a person has one only. */
Test(reapply_back, two_whom_a_record_of_two_handles_joined_are_one_again) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text("instagram");
    set_limit("instagram", 1);
    tell(TOLD(.identities = {ID("instagram", "noura_x")}));
    tell(TOLD(.identities = {ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("whatsapp", NUMBER), ID("instagram", "noura_y"),
                             ID("instagram", "noura_x")}));
    cr_assert_eq(profile_count(), 1);
    keep();
    set_rules("merge", &rules);
    apply();
    cr_expect_eq(profile_count(), 2);
    expect_all_back();
}

/* By the earlier rules that record would have joined the two: it does, once they are back. */
Test(reapply_back, a_pair_that_was_told_meanwhile_stays_one) {
    tell_pair_and_unmerge_obstacle();
    set_disabled("national_id", true);
    apply();
    tell(TOLD(.identities = {ID("phone", NUMBER), ID("national_id", "1022222222")}));
    restore_rules(version);
    apply();
    cr_expect_str_eq(lookup("national_id", "1022222222")->id, lookup("phone", NUMBER)->id);
}

/* Under them the address of the second record is the first one's, to which it is linked. What the
 * first profile was told of it later is another one's by the earlier rules. */
Test(reapply_back, a_record_is_not_linked_to_who_was_told_its_address_later) {
    tell(TOLD(.identities = {ID("email", "noura@example.com"), ID("email", "n@example.com")}));
    tell(TOLD(.identities = {ID("email", "no.ura@example.com")}));
    tell(TOLD(.identities = {KNOWN("email", "n@example.com", INFERRED),
                             ID("email", "no.ura@example.com")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    set_ignore_dots("email", true);
    apply();
    cr_expect_eq(profile_count(), 1);
    expect_all_back();
}

/* The third record reaches both of the others, and has the right to join neither. */
Test(reapply_back, a_record_that_joins_nobody_goes_to_whom_it_reaches_best) {
    tell(TOLD(.identities = {ID("national_id", "1011111111"),
                             KNOWN("instagram", "noura_x", INFERRED)}));
    tell(TOLD(.identities = {ID("national_id", "1011111111"),
                             KNOWN("external_id", "crm-1", INFERRED)}));
    tell(TOLD(.identities = {ID("external_id", "crm-1"), ID("instagram", "noura_x"),
                             ID("national_id", "1022222222")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    match_nobody("national_id");
    apply();
    cr_expect_eq(profile_count(), 2);
    expect_all_back();
}

/* The part had the handle while it stood alone, and comes back to its own later than the person is
 * looked at to whom it belongs. */
Test(reapply_back, what_two_had_together_and_a_part_let_go_is_theirs_again) {
    const char *one =
        tell(TOLD(.identities = {ID("instagram", "noura_x"), ID("twitter", "noura_3")}));
    tell(TOLD(.identities = {KNOWN("twitter", "noura_0", VERIFIED)}));
    const char *other = tell(TOLD(.identities = {ID("twitter", "noura_4")}));
    link(other, &(struct told_identity)ID("external_id", "crm-3"));
    tell(TOLD(.identities = {ID("twitter", "noura_3"), ID("external_id", "crm-3")}));
    cr_assert_eq(profile_count(), 2);
    unmerge(other);
    tell(TOLD(.identities = {ID("instagram", "noura_x"), KNOWN("twitter", "noura_0", VERIFIED)}));
    cr_assert_eq(identity_count(get(one), "twitter", true), 2);
    keep();
    set_limit("twitter", 1);
    expect_all_back();
}

Test(reapply_back, those_who_came_apart_come_back_in_their_order) {
    const char *id = tell(TOLD(.identities = {ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("phone", NUMBER), ID("external_id", "c-100"),
                             ID("email", "n@example.com")}));
    unlink_identity(id, "external_id", "c-100");
    tell(TOLD(.identities = {ID("phone", NUMBER), ID("external_id", "c-200")}));
    cr_assert_eq(profile_count(), 1);
    keep();
    set_blocked("phone", NUMBER);
    expect_all_back();
}

/* ---- under the other rules ---- */

/* What a part is joined with is put under the rules with it. */
Test(reapply_back, who_is_joined_with_a_part_is_put_under_the_rules) {
    tell(TOLD(.identities = {ID("external_id", "c-100")}));
    tell(TOLD(.identities = {ID("external_id", "c-100"), ID("national_id", "1011111111")}));
    const char *other = tell(TOLD(.identities = {ID("whatsapp", NUMBER)}));
    tell(TOLD(.identities = {KNOWN("phone", NUMBER, VERIFIED), ID("national_id", "1011111111")}));
    unmerge(other);
    tell(TOLD(.identities = {ID("whatsapp", NUMBER), ID("external_id", "c-200")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    match_nobody("external_id");
    expect_all_back();
}

/* ---- what somebody told by hand, and names ---- */

Test(reapply_back, what_is_linked_by_hand_is_known_as_well_as_it_was) {
    const char *id = tell(TOLD(.identities = {ID("phone", NUMBER)}));
    link(id, &(struct told_identity)KNOWN("external_id", "c-100", VERIFIED));
    tell(TOLD(.identities = {ID("external_id", "c-100")}));
    tell(TOLD(.identities = {ID("external_id", "c-100")}));
    keep();
    match_nobody("external_id");
    expect_all_back();
}

/* It stays with what it was told of, and with it the records that were linked by it. */
Test(reapply_back, what_is_linked_by_hand_and_told_by_a_record_too) {
    const int64_t now_us = ask_now_us();
    const char *id = tell(TOLD(.identities = {ID("anonymous_id", "a-1")}));
    link(id, &(struct told_identity)ID("whatsapp", NUMBER));
    tell(TOLD(.identities = {ID("phone", NUMBER)}));
    tell(TOLD(.observe_us = now_us - 10, .identities = {ID("whatsapp", NUMBER)}));
    cr_assert_eq(profile_count(), 1);
    keep();
    set_blocked("whatsapp", NUMBER);
    expect_all_back();
}

static void set_job_and_name(const char *id, const struct told *told) {
    Profiled__V1__UpdateProfileRequest update = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text("attributes.job"), text("name")};
    mask.n_paths = 2;
    mask.paths = paths;
    update.profile = profile_told(told);
    update.profile->id = text(id);
    update.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &update.base);
}

/* A record took the place of what somebody had set: where it goes, that is there again. */
Test(reapply_back, a_value_that_somebody_set_is_there_again_where_a_record_took_its_place) {
    const char *id = tell(TOLD(.name = "Noura", .identities = {ID("phone", NUMBER)},
                               .attributes = {ATTRIBUTE("job", "driver")}));
    ask_wait_us(US_PER_SECOND);
    set_job_and_name(id, TOLD(.name = "Nora", .attributes = {ATTRIBUTE("job", "cook")}));
    tell(TOLD(.name = "Nura", .identities = {ID("phone", NUMBER), ID("twitter", "noura_x")},
              .attributes = {ATTRIBUTE("job", "nurse")}));
    cr_assert_str_eq(attribute_in(get(id), "job"), "nurse");
    cr_assert_str_eq(get(id)->name, "Nura");
    keep();
    set_disabled("phone", true);

    apply();

    cr_assert_eq(profile_count(), 2);
    cr_expect_str_eq(attribute_in(get(id), "job"), "cook");
    cr_expect_str_eq(get(id)->name, "Nora");
    cr_expect_str_eq(attribute_in(lookup("twitter", "noura_x"), "job"), "nurse");
    expect_all_back();
}

/* A record took the place of what somebody had set, and would not have taken that of an earlier
 * record, of a source that is trusted. */
Test(reapply_back, a_value_that_came_after_what_somebody_set) {
    const int64_t now_us = ask_now_us();
    set_survivorship("job", SURVIVORSHIP(TRUSTED_SOURCE), "crm,pos");
    const char *id =
        tell(TOLD(.name = "Noura", .source = "crm", .observe_us = now_us - 10,
                  .identities = {ID("phone", NUMBER)}, .attributes = {ATTRIBUTE("job", "driver")}));
    ask_wait_us(US_PER_SECOND);
    set_job_and_name(
        id, TOLD(.name = "Nora", .observe_us = now_us - 30,
                 .attributes = {{.name = "job", .value = "cook", .observe_us = now_us - 30}}));
    tell(TOLD(.source = "pos", .identities = {ID("phone", NUMBER)},
              .attributes = {ATTRIBUTE("job", "nurse")}));
    cr_assert_str_eq(attribute_in(get(id), "job"), "nurse");
    keep();
    set_disabled("phone", true);
    expect_all_back();
}

/* Of two handles the one that was seen first names the profile, whichever member has it. */
Test(reapply_back, a_derived_name_is_derived_of_the_same_identity) {
    const char *id = tell(TOLD(.identities = {ID("national_id", "1011111111")}));
    tell(TOLD(.identities = {ID("national_id", "1011111111"), ID("twitter", "noura_x")}));
    link(id, &(struct told_identity)ID("phone", NUMBER));
    tell(TOLD(.identities = {ID("whatsapp", NUMBER), ID("twitter", "noura_y")}));
    cr_assert_str_eq(get(id)->name, "noura_x");
    keep();
    set_disabled("national_id", true);
    expect_all_back();
}

/* The number that somebody linked was seen later: it is the one that there is room for. */
Test(reapply_back, a_link_that_the_limit_would_have_refused_takes_the_room) {
    const char *id = tell(TOLD(.name = "Noura", .identities = {ID("whatsapp", NUMBER)}));
    tell(TOLD(.identities = {ID("phone", NUMBER)}));
    link(id, &(struct told_identity)KNOWN("phone", "+966500000002", ATTESTED));
    keep();
    set_limit("phone", 1);
    apply();
    cr_expect_str_eq(lookup("phone", "+966500000002")->id, id);
    cr_expect_eq(identity_count(get(id), "phone", true), 1);
    expect_all_back();
}

/* It is contact data while its type is disabled, and nobody else's. */
Test(reapply_back, a_link_of_a_type_that_is_disabled_goes_and_comes_with_it) {
    const char *id =
        tell(TOLD(.identities = {ID("twitter", "noura_1"), ID("external_id", "crm-100")}));
    tell(TOLD(.identities = {ID("anonymous_id", "anon-50"), ID("external_id", "crm-101")}));
    link(id, &(struct told_identity)ID("twitter", "noura_0"));
    set_disabled("twitter", true);
    apply();
    tell(TOLD(.identities = {ID("twitter", "noura_1"), ID("anonymous_id", "anon-50")}));
    set_disabled("twitter", false);
    apply();
    tell(TOLD(.identities = {ID("twitter", "noura_0")}));
    cr_assert_eq(profile_count(), 2);
    keep();
    set_disabled("twitter", true);
    expect_all_back();
}

/* Under older rules the handle was contact data of the first one, and somebody linked it to the
 * second: by those of now the first has it. */
Test(reapply_back, a_link_of_what_somebody_else_has_by_the_rules_settles) {
    set_disabled("external_id", true);
    const char *one =
        tell(TOLD(.identities = {ID("external_id", "crm-100"), ID("email", "n@example.com")}));
    const char *other = tell(TOLD(.identities = {ID("national_id", "1017654321")}));
    set_disabled("external_id", false);
    link(other, &(struct told_identity)ID("external_id", "crm-100"));
    cr_assert_str_eq(lookup("external_id", "crm-100")->id, other);
    apply();
    cr_expect_str_eq(lookup("external_id", "crm-100")->id, one);
    cr_expect_eq(apply().changed_count, 0);
}

/* ---- many ---- */

/* Together they have more identities than a profile may. */
Test(reapply_back, a_limit_that_was_too_high_for_a_while_leaves_nobody_joined) {
    enum { PEOPLE = 45 };
    set_limit("external_id", 1);
    for (size_t i = 0; i < PEOPLE; i++) {
        tell(TOLD(.identities = {ID("whatsapp", NUMBER),
                                 ID("external_id", arena_format(&ask_arena, "crm-%zu", i)),
                                 ID("twitter", arena_format(&ask_arena, "noura_%zu", i)),
                                 ID("email", arena_format(&ask_arena, "n%zu@example.com", i))}));
    }
    cr_assert_eq(profile_count(), PEOPLE);
    keep();
    set_limit("external_id", 50);
    expect_all_back();
}

/* ---- never ---- */

/* By the other rules the second record is the first one's, before anybody says that they are never
 * one. Two later records, observed at once, are of the second by an id that identifies nobody then.
 */
Test(reapply_back, those_who_are_never_one_are_two_before_it_was_said) {
    const char *one =
        tell(TOLD(.identities = {ID("whatsapp", "+966500000011"), ID("external_id", "crm-101")}));
    const char *other =
        tell(TOLD(.identities = {ID("whatsapp", "+966500000011"), ID("external_id", "crm-100")}));
    tell(TOLD(.identities = {ID("whatsapp", "+966500000010"), ID("whatsapp", "+966500000011")}));
    tell(TOLD(.identities = {ID("external_id", "crm-101")}));
    const int64_t at_us = ask_now_us();
    tell(TOLD(.observe_us = at_us,
              .identities = {ID("external_id", "crm-100"), ID("external_id", "crm-101"),
                             ID("whatsapp", "+966500000010")}));
    tell(TOLD(.observe_us = at_us,
              .identities = {ID("external_id", "crm-100"), ID("whatsapp", "+966500000010")}));
    cr_assert_str_neq(one, other);
    forbid(one, other);
    keep();
    set_limit("whatsapp", 1);
    block_pattern("external_id", "0");
    apply();
    cr_expect_eq(profile_count(), 4, "two of the ids, and what two of them alone tell");
    cr_expect_str_eq(lookup("whatsapp", "+966500000011")->id, one);
    expect_all_back();
}
