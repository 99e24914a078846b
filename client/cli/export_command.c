/* `profilectl export`: profiles into a file, as CSV or NDJSON. What was written is not asked for
 * again: when the connection breaks the export goes on behind the last message. */

#include "client/cli/command.h"
#include "client/cli/export_csv.h"
#include "client/cli/follow.h"
#include "client/cli/origins.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
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

/* Opens it when the server has taken the request: one that it refuses costs no file. */
static int open_file(struct exporting *exporting) {
    if (exporting->path == NULL) {
        exporting->out = stdout;
    } else {
        const int fd = open(exporting->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
        if (fd < 0) {
            return told_unwritable(exporting);
        }
        exporting->out = fdopen(fd, "w");
        assert(exporting->out != NULL);
    }
    if (exporting->is_csv) {
        export_csv_header(&exporting->columns, exporting->out);
    }
    return EXIT_DONE;
}

static int close_file(struct exporting *exporting, int code) {
    FILE *file = exporting->path == NULL ? NULL : exporting->out;
    return file != NULL && fclose(file) != 0 && code == EXIT_DONE ? told_unwritable(exporting)
                                                                  : code;
}

/* ---- messages ---- */

static void write_line(const Profiled__V1__Profile *profile, FILE *out) {
    json_t *json = json_from_message(&profile->base);
    (void)json_dumpf(json, out, JSON_COMPACT); /* What fails is told when it is flushed. */
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
    if (fflush(exporting->out) != 0 || ferror(exporting->out) != 0) {
        return told_unwritable(exporting);
    }
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

int export_profiles(struct session *session, const struct arguments *arguments) {
    struct exporting exporting = {.progress = {.screen = screen_of(stderr)},
                                  .path = arguments_get(arguments, OPT_OUTPUT_FILE),
                                  .may_lack = true,
                                  .segment_ready = true};
    if (exporting.path != NULL && strcmp(exporting.path, "-") == 0) {
        exporting.path = NULL;
    }
    int code = EXIT_DONE;
    json_t *request = read_request(&exporting, session, arguments, &code);
    if (request != NULL) {
        follow_open(&exporting.follow, session, "ExportProfiles", request, take, &exporting);
        code = follow_run(&exporting.follow);
        progress_end(&exporting.progress);
        code = close_file(&exporting, code);
        if (code == EXIT_DONE || exporting.exported_count > 0) {
            tell_counts(&exporting);
        }
        follow_close(&exporting.follow);
    }
    export_columns_free(&exporting.columns);
    return code;
}
