#pragma once
/* A file on its way to the server as a stream: header, batches, verdicts, and going on after a
 * broken connection. What the messages are is said by its kind: profiles, or interactions. */

#include "client/cli/import_rows.h"
#include "client/cli/transfer_report.h"

enum {
    BATCH_ROWS_MAX = 1000,
    BATCH_SIZE_MAX = 2 << 20,
    TRANSFER_SILENCE_DEFAULT_MS = 60000, /* Far longer than a server takes for a batch. */
};

struct transfer;

/* An answer to a batch, as its kind has read it. */
struct transfer_ack {
    int64_t durable_row;
    size_t verdict_count;
};

/* What the messages of a stream are. */
struct transfer_kind {
    const ProtobufCServiceDescriptor *service;
    const char *method;
    const char *mismatch_reason; /* Of the error when an id was used with another header. */
    const char *header_words;    /* What must be the same then. */
    size_t in_flight_max;        /* Batches that are sent before the first of them is answered. */

    bool (*send_header)(struct transfer *transfer);
    bool (*send_rows)(struct transfer *transfer, const struct import_row *const *rows,
                      size_t count);
    /* Read an answer and take its counts. False when it is none. */
    bool (*read_started)(struct transfer *transfer, const ProtobufCMessage *answer,
                         int64_t *durable_row);
    bool (*read_ack)(struct transfer *transfer, const ProtobufCMessage *answer,
                     struct transfer_ack *ack);
    int64_t (*verdict_row)(const ProtobufCMessage *answer, size_t position);
    /* Reports a verdict. False when it tells nothing: the row was in before. */
    bool (*report)(struct transfer *transfer, const struct import_row *row,
                   const ProtobufCMessage *answer, size_t position);

    /* Rows that failed, since it began; and what it came to, printed. */
    int64_t (*failed)(const struct transfer *transfer);
    void (*summary)(const struct transfer *transfer, const struct session *session,
                    const char *import_id, FILE *out);
};

struct transfer_batch {
    struct import_row rows[BATCH_ROWS_MAX];
    size_t count;
    int64_t file_done; /* Bytes of the file before its end. */
    bool awaited;      /* Something of it was sent: an answer comes. */
};

struct transfer {
    const struct transfer_kind *kind;
    struct profiled_client *client; /* Borrowed, as the rest. */
    void *state;                    /* The kind's own. */
    struct import_rows *rows;
    struct transfer_report *report;
    size_t batch_rows_max;
    int64_t silence_ms; /* How long the server may leave a batch without an answer. */

    struct profiled_stream *stream; /* NULL between connections. */
    int64_t durable_row;            /* The last row that need not be sent. */
    int64_t begun_at_row;           /* What it was when this run began, */
    int64_t opened_at_row;          /* and when the present connection was opened. */
    int64_t sent_rows;
    int32_t attempts;   /* Failures since something went well. */
    int64_t lost_first; /* Rows without a verdict that were not told yet; 0 for none. */
    int64_t lost_last;

    /* Between the thread that sends and the one that receives. */
    struct transfer_queue *queue;
};

/* Opens the stream and learns where to go on. False with `error` filled. */
bool transfer_open(struct transfer *transfer, struct profiled_error *error);

/* Sends every row and reports each. False with `error` filled. */
bool transfer_run(struct transfer *transfer, struct profiled_error *error);
