/* The table of options, made from the one list of them. */

#include "client/cli/options.h"

#include <assert.h>

const struct argp_option *option_get(enum cli_option option) {
    static const struct argp_option all[OPTION_COUNT] = {
#define X(key, name, letter, argument, doc) {name, OPT_##key, argument, 0, doc, 0},
        CLI_OPTIONS(X)
#undef X
    };
    assert(option > OPT_NONE && option < OPT_END);
    return &all[option - OPT_NONE - 1];
}

int option_letter(enum cli_option option) {
    static const char letters[OPTION_COUNT] = {
#define X(key, name, letter, argument, doc) letter,
        CLI_OPTIONS(X)
#undef X
    };
    assert(option > OPT_NONE && option < OPT_END);
    return letters[option - OPT_NONE - 1];
}
