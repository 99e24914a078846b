/* The watcher's thread. Commits come faster than people read: those who wait are looked at in
 * rounds, with a pause between two that is as long as several of them, so that a thousand watchers
 * take a fifth of a processor at most, and few wait for milliseconds only. */

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
    PAUSE_ROUNDS = 4,
    LOOK_US = US_PER_SECOND, /* How soon one that was cancelled is let go. */
};

struct watcher {
    struct call_queue queue;
    pthread_t thread;
    atomic_size_t waiting_count;
    atomic_bool woken;    /* Something was committed since the last round. */
    struct call *waiting; /* The thread's own. */
};

static void wait_for(struct watcher *watcher, struct call *call) {
    if (call->wake_us == 0) {
        call->wake_us = clock_monotonic_us() + call->ctx.wait_us;
    }
    call->next = watcher->waiting;
    watcher->waiting = call;
    atomic_fetch_add(&watcher->waiting_count, 1);
    if (atomic_load(&call->rpc.workspace->commits) != call->seen_commits) {
        atomic_store(&watcher->woken, true); /* Whoever committed saw nobody waiting. */
    }
}

/* Runs a call that was prepared: it is answered, or waits. */
static void run(struct watcher *watcher, struct call *call) {
    call->seen_commits = atomic_load(&call->rpc.workspace->commits);
    const struct status status = call_read(call);
    if (!status_is_ok(status) || call->ctx.wait_us == 0) {
        call->wake_us = 0;
        call_answer(call, status);
    } else if (atomic_load(&watcher->waiting_count) >= WATCHES_MAX) {
        call_answer(call, status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                                    "more calls are watching than the server takes"));
    } else {
        wait_for(watcher, call);
    }
}

/* Runs a call that waited: from its request on, in the memory of the run before. */
static void run_again(struct watcher *watcher, struct call *call, bool waited) {
    arena_reset(&call->arena);
    const struct status status = call_prepare(call, call->rpc.workspace->host->now_us());
    call->ctx.waited = waited;
    if (status_is_ok(status)) {
        run(watcher, call);
    } else {
        call_answer(call, status);
    }
}

static void look_at(struct watcher *watcher, struct call *call) {
    const struct status wanted = call_is_wanted(call);
    const bool waited = clock_monotonic_us() >= call->wake_us;
    if (!status_is_ok(wanted)) {
        call_answer(call, wanted);
    } else if (waited || atomic_load(&call->rpc.workspace->commits) != call->seen_commits) {
        run_again(watcher, call, waited);
    } else {
        wait_for(watcher, call);
    }
}

/* Looks at all that wait; those that go on waiting are the next round's. */
static void round_of_all(struct watcher *watcher) {
    struct call *calls = watcher->waiting;
    watcher->waiting = NULL;
    atomic_store(&watcher->waiting_count, 0);
    while (calls != NULL) {
        struct call *call = calls;
        calls = call->next;
        look_at(watcher, call);
    }
}

static void end_all(struct watcher *watcher) {
    while (watcher->waiting != NULL) {
        struct call *call = watcher->waiting;
        watcher->waiting = call->next;
        call_answer(call, status_of(STATUS_UNAVAILABLE, REASON_SHUTTING_DOWN,
                                    "the server is shutting down"));
    }
}

static void *watcher_run(void *argument) {
    struct watcher *watcher = argument;
    int64_t look_us = clock_monotonic_us() + (int64_t)LOOK_US;
    int64_t next_us = 0;
    for (;;) {
        bool end = false;
        const bool woken = atomic_load(&watcher->woken);
        struct call *calls =
            call_queue_take(&watcher->queue, woken && next_us < look_us ? next_us : look_us, &end);
        if (end) {
            end_all(watcher);
            return NULL;
        }
        while (calls != NULL) {
            struct call *call = calls;
            calls = call->next;
            run(watcher, call);
        }
        const int64_t began_us = clock_monotonic_us();
        if (began_us >= look_us || (began_us >= next_us && atomic_load(&watcher->woken))) {
            atomic_store(&watcher->woken, false);
            round_of_all(watcher);
            const int64_t ended_us = clock_monotonic_us();
            look_us = ended_us + (int64_t)LOOK_US;
            const int64_t pause_us = (ended_us - began_us) * PAUSE_ROUNDS;
            next_us = ended_us + (pause_us > PAUSE_US_MIN ? pause_us : PAUSE_US_MIN);
        }
    }
}

struct status watcher_open(struct watcher **out) {
    struct watcher *watcher = calloc(1, sizeof *watcher);
    if (watcher == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
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
