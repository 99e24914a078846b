/* `profilectl interaction import` against the server: what comes of lines of all kinds, and an
 * import that crashes cut in two. */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/engine/scratch.h"
#include "tests/server/profilectl.h"

TestSuite(interaction_import, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum { FAILED = 1, DEADLINE_EXCEEDED = 4, ROWS = 3000, PEOPLE = 10, ROW_SIZE_MAX = 256 };

/* What an import came to. */
struct counts {
    long long recorded;
    long long repeated;
    long long failed;
    long long created;
    long long linked;
    long long merged;
};

static void expect_counts(json_t *json, struct counts wanted) {
    cr_expect_eq(json_number(json, "recorded"), wanted.recorded, "%lld recorded",
                 json_number(json, "recorded"));
    cr_expect_eq(json_number(json, "repeatedEvents"), wanted.repeated);
    cr_expect_eq(json_number(json, "failed"), wanted.failed);
    cr_expect_eq(json_number(json, "profilesCreated"), wanted.created, "%lld created",
                 json_number(json, "profilesCreated"));
    cr_expect_eq(json_number(json, "profilesLinked"), wanted.linked);
    cr_expect_eq(json_number(json, "profilesMerged"), wanted.merged);
    json_decref(json);
}

/* How many interactions the profile of an e-mail address has. */
static long long interactions_of(const char *identity) {
    json_t *json = profilectl_json(0, "profile", "lookup", identity);
    const long long count = strtoll(json_text(json, "profile.interactionSummary.count"), NULL, 10);
    json_decref(json);
    return count;
}

static const char lines[] =
    "{\"interaction\":{\"eventId\":\"m-1\",\"engagement\":{\"channel\":\"email\",\"text\":\"Where?"
    "\"}},"
    "\"record\":{\"identities\":[{\"type\":\"email\",\"value\":\"nora@example.org\"}]}}\n"
    "{\"interaction\":{\"eventId\":\"m-1\",\"engagement\":{\"channel\":\"email\",\"text\":\"Where?"
    "\"}},"
    "\"record\":{\"identities\":[{\"type\":\"email\",\"value\":\"nora@example.org\"}]}}\n"
    "{\"interaction\":{\"activity\":{\"name\":\"order_placed\",\"amount\":3,\"currency\":\"SAR\"}},"
    "\"record\":{\"identities\":[{\"type\":\"phone\",\"value\":\"0501234567\"}]}}\n"
    "{\"interaction\":{\"surveyResponse\":{\"surveyId\":\"s\",\"answers\":[{\"questionId\":\"q\","
    "\"email\":\"nora@example.org\"}]}},\"record\":{\"identities\":[{\"type\":\"phone\","
    "\"value\":\"0501234567\"}]}}\n"
    "{\"interaction\":{\"activity\":{\"name\":\"came\"}},\"profileId\":\"" MISSING_ID "\"}\n"
    "{\"interaction\":{\"activity\":{\"name\":\"came\",\"amount\":5}},\"record\":{\"identities\":"
    "[{\"type\":\"email\",\"value\":\"nobody\"}]}}\n"
    "no JSON at all\n"
    "{\"interaction\":{\"source\":\"shop\",\"activity\":{\"name\":\"came\"}},\"record\":"
    "{\"identities\":[{\"type\":\"email\",\"value\":\"nora@example.org\"}]}}\n";

Test(interaction_import, every_line_is_recorded_or_told) {
    const char *path = profilectl_file("events.ndjson", lines);

    struct program program =
        profilectl("interaction", "import", path, "--source", "chat", "--output", "json");

    cr_expect_eq(program.code, FAILED, "%s", program.err);
    expect_counts(
        json_loads(program.out, 0, NULL),
        (struct counts){
            .recorded = 4, .repeated = 1, .failed = 3, .created = 2, .linked = 1, .merged = 1});
    static const char *const told[] = {
        "3 rows failed; the rest are in",
        "row 5 (line 5), profile_id: ",
        "row 6 (line 6), interaction.activity.currency: ",
        "row 6 (line 6), record.identities[0].value: ",
        "row 7 (line 7): is no JSON object on one line",
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        cr_expect_neq(strstr(program.err, told[i]), NULL, "%s: %s", told[i], program.err);
    }
    cr_expect_eq(strstr(program.err, "nobody"), NULL, "no value is told: %s", program.err);
    cr_expect_eq(interactions_of("email:nora@example.org"), 4);
    program_free(&program);
}

Test(interaction_import, same_file_again_has_nothing_to_do) {
    const char *path = profilectl_file("events.ndjson", lines);
    struct program first = profilectl("interaction", "import", path, "--source", "chat");
    struct program again = profilectl("interaction", "import", path, "--source", "chat");

    cr_expect_eq(again.code, FAILED);
    cr_expect_neq(strstr(again.err, "Nothing to do"), NULL, "%s", again.err);
    cr_expect_eq(interactions_of("email:nora@example.org"), 4);
    program_free(&first);
    program_free(&again);
}

Test(interaction_import, id_of_another_file_is_refused_and_says_what_to_do) {
    const char *path = profilectl_file("events.ndjson", lines);
    const char *other = profilectl_file("other.ndjson", strchr(lines, '\n') + 1);
    struct program first =
        profilectl("interaction", "import", path, "--source", "chat", "--import-id", "night");

    expect_failure(EXIT_CODES + FAILED_PRECONDITION, "begun with another file, source or region",
                   "interaction", "import", other, "--source", "chat", "--import-id", "night");
    program_free(&first);
}

Test(interaction_import, standard_input_is_a_file) {
    struct program program = profilectl_run(WORDS("interaction", "import", "-", "--source", "chat",
                                                  "--verdicts", "-", "--output", "json"),
                                            lines);

    cr_expect_eq(program.code, FAILED, "%s", program.err);
    cr_expect_neq(strstr(program.out, "{\"row\":1,\"line\":1,\"outcome\":\"recorded\""), NULL);
    cr_expect_neq(strstr(program.out, "{\"row\":2,\"line\":2,\"outcome\":\"repeated\""), NULL);
    cr_expect_neq(strstr(program.out, "{\"row\":7,\"line\":7,\"outcome\":\"failed\""), NULL);
    cr_expect_neq(strstr(program.err, "\"repeatedEvents\": 1"), NULL, "%s", program.err);
    program_free(&program);
}

/* ---- crashes ---- */

/* Events without ids: nothing but their sequence says that they were there before. */
static const char *many_events(void) {
    char *text = malloc((size_t)ROWS * ROW_SIZE_MAX);
    cr_assert_neq(text, NULL);
    size_t size = 0;
    for (int i = 0; i < ROWS; i++) {
        size +=
            (size_t)sprintf(text + size,
                            "{\"interaction\":{\"activity\":{\"name\":\"event %d\"}},\"record\":"
                            "{\"identities\":[{\"type\":\"email\",\"value\":"
                            "\"p%d@example.org\"}]}}\n",
                            i, i % PEOPLE);
    }
    static char path[ROW_SIZE_MAX]; /* More paths are asked for than are remembered. */
    snprintf(path, sizeof path, "%s", profilectl_file("many.ndjson", text));
    free(text);
    return path;
}

/* Starts an import of which the first verdicts come through the pipe, which holds far less than
 * all of them: it is in the middle, with batches on their way. Answers the process. */
static int import_begin(const char *path, const char *timeout, int err, int *verdicts) {
    const char *const arguments[] = {PROFILECTL_PROGRAM,
                                     "interaction",
                                     "import",
                                     path,
                                     "--source",
                                     "chat",
                                     "--batch",
                                     "30",
                                     "--verdicts",
                                     "-",
                                     "--timeout",
                                     timeout,
                                     "--server",
                                     fixture.server.address,
                                     NULL};
    return program_begin(arguments, err, verdicts);
}

static long long all_interactions(void) {
    long long count = 0;
    for (int i = 0; i < PEOPLE; i++) {
        char identity[64];
        snprintf(identity, sizeof identity, "email:p%d@example.org", i);
        count += interactions_of(identity);
    }
    return count;
}

static const struct counts all = {.recorded = ROWS, .created = PEOPLE, .linked = ROWS - PEOPLE};

Test(interaction_import, import_that_a_crash_cut_goes_on_where_it_was) {
    const char *path = many_events();
    int verdicts;
    const int pid = import_begin(path, "60", -1, &verdicts);

    fixture_crash();
    kill(pid, SIGKILL);
    program_read_to_the_end(verdicts);
    program_wait(pid);
    const long long before = all_interactions();
    struct program again =
        profilectl("interaction", "import", path, "--source", "chat", "--output", "json");

    cr_expect(before > 0 && before < ROWS, "%lld of %d were in", before, ROWS);
    cr_expect_eq(again.code, 0, "%s", again.err);
    char mark[64];
    snprintf(mark, sizeof mark, "Going on after row %lld ", before);
    cr_expect_neq(strstr(again.err, mark), NULL, "%lld: %s", before, again.err);
    expect_counts(json_loads(again.out, 0, NULL), all);
    cr_expect_eq(all_interactions(), ROWS);
    program_free(&again);
}

Test(interaction_import, import_that_was_interrupted_goes_on_where_it_was) {
    const char *path = many_events();
    int verdicts;
    const int pid = import_begin(path, "60", -1, &verdicts);

    kill(pid, SIGINT);
    program_read_to_the_end(verdicts);
    program_wait(pid);
    struct program again =
        profilectl("interaction", "import", path, "--source", "chat", "--output", "json");

    cr_expect_eq(again.code, 0, "%s", again.err);
    cr_expect_neq(strstr(again.err, "Going on after row "), NULL, "%s", again.err);
    expect_counts(json_loads(again.out, 0, NULL), all);
    cr_expect_eq(all_interactions(), ROWS);
    program_free(&again);
}

Test(interaction_import, import_outlives_a_crash_of_the_server) {
    const char *path = many_events();
    int verdicts;
    const int pid = import_begin(path, "60", -1, &verdicts);

    fixture_crash_in_place();
    program_read_to_the_end(verdicts);
    const int code = program_wait(pid);

    cr_expect_eq(code, 0, "exit %d", code);
    cr_expect_eq(all_interactions(), ROWS);
}

/* Both bring the same rows of one stream at one time. */
Test(interaction_import, two_runs_at_one_time_record_nothing_twice) {
    const char *path = many_events();
    int one_verdicts;
    int two_verdicts;
    const int one = import_begin(path, "60", -1, &one_verdicts);
    const int two = import_begin(path, "60", -1, &two_verdicts);

    program_read_to_the_end(one_verdicts);
    program_read_to_the_end(two_verdicts);

    cr_expect_eq(program_wait(one), 0);
    cr_expect_eq(program_wait(two), 0);
    cr_expect_eq(all_interactions(), ROWS);
}

Test(interaction_import, silent_server_ends_the_import_and_the_same_command_goes_on) {
    const char *path = many_events();
    const char *said = scratch_path("said");
    const int err = open(said, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int verdicts;
    const int pid = import_begin(path, "3", err, &verdicts);
    close(err);

    server_signal(&fixture.server, SIGSTOP);
    program_read_to_the_end(verdicts);
    const int code = program_wait(pid);
    server_signal(&fixture.server, SIGCONT);
    struct program again =
        profilectl("interaction", "import", path, "--source", "chat", "--output", "json");

    char text[4096];
    text[scratch_read(said, text, sizeof text - 1)] = '\0';
    cr_expect_eq(code, EXIT_CODES + DEADLINE_EXCEEDED, "exit %d: %s", code, text);
    cr_expect_neq(strstr(text, "the same command goes on"), NULL, "%s", text);
    cr_expect_eq(again.code, 0, "%s", again.err);
    expect_counts(json_loads(again.out, 0, NULL), all);
    cr_expect_eq(all_interactions(), ROWS);
    program_free(&again);
}
