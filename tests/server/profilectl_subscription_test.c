/* profilectl against the server: subscriptions, what is taken out of them, and what is said of it.
 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/server/profilectl.h"
#include "tests/server/program.h"

TestSuite(profilectl_subscription, .init = fixture_setup, .fini = fixture_teardown, .timeout = 120);

enum { EXIT_LOCAL = 1, COMMAND_SIZE = 1024, ACK_ID_SIZE = 64 };

static void must(const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_assert_eq(program.code, 0, "%s", program.err);
    program_free(&program);
}

/* Runs a command that must succeed; what it says on standard error is in `text`'s. */
static void expect_told(const char *text, const char *const *words) {
    struct program program = profilectl_run(words, NULL);
    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_neq(strstr(program.err, text), NULL, "%s", program.err);
    program_free(&program);
}

static void make_of_created(const char *name, const char *max_attempts) {
    must(WORDS("subscription", "create", name, "--kind", "profile-created", "--max-attempts",
               max_attempts));
}

static void make_person(const char *name) { must(WORDS("profile", "create", "--name", name)); }

/* So many persons, by one import. */
static void make_people(size_t count) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "{\"name\": \"Person %zu\"}\n", i);
    }
    fclose(out);
    must(WORDS("import", profilectl_file("people.ndjson", text)));
    free(text);
}

/* A count of the subscription. */
static long count_of(const char *name, const char *field) {
    char path[ACK_ID_SIZE];
    json_t *json = profilectl_json(0, "subscription", "show", name);
    snprintf(path, sizeof path, "subscription.%s", field);
    const long count = strtol(json_text(json, path), NULL, 10);
    json_decref(json);
    return count;
}

/* The first of the JSON lines; NULL for none. The caller's. */
static json_t *first_line(const char *lines) {
    return json_loads(lines, JSON_DISABLE_EOF_CHECK, NULL);
}

static size_t count_lines(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '\n' ? 1 : 0;
    }
    return count;
}

/* Pulls one as JSON; its ack id. */
static void pull_one(const char *name, char ack_id[ACK_ID_SIZE]) {
    struct program pulled =
        profilectl("subscription", "pull", name, "--max", "1", "--output", "json");
    json_t *json = first_line(pulled.out);
    cr_assert_neq(json, NULL, "%s", pulled.err);
    snprintf(ack_id, ACK_ID_SIZE, "%s", json_text(json, "ackId"));
    json_decref(json);
    program_free(&pulled);
}

/* Writes the ack ids of JSON lines, one a line, behind others. */
static void write_ids(const char *lines, FILE *out) {
    while (*lines != '\0') {
        json_t *json = first_line(lines);
        fprintf(out, "%s\n", json_text(json, "ackId"));
        json_decref(json);
        lines = strchr(lines, '\n') + 1;
    }
}

/* ---- subscriptions ---- */

Test(profilectl_subscription, create_list_show_and_delete) {
    expect_texts(WORDS("subscription", "list"), WORDS("No subscriptions.\n"));
    expect_texts(
        WORDS("subscription", "create", "mails", "--kind", "profile-created,profile-updated",
              "--filter", "attributes.city = \"Riyadh\"", "--ack-seconds", "120", "--max-attempts",
              "3"),
        WORDS("Subscription  mails", "profile created, profile updated",
              "attributes.city = \"Riyadh\"", "120 s", "3 at most", "Out           0",
              "Pending       0\n", "Dead          0", "Delivered     0", "Acknowledged  0"));
    must(WORDS("subscription", "create", "calls", "--dry-run"));
    must(WORDS("subscription", "create", "all-of-it"));
    make_person("Nora Salem");

    expect_texts(WORDS("subscription", "show", "all-of-it"),
                 WORDS("Kinds         all", "Attempts      5", "Pending       1, the oldest for "));
    expect_texts(WORDS("subscription", "list"),
                 WORDS("SUBSCRIPTION", "OLDEST", "ACKNOWLEDGED", "all-of-it", "all", "mails",
                       "profile created, profile updated; attributes.city"));
    json_t *json = profilectl_json(0, "subscription", "list");
    cr_expect_str_eq(json_text(json, "subscriptions.1.name"), "mails");
    cr_expect_str_eq(json_text(json, "subscriptions.2.name"), "", "a dry run made one");
    cr_expect_eq(json_number(json, "subscriptions.1.ackSeconds"), 120);
    json_decref(json);
    expect_texts(WORDS("subscription", "delete", "mails"), WORDS("Subscription  mails"));
    expect_failure(EXIT_CODES + NOT_FOUND, "SUBSCRIPTION_NOT_FOUND", "subscription", "show",
                   "mails");
}

