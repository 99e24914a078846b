/* `profilectl watch` against the server: lines for people and for programs, where it begins and
 * ends, and that neither Ctrl-C nor a crash of the server loses a change. */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/engine/scratch.h"
#include "tests/server/profilectl.h"

TestSuite(profilectl_watch, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum { OUT_OF_RANGE = 11, TOKEN_SIZE = 512, TEXT_SIZE = 8192 };

static void must(const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
}

/* The token that a run says it ended at. */
static const char *token_in(const char *err, char out[TOKEN_SIZE]) {
    const char *at = strstr(err, "Go on with --from ");
    cr_assert_not_null(at, "%s", err);
    cr_assert_eq(sscanf(at, "Go on with --from %511s", out), 1);
    return out;
}

/* The token of now. */
static const char *token_now(char out[TOKEN_SIZE]) {
    struct program program = profilectl("watch", "--until-caught-up");
    cr_assert_eq(program.code, 0, "%s", program.err);
    cr_expect_str_empty(program.out);
    (void)token_in(program.err, out);
    program_free(&program);
    return out;
}

/* ---- lines ---- */

Test(profilectl_watch, a_change_is_a_line) {
    char token[TOKEN_SIZE];
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    (void)token_now(token);
    make("Nora Salem", "email:nora@example.org", one);
    make("Noura", "phone:+966500000017", two);
    must(WORDS("profile", "update", one, "-a", "city=Riyadh"));
    must(WORDS("interaction", "record", "--profile", one, "--source", "chat", "--channel",
               "whatsapp", "--text", "Where?"));
    must(WORDS("identity", "merge", one, two));
    must(WORDS("profile", "delete", one));

    expect_texts(WORDS("watch", "--from", token, "--until-caught-up"),
                 WORDS("Z  profile-created       ", one, "identity-linked       ", one, "  email\n",
                       "profile-created       ", two, "identity-linked", "  phone\n",
                       "profile-updated", one, "  attributes.city\n", "interaction-recorded  ", one,
                       "  engagement, whatsapp  ", "profile-merged        ", two, "  into ", one,
                       "\n", "profile-deleted       ", one, "\n"));
    struct program some =
        profilectl("watch", "--from", token, "--until-caught-up", "--kind",
                   "profile-created,profile-deleted", "--filter", "name:nobody", "--profile");
    cr_expect_not_null(strstr(some.out, "profile-deleted"), "%s", some.out);
    cr_expect_null(strstr(some.out, "merged"), "%s", some.out);
    program_free(&some);
}

Test(profilectl_watch, a_segment_that_is_deleted_is_a_line) {
    char token[TOKEN_SIZE];
    (void)token_now(token);
    must(WORDS("segment", "create", "vip", "--static"));
    must(WORDS("segment", "delete", "vip"));

    expect_texts(WORDS("watch", "--from", token, "--until-caught-up", "--kind", "segment-deleted"),
                 WORDS("Z  segment-deleted       vip\n"));
}

Test(profilectl_watch, a_snapshot_tells_who_there_is) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    make("Nora Salem", "email:nora@example.org", one);
    make("Sami", "email:sami@example.org", two);
    must(WORDS("profile", "update", two, "-a", "city=Riyadh"));

    expect_texts(
        WORDS("watch", "--snapshot", "--until-caught-up", "--profile"),
        WORDS("snapshot              ", one, "  Nora Salem\n", "snapshot", two, "  Sami\n"));
    struct program some = profilectl("watch", "--snapshot", "--until-caught-up", "--filter",
                                     "attributes.city = riyadh");
    cr_expect_null(strstr(some.out, one), "%s", some.out);
    cr_expect_not_null(strstr(some.out, two), "%s", some.out);
    program_free(&some);
}

/* ---- lines of JSON ---- */

/* The lines of a text, each read as JSON; how many. */
static size_t read_lines(char *text, json_t *lines[], size_t max) {
    size_t count = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        cr_assert_lt(count, max);
        lines[count] = json_loads(line, 0, NULL);
        cr_assert_not_null(lines[count], "%s", line);
        count++;
    }
    return count;
}

