/* What filters are read into: AIP-160's grammar, shown as text in which nothing is left unsaid. */

#include "server/segment/filter_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

static struct arena arena;

static void init(void) { arena_init(&arena, 1 << 20); }
static void fini(void) { arena_free(&arena); }
TestSuite(filter_tree, .init = init, .fini = fini);

/* ---- trees as text ---- */

/* Quoted texts stand in quotation marks; % is a wildcard. */
static const char *text_of(const struct filter_text *text) {
    const char *all = text->text;
    if (text->piece_count > 0) {
        all = text->pieces[0];
        for (size_t i = 1; i < text->piece_count; i++) {
            all = arena_format(&arena, "%s%%%s", all, text->pieces[i]);
        }
    }
    return text->quoted ? arena_format(&arena, "\"%s\"", all) : all;
}

static const char *argument_of(const struct filter_argument *argument) {
    return argument->relative ? arena_format(&arena, "now%+" PRId64 "ms", argument->delta_us / 1000)
                              : text_of(&argument->text);
}

static const char *comparable_of(const struct filter_comparable *comparable) {
    const char *all = text_of(&comparable->parts[0]);
    for (size_t i = 1; i < comparable->part_count; i++) {
        all = arena_format(&arena, "%s.%s", all, text_of(&comparable->parts[i]));
    }
    if (!comparable->is_function) {
        return all;
    }
    all = arena_format(&arena, "%s(", all);
    for (size_t i = 0; i < comparable->argument_count; i++) {
        all = arena_format(&arena, "%s%s%s", all, i == 0 ? "" : ",",
                           argument_of(&comparable->arguments[i]));
    }
    return arena_format(&arena, "%s)", all);
}

static const char *node_of(const struct filter_node *node) {
    static const char *const comparators[] = {"", "=", "!=", "<", "<=", ">", ">=", ":"};
    if (node == NULL) {
        return "";
    }
    if (node->kind == FILTER_RESTRICTION) {
        const char *comparable = comparable_of(node->comparable);
        return node->comparator == FILTER_NO_COMPARATOR
                   ? comparable
                   : arena_format(&arena, "%s%s%s", comparable, comparators[node->comparator],
                                  argument_of(&node->argument));
    }
    if (node->kind == FILTER_NOT) {
        cr_assert_eq(node->count, 1);
        return arena_format(&arena, "!%s", node_of(node->items[0]));
    }
    cr_assert_geq(node->count, 2);
    const char *all = "";
    for (size_t i = 0; i < node->count; i++) {
        all = arena_format(&arena, "%s%s%s", all,
                           i == 0                     ? "("
                           : node->kind == FILTER_AND ? " & "
                                                      : " | ",
                           node_of(node->items[i]));
    }
    return arena_format(&arena, "%s)", all);
}

struct reading {
    const char *filter;
    const char *tree;
};

static void check(const struct reading *readings, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct filter_node *tree = NULL;
        struct filter_error error = {.found = "nothing", .expected = "nothing"};
        const struct status status = filter_tree_read(readings[i].filter, &arena, &tree, &error);
        cr_expect(status_is_ok(status), "%s: at %zu found %s, expected %s", readings[i].filter,
                  error.offset, error.found, error.expected);
        if (status_is_ok(status)) {
            cr_expect_str_eq(node_of(tree), readings[i].tree, "%s: %s", readings[i].filter,
                             node_of(tree));
        }
    }
}

#define CHECK(...)                                                                                 \
    do {                                                                                           \
        static const struct reading readings[] = {__VA_ARGS__};                                    \
        check(readings, sizeof readings / sizeof *readings);                                       \
    } while (0)

/* ---- what holds them together ---- */

Test(filter_tree, white_space_alone_is_nothing) { CHECK({"", ""}, {" ", ""}, {" \t\r\n ", ""}); }

#define LRM "\xe2\x80\x8e"
#define RLM "\xe2\x80\x8f"
#define ALM "\xd8\x9c"

/* Marks of direction, which nobody sees, stand wherever white space may; within a text they are its
 * own. */
Test(filter_tree, marks_of_direction_are_white_space) {
    CHECK({RLM, ""}, {"a = \"جدة\"" RLM, "a=\"جدة\""},
          {"a = \"جدة\"" RLM " AND" LRM " b", "(a=\"جدة\" & b)"},
          {RLM "a" LRM " = " ALM "جدة" RLM, "a=جدة"}, {"(" RLM "a" RLM ")" ALM, "a"},
          {"a=(جدة" RLM " OR" RLM " b" RLM ")", "(a=جدة | a=b)"},
          {"\"a\"" RLM "\"b\"", "(\"a\" & \"b\")"}, {"-" RLM "a", "!a"},
          {"a = x" RLM "y", "a=x" RLM "y"}, {"f(x" RLM "," RLM "7d" RLM ")", "f(x,7d)"},
          {"a > now" RLM " - ٣٠d", "a>now-2592000000ms"});
}