Test(profilectl_subscription, what_is_refused_names_the_option) {
    make_of_created("mails", "5");

    expect_failure(EXIT_CODES + ALREADY_EXISTS, "SUBSCRIPTION_EXISTS", "subscription", "create",
                   "mails");
    expect_failure(EXIT_CODES + NOT_FOUND, "SEGMENT_NOT_FOUND", "subscription", "create", "vip",
                   "--segment", "vip");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--ack-seconds, subscription.ack_seconds",
                   "subscription", "create", "x", "--ack-seconds", "9");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--segment, subscription.segments[1]",
                   "subscription", "create", "x", "--segment", "vip,VIP");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "\n             ^\n", "subscription", "create",
                   "x", "--filter", "attributes.citty = 1");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--max, max_changes", "subscription", "pull",
                   "mails", "--max", "501");
    expect_failure(EXIT_USAGE, "--kind: must be one of profile-created, ", "subscription", "create",
                   "x", "--kind", "made");
    expect_failure(EXIT_USAGE, "segment-left, segment-deleted\n", "subscription", "create", "x",
                   "--kind", "snapshot");
    expect_failure(EXIT_USAGE, "--ack and --dry-run", "subscription", "pull", "mails", "--ack",
                   "--dry-run");
    expect_failure(EXIT_USAGE, "either ids or --file", "subscription", "ack", "mails");
    expect_failure(EXIT_USAGE, "either ids or --file", "subscription", "ack", "mails", "1.0.1.0",
                   "--file", "-");
    expect_failure(EXIT_USAGE, "is no ack id", "subscription", "ack", "mails", "1.0.1.0 ");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "ack_ids[1]", "subscription", "ack", "mails",
                   "1.0.1.0", "one");
    expect_failure(EXIT_CODES + NOT_FOUND, "SUBSCRIPTION_NOT_FOUND", "subscription", "dead-drop",
                   "calls", "1.0.1.0");
}

/* ---- pull ---- */

Test(profilectl_subscription, pull_prints_a_line_a_change) {
    char nora[ID_SIZE_MAX];
    must(WORDS("subscription", "create", "all-of-it"));
    expect_told("Nothing to deliver: 0 out, 0 pending\n",
                WORDS("subscription", "pull", "all-of-it"));
    make("Nora Salem", "email:nora@example.org", nora);
    must(WORDS("profile", "update", nora, "--attribute", "city=Jeddah"));
    must(WORDS("interaction", "record", "--profile", nora, "--source", "shop", "--activity",
               "order_placed"));

    expect_texts(WORDS("subscription", "pull", "all-of-it", "--dry-run"),
                 WORDS("ACK ID", "TRY", "profile created", nora));
    expect_texts(WORDS("subscription", "pull", "all-of-it"),
                 WORDS("ACK ID", "TRY", "TIME", "KIND", "PROFILE", "WHAT", ".0", "1",
                       "profile created", nora, "identity linked", nora, "email\n",
                       "profile updated", nora, "attributes.city", "interaction recorded", nora,
                       "activity, "));
    cr_expect_eq(count_of("all-of-it", "outstandingCount"),
                 count_of("all-of-it", "deliveredCount"));
    struct program again = profilectl("subscription", "pull", "all-of-it", "--output", "ndjson");
    cr_expect_str_empty(again.out);
    program_free(&again);
}

Test(profilectl_subscription, pull_acknowledges_what_it_has_printed) {
    make_of_created("mails", "5");
    make_person("Nora Salem");
    make_person("Sami Haddad");
    make_person("Huda Karam");

    struct program pulled =
        profilectl("subscription", "pull", "mails", "--max", "2", "--ack", "--output", "json");
    cr_expect_eq(pulled.code, 0, "%s", pulled.err);
    cr_expect_eq(count_lines(pulled.out), 2, "%s", pulled.out);
    cr_expect_neq(strstr(pulled.err, "2 acknowledged"), NULL, "%s", pulled.err);
    json_t *json = first_line(pulled.out);
    cr_expect_str_eq(json_text(json, "change.kind"), "CHANGE_KIND_PROFILE_CREATED");
    cr_expect_eq(json_number(json, "attempt"), 1);
    json_decref(json);
    program_free(&pulled);
    cr_expect_eq(count_of("mails", "acknowledgedCount"), 2);
    cr_expect_eq(count_of("mails", "outstandingCount"), 0);
    cr_expect_eq(count_of("mails", "pendingCount"), 1);
}

