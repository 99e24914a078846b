#pragma once
/* What the transfer of a file tells, whatever its rows are: the verdicts' file, the first reasons,
 * the progress, the summary. */

#include "client/cli/import_rows.h"
#include "client/cli/session.h"
#include "client/cli/verdicts.h"

#include "profiled/v1/identity_service.pb-c.h"

enum { REASONS_MAX = 10, REASON_SIZE = 256 };

struct transfer_report {
    struct verdicts *verdicts; /* Borrowed. */
    int64_t failed_here;       /* Rows that did not reach the server. */
    int64_t rows;              /* Verdicts of this run. */
    char reasons[REASONS_MAX][REASON_SIZE];
    size_t reason_count;
    struct screen progress; /* Standard error. */
    int64_t began_ms;
    int64_t shown_ms;
    int64_t size; /* Of the file in bytes; 0 when not known. */
};

void transfer_report_open(struct transfer_report *report, struct verdicts *verdicts, int64_t size);

/* What came of a row. */
struct transfer_outcome {
    const char *name; /* As "created". */
    const char *profile_id;
    const char *interaction_id; /* NULL: left out. */
    json_t *errors;             /* A list of {field, description, …}. Taken over. */
    json_t *decision;           /* NULL: left out. Taken over. */
    bool failed;
};

/* Takes the server's verdict on a row, or a row that failed here. */
void transfer_report_outcome(struct transfer_report *report, const struct import_row *row,
                             const struct transfer_outcome *outcome);
void transfer_report_failure(struct transfer_report *report, const struct import_row *row);

/* The errors of a verdict as that list; both names are always there, also when they are empty. */
json_t *transfer_report_errors(const struct import_row *row,
                               Profiled__V1__FieldError *const *errors, size_t count);

/* Shows how far it is, now and then, on a terminal only. */
void transfer_report_progress(struct transfer_report *report, int64_t done);

/* Ends the line of progress. */
void transfer_report_still(const struct transfer_report *report);

/* Tells the first reasons on standard error, of so many rows that failed. */
void transfer_report_reasons(const struct transfer_report *report, int64_t failed, bool dry_run);

/* A line of the summary: its name in JSON, its title in the table. */
struct transfer_count {
    const char *name;
    const char *title;
    int64_t count;
};

/* Prints what it came to. */
void transfer_report_summary(const struct transfer_count *counts, size_t count,
                             const struct session *session, const char *import_id, FILE *out);
