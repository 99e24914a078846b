/* What tests of filters hold for: each operation on each type, over values made by hand. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/segment/filter.h"

static const int64_t NOW_US = INT64_C(20780) * US_PER_DAY + 8 * US_PER_HOUR;

static struct arena arena;

static void init(void) { arena_init(&arena, 1 << 20); }
static void fini(void) { arena_free(&arena); }
TestSuite(filter_run, .init = init, .fini = fini);

/* ---- one test ---- */

static bool holds_until(enum filter_op op, enum field_type type, struct filter_constant constant,
                        struct field_value value, int64_t *change_us) {
    struct filter_test test = {
        .op = op, .type = type, .constant = constant, .yes = FILTER_ACCEPT, .no = FILTER_REJECT};
    const struct filter filter = {.test_count = 1, .tests = &test};
    *change_us = INT64_MAX;
    return filter_holds(&filter, &value, NOW_US, change_us);
}

/* Of what does not move with the time. */
static bool holds(enum filter_op op, enum field_type type, struct filter_constant constant,
                  struct field_value value) {
    int64_t change_us = 0;
    const bool answer = holds_until(op, type, constant, value, &change_us);
    cr_expect_eq(change_us, INT64_MAX);
    return answer;
}

/* ---- values ---- */

static struct field_value value_of(const struct field_item *items, size_t count) {
    return (struct field_value){.count = count, .items = items, .change_us = INT64_MAX};
}

#define NONE value_of(NULL, 0)
#define NUMBERS(...)                                                                               \
    numbers((const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))
#define TEXTS(...)                                                                                 \
    texts((const char *const[]){__VA_ARGS__},                                                      \
          sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static struct field_value numbers(const double *values, size_t count) {
    struct field_item *items = arena_array(&arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i].number = values[i];
    }
    return value_of(items, count);
}

static struct field_value texts(const char *const *values, size_t count) {
    struct field_item *items = arena_array(&arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i].text = bytes_of_string(values[i]);
    }
    return value_of(items, count);
}

static struct field_value time_value(int64_t time_us) {
    struct field_item *item = arena_alloc(&arena, sizeof *item);
    item->time_us = time_us;
    return value_of(item, 1);
}

static struct filter_constant number(double value) {
    return (struct filter_constant){.number = value};
}

static struct filter_constant text(const char *value) {
    return (struct filter_constant){.text = bytes_of_string(value)};
}

/* Pieces with % between them. */
static struct filter_constant pieces(const char *value) {
    struct bytes *all = arena_array(&arena, FILTER_PIECES_MAX, sizeof *all);
    size_t count = 0;
    for (const char *at = value;; at++) {
        const size_t size = strcspn(at, "%");
        all[count++] = bytes_of(at, size);
        at += size;
        if (*at == '\0') {
            return (struct filter_constant){.piece_count = count, .pieces = all};
        }
    }
}

static struct filter_constant relative(int64_t delta_us) {
    return (struct filter_constant){.relative = true, .time_us = delta_us};
}

static const enum filter_op orders[] = {FILTER_OP_LESS, FILTER_OP_LESS_OR_EQUAL, FILTER_OP_EQUAL,
                                        FILTER_OP_GREATER_OR_EQUAL, FILTER_OP_GREATER};
enum { ORDERS = sizeof orders / sizeof *orders };

/* Whether each of the orders holds of what is less, equal and greater. */
static const bool expected[ORDERS][3] = {
    {true, false, false}, {true, true, false},  {false, true, false},
    {false, true, true},  {false, false, true},
};

/* ---- operations ---- */

Test(filter_run, nothing_holds_of_a_value_that_is_not_there) {
    static const enum field_type types[] = {FIELD_TEXT, FIELD_NUMBER, FIELD_FLAG, FIELD_TIME};
    for (int op = FILTER_OP_PRESENT; op <= FILTER_OP_ANNIVERSARY; op++) {
        for (size_t i = 0; i < 4; i++) {
            struct filter_constant constant = pieces("a");
            cr_expect_not(holds((enum filter_op)op, types[i], constant, NONE), "%d %zu", op, i);
        }
    }
}

