/* From the command line to a command: finds the row with the most words, says which commands there
 * are, and what may have been meant. */

#include "client/cli/combinations.h"
#include "client/cli/command.h"
#include "client/cli/origins.h"
#include "client/cli/request.h"
#include "client/cli/session.h"
#include "client/cli/text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_SIZE_MAX = 64,
    FULL_NAME_SIZE = 96,
    NAME_WORDS_MAX = 3,
    SUGGESTION_EDITS_MAX = 3,
    HELP_COLUMN = 23
};

/* How many words of argv the command's name takes; 0 when they are others. */
static int words_matched(const char *name, int argc, char **argv) {
    int words = 0;
    while (*name != '\0') {
        const size_t size = strcspn(name, " ");
        if (words == argc || strlen(argv[words]) != size || strncmp(argv[words], name, size) != 0) {
            return 0;
        }
        words++;
        name += size;
        name += *name == ' ' ? 1 : 0;
    }
    return words;
}

static const struct command *find_command(int argc, char **argv, int *words) {
    const struct command *found = NULL;
    *words = 0;
    for (size_t i = 0; i < command_count; i++) {
        const int matched = words_matched(commands[i].name, argc, argv);
        if (matched > *words) {
            *words = matched;
            found = &commands[i];
        }
    }
    return found;
}

/* The first word of a name: its group, where the name has more than one. */
static size_t group_size(const char *name) {
    return strchr(name, ' ') == NULL ? 0 : strcspn(name, " ");
}

/* Prints the commands; with a group, only those of it. False when the group has none. */
static bool print_commands(FILE *out, const char *group) {
    const char *previous = NULL;
    bool any = false;
    for (size_t i = 0; i < command_count; i++) {
        const char *name = commands[i].name;
        const size_t size = group_size(name);
        if (group != NULL && (size != strlen(group) || strncmp(name, group, size) != 0)) {
            continue;
        }
        any = true;
        if (previous == NULL || group_size(previous) != size ||
            strncmp(previous, name, size) != 0) {
            fprintf(out, "\n%.*s\n", size == 0 ? 5 : (int)size, size == 0 ? "other" : name);
        }
        /* Behind a long name the summary has a line of its own. */
        fprintf(out, "  %-*s%s%*s%s\n", HELP_COLUMN, name, strlen(name) < HELP_COLUMN ? "" : "\n",
                strlen(name) < HELP_COLUMN ? 0 : HELP_COLUMN + 2, "", commands[i].summary);
        previous = name;
    }
    return any;
}

static void print_help(FILE *out) {
    fputs("Usage: profilectl COMMAND [ARGUMENT...] [OPTION...]\n"
          "\n"
          "Customer profiles from the command line: a client of profiled.\n",
          out);
    print_commands(out, NULL);
    fputs("\n"
          "profilectl COMMAND --help explains a command. The server is that of --server, of\n"
          "PROFILED_SERVER, or of ~/.config/profilectl/context.json, which may hold `server`,\n"
          "`workspace` and `output`; 127.0.0.1:50051 otherwise.\n"
          "\n"
          "Exit codes: 0 done, 1 failed here, 2 wrong usage, 64 + gRPC's code when the server\n"
          "refused or could not be reached.\n",
          out);
}

/* The edit distance of two short words: insertions, deletions, replacements. */
static size_t distance(const char *a, const char *b) {
    size_t row[NAME_SIZE_MAX + 1];
    const size_t width = strlen(b);
    if (width > NAME_SIZE_MAX) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i <= width; i++) {
        row[i] = i;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            const size_t shorter = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;
            row[j + 1] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[width];
}

/* The command nearest to what was typed, or to its first word; NULL when none is near. */
static const char *find_nearest(const char *typed, const char *first) {
    const char *nearest = NULL;
    size_t least = SUGGESTION_EDITS_MAX + 1;
    for (size_t i = 0; i < command_count; i++) {
        const size_t whole = distance(typed, commands[i].name);
        const size_t alone = distance(first, commands[i].name);
        const size_t edits = whole < alone ? whole : alone;
        if (edits < least) {
            least = edits;
            nearest = commands[i].name;
        }
    }
    return nearest;
}

/* Words for one thing, of which a group of commands has one. */
static const char *const same_words[][6] = {
    {"create", "define", "new", "make", "add", NULL},
    {"show", "get", "list", NULL},
    {"update", "change", "set", "edit", NULL},
    {"delete", "remove", "drop", NULL},
};

/* The command of a group; NULL for none. */
static const char *find_in_group(const char *group, const char *word) {
    const size_t size = strlen(group);
    for (size_t i = 0; i < command_count; i++) {
        const char *name = commands[i].name;
        if (strncmp(name, group, size) == 0 && name[size] == ' ' &&
            strcmp(name + size + 1, word) == 0) {
            return name;
        }
    }
    return NULL;
}

