/* The messages of ImportProfiles. One batch is on its way: while the server commits it the next one
 * is read from the file. */

#include "client/cli/import_stream.h"

#include <assert.h>
#include <stdlib.h>

static struct import_stream *state_of(const struct transfer *transfer) { return transfer->state; }

static const Profiled__V1__ImportProfilesResponse *answer_of(const ProtobufCMessage *message) {
    return (const Profiled__V1__ImportProfilesResponse *)message;
}

static bool send_header(struct transfer *transfer) {
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &state_of(transfer)->header;
    return profiled_stream_send(transfer->stream, &request.base);
}

static bool send_rows(struct transfer *transfer, const struct import_row *const *rows,
                      size_t count) {
    Profiled__V1__ImportRow *messages = calloc(count, sizeof *messages);
    Profiled__V1__ImportRow **list = calloc(count, sizeof *list);
    assert(messages != NULL && list != NULL);
    for (size_t i = 0; i < count; i++) {
        profiled__v1__import_row__init(&messages[i]);
        messages[i].row = rows[i]->number;
        messages[i].record = (Profiled__V1__Record *)rows[i]->message;
        list[i] = &messages[i];
    }
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    batch.n_rows = count;
    batch.rows = list;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    const bool sent = profiled_stream_send(transfer->stream, &request.base);
    free(messages);
    free(list);
    return sent;
}

static void take_counts(struct transfer *transfer, const Profiled__V1__ImportCounts *counts) {
    if (counts != NULL) {
        state_of(transfer)->report.counts = *counts;
    }
}

static bool read_started(struct transfer *transfer, const ProtobufCMessage *answer,
                         int64_t *durable_row) {
    const Profiled__V1__ImportProfilesResponse *response = answer_of(answer);
    if (response->payload_case != PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_STARTED) {
        return false;
    }
    *durable_row = response->started->durable_row;
    take_counts(transfer, response->started->counts);
    return true;
}

static bool read_ack(struct transfer *transfer, const ProtobufCMessage *answer,
                     struct transfer_ack *ack) {
    const Profiled__V1__ImportProfilesResponse *response = answer_of(answer);
    if (response->payload_case != PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK) {
        return false;
    }
    *ack = (struct transfer_ack){response->ack->durable_row, response->ack->n_verdicts};
    take_counts(transfer, response->ack->counts);
    return true;
}

static int64_t verdict_row(const ProtobufCMessage *answer, size_t position) {
    return answer_of(answer)->ack->verdicts[position]->row;
}

static bool report(struct transfer *transfer, const struct import_row *row,
                   const ProtobufCMessage *answer, size_t position) {
    import_report_verdict(&state_of(transfer)->report, row,
                          answer_of(answer)->ack->verdicts[position]);
    return true;
}

static int64_t failed(const struct transfer *transfer) {
    return import_report_failed(&state_of(transfer)->report);
}

static void summary(const struct transfer *transfer, const struct session *session,
                    const char *import_id, FILE *out) {
    import_report_summary(&state_of(transfer)->report, session, import_id, out);
}

const struct transfer_kind import_stream_kind = {
    .service = &profiled__v1__transfer_service__descriptor,
    .method = "ImportProfiles",
    .mismatch_reason = "IMPORT_MISMATCH",
    .header_words = "file, mapping, policy, source or region",
    .in_flight_max = 1,
    .send_header = send_header,
    .send_rows = send_rows,
    .read_started = read_started,
    .read_ack = read_ack,
    .verdict_row = verdict_row,
    .report = report,
    .failed = failed,
    .summary = summary,
};