Test(filter_run, any_value_is_present) {
    cr_expect(holds(FILTER_OP_PRESENT, FIELD_NUMBER, number(0), NUMBERS(0)));
    cr_expect(holds(FILTER_OP_PRESENT, FIELD_TEXT, number(0), TEXTS("")));
    cr_expect(holds(FILTER_OP_PRESENT, FIELD_FLAG, number(1), NUMBERS(0)));
    cr_expect(holds(FILTER_OP_PRESENT, FIELD_TIME, number(1), time_value(0)));
}

Test(filter_run, numbers_are_compared) {
    for (size_t i = 0; i < ORDERS; i++) {
        for (size_t k = 0; k < 3; k++) {
            const double value = 4.5 + (double)k / 2;
            cr_expect_eq(holds(orders[i], FIELD_NUMBER, number(5), NUMBERS(value)), expected[i][k],
                         "%zu %zu", i, k);
        }
    }
    cr_expect(holds(FILTER_OP_EQUAL, FIELD_NUMBER, number(0), NUMBERS(-0.0)));
    cr_expect(holds(FILTER_OP_NOT_EQUAL, FIELD_NUMBER, number(5), NUMBERS(4)));
    cr_expect_not(holds(FILTER_OP_NOT_EQUAL, FIELD_NUMBER, number(5), NUMBERS(5)));
    cr_expect(holds(FILTER_OP_EQUAL, FIELD_FLAG, number(1), NUMBERS(1)));
    cr_expect(holds(FILTER_OP_NOT_EQUAL, FIELD_FLAG, number(1), NUMBERS(0)));
}

Test(filter_run, times_are_compared_to_the_microsecond) {
    for (size_t i = 0; i < ORDERS; i++) {
        for (int k = -1; k <= 1; k++) {
            const struct filter_constant constant = {.time_us = NOW_US};
            cr_expect_eq(holds(orders[i], FIELD_TIME, constant, time_value(NOW_US + k)),
                         expected[i][k + 1]);
        }
    }
}

Test(filter_run, texts_are_equal_byte_for_byte) {
    cr_expect(holds(FILTER_OP_EQUAL, FIELD_TEXT, text("ab"), TEXTS("ab")));
    cr_expect_not(holds(FILTER_OP_EQUAL, FIELD_TEXT, text("ab"), TEXTS("abc")));
    cr_expect_not(holds(FILTER_OP_EQUAL, FIELD_TEXT, text("ab"), TEXTS("")));
    cr_expect(holds(FILTER_OP_NOT_EQUAL, FIELD_TEXT, text("ab"), TEXTS("a")));
    cr_expect(holds(FILTER_OP_EQUAL, FIELD_TEXT, text(""), TEXTS("")));
}

Test(filter_run, of_several_values_one_is_enough_and_none_may_be_unequal_to_not) {
    cr_expect(holds(FILTER_OP_EQUAL, FIELD_TEXT, text("b"), TEXTS("a", "b", "c")));
    cr_expect_not(holds(FILTER_OP_EQUAL, FIELD_TEXT, text("d"), TEXTS("a", "b", "c")));
    cr_expect(holds(FILTER_OP_NOT_EQUAL, FIELD_TEXT, text("d"), TEXTS("a", "b", "c")));
    cr_expect_not(holds(FILTER_OP_NOT_EQUAL, FIELD_TEXT, text("c"), TEXTS("a", "b", "c")));
    cr_expect(holds(FILTER_OP_LESS, FIELD_NUMBER, number(2), NUMBERS(5, 1)));
    cr_expect(holds(FILTER_OP_GREATER, FIELD_NUMBER, number(2), NUMBERS(5, 1)));
    cr_expect_not(holds(FILTER_OP_GREATER, FIELD_NUMBER, number(5), NUMBERS(5, 1)));
    cr_expect(holds(FILTER_OP_MATCHES, FIELD_TEXT, pieces("b%"), TEXTS("a", "bc")));
    cr_expect_not(holds(FILTER_OP_NOT_MATCHES, FIELD_TEXT, pieces("b%"), TEXTS("a", "bc")));
    cr_expect(holds(FILTER_OP_NOT_MATCHES, FIELD_TEXT, pieces("c%"), TEXTS("a", "bc")));
}

