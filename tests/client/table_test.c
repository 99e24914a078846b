/* Tables and text on a screen. */

#include "client/cli/table.h"
#include "client/cli/text.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_clean(const char *raw, const char *expected) {
    char *clean = text_clean(raw);

    cr_assert_str_eq(clean, expected);

    free(clean);
}

Test(text, what_a_terminal_would_obey_is_shown) {
    check_clean("a\033[31mb\n", "a\\u001b[31mb\\n");
    check_clean("a\xe2\x80\xae"
                "b",
                "a\\u202eb");
    check_clean("a\xff", "a\\xff");
    check_clean("نورة", "نورة");
}

Test(text, widths_are_those_of_the_terminal) {
    cr_assert_eq(text_width("abc"), 3);
    cr_assert_eq(text_width("نورة"), 4);
    cr_assert_eq(text_width("山田"), 4);
    cr_assert_eq(text_width("e\xcc\x81"), 1); /* A letter and its combining mark. */
}

Test(text, direction_is_known) {
    cr_assert(text_is_rtl("a نورة"));
    cr_assert_not(text_is_rtl("Nora 123"));
}

static char *put(const char *text, struct text_cell cell) {
    char *out = NULL;
    size_t size;
    FILE *file = open_memstream(&out, &size);
    text_put(file, text, cell);
    fclose(file);
    return out;
}

static void check_put(const char *text, struct text_cell cell, const char *expected) {
    char *out = put(text, cell);

    cr_assert_str_eq(out, expected);

    free(out);
}

Test(text, cells_are_padded_and_cut) {
    check_put("abc", (struct text_cell){.width = 5}, "abc  ");
    check_put("abc", (struct text_cell){.width = 5, .right = true}, "  abc");
    check_put("abcdef", (struct text_cell){.width = 4}, "abc…");
    check_put("山田太郎", (struct text_cell){.width = 4}, "山… ");
    check_put("ee\xcc\x81"
              "e",
              (struct text_cell){.width = 3},
              "ee\xcc\x81"
              "e");
}

Test(text, right_to_left_is_isolated_on_a_terminal_only) {
    check_put("نورة", (struct text_cell){.width = 5}, "نورة ");
    check_put("نورة", (struct text_cell){.width = 5, .isolated = true},
              "\xe2\x81\xa8نورة\xe2\x81\xa9 ");
    check_put("Nora", (struct text_cell){.width = 4, .isolated = true}, "Nora");
}

static void check_table(size_t width, const char *expected) {
    static const struct table_column columns[] = {
        {.title = "ID", .whole = true}, {.title = "NAME"}, {.title = "N", .right = true}};
    char *out = NULL;
    size_t size;
    struct screen screen = {.out = open_memstream(&out, &size), .width = width};
    struct table table;
    table_init(&table, columns, 3);
    const char *const cells[] = {"0123456789", "Nora Salem of Riyadh", "7", "0123456789", "نورة",
                                 "12"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        table_add(&table, cells[i]);
    }

    table_print(&table, &screen);

    fclose(screen.out);
    cr_assert_str_eq(out, expected);
    free(out);
    table_free(&table);
}

Test(table, fits_as_it_is) {
    check_table(80, "ID          NAME                   N\n"
                    "0123456789  Nora Salem of Riyadh   7\n"
                    "0123456789  نورة                  12\n");
}

Test(table, the_widest_column_gives_way_and_ids_stay_whole) {
    check_table(24, "ID          NAME       N\n"
                    "0123456789  Nora Sa…   7\n"
                    "0123456789  نورة      12\n");
}

Test(table, nothing_is_cut_off_a_terminal) {
    static const struct table_column columns[] = {{.title = "NAME"}, {.title = "N", .drop = 1}};
    char *out = NULL;
    size_t size;
    struct screen screen = {.out = open_memstream(&out, &size), .width = 8, .uncut = true};
    struct table table;
    table_init(&table, columns, 2);
    table_add(&table, "Nora Salem of Riyadh");
    table_add(&table, "7");

    table_print(&table, &screen);

    fclose(screen.out);
    cr_expect_str_eq(out, "NAME                  N\nNora Salem of Riyadh  7\n", "%s", out);
    free(out);
    table_free(&table);
}

Test(table, columns_are_left_out_before_a_name_is_too_short) {
    static const struct table_column columns[] = {
        {.title = "ID", .whole = true},
        {.title = "NAME", .width_min = 12},
        {.title = "IDENTITY", .drop = 2},
        {.title = "CHANGED", .whole = true, .drop = 1},
    };
    static const struct {
        size_t width;
        const char *expected;
    } cases[] = {
        {80, "ID          NAME                  IDENTITY          CHANGED\n"
             "0123456789  Nora Salem of Riyadh  nora@example.org  2026-01-31\n"},
        {45, "ID          NAME          IDENTI…  CHANGED\n"
             "0123456789  Nora Salem …  nora@e…  2026-01-31\n"},
        {31, "ID          NAME          IDEN…\n"
             "0123456789  Nora Salem …  nora…\n"},
        {24, "ID          NAME\n"
             "0123456789  Nora Salem …\n"},
        {20, "ID      NAME\n"
             "01234…  Nora Salem …\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *out = NULL;
        size_t size;
        struct screen screen = {.out = open_memstream(&out, &size), .width = cases[i].width};
        struct table table;
        table_init(&table, columns, 4);
        static const char *const cells[] = {"0123456789", "Nora Salem of Riyadh",
                                            "nora@example.org", "2026-01-31"};
        for (size_t j = 0; j < 4; j++) {
            table_add(&table, cells[j]);
        }

        table_print(&table, &screen);

        fclose(screen.out);
        cr_expect_str_eq(out, cases[i].expected, "%zu:\n%s", cases[i].width, out);
        free(out);
        table_free(&table);
    }
}

/* ---- pages ---- */

static void print_page(const struct screen *screen, const char *const *cells, size_t count) {
    static const struct table_column columns[] = {{.title = "ID", .whole = true},
                                                  {.title = "NAME"}};
    struct table table;
    table_init(&table, columns, 2);
    for (size_t i = 0; i < count; i++) {
        table_add(&table, cells[i]);
    }
    table_print(&table, screen);
    table_free(&table);
}

Test(table, goes_on_over_pages_with_one_head) {
    struct table_run run = {.begun = false};
    char *out = NULL;
    size_t size;
    const struct screen screen = {.out = open_memstream(&out, &size), .width = 80, .run = &run};

    print_page(&screen, NULL, 0);
    print_page(&screen, (const char *const[]){"0123456789", "Nora"}, 2);
    print_page(&screen, NULL, 0);
    print_page(&screen, (const char *const[]){"1", "Sami", "2", "Huda"}, 4);
    table_run_end(&run, &screen);

    fclose(screen.out);
    cr_expect_str_eq(out,
                     "ID          NAME\n"
                     "0123456789  Nora\n"
                     "1           Sami\n"
                     "2           Huda\n",
                     "%s", out);
    free(out);
}

Test(table, without_rows_on_any_page_has_a_head) {
    struct table_run run = {.begun = false};
    char *out = NULL;
    size_t size;
    const struct screen screen = {.out = open_memstream(&out, &size), .width = 80, .run = &run};

    print_page(&screen, NULL, 0);
    print_page(&screen, NULL, 0);
    table_run_end(&run, &screen);

    fclose(screen.out);
    cr_expect_str_eq(out, "ID  NAME\n", "%s", out);
    free(out);
}
