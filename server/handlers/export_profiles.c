/* ExportProfiles: profiles in volume, in the order in which they were made. A feed: each run goes
 * through some hundred profiles on a snapshot of its own and answers one message, so that nothing
 * is held while the network takes it. All that is to be remembered is where the run ended, and what
 * was counted until then, which is the token.
 *
 * The export ends at the profile that was the last one when it began: whoever writes faster than it
 * reads can't keep it from its end. */

#include <string.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/handlers/profile_filter.h"
#include "server/handlers/profile_mask.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/profile_personal.h"
#include "server/handlers/profile_rows.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

/* What one run does at most: some hundredths of a second, for other feeds wait for it. */
enum {
    RUN_PROFILES = 500,         /* Looked at. */
    RUN_ARENA = 32 << 20,       /* Bytes of what was read. */
    MESSAGE_SIZE_MAX = 1 << 20, /* Bytes of profiles in one message; the last one may be beyond. */
    PERCENT_BEFORE_END = 99,
};

static const char purpose[] = "ExportProfiles";

/* Where an export has come to. A token holds it as it is in memory, behind the fingerprint of what
 * is asked for: a server reads its own alone. Behind it stands the filter in canonical form, where
 * that is another one than was asked for. */
struct place {
    struct id first;     /* The first profile that there was when it began, */
    struct id last;      /* and the last one; zero where there was none. */
    struct id looked_at; /* The last one that was looked at; zero: none yet. */
    int64_t looked_at_count;
    int64_t exported_count;
    int64_t withheld_count;
};

/* What the runs share, in the stream's arena. */
struct exporting {
    struct place place;
    const char *filter; /* profile_filter_go_on(). */
};

enum { TOKEN_SIZE = VAULT_FINGERPRINT_SIZE + sizeof(struct place) };
static_assert(sizeof(struct place) == 3 * ID_SIZE + 3 * 8, "a place has no padding");

/* One run. */
struct run {
    struct rpc_context *ctx;
    const Profiled__V1__ExportProfilesRequest *request;
    Profiled__V1__ExportProfilesResponse *response;
    struct exporting *exporting;
    struct place *place; /* Its. */
    struct profile_filter filter;
    struct store_choice choice; /* Of the filter, and the segment. */
    const struct identity_rules *rules;
    struct profile_personal personal;
    size_t size; /* Bytes of profiles so far. */
};

/* ---- the request ---- */

static void export_profiles_check(struct rpc_context *ctx,
                                  const Profiled__V1__ExportProfilesRequest *request) {
    if (request->segment[0] != '\0') {
        segment_name_check(ctx, request->segment, "segment");
    }
    profile_mask_check(ctx, request->read_mask, "read_mask");
}

/* The fingerprint of what is asked for: counts and places of one export mean nothing to another. */
static struct fingerprint request_hash(struct rpc_context *ctx,
                                       const Profiled__V1__ExportProfilesRequest *request) {
    const size_t paths = request->read_mask == NULL ? 0 : request->read_mask->n_paths;
    struct bytes *parts = arena_array(ctx->arena, paths + 3, sizeof *parts);
    parts[0] = bytes_of_string(request->segment);
    parts[1] = bytes_of_string(request->filter);
    parts[2] = bytes_of_string(request->include_personal ? "personal" : "");
    for (size_t i = 0; i < paths; i++) {
        parts[i + 3] = bytes_of_string(request->read_mask->paths[i]);
    }
    return store_fingerprint(store_view_store(ctx->store), parts, paths + 3);
}

/* ---- tokens ---- */

static char *token_write(const struct run *run) {
    const char *filter =
        strcmp(run->exporting->filter, run->request->filter) == 0 ? "" : run->exporting->filter;
    const size_t size = TOKEN_SIZE + strlen(filter);
    uint8_t *content = arena_alloc(run->ctx->arena, size);
    const struct fingerprint hash = request_hash(run->ctx, run->request);
    memcpy(content, hash.bytes, VAULT_FINGERPRINT_SIZE);
    memcpy(content + VAULT_FINGERPRINT_SIZE, run->place, sizeof *run->place);
    memcpy(content + TOKEN_SIZE, filter, size - TOKEN_SIZE);
    return wire_string(
        store_token_seal(run->ctx->store, purpose, run->ctx->now_us, bytes_of(content, size)));
}

