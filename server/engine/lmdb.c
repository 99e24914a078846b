/* The engine on LMDB: opening, transactions, room. One environment a directory, the default sync: a
 * commit that returned is on the disk. What LMDB leaves to its users is kept here: one process at a
 * time, room for erasing at the end of map and disk, no write after a commit that failed, and no
 * fault on a data file that was cut short. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/engine/directory.h"
#include "server/engine/lmdb_engine.h"

#define MAP_SIZE_DEFAULT ((size_t)1 << 40) /* 1 TiB. */
#define MAP_SIZE_MIN ((size_t)1 << 30) /* The least that is tried when memory maps are capped. */

enum {
    READERS_MAX = 1024,
    COMMITS_COUNTED_MAX = 64, /* Commits after which the free pages are counted again. */
    FILE_SLACK = 64 << 20,    /* Bytes that the file is kept longer than its pages, sparsely. */
};

/* ---- errors ---- */

struct status lmdb_status(int code) {
    switch (code) {
    case MDB_SUCCESS:
        return OK;
    case MDB_MAP_FULL:
        return (struct status){STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL,
                               "the store has reached its map size"};
    case ENOSPC:
    case EDQUOT:
        return (struct status){STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL,
                               "the disk of the store is full"};
    case EWOULDBLOCK:
    case MDB_MAP_RESIZED:
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_STORE_IN_USE,
                               "another process has the store open"};
    case MDB_INVALID:
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                               "data.mdb is not that of a store, or its first pages are damaged"};
    case ENOENT:
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                               "there is no store in the directory"};
    case MDB_INCOMPATIBLE:
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                               "data.mdb was made by another program"};
    case MDB_VERSION_MISMATCH:
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_STORE_VERSION,
                               "data.mdb was written by another version of LMDB"};
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL:
        return (struct status){STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                               "data.mdb is damaged: restore it from a backup"};
    case MDB_READERS_FULL:
        return (struct status){STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                               "too many snapshots are open"};
    case MDB_TXN_FULL:
    case ENOMEM:
        return (struct status){STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                               "not enough memory for the transaction"};
    case EACCES:
    case EPERM:
    case EROFS:
        return (struct status){STATUS_UNAVAILABLE, REASON_STORAGE_FAILED,
                               "the files of the store may not be opened or written"};
    case MDB_KEYEXIST:
    case MDB_NOTFOUND:
    case MDB_BAD_TXN:
    case MDB_BAD_DBI:
    case MDB_BAD_RSLOT:
    case MDB_BAD_VALSIZE:
    case MDB_DBS_FULL:
    case MDB_TLS_FULL:
        abort(); /* LMDB was called against its rules. */
    default:     /* EIO, EFBIG, MDB_PANIC, and whatever else a file system answers. */
        return (struct status){STATUS_UNAVAILABLE, REASON_STORAGE_FAILED,
                               "the disk of the store failed"};
    }
}

/* ---- opening ---- */

static struct status prepare_directory(const struct engine_options *options, struct engine *engine,
                                       bool *fresh) {
    const int error = directory_open(options->directory, options->create, &engine->directory_fd);
    if (error == ENOTDIR) {
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                               "a file stands where the directory of a store should be"};
    }
    if (error != 0) {
        return lmdb_status(error);
    }
    enum directory_content content;
    const int survey_error = directory_survey(engine->directory_fd, &content);
    if (survey_error != 0) {
        return lmdb_status(survey_error);
    }
    if (content == DIRECTORY_FOREIGN) {
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                               "the directory holds something else than a store"};
    }
    if (content == DIRECTORY_EMPTY && !options->create) {
        return lmdb_status(ENOENT);
    }
    *fresh = content == DIRECTORY_EMPTY;
    const int lock_error = directory_lock(engine->directory_fd, &engine->lock_fd);
    if (lock_error == EROFS && options->read_only) {
        return OK; /* Nobody can write to it. */
    }
    return lmdb_status(lock_error);
}

static int environment_open(const struct engine_options *options, size_t map_size,
                            struct engine *engine) {
    /* A handle that failed to open can't be used again: each attempt has its own. */
    MDB_env *env;
    int code = mdb_env_create(&env);
    if (code != 0) {
        return code;
    }
    const size_t granule = 64 << 10; /* A multiple of every page size. */
    code = mdb_env_set_mapsize(env, (map_size + granule - 1) / granule * granule);
    if (code == 0) {
        code = mdb_env_set_maxreaders(env, READERS_MAX);
    }
    if (code == 0) {
        code = mdb_env_set_maxdbs(env, ENGINE_TABLES_MAX);
    }
    if (code == 0) {
        const unsigned flags = MDB_NOTLS | (options->read_only ? MDB_RDONLY | MDB_NOLOCK : 0U);
        code = mdb_env_open(env, options->directory, flags, 0600);
    }
    if (code != 0) {
        mdb_env_close(env);
        return code;
    }
    engine->env = env;
    return 0;
}

