/* The benchmark: starts a server on a directory of its own, and its peers on theirs, loads all with
 * the same invented people, then measures every row in every round, so that what disturbs the
 * machine for a while disturbs all rows alike. */

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/measure.h"
#include "tests/bench/peer.h"
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
    OPTION_AGAINST,
    PROFILES_MAX = 15000000, /* More are made by rows; there are numbers for 20,000,000. */
    PATH_SIZE = 4096,
    ARENA_MAX = 1 << 20,
    REMOVE_TRIES = 50,
    REMOVE_WAIT_US = 100000,
};

struct arguments {
    uint64_t profiles;
    uint32_t rounds;
    double seconds;
    uint64_t rate;
    const char *rows[ROWS_MAX]; /* Only rows whose names begin so; none: all. */
    size_t rows_count;
    const char *json;
    const char *picture;
    const char *directory;
    const char *against;
    bool no_peers;
    bool wait; /* Tells the server's process id and waits for a key before the rounds. */
};

/* ---- rounds ---- */

static void measure_round(struct bench *bench, uint32_t round) {
    struct report *report = &bench->report;
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!report->wanted[i]) {
            continue;
        }
        struct sample *sample = &report->samples[i][round];
        *sample = measure_row(bench, &rows[i]);
        sample->echo_ratio =
            rows[i].way == ROW_PEER
                ? NAN
                : sample->cpu_us / report->samples[row_echo(&rows[i])][round].cpu_us;
        fputc('.', stderr);
    }
    fputc('\n', stderr);
}

/* Files are read once, and each row is run once that is not counted, so that all have in memory
 * what they need. */
static void warm(struct bench *bench, const char *base) {
    fputs("warming ", stderr);
    directory_read(base);
    measure_round(bench, 0);
}

static bool begins_with(const struct row *row, const char *name) {
    return strncmp(row->name, name, strlen(name)) == 0;
}

static bool is_asked_for(const struct row *row, const struct arguments *arguments) {
    bool is_named = arguments->rows_count == 0;
    for (size_t i = 0; i < arguments->rows_count; i++) {
        is_named = is_named || begins_with(row, arguments->rows[i]);
    }
    return is_named && (row->way != ROW_PEER || !arguments->no_peers);
}

/* The echo rows always: the others are held against them. */
static void choose_rows(struct report *report, const struct arguments *arguments) {
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        report->wanted[i] = i == row_echo(&rows[i]) || is_asked_for(&rows[i], arguments);
    }
}

/* ---- a run ---- */

static bool start_peers(struct bench *bench, const char *base) {
    const uint64_t count = bench->report.profiles;
    for (size_t i = 0; bench->report.has_peers && i < BENCH_PEERS; i++) {
        const struct peer *peer = bench_peers[i];
        char directory[PATH_SIZE];
        snprintf(directory, sizeof directory, "%s/%s", base, peer->name);
        bench->peer_crowds[i] = (struct crowd){.loaded = count, .next = count, .random = 1};
        fprintf(stderr, "loading %s\n", peer->name);
        if (mkdir(directory, 0755) != 0 || !peer->open(directory, count)) {
            return false;
        }
        report_fact(&bench->report, arena_format(&bench->arena, "disk, a profile, %s", peer->name),
                    "bytes", (double)directory_size(directory) / (double)count);
    }
    return true;
}

static bool write_files(const struct report *report, const struct arguments *arguments) {
    if (arguments->json != NULL && !report_write_json(report, arguments->json)) {
        perror(arguments->json);
        return false;
    }
    if (arguments->picture != NULL && !report_write_picture(report, arguments->picture)) {
        perror(arguments->picture);
        return false;
    }
    return true;
}