static bool is_among(const char *word, const char *const *words) {
    while (*words != NULL && strcmp(*words, word) != 0) {
        words++;
    }
    return *words != NULL;
}

/* The command of a group that has another word for what was typed; NULL for none. */
static const char *find_same(const char *group, const char *word) {
    for (size_t i = 0; i < sizeof same_words / sizeof same_words[0]; i++) {
        const char *found = NULL;
        for (size_t k = 0; is_among(word, same_words[i]) && same_words[i][k] != NULL; k++) {
            found = found == NULL ? find_in_group(group, same_words[i][k]) : found;
        }
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static void suggest(int argc, char **argv) {
    char typed[NAME_SIZE_MAX] = "";
    const char *nearest = NULL;
    for (int i = 0; i < argc && i < NAME_WORDS_MAX && argv[i][0] != '-'; i++) {
        const char *same = find_same(typed, argv[i]);
        if (same != NULL) {
            nearest = same;
            break;
        }
        text_append(typed, sizeof typed, " ", argv[i]);
        const char *found = find_nearest(typed, argv[0]);
        nearest = found == NULL ? nearest : found;
    }
    fprintf(stderr, "profilectl: there is no such command\n");
    if (nearest != NULL) {
        fprintf(stderr, "Did you mean `profilectl %s`?\n", nearest);
    }
    fprintf(stderr, "`profilectl --help` lists them all.\n");
}

static int no_command(int argc, char **argv) {
    if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
                     strcmp(argv[0], "help") == 0 || strcmp(argv[0], "-?") == 0)) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (argc == 0) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    char group[NAME_SIZE_MAX];
    snprintf(group, sizeof group, "%s", argv[0]);
    const bool wants_help =
        argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0);
    if ((argc == 1 || wants_help) && print_commands(wants_help ? stdout : stderr, group)) {
        return wants_help ? EXIT_DONE : EXIT_USAGE;
    }
    suggest(argc, argv);
    return EXIT_USAGE;
}

/* How many words before the command are options of every command, with their values. */
static int count_leading(int argc, char **argv) {
    static const char *const with_value[] = {"--server",    "-s", "--output",  "-o",
                                             "--workspace", "-w", "--timeout", "-t"};
    int count = 0;
    while (count < argc && argv[count][0] == '-') {
        bool known = false;
        bool joined = false; /* `--server=X`, `-sX` */
        for (size_t i = 0; i < sizeof with_value / sizeof with_value[0] && !known; i++) {
            const size_t size = strlen(with_value[i]);
            known = strncmp(argv[count], with_value[i], size) == 0;
            joined = known && argv[count][size] != '\0';
        }
        if (!known) {
            break;
        }
        count += joined ? 1 : 2;
    }
    return count < argc ? count : 0;
}

/* Brings them behind the command and its arguments, where argp reads them. */
static void move_leading(int argc, char **argv) {
    for (int count = count_leading(argc, argv); count > 0; count--) {
        char *first = argv[0];
        memmove(argv, argv + 1, (size_t)(argc - 1) * sizeof *argv);
        argv[argc - 1] = first;
    }
}

/* An import says it by itself, before what would come of the rows. */
static void tell_dry_run(const struct command *command, const struct arguments *arguments,
                         int code) {
    if (code == EXIT_DONE && arguments_has(arguments, OPT_DRY_RUN) && command->run != import_file) {
        fflush(stdout); /* The result first, where both go to one place. */
        fprintf(stderr, "A dry run: nothing was changed.\n");
    }
}

int cli_run(int argc, char **argv) {
    move_leading(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        return version_print(NULL, NULL);
    }
    int words;
    const struct command *command = find_command(argc - 1, argv + 1, &words);
    if (command == NULL) {
        return no_command(argc - 1, argv + 1);
    }
    char full_name[FULL_NAME_SIZE];
    snprintf(full_name, sizeof full_name, "profilectl %s", command->name);
    argv[words] = full_name;
    struct arguments *arguments = malloc(sizeof *arguments);
    assert(arguments != NULL);
    arguments_parse(arguments, command, argc - words, argv + words);
    struct origins origins = {NULL, 0};
    arguments->origins = &origins;
    struct session session = {.screen = screen_of(stdout)};
    int code = command->local ? EXIT_DONE : session_open(&session, arguments);
    if (code == EXIT_DONE && !combinations_check(command, arguments)) {
        code = EXIT_USAGE;
    }
    if (code == EXIT_DONE && !request_files_check(arguments)) {
        code = EXIT_LOCAL;
    }
    if (code == EXIT_DONE) {
        code = command->run(&session, arguments);
        tell_dry_run(command, arguments, code);
    }
    session_close(&session);
    origins_free(&origins);
    free(arguments);
    if (fflush(stdout) != 0 && code == EXIT_DONE) {
        fprintf(stderr, "profilectl: standard output can't be written\n");
        code = EXIT_LOCAL;
    }
    return code;
}
