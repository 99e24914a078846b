/* `profilectl import` against the server: whole files, bad files, every option, and an import that
 * a crash cuts in two. */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/engine/scratch.h"
#include "tests/server/profilectl.h"

TestSuite(import, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

#define BASIC "tests/server/data/1-basic-test.csv"
#define SURFERS "tests/server/data/2-surfers-test.csv"
#define OVERWRITE "tests/server/data/3-surfers-overwrite-test.csv"

enum {
    FAILED = 1,
    WRONG_USAGE = 2,
    DEADLINE_EXCEEDED = 4,
    RESOURCE_EXHAUSTED = 8,
};

/* What an import came to. */
struct counts {
    long long created;
    long long linked;
    long long merged;
    long long skipped;
    long long failed;
};

static void expect_counts(json_t *json, struct counts wanted) {
    cr_expect_eq(json_number(json, "created"), wanted.created, "%lld created",
                 json_number(json, "created"));
    cr_expect_eq(json_number(json, "linked"), wanted.linked, "%lld linked",
                 json_number(json, "linked"));
    cr_expect_eq(json_number(json, "merged"), wanted.merged);
    cr_expect_eq(json_number(json, "skipped"), wanted.skipped);
    cr_expect_eq(json_number(json, "failed"), wanted.failed, "%lld failed",
                 json_number(json, "failed"));
    json_decref(json);
}

/* How many profiles there are. */
static size_t profiles(void) {
    struct program program = profilectl("profile", "list", "--all", "--output", "ndjson");
    cr_assert_eq(program.code, 0, "%s", program.err);
    size_t lines = 0;
    for (const char *at = program.out; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    program_free(&program);
    return lines;
}

/* The profile of an e-mail address. */
static json_t *lookup(const char *identity) {
    return profilectl_json(0, "profile", "lookup", identity);
}

/* ---- files of another system's tests ---- */

Test(import, file_with_a_header_needs_no_option) {
    expect_counts(profilectl_json(0, "import", SURFERS), (struct counts){.created = 36});

    json_t *json = lookup("email:matt@wilkinson.com");
    cr_expect_str_eq(json_text(json, "profile.attributes.gender.text"), "male");
    cr_expect_str_eq(json_text(json, "profile.attributes.city.text"), "surfersCity");
    cr_expect_str_eq(json_text(json, "profile.attributes.city.source"), "import");
    json_decref(json);
    cr_expect_eq(profiles(), 36);
}

Test(import, same_file_again_has_nothing_to_do) {
    json_decref(profilectl_json(0, "import", SURFERS));

    struct program again = profilectl("import", SURFERS);

    cr_expect_eq(again.code, 0);
    cr_expect_neq(strstr(again.err, "Nothing to do"), NULL, "%s", again.err);
    cr_expect_eq(profiles(), 36);
    program_free(&again);
}

Test(import, file_without_a_header_goes_by_position) {
    expect_counts(profilectl_json(0, "import", BASIC, "--no-header", "--map", "1=identity.email",
                                  "--map", "2=attribute.given_name", "--map",
                                  "3=attribute.family_name", "--map", "4=attribute.city"),
                  (struct counts){.created = 3});

    json_t *json = lookup("email:basic2@test.com");
    cr_expect_str_eq(json_text(json, "profile.attributes.given_name.text"), "Basic2");
    cr_expect_str_eq(json_text(json, "profile.attributes.family_name.text"), "User2");
    cr_expect_str_eq(json_text(json, "profile.attributes.city.text"), "oneShotImportCity");
    json_decref(json);
}

Test(import, overwrite_changes_only_the_columns_that_it_names) {
    json_decref(profilectl_json(0, "import", SURFERS));
    json_t *before = lookup("email:kelly@slater.com");
    json_decref(profilectl_json(0, "profile", "update", json_text(before, "profile.id"), "-a",
                                "city=Durban", "-a", "job=Surfer", "-a", "gender=other"));

    expect_counts(profilectl_json(0, "import", OVERWRITE, "--map", "email=identity.email", "--map",
                                  "fbid=identity.facebook", "--map", "city=attribute.city",
                                  "--policy", "replace"),
                  (struct counts){.linked = 36});

    json_t *after = lookup("email:kelly@slater.com");
    cr_expect_str_eq(json_text(after, "profile.id"), json_text(before, "profile.id"));
    cr_expect_str_eq(json_text(after, "profile.name"), json_text(before, "profile.name"));
    cr_expect_str_eq(json_text(after, "profile.attributes.city.text"), "surfersCity");
    cr_expect_str_eq(json_text(after, "profile.attributes.job.text"), "Surfer");
    cr_expect_str_eq(json_text(after, "profile.attributes.gender.text"), "other");
    cr_expect_eq(profiles(), 36);
    json_decref(before);
    json_decref(after);
}

/* ---- options ---- */

Test(import, map_takes_only_what_it_names) {
    const char *path = profilectl_file("people.csv", "Who,Where to write,City\n"
                                                     "Nora Salem,nora@example.org,Riyadh\n");

    expect_counts(profilectl_json(0, "import", path, "--map", "Who=name", "--map",
                                  "Where to write=identity.email"),
                  (struct counts){.created = 1});

    json_t *json = lookup("email:nora@example.org");
    cr_expect_str_eq(json_text(json, "profile.name"), "Nora Salem");
    cr_expect_str_eq(json_text(json, "profile.attributes.city.text"), "");
    json_decref(json);
    struct program unknown = profilectl("import", path, "--map", "Shoe=name");
    cr_expect_eq(unknown.code, 2);
    cr_expect_str_empty(unknown.out);
    program_free(&unknown);
}

/* Refused before the first row, with the column and the fields that there are. */
static void expect_unknown_field(const char *path, const char *mapping, const char *known) {
    struct program program = profilectl("import", path, "--map", "Who=name", "--map", mapping);
    cr_expect_eq(program.code, WRONG_USAGE, "exit %d", program.code);
    cr_expect_str_empty(program.out);
    cr_expect_neq(strstr(program.err, "column `Where to write` is mapped to "), NULL, "%s",
                  program.err);
    cr_expect_neq(strstr(program.err, known), NULL, "%s", program.err);
    program_free(&program);
}

Test(import, field_that_the_server_does_not_know_is_refused_before_the_first_row) {
    const char *path = profilectl_file("people.csv", "Who,Where to write\n"
                                                     "Nora Salem,nora@example.org\n");

    expect_unknown_field(path, "Where to write=attribute.shoe", " attribute.city,");
    expect_unknown_field(path, "Where to write=identity.shoe", " identity.email,");

    cr_expect_eq(profiles(), 0);
}

Test(import, type_that_is_disabled_or_of_ones_own_is_a_field) {
    const char *path = profilectl_file("people.csv", "Who,Badge,Mail\n"
                                                     "Nora Salem,7001,nora@example.org\n");
    json_decref(
        profilectl_json(0, "identity", "types", "create", "badge", "--normalizer", "digits"));
    json_decref(profilectl_json(0, "identity", "types", "disable", "email"));

    expect_counts(profilectl_json(0, "import", path, "--map", "Who=name", "--map",
                                  "Badge=identity.badge", "--map", "Mail=identity.email"),
                  (struct counts){.created = 1});
}

Test(import, region_reads_national_numbers) {
    const char *path = profilectl_file("phones.csv", "name,phone\nOmar Aziz,050 123 4567\n");

    expect_counts(profilectl_json(0, "import", path, "--region", "AE"),
                  (struct counts){.created = 1});

    json_t *json = lookup("phone:+971501234567");
    cr_expect_str_eq(json_text(json, "profile.name"), "Omar Aziz");
    json_decref(json);
}

Test(import, delimiter_is_taken_as_told) {
    const char *path = profilectl_file("tabs.txt", "name\temail\nNora; Salem\tnora@example.org\n");

    expect_counts(profilectl_json(0, "import", path, "--delimiter", "tab"),
                  (struct counts){.created = 1});

    json_t *json = lookup("email:nora@example.org");
    cr_expect_str_eq(json_text(json, "profile.name"), "Nora; Salem");
    json_decref(json);
}

Test(import, ndjson_is_taken_as_told) {
    const char *path =
        profilectl_file("people.txt", "{\"name\": \"Nora Salem\", \"identities\": "
                                      "[{\"type\": \"email\", \"value\": \"nora@example.org\"}]}\n"
                                      "{\"name\": \n"
                                      "{\"name\": \"Omar Aziz\"}\n");

    expect_counts(profilectl_json(FAILED, "import", path, "--format", "ndjson"),
                  (struct counts){.created = 2, .failed = 1});

    json_t *json = lookup("email:nora@example.org");
    cr_expect_str_eq(json_text(json, "profile.name"), "Nora Salem");
    json_decref(json);
}

Test(import, import_id_of_another_import_is_refused) {
    const char *path = profilectl_file("people.csv", "name\nNora Salem\n");
    json_t *first = profilectl_json(0, "import", path, "--import-id", "spring");
    cr_expect_str_eq(json_text(first, "importId"), "spring");
    json_decref(first);

    struct program other = profilectl("import", path, "--import-id", "spring", "--source", "other");

    cr_expect_eq(other.code, EXIT_CODES + FAILED_PRECONDITION);
    cr_expect_neq(strstr(other.err, "IMPORT_MISMATCH"), NULL, "%s", other.err);
    cr_expect_eq(profiles(), 1);
    program_free(&other);
}

Test(import, import_id_with_another_file_is_refused_and_says_what_to_do) {
    const char *monday = profilectl_file("monday.csv", "name\nNora Salem\nOmar Aziz\n");
    const char *tuesday = profilectl_file("tuesday.csv", "name\nHuda Ali\nMona Zaki\nA B\n");
    json_decref(profilectl_json(0, "import", monday, "--import-id", "night"));

    struct program other = profilectl("import", tuesday, "--import-id", "night");
    struct program again = profilectl("import", monday, "--import-id", "night");

    cr_expect_eq(other.code, EXIT_CODES + FAILED_PRECONDITION);
    cr_expect_neq(strstr(other.err, "Give another --import-id"), NULL, "%s", other.err);
    cr_expect_eq(again.code, 0, "%s", again.err);
    cr_expect_neq(strstr(again.err, "Nothing to do"), NULL, "%s", again.err);
    cr_expect_eq(profiles(), 2);
    program_free(&other);
    program_free(&again);
}

Test(import, bad_value_is_told_with_its_column) {
    const char *path = profilectl_file("people.csv", "name,Home mail,Work mail\n"
                                                     "Nora Salem,,nobody\n");

    struct program program =
        profilectl("import", path, "--map", "name=name", "--map", "Home mail=identity.email",
                   "--map", "Work mail=identity.email");

    cr_expect_eq(program.code, FAILED);
    cr_expect_neq(strstr(program.err, "identities[0].value, column `Work mail`:"), NULL, "%s",
                  program.err);
    program_free(&program);
}

Test(import, policy_says_what_becomes_of_a_match) {
    const char *path = profilectl_file("people.csv", "name,email,city\n"
                                                     "Nora Salem,nora@example.org,Riyadh\n"
                                                     "Omar Aziz,omar@example.org,Jeddah\n");
    json_decref(profilectl_json(0, "profile", "create", "--name", "Nora", "--identity",
                                "email:nora@example.org"));

    expect_counts(profilectl_json(0, "import", path, "--policy", "skip"),
                  (struct counts){.created = 1, .skipped = 1});
    expect_counts(profilectl_json(FAILED, "import", path, "--policy", "fail"),
                  (struct counts){.failed = 2});
    json_t *json = lookup("email:nora@example.org");
    cr_expect_str_eq(json_text(json, "profile.attributes.city.text"), "");
    json_decref(json);
    expect_counts(profilectl_json(0, "import", path, "--policy", "merge"),
                  (struct counts){.linked = 2});
    json = lookup("email:nora@example.org");
    cr_expect_str_eq(json_text(json, "profile.attributes.city.text"), "Riyadh");
    json_decref(json);
}

Test(import, dry_run_changes_nothing) {
    expect_counts(profilectl_json(0, "import", SURFERS, "--dry-run"),
                  (struct counts){.created = 36});

    cr_expect_eq(profiles(), 0);
    expect_counts(profilectl_json(0, "import", SURFERS), (struct counts){.created = 36});
}

/* So many rows that the server refuses each, behind a header. */
static char *refused_rows(size_t count) {
    static const char header[] = "email\n";
    static const char row[] = "nobody\n";
    char *text = malloc(sizeof header + count * (sizeof row - 1));
    cr_assert_not_null(text);
    char *end = stpcpy(text, header);
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, row);
    }
    return text;
}

