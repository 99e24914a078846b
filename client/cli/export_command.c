/* `profilectl export`: profiles into a file, as CSV or NDJSON. What was written is not asked for
 * again: when the connection breaks the export goes on behind the last message. */

#include "client/cli/command.h"
#include "client/cli/export_csv.h"
#include "client/cli/follow.h"
#include "client/cli/origins.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/cli/signals.h"
#include "client/json.h"

#include "profiled/v1/transfer_service.pb-c.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MODE = 0600, WHOLE_PERCENT = 100 }; /* What is written may be personal. */

struct exporting {
    struct follow follow;
    struct progress progress;
    bool is_csv;
    bool may_lack; /* What is left out because it is personal is something that was asked for. */
    struct export_columns columns; /* Of CSV. */
    const char *path;              /* NULL for standard output. */
    const char *from;              /* The token of an earlier run; NULL for none. */
    bool is_begun;                 /* A message was written. */
    bool is_torn;                  /* What could not be written may end within a profile. */
    FILE *out;                     /* NULL before the first message. */
    int64_t exported_count;
    int64_t looked_at_count;
    int64_t withheld_count;
    bool segment_ready;
};

/* ---- the file ---- */

static int told_unwritable(const struct exporting *exporting) {
    fprintf(stderr, "profilectl: %s can't be written: %s\n",
            exporting->path == NULL ? "standard output" : exporting->path, strerror(errno));
    return EXIT_LOCAL;
}

/* Whether what was written before has the columns of now: there may be other attributes by now. */
static bool has_columns(const struct exporting *exporting) {
    char *header = NULL;
    size_t size = 0;
    FILE *made = open_memstream(&header, &size);
    FILE *file = fopen(exporting->path, "re");
    assert(made != NULL);
    export_csv_header(&exporting->columns, made);
    fclose(made);
    char *there = calloc(1, size + 1);
    assert(there != NULL);
    const bool is_same =
        file != NULL && fread(there, 1, size, file) == size && memcmp(there, header, size) == 0;
    if (file != NULL) {
        fclose(file);
    }
    free(there);
    free(header);
    return is_same;
}

/* Opens a file: anew, or to go on behind what is in it. */
static int open_path(struct exporting *exporting) {
    const int flags = exporting->from == NULL ? O_CREAT | O_TRUNC : O_APPEND;
    const int fd = open(exporting->path, O_WRONLY | O_CLOEXEC | flags, FILE_MODE);
    if (fd < 0) {
        return told_unwritable(exporting);
    }
    exporting->out = fdopen(fd, "w");
    assert(exporting->out != NULL);
    if (exporting->from != NULL && exporting->is_csv && !has_columns(exporting)) {
        fprintf(stderr,
                "profilectl: %s has other columns than this export: name those by --fields\n",
                exporting->path);
        return EXIT_LOCAL;
    }
    return EXIT_DONE;
}

/* Opens it when the server has taken the request: one that it refuses costs no file. */
static int open_file(struct exporting *exporting) {
    exporting->out = stdout;
    const int code = exporting->path == NULL ? EXIT_DONE : open_path(exporting);
    if (code == EXIT_DONE && exporting->is_csv && exporting->from == NULL) {
        export_csv_header(&exporting->columns, exporting->out);
    }
    return code;
}

static int close_file(struct exporting *exporting, int code) {
    FILE *file = exporting->path == NULL ? NULL : exporting->out;
    if (file == NULL || fclose(file) == 0 || code != EXIT_DONE) {
        return code;
    }
    exporting->is_torn = true;
    return told_unwritable(exporting);
}

/* ---- messages ---- */

static void write_line(const Profiled__V1__Profile *profile, FILE *out) {
    json_t *json = json_from_message(&profile->base);
    (void)json_write(json, JSON_COMPACT, out); /* What fails is told when it is flushed. */
    fputc('\n', out);
    json_decref(json);
}

static void note_counts(struct exporting *exporting,
                        const Profiled__V1__ExportProfilesResponse *response) {
    const struct progress_place place = {.profiles = response->exported_count,
                                         .looked_at = response->progress_percent,
                                         .whole = WHOLE_PERCENT};
    exporting->exported_count = response->exported_count;
    exporting->looked_at_count = response->looked_at_count;
    exporting->withheld_count = response->withheld_value_count;
    exporting->segment_ready = response->segment_ready;
    progress_tell(&exporting->progress, &place, progress_now_us());
}

static int take(struct follow *follow, const ProtobufCMessage *message) {
    struct exporting *exporting = follow->state;
    const Profiled__V1__ExportProfilesResponse *response =
        (const Profiled__V1__ExportProfilesResponse *)message;
    const int code = exporting->out == NULL ? open_file(exporting) : EXIT_DONE;
    if (code != EXIT_DONE) {
        return code;
    }
    for (size_t i = 0; i < response->n_profiles; i++) {
        if (exporting->is_csv) {
            export_csv_row(&exporting->columns, response->profiles[i], exporting->out);
        } else {
            write_line(response->profiles[i], exporting->out);
        }
    }
    exporting->is_torn = fflush(exporting->out) != 0 || ferror(exporting->out) != 0;
    if (exporting->is_torn) {
        return told_unwritable(exporting);
    }
    exporting->is_begun = true;
    follow_set_token(follow, response->resume_token);
    follow->done = response->done;
    note_counts(exporting, response);
    return EXIT_DONE;
}

