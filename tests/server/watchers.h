#pragma once
/* Many callers of WatchChanges at once, over as many connections as they need, from one thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiled/v1/change_service.pb-c.h"

struct watchers;

/* Something that happened to one of them. */
struct watchers_event {
    size_t watcher;
    const Profiled__V1__WatchChangesResponse *response; /* Until the next; NULL: the call ended. */
    int code;                                           /* How it did. */
};

/* Begins so many calls with the same request, which stays the caller's. */
struct watchers *watchers_open(const char *address, size_t count,
                               const Profiled__V1__WatchChangesRequest *request);

/* Begins one, which has ended, anew. */
void watchers_begin(struct watchers *watchers, size_t watcher,
                    const Profiled__V1__WatchChangesRequest *request);

/* Waits for what happens next. False when it is nothing for so long. */
bool watchers_next(struct watchers *watchers, uint32_t timeout_ms, struct watchers_event *out);

/* Cancels those that have not ended, and frees. */
void watchers_close(struct watchers *watchers);
