/* `interaction import` against a server that answers as the test says: batches on their way
 * together, connections that break, what was sent twice. */

#include "client/cli/command.h"
#include "tests/client/fake_server.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiled/v1/interaction_service.pb-c.h"

enum { WORDS_MAX = 16, ROWS_MAX = 64, CALLS_MAX = 4, TEXT_SIZE = 1 << 14 };

static void isolate(void) {
    cr_redirect_stdout();
    cr_redirect_stderr();
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    unsetenv("PROFILED_WORKSPACE");
    unsetenv("COLUMNS");
}

TestSuite(interaction_import, .init = isolate, .timeout = 60);

/* A server that takes a stream of interactions. */
struct taker {
    size_t silent_batches; /* That are not answered, from the first on; */
    bool forgets;          /* nor durable. */
    size_t breaks_at; /* Breaks the first call instead of answering its batch of this number. */
    int64_t durable;  /* What the store holds. */
    int64_t told_durable_max; /* What the header is told at most; 0: the truth. */
    const char *bad_field;    /* The first of each batch fails with it; NULL: none does. */
    bool answers_nonsense;    /* A header's answer to a batch. */

    size_t calls;
    size_t batches;
    int64_t rows[ROWS_MAX]; /* As they came. */
    size_t row_count;
    int64_t stored; /* Rows that were not skipped. */
    char stream_ids[CALLS_MAX][160];
    char source[64];
    char digest[160];
};

static void answer_header(struct taker *taker, const Profiled__V1__InteractionStreamHeader *header,
                          struct fake_answer *answer) {
    static Profiled__V1__StreamInteractionsResponse response =
        PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__INIT;
    static Profiled__V1__InteractionStreamStarted started =
        PROFILED__V1__INTERACTION_STREAM_STARTED__INIT;
    snprintf(taker->stream_ids[taker->calls++ % CALLS_MAX], sizeof taker->stream_ids[0], "%s",
             header->stream_id);
    snprintf(taker->source, sizeof taker->source, "%s", header->source);
    snprintf(taker->digest, sizeof taker->digest, "%s", header->content_digest);
    const bool hides = taker->told_durable_max > 0 && taker->told_durable_max < taker->durable;
    started.durable_sequence = hides ? taker->told_durable_max : taker->durable;
    response.payload_case = PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_STARTED;
    response.started = &started;
    answer->response = &response.base;
}

static void take_batch(struct taker *taker, const Profiled__V1__InteractionBatch *batch,
                       bool is_kept, Profiled__V1__InteractionStreamAck *ack) {
    static Profiled__V1__SequencedVerdict verdicts[ROWS_MAX];
    static Profiled__V1__SequencedVerdict *list[ROWS_MAX];
    static Profiled__V1__InteractionVerdict verdict;
    static Profiled__V1__InteractionVerdict failure;
    static Profiled__V1__RecordInteractionResponse recorded;
    static Profiled__V1__FieldError error;
    static Profiled__V1__FieldError *errors[] = {&error};
    profiled__v1__interaction_verdict__init(&verdict);
    profiled__v1__interaction_verdict__init(&failure);
    profiled__v1__record_interaction_response__init(&recorded);
    profiled__v1__field_error__init(&error);
    verdict.recorded = &recorded;
    error.field = (char *)(uintptr_t)taker->bad_field;
    failure.errors = errors;
    failure.n_errors = 1;
    for (size_t i = 0; i < batch->n_interactions; i++) {
        const int64_t sequence = batch->interactions[i]->sequence;
        cr_assert_lt(taker->row_count, ROWS_MAX);
        taker->rows[taker->row_count++] = sequence;
        profiled__v1__sequenced_verdict__init(&verdicts[i]);
        list[i] = &verdicts[i];
        verdicts[i].sequence = sequence;
        verdicts[i].skipped = sequence <= taker->durable;
        if (!verdicts[i].skipped) {
            verdicts[i].verdict = i == 0 && taker->bad_field != NULL ? &failure : &verdict;
            taker->stored += is_kept ? 1 : 0;
            taker->durable = is_kept ? sequence : taker->durable;
        }
    }
    ack->verdicts = list;
    ack->n_verdicts = batch->n_interactions;
    ack->durable_sequence = taker->durable;
}

static void answer_batch(struct taker *taker, const struct fake_request *request,
                         const Profiled__V1__InteractionBatch *batch, struct fake_answer *answer) {
    static Profiled__V1__StreamInteractionsResponse response =
        PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__INIT;
    static Profiled__V1__InteractionStreamAck ack = PROFILED__V1__INTERACTION_STREAM_ACK__INIT;
    static Profiled__V1__InteractionStreamCounts counts =
        PROFILED__V1__INTERACTION_STREAM_COUNTS__INIT;
    taker->batches++;
    const bool is_silent = taker->batches <= taker->silent_batches;
    take_batch(taker, batch, !(is_silent && taker->forgets), &ack);
    counts.recorded = taker->stored;
    ack.counts = &counts;
    response.payload_case = PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_ACK;
    response.ack = &ack;
    if (request->call == 0 && request->position == taker->breaks_at) {
        answer->last = true;
        answer->code = 14;
    } else if (taker->answers_nonsense) {
        answer_header(
            taker,
            &(Profiled__V1__InteractionStreamHeader)PROFILED__V1__INTERACTION_STREAM_HEADER__INIT,
            answer);
    } else if (!is_silent) {
        answer->response = &response.base;
    }
}