Test(import, dry_run_of_a_file_that_is_too_long_sends_nothing) {
    char *text = refused_rows(100001);
    const char *path = profilectl_file("long.csv", text);
    const char *const words[] = {"import", path, "--dry-run", NULL};

    struct program program = profilectl_run(words, "");

    cr_expect_eq(program.code, FAILED, "%s", program.err);
    cr_expect_neq(strstr(program.err, "long.csv has 100001 rows to try, and a dry run takes 100000 "
                                      "at most: nothing was sent"),
                  NULL, "%s", program.err);
    cr_expect_eq(strstr(program.err, "So far"), NULL, "%s", program.err);
    program_free(&program);
    free(text);
}

Test(import, dry_run_of_a_pipe_that_is_too_long_tells_what_was_judged) {
    char *text = refused_rows(100001);
    const char *const words[] = {"import", "-", "--dry-run", NULL};

    struct program program = profilectl_run(words, text);

    cr_expect_eq(program.code, EXIT_CODES + RESOURCE_EXHAUSTED, "%s", program.err);
    cr_expect_neq(strstr(program.err, "So far:\n"), NULL, "%s", program.err);
    const char *failed = strstr(program.err, "failed ");
    cr_expect(failed != NULL && strtol(failed + strlen("failed "), NULL, 10) == 100000, "%s",
              program.err);
    cr_expect_neq(strstr(program.err, "at most 100,000 rows"), NULL, "%s", program.err);
    program_free(&program);
    free(text);
}

