/* Values that identify nobody: the lists of well-known systems, and values that must live. */

#include "server/identity/block.h"

#include <string.h>

#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(block, .fini = finish);

/* No rule. */
enum { LIVES = -1 };

struct block_case {
    const char *type;
    const char *value;
    int rule; /* enum block_rule, or LIVES. */
};

static int rule_of(const char *type, const char *value) {
    const char *canonical = forms_canonical(type, value, "");
    cr_assert_not_null(canonical, "%s '%s' was refused", type, value);
    enum block_rule rule = BLOCK_VALUE;
    return identity_block_rule(forms_type(type), canonical, &rule) ? (int)rule : LIVES;
}

static void expect_all(const struct block_case *tests, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const int rule = rule_of(tests[i].type, tests[i].value);
        cr_expect_eq(rule, tests[i].rule, "%s '%s': %d", tests[i].type, tests[i].value, rule);
    }
}

Test(block, lists_of_other_systems) {
    static const char *const values[] = {
        /* Segment */ "-1",
        "null",
        "anonymous",
        /* PostHog */ "undefined",
        "true",
        "false",
        "[object Object]",
        "NaN",
        "None",
        "none",
        "guest",
        "distinctid",
        "distinct_id",
        "not_authenticated",
        "email",
        /* Adobe */ "invalid",
        /* ours */ "n/a",
        "N/A",
        "nil",
        "default",
        "unknown",
        "test",
        "\u0644\u0627 \u064a\u0648\u062c\u062f",
        "\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641",
        " NULL ",
    };
    static const char *const types[] = {"external_id", "national_id", "anonymous_id", "intercom"};
    for (size_t i = 0; i < COUNT(values); i++) {
        for (size_t j = 0; j < COUNT(types); j++) {
            cr_expect_eq(rule_of(types[j], values[i]), BLOCK_VALUE, "'%s'", values[i]);
        }
    }
    cr_expect_eq(rule_of("twitter", "@undefined"), BLOCK_VALUE);
}

Test(block, short_and_simple_values_are_real_ids_and_handles) {
    static const char *const values[] = {
        "123",   "1234",     "12345",  "123456", "id",    "user",     "abc",    "x",      "na",
        "error", "void",     "empty",  "value",  "name",  "nullable", "_none_", "nannan", "testtes",
        "n-a",   "nonesuch", "anonym", "null1",  "t-est", "1234568",  "ref"};
    for (size_t i = 0; i < COUNT(values); i++) {
        cr_expect_eq(rule_of("external_id", values[i]), LIVES, "'%s'", values[i]);
        cr_expect_eq(rule_of("twitter", values[i]), LIVES, "'%s'", values[i]);
    }
    cr_expect_eq(rule_of("national_id", "user"), BLOCK_VALUE);
    cr_expect_eq(rule_of("national_id", "\u0661\u0662\u0663\u0664\u0665\u0666"), BLOCK_VALUE);
}

Test(block, spellings_of_a_placeholder) {
    static const char *const values[] = {
        "\u063a\u064a\u0631  \u0645\u0639\u0631\u0648\u0641",
        "\u063a\u064a\u0631\u0645\u0639\u0631\u0648\u0641",
        "\u0644\u0627 \u064a\u0640\u0640\u0640\u0648\u062c\u062f",
        "\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641\u0647",
        "\u062a\u062c\u0631\u0628\u0647",
        "\u063a\u064a\u0631 \u0645\u0633\u062c\u0644",
        "\uff2e\uff35\uff2c\uff2c",
        "n / a",
        "None.",
        "N/a.",
        "<NA>",
        "(blank)",
        "#NULL!",
        "#NAME?",
        "-1.0",
        "\u22121",
        "null null",
        "\u0644\u0627 \u064a\u0648\u062c\u062f \u0644\u0627 \u064a\u0648\u062c\u062f",
        "nu\u200bll",
        "12345678",
    };
    for (size_t i = 0; i < COUNT(values); i++) {
        cr_expect_eq(rule_of("external_id", values[i]), BLOCK_VALUE, "'%s'", values[i]);
        cr_expect_eq(rule_of("national_id", values[i]), BLOCK_VALUE, "'%s'", values[i]);
    }
}

