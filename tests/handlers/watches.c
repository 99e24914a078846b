/* Watching changes. */

#include "tests/handlers/watches.h"

struct watch watch_begin(const char *token, bool snapshot) {
    struct watch watch = {.request = PROFILED__V1__WATCH_CHANGES_REQUEST__INIT,
                          .stream = rpc_stream_new(),
                          .token = token};
    watch.request.resume_token = (char *)(uintptr_t)token;
    watch.request.snapshot = snapshot;
    watch.request.heartbeat_seconds = 1;
    return watch;
}

const Profiled__V1__WatchChangesResponse *watch_next(struct watch *watch) {
    const Profiled__V1__WatchChangesResponse *response =
        ask_on(watch->stream, &rpc_change_service, "WatchChanges", &watch->request.base);
    watch->token = arena_string(&ask_arena, bytes_of_string(response->resume_token));
    return response;
}

void watch_resume(struct watch *watch) {
    rpc_stream_free(watch->stream);
    watch->stream = rpc_stream_new();
    watch->request.resume_token = (char *)(uintptr_t)watch->token;
}

void watch_end(struct watch *watch) { rpc_stream_free(watch->stream); }