Test(import, dry_run_of_what_is_in_says_that_there_is_nothing_to_do) {
    const char *const words[] = {"import", SURFERS, "--dry-run", NULL};
    expect_counts(profilectl_json(0, "import", SURFERS), (struct counts){.created = 36});

    struct program program = profilectl_run(words, "");

    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_neq(strstr(program.err, "Nothing to do: this import is done"), NULL, "%s",
                  program.err);
    cr_expect_neq(strstr(program.err, "A dry run: nothing was changed"), NULL, "%s", program.err);
    program_free(&program);
}

Test(import, dry_run_of_what_is_in_does_not_say_that_rows_would_fail) {
    static const char input[] = "name,email\nNora,nora@example.org\nBroken\n";
    const char *const words[] = {"import", "-", "--import-id", "spring", NULL};
    const char *const dry_words[] = {"import", "-", "--import-id", "spring", "--dry-run", NULL};
    struct program first = profilectl_run(words, input);

    struct program program = profilectl_run(dry_words, input);

    cr_expect_eq(program.code, first.code, "%s", program.err);
    cr_expect_neq(strstr(program.err, "Nothing to do: this import is done"), NULL, "%s",
                  program.err);
    cr_expect_neq(strstr(program.err, "1 row failed; the rest are in"), NULL, "%s", program.err);
    program_free(&first);
    program_free(&program);
}

