/* profilectl as its users run it: command line in, exit code, standard output and error out. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"

enum { WORDS_MAX = 16, ROWS_MAX = 16 };

/* Runs a command line, whose words are separated by `|`. */
static int run(const char *line) {
    char *copy = strdup(line);
    char *argv[WORDS_MAX] = {(char[]){"profilectl"}};
    int argc = 1;
    char *rest = copy;
    for (char *word = strsep(&rest, "|"); word != NULL; word = strsep(&rest, "|")) {
        argv[argc++] = word;
    }
    const int code = cli_run(argc, argv);
    free(copy);
    return code;
}

static void isolate(void) {
    cr_redirect_stdout();
    cr_redirect_stderr();
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    unsetenv("PROFILED_SERVER");
    unsetenv("PROFILED_WORKSPACE");
    unsetenv("COLUMNS");
}

TestSuite(profilectl, .init = isolate);

Test(profilectl, no_command_is_wrong_usage) {
    char *argv[] = {(char[]){"profilectl"}, NULL};

    cr_assert_eq(cli_run(1, argv), EXIT_USAGE);
}

Test(profilectl, options_of_every_command_may_stand_before_it) {
    cr_expect_eq(run("--server|127.0.0.1:1|--timeout=1|-o|json|health"), EXIT_STATUS + 14);
    cr_expect_eq(run("-s127.0.0.1:1|health|--timeout|1"), EXIT_STATUS + 14);
    cr_expect_eq(run("--nonsense|health"), EXIT_USAGE);
    cr_expect_eq(run("--server|127.0.0.1:1"), EXIT_USAGE);
}

Test(profilectl, help_is_data) { cr_assert_eq(run("--help"), EXIT_DONE); }

Test(profilectl, help_tells_a_type_s_limit_from_a_list_s) {
    expect_said(ran_line(NULL, NULL, "identity|simulate|--help").out,
                "How many values of the type a profile has");
    expect_said(ran_line(NULL, NULL, "identity|merges|--help").out, "How many at most");
}

Test(profilectl, help_tells_what_a_filter_is_of) {
    expect_said(ran_line(NULL, NULL, "profile|list|--help").out, "Which profiles, as");
    expect_said(ran_line(NULL, NULL, "segment|create|--help").out, "Who is in it, as");
    expect_said(ran_line(NULL, NULL, "watch|--help").out, "Only changes of these profiles, as");
    expect_said(ran_line(NULL, NULL, "trait|create|--help").out, "Which interactions count, as");
}

Test(profilectl, help_of_a_long_name_is_in_the_column_of_the_others) {
    const struct ran ran = ran_line(NULL, NULL, "identity|--help");

    cr_expect_eq(ran.code, EXIT_DONE);
    expect_said(ran.out, "\n  identity types disable Keep what");
    expect_said(ran.out, "\n  identity never-join list\n                         List the pairs");
}

Test(profilectl, a_mistyped_command_gets_a_suggestion) {
    cr_assert_eq(run("profile|creat"), EXIT_USAGE);

    fflush(stderr);
    cr_assert_stderr_eq_str("profilectl: there is no such command\n"
                            "Did you mean `profilectl profile create`?\n"
                            "`profilectl --help` lists them all.\n");
}

Test(profilectl, another_word_for_a_command_gets_the_command) {
    static const struct {
        const char *line;
        const char *meant;
    } tests[] = {
        {"trait|define|orders", "`profilectl trait create`"},
        {"attribute|create|tier", "`profilectl attribute define`"},
        {"trait|show|orders", "`profilectl trait list`"},
        {"theme|remove|x", "`profilectl theme delete`"},
        {"segment|edit|x", "`profilectl segment update`"},
    };
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        const struct ran ran = ran_line(NULL, NULL, tests[i].line);
        cr_expect_eq(ran.code, EXIT_USAGE);
        expect_said(ran.err, tests[i].meant);
    }
}

