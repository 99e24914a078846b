#pragma once
/* The feeder: one thread that runs the calls of feeds, one after the other, so that a long look at
 * many profiles delays nobody but other feeds. Private to rpc. */

#include "server/base/status.h"

struct call;
struct feeder;

MUST_USE struct status feeder_open(struct feeder **out);

/* Queues a prepared call, which the feeder answers. When it fails the call stays the caller's, as
 * writer_push(). Any thread. */
MUST_USE struct status feeder_push(struct feeder *feeder, struct call *call);

/* Refuses calls from now on; those in the queue are answered. Any thread. */
void feeder_refuse(struct feeder *feeder);

/* Refuses calls, waits until those in the queue are answered, ends the thread, and frees. */
void feeder_close(struct feeder *feeder);