Test(import, verdicts_tell_every_row) {
    const char *path = profilectl_file("people.csv", "name,email\n"
                                                     "Nora Salem,nora@example.org\n"
                                                     "Nobody,nobody\n"
                                                     "Noura,NORA@example.org\n");
    const char *verdicts = scratch_path("verdicts.ndjson");

    expect_counts(profilectl_json(FAILED, "import", path, "--verdicts", verdicts, "--batch", "2"),
                  (struct counts){.created = 1, .linked = 1, .failed = 1});

    char text[16384];
    const size_t size = scratch_read(verdicts, text, sizeof text - 1);
    text[size] = '\0';
    static const char *const outcomes[] = {"created", "failed", "linked"};
    char *rest = NULL;
    char *line = strtok_r(text, "\n", &rest);
    for (long long i = 0; i < 3; i++, line = strtok_r(NULL, "\n", &rest)) {
        cr_assert_neq(line, NULL);
        json_t *verdict = json_loads(line, 0, NULL);
        cr_assert_neq(verdict, NULL, "%s", line);
        cr_expect_eq(json_number(verdict, "row"), i + 1);
        cr_expect_eq(json_number(verdict, "line"), i + 2);
        cr_expect_str_eq(json_text(verdict, "outcome"), outcomes[i]);
        cr_expect_eq(strlen(json_text(verdict, "profile_id")), i == 1 ? 0 : 36);
        cr_expect_eq(json_array_size(json_object_get(verdict, "errors")), i == 1 ? 1 : 0);
        json_decref(verdict);
    }
    cr_expect_eq(line, NULL);
}

