/* profilectl against the server: what a filter would find, before it is a segment. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_preview, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum { PEOPLE = 3 };

static void make_people(void) {
    const char *file = profilectl_file(
        "people.ndjson",
        "{\"name\": \"Nora Salem\", \"attributes\": {\"city\": {\"text\": \"Riyadh\"}, \"gender\": "
        "{\"text\": \"female\"}}}\n"
        "{\"name\": \"Sami Haddad\", \"attributes\": {\"city\": {\"text\": \"Riyadh\"}}}\n"
        "{\"name\": \"Huda Karam\", \"attributes\": {\"city\": {\"text\": \"Jeddah\"}}}\n");
    struct program made = profilectl("import", file);
    cr_assert_eq(made.code, 0, "%s", made.err);
    program_free(&made);
}

Test(profilectl_preview, counts_by_sets_and_shows_some) {
    make_people();

    expect_texts(
        WORDS("segment", "preview", "--filter", "attributes.city = \"Riyadh\"", "--sample", "1"),
        WORDS("2 persons, counted by sets\n\nID", "NAME", "\n", "Nora Salem", "\n"));
    expect_texts(WORDS("segment", "preview", "--filter", "attributes.city = \"Jeddah\""),
                 WORDS("1 person, counted by sets\n"));
    json_t *json =
        profilectl_json(0, "segment", "preview", "--filter", "attributes.city:*", "--sample", "2");
    cr_expect_str_eq(json_text(json, "memberCount"), "3");
    cr_expect(json_is_true(json_object_get(json, "counted")));
    cr_expect_null(json_object_get(json, "scanned"));
    cr_expect_str_eq(json_text(json, "sample.0.name"), "Nora Salem");
    cr_expect_str_eq(json_text(json, "sample.0.attributes.gender.text"), "female");
    cr_expect_str_eq(json_text(json, "sample.1.name"), "Sami Haddad");
    cr_expect_eq(json_array_size(json_object_get(json, "sample")), 2);
    json_decref(json);
}

Test(profilectl_preview, says_that_persons_were_gone_through) {
    make_people();

    struct program told = profilectl("segment", "preview", "--filter", "name = \"Huda Karam\"");
    cr_expect_eq(told.code, 0, "%s", told.err);
    cr_expect_neq(strstr(told.out, "1 person, gone through one by one: "), NULL, "%s", told.out);
    program_free(&told);
    json_t *json =
        profilectl_json(0, "segment", "preview", "--filter", "name:*", "--sample", "100");
    cr_expect(json_is_true(json_object_get(json, "scanned")));
    cr_expect_str_eq(json_text(json, "lookedAtCount"), "3");
    cr_expect_eq(json_array_size(json_object_get(json, "sample")), PEOPLE);
    json_decref(json);
    struct program line =
        profilectl("segment", "preview", "--filter", "name:*", "--output", "ndjson");
    cr_expect_eq(strchr(line.out, '\n'), line.out + strlen(line.out) - 1, "%s", line.out);
    program_free(&line);
}

Test(profilectl_preview, nobody_is_an_answer) {
    expect_texts(
        WORDS("segment", "preview", "--filter", "attributes.city = \"Riyadh\"", "--sample", "5"),
        WORDS("0 persons, counted by sets\n"));
    json_t *json = profilectl_json(0, "segment", "preview", "--filter", "attributes.city:*");
    cr_expect_eq(json_array_size(json_object_get(json, "sample")), 0);
    cr_expect(json_is_array(json_object_get(json, "sample")));
    json_decref(json);
}

Test(profilectl_preview, what_is_refused) {
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "\n             ^\n", "segment", "preview",
                   "--filter", "attributes.citty = 1");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--sample, sample_size", "segment", "preview",
                   "--filter", "name:*", "--sample", "101");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "filter: is required", "segment", "preview");
    expect_failure(EXIT_USAGE, "--sample", "segment", "preview", "--filter", "name:*", "--sample",
                   "some");
}
