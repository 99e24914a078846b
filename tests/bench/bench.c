/* The benchmark: starts a server on a directory of its own, and its peers on theirs, loads all with
 * the same invented people, then measures every row in every round, so that what disturbs the
 * machine for a while disturbs all rows alike. */

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/load.h"
#include "tests/bench/peer.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/rows.h"
#include "tests/bench/ways.h"

enum {
    OPTION_PROFILES = 256,
    OPTION_ROUNDS,
    OPTION_SECONDS,
    OPTION_RATE,
    OPTION_ROWS,
    OPTION_JSON,
    OPTION_DIRECTORY,
    OPTION_WAIT,
    OPTION_PICTURE,
    OPTION_NO_PEERS,
    PROFILES_MAX = 100000000,
    PATH_SIZE = 4096,
    PEERS = 3,
    ARENA_MAX = 1 << 20,
    EVENTS_LOADED = 200000,  /* Interactions of the first people. */
    EVENTS_A_SECOND = 10000, /* About: how many are streamed in a round. */
    CHANGES_MAX = 200000,    /* That a watcher reads in a round. */
    STEADY_RATE = 10000,     /* Calls a second that are offered while an import runs. */
    STEADY_OUTSTANDING = 512,
    STEADY_SECONDS = 5,
    STEADY_CSV_ROWS = 100000,
};

struct arguments {
    uint64_t profiles;
    uint32_t rounds;
    double seconds;
    uint64_t rate;
    const char *rows; /* Only rows whose names begin so. */
    const char *json;
    const char *picture;
    const char *directory;
    bool no_peers;
    bool wait; /* Tells the server's process id and waits for a key before the rounds. */
};

/* All that a run has. */
struct bench {
    const struct arguments *arguments;
    struct process server;
    struct process core; /* core_echo. */
    struct load *load;
    struct load *core_load;
    struct crowd crowd;
    struct crowd peer_crowds[PEERS];
    struct report report;
    struct arena arena; /* Of the names of facts. */
    uint32_t imports;   /* Each has an id of its own. */
};

static const struct peer *const peers[PEERS] = {&peer_postgres, &peer_redis, &peer_sqlite};

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
    const uint64_t count = bench->arguments->profiles;
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

/* ---- rounds ---- */

/* load_work.make has no type of ours. */
struct making {
    struct crowd *crowd;
    const struct row *row;
};

static struct bytes make(void *state, struct arena *arena) {
    const struct making *making = state;
    return making->row->make(making->crowd, arena);
}

static struct sample sample_of(uint64_t items, uint64_t duration_ns, uint64_t cpu_ns,
                               const struct histogram *latency) {
    return (struct sample){
        .items_per_second = (double)items * 1e9 / (double)duration_ns,
        .cpu_us = (double)cpu_ns / 1e3 / (double)items,
        .p50_us = (double)histogram_quantile(latency, 0.5) / 1e3,
        .p99_us = (double)histogram_quantile(latency, 0.99) / 1e3,
    };
}

/* The same of calls. A watcher may have found no change. */
static struct sample sample_of_load(const struct load_result *result, uint32_t items,
                                    uint64_t cpu_ns) {
    static const struct load_result nothing = {.calls = 1, .duration_ns = 1};
    const struct load_result *told = result->calls == 0 ? &nothing : result;
    struct sample sample =
        sample_of(told->calls * items, told->duration_ns, cpu_ns, &told->latency);
    sample.failures = result->failures;
    return sample;
}

static struct sample measure_calls(struct bench *bench, const struct row *row) {
    const struct process *server = row->way == ROW_CORE ? &bench->core : &bench->server;
    struct making making = {&bench->crowd, row};
    const struct load_plan plan = {
        .work = {.path = row->path, .make = make, .state = &making},
        .connections = row->connections,
        .outstanding = row->outstanding,
        .duration_ns = (uint64_t)(bench->arguments->seconds * 1e9),
        .rate = row->items == 1 ? bench->arguments->rate : 0,
    };
    static struct load_result result;
    const uint64_t cpu_ns = process_cpu_ns(server);
    load_run(row->way == ROW_CORE ? bench->core_load : bench->load, &plan, &result);
    return sample_of_load(&result, row->items, process_cpu_ns(server) - cpu_ns);
}

