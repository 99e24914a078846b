/* Medians and spreads, printed. */

#include "tests/bench/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

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
    printf("loaded      %.0f profiles/s by import, %.1f us of server CPU each, %.0f bytes each on "
           "disk\n",
           report->load_per_second, report->load_cpu_us, report->bytes_per_profile);
    printf("measured    %u rounds, %.1f s a row, load from the same machine, ", report->rounds,
           report->seconds);
    if (report->rate == 0) {
        printf("closed loop\n");
    } else {
        printf("%llu calls/s offered to each unary row\n", (unsigned long long)report->rate);
    }
}

/* ---- figures ---- */

/* The median over the rounds, and the least and greatest. */
struct figure {
    double median;
    double min;
    double max;
};

static int by_size(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return left < right ? -1 : left > right ? 1 : 0;
}

/* Of the field at this offset in the samples of a row. */
static struct figure figure_of(const struct report *report, size_t row, size_t offset) {
    double values[ROUNDS_MAX];
    for (uint32_t i = 0; i < report->rounds; i++) {
        const char *sample = (const char *)&report->samples[row][i];
        memcpy(&values[i], sample + offset, sizeof values[i]);
    }
    qsort(values, report->rounds, sizeof *values, by_size);
    const uint32_t middle = report->rounds / 2;
    const double median =
        report->rounds % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return (struct figure){median, values[0], values[report->rounds - 1]};
}

#define FIGURE(FIELD) figure_of(report, row, offsetof(struct sample, FIELD))

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
    printf("%-29s %6u %6u %10.0f %9.1f %13s %7.2f %9.0f %9.0f", what->name, what->outstanding,
           what->items, rate.median, cpu.median, spread, FIGURE(echo_ratio).median,
           FIGURE(p50_us).median, FIGURE(p99_us).median);
    const uint64_t failures = failures_of(report, row);
    if (failures > 0) {
        printf("  %llu calls failed", (unsigned long long)failures);
    }
    putchar('\n');
}

void report_print_table(const struct report *report) {
    printf("\n%-29s %6s %6s %10s %9s %13s %7s %9s %9s\n", "", "at", "items", "items", "CPU us", "",
           "to", "p50 us", "p99 us");
    printf("%-29s %6s %6s %10s %9s %13s %7s %9s %9s\n", "row", "once", "a call", "a second",
           "an item", "least-most", "echo", "of a call", "of a call");
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (report->wanted[i]) {
            print_row(report, &rows[i], i);
        }
    }
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
    char processor[TEXT_SIZE];
    processor_name(processor);
    json_t *all =
        json_pack("{s:s, s:i, s:s, s:I, s:f, s:f, s:f, s:I, s:i, s:f, s:o}", "processor", processor,
                  "processors", (int)sysconf(_SC_NPROCESSORS_ONLN), "file_system",
                  file_system_name(report->directory), "profiles", (json_int_t)report->profiles,
                  "load_profiles_per_second", report->load_per_second, "load_cpu_us_per_profile",
                  report->load_cpu_us, "disk_bytes_per_profile", report->bytes_per_profile,
                  "offered_calls_per_second", (json_int_t)report->rate, "rounds",
                  (int)report->rounds, "seconds_per_row", report->seconds, "rows", list);
    const bool written = json_dump_file(all, path, JSON_INDENT(2)) == 0;
    json_decref(all);
    return written;
}
