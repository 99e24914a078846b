/* profilectl in the test's own process. */

#include "tests/client/ran.h"

#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/cli/command.h"

enum { WORDS_MAX = 32 };

void ran_isolate(void) {
    cr_redirect_stdout();
    cr_redirect_stderr();
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("PROFILED_SERVER", "unix:/nonexistent", 1);
    unsetenv("PROFILED_WORKSPACE");
    unsetenv("COLUMNS");
}

static void read_all(FILE *file, char out[RAN_TEXT_SIZE]) {
    out[fread(out, 1, RAN_TEXT_SIZE - 1, file)] = '\0';
}

struct ran ran_line(fake_handler *handler, void *data, const char *line) {
    struct fake_server *server = handler == NULL ? NULL : fake_server_start(handler, data);
    if (server != NULL) {
        setenv("PROFILED_SERVER", fake_server_address(server), 1);
    }
    char *copy = strdup(line);
    char *argv[WORDS_MAX] = {(char[]){"profilectl"}};
    int argc = 1;
    char *rest = copy;
    for (char *word = strsep(&rest, "|"); word != NULL; word = strsep(&rest, "|")) {
        cr_assert_lt(argc, WORDS_MAX);
        argv[argc++] = word;
    }
    struct ran ran = {.code = cli_run(argc, argv)};
    free(copy);
    if (server != NULL) {
        fake_server_stop(server);
    }
    fflush(stdout);
    fflush(stderr);
    read_all(cr_get_redirected_stdout(), ran.out);
    read_all(cr_get_redirected_stderr(), ran.err);
    return ran;
}
