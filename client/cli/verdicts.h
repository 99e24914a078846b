#pragma once
/* The file of an import's verdicts, one JSON object a line. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct verdicts {
    FILE *file;       /* NULL when nobody asked for them. */
    int64_t told_row; /* Rows up to it need no line: they have one, or were an earlier run's. */
};

/* Opens the file; `-` is standard output, and a NULL path none. Anew for an import that begins
 * (`durable_row` is 0); behind the last whole line of one that goes on, and then it is told which
 * rows are durable without a line. False, told, when it can't be written. */
bool verdicts_open(struct verdicts *verdicts, const char *path, int64_t durable_row);

/* Brings what was written to the file. */
void verdicts_flush(const struct verdicts *verdicts);

/* False, told, when something could not be written. Does nothing when it is closed. */
bool verdicts_close(struct verdicts *verdicts);
