/* Addresses that were one identity while their dots were ignored, once dots count again: what each
 * of them was told, whom they joined and whose they are, as if they had always counted. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rehearsal.h"

static void open_without_dots(void) {
    ask_open();
    set_ignore_dots("email", true);
}

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
    ask_close();
}

TestSuite(reapply_spelling, .init = open_without_dots, .fini = close_proven);

#define NUMBER "+966500000001"
#define PLAIN "nora@example.com"
#define DOTTED "n.ora@example.com"
#define KNOWN(TYPE, VALUE, PROVENANCE_NAME)                                                        \
    { .type = (TYPE), .value = (VALUE), .provenance = PROVENANCE(PROVENANCE_NAME) }

/* Dots count from now on, for what is there too: simulated, applied, and applied once more. */
static Profiled__V1__IdentityTypesEffect count_dots(void) {
    set_ignore_dots("email", false);
    const struct applied *done = rehearsed();
    cr_expect_eq(apply_rules(10).changed_count, 0, "once more");
    return done->effect;
}

/* ---- what is known of each ---- */

Test(reapply_spelling, each_address_of_a_profile_is_what_was_told_of_it) {
    const int64_t first_us = ask_now_us();
    const char *id = tell(TOLD(.source = "crm", .observe_us = first_us,
                               .identities = {KNOWN("email", PLAIN, VERIFIED)}));
    tell(TOLD(.source = "shop", .observe_us = first_us + US_PER_SECOND,
              .identities = {KNOWN("email", DOTTED, INFERRED)}));
    cr_assert_eq(identity_count(get(id), "email", true), 1);

    cr_expect_eq(count_dots().made_count, 1, "the dotted one is a person's of its own");

    const Profiled__V1__Identity *plain = identity_in(get(id), "email", PLAIN);
    const Profiled__V1__Identity *dotted = identity_in(lookup("email", DOTTED), "email", DOTTED);
    cr_assert_not_null(plain);
    cr_assert_not_null(dotted);
    cr_expect_str_eq(plain->source, "crm");
    cr_expect_eq(plain->provenance, PROVENANCE(VERIFIED));
    cr_expect_str_eq(dotted->source, "shop");
    cr_expect_eq(dotted->provenance, PROVENANCE(INFERRED));
}

Test(reapply_spelling, addresses_of_one_record_are_two_again) {
    const char *id = tell(TOLD(.identities = {ID("email", PLAIN), ID("email", DOTTED)}));
    cr_assert_eq(identity_count(get(id), "email", true), 1);

    cr_expect_eq(count_dots().gained_identity_count, 1);

    cr_expect_eq(identity_count(get(id), "email", true), 2);
    cr_expect_str_eq(lookup("email", PLAIN)->id, id);
    cr_expect_str_eq(lookup("email", DOTTED)->id, id);
}

Test(reapply_spelling, each_is_found_before_the_rules_are_applied) {
    const char *id = tell(TOLD(.identities = {ID("email", PLAIN), ID("email", DOTTED)}));
    set_ignore_dots("email", false);

    cr_expect_str_eq(lookup("email", PLAIN)->id, id);
    cr_expect_str_eq(lookup("email", DOTTED)->id, id);
    cr_expect_str_eq(tell(TOLD(.identities = {ID("email", PLAIN)})), id);
    cr_expect_eq(identity_count(get(id), "email", true), 2, "whoever is told more is up to date");
}

Test(reapply_spelling, what_was_unlinked_is_unlinked_in_every_spelling) {
    const char *id =
        tell(TOLD(.name = "Nora",
                  .identities = {ID("email", PLAIN), ID("email", DOTTED), ID("phone", NUMBER)}));
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnlinkIdentityRequest request = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)id;
    request.identity = identity_told("email", PLAIN);
    ask(&rpc_identity_service, "UnlinkIdentity", &request.base);

    count_dots();

    cr_expect_eq(identity_count(get(id), "email", true), 0);
    cr_expect_null(lookup("email", DOTTED));
}

Test(reapply_spelling, an_address_is_one_again_and_two_again) {
    tell(TOLD(.identities = {ID("email", PLAIN), ID("email", DOTTED), ID("phone", NUMBER)}));
    tell(TOLD(.identities = {ID("email", DOTTED), ID("phone", NUMBER)}));
    const struct bytes one = profiles_whole();
    count_dots();
    const struct bytes two = profiles_whole();

    set_ignore_dots("email", true);
    apply_rules(10);
    cr_expect(bytes_equal(one, profiles_whole()));
    count_dots();
    cr_expect(bytes_equal(two, profiles_whole()));
}

