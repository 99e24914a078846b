/* profilectl against the server: segments. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/server/profilectl.h"

TestSuite(profilectl_segment, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

static char nora[ID_SIZE_MAX];
static char sami[ID_SIZE_MAX];
static char huda[ID_SIZE_MAX];

static void must(const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
}

static void make_people(void) {
    make("Nora", "email:nora@example.org", nora);
    make("Sami", "email:sami@example.org", sami);
    make("Huda", "phone:0501234567", huda);
}

/* Runs a command that must succeed; its standard output, and a text on the other, unless NULL. */
static void expect_out(const char *const *words, const char *input, const char *out,
                       const char *err) {
    struct program program = profilectl_run(words, input);
    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_str_eq(program.out, out);
    cr_expect(err == NULL || strstr(program.err, err) != NULL, "%s", program.err);
    program_free(&program);
}

/* Two texts or three as lines, in a buffer of the test's. */
static const char *lines_of(const char *a, const char *b, const char *c) {
    static char text[512];
    snprintf(text, sizeof text, "%s\n%s\n%s%s", a, b, c == NULL ? "" : c, c == NULL ? "" : "\n");
    return text;
}

/* ---- segments ---- */

Test(profilectl_segment, create_waits_until_it_is_ready) {
    make_people();

    expect_texts(WORDS("segment", "create", "mail", "--filter", "identity.email:*", "--wait"),
                 WORDS("SEGMENT", "KIND", "STATE", "MEMBERS", "READY", "FILTER", "mail", "dynamic",
                       "active", "2", "yes", "identity.email:*"));
    json_t *json = profilectl_json(0, "segment", "create", "pilot", "--static", "--display-name",
                                   "Pilot group", "--description", "Who tries it", "--color",
                                   "#0a7d5c", "--label", "team=crm", "--label", "wave=1");
    cr_expect_str_eq(json_text(json, "segment.kind"), "SEGMENT_KIND_STATIC");
    cr_expect_str_eq(json_text(json, "segment.displayName"), "Pilot group");
    cr_expect_str_eq(json_text(json, "segment.labels.wave"), "1");
    json_decref(json);
}

Test(profilectl_segment, a_new_one_that_is_not_waited_for_says_so) {
    make_people();

    struct program made = profilectl("segment", "create", "mail", "--filter", "identity.email:*");

    cr_expect_eq(made.code, 0);
    cr_expect_not_null(strstr(made.out, "0 %, 0 looked at"), "%s", made.out);
    cr_expect_not_null(strstr(made.err, "The server is filling it"), "%s", made.err);
    program_free(&made);
}

Test(profilectl_segment, list_and_those_that_are_archived) {
    expect_out(WORDS("segment", "list"), NULL, "No segments.\n", NULL);
    must(WORDS("segment", "create", "first", "--static"));
    must(WORDS("segment", "create", "second", "--filter", "interaction_count > 3", "--wait"));
    must(WORDS("segment", "update", "first", "--state", "archived"));

    expect_texts(WORDS("segment", "list", "--archived"),
                 WORDS("first", "static", "archived", "0", "yes", "second", "dynamic", "active",
                       "interaction_count > 3"));
    json_t *json = profilectl_json(0, "segment", "list");
    cr_expect_str_eq(json_text(json, "segments.0.name"), "second");
    cr_expect_str_empty(json_text(json, "segments.1.name"));
    json_decref(json);
}

Test(profilectl_segment, show_draws_its_size_and_its_first_members) {
    make_people();
    must(WORDS("segment", "create", "mail", "--filter", "identity.email:*", "--display-name",
               "By mail", "--label", "team=crm", "--description", "For letters.\n\nTwice a year.",
               "--wait"));

    expect_texts(WORDS("segment", "show", "mail"),
                 WORDS("mail", "Called", "By mail", "For         For letters.\n",
                       "\n            Twice", "Kind", "dynamic", "State", "active", "Filter",
                       "identity.email:*", "Labels", "team=crm", "Members", "2", "Ready", "yes",
                       "Etag", "r1.1", "Size over time", "2 │█", "0 │█", "Members\n", nora, "Nora",
                       "nora@example.org", sami));
    json_t *json = profilectl_json(0, "segment", "show", "mail");
    cr_expect_str_eq(json_text(json, "segment.memberCount"), "2");
    cr_expect_str_eq(json_text(json, "sizes.0.memberCount"), "2");
    cr_expect_str_eq(json_text(json, "members.1.id"), sami);
    json_decref(json);
}