Test(profilectl_subscription, what_could_not_be_written_is_not_acknowledged) {
    char command[COMMAND_SIZE];
    make_of_created("mails", "5");
    make_person("Nora Salem");
    snprintf(command, sizeof command, "%s subscription pull mails --ack --server %s >/dev/full",
             PROFILECTL_PROGRAM, fixture.server.address);

    struct program pulled =
        program_run((const char *const[]){"/bin/sh", "-c", command, NULL}, NULL);
    cr_expect_eq(pulled.code, EXIT_LOCAL, "%s", pulled.err);
    cr_expect_neq(strstr(pulled.err, "Not acknowledged"), NULL, "%s", pulled.err);
    program_free(&pulled);
    cr_expect_eq(count_of("mails", "acknowledgedCount"), 0);
    cr_expect_eq(count_of("mails", "outstandingCount"), 1);
}

/* ---- what became of them ---- */

Test(profilectl_subscription, ack_and_retry_by_words) {
    char ack_id[ACK_ID_SIZE];
    make_of_created("mails", "5");
    make_person("Nora Salem");
    pull_one("mails", ack_id);

    expect_texts(WORDS("subscription", "ack", "mails", ack_id, "--dry-run"),
                 WORDS("1 acknowledged\n"));
    expect_texts(WORDS("subscription", "retry", "mails", ack_id),
                 WORDS("1 to be delivered again\n"));
    expect_texts(WORDS("subscription", "pull", "mails"), WORDS("2", "profile created"));
    json_t *json = profilectl_json(0, "subscription", "ack", "mails", ack_id, "999.0.1.0");
    cr_expect_str_eq(json_text(json, "acknowledgedCount"), "1");
    cr_expect_str_eq(json_text(json, "missingCount"), "1");
    json_decref(json);
    expect_texts(WORDS("subscription", "ack", "mails", ack_id),
                 WORDS("0 acknowledged, 1 out no more\n"));
}

Test(profilectl_subscription, ids_of_a_file_go_in_batches) {
    char *ids = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&ids, &size);
    make_of_created("mails", "5");
    make_people(1000);
    for (int i = 0; i < 2; i++) {
        struct program pulled =
            profilectl("subscription", "pull", "mails", "--max", "500", "--output", "json");
        cr_assert_eq(count_lines(pulled.out), 500, "%s", pulled.err);
        write_ids(pulled.out, out);
        program_free(&pulled);
    }
    expect_told("Nothing to deliver: 1000 out, 0 pending", WORDS("subscription", "pull", "mails"));
    fputs("\r\n999999.0.1.0\r\n\n", out);
    fflush(out);
    struct program taken =
        profilectl_run(WORDS("subscription", "ack", "mails", "--file", "-", "--dry-run"), ids);
    cr_expect_str_eq(taken.out, "1000 acknowledged, 1 out no more\n");
    program_free(&taken);
    fputs("no id\n", out);
    fclose(out);

    const char *const file = profilectl_file("ids.txt", ids);
    struct program broken = profilectl("subscription", "ack", "mails", "--file", file);
    cr_expect_eq(broken.code, EXIT_LOCAL);
    cr_expect_neq(strstr(broken.err, "line 1004: is no ack id"), NULL, "%s", broken.err);
    cr_expect_neq(strstr(broken.err, "Of those before: 1000 acknowledged"), NULL, "%s", broken.err);
    cr_expect_eq(count_of("mails", "acknowledgedCount"), 1000);
    cr_expect_eq(count_of("mails", "outstandingCount"), 0);
    program_free(&broken);
    free(ids);
}

