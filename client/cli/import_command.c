/* `profilectl import`: reads the options, settles what the file is and where its columns go, says
 * so, and then lets the rows pass from the file to the server. */

#include "client/cli/command.h"
#include "client/cli/import_fields.h"
#include "client/cli/import_id.h"
#include "client/cli/import_stream.h"
#include "client/cli/session.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Everything that one import holds; freed by close_job() in whatever state it is. */
struct import_job {
    struct session *session;
    const struct arguments *arguments;
    const char *path;
    FILE *file;
    struct verdicts verdicts;
    int64_t size; /* Of the file; 0 for standard input. */
    uint64_t hash;
    char import_id[IMPORT_ID_SIZE * 3];
    char digest[IMPORT_ID_SIZE]; /* Of the file and its mapping; "" of standard input. */
    Profiled__V1__ImportHeader header;
    struct import_rows rows;
    bool rows_open;
    struct import_report report;
    struct import_stream stream;
};

static bool read_delimiter(const char *text, char *out) {
    if (text == NULL) {
        return true;
    }
    if (strcmp(text, "\\t") == 0 || strcasecmp(text, "tab") == 0) {
        text = "\t";
    }
    if (strlen(text) != 1 || *text == '"' || *text == '\n' || *text == '\r') {
        fprintf(stderr, "profilectl: --delimiter: must be one character, or tab\n");
        return false;
    }
    *out = *text;
    return true;
}

static bool read_layout(const struct arguments *arguments, struct import_layout *layout) {
    const char *format = arguments_get(arguments, OPT_FORMAT);
    *layout = (struct import_layout){.no_header = arguments_has(arguments, OPT_NO_HEADER)};
    if (format != NULL && strcmp(format, "csv") == 0) {
        layout->format = FORMAT_CSV;
    } else if (format != NULL && strcmp(format, "ndjson") == 0) {
        layout->format = FORMAT_NDJSON;
    } else if (format != NULL) {
        fprintf(stderr, "profilectl: --format: must be csv or ndjson\n");
        return false;
    }
    return read_delimiter(arguments_get(arguments, OPT_DELIMITER), &layout->delimiter);
}

static bool read_policy(const char *name, Profiled__V1__ConflictPolicy *out) {
    static const struct {
        const char *name;
        Profiled__V1__ConflictPolicy policy;
    } policies[] = {
        {"merge", PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_MERGE},
        {"skip", PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_SKIP},
        {"fail", PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_FAIL},
        {"replace", PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_REPLACE},
    };
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        if (name == NULL || strcmp(name, policies[i].name) == 0) {
            *out = policies[i].policy;
            return true;
        }
    }
    fprintf(stderr, "profilectl: --policy: must be merge, skip, fail or replace\n");
    return false;
}

/* Opens the file, and hashes it when it can be read twice. */
static bool open_file(struct import_job *job) {
    const bool is_input = strcmp(job->path, "-") == 0;
    job->hash = IMPORT_HASH_START;
    job->file = is_input ? stdin : fopen(job->path, "rb");
    struct stat info;
    if (job->file == NULL || fstat(fileno(job->file), &info) != 0 || S_ISDIR(info.st_mode)) {
        fprintf(stderr, "profilectl: %s can't be read\n", job->path);
        return false;
    }
    if (is_input || !S_ISREG(info.st_mode)) {
        return true;
    }
    if (!import_hash_file(job->file, &job->hash, &job->size) ||
        fseek(job->file, 0, SEEK_SET) != 0) {
        fprintf(stderr, "profilectl: %s can't be read\n", job->path);
        return false;
    }
    return true;
}

/* Applies --map-file and --map: with either, only what they name is taken. */
static bool map_columns(struct import_job *job) {
    const struct arguments *arguments = job->arguments;
    struct columns *columns = &job->rows.columns;
    const char *path = arguments_get(arguments, OPT_MAP_FILE);
    const bool mapped = path != NULL || arguments_has(arguments, OPT_MAP);
    if (job->rows.format == FORMAT_NDJSON) {
        if (mapped) {
            fprintf(stderr, "profilectl: NDJSON records name their fields: --map is for CSV\n");
        }
        return !mapped;
    }
    for (size_t i = 0; mapped && i < columns->count; i++) {
        columns->items[i].target = COLUMN_IGNORED; /* Whatever was guessed of it. */
        columns->items[i].key[0] = '\0';
    }
    if (path != NULL && !columns_map_file(columns, path)) {
        return false;
    }
    size_t position = 0;
    for (const char *mapping = arguments_next(arguments, OPT_MAP, &position); mapping != NULL;
         mapping = arguments_next(arguments, OPT_MAP, &position)) {
        if (!columns_map(columns, mapping)) {
            return false;
        }
    }
    return columns_check(columns);
}

