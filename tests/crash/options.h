#pragma once
/* The command line of the programs of this folder: how often the server is killed, and where the
 * chances begin. */

#include <stdint.h>

struct crash_options {
    int64_t count;
    uint64_t seed;
};

/* Reads it. The count is named `name` and explained by `what`; it is `count` when it is not given,
 * and the seed the time. Ends the process when it can't be read, and after --help. */
struct crash_options crash_options_read(int argc, char **argv, const char *name, const char *what,
                                        int64_t count);
