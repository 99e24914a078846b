/* `profilectl interaction import`: lines of JSON, each an interaction and whose it is. */

#include "client/cli/command.h"
#include "client/cli/interaction_stream.h"
#include "client/cli/transfer_job.h"

#include <assert.h>
#include <stdlib.h>

/* Everything that one import holds. */
struct import_job {
    struct transfer_job base;
    struct interaction_stream stream;
};

/* Settles everything that can be settled without the server. Answers an exit code. */
static int prepare(struct import_job *job) {
    static const struct import_layout layout = {
        .format = FORMAT_NDJSON, .shape = &profiled__v1__interaction_record__descriptor};
    struct transfer_job *base = &job->base;
    Profiled__V1__InteractionStreamHeader *header = &job->stream.header;
    const int code = transfer_job_open(base, &layout);
    if (code != EXIT_DONE) {
        return code;
    }
    if (base->rows.input.end > 0 &&
        import_format_guess(&base->rows.input, base->path) != FORMAT_NDJSON) {
        fprintf(stderr, "profilectl: %s does not begin with {: interactions are JSON, one a line\n",
                base->path);
        return EXIT_LOCAL;
    }
    header->source = transfer_job_text(base, OPT_EVENT_SOURCE);
    header->default_region = transfer_job_text(base, OPT_REGION);
    transfer_job_digest(base, base->hash);
    uint64_t hash = import_hash_text(base->hash, "interactions");
    hash = import_hash_text(hash, header->source);
    hash = import_hash_text(hash, header->default_region);
    transfer_job_name(base, hash);
    header->content_digest = base->digest;
    header->stream_id = base->import_id;
    return EXIT_DONE;
}

int interaction_import(struct session *session, const struct arguments *arguments) {
    struct import_job *job = calloc(1, sizeof *job); /* Too large for the stack. */
    assert(job != NULL);
    struct transfer_job *base = &job->base;
    base->session = session;
    base->arguments = arguments;
    profiled__v1__interaction_stream_header__init(&job->stream.header);
    profiled__v1__interaction_stream_counts__init(&job->stream.counts);
    int code = prepare(job);
    if (code == EXIT_DONE) {
        transfer_report_open(&job->stream.report, &base->verdicts, base->size);
        base->transfer.kind = &interaction_stream_kind;
        base->transfer.state = &job->stream;
        base->transfer.report = &job->stream.report;
        code = transfer_job_run(base);
    }
    transfer_job_close(base);
    free(job);
    return code;
}
