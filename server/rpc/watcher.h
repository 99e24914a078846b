#pragma once
/* The watcher: one thread for calls that wait for what is committed. It runs them as the feeder
 * runs feeds; one that has nothing to tell waits here, costing nothing but its memory, until its
 * workspace commits something or its time has come. Private to rpc. */

#include "server/base/status.h"

struct call;
struct watcher;

MUST_USE struct status watcher_open(struct watcher **out);

/* Queues a run of a call. When it fails the call stays the caller's. Any thread. */
MUST_USE struct status watcher_push(struct watcher *watcher, struct call *call);

/* Something was committed. Any thread. */
void watcher_wake(struct watcher *watcher);

/* Refuses runs from now on, and answers those that wait: UNAVAILABLE SHUTTING_DOWN. */
void watcher_refuse(struct watcher *watcher);

/* Refuses, and waits for the thread. NULL is nothing. */
void watcher_close(struct watcher *watcher);