/* In numbers and in durations digits may be those of any script. */
Test(filter_tree, digits_of_any_script_have_signs) {
    CHECK({"a > now - ٣٠d", "a>now-2592000000ms"}, {"a > now -٣٠d", "a>now-2592000000ms"},
          {"a > now-٣٠d", "a>now-2592000000ms"}, {"a > now + ۲h", "a>now+7200000ms"},
          {"a > -٣", "a>-٣"}, {"a > .٥", "a>.٥"});
}

Test(filter_tree, or_binds_closer_than_and) {
    CHECK({"a AND b OR c", "(a & (b | c))"}, {"a OR b AND c", "((a | b) & c)"},
          {"a OR b AND c OR d", "((a | b) & (c | d))"}, {"a AND b AND c", "(a & b & c)"},
          {"a OR b OR c", "(a | b | c)"}, {"(a AND b) OR c", "((a & b) | c)"});
}

Test(filter_tree, one_after_the_other_is_and) {
    CHECK({"a b", "(a & b)"}, {"a b c", "(a & b & c)"}, {"a b OR c d", "(a & (b | c) & d)"},
          {"a b AND c d", "(a & b & c & d)"}, {"a = 1 b = 2", "(a=1 & b=2)"},
          {"a=1\nb=2\tc", "(a=1 & b=2 & c)"}, {"a (b OR c) d", "(a & (b | c) & d)"},
          {"a -b", "(a & !b)"}, {"a NOT b", "(a & !b)"}, {"a:b c", "(a:b & c)"});
}

Test(filter_tree, not_and_minus_hold_for_what_is_next) {
    CHECK({"NOT a", "!a"}, {"-a", "!a"}, {"NOT a OR b", "(!a | b)"},
          {"a OR NOT b AND c", "((a | !b) & c)"}, {"NOT (a OR b)", "!(a | b)"},
          {"-(a b)", "!(a & b)"}, {"NOT a = 1", "!a=1"}, {"-a:b", "!a:b"}, {"NOT (NOT a)", "!!a"},
          {"NOT(a)", "!a"}, {"-30", "!30"}, {"-\"a b\"", "!\"a b\""});
}

Test(filter_tree, parentheses_alone_change_nothing) {
    CHECK({"(a)", "a"}, {"((a))", "a"}, {"( a )", "a"}, {"(a = 1)", "a=1"},
          {"(a AND b) AND c", "((a & b) & c)"}, {"(a OR b) OR c", "((a | b) | c)"});
}

/* AIP-160 writes them in capitals: in other letters they are words as others. */
Test(filter_tree, keywords_are_in_capitals_and_whole_words) {
    CHECK({"a and b", "(a & and & b)"}, {"not a", "(not & a)"},
          {"ANDROID ORB NOTE", "(ANDROID & ORB & NOTE)"}, {"\"AND\"", "\"AND\""},
          {"'OR' OR \"NOT\"", "(\"OR\" | \"NOT\")"}, {"a.AND = 1", "a.AND=1"},
          {"a.NOT.OR:b", "a.NOT.OR:b"}, {"a = \"OR\"", "a=\"OR\""});
}

/* ---- restrictions ---- */

Test(filter_tree, every_comparator_with_and_without_white_space) {
    CHECK({"a=b", "a=b"}, {"a = b", "a=b"}, {"a!=b", "a!=b"}, {"a != b", "a!=b"}, {"a<b", "a<b"},
          {"a <b", "a<b"}, {"a<=b", "a<=b"}, {"a>b", "a>b"}, {"a>=b", "a>=b"}, {"a:b", "a:b"},
          {"a : b", "a:b"}, {"a<-5", "a<-5"}, {"a>=-5.5", "a>=-5.5"}, {"a>+5", "a>+5"},
          {"a = 1e6", "a=1e6"}, {"a:*", "a:%"}, {"a > .5", "a>.5"}, {"a > -.5", "a>-.5"});
}

Test(filter_tree, names_have_dots_and_quotation_marks) {
    CHECK({"a.b=c", "a.b=c"}, {"a.b.c.d:e", "a.b.c.d:e"}, {"a.\"b c\".d=e", "a.\"b c\".d=e"},
          {"'a.b'=c", "\"a.b\"=c"}, {"a.b", "a.b"}, {"a.b c.d", "(a.b & c.d)"}, {"a.1=2", "a.1=2"},
          {"a-b = c", "a-b=c"}, {"a_b@c/d=e", "a_b@c/d=e"},
          {"مدينة.الرياض = جدة", "مدينة.الرياض=جدة"});
}

