/* Medians and spreads, printed. */

#include "tests/bench/report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "client/profiled_client.h"
#include "tests/bench/growth.h"
#include "tests/bench/peer.h"
#include "tests/bench/targets.h"

enum { TEXT_SIZE = 128, EXT_MAGIC = 0xEF53, TMPFS_MAGIC = 0x01021994 };

/* ---- the machine ---- */

static void processor_name(char out[TEXT_SIZE]) {
    strcpy(out, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[TEXT_SIZE];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
            line[strcspn(line, "\n")] = '\0';
            strcpy(out, colon[1] == ' ' ? colon + 2 : colon + 1);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

static const char *file_system_name(const char *directory) {
    struct statfs info;
    if (statfs(directory, &info) != 0) {
        return "unknown";
    }
    switch ((unsigned long)info.f_type) {
    case EXT_MAGIC:
        return "ext4";
    case TMPFS_MAGIC:
        return "tmpfs: nothing of this is durable";
    default:
        return "other";
    }
}

/* Now, in UTC. */
static void time_text(char out[TEXT_SIZE]) {
    const time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(out, TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static double memory_gib(void) {
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1 << 30);
}

/* Where and when. */
struct place {
    char processor[TEXT_SIZE];
    char now[TEXT_SIZE];
    struct utsname system;
};

static struct place place_read(void) {
    struct place place;
    processor_name(place.processor);
    time_text(place.now);
    uname(&place.system);
    return place;
}

static const struct peer *const peers[] = {&peer_postgres, &peer_redis, &peer_sqlite};

enum { PEER_COUNT = sizeof peers / sizeof *peers };

#define DURABLE "every write is committed with fsync before its answer"
#define DATA "of the sample's people, 2 identities and 6 attributes each"
#define WARM                                                                                       \
    "all files were read once, and each row was run once before that is not counted; interleaved"

void report_print_setting(const struct report *report) {
    const struct place place = place_read();
    printf("time        %s\n", place.now);
    printf("machine     %s, %ld processors, %.0f GiB, Linux %s\n", place.processor,
           sysconf(_SC_NPROCESSORS_ONLN), memory_gib(), place.system.release);
    printf("durability  %s; file system %s\n", DURABLE, file_system_name(report->directory));
    printf("data        %llu profiles %s\n", (unsigned long long)report->profiles, DATA);
    for (size_t i = 0; report->has_peers && i < PEER_COUNT; i++) {
        printf("%-11s %s\n", peers[i]->name, peers[i]->setting);
    }
    printf("warm        %s\n", WARM);
    printf("measured    %u rounds, %.1f s a row, load from the same machine, ", report->rounds,
           report->seconds);
    if (report->rate == 0) {
        printf("closed loop\n");
    } else {
        printf("%llu calls/s offered to each unary row\n", (unsigned long long)report->rate);
    }
}

/* ---- figures ---- */

static int by_size(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return left < right ? -1 : left > right ? 1 : 0;
}

struct figure figure_of(double *values, size_t all) {
    size_t count = 0;
    for (size_t i = 0; i < all; i++) {
        if (!isnan(values[i])) {
            values[count++] = values[i];
        }
    }
    if (count == 0) {
        return (struct figure){NAN, NAN, NAN};
    }
    qsort(values, count, sizeof *values, by_size);
    const size_t middle = count / 2;
    const double median =
        count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return (struct figure){median, values[0], values[count - 1]};
}

struct figure report_figure(const struct report *report, size_t row, size_t offset) {
    double values[ROUNDS_MAX];
    for (uint32_t i = 0; i < report->rounds; i++) {
        const char *sample = (const char *)&report->samples[row][i];
        memcpy(&values[i], sample + offset, sizeof values[i]);
    }
    return figure_of(values, report->rounds);
}

void report_fact(struct report *report, const char *name, const char *unit, double value) {
    if (report->fact_count < FACTS_MAX) {
        report->facts[report->fact_count++] = (struct fact){name, unit, value};
    }
}

double report_fact_value(const struct report *report, const char *name) {
    for (size_t i = 0; i < report->fact_count; i++) {
        if (strcmp(report->facts[i].name, name) == 0) {
            return report->facts[i].value;
        }
    }
    return -1;
}

#define FIGURE(FIELD) report_figure(report, row, offsetof(struct sample, FIELD))

static uint64_t failures_of(const struct report *report, size_t row) {
    uint64_t failures = 0;
    for (uint32_t i = 0; i < report->rounds; i++) {
        failures += report->samples[row][i].failures;
    }
    return failures;
}

/* "-" for what was not measured. */
static const char *number_text(double value, int decimals, char out[TEXT_SIZE]) {
    if (isnan(value)) {
        return "-";
    }
    snprintf(out, TEXT_SIZE, "%.*f", decimals, value);
    return out;
}

static const char *spread_text(struct figure figure, int decimals, char out[TEXT_SIZE]) {
    if (isnan(figure.min)) {
        return "-";
    }
    snprintf(out, TEXT_SIZE, "%.*f-%.*f", decimals, figure.min, decimals, figure.max);
    return out;
}

/* How many items failed, and by which status the last of them. */
static void print_failures(const struct report *report, size_t row) {
    const uint64_t failures = failures_of(report, row);
    int code = 0;
    for (uint32_t i = 0; i < report->rounds; i++) {
        code = report->samples[row][i].failures > 0 ? report->samples[row][i].failure_code : code;
    }
    if (failures > 0) {
        printf("  %llu failed, not counted: %s", (unsigned long long)failures,
               code == 0 ? "by the answer" : profiled_code_name(code));
    }
}

static void print_row(const struct report *report, const struct row *what, size_t row) {
    const struct figure rate = FIGURE(items_per_second);
    const struct figure cpu = FIGURE(cpu_us);
    char text[6][TEXT_SIZE];
    printf("%-35s %5u %5u %8.0f %15s %7s %13s %6s %8s %8s", what->name, what->outstanding,
           what->items, rate.median, spread_text(rate, 0, text[0]),
           number_text(cpu.median, 1, text[1]), spread_text(cpu, 1, text[2]),
           number_text(FIGURE(echo_ratio).median, 2, text[3]),
           number_text(FIGURE(p50_us).median, 0, text[4]),
           number_text(FIGURE(p99_us).median, 0, text[5]));
    print_failures(report, row);
    putchar('\n');
}

void report_print_table(const struct report *report) {
    printf("\n%-35s %5s %5s %8s %15s %7s %13s %6s %8s %8s\n", "", "at", "items", "items", "",
           "CPU us", "", "to", "p50 us", "p99 us");
    printf("%-35s %5s %5s %8s %15s %7s %13s %6s %8s %8s\n", "row", "once", "/call", "/second",
           "least-most", "/item", "least-most", "echo", "/call", "/call");
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (report->wanted[i]) {
            print_row(report, &rows[i], i);
        }
    }
    putchar('\n');
    for (size_t i = 0; i < report->fact_count; i++) {
        const struct fact *fact = &report->facts[i];
        printf("%-52s %10.*f %s\n", fact->name, fact->value < 100 ? 2 : 0, fact->value, fact->unit);
    }
    targets_print(report);
    growth_print(report);
}

/* ---- JSON ---- */

static json_t *figure_json(struct figure figure) {
    return isnan(figure.median) ? json_null()
                                : json_pack("{s:f, s:f, s:f}", "median", figure.median, "min",
                                            figure.min, "max", figure.max);
}

static json_t *settings_json(const struct report *report) {
    json_t *settings = json_object();
    for (size_t i = 0; report->has_peers && i < PEER_COUNT; i++) {
        json_object_set_new(settings, peers[i]->name, json_string(peers[i]->setting));
    }
    return settings;
}

/* When, where, on what and how, as report_print_setting() tells it. */
static json_t *setting_json(const struct report *report) {
    const struct place place = place_read();
    return json_pack("{s:s, s:s, s:i, s:f, s:s, s:s, s:s, s:I, s:s, s:s, s:o, s:I, s:i, s:f}",
                     "time", place.now, "processor", place.processor, "processors",
                     (int)sysconf(_SC_NPROCESSORS_ONLN), "memory_gib", memory_gib(), "kernel",
                     place.system.release, "file_system", file_system_name(report->directory),
                     "durability", DURABLE, "profiles", (json_int_t)report->profiles, "data", DATA,
                     "warm", WARM, "peers", settings_json(report), "offered_calls_per_second",
                     (json_int_t)report->rate, "rounds", (int)report->rounds, "seconds_per_row",
                     report->seconds);
}

static json_t *row_json(const struct report *report, const struct row *what, size_t row) {
    return json_pack(
        "{s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:I}", "row", what->name, "connections",
        (int)what->connections, "outstanding", (int)what->outstanding, "items_per_call",
        (int)what->items, "items_per_second", figure_json(FIGURE(items_per_second)),
        "server_cpu_us_per_item", figure_json(FIGURE(cpu_us)), "cpu_ratio_to_echo",
        figure_json(FIGURE(echo_ratio)), "call_p50_us", figure_json(FIGURE(p50_us)), "call_p99_us",
        figure_json(FIGURE(p99_us)), "failures", (json_int_t)failures_of(report, row));
}

bool report_write_json(const struct report *report, const char *path) {
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (report->wanted[i]) {
            json_array_append_new(list, row_json(report, &rows[i], i));
        }
    }
    json_t *facts = json_array();
    for (size_t i = 0; i < report->fact_count; i++) {
        const struct fact *fact = &report->facts[i];
        json_array_append_new(facts, json_pack("{s:s, s:f, s:s}", "fact", fact->name, "value",
                                               fact->value, "unit", fact->unit));
    }
    json_t *all = setting_json(report);
    json_object_set_new(all, "rows", list);
    json_object_set_new(all, "facts", facts);
    json_object_set_new(all, "targets", targets_json(report));
    const bool written = json_dump_file(all, path, JSON_INDENT(2)) == 0;
    json_decref(all);
    return written;
}
