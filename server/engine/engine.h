#pragma once
/* The engine: an ordered, transactional key-value store in a directory, and all that the store asks
 * of one. LMDB today; nothing above may know.
 *
 * Keys are 1 to 511 bytes, values at most 100,000, one write transaction at most 4 MiB of both.
 * A write transaction is alone: one thread opens, fills and commits it. Read transactions are
 * snapshots; any number run beside it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/bytes.h"
#include "server/base/status.h"

enum {
    ENGINE_KEY_SIZE_MAX = 511,
    ENGINE_TABLES_MAX = 64,
    ENGINE_OWNER_SIZE = 16, /* In the keys of tables that lie beside others. */
    ENGINE_VALUE_SIZE_MAX = 100000,
    ENGINE_TXN_SIZE_MAX = 4 << 20,
    ENGINE_FILL_PERCENT_MAX = 85,  /* Of map and disk: above it ordinary writes are refused. */
    ENGINE_DISK_FREE_GIB_MIN = 10, /* A disk with this much left is not full at any percentage. */
    ENGINE_READ_MS_MAX = 1000,     /* How long a call may hold a snapshot: engine_read_is_over(). */
};

struct engine;
struct engine_txn;
struct engine_scan;

/* A table: all rows whose keys begin with one byte, not 0 or ff. They lie by themselves, so that
 * those that come in order fill their pages; or with those of other tables that have the same
 * owner, the 16 bytes behind that byte, so that what is read and written together lies on one page.
 */
struct engine_table {
    uint8_t first;
    size_t member_size; /* Not 0 for a table of sets: so many bytes at the end of a key are a member
                           of the set that the bytes before name, and values are empty. No name of a
                           set begins another. Members lie close together: a row is little more. */
    uint8_t beside; /* Not 0: the table, an earlier one or itself, beside whose rows they lie. Of
                       one owner its own come first, those of others in the order of bytes. */
    bool in_order;  /* New rows come behind all others, most often: pages are left full. */
};

struct engine_options {
    const char *directory; /* Made when it is missing and `create` says so. */
    size_t map_size; /* Bytes the store may grow to, set once (sparse). 0: map_size_most, or what
                        the address space allows. */
    size_t map_size_most;              /* 0: 1 TiB. */
    const struct engine_table *tables; /* Always the same for one store; rows of all others lie
                                          together. */
    size_t table_count;
    bool create;
    bool read_only;                /* For verification beside nothing else. */
    int64_t (*monotonic_us)(void); /* What snapshots are timed by. NULL: clock_monotonic_us(). */
};

/* Opens the store. One process at a time: a second one gets FAILED_PRECONDITION STORE_IN_USE. Open
 * it after the last fork. Errors: NOT_A_STORE for a directory that holds something else or, without
 * `create`, nothing; STORAGE_FULL, STORAGE_FAILED, STORE_CORRUPT. */
MUST_USE struct status engine_open(const struct engine_options *options, struct engine **out);

/* Closes it. No transaction may be open. NULL is nothing to do. */
void engine_close(struct engine *engine);

/* Opens a snapshot for reading. It belongs to one thread at a time. Hold it briefly: a snapshot
 * keeps the pages that it sees from being used again. The engine takes none away: whoever loops
 * over rows asks engine_read_is_over(), stops there, and lets its caller go on with another one.
 * Exempt is who reads beside no writer: opening, and verification. */
MUST_USE struct status engine_read_begin(struct engine *engine, struct engine_txn **out);

/* Lets the snapshot go and keeps the handle: what was read from it is invalid from now on. */
void engine_read_reset(struct engine_txn *txn);

/* Takes a new snapshot with a handle that was reset. */
MUST_USE struct status engine_read_renew(struct engine_txn *txn);

/* Whether the snapshot was held for ENGINE_READ_MS_MAX since it was opened or renewed. Never for a
 * write transaction, which nobody else waits behind a snapshot for. */
bool engine_read_is_over(const struct engine_txn *txn);

/* The clock that snapshots are timed by, in microseconds: for what goes through many rows in a
 * write transaction, which others wait for, and is to last no longer than a read. */
int64_t engine_monotonic_us(const struct engine_txn *txn);

/* Ends a read transaction and frees the handle. */
void engine_read_end(struct engine_txn *txn);

enum engine_write {
    ENGINE_WRITE_ORDINARY, /* Refused with STORAGE_FULL above ENGINE_FILL_PERCENT_MAX. */
    ENGINE_WRITE_ERASE,    /* What frees space or ends a wrong: allowed until nothing is left. */
};

/* Opens the write transaction. Waits for no one: the caller is the only writer (asserted). The
 * thread that opens it ends it. */
MUST_USE struct status engine_write_begin(struct engine *engine, enum engine_write kind,
                                          struct engine_txn **out);

/* Makes everything durable (fsync) or, when it fails, nothing. Frees the handle either way. After
 * a write or fsync that failed (STORAGE_FAILED, with another text when the disk had no room) the
 * engine refuses every further write with the same status: what the disk holds is known again only
 * after a restart. Reaching the map's size (STORAGE_FULL) is not such a failure. Where a put or
 * delete of the transaction failed, it commits nothing and answers with that failure. */
MUST_USE struct status engine_commit(struct engine_txn *txn);

/* Drops the write transaction. */
void engine_abort(struct engine_txn *txn);

/* The value of a key; *out is {NULL, 0} when there is none, which is no error. Borrowed from the
 * map: valid until the transaction ends or, in a write transaction, until the next put or delete.
 */
MUST_USE struct status engine_get(struct engine_txn *txn, struct bytes key, struct bytes *out);

/* Sets a key's value. An empty value is a value. */
MUST_USE struct status engine_put(struct engine_txn *txn, struct bytes key, struct bytes value);

/* Deletes a key; one that is not there is no error. */
MUST_USE struct status engine_delete(struct engine_txn *txn, struct bytes key);

enum engine_order { ENGINE_ASCENDING, ENGINE_DESCENDING };

/* Opens a scan of the keys that start with `prefix`, in order. With `from` (its size not 0, and
 * starting with the prefix) it starts at the first key at or after it (at or before, descending).
 * A scan stays in one table: where there are any the prefix is not empty. In one of sets the prefix
 * ends with the name of a set or in it, and `from` has a member; in one of owners it is the table
 * alone or has a whole owner. The scan belongs to the
 * transaction and must be closed before it ends. Don't put or delete meanwhile. */
MUST_USE struct status engine_scan_open(struct engine_txn *txn, struct bytes prefix,
                                        struct bytes from, enum engine_order order,
                                        struct engine_scan **out);

/* The next key and value; *key is {NULL, 0} at the end. Borrowed as by engine_get(), but for the
 * key in a table of sets or owners: until the next one, or the scan is closed. */
MUST_USE struct status engine_scan_next(struct engine_scan *scan, struct bytes *key,
                                        struct bytes *value);

void engine_scan_close(struct engine_scan *scan);

struct engine_stats {
    uint64_t entries;   /* Keys. */
    uint64_t size;      /* Bytes in use. */
    uint64_t map_size;  /* Bytes it may grow to. */
    uint64_t disk_free; /* Bytes left to us on the file system. */
    uint32_t readers;   /* Snapshots open now. */
};

MUST_USE struct status engine_stats(struct engine *engine, struct engine_stats *out);

/* Frees the reader slots of processes that died. At start, and each minute. */
MUST_USE struct status engine_check_readers(struct engine *engine);