static void take(void *data, const struct fake_request *request, struct fake_answer *answer) {
    struct taker *taker = data;
    cr_assert_str_eq(request->path, "/profiled.v1.InteractionService/StreamInteractions");
    Profiled__V1__StreamInteractionsRequest *got =
        profiled__v1__stream_interactions_request__unpack(NULL, request->size, request->bytes);
    if (got->payload_case == PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_HEADER) {
        answer_header(taker, got->header, answer);
    } else {
        answer_batch(taker, request, got->batch, answer);
    }
    profiled__v1__stream_interactions_request__free_unpacked(got, NULL);
}

/* What a run left, and how it ended. */
struct ran {
    int code;
    char out[TEXT_SIZE];
    char err[TEXT_SIZE];
    char verdicts[TEXT_SIZE];
};

static void read_all(FILE *file, char out[TEXT_SIZE]) {
    out[fread(out, 1, TEXT_SIZE - 1, file)] = '\0';
}

/* Imports the text, with options whose words are separated by `|`. */
static struct ran import(struct taker *taker, const char *text, const char *options) {
    struct fake_server *server = fake_server_start(take, taker);
    setenv("PROFILED_SERVER", fake_server_address(server), 1);
    char path[] = "interactions_XXXXXX";
    char told[64];
    FILE *file = fdopen(mkstemp(path), "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    snprintf(told, sizeof told, "%s.told", path);
    char line[256];
    snprintf(line, sizeof line, "interaction|import|%s|--verdicts|%s|%s", path, told, options);
    char *argv[WORDS_MAX] = {(char[]){"profilectl"}};
    int argc = 1;
    char *rest = line;
    for (char *word = strsep(&rest, "|"); word != NULL; word = strsep(&rest, "|")) {
        if (word[0] != '\0') {
            argv[argc++] = word;
        }
    }
    static struct ran ran;
    ran.code = cli_run(argc, argv);
    fake_server_stop(server);
    fflush(stdout);
    fflush(stderr);
    read_all(cr_get_redirected_stdout(), ran.out);
    read_all(cr_get_redirected_stderr(), ran.err);
    ran.verdicts[0] = '\0';
    file = fopen(told, "r");
    if (file != NULL) {
        read_all(file, ran.verdicts);
        fclose(file);
    }
    unlink(told);
    unlink(path);
    return ran;
}

#define expect_said(TEXT, PART)                                                                    \
    cr_expect_not_null(strstr(TEXT, PART), "it does not say \"%s\":\n%s", PART, TEXT)

#define EVENT "{\"interaction\":{\"activity\":{\"name\":\"came\"}},\"profileId\":\"x\"}\n"

static size_t lines_of(const char *text) {
    size_t count = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++) {
        count++;
    }
    return count;
}

Test(interaction_import, every_line_is_told) {
    struct taker taker = {.bad_field = "interaction.source"};
    const struct ran ran =
        import(&taker, EVENT "{\"oops\"\n\n" EVENT "{\"interaction\":{\"activty\":{}}}\n" EVENT,
               "--source|kiosk|--batch|3");

    cr_expect_eq(ran.code, EXIT_LOCAL);
    cr_assert_eq(taker.row_count, 3);
    static const int64_t rows[] = {1, 3, 5};
    cr_expect_arr_eq(taker.rows, rows, sizeof rows, "what failed here has a number, too");
    cr_expect_str_eq(taker.source, "kiosk");
    cr_expect_eq(lines_of(ran.verdicts), 5);
    expect_said(ran.verdicts, "{\"row\":1,\"line\":1,\"outcome\":\"failed\",\"profile_id\":\"\","
                              "\"errors\":[{\"field\":\"interaction.source\"");
    expect_said(ran.verdicts, "{\"row\":2,\"line\":2,\"outcome\":\"failed\"");
    expect_said(ran.verdicts, "{\"row\":3,\"line\":4,\"outcome\":\"recorded\",\"profile_id\":\"\","
                              "\"interaction_id\":\"\",\"errors\":[]}");
    expect_said(ran.err, "row 2 (line 2): is no JSON object on one line");
    expect_said(ran.err, "row 4 (line 5), interaction.activty: is no field of the contract");
    expect_said(ran.out, "repeated events");
}

Test(interaction_import, what_is_no_text_is_told_by_its_field) {
    struct taker taker = {0};
    const struct ran ran = import(&taker,
                                  "{\"interaction\":{\"activity\":{\"name\":\"a\\u0000b\"}}}\n"
                                  "{\"interaction\":{\"activity\":{\"name\":\"x\",\"properties\":"
                                  "{\"shop\":{\"text\":\"\xff\xfe\"}}}}}\n"
                                  "{\"interaction\":{\"activty\":{},\"eventId\":\"\xff\"}}\n"
                                  "\xff{\"interaction\":{}}\n",
                                  "--source|kiosk");

    expect_said(ran.err, "row 1 (line 1), interaction.activity.name: holds NUL");
    expect_said(ran.err, "row 2 (line 2), interaction.activity.properties.shop.text: is not UTF-8");
    expect_said(ran.err, "row 3 (line 3): is not UTF-8");
    expect_said(ran.err, "row 4 (line 4): is not UTF-8");
}