static struct sample measure_import(struct bench *bench) {
    enum { PEOPLE_A_SECOND = 10000 };
    const uint64_t batches =
        (uint64_t)(bench->arguments->seconds * PEOPLE_A_SECOND) / IMPORT_BATCH_ROWS;
    const uint64_t count = (batches == 0 ? 1 : batches) * IMPORT_BATCH_ROWS;
    static struct import_result result;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    import(bench, count, false, &result);
    struct sample sample = sample_of(count, result.duration_ns,
                                     process_cpu_ns(&bench->server) - cpu_ns, &result.latency);
    sample.failures = count - result.created;
    return sample;
}

static struct sample measure_csv(struct bench *bench) {
    static const struct histogram none;
    struct ways_csv csv;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    ways_import_csv(CSV_ROWS, &csv);
    return sample_of(csv.rows, csv.duration_ns, process_cpu_ns(&bench->server) - cpu_ns, &none);
}

static struct sample measure_peer(struct bench *bench, const struct row *row) {
    static struct load_result result;
    size_t peer = 0;
    while (peers[peer] != row->peer) {
        peer++;
    }
    const struct peer_plan plan = {
        .call = (enum peer_call)row->call,
        .outstanding = row->outstanding,
        .items = row->items,
        .duration_ns = (uint64_t)(bench->arguments->seconds * 1e9),
        .crowd = &bench->peer_crowds[peer],
    };
    const uint64_t cpu_ns = row->peer->cpu_ns();
    row->peer->run(&plan, &result);
    return sample_of_load(&result, row->items, row->peer->cpu_ns() - cpu_ns);
}

static struct sample measure_store(const struct bench *bench, const struct row *row) {
    static struct load_result result;
    uint64_t cpu_ns = 0;
    ways_read_store((uint64_t)(bench->arguments->seconds * 1e9), &result, &cpu_ns);
    return sample_of_load(&result, row->items, cpu_ns);
}

/* Streams of the C client. */
static struct sample measure_stream(struct bench *bench, const struct row *row) {
    static struct load_result result;
    const double seconds = bench->arguments->seconds;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    if (row->way == ROW_EVENTS) {
        ways_stream_events((uint64_t)(seconds * EVENTS_A_SECOND), &result);
    } else if (row->way == ROW_PREVIEW) {
        ways_preview((uint64_t)(seconds * 1e9), &result);
    } else {
        ways_watch(CHANGES_MAX, &result);
    }
    return sample_of_load(&result, row->items, process_cpu_ns(&bench->server) - cpu_ns);
}

static struct sample measure(struct bench *bench, const struct row *row) {
    switch (row->way) {
    case ROW_CALLS:
    case ROW_CORE:
        return measure_calls(bench, row);
    case ROW_IMPORT:
        return measure_import(bench);
    case ROW_CSV:
        return measure_csv(bench);
    case ROW_STORE:
        return measure_store(bench, row);
    case ROW_PEER:
        return measure_peer(bench, row);
    case ROW_EVENTS:
    case ROW_PREVIEW:
    case ROW_WATCH:
        break;
    }
    return measure_stream(bench, row);
}

static void measure_round(struct bench *bench, uint32_t round) {
    struct report *report = &bench->report;
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!report->wanted[i]) {
            continue;
        }
        struct sample *sample = &report->samples[i][round];
        *sample = measure(bench, &rows[i]);
        sample->echo_ratio =
            rows[i].way == ROW_PEER
                ? 0
                : sample->cpu_us / report->samples[row_echo(&rows[i])][round].cpu_us;
        fputc('.', stderr);
    }
    fputc('\n', stderr);
}

/* The echo rows always: the others are held against them. */
static void choose_rows(struct bench *bench) {
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        bench->report.wanted[i] =
            (i == row_echo(&rows[i]) ||
             strncmp(rows[i].name, bench->arguments->rows, strlen(bench->arguments->rows)) == 0) &&
            (rows[i].way != ROW_PEER || bench->report.has_peers);
    }
}

/* ---- what is measured once ---- */

/* Interactions of the first people: there are timelines then. */
static void load_events(struct bench *bench) {
    struct report *report = &bench->report;
    static struct load_result result;
    const uint64_t before = directory_size(report->directory);
    ways_stream_events(EVENTS_LOADED, &result);
    report_fact(report, "disk, an interaction", "bytes",
                (double)(directory_size(report->directory) - before) / EVENTS_LOADED);
}

static double steady_p99_us(struct bench *bench) {
    static struct load_result result;
    size_t count = 0;
    const struct row *row = &rows_all(&count)[row_find("GetProfile", 16, 1)];
    struct making making = {&bench->crowd, row};
    const struct load_plan plan = {
        .work = {.path = row->path, .make = make, .state = &making},
        .connections = row->connections,
        .outstanding = STEADY_OUTSTANDING,
        .duration_ns = STEADY_SECONDS * UINT64_C(1000000000),
        .rate = STEADY_RATE,
    };
    load_run(bench->load, &plan, &result);
    return (double)histogram_quantile(&result.latency, 0.99) / 1e3;
}

