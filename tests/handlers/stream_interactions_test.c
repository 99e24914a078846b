/* StreamInteractions: verdicts, what is sent again, going on after a break, two streams at once. */

#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/clock.h"
#include "server/base/limits.h"
#include "tests/handlers/events.h"

static struct rpc_stream *stream;

static void init(void) {
    ask_open();
    stream = rpc_stream_new();
}

static void fini(void) {
    rpc_stream_free(stream);
    ask_close();
}

TestSuite(stream_interactions, .init = init, .fini = fini);

/* The stream breaks; the next message is the first of another. */
static void reconnect(void) {
    rpc_stream_free(stream);
    stream = rpc_stream_new();
}

static const Profiled__V1__StreamInteractionsResponse *
send(const Profiled__V1__StreamInteractionsRequest *request) {
    return ask_on(stream, &rpc_interaction_service, "StreamInteractions", &request->base);
}

static const struct answer *send_refused(const Profiled__V1__StreamInteractionsRequest *request,
                                         enum status_code code, const char *reason) {
    return ask_refused_on(stream, &rpc_interaction_service, "StreamInteractions", &request->base,
                          code, reason);
}

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__StreamInteractionsRequest
header_of(Profiled__V1__InteractionStreamHeader *header, const char *stream_id) {
    profiled__v1__interaction_stream_header__init(header);
    header->stream_id = text(stream_id);
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_HEADER;
    request.header = header;
    return request;
}

static const Profiled__V1__InteractionStreamStarted *start(const char *stream_id) {
    Profiled__V1__InteractionStreamHeader header;
    const Profiled__V1__StreamInteractionsRequest request = header_of(&header, stream_id);
    return send(&request)->started;
}

struct told_event {
    int64_t sequence;
    Profiled__V1__InteractionRecord *event; /* NULL: without one. */
};

static Profiled__V1__StreamInteractionsRequest batch_of(const struct told_event *events,
                                                        size_t count) {
    Profiled__V1__InteractionBatch *batch = arena_alloc(&ask_arena, sizeof *batch);
    profiled__v1__interaction_batch__init(batch);
    batch->n_interactions = count;
    batch->interactions = arena_array(&ask_arena, count, sizeof *batch->interactions);
    for (size_t i = 0; i < count; i++) {
        batch->interactions[i] = arena_alloc(&ask_arena, sizeof **batch->interactions);
        profiled__v1__sequenced_interaction__init(batch->interactions[i]);
        batch->interactions[i]->sequence = events[i].sequence;
        batch->interactions[i]->interaction_record = events[i].event;
    }
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_BATCH;
    request.batch = batch;
    return request;
}

static const Profiled__V1__InteractionStreamAck *stream_events(const struct told_event *events,
                                                               size_t count) {
    const Profiled__V1__StreamInteractionsRequest request = batch_of(events, count);
    return send(&request)->ack;
}

static const struct told *with_email(const char *email) {
    struct told *told = arena_alloc(&ask_arena, sizeof *told);
    told->identities[0] = (struct told_identity)ID("email", email);
    return told;
}

/* An event without an id of its own: nothing but its sequence says that it was sent before. */
static Profiled__V1__InteractionRecord *event_by_email(const char *email) {
    return event_by_record(engagement_told("", "email", 0), with_email(email));
}

static const Profiled__V1__InteractionStreamAck *stream_email(int64_t sequence, const char *email) {
    return stream_events(&(const struct told_event){sequence, event_by_email(email)}, 1);
}

static size_t count_of(const char *email) {
    const Profiled__V1__Profile *profile = lookup("email", email);
    return profile == NULL ? 0 : events_of(profile->id)->n_interactions;
}