Test(filter_run, all_words_must_be_among_the_values) {
    cr_expect(holds(FILTER_OP_ALL_WORDS, FIELD_TEXT, pieces("b%a"), TEXTS("a", "b", "c")));
    cr_expect_not(holds(FILTER_OP_ALL_WORDS, FIELD_TEXT, pieces("a%d"), TEXTS("a", "b", "c")));
    cr_expect_not(holds(FILTER_OP_ALL_WORDS, FIELD_TEXT, pieces("a"), TEXTS("ab")));
}

Test(filter_run, wildcards_stand_for_any_characters) {
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } cases[] = {
        {"%", "", true},           {"%", "a", true},          {"%%", "", true},
        {"a%", "a", true},         {"a%", "ab", true},        {"a%", "ba", false},
        {"a%", "", false},         {"%a", "a", true},         {"%a", "ba", true},
        {"%a", "ab", false},       {"a%a", "a", false},       {"a%a", "aa", true},
        {"ab%bc", "abc", false},   {"ab%bc", "abbc", true},   {"%b%", "abc", true},
        {"%b%", "ac", false},      {"%ab%ab%", "abab", true}, {"%ab%ab%", "aab", false},
        {"%ab%ba%", "aba", false}, {"a%b%c", "abc", true},    {"a%b%c", "axxbxxc", true},
        {"a%b%c", "acb", false},   {"a%b%b", "ab", false},    {"a%b%b", "abb", true},
        {"%aab%", "aaab", true},   {"a%%b", "ab", true},      {"%ab%abc%", "ababc", true},
        {"%a%%b%", "ab", true},    {"%ا%", "سارة", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(
            holds(FILTER_OP_MATCHES, FIELD_TEXT, pieces(cases[i].pattern), TEXTS(cases[i].text)),
            cases[i].matches, "%s %s", cases[i].pattern, cases[i].text);
    }
}

/* ---- when it changes ---- */

static void expect_change(enum filter_op op, int64_t delta_us, int64_t time_us, bool answer,
                          int64_t change_us) {
    int64_t at_us = 0;
    cr_expect_eq(holds_until(op, FIELD_TIME, relative(delta_us), time_value(time_us), &at_us),
                 answer);
    cr_expect_eq(at_us, change_us, "%d", (int)op);
}

Test(filter_run, a_relative_time_tells_when_it_is_met) {
    const int64_t early_us = NOW_US - 5;
    const int64_t late_us = NOW_US + 5;
    expect_change(FILTER_OP_GREATER, 0, late_us, true, late_us);
    expect_change(FILTER_OP_GREATER_OR_EQUAL, 0, late_us, true, late_us + 1);
    expect_change(FILTER_OP_LESS, 0, late_us, false, late_us + 1);
    expect_change(FILTER_OP_LESS_OR_EQUAL, 0, late_us, false, late_us);
    expect_change(FILTER_OP_GREATER, 0, early_us, false, INT64_MAX);
    expect_change(FILTER_OP_LESS, 0, early_us, true, INT64_MAX);
    expect_change(FILTER_OP_GREATER, -10, early_us, true, NOW_US + 5);
    expect_change(FILTER_OP_LESS, 10, late_us, true, INT64_MAX);
    /* Right now they are equal. */
    expect_change(FILTER_OP_GREATER_OR_EQUAL, 0, NOW_US, true, NOW_US + 1);
    expect_change(FILTER_OP_LESS, 0, NOW_US, false, NOW_US + 1);
    expect_change(FILTER_OP_GREATER, 0, NOW_US, false, INT64_MAX);
    expect_change(FILTER_OP_LESS_OR_EQUAL, 0, NOW_US, true, INT64_MAX);
}

