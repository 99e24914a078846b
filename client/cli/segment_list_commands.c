/* `segment add` and `segment remove`: people on the command line or in a file, sent a batch at a
 * time. Who is not found is told, and the others are put on the list, or taken off, all the same:
 * the same command again does no harm. */

#include "client/cli/command.h"
#include "client/cli/member_lines.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

#include "profiled/v1/segment_service.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { BATCH_MAX = 1000 };

/* A list on its way. */
struct listing {
    struct session *session;
    const struct arguments *arguments;
    bool add;
    struct member_lines lines;
    int64_t size; /* Of the file; 0 when not known. */
    struct progress progress;
    json_t *members;            /* The batch. */
    int64_t line_of[BATCH_MAX]; /* Of each of its members. */
    int64_t changed;
    int64_t unchanged;
    int64_t failed;
    json_t *failures; /* For JSON. */
};

/* Tells what is wrong with a line, or with a word. */
static void fail(struct listing *listing, int64_t line, const char *error) {
    listing->failed++;
    progress_end(&listing->progress);
    if (listing->lines.file != NULL) {
        fprintf(stderr, "line %" PRId64 " ", line);
    } else {
        text_tell(stderr, listing->lines.words[line - 1]);
        fputc(' ', stderr);
    }
    text_tell(stderr, error);
    fputc('\n', stderr);
    json_array_append_new(listing->failures,
                          json_pack("{s:I,s:s}", listing->lines.file != NULL ? "line" : "word",
                                    (json_int_t)line, "error", error));
}

/* Both answers are of one shape. */
static const Profiled__V1__AddSegmentMembersResponse *response_of(const ProtobufCMessage *message) {
    return (const Profiled__V1__AddSegmentMembersResponse *)message;
}

static void take(struct listing *listing, const ProtobufCMessage *message) {
    const Profiled__V1__AddSegmentMembersResponse *response = response_of(message);
    for (size_t i = 0; i < response->n_verdicts && i < BATCH_MAX; i++) {
        const Profiled__V1__SegmentMemberVerdict *verdict = response->verdicts[i];
        if (verdict->error[0] != '\0') {
            fail(listing, listing->line_of[i], verdict->error);
        } else if (verdict->changed) {
            listing->changed++;
        } else {
            listing->unchanged++;
        }
    }
    const int64_t done = listing->changed + listing->unchanged + listing->failed;
    const bool of_words = listing->lines.file == NULL;
    const struct progress_place place = {done, of_words ? done : listing->lines.size_done,
                                         of_words ? (int64_t)listing->lines.word_count
                                                  : listing->size};
    progress_tell(&listing->progress, &place, progress_now_us());
}

/* Sends what is there of a batch. */
static int send(struct listing *listing) {
    if (json_array_size(listing->members) == 0) {
        return EXIT_DONE;
    }
    json_t *request =
        json_pack("{s:s,s:o}", "name", listing->arguments->words[0], "members", listing->members);
    request_write(request, listing->arguments);
    listing->members = json_array();
    ProtobufCMessage *message = NULL;
    const int code =
        session_call(listing->session, listing->add ? "AddSegmentMembers" : "RemoveSegmentMembers",
                     request, &message);
    if (code == EXIT_DONE) {
        take(listing, message);
        profiled_message_free(message);
    }
    return code;
}

static int send_all(struct listing *listing) {
    const char *region = arguments_get(listing->arguments, OPT_REGION);
    int code = EXIT_DONE;
    while (code == EXIT_DONE && member_lines_next(&listing->lines)) {
        json_t *member = member_lines_json(&listing->lines, region);
        if (member == NULL) {
            fail(listing, listing->lines.line, listing->lines.problem);
            continue;
        }
        listing->line_of[json_array_size(listing->members)] = listing->lines.line;
        json_array_append_new(listing->members, member);
        if (json_array_size(listing->members) == BATCH_MAX) {
            code = send(listing);
        }
    }
    return code == EXIT_DONE ? send(listing) : code;
}