static struct status token_read(const struct run *run, struct exporting *out) {
    const struct fingerprint hash = request_hash(run->ctx, run->request);
    struct bytes content;
    int64_t seal_us = 0;
    const struct status status = store_token_open_any(
        run->ctx->store, purpose, run->request->resume_token, &seal_us, &content);
    if (status.reason == REASON_PAGE_TOKEN_INVALID ||
        (status_is_ok(status) && (content.size < TOKEN_SIZE ||
                                  memcmp(content.data, hash.bytes, VAULT_FINGERPRINT_SIZE) != 0))) {
        return status_of(
            STATUS_INVALID_ARGUMENT, REASON_RESUME_TOKEN_INVALID,
            "the resume token is not one of this server's, was changed, or is of another "
            "workspace or another export");
    }
    TRY(status);
    memcpy(&out->place, content.data + VAULT_FINGERPRINT_SIZE, sizeof out->place);
    out->filter = content.size == TOKEN_SIZE
                      ? arena_string(run->ctx->stream_arena, bytes_of_string(run->request->filter))
                      : arena_string(run->ctx->stream_arena, bytes_of(content.data + TOKEN_SIZE,
                                                                      content.size - TOKEN_SIZE));
    return OK;
}

/* ---- the beginning ---- */

static struct status start(struct run *run) {
    struct rpc_context *ctx = run->ctx;
    struct exporting *exporting = arena_alloc(ctx->stream_arena, sizeof *exporting);
    if (run->request->resume_token[0] != '\0') {
        TRY(token_read(run, exporting));
    } else {
        TRY(profile_rows_end(ctx->store, false, &exporting->place.first));
        TRY(profile_rows_end(ctx->store, true, &exporting->place.last));
    }
    *ctx->stream = exporting;
    return OK;
}

/* What indexes know of the filter, and of the segment. */
static struct status read_choice(struct run *run) {
    struct rpc_context *ctx = run->ctx;
    run->response->segment_ready = true;
    run->choice = filter_choice(&run->filter.filter, &run->filter.fields, ctx->now_us);
    if (run->request->segment[0] == '\0') {
        return OK;
    }
    struct store_segment segment;
    bool ready = false;
    TRY(segment_find(ctx, run->request->segment, "segment", &segment));
    TRY(segment_is_ready(ctx, &segment, &ready));
    run->response->segment_ready = ready;
    struct profile_term *term = arena_alloc(ctx->arena, sizeof *term);
    *term = (struct profile_term){PROFILE_TERM_MEMBER, "segments",
                                  arena_format(ctx->arena, "%u", segment.number)};
    struct store_clause *clauses =
        arena_append(ctx->arena, run->choice.clauses, run->choice.clause_count, sizeof *clauses);
    clauses[run->choice.clause_count++] = (struct store_clause){1, term};
    run->choice.clauses = clauses;
    return OK;
}

/* ---- telling ---- */

/* The profile's message as it is asked for; *out is NULL where there is none to tell. */
static struct status message_of(struct run *run, struct id id, Profiled__V1__Profile **out) {
    struct rpc_context *ctx = run->ctx;
    const struct profile *profile = NULL;
    *out = NULL;
    if (profile_mask_is_id(run->request->read_mask) && run->choice.clause_count > 0) {
        *out = arena_alloc(ctx->arena, sizeof **out); /* Indexes have those alone that are live. */
        profiled__v1__profile__init(*out);
        (*out)->id = wire_id(id, ctx->arena);
        return OK;
    }
    TRY(store_profile_get(ctx->store, id, &profile));
    if (profile == NULL || !profile_is_live(profile)) {
        return OK;
    }
    TRY(profile_message_by(ctx, run->rules, profile, out));
    profile_mask_apply(run->request->read_mask, *out);
    if (!run->request->include_personal) {
        run->place->withheld_count += (int64_t)profile_personal_withhold(&run->personal, *out);
    }
    return OK;
}