Test(profilectl_subscription, lines_that_are_refused_are_named) {
    make_of_created("mails", "5");
    expect_failure(EXIT_CODES + INVALID_ARGUMENT, "--file line 3, ack_ids[1]", "subscription",
                   "ack", "mails", "--file", profilectl_file("ids.txt", "1.0.1.0\n\none\n"));
    expect_failure(EXIT_LOCAL, "line 1: is no ack id", "subscription", "ack", "mails", "--file",
                   profilectl_file("rows.txt", "{\"ackId\": \"1.0.1.0\"}\n"));
    expect_failure(EXIT_USAGE, "can't open", "subscription", "ack", "mails", "--file",
                   "/nowhere/ids");
    struct program nothing =
        profilectl_run(WORDS("subscription", "ack", "mails", "--file", "-"), "");
    cr_expect_eq(nothing.code, 0, "%s", nothing.err);
    cr_expect_str_eq(nothing.out, "0 acknowledged\n");
    program_free(&nothing);
}

/* ---- dead letters ---- */

/* Delivers all there is once, gives it back, and finds it dead. */
static void let_die(const char *name, size_t count) {
    struct program pulled =
        profilectl("subscription", "pull", name, "--max", "500", "--output", "json");
    cr_assert_eq(count_lines(pulled.out), count, "%s", pulled.err);
    char *ids = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&ids, &size);
    write_ids(pulled.out, out);
    fclose(out);
    struct program back = profilectl_run(WORDS("subscription", "retry", name, "--file", "-"), ids);
    cr_assert_eq(back.code, 0, "%s", back.err);
    program_free(&back);
    program_free(&pulled);
    free(ids);
    expect_told("Put aside as dead letters: ", WORDS("subscription", "pull", name));
}

Test(profilectl_subscription, dead_letters_are_listed_retried_and_dropped) {
    make_of_created("mails", "1");
    expect_texts(WORDS("subscription", "dead", "mails"), WORDS("No dead letters.\n"));
    make_person("Nora Salem");
    make_person("Sami Haddad");
    make_person("Huda Karam");
    let_die("mails", 3);
    json_t *json = profilectl_json(0, "subscription", "dead", "mails");
    cr_assert_eq(json_array_size(json_object_get(json, "deliveries")), 3);
    const char *first = json_text(json, "deliveries.0.ackId");
    const char *second = json_text(json, "deliveries.1.ackId");

    expect_texts(WORDS("subscription", "dead", "mails"),
                 WORDS("ACK ID", first, "profile created", second));
    expect_texts(WORDS("subscription", "dead-retry", "mails", first, "999.0.1.0"),
                 WORDS("1 to be delivered again, 1 not among the dead letters\n"));
    expect_texts(WORDS("subscription", "dead-drop", "mails", second), WORDS("1 dropped\n"));
    expect_texts(WORDS("subscription", "pull", "mails"), WORDS(".2.", "1", "profile created"));
    cr_expect_eq(count_of("mails", "deadCount"), 1);
    json_decref(json);
}

Test(profilectl_subscription, dead_letters_come_page_after_page) {
    make_of_created("mails", "1");
    make_people(60);
    let_die("mails", 60);

    expect_told("There are more: --all", WORDS("subscription", "dead", "mails", "--limit", "20"));
    struct program all = profilectl("subscription", "dead", "mails", "--all", "--output", "ndjson");
    cr_expect_eq(count_lines(all.out), 60, "%s", all.err);
    program_free(&all);
    expect_texts(WORDS("subscription", "show", "mails"), WORDS("Dead          60\n"));
}

Test(profilectl_subscription, watch_streams_and_moves_on) {
    make_of_created("mails", "5");
    make_person("Nora");
    expect_texts(WORDS("watch", "--subscription", "mails", "--until-caught-up"),
                 WORDS("profile-created"));
    cr_expect_eq(count_of("mails", "pendingCount"), 0);
    make_person("Huda");
    make_person("Sara");
    struct program program =
        profilectl("watch", "--subscription", "mails", "--profile", "--until-caught-up");
    cr_expect_eq(program.code, 0, "%s", program.err);
    cr_expect_eq(count_lines(program.out), 2, "%s", program.out);
    cr_expect_neq(strstr(program.out, "Huda"), NULL, "%s", program.out);
    cr_expect_str_empty(program.err); /* There is no token to keep. */
    program_free(&program);
    expect_failure(EXIT_USAGE, "--subscription and --filter do not go together", "watch",
                   "--subscription", "mails", "--filter", "sara");
    expect_failure(EXIT_CODES + NOT_FOUND, "SUBSCRIPTION_NOT_FOUND", "watch", "--subscription",
                   "letters");
}
