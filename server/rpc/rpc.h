#pragma once
/* The way of a call: bytes in, bytes out. Transport hands in the bytes of a message and gets the
 * bytes of the answer; handlers see neither transport nor transactions nor the clock.
 *
 *   bytes -> scan -> unpack -> check -> read -> decide -> apply -> pack -> bytes
 *
 * Read calls run on the thread that submits them, on a snapshot of that thread. Write calls are
 * decoded and checked there, or by the preparer where they are large, then go to the bounded queue
 * of the workspace's writer, which runs many of them in one write transaction, commits once, and
 * answers them all. */

#include <protobuf-c/protobuf-c.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "server/base/random.h"
#include "server/base/status.h"
#include "server/store/store.h"

struct rpc_context;
struct rpc_host;
struct rpc_workspace;

enum rpc_access {
    RPC_READ,   /* Unary; sees a snapshot. */
    RPC_WRITE,  /* Unary; sees the write transaction, leaves wishes. */
    RPC_STREAM, /* Bidirectional; each message is a write call that shares a stream's state. */
    RPC_FEED,   /* One request, many messages: a read call that is run again and again, each time on
                   a fresh snapshot, and shares a stream's state. Each run is short: other calls wait
                   for it. */
};

typedef void rpc_check_fn(struct rpc_context *ctx, const ProtobufCMessage *request);
typedef struct status rpc_handle_fn(struct rpc_context *ctx, const ProtobufCMessage *request,
                                    ProtobufCMessage *response);

/* One method: a row that its handler's file exports through RPC_METHOD() (server/rpc/method.h). */
struct rpc_method {
    enum rpc_access access;
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *response;
    const ProtobufCMessageDescriptor *record; /* Of many, each with a verdict; NULL: of none. */
    rpc_check_fn *check;   /* Pure; tells every bad field with rpc_violation(). */
    rpc_handle_fn *handle; /* A function of (snapshot, request, ctx->now_us, ctx->random). */
    bool watches;          /* RPC_FEED only: it waits for what is committed. */
    bool erases;           /* RPC_WRITE only: frees space or ends a wrong, so that it may still run
                              when the store is too full for other writes. */
    size_t request_id_offset; /* RPC_WRITE only: of these fields in the request's struct. */
    size_t validate_only_offset;
};

/* One service: its rows in the order of the .proto file, as the descriptor has them. */
struct rpc_service {
    const ProtobufCServiceDescriptor *descriptor;
    const struct rpc_method *const *methods;
};

enum { RPC_VIOLATIONS_MAX = 100, RPC_METADATA_MAX = 8 };

/* One bad field of the request. */
struct rpc_violation {
    const char *field;       /* Its path, as "record.identities[1].value". */
    const char *description; /* What is wrong; never holds the value. */
};

/* A text of one of many records that is none: not UTF-8, or with NUL. */
struct rpc_bad_text {
    size_t record;     /* The position of the record's element in the request. */
    const char *field; /* Its path inside the record. */
};

/* Those of a message: the first one of each record. */
struct rpc_bad_texts {
    const ProtobufCMessageDescriptor *record; /* NULL: of no records. */
    struct arena *arena;
    size_t count;
    struct rpc_bad_text *items; /* In the order of the records. */
    const char *outside;        /* The path of one that is of no record: the message is refused. */
};

/* What a handler has. Valid until it returns. */
struct rpc_context {
    struct arena *arena;         /* Everything of the request, freed with it. */
    struct store_view *store;    /* The snapshot with this request's wishes over it. */
    int64_t now_us;              /* The time of the request. */
    const struct random *random; /* For ids; seeded in tests. */
    const char *default_region;  /* The workspace's, of national phone numbers; "" for none. */
    bool validate_only;          /* The wishes will not be applied. Handlers of unary calls need not
                                    look; that of a stream sets it, message by message. */
    bool checks_later; /* Set by a check that leaves something to its handler which only the
                          store can tell: then the handler runs in spite of violations, so
                          that all are told, and ends with rpc_violations_status(). */
    void *prepared;    /* What the check leaves for its handler, in the arena; NULL until
                          then. */
    void **stream;     /* A stream's state, NULL at its first message; NULL if unary. */
    struct arena *stream_arena; /* What lives as long as the stream; NULL if unary. */
    bool more;                  /* RPC_FEED: set by a handler that is to be run once more. */
    int64_t wait_us; /* A watch only: set by a handler that has told all there is: it is run
                        again when something was committed, or when so long has gone by since it
                        first said so. */
    bool silent;     /* A watch only: set, with wait_us, where this run is not to be answered. */
    bool waited;     /* A watch only: so long has gone by. */

    struct rpc_bad_texts bad_texts; /* See rpc_bad_text(). */

    /* Filled by rpc_violation() and rpc_error_metadata(). */
    size_t violation_count; /* May be greater than RPC_VIOLATIONS_MAX: those are only counted. */
    struct rpc_violation violations[RPC_VIOLATIONS_MAX];
    size_t metadata_count;
    struct {
        const char *key;
        const char *value;
    } metadata[RPC_METADATA_MAX];
};

/* Notes a bad field. The path is formatted; the description is a literal. After the check, any
 * violation ends the call with INVALID_ARGUMENT FIELD_INVALID and all of them in BadRequest. */
void rpc_violation(struct rpc_context *ctx, const char *description, const char *field_format, ...)
    __attribute__((format(printf, 3, 4)));

/* A field's path, formatted and cut at 127 bytes: what rpc_violation() notes, for those who gather
 * bad fields of their own. In the arena. */