static struct status look_at(struct run *run, struct id id) {
    bool takes = false;
    Profiled__V1__Profile *message = NULL;
    run->place->looked_at_count++;
    TRY(profile_filter_takes(run->ctx, &run->filter, id, &takes));
    if (takes) {
        TRY(message_of(run, id, &message));
    }
    if (message != NULL) {
        run->size += profiled__v1__profile__get_packed_size(message);
        run->response->profiles[run->response->n_profiles++] = message;
        run->place->exported_count++;
    }
    return OK;
}

/* Whether the run has held its snapshot, or filled its message or its memory, for as long as it
 * may. */
static bool is_over(const struct run *run) {
    return run->size >= MESSAGE_SIZE_MAX || run->ctx->arena->used > RUN_ARENA ||
           store_view_is_over(run->ctx->store);
}

/* Goes through the next profiles; *more where it has not come to the last one. */
static struct status tell_page(struct run *run, bool *more) {
    struct place *place = run->place;
    struct store_cursor cursor = {.set = !id_is_zero(place->looked_at), .id = place->looked_at};
    struct id *ids = arena_array(run->ctx->arena, RUN_PROFILES, sizeof *ids);
    size_t count = 0;
    TRY(store_profile_scan(run->ctx->store, STORE_BY_CREATE, false, &run->choice, &cursor,
                           RUN_PROFILES, ids, &count, more, NULL));
    for (size_t i = 0; i < count; i++) {
        if (id_compare(ids[i], place->last) > 0) {
            *more = false; /* It was made after the export began. */
            return OK;
        }
        if (i > 0 && is_over(run)) {
            *more = true;
            return OK;
        }
        TRY(look_at(run, ids[i]));
        place->looked_at = ids[i];
    }
    if (cursor.set) {
        place->looked_at = cursor.id; /* Behind rows that have not all terms. */
    }
    *more = *more && id_compare(place->looked_at, place->last) < 0;
    return OK;
}

static int32_t percent_of(const struct place *place, bool more) {
    const int64_t begin_us = id_time_us(place->first);
    const int64_t whole_us = id_time_us(place->last) - begin_us;
    const int64_t come_us = id_time_us(place->looked_at) - begin_us;
    if (!more) {
        return 100;
    }
    if (whole_us <= 0 || come_us <= 0) {
        return 0;
    }
    const int64_t percent = (int64_t)((double)come_us / (double)whole_us * 100);
    return (int32_t)(percent > PERCENT_BEFORE_END ? PERCENT_BEFORE_END : percent);
}

/* ---- a run ---- */

static struct status answer(struct run *run) {
    struct rpc_context *ctx = run->ctx;
    Profiled__V1__ExportProfilesResponse *response = run->response;
    bool more = false;
    TRY(read_choice(run));
    TRY(identity_rules_read(ctx->store, &run->rules));
    TRY(profile_personal_read(ctx->store, &run->personal));
    response->profiles = arena_array(ctx->arena, RUN_PROFILES, sizeof *response->profiles);
    if (!id_is_zero(run->place->last)) {
        TRY(tell_page(run, &more));
    }
    response->resume_token = token_write(run);
    response->exported_count = run->place->exported_count;
    response->looked_at_count = run->place->looked_at_count;
    response->withheld_value_count = run->place->withheld_count;
    response->progress_percent = percent_of(run->place, more);
    response->done = !more;
    ctx->more = more;
    return OK;
}

static struct status export_profiles(struct rpc_context *ctx,
                                     const Profiled__V1__ExportProfilesRequest *request,
                                     Profiled__V1__ExportProfilesResponse *response) {
    struct run run = {.ctx = ctx, .request = request, .response = response};
    if (*ctx->stream == NULL) {
        TRY(start(&run));
    }
    run.exporting = *ctx->stream;
    run.place = &run.exporting->place;
    TRY(profile_filter_go_on(ctx, request->filter, &run.exporting->filter, &run.filter));
    const struct status status = answer(&run);
    profile_filter_free(&run.filter);
    return status;
}

RPC_METHOD(TransferService, ExportProfiles, export_profiles, RPC_FEED);
