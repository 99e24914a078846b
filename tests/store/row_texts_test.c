/* Texts as numbers: which name has which, and sources there and back. */

#include <criterion/criterion.h>

#include "server/store/row_texts.h"
#include "tests/engine/leaks.h"

static struct arena arena;

static void setup(void) { arena_init(&arena, 1 << 20); }

static void teardown(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(row_texts, .init = setup, .fini = teardown);

static const char *name_of(uint32_t number) {
    const char *name = NULL;
    cr_assert(status_is_ok(row_name(number, "own", &name)));
    return name;
}

/* Rows have these numbers. */
Test(row_texts, names_keep_their_numbers) {
    cr_expect_eq(row_name_number("external_id"), 1);
    cr_expect_eq(row_name_number("email"), 3);
    cr_expect_eq(row_name_number("phone"), 4);
    cr_expect_eq(row_name_number("anonymous_id"), 14);
    cr_expect_eq(row_name_number("about"), 15);
    cr_expect_eq(row_name_number("city"), 21);
    cr_expect_eq(row_name_number("image_url"), 27);
    for (uint32_t number = 1; number <= 27; number++) {
        cr_expect_eq(row_name_number(name_of(number)), number);
    }
}

Test(row_texts, other_names_have_none) {
    cr_expect_eq(row_name_number("tier"), 0);
    cr_expect_eq(row_name_number(""), 0);
    cr_expect_str_eq(name_of(0), "own");
}

Test(row_texts, number_of_no_name_is_corrupt) {
    const char *name = NULL;
    cr_expect_eq(row_name(28, "own", &name).reason, REASON_STORE_CORRUPT);
    cr_expect_null(name);
}

Test(row_texts, each_source_stands_once) {
    struct row_sources sources = {.arena = &arena};

    cr_expect_eq(row_source_number(&sources, "crm", "crm"), 0);
    cr_expect_eq(row_source_number(&sources, "web", "crm"), 1);
    cr_expect_eq(row_source_number(&sources, "", "crm"), 2);
    cr_expect_eq(row_source_number(&sources, "web", "crm"), 1);
    cr_assert_eq(sources.count, 2);
    const char *source = NULL;
    for (uint32_t number = 0; number <= 2; number++) {
        static const char *const expected[] = {"crm", "web", ""};
        cr_assert(status_is_ok(row_source(2, sources.items, number, "crm", &source)));
        cr_expect_str_eq(source, expected[number]);
    }
    cr_expect_eq(row_source(2, sources.items, 3, "crm", &source).reason, REASON_STORE_CORRUPT);
}
