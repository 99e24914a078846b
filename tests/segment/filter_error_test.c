/* Filters that can't be read: where, what was found there, what was expected; and the limits. */

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "server/segment/filter_tree.h"

static struct arena arena;

static void init(void) { arena_init(&arena, 16 << 20); }
static void fini(void) { arena_free(&arena); }
TestSuite(filter_error, .init = init, .fini = fini);

struct refused {
    const char *filter;
    size_t offset;
    const char *found;
    const char *expected;
};

static void check(const struct refused *refused, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct filter_node *tree = NULL;
        struct filter_error error = {.offset = 0, .found = "", .expected = ""};
        const struct status status = filter_tree_read(refused[i].filter, &arena, &tree, &error);
        cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT, "%s", refused[i].filter);
        cr_expect_eq(status.reason, REASON_FILTER_INVALID, "%s", refused[i].filter);
        cr_expect_eq(error.offset, refused[i].offset, "%s: %zu", refused[i].filter, error.offset);
        cr_expect_str_eq(error.found, refused[i].found, "%s: %s", refused[i].filter, error.found);
        cr_expect_str_eq(error.expected, refused[i].expected, "%s: %s", refused[i].filter,
                         error.expected);
        cr_expect_null(error.nearest);
    }
}

#define CHECK(...)                                                                                 \
    do {                                                                                           \
        static const struct refused refused[] = {__VA_ARGS__};                                     \
        check(refused, sizeof refused / sizeof *refused);                                          \
    } while (0)

#define SIMPLE "a field, a word, NOT, - or ("
#define NEGATED "a field, a word or ("
#define MINUS "a - without white space behind it"

Test(filter_error, where_something_begins) {
    CHECK({"=", 0, "=", SIMPLE}, {" )", 1, ")", SIMPLE}, {",", 0, ",", SIMPLE},
          {".a", 0, ".", SIMPLE}, {"AND", 0, "AND", SIMPLE}, {"OR a", 0, "OR", SIMPLE},
          {"NOT", 3, "the end", NEGATED}, {"- ", 0, "-", MINUS}, {"- a", 0, "-", MINUS},
          {"a - b", 2, "-", MINUS}, {"-", 0, "-", MINUS}, {"--a", 1, "-", NEGATED},
          {"NOT NOT a", 4, "NOT", NEGATED}, {"NOT -a", 4, "-", NEGATED},
          {"-NOT a", 1, "NOT", NEGATED}, {"NOT OR a", 4, "OR", NEGATED},
          {"a = (NOT NOT b)", 9, "NOT", "a value"}, {"()", 1, ")", SIMPLE},
          {"(", 1, "the end", SIMPLE}, {"a AND", 5, "the end", SIMPLE},
          {"a OR AND b", 5, "AND", SIMPLE}, {"a AND OR b", 6, "OR", SIMPLE},
          {"a OR OR b", 5, "OR", SIMPLE});
}

Test(filter_error, behind_what_is_whole) {
    CHECK({"a)", 1, ")", "AND, OR or the end"}, {"(a", 2, "the end", "AND, OR or )"},
          {"((a)", 4, "the end", "AND, OR or )"},
          {"(a)b", 3, "a text of 1 character", "AND, OR, white space or the end"},
          {"(a)(b)", 3, "(", "AND, OR, white space or the end"},
          {"\"a\"\"b\"", 3, "a text of 1 character in quotation marks",
           "AND, OR, white space or the end"},
          {"a = b = c", 6, "=", SIMPLE}, {"a=b.c=d", 5, "=", "AND, OR, white space or the end"},
          {"a, b", 1, ",", "AND, OR, white space or the end"},
          {"a=\"b\"c", 5, "a text of 1 character", "AND, OR, white space or the end"},
          {"a b)", 3, ")", "AND, OR or the end"});
}

Test(filter_error, names_with_dots) {
    CHECK({"a.", 2, "the end", "a name behind the dot"}, {"a..b", 2, ".", "a name behind the dot"},
          {"a.=b", 2, "=", "a name behind the dot"},
          {"a.b.c.d.e", 8, "a text of 1 character", "at most 4 names with dots between"},
          {"a.(b)", 2, "(", "a name behind the dot"});
}

Test(filter_error, values) {
    CHECK({"a =", 3, "the end", "a value"}, {"a = ", 4, "the end", "a value"},
          {"a = =", 4, "=", "a value"}, {"a == b", 3, "=", "a value"},
          {"a = OR", 4, "OR", "a value"}, {"a = -b", 4, "-", "a value"},
          {"a = .b", 4, ".", "a value"}, {"a = )", 4, ")", "a value"}, {"a=()", 3, ")", "a value"},
          {"a=(b OR)", 7, ")", "a value"}, {"a=(b", 4, "the end", "AND, OR or )"},
          {"a=(b c=d)", 6, "=", "AND, OR, white space or the end"},
          {"a=(b (c)(d))", 8, "(", "AND, OR, white space or the end"});
}

Test(filter_error, signs_and_quotation_marks) {
    CHECK({"!a", 0, "!", "!=, NOT or -"}, {"a ! b", 2, "!", "!=, NOT or -"},
          {"a!", 1, "!", "!=, NOT or -"},
          {"a = \"x", 4, "a text without its closing quotation mark", "a closing quotation mark"},
          {"'", 0, "a text without its closing quotation mark", "a closing quotation mark"},
          {"a \"\\", 2, "a text without its closing quotation mark", "a closing quotation mark"},
          {"\"\\\"", 0, "a text without its closing quotation mark", "a closing quotation mark"},
          {"\"a'", 0, "a text without its closing quotation mark", "a closing quotation mark"});
}

