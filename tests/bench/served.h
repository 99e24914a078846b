#pragma once
/* A server on a directory of its own, asked through the C client: for benchmarks that watch what
 * single calls cost it. One a program. What goes wrong ends the program. */

#include <stdbool.h>
#include <stddef.h>

#include "client/profiled_client.h"
#include "tests/bench/process.h"

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

/* Ends the program, with the error told, when a call was not done. */
void served_check(bool done, struct profiled_error *error);

/* Sorts the values; the middle one, the later of two. */
double served_median(double *values, size_t count);
