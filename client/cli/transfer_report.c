/* What the transfer of a file tells. Counts come from the server and hold for the whole of it, also
 * when it took several runs; rows that failed on this side are added to them. */

#include "client/cli/transfer_report.h"

#include "client/cli/origins.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PROGRESS_EVERY_MS = 250 };

static int64_t now_ms(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void transfer_report_open(struct transfer_report *report, struct verdicts *verdicts, int64_t size) {
    *report = (struct transfer_report){
        .verdicts = verdicts,
        .progress = screen_of(stderr),
        .began_ms = now_ms(),
        .size = size,
    };
}

static void write_verdict(struct transfer_report *report, const struct import_row *row,
                          const struct transfer_outcome *outcome) {
    if (report->verdicts->file == NULL || row->number <= report->verdicts->told_row) {
        return;
    }
    json_t *line = json_pack("{s:I,s:I,s:s,s:s}", "row", (json_int_t)row->number, "line",
                             (json_int_t)row->line, "outcome", outcome->name, "profile_id",
                             outcome->profile_id);
    if (outcome->interaction_id != NULL) {
        json_object_set_new(line, "interaction_id", json_string(outcome->interaction_id));
    }
    json_object_set(line, "errors", outcome->errors);
    if (outcome->decision != NULL) {
        json_object_set(line, "decision", outcome->decision);
    }
    json_write(line, JSON_COMPACT, report->verdicts->file);
    fputc('\n', report->verdicts->file);
    json_decref(line);
}

static void keep_reasons(struct transfer_report *report, const struct import_row *row,
                         const json_t *errors) {
    for (size_t i = 0; i < json_array_size(errors) && report->reason_count < REASONS_MAX; i++) {
        const json_t *error = json_array_get(errors, i);
        const char *field = json_string_value(json_object_get(error, "field"));
        const char *column = json_string_value(json_object_get(error, "column"));
        const char *text = json_string_value(json_object_get(error, "description"));
        snprintf(report->reasons[report->reason_count], REASON_SIZE,
                 "row %" PRId64 " (line %" PRId64 ")%s%s%s%s%s: %s", row->number, row->line,
                 field == NULL || field[0] == '\0' ? "" : ", ", field == NULL ? "" : field,
                 column == NULL ? "" : ", column `", column == NULL ? "" : column,
                 column == NULL ? "" : "`", text == NULL ? "" : text);
        report->reason_count++;
    }
}

void transfer_report_outcome(struct transfer_report *report, const struct import_row *row,
                             const struct transfer_outcome *outcome) {
    if (outcome->failed) {
        keep_reasons(report, row, outcome->errors);
    }
    write_verdict(report, row, outcome);
    json_decref(outcome->errors);
    json_decref(outcome->decision);
    report->rows++;
}

void transfer_report_failure(struct transfer_report *report, const struct import_row *row) {
    const struct transfer_outcome outcome = {
        .name = "failed", .profile_id = "", .errors = json_incref(row->errors), .failed = true};
    transfer_report_outcome(report, row, &outcome);
}

/* The field with the names of maps in the place of their numbers, as the row has them. */
static json_t *name_field(const ProtobufCMessage *row, const char *field) {
    char *path = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&path, &size);
    json_t *json = json_from_message(row);
    assert(out != NULL);
    origins_tell(NULL, json, field, out);
    fclose(out);
    json_decref(json);
    json_t *text = json_string(path);
    free(path);
    return text;
}

json_t *transfer_report_errors(const struct import_row *row,
                               Profiled__V1__FieldError *const *errors, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *error = json_from_message(&errors[i]->base);
        json_t *full = json_pack("{s:s,s:s}", "field", "", "description", "");
        json_object_update(full, error);
        json_decref(error);
        if (strchr(errors[i]->field, '[') != NULL) {
            json_object_set_new(full, "field", name_field(row->message, errors[i]->field));
        }
        json_array_append_new(list, full);
    }
    return list;
}

void transfer_report_progress(struct transfer_report *report, int64_t done) {
    const int64_t now = now_ms();
    if (!report->progress.terminal || now - report->shown_ms < PROGRESS_EVERY_MS) {
        return;
    }
    report->shown_ms = now;
    const double seconds = (double)(now - report->began_ms) / 1000.0 + 0.001;
    fprintf(stderr, "\r%" PRId64 " rows, %.0f rows/s", report->rows,
            (double)report->rows / seconds);
    if (report->size > 0 && done > 0) {
        const double part = (double)done / (double)report->size;
        const int64_t left = (int64_t)(seconds / part - seconds);
        fprintf(stderr, ", %.0f %%, %" PRId64 ":%02" PRId64 " left  ", part * 100, left / 60,
                left % 60);
    }
}

void transfer_report_still(const struct transfer_report *report) {
    if (report->shown_ms > 0) {
        fprintf(stderr, "\r%*s\r", 60, "");
    }
}

void transfer_report_reasons(const struct transfer_report *report, int64_t failed, bool dry_run) {
    if (failed == 0) {
        return;
    }
    fprintf(stderr, "profilectl: %" PRId64 " %s %s\n", failed, failed == 1 ? "row" : "rows",
            dry_run ? "would fail" : "failed; the rest are in");
    for (size_t i = 0; i < report->reason_count; i++) {
        fputs("  ", stderr);
        text_tell(stderr, report->reasons[i]); /* It may hold a title out of the file. */
        fputc('\n', stderr);
    }
    if (report->reason_count == REASONS_MAX) {
        fprintf(stderr, "  \xe2\x80\xa6 --verdicts FILE tells them all\n");
    }
}

void transfer_report_summary(const struct transfer_count *counts, size_t count,
                             const struct session *session, const char *import_id, FILE *out) {
    static const struct table_column columns[] = {{.title = "IMPORT", .whole = true},
                                                  {.title = "COUNT", .right = true}};
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    json_t *json = json_pack("{s:s}", "importId", import_id);
    for (size_t i = 0; i < count; i++) {
        table_add(&table, counts[i].title);
        table_add_number(&table, counts[i].count);
        json_object_set_new(json, counts[i].name, json_integer(counts[i].count));
    }
    struct screen screen = screen_of(out);
    if (session->output == OUTPUT_TABLE) {
        table_print(&table, &screen);
    } else {
        json_write(json, session->output == OUTPUT_JSON ? JSON_INDENT(2) : JSON_COMPACT, out);
        fputc('\n', out);
    }
    table_free(&table);
    json_decref(json);
}
