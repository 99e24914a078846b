/* Blocked patterns: what is taken, what is found, and that none runs wild. */

#include "server/identity/pattern.h"

#include <stdio.h>
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
            cr_expect_eq(patterns_block(&tests[i].pattern, 1, tests[i].value), tests[i].found,
                         "%s in %s", tests[i].pattern, tests[i].value);
        }
    }
}

Test(pattern, ordinary_patterns_are_taken) {
    static const char *const patterns[] = {
        "^test.*@",
        "@(mailinator|guerrillamail)\\.(com|net)$",
        "^\\+9665000",
        "\\b(demo|test)\\b",
        ".*foo.*bar",
        "^(?=.*test).*$",
        "^[a-z]+[0-9]+@",
        "^[0-9]+$",
        "^.*\\.invalid$",
        "^(?:[0-9]{3}-){2}[0-9]{4}$",
        "(?i)no.?reply",
        "^(?!crm-).",
        "[0-9]{6,}x[0-9]+",
        "^\\w+([-+.]\\w+)*@test\\.",
        "foo.*bar.*baz",
        "^(?:demo|test)[-_.]?[0-9]*$",
        "^[a-f0-9]{8}(-[a-f0-9]{4}){3}-0{12}$",
        "(?i)^(mr|mrs|dr)\\.? [a-z]+ [a-z]+$",
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

Test(pattern, what_runs_wild_on_words_is_refused) {
    static const char *const patterns[] = {
        "^((ab)+)+$",
        "((ab)+)+!",
        "(?:(?:xy)+)+[!]",
        "^(?:a1|a1)+$",
        "^(?:(?:[a-z][0-9])+)+$",
        "(?:\\d\\w|\\w\\d)+!",
        "^([a-c]b?d)+$|^((xyz)*)*=",
        "^(?:(?:demo)+)+$",
        "^crm-(?:(?:[a-z]-)+)+#$",
        "^(?:(?:[x-z]_?[4-6])+)+$",
        "^(?:[kq]7|q7)+$",
        "\\w+\\w+[!,#]{4}!?[!,]",
        "(?:a|b)*[ab]*[!#]",
    };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        cr_expect_str_neq(fault_of(patterns[i]), "", "%s", patterns[i]);
    }
}

/* A word again and again, as long as a value may be. Lives until the next call. */
static const char *repeated(const char *word, const char *end) {
    static char value[IDENTITY_VALUE_SIZE_MAX + 1];
    const size_t size = strlen(word);
    size_t used = 0;
    while (used + size + strlen(end) < sizeof value) {
        used += (size_t)snprintf(value + used, sizeof value - used, "%s", word);
    }
    snprintf(value + used, sizeof value - used, "%s", end);
    return value;
}

/* What gets by the check is bounded all the same. */
Test(pattern, blocks_where_it_takes_too_many_steps) {
    static const char *const wild = "(a+)+b|(a+)+!";
    static const char *const words = "^(?:(?:ab)+)+c|x[0-9]";

    cr_expect(patterns_block(&wild, 1, repeated("a", "")), "nobody can tell");
    cr_expect(patterns_block(&words, 1, repeated("ab", "x5")), "the second would be found");
    cr_expect_not(patterns_block(&words, 1, "ab-y5"));
}

/* PCRE2's own limit is that of one place to begin at: this took 24 ms, and 50 of them 1.2 s. */
Test(pattern, steps_are_counted_over_the_whole_value) {
    static const char *const patterns[] = {"(?:a|b)*[ab]*[!#]"};
    const int64_t start_us = clock_monotonic_us();
    for (int i = 0; i < 100; i++) {
        cr_assert(patterns_block(patterns, 1, repeated("ab", "1")));
    }
    cr_expect_lt(clock_monotonic_us() - start_us, US_PER_SECOND);
}

Test(pattern, all_patterns_of_a_type_share_what_they_may_take) {
    static const char *const alone[] = {"^.*[!#]{2}.*[!#]{2}"}; /* Some 500 steps on the value. */
    const char *patterns[BLOCKED_PATTERNS_MAX * 4];
    for (size_t i = 0; i < COUNT(patterns); i++) {
        patterns[i] = alone[0];
    }
    const char *value = repeated("ab", "1");

    cr_expect_not(patterns_block(patterns, BLOCKED_PATTERNS_MAX, value), "50 may be there");
    cr_expect(patterns_block(patterns, COUNT(patterns), value));
}

Test(pattern, more_than_a_thread_remembers) {
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
            struct arena *arena = forms_arena();
            const char *pattern = arena_format(arena, "^guest-%d$", i);
            cr_assert(patterns_block(&pattern, 1, arena_format(arena, "guest-%d", i)));
            cr_assert_not(patterns_block(&pattern, 1, "guest-x"));
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
