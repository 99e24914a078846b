/* SQLite in this process: its statements prepared, a write-ahead log, synced at each commit. */

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/peer.h"
#include "tests/bench/people.h"

enum { PATH_SIZE = 4096, LOAD_ITEMS = 10000 };

static sqlite3 *database;
static struct {
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    sqlite3_stmt *find;
    sqlite3_stmt *read;
    sqlite3_stmt *profile;
    sqlite3_stmt *identity;
    sqlite3_stmt *update;
    sqlite3_stmt *interaction;
} statements;

static _Noreturn void die(const char *what) {
    fprintf(stderr, "SQLite: %s: %s\n", what, sqlite3_errmsg(database));
    exit(EXIT_FAILURE);
}

static void execute(const char *text) {
    if (sqlite3_exec(database, text, NULL, NULL, NULL) != SQLITE_OK) {
        die(text);
    }
}

static sqlite3_stmt *prepare(const char *text) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(database, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK) {
        die(text);
    }
    return statement;
}

static void run_once(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) {
        die("a statement");
    }
    sqlite3_reset(statement);
}

static void bind(sqlite3_stmt *statement, int at, const char *text) {
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

/* The profile of the first of the two that somebody has; 0 for none. */
static sqlite3_int64 find(const struct plain_person *person) {
    const char *const values[] = {person->email, person->phone};
    for (int type = 0; type < 2; type++) {
        sqlite3_bind_int(statements.find, 1, type);
        bind(statements.find, 2, values[type]);
        const bool found = sqlite3_step(statements.find) == SQLITE_ROW;
        const sqlite3_int64 id = found ? sqlite3_column_int64(statements.find, 0) : 0;
        sqlite3_reset(statements.find);
        if (found) {
            return id;
        }
    }
    return 0;
}

static void look_up(const struct plain_person *person) {
    sqlite3_bind_int64(statements.read, 1, find(person));
    if (sqlite3_step(statements.read) != SQLITE_ROW) {
        die("nobody is found");
    }
    sqlite3_reset(statements.read);
}

static void resolve(const struct plain_person *person) {
    const char *const values[] = {person->email, person->phone};
    sqlite3_int64 id = find(person);
    sqlite3_stmt *put = id == 0 ? statements.profile : statements.update;
    bind(put, 1, person->name);
    bind(put, 2, person->attributes);
    sqlite3_bind_int64(put, 3, (sqlite3_int64)time(NULL));
    if (id != 0) {
        sqlite3_bind_int64(put, 4, id);
    }
    run_once(put);
    id = id == 0 ? sqlite3_last_insert_rowid(database) : id;
    for (int type = 0; type < 2; type++) {
        sqlite3_bind_int(statements.identity, 1, type);
        bind(statements.identity, 2, values[type]);
        sqlite3_bind_int64(statements.identity, 3, id);
        run_once(statements.identity);
    }
    sqlite3_bind_int64(statements.interaction, 1, id);
    sqlite3_bind_int64(statements.interaction, 2, (sqlite3_int64)time(NULL));
    run_once(statements.interaction);
}

static bool sqlite_open(const char *directory, uint64_t count) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/people.sqlite", directory);
    if (sqlite3_open(path, &database) != SQLITE_OK) {
        die(path);
    }
    execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-1048576;"
            "PRAGMA mmap_size=8589934592; PRAGMA temp_store=MEMORY;"
            "CREATE TABLE profile(id INTEGER PRIMARY KEY, name TEXT, attributes TEXT, update_time "
            "INTEGER);"
            "CREATE TABLE identity(type INTEGER, value TEXT, profile INTEGER,"
            " PRIMARY KEY(type, value)) WITHOUT ROWID;"
            "CREATE TABLE interaction(profile INTEGER, time INTEGER, number INTEGER,"
            " source TEXT, PRIMARY KEY(profile, time, number)) WITHOUT ROWID;");
    statements.begin = prepare("BEGIN IMMEDIATE");
    statements.commit = prepare("COMMIT");
    statements.find = prepare("SELECT profile FROM identity WHERE type=? AND value=?");
    statements.read = prepare("SELECT name, attributes FROM profile WHERE id=?");
    statements.profile =
        prepare("INSERT INTO profile(name, attributes, update_time) VALUES(?, ?, ?)");
    statements.identity = prepare("INSERT OR IGNORE INTO identity VALUES(?, ?, ?)");
    statements.update =
        prepare("UPDATE profile SET name=?, attributes=?, update_time=? WHERE id=?");
    statements.interaction =
        prepare("INSERT INTO interaction VALUES(?1, ?2, (SELECT coalesce(max(number), 0) + 1 FROM "
                "interaction WHERE profile=?1 AND time=?2), 'bench')");
    for (uint64_t i = 0; i < count; i++) {
        struct plain_person person;
        if (i % LOAD_ITEMS == 0) {
            run_once(statements.begin);
        }
        people_plain(i, &person);
        resolve(&person);
        if (i % LOAD_ITEMS == LOAD_ITEMS - 1 || i == count - 1) {
            run_once(statements.commit);
        }
    }
    execute("PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE);");
    return true;
}

static void sqlite_run(const struct peer_plan *plan, struct load_result *out) {
    *out = (struct load_result){0};
    const uint64_t start_ns = load_now_ns();
    uint64_t now_ns = start_ns;
    while (now_ns < start_ns + plan->duration_ns) {
        struct plain_person person;
        if (plan->call != PEER_LOOKUP) {
            run_once(statements.begin);
        }
        for (uint32_t i = 0; i < plan->items; i++) {
            people_plain(peer_number(plan), &person);
            (plan->call == PEER_LOOKUP ? look_up : resolve)(&person);
        }
        if (plan->call != PEER_LOOKUP) {
            run_once(statements.commit);
        }
        const uint64_t end_ns = load_now_ns();
        histogram_add(&out->latency, end_ns - now_ns);
        now_ns = end_ns;
        out->calls++;
    }
    out->duration_ns = now_ns - start_ns;
}

/* It has no process of its own: that of its caller, all of it. */
static uint64_t sqlite_cpu_ns(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

static void sqlite_close(void) {
    sqlite3_stmt *const all[] = {statements.begin,  statements.commit,     statements.find,
                                 statements.read,   statements.profile,    statements.identity,
                                 statements.update, statements.interaction};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        sqlite3_finalize(all[i]);
    }
    sqlite3_close(database);
}

const struct peer peer_sqlite = {
    .name = "SQLite",
    .setting = "in process, write-ahead log, synchronous FULL, 1 GiB of cache, statements prepared",
    .open = sqlite_open,
    .run = sqlite_run,
    .cpu_ns = sqlite_cpu_ns,
    .close = sqlite_close,
};
