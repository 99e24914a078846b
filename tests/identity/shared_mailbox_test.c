/* People who share a mailbox: apart, and each found again. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(shared_mailbox, .init = ask_open, .fini = ask_close);

static const Profiled__V1__Decision *tell(const char *name, const char *birth_date) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.name = name, .identities = {ID("email", "family@example.com")},
                        .attributes = {ATTRIBUTE("birth_date", birth_date)}));
}

Test(shared_mailbox, a_family_that_is_told_again_stays_as_large_as_it_is) {
    const char *layla = tell("Layla Q", "1988-01-05")->profile_id;
    const char *yusuf = tell("Yusuf Q", "2012-09-30")->profile_id;
    const char *hana = tell("Hana Q", "2015-02-01")->profile_id;

    for (int i = 0; i < 3; i++) {
        const Profiled__V1__Decision *again = tell("Q, Yusuf", "2012-09-30");
        cr_expect_str_eq(again->profile_id, yusuf);
        cr_expect_eq(again->outcome, OUTCOME(LINKED));
        cr_assert_eq(again->n_candidates, 2);
        cr_expect_eq(again->candidates[0]->rule, RULE(VETO_BIRTH_DATE));
        cr_expect(again->candidates[1]->accepted);
        cr_expect_eq(again->identities[0]->rule, RULE(OWNED_ELSEWHERE), "it stays the mother's");
        cr_expect_str_eq(tell("Hana Q", "2015-02-01")->profile_id, hana);
        cr_expect_str_eq(tell("Layla Q", "1988-01-05")->profile_id, layla);
    }

    cr_expect_eq(profile_count(), 3);
    cr_expect_str_eq(lookup("email", "family@example.com")->id, layla);
}

Test(shared_mailbox, twins_are_two) {
    tell("Layla Q", "1988-01-05");
    const char *one = tell("Hana Q", "2015-02-01")->profile_id;
    const char *other = tell("Huda Q", "2015-02-01")->profile_id;

    cr_expect_str_neq(one, other);
    cr_expect_str_eq(tell("Hana Q", "2015-02-01")->profile_id, one);
    cr_expect_str_eq(tell("Huda Q", "2015-02-01")->profile_id, other);
    cr_expect_eq(profile_count(), 3);
}

Test(shared_mailbox, given_and_family_name_are_a_name) {
    tell("Layla Q", "1988-01-05");
    const struct told yusuf = {.identities = {ID("email", "family@example.com")},
                               .attributes = {ATTRIBUTE("birth_date", "2012-09-30"),
                                              ATTRIBUTE("given_name", "Yusuf"),
                                              ATTRIBUTE("family_name", "Q")}};
    ask_wait_us(US_PER_SECOND);
    const char *id = resolve(&yusuf)->profile_id;
    ask_wait_us(US_PER_SECOND);

    cr_expect_str_eq(resolve(&yusuf)->profile_id, id);
    cr_expect_str_eq(tell("Yusuf Q", "2012-09-30")->profile_id, id);
}

Test(shared_mailbox, without_a_name_nothing_says_who_it_is) {
    tell("Layla Q", "1988-01-05");
    const char *one = tell(NULL, "2012-09-30")->profile_id;

    cr_expect_str_neq(tell(NULL, "2012-09-30")->profile_id, one);
}

Test(shared_mailbox, a_better_identity_goes_first) {
    const char *layla = tell("Layla Q", "1988-01-05")->profile_id;
    tell("Yusuf Q", "2012-09-30");
    ask_wait_us(US_PER_SECOND);
    const char *school = resolve(TOLD(.name = "Yusuf Q", .identities = {ID("external_id", "s-7")},
                                      .attributes = {ATTRIBUTE("birth_date", "2012-09-30")}))
                             ->profile_id;
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__Decision *both =
        resolve(TOLD(.name = "Yusuf Q",
                     .identities = {ID("external_id", "s-7"), ID("email", "family@example.com")},
                     .attributes = {ATTRIBUTE("birth_date", "2012-09-30")}));

    cr_expect_str_eq(both->profile_id, school);
    cr_expect_str_eq(lookup("email", "family@example.com")->id, layla);
}

Test(shared_mailbox, when_the_owner_goes_the_next_record_has_it) {
    const char *layla = tell("Layla Q", "1988-01-05")->profile_id;
    const char *yusuf = tell("Yusuf Q", "2012-09-30")->profile_id;
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)layla;
    ask(&rpc_profile_service, "DeleteProfile", &request.base);

    const Profiled__V1__Decision *again = tell("Yusuf Q", "2012-09-30");

    cr_expect_str_eq(again->profile_id, yusuf);
    cr_expect_eq(again->identities[0]->rule, RULE(UNSPECIFIED));
    cr_expect_str_eq(lookup("email", "family@example.com")->id, yusuf);
}
