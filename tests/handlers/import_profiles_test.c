/* ImportProfiles: verdicts, policies, going on after a break, dry runs. */

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/people.h"

#define POLICY(NAME) PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_##NAME
#define CAME(NAME) PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_##NAME

#if defined(__SANITIZE_ADDRESS__)
enum { CUT_ROWS = 600 }; /* More takes too long. */
#else
enum { CUT_ROWS = 6000 };
#endif

static struct rpc_stream *stream;

static void init(void) {
    ask_open();
    stream = rpc_stream_new();
}

static void fini(void) {
    rpc_stream_free(stream);
    ask_close();
}

TestSuite(import_profiles, .init = init, .fini = fini);

/* The stream breaks; the next message is the first of another. */
static void reconnect(void) {
    rpc_stream_free(stream);
    stream = rpc_stream_new();
}

static const Profiled__V1__ImportProfilesResponse *
send(const Profiled__V1__ImportProfilesRequest *request) {
    return ask_on(stream, &rpc_transfer_service, "ImportProfiles", &request->base);
}

static const struct answer *send_refused(const Profiled__V1__ImportProfilesRequest *request,
                                         enum status_code code, const char *reason) {
    return ask_refused_on(stream, &rpc_transfer_service, "ImportProfiles", &request->base, code,
                          reason);
}

static Profiled__V1__ImportProfilesRequest header_of(Profiled__V1__ImportHeader *header,
                                                     const char *import_id, int policy) {
    profiled__v1__import_header__init(header);
    header->import_id = (char *)(uintptr_t)import_id;
    header->conflict_policy = (Profiled__V1__ConflictPolicy)policy;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = header;
    return request;
}

static const Profiled__V1__ImportStarted *start(const char *import_id, int policy, bool dry) {
    Profiled__V1__ImportHeader header;
    const Profiled__V1__ImportProfilesRequest request = header_of(&header, import_id, policy);
    header.validate_only = dry;
    return send(&request)->started;
}

struct told_row {
    int64_t row;
    const struct told *told; /* NULL: without a record. */
};

static Profiled__V1__ImportProfilesRequest batch_of(const struct told_row *rows, size_t count) {
    Profiled__V1__ImportBatch *batch = arena_alloc(&ask_arena, sizeof *batch);
    profiled__v1__import_batch__init(batch);
    batch->n_rows = count;
    batch->rows = arena_array(&ask_arena, count, sizeof *batch->rows);
    for (size_t i = 0; i < count; i++) {
        batch->rows[i] = arena_alloc(&ask_arena, sizeof **batch->rows);
        profiled__v1__import_row__init(batch->rows[i]);
        batch->rows[i]->row = rows[i].row;
        batch->rows[i]->record = rows[i].told == NULL ? NULL : record_told(rows[i].told);
    }
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = batch;
    return request;
}

static const Profiled__V1__ImportAck *import_rows(const struct told_row *rows, size_t count) {
    const Profiled__V1__ImportProfilesRequest request = batch_of(rows, count);
    return send(&request)->ack;
}

static const Profiled__V1__ImportVerdict *import_row(int64_t row, const struct told *told) {
    return import_rows(&(const struct told_row){row, told}, 1)->verdicts[0];
}

static const struct told *with_email(const char *email) {
    struct told *told = arena_alloc(&ask_arena, sizeof *told);
    told->identities[0] = (struct told_identity)ID("email", email);
    return told;
}

