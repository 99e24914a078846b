#pragma once
/* A command that brings a file to the server: the file, its name, its verdicts, and what is said.
 */

#include "client/cli/import_id.h"
#include "client/cli/transfer.h"

struct transfer_job {
    struct session *session;
    const struct arguments *arguments;
    const char *path;
    FILE *file;
    struct verdicts verdicts;
    int64_t size; /* Of the file; 0 for standard input. */
    uint64_t hash;
    char import_id[IMPORT_ID_SIZE * 3];
    char digest[IMPORT_ID_SIZE]; /* Of the file and how it is read; "" of standard input. */
    bool dry_run;
    int64_t row_count; /* Of a dry run of a file; 0: not known. */
    int64_t rows_max;  /* That the server takes; 0: any number. */
    struct import_rows rows;
    bool rows_open;
    struct transfer transfer;
};

/* Opens the file that the first word names, `-` being standard input, and begins to read it.
 * Answers an exit code. */
int transfer_job_open(struct transfer_job *job, const struct import_layout *layout);

/* Settles the digest of what is brought, by which the server knows another file under the same id:
 * `hash` is the job's and that of how the file is read. Standard input can't be read twice: it has
 * none. */
void transfer_job_digest(struct transfer_job *job, uint64_t hash);

/* Settles the id: --import-id, or one made of a hash of all that the header says. What is as it was
 * in the run before has the id that it had then; a dry run has that of the import which it tries,
 * and begins where that would. There is nothing to go on with of standard input. */
void transfer_job_name(struct transfer_job *job, uint64_t hash);

/* The text of an option for a message, whose members are not const: packing only reads them. ""
 * when it was not given. */
char *transfer_job_text(const struct transfer_job *job, enum cli_option option);

/* Brings the rows to the server and tells what came of it. The transfer has its kind, state and
 * report already. Answers an exit code. */
int transfer_job_run(struct transfer_job *job);

/* Closes whatever is open. */
void transfer_job_close(struct transfer_job *job);
