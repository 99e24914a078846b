#pragma once
/* Proves a whole store: every row against every other. For a store that no server has open, opened
 * read-only (store_options). Memory stays small however large the store is; nothing is changed.
 *
 * What no other row speaks of can't be missed when it is gone: an answer kept for a retry, the
 * progress of an import, the rules of attributes, and rules of identity types that nothing was
 * decided by. Where such a row is there, it is proved to be as it was written. */

#include <stdint.h>

#include "server/base/status.h"
#include "server/store/store.h"

enum { VERIFY_TABLES = 44 }; /* Those of keys.h, and one for rows that belong to none of them. */

/* What is wrong with a row, or with one that should be there. Borrowed until the sink returns. */
struct verify_problem {
    const char *table; /* Its name, as "identity"; "unknown" for a row of no table. */
    const char *key;   /* In hexadecimal digits. Keys hold no personal data. */
    const char *what;  /* A literal, as "is missing". Never holds what is in the row. */
};

/* Takes the problems one by one, in no order to rely on. */
struct verify_sink {
    void (*problem)(void *state, const struct verify_problem *problem);
    void *state;
};

struct verify_count {
    const char *table; /* As above. */
    uint64_t rows;
    uint64_t problems; /* With rows of the table, missing ones included. */
};

struct verify_result {
    uint64_t rows;
    uint64_t problems; /* 0: the store is sound. */
    struct verify_count tables[VERIFY_TABLES];
};

/* Looks at every row. OK however many problems there are; an error when it could not look at them
 * all. *out is written in both cases. */
MUST_USE struct status store_verify(struct store *store, const struct verify_sink *sink,
                                    struct verify_result *out);