Test(import_profiles, every_row_has_a_verdict_and_a_bad_one_stops_nobody) {
    const Profiled__V1__ImportStarted *started = start("crm:2025-12", POLICY(UNSPECIFIED), false);
    cr_expect_eq(started->durable_row, 0);
    cr_expect_eq(started->counts->created, 0);
    const struct told_row rows[] = {
        {1, with_email("a@example.com")},
        {2, with_email("nobody")},
        {5, NULL},
        {6, TOLD(.identities = {ID("twitter", "amal_x")})},
        {8, with_email("A@example.com")},
        {9, TOLD(.identities = {ID("twitter", "amal_x"), ID("email", "a@example.com")})},
    };

    const Profiled__V1__ImportAck *ack = import_rows(rows, 6);

    static const int outcomes[] = {CAME(CREATED), CAME(FAILED), CAME(FAILED),
                                   CAME(CREATED), CAME(LINKED), CAME(MERGED)};
    cr_assert_eq(ack->n_verdicts, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(ack->verdicts[i]->row, rows[i].row);
        cr_expect_eq((int)ack->verdicts[i]->outcome, outcomes[i], "row %zu", i);
    }
    cr_expect_str_eq(ack->verdicts[1]->errors[0]->field, "identities[0].value");
    cr_expect_null(ack->verdicts[1]->decision);
    cr_expect_str_eq(ack->verdicts[1]->profile_id, "");
    cr_expect_str_eq(ack->verdicts[2]->errors[0]->field, "record");
    cr_expect_str_eq(ack->verdicts[5]->profile_id, ack->verdicts[0]->profile_id);
    cr_expect_eq(ack->verdicts[5]->decision->n_merged_ids, 1);
    cr_expect_eq(ack->durable_row, 9);
    cr_expect_eq(ack->counts->created, 2);
    cr_expect_eq(ack->counts->linked, 1);
    cr_expect_eq(ack->counts->merged, 1);
    cr_expect_eq(ack->counts->failed, 2);
    cr_expect_str_eq(lookup("email", "a@example.com")->identities[0]->source, "import");
}

Test(import_profiles, goes_on_behind_the_last_durable_row) {
    start("crm", POLICY(MERGE), false);
    import_row(1, with_email("a@example.com"));
    import_row(4, with_email("nobody"));
    reconnect();
    call_reopen(ask_fixture);

    const Profiled__V1__ImportStarted *started = start("crm", POLICY(MERGE), false);

    cr_expect_eq(started->durable_row, 4);
    cr_expect_eq(started->counts->created, 1);
    cr_expect_eq(started->counts->failed, 1);
    const struct told_row again[] = {{4, with_email("b@example.com")},
                                     {5, with_email("c@example.com")}};
    const Profiled__V1__ImportProfilesRequest request = batch_of(again, 2);
    const struct answer *answer = send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "batch.rows[0].row"));
    cr_expect_eq(import_row(5, with_email("c@example.com"))->outcome, CAME(CREATED));
    cr_expect_eq(
        import_rows(&(const struct told_row){6, with_email("c@example.com")}, 1)->counts->created,
        2);
}

Test(import_profiles, two_streams_of_one_import_do_not_take_a_row_twice) {
    start("crm", POLICY(MERGE), false);
    struct rpc_stream *first = stream;
    stream = rpc_stream_new();
    start("crm", POLICY(MERGE), false);
    import_row(1, with_email("a@example.com"));
    struct rpc_stream *second = stream;
    stream = first;
    const struct told_row rows[] = {{1, with_email("a@example.com")}};
    const Profiled__V1__ImportProfilesRequest request = batch_of(rows, 1);
    send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    rpc_stream_free(second);
}

Test(import_profiles, the_header_must_mean_the_same) {
    start("crm", POLICY(UNSPECIFIED), false);
    import_row(1, with_email("a@example.com"));
    reconnect();
    Profiled__V1__ImportHeader header;
    Profiled__V1__ImportProfilesRequest request = header_of(&header, "crm", POLICY(SKIP));
    send_refused(&request, STATUS_FAILED_PRECONDITION, "IMPORT_MISMATCH");
    request = header_of(&header, "crm", POLICY(MERGE));
    header.source = (char *)(uintptr_t) "erp";
    send_refused(&request, STATUS_FAILED_PRECONDITION, "IMPORT_MISMATCH");
    request = header_of(&header, "crm", POLICY(MERGE));
    header.default_region = (char *)(uintptr_t) "SA";
    send_refused(&request, STATUS_FAILED_PRECONDITION, "IMPORT_MISMATCH");
    request = header_of(&header, "crm", POLICY(MERGE));
    header.content_digest = (char *)(uintptr_t) "another file";
    send_refused(&request, STATUS_FAILED_PRECONDITION, "IMPORT_MISMATCH");
    /* The default said and not said are the same. */
    request = header_of(&header, "crm", POLICY(MERGE));
    header.source = (char *)(uintptr_t) "import";
    cr_expect_eq(send(&request)->started->durable_row, 1);
}

