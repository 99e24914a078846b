/* Filters of profiles: errors in the form of the wire, and profiles one after the other in the same
 * memory. */

#include "server/handlers/profile_filter.h"

#include <string.h>

#include "server/base/limits.h"

enum { PERSON_ARENA_SIZE = 64 << 20 };

void filter_error_tell(struct rpc_context *ctx, struct status status,
                       const struct filter_error *error) {
    if (status.reason != REASON_FILTER_INVALID) {
        return;
    }
    rpc_error_metadata(ctx, "offset", arena_format(ctx->arena, "%zu", error->offset));
    rpc_error_metadata(ctx, "found", error->found);
    rpc_error_metadata(ctx, "expected", error->expected);
    if (error->nearest != NULL) {
        rpc_error_metadata(ctx, "nearest", error->nearest);
    }
}

struct status profile_filter_read(struct rpc_context *ctx, const char *text, bool is_kept,
                                  struct profile_filter *out) {
    return profile_filter_read_of(ctx, NULL, text, is_kept, out);
}

static struct status read(struct rpc_context *ctx, const char *segment, const char *text,
                          bool is_kept, struct profile_filter *out, struct filter_error *error) {
    struct field_names names;
    *out = (struct profile_filter){.text = text, .fields = {.arena = ctx->arena}};
    TRY(field_names_read(ctx->store, ctx->default_region, ctx->now_us, &names));
    names.segment = segment;
    names.is_accepted = is_kept;
    TRY(filter_compile(text, &names, &out->fields, &out->filter, error));
    out->traits = names.traits;
    arena_init(&out->scratch, PERSON_ARENA_SIZE);
    return OK;
}

struct status profile_filter_read_of(struct rpc_context *ctx, const char *segment, const char *text,
                                     bool is_kept, struct profile_filter *out) {
    struct filter_error error = {.nearest = NULL};
    const struct status status = read(ctx, segment, text, is_kept, out, &error);
    filter_error_tell(ctx, status, &error);
    return status;
}

/* One that was accepted, and can't be read any more: where a segment that it names is gone, that is
 * what is told. */
static struct status read_kept(struct rpc_context *ctx, const char *text,
                               struct profile_filter *out) {
    struct filter_error error = {.nearest = NULL};
    const struct status status = read(ctx, NULL, text, true, out, &error);
    if (status.reason == REASON_FILTER_INVALID && error.segment != NULL) {
        rpc_error_metadata(ctx, "field", "filter");
        rpc_error_metadata(ctx, "segment", error.segment);
        return status_of(STATUS_NOT_FOUND, REASON_SEGMENT_NOT_FOUND,
                         "a segment that the filter names was deleted or archived: see segment");
    }
    filter_error_tell(ctx, status, &error);
    return status;
}

struct status profile_filter_go_on(struct rpc_context *ctx, const char *text, const char **kept,
                                   struct profile_filter *out) {
    if (*kept != NULL) {
        return read_kept(ctx, *kept, out);
    }
    TRY(profile_filter_read(ctx, text, false, out));
    *kept = arena_string(ctx->stream_arena,
                         bytes_of_string(filter_settle(text, &out->filter, ctx->arena)));
    return OK;
}

struct status profile_filter_settle(struct rpc_context *ctx, struct profile_filter *filter,
                                    const char *field, const char **out) {
    *out = filter_settle(filter->text, &filter->filter, ctx->arena);
    if (strlen(*out) > FILTER_SIZE_MAX) {
        rpc_violation(ctx, "is longer than 4,096 bytes with its values in canonical form", "%s",
                      field);
        return rpc_violations_status(ctx);
    }
    return OK;
}

struct status profile_filter_takes(struct rpc_context *ctx, struct profile_filter *filter,
                                   struct id id, bool *out) {
    *out = true;
    if (filter->filter.test_count == 0) {
        return OK;
    }
    const struct profile *profile = NULL;
    arena_reset(&filter->scratch);
    struct store_view *view = store_view_beside(ctx->store, &filter->scratch);
    TRY(store_profile_get(view, id, &profile));
    *out = profile != NULL && profile_is_live(profile);
    if (!*out) {
        return OK;
    }
    struct person person = person_of(view, profile, ctx->now_us, &filter->scratch);
    person.traits = filter->traits;
    return filter_holds_for(&filter->filter, &filter->fields, &person, out);
}

void profile_filter_free(struct profile_filter *filter) { arena_free(&filter->scratch); }
