/* One file over the wire. One thread reads the file and sends, another receives and reports: so
 * several batches are on their way, and neither waits for the other while the server holds up one
 * of them. The server remembers how far it came: after a broken connection the stream is opened
 * again with the same header, and of the batches that have no answer only what is not durable is
 * sent again. */

#include "client/cli/transfer.h"

#include "client/retry.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A transfer under way is worth more patience than one that could not begin. */
enum { ATTEMPTS_MAX = 10, FIRST_ATTEMPTS_MAX = 5, MESSAGE_ROOM = 32 };

/* Batches are numbered as they are read. They lie in a ring: those that were answered are free, and
 * one more is read than may be on its way. */
struct transfer_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct transfer_batch *ring;
    size_t ring_size;
    uint64_t read;     /* Batches that were read, */
    uint64_t sent;     /* sent on this connection or answered before it, */
    uint64_t answered; /* and answered. */
    bool ended;        /* There is no more in the file. */
    bool broken;       /* The connection is over. */
};

/* ---- the connection ---- */

static bool set_error(struct profiled_error *error, const char *message) {
    profiled_error_clear(error);
    error->code = PROFILED_INTERNAL;
    error->message = strdup(message);
    error->reason = strdup("");
    return false;
}

/* Ends the stream and takes its error; one of ours when the server found none. */
static bool stream_failed(struct transfer *transfer, struct profiled_error *error) {
    struct profiled_stream *stream = transfer->stream;
    transfer->stream = NULL;
    profiled_stream_half_close(stream);
    return profiled_stream_finish(stream, error)
               ? set_error(error, "the server ended the import before its last row")
               : false;
}

static bool open_once(struct transfer *transfer, struct profiled_error *error) {
    const struct profiled_call_options options = {.timeout_ms = transfer->silence_ms};
    transfer->stream = profiled_stream_open(transfer->client, transfer->kind->service,
                                            transfer->kind->method, &options, error);
    if (transfer->stream == NULL) {
        return false;
    }
    ProtobufCMessage *answer = NULL;
    if (transfer->kind->send_header(transfer)) {
        answer = profiled_stream_receive(transfer->stream);
    }
    if (answer == NULL) {
        return stream_failed(transfer, error);
    }
    const bool good = transfer->kind->read_started(transfer, answer, &transfer->durable_row);
    profiled_message_free(answer);
    if (!good) {
        profiled_stream_cancel(transfer->stream);
        stream_failed(transfer, error);
        return set_error(error, "the server did not answer the import's header");
    }
    transfer->opened_at_row = transfer->durable_row;
    return true;
}

/* Waits before the next try. False when there is to be none. */
static bool wait_for_retry(struct transfer *transfer, const struct profiled_error *error) {
    const struct retry_policy policy = {
        transfer->sent_rows > 0 ? ATTEMPTS_MAX : FIRST_ATTEMPTS_MAX,
        PROFILED_BACKOFF_DEFAULT_MS,
        PROFILED_BACKOFF_MAX_MS,
    };
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        random = 0; /* Only the spread of the waits is lost. */
    }
    transfer->attempts++;
    const int64_t delay_ms = retry_delay_ms(&policy, error, transfer->attempts, random, INT64_MAX);
    if (delay_ms < 0) {
        return false;
    }
    profiled_wait(transfer->client, delay_ms);
    return true;
}

static bool open_until(struct transfer *transfer, struct profiled_error *error) {
    while (transfer->stream == NULL) {
        if (!open_once(transfer, error) && !wait_for_retry(transfer, error)) {
            return false;
        }
    }
    return true;
}

bool transfer_open(struct transfer *transfer, struct profiled_error *error) {
    if (!open_until(transfer, error)) {
        return false;
    }
    transfer->begun_at_row = transfer->durable_row;
    profiled_error_clear(error); /* Of the tries before. */
    return true;
}

/* ---- batches ---- */

/* Whether a row of an earlier run is of no more use: it is in, or its failure was told. */
static bool is_past(const struct transfer *transfer, const struct import_row *row) {
    const bool told = row->message != NULL || row->number <= transfer->report->verdicts->told_row;
    return row->number <= transfer->begun_at_row && told;
}

