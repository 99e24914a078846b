#pragma once
/* The engine on LMDB, between its two files: opening and transactions, and rows. Private. */

#include <lmdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/engine/engine.h"

/* A table of the options, or what they don't name. */
struct tree {
    MDB_dbi handle;     /* That of the table beside which it lies, where it lies beside one. */
    size_t member_size; /* As in engine_table. */
    uint8_t first;
    uint8_t beside;
    bool in_order;
    bool is_missing; /* A store of before has it not: nothing is in it, nothing is written. */
};

struct engine {
    MDB_env *env;
    struct tree trees[ENGINE_TABLES_MAX + 1]; /* The main one first. */
    size_t tree_count;
    uint8_t tree_of[UINT8_MAX + 1]; /* By the first byte of a key, the position of its tree. */
    size_t page_size;
    int directory_fd;
    int lock_fd;
    bool read_only;
    int64_t (*monotonic_us)(void);
    atomic_bool writing;   /* A write transaction is open. */
    atomic_uint snapshots; /* Snapshots open now. */
    /* The writer's own. */
    struct status broken;   /* OK until a commit failed; the answer to every write after it. */
    uint64_t pages_free;    /* Pages inside the file that hold nothing, when last counted. */
    uint32_t commits_since; /* Commits since then. */
};

struct engine_txn {
    struct engine *engine;
    MDB_txn *txn;
    enum engine_write kind;
    bool write;
    bool reset;            /* A read transaction without its snapshot. */
    int64_t begin_us;      /* When a read transaction took its snapshot. */
    uint32_t scans;        /* Scans open. */
    struct status failure; /* OK until a put or delete failed: such a transaction can't commit. */
};

/* The one place where codes of LMDB and of the system become ours. Codes that only a fault of the
 * engine can cause end the process. */
MUST_USE struct status lmdb_status(int code);
