#pragma once
/* What the server serves: the paths, and what is done with their calls. */

#include <grpc/grpc.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

#include "server/base/bytes.h"
#include "server/base/status.h"
#include "server/transport/descriptors.h"

struct exchange;
struct rpc_method;

enum method_shape {
    METHOD_UNARY,         /* One message in, one out. */
    METHOD_SERVER_STREAM, /* One message in, any number out. */
    METHOD_BIDI,          /* One message in, one out, again and again. */
    METHOD_UNKNOWN,       /* Any path that nobody registered: refused at once. */
};

/* What is done with a call. All but `end` run on the thread of the call's queue, never two at the
 * same moment, without the call's lock. Each may be NULL but `message`. */
struct method_behaviour {
    /* A new call; a status that is not OK ends it. */
    struct status (*begin)(struct exchange *exchange);
    /* A message. Its bytes are valid until exchange_answer() or exchange_finish() for it, which any
     * thread may call, now or later; METHOD_SERVER_STREAM: until this returns. */
    void (*message)(struct exchange *exchange, struct bytes message);
    /* What exchange_push() sent is out: there may be another. */
    void (*sent)(struct exchange *exchange);
    /* The call is over: its status is sent, or it was cancelled. Once for each call. */
    void (*closed)(struct exchange *exchange);
    /* The call is about to be freed: time to free what belongs to it. Any thread. */
    void (*end)(struct exchange *exchange);
};

struct method {
    const char *service; /* Its full name, borrowed; NULL for METHOD_UNKNOWN. */
    enum method_shape shape;
    const struct method_behaviour *behaviour;
    const struct rpc_method *row; /* The row of profiled's own methods, otherwise NULL. */
    void *state;                  /* The behaviour's. */
    char *path;                   /* "/package.Service/Method"; owned. */
    void *registered;             /* C core's handle. */
};

enum { METHODS_MAX = 256 };

/* All of them. Those of a service lie together. The last is METHOD_UNKNOWN. */
struct method_table {
    struct method methods[METHODS_MAX];
    size_t count;
};

/* What a method is like, but its shape, which the descriptor set tells. */
struct method_entry {
    const char *service; /* Borrowed as long as the table lives. */
    const char *name;
    const struct method_behaviour *behaviour;
    const struct rpc_method *row;
    void *state;
};

/* Registers a method with a server that has not been started. The descriptor set must have it, and
 * of the same shape as the row, if there is one (asserted). */
void method_table_add(struct method_table *table, grpc_server *server,
                      const struct descriptors *descriptors, const struct method_entry *entry);

/* Adds what is done with the calls of all other paths: UNIMPLEMENTED METHOD_NOT_FOUND. */
void method_table_add_unknown(struct method_table *table);

/* Whether a method of this service is registered. */
bool method_table_has_service(const struct method_table *table, const char *service);

void method_table_free(struct method_table *table);
