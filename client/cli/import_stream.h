#pragma once
/* One import over the wire: header, batches, verdicts, and going on after a broken connection. */

#include "client/cli/import_report.h"
#include "client/cli/import_rows.h"

enum {
    BATCH_ROWS_MAX = 1000,
    BATCH_SIZE_MAX = 2 << 20,
    IMPORT_SILENCE_DEFAULT_MS = 60000, /* Far longer than a server takes for a batch. */
};

struct import_batch {
    struct import_row rows[BATCH_ROWS_MAX];
    size_t count;
};

struct import_stream {
    struct profiled_client *client; /* Borrowed, as the rest. */
    const Profiled__V1__ImportHeader *header;
    struct import_rows *rows;
    struct import_report *report;
    size_t batch_rows_max;
    int64_t silence_ms;             /* How long the server may leave a batch without an answer. */
    struct profiled_stream *stream; /* NULL between connections. */
    int64_t durable_row;            /* The last row that need not be sent. */
    int64_t begun_at_row;           /* What it was when this run began. */
    int64_t sent_rows;
    int32_t attempts; /* Failures since something went well. */
    struct import_batch batches[2];
};

/* Opens the stream and learns where to go on. False with `error` filled. */
bool import_stream_open(struct import_stream *import, struct profiled_error *error);

/* Sends every row and reports each. False with `error` filled. */
bool import_stream_run(struct import_stream *import, struct profiled_error *error);