Test(profilectl, a_file_that_cannot_be_read_is_told_with_the_reason) {
    expect_said(ran_line(NULL, NULL, "interaction|import|a_file_that_is_not_there").err,
                "can't read a_file_that_is_not_there: No such file or directory\n");
    expect_said(ran_line(NULL, NULL, "import|/").err, "can't read /: Is a directory\n");
}

Test(profilectl, a_missing_argument_ends_with_2, .exit_code = 2) { run("profile|get"); }

Test(profilectl, an_unknown_option_ends_with_2, .exit_code = 2) { run("profile|list|--nonsense"); }

Test(profilectl, an_identity_needs_a_type_and_a_value) {
    cr_assert_eq(run("profile|lookup|someone@example.org"), EXIT_USAGE);
    cr_assert_eq(run("profile|lookup|email:"), EXIT_USAGE);
    cr_assert_eq(run("profile|lookup|:x"), EXIT_USAGE);
}

Test(profilectl, a_bad_output_format_is_wrong_usage) {
    cr_assert_eq(run("profile|list|--output|xml"), EXIT_USAGE);
}

Test(profilectl, a_word_that_is_none_gets_those_that_there_are) {
    cr_assert_eq(run("review|list|--state|closed"), EXIT_USAGE);
    cr_assert_eq(run("identity|types|update|email|--normalizer|x"), EXIT_USAGE);
    cr_assert_eq(run("attribute|update|city|--survivorship|last"), EXIT_USAGE);
    cr_assert_eq(run("profile|create|--identity|email:a@b.example|--provenance|x"), EXIT_USAGE);

    fflush(stderr);
    cr_assert_stderr_eq_str(
        "profilectl: --state: must be one of open, decided, all\n"
        "profilectl: --normalizer: must be one of exact, case-fold, digits, email, phone, handle\n"
        "profilectl: --survivorship: must be one of most-recent, trusted-source, first-seen\n"
        "profilectl: --provenance: must be one of inferred, attested, verified\n");
}

Test(profilectl, an_update_needs_a_change) { cr_assert_eq(run("profile|update|1"), EXIT_USAGE); }

Test(profilectl, a_name_can_not_be_cleared) {
    cr_assert_eq(run("profile|update|1|--clear|city|--clear|name"), EXIT_USAGE);

    fflush(stderr);
    cr_assert_stderr_eq_str("profilectl: --clear: a name can't be cleared; --name sets another\n");
}

Test(profilectl, nobody_there_is_64_and_unavailable) {
    cr_assert_eq(run("profile|get|1|--server|unix:/nonexistent|--timeout|1"), 64 + 14);
}

Test(profilectl, a_missing_file_is_a_local_failure) {
    cr_assert_eq(run("import|/nonexistent.csv"), EXIT_LOCAL);
}

Test(profilectl, a_missing_column_is_wrong_usage) {
    FILE *file = fopen("a_missing_column.csv", "w");
    fputs("one,two\n1,2\n", file);
    fclose(file);

    cr_assert_eq(run("import|a_missing_column.csv|--map|three=name"), EXIT_USAGE);

    unlink("a_missing_column.csv");
}

/* Scripts are more than the pipe of redirected output holds. */
static void drop_output(void) { cr_assert_not_null(freopen("/dev/null", "w", stdout)); }
TestSuite(completion, .init = drop_output);

Test(completion, knows_bash) { cr_assert_eq(run("completion|bash"), EXIT_DONE); }

Test(completion, knows_zsh) { cr_assert_eq(run("completion|zsh"), EXIT_DONE); }

Test(completion, knows_fish) { cr_assert_eq(run("completion|fish"), EXIT_DONE); }

Test(profilectl, completion_names_the_shells_it_knows) {
    cr_assert_eq(run("completion|csh"), EXIT_USAGE);
}

/* Answers GetProfile with what it was asked for, or with what the test says. */
struct getter {
    int code;
    char workspace[FAKE_TEXT_SIZE];
};

