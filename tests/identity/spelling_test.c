/* Spellings of an address: what is remembered of each, and taking them apart and together. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/identity/profile_identities.h"
#include "server/identity/spelling.h"
#include "tests/engine/leaks.h"

static struct arena arena;
static struct profile profile;

static void setup(void) {
    arena_init(&arena, 1 << 24);
    profile = (struct profile){.id = {{1}}, .name = "", .name_source = ""};
}

static void teardown(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(spelling, .init = setup, .fini = teardown);

#define MATCH "nora@example.com"

static void tell(const char *canonical, enum provenance provenance, int64_t observe_us) {
    const struct record_identity told = {
        .type = "email",
        .value = canonical,
        .canonical = canonical,
        .match = MATCH,
        .source = "crm",
        .provenance = provenance,
    };
    profile_identity_add(&profile, &told, IDENTITY_RULE_NONE, (struct seen){observe_us, observe_us},
                         &arena);
}

static void expect_told(const struct profile_identity *identity, enum provenance provenance,
                        int64_t first_us, int64_t last_us) {
    cr_assert_not_null(identity);
    cr_expect_eq((int)identity->provenance, (int)provenance);
    cr_expect_eq(identity->first_seen_us, first_us);
    cr_expect_eq(identity->last_seen_us, last_us);
}

Test(spelling, one_that_is_told_again_has_no_list) {
    tell(MATCH, PROVENANCE_ATTESTED, 1);
    tell(MATCH, PROVENANCE_VERIFIED, 2);
    cr_expect_eq(profile.identity_count, 1);
    cr_expect_eq(profile.identities[0].spelling_count, 0);
}

Test(spelling, each_is_remembered_and_the_latest_is_told) {
    tell(MATCH, PROVENANCE_VERIFIED, 1);
    tell("n.ora@example.com", PROVENANCE_ATTESTED, 3);
    tell(MATCH, PROVENANCE_ATTESTED, 2);

    cr_assert_eq(profile.identity_count, 1);
    cr_expect_str_eq(profile.identities[0].canonical, "n.ora@example.com");
    expect_told(&profile.identities[0], PROVENANCE_VERIFIED, 1, 3);
    cr_expect(profile_identity_is_told_as(&profile.identities[0], MATCH));

    spellings_part(&profile, &arena);

    cr_assert_eq(profile.identity_count, 2);
    cr_expect_str_eq(profile.identities[0].canonical, "n.ora@example.com", "the latest first");
    expect_told(spelling_find(&profile, "email", "n.ora@example.com"), PROVENANCE_ATTESTED, 3, 3);
    expect_told(spelling_find(&profile, "email", MATCH), PROVENANCE_VERIFIED, 1, 2);
}

Test(spelling, each_is_active_or_contact_data_by_itself) {
    tell(MATCH, PROVENANCE_ATTESTED, 1);
    tell("n.ora@example.com", PROVENANCE_ATTESTED, 2);
    spellings_part(&profile, &arena);
    spelling_find(&profile, "email", MATCH)->rule = IDENTITY_RULE_OWNED_ELSEWHERE;

    spellings_join(&profile, &arena);

    cr_assert_eq(profile.identity_count, 1);
    cr_expect_eq(profile.identities[0].rule, (uint32_t)IDENTITY_RULE_NONE, "one of them is");
    spellings_part(&profile, &arena);
    cr_expect_eq(spelling_find(&profile, "email", MATCH)->rule,
                 (uint32_t)IDENTITY_RULE_OWNED_ELSEWHERE);
}

Test(spelling, those_of_two_tellings_at_one_time_stay_in_their_order) {
    tell(MATCH, PROVENANCE_ATTESTED, 1);
    tell("n.ora@example.com", PROVENANCE_ATTESTED, 1);
    for (int i = 0; i < 3; i++) {
        spellings_part(&profile, &arena);
        spellings_join(&profile, &arena);
        cr_expect_str_eq(profile.identities[0].canonical, "n.ora@example.com");
        cr_expect_eq(profile.identities[0].spelling_count, 2);
    }
}

/* Lists are shared by copies: the one that was read stays what it was. */
Test(spelling, a_copy_is_changed_alone) {
    tell(MATCH, PROVENANCE_ATTESTED, 1);
    tell("n.ora@example.com", PROVENANCE_ATTESTED, 2);
    const struct profile *before = profile_copy(&profile, &arena);

    tell(MATCH, PROVENANCE_VERIFIED, 5);
    tell("no.ra@example.com", PROVENANCE_ATTESTED, 6);

    cr_expect_eq(before->identities[0].spelling_count, 2);
    expect_told(&before->identities[0].spellings[0], PROVENANCE_ATTESTED, 1, 1);
    cr_expect_eq(profile.identities[0].spelling_count, 3);
}

Test(spelling, beyond_the_limit_the_least_recently_seen_is_forgotten) {
    for (int i = 0; i <= SPELLINGS_MAX; i++) {
        tell(arena_format(&arena, "nora+%d@example.com", i), PROVENANCE_ATTESTED, i);
    }

    const struct profile_identity *identity = &profile.identities[0];
    cr_expect_eq(profile.identity_count, 1);
    cr_expect_eq(identity->spelling_count, SPELLINGS_MAX);
    cr_expect_not(profile_identity_is_told_as(identity, "nora+0@example.com"));
    cr_expect(profile_identity_is_told_as(identity, "nora+1@example.com"));
    cr_expect_eq(identity->first_seen_us, 0, "what all of them are stays");
}

Test(spelling, they_are_compared_by_the_rules) {
    struct identity_rules rules = {.version = 1};
    rules.types = (struct identity_type *)(uintptr_t)identity_types_builtin(&rules.type_count);
    tell(MATCH, PROVENANCE_VERIFIED, 4);
    tell("n.ora@example.com", PROVENANCE_ATTESTED, 7);
    int64_t first_us = 0;

    cr_expect_eq((int)spellings_known(&rules, &profile, "email", MATCH, &arena, &first_us),
                 (int)PROVENANCE_VERIFIED);
    cr_expect_eq(first_us, 4);
    cr_expect_eq(
        (int)spellings_known(&rules, &profile, "email", "n.ora@example.com", &arena, &first_us),
        (int)PROVENANCE_ATTESTED);
    cr_expect_eq(first_us, 7);
    cr_expect_eq(
        (int)spellings_known(&rules, &profile, "email", "no.ra@example.com", &arena, &first_us),
        (int)PROVENANCE_UNSPECIFIED);
    cr_expect_not(spellings_are_one(&rules, "email", MATCH, "email", "n.ora@example.com", &arena));
    cr_expect(
        spellings_are_one(&rules, "phone", "+966500000001", "whatsapp", "+966500000001", &arena));
}