/* Reads the next batch, without rows of an earlier run. */
static void read_batch(struct transfer *transfer, struct transfer_batch *batch) {
    size_t size = 0;
    batch->count = 0;
    struct import_row row;
    while (batch->count < transfer->batch_rows_max && size < BATCH_SIZE_MAX - ROW_SIZE_MAX &&
           import_rows_next(transfer->rows, &row)) {
        if (row.message == NULL) {
            transfer->report->failed_here++;
        }
        if (is_past(transfer, &row)) {
            import_row_free(&row);
            continue;
        }
        size += row.message == NULL ? 0 : protobuf_c_message_get_packed_size(row.message);
        size += MESSAGE_ROOM;
        batch->rows[batch->count++] = row;
    }
    batch->file_done = transfer->rows->input.done;
}

static void free_batch(struct transfer_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        import_row_free(&batch->rows[i]);
    }
    batch->count = 0;
}

/* Sends the rows of the batch that are not durable. */
static bool send_batch(struct transfer *transfer, struct transfer_batch *batch) {
    const struct import_row **rows = calloc(batch->count + 1, sizeof *rows);
    assert(rows != NULL);
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct import_row *row = &batch->rows[i];
        if (row->message != NULL && row->number > transfer->opened_at_row) {
            rows[count++] = row;
        }
    }
    batch->awaited = count > 0;
    const bool sent = count == 0 || transfer->kind->send_rows(transfer, rows, count);
    free(rows);
    return sent;
}

/* A row without a verdict was in when it came: the verdict went with a connection that broke, or to
 * another run. Rows that follow each other are told at once. */
static void tell_lost(struct transfer *transfer) {
    if (transfer->lost_first > 0) {
        fprintf(stderr,
                "profilectl: rows %" PRId64 "-%" PRId64 " are in and have no verdict: it went with "
                "a connection that broke, or to another run\n",
                transfer->lost_first, transfer->lost_last);
        transfer->lost_first = 0;
    }
}

/* Reports the batch in the order of its rows: the server's verdicts, and what failed here. */
static void report_batch(struct transfer *transfer, const struct transfer_batch *batch,
                         const ProtobufCMessage *answer, size_t verdict_count) {
    size_t next = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct import_row *row = &batch->rows[i];
        bool told = false;
        if (row->message == NULL) {
            transfer_report_failure(transfer->report, row);
            told = true;
        } else if (next < verdict_count &&
                   transfer->kind->verdict_row(answer, next) == row->number) {
            told = transfer->kind->report(transfer, row, answer, next);
            next++;
        }
        if (told) {
            tell_lost(transfer);
        } else {
            transfer->lost_first = transfer->lost_first == 0 ? row->number : transfer->lost_first;
            transfer->lost_last = row->number;
        }
    }
    verdicts_flush(transfer->report->verdicts);
}

/* Waits for the answer to a batch, if one comes, and reports it. */
static bool take_answer(struct transfer *transfer, const struct transfer_batch *batch) {
    if (!batch->awaited) {
        report_batch(transfer, batch, NULL, 0);
        return true;
    }
    ProtobufCMessage *answer = profiled_stream_receive(transfer->stream);
    if (answer == NULL) {
        return false;
    }
    struct transfer_ack ack;
    const bool good = transfer->kind->read_ack(transfer, answer, &ack);
    if (good) {
        transfer->durable_row = ack.durable_row;
        transfer->attempts = 0;
        transfer->sent_rows += (int64_t)ack.verdict_count;
        report_batch(transfer, batch, answer, ack.verdict_count);
    } else {
        profiled_stream_cancel(transfer->stream);
    }
    profiled_message_free(answer);
    return good;
}

/* ---- the two threads ---- */

static struct transfer_batch *batch_at(const struct transfer_queue *queue, uint64_t number) {
    return &queue->ring[number % queue->ring_size];
}

/* One step of the sending thread, which holds the mutex but while it works: sends a batch, or reads
 * one, or waits. False when nothing is left to send. */
