/* The cycles: start, load, kill, verify, start again, ask. Now and then a store begins anew, and
 * now and then the kill comes while the server starts. */

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/crash/ledger.h"
#include "tests/crash/load.h"
#include "tests/crash/options.h"
#include "tests/crash/steps.h"
#include "tests/engine/scratch.h"
#include "tests/engine/seeded.h"
#include "tests/server/server.h"

enum {
    LOADS = 4,
    STORE_CYCLES = 20,        /* Then the next store begins. */
    KILL_AT_START_ONE_IN = 8, /* Cycles where the server is killed while it starts. */
    KILL_MS_MAX = 400,        /* After the load has begun. */
    KILL_AT_START_US_MAX = 20000,
    SAMPLE = 200, /* Facts of the cycles before that are asked for again. */
    LOAD_PEOPLE = 1000000,
    ADDRESS_SIZE_MAX = 128,
};

struct crash {
    struct seeded seeded;
    char data[ADDRESS_SIZE_MAX];
    struct server server;
    struct ledger ledger; /* Of the present store. */
    int64_t person;
    uint64_t facts[FACT_KINDS];
    uint64_t bad;
};

static bool start(struct crash *crash) {
    if (server_start(&crash->server, crash->data, NULL)) {
        return true;
    }
    fprintf(stderr, "crash: the server does not start\n%s", crash->server.log);
    return false;
}

/* Runs the load until the server is killed under it. */
static bool load_and_kill(struct crash *crash) {
    if (!start(crash)) {
        return false;
    }
    struct profiled_client *client = steps_connect(&crash->server, 1);
    struct load loads[LOADS] = {0};
    for (size_t i = 0; i < LOADS; i++) {
        loads[i].client = client;
        loads[i].seeded.state = seeded_next(&crash->seeded);
        loads[i].person = crash->person;
        crash->person += LOAD_PEOPLE / LOADS / STORE_CYCLES;
        load_start(&loads[i]);
    }
    steps_wait_us(seeded_below(&crash->seeded, (size_t)KILL_MS_MAX * 1000));
    server_kill(&crash->server);
    bool good = true;
    for (size_t i = 0; i < LOADS; i++) {
        good = load_join(&loads[i]) && good;
        ledger_append(&crash->ledger, &loads[i].ledger);
    }
    profiled_disconnect(client);
    return good;
}

static void kill_at_start(struct crash *crash) {
    server_launch(&crash->server, crash->data, NULL);
    steps_wait_us(seeded_below(&crash->seeded, KILL_AT_START_US_MAX));
    server_kill(&crash->server);
}

/* Asks for the facts from `first` on, and for a sample of those before. */
static bool ask(struct crash *crash, size_t first) {
    if (!start(crash)) {
        return false;
    }
    struct profiled_client *client = steps_connect(&crash->server, 0);
    uint64_t bad = 0;
    for (size_t i = first; i < crash->ledger.count; i++) {
        const struct fact *fact = &crash->ledger.facts[i];
        crash->facts[fact->kind]++;
        bad += fact_holds(fact, client) ? 0 : 1;
    }
    for (size_t i = 0; first > 0 && i < SAMPLE; i++) {
        const struct fact *fact = &crash->ledger.facts[seeded_below(&crash->seeded, first)];
        bad += fact_holds(fact, client) ? 0 : 1;
    }
    profiled_disconnect(client);
    crash->bad += bad;
    if (server_stop(&crash->server) != 0) {
        fprintf(stderr, "crash: the server does not end well\n%s", crash->server.log);
        return false;
    }
    return bad == 0;
}

static void begin_store(struct crash *crash, int cycle) {
    char name[32];
    snprintf(name, sizeof name, "data%d", cycle);
    snprintf(crash->data, sizeof crash->data, "%s", scratch_path(name));
    ledger_free(&crash->ledger);
    crash->person = 0;
}

static bool run_cycle(struct crash *crash, int cycle) {
    if (cycle % STORE_CYCLES == 0) {
        begin_store(crash, cycle);
        kill_at_start(crash); /* While it is made. */
    } else if (seeded_below(&crash->seeded, KILL_AT_START_ONE_IN) == 0) {
        kill_at_start(crash);
    }
    const size_t known = crash->ledger.count;
    if (!load_and_kill(crash)) {
        return false;
    }
    return steps_verify(crash->data) && ask(crash, known) && steps_verify(crash->data);
}

int main(int argc, char **argv) {
    const struct crash_options options =
        crash_options_read(argc, argv, "cycles", "How often the server is killed (5)", 5);
    static struct crash crash;
    crash.seeded.state = options.seed;
    printf("crash: %" PRId64 " cycles, seed %" PRIu64 "\n", options.count, options.seed);
    scratch_open();
    int64_t cycle = 0;
    bool good = true;
    while (good && cycle < options.count) {
        good = run_cycle(&crash, (int)cycle++);
        printf("crash: cycle %" PRId64 "%s, %zu facts in the store\n", cycle, good ? "" : " FAILED",
               crash.ledger.count);
        fflush(stdout);
    }
    printf("crash: %" PRId64 " cycles; acknowledged: %" PRIu64 " profiles, %" PRIu64
           " merges, %" PRIu64 " interactions, %" PRIu64 " import batches, %" PRIu64
           " repeatable requests; lost or wrong: %" PRIu64 "\n",
           cycle, crash.facts[FACT_PROFILE], crash.facts[FACT_REDIRECT],
           crash.facts[FACT_INTERACTION], crash.facts[FACT_IMPORT], crash.facts[FACT_REQUEST],
           crash.bad);
    ledger_free(&crash.ledger);
    if (good) {
        scratch_close();
    } else {
        printf("crash: the data stays in %s\n", crash.data);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
