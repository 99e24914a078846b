#pragma once
/* The rows of a CSV file (RFC 4180, with any delimiter). A row that can't be read is told as such,
 * and the next one begins at the next line. */

#include "client/cli/input.h"

#include <csv.h>

enum { FIELDS_MAX = 1024 };

struct csv_rows {
    struct input *input; /* Borrowed. */
    struct csv_parser parser;
    char delimiter;
    bool complete; /* The present row has all its fields. */
    char *bytes;   /* The fields of the present row, each with a NUL behind it. Ours. */
    size_t size;
    size_t room;
    size_t offsets[FIELDS_MAX + 1]; /* Where each field begins, and where the last one ends. */
    size_t count;
};

/* A row. Borrowed until the next one is read. */
struct csv_row {
    int64_t line;        /* Of the file, from 1, on which it begins. */
    const char *problem; /* Why it can't be read, a literal; NULL when it can. */
    size_t count;        /* Fields. */
};

void csv_rows_open(struct csv_rows *rows, struct input *input, char delimiter);
void csv_rows_close(struct csv_rows *rows);

/* Reads the next row; blank lines are none. False at the end of the file. */
bool csv_rows_next(struct csv_rows *rows, struct csv_row *row);

/* A field of the present row: NUL-terminated; `*size` may show that it holds a NUL itself. */
const char *csv_rows_field(const struct csv_rows *rows, size_t position, size_t *size);

/* Guesses the delimiter from the start of the input: , ; tab or |. */
char csv_guess_delimiter(const struct input *input);
