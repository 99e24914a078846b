/* BatchRecordInteractions. */

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "tests/handlers/events.h"

TestSuite(batch_record_interactions, .init = ask_open, .fini = ask_close);

static Profiled__V1__BatchRecordInteractionsRequest
request_of(Profiled__V1__InteractionRecord **events, size_t count) {
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = count;
    request.interaction_records = events;
    return request;
}

Test(batch_record_interactions, each_sees_those_before_it_and_a_bad_one_stops_nobody) {
    const struct told *noura = TOLD(.identities = {ID("email", "n@example.com")});
    Profiled__V1__InteractionRecord *events[] = {
        event_by_record(engagement_told("m-1", "email", 0), noura),
        event_by_record(engagement_told("m-2", "No Channel", 0), noura),
        event_by_id(engagement_told("m-3", "email", 0), "0190b8a2-0000-7000-8000-00000000000a"),
        event_by_record(engagement_told("m-1", "email", 0), noura),
        event_by_record(engagement_told("m-4", "sms", 0), noura),
    };
    Profiled__V1__BatchRecordInteractionsRequest request = request_of(events, 5);

    const Profiled__V1__BatchRecordInteractionsResponse *response =
        ask_twice(&rpc_interaction_service, "BatchRecordInteractions", &request.base);

    cr_assert_eq(response->n_verdicts, 5);
    const Profiled__V1__RecordInteractionResponse *first = response->verdicts[0]->recorded;
    cr_expect_eq(first->decision->outcome, OUTCOME(CREATED));
    cr_expect_null(response->verdicts[1]->recorded);
    cr_expect_str_eq(response->verdicts[1]->errors[0]->field, "interaction.engagement.channel");
    cr_expect_str_eq(response->verdicts[2]->errors[0]->field, "profile_id");
    cr_expect(response->verdicts[3]->recorded->repeated_event);
    cr_expect_str_eq(response->verdicts[3]->recorded->interaction_id, first->interaction_id);
    cr_expect_eq(response->verdicts[4]->recorded->decision->outcome, OUTCOME(LINKED));
    cr_expect_eq(get(first->profile_id)->interaction_summary->count, 2);
    cr_expect_eq(events_of(first->profile_id)->n_interactions, 2);
}

/* As if each had come in a call of its own, later than the one before it. */
Test(batch_record_interactions, what_was_told_first_is_over_the_limit) {
    static const char *const addresses[] = {"a@example.com", "b@example.com", "c@example.com",
                                            "d@example.com", "e@example.com", "f@example.com"};
    enum { COUNT = sizeof addresses / sizeof *addresses };
    for (size_t turn = 0; turn < 2; turn++) {
        Profiled__V1__InteractionRecord *events[COUNT];
        const char *first = NULL;
        for (size_t i = 0; i < COUNT; i++) {
            const char *address =
                arena_format(&ask_arena, "%zu%s", turn, addresses[turn == 0 ? i : COUNT - 1 - i]);
            first = i == 0 ? address : first;
            events[i] =
                event_by_record(engagement_told("", "email", 0),
                                TOLD(.identities = {ID("external_id", turn == 0 ? "11" : "12"),
                                                    ID("email", address)}));
        }
        const Profiled__V1__BatchRecordInteractionsRequest request = request_of(events, COUNT);

        const Profiled__V1__BatchRecordInteractionsResponse *response =
            ask(&rpc_interaction_service, "BatchRecordInteractions", &request.base);

        cr_expect_str_eq(identity_over_limit(response->verdicts[0]->recorded->profile_id), first);
    }
}

