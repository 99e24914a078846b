#pragma once
/* Profiles as rows of CSV: which columns there are, and what stands in them. */

#include "client/cli/session.h"

#include "profiled/v1/profile.pb-c.h"

enum export_source {
    EXPORT_ID,
    EXPORT_NAME,
    EXPORT_IDENTITY,
    EXPORT_ATTRIBUTE,
    EXPORT_INTERACTIONS, /* How many; of the kind `key`, or of all where that is "". */
    EXPORT_TRAIT,
};

struct export_column {
    enum export_source source;
    char *title; /* As import takes it: `identity.email`. Ours. */
    char *key;   /* The type's, the attribute's, the kind's or the trait's name; else "". Ours. */
    bool personal;
};

struct export_columns {
    size_t count;
    struct export_column *items;
};

/* Asks the server which identity types, attributes and traits there are, and chooses from the
 * columns of all: those that --fields names, by their titles or by the fields of a profile that
 * they are of, in that order; without it all, but those that are personal only with --personal.
 * Answers an exit code, with what went wrong told. */
int export_columns_read(struct session *session, const struct arguments *arguments,
                        struct export_columns *out);
void export_columns_free(struct export_columns *columns);

/* The fields of profiles that the columns need, as a field mask in JSON. The caller's. */
json_t *export_columns_mask(const struct export_columns *columns);

/* Whether something may be left out of the columns because it is personal: of an attribute that is
 * none of them the server counts it too. */
bool export_columns_may_lack(const struct export_columns *columns);

/* Write a row. What can't be written is for the caller to find out. */
void export_csv_header(const struct export_columns *columns, FILE *out);
void export_csv_row(const struct export_columns *columns, const Profiled__V1__Profile *profile,
                    FILE *out);
