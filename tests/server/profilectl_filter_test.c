/* profilectl against the server: filters that are explained, and those that can't be read. */

#include <criterion/criterion.h>
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
    expect_err(
        "Found by going through all, in order of create_time: rows looked at: 2, profiles that "
        "the filter was tried on: 2\n",
        WORDS("profile", "list", "--filter", "attributes.city:*", "--explain"));
    expect_err("in order of update_time",
               WORDS("profile", "list", "--order-by", "update_time", "--explain"));
    json_t *json = profilectl_json(0, "profile", "list", "--filter", "name:sara", "--explain");
    cr_expect_str_eq(json_text(json, "plan.index"), "name");
    json_decref(json);
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
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "  found: a name that is not known\n", "profile",
                   "list", "--filter", "attributes.citty = x");
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
