#pragma once
/* What an import of profiles tells beyond any transfer: which column a bad value came from, and
 * what came of profiles and identities. */

#include "client/cli/transfer_report.h"

#include "profiled/v1/transfer_service.pb-c.h"

struct import_report {
    struct transfer_report base;
    const struct columns *columns;     /* Borrowed: name cells. */
    Profiled__V1__ImportCounts counts; /* Of the server, since the import began. */
    int64_t demoted;                   /* Identities over a limit, in this run. */
    int64_t blocked;                   /* Identities that identify nobody, in this run. */
};

void import_report_open(struct import_report *report, struct verdicts *verdicts,
                        const struct columns *columns, int64_t size);

/* Takes the server's verdict on a row. */
void import_report_verdict(struct import_report *report, const struct import_row *row,
                           const Profiled__V1__ImportVerdict *verdict);

/* Rows that failed, since the import began. */
int64_t import_report_failed(const struct import_report *report);

/* Prints what the import came to. */
void import_report_summary(const struct import_report *report, const struct session *session,
                           const char *import_id, FILE *out);
