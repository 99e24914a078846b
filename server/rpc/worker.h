#pragma once
/* A worker: one thread that takes calls one after the other, so that what takes long delays nobody
 * else. The feeder is one, for feeds; the preparer another, for large requests. Private to rpc. */

#include "server/base/status.h"

struct call;
struct worker;

/* `run` is called for each call, on the worker's thread. */
MUST_USE struct status worker_open(void (*run)(struct call *call), struct worker **out);

/* Queues a call. When it fails the call stays the caller's, as writer_push(). Any thread. */
MUST_USE struct status worker_push(struct worker *worker, struct call *call);

/* Refuses calls from now on; those in the queue are run. Any thread. */
void worker_refuse(struct worker *worker);

/* Refuses calls, waits until those in the queue are run, and ends the thread. */
void worker_drain(struct worker *worker);

/* Drains, then frees. NULL does nothing. */
void worker_close(struct worker *worker);