static void get(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    static Profiled__V1__GetProfileResponse response = PROFILED__V1__GET_PROFILE_RESPONSE__INIT;
    static char id[] = "7";
    static char name[] = "Nora";
    struct getter *getter = data;
    profile.id = id;
    profile.name = name;
    response.profile = &profile;
    snprintf(getter->workspace, sizeof getter->workspace, "%s", request->workspace);
    answer->last = true;
    answer->code = getter->code;
    answer->response = getter->code == 0 ? &response.base : NULL;
}

Test(profilectl, an_answer_is_the_message_as_json) {
    struct getter getter = {0};
    struct fake_server *server = fake_server_start(get, &getter);
    setenv("PROFILED_SERVER", fake_server_address(server), 1);
    setenv("PROFILED_WORKSPACE", "shop", 1);

    cr_assert_eq(run("profile|get|7|--output|ndjson"), EXIT_DONE);

    cr_assert_str_eq(getter.workspace, "shop");
    fflush(stdout);
    cr_assert_stdout_eq_str("{\"profile\":{\"id\":\"7\",\"name\":\"Nora\"}}\n");
    fake_server_stop(server);
}

Test(profilectl, a_flag_wins_over_the_environment) {
    struct getter getter = {0};
    struct fake_server *server = fake_server_start(get, &getter);
    setenv("PROFILED_SERVER", fake_server_address(server), 1);
    setenv("PROFILED_WORKSPACE", "shop", 1);

    cr_assert_eq(run("profile|get|7|--workspace|other"), EXIT_DONE);

    cr_assert_str_eq(getter.workspace, "other");
    fake_server_stop(server);
}

Test(profilectl, a_refusal_is_64_and_its_code) {
    struct getter getter = {.code = 5};
    struct fake_server *server = fake_server_start(get, &getter);
    setenv("PROFILED_SERVER", fake_server_address(server), 1);

    cr_assert_eq(run("profile|get|7"), 64 + 5);

    fake_server_stop(server);
}

/* The importing server: takes every row, and ends the stream once after the first batch of the
 * first call where the test wants it to. */
struct importer {
    bool breaks;
    int64_t durable_row;
    int64_t rows[ROWS_MAX];
    size_t row_count;
    char names[ROWS_MAX][64];
    char import_ids[ROWS_MAX][160];
    char digest[160];      /* Of the last header. */
    const char *bad_field; /* The first row of each batch fails with it; NULL: it does not. */
    int refusal;           /* Answers batches with this status; 0: takes them. */
    uint8_t details[FAKE_DETAILS_SIZE]; /* Of the refusal. */
    size_t details_size;
};

static void answer_header(struct importer *importer, const struct fake_request *request,
                          const Profiled__V1__ImportHeader *header, struct fake_answer *answer) {
    static Profiled__V1__ImportProfilesResponse response =
        PROFILED__V1__IMPORT_PROFILES_RESPONSE__INIT;
    static Profiled__V1__ImportStarted started = PROFILED__V1__IMPORT_STARTED__INIT;
    snprintf(importer->import_ids[request->call], sizeof importer->import_ids[0], "%s",
             header->import_id);
    snprintf(importer->digest, sizeof importer->digest, "%s", header->content_digest);
    started.durable_row = importer->durable_row;
    response.payload_case = PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_STARTED;
    response.started = &started;
    answer->response = &response.base;
}

