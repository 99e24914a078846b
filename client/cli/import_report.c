/* What an import tells. Counts come from the server and hold for the whole import, also when it
 * took several runs; rows that failed on this side are added to them. */

#include "client/cli/import_report.h"

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/json.h"

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

void import_report_open(struct import_report *report, struct verdicts *verdicts,
                        const struct columns *columns, int64_t size) {
    *report = (struct import_report){
        .verdicts = verdicts,
        .columns = columns,
        .counts = PROFILED__V1__IMPORT_COUNTS__INIT,
        .progress = screen_of(stderr),
        .began_ms = now_ms(),
        .size = size,
    };
}

static void write_verdict(struct import_report *report, const struct import_row *row,
                          const char *outcome, const char *profile_id, json_t *errors,
                          json_t *decision) {
    if (report->verdicts->file == NULL || row->number <= report->verdicts->told_row) {
        json_decref(errors);
        json_decref(decision);
        return;
    }
    json_t *line = json_pack("{s:I,s:I,s:s,s:s,s:o}", "row", (json_int_t)row->number, "line",
                             (json_int_t)row->line, "outcome", outcome, "profile_id", profile_id,
                             "errors", errors);
    if (decision != NULL) {
        json_object_set_new(line, "decision", decision);
    }
    json_dumpf(line, report->verdicts->file, JSON_COMPACT);
    fputc('\n', report->verdicts->file);
    json_decref(line);
}

static void keep_reasons(struct import_report *report, const struct import_row *row,
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

void import_report_failure(struct import_report *report, const struct import_row *row) {
    keep_reasons(report, row, row->errors);
    write_verdict(report, row, "failed", "", json_incref(row->errors), NULL);
    report->rows++;
}

/* The only column of that meaning; NULL when there are several, or none. */
static const char *title_of(const struct columns *columns, enum column_target target,
                            const char *key) {
    const char *title = NULL;
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        if (column->target == target && strcmp(column->key, key) == 0) {
            if (title != NULL) {
                return NULL;
            }
            title = column->title;
        }
    }
    return title;
}

/* The title of the column that a field of the record came from; NULL when it can't be told. */
static const char *column_of(const struct columns *columns, const struct import_row *row,
                             const char *field) {
    static const char attributes[] = "attributes.";
    static const char identities[] = "identities[";
    if (row->identity_columns != NULL && strncmp(field, identities, sizeof identities - 1) == 0) {
        const size_t position = strtoul(field + sizeof identities - 1, NULL, 10);
        return position < row->record->n_identities
                   ? columns->items[row->identity_columns[position]].title
                   : NULL;
    }
    if (strncmp(field, attributes, sizeof attributes - 1) == 0) {
        return title_of(columns, COLUMN_ATTRIBUTE, field + sizeof attributes - 1);
    }
    return strcmp(field, "name") == 0 ? title_of(columns, COLUMN_NAME, "") : NULL;
}

static json_t *errors_of(const struct import_report *report, const struct import_row *row,
                         const Profiled__V1__ImportVerdict *verdict) {
    json_t *errors = json_array();
    for (size_t i = 0; i < verdict->n_errors; i++) {
        json_t *error = json_from_message(&verdict->errors[i]->base);
        /* Both names are always there, also when they are empty. */
        json_t *full = json_pack("{s:s,s:s}", "field", "", "description", "");
        json_object_update(full, error);
        json_decref(error);
        const char *column = column_of(report->columns, row, verdict->errors[i]->field);
        if (column != NULL) {
            json_object_set_new(full, "column", json_string(column));
        }
        json_array_append_new(errors, full);
    }
    return errors;
}

static void count_identities(struct import_report *report, const Profiled__V1__Decision *decision) {
    for (size_t i = 0; i < decision->n_identities; i++) {
        const Profiled__V1__IdentityRule rule = decision->identities[i]->rule;
        if (rule == PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_OVER_LIMIT) {
            report->demoted++;
        } else if (rule == PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_VALUE ||
                   rule == PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_REPEATED ||
                   rule == PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_SHORT ||
                   rule == PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_ROLE_MAILBOX ||
                   rule == PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_BLOCKED_PATTERN) {
            report->blocked++;
        }
    }
    report->demoted += (int64_t)decision->n_demoted;
}

void import_report_verdict(struct import_report *report, const struct import_row *row,
                           const Profiled__V1__ImportVerdict *verdict) {
    char outcome[WORDS_SIZE];
    output_words(&profiled__v1__import_outcome__descriptor, (int32_t)verdict->outcome,
                 "IMPORT_OUTCOME_", outcome);
    json_t *errors = errors_of(report, row, verdict);
    if (verdict->outcome == PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_FAILED) {
        keep_reasons(report, row, errors);
    }
    json_t *decision = NULL;
    if (verdict->decision != NULL) {
        count_identities(report, verdict->decision);
        decision =
            report->verdicts->file == NULL ? NULL : json_from_message(&verdict->decision->base);
    }
    write_verdict(report, row, outcome, verdict->profile_id, errors, decision);
    report->rows++;
}

void import_report_progress(struct import_report *report, int64_t done) {
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

void import_report_still(const struct import_report *report) {
    if (report->shown_ms > 0) {
        fprintf(stderr, "\r%*s\r", 60, "");
    }
}

int64_t import_report_failed(const struct import_report *report) {
    return report->counts.failed + report->failed_here;
}

void import_report_reasons(const struct import_report *report, bool dry_run) {
    const int64_t failed = import_report_failed(report);
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

int import_report_summary(const struct import_report *report, const struct session *session,
                          const char *import_id, FILE *out) {
    const struct {
        const char *name;
        const char *title;
        int64_t count;
    } lines[] = {
        {"created", "created", report->counts.created},
        {"linked", "linked", report->counts.linked},
        {"merged", "merged", report->counts.merged},
        {"skipped", "skipped", report->counts.skipped},
        {"failed", "failed", import_report_failed(report)},
        {"demotedIdentities", "identities demoted", report->demoted},
        {"blockedIdentities", "identities blocked", report->blocked},
    };
    static const struct table_column columns[] = {{.title = "IMPORT", .whole = true},
                                                  {.title = "COUNT", .right = true}};
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    json_t *json = json_pack("{s:s}", "importId", import_id);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char count[24];
        snprintf(count, sizeof count, "%" PRId64, lines[i].count);
        table_add(&table, lines[i].title);
        table_add(&table, count);
        json_object_set_new(json, lines[i].name, json_integer(lines[i].count));
    }
    struct screen screen = screen_of(out);
    if (session->output == OUTPUT_TABLE) {
        table_print(&table, &screen);
    } else {
        json_dumpf(json, out, session->output == OUTPUT_JSON ? JSON_INDENT(2) : JSON_COMPACT);
        fputc('\n', out);
    }
    table_free(&table);
    json_decref(json);
    return EXIT_DONE;
}
