/* What it costs that many watch changes: at rest, while others write what they did not ask for, and
 * while they are told each write; and how long a change takes from its commit to them. */

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "tests/bench/histogram.h"
#include "tests/bench/served.h"
#include "tests/server/watchers.h"

enum {
    WATCHERS_DEFAULT = 1000,
    WATCHERS_MAX = 2000,
    WRITERS = 8,
    WRITES_A_SECOND = 200,
    SECONDS = 10,
    QUIET_MS = 2000, /* In which nothing more comes. */
    HEARTBEAT_SECONDS = 300,
    CODE_UNAVAILABLE = 14,
};

#define NS_PER_SECOND INT64_C(1000000000)

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static int64_t now_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* ---- writers ---- */

struct writing {
    bool creates; /* Profiles: what is watched. Otherwise interactions, which nobody asked for. */
    int64_t start_ns;
    atomic_uint_fast64_t next;
    atomic_uint_fast64_t done;
    struct histogram latency;
    pthread_mutex_t lock;
};

static void create(uint64_t number) {
    char email[64];
    snprintf(email, sizeof email, "watched%" PRIu64 "@example.com", number);
    served_create("Nora Salem", email, NULL);
}

static void record(void) {
    Profiled__V1__Engagement engagement = PROFILED__V1__ENGAGEMENT__INIT;
    engagement.channel = text("whatsapp");
    served_record(NULL, "one@example.com", &engagement);
}

static atomic_uint_fast64_t created;

/* Writes are due at even steps; the latency of each counts from then. */
static void *write_on(void *state) {
    struct writing *writing = state;
    for (;;) {
        const uint64_t number = atomic_fetch_add(&writing->next, 1);
        if (number >= (uint64_t)WRITES_A_SECOND * SECONDS) {
            return NULL;
        }
        const int64_t due_ns =
            writing->start_ns + (int64_t)number * NS_PER_SECOND / WRITES_A_SECOND;
        const struct timespec due = {due_ns / NS_PER_SECOND, due_ns % NS_PER_SECOND};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        if (writing->creates) {
            create(atomic_fetch_add(&created, 1));
        } else {
            record();
        }
        const int64_t took_ns = now_ns(CLOCK_MONOTONIC) - due_ns;
        pthread_mutex_lock(&writing->lock);
        histogram_add(&writing->latency, (uint64_t)took_ns);
        pthread_mutex_unlock(&writing->lock);
        atomic_fetch_add(&writing->done, 1);
    }
}

/* ---- watchers ---- */

struct watching {
    struct watchers *watchers;
    size_t count;
    uint64_t told[WATCHERS_MAX]; /* Changes. */
    uint64_t messages;
    size_t ended[32]; /* By code. */
    struct histogram latency;
};

static struct watching watching;

static void note(const struct watchers_event *event) {
    if (event->response == NULL) {
        watching.ended[event->code]++;
        return;
    }
    const int64_t now = now_ns(CLOCK_REALTIME);
    watching.messages++;
    for (size_t i = 0; i < event->response->n_changes; i++) {
        const Google__Protobuf__Timestamp *time = event->response->changes[i]->commit_time;
        const int64_t took_ns = now - (time->seconds * NS_PER_SECOND + time->nanos);
        histogram_add(&watching.latency, took_ns < 0 ? 0 : (uint64_t)took_ns);
        if (event->response->changes[i]->kind != PROFILED__V1__CHANGE_KIND__CHANGE_KIND_SNAPSHOT) {
            watching.told[event->watcher]++;
        }
    }
}

/* Takes what comes, for so long; before there are watchers nothing does. */
static void take_for(int64_t ns) {
    const int64_t until_ns = now_ns(CLOCK_MONOTONIC) + ns;
    if (watching.watchers == NULL) {
        const struct timespec wait = {ns / NS_PER_SECOND, ns % NS_PER_SECOND};
        nanosleep(&wait, NULL);
        return;
    }
    for (int64_t left_ns = ns; left_ns > 0; left_ns = until_ns - now_ns(CLOCK_MONOTONIC)) {
        struct watchers_event event;
        if (watchers_next(watching.watchers, (uint32_t)(left_ns / 1000000 + 1), &event)) {
            note(&event);
        }
    }
}

static void take_until_quiet(void) {
    struct watchers_event event;
    while (watching.watchers != NULL && watchers_next(watching.watchers, QUIET_MS, &event)) {
        note(&event);
    }
}

