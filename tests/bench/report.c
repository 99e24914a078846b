/* Medians and spreads, printed. */

#include "tests/bench/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

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

void report_print_setting(const struct report *report) {
    char processor[TEXT_SIZE];
    struct utsname system;
    processor_name(processor);
    uname(&system);
    printf("machine     %s, %ld processors, Linux %s\n", processor, sysconf(_SC_NPROCESSORS_ONLN),
           system.release);
    printf("durability  every write is committed with fsync before its answer; file system %s\n",
           file_system_name(report->directory));
    printf("data        %llu profiles of invented people, 2 identities and 6 attributes each\n",
           (unsigned long long)report->profiles);
    const struct peer *const peers[] = {&peer_postgres, &peer_redis, &peer_sqlite};
    for (size_t i = 0; report->has_peers && i < sizeof peers / sizeof *peers; i++) {
        printf("%-11s %s\n", peers[i]->name, peers[i]->setting);
    }
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

struct figure figure_of(double *values, size_t count) {
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

static void print_row(const struct report *report, const struct row *what, size_t row) {
    const struct figure rate = FIGURE(items_per_second);
    const struct figure cpu = FIGURE(cpu_us);
    char spread[TEXT_SIZE];
    snprintf(spread, sizeof spread, "%.1f-%.1f", cpu.min, cpu.max);
    char ratio[TEXT_SIZE] = "-";
    if (what->way != ROW_PEER) {
        snprintf(ratio, sizeof ratio, "%.2f", FIGURE(echo_ratio).median);
    }
    printf("%-31s %6u %6u %10.0f %9.1f %15s %7s %9.0f %9.0f", what->name, what->outstanding,
           what->items, rate.median, cpu.median, spread, ratio, FIGURE(p50_us).median,
           FIGURE(p99_us).median);
    const uint64_t failures = failures_of(report, row);
    if (failures > 0) {
        printf("  %llu calls failed", (unsigned long long)failures);
    }
    putchar('\n');
}

void report_print_table(const struct report *report) {
    printf("\n%-31s %6s %6s %10s %9s %15s %7s %9s %9s\n", "", "at", "items", "items", "CPU us", "",
           "to", "p50 us", "p99 us");
    printf("%-31s %6s %6s %10s %9s %15s %7s %9s %9s\n", "row", "once", "a call", "a second",
           "an item", "least-most", "echo", "of a call", "of a call");
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
        printf("%-48s %12.*f %s\n", fact->name, fact->value < 100 ? 2 : 0, fact->value, fact->unit);
    }
    targets_print(report);
}

/* ---- JSON ---- */

static json_t *figure_json(struct figure figure) {
    return json_pack("{s:f, s:f, s:f}", "median", figure.median, "min", figure.min, "max",
                     figure.max);
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
    char processor[TEXT_SIZE];
    processor_name(processor);
    json_t *all = json_pack(
        "{s:s, s:i, s:s, s:I, s:I, s:i, s:f, s:o, s:o, s:o}", "processor", processor, "processors",
        (int)sysconf(_SC_NPROCESSORS_ONLN), "file_system", file_system_name(report->directory),
        "profiles", (json_int_t)report->profiles, "offered_calls_per_second",
        (json_int_t)report->rate, "rounds", (int)report->rounds, "seconds_per_row", report->seconds,
        "rows", list, "facts", facts, "targets", targets_json(report));
    const bool written = json_dump_file(all, path, JSON_INDENT(2)) == 0;
    json_decref(all);
    return written;
}
