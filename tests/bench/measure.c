/* Rows by their ways, and facts. */

#include "tests/bench/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer.h"
#include "tests/bench/ways.h"

enum {
    EVENTS_MAX = 200000,     /* Interactions that are loaded, of the first people. */
    EVENTS_A_PROFILE = 2,    /* Of fewer profiles. */
    EVENTS_A_SECOND = 10000, /* About: how many are streamed in a round. */
    CHANGES_MAX = 200000,    /* That a watcher reads in a round. */
    STEADY_PARTS = 2,        /* Of a row's time that a steady one takes: its 99th of 100 is few. */
    BESIDE_ROWS = 15000,     /* A second, of the file that is imported meanwhile: more than are. */
    MEMORY_ROWS = 200000,
    FIRST_ANSWER_NS = 1000000, /* For so long it is asked once it listens. */
};

const struct peer *const bench_peers[BENCH_PEERS] = {&peer_postgres, &peer_redis, &peer_sqlite};

/* ---- import ---- */

static void remember(void *state, uint64_t number, const char *id) {
    struct crowd *crowd = state;
    snprintf(crowd->ids[number], IMPORT_ID_TEXT_SIZE, "%s", id);
}

/* Imports so many new people; their ids are remembered when this is the load before the rounds. */
static void import(struct bench *bench, uint64_t count, bool is_load, struct import_result *out) {
    char import_id[32];
    snprintf(import_id, sizeof import_id, "bench-%u", bench->imports++);
    import_run(&(struct import_plan){.address = bench->server.address,
                                     .import_id = import_id,
                                     .first = bench->crowd.next,
                                     .count = count,
                                     .imported = is_load ? remember : NULL,
                                     .state = &bench->crowd},
               out);
    bench->crowd.next += count;
}

static void load_people(struct bench *bench) {
    struct report *report = &bench->report;
    const uint64_t count = report->profiles;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    struct import_result result;
    import(bench, count, true, &result);
    bench->crowd.loaded = count;
    report_fact(report, "load by import", "profiles/s",
                (double)count * 1e9 / (double)result.duration_ns);
    report_fact(report, "load by import, server CPU", "us a profile",
                (double)(process_cpu_ns(&bench->server) - cpu_ns) / 1e3 / (double)count);
    report_fact(report, "disk, a profile", "bytes",
                (double)directory_size(report->directory) / (double)count);
    if (result.created != count) {
        fprintf(stderr, "of %llu people only %llu were new\n", (unsigned long long)count,
                (unsigned long long)result.created);
    }
}

/* Interactions of the first people: there are timelines then. */
static void load_events(struct bench *bench) {
    struct report *report = &bench->report;
    static struct load_result result;
    const uint64_t wanted = report->profiles * EVENTS_A_PROFILE;
    const uint64_t count = wanted < EVENTS_MAX ? wanted : EVENTS_MAX;
    const uint64_t before = directory_size(report->directory);
    ways_stream_events(count, &result);
    report_fact(report, "disk, an interaction", "bytes",
                (double)(directory_size(report->directory) - before) / (double)count);
    if (result.failures > 0) {
        fprintf(stderr, "of %llu interactions %llu were refused\n", (unsigned long long)count,
                (unsigned long long)result.failures);
    }
}

void measure_loading(struct bench *bench) {
    load_people(bench);
    load_events(bench);
}

/* ---- rows ---- */

/* load_work.make has no type of ours. */
struct making {
    struct crowd *crowd;
    const struct row *row;
};

static struct bytes make(void *state, struct arena *arena) {
    const struct making *making = state;
    return making->row->make(making->crowd, arena);
}

static double quantile_us(const struct histogram *latency, double part) {
    return latency->count == 0 ? NAN : (double)histogram_quantile(latency, part) / 1e3;
}

static struct sample sample_of(const struct load_result *result, uint64_t cpu_ns) {
    return (struct sample){
        .items_per_second =
            result->items == 0 ? 0 : (double)result->items * 1e9 / (double)result->duration_ns,
        .cpu_us = result->items == 0 ? NAN : (double)cpu_ns / 1e3 / (double)result->items,
        .p50_us = quantile_us(&result->latency, 0.5),
        .p99_us = quantile_us(&result->latency, 0.99),
        .failures = result->failures,
        .failure_code = result->failure_code,
    };
}

static uint64_t ns_of(double seconds) { return (uint64_t)(seconds * 1e9); }

static struct sample measure_calls(struct bench *bench, const struct row *row, double seconds,
                                   uint64_t rate) {
    const struct process *server = row->way == ROW_CORE ? &bench->core : &bench->server;
    struct making making = {&bench->crowd, row};
    const struct load_plan plan = {
        .work = {row->path, make, row->items, row->failed, &making},
        .connections = row->connections,
        .outstanding = row->outstanding,
        .duration_ns = ns_of(seconds),
        .rate = rate,
    };
    static struct load_result result;
    const uint64_t cpu_ns = process_cpu_ns(server);
    load_run(row->way == ROW_CORE ? bench->core_load : bench->load, &plan, &result);
    return sample_of(&result, process_cpu_ns(server) - cpu_ns);
}

static struct sample measure_beside(struct bench *bench, const struct row *row) {
    const double seconds = STEADY_PARTS * bench->seconds;
    const int import_pid = ways_import_csv_start((uint64_t)(seconds * BESIDE_ROWS));
    struct sample sample = measure_calls(bench, row, seconds, ROW_STEADY_RATE);
    ways_import_csv_wait(import_pid);
    sample.cpu_us = NAN; /* It would be that of the import as well. */
    return sample;
}

