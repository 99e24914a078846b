/* All types at once: the simple forms, sizes, and the properties that every form keeps. */

#include "server/identity/canonical.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/identity/block.h"
#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(canonical, .fini = finish);

Test(canonical, exact_keeps_case) {
    static const struct form_case tests[] = {
        {" AbC-1 ", "AbC-1"},   {"1", "1"},     {"e\u0301", "\u00e9"},
        {"\uff11", "1"},        {"a b", "a b"}, {"\u0661\u0660\u06f2-A", "102-A"},
        {"\u200f\ufeff", NULL}, {"", NULL},     {"a\nb", NULL},
        {"a\x7f", NULL},        {"\xff", NULL},
    };
    forms_expect_all("external_id", "", tests, COUNT(tests));
    forms_expect_all("anonymous_id", "", tests, COUNT(tests));
    forms_expect_all("google_business", "", tests, COUNT(tests));
}

Test(canonical, case_fold_ignores_case_and_width) {
    static const struct form_case tests[] = {
        {" AB-12 ", "ab-12"},
        {"\uff21\uff11", "a1"},
        {"A\u0661\u06f2\U0001d7d8", "a120"},
        {"\u00b4a", "\u0301a"},
        {" ", NULL},
        {"a\x01", NULL},
        {"\xff", NULL},
    };
    forms_expect_all("national_id", "", tests, COUNT(tests));
}

Test(canonical, digits_are_left_alone_of_everything) {
    const struct identity_type type = {.name = "card", .normalizer = NORMALIZER_DIGITS};
    const char *out = NULL;

    cr_assert(
        status_is_ok(identity_canonicalise(&type, "No. 12-\u0663\uff14", "", forms_arena(), &out)));
    cr_expect_str_eq(out, "1234");
    cr_expect_str_eq(identity_canonicalise(&type, "card", "", forms_arena(), &out).text,
                     "has no digit");
    cr_expect_str_eq(identity_canonicalise(&type, "1\xff", "", forms_arena(), &out).text,
                     "is not UTF-8");
}

/* What stands where there is no value has one spelling, and its type blocks it. */
Test(canonical, what_nobody_has_is_read_and_blocked) {
    static const struct form_case words[] = {
        {" N / A ", "n/a"},      {"(Null)", "null"}, {"null null", "null"}, {"Unknown.", "unknown"},
        {"لا يوجد", "لايوجد"},   {"-1", "-1"},       {"0000", "0000"},      {"0", "0"},
        {"not a mailbox", NULL}, {"a", NULL},        {"@", NULL},
    };
    static const struct form_case numbers[] = {
        {"000-000-0000", "000-000-0000"}, {"٠٠٠٠٠٠", "000000"}, {"1111", "1111"}, {"111", NULL},
        {"1234567890", "1234567890"},     {"12345", NULL},      {"xxxx", NULL},
    };
    forms_expect_all("email", "", words, COUNT(words));
    forms_expect_all("phone", "", words, COUNT(words));
    forms_expect_all("phone", "", numbers, COUNT(numbers));
    forms_expect_all("whatsapp", "SA", numbers, COUNT(numbers));

    static const char *const types[] = {"email", "phone", "whatsapp", "twitter"};
    for (size_t i = 0; i < COUNT(types); i++) {
        enum block_rule rule;
        const char *canonical = forms_canonical(types[i], "n/a", "");
        cr_assert_not_null(canonical, "%s", types[i]);
        cr_expect(identity_block_rule(identity_type_builtin(types[i]), canonical, &rule), "%s",
                  types[i]);
        cr_expect_eq(rule, BLOCK_VALUE);
    }
}

Test(canonical, type_without_normalizer_reads_nothing) {
    const struct identity_type type = {.name = "odd", .normalizer = NORMALIZER_UNSPECIFIED};
    const char *out = NULL;
    cr_expect_not(status_is_ok(identity_canonicalise(&type, "1", "", forms_arena(), &out)));
}