/* Reads at an even rate, by themselves and beside an import. */
static void measure_steady(struct bench *bench) {
    struct report *report = &bench->report;
    const double alone_us = steady_p99_us(bench);
    const int import_pid = ways_import_csv_start(STEADY_CSV_ROWS);
    const double beside_us = steady_p99_us(bench);
    ways_import_csv_wait(import_pid);
    report_fact(report, "GetProfile at 10,000 a second, p99", "us", alone_us);
    report_fact(report, "GetProfile at 10,000 a second, p99, with an import", "us", beside_us);
    report_fact(report, "p99 with an import over without", "", beside_us / alone_us);
}

static void measure_memory(struct bench *bench) {
    struct ways_csv csv;
    ways_import_csv(STEADY_CSV_ROWS, &csv);
    report_fact(&bench->report, "import of CSV, client CPU", "us a row",
                (double)csv.client_cpu_ns / 1e3 / (double)csv.rows);
    report_fact(&bench->report, "import of CSV, client memory at most", "MiB",
                (double)csv.client_memory / (1 << 20));
    report_fact(&bench->report, "server memory, without the mapped store", "MiB",
                (double)process_memory(bench->server.pid, "RssAnon") / (1 << 20));
}

/* From the start of the process to the first answer, over a store that was closed. */
static void measure_start(struct bench *bench) {
    process_stop(&bench->server);
    const uint64_t start_ns = load_now_ns();
    bench->server = process_start(bench->report.directory, NULL);
    struct load *load = load_open(bench->server.address);
    report_fact(&bench->report, "start", "ms", (double)(load_now_ns() - start_ns) / 1e6);
    if (load != NULL) {
        load_close(load);
    }
}

/* ---- a run ---- */

static bool start_peers(struct bench *bench, const char *base) {
    for (size_t i = 0; bench->report.has_peers && i < PEERS; i++) {
        char directory[PATH_SIZE];
        snprintf(directory, sizeof directory, "%s/%s", base, peers[i]->name);
        bench->peer_crowds[i] = (struct crowd){
            .loaded = bench->arguments->profiles, .next = bench->arguments->profiles, .random = 1};
        fprintf(stderr, "loading %s\n", peers[i]->name);
        if (mkdir(directory, 0755) != 0 || !peers[i]->open(directory, bench->arguments->profiles)) {
            return false;
        }
        report_fact(&bench->report,
                    arena_format(&bench->arena, "disk, a profile, %s", peers[i]->name), "bytes",
                    (double)directory_size(directory) / (double)bench->arguments->profiles);
    }
    return true;
}

static bool write_files(const struct bench *bench) {
    const struct arguments *arguments = bench->arguments;
    if (arguments->json != NULL && !report_write_json(&bench->report, arguments->json)) {
        perror(arguments->json);
        return false;
    }
    if (arguments->picture != NULL && !report_write_picture(&bench->report, arguments->picture)) {
        perror(arguments->picture);
        return false;
    }
    return true;
}

static bool run(struct bench *bench, const char *base) {
    const struct arguments *arguments = bench->arguments;
    bench->load = load_open(bench->server.address);
    bench->core_load = load_open(bench->core.address);
    if (bench->load == NULL || bench->core_load == NULL) {
        fputs("the server does not answer\n", stderr);
        return false;
    }
    fputs("loading profiled\n", stderr);
    ways_open(&bench->server, bench->report.directory, &bench->crowd);
    load_people(bench);
    load_events(bench);
    if (!start_peers(bench, base)) {
        return false;
    }
    choose_rows(bench);
    if (arguments->wait) {
        fprintf(stderr, "the server is process %d; press return\n", (int)bench->server.pid);
        (void)getchar();
    }
    for (uint32_t round = 0; round < arguments->rounds; round++) {
        measure_round(bench, round);
    }
    measure_memory(bench);
    measure_steady(bench);
    ways_close();
    load_close(bench->core_load);
    load_close(bench->load);
    measure_start(bench);
    for (size_t i = 0; bench->report.has_peers && i < PEERS; i++) {
        peers[i]->close();
    }
    report_print_setting(&bench->report);
    report_print_table(&bench->report);
    return write_files(bench);
}

/* ---- the command line ---- */

