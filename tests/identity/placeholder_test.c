/* Keys of placeholders, rule by rule of the header. */

#include "server/identity/placeholder.h"

#include <string.h>

#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(placeholder, .fini = finish);

Test(placeholder, keys) {
    static const struct {
        const char *value;
        const char *key;
        const char *trimmed;
    } tests[] = {
        {"NULL", "null", "null"},
        {"\uff2e\uff35\uff2c\uff2c", "null", "null"},
        {" n / a\u00a0", "n/a", "n/a"},
        {"N.A.", "n.a.", "n.a"},
        {"(blank)", "(blank)", "blank"},
        {"_none_", "_none_", "_none_"},
        {"\u2212\u0661", "-1", "1"},
        {"-1.0", "-1", "1"},
        {"0.0", "0", "0"},
        {"1.05", "1.05", "1.05"},
        {"1.", "1.", "1"},
        {"\u061f\u061f", "\u061f\u061f", ""},
        {"\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641\u0629",
         "\u063a\u064a\u0631\u0645\u0639\u0631\u0648\u0641\u0647",
         "\u063a\u064a\u0631\u0645\u0639\u0631\u0648\u0641\u0647"},
        {"\u0623\u064e\u0640\u0649\u06cc", "\u0627\u064a\u064a", "\u0627\u064a\u064a"},
        {"n\u00fcll", "nu\u0308ll", "nu\u0308ll"}, /* Not null: another letter. */
        {"", "", ""},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        struct placeholder_key key;
        cr_assert(placeholder_key(tests[i].value, &key));
        cr_expect_str_eq(key.text, tests[i].key, "'%s' became '%s'", tests[i].value, key.text);
        placeholder_key_trim(&key);
        cr_expect_str_eq(key.text, tests[i].trimmed, "'%s' became '%s'", tests[i].value, key.text);
    }
}

Test(placeholder, long_and_malformed_values_have_no_key) {
    char value[PLACEHOLDER_KEY_SIZE_MAX + 1] = "";
    struct placeholder_key key;
    memset(value, 'a', PLACEHOLDER_KEY_SIZE_MAX - 1);
    cr_expect(placeholder_key(value, &key));
    value[PLACEHOLDER_KEY_SIZE_MAX - 1] = 'a';
    cr_expect_not(placeholder_key(value, &key));
    cr_expect_not(placeholder_key("a\xff", &key));
    cr_expect_not(placeholder_key("\ufdfa\ufdfa\ufdfa", &key));
}

Test(placeholder, kinds) {
    cr_expect_eq(placeholder_kind_of("None."), PLACEHOLDER_ALWAYS);
    cr_expect_eq(placeholder_kind_of("null null"), PLACEHOLDER_ALWAYS);
    cr_expect_eq(placeholder_kind_of("nullnull"), PLACEHOLDER_NONE);
    cr_expect_eq(placeholder_kind_of("NA"), PLACEHOLDER_WEAK);
    cr_expect_eq(placeholder_kind_of("<NA>"), PLACEHOLDER_ALWAYS);
    cr_expect_eq(placeholder_kind_of("#NAME?"), PLACEHOLDER_ALWAYS);
    cr_expect_eq(placeholder_kind_of("name"), PLACEHOLDER_NONE);
    cr_expect_eq(placeholder_kind_of("Jane"), PLACEHOLDER_NONE);
}