Test(import_profiles, rows_ascend_within_a_batch_and_over_batches) {
    start("crm", POLICY(MERGE), false);
    const struct told *told = TOLD(.name = "N");
    const struct told_row bad[][2] = {{{1, told}, {1, told}},
                                      {{2, told}, {1, told}},
                                      {{0, told}, {1, told}},
                                      {{-5, told}, {1, told}}};
    for (size_t i = 0; i < 4; i++) {
        const Profiled__V1__ImportProfilesRequest request = batch_of(bad[i], 2);
        send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    }
    import_row(7, told);
    const struct told_row back[] = {{6, told}};
    const Profiled__V1__ImportProfilesRequest request = batch_of(back, 1);
    send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    const Profiled__V1__ImportProfilesRequest none = batch_of(NULL, 0);
    send_refused(&none, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(profile_count(), 1);
}

Test(import_profiles, a_header_comes_first_and_once) {
    const struct told_row rows[] = {{1, TOLD(.name = "N")}};
    const Profiled__V1__ImportProfilesRequest batch = batch_of(rows, 1);
    cr_expect_not_null(
        answer_violation(send_refused(&batch, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "batch"));
    const Profiled__V1__ImportProfilesRequest empty = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    send_refused(&empty, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    start("crm", POLICY(MERGE), false);
    Profiled__V1__ImportHeader header;
    const Profiled__V1__ImportProfilesRequest again = header_of(&header, "crm", POLICY(MERGE));
    cr_expect_not_null(
        answer_violation(send_refused(&again, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "header"));
}

Test(import_profiles, every_bad_field_of_the_header_is_named) {
    Profiled__V1__ImportHeader header;
    const Profiled__V1__ImportProfilesRequest request = header_of(&header, "no spaces", 9);
    header.source = (char *)(uintptr_t) "No";
    header.default_region = (char *)(uintptr_t) "XX";
    const struct answer *answer = send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    static const char *const fields[] = {"header.import_id", "header.conflict_policy",
                                         "header.source", "header.default_region"};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
}

/* ---- policies: a profile is there with an older city and a name ---- */

static const char *there(void) {
    const char *id =
        create(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")},
                    .attributes = {ATTRIBUTE("city", "Riyadh"), ATTRIBUTE("job", "Engineer")}))
            ->id;
    ask_wait_us(US_PER_SECOND);
    return id;
}

static const struct told *row_of_old(void) {
    static const struct told told = {
        .name = "N. Q.",
        .observe_us = CALL_START_US - US_PER_DAY,
        .identities = {ID("email", "N@example.com"), ID("twitter", "noura_x")},
        .attributes = {ATTRIBUTE("city", "Jeddah"), ATTRIBUTE("gender", "female")},
    };
    return &told;
}

Test(import_profiles, merge_keeps_the_most_recent) {
    const char *id = there();
    start("crm", POLICY(MERGE), false);
    const Profiled__V1__ImportVerdict *verdict = import_row(1, row_of_old());
    cr_expect_eq(verdict->outcome, CAME(LINKED));
    cr_expect_str_eq(verdict->profile_id, id);
    const Profiled__V1__Profile *after = get(id);
    cr_expect_str_eq(after->name, "Noura");
    cr_expect_str_eq(attribute_in(after, "city"), "Riyadh");
    cr_expect_str_eq(attribute_in(after, "gender"), "female");
    cr_expect_not_null(identity_in(after, "twitter", "noura_x"));
}

Test(import_profiles, replace_takes_the_place_of_newer_values_too) {
    const char *id = there();
    start("crm", POLICY(REPLACE), false);
    cr_expect_eq(import_row(1, row_of_old())->outcome, CAME(LINKED));
    const Profiled__V1__Profile *after = get(id);
    cr_expect_str_eq(after->name, "N. Q.");
    cr_expect_str_eq(attribute_in(after, "city"), "Jeddah");
    cr_expect_str_eq(attribute_in(after, "job"), "Engineer", "what the row does not name");
}

Test(import_profiles, skip_leaves_the_profile_as_it_is) {
    const char *id = there();
    const char *etag = get(id)->etag;
    start("crm", POLICY(SKIP), false);
    const Profiled__V1__ImportVerdict *verdict = import_row(1, row_of_old());
    cr_expect_eq(verdict->outcome, CAME(SKIPPED));
    cr_expect_str_eq(verdict->profile_id, id);
    cr_expect_str_eq(get(id)->etag, etag);
    cr_expect_null(lookup("twitter", "noura_x"));
    cr_expect_eq(import_row(2, with_email("new@example.com"))->outcome, CAME(CREATED));
    cr_expect_eq(import_rows(&(const struct told_row){3, row_of_old()}, 1)->counts->skipped, 2);
}

Test(import_profiles, fail_fails_the_row) {
    const char *id = there();
    const char *etag = get(id)->etag;
    start("crm", POLICY(FAIL), false);
    const Profiled__V1__ImportVerdict *verdict = import_row(1, row_of_old());
    cr_expect_eq(verdict->outcome, CAME(FAILED));
    cr_expect_str_eq(verdict->profile_id, id, "the one that it matched");
    cr_expect_null(verdict->decision);
    cr_assert_eq(verdict->n_errors, 1);
    cr_expect_str_eq(get(id)->etag, etag);
    cr_expect_eq(import_row(2, with_email("new@example.com"))->outcome, CAME(CREATED));
}

Test(import_profiles, skip_merges_nobody) {
    const char *id = there();
    create(TOLD(.name = "Other", .identities = {ID("twitter", "noura_x")}));
    start("crm", POLICY(SKIP), false);
    const Profiled__V1__ImportVerdict *verdict = import_row(1, row_of_old());
    cr_expect_eq(verdict->outcome, CAME(SKIPPED));
    cr_expect_str_eq(verdict->profile_id, id);
    cr_expect_eq(profile_count(), 2);
}

/* ---- dry runs ---- */

Test(import_profiles, a_dry_run_sees_its_own_rows_and_leaves_nothing) {
    there();
    const uint64_t before = call_data_hash(ask_fixture);
    cr_expect_eq(start("crm", POLICY(MERGE), true)->durable_row, 0);

    const Profiled__V1__ImportVerdict *first = import_row(1, with_email("a@example.com"));
    cr_expect_eq(first->outcome, CAME(CREATED));
    const char *first_id = arena_string(&ask_arena, bytes_of_string(first->profile_id));
    call_forget(ask_fixture); /* What later rows see outlives the message that told it. */
    const struct told_row more[] = {
        {2, TOLD(.name = "Amal", .identities = {ID("twitter", "amal_x")})},
        {3, with_email("A@example.com")}};
    const Profiled__V1__ImportAck *second = import_rows(more, 2);
    const Profiled__V1__ImportAck *third =
        import_rows(&(const struct told_row){4, TOLD(.identities = {ID("twitter", "amal_x"),
                                                                    ID("email", "a@example.com"),
                                                                    ID("phone", "+966500000001")})},
                    1);
    const Profiled__V1__ImportAck *fourth =
        import_rows(&(const struct told_row){5, TOLD(.identities = {ID("phone", "+966500000001"),
                                                                    ID("email", "n@example.com")})},
                    1);

    cr_expect_eq(second->verdicts[0]->outcome, CAME(CREATED));
    cr_expect_eq(second->verdicts[1]->outcome, CAME(LINKED));
    cr_expect_str_eq(second->verdicts[1]->profile_id, first_id);
    cr_expect_eq(third->verdicts[0]->outcome, CAME(MERGED));
    cr_expect_str_eq(third->verdicts[0]->profile_id, first_id);
    cr_expect_eq(fourth->verdicts[0]->outcome, CAME(MERGED));
    cr_expect_eq(fourth->counts->created, 2);
    cr_expect_eq(fourth->counts->merged, 2);
    cr_expect_eq(fourth->durable_row, 5);
    cr_expect_eq(call_data_hash(ask_fixture), before);
    cr_expect_eq(profile_count(), 1);

    /* Nor does the real one go on where the dry one ended. */
    reconnect();
    cr_expect_eq(start("crm", POLICY(MERGE), false)->durable_row, 0);
    cr_expect_eq(import_row(1, with_email("a@example.com"))->outcome, CAME(CREATED));
}

Test(import_profiles, a_dry_run_begins_where_the_import_would_go_on) {
    start("crm", POLICY(MERGE), false);
    import_row(1, with_email("a@example.com"));
    import_row(2, with_email("b@example.com"));
    reconnect();
    const uint64_t before = call_data_hash(ask_fixture);

    const Profiled__V1__ImportStarted *started = start("crm", POLICY(MERGE), true);

    cr_expect_eq(started->durable_row, 2);
    cr_expect_eq(started->counts->created, 2);
    call_forget(ask_fixture); /* What it begins with outlives the message that told it. */
    const struct told_row again[] = {{2, with_email("b@example.com")}};
    const Profiled__V1__ImportProfilesRequest request = batch_of(again, 1);
    send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    const struct told_row rest[] = {{3, with_email("c@example.com")}};
    const Profiled__V1__ImportAck *ack = import_rows(rest, 1);
    cr_expect_eq(ack->verdicts[0]->outcome, CAME(CREATED));
    cr_expect_eq(ack->counts->created, 3);
    cr_expect_eq(call_data_hash(ask_fixture), before);
}

Test(import_profiles, a_dry_run_of_another_file_under_an_id_is_refused_as_the_import_is) {
    Profiled__V1__ImportHeader header;
    start("crm", POLICY(MERGE), false);
    import_row(1, with_email("a@example.com"));
    reconnect();
    const Profiled__V1__ImportProfilesRequest request = header_of(&header, "crm", POLICY(SKIP));
    header.validate_only = true;

    send_refused(&request, STATUS_FAILED_PRECONDITION, "IMPORT_MISMATCH");
}

/* Ids by their first appearance: those of another run are others. */
struct ids {
    size_t count;
    char at[CUT_ROWS][sizeof "00000000-0000-0000-0000-000000000000"];
};

static size_t number_of(struct ids *ids, const char *id) {
    size_t at = 0;
    while (at < ids->count && strcmp(ids->at[at], id) != 0) {
        at++;
    }
    if (at == ids->count) {
        cr_assert_lt(ids->count, CUT_ROWS);
        snprintf(ids->at[ids->count++], sizeof ids->at[0], "%s", id);
    }
    return at;
}

/* All of a verdict that is the same in another run. */
static const char *verdict_text(const Profiled__V1__ImportVerdict *verdict, struct ids *ids) {
    const Profiled__V1__Decision *decision = verdict->decision;
    const char *text = arena_format(&ask_arena, "%d of %zu, %zu merged", (int)verdict->outcome,
                                    number_of(ids, verdict->profile_id), decision->n_merged_ids);
    for (size_t i = 0; i < decision->n_identities; i++) {
        text = arena_format(&ask_arena, "%s, %d", text, (int)decision->identities[i]->rule);
    }
    for (size_t i = 0; i < decision->n_demoted; i++) {
        text =
            arena_format(&ask_arena, "%s, demoted %s", text, decision->demoted[i]->canonical_value);
    }
    return text;
}

/* Rows of few people with many addresses and numbers, so that most are over a limit. */
static struct told_row *rows_over_limits(void) {
    struct seeded seeded = {5};
    struct told_row *rows = arena_array(&ask_arena, CUT_ROWS, sizeof *rows);
    for (size_t i = 0; i < CUT_ROWS; i++) {
        struct told *told = arena_alloc(&ask_arena, sizeof *told);
        told->name = arena_format(&ask_arena, "N%zu", seeded_below(&seeded, CUT_ROWS / 15));
        told->identities[0] =
            (struct told_identity)ID("email", arena_format(&ask_arena, "p%zu@example.com",
                                                           seeded_below(&seeded, CUT_ROWS / 2)));
        told->identities[1] = (struct told_identity)ID(
            "phone",
            arena_format(&ask_arena, "+9665%08zu", 12345678 + seeded_below(&seeded, CUT_ROWS / 2)));
        rows[i] = (struct told_row){(int64_t)i + 1, told};
    }
    return rows;
}

static const char **verdicts_cut(const struct told_row *rows, size_t batch, bool dry) {
    const char **texts = arena_array(&ask_arena, CUT_ROWS, sizeof *texts);
    struct ids *ids = arena_alloc(&ask_arena, sizeof *ids);
    reconnect();
    start("crm", POLICY(MERGE), dry);
    for (size_t i = 0; i < CUT_ROWS; i += batch) {
        const size_t rest = CUT_ROWS - i;
        ask_wait_us(US_PER_SECOND);
        const Profiled__V1__ImportAck *ack = import_rows(rows + i, rest < batch ? rest : batch);
        for (size_t k = 0; k < ack->n_verdicts; k++) {
            texts[i + k] = verdict_text(ack->verdicts[k], ids);
        }
        call_forget(ask_fixture);
    }
    return texts;
}

Test(import_profiles, verdicts_do_not_depend_on_how_the_file_is_cut, .timeout = 240) {
    const size_t batches[] = {100, 7, 1000};
    const struct told_row *rows = rows_over_limits();

    const char **whole = verdicts_cut(rows, 1000, true);

    for (size_t i = 0; i < 3; i++) {
        const char **cut = verdicts_cut(rows, batches[i], i < 2);
        for (size_t k = 0; k < CUT_ROWS; k++) {
            cr_assert_str_eq(cut[k], whole[k], "row %zu in batches of %zu", k + 1, batches[i]);
        }
    }
}

/* Rows are of people with a name and two identities each: what a large dry run is made of. */
Test(import_profiles, a_dry_run_may_have_100_000_rows, .timeout = 240) {
#if defined(__SANITIZE_ADDRESS__)
    enum { BATCH = 1000, BATCHES = 5 }; /* All of it is more than the sanitizer has room for. */
#else
    enum { BATCH = 1000, BATCHES = 100 };
#endif
    static struct told told[BATCH];
    static struct told_row rows[BATCH];
    static char values[BATCH][2][32];
    start("crm", POLICY(MERGE), true);
    for (int b = 0; b < BATCHES; b++) {
        for (int i = 0; i < BATCH; i++) {
            const int number = b * BATCH + i;
            snprintf(values[i][0], sizeof values[i][0], "p%06d@example.com", number);
            snprintf(values[i][1], sizeof values[i][1], "+9665%08d", number);
            told[i] = (struct told){
                .name = "Somebody Else",
                .identities = {ID("email", values[i][0]), ID("phone", values[i][1])},
            };
            rows[i] = (struct told_row){number + 1, &told[i]};
        }
        arena_reset(&ask_arena);
        const Profiled__V1__ImportAck *ack = import_rows(rows, BATCH);
        cr_assert_eq(ack->counts->created, (int64_t)(b + 1) * BATCH);
        call_forget(ask_fixture);
    }
    if (BATCHES < 100) {
        return;
    }
    const struct told_row one[] = {{BATCH * BATCHES + 1, TOLD(.name = "N")}};
    const Profiled__V1__ImportProfilesRequest request = batch_of(one, 1);
    send_refused(&request, STATUS_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
}

Test(import_profiles, an_import_of_other_content_is_another_one) {
    Profiled__V1__ImportHeader header;
    Profiled__V1__ImportProfilesRequest request = header_of(&header, "night", POLICY(MERGE));
    header.content_digest = (char *)(uintptr_t) "monday";
    send(&request);
    import_row(1, with_email("a@example.com"));

    reconnect();
    header.content_digest = (char *)(uintptr_t) "tuesday";
    send_refused(&request, STATUS_FAILED_PRECONDITION, "IMPORT_MISMATCH");
    header.content_digest = (char *)(uintptr_t) "";
    send_refused(&request, STATUS_FAILED_PRECONDITION, "IMPORT_MISMATCH");

    header.content_digest = (char *)(uintptr_t) "monday";
    cr_expect_eq(send(&request)->started->durable_row, 1);
}

Test(import_profiles, a_digest_has_at_most_128_characters) {
    char digest[130];
    memset(digest, 'd', sizeof digest - 1);
    digest[sizeof digest - 1] = '\0';
    Profiled__V1__ImportHeader header;
    const Profiled__V1__ImportProfilesRequest request = header_of(&header, "crm", POLICY(MERGE));
    header.content_digest = digest;

    const struct answer *answer = send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer->violations[0].field, "header.content_digest");

    digest[128] = '\0';
    send(&request);
}

Test(import_profiles, a_text_with_nul_is_held_against_its_row) {
    start("crm", POLICY(MERGE), false);
    const struct told_row rows[] = {{1, with_email("a@example.com")},
                                    {2, NULL},
                                    {3, with_email("~")},
                                    {4, with_email("a@example.com")}};
    call_tilde_set(ask_fixture, 0);

    const Profiled__V1__ImportAck *ack = import_rows(rows, 4);

    cr_expect_eq((int)ack->verdicts[0]->outcome, CAME(CREATED));
    cr_expect_str_eq(ack->verdicts[1]->errors[0]->field, "record");
    cr_expect_eq((int)ack->verdicts[2]->outcome, CAME(FAILED));
    cr_expect_str_eq(ack->verdicts[2]->errors[0]->field, "identities[0].value");
    cr_expect_eq((int)ack->verdicts[3]->outcome, CAME(LINKED));
    cr_expect_eq(ack->durable_row, 4);
}