/* Opens the map in the size asked for or, by default, in the greatest that can be had. */
static struct status open_map(const struct engine_options *options, struct engine *engine) {
    if (options->map_size != 0) {
        return lmdb_status(environment_open(options, options->map_size, engine));
    }
    int code = ENOMEM;
    const size_t most = options->map_size_most == 0 ? MAP_SIZE_DEFAULT : options->map_size_most;
    for (size_t size = most; code == ENOMEM && size >= MAP_SIZE_MIN; size /= 2) {
        code = environment_open(options, size, engine);
        code = code == EINVAL ? ENOMEM : code; /* As valgrind has it. */
    }
    return lmdb_status(code);
}

static int open_main(struct engine *engine, MDB_txn *txn, bool *is_empty) {
    unsigned flags = 0;
    MDB_stat stat;
    int code = mdb_dbi_open(txn, NULL, 0, &engine->trees[0].handle);
    if (code == 0) {
        code = mdb_dbi_flags(txn, engine->trees[0].handle, &flags);
    }
    if (code == 0) {
        code = mdb_stat(txn, engine->trees[0].handle, &stat);
    }
    if (code == 0) {
        engine->page_size = stat.ms_psize;
        *is_empty = stat.ms_entries == 0;
        code = flags == 0 ? 0 : MDB_INCOMPATIBLE; /* Another order, or several values a key. */
    }
    return code;
}

/* A row of the main tree that is called so is no tree: the store was made before there were any. */
static int open_tree(const struct engine *engine, MDB_txn *txn, bool create, struct tree *tree) {
    if (tree->beside != 0 && tree->beside != tree->first) {
        const struct tree *other = &engine->trees[engine->tree_of[tree->beside]];
        tree->handle = other->handle;
        tree->is_missing = other->is_missing;
        return 0;
    }
    const char name[2] = {(char)tree->first, '\0'};
    const unsigned sets = tree->member_size > 0 ? MDB_DUPSORT | MDB_DUPFIXED : 0U;
    const int code = mdb_dbi_open(txn, name, sets | (create ? MDB_CREATE : 0U), &tree->handle);
    tree->is_missing = code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE;
    return tree->is_missing ? 0 : code;
}

/* Opens all trees; makes them, in one transaction, where there is nothing yet and `create` says so.
 */
static struct status open_trees(const struct engine_options *options, struct engine *engine) {
    MDB_txn *txn;
    bool is_empty = false;
    TRY(lmdb_status(mdb_txn_begin(engine->env, NULL, MDB_RDONLY, &txn)));
    int code = open_main(engine, txn, &is_empty);
    const bool makes = is_empty && options->create && options->table_count > 0;
    for (size_t i = 0; code == 0 && !makes && i < options->table_count; i++) {
        code = open_tree(engine, txn, false, &engine->trees[i + 1]);
    }
    if (code != 0 || makes) {
        mdb_txn_abort(txn);
    } else {
        code = mdb_txn_commit(txn); /* So that the handles stay. */
    }
    if (code != 0 || !makes) {
        return lmdb_status(code);
    }
    TRY(lmdb_status(mdb_txn_begin(engine->env, NULL, 0, &txn)));
    for (size_t i = 0; code == 0 && i < options->table_count; i++) {
        code = open_tree(engine, txn, true, &engine->trees[i + 1]);
    }
    if (code != 0) {
        mdb_txn_abort(txn);
        return lmdb_status(code);
    }
    return lmdb_status(mdb_txn_commit(txn));
}

/* Bytes of the pages that LMDB counts, and of the file that holds them. */
static struct status measure(const struct engine *engine, int *fd, uint64_t *counted,
                             uint64_t *there) {
    MDB_envinfo info;
    TRY(lmdb_status(mdb_env_get_fd(engine->env, fd)));
    TRY(lmdb_status(mdb_env_info(engine->env, &info)));
    struct stat file;
    if (fstat(*fd, &file) != 0) {
        return lmdb_status(errno);
    }
    *counted = ((uint64_t)info.me_last_pgno + 1) * engine->page_size;
    *there = (uint64_t)file.st_size;
    return OK;
}

/* Reading a map past the end of its file kills the process: a file that is shorter than its pages
 * was cut, and is refused. */
