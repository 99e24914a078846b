#pragma once
/* Watching changes, message by message. */

#include "profiled/v1/change_service.pb-c.h"
#include "tests/handlers/segments.h"

#define CHANGE(NAME) PROFILED__V1__CHANGE_KIND__CHANGE_KIND_##NAME

/* A call of WatchChanges that goes on from token to token. */
struct watch {
    Profiled__V1__WatchChangesRequest request;
    struct rpc_stream *stream;
    const char *token; /* Of the last message. In the test's arena. */
};

/* Begins; from a token where it is not "". */
struct watch watch_begin(const char *token, bool snapshot);

/* The next message: of changes, or, where nothing happens for a second, without any. */
const Profiled__V1__WatchChangesResponse *watch_next(struct watch *watch);

/* Ends it, and begins anew from its token. */
void watch_resume(struct watch *watch);

void watch_end(struct watch *watch);