Test(canonical, sizes_are_bounded_before_and_after) {
    char value[3 * IDENTITY_VALUE_SIZE_MAX] = "";
    memset(value, 'a', IDENTITY_VALUE_SIZE_MAX);
    cr_expect_not_null(forms_canonical("external_id", value, ""));
    value[IDENTITY_VALUE_SIZE_MAX] = 'a';
    cr_expect_str_eq(forms_fault("external_id", value, ""), "is longer than 512 bytes");

    /* One character that folds to eighteen. */
    for (size_t i = 0; i < IDENTITY_VALUE_SIZE_MAX / 4; i++) {
        memcpy(value + 3 * i, "\ufdfa", 4);
    }
    cr_expect_str_eq(forms_fault("national_id", value, ""),
                     "has a canonical form of more than 512 bytes");
}

/* Pieces that values of all forms are made of. */
static const char *const pieces[] = {
    "a",
    "B",
    "jane",
    "Doe",
    "@",
    "@",
    ".",
    ".",
    "-",
    "_",
    "+",
    "+",
    " ",
    "\"",
    "\\",
    "/",
    "?",
    "#",
    "%41",
    "%",
    ":",
    "0",
    "00",
    "1",
    "5",
    "9",
    "966",
    "545462356",
    "+55",
    "11",
    "87654321",
    "ext",
    "example",
    "org",
    "x.com",
    "https://",
    "twitter.com/",
    "facebook.com/profile.php?id=",
    "tiktok.com/@",
    "linkedin.com/in/",
    "@c.us",
    "tel:",
    ";",
    "[",
    "]",
    "192.0.2.1",
    "IPv6:",
    "xn--",
    "\u00e9",
    "e\u0301",
    "\u00df",
    "\u0130",
    "\u00b4",
    "\u037a",
    "\ufb01",
    "\uff21",
    "\uff20",
    "\u0661",
    "\u06f5",
    "\u0623",
    "\u0627\u0654",
    "\u0640",
    "\u200f",
    "\u202a",
    "\u200b",
    "\ufeff",
    "\u3000",
    "\u3002",
    "\ufdfa",
    "\u1e9b\u0323",
    "\U0001d7d8",
    "\U0001f600",
    "\t",
    "\n",
    "\x01",
    "\xff",
    "\xe2\x82",
};

Test(canonical, a_form_is_its_own_form, .timeout = 240) {
    static const char *const regions[] = {"", "SA", "BR", "US"};
    size_t count = 0;
    const struct identity_type *types = identity_types_builtin(&count);
    uint32_t seed = 20261123;
    size_t taken = 0;
    for (size_t i = 0; i < 40000; i++) {
        char value[256] = "";
        const size_t length = 1 + i % 7;
        size_t size = 0;
        for (size_t j = 0; j < length; j++) {
            seed = seed * 1664525 + 1013904223;
            size += (size_t)snprintf(value + size, sizeof value - size, "%s",
                                     pieces[(seed >> 8) % COUNT(pieces)]);
        }
        const struct identity_type *type = &types[i % count];
        const char *region = regions[(seed >> 16) % COUNT(regions)];
        struct arena *arena = forms_arena();
        const char *once = NULL;
        const char *twice = NULL;
        if (!status_is_ok(identity_canonicalise(type, value, region, arena, &once))) {
            continue;
        }
        taken++;
        const struct status status = identity_canonicalise(type, once, region, arena, &twice);
        cr_assert(status_is_ok(status), "%s '%s' became '%s', which %s", type->name, value, once,
                  status.text);
        cr_assert_str_eq(once, twice, "%s '%s' became '%s', then '%s'", type->name, value, once,
                         twice);
        cr_assert_leq(strlen(once), IDENTITY_VALUE_SIZE_MAX);
    }
    cr_assert_gt(taken, 5000, "the pieces make too few values: %zu", taken);
}
