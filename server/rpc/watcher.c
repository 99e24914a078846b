/* The watcher's thread. Commits come faster than people read: those who wait are looked at in
 * rounds, with a pause between two: as long as telling took of the processor, and several times as
 * long as looks took that found nothing to tell. So a thousand watchers take half a processor at
 * most, or a fifth where they are not concerned, and few wait for milliseconds only. Who was told
 * something waits for the next round too: what is committed until then comes in one message. */

#include "server/rpc/watcher.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "server/base/arena.h"
#include "server/base/clock.h"
#include "server/rpc/call.h"
#include "server/rpc/call_queue.h"
#include "server/rpc/host.h"

enum {
    RUNS_MAX = 4096,    /* That are queued. */
    WATCHES_MAX = 2000, /* That wait. */
    PAUSE_US_MIN = 1000,
    PAUSE_OF_TOLD = 1,   /* Microseconds of pause for each that a run took which was answered, */
    PAUSE_OF_SILENT = 4, /* and for each of one that was not. */
    LOOK_US = US_PER_SECOND, /* How soon one that was cancelled is let go. */
    BEAT_US =
        10000, /* How late one whose time has come may be told, so that a round has several. */
};

struct watcher {
    struct call_queue queue;
    pthread_t thread;
    atomic_size_t waiting_count;
    atomic_bool woken; /* Something was committed since the last round. */
    /* The thread's own. */
    struct call *waiting;
    int64_t wake_us;       /* When the time of the first of them comes. */
    uint64_t told_count;   /* Runs of the present round that were answered, */
    uint64_t silent_count; /* and that were not. */
};

/* A call that waits needs none of its memory: its next run begins with the request. */
static void wait_for(struct watcher *watcher, struct call *call) {
    arena_free(&call->arena);
    call->ctx.metadata_count = 0;
    call->next = watcher->waiting;
    watcher->waiting = call;
    if (call->wake_us != 0 && call->wake_us < watcher->wake_us) {
        watcher->wake_us = call->wake_us;
    }
    atomic_fetch_add(&watcher->waiting_count, 1);
    if (call->next_round || atomic_load(&call->rpc.workspace->commits) != call->seen_commits) {
        atomic_store(&watcher->woken, true); /* Whoever committed saw nobody waiting. */
    }
}

static void answer(struct call *call, struct status status) {
    struct rpc_stream *stream = call->rpc.stream;
    stream->answered = true;
    stream->seen_commits = call->seen_commits;
    stream->wait_us = call->ctx.wait_us;
    call_answer(call, status);
}

/* Runs a call that was prepared: it is answered, or waits. */
static void run(struct watcher *watcher, struct call *call) {
    call->seen_commits = atomic_load(&call->rpc.workspace->commits);
    const struct status status = call_read(call);
    const bool is_silent = status_is_ok(status) && call->ctx.silent;
    *(is_silent ? &watcher->silent_count : &watcher->told_count) += 1;
    if (!is_silent) {
        answer(call, status);
    } else if (atomic_load(&watcher->waiting_count) >= WATCHES_MAX) {
        answer(call, status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                               "more calls are watching than the server takes"));
    } else {
        if (call->wake_us == 0) {
            call->wake_us = clock_monotonic_us() + call->ctx.wait_us;
        }
        wait_for(watcher, call);
    }
}

/* Takes a call that was queued. One that goes on behind a message waits: for a commit where all was
 * told, otherwise for its turn. */
static void take(struct watcher *watcher, struct call *call) {
    const struct rpc_stream *stream = call->rpc.stream;
    if (!stream->answered) {
        run(watcher, call);
        return;
    }
    call->seen_commits = stream->seen_commits;
    call->next_round = stream->wait_us == 0;
    call->wake_us = stream->wait_us == 0 ? 0 : clock_monotonic_us() + stream->wait_us;
    wait_for(watcher, call);
}

/* Runs a call that waited, from its request on. */
static void run_again(struct watcher *watcher, struct call *call, bool waited) {
    call_begin(call, call->rpc.workspace->host->now_us());
    const struct status status = call_prepare(call);
    call->ctx.waited = waited;
    call->next_round = false;
    if (status_is_ok(status)) {
        run(watcher, call);
    } else {
        answer(call, status);
    }
}

static void look_at(struct watcher *watcher, struct call *call) {
    const struct status wanted = call_is_wanted(call);
    const bool waited = !call->next_round && clock_monotonic_us() >= call->wake_us;
    if (!status_is_ok(wanted)) {
        call_answer(call, wanted);
    } else if (waited || call->next_round ||
               atomic_load(&call->rpc.workspace->commits) != call->seen_commits) {
        run_again(watcher, call, waited);
    } else {
        wait_for(watcher, call);
    }
}