/* ---- whom they joined ---- */

/* The record was linked to the other by the address alone, and brought that along. */
Test(reapply_spelling, whom_an_address_joined_comes_apart_with_what_came) {
    const char *one = tell(TOLD(.identities = {ID("phone", NUMBER)}));
    const char *other = tell(TOLD(.identities = {ID("email", PLAIN), ID("external_id", "b-1")}));
    tell(TOLD(.identities = {ID("phone", NUMBER), ID("email", DOTTED)}));
    cr_assert_str_eq(get(other)->id, one);

    cr_expect_eq(count_dots().split_count, 1);

    cr_expect_str_eq(get(other)->id, other);
    cr_expect_str_eq(lookup("email", PLAIN)->id, other);
    cr_expect_str_eq(lookup("email", DOTTED)->id, one);
    cr_expect_eq(identity_count(get(other), "email", true), 1);
}

/* It reaches both, and the first by what it tells first. */
Test(reapply_spelling, a_record_goes_with_whom_it_reaches_first) {
    tell(TOLD(.identities = {ID("email", PLAIN), ID("email", "n2@example.com")}));
    const char *id = tell(TOLD(.identities = {KNOWN("email", DOTTED, INFERRED)}));
    tell(TOLD(.identities = {KNOWN("email", DOTTED, INFERRED),
                             KNOWN("email", "n2@example.com", INFERRED)},
              .attributes = {ATTRIBUTE("given_name", "Nora")}));
    cr_assert_eq(profile_count(), 1);

    count_dots();

    cr_expect_str_eq(attribute_in(lookup("email", DOTTED), "given_name"), "Nora");
    cr_expect_null(attribute_in(get(id), "given_name"));
    cr_expect_eq(profile_count(), 2);
}

/* A later record of the part was linked to it: it joins nobody by what may not join. */
Test(reapply_spelling, what_a_later_record_tells_joins_by_its_own_right) {
    const char *third = tell(TOLD(.identities = {KNOWN("phone", NUMBER, INFERRED)}));
    tell(TOLD(.identities = {ID("email", PLAIN)}));
    tell(TOLD(.identities = {ID("email", DOTTED), ID("external_id", "c-1")}));
    tell(TOLD(.identities = {ID("email", DOTTED), KNOWN("phone", NUMBER, INFERRED)}));
    cr_assert_eq(profile_count(), 2);

    count_dots();

    cr_expect_eq(profile_count(), 3);
    cr_expect_str_neq(lookup("email", DOTTED)->id, third);
}

/* ---- whose they are ---- */

Test(reapply_spelling, what_was_contact_data_for_another_address_is_active) {
    tell(TOLD(.identities = {ID("email", PLAIN)},
              .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    const char *id = tell(TOLD(.identities = {ID("email", DOTTED), ID("external_id", "c-1")},
                               .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_assert_eq(identity_count(get(id), "email", true), 0);

    count_dots();

    cr_expect_eq(identity_count(get(id), "email", true), 1);
    cr_expect_str_eq(lookup("email", DOTTED)->id, id);
}

/* The other had the very address too: it is that one's by any rules. */
Test(reapply_spelling, what_another_had_stays_contact_data) {
    const char *other = tell(TOLD(.identities = {ID("email", PLAIN), ID("email", DOTTED)},
                                  .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    const char *id = tell(TOLD(.identities = {ID("email", DOTTED), ID("external_id", "c-1")},
                               .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));

    count_dots();

    cr_expect_eq(identity_count(get(id), "email", true), 0);
    cr_expect_str_eq(lookup("email", DOTTED)->id, other);
}

/* It was kept apart from the one, whose address it was not; the other that had it comes to be. */
Test(reapply_spelling, an_address_joins_whom_the_dots_hid) {
    tell(TOLD(.identities = {ID("email", PLAIN), ID("genesys", "g-1")},
              .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}));
    tell(TOLD(.identities = {KNOWN("email", DOTTED, ATTESTED)}));
    const char *id = tell(TOLD(.identities = {ID("email", DOTTED), ID("phone", NUMBER)},
                               .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_assert_eq(profile_count(), 2);

    count_dots();

    cr_expect_eq(profile_count(), 2);
    cr_expect_str_eq(lookup("email", DOTTED)->id, get(id)->id);
    cr_expect_str_eq(lookup("phone", NUMBER)->id, get(id)->id);
}
