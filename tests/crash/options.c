/* The command line, read with argp. */

#include "tests/crash/options.h"

#include <argp.h>
#include <stdlib.h>
#include <time.h>

enum { KEY_COUNT = 0x100, KEY_SEED }; /* Above the characters: they have no short names. */

/* What is no number as a whole is told, and ends the process. */
static error_t parse(int key, char *value, struct argp_state *state) {
    struct crash_options *options = state->input;
    char *end = NULL;
    switch (key) {
    case KEY_COUNT:
        options->count = strtoll(value, &end, 10);
        break;
    case KEY_SEED:
        options->seed = strtoull(value, &end, 10);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (end == value || *end != '\0') {
        argp_error(state, "a number is wanted");
    }
    return 0;
}

struct crash_options crash_options_read(int argc, char **argv, const char *name, const char *what,
                                        int64_t count) {
    const struct argp_option options[] = {
        {name, KEY_COUNT, "COUNT", 0, what, 0},
        {"seed", KEY_SEED, "NUMBER", 0, "Where the chances begin (the time)", 0},
        {0},
    };
    const struct argp argp = {.options = options, .parser = parse};
    struct crash_options read = {.count = count, .seed = (uint64_t)time(NULL)};
    argp_parse(&argp, argc, argv, 0, NULL, &read);
    return read;
}