static bool run(struct bench *bench, const struct arguments *arguments, const char *base) {
    bench->load = load_open(bench->server.address);
    bench->core_load = load_open(bench->core.address);
    if (bench->load == NULL || bench->core_load == NULL) {
        fputs("the server does not answer\n", stderr);
        return false;
    }
    fputs("loading profiled\n", stderr);
    ways_open(&bench->server, bench->report.directory, &bench->crowd);
    measure_loading(bench);
    if (!start_peers(bench, base)) {
        return false;
    }
    warm(bench, base);
    if (arguments->wait) {
        fprintf(stderr, "the server is process %d; press return\n", (int)bench->server.pid);
        (void)getchar();
    }
    for (uint32_t round = 0; round < arguments->rounds; round++) {
        fprintf(stderr, "round %u of %u ", round + 1, arguments->rounds);
        measure_round(bench, round);
    }
    measure_memory(bench);
    ways_close();
    load_close(bench->core_load);
    load_close(bench->load);
    measure_start(bench);
    for (size_t i = 0; bench->report.has_peers && i < BENCH_PEERS; i++) {
        bench_peers[i]->close();
    }
    report_print_setting(&bench->report);
    report_print_table(&bench->report);
    return write_files(&bench->report, arguments);
}

static bool run_in(const struct arguments *arguments, const char *base) {
    static struct bench bench;
    char directory[PATH_SIZE + sizeof "/profiled"];
    snprintf(directory, sizeof directory, "%s/profiled", base);
    arena_init(&bench.arena, ARENA_MAX);
    bench.seconds = arguments->seconds;
    bench.rate = arguments->rate;
    bench.crowd.random = 1;
    bench.crowd.ids = calloc(arguments->profiles, sizeof *bench.crowd.ids);
    bench.report = (struct report){
        .profiles = arguments->profiles,
        .directory = directory,
        .against = arguments->against,
        .rounds = arguments->rounds,
        .seconds = arguments->seconds,
        .rate = arguments->rate,
        .has_peers = !arguments->no_peers,
    };
    if (bench.crowd.ids == NULL) {
        return false;
    }
    choose_rows(&bench.report, arguments);
    bench.server = process_start(directory, NULL);
    bench.core = process_start_program("core_echo", directory);
    const bool done = run(&bench, arguments, base);
    process_stop(&bench.core);
    process_stop(&bench.server);
    arena_free(&bench.arena);
    free(bench.crowd.ids);
    return done;
}

/* ---- the directory, and what becomes of it ---- */

static pid_t runner;

static void pass_on(int signal) { kill(runner, signal); }

/* What a run started ends with it, but not in the same moment. */
static void remove_all(const char *base) {
    for (int i = 0; i < REMOVE_TRIES && !directory_remove(base); i++) {
        usleep(REMOVE_WAIT_US);
    }
    if (access(base, F_OK) == 0) {
        fprintf(stderr, "%s is left: it can't be removed\n", base);
    }
}

/* A run is a process of its own: however it ends, by a signal too, its data goes. */
static int run_apart(const struct arguments *arguments, const char *base) {
    const pid_t parent = getpid();
    int status = 0;
    runner = fork();
    if (runner == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        exit(getppid() == parent && run_in(arguments, base) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    signal(SIGINT, SIG_IGN); /* A terminal sends it to the run as well. */
    signal(SIGTERM, pass_on);
    signal(SIGHUP, pass_on);
    while (waitpid(runner, &status, 0) < 0 && errno == EINTR) {
    }
    remove_all(base);
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "ended by signal %d; its data is removed\n", WTERMSIG(status));
        return 128 + WTERMSIG(status);
    }
    return WEXITSTATUS(status);
}

/* ---- the command line ---- */

