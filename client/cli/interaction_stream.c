/* The messages of StreamInteractions. Several batches are on their way; a row's number is its
 * sequence, so what the server had before a connection broke is not stored again. */

#include "client/cli/interaction_stream.h"

#include "client/json.h"

#include <assert.h>
#include <stdlib.h>

enum { IN_FLIGHT_MAX = 8 };

static struct interaction_stream *state_of(const struct transfer *transfer) {
    return transfer->state;
}

static const Profiled__V1__StreamInteractionsResponse *answer_of(const ProtobufCMessage *message) {
    return (const Profiled__V1__StreamInteractionsResponse *)message;
}

static bool send_header(struct transfer *transfer) {
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_HEADER;
    request.header = &state_of(transfer)->header;
    return profiled_stream_send(transfer->stream, &request.base);
}

static bool send_rows(struct transfer *transfer, const struct import_row *const *rows,
                      size_t count) {
    Profiled__V1__SequencedInteraction *messages = calloc(count, sizeof *messages);
    Profiled__V1__SequencedInteraction **list = calloc(count, sizeof *list);
    assert(messages != NULL && list != NULL);
    for (size_t i = 0; i < count; i++) {
        profiled__v1__sequenced_interaction__init(&messages[i]);
        messages[i].sequence = rows[i]->number;
        messages[i].interaction_record = (Profiled__V1__InteractionRecord *)rows[i]->message;
        list[i] = &messages[i];
    }
    Profiled__V1__InteractionBatch batch = PROFILED__V1__INTERACTION_BATCH__INIT;
    Profiled__V1__StreamInteractionsRequest request =
        PROFILED__V1__STREAM_INTERACTIONS_REQUEST__INIT;
    batch.n_interactions = count;
    batch.interactions = list;
    request.payload_case = PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    const bool sent = profiled_stream_send(transfer->stream, &request.base);
    free(messages);
    free(list);
    return sent;
}

static void take_counts(struct transfer *transfer,
                        const Profiled__V1__InteractionStreamCounts *counts) {
    if (counts != NULL) {
        state_of(transfer)->counts = *counts;
    }
}

static bool read_started(struct transfer *transfer, const ProtobufCMessage *answer,
                         int64_t *durable_row) {
    const Profiled__V1__StreamInteractionsResponse *response = answer_of(answer);
    if (response->payload_case != PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_STARTED) {
        return false;
    }
    *durable_row = response->started->durable_sequence;
    take_counts(transfer, response->started->counts);
    return true;
}

static bool read_ack(struct transfer *transfer, const ProtobufCMessage *answer,
                     struct transfer_ack *ack) {
    const Profiled__V1__StreamInteractionsResponse *response = answer_of(answer);
    if (response->payload_case != PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_ACK) {
        return false;
    }
    *ack = (struct transfer_ack){response->ack->durable_sequence, response->ack->n_verdicts};
    take_counts(transfer, response->ack->counts);
    return true;
}

static int64_t verdict_row(const ProtobufCMessage *answer, size_t position) {
    return answer_of(answer)->ack->verdicts[position]->sequence;
}

static bool report(struct transfer *transfer, const struct import_row *row,
                   const ProtobufCMessage *answer, size_t position) {
    struct transfer_report *report = &state_of(transfer)->report;
    const Profiled__V1__InteractionVerdict *verdict =
        answer_of(answer)->ack->verdicts[position]->verdict;
    if (verdict == NULL) {
        return false; /* It was in when it came. */
    }
    const Profiled__V1__RecordInteractionResponse *recorded = verdict->recorded;
    struct transfer_outcome outcome = {
        .name = "failed",
        .profile_id = "",
        .errors = transfer_report_errors(row, verdict->errors, verdict->n_errors),
        .failed = recorded == NULL,
    };
    if (recorded != NULL) {
        outcome.name = recorded->expired          ? "expired"
                       : recorded->repeated_event ? "repeated"
                                                  : "recorded";
        outcome.profile_id = recorded->profile_id;
        outcome.interaction_id = recorded->interaction_id;
        outcome.decision = report->verdicts->file == NULL || recorded->decision == NULL
                               ? NULL
                               : json_from_message(&recorded->decision->base);
    }
    transfer_report_outcome(report, row, &outcome);
    return true;
}

static int64_t failed(const struct transfer *transfer) {
    return state_of(transfer)->counts.failed + state_of(transfer)->report.failed_here;
}

static void summary(const struct transfer *transfer, const struct session *session,
                    const char *import_id, FILE *out) {
    const Profiled__V1__InteractionStreamCounts *counts = &state_of(transfer)->counts;
    const struct transfer_count lines[] = {
        {"recorded", "recorded", counts->recorded},
        {"repeatedEvents", "repeated events", counts->repeated_events},
        {"expired", "past retention", counts->expired},
        {"failed", "failed", failed(transfer)},
        {"profilesCreated", "profiles created", counts->profiles_created},
        {"profilesLinked", "profiles linked", counts->profiles_linked},
        {"profilesMerged", "profiles merged", counts->profiles_merged},
    };
    transfer_report_summary(lines, sizeof lines / sizeof lines[0], session, import_id, out);
}

const struct transfer_kind interaction_stream_kind = {
    .service = &profiled__v1__interaction_service__descriptor,
    .method = "StreamInteractions",
    .mismatch_reason = "STREAM_MISMATCH",
    .header_words = "file, source or region",
    .in_flight_max = IN_FLIGHT_MAX,
    .send_header = send_header,
    .send_rows = send_rows,
    .read_started = read_started,
    .read_ack = read_ack,
    .verdict_row = verdict_row,
    .report = report,
    .failed = failed,
    .summary = summary,
};
