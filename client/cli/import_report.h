#pragma once
/* What an import tells: the verdicts' file, the first reasons, the progress, the summary. */

#include "client/cli/import_rows.h"
#include "client/cli/session.h"
#include "client/cli/verdicts.h"

#include "profiled/v1/transfer_service.pb-c.h"

enum { REASONS_MAX = 10, REASON_SIZE = 256 };

struct import_report {
    struct verdicts *verdicts; /* Borrowed, as the columns, which name cells. */
    const struct columns *columns;
    Profiled__V1__ImportCounts counts; /* Of the server, since the import began. */
    int64_t failed_here;               /* Rows that did not reach the server. */
    int64_t demoted;                   /* Identities over a limit, in this run. */
    int64_t blocked;                   /* Identities that identify nobody, in this run. */
    int64_t rows;                      /* Verdicts of this run. */
    char reasons[REASONS_MAX][REASON_SIZE];
    size_t reason_count;
    struct screen progress; /* Standard error. */
    int64_t began_ms;
    int64_t shown_ms;
    int64_t size; /* Of the file in bytes; 0 when not known. */
};

void import_report_open(struct import_report *report, struct verdicts *verdicts,
                        const struct columns *columns, int64_t size);

/* Takes a row that failed here, or the server's verdict on one. */
void import_report_failure(struct import_report *report, const struct import_row *row);
void import_report_verdict(struct import_report *report, const struct import_row *row,
                           const Profiled__V1__ImportVerdict *verdict);

/* Shows how far it is, now and then, on a terminal only. */
void import_report_progress(struct import_report *report, int64_t done);

/* Ends the line of progress. */
void import_report_still(const struct import_report *report);

/* Rows that failed, since the import began. */
int64_t import_report_failed(const struct import_report *report);

/* Tells the first reasons on standard error. */
void import_report_reasons(const struct import_report *report, bool dry_run);

/* Prints what the import came to. Answers an exit code. */
int import_report_summary(const struct import_report *report, const struct session *session,
                          const char *import_id, FILE *out);
