/* What an import of profiles tells beyond any transfer. */

#include "client/cli/import_report.h"

#include "client/cli/output.h"
#include "client/json.h"

#include <stdlib.h>
#include <string.h>

void import_report_open(struct import_report *report, struct verdicts *verdicts,
                        const struct columns *columns, int64_t size) {
    *report = (struct import_report){
        .columns = columns,
        .counts = PROFILED__V1__IMPORT_COUNTS__INIT,
    };
    transfer_report_open(&report->base, verdicts, size);
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

static const Profiled__V1__Record *record_of(const struct import_row *row) {
    return (const Profiled__V1__Record *)row->message;
}

/* The title of the column that a field of the record came from; NULL when it can't be told. */
static const char *column_of(const struct columns *columns, const struct import_row *row,
                             const char *field) {
    static const char attributes[] = "attributes.";
    static const char identities[] = "identities[";
    if (row->identity_columns != NULL && strncmp(field, identities, sizeof identities - 1) == 0) {
        const size_t position = strtoul(field + sizeof identities - 1, NULL, 10);
        return position < record_of(row)->n_identities
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
    json_t *errors = transfer_report_errors(row, verdict->errors, verdict->n_errors);
    for (size_t i = 0; i < verdict->n_errors; i++) {
        const char *column = column_of(report->columns, row, verdict->errors[i]->field);
        if (column != NULL) {
            json_object_set_new(json_array_get(errors, i), "column", json_string(column));
        }
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
    char name[WORDS_SIZE];
    output_words(&profiled__v1__import_outcome__descriptor, (int32_t)verdict->outcome,
                 "IMPORT_OUTCOME_", name);
    struct transfer_outcome outcome = {
        .name = name,
        .profile_id = verdict->profile_id,
        .errors = errors_of(report, row, verdict),
        .failed = verdict->outcome == PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_FAILED,
    };
    if (verdict->decision != NULL) {
        count_identities(report, verdict->decision);
        outcome.decision = report->base.verdicts->file == NULL
                               ? NULL
                               : json_from_message(&verdict->decision->base);
    }
    transfer_report_outcome(&report->base, row, &outcome);
}

int64_t import_report_failed(const struct import_report *report) {
    return report->counts.failed + report->base.failed_here;
}

void import_report_summary(const struct import_report *report, const struct session *session,
                           const char *import_id, FILE *out) {
    const struct transfer_count counts[] = {
        {"created", "created", report->counts.created},
        {"linked", "linked", report->counts.linked},
        {"merged", "merged", report->counts.merged},
        {"skipped", "skipped", report->counts.skipped},
        {"failed", "failed", import_report_failed(report)},
        {"demotedIdentities", "identities demoted", report->demoted},
        {"blockedIdentities", "identities blocked", report->blocked},
    };
    transfer_report_summary(counts, sizeof counts / sizeof counts[0], session, import_id, out);
}