Test(interaction_import, an_entry_of_a_map_is_told_by_its_name) {
    struct taker taker = {.bad_field = "interaction.activity.properties[1].text"};
    const struct ran ran =
        import(&taker,
               "{\"interaction\":{\"activity\":{\"name\":\"came\",\"properties\":"
               "{\"shop\":{\"text\":\"x\"},\"hour\":{\"number\":9}}}}}\n",
               "--source|kiosk");

    expect_said(ran.verdicts, "\"field\":\"interaction.activity.properties.shop.text\"");
}

Test(interaction_import, batches_are_on_their_way_together) {
    struct taker taker = {.silent_batches = 5, .breaks_at = 5};
    const struct ran ran = import(&taker, EVENT EVENT EVENT EVENT EVENT EVENT, "--batch|1");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_eq(taker.calls, 2);
    cr_expect_str_eq(taker.stream_ids[0], taker.stream_ids[1]);
    cr_expect_eq(taker.stored, 6);
    cr_expect_eq(taker.row_count, 6, "five came before any answer; none of them comes again");
    expect_said(ran.err, "rows 1-5 are in and have no verdict");
    cr_expect_eq(lines_of(ran.verdicts), 1);
}

Test(interaction_import, what_was_lost_on_the_way_is_sent_again) {
    struct taker taker = {.silent_batches = 3, .forgets = true, .breaks_at = 3};
    const struct ran ran = import(&taker, EVENT EVENT EVENT EVENT EVENT EVENT, "--batch|2");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_assert_eq(taker.row_count, 12);
    for (size_t i = 0; i < 12; i++) {
        cr_expect_eq(taker.rows[i], (int64_t)(i % 6) + 1);
    }
    cr_expect_eq(taker.stored, 6);
    cr_expect_eq(lines_of(ran.verdicts), 6);
    expect_said(ran.verdicts, "{\"row\":6,");
    cr_expect_null(strstr(ran.err, "no verdict"), "%s", ran.err);
}

/* As when the server still has what the old connection brought, while the new one begins. */
Test(interaction_import, what_is_skipped_is_told_as_being_in) {
    struct taker taker = {.silent_batches = 2, .breaks_at = 2, .told_durable_max = 1};
    const struct ran ran = import(&taker, EVENT EVENT EVENT EVENT EVENT EVENT, "--batch|2");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_eq(taker.stored, 6);
    cr_expect_eq(taker.row_count, 4 + 5);
    expect_said(ran.err, "rows 1-4 are in and have no verdict");
    cr_expect_eq(lines_of(ran.verdicts), 2);
}

Test(interaction_import, another_run_goes_on_where_the_first_ended) {
    struct taker taker = {.durable = 4};
    const struct ran ran = import(&taker, EVENT EVENT EVENT EVENT EVENT, "--import-id|night");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_str_eq(taker.stream_ids[0], "night");
    cr_expect_neq(taker.digest[0], '\0');
    cr_expect_eq(taker.row_count, 1);
    cr_expect_eq(taker.rows[0], 5);
    expect_said(ran.err, "Going on after row 4 of import night.");
}

Test(interaction_import, an_id_is_of_the_file_and_what_is_said_of_it) {
    static const char *const options[] = {"", "", "--source|kiosk", "--region|SA"};
    char ids[4][160];
    for (size_t i = 0; i < 4; i++) {
        struct taker taker = {0};
        import(&taker, EVENT, options[i]);
        snprintf(ids[i], sizeof ids[i], "%s", taker.stream_ids[0]);
    }
    cr_expect_str_eq(ids[0], ids[1]);
    cr_expect_str_neq(ids[0], ids[2]);
    cr_expect_str_neq(ids[0], ids[3]);
    cr_expect_str_neq(ids[2], ids[3]);
}

Test(interaction_import, an_answer_that_is_none_ends_it) {
    struct taker taker = {.answers_nonsense = true};
    const struct ran ran = import(&taker, EVENT EVENT, "--batch|1");

    cr_expect_gt(ran.code, EXIT_STATUS, "%d", ran.code);
    expect_said(ran.err, "the import broke off");
}

Test(interaction_import, csv_is_refused) {
    struct taker taker = {0};
    const struct ran ran = import(&taker, "name,email\nNora,nora@example.org\n", "");

    cr_expect_eq(ran.code, EXIT_LOCAL);
    cr_expect_eq(taker.calls, 0);
    expect_said(ran.err, "interactions are JSON, one a line");
}

Test(interaction_import, an_empty_file_is_no_failure) {
    struct taker taker = {0};
    const struct ran ran = import(&taker, "", "");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_eq(taker.row_count, 0);
}
