/* The caret beneath a filter. */

#include "client/cli/filter_mark.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LRI "\xe2\x81\xa6"
#define PDI "\xe2\x81\xa9"

static void check_on(struct screen screen, const char *filter, size_t offset,
                     const char *expected) {
    char *out = NULL;
    size_t size = 0;
    screen.out = open_memstream(&out, &size);

    filter_mark_print(&screen, filter, offset);

    fclose(screen.out);
    cr_expect_str_eq(out, expected, "\n%s\n%s", out, expected);
    free(out);
}

static void check(const char *filter, size_t offset, const char *expected) {
    check_on((struct screen){.width = 80, .uncut = true}, filter, offset, expected);
}

static void check_terminal(size_t width, const char *filter, size_t offset, const char *expected) {
    check_on((struct screen){.width = width, .terminal = true}, filter, offset, expected);
}

Test(filter_mark, stands_beneath_the_byte) {
    check("city = x", 0, "  city = x\n  ^\n");
    check("city = x", 7, "  city = x\n         ^\n");
    check("name:x AND", 10, "  name:x AND\n            ^\n");
    check("", 0, "  \n  ^\n");
    check("a)", 1, "  a)\n   ^\n");
    check("a", 100, "  a\n   ^\n");
}

Test(filter_mark, counts_columns_and_not_bytes) {
    check("name = \"é\" )", 12, "  name = \"é\" )\n             ^\n");
    check("name = 山田 )", 14, "  name = 山田 )\n              ^\n");
    check("name = e\xcc\x81 )", 11, "  name = e\xcc\x81 )\n           ^\n");
}

/* Wherever its first letter is shown. */
Test(filter_mark, stands_beneath_all_of_a_word_that_runs_from_right_to_left) {
    check("gender = أنثى AND x", 9, "  gender = أنثى AND x\n           ^^^^\n");
    check("gender = \"أنثى ما\" x", 9, "  gender = \"أنثى ما\" x\n           ^^^^^^^^^\n");
    check("city = الرياض )", 20, "  city = الرياض )\n                ^\n");
}

Test(filter_mark, parts_are_isolated_on_a_terminal) {
    check_terminal(80, "city = الرياض )", 20,
                   "  " LRI "city = الرياض " PDI ")\n                ^\n");
    check_terminal(80, "a = b", 4, "  a = b\n      ^\n");
    check_terminal(80, "x = جدة OR مكة", 4,
                   "  x = " LRI "جدة" PDI LRI " OR مكة" PDI "\n      ^^^\n");
}

Test(filter_mark, what_a_terminal_would_obey_is_shown) {
    check("a\n= )", 4, "  a\\n= )\n       ^\n");
    check("a\x1b[31m )", 7, "  a\\u001b[31m )\n              ^\n");
}

Test(filter_mark, of_a_long_filter_what_is_about_the_place_is_shown) {
    char filter[201];
    memset(filter, 'x', 200);
    memcpy(filter + 100, " ) ", 3);
    filter[200] = '\0';
    check_terminal(40, filter, 101,
                   "  …xxxxxxxxxxxxxxxxxx ) xxxxxxxxxxxxxxx…\n                      ^\n");
    memset(filter, 'x', 200);
    check_terminal(40, filter, 0, "  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\n  ^\n");
    check_terminal(40, filter, 200, "  …xxxxxxxxxxxxxxxxxxx\n                      ^\n");
}