static const struct argp_option option_list[] = {
    {"profiles", OPTION_PROFILES, "N", 0, "How many are loaded first, in thousands (100000)", 1},
    {"rounds", OPTION_ROUNDS, "N", 0, "How often each row is measured (5)", 1},
    {"seconds", OPTION_SECONDS, "S", 0, "How long a row takes in a round (1)", 1},
    {"rate", OPTION_RATE, "N", 0, "Offer N calls a second; without, each call follows an answer",
     2},
    {"rows", OPTION_ROWS, "NAME", 0, "Only rows whose names begin so, and echo", 2},
    {"no-peers", OPTION_NO_PEERS, NULL, 0, "Without PostgreSQL, Redis and SQLite", 2},
    {"json", OPTION_JSON, "FILE", 0, "Write the figures there too", 3},
    {"picture", OPTION_PICTURE, "FILE", 0, "Draw them there, as SVG", 3},
    {"directory", OPTION_DIRECTORY, "DIR", 0, "Where the data goes, on a disk (/var/tmp)", 3},
    {"wait", OPTION_WAIT, NULL, 0, "Wait before the rounds, to attach a profiler", 3},
    {0},
};

static double number_of(struct argp_state *state, const char *text, double min, double max,
                        const char *option) {
    char *end = NULL;
    const double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= min && number <= max)) {
        argp_error(state, "%s takes a number from %g to %g", option, min, max);
    }
    return number;
}

static error_t parse(int key, char *value, struct argp_state *state) {
    struct arguments *arguments = state->input;
    switch (key) {
    case OPTION_PROFILES:
        arguments->profiles =
            (uint64_t)number_of(state, value, IMPORT_BATCH_ROWS, PROFILES_MAX, "--profiles") /
            IMPORT_BATCH_ROWS * IMPORT_BATCH_ROWS;
        return 0;
    case OPTION_ROUNDS:
        arguments->rounds = (uint32_t)number_of(state, value, 1, ROUNDS_MAX, "--rounds");
        return 0;
    case OPTION_SECONDS:
        arguments->seconds = number_of(state, value, 0.1, 600, "--seconds");
        return 0;
    case OPTION_RATE:
        arguments->rate = (uint64_t)number_of(state, value, 1, 1e6, "--rate");
        return 0;
    case OPTION_ROWS:
        arguments->rows = value;
        return 0;
    case OPTION_JSON:
        arguments->json = value;
        return 0;
    case OPTION_DIRECTORY:
        arguments->directory = value;
        return 0;
    case OPTION_PICTURE:
        arguments->picture = value;
        return 0;
    case OPTION_NO_PEERS:
        arguments->no_peers = true;
        return 0;
    case OPTION_WAIT:
        arguments->wait = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* `bazel run` starts programs elsewhere than where it was called. */
static void go_to_caller(void) {
    const char *directory = getenv("BUILD_WORKING_DIRECTORY");
    if (directory != NULL && chdir(directory) != 0) {
        perror(directory);
    }
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .doc = "Measures what calls cost the server, beside a call that does nothing, the bare "
               "store, and what others do."};
    struct arguments arguments = {
        .profiles = 100000, .rounds = 5, .seconds = 1, .rows = "", .directory = "/var/tmp"};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    go_to_caller();
    char base[PATH_SIZE];
    char directory[PATH_SIZE + sizeof "/profiled"];
    snprintf(base, sizeof base, "%s/profiled_bench.XXXXXX", arguments.directory);
    if (mkdtemp(base) == NULL || chmod(base, 0755) != 0) {
        perror(base);
        return EXIT_FAILURE;
    }
    snprintf(directory, sizeof directory, "%s/profiled", base);
    static struct bench bench;
    arena_init(&bench.arena, ARENA_MAX);
    bench.arguments = &arguments;
    bench.crowd.random = 1;
    bench.crowd.ids = calloc(arguments.profiles, sizeof *bench.crowd.ids);
    bench.report.directory = directory;
    bench.report.profiles = arguments.profiles;
    bench.report.rounds = arguments.rounds;
    bench.report.seconds = arguments.seconds;
    bench.report.rate = arguments.rate;
    bench.report.has_peers = !arguments.no_peers;
    bench.server = process_start(directory, NULL);
    bench.core = process_start_program("core_echo", directory);
    const bool done = bench.crowd.ids != NULL && run(&bench, base);
    process_stop(&bench.core);
    process_stop(&bench.server);
    directory_remove(base);
    arena_free(&bench.arena);
    free(bench.crowd.ids);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