Test(batch_record_interactions, one_to_a_thousand) {
    Profiled__V1__InteractionRecord *events[BATCH_RECORDS_MAX + 1];
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (size_t i = 0; i <= BATCH_RECORDS_MAX; i++) {
        events[i] = event_by_id(engagement_told("", "email", 0), id);
    }
    Profiled__V1__BatchRecordInteractionsRequest request = request_of(events, 0);
    ask_refused(&rpc_interaction_service, "BatchRecordInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    request = request_of(events, BATCH_RECORDS_MAX + 1);
    ask_refused(&rpc_interaction_service, "BatchRecordInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    request = request_of(events, BATCH_RECORDS_MAX);
    ask(&rpc_interaction_service, "BatchRecordInteractions", &request.base);
    cr_expect_eq(events_of(id)->n_interactions, BATCH_RECORDS_MAX);
    cr_expect_eq(get(id)->interaction_summary->count, BATCH_RECORDS_MAX);
}

Test(batch_record_interactions, another_workspace_has_its_own_events) {
    const struct told *noura = TOLD(.identities = {ID("email", "n@example.com")});
    Profiled__V1__InteractionRecord *events[] = {
        event_by_record(engagement_told("m-1", "email", 0), noura)};
    Profiled__V1__BatchRecordInteractionsRequest request = request_of(events, 1);
    ask(&rpc_interaction_service, "BatchRecordInteractions", &request.base);
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, "other", &rpc_interaction_service, "BatchRecordInteractions",
            &request.base, &response);
    cr_assert_not_null(response);
    cr_expect_not(((const Profiled__V1__BatchRecordInteractionsResponse *)response)
                      ->verdicts[0]
                      ->recorded->repeated_event);
}

Test(batch_record_interactions, is_done_once_for_one_request_id) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__InteractionRecord *events[] = {event_by_id(engagement_told("", "email", 0), id),
                                                 event_by_id(engagement_told("", "sms", 0), id)};
    Profiled__V1__BatchRecordInteractionsRequest request = request_of(events, 2);
    Profiled__V1__BatchRecordInteractionsRequest other = request_of(events, 1);
    ask_again(&rpc_interaction_service, "BatchRecordInteractions", &request.base, &other.base);
    cr_expect_eq(get(id)->interaction_summary->count, 2);
}

/* Texts that no string may hold are held against their records alone, wherever they stand. */
static void expect_bad_texts(uint8_t tilde) {
    const struct told *noura = TOLD(.identities = {ID("email", "n@example.com")});
    Profiled__V1__Interaction *talk = engagement_told("", "email", 0);
    talk->engagement->text = "a~b";
    Profiled__V1__PropertyValue value = PROFILED__V1__PROPERTY_VALUE__INIT;
    value.value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT;
    value.text = "~";
    Profiled__V1__InteractionRecord *events[] = {
        event_by_record(engagement_told("", "email", 0), noura),
        event_by_record(talk, noura),
        event_by_record(activity_told(&value, 1), noura),
        event_by_record(
            engagement_told("", "email", 0),
            TOLD(.name = "Noura~", .identities = {ID("email", "n@example.com"), ID("email", "~")})),
        event_by_record(engagement_told("", "email", 0),
                        TOLD(.identities = {ID("email", "n@example.com"), ID("email", "~")})),
        event_by_record(engagement_told("", "email", 0), noura),
    };
    Profiled__V1__BatchRecordInteractionsRequest request = request_of(events, 6);
    call_tilde_set(ask_fixture, tilde);

    const Profiled__V1__BatchRecordInteractionsResponse *response =
        ask_twice(&rpc_interaction_service, "BatchRecordInteractions", &request.base);

    static const char *const fields[] = {
        NULL,          "interaction.engagement.text", "interaction.activity.properties.p0.text",
        "record.name", "record.identities[1].value",  NULL};
    for (size_t i = 0; i < 6; i++) {
        const Profiled__V1__InteractionVerdict *verdict = response->verdicts[i];
        cr_assert_eq(verdict->recorded != NULL, fields[i] == NULL, "%zu", i);
        if (fields[i] != NULL) {
            cr_assert_eq(verdict->n_errors, 1);
            cr_expect_str_eq(verdict->errors[0]->field, fields[i]);
            cr_expect_str_eq(verdict->errors[0]->description, RPC_BAD_TEXT);
        }
    }
    call_tilde_set(ask_fixture, '~');
    cr_expect_eq(events_of(response->verdicts[0]->recorded->profile_id)->n_interactions, 2);
}

Test(batch_record_interactions, a_nul_is_held_against_its_record) { expect_bad_texts(0); }

Test(batch_record_interactions, a_text_that_is_not_utf8_is_held_against_its_record) {
    expect_bad_texts(0xff);
}

/* What is of no record is of the whole. */
Test(batch_record_interactions, a_nul_beside_the_records_refuses_all) {
    Profiled__V1__InteractionRecord *events[] = {event_by_record(
        engagement_told("", "email", 0), TOLD(.identities = {ID("email", "n@x.example")}))};
    Profiled__V1__BatchRecordInteractionsRequest request = request_of(events, 1);
    request.request_id = "~";
    call_tilde_set(ask_fixture, 0);
    ask_refused(&rpc_interaction_service, "BatchRecordInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "MESSAGE_INVALID");
}
