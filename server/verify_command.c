/* Proves every workspace and tells people what was found: a line a problem, then a table of counts.
 */

#include "server/verify_command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/segment/membership_verify.h"
#include "server/store/verify.h"

enum {
    PROBLEMS_SHOWN_MAX = 1000, /* Of a workspace; the rest is counted. */
    EXIT_UNSOUND = 1,
};

struct shown {
    const char *workspace;
    uint64_t count;
};

static void show_problem(void *state, const struct verify_problem *problem) {
    struct shown *shown = state;
    if (shown->count++ < PROBLEMS_SHOWN_MAX) {
        printf("%s: %s %s: %s\n", shown->workspace, problem->table, problem->key, problem->what);
    }
}

static void show_result(const struct shown *shown, const struct verify_result *result) {
    if (shown->count > PROBLEMS_SHOWN_MAX) {
        printf("%s: and %" PRIu64 " problems more\n", shown->workspace,
               shown->count - PROBLEMS_SHOWN_MAX);
    }
    printf("\nworkspace %s\n%-14s %12s %12s\n", shown->workspace, "TABLE", "ROWS", "PROBLEMS");
    for (size_t i = 0; i < VERIFY_TABLES; i++) {
        const struct verify_count *table = &result->tables[i];
        if (table->rows > 0 || table->problems > 0) {
            printf("%-14s %12" PRIu64 " %12" PRIu64 "\n", table->table, table->rows,
                   table->problems);
        }
    }
    printf("%-14s %12" PRIu64 " %12" PRIu64 "\n", "all", result->rows, result->problems);
}

/* Tries segments on persons, where the rows agree. */
static struct status verify_segments(struct store *store, const struct verify_sink *sink,
                                     uint64_t *problems) {
    struct membership_verify_result result;
    TRY(membership_verify(store, sink, &result));
    if (result.segment_count > 0) {
        printf("%" PRIu64 " segments tried on %" PRIu64 " persons: %" PRIu64 " problems\n",
               result.segment_count, result.person_count, result.problem_count);
    }
    *problems = result.problem_count;
    return OK;
}

/* Whether the workspace is sound. */
static bool verify_workspace(struct store *store) {
    struct shown shown = {.workspace = store_workspace(store)};
    const struct verify_sink sink = {show_problem, &shown};
    struct verify_result result = {0};
    struct status status = store_verify(store, &sink, &result);
    uint64_t problems = 0;
    show_result(&shown, &result);
    if (status_is_ok(status) && result.problems == 0) {
        status = verify_segments(store, &sink, &problems);
    }
    if (!status_is_ok(status)) {
        fprintf(stderr, "profiled verify: %s: could not look at every row: %s\n", shown.workspace,
                status.text);
        return false;
    }
    return result.problems == 0 && problems == 0;
}

static int verify_all(const struct workspaces_options *options) {
    setvbuf(stdout, NULL, _IOLBF, 0); /* What was found before a crash is seen. */
    struct workspaces_options read_only = *options;
    read_only.create = false;
    read_only.read_only = true;
    struct workspaces workspaces;
    char failed[WORKSPACE_NAME_SIZE_MAX + 1];
    const struct status status = workspaces_open(&read_only, &workspaces, failed);
    if (!status_is_ok(status)) {
        fprintf(stderr, "profiled verify: %s%scan't open the store (%s): %s\n", failed,
                failed[0] == '\0' ? "" : ": ", error_reason_name(status.reason), status.text);
        return EXIT_UNSOUND;
    }
    bool sound = true;
    for (size_t i = 0; i < workspaces.count; i++) {
        sound = verify_workspace(workspaces.stores[i]) && sound;
    }
    workspaces_close(&workspaces);
    puts(sound ? "\nsound" : "\nNOT sound: see the list above");
    return sound ? 0 : EXIT_UNSOUND;
}

/* Pages that are damaged in their very structure can bring down whoever walks them, LMDB itself
 * included: a child walks, and its end is told as what it is. */
int verify_command(const struct workspaces_options *options) {
    fflush(stdout);
    const pid_t child = fork();
    if (child < 0) {
        fprintf(stderr, "profiled verify: the system gives no process\n");
        return EXIT_UNSOUND;
    }
    if (child == 0) {
        const int code = verify_all(options);
        _exit(fflush(stdout) == 0 ? code : EXIT_UNSOUND);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status)) {
        return WEXITSTATUS(status);
    }
    puts(
        "\nNOT sound: the pages of a data.mdb are so damaged that they can't be walked to the end; "
        "restore it from a backup");
    return EXIT_UNSOUND;
}