/* Looks at all that wait; those that go on waiting are the next round's. Returns how long a pause
 * is to follow. */
static int64_t round_of_all(struct watcher *watcher) {
    struct call *calls = watcher->waiting;
    const int64_t began_us = clock_thread_us();
    watcher->told_count = 0;
    watcher->silent_count = 0;
    watcher->waiting = NULL;
    watcher->wake_us = INT64_MAX;
    atomic_store(&watcher->waiting_count, 0);
    while (calls != NULL) {
        struct call *call = calls;
        calls = call->next;
        look_at(watcher, call);
    }
    const uint64_t count = watcher->told_count + watcher->silent_count;
    const uint64_t used_us = (uint64_t)(clock_thread_us() - began_us);
    const uint64_t parts =
        PAUSE_OF_TOLD * watcher->told_count + PAUSE_OF_SILENT * watcher->silent_count;
    return count == 0 ? 0 : (int64_t)(used_us * parts / count);
}

static void end_all(struct watcher *watcher) {
    while (watcher->waiting != NULL) {
        struct call *call = watcher->waiting;
        watcher->waiting = call->next;
        call_answer(call, status_of(STATUS_UNAVAILABLE, REASON_SHUTTING_DOWN,
                                    "the server is shutting down"));
    }
}

/* When the next round may begin: whatever happens, */
struct turns {
    int64_t look_us;
    int64_t next_us; /* where something was committed, */
    int64_t beat_us; /* and where somebody's time has come. */
};

static void turns_set(struct turns *turns, int64_t pause_us) {
    const int64_t ended_us = clock_monotonic_us();
    turns->look_us = ended_us + (int64_t)LOOK_US;
    turns->next_us = ended_us + pause_us;
    turns->beat_us = ended_us + (pause_us > BEAT_US ? pause_us : BEAT_US);
}

/* When the next round begins, as things stand. */
static int64_t turn_us(struct watcher *watcher, const struct turns *turns) {
    const int64_t beat_us = watcher->wake_us > turns->beat_us ? watcher->wake_us : turns->beat_us;
    const int64_t us = beat_us < turns->look_us ? beat_us : turns->look_us;
    return atomic_load(&watcher->woken) && turns->next_us < us ? turns->next_us : us;
}

static void *watcher_run(void *argument) {
    struct watcher *watcher = argument;
    struct turns turns = {.look_us = clock_monotonic_us() + (int64_t)LOOK_US};
    for (;;) {
        bool end = false;
        struct call *calls = call_queue_take(&watcher->queue, turn_us(watcher, &turns), &end);
        if (end) {
            end_all(watcher);
            return NULL;
        }
        while (calls != NULL) {
            struct call *call = calls;
            calls = call->next;
            take(watcher, call);
        }
        if (clock_monotonic_us() >= turn_us(watcher, &turns)) {
            atomic_store(&watcher->woken, false);
            const int64_t pause_us = round_of_all(watcher);
            turns_set(&turns, pause_us > PAUSE_US_MIN ? pause_us : PAUSE_US_MIN);
        }
    }
}

struct status watcher_open(struct watcher **out) {
    struct watcher *watcher = calloc(1, sizeof *watcher);
    if (watcher == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    watcher->wake_us = INT64_MAX;
    call_queue_init(&watcher->queue, RUNS_MAX);
    if (pthread_create(&watcher->thread, NULL, watcher_run, watcher) != 0) {
        call_queue_free(&watcher->queue);
        free(watcher);
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                         "the system gives no thread for watches");
    }
    *out = watcher;
    return OK;
}

struct status watcher_push(struct watcher *watcher, struct call *call) {
    return call_queue_push(&watcher->queue, call);
}

void watcher_wake(struct watcher *watcher) {
    if (atomic_load(&watcher->waiting_count) > 0) {
        atomic_store(&watcher->woken, true);
        call_queue_nudge(&watcher->queue);
    }
}

void watcher_refuse(struct watcher *watcher) { call_queue_refuse(&watcher->queue); }

void watcher_close(struct watcher *watcher) {
    if (watcher == NULL) {
        return;
    }
    call_queue_refuse(&watcher->queue);
    pthread_join(watcher->thread, NULL);
    call_queue_free(&watcher->queue);
    free(watcher);
}