Test(stream_interactions, every_interaction_has_a_verdict_and_a_bad_one_stops_nobody) {
    const Profiled__V1__InteractionStreamStarted *started = start("bus:2026");
    cr_expect_eq(started->durable_sequence, 0);
    cr_expect_eq(started->counts->recorded, 0);
    const char *known = create(TOLD(.name = "Noura"))->id;
    const struct told_event events[] = {
        {1, event_by_record(engagement_told("m-1", "email", 0), with_email("a@example.com"))},
        {2, event_by_record(engagement_told("m-2", "No Channel", 0), with_email("nobody"))},
        {5, NULL},
        {6, event_by_record(engagement_told("m-1", "email", 0), with_email("a@example.com"))},
        {8, event_by_record(engagement_told("", "sms", 0),
                            TOLD(.identities = {ID("twitter", "amal_x")}))},
        {9, event_by_record(
                engagement_told("", "sms", 0),
                TOLD(.identities = {ID("twitter", "amal_x"), ID("email", "A@example.com")}))},
        {10, event_by_id(engagement_told("", "email", 0), known)},
        {11, event_by_id(engagement_told("", "email", 0), "0190b8a2-0000-7000-8000-00000000000a")},
        {12, event_by_email("a@example.com")},
    };

    const Profiled__V1__InteractionStreamAck *ack = stream_events(events, 9);

    cr_assert_eq(ack->n_verdicts, 9);
    for (size_t i = 0; i < 9; i++) {
        cr_expect_eq(ack->verdicts[i]->sequence, events[i].sequence);
        cr_expect_not(ack->verdicts[i]->skipped);
        const bool failed = i == 1 || i == 2 || i == 7;
        cr_expect_eq(ack->verdicts[i]->verdict->recorded == NULL, failed, "%zu", i);
        cr_expect_eq(ack->verdicts[i]->verdict->n_errors > 0, failed, "%zu", i);
    }
    const Profiled__V1__InteractionVerdict *bad = ack->verdicts[1]->verdict;
    cr_assert_eq(bad->n_errors, 2);
    cr_expect_str_eq(bad->errors[0]->field, "record.identities[0].value");
    cr_expect_str_eq(bad->errors[1]->field, "interaction.engagement.channel");
    cr_expect_str_eq(ack->verdicts[2]->verdict->errors[0]->field, "interaction_record");
    cr_expect_str_eq(ack->verdicts[7]->verdict->errors[0]->field, "profile_id");
    cr_expect(ack->verdicts[3]->verdict->recorded->repeated_event);
    cr_expect_eq(ack->verdicts[5]->verdict->recorded->decision->outcome, OUTCOME(MERGED));
    cr_expect_eq(ack->durable_sequence, 12);
    cr_expect_eq(ack->counts->recorded, 5);
    cr_expect_eq(ack->counts->repeated_events, 1);
    cr_expect_eq(ack->counts->failed, 3);
    cr_expect_eq(ack->counts->skipped, 0);
    cr_expect_eq(ack->counts->profiles_created, 2);
    cr_expect_eq(ack->counts->profiles_linked, 1);
    cr_expect_eq(ack->counts->profiles_merged, 1);
    cr_expect_eq(count_of("a@example.com"), 4);
    cr_expect_eq(events_of(known)->n_interactions, 1);
}