/* ---- what came of it ---- */

static int print_counts(const struct listing *listing) {
    const char *changed = listing->add ? "added" : "removed";
    if (listing->session->output != OUTPUT_TABLE) {
        return output_json(
            listing->session,
            json_pack("{s:s,s:I,s:I,s:I,s:O}", "segment", listing->arguments->words[0], changed,
                      (json_int_t)listing->changed, "unchanged", (json_int_t)listing->unchanged,
                      "failed", (json_int_t)listing->failed, "failures", listing->failures));
    }
    static const struct table_column columns[] = {
        {.title = "", .whole = true},
        {.title = "", .whole = true, .right = true},
    };
    struct table table;
    table_init_section(&table, columns, sizeof columns / sizeof columns[0]);
    table_add(&table, changed);
    table_add_number(&table, listing->changed);
    table_add(&table, listing->add ? "there before" : "not there");
    table_add_number(&table, listing->unchanged);
    table_add(&table, "failed");
    table_add_number(&table, listing->failed);
    table_print(&table, &listing->session->screen);
    table_free(&table);
    return EXIT_DONE;
}

/* ---- where they come from ---- */

/* False, told, when there is nobody, or two say who. */
static bool check_words(const struct arguments *arguments) {
    const bool has_words = arguments->word_count > 1;
    if (has_words == arguments_has(arguments, OPT_MEMBER_FILE)) {
        fputs(has_words ? "profilectl: people are named on the command line, or in a --file\n"
                        : "profilectl: whom? Name ids or TYPE:VALUE, or a --file\n",
              stderr);
        return false;
    }
    return true;
}

/* Opens the file, if there is one. False, told, when it can't be read. */
static bool open_file(struct listing *listing) {
    const char *path = arguments_get(listing->arguments, OPT_MEMBER_FILE);
    struct stat about;
    if (path == NULL) {
        return true;
    }
    listing->lines.file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (listing->lines.file == NULL) {
        fputs("profilectl: can't open ", stderr);
        text_tell(stderr, path);
        fprintf(stderr, ": %s\n", strerror(errno));
        return false;
    }
    if (fstat(fileno(listing->lines.file), &about) == 0 && S_ISREG(about.st_mode)) {
        listing->size = (int64_t)about.st_size;
    }
    return true;
}

/* False, told, when the file could not be read to its end. */
static bool close_file(const struct listing *listing) {
    FILE *file = listing->lines.file;
    const bool good = file == NULL || ferror(file) == 0;
    if (!good) {
        fputs("profilectl: the file can't be read to its end\n", stderr);
    }
    if (file != NULL && file != stdin) {
        fclose(file);
    }
    return good;
}

static int change_list(struct session *session, const struct arguments *arguments, bool add) {
    struct listing listing = {
        .session = session,
        .arguments = arguments,
        .add = add,
        .lines = {.words = arguments->words + 1, .word_count = arguments->word_count - 1},
        .progress = {.screen = screen_of(stderr), .noun = "people"},
    };
    if (!check_words(arguments)) {
        return EXIT_USAGE;
    }
    if (!open_file(&listing)) {
        return EXIT_LOCAL;
    }
    listing.members = json_array();
    listing.failures = json_array();
    int code = send_all(&listing);
    progress_end(&listing.progress);
    if (!close_file(&listing) && code == EXIT_DONE) {
        code = EXIT_LOCAL;
    }
    if (code <= EXIT_LOCAL || listing.changed + listing.unchanged > 0) {
        const int printed = print_counts(&listing);
        code = code == EXIT_DONE ? printed : code;
    }
    json_decref(listing.members);
    json_decref(listing.failures);
    return code == EXIT_DONE && listing.failed > 0 ? EXIT_LOCAL : code;
}

int segment_add(struct session *session, const struct arguments *arguments) {
    return change_list(session, arguments, true);
}

int segment_remove(struct session *session, const struct arguments *arguments) {
    return change_list(session, arguments, false);
}