Test(profilectl_segment, show_of_one_without_members) {
    must(WORDS("segment", "create", "pilot", "--static"));

    struct program shown = profilectl("segment", "show", "pilot");
    cr_expect_eq(shown.code, 0, "%s", shown.err);
    cr_expect_null(strstr(shown.out, "Size over time"), "%s", shown.out);
    program_free(&shown);
    json_t *json = profilectl_json(0, "segment", "show", "pilot");
    cr_expect_eq(json_array_size(json_object_get(json, "members")), 0);
    cr_expect(json_is_array(json_object_get(json, "sizes")));
    json_decref(json);
}

Test(profilectl_segment, update_changes_what_is_named_and_nothing_else) {
    make_people();
    must(WORDS("segment", "create", "mail", "--filter", "identity.email:*", "--display-name",
               "By mail", "--label", "team=crm", "--label", "wave=1", "--wait"));

    expect_texts(WORDS("segment", "update", "mail", "--filter", "identity.phone:*", "--wait"),
                 WORDS("mail", "active", "1", "yes", "identity.phone:*"));
    json_t *json = profilectl_json(0, "segment", "update", "mail", "--label", "wave=", "--label",
                                   "tier=gold", "--color", "#ffffff", "--state", "paused");
    cr_expect_str_eq(json_text(json, "segment.labels.team"), "crm");
    cr_expect_str_eq(json_text(json, "segment.labels.tier"), "gold");
    cr_expect_str_empty(json_text(json, "segment.labels.wave"));
    cr_expect_str_eq(json_text(json, "segment.displayName"), "By mail");
    cr_expect_str_eq(json_text(json, "segment.state"), "SEGMENT_STATE_PAUSED");
    cr_expect_str_eq(json_text(json, "segment.filter"), "identity.phone:*");
    json_decref(json);
    expect_failure(EXIT_CODES + ABORTED, "ETAG_MISMATCH", "segment", "update", "mail", "--label",
                   "team=it", "--etag", "r1.1");
}

Test(profilectl_segment, delete) {
    must(WORDS("segment", "create", "one", "--static"));
    must(WORDS("segment", "create", "two", "--filter", "segments:one", "--wait"));

    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "segment: two", "segment", "delete", "one");
    must(WORDS("segment", "delete", "two", "--dry-run"));
    expect_texts(WORDS("segment", "delete", "two"), WORDS("two", "segments:one"));
    expect_failure(EXIT_CODES + NOT_FOUND, "SEGMENT_NOT_FOUND", "segment", "show", "two");
}

/* ---- who is in them ---- */

Test(profilectl_segment, members_as_a_table_and_ids_for_scripts) {
    make_people();
    must(WORDS("segment", "create", "all", "--filter", "create_time > 2020-01-01", "--wait"));

    expect_texts(
        WORDS("segment", "members", "all"),
        WORDS("ID", "NAME", "IDENTITY", nora, "Nora", sami, "Sami", huda, "Huda", "+966501234567"));
    expect_out(WORDS("segment", "members", "all", "--ids"), NULL, lines_of(nora, sami, huda), NULL);
    expect_out(WORDS("segment", "members", "all", "--ids", "--all"), NULL,
               lines_of(nora, sami, huda), NULL);
    struct program first = profilectl("segment", "members", "all", "--ids", "--limit", "1");
    cr_expect_eq(strncmp(first.out, nora, strlen(nora)), 0);
    cr_expect_not_null(strstr(first.err, "--page-token "), "%s", first.err);
    program_free(&first);
    json_t *json = profilectl_json(0, "segment", "members", "all", "--all", "--ids");
    cr_expect_str_eq(json_text(json, "profiles.2.id"), huda);
    cr_expect_str_empty(json_text(json, "profiles.2.name"));
    json_decref(json);
    json = profilectl_json(0, "segment", "members", "all");
    cr_expect_str_eq(json_text(json, "profiles.0.name"), "Nora");
    json_decref(json);
    must(WORDS("segment", "create", "none", "--static"));
    expect_out(WORDS("segment", "members", "none"), NULL, "No members.\n", NULL);
    expect_out(WORDS("segment", "members", "none", "--ids"), NULL, "", NULL);
}