Test(filter_run, an_anniversary_changes_at_midnight) {
    const struct filter_constant constant = {.days = 0};
    const int64_t today_us = NOW_US - NOW_US % US_PER_DAY;
    int64_t change_us = 0;
    /* 2025-11-23 was 365 days before 2026-11-23. */
    const struct field_value year_ago = time_value(today_us - 365 * US_PER_DAY);
    cr_expect(holds_until(FILTER_OP_ANNIVERSARY, FIELD_TIME, constant, year_ago, &change_us));
    cr_expect_eq(change_us, today_us + US_PER_DAY);
}

Test(filter_run, values_tell_when_they_change_and_what_is_past_does_not_count) {
    int64_t change_us = 0;
    struct field_value value = NUMBERS(1);
    value.change_us = NOW_US + 7;
    holds_until(FILTER_OP_EQUAL, FIELD_NUMBER, number(1), value, &change_us);
    cr_expect_eq(change_us, NOW_US + 7);
    value.change_us = NOW_US;
    holds_until(FILTER_OP_EQUAL, FIELD_NUMBER, number(1), value, &change_us);
    cr_expect_eq(change_us, INT64_MAX);
    struct field_value none = NONE;
    none.change_us = NOW_US + 7;
    holds_until(FILTER_OP_PRESENT, FIELD_NUMBER, number(1), none, &change_us);
    cr_expect_eq(change_us, NOW_US + 7, "what is not there may come");
}

Test(filter_run, the_earlier_change_stays) {
    struct filter_test test = {.op = FILTER_OP_GREATER,
                               .type = FIELD_TIME,
                               .constant = relative(0),
                               .yes = FILTER_ACCEPT,
                               .no = FILTER_REJECT};
    const struct filter filter = {.test_count = 1, .tests = &test};
    const struct field_value value = time_value(NOW_US + 10);
    int64_t change_us = NOW_US + 3;
    filter_holds(&filter, &value, NOW_US, &change_us);
    cr_expect_eq(change_us, NOW_US + 3);
}

Test(filter_run, a_filter_without_tests_holds) {
    const struct filter filter = {.start = FILTER_ACCEPT};
    int64_t change_us = INT64_MAX;
    cr_expect(filter_holds(&filter, NULL, NOW_US, &change_us));
}

/* Tests that the way does not lead to are not looked at: nor is when they change. */
Test(filter_run, the_way_leads_from_test_to_test) {
    struct filter_test tests[] = {
        {.field = 1,
         .op = FILTER_OP_GREATER,
         .type = FIELD_TIME,
         .yes = FILTER_ACCEPT,
         .no = FILTER_REJECT,
         .constant = relative(0)},
        {.field = 0,
         .op = FILTER_OP_EQUAL,
         .type = FIELD_NUMBER,
         .yes = 0,
         .no = FILTER_REJECT,
         .constant = number(1)},
    };
    const struct filter filter = {.test_count = 2, .tests = tests, .start = 1};
    struct field_value values[] = {NUMBERS(1), time_value(NOW_US + 10)};
    int64_t change_us = INT64_MAX;
    cr_expect(filter_holds(&filter, values, NOW_US, &change_us));
    cr_expect_eq(change_us, NOW_US + 10);
    values[0] = NUMBERS(2);
    change_us = INT64_MAX;
    cr_expect_not(filter_holds(&filter, values, NOW_US, &change_us));
    cr_expect_eq(change_us, INT64_MAX);
}
