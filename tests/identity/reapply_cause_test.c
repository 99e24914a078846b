/* What other rules join, by records that were told before: each has the right to join that it had.
 */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rehearsal.h"
#include "tests/handlers/reviews.h"

static void close_proven(void) {
    cr_expect_eq(call_verify(ask_fixture), 0, "the store is sound");
    ask_close();
}

TestSuite(reapply_cause, .init = ask_open, .fini = close_proven);

static Profiled__V1__IdentityTypesEffect apply(void) { return rehearsed()->effect; }

/* It told the address attested, of one who had it inferred: that never gave it the right to join.
 */
Test(reapply_cause, a_record_joins_by_what_was_known_of_whom_it_was_linked_to) {
    set_disabled("genesys", true);
    const char *one = tell(
        TOLD(.identities = {
                 {.type = "email", .value = "n@x.example", .provenance = PROVENANCE(INFERRED)}}));
    const char *other = tell(TOLD(.identities = {ID("genesys", "g-1")}));
    cr_assert_str_eq(tell(TOLD(.identities = {ID("genesys", "g-1"), ID("email", "n@x.example")})),
                     one);
    set_disabled("genesys", false);

    cr_expect_eq(apply().joined_count, 0);

    cr_expect_str_eq(get(other)->id, other);
    cr_expect_eq(the_review()->rule, RULE(MERGE_PROVENANCE));
    cr_expect_eq(apply().changed_count, 0);
}

/* The record is a part since the first change: what it told itself joins nobody. */
Test(reapply_cause, what_came_back_comes_apart_again) {
    const char *one = tell(TOLD(.identities = {ID("email", "n@x.example")}));
    const char *other = tell(TOLD(.identities = {ID("phone", "+966500000001")}));
    tell(TOLD(.identities = {ID("email", "n@x.example"), ID("phone", "+966500000001")}));
    set_disabled("email", true);
    apply();
    set_disabled("email", false);
    apply();
    cr_assert_str_eq(get(other)->id, one);
    set_disabled("email", true);
    set_disabled("phone", true);

    apply();

    cr_expect_eq(profile_count(), 3);
    cr_expect_eq(identity_count(get(other), "email", false), 0);
}