Test(profilectl_segment, check_by_id_and_by_identity) {
    make_people();
    must(WORDS("segment", "create", "mail", "--filter", "identity.email:*", "--wait"));
    must(WORDS("segment", "create", "pilot", "--static"));

    expect_texts(WORDS("segment", "check", nora), WORDS(nora, "mail", "yes"));
    expect_texts(WORDS("segment", "check", "phone:0501234567", "pilot", "mail", "--region", "SA"),
                 WORDS(huda, "SEGMENT", "MEMBER", "READY", "pilot", "no", "mail", "no"));
    expect_texts(WORDS("segment", "check", huda), WORDS(huda, "In no segment."));
    json_t *json = profilectl_json(0, "segment", "check", "email:nora@example.org", "mail");
    cr_expect_str_eq(json_text(json, "memberships.0.segment"), "mail");
    json_decref(json);
    expect_failure(EXIT_CODES + NOT_FOUND, "PROFILE_NOT_FOUND", "segment", "check", MISSING_ID);
    expect_failure(EXIT_CODES + NOT_FOUND, "SEGMENT_NOT_FOUND", "segment", "check", nora, "vip");
    expect_failure(EXIT_USAGE, "--region", "segment", "check", nora, "--region", "SA");
}

Test(profilectl_segment, overlap_counts_each_combination) {
    make_people();
    must(WORDS("segment", "create", "mail", "--filter", "identity.email:*", "--wait"));
    must(WORDS("segment", "create", "pilot", "--static"));
    must(WORDS("segment", "add", "pilot", nora, huda));

    expect_texts(WORDS("segment", "overlap", "mail", "pilot"),
                 WORDS("IN THESE, IN NO OTHER", "PEOPLE", "mail", "1", "pilot", "1", "mail, pilot",
                       "1", "In all of them  1", "In any of them  3"));
    json_t *json = profilectl_json(0, "segment", "overlap", "mail", "pilot");
    cr_expect_str_eq(json_text(json, "anyCount"), "3");
    json_decref(json);
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "segments[1]", "segment", "overlap", "mail",
                   "mail");
}

/* ---- lists ---- */

Test(profilectl_segment, add_and_remove_by_words) {
    make_people();
    must(WORDS("segment", "create", "pilot", "--static"));

    expect_texts(WORDS("segment", "add", "pilot", nora, "phone:0501234567", "--region", "SA"),
                 WORDS("added", "2", "there before", "0", "failed", "0"));
    expect_texts(WORDS("segment", "add", "pilot", nora, "email:sami@example.org", "--dry-run"),
                 WORDS("added", "1", "there before", "1"));
    expect_texts(WORDS("segment", "remove", "pilot", nora, sami),
                 WORDS("removed", "1", "not there", "1"));
    json_t *json = profilectl_json(0, "segment", "members", "pilot");
    cr_expect_str_eq(json_text(json, "profiles.0.id"), huda);
    cr_expect_str_empty(json_text(json, "profiles.1.id"));
    json_decref(json);
}

Test(profilectl_segment, who_is_not_found_is_told_and_the_rest_is_kept) {
    make_people();
    must(WORDS("segment", "create", "pilot", "--static"));
    const char *file =
        profilectl_file("people.txt", "email:nora@example.org\n\nemail:nobody@example.org\n"
                                      "email:\n" MISSING_ID "\nemail:sami@example.org\n");

    struct program added = profilectl("segment", "add", "pilot", "--file", file);

    cr_expect_eq(added.code, 1);
    cr_expect_not_null(strstr(added.err, "line 3 is not there"), "%s", added.err);
    cr_expect_not_null(strstr(added.err, "line 4 reads neither"), "%s", added.err);
    cr_expect_not_null(strstr(added.err, "line 5 is not there"), "%s", added.err);
    program_free(&added);
    expect_out(WORDS("segment", "members", "pilot", "--ids"), NULL, lines_of(nora, sami, NULL),
               NULL);
    json_t *json = profilectl_json(1, "segment", "remove", "pilot", nora, MISSING_ID);
    cr_expect_eq(json_number(json, "removed"), 1);
    cr_expect_eq(json_number(json, "failed"), 1);
    cr_expect_eq(json_number(json, "failures.0.word"), 2);
    json_decref(json);
}

