/* The command line of one command, read with argp. Options are kept as they came; what they mean
 * is for the command to say. */

#include "client/cli/arguments.h"

#include "client/cli/command.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOC_SIZE = 2048, OPTIONS_ROOM = 40 };

/* What argp hands to parse_key(). */
struct parsing {
    struct arguments *arguments;
    const struct command *command;
};

static void add_option(struct argp_state *state, enum cli_option option, const char *value) {
    struct arguments *arguments = ((struct parsing *)state->input)->arguments;
    if (arguments->given_count == ARGUMENTS_MAX) {
        argp_error(state, "too many options: at most %d", ARGUMENTS_MAX);
    }
    arguments->given[arguments->given_count].option = option;
    arguments->given[arguments->given_count].value = value == NULL ? "" : value;
    arguments->given_count++;
}

static enum cli_option option_among(const enum cli_option *options, int letter) {
    for (size_t i = 0; options[i] != 0; i++) {
        if (option_letter(options[i]) == letter) {
            return options[i];
        }
    }
    return OPT_NONE;
}

/* The option that a letter stands for with the command; OPT_NONE for none. */
static enum cli_option option_of(const struct command *command, int letter) {
    const enum cli_option own = option_among(command->options, letter);
    return own != OPT_NONE ? own : option_among(common_options, letter);
}

/* Whether what is one too many may be meant for an option. */
static bool has_filter(const struct command *command) {
    const enum cli_option option = option_of(command, 'f');
    return option == OPT_FILTER || option == OPT_SEGMENT_FILTER || option == OPT_CHANGE_FILTER ||
           option == OPT_TRAIT_FILTER;
}

static error_t parse_key(int key, char *value, struct argp_state *state) {
    const struct parsing *parsing = state->input;
    struct arguments *arguments = parsing->arguments;
    if (key > OPT_NONE && key < OPT_END) {
        add_option(state, (enum cli_option)key, value);
        return 0;
    }
    if (key == ARGP_KEY_ARG) {
        if (arguments->word_count == parsing->command->words_max ||
            arguments->word_count == POSITIONALS_MAX) {
            argp_error(state, "there is an argument too many%s",
                       has_filter(parsing->command) ? ": a filter stands behind --filter" : "");
        }
        arguments->words[arguments->word_count++] = value;
        return 0;
    }
    if (key == ARGP_KEY_END && arguments->word_count < parsing->command->words_min) {
        argp_error(state, "an argument is missing: %s", parsing->command->words);
    }
    /* A short name is argp's second entry of the option, under the letter. */
    const enum cli_option short_name = key > 0 ? option_of(parsing->command, key) : OPT_NONE;
    if (short_name != OPT_NONE) {
        add_option(state, short_name, value);
        return 0;
    }
    return key == ARGP_KEY_END || key == ARGP_KEY_NO_ARGS || key == ARGP_KEY_INIT ||
                   key == ARGP_KEY_SUCCESS || key == ARGP_KEY_FINI || key == ARGP_KEY_ERROR
               ? 0
               : ARGP_ERR_UNKNOWN;
}

static size_t fill_options(struct argp_option *out, const enum cli_option *options, int group) {
    size_t count = 0;
    for (; options[count] != 0; count++) {
        const int letter = option_letter(options[count]);
        out[count] = *option_get(options[count]);
        out[count].key = letter == 0 ? out[count].key : letter;
        out[count].group = group;
    }
    return count;
}

void arguments_parse(struct arguments *arguments, const struct command *command, int argc,
                     char **argv) {
    struct argp_option options[OPTIONS_ROOM] = {{0}};
    size_t count = fill_options(options, command->options, 1);
    options[count++] = (struct argp_option){.doc = "For every command:", .group = 2};
    count += fill_options(options + count, common_options, 2);
    assert(count < OPTIONS_ROOM);
    char doc[DOC_SIZE];
    const int length =
        snprintf(doc, sizeof doc, "%s\vExample:\n  %s\n", command->summary, command->example);
    assert(length > 0 && (size_t)length < sizeof doc);
    const struct argp argp = {
        .options = options, .parser = parse_key, .args_doc = command->words, .doc = doc};
    struct parsing parsing = {arguments, command};
    memset(arguments, 0, sizeof *arguments);
    argp_err_exit_status = EXIT_USAGE;
    const error_t failure = argp_parse(&argp, argc, argv, 0, NULL, &parsing);
    assert(failure == 0);
}

const char *arguments_get(const struct arguments *arguments, enum cli_option option) {
    for (size_t i = arguments->given_count; i > 0; i--) {
        if (arguments->given[i - 1].option == option) {
            return arguments->given[i - 1].value;
        }
    }
    return NULL;
}

bool arguments_has(const struct arguments *arguments, enum cli_option option) {
    return arguments_get(arguments, option) != NULL;
}

const char *arguments_next(const struct arguments *arguments, enum cli_option option,
                           size_t *position) {
    while (*position < arguments->given_count) {
        const size_t at = (*position)++;
        if (arguments->given[at].option == option) {
            return arguments->given[at].value;
        }
    }
    return NULL;
}

bool arguments_number(const struct arguments *arguments, enum cli_option option, int64_t min,
                      int64_t max, int64_t missing, int64_t *out) {
    const char *text = arguments_get(arguments, option);
    if (text == NULL) {
        *out = missing;
        return true;
    }
    char *end;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < min || number > max) {
        fprintf(stderr, "profilectl: --%s: must be a number from %lld ", option_get(option)->name,
                (long long)min);
        fprintf(stderr, max == INT64_MAX ? "on\n" : "to %lld\n", (long long)max);
        return false;
    }
    *out = number;
    return true;
}