Test(import, standard_input_is_a_file) {
    const char *const words[] = {"import", "-", "--output", "json", NULL};

    struct program program = profilectl_run(words, "name,email\nNora,nora@example.org\n");

    cr_expect_eq(program.code, 0, "%s", program.err);
    json_t *json = json_loads(program.out, 0, NULL);
    cr_expect_eq(json_number(json, "created"), 1);
    json_decref(json);
    program_free(&program);
}

/* ---- bad files: what is good in them gets in ---- */

Test(import, rows_with_too_few_or_too_many_fields_fail_alone) {
    const char *path = profilectl_file("people.csv", "name,email\n"
                                                     "One,one@example.org\n"
                                                     "Two\n"
                                                     "Three,three@example.org,3\n"
                                                     "Four,four@example.org\n");

    expect_counts(profilectl_json(FAILED, "import", path),
                  (struct counts){.created = 2, .failed = 2});
    cr_expect_eq(profiles(), 2);
}

Test(import, quote_that_is_never_closed_fails_its_row) {
    const char *path = profilectl_file("people.csv", "name,email\n"
                                                     "One,one@example.org\n"
                                                     "\"Two,two@example.org\n"
                                                     "Three,three@example.org\n");

    struct program program = profilectl("import", path, "--output", "json");

    cr_expect_eq(program.code, FAILED);
    json_t *json = json_loads(program.out, 0, NULL);
    cr_expect_eq(json_number(json, "created"), 2, "%s", program.out);
    cr_expect_eq(json_number(json, "failed"), 1);
    cr_expect_neq(strstr(program.err, "line 3"), NULL, "%s", program.err);
    json_decref(json);
    program_free(&program);
}

Test(import, row_that_is_not_utf8_fails_alone) {
    const char *path = profilectl_file("people.csv", "name,email\n"
                                                     "Ren\xe9,rene@example.org\n"
                                                     "Two,two@example.org\n");

    expect_counts(profilectl_json(FAILED, "import", path),
                  (struct counts){.created = 1, .failed = 1});
}

Test(import, quoted_fields_may_hold_anything) {
    const char *path = profilectl_file("people.csv", "\xef\xbb\xbfname,email,about\r\n"
                                                     "\"Salem, Nora\",nora@example.org,"
                                                     "\"says \"\"hello\"\"\r\nand more\"\r\n");

    expect_counts(profilectl_json(0, "import", path), (struct counts){.created = 1});

    json_t *json = lookup("email:nora@example.org");
    cr_expect_str_eq(json_text(json, "profile.name"), "Salem, Nora");
    cr_expect_neq(strstr(json_text(json, "profile.attributes.about.text"), "says \"hello\""), NULL);
    json_decref(json);
}

/* Runs an import of a file that is none: it fails here, nothing gets in, nothing is printed. */
static void expect_no_file(const void *content, size_t size) {
    const char *path = scratch_path("bad.csv");
    scratch_write(path, content, size, 0600);

    struct program program = profilectl("import", path);

    cr_expect_neq(program.code, 0);
    cr_expect_str_not_empty(program.err);
    cr_expect_eq(profiles(), 0);
    program_free(&program);
}