char *rpc_field_path(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE once the call, or its stream, has taken more memory than one
 * may. Asked behind every handler; one that goes through many items asks between them, lest it goes
 * on with all of them. */
MUST_USE struct status rpc_memory_check(struct rpc_context *ctx);

/* Whether the key of a map may be told in a path: a letter, then letters, digits, `_`, `-` and `.`,
 * 64 at most. Anything else may be personal: its entry is told by its place. */
bool rpc_key_is_told(struct bytes key);

/* The status of a handler that noted violations itself (those that only the store can tell). */
struct status rpc_violations_status(const struct rpc_context *ctx);

/* The path of a text of a record that is none; NULL where all are. Such a record holds anything:
 * its verdict is RPC_BAD_TEXT, and nothing else of it is looked at. */
const char *rpc_bad_text(const struct rpc_context *ctx, size_t record);
#define RPC_BAD_TEXT "is not UTF-8, or holds NUL; what comes behind it was not looked at"

/* Adds a pair to the ErrorInfo of the status that the handler returns. The key is a literal, the
 * value is copied. Ids, rules, versions, offsets; never personal data. */
void rpc_error_metadata(struct rpc_context *ctx, const char *key, const char *value);

/* ---- the host: the workspaces and their writers ---- */

struct rpc_host_options {
    struct store *const *stores; /* One for each workspace; stay the caller's. */
    size_t store_count;
    const struct random *random;
    int64_t (*now_us)(void);             /* The clock; a test's own in tests. */
    size_t write_queue_max;              /* Write calls that wait; WRITE_QUEUE_MAX when 0. */
    void (*answering)(bool begins);      /* Called by a writer's thread before it answers the calls
                                            of a commit, where they are several, and behind the
                                            last. NULL: nobody is told. */
    void (*storage_failed)(void *state); /* Called by a writer's thread after a STORAGE_FAILED: what
                                            the disk holds is known again only after a restart, so
                                            main ends the process. NULL: nobody is told. */
    void *storage_failed_state;
};

/* Starts a writer for each workspace. */
MUST_USE struct status rpc_host_open(const struct rpc_host_options *options, struct rpc_host **out);

/* Ends the feeds when the server is about to stop: a run under way is answered, every further one
 * is refused with UNAVAILABLE SHUTTING_DOWN. */
void rpc_host_end_feeds(struct rpc_host *host);

/* Refuses new write calls with UNAVAILABLE SHUTTING_DOWN, answers those in the queue, stops the
 * writers. */
void rpc_host_drain(struct rpc_host *host);

/* Drains, then frees. No call may be running. */
void rpc_host_close(struct rpc_host *host);

/* The workspace of a name (its size at most 64 bytes); NULL when there is none. */
struct rpc_workspace *rpc_workspace_find(struct rpc_host *host, struct bytes name);

/* ---- one message on its way ---- */

struct rpc_stream; /* The state that the messages of one stream share. */

/* For each call of a RPC_STREAM or RPC_FEED method. Freed after the last of its messages is
 * answered. */
struct rpc_stream *rpc_stream_new(void);
void rpc_stream_free(struct rpc_stream *stream);

/* Made by rpc_call_new(), filled and submitted by transport, which owns it until rpc_call_free().
 */
struct rpc_call {
    /* In. */
    const struct rpc_method *method;
    struct rpc_workspace *workspace;
    struct rpc_stream *stream; /* RPC_STREAM and RPC_FEED. One message of a stream at a time. */
    struct bytes request;      /* Borrowed until `done` is called. */
    int64_t deadline_us;       /* On the monotonic clock; INT64_MAX for none. A write call that
                                  is past it when its turn comes is dropped. */
    void (*done)(struct rpc_call *call); /* Called exactly once, by any thread, maybe before
                                            rpc_submit() returns. */
    void *owner;                         /* The caller's. */
    atomic_bool cancelled; /* The caller may set it: a write call that waits is dropped. */

    /* Out, when `done` is called; valid until rpc_call_free(). */
    struct status status;
    struct bytes response; /* The packed answer, when the status is OK. */
    bool more;             /* RPC_FEED: submit the same request once more, with the same stream. */
    struct bytes details;  /* google.rpc.Status, packed, when it is not. */
};

struct rpc_call *rpc_call_new(void);
void rpc_call_free(struct rpc_call *call);

/* Runs the call, or queues it. A full queue answers RESOURCE_EXHAUSTED OVERLOADED at once. */
void rpc_submit(struct rpc_call *call);

/* A status and its details as transport's own refusals need them too (unknown workspace, shutting
 * down). `details` is allocated from the arena. */
struct bytes rpc_status_details(struct status status, const struct rpc_context *ctx,
                                struct arena *arena);

/* The scan step (scan.c): pure, before anything is allocated. Refuses what protobuf-c would take or
 * die of: over REQUEST_DEPTH_MAX nested messages, over REQUEST_FIELDS_MAX fields, bad tags, wire
 * types that are not the field's, lengths past the end, strings that are not UTF-8 or hold NUL,
 * a singular submessage twice. INVALID_ARGUMENT MESSAGE_INVALID, with the offset in *offset. */
MUST_USE struct status rpc_scan(const ProtobufCMessageDescriptor *shape, struct bytes message,
                                size_t *offset);

/* The same, but that strings inside of records are noted, where there are records: of the element
 * that they are, or are in. */
MUST_USE struct status rpc_scan_records(const ProtobufCMessageDescriptor *shape,
                                        struct bytes message, struct rpc_bad_texts *texts,
                                        size_t *offset);
