#pragma once
/* What a user might pick instead: PostgreSQL, Redis, SQLite, each with a table of profiles, a
 * unique index of normalised identifiers and a list of interactions, durable as profiled is.
 *
 * The work is that of a record: look up by e-mail address and by phone number, link to the profile
 * or make one, write its attributes, append one interaction. They are given what is normalised by
 * then, and leave out what profiled does besides: reading and checking the record, blocked values,
 * limits, vetoes and merges, provenance and survivorship of each value, sealing, search and filter
 * indexes, segments, the change feed. */

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/load.h"
#include "tests/bench/rows.h"

enum peer_call { PEER_LOOKUP, PEER_MATCH, PEER_CREATE };

struct peer_plan {
    enum peer_call call;
    uint32_t outstanding; /* Clients, or commands on the way. */
    uint32_t items;       /* Records in a transaction. */
    uint64_t duration_ns;
    struct crowd *crowd; /* The peer's own: `ids` is not used. */
};

struct peer {
    const char *name;
    const char *setting; /* How it is set up, in a line. */
    /* Starts it on an empty directory with the first people, as many as `count`. False where it
     * can't, which is told then. */
    bool (*open)(const char *directory, uint64_t count);
    void (*run)(const struct peer_plan *plan, struct load_result *out);
    uint64_t (*cpu_ns)(void); /* Of all its processes since it began. */
    void (*close)(void);
};

extern const struct peer peer_postgres;
extern const struct peer peer_redis;
extern const struct peer peer_sqlite;

/* The number of whom the next record of a plan is. */
uint64_t peer_number(const struct peer_plan *plan);

/* Starts a program with its output in DIRECTORY/NAME.log; as another user where `user` is not NULL
 * and we are root. It ends when we do. */
int peer_start(const char *directory, const char *name, const char *user, char *const *arguments);

/* Ends the program by a signal, and waits for it. */
void peer_stop(int pid, int signal);

/* Processor time of the process and of all that it has started, in the kernel as well. */
uint64_t peer_cpu_ns(int pid);