Test(filter_tree, texts_on_the_right_have_dots_and_behind_a_digit_colons) {
    CHECK({"a=1.5", "a=1.5"}, {"a = x.y.z", "a=x.y.z"},
          {"a = me@example.com b", "(a=me@example.com & b)"},
          {"a > 2026-01-31T12:00:00Z", "a>2026-01-31T12:00:00Z"},
          {"a > 2026-01-31T12:00:00.5+03:00", "a>2026-01-31T12:00:00.5+03:00"},
          {"a = \"https://example.com\"", "a=\"https://example.com\""}, {"a:1:2", "a:1:2"});
}

Test(filter_tree, quotation_marks_of_either_kind_and_what_is_escaped_in_them) {
    CHECK({"\"a b\"", "\"a b\""}, {"'a b'", "\"a b\""}, {"a=\"\"", "a=\"\""}, {"a=''", "a=\"\""},
          {"a='it is \"so\"'", "a=\"it is \"so\"\""}, {"a=\"it's\"", "a=\"it's\""},
          {"a=\"\\\"\"", "a=\"\"\""}, {"a='\\''", "a=\"'\""}, {"a=\"\\\\\"", "a=\"\\\""},
          {"a=\"\\n\"", "a=\"n\""}, {"a=\"(x) AND y,z<1\"", "a=\"(x) AND y,z<1\""},
          {"a=\"\\ش\"", "a=\"ش\""}, {"a=\"x\ny\"", "a=\"x\ny\""});
}

Test(filter_tree, stars_are_wildcards_but_for_those_that_are_escaped) {
    CHECK({"a=*", "a=%"}, {"a=x*", "a=x%"}, {"a=*x", "a=%x"}, {"a=x*y*z", "a=x%y%z"},
          {"a=**", "a=%%"}, {"a=\"x y*\"", "a=\"x y%\""}, {"a='*'", "a=\"%\""}, {"a=\\*", "a=*"},
          {"a=x\\*y*", "a=x*y%"}, {"a=\"\\*\"", "a=\"*\""}, {"a=\"\\\\*\"", "a=\"\\%\""},
          {"a=x\\y", "a=x\\y"}, {"a=\\\\*", "a=\\*"}, {"a=*.example.com", "a=%.example.com"},
          {"a=1*2*3*4*5*6*7*8*9", "a=1%2%3%4%5%6%7%8%9"});
}

/* ---- times that move along ---- */

Test(filter_tree, now_and_what_is_added_to_it_in_every_spelling) {
    CHECK({"a > now", "a>now+0ms"}, {"a > now-2s", "a>now-2000ms"},
          {"a > now - 2s", "a>now-2000ms"}, {"a > now -2s", "a>now-2000ms"},
          {"a > now- 2s", "a>now-2000ms"}, {"a > now+2s", "a>now+2000ms"},
          {"a > now + 2s", "a>now+2000ms"}, {"a > now +2s", "a>now+2000ms"},
          {"a > now+ 2s", "a>now+2000ms"}, {"a > now - ١٫٥m", "a>now-90000ms"},
          {"a>now-1.5m", "a>now-90000ms"}, {"a > now - .5h", "a>now-1800000ms"},
          {"a > now -.5h", "a>now-1800000ms"}, {"a > now-.5h", "a>now-1800000ms"},
          {"a > now - 1d", "a>now-86400000ms"}, {"a > now - 1w", "a>now-604800000ms"},
          {"a > now - 100000d", "a>now-8640000000000ms"}, {"a > now\n-\n1s", "a>now-1000ms"});
}

Test(filter_tree, what_comes_behind_now) {
    CHECK({"a > now b", "(a>now+0ms & b)"}, {"a > now AND b", "(a>now+0ms & b)"},
          {"(a > now)", "a>now+0ms"}, {"a > now OR b.c = d", "(a>now+0ms | b.c=d)"},
          {"a > now (b)", "(a>now+0ms & b)"}, {"a > now NOT b", "(a>now+0ms & !b)"},
          {"a > now - 1s b", "(a>now-1000ms & b)"}, {"a > now b.c:d", "(a>now+0ms & b.c:d)"},
          {"a > now -b", "(a>now+0ms & !b)"}, {"a > now -b.c=1", "(a>now+0ms & !b.c=1)"},
          {"a > now -(b)", "(a>now+0ms & !b)"}, {"a > now \"b\"", "(a>now+0ms & \"b\")"},
          {"a > now -\"b\"", "(a>now+0ms & !\"b\")"});
}

