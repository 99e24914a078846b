#pragma once
/* What is measured: one row each. */

#include <stddef.h>
#include <stdint.h>

#include "profiled/v1/interaction_service.pb-c.h"
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

/* The number of one of those who were loaded, by chance. */
uint64_t crowd_anybody(struct crowd *crowd);

/* How a row is measured. */
enum row_way {
    ROW_CALLS,   /* Unary calls: `path` and `make`. */
    ROW_CORE,    /* The same of core_echo. */
    ROW_IMPORT,  /* Batches of ImportProfiles. */
    ROW_EVENTS,  /* Batches of StreamInteractions. */
    ROW_CSV,     /* A file through profilectl. */
    ROW_PREVIEW, /* PreviewSegment, one after the other. */
    ROW_WATCH,   /* Changes that a watcher is told, from those of the load on. */
    ROW_STEADY,  /* Unary calls that are offered at an even rate, */
    ROW_BESIDE,  /* and the same while a file is imported. */
    ROW_STORE,   /* The bare store, by LMDB alone, in this process. */
    ROW_PEER,    /* `peer` and `call`. */
};

struct peer;

struct row {
    const char *name;
    enum row_way way;
    const char *path;
    struct bytes (*make)(struct crowd *crowd, struct arena *arena); /* The next request. */
    uint32_t connections;
    uint32_t outstanding;
    uint32_t items; /* Profiles or records in one call. */
    /* Of these, by the answer, those that came to something else: as load_work. NULL: none. */
    uint64_t (*failed)(struct bytes response);
    const struct peer *peer;
    int call; /* enum peer_call. */
};

enum {
    ROWS_MAX = 96,
    INTERACTION_PEOPLE = 1000, /* The first people: those that have timelines. */
    ROW_STEADY_RATE = 10000,   /* Calls a second. */
};

/* The next interaction: of one of those people, of another minute each time. */
Profiled__V1__InteractionRecord *row_interaction(struct crowd *crowd, struct arena *arena);

/* The rows, echo first. */
const struct row *rows_all(size_t *count);

/* The position of a row; the count of rows when there is none such. */
size_t row_find(const char *name, uint32_t outstanding, uint32_t items);

/* The echo row that a row's cost is held against: that of as many calls at once, else of 16. */
size_t row_echo(const struct row *row);