static void answer_batch(struct importer *importer, const Profiled__V1__ImportBatch *batch,
                         struct fake_answer *answer) {
    static Profiled__V1__ImportProfilesResponse response =
        PROFILED__V1__IMPORT_PROFILES_RESPONSE__INIT;
    static Profiled__V1__ImportAck ack = PROFILED__V1__IMPORT_ACK__INIT;
    static Profiled__V1__ImportCounts counts = PROFILED__V1__IMPORT_COUNTS__INIT;
    static Profiled__V1__ImportVerdict verdicts[ROWS_MAX];
    static Profiled__V1__ImportVerdict *list[ROWS_MAX];
    static Profiled__V1__FieldError error = PROFILED__V1__FIELD_ERROR__INIT;
    static Profiled__V1__FieldError *errors[] = {&error};
    static char description[] = "is bad";
    for (size_t i = 0; i < batch->n_rows; i++) {
        const Profiled__V1__ImportRow *row = batch->rows[i];
        importer->rows[importer->row_count] = row->row;
        snprintf(importer->names[importer->row_count], sizeof importer->names[0], "%s",
                 row->record->name);
        importer->row_count++;
        profiled__v1__import_verdict__init(&verdicts[i]);
        verdicts[i].row = row->row;
        verdicts[i].outcome = PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_CREATED;
        list[i] = &verdicts[i];
        importer->durable_row = row->row;
    }
    if (importer->bad_field != NULL) {
        error.field = (char *)(uintptr_t)importer->bad_field;
        error.description = description;
        verdicts[0].outcome = PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_FAILED;
        verdicts[0].errors = errors;
        verdicts[0].n_errors = 1;
    }
    counts.created = (int64_t)importer->row_count;
    ack.verdicts = list;
    ack.n_verdicts = batch->n_rows;
    ack.durable_row = importer->durable_row;
    ack.counts = &counts;
    response.payload_case = PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK;
    response.ack = &ack;
    answer->response = &response.base;
}

/* What a mapping is checked against. */
static void answer_types(struct fake_answer *answer) {
    static Profiled__V1__ListIdentityTypesResponse response =
        PROFILED__V1__LIST_IDENTITY_TYPES_RESPONSE__INIT;
    static Profiled__V1__IdentityType phone = PROFILED__V1__IDENTITY_TYPE__INIT;
    static Profiled__V1__IdentityType *types[] = {&phone};
    static char name[] = "phone";
    phone.type = name;
    response.identity_types = types;
    response.n_identity_types = sizeof types / sizeof types[0];
    answer->response = &response.base;
    answer->last = true;
}

static void take_import(void *data, const struct fake_request *request,
                        struct fake_answer *answer) {
    struct importer *importer = data;
    if (strcmp(request->path, "/profiled.v1.IdentityService/ListIdentityTypes") == 0) {
        answer_types(answer);
        return;
    }
    Profiled__V1__ImportProfilesRequest *got =
        profiled__v1__import_profiles_request__unpack(NULL, request->size, request->bytes);
    if (got->payload_case == PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER) {
        answer_header(importer, request, got->header, answer);
    } else if (importer->refusal != 0) {
        answer->last = true;
        answer->code = importer->refusal;
        answer->details = importer->details;
        answer->details_size = importer->details_size;
    } else {
        answer_batch(importer, got->batch, answer);
        if (importer->breaks) { /* What came is durable, and the answer is lost. */
            importer->breaks = false;
            answer->response = NULL;
            answer->last = true;
            answer->code = 14;
        }
    }
    profiled__v1__import_profiles_request__free_unpacked(got, NULL);
}

/* Imports the text under the options, with the verdicts' file as a run before left it, NULL for
 * none; the verdicts come back in `verdicts`. */