static struct sample measure_import(struct bench *bench) {
    enum { PEOPLE_A_SECOND = 10000 };
    const uint64_t batches = (uint64_t)(bench->seconds * PEOPLE_A_SECOND) / IMPORT_BATCH_ROWS;
    const uint64_t count = (batches == 0 ? 1 : batches) * IMPORT_BATCH_ROWS;
    static struct import_result imported;
    static struct load_result result;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    import(bench, count, false, &imported);
    result = (struct load_result){.items = imported.created,
                                  .failures = count - imported.created,
                                  .duration_ns = imported.duration_ns,
                                  .latency = imported.latency};
    return sample_of(&result, process_cpu_ns(&bench->server) - cpu_ns);
}

static struct sample measure_csv(struct bench *bench) {
    struct ways_csv csv;
    static struct load_result result;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    ways_import_csv(CSV_ROWS, &csv);
    result = (struct load_result){.items = csv.rows, .duration_ns = csv.duration_ns};
    return sample_of(&result, process_cpu_ns(&bench->server) - cpu_ns);
}

static struct sample measure_peer(struct bench *bench, const struct row *row) {
    static struct load_result result;
    size_t peer = 0;
    while (bench_peers[peer] != row->peer) {
        peer++;
    }
    const struct peer_plan plan = {
        .call = (enum peer_call)row->call,
        .outstanding = row->outstanding,
        .items = row->items,
        .duration_ns = ns_of(bench->seconds),
        .crowd = &bench->peer_crowds[peer],
    };
    const uint64_t cpu_ns = row->peer->cpu_ns();
    row->peer->run(&plan, &result);
    result.items = result.calls * row->items;
    return sample_of(&result, row->peer->cpu_ns() - cpu_ns);
}

static struct sample measure_store(const struct bench *bench) {
    static struct load_result result;
    uint64_t cpu_ns = 0;
    ways_read_store(ns_of(bench->seconds), &result, &cpu_ns);
    return sample_of(&result, cpu_ns);
}

/* Streams of the C client. */
static struct sample measure_stream(struct bench *bench, const struct row *row) {
    static struct load_result result;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    if (row->way == ROW_EVENTS) {
        ways_stream_events((uint64_t)(bench->seconds * EVENTS_A_SECOND), &result);
    } else if (row->way == ROW_PREVIEW) {
        ways_preview(ns_of(bench->seconds), &result);
    } else {
        ways_watch(CHANGES_MAX, &result);
    }
    return sample_of(&result, process_cpu_ns(&bench->server) - cpu_ns);
}

struct sample measure_row(struct bench *bench, const struct row *row) {
    switch (row->way) {
    case ROW_CALLS:
    case ROW_CORE:
        return measure_calls(bench, row, bench->seconds, row->items == 1 ? bench->rate : 0);
    case ROW_STEADY:
        return measure_calls(bench, row, STEADY_PARTS * bench->seconds, ROW_STEADY_RATE);
    case ROW_BESIDE:
        return measure_beside(bench, row);
    case ROW_IMPORT:
        return measure_import(bench);
    case ROW_CSV:
        return measure_csv(bench);
    case ROW_STORE:
        return measure_store(bench);
    case ROW_PEER:
        return measure_peer(bench, row);
    case ROW_EVENTS:
    case ROW_PREVIEW:
    case ROW_WATCH:
        break;
    }
    return measure_stream(bench, row);
}

/* ---- what is measured once ---- */

static double mib(uint64_t bytes) { return (double)bytes / (1 << 20); }

void measure_memory(struct bench *bench) {
    struct report *report = &bench->report;
    struct ways_csv csv;
    ways_import_csv(MEMORY_ROWS, &csv);
    report_fact(report, "import of CSV, client CPU", "us a row",
                (double)csv.client_cpu_ns / 1e3 / (double)csv.rows);
    report_fact(report, "import of CSV, client memory in its first quarter", "MiB",
                mib(csv.client_memory_first));
    report_fact(report, "import of CSV, client memory at most", "MiB", mib(csv.client_memory));
    report_fact(report, "import of CSV, server memory in its first quarter", "MiB",
                mib(csv.server_memory_first));
    report_fact(report, "import of CSV, server memory at most", "MiB", mib(csv.server_memory));
    report_fact(report, "server memory, resident", "MiB",
                mib(process_memory(bench->server.pid, "VmRSS")));
    report_fact(report, "of it, without the mapped store", "MiB",
                mib(process_memory(bench->server.pid, "RssAnon")));
}

void measure_start(struct bench *bench) {
    size_t count = 0;
    const struct row *row = &rows_all(&count)[row_find("GetProfile", 1, 1)];
    struct making making = {&bench->crowd, row};
    const struct load_plan plan = {
        .work = {row->path, make, row->items, row->failed, &making},
        .connections = 1,
        .outstanding = 1,
        .duration_ns = FIRST_ANSWER_NS,
    };
    static struct load_result result;
    process_stop(&bench->server);
    directory_forget(bench->report.directory);
    const uint64_t start_ns = load_now_ns();
    bench->server = process_start(bench->report.directory, NULL);
    process_wait_listening(&bench->server);
    struct load *load = load_open(bench->server.address);
    if (load != NULL) {
        load_run(load, &plan, &result);
        load_close(load);
    }
    if (result.items > 0) {
        report_fact(&bench->report, "start, to the first answers", "ms",
                    (double)(load_now_ns() - start_ns) / 1e6);
    }
}
