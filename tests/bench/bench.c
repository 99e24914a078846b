/* The benchmark: starts a server on a directory of its own, loads it with invented people, then
 * measures every row in every round, so that what disturbs the machine for a while disturbs all
 * rows alike. */

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/rows.h"

enum {
    OPTION_PROFILES = 256,
    OPTION_ROUNDS,
    OPTION_SECONDS,
    OPTION_RATE,
    OPTION_ROWS,
    OPTION_JSON,
    OPTION_DIRECTORY,
    OPTION_WAIT,
    PROFILES_MAX = 100000000,
    PATH_SIZE = 4096,
};

struct arguments {
    uint64_t profiles;
    uint32_t rounds;
    double seconds;
    uint64_t rate;
    const char *rows; /* Only rows whose names begin so. */
    const char *json;
    const char *directory;
    bool wait; /* Tells the server's process id and waits for a key before the rounds. */
};

/* All that a run has. */
struct bench {
    const struct arguments *arguments;
    struct process server;
    struct load *load;
    struct crowd crowd;
    struct report report;
    uint32_t imports; /* Each has an id of its own. */
};

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
    report->load_per_second = (double)count * 1e9 / (double)result.duration_ns;
    report->load_cpu_us = (double)(process_cpu_ns(&bench->server) - cpu_ns) / 1e3 / (double)count;
    report->bytes_per_profile = (double)directory_size(report->directory) / (double)count;
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

static struct sample measure_calls(struct bench *bench, const struct row *row) {
    struct making making = {&bench->crowd, row};
    const struct load_plan plan = {
        .work = {.path = row->path, .make = make, .state = &making},
        .connections = row->connections,
        .outstanding = row->outstanding,
        .duration_ns = (uint64_t)(bench->arguments->seconds * 1e9),
        .rate = row->items == 1 ? bench->arguments->rate : 0,
    };
    static struct load_result result;
    const uint64_t cpu_ns = process_cpu_ns(&bench->server);
    load_run(bench->load, &plan, &result);
    struct sample sample = sample_of(result.calls * row->items, result.duration_ns,
                                     process_cpu_ns(&bench->server) - cpu_ns, &result.latency);
    sample.failures = result.failures;
    return sample;
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

static void measure_round(struct bench *bench, uint32_t round) {
    struct report *report = &bench->report;
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!report->wanted[i]) {
            continue;
        }
        struct sample *sample = &report->samples[i][round];
        *sample = rows[i].path == NULL ? measure_import(bench) : measure_calls(bench, &rows[i]);
        sample->echo_ratio = sample->cpu_us / report->samples[row_echo(&rows[i])][round].cpu_us;
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
            i == row_echo(&rows[i]) ||
            strncmp(rows[i].name, bench->arguments->rows, strlen(bench->arguments->rows)) == 0;
    }
}

static bool run(struct bench *bench) {
    const struct arguments *arguments = bench->arguments;
    bench->load = load_open(bench->server.address);
    if (bench->load == NULL) {
        fputs("the server does not answer\n", stderr);
        return false;
    }
    load_people(bench);
    choose_rows(bench);
    if (arguments->wait) {
        fprintf(stderr, "the server is process %d; press return\n", (int)bench->server.pid);
        (void)getchar();
    }
    for (uint32_t round = 0; round < arguments->rounds; round++) {
        measure_round(bench, round);
    }
    load_close(bench->load);
    report_print_setting(&bench->report);
    report_print_table(&bench->report);
    if (arguments->json != NULL && !report_write_json(&bench->report, arguments->json)) {
        perror(arguments->json);
        return false;
    }
    return true;
}

/* ---- the command line ---- */

static const struct argp_option option_list[] = {
    {"profiles", OPTION_PROFILES, "N", 0, "How many are loaded first, in thousands (100000)", 1},
    {"rounds", OPTION_ROUNDS, "N", 0, "How often each row is measured (5)", 1},
    {"seconds", OPTION_SECONDS, "S", 0, "How long a row takes in a round (1)", 1},
    {"rate", OPTION_RATE, "N", 0, "Offer N calls a second; without, each call follows an answer",
     2},
    {"rows", OPTION_ROWS, "NAME", 0, "Only rows whose names begin so, and echo", 2},
    {"json", OPTION_JSON, "FILE", 0, "Write the figures there too", 3},
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
        .doc = "Measures what calls cost the server, beside a call that does nothing."};
    struct arguments arguments = {
        .profiles = 100000, .rounds = 5, .seconds = 1, .rows = "", .directory = "/var/tmp"};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    go_to_caller();
    char directory[PATH_SIZE];
    snprintf(directory, sizeof directory, "%s/profiled_bench.XXXXXX", arguments.directory);
    if (mkdtemp(directory) == NULL) {
        perror(directory);
        return EXIT_FAILURE;
    }
    static struct bench bench;
    bench.arguments = &arguments;
    bench.crowd.random = 1;
    bench.crowd.ids = calloc(arguments.profiles, sizeof *bench.crowd.ids);
    bench.report.directory = directory;
    bench.report.profiles = arguments.profiles;
    bench.report.rounds = arguments.rounds;
    bench.report.seconds = arguments.seconds;
    bench.report.rate = arguments.rate;
    bench.server = process_start(directory, NULL);
    const bool done = bench.crowd.ids != NULL && run(&bench);
    process_stop(&bench.server);
    directory_remove(directory);
    free(bench.crowd.ids);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
