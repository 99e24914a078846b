/* Match values: what of an e-mail address is ignored in comparison. */

#include "server/identity/match_value.h"

#include <string.h>

#include "server/identity/block.h"
#include "server/identity/email.h"
#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(match_value, .fini = finish);

enum {
    DOTS = EMAIL_FORM_NO_DOTS,
    TAG = EMAIL_FORM_NO_TAG,
    BOTH = EMAIL_FORM_NO_DOTS | EMAIL_FORM_NO_TAG,
};

static struct identity_type email_of(uint32_t form) {
    struct identity_type type = *forms_type("email");
    identity_type_email_form_set(&type, form);
    return type;
}

Test(match_value, addresses_without_dots_and_tags) {
    static const struct {
        uint32_t form;
        const char *address;
        const char *match;
    } tests[] = {
        {EMAIL_FORM_WHOLE, "nora.salem+shop@example.com", "nora.salem+shop@example.com"},
        {DOTS, "nora.salem+shop@example.com", "norasalem+shop@example.com"},
        {TAG, "nora.salem+shop@example.com", "nora.salem@example.com"},
        {BOTH, "nora.salem+shop+2@example.com", "norasalem@example.com"},
        {BOTH, "norasalem@example.com", "norasalem@example.com"},
        {BOTH, "n.o.r.a@mail.example.com", "nora@mail.example.com"},
        /* Nothing would be left before a + that comes first. */
        {TAG, "+966500000001@example.com", "+966500000001@example.com"},
        {TAG, "+nora+shop@example.com", "+nora@example.com"},
        {BOTH, "+@example.com", "+@example.com"},
        {TAG, "a@example.com", "a@example.com"},
        /* A quoted local part means what it says. */
        {BOTH, "\"nora..salem+x\"@example.com", "\"nora..salem+x\"@example.com"},
        {BOTH, "\"a+b@c\"@example.com", "\"a+b@c\"@example.com"},
        {BOTH, "نورة.سالم+1@xn--mgba3gch31f.example", "نورةسالم@xn--mgba3gch31f.example"},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        const struct identity_type type = email_of(tests[i].form);
        const char *match = identity_match_value(&type, tests[i].address, forms_arena());
        cr_expect_str_eq(match, tests[i].match, "'%s' became '%s'", tests[i].address, match);
        cr_expect(email_is_same(tests[i].address, tests[i].match, tests[i].form), "%s",
                  tests[i].address);
    }
}

Test(match_value, addresses_that_are_two) {
    cr_expect_not(email_is_same("nora@example.com", "nora@example.org", BOTH));
    cr_expect_not(email_is_same("nora@example.com", "norah@example.com", BOTH));
    cr_expect_not(email_is_same("norah@example.com", "nora@example.com", BOTH));
    cr_expect_not(email_is_same("nora+a@example.com", "nora+b@example.com", DOTS));
    cr_expect_not(email_is_same("n.ora@example.com", "nora@example.com", TAG));
    cr_expect_not(email_is_same("nora", "nora", BOTH), "no address");
}

Test(match_value, the_canonical_value_itself_where_nothing_differs) {
    const struct identity_type type = email_of(BOTH);
    static const char plain[] = "nora@example.com";
    static const char number[] = "+966500000001";
    cr_expect_eq(identity_match_value(&type, plain, forms_arena()), plain);
    cr_expect_eq(identity_match_value(forms_type("phone"), number, forms_arena()), number);
}

Test(match_value, values_of_before_are_told_once) {
    struct identity_type type = email_of(DOTS);
    const char *before[EMAIL_FORM_COUNT];
    struct arena *arena = forms_arena();

    cr_assert_eq(identity_match_values_before(&type, "n.s+a@example.com", arena, before), 1);
    cr_expect_str_eq(before[0], "n.s+a@example.com");
    cr_expect_eq(identity_match_values_before(&type, "ns@example.com", arena, before), 0);

    identity_type_email_form_set(&type, BOTH);
    cr_assert_eq(identity_match_values_before(&type, "n.s+a@example.com", arena, before), 2);
    cr_expect_str_eq(before[0], "n.s+a@example.com");
    cr_expect_str_eq(before[1], "ns+a@example.com");

    identity_type_email_form_set(&type, EMAIL_FORM_WHOLE);
    cr_assert_eq(identity_match_values_before(&type, "n.s+a@example.com", arena, before), 2);
    cr_expect_str_eq(before[0], "ns+a@example.com");
    cr_expect_str_eq(before[1], "ns@example.com");
    cr_expect_eq(
        identity_match_values_before(forms_type("email"), "n.s@example.com", arena, before), 0,
        "never changed");
}

Test(match_value, a_blocked_address_is_blocked_in_every_form) {
    static const char *const blocked[] = {"no.ra@example.com"};
    struct identity_type type = email_of(BOTH);
    type.blocked_count = 1;
    type.blocked = blocked;
    enum block_rule rule = BLOCK_SHORT;

    cr_expect(identity_block_rule(&type, "n.ora+1@example.com", &rule));
    cr_expect_eq(rule, BLOCK_VALUE);
    type.email_form = EMAIL_FORM_WHOLE;
    cr_expect_not(identity_block_rule(&type, "n.ora+1@example.com", &rule));
}
