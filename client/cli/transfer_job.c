/* What the commands that bring a file to the server have in common. */

#include "client/cli/transfer_job.h"

#include "client/cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static bool cant_read(const struct transfer_job *job) {
    fprintf(stderr, "profilectl: can't read %s: %s\n", job->path, strerror(errno));
    return false;
}

/* Opens the file, and hashes it when it can be read twice. */
static bool open_file(struct transfer_job *job) {
    const bool is_input = strcmp(job->path, "-") == 0;
    job->hash = IMPORT_HASH_START;
    job->file = is_input ? stdin : fopen(job->path, "rb");
    struct stat info;
    if (job->file == NULL || fstat(fileno(job->file), &info) != 0) {
        return cant_read(job);
    }
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return cant_read(job);
    }
    if (is_input || !S_ISREG(info.st_mode)) {
        return true;
    }
    if (!import_hash_file(job->file, &job->hash, &job->size) ||
        fseek(job->file, 0, SEEK_SET) != 0) {
        return cant_read(job);
    }
    return true;
}

int transfer_job_open(struct transfer_job *job, const struct import_layout *layout) {
    int64_t batch;
    if (!arguments_number(job->arguments, OPT_BATCH, 1, BATCH_ROWS_MAX, BATCH_ROWS_MAX, &batch)) {
        return EXIT_USAGE;
    }
    job->transfer.batch_rows_max = (size_t)batch;
    job->path = job->arguments->words[0];
    if (!open_file(job)) {
        return EXIT_LOCAL;
    }
    job->rows_open = true;
    return import_rows_open(&job->rows, job->file, job->path, layout) ? EXIT_DONE : EXIT_LOCAL;
}

void transfer_job_digest(struct transfer_job *job, uint64_t hash) {
    if (job->size > 0) {
        import_id_format(hash, job->size, job->digest);
    }
}

void transfer_job_name(struct transfer_job *job, uint64_t hash) {
    const char *given = arguments_get(job->arguments, OPT_IMPORT_ID);
    if (given != NULL) {
        snprintf(job->import_id, sizeof job->import_id, "%s", given);
    } else if (job->size == 0) {
        profiled_request_id_make(job->import_id);
    } else {
        import_id_format(hash, job->size, job->import_id);
    }
}

char *transfer_job_text(const struct transfer_job *job, enum cli_option option) {
    static char empty[] = "";
    const char *text = arguments_get(job->arguments, option);
    return text == NULL ? empty : (char *)(uintptr_t)text;
}