static int import_again(struct importer *importer, const char *text, const char *options,
                        const char *before, char *verdicts, size_t size) {
    char path[] = "profilectl_XXXXXX";
    char out_path[64];
    const int descriptor = mkstemp(path);
    cr_assert_geq(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(text, file);
    fclose(file);
    snprintf(out_path, sizeof out_path, "%s.out", path);
    if (before != NULL) {
        FILE *left = fopen(out_path, "w");
        fputs(before, left);
        fclose(left);
    }
    struct fake_server *server = fake_server_start(take_import, importer);
    setenv("PROFILED_SERVER", fake_server_address(server), 1);
    char line[512];
    snprintf(line, sizeof line, "import|%s|--verdicts|%s%s%s", path, out_path,
             options[0] == '\0' ? "" : "|", options);
    const int code = run(line);
    fake_server_stop(server);
    FILE *out = fopen(out_path, "r");
    const size_t got = out == NULL ? 0 : fread(verdicts, 1, size - 1, out);
    verdicts[got] = '\0';
    if (out != NULL) {
        fclose(out);
    }
    unlink(path);
    unlink(out_path);
    return code;
}

static int import_text(struct importer *importer, const char *text, const char *options,
                       char *verdicts, size_t size) {
    return import_again(importer, text, options, NULL, verdicts, size);
}

/* What was written to standard error, which is redirected. */
static void read_stderr(char *out, size_t size) {
    fflush(stderr);
    FILE *file = cr_get_redirected_stderr();
    const size_t got = fread(out, 1, size - 1, file);
    out[got] = '\0';
}

static const char CREATED[] = "{\"row\":%d,\"line\":%d,\"outcome\":\"created\",\"profile_id\":\"\","
                              "\"errors\":[]}\n";

Test(profilectl, an_import_takes_every_row) {
    struct importer importer = {0};
    char verdicts[1024];
    char expected[1024];

    const int code = import_text(&importer, "Name,E-mail\nNora,nora@example.org\nMona,\n", "",
                                 verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_DONE);
    cr_assert_eq(importer.row_count, 2);
    cr_assert_str_eq(importer.names[1], "Mona");
    const int used = snprintf(expected, sizeof expected, CREATED, 1, 2);
    snprintf(expected + used, sizeof expected - (size_t)used, CREATED, 2, 3);
    cr_assert_str_eq(verdicts, expected);
}

Test(profilectl, a_bad_row_fails_alone_and_is_told) {
    struct importer importer = {0};
    char verdicts[1024];

    const int code =
        import_text(&importer, "name,email\nNora,x,y\n\"Mona,z\nHuda,h@example.org\n\xff,b\n", "",
                    verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_LOCAL);
    cr_assert_eq(importer.row_count, 1);
    cr_assert_eq(importer.rows[0], 3);
    cr_assert_not_null(strstr(verdicts, "\"row\":1,\"line\":2,\"outcome\":\"failed\""));
    cr_assert_not_null(strstr(verdicts, "has too many fields: 3, where the header has 2"));
    cr_assert_not_null(strstr(verdicts, "\"row\":2,\"line\":3,\"outcome\":\"failed\""));
    cr_assert_not_null(strstr(verdicts, "\"field\":\"name\",\"description\":\"is not UTF-8\""));
}

Test(profilectl, a_broken_connection_costs_nothing) {
    struct importer importer = {.breaks = true};
    char verdicts[1024];

    const int code =
        import_text(&importer, "name\nA\nB\nC\nD\n", "--batch|2", verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_DONE);
    cr_assert_eq(importer.row_count, 4, "each row is sent once");
    cr_assert_eq(importer.rows[3], 4);
    cr_assert_str_eq(importer.import_ids[0], importer.import_ids[1]);
}

Test(profilectl, an_import_goes_on_after_the_last_durable_row) {
    struct importer importer = {.durable_row = 3};
    char verdicts[1024];

    const int code = import_text(&importer, "name\nA\nB\nC\nD\n", "", verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_DONE);
    cr_assert_eq(importer.row_count, 1);
    cr_assert_eq(importer.rows[0], 4);
}

Test(profilectl, the_same_import_has_the_same_id) {
    struct importer first = {0};
    struct importer second = {0};
    struct importer other = {0};
    char verdicts[1024];

    import_text(&first, "name\nA\n", "", verdicts, sizeof verdicts);
    import_text(&second, "name\nA\n", "", verdicts, sizeof verdicts);
    import_text(&other, "name\nA\n", "--policy|skip", verdicts, sizeof verdicts);

    cr_assert_str_eq(first.import_ids[0], second.import_ids[0]);
    cr_assert_str_neq(first.import_ids[0], other.import_ids[0]);
}

Test(profilectl, ndjson_records_are_rows) {
    struct importer importer = {0};
    char verdicts[1024];

    const int code = import_text(&importer,
                                 "{\"name\":\"Nora\",\"attributes\":{\"city\":\"Riyadh\"}}\n"
                                 "\n"
                                 "{\"name\":5}\nnonsense\n{\"name\":\"Mona\"}",
                                 "", verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_LOCAL);
    cr_assert_eq(importer.row_count, 2);
    cr_assert_eq(importer.rows[1], 4);
    cr_assert_not_null(
        strstr(verdicts, "\"row\":2,\"line\":3,\"outcome\":\"failed\",\"profile_id\":\"\","
                         "\"errors\":[{\"field\":\"name\",\"description\":\"must be a string\"}]"));
}

Test(profilectl, columns_of_a_name_are_joined) {
    struct importer importer = {0};
    char verdicts[1024];

    import_text(&importer, "a,b,c\n Nora , Salem ,x\n", "--map|a=name|--map|b=name", verdicts,
                sizeof verdicts);

    cr_assert_str_eq(importer.names[0], "Nora Salem");
}

Test(profilectl, an_import_tells_what_its_content_is) {
    struct importer first = {0};
    struct importer again = {0};
    struct importer other = {0};
    char verdicts[1024];

    import_text(&first, "name\nA\n", "--import-id|night", verdicts, sizeof verdicts);
    import_text(&again, "name\nA\n", "--import-id|night", verdicts, sizeof verdicts);
    import_text(&other, "name\nB\n", "--import-id|night", verdicts, sizeof verdicts);

    cr_assert_str_neq(first.digest, "");
    cr_assert_str_eq(first.digest, again.digest);
    cr_assert_str_neq(first.digest, other.digest);
}

Test(profilectl, half_a_line_of_verdicts_is_cut_and_what_is_lost_is_told) {
    struct importer importer = {.durable_row = 3};
    char verdicts[1024];
    char expected[1024];
    char told[4096];
    char before[1024];
    int used = snprintf(before, sizeof before, CREATED, 1, 2);
    snprintf(before + used, sizeof before - (size_t)used, "{\"row\":2,\"li");

    const int code =
        import_again(&importer, "name\nA\nB\nC\nD\n", "", before, verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_DONE);
    used = snprintf(expected, sizeof expected, CREATED, 1, 2);
    snprintf(expected + used, sizeof expected - (size_t)used, CREATED, 4, 5);
    cr_assert_str_eq(verdicts, expected);
    read_stderr(told, sizeof told);
    cr_assert_not_null(strstr(told, "rows 2-3 are in and have no line in "), "%s", told);
}

Test(profilectl, a_row_that_failed_here_is_told_once) {
    struct importer importer = {0};
    struct importer again = {.durable_row = 1};
    char first[1024];
    char second[1024];

    cr_assert_eq(import_text(&importer, "name,city\nA,b\nC\n", "", first, sizeof first),
                 EXIT_LOCAL);
    cr_assert_eq(import_again(&again, "name,city\nA,b\nC\n", "", first, second, sizeof second),
                 EXIT_LOCAL);

    cr_assert_eq(again.row_count, 0);
    cr_assert_not_null(strstr(first, "\"row\":2,"));
    cr_assert_str_eq(first, second);
}

Test(profilectl, a_failure_here_that_was_not_told_is_told_later) {
    struct importer importer = {.durable_row = 2};
    char verdicts[1024];

    import_again(&importer, "name,city\nA\nC,d\n", "", "", verdicts, sizeof verdicts);

    cr_assert_not_null(strstr(verdicts, "\"row\":1,"), "%s", verdicts);
    cr_assert_null(strstr(verdicts, "\"row\":2,"), "%s", verdicts);
}

Test(profilectl, a_header_in_another_encoding_is_refused) {
    struct importer importer = {0};
    char verdicts[1024];
    char told[4096];

    const int code =
        import_text(&importer, "name,\xc7\xe1\nNora,x\n", "", verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_LOCAL);
    cr_assert_eq(importer.row_count, 0);
    read_stderr(told, sizeof told);
    cr_assert_not_null(strstr(told, "iconv -f CP1256 -t UTF-8"), "%s", told);
}

Test(profilectl, a_column_that_goes_nowhere_must_be_text_too) {
    struct importer importer = {0};
    char verdicts[1024];

    const int code =
        import_text(&importer, "name,shoe\nNora,\xe9\nMona,x\n", "", verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_LOCAL);
    cr_assert_eq(importer.row_count, 1);
    cr_assert_not_null(strstr(verdicts, "\"field\":\"shoe\",\"description\":\"is not UTF-8\""));
}

Test(profilectl, a_bad_cell_is_told_with_its_column_and_without_its_escapes) {
    struct importer importer = {.bad_field = "identities[0].value"};
    char verdicts[1024];
    char told[4096];

    const int code = import_text(&importer, "name,phone,mobile\033[31m\nNora,,0501\n",
                                 "--map|name=name|--map|phone=identity.phone|"
                                 "--map|mobile\033[31m=identity.phone",
                                 verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_DONE); /* By the counts that the server told. */
    cr_assert_not_null(strstr(verdicts, "\"column\":\"mobile\\u001B[31m\""), "%s", verdicts);
    cr_assert_not_null(strstr(verdicts, "\"field\":\"identities[0].value\""));
    read_stderr(told, sizeof told);
    cr_assert_null(strchr(told, '\033'), "%s", told);
}

Test(profilectl, a_dry_run_that_broke_off_can_not_go_on) {
    struct importer importer = {.refusal = 8};
    char verdicts[1024];
    char told[4096];

    const int code = import_text(&importer, "name\nNora\n", "--dry-run", verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_STATUS + 8);
    read_stderr(told, sizeof told);
    cr_assert_not_null(strstr(told, "the dry run broke off; nothing was changed"), "%s", told);
    cr_assert_null(strstr(told, "goes on with it"), "%s", told);
}

Test(profilectl, an_import_that_another_run_has_overtaken_says_so) {
    struct importer importer = {.refusal = 3};
    char verdicts[1024];
    char told[4096];
    importer.details_size = fake_violation("batch.rows[0].row", "", importer.details);

    const int code = import_text(&importer, "name\nNora\n", "", verdicts, sizeof verdicts);

    cr_assert_eq(code, EXIT_STATUS + 3);
    read_stderr(told, sizeof told);
    cr_assert_not_null(strstr(told, "is under way and is ahead of this one"), "%s", told);
}

/* Answers ListProfiles with three pages of one profile. */
static void list(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    static Profiled__V1__Profile *profiles[] = {&profile};
    static Profiled__V1__ListProfilesResponse response = PROFILED__V1__LIST_PROFILES_RESPONSE__INIT;
    static char ids[][2] = {"1", "2", "3"};
    static char tokens[][2] = {"a", "b", ""};
    size_t *page = data;
    profile.id = ids[*page];
    response.profiles = profiles;
    response.n_profiles = 1;
    response.next_page_token = tokens[*page];
    (*page)++;
    answer->last = true;
    answer->response = &response.base;
    (void)request;
}

static void check_list(const char *line, const char *expected) {
    size_t page = 0;
    struct fake_server *server = fake_server_start(list, &page);
    setenv("PROFILED_SERVER", fake_server_address(server), 1);

    cr_assert_eq(run(line), EXIT_DONE);

    fflush(stdout);
    cr_assert_stdout_eq_str(expected);
    fake_server_stop(server);
}

Test(profilectl, a_list_is_one_json_document) {
    check_list("profile|list|--all|--output|json",
               "{\n  \"profiles\": [\n    {\n      \"id\": \"1\"\n    },\n    {\n"
               "      \"id\": \"2\"\n    },\n    {\n      \"id\": \"3\"\n    }\n  ]\n}\n");
}

Test(profilectl, a_list_that_ends_early_says_where_it_goes_on) {
    check_list("profile|list|--limit|2|--output|json",
               "{\n  \"profiles\": [\n    {\n      \"id\": \"1\"\n    },\n    {\n"
               "      \"id\": \"2\"\n    }\n  ],\n  \"nextPageToken\": \"b\"\n}\n");
}

Test(profilectl, a_list_in_lines_is_one_item_a_line) {
    check_list("profile|list|--all|--output|ndjson",
               "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n");
}

Test(profilectl, a_json_file_that_is_not_there_is_a_local_failure) {
    cr_assert_eq(run("profile|create|--json|/nonexistent.json"), EXIT_LOCAL);

    fflush(stderr);
    cr_assert_stderr_eq_str(
        "profilectl: can't open /nonexistent.json: No such file or directory\n");
}

Test(profilectl, a_weights_file_that_is_not_there_is_a_local_failure) {
    cr_assert_eq(run("identity|suggest|--weights|/nonexistent.json"), EXIT_LOCAL);

    fflush(stderr);
    cr_assert_stderr_eq_str(
        "profilectl: can't open /nonexistent.json: No such file or directory\n");
}

Test(profilectl, the_time_of_a_name_can_not_be_told) {
    cr_assert_eq(run("profile|update|1|--name|Nora|--time|2026-01-31T12:00:00Z"), EXIT_USAGE);
    cr_assert_eq(run("profile|update|1|--clear|job|--time|2026-01-31T12:00:00Z"), EXIT_USAGE);
}

/* Runs a command under this context file. */
static int run_under(const char *text, const char *line) {
    char base[256];
    cr_assert_not_null(getcwd(base, sizeof base));
    const size_t used = strlen(base);
    snprintf(base + used, sizeof base - used, "/context_XXXXXX");
    cr_assert_not_null(mkdtemp(base));
    char folder[300];
    char path[330];
    snprintf(folder, sizeof folder, "%s/profilectl", base);
    snprintf(path, sizeof path, "%s/context.json", folder);
    cr_assert_eq(mkdir(folder, 0700), 0);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    setenv("XDG_CONFIG_HOME", base, 1);

    const int code = run(line);

    unlink(path);
    rmdir(folder);
    rmdir(base);
    return code;
}

/* A context file that must be refused, and `part` be told. */
static void check_context(const char *text, const char *part) {
    char told[4096];
    cr_assert_eq(run_under(text, "profile|get|1"), EXIT_LOCAL);
    read_stderr(told, sizeof told);
    cr_assert_not_null(strstr(told, "context.json: "), "%s", told);
    cr_assert_not_null(strstr(told, part), "%s", told);
}

Test(profilectl, a_context_must_be_an_object) { check_context("[1]", "must be an object"); }

Test(profilectl, a_context_must_be_json) { check_context("{\n\"server\":", "near line 2"); }

Test(profilectl, an_unknown_setting_is_told) {
    check_context("{\"sevrer\": \"x\"}", "`sevrer` is no setting");
}

Test(profilectl, a_setting_is_a_string) {
    check_context("{\"workspace\": 5}", "`workspace` must be a string");
}

Test(profilectl, the_output_of_a_context_is_checked) {
    check_context("{\"output\": \"xml\"}", "`output` must be table, json or ndjson");
}

Test(profilectl, what_asks_no_server_does_not_read_the_context) {
    cr_assert_eq(run_under("nonsense", "completion|bash"), EXIT_DONE);
    cr_assert_eq(run_under("nonsense", "version"), EXIT_DONE);
}