Test(profilectl_watch, json_has_a_change_on_a_line_and_the_token_behind_them) {
    enum { LINES_MAX = 16 };
    char token[TOKEN_SIZE];
    char id[ID_SIZE_MAX];
    json_t *lines[LINES_MAX];
    (void)token_now(token);
    make("Nora Salem", "email:nora@example.org", id);

    struct program program =
        profilectl("watch", "--from", token, "--until-caught-up", "--profile", "--output", "json");

    cr_expect_eq(program.code, 0, "%s", program.err);
    const size_t count = read_lines(program.out, lines, LINES_MAX);
    cr_assert_eq(count, 3);
    cr_expect_str_eq(json_text(lines[0], "kind"), "CHANGE_KIND_PROFILE_CREATED");
    cr_expect_str_eq(json_text(lines[0], "profileId"), id);
    cr_expect_str_eq(json_text(lines[0], "profile.name"), "Nora Salem");
    cr_expect_str_eq(json_text(lines[1], "identityType"), "email");
    cr_expect(json_is_true(json_object_get(lines[2], "caughtUp")));
    cr_expect(json_is_false(json_object_get(lines[2], "inSnapshot")));
    char last[TOKEN_SIZE];
    cr_expect_str_eq(json_text(lines[2], "resumeToken"), token_in(program.err, last));
    struct program nothing = profilectl("watch", "--from", last, "--until-caught-up");
    cr_expect_str_empty(nothing.out);
    for (size_t i = 0; i < count; i++) {
        json_decref(lines[i]);
    }
    program_free(&program);
    program_free(&nothing);
}

/* ---- what is refused ---- */

Test(profilectl_watch, what_is_refused_is_told) {
    expect_failure(EXIT_USAGE, "--kind: must be one of profile-created, ", "watch", "--kind",
                   "profile-made");
    expect_failure(EXIT_USAGE, "segment-left, segment-deleted\n", "watch", "--kind",
                   "profile-created,snapshot");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "RESUME_TOKEN_INVALID", "watch", "--from",
                   "token");
    expect_failure(EXIT_CODES + NOT_FOUND, "SEGMENT_NOT_FOUND", "watch", "--segment", "vip");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "  ^", "watch", "--filter", "town = x");
    expect_failure(EXIT_USAGE, "--from and --snapshot do not go together", "watch", "--snapshot",
                   "--from", "token");
}

/* ---- watches that go on ---- */

struct watch {
    int pid;
    FILE *out;
    FILE *err;
    char *line;
    size_t room;
    char said[TEXT_SIZE]; /* What came on standard error. */
};

/* Begins one that writes JSON; it has its first token by then, whose line is read. */
static void watch_begin(struct watch *watch) {
    const char *const words[] = {PROFILECTL_PROGRAM,     "watch", "--output", "json", "--server",
                                 fixture.server.address, NULL};
    int out;
    int err[2];
    *watch = (struct watch){.line = NULL};
    cr_assert_eq(pipe2(err, O_CLOEXEC), 0);
    watch->pid = program_begin(words, err[1], &out);
    close(err[1]);
    watch->out = fdopen(out, "r");
    watch->err = fdopen(err[0], "r");
    cr_assert_gt(getline(&watch->line, &watch->room, watch->out), 0);
    cr_expect_not_null(strstr(watch->line, "\"resumeToken\":\""), "%s", watch->line);
}

/* Reads lines until one has the text; how many that were made before it had another one. */
static size_t read_until(struct watch *watch, const char *text, const char *other) {
    size_t count = 0;
    do {
        cr_assert_gt(getline(&watch->line, &watch->room, watch->out), 0, "%s does not come", text);
        count += strstr(watch->line, other) != NULL ? 1 : 0;
    } while (strstr(watch->line, text) == NULL);
    return count;
}

/* Reads what it says until it has said the text; NULL: to the end. */
static void hear_until(struct watch *watch, const char *text) {
    while (text == NULL || strstr(watch->said, text) == NULL) {
        if (getline(&watch->line, &watch->room, watch->err) <= 0) {
            cr_assert_null(text, "%s is not said: %s", text, watch->said);
            return;
        }
        const size_t size = strlen(watch->said);
        snprintf(watch->said + size, sizeof watch->said - size, "%s", watch->line);
    }
}