/* Says what to do about a refusal that is better explained here than by the server. */
static void advise(const struct transfer_job *job, const struct profiled_error *error) {
    const struct transfer_kind *kind = job->transfer.kind;
    if (error->reason != NULL && strcmp(error->reason, kind->mismatch_reason) == 0) {
        fprintf(stderr,
                "profilectl: import %s was begun with another %s. Give another --import-id, or the "
                "file and options that it was begun with\n",
                job->import_id, kind->header_words);
    }
    if (error->code == PROFILED_DEADLINE_EXCEEDED) {
        fprintf(stderr, "profilectl: --timeout says how many seconds the server may be silent\n");
    }
    if (error->reason != NULL && strcmp(error->reason, "MESSAGE_TOO_LARGE") == 0) {
        fprintf(stderr, "profilectl: --batch says how many rows a message has: give fewer\n");
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
static int broke_off(const struct transfer_job *job, struct profiled_error *error) {
    if (job->dry_run) {
        fprintf(stderr, "profilectl: the dry run broke off; nothing was changed\n");
        if (job->transfer.sent_rows > 0) {
            fputs("So far:\n", stderr);
            job->transfer.kind->summary(&job->transfer, job->session, job->import_id, stderr);
        }
        return session_failed(job->session, error);
    }
    fprintf(stderr, "profilectl: the import broke off; the same command goes on with it%s\n",
            job->size == 0 ? ", given --import-id" : "");
    fprintf(stderr, "  import id: %s\n", job->import_id);
    advise(job, error);
    return session_failed(job->session, error);
}

/* Ends a stream that was opened, and of which no more is wanted. */
static void let_go(struct transfer *transfer, struct profiled_error *error) {
    profiled_stream_cancel(transfer->stream);
    if (!profiled_stream_finish(transfer->stream, error)) {
        profiled_error_clear(error);
    }
}

/* Whether the file has more rows than the server takes, behind those that are in already; told. */
static bool has_too_many(const struct transfer_job *job) {
    const int64_t left = job->row_count - job->transfer.durable_row;
    if (job->rows_max == 0 || left <= job->rows_max) {
        return false;
    }
    fprintf(stderr,
            "profilectl: %s has %" PRId64 " rows to try, and a dry run takes %" PRId64
            " at most: nothing was sent.\nTry a part of it, a file of its first rows, or import it "
            "in parts, each tried before\n",
            job->path, left, job->rows_max);
    return true;
}

/* Brings the rows to the server. Answers an exit code. */
static int bring(struct transfer_job *job) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct transfer *transfer = &job->transfer;
    transfer->client = session_client(job->session);
    if (transfer->client == NULL) {
        return EXIT_USAGE;
    }
    transfer->silence_ms =
        job->session->timeout_ms > 0 ? job->session->timeout_ms : TRANSFER_SILENCE_DEFAULT_MS;
    transfer->rows = &job->rows;
    if (!transfer_open(transfer, &error)) {
        if (error.code == PROFILED_DEADLINE_EXCEEDED) {
            return broke_off(job, &error); /* It may have begun all the same. */
        }
        advise(job, &error);
        return session_failed(job->session, &error);
    }
    if (has_too_many(job)) {
        let_go(transfer, &error);
        return EXIT_LOCAL;
    }
    /* Those of a dry run are not those of the rows that are in: its file begins anew. */
    if (!verdicts_open(&job->verdicts, arguments_get(job->arguments, OPT_VERDICTS),
                       job->dry_run ? 0 : transfer->durable_row)) {
        let_go(transfer, &error);
        return EXIT_LOCAL;
    }
    if (transfer->durable_row > 0) {
        fprintf(stderr, "Going on after row %lld of import %s.\n", (long long)transfer->durable_row,
                job->import_id);
    }
    const bool good = transfer_run(transfer, &error);
    transfer_report_still(transfer->report);
    return good ? EXIT_DONE : broke_off(job, &error);
}

/* Tells what came of it. Answers the command's exit code. */
static int conclude(struct transfer_job *job) {
    const struct transfer *transfer = &job->transfer;
    const bool to_stdout = job->verdicts.file == stdout;
    if (!verdicts_close(&job->verdicts)) {
        return EXIT_LOCAL;
    }
    if (job->rows.input.failed) {
        fprintf(stderr, "profilectl: %s can't be read to its end\n", job->path);
        return EXIT_LOCAL;
    }
    const bool is_done = transfer->sent_rows == 0 && transfer->begun_at_row > 0;
    if (is_done) {
        fprintf(stderr, "Nothing to do: this import is done. --import-id begins another one.\n");
    }
    if (job->dry_run) {
        fprintf(stderr, "A dry run: nothing was changed.\n");
    }
    transfer->kind->summary(transfer, job->session, job->import_id, to_stdout ? stderr : stdout);
    const int64_t failed = transfer->kind->failed(transfer);
    transfer_report_reasons(transfer->report, failed, job->dry_run && !is_done);
    return failed > 0 ? EXIT_LOCAL : EXIT_DONE;
}

int transfer_job_run(struct transfer_job *job) {
    const int code = bring(job);
    return code == EXIT_DONE ? conclude(job) : code;
}

void transfer_job_close(struct transfer_job *job) {
    if (job->rows_open) {
        import_rows_close(&job->rows);
    }
    if (job->file != NULL && job->file != stdin) {
        fclose(job->file);
    }
    verdicts_close(&job->verdicts);
}