/* ---- the request ---- */

static bool read_format(const struct session *session, const struct arguments *arguments,
                        bool *is_csv) {
    const char *format = arguments_get(arguments, OPT_EXPORT_FORMAT);
    *is_csv = format == NULL ? session->output == OUTPUT_TABLE : strcmp(format, "csv") == 0;
    if (format != NULL && !*is_csv && strcmp(format, "ndjson") != 0) {
        fprintf(stderr, "profilectl: --format: must be csv or ndjson\n");
        return false;
    }
    return true;
}

/* --fields as the mapping of field masks has it: `interaction_summary` is interactionSummary. */
static json_t *mask_of(const char *list) {
    char *mask = strdup(list);
    assert(mask != NULL);
    char *to = mask;
    for (const char *from = list; *from != '\0'; from++) {
        const bool joins = *from == '_' && islower((unsigned char)from[1]) != 0;
        from += joins ? 1 : 0;
        *to++ = (char)(joins ? toupper((unsigned char)*from) : *from);
    }
    *to = '\0';
    json_t *json = json_string(mask);
    free(mask);
    return json == NULL ? json_false() : json;
}

/* The request; NULL, with an exit code, when there is none. */
static json_t *read_request(struct exporting *exporting, struct session *session,
                            const struct arguments *arguments, int *code) {
    const char *list = arguments_get(arguments, OPT_FIELDS);
    json_t *mask = NULL;
    *code = EXIT_USAGE;
    if (!read_format(session, arguments, &exporting->is_csv)) {
        return NULL;
    }
    *code = EXIT_DONE;
    if (exporting->is_csv) {
        *code = export_columns_read(session, arguments, &exporting->columns);
        /* Without a list the server is asked for all: it counts what the columns leave out. */
        const bool chosen = *code == EXIT_DONE && list != NULL;
        mask = chosen ? export_columns_mask(&exporting->columns) : NULL;
        exporting->may_lack = !chosen || export_columns_may_lack(&exporting->columns);
    } else if (list != NULL) {
        mask = mask_of(list);
        origins_note(arguments->origins, mask, OPT_FIELDS, NULL);
    }
    if (*code != EXIT_DONE) {
        return NULL;
    }
    json_t *request = json_object();
    if (mask != NULL) {
        json_object_set_new(request, "readMask", mask);
    }
    request_text(request, "segment", arguments, OPT_OF_SEGMENT);
    request_text(request, "filter", arguments, OPT_FILTER);
    request_flag(request, "includePersonal", arguments, OPT_WITH_PERSONAL);
    request_text(request, "resumeToken", arguments, OPT_FROM);
    return request;
}

/* ---- the command ---- */

static void tell_counts(const struct exporting *exporting) {
    fprintf(stderr, "%" PRId64 " profiles exported, %" PRId64 " looked at\n",
            exporting->exported_count, exporting->looked_at_count);
    if (exporting->withheld_count > 0 && exporting->may_lack) {
        fprintf(stderr, "%" PRId64 " personal values were left out: --personal has them\n",
                exporting->withheld_count);
    }
    if (!exporting->segment_ready) {
        fprintf(stderr, "The segment is still being filled: members may be missing\n");
    }
}

/* Says of an export that did not come to its end how to go on. */
static void tell_rest(const struct exporting *exporting) {
    const char *where = exporting->path == NULL ? "What was written" : exporting->path;
    if (exporting->is_torn) {
        fprintf(stderr, "%s is partial, and may end within a profile: begin anew\n", where);
    } else if (exporting->is_begun) {
        fprintf(stderr, "%s is partial: to go on behind it, the same command with --from %s\n",
                where, follow_token(&exporting->follow));
    }
}

/* Runs it. One that was stopped is not done: the exit code says so. */
static int run(struct exporting *exporting) {
    int code = follow_run_until_signal(&exporting->follow);
    progress_end(&exporting->progress);
    code = close_file(exporting, code);
    const bool is_done = code == EXIT_DONE && exporting->follow.done;
    if (is_done || exporting->exported_count > 0) {
        tell_counts(exporting);
    }
    if (!is_done) {
        tell_rest(exporting);
    }
    return is_done || code != EXIT_DONE ? code : EXIT_LOCAL;
}

int export_profiles(struct session *session, const struct arguments *arguments) {
    struct exporting exporting = {.progress = {.screen = screen_of(stderr)},
                                  .path = arguments_get(arguments, OPT_OUTPUT_FILE),
                                  .from = arguments_get(arguments, OPT_FROM),
                                  .may_lack = true,
                                  .segment_ready = true};
    if (exporting.path != NULL && strcmp(exporting.path, "-") == 0) {
        exporting.path = NULL;
    }
    int code = EXIT_DONE;
    signals_hold();
    json_t *request = read_request(&exporting, session, arguments, &code);
    if (request != NULL) {
        follow_open(&exporting.follow, session, "ExportProfiles", request, take, &exporting);
        code = run(&exporting);
        follow_close(&exporting.follow);
    }
    export_columns_free(&exporting.columns);
    return code;
}