Test(profilectl_segment, thousands_come_from_standard_input_in_batches) {
    enum { LINES = 2500 };
    make_people();
    must(WORDS("segment", "create", "pilot", "--static"));
    char *input = malloc((size_t)LINES * ID_SIZE_MAX);
    cr_assert_not_null(input);
    size_t size = 0;
    for (int i = 0; i < LINES; i++) {
        size += (size_t)snprintf(input + size, (size_t)LINES * ID_SIZE_MAX - size, "%s\n",
                                 i == 1700   ? MISSING_ID
                                 : i >= 2400 ? huda
                                             : nora);
    }

    struct program added =
        profilectl_run(WORDS("segment", "add", "pilot", "--file", "-", "--output", "json"), input);

    cr_expect_eq(added.code, 1);
    cr_expect_not_null(strstr(added.err, "line 1701 is not there"), "%s", added.err);
    json_t *json = json_loads(added.out, 0, NULL);
    cr_expect_eq(json_number(json, "added"), 2);
    cr_expect_eq(json_number(json, "unchanged"), LINES - 3);
    cr_expect_eq(json_number(json, "failed"), 1);
    json_decref(json);
    program_free(&added);
    free(input);
}

Test(profilectl_segment, what_is_refused) {
    make_people();
    must(WORDS("segment", "create", "mail", "--filter", "identity.email:*", "--wait"));
    must(WORDS("segment", "create", "pilot", "--static"));

    expect_failure(EXIT_USAGE, "--filter, or is --static", "segment", "create", "x");
    expect_failure(EXIT_USAGE, "--static and --filter", "segment", "create", "x", "--static",
                   "--filter", "id:*");
    expect_failure(EXIT_USAGE, "--wait and --dry-run", "segment", "create", "x", "--filter", "id:*",
                   "--wait", "--dry-run");
    expect_failure(EXIT_USAGE, "--label reads KEY=VALUE", "segment", "create", "x", "--static",
                   "--label", "team");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--color, segment.color", "segment", "create",
                   "x", "--static", "--color", "red");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--label Team, segment.labels", "segment",
                   "create", "x", "--static", "--label", "Team=crm");
    expect_failure(EXIT_USAGE, "nothing to change", "segment", "update", "mail");
    expect_failure(EXIT_USAGE, "active, paused, archived", "segment", "update", "mail", "--state",
                   "off");
    expect_failure(EXIT_USAGE, "whom?", "segment", "add", "pilot");
    expect_failure(EXIT_USAGE, "or in a --file", "segment", "add", "pilot", nora, "--file", "-");
    expect_failure(1, "can't open", "segment", "add", "pilot", "--file", "/no/such/file");
    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "SEGMENT_NOT_STATIC", "segment", "add", "mail",
                   nora);
    expect_failure(EXIT_CODES + NOT_FOUND, "SEGMENT_NOT_FOUND", "segment", "members", "vip");
}

Test(profilectl_segment, help_has_examples) {
    expect_texts(WORDS("segment", "create", "--help"),
                 WORDS("segment create", "--color", "--display-name", "--static", "--wait",
                       "Example:", "--filter"));
    expect_texts(WORDS("segment", "add", "--help"), WORDS("--file", "Example:", "people.txt"));
}

/* ---- what its members did ---- */

Test(profilectl_segment, interactions_are_counted_of_its_members_alone) {
    make_people();
    must(WORDS("segment", "create", "mail", "--filter", "identity.email:*", "--wait"));
    must(WORDS("interaction", "record", "--profile", nora, "--source", "inbox", "--channel",
               "email", "--text", "Where is it?"));
    must(WORDS("interaction", "record", "--profile", huda, "--source", "inbox", "--channel",
               "whatsapp", "--text", "Thanks"));

    struct program counted =
        profilectl("interaction", "analyze", "--by", "channel", "--segment", "mail");
    cr_expect_eq(counted.code, 0, "%s", counted.err);
    cr_expect_neq(strstr(counted.out, "email"), NULL, "%s", counted.out);
    cr_expect_null(strstr(counted.out, "whatsapp"), "%s", counted.out);
    cr_expect_neq(strstr(counted.err, "1 interactions"), NULL, "%s", counted.err);
    program_free(&counted);
}