static void show_layout(const struct import_job *job) {
    const struct import_rows *rows = &job->rows;
    if (rows->format == FORMAT_NDJSON) {
        fprintf(stderr, "NDJSON: one record a line.\n");
        return;
    }
    char delimiter[8];
    snprintf(delimiter, sizeof delimiter, rows->delimiter == '\t' ? "tab" : "`%c`",
             rows->delimiter);
    fprintf(stderr, "CSV: fields separated by %s%s.%s\n", delimiter,
            arguments_has(job->arguments, OPT_DELIMITER) ? "" : " (guessed)",
            rows->has_header ? ""
                             : " No header: the first row is data, and columns are named by "
                               "position.");
    const struct screen screen = screen_of(stderr);
    columns_show(&rows->columns, &screen);
    if (arguments_has(job->arguments, OPT_MAP) || arguments_has(job->arguments, OPT_MAP_FILE)) {
        fprintf(stderr, "Only mapped columns are taken.\n");
    }
}

/* Settles the digest of what is imported, by which the server knows another file under the same id.
 * Standard input can't be read twice: it has none. Answers the hash. */
static uint64_t choose_digest(struct import_job *job) {
    uint64_t hash = import_hash_columns(job->hash, &job->rows.columns);
    hash = import_hash_text(hash, job->rows.has_header ? "header" : "data");
    hash = import_hash(hash, &job->rows.delimiter, 1);
    if (job->size > 0) {
        import_id_format(hash, job->size, job->digest);
    }
    job->header.content_digest = job->digest;
    return hash;
}

/* What is as it was in the run before has the id that it had then; a dry run has that of the import
 * which it tries, and begins where that would. There is nothing to go on with of standard input,
 * which can't be read twice. */
static void choose_id(struct import_job *job, uint64_t hash) {
    const char *given = arguments_get(job->arguments, OPT_IMPORT_ID);
    if (given != NULL) {
        snprintf(job->import_id, sizeof job->import_id, "%s", given);
        return;
    }
    if (job->size == 0) {
        profiled_request_id_make(job->import_id);
        return;
    }
    const char policy[] = {(char)('0' + (int)job->header.conflict_policy), '\0'};
    hash = import_hash_text(hash, policy);
    hash = import_hash_text(hash, job->header.source);
    hash = import_hash_text(hash, job->header.default_region);
    import_id_format(hash, job->size, job->import_id);
}

/* Settles everything that can be settled without the server. Answers an exit code. */
static int prepare(struct import_job *job) {
    const struct arguments *arguments = job->arguments;
    struct import_layout layout;
    int64_t batch;
    if (!read_layout(arguments, &layout) ||
        !read_policy(arguments_get(arguments, OPT_POLICY), &job->header.conflict_policy) ||
        !arguments_number(arguments, OPT_BATCH, 1, BATCH_ROWS_MAX, BATCH_ROWS_MAX, &batch)) {
        return EXIT_USAGE;
    }
    if (!open_file(job)) {
        return EXIT_LOCAL;
    }
    job->rows_open = true;
    if (!import_rows_open(&job->rows, job->file, job->path, &layout)) {
        return EXIT_LOCAL;
    }
    if (!map_columns(job)) {
        return EXIT_USAGE;
    }
    static char empty[] = "";
    const char *source = arguments_get(arguments, OPT_SOURCE);
    const char *region = arguments_get(arguments, OPT_REGION);
    /* The message's members are not const; packing only reads them. */
    job->header.source = source == NULL ? empty : (char *)(uintptr_t)source;
    job->header.default_region = region == NULL ? empty : (char *)(uintptr_t)region;
    job->header.validate_only = arguments_has(arguments, OPT_DRY_RUN);
    choose_id(job, choose_digest(job));
    job->header.import_id = job->import_id;
    job->stream.batch_rows_max = (size_t)batch;
    return EXIT_DONE;
}

/* Says what to do about a refusal that is better explained here than by the server. */
static void advise(const struct import_job *job, const struct profiled_error *error) {
    if (error->reason != NULL && strcmp(error->reason, "IMPORT_MISMATCH") == 0) {
        fprintf(stderr,
                "profilectl: import %s was begun with another file, mapping, policy, source or "
                "region. Give another --import-id, or the file and options that it was begun "
                "with\n",
                job->import_id);
    }
    if (error->code == PROFILED_DEADLINE_EXCEEDED) {
        fprintf(stderr, "profilectl: --timeout says how many seconds the server may be silent\n");
    }
    for (size_t i = 0; i < error->violation_count; i++) {
        if (strcmp(error->violations[i].name, "batch.rows[0].row") == 0) {
            fprintf(stderr,
                    "profilectl: another run of import %s is under way and is ahead of this one, "
                    "which ends here. Rows are never taken twice\n",
                    job->import_id);
        }
    }
}