/* Sends a signal, and waits. */
static void watch_end(struct watch *watch, int signal) {
    kill(watch->pid, signal);
    hear_until(watch, NULL);
    const int code = program_wait(watch->pid);
    cr_expect_eq(code, 0, "exit %d: %s", code, watch->said);
    fclose(watch->out);
    fclose(watch->err);
    free(watch->line);
}

static void expect_end_by(int signal) {
    char token[TOKEN_SIZE];
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    struct watch watch;
    watch_begin(&watch);
    make("Nora", "email:nora@example.org", one);
    (void)read_until(&watch, one, "nothing");
    (void)read_until(&watch, "resumeToken", "nothing");
    watch_end(&watch, signal);
    make("Sami", "email:sami@example.org", two);

    struct program rest =
        profilectl("watch", "--until-caught-up", "--from", token_in(watch.said, token));

    cr_expect_not_null(strstr(rest.out, two), "%s", rest.out);
    cr_expect_null(strstr(rest.out, one), "%s", rest.out);
    program_free(&rest);
}

Test(profilectl_watch, an_interrupt_ends_it_well_and_it_says_where_to_go_on) {
    expect_end_by(SIGINT);
}

Test(profilectl_watch, so_does_a_wish_to_terminate) { expect_end_by(SIGTERM); }

Test(profilectl_watch, a_watch_outlives_a_crash_of_the_server) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    struct watch watch;
    watch_begin(&watch);
    make("Nora", "email:nora@example.org", one);
    (void)read_until(&watch, "CHANGE_KIND_IDENTITY_LINKED", "nothing");
    (void)read_until(&watch, "resumeToken", "nothing");

    fixture_crash_in_place();
    make("Sami", "email:sami@example.org", two);

    cr_expect_eq(read_until(&watch, two, one), 0, "what was told is told again");
    watch_end(&watch, SIGINT);
    cr_expect_not_null(strstr(watch.said, "going on behind the last message"), "%s", watch.said);
}

/* Nobody is there to answer: the interrupt is heeded while it waits. */
Test(profilectl_watch, an_interrupt_ends_it_while_the_server_is_away) {
    char token[TOKEN_SIZE];
    struct watch watch;
    watch_begin(&watch);
    server_kill(&fixture.server);
    fixture.server.pid = 0;
    hear_until(&watch, "going on");
    watch_end(&watch, SIGINT);
    (void)token_in(watch.said, token);
}

/* ---- segments ---- */

Test(profilectl_watch, who_enters_and_leaves_a_segment_is_told) {
    char token[TOKEN_SIZE];
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    make("Nora", "email:nora@example.org", one);
    must(WORDS("profile", "update", one, "-a", "city=Riyadh"));
    (void)token_now(token);
    make_segment("riyadh", "attributes.city = riyadh");
    make_segment("all", "name:*");
    make("Sami", "email:sami@example.org", two);
    must(WORDS("profile", "update", two, "-a", "city=Riyadh"));
    must(WORDS("profile", "update", one, "-a", "city=Abha"));

    struct program program =
        profilectl("watch", "--until-caught-up", "--from", token, "--segment", "riyadh");

    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_null(strstr(program.out, "  all"), "%s", program.out);
    cr_expect_null(strstr(program.out, "profile-updated"), "%s", program.out);
    program_free(&program);
    expect_texts(WORDS("watch", "--until-caught-up", "--from", token, "--segment", "riyadh"),
                 WORDS("segment-entered       ", one, "  riyadh, filled\n", "segment-entered", two,
                       "  riyadh\n", "segment-left          ", one, "  riyadh\n"));
    expect_texts(WORDS("watch", "--until-caught-up", "--snapshot", "--segment", "riyadh,all"),
                 WORDS("snapshot              ", one, "  all\n", "snapshot", two, "  riyadh\n",
                       "snapshot", two, "  all\n"));
}
