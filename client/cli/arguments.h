#pragma once
/* What stood on the command line. */

#include "client/cli/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARGUMENTS_MAX = 512, POSITIONALS_MAX = 1000 };

struct arguments {
    const char *words[POSITIONALS_MAX]; /* What is not an option, in order. From argv. */
    size_t word_count;
    struct {
        enum cli_option option;
        const char *value; /* "" for options without an argument. From argv. */
    } given[ARGUMENTS_MAX];
    size_t given_count;
    struct origins *origins; /* Where values of requests are noted; NULL for nowhere. Borrowed. */
};

struct command;
struct origins;

/* Reads a command's line with argp. `argv[0]` is the command's full name. Ends the process with 2
 * on a usage error, and with 0 after --help. */
void arguments_parse(struct arguments *arguments, const struct command *command, int argc,
                     char **argv);

/* The option's last value; NULL when it was not given. */
const char *arguments_get(const struct arguments *arguments, enum cli_option option);
bool arguments_has(const struct arguments *arguments, enum cli_option option);

/* The option's next value from `*position` on, which starts at 0; NULL at the end. */
const char *arguments_next(const struct arguments *arguments, enum cli_option option,
                           size_t *position);

/* The option's number; `missing` when it was not given. False when it is none within [min, max]. */
bool arguments_number(const struct arguments *arguments, enum cli_option option, int64_t min,
                      int64_t max, int64_t missing, int64_t *out);
