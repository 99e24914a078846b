#pragma once
/* What is measured: one row each. */

#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "tests/bench/import.h"

/* The people that the server has, and who comes next. */
struct crowd {
    uint64_t loaded; /* Numbers below have a profile, whose id is in `ids`. */
    uint64_t next;   /* The number of the next one that the server has never seen. */
    uint64_t random; /* The state of what is chosen by chance; the same in every run. */
    char (*ids)[IMPORT_ID_TEXT_SIZE];
};

struct row {
    const char *name;
    const char *path; /* NULL: an import, which has a way of its own. */
    struct bytes (*make)(struct crowd *crowd, struct arena *arena); /* The next request. */
    uint32_t connections;
    uint32_t outstanding;
    uint32_t items; /* Profiles or records in one call. */
};

enum { ROWS_MAX = 32 };

/* The rows, echo first. */
const struct row *rows_all(size_t *count);

/* The echo row that a row's cost is held against: that of as many calls at once, else of 16. */
size_t row_echo(const struct row *row);