static struct status check_size(const struct engine *engine) {
    int fd = -1;
    uint64_t counted = 0;
    uint64_t there = 0;
    TRY(measure(engine, &fd, &counted, &there));
    if (there < counted) {
        return (struct status){STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                               "data.mdb was cut short: restore it from a backup"};
    }
    return OK;
}

/* Keeps the file longer than its pages, sparsely. LMDB never writes pages at the end that one
 * transaction took and let go again: without this a sound file could be too short as well. */
static struct status extend_file(const struct engine *engine) {
    int fd = -1;
    uint64_t counted = 0;
    uint64_t there = 0;
    TRY(measure(engine, &fd, &counted, &there));
    if (there >= counted + FILE_SLACK / 2) {
        return OK;
    }
    return ftruncate(fd, (off_t)(counted + FILE_SLACK)) == 0 ? OK : lmdb_status(errno);
}

static struct status start(const struct engine_options *options, struct engine *engine) {
    bool fresh = false;
    TRY(prepare_directory(options, engine, &fresh));
    TRY(open_map(options, engine));
    TRY(open_trees(options, engine));
    TRY(check_size(engine));
    TRY(engine_check_readers(engine));
    if (fresh && fsync(engine->directory_fd) != 0) {
        return lmdb_status(errno);
    }
    return OK;
}

static void *allocate(size_t size) {
    void *memory = calloc(1, size);
    if (memory == NULL) {
        abort(); /* As the arena does. */
    }
    return memory;
}

static void name_trees(const struct engine_options *options, struct engine *engine) {
    assert(options->table_count <= ENGINE_TABLES_MAX);
    engine->tree_count = options->table_count + 1;
    for (size_t i = 0; i < options->table_count; i++) {
        const struct engine_table *table = &options->tables[i];
        assert(table->first != 0 && table->first != UINT8_MAX); /* 0 ends a name. */
        assert(engine->tree_of[table->first] == 0);
        assert(table->member_size < ENGINE_KEY_SIZE_MAX);
        engine->tree_of[table->first] = (uint8_t)(i + 1);
        assert(table->beside == 0 || engine->tree_of[table->beside] != 0);
        assert(table->beside == 0 || table->member_size == 0);
        engine->trees[i + 1] = (struct tree){.first = table->first,
                                             .member_size = table->member_size,
                                             .beside = table->beside,
                                             .in_order = table->in_order};
    }
}

struct status engine_open(const struct engine_options *options, struct engine **out) {
    assert(options->directory != NULL);
    assert(!(options->create && options->read_only));
    struct engine *engine = allocate(sizeof *engine);
    engine->directory_fd = -1;
    engine->lock_fd = -1;
    engine->read_only = options->read_only;
    engine->monotonic_us =
        options->monotonic_us == NULL ? clock_monotonic_us : options->monotonic_us;
    engine->broken = OK;
    engine->commits_since = COMMITS_COUNTED_MAX;
    name_trees(options, engine);
    const struct status status = start(options, engine);
    if (status.code != STATUS_OK) {
        engine_close(engine);
        return status;
    }
    *out = engine;
    return OK;
}

void engine_close(struct engine *engine) {
    if (engine == NULL) {
        return;
    }
    assert(!atomic_load(&engine->writing));
    assert(atomic_load(&engine->snapshots) == 0);
    if (engine->env != NULL) {
        mdb_env_close(engine->env);
    }
    if (engine->lock_fd >= 0) {
        close(engine->lock_fd); /* Last: from here on another process may open the store. */
    }
    if (engine->directory_fd >= 0) {
        close(engine->directory_fd);
    }
    free(engine);
}

/* ---- room ---- */

static bool is_filled(uint64_t used, uint64_t total) {
    return used >=
           total / 100 * ENGINE_FILL_PERCENT_MAX + total % 100 * ENGINE_FILL_PERCENT_MAX / 100;
}

/* Counts the pages inside the file that hold nothing. LMDB lists them in its table 0: under each
 * transaction's number the page numbers that it freed, their count first. */