Test(import, files_that_are_none_are_refused) {
    static const char utf16[] = "\xff\xfen\0a\0m\0e\0\n\0N\0o\0r\0a\0\n\0";
    char binary[512];
    for (size_t i = 0; i < sizeof binary; i++) {
        binary[i] = (char)(i * 37 % 256);
    }

    expect_no_file("", 0);
    expect_no_file(utf16, sizeof utf16 - 1);
    expect_no_file(binary, sizeof binary);
}

/* ---- crashes ---- */

enum { ROWS = 3000, ROW_SIZE_MAX = 64 };

static const char *many_rows(void) {
    char *text = malloc((size_t)ROWS * ROW_SIZE_MAX);
    cr_assert_neq(text, NULL);
    size_t size = (size_t)sprintf(text, "name,email\n");
    for (int i = 0; i < ROWS; i++) {
        size += (size_t)sprintf(text + size, "Person %d,p%d@example.org\n", i, i);
    }
    const char *path = profilectl_file("many.csv", text);
    free(text);
    return path;
}

/* Starts an import of which the first verdicts come through the pipe, which holds far less than
 * all of them: it is in the middle. What it says goes to `err`; -1 for nowhere. Answers the
 * process. */
static int import_begin(const char *path, const char *timeout, int err, int *verdicts) {
    const char *const arguments[] = {
        PROFILECTL_PROGRAM,     "import", path,        "--batch", "10",
        "--verdicts",           "-",      "--timeout", timeout,   "--server",
        fixture.server.address, NULL};
    return program_begin(arguments, err, verdicts);
}

Test(import, import_that_a_crash_cut_goes_on_where_it_was) {
    const char *path = many_rows();
    int verdicts;
    const int pid = import_begin(path, "60", -1, &verdicts);

    fixture_crash();
    kill(pid, SIGKILL);
    program_read_to_the_end(verdicts);
    program_wait(pid);
    const size_t before = profiles();
    struct program again = profilectl("import", path, "--output", "json");

    cr_expect(before > 0 && before < ROWS, "%zu of %d were in", before, ROWS);
    cr_expect_eq(again.code, 0, "%s", again.err);
    char mark[64];
    snprintf(mark, sizeof mark, "Going on after row %zu ", before);
    cr_expect_neq(strstr(again.err, mark), NULL, "%zu: %s", before, again.err);
    expect_counts(json_loads(again.out, 0, NULL),
                  (struct counts){.created = ROWS}); /* Of the whole import. */
    cr_expect_eq(profiles(), ROWS);
    program_free(&again);
}

Test(import, import_outlives_a_crash_of_the_server) {
    const char *path = many_rows();
    int verdicts;
    const int pid = import_begin(path, "60", -1, &verdicts);

    fixture_crash_in_place();
    program_read_to_the_end(verdicts);
    const int code = program_wait(pid);

    cr_expect_eq(code, 0, "exit %d", code);
    cr_expect_eq(profiles(), ROWS);
}

/* ---- silence ---- */

Test(import, silent_server_ends_the_import_and_the_same_command_goes_on) {
    const char *path = many_rows();
    const char *said = scratch_path("said");
    const int err = open(said, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int verdicts;
    const int pid = import_begin(path, "3", err, &verdicts);
    close(err);

    server_signal(&fixture.server, SIGSTOP);
    program_read_to_the_end(verdicts);
    const int code = program_wait(pid);
    server_signal(&fixture.server, SIGCONT);
    struct program again = profilectl("import", path, "--output", "json");

    char text[4096];
    text[scratch_read(said, text, sizeof text - 1)] = '\0';
    cr_expect_eq(code, EXIT_CODES + DEADLINE_EXCEEDED, "exit %d: %s", code, text);
    cr_expect_neq(strstr(text, "the same command goes on"), NULL, "%s", text);
    cr_expect_neq(strstr(text, "said nothing for 3 s"), NULL, "%s", text);
    cr_expect_eq(again.code, 0, "%s", again.err);
    cr_expect_neq(strstr(again.err, "Going on after row "), NULL, "%s", again.err);
    expect_counts(json_loads(again.out, 0, NULL), (struct counts){.created = ROWS});
    program_free(&again);
}
