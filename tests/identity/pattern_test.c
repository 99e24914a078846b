/* Blocked patterns: what is taken, what is found, and that none runs wild. */

#include "server/identity/pattern.h"

#include <string.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/identity/block.h"
#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(pattern, .fini = finish);

/* What is wrong with a pattern; "" when nothing is. Lives until the next call. */
static const char *fault_of(const char *pattern) {
    const char *fault = "";
    const struct status status = pattern_check(pattern, forms_arena(), &fault);
    cr_assert_eq(status_is_ok(status), *fault == '\0', "%s", pattern);
    if (!status_is_ok(status)) {
        cr_assert_eq(status.reason, REASON_FIELD_INVALID);
    }
    return fault;
}

Test(pattern, is_found_where_it_says) {
    static const struct {
        const char *pattern;
        const char *value;
        bool found;
    } tests[] = {
        {"^test", "test-17", true},
        {"^test", "a-test", false},
        {"test", "a-test", true},
        {"@example\\.com$", "nora@example.com", true},
        {"@example\\.com$", "nora@example.com.sa", false},
        {"^[0-9]{3}$", "123", true},
        {"^[0-9]{3}$", "1234", false},
        {"(?i)^guest", "GUEST-1", true},
        {"^guest", "GUEST-1", false},
        {"^زائر", "زائر-١", true},
        {"^.{3}$", "زهر", true},
        {"^\\p{Arabic}+$", "زائر", true},
        {"(a)\\1", "baab", true},
    };
    for (int round = 0; round < 2; round++) { /* Compiled, then remembered. */
        for (size_t i = 0; i < COUNT(tests); i++) {
            cr_expect_str_eq(fault_of(tests[i].pattern), "");
            cr_expect_eq(pattern_is_found(tests[i].pattern, tests[i].value), tests[i].found,
                         "%s in %s", tests[i].pattern, tests[i].value);
        }
    }
}

Test(pattern, ordinary_patterns_are_taken) {
    static const char *const patterns[] = {
        "^test.*@",         "@(mailinator|guerrillamail)\\.(com|net)$",
        "^\\+9665000",      "\\b(demo|test)\\b",
        ".*foo.*bar",       "^(?=.*test).*$",
        "^[a-z]+[0-9]+@",   "^[0-9]+$",
        "^.*\\.invalid$",   "^(?:[0-9]{3}-){2}[0-9]{4}$",
        "(?i)no.?reply",    "^(?!crm-).",
        "[0-9]{6,}x[0-9]+", "^\\w+([-+.]\\w+)*@test\\.",
    };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        cr_expect_str_eq(fault_of(patterns[i]), "", "%s: %s", patterns[i], fault_of(patterns[i]));
    }
}

Test(pattern, what_does_not_compile_is_told_with_its_place) {
    cr_expect_str_eq(fault_of("ab(c"), "is no pattern: missing closing parenthesis, at byte 4");
    cr_expect_not_null(strstr(fault_of("[a"), "missing terminating ]"));
    cr_expect_not_null(strstr(fault_of("a**+*"), "is no pattern: "));
    cr_expect_not_null(strstr(fault_of("\\C"), "is no pattern: "));
    cr_expect_not_null(strstr(fault_of("\xff"), "UTF-8"));
    cr_expect_str_eq(fault_of(""), "must be 1 to 256 bytes");
    char large[BLOCKED_PATTERN_SIZE_MAX + 2];
    memset(large, 'a', sizeof large);
    large[BLOCKED_PATTERN_SIZE_MAX + 1] = '\0';
    cr_expect_str_eq(fault_of(large), "must be 1 to 256 bytes");
    large[BLOCKED_PATTERN_SIZE_MAX] = '\0';
    cr_expect_str_eq(fault_of(large), "");
    cr_expect_not_null(strstr(fault_of("((((((((((((((((((((((((((((((((((a))))))))))))))))))))"
                                       "))))))))))))))"),
                              "is no pattern: "));
}

Test(pattern, what_is_found_in_every_value_is_refused) {
    static const char *const patterns[] = {".*", "", "x*", "^", "a|", "$", "(?=)", "^$"};
    for (size_t i = 0; i < COUNT(patterns); i++) {
        cr_expect_str_neq(fault_of(patterns[i]), "", "%s", patterns[i]);
    }
}

Test(pattern, what_grows_large_is_refused) {
    cr_expect_not_null(strstr(fault_of("(?:(?:abcdefgh){200}){8}"), "repeat counts"));
}

Test(pattern, what_runs_wild_is_refused) {
    static const char *const patterns[] = {
        "(a+)+$",      "(a|a)*b",    "(a|aa)+$",   "(.*a){20}",       "^(([a-z])+.)+[A-Z]$",
        "(x+x+)+y",    "([0-9]+)*-", "(.*)*=",     "(?:\\w+\\s?)+$!", "^(a?){40}a{40}!",
        "(z*)*(z*)*q", "(?R)",       "(a(?1)?)+b", "(\\.+)+!x",       ".*.*.*.*.*=!",
    };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        cr_expect_str_neq(fault_of(patterns[i]), "", "%s", patterns[i]);
    }
}

/* What gets by the check is bounded all the same. */
Test(pattern, is_not_found_where_it_takes_too_many_steps) {
    char value[IDENTITY_VALUE_SIZE_MAX + 1];
    memset(value, 'a', sizeof value);
    value[sizeof value - 1] = '\0';
    const int64_t start_us = clock_monotonic_us();
    for (int i = 0; i < 20; i++) {
        cr_assert_not(pattern_is_found("(a+)+b|(a+)+", value + 1), "the second would be found");
    }
    cr_expect_lt(clock_monotonic_us() - start_us, INT64_C(2) * US_PER_SECOND);
}

Test(pattern, more_than_a_thread_remembers) {
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
            struct arena *arena = forms_arena();
            const char *pattern = arena_format(arena, "^guest-%d$", i);
            cr_assert(pattern_is_found(pattern, arena_format(arena, "guest-%d", i)));
            cr_assert_not(pattern_is_found(pattern, "guest-x"));
        }
    }
}

Test(pattern, blocks_values_of_its_type) {
    static const char *const patterns[] = {"^demo-", "(?i)walk-?in"};
    struct identity_type type = *forms_type("external_id");
    type.pattern_count = COUNT(patterns);
    type.patterns = patterns;
    enum block_rule rule = BLOCK_SHORT;

    cr_expect(identity_block_rule(&type, "demo-7", &rule));
    cr_expect_eq(rule, BLOCK_PATTERN);
    cr_expect(identity_block_rule(&type, "17-WALKIN", &rule));
    cr_expect_not(identity_block_rule(&type, "crm-7", &rule));
    cr_expect_not(identity_block_rule(forms_type("external_id"), "demo-7", &rule));
}
