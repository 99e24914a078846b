#pragma once
/* Sets of records of which it is known whose they are, read from files. */

#include <stddef.h>

enum { TRUTH_ROWS_MAX = 6000, TRUTH_COLUMNS_MAX = 12 };

struct truth_row {
    char *columns[TRUTH_COLUMNS_MAX]; /* "" for those that the file does not have. */
    const char *person;               /* The truth. */
    const char *profile;              /* What came of it; NULL when the record was refused. */
};

struct truth_set {
    size_t count;
    struct truth_row rows[TRUTH_ROWS_MAX];
};

/* Says whose a row is. */
typedef void truth_fn(struct truth_row *row);

truth_fn truth_of_fake;
truth_fn truth_of_febrl; /* rec-223-dup-0 is of 223. */

/* Reads a file without quoted fields into an empty set. The texts lie in the test's arena. */
void truth_set_read(const char *path, struct truth_set *set, truth_fn *truth);
