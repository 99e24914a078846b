#pragma once
/* The rows of an import, whatever the file's format: each a message, or a failure of its own. */

#include "client/cli/columns.h"

#include "profiled/v1/identity.pb-c.h"

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

enum import_format { FORMAT_GUESS, FORMAT_CSV, FORMAT_NDJSON };

struct import_row {
    int64_t number;             /* From 1: the first row of data. */
    int64_t line;               /* Of the file, from 1. */
    ProtobufCMessage *message;  /* NULL when the row failed here. Ours. */
    json_t *errors;             /* Then a list of {field, description}. Ours. */
    uint16_t *identity_columns; /* Of CSV: which column each identity came from. Ours. */
};

struct import_rows {
    struct input input;
    enum import_format format;
    const ProtobufCMessageDescriptor *shape; /* Of NDJSON. */
    struct csv_rows csv;
    struct columns columns;
    bool held; /* The present CSV row is data and was not given out yet. */
    struct csv_row first;
    bool has_header;
    char delimiter;
    int64_t number; /* Of the last row that was given out. */
};

/* What the command line says of the file. */
struct import_layout {
    enum import_format format;
    const ProtobufCMessageDescriptor *shape; /* What a row of NDJSON is; CSV has records only. */
    char delimiter;                          /* 0: guess. */
    bool no_header;
};

/* What a file seems to be, by its path and what it begins with. */
enum import_format import_format_guess(const struct input *input, const char *path);

/* Begins to read: settles the format, the delimiter, the header and the columns' titles and guessed
 * meaning. False, told, when it is no such file. */
bool import_rows_open(struct import_rows *rows, FILE *file, const char *path,
                      const struct import_layout *layout);
void import_rows_close(struct import_rows *rows);

/* Reads the next row, whose record and errors are the caller's. False at the end. */
bool import_rows_next(struct import_rows *rows, struct import_row *row);

/* Counts the rows that are left, which are gone then: what import_rows_next() would give out. */
int64_t import_rows_count(struct import_rows *rows);

/* Frees what the row holds. */
void import_row_free(struct import_row *row);
