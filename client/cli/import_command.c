/* `profilectl import`: reads the options, settles what the file is and where its columns go, says
 * so, and then lets the rows pass from the file to the server. */

#include "client/cli/command.h"
#include "client/cli/import_fields.h"
#include "client/cli/import_id.h"
#include "client/cli/import_stream.h"
#include "client/cli/transfer_job.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DRY_ROWS_MAX = 100000 }; /* That the server holds of an import that only validates. */

/* Everything that one import holds. */
struct import_job {
    struct transfer_job base;
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
    *layout = (struct import_layout){.shape = &profiled__v1__record__descriptor,
                                     .no_header = arguments_has(arguments, OPT_NO_HEADER)};
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

/* NDJSON has no columns. False, told, when an option says something of them. */
static bool check_ndjson(const struct arguments *arguments) {
    static const enum cli_option of_csv[] = {OPT_MAP, OPT_MAP_FILE, OPT_DELIMITER, OPT_NO_HEADER};
    for (size_t i = 0; i < sizeof of_csv / sizeof of_csv[0]; i++) {
        if (arguments_has(arguments, of_csv[i])) {
            fprintf(stderr, "profilectl: NDJSON records name their fields: --%s is for CSV\n",
                    option_get(of_csv[i])->name);
            return false;
        }
    }
    return true;
}

/* Applies --map-file and --map: with either, only what they name is taken. */
static bool map_columns(struct transfer_job *job) {
    const struct arguments *arguments = job->arguments;
    struct columns *columns = &job->rows.columns;
    const char *path = arguments_get(arguments, OPT_MAP_FILE);
    const bool mapped = path != NULL || arguments_has(arguments, OPT_MAP);
    if (job->rows.format == FORMAT_NDJSON) {
        return check_ndjson(arguments);
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

static void show_layout(const struct transfer_job *job) {
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

/* Settles the digest and the id: of the file, how it is read, and what the header says. */
static void name_job(struct import_job *job) {
    struct transfer_job *base = &job->base;
    const Profiled__V1__ImportHeader *header = &job->stream.header;
    uint64_t hash = import_hash_columns(base->hash, &base->rows.columns);
    hash = import_hash_text(hash, base->rows.has_header ? "header" : "data");
    hash = import_hash(hash, &base->rows.delimiter, 1);
    transfer_job_digest(base, hash);
    const char policy[] = {(char)('0' + (int)header->conflict_policy), '\0'};
    hash = import_hash_text(hash, policy);
    hash = import_hash_text(hash, header->source);
    hash = import_hash_text(hash, header->default_region);
    transfer_job_name(base, hash);
}

/* Counts the rows of a dry run, of a file that can be read twice. */
static bool count_rows(struct transfer_job *job, const struct import_layout *layout) {
    job->rows_max = DRY_ROWS_MAX;
    FILE *file = job->size == 0 ? NULL : fopen(job->path, "rb");
    if (file == NULL) {
        return job->size == 0;
    }
    struct import_rows *rows = calloc(1, sizeof *rows); /* Too large for the stack. */
    assert(rows != NULL);
    const bool opened = import_rows_open(rows, file, job->path, layout);
    job->row_count = opened ? import_rows_count(rows) : 0;
    import_rows_close(rows);
    free(rows);
    fclose(file);
    return opened;
}

/* Settles everything that can be settled without the server. Answers an exit code. */
static int prepare(struct import_job *job) {
    struct transfer_job *base = &job->base;
    const struct arguments *arguments = base->arguments;
    Profiled__V1__ImportHeader *header = &job->stream.header;
    struct import_layout layout;
    if (!read_layout(arguments, &layout) ||
        !read_policy(arguments_get(arguments, OPT_POLICY), &header->conflict_policy)) {
        return EXIT_USAGE;
    }
    const int code = transfer_job_open(base, &layout);
    if (code != EXIT_DONE) {
        return code;
    }
    if (!map_columns(base)) {
        return EXIT_USAGE;
    }
    base->dry_run = arguments_has(arguments, OPT_DRY_RUN);
    if (base->dry_run && !count_rows(base, &layout)) {
        return EXIT_LOCAL;
    }
    header->source = transfer_job_text(base, OPT_SOURCE);
    header->default_region = transfer_job_text(base, OPT_REGION);
    header->validate_only = base->dry_run;
    name_job(job);
    header->content_digest = base->digest;
    header->import_id = base->import_id;
    return EXIT_DONE;
}

int import_file(struct session *session, const struct arguments *arguments) {
    struct import_job *job = calloc(1, sizeof *job); /* Too large for the stack. */
    assert(job != NULL);
    struct transfer_job *base = &job->base;
    base->session = session;
    base->arguments = arguments;
    profiled__v1__import_header__init(&job->stream.header);
    int code = prepare(job);
    if (code == EXIT_DONE) {
        code = import_fields_check(session, &base->rows.columns);
    }
    if (code == EXIT_DONE) {
        show_layout(base);
        import_report_open(&job->stream.report, &base->verdicts, &base->rows.columns, base->size);
        base->transfer.kind = &import_stream_kind;
        base->transfer.state = &job->stream;
        base->transfer.report = &job->stream.report.base;
        code = transfer_job_run(base);
    }
    transfer_job_close(base);
    free(job);
    return code;
}