Test(filter_tree, now_is_a_text_elsewhere) {
    CHECK({"now", "now"}, {"now = 1", "now=1"}, {"a > \"now\"", "a>\"now\""},
          {"a = nowhere", "a=nowhere"}, {"a = now-here", "a=now-here"}, {"a = NOW", "a=NOW"},
          {"a = \"now-1d\"", "a=\"now-1d\""});
}

/* ---- expressions of texts, and functions ---- */

Test(filter_tree, each_text_of_an_expression_is_compared) {
    CHECK({"a = (b OR c)", "(a=b | a=c)"}, {"a=(b)", "a=b"}, {"a:(b c)", "(a:b & a:c)"},
          {"a:(b AND c OR d)", "(a:b & (a:c | a:d))"}, {"a = (NOT b)", "!a=b"},
          {"a = (-b OR -5)", "(!a=b | a=-5)"}, {"a.b != (c OR \"d e\")", "(a.b!=c | a.b!=\"d e\")"},
          {"a = ((b OR c) d)", "((a=b | a=c) & a=d)"}, {"a = (x.y OR 1:2)", "(a=x.y | a=1:2)"},
          {"a > (now - 1d OR now)", "(a>now-86400000ms | a>now+0ms)"},
          {"a > (now -1s now+1s)", "(a>now-1000ms & a>now+1000ms)"},
          {"a = (b OR c) d", "((a=b | a=c) & d)"}, {"a = (b) OR c.d = e", "(a=b | c.d=e)"},
          {"(a = (b OR c))", "(a=b | a=c)"}, {"a:(*)", "a:%"}, {"a=((b)) c.d:e", "(a=b & c.d:e)"});
}

Test(filter_tree, functions_have_arguments) {
    CHECK({"f()", "f()"}, {"f(a)", "f(a)"}, {"f( a , b )", "f(a,b)"}, {"f(a.b, 7d)", "f(a.b,7d)"},
          {"f(a,b,c,d)", "f(a,b,c,d)"}, {"NOT f(a)", "!f(a)"}, {"f(a) AND g(b)", "(f(a) & g(b))"},
          {"f(a) b", "(f(a) & b)"}, {"f(a) = b", "f(a)=b"}, {"m.f(a)", "m.f(a)"},
          {"f(\"a b\", 'c')", "f(\"a b\",\"c\")"}, {"f(now, now-1s)", "f(now+0ms,now-1000ms)"},
          {"f (a)", "(f & a)"}, {"f(-5, 1.5)", "f(-5,1.5)"});
}

Test(filter_tree, offsets_are_those_of_the_filter) {
    const struct filter_node *tree = NULL;
    struct filter_error error;
    cr_assert(status_is_ok(filter_tree_read("  ab.\"cd\" >= 'x'", &arena, &tree, &error)));
    cr_expect_eq(tree->comparable->offset, 2);
    cr_expect_eq(tree->comparable->parts[0].offset, 2);
    cr_expect_eq(tree->comparable->parts[1].offset, 5);
    cr_expect_eq(tree->comparator_offset, 10);
    cr_expect_eq(tree->argument.text.offset, 13);
}

/* ---- durations ---- */

Test(filter_tree, durations_are_a_number_and_a_unit) {
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {{"0s", 0},
                {"1s", 1000000},
                {"20s", 20000000},
                {"1.5h", INT64_C(5400000000)},
                {".5m", 30000000},
                {"1.m", 60000000},
                {"2w", INT64_C(1209600000000)},
                {"0.0000005s", 1}, /* To the nearest. */
                {"0.0000004s", 0},
                {"007d", INT64_C(604800000000)},
                {"٣٠d", INT64_C(2592000000000)},
                {"۱.۵h", INT64_C(5400000000)},
                {"100000d", INT64_C(8640000000000000)}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t us = -1;
        cr_expect(filter_duration_read(good[i].text, &arena, &us), "%s", good[i].text);
        cr_expect_eq(us, good[i].us, "%s: %" PRId64, good[i].text, us);
    }
}

Test(filter_tree, what_is_no_duration) {
    static const char *const bad[] = {
        "",        "s",        "1",
        "1x",      "1 s",      " 1s",
        "1s ",     "-1s",      "+1s",
        "1S",      "1ms",      "1sd",
        "1,5s",    "1..5s",    ".s",
        ".",       "..s",      "0x10s",
        "1e3s",    "0x1p3s",   "infs",
        "nans",    "1.2.3s",   "١",
        "100001d", "14285.8w", "99999999999999999999999999999999999999999999d"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t us = -1;
        cr_expect_not(filter_duration_read(bad[i], &arena, &us), "%s: %" PRId64, bad[i], us);
        cr_expect_eq(us, -1, "%s", bad[i]);
    }
}