Test(stream_interactions, what_is_past_retention_is_counted_and_not_stored) {
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    Profiled__V1__UpdateRetentionRequest request = PROFILED__V1__UPDATE_RETENTION_REQUEST__INIT;
    retention.engagement_days = 7;
    request.retention = &retention;
    request.update_mask = mask_told("engagement_days");
    (void)ask(&rpc_interaction_service, "UpdateRetention", &request.base);
    const struct told_event events[] = {
        {1, event_by_record(engagement_told("m-1", "email", ask_now_us() - 8 * US_PER_DAY),
                            with_email("a@example.com"))},
        {2, event_by_email("a@example.com")},
    };
    start("bus:2026");

    const Profiled__V1__InteractionStreamAck *ack = stream_events(events, 2);

    cr_expect(ack->verdicts[0]->verdict->recorded->expired);
    cr_expect_not(ack->verdicts[1]->verdict->recorded->expired);
    cr_expect_eq(ack->counts->expired, 1);
    cr_expect_eq(ack->counts->recorded, 1);
    cr_expect_eq(ack->counts->profiles_created, 1);
    cr_expect_eq(count_of("a@example.com"), 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(stream_interactions, goes_on_behind_the_last_durable_sequence) {
    start("bus");
    stream_email(1, "a@example.com");
    stream_email(4, "nobody");
    reconnect();
    call_reopen(ask_fixture);

    const Profiled__V1__InteractionStreamStarted *started = start("bus");

    cr_expect_eq(started->durable_sequence, 4);
    cr_expect_eq(started->counts->recorded, 1);
    cr_expect_eq(started->counts->failed, 1);
    cr_expect_eq(started->counts->profiles_created, 1);
    const Profiled__V1__InteractionStreamAck *ack = stream_email(5, "a@example.com");
    cr_expect_eq(ack->durable_sequence, 5);
    cr_expect_eq(ack->counts->recorded, 2);
    cr_expect_eq(count_of("a@example.com"), 2);
}

Test(stream_interactions, what_is_sent_again_is_skipped_and_said_so) {
    start("bus");
    const struct told_event first[] = {{1, event_by_email("a@example.com")},
                                       {2, event_by_email("a@example.com")}};
    stream_events(first, 2);
    reconnect();
    start("bus");
    const struct told_event again[] = {
        {1, event_by_email("b@example.com")}, {2, NULL}, {3, event_by_email("a@example.com")}};

    const Profiled__V1__InteractionStreamAck *ack = stream_events(again, 3);

    cr_assert_eq(ack->n_verdicts, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(ack->verdicts[i]->skipped, i < 2);
        cr_expect_eq(ack->verdicts[i]->verdict == NULL, i < 2);
    }
    cr_expect_eq(ack->durable_sequence, 3);
    cr_expect_eq(ack->counts->skipped, 2);
    cr_expect_eq(ack->counts->recorded, 3);
    cr_expect_eq(ack->counts->failed, 0, "what is skipped is not looked at");
    cr_expect_eq(count_of("a@example.com"), 3);
    cr_expect_null(lookup("email", "b@example.com"));
    const Profiled__V1__InteractionStreamAck *whole = stream_events(first, 2);
    cr_expect_eq(whole->durable_sequence, 3, "a batch that is skipped takes nothing back");
    cr_expect_eq(whole->counts->skipped, 4);
    cr_expect_eq(count_of("a@example.com"), 3);
}

Test(stream_interactions, two_streams_of_one_id_store_nothing_twice) {
    start("bus");
    struct rpc_stream *first = stream;
    struct rpc_stream *second = rpc_stream_new();
    stream = second;
    start("bus");
    const struct told_event events[] = {{1, event_by_email("a@example.com")},
                                        {2, event_by_email("a@example.com")},
                                        {3, event_by_email("a@example.com")}};

    const Profiled__V1__InteractionStreamAck *ahead = stream_events(events, 2);
    cr_expect_eq(ahead->durable_sequence, 2);
    stream = first;
    const Profiled__V1__InteractionStreamAck *behind = stream_events(events, 3);
    cr_expect(behind->verdicts[1]->skipped);
    cr_expect_not(behind->verdicts[2]->skipped);
    stream = second;
    const Profiled__V1__InteractionStreamAck *again = stream_events(events + 2, 1);
    cr_expect(again->verdicts[0]->skipped);

    cr_expect_eq(count_of("a@example.com"), 3);
    cr_expect_eq(again->counts->recorded, 3);
    cr_expect_eq(again->counts->skipped, 3);
    stream = first;
    rpc_stream_free(second);
}

Test(stream_interactions, an_import_of_the_same_id_is_something_else) {
    start("spring");
    stream_email(3, "a@example.com");
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = text("spring");
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    struct rpc_stream *import = rpc_stream_new();
    ProtobufCMessage *response = NULL;

    call_stream(ask_fixture, import, &rpc_transfer_service, "ImportProfiles", &request.base,
                &response);

    cr_assert_not_null(response);
    cr_expect_eq(((const Profiled__V1__ImportProfilesResponse *)response)->started->durable_row, 0);
    rpc_stream_free(import);
}

Test(stream_interactions, another_workspace_has_its_own_streams) {
    start("bus");
    stream_email(7, "a@example.com");
    Profiled__V1__InteractionStreamHeader header;
    const Profiled__V1__StreamInteractionsRequest request = header_of(&header, "bus");
    struct rpc_stream *other = rpc_stream_new();
    ProtobufCMessage *response = NULL;
    call_stream_in(ask_fixture, "other", other, &rpc_interaction_service, "StreamInteractions",
                   &request.base, &response);
    cr_assert_not_null(response);
    cr_expect_eq(
        ((const Profiled__V1__StreamInteractionsResponse *)response)->started->durable_sequence, 0);
    rpc_stream_free(other);
}

Test(stream_interactions, the_header_must_mean_the_same) {
    Profiled__V1__InteractionStreamHeader header;
    Profiled__V1__StreamInteractionsRequest request = header_of(&header, "bus");
    header.source = text("inbox");
    header.default_region = text("SA");
    header.content_digest = text("monday");
    send(&request);
    stream_email(1, "a@example.com");
    reconnect();
    char **fields[] = {&header.source, &header.default_region, &header.content_digest};
    static const char *const others[] = {"outbox", "AE", "tuesday"};
    for (size_t i = 0; i < 3; i++) {
        char *kept = *fields[i];
        *fields[i] = text(others[i]);
        send_refused(&request, STATUS_FAILED_PRECONDITION, "STREAM_MISMATCH");
        *fields[i] = text("");
        send_refused(&request, STATUS_FAILED_PRECONDITION, "STREAM_MISMATCH");
        *fields[i] = kept;
    }
    cr_expect_eq(send(&request)->started->durable_sequence, 1);
}

Test(stream_interactions, the_header_says_source_and_region_for_all) {
    Profiled__V1__InteractionStreamHeader header;
    const Profiled__V1__StreamInteractionsRequest request = header_of(&header, "bus");
    header.source = text("kiosk");
    header.default_region = text("AE");
    send(&request);
    Profiled__V1__Interaction *without = engagement_told("", "sms", ask_now_us() - 1000);
    without->source = text("");
    Profiled__V1__Interaction *with = engagement_told("", "sms", 0);
    const struct told *told = TOLD(.identities = {ID("phone", "0501234567")});
    const struct told_event events[] = {{1, event_by_record(without, told)},
                                        {2, event_by_record(with, told)}};

    stream_events(events, 2);

    const Profiled__V1__Profile *profile = lookup("phone", "+971501234567");
    cr_assert_not_null(profile);
    const Profiled__V1__ListInteractionsResponse *list = events_of(profile->id);
    cr_assert_eq(list->n_interactions, 2);
    cr_expect_str_eq(list->interactions[1]->source, "kiosk");
    cr_expect_str_eq(list->interactions[0]->source, "inbox");
}

/* Of an author's handle too, and a record's own rules over it. */
Test(stream_interactions, the_header_s_region_is_that_of_authors) {
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);
    Profiled__V1__InteractionStreamHeader header;
    const Profiled__V1__StreamInteractionsRequest request = header_of(&header, "bus");
    header.default_region = text("AE");
    send(&request);
    Profiled__V1__Interaction *one = engagement_told("", "whatsapp", 0);
    one->engagement->author_handle = text("0501234567");
    Profiled__V1__Interaction *other = engagement_told("", "whatsapp", 0);
    other->engagement->author_handle = text("01001234567");
    const struct told_event events[] = {{1, event_by_record(one, TOLD(.name = "Noura"))},
                                        {2, event_by_record(other, TOLD(.region = "EG"))}};

    stream_events(events, 2);

    cr_expect_not_null(lookup("whatsapp", "+971501234567"));
    cr_expect_not_null(lookup("whatsapp", "+201001234567"));
}

Test(stream_interactions, without_a_source_in_the_header_each_must_name_one) {
    start("bus");
    Profiled__V1__Interaction *without = engagement_told("", "sms", 0);
    without->source = text("");
    const struct told_event event = {1, event_by_record(without, with_email("a@example.com"))};
    const Profiled__V1__InteractionStreamAck *ack = stream_events(&event, 1);
    cr_assert_eq(ack->verdicts[0]->verdict->n_errors, 1);
    cr_expect_str_eq(ack->verdicts[0]->verdict->errors[0]->field, "interaction.source");
}

Test(stream_interactions, sequences_ascend_within_a_batch) {
    start("bus");
    const int64_t bad[][2] = {{1, 1}, {2, 1}, {0, 1}, {-5, 1}, {1, -1}};
    static const char *const fields[] = {
        "batch.interactions[1].sequence", "batch.interactions[1].sequence",
        "batch.interactions[0].sequence", "batch.interactions[0].sequence",
        "batch.interactions[1].sequence",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct told_event events[] = {{bad[i][0], event_by_email("a@example.com")},
                                            {bad[i][1], event_by_email("a@example.com")}};
        const Profiled__V1__StreamInteractionsRequest request = batch_of(events, 2);
        const struct answer *answer =
            send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
        cr_expect_not_null(answer_violation(answer, fields[i]), "%zu", i);
    }
    cr_expect_eq(profile_count(), 0);
}

Test(stream_interactions, one_to_a_thousand) {
    static struct told_event events[BATCH_RECORDS_MAX + 1];
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (size_t i = 0; i <= BATCH_RECORDS_MAX; i++) {
        events[i] =
            (struct told_event){(int64_t)i + 1, event_by_id(engagement_told("", "email", 0), id)};
    }
    start("bus");
    Profiled__V1__StreamInteractionsRequest request = batch_of(events, 0);
    send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    request = batch_of(events, BATCH_RECORDS_MAX + 1);
    send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(stream_events(events, BATCH_RECORDS_MAX)->counts->recorded, BATCH_RECORDS_MAX);
    cr_expect_eq(events_of(id)->n_interactions, BATCH_RECORDS_MAX);
}

Test(stream_interactions, a_header_comes_first_and_once) {
    const struct told_event event = {1, event_by_email("a@example.com")};
    const Profiled__V1__StreamInteractionsRequest batch = batch_of(&event, 1);
    cr_expect_not_null(
        answer_violation(send_refused(&batch, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "batch"));
    const Profiled__V1__StreamInteractionsRequest empty =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    cr_expect_not_null(answer_violation(
        send_refused(&empty, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "payload"));
    start("bus");
    Profiled__V1__InteractionStreamHeader header;
    const Profiled__V1__StreamInteractionsRequest again = header_of(&header, "bus");
    cr_expect_not_null(
        answer_violation(send_refused(&again, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "header"));
}

Test(stream_interactions, every_bad_field_of_the_header_is_named) {
    char digest[130];
    memset(digest, 'd', sizeof digest - 1);
    digest[sizeof digest - 1] = '\0';
    Profiled__V1__InteractionStreamHeader header;
    const Profiled__V1__StreamInteractionsRequest request = header_of(&header, "no spaces");
    header.source = text("No");
    header.default_region = text("XX");
    header.content_digest = digest;
    const struct answer *answer = send_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    static const char *const fields[] = {"header.stream_id", "header.source",
                                         "header.default_region", "header.content_digest"};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
}

/* As if each had come in a call of its own. */
Test(stream_interactions, verdicts_do_not_depend_on_how_the_stream_is_cut) {
    enum { COUNT = 6 };
    static const char *const addresses[COUNT] = {"a", "b", "c", "d", "e", "f"};
    const char *first[2] = {NULL, NULL};
    const char *profile = NULL;
    for (size_t turn = 0; turn < 2; turn++) {
        struct told_event events[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
            const char *address = arena_format(&ask_arena, "%s%zu@example.com", addresses[i], turn);
            first[turn] = i == 0 ? address : first[turn];
            events[i] = (struct told_event){
                (int64_t)i + 1,
                event_by_record(engagement_told("", "email", 0),
                                TOLD(.identities = {ID("external_id", turn == 0 ? "11" : "12"),
                                                    ID("email", address)}))};
        }
        reconnect();
        start(turn == 0 ? "whole" : "cut");
        for (size_t i = 0; i < COUNT; i += turn == 0 ? COUNT : 1) {
            ask_wait_us(1000);
            const Profiled__V1__InteractionStreamAck *ack =
                stream_events(events + i, turn == 0 ? COUNT : 1);
            profile = arena_string(
                &ask_arena, bytes_of_string(ack->verdicts[0]->verdict->recorded->profile_id));
        }
        cr_expect_str_eq(identity_over_limit(profile), first[turn]);
    }
}

Test(stream_interactions, a_text_with_nul_is_held_against_its_interaction) {
    start("bus");
    Profiled__V1__InteractionRecord *bad = event_by_email("a@example.com");
    bad->interaction->engagement->text = text("a~b");
    const struct told_event events[] = {{1, event_by_email("a@example.com")},
                                        {2, NULL},
                                        {3, bad},
                                        {4, event_by_email("a@example.com")}};
    call_tilde_set(ask_fixture, 0);

    const Profiled__V1__InteractionStreamAck *ack = stream_events(events, 4);

    cr_expect_str_eq(ack->verdicts[1]->verdict->errors[0]->field, "interaction_record");
    cr_assert_eq(ack->verdicts[2]->verdict->n_errors, 1);
    cr_expect_str_eq(ack->verdicts[2]->verdict->errors[0]->field, "interaction.engagement.text");
    cr_expect_eq(ack->durable_sequence, 4);
    cr_expect_eq(ack->counts->recorded, 2);
    cr_expect_eq(ack->counts->failed, 2);
}
