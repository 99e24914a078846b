#pragma once
/* A server on a directory of its own, asked through the C client: for benchmarks that watch what
 * single calls cost it. One a program. What goes wrong ends the program. */

#include <stdbool.h>
#include <stddef.h>

#include "client/profiled_client.h"
#include "tests/bench/process.h"

#include "profiled/v1/interaction.pb-c.h"

struct served {
    struct process server;
    struct profiled_client *client;
};

/* Between served_open() and served_close(). */
extern struct served served;

/* Makes the directory, in TMPDIR and named after the benchmark, and waits until the server there
 * answers. */
void served_open(const char *name);

/* The same, with workspaces beside `default`; NULL behind the last. */
void served_open_workspaces(const char *name, const char *const *workspaces);

/* Stops it, and removes what it stored. */
void served_close(void);

/* Ends the program, with the error told. */
_Noreturn void served_fail(const struct profiled_error *error);

/* The same, when a call was not done. */
static inline void served_check(bool done, const struct profiled_error *error) {
    if (!done) {
        served_fail(error);
    }
}

enum { SERVED_ID_SIZE = 37 };

/* Creates a profile with that e-mail address; `id` becomes its id, unless it is NULL. */
void served_create(const char *name, const char *email, char id[SERVED_ID_SIZE]);

/* Records an engagement of whoever has that e-mail address. NULL options: the defaults. */
void served_record(const struct profiled_call_options *options, const char *email,
                   Profiled__V1__Engagement *engagement);

/* Sorts the values; the middle one, the later of two. */
double served_median(double *values, size_t count);
