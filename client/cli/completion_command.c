/* `profilectl completion SHELL`: scripts that complete commands and options, printed from the same
 * table that dispatches, so that they never name what is not there. */

#include "client/cli/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void print_options(const struct command *command, const char *before, const char *after) {
    const enum cli_option *const lists[] = {command->options, common_options};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (const enum cli_option *option = lists[i]; *option != 0; option++) {
            printf("%s--%s%s", before, option_get(*option)->name, after);
        }
    }
    printf("%s--help%s", before, after);
}

/* Every word that may come next after the words `before`, which is "" at the start. */
static void print_next_words(const char *before) {
    const size_t size = strlen(before);
    const char *previous = "";
    for (size_t i = 0; i < command_count; i++) {
        const char *name = commands[i].name;
        if (strncmp(name, before, size) != 0 || (size > 0 && name[size] != ' ')) {
            continue;
        }
        const char *word = name + size + (size > 0 ? 1 : 0);
        const size_t length = strcspn(word, " ");
        if (strncmp(previous, word, length) != 0 ||
            (previous[length] != ' ' && previous[length] != '\0')) {
            printf(" %.*s", (int)length, word);
        }
        previous = word;
    }
}

/* Whether the words before the name's last were printed as a case already. */
static bool is_group_done(size_t row, size_t group_size) {
    for (size_t i = 0; i < row; i++) {
        const char *name = commands[i].name;
        const char *space = strrchr(name, ' ');
        if (space != NULL && (size_t)(space - name) == group_size &&
            strncmp(name, commands[row].name, group_size) == 0) {
            return true;
        }
    }
    return false;
}

/* A case for each start of names: "profile" and, since one name has three words, also
 * "identity types". */
static void print_groups(void) {
    for (size_t i = 0; i < command_count; i++) {
        const char *space = strrchr(commands[i].name, ' ');
        if (space == NULL || is_group_done(i, (size_t)(space - commands[i].name))) {
            continue;
        }
        char group[64];
        snprintf(group, sizeof group, "%.*s", (int)(space - commands[i].name), commands[i].name);
        printf("    \"%s\") words=\"", group);
        print_next_words(group);
        fputs("\" ;;\n", stdout);
    }
}

/* Sets `words` by what stands before: further words of a name, or options. Of two commands of which
 * one's name begins the other's the longer must be tried first, and stands later in the table. */
static void print_cases(void) {
    fputs("    case \"$name\" in\n    \"\") words=\"", stdout);
    print_next_words("");
    fputs(" --help\" ;;\n", stdout);
    print_groups();
    fputs("    completion) words=\"bash zsh fish\" ;;\n    *) words=\"\" ;;\n    esac\n", stdout);
    fputs("    case \"$current:$name\" in\n", stdout);
    for (size_t i = command_count; i > 0; i--) {
        printf("    -*:\"%s\"*) words=\"", commands[i - 1].name);
        print_options(&commands[i - 1], " ", "");
        fputs("\" ;;\n", stdout);
    }
    fputs("    esac\n", stdout);
}

static void print_bash(void) {
    fputs("# Completion of profilectl for bash.\n"
          "_profilectl() {\n"
          "    local current=\"${COMP_WORDS[COMP_CWORD]}\" name=\"\" words=\"\" word\n"
          "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case \"$word\" in [a-z]*) ;; *) break ;; esac\n"
          "        name=\"${name:+$name }$word\"\n"
          "    done\n",
          stdout);
    print_cases();
    fputs("    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "}\n"
          "complete -o default -F _profilectl profilectl\n",
          stdout);
}

static void print_zsh(void) {
    fputs("#compdef profilectl\n"
          "# Completion of profilectl for zsh.\n"
          "_profilectl() {\n"
          "    local current=\"${words[CURRENT]}\" name=\"\" word\n"
          "    for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
          "        [[ \"$word\" == [a-z]* ]] || break\n"
          "        name=\"${name:+$name }$word\"\n"
          "    done\n"
          "    local words=\"\"\n",
          stdout);
    print_cases();
    fputs("    if [[ -n \"$words\" ]]; then compadd -- ${=words}; else _files; fi\n"
          "}\n"
          "compdef _profilectl profilectl\n",
          stdout);
}

/* A text between single quotes, as fish and the others take it. */
static void print_quoted(const char *text) {
    fputc('\'', stdout);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            fputc('\\', stdout);
        }
        fputc(*text, stdout);
    }
    fputc('\'', stdout);
}

static void print_fish_command(const struct command *command) {
    const char *space = strrchr(command->name, ' ');
    const char *last = space == NULL ? command->name : space + 1;
    printf("complete -c profilectl -n '__profilectl_at \"%.*s\"' -f -a '%s' -d ",
           space == NULL ? 0 : (int)(space - command->name), command->name, last);
    print_quoted(command->summary);
    fputc('\n', stdout);
    const enum cli_option *const lists[] = {command->options, common_options};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (const enum cli_option *option = lists[i]; *option != 0; option++) {
            const struct argp_option *row = option_get(*option);
            printf("complete -c profilectl -n '__profilectl_at \"%s\"' -l %s%s -d ", command->name,
                   row->name, row->arg == NULL ? "" : " -r");
            print_quoted(row->doc);
            fputc('\n', stdout);
        }
    }
}

/* The first words of names of several; single words are commands, which say what they do. */
static void print_fish_groups(void) {
    const char *previous = "";
    fputs("complete -c profilectl -n '__profilectl_at \"\"' -f -a '", stdout);
    for (size_t i = 0; i < command_count; i++) {
        const char *name = commands[i].name;
        const size_t length = strcspn(name, " ");
        if (name[length] == ' ' && strncmp(previous, name, length + 1) != 0) {
            printf("%s%.*s", previous[0] == '\0' ? "" : " ", (int)length, name);
            previous = name;
        }
    }
    fputs("'\n", stdout);
}

static void print_fish(void) {
    fputs("# Completion of profilectl for fish.\n"
          "function __profilectl_at\n"
          "    set -l name\n"
          "    for word in (commandline -opc)[2..-1]\n"
          "        string match -qr '^[a-z]+$' -- $word; or break\n"
          "        set -a name $word\n"
          "    end\n"
          "    test \"$name\" = $argv[1]\n"
          "end\n"
          "complete -c profilectl -n '__profilectl_at completion' -f -a 'bash zsh fish'\n",
          stdout);
    print_fish_groups();
    for (size_t i = 0; i < command_count; i++) {
        print_fish_command(&commands[i]);
    }
}

int completion_print(struct session *session, const struct arguments *arguments) {
    (void)session;
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(arguments->words[0], shells[i].name) == 0) {
            shells[i].print();
            return EXIT_DONE;
        }
    }
    fprintf(stderr, "profilectl: the shells are bash, zsh and fish\n");
    return EXIT_USAGE;
}
