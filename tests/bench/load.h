#pragma once
/* The load: unary calls over several connections, many at once, from one thread, with the time that
 * each took. */

#include <stdbool.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "tests/bench/histogram.h"

struct load;

enum { LOAD_CONNECTIONS_MAX = 16, LOAD_OUTSTANDING_MAX = 1024 };

/* What is called. */
struct load_work {
    const char *path; /* "/package.Service/Method" */
    /* The next request, in the arena until it was sent. */
    struct bytes (*make)(void *state, struct arena *arena);
    uint32_t items; /* In a call. */
    /* How many of these came to something else than what the row is about, by the answer; NULL: an
     * answer of status OK is enough. */
    uint64_t (*failed)(struct bytes response);
    void *state;
};

struct load_plan {
    struct load_work work;
    uint32_t connections;
    uint32_t outstanding; /* Calls at once, over all connections. */
    uint64_t duration_ns;
    uint64_t rate; /* Calls offered a second, evenly; 0: each call follows an answer. */
};

struct load_result {
    uint64_t calls;    /* That were answered with status OK. */
    uint64_t items;    /* In these, that came to what the row is about. */
    uint64_t failures; /* The other items, also of calls with another status. */
    int failure_code;  /* The status of the last of these; OK where the answer tells of it. */
    uint64_t duration_ns;
    struct histogram latency; /* Of the calls, from the moment that one was due, even if it was sent
                                 late. */
};

uint64_t load_now_ns(void);

/* Waits until the server answers. NULL when it does not. */
struct load *load_open(const char *address);
void load_close(struct load *load);

void load_run(struct load *load, const struct load_plan *plan, struct load_result *out);
