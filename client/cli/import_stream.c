/* One import over the wire. While the server commits a batch the next one is read from the file;
 * one batch is in flight. The server remembers how far an import came: after a broken connection
 * the stream is opened again with the same header, and what is durable is not sent again. */

#include "client/cli/import_stream.h"

#include "client/retry.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* An import under way is worth more patience than one that could not begin. */
enum { ATTEMPTS_MAX = 10, FIRST_ATTEMPTS_MAX = 5, MESSAGE_ROOM = 32 };

static bool set_error(struct profiled_error *error, const char *message) {
    profiled_error_clear(error);
    error->code = PROFILED_INTERNAL;
    error->message = strdup(message);
    error->reason = strdup("");
    return false;
}

/* Ends the stream and takes its error; one of ours when the server found none. */
static bool stream_failed(struct import_stream *import, struct profiled_error *error) {
    struct profiled_stream *stream = import->stream;
    import->stream = NULL;
    profiled_stream_half_close(stream);
    return profiled_stream_finish(stream, error)
               ? set_error(error, "the server ended the import before its last row")
               : false;
}

static bool open_once(struct import_stream *import, struct profiled_error *error) {
    const struct profiled_call_options options = {.timeout_ms = import->silence_ms};
    import->stream =
        profiled_stream_open(import->client, &profiled__v1__transfer_service__descriptor,
                             "ImportProfiles", &options, error);
    if (import->stream == NULL) {
        return false;
    }
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    Profiled__V1__ImportHeader header = *import->header;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    ProtobufCMessage *message = NULL;
    if (profiled_stream_send(import->stream, &request.base)) {
        message = profiled_stream_receive(import->stream);
    }
    if (message == NULL) {
        return stream_failed(import, error);
    }
    const Profiled__V1__ImportProfilesResponse *response =
        (const Profiled__V1__ImportProfilesResponse *)message;
    const bool good =
        response->payload_case == PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_STARTED;
    if (good) {
        import->durable_row = response->started->durable_row;
        if (response->started->counts != NULL) {
            import->report->counts = *response->started->counts;
        }
    }
    profiled_message_free(message);
    if (!good) {
        profiled_stream_cancel(import->stream);
        stream_failed(import, error);
        return set_error(error, "the server did not answer the import's header");
    }
    return true;
}

/* Waits before the next try. False when there is to be none. */
static bool wait_for_retry(struct import_stream *import, const struct profiled_error *error) {
    const struct retry_policy policy = {
        import->sent_rows > 0 ? ATTEMPTS_MAX : FIRST_ATTEMPTS_MAX,
        PROFILED_BACKOFF_DEFAULT_MS,
        PROFILED_BACKOFF_MAX_MS,
    };
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        random = 0; /* Only the spread of the waits is lost. */
    }
    import->attempts++;
    const int64_t delay_ms = retry_delay_ms(&policy, error, import->attempts, random, INT64_MAX);
    if (delay_ms < 0) {
        return false;
    }
    const struct timespec wait = {delay_ms / 1000, delay_ms % 1000 * 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
    return true;
}

static bool open_until(struct import_stream *import, struct profiled_error *error) {
    while (import->stream == NULL) {
        if (!open_once(import, error) && !wait_for_retry(import, error)) {
            return false;
        }
    }
    return true;
}

bool import_stream_open(struct import_stream *import, struct profiled_error *error) {
    if (!open_until(import, error)) {
        return false;
    }
    import->begun_at_row = import->durable_row;
    profiled_error_clear(error); /* Of the tries before. */
    return true;
}

/* Whether a row of an earlier run is of no more use: it is in, or its failure was told. */
static bool is_past(const struct import_stream *import, const struct import_row *row) {
    const bool told = row->record != NULL || row->number <= import->report->verdicts->told_row;
    return row->number <= import->begun_at_row && told;
}

/* Reads the next batch, without rows of an earlier run. */
static void read_batch(struct import_stream *import, struct import_batch *batch) {
    size_t size = 0;
    batch->count = 0;
    struct import_row row;
    while (batch->count < import->batch_rows_max && size < BATCH_SIZE_MAX - ROW_SIZE_MAX &&
           import_rows_next(import->rows, &row)) {
        if (row.record == NULL) {
            import->report->failed_here++;
        }
        if (is_past(import, &row)) {
            import_row_free(&row);
            continue;
        }
        size += row.record == NULL ? 0 : profiled__v1__record__get_packed_size(row.record);
        size += MESSAGE_ROOM;
        batch->rows[batch->count++] = row;
    }
}

static void free_batch(struct import_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        import_row_free(&batch->rows[i]);
    }
    batch->count = 0;
}