Test(block, zeros_and_repeated_characters) {
    static const struct block_case tests[] = {
        {"external_id", "0", BLOCK_REPEATED},
        {"external_id", "000", BLOCK_REPEATED},
        {"external_id", "0000000000", BLOCK_REPEATED},
        {"external_id", "-", BLOCK_REPEATED},
        {"external_id", "\u0660\u0660", BLOCK_REPEATED},
        {"external_id", "00000000-0000-0000-0000-000000000000", BLOCK_REPEATED},
        {"external_id", "ffffffff-FFFF-ffff-ffff-ffffffffffff", BLOCK_REPEATED},
        {"external_id", "1111", LIVES},
        {"external_id", "11111", BLOCK_REPEATED},
        {"external_id", "aaaaa", BLOCK_REPEATED},
        {"twitter", "aaaa", LIVES},
        {"twitter", "aaaaa", BLOCK_REPEATED},
        {"national_id", "111", LIVES},
        {"national_id", "1111", BLOCK_REPEATED},
        {"external_id", "0 0 0", BLOCK_REPEATED},
        {"external_id", "0.0", BLOCK_REPEATED},
        {"external_id", "- -", BLOCK_REPEATED},
        {"external_id", "\u061f\u061f\u061f", BLOCK_REPEATED},
        {"external_id", "{00000000-0000-0000-0000-000000000000}", BLOCK_REPEATED},
        {"external_id", "1.1.1.1.1", LIVES},
        {"external_id", "0.01", LIVES},
        {"instagram", "__", LIVES},
        {"external_id", "111-111-111", BLOCK_REPEATED},
        {"external_id", "1", LIVES},
        {"external_id", "7", LIVES},
        {"external_id", "999", LIVES},
        {"external_id", "1112", LIVES},
        {"external_id", "0001", LIVES},
        {"external_id", "nullable", LIVES},
        {"external_id", "a", LIVES},
        {"phone", "+966555555555", BLOCK_REPEATED},
        {"phone", "+15555555555", BLOCK_REPEATED},
        {"whatsapp", "966555555555", BLOCK_REPEATED},
        {"phone", "+966545462356", LIVES},
        {"phone", "+966555555556", LIVES},
        {"phone", "+966500000000", BLOCK_REPEATED},
        {"phone", "+966511111111", BLOCK_REPEATED},
        {"phone", "+966501111111", BLOCK_REPEATED},
        {"phone", "+966500000001", LIVES},
        {"phone", "+966500111111", LIVES},
        {"phone", "+11234567890", BLOCK_VALUE},
        {"phone", "+33123456789", BLOCK_VALUE},
        {"phone", "+966123456789", BLOCK_VALUE},
        {"whatsapp", "+966123456789", BLOCK_VALUE},
        {"phone", "+966512345679", LIVES},
        {"phone", "+966512345687", LIVES},
        {"phone", "+966523456780", LIVES},
    };
    expect_all(tests, COUNT(tests));
}

Test(block, mailboxes) {
    static const struct block_case tests[] = {
        {"email", "info@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "INFO@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "info+berlin@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "no-reply@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "no_reply+7@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "customer.service@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "sales@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "support@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "hr@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "test@test.com", BLOCK_VALUE},
        {"email", "none@none.com", BLOCK_VALUE},
        {"email", "a@a.com", BLOCK_VALUE},
        {"email", "noemail@example.org", BLOCK_VALUE},
        {"email", "no.email@example.org", BLOCK_VALUE},
        {"email", "null@example.org", BLOCK_VALUE},
        {"email", "jane@example.org", LIVES},
        {"email", "all@example.org", LIVES},
        {"email", "people@example.org", LIVES},
        {"email", "job@example.org", LIVES},
        {"email", "nan@example.org", LIVES},
        {"email", "nil@example.org", LIVES},
        {"email", "hello@example.org", BLOCK_ROLE_MAILBOX},
        {"email", "test@example.org", LIVES},
        {"email", "information@example.org", LIVES},
        {"email", "inf@example.org", LIVES},
        {"email", "jane+info@example.org", LIVES},
        {"email", "jordy@jordy.example", LIVES},
        {"email", "+info@example.org", LIVES},
        {"email", "\"a@b\"@example.org", LIVES},
    };
    expect_all(tests, COUNT(tests));
}

Test(block, role_mailboxes_live_where_the_type_says_so) {
    struct identity_type type = *forms_type("email");
    enum block_rule rule = BLOCK_VALUE;
    type.block_role_mailboxes = false;

    cr_expect_not(identity_block_rule(&type, "info@example.org", &rule));
    cr_expect(identity_block_rule(&type, "noemail@example.org", &rule));
}

Test(block, list_and_minimum_of_the_type) {
    static const char *const blocked[] = {"Shop-Counter", "\u0645\u062a\u062c\u0631"};
    struct identity_type type = *forms_type("external_id");
    type.blocked = blocked;
    type.blocked_count = COUNT(blocked);
    type.min_length = 3;
    enum block_rule rule = BLOCK_ROLE_MAILBOX;

    cr_assert(identity_block_rule(&type, "shop-counter", &rule));
    cr_expect_eq(rule, BLOCK_VALUE);
    cr_assert(identity_block_rule(&type, "\u0645\u062a\u062c\u0631", &rule));
    cr_expect_eq(rule, BLOCK_VALUE);
    cr_assert(identity_block_rule(&type, "\u0645\u062a", &rule), "characters count, not bytes");
    cr_expect_eq(rule, BLOCK_SHORT);

    rule = BLOCK_ROLE_MAILBOX;
    cr_expect_not(identity_block_rule(&type, "shop-counter-2", &rule));
    cr_expect_eq(rule, BLOCK_ROLE_MAILBOX, "the rule is set only where one holds");
}
