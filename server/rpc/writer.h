#pragma once
/* The writer of a workspace: one thread and the bounded queue before it. Private to rpc. */

#include <stddef.h>

#include "server/base/status.h"

struct call;
struct rpc_workspace;
struct writer;

MUST_USE struct status writer_open(struct rpc_workspace *workspace, size_t queue_max,
                                   struct writer **out);

/* Queues a prepared call, which the writer answers. When it fails the call stays the caller's:
 * RESOURCE_EXHAUSTED OVERLOADED, UNAVAILABLE SHUTTING_DOWN. Any thread. */
MUST_USE struct status writer_push(struct writer *writer, struct call *call);

/* Refuses calls from now on. */
void writer_refuse(struct writer *writer);

/* Refuses calls, waits until those in the queue are answered, and ends the thread. May be called
 * again. */
void writer_drain(struct writer *writer);

/* Drains and frees. */
void writer_close(struct writer *writer);