/* Tells that the rows did not all get through. Answers an exit code. */
static int broke_off(const struct import_job *job, struct profiled_error *error) {
    if (job->header.validate_only) {
        fprintf(stderr, "profilectl: the dry run broke off; nothing was changed\n");
        return session_failed(error);
    }
    fprintf(stderr, "profilectl: the import broke off; the same command goes on with it%s\n",
            job->size == 0 ? ", given --import-id" : "");
    fprintf(stderr, "  import id: %s\n", job->import_id);
    advise(job, error);
    return session_failed(error);
}

/* Brings the rows to the server. Answers an exit code. */
static int transfer(struct import_job *job) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct import_stream *stream = &job->stream;
    stream->client = session_client(job->session);
    if (stream->client == NULL) {
        return EXIT_USAGE;
    }
    stream->silence_ms =
        job->session->timeout_ms > 0 ? job->session->timeout_ms : IMPORT_SILENCE_DEFAULT_MS;
    stream->header = &job->header;
    stream->rows = &job->rows;
    stream->report = &job->report;
    import_report_open(&job->report, &job->verdicts, &job->rows.columns, job->size);
    if (!import_stream_open(stream, &error)) {
        if (error.code == PROFILED_DEADLINE_EXCEEDED) {
            return broke_off(job, &error); /* It may have begun all the same. */
        }
        advise(job, &error);
        return session_failed(&error);
    }
    /* Those of a dry run are not those of the rows that are in: its file begins anew. */
    if (!verdicts_open(&job->verdicts, arguments_get(job->arguments, OPT_VERDICTS),
                       job->header.validate_only ? 0 : stream->durable_row)) {
        profiled_stream_cancel(stream->stream);
        if (!profiled_stream_finish(stream->stream, &error)) {
            profiled_error_clear(&error);
        }
        return EXIT_LOCAL;
    }
    if (stream->durable_row > 0) {
        fprintf(stderr, "Going on after row %lld of import %s.\n", (long long)stream->durable_row,
                job->import_id);
    }
    const bool good = import_stream_run(stream, &error);
    import_report_still(&job->report);
    return good ? EXIT_DONE : broke_off(job, &error);
}

/* Tells what came of it. Answers the command's exit code. */
static int conclude(struct import_job *job) {
    const bool to_stdout = job->verdicts.file == stdout;
    if (!verdicts_close(&job->verdicts)) {
        return EXIT_LOCAL;
    }
    if (job->rows.input.failed) {
        fprintf(stderr, "profilectl: %s can't be read to its end\n", job->path);
        return EXIT_LOCAL;
    }
    if (job->stream.sent_rows == 0 && job->stream.begun_at_row > 0) {
        fprintf(stderr, "Nothing to do: all rows of this import are in. --import-id begins "
                        "another one.\n");
    }
    if (job->header.validate_only) {
        fprintf(stderr, "A dry run: nothing was changed.\n");
    }
    const int code = import_report_summary(&job->report, job->session, job->import_id,
                                           to_stdout ? stderr : stdout);
    import_report_reasons(&job->report, job->header.validate_only);
    return code == EXIT_DONE && import_report_failed(&job->report) > 0 ? EXIT_LOCAL : code;
}

static void close_job(struct import_job *job) {
    if (job->rows_open) {
        import_rows_close(&job->rows);
    }
    if (job->file != NULL && job->file != stdin) {
        fclose(job->file);
    }
    verdicts_close(&job->verdicts);
    free(job);
}

int import_file(struct session *session, const struct arguments *arguments) {
    struct import_job *job = calloc(1, sizeof *job); /* Too large for the stack. */
    assert(job != NULL);
    job->session = session;
    job->arguments = arguments;
    job->path = arguments->words[0];
    profiled__v1__import_header__init(&job->header);
    int code = prepare(job);
    if (code == EXIT_DONE) {
        code = import_fields_check(session, &job->rows.columns);
    }
    if (code == EXIT_DONE) {
        show_layout(job);
        code = transfer(job);
    }
    if (code == EXIT_DONE) {
        code = conclude(job);
    }
    close_job(job);
    return code;
}
