/* profilectl against the server: filters that are explained, and those that can't be read. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_filter, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

static void make_two(void) {
    struct program one = profilectl("profile", "create", "--name", "Nora", "-a", "city=Riyadh");
    struct program two = profilectl("profile", "create", "--name", "Sara", "-a", "city=جدة");
    cr_assert_eq(one.code, 0, "%s", one.err);
    cr_assert_eq(two.code, 0, "%s", two.err);
    program_free(&one);
    program_free(&two);
}

static void expect_err(const char *text, const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_expect_neq(strstr(program.err, text), NULL, "%s", program.err);
    program_free(&program);
}

Test(profilectl_filter, explain_tells_through_which_index) {
    make_two();
    expect_err(
        "Found by the index of attributes.city: rows looked at: 1, profiles that the filter was "
        "tried on: 1\n",
        WORDS("profile", "list", "--filter", "attributes.city = riyadh", "--explain"));
    expect_err("Found by going along create_time: rows looked at: 2, profiles that "
               "the filter was tried on: 2\n",
               WORDS("profile", "list", "--filter", "attributes.city:*", "--explain"));
    expect_err("going along update_time",
               WORDS("profile", "list", "--order-by", "update_time", "--explain"));
    json_t *json = profilectl_json(0, "profile", "list", "--filter", "name:sara", "--explain");
    cr_expect_str_eq(json_text(json, "plan.index"), "name");
    json_decref(json);
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

enum { PEOPLE = 70 };

static void make_people(void) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (int i = 0; i < PEOPLE; i++) {
        fprintf(out, "{\"name\": \"Person %d\"}\n", i);
    }
    fclose(out);
    struct program program = profilectl("import", profilectl_file("people.ndjson", text));
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
    free(text);
}

/* A page of a few looks at some profiles only: to find the last one takes several. */
Test(profilectl_filter, pages_without_rows_leave_nothing) {
    make_people();
    struct program program = profilectl("profile", "list", "--filter", "name = \"person 69\"",
                                        "--limit", "2", "--explain");
    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_eq(count_of(program.out, "\n"), 2, "%s", program.out);
    cr_expect_eq(count_of(program.out, "CHANGED"), 1, "%s", program.out);
    cr_expect_eq(count_of(program.err, "Found by"), 1, "%s", program.err);
    cr_expect_neq(strstr(program.err, "profiles that the filter was tried on: 70\n"), NULL, "%s",
                  program.err);
    program_free(&program);

    json_t *json = profilectl_json(0, "profile", "list", "--filter", "name = \"person 69\"",
                                   "--limit", "2", "--explain");
    cr_expect_str_eq(json_text(json, "plan.profileCount"), "70");
    json_decref(json);
}

Test(profilectl_filter, a_list_of_nobody_has_its_head) {
    struct program program = profilectl("profile", "list", "--all");
    cr_expect_str_eq(program.out, "ID  NAME  IDENTITY  CHANGED\n");
    program_free(&program);
}

Test(profilectl_filter, nothing_is_explained_unasked) {
    make_two();
    struct program program = profilectl("profile", "list", "--filter", "attributes.city = riyadh");
    cr_expect_str_empty(program.err);
    cr_expect_neq(strstr(program.out, "Nora"), NULL);
    program_free(&program);
}

Test(profilectl_filter, a_caret_stands_where_it_can_not_be_read) {
    expect_failure(EXIT_CODES + INVALID_ARGUMENT,
                   "  attributes.citty = x\n"
                   "             ^\n",
                   "profile", "list", "--filter", "attributes.citty = x");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "  found: the name citty\n", "profile", "list",
                   "--filter", "attributes.citty = x");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "  expected: an attribute, as", "profile", "list",
                   "--filter", "attributes.citty = x");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "  nearest: city\n", "profile", "list",
                   "--filter", "attributes.citty = x");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT,
                   "  attributes.city = جدة )\n"
                   "                        ^\n",
                   "profile", "list", "--filter", "attributes.city = جدة )");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT,
                   "  name:جدة AND\n"
                   "              ^\n",
                   "profile", "list", "--filter", "name:جدة AND");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT,
                   "  attributes.country = السعودية\n"
                   "                       ^^^^^^^^\n",
                   "profile", "list", "--filter", "attributes.country = السعودية");
}