/* Sends the rows of the batch that are not durable. `*count` tells how many there were. */
static bool send_batch(struct import_stream *import, struct import_batch *batch, size_t *count) {
    Profiled__V1__ImportRow *rows = calloc(batch->count + 1, sizeof *rows);
    Profiled__V1__ImportRow **list = calloc(batch->count + 1, sizeof *list);
    assert(rows != NULL && list != NULL);
    *count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct import_row *row = &batch->rows[i];
        if (row->record == NULL || row->number <= import->durable_row) {
            continue;
        }
        profiled__v1__import_row__init(&rows[*count]);
        rows[*count].row = row->number;
        rows[*count].record = row->record;
        list[*count] = &rows[*count];
        (*count)++;
    }
    bool sent = true;
    if (*count > 0) {
        Profiled__V1__ImportBatch payload = PROFILED__V1__IMPORT_BATCH__INIT;
        Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
        payload.n_rows = *count;
        payload.rows = list;
        request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
        request.batch = &payload;
        sent = profiled_stream_send(import->stream, &request.base);
    }
    free(rows);
    free(list);
    return sent;
}

/* Reports the batch in the order of its rows: the server's verdicts, and what failed here. A row
 * without a verdict was in before a connection broke, and its verdict went with it. */
static void report_batch(struct import_stream *import, const struct import_batch *batch,
                         const Profiled__V1__ImportAck *ack) {
    size_t next = 0;
    const struct import_row *first_lost = NULL;
    const struct import_row *last_lost = NULL;
    for (size_t i = 0; i < batch->count; i++) {
        const struct import_row *row = &batch->rows[i];
        if (row->record == NULL) {
            import_report_failure(import->report, row);
        } else if (ack != NULL && next < ack->n_verdicts &&
                   ack->verdicts[next]->row == row->number) {
            import_report_verdict(import->report, row, ack->verdicts[next]);
            next++;
        } else {
            first_lost = first_lost == NULL ? row : first_lost;
            last_lost = row;
        }
    }
    if (first_lost != NULL) {
        fprintf(stderr,
                "profilectl: rows %" PRId64 "-%" PRId64 " are in and have no verdict: the answer "
                "on them was lost with the connection\n",
                first_lost->number, last_lost->number);
    }
    verdicts_flush(import->report->verdicts);
}

/* Waits for the answer to a batch, and reports it. */
static bool take_ack(struct import_stream *import, const struct import_batch *batch) {
    ProtobufCMessage *message = profiled_stream_receive(import->stream);
    if (message == NULL) {
        return false;
    }
    const Profiled__V1__ImportProfilesResponse *response =
        (const Profiled__V1__ImportProfilesResponse *)message;
    const bool good = response->payload_case == PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK;
    if (good) {
        import->durable_row = response->ack->durable_row;
        import->attempts = 0;
        if (response->ack->counts != NULL) {
            import->report->counts = *response->ack->counts;
        }
        import->sent_rows += (int64_t)response->ack->n_verdicts;
        report_batch(import, batch, response->ack);
    } else {
        profiled_stream_cancel(import->stream);
    }
    profiled_message_free(message);
    return good;
}

/* Brings a batch to the server, whatever happens to the connection, and reads the next one from the
 * file meanwhile. */
static bool exchange(struct import_stream *import, struct import_batch *batch,
                     struct import_batch *next, struct profiled_error *error) {
    bool next_read = false;
    for (;;) {
        if (!open_until(import, error)) {
            return false;
        }
        size_t count;
        const bool sent = send_batch(import, batch, &count);
        if (!next_read) {
            read_batch(import, next);
            next_read = true;
        }
        if (sent && count == 0) {
            report_batch(import, batch, NULL);
            return true;
        }
        if (sent && take_ack(import, batch)) {
            return true;
        }
        stream_failed(import, error);
        if (!wait_for_retry(import, error)) {
            return false;
        }
    }
}

bool import_stream_run(struct import_stream *import, struct profiled_error *error) {
    struct import_batch *batch = &import->batches[0];
    struct import_batch *next = &import->batches[1];
    read_batch(import, batch);
    bool good = true;
    while (good && batch->count > 0) {
        good = exchange(import, batch, next, error);
        import_report_progress(import->report, import->rows->input.done);
        free_batch(batch);
        struct import_batch *swapped = batch;
        batch = next;
        next = swapped;
    }
    free_batch(batch);
    free_batch(next);
    if (!good) {
        if (import->stream != NULL) {
            profiled_stream_cancel(import->stream);
            struct profiled_error ignored = PROFILED_ERROR_INIT;
            profiled_stream_finish(import->stream, &ignored);
            profiled_error_clear(&ignored);
            import->stream = NULL;
        }
        return false;
    }
    /* Everything is durable: how the stream ends changes nothing. */
    struct profiled_stream *stream = import->stream;
    import->stream = NULL;
    profiled_stream_half_close(stream);
    profiled_stream_finish(stream, error);
    profiled_error_clear(error); /* Also of connections that broke on the way. */
    return true;
}