#define DURATION "a duration as 30d: a number and s, m, h, d or w, at most 100,000 days"

Test(filter_error, times_that_move_along) {
    CHECK({"a > now - ", 10, "the end", DURATION},
          {"a > now - b", 10, "a text of 1 character", DURATION},
          {"a > now + AND", 10, "AND", DURATION},
          {"a > now -3", 8, "a number of 2 characters", DURATION},
          {"a > now - -3d", 10, "a text of 3 characters", DURATION},
          {"a > now - 3d - 1d", 13, "-", MINUS},
          {"a > now +x", 8, "a text of 2 characters", DURATION},
          {"a > now - \"3d\"", 10, "a text of 2 characters in quotation marks", DURATION},
          {"a > now - 18y", 10, "a text of 3 characters", DURATION},
          {"a > now - 100001d", 10, "a text of 7 characters", DURATION});
}

Test(filter_error, functions) {
    CHECK({"f(", 2, "the end", "a value"}, {"f(a", 3, "the end", "a comma or )"},
          {"f(,", 2, ",", "a value"}, {"f(a,", 4, "the end", "a value"},
          {"f(a,)", 4, ")", "a value"}, {"f(a b)", 4, "a text of 1 character", "a comma or )"},
          {"f(a,b,c,d,e)", 10, "a text of 1 character", "at most 4 arguments"},
          {"f((a))", 2, "(", "a value"}, {"f(a=b)", 3, "=", "a comma or )"},
          {"f(a)b", 4, "a text of 1 character", "AND, OR, white space or the end"});
}

/* The bytes of what stands before count, not its characters. */
Test(filter_error, offsets_count_bytes) {
    CHECK({"الرياض = ", 15, "the end", "a value"}, {"\"é\" )", 5, ")", "AND, OR or the end"});
}

/* ---- limits ---- */

static const char *repeated(const char *text, size_t count) {
    const size_t size = strlen(text);
    char *all = arena_alloc(&arena, size * count + 1);
    for (size_t i = 0; i < size * count; i++) {
        all[i] = text[i % size];
    }
    return all;
}

static void expect_read(const char *filter) {
    const struct filter_node *tree = NULL;
    struct filter_error error = {.found = "", .expected = ""};
    cr_expect(status_is_ok(filter_tree_read(filter, &arena, &tree, &error)), "%.40s: %zu %s",
              filter, error.offset, error.expected);
}

Test(filter_error, parentheses_in_each_other_are_limited) {
    expect_read(arena_format(&arena, "%sa%s", repeated("(", 32), repeated(")", 32)));
    expect_read(arena_format(&arena, "%sa=(b)%s", repeated("(", 32), repeated(")", 32)));
    expect_read(repeated("(((a))) ", 50));
    const struct refused refused[] = {
        {repeated("(", 33), 32, "(", "at most 32 parentheses in each other"},
        {repeated("(", FILTER_SIZE_MAX), 32, "(", "at most 32 parentheses in each other"},
        {repeated("-(", 40), 65, "(", "at most 32 parentheses in each other"},
        {arena_format(&arena, "a=%s", repeated("(", 40)), 34, "(",
         "at most 32 parentheses in each other"},
    };
    check(refused, sizeof refused / sizeof *refused);
}

Test(filter_error, comparisons_are_limited_wherever_they_stand) {
    expect_read(repeated("a ", 100));
    const struct refused refused[] = {
        {repeated("a ", 101), 200, "a text of 1 character", "at most 100 comparisons"},
        {repeated("a OR ", 101), 500, "a text of 1 character", "at most 100 comparisons"},
    };
    check(refused, sizeof refused / sizeof *refused);
}

/* The restriction that is read anew for each text of the expression counts once. */
Test(filter_error, an_expression_of_a_hundred_texts_is_allowed) {
    expect_read(arena_format(&arena, "b=(%s)", repeated("a ", 100)));
    const struct refused refused[] = {
        {arena_format(&arena, "b=(%s)", repeated("a ", 101)), 203, "a text of 1 character",
         "at most 100 comparisons"},
    };
    check(refused, sizeof refused / sizeof *refused);
}

Test(filter_error, sizes_and_wildcards_are_limited) {
    expect_read(repeated("x", FILTER_SIZE_MAX));
    const struct refused refused[] = {
        {repeated("x", FILTER_SIZE_MAX + 1), FILTER_SIZE_MAX, "a longer filter",
         "at most 4,096 bytes"},
        {repeated("(", 10000), FILTER_SIZE_MAX, "a longer filter", "at most 4,096 bytes"},
        {repeated("x", 1 << 20), FILTER_SIZE_MAX, "a longer filter", "at most 4,096 bytes"},
        {repeated("*", 9), 8, "a further *", "at most 8 wildcards"},
        {"a=\"*********\"", 11, "a further *", "at most 8 wildcards"},
    };
    check(refused, sizeof refused / sizeof *refused);
}

/* Each word takes memory for itself alone, not for all that stands behind it. */
Test(filter_error, reading_takes_memory_in_proportion_to_the_filter) {
    struct arena little;
    arena_init(&little, 256 << 10);
    const char *functions = repeated("aa.bb.cc.dd(e,f,g,\"hhhhhhhhhhh\") ", 100);
    const struct filter_node *tree = NULL;
    struct filter_error error;

    cr_expect(status_is_ok(filter_tree_read(functions, &little, &tree, &error)));

    cr_expect_not(little.exhausted, "%zu bytes", little.used);
    arena_free(&little);
}