static bool send_step(struct transfer *transfer) {
    struct transfer_queue *queue = transfer->queue;
    if (queue->broken || (queue->ended && queue->sent == queue->read)) {
        return false;
    }
    if (queue->sent < queue->read &&
        queue->sent < queue->answered + transfer->kind->in_flight_max) {
        struct transfer_batch *batch = batch_at(queue, queue->sent);
        pthread_mutex_unlock(&queue->mutex);
        const bool sent = send_batch(transfer, batch);
        pthread_mutex_lock(&queue->mutex);
        queue->sent += sent ? 1 : 0;
        queue->broken = queue->broken || !sent;
    } else if (!queue->ended && queue->read < queue->answered + queue->ring_size) {
        struct transfer_batch *batch = batch_at(queue, queue->read);
        pthread_mutex_unlock(&queue->mutex);
        read_batch(transfer, batch);
        pthread_mutex_lock(&queue->mutex);
        queue->ended = batch->count == 0;
        queue->read += batch->count == 0 ? 0 : 1;
    } else {
        pthread_cond_wait(&queue->changed, &queue->mutex);
        return true;
    }
    pthread_cond_broadcast(&queue->changed);
    return true;
}

static void *send_all(void *state) {
    struct transfer *transfer = state;
    pthread_mutex_lock(&transfer->queue->mutex);
    while (send_step(transfer)) {
    }
    pthread_mutex_unlock(&transfer->queue->mutex);
    return NULL;
}

/* One step of the receiving thread, likewise: takes the answer to a batch that was sent, or waits
 * for one to be sent. False when all is done, or the connection is over. */
static bool receive_step(struct transfer *transfer) {
    struct transfer_queue *queue = transfer->queue;
    if (queue->answered == queue->sent) {
        if (queue->broken || (queue->ended && queue->sent == queue->read)) {
            return false;
        }
        pthread_cond_wait(&queue->changed, &queue->mutex);
        return true;
    }
    struct transfer_batch *batch = batch_at(queue, queue->answered);
    pthread_mutex_unlock(&queue->mutex);
    const bool good = take_answer(transfer, batch);
    if (good) {
        transfer_report_progress(transfer->report, batch->file_done);
        free_batch(batch);
    }
    pthread_mutex_lock(&queue->mutex);
    queue->answered += good ? 1 : 0;
    queue->broken = queue->broken || !good;
    pthread_cond_broadcast(&queue->changed);
    return good;
}

/* Both threads on one connection, until the file or the connection is over. True when everything is
 * durable. */
static bool exchange(struct transfer *transfer) {
    struct transfer_queue *queue = transfer->queue;
    queue->sent = queue->answered; /* The rest is sent again. */
    queue->broken = false;
    pthread_t sender;
    const int failed = pthread_create(&sender, NULL, send_all, transfer);
    assert(failed == 0);
    pthread_mutex_lock(&queue->mutex);
    while (receive_step(transfer)) {
    }
    pthread_mutex_unlock(&queue->mutex);
    pthread_join(sender, NULL);
    return !queue->broken;
}

static void queue_init(struct transfer_queue *queue, size_t in_flight_max) {
    *queue = (struct transfer_queue){.ring_size = in_flight_max + 1};
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
    queue->ring = calloc(queue->ring_size, sizeof *queue->ring);
    assert(queue->ring != NULL);
}

static void queue_free(struct transfer_queue *queue) {
    for (size_t i = 0; i < queue->ring_size; i++) {
        free_batch(&queue->ring[i]);
    }
    free(queue->ring);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
}

bool transfer_run(struct transfer *transfer, struct profiled_error *error) {
    struct transfer_queue queue;
    queue_init(&queue, transfer->kind->in_flight_max);
    transfer->queue = &queue;
    bool good = false;
    bool again = true;
    while (!good && again) {
        again = open_until(transfer, error);
        if (again) {
            good = exchange(transfer);
        }
        if (again && !good) {
            stream_failed(transfer, error);
            again = wait_for_retry(transfer, error);
        }
    }
    tell_lost(transfer);
    transfer->queue = NULL;
    queue_free(&queue);
    if (!good) {
        return false;
    }
    /* Everything is durable: how the stream ends changes nothing. */
    struct profiled_stream *stream = transfer->stream;
    transfer->stream = NULL;
    profiled_stream_half_close(stream);
    profiled_stream_finish(stream, error);
    profiled_error_clear(error); /* Also of connections that broke on the way. */
    return true;
}