static const struct argp_option option_list[] = {
    {"profiles", OPTION_PROFILES, "N", 0,
     "How many are loaded first, a multiple of 1,000 up to 15,000,000; 100,000 unless told", 1},
    {"rounds", OPTION_ROUNDS, "N", 0, "How often each row is measured, 1 to 100; 5", 1},
    {"seconds", OPTION_SECONDS, "S", 0, "How long a row takes in a round, 0.1 to 600; 1", 1},
    {"rate", OPTION_RATE, "N", 0, "Offer N calls a second; without, each call follows an answer",
     2},
    {"rows", OPTION_ROWS, "NAME", 0,
     "Only rows whose names begin so, and echo; may be told several times", 2},
    {"no-peers", OPTION_NO_PEERS, NULL, 0, "Without PostgreSQL, Redis and SQLite", 2},
    {"against", OPTION_AGAINST, "FILE", 0,
     "The JSON of a run with fewer profiles: tells how the cost of rows has grown", 2},
    {"json", OPTION_JSON, "FILE", 0, "Write the figures there too", 3},
    {"picture", OPTION_PICTURE, "FILE", 0, "Draw them there, as SVG", 3},
    {"directory", OPTION_DIRECTORY, "DIR", 0,
     "Where the data goes, on a disk, and where the user postgres may enter; /var/tmp", 3},
    {"wait", OPTION_WAIT, NULL, 0, "Wait before the rounds, to attach a profiler", 3},
    {0},
};

static double number_of(struct argp_state *state, const char *text, double min, double max,
                        const char *option) {
    char *end = NULL;
    const double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= min && number <= max)) {
        argp_error(state, "%s takes a number from %.15g to %.15g", option, min, max);
    }
    return number;
}

static uint64_t count_of(struct argp_state *state, const char *text, uint64_t min, uint64_t max,
                         uint64_t step, const char *option) {
    const double number = number_of(state, text, (double)min, (double)max, option);
    if (fmod(number, (double)step) != 0) {
        argp_error(state, "%s takes a multiple of %llu", option, (unsigned long long)step);
    }
    return (uint64_t)number;
}

/* Whether a row begins so; otherwise those that there are, are told. */
static bool are_rows(const char *name) {
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (begins_with(&rows[i], name)) {
            return true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0) {
            fprintf(stderr, "    %s\n", rows[i].name);
        }
    }
    return false;
}

static error_t parse(int key, char *value, struct argp_state *state) {
    struct arguments *arguments = state->input;
    switch (key) {
    case OPTION_PROFILES:
        arguments->profiles = count_of(state, value, IMPORT_BATCH_ROWS, PROFILES_MAX,
                                       IMPORT_BATCH_ROWS, "--profiles");
        return 0;
    case OPTION_ROUNDS:
        arguments->rounds = (uint32_t)count_of(state, value, 1, ROUNDS_MAX, 1, "--rounds");
        return 0;
    case OPTION_SECONDS:
        arguments->seconds = number_of(state, value, 0.1, 600, "--seconds");
        return 0;
    case OPTION_RATE:
        arguments->rate = count_of(state, value, 1, 1000000, 1, "--rate");
        return 0;
    case OPTION_ROWS:
        if (arguments->rows_count == ROWS_MAX || !are_rows(value)) {
            argp_error(state, "--rows: no row begins with \"%s\", or too many were named", value);
        }
        arguments->rows[arguments->rows_count++] = value;
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
    case OPTION_AGAINST:
        arguments->against = value;
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

/* That a file can be written is known before a run that takes long, not after it. */
static bool can_write(const char *path) {
    FILE *file = path == NULL ? NULL : fopen(path, "a");
    if (path != NULL && file == NULL) {
        perror(path);
        return false;
    }
    return file == NULL || fclose(file) == 0;
}

static bool can_read(const char *path) {
    if (path != NULL && access(path, R_OK) != 0) {
        perror(path);
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_list,
        .parser = parse,
        .doc = "Measures what calls cost the server, beside a call that does nothing, the bare "
               "store, and what others do."};
    struct arguments arguments = {
        .profiles = 100000, .rounds = 5, .seconds = 1, .directory = "/var/tmp"};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    go_to_caller();
    if (!can_write(arguments.json) || !can_write(arguments.picture) ||
        !can_read(arguments.against)) {
        return EXIT_FAILURE;
    }
    char *directory = realpath(arguments.directory, NULL);
    char base[PATH_SIZE];
    snprintf(base, sizeof base, "%s/profiled_bench.XXXXXX",
             directory == NULL ? arguments.directory : directory);
    free(directory);
    if (mkdtemp(base) == NULL || chmod(base, 0755) != 0) {
        perror(base);
        return EXIT_FAILURE;
    }
    return run_apart(&arguments, base);
}