static struct status count_free_pages(struct engine *engine, uint64_t *out) {
    MDB_txn *txn;
    TRY(lmdb_status(mdb_txn_begin(engine->env, NULL, MDB_RDONLY, &txn)));
    MDB_cursor *cursor;
    uint64_t pages = 0;
    int code = mdb_cursor_open(txn, 0, &cursor);
    if (code == 0) {
        MDB_val key;
        MDB_val value;
        while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
            size_t count;
            assert(value.mv_size >= sizeof count);
            memcpy(&count, value.mv_data, sizeof count);
            pages += count;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    if (code != MDB_NOTFOUND) {
        return lmdb_status(code);
    }
    *out = pages;
    return OK;
}

static struct status check_disk(const struct engine *engine) {
    uint64_t left;
    uint64_t total;
    const int error = directory_space(engine->directory_fd, &left, &total);
    if (error != 0) {
        return lmdb_status(error);
    }
    /* A share says little of a large disk: there, what is left counts. */
    const uint64_t left_min = (uint64_t)ENGINE_DISK_FREE_GIB_MIN << 30;
    if (left < left_min && is_filled(total - left, total)) {
        return (struct status){STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL,
                               "the disk of the store is nearly full: only erasing is allowed"};
    }
    return OK;
}

/* The file never shrinks: only once it has grown near the map's size are its free pages counted,
 * and then not for every commit. */
static struct status check_map(struct engine *engine) {
    MDB_envinfo info;
    TRY(lmdb_status(mdb_env_info(engine->env, &info)));
    const uint64_t pages = (uint64_t)info.me_last_pgno + 1;
    const uint64_t pages_max = info.me_mapsize / engine->page_size;
    if (!is_filled(pages, pages_max)) {
        return OK;
    }
    if (engine->commits_since >= COMMITS_COUNTED_MAX) {
        TRY(count_free_pages(engine, &engine->pages_free));
        engine->commits_since = 0;
    }
    const uint64_t free_pages = engine->pages_free < pages ? engine->pages_free : pages;
    if (is_filled(pages - free_pages, pages_max)) {
        return (struct status){
            STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL,
            "the store has nearly reached its map size: only erasing is allowed"};
    }
    return OK;
}

static struct status prepare_write(struct engine *engine, enum engine_write kind) {
    if (engine->broken.code != STATUS_OK) {
        return engine->broken;
    }
    TRY(extend_file(engine));
    switch (kind) {
    case ENGINE_WRITE_ORDINARY:
        TRY(check_disk(engine));
        return check_map(engine);
    case ENGINE_WRITE_ERASE:
        return OK;
    }
    abort(); /* No such kind of write. */
}

/* ---- read transactions ---- */

static struct engine_txn *txn_new(struct engine *engine, MDB_txn *inner) {
    struct engine_txn *txn = allocate(sizeof *txn);
    txn->engine = engine;
    txn->txn = inner;
    txn->failure = OK;
    return txn;
}

struct status engine_read_begin(struct engine *engine, struct engine_txn **out) {
    MDB_txn *inner;
    TRY(lmdb_status(mdb_txn_begin(engine->env, NULL, MDB_RDONLY, &inner)));
    atomic_fetch_add(&engine->snapshots, 1);
    *out = txn_new(engine, inner);
    (*out)->begin_us = engine->monotonic_us();
    return OK;
}

bool engine_read_is_over(const struct engine_txn *txn) {
    assert(!txn->reset);
    const int64_t held_us = txn->write ? 0 : txn->engine->monotonic_us() - txn->begin_us;
    return held_us >= (int64_t)ENGINE_READ_MS_MAX * 1000;
}

int64_t engine_monotonic_us(const struct engine_txn *txn) { return txn->engine->monotonic_us(); }

void engine_read_reset(struct engine_txn *txn) {
    assert(!txn->write);
    assert(!txn->reset);
    assert(txn->scans == 0);
    mdb_txn_reset(txn->txn);
    txn->reset = true;
    atomic_fetch_sub(&txn->engine->snapshots, 1);
}

struct status engine_read_renew(struct engine_txn *txn) {
    assert(!txn->write);
    assert(txn->reset);
    TRY(lmdb_status(mdb_txn_renew(txn->txn)));
    txn->reset = false;
    txn->begin_us = txn->engine->monotonic_us();
    atomic_fetch_add(&txn->engine->snapshots, 1);
    return OK;
}

void engine_read_end(struct engine_txn *txn) {
    assert(!txn->write);
    assert(txn->scans == 0);
    if (!txn->reset) {
        atomic_fetch_sub(&txn->engine->snapshots, 1);
    }
    mdb_txn_abort(txn->txn);
    free(txn);
}

/* ---- write transactions ---- */

struct status engine_write_begin(struct engine *engine, enum engine_write kind,
                                 struct engine_txn **out) {
    assert(!engine->read_only);
    const bool other = atomic_exchange(&engine->writing, true);
    assert(!other); /* One writer, one transaction. */
    MDB_txn *inner = NULL;
    struct status status = prepare_write(engine, kind);
    if (status.code == STATUS_OK) {
        status = lmdb_status(mdb_txn_begin(engine->env, NULL, 0, &inner));
    }
    if (status.code != STATUS_OK) {
        atomic_store(&engine->writing, false);
        return status;
    }
    struct engine_txn *txn = txn_new(engine, inner);
    txn->write = true;
    txn->kind = kind;
    *out = txn;
    return OK;
}

static void write_end(struct engine_txn *txn) {
    assert(txn->write);
    const bool was = atomic_exchange(&txn->engine->writing, false);
    assert(was);
    free(txn);
}

/* True when LMDB gave up before it wrote anything. */
static bool is_harmless(int code) {
    return code == MDB_MAP_FULL || code == MDB_TXN_FULL || code == ENOMEM;
}

/* What a failed commit comes to: the end of all writing, erasing too, so that it is told as a
 * failure also when the disk is only full. A file system that is out of space tells LMDB so in
 * several ways, a short write, which it reports as EIO, among them: the file system is asked. */
static struct status commit_failure(struct engine *engine, int code) {
    const struct status status = lmdb_status(code);
    if (is_harmless(code)) {
        return status;
    }
    uint64_t left;
    uint64_t total;
    const bool is_full =
        status.reason == REASON_STORAGE_FULL ||
        (directory_space(engine->directory_fd, &left, &total) == 0 && left < ENGINE_TXN_SIZE_MAX);
    engine->broken = (struct status){STATUS_UNAVAILABLE, REASON_STORAGE_FAILED,
                                     is_full ? "the disk of the store is full: a commit failed"
                                             : "the disk of the store failed"};
    log_error("commit failed, no further writes: code=%d text=\"%s\"", code, engine->broken.text);
    return engine->broken;
}

struct status engine_commit(struct engine_txn *txn) {
    assert(txn->write);
    assert(txn->scans == 0);
    if (txn->failure.code != STATUS_OK) {
        const struct status failure = txn->failure;
        engine_abort(txn);
        return failure;
    }
    struct engine *engine = txn->engine;
    const int code = mdb_txn_commit(txn->txn);
    struct status status = OK;
    if (code != 0) {
        status = commit_failure(engine, code);
    } else if (txn->kind == ENGINE_WRITE_ERASE) {
        engine->commits_since = COMMITS_COUNTED_MAX; /* What it freed counts at once. */
    } else if (engine->commits_since < COMMITS_COUNTED_MAX) {
        engine->commits_since++;
    }
    write_end(txn);
    return status;
}

void engine_abort(struct engine_txn *txn) {
    assert(txn->scans == 0);
    mdb_txn_abort(txn->txn);
    write_end(txn);
}

/* ---- operation ---- */

/* Rows of all trees. The main one has a record of each other one, which is no row. */
static struct status count_rows(struct engine *engine, uint64_t *out) {
    MDB_txn *txn;
    TRY(lmdb_status(mdb_txn_begin(engine->env, NULL, MDB_RDONLY, &txn)));
    uint64_t rows = 0;
    uint64_t records = 0;
    int code = 0;
    for (size_t i = 0; code == 0 && i < engine->tree_count; i++) {
        MDB_stat stat = {0};
        const struct tree *tree = &engine->trees[i];
        if (!tree->is_missing && (tree->beside == 0 || tree->beside == tree->first)) {
            code = mdb_stat(txn, tree->handle, &stat);
            rows += stat.ms_entries;
            records += i > 0 ? 1 : 0;
        }
    }
    mdb_txn_abort(txn);
    TRY(lmdb_status(code));
    *out = rows - records;
    return OK;
}

struct status engine_stats(struct engine *engine, struct engine_stats *out) {
    MDB_envinfo info;
    uint64_t rows = 0;
    TRY(count_rows(engine, &rows));
    TRY(lmdb_status(mdb_env_info(engine->env, &info)));
    uint64_t pages_free = 0;
    TRY(count_free_pages(engine, &pages_free));
    uint64_t left;
    uint64_t total;
    const int error = directory_space(engine->directory_fd, &left, &total);
    if (error != 0) {
        return lmdb_status(error);
    }
    const uint64_t pages = (uint64_t)info.me_last_pgno + 1;
    *out = (struct engine_stats){
        .entries = rows,
        .size = (pages - (pages_free < pages ? pages_free : pages)) * engine->page_size,
        .map_size = info.me_mapsize,
        .disk_free = left,
        .readers = atomic_load(&engine->snapshots),
    };
    return OK;
}

struct status engine_check_readers(struct engine *engine) {
    int dead = 0;
    TRY(lmdb_status(mdb_reader_check(engine->env, &dead)));
    if (dead > 0) {
        log_info("reader slots of ended processes freed: count=%d", dead);
    }
    return OK;
}