/* A snapshot of nobody: its end tells that the call is there. */
static void open_all(size_t count) {
    int32_t kinds[] = {PROFILED__V1__CHANGE_KIND__CHANGE_KIND_PROFILE_CREATED};
    Profiled__V1__WatchChangesRequest request = PROFILED__V1__WATCH_CHANGES_REQUEST__INIT;
    request.snapshot = true;
    request.n_kinds = 1;
    request.kinds = (void *)kinds;
    request.heartbeat_seconds = HEARTBEAT_SECONDS;
    watching.count = count;
    watching.watchers = watchers_open(served.server.address, count, &request);
    while (watching.messages < count) {
        struct watchers_event event;
        if (!watchers_next(watching.watchers, QUIET_MS, &event)) {
            fprintf(stderr, "%" PRIu64 " of %zu watch\n", watching.messages, count);
            exit(EXIT_FAILURE);
        }
        note(&event);
    }
}

/* ---- phases ---- */

/* Kilobytes that the server has in memory. */
static long resident_kb(void) {
    char path[64];
    char line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)served.server.pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

static void tell(const char *name, double seconds, uint64_t cpu_ns, const struct writing *writing) {
    printf("%-28s%10.1f%10.1f", name, 100.0 * (double)cpu_ns / (seconds * 1e9),
           (double)resident_kb() / 1024);
    if (writing != NULL) {
        printf("%12.1f%12.1f", (double)histogram_quantile(&writing->latency, 0.5) / 1e6,
               (double)histogram_quantile(&writing->latency, 0.99) / 1e6);
    }
    if (watching.latency.count > 0) {
        printf("%12.1f%12.1f%14.0f", (double)histogram_quantile(&watching.latency, 0.5) / 1e6,
               (double)histogram_quantile(&watching.latency, 0.99) / 1e6,
               (double)watching.messages / seconds);
    }
    putchar('\n');
    fflush(stdout);
}

static void rest(const char *name) {
    const uint64_t cpu_ns = process_cpu_ns(&served.server);
    take_for(SECONDS * NS_PER_SECOND);
    tell(name, SECONDS, process_cpu_ns(&served.server) - cpu_ns, NULL);
}

static void write_phase(const char *name, bool creates) {
    static struct writing writing;
    pthread_t threads[WRITERS];
    memset(&writing, 0, sizeof writing);
    writing.creates = creates;
    pthread_mutex_init(&writing.lock, NULL);
    memset(&watching.latency, 0, sizeof watching.latency);
    watching.messages = 0;
    const uint64_t cpu_ns = process_cpu_ns(&served.server);
    writing.start_ns = now_ns(CLOCK_MONOTONIC);
    for (size_t i = 0; i < WRITERS; i++) {
        if (pthread_create(&threads[i], NULL, write_on, &writing) != 0) {
            abort();
        }
    }
    while (atomic_load(&writing.done) < (uint64_t)WRITES_A_SECOND * SECONDS) {
        take_for(NS_PER_SECOND / 20);
    }
    const double seconds = (double)(now_ns(CLOCK_MONOTONIC) - writing.start_ns) / 1e9;
    for (size_t i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    const uint64_t used_ns = process_cpu_ns(&served.server) - cpu_ns;
    take_until_quiet();
    tell(name, seconds, used_ns, &writing);
}

static bool all_were_told(void) {
    size_t short_of = 0;
    for (size_t i = 0; i < watching.count; i++) {
        short_of += watching.told[i] == atomic_load(&created) ? 0 : 1;
    }
    printf("\n%zu of %zu watchers were told all of the %" PRIu64 " profiles\n",
           watching.count - short_of, watching.count, (uint64_t)atomic_load(&created));
    return short_of == 0;
}

static bool all_end_well(void) {
    take_until_quiet();
    printf("%zu of %zu calls ended with UNAVAILABLE when the server stopped\n",
           watching.ended[CODE_UNAVAILABLE], watching.count);
    return watching.ended[CODE_UNAVAILABLE] == watching.count;
}

int main(int argc, char **argv) {
    const size_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : WATCHERS_DEFAULT;
    if (count == 0 || count > WATCHERS_MAX) {
        fprintf(stderr, "1 to %d watchers\n", WATCHERS_MAX);
        return 2;
    }
    served_open("watchers");
    printf("%zu watchers, %d seconds a row, %d writes a second\n\n"
           "%-28s%10s%10s%12s%12s%12s%12s%14s\n%-28s%10s%10s%12s%12s%12s%12s%14s\n",
           count, SECONDS, WRITES_A_SECOND, "", "", "resident", "a write,", "ms", "to watchers,",
           "ms", "messages", "", "cpu %", "MiB", "p50", "p99", "p50", "p99", "a second");
    rest("nobody watches");
    write_phase("nobody watches, writes", false);
    open_all(count);
    memset(&watching.latency, 0, sizeof watching.latency);
    rest("at rest");
    write_phase("writes of no concern", false);
    write_phase("writes that all are told", true);
    memset(&watching.latency, 0, sizeof watching.latency);
    rest("at rest again");
    bool good = all_were_told();
    served_close();
    good &= all_end_well();
    watchers_close(watching.watchers);
    return good ? 0 : 1;
}
