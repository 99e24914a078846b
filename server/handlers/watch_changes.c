/* WatchChanges: what becomes of persons, in the order of commits, and before that, where it is
 * asked for, who there is.
 *
 * A snapshot is told a page of profiles at a time, each on a fresh view. Before a page the changes
 * up to that view are told of the profiles that were told already; those of profiles still to come
 * are in what the page tells of them. So there is no gap, and nothing is told twice, whatever is
 * written between two pages; and all that is to be remembered is where the page ended and where the
 * changes did, which is the token. */

#include <string.h>

#include "profiled/v1/change_service.pb-c.h"
#include "server/base/clock.h"
#include "server/handlers/change_choice.h"
#include "server/handlers/change_message.h"
#include "server/handlers/change_token.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/subscription_message.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

enum {
    CHANGES_PAGE_MAX = 500,     /* In one message. */
    LOOKED_AT_MAX = 10000,      /* Changes of one run, told or not. */
    SNAPSHOT_PAGE_MAX = 200,    /* Profiles of one run. */
    MESSAGE_SIZE_MAX = 1 << 20, /* Bytes of profiles in one message, about. */
    HEARTBEAT_SECONDS_DEFAULT = 30,
    HEARTBEAT_SECONDS_MAX = 300,
    CHANGE_KIND_SNAPSHOT = 14,
};

/* What the runs share, in the stream's arena. */
struct watching {
    struct watch_place place;
    bool caught_up; /* The last message said so: the caller knows where to go on, and that all is
                       told. */
    const char *filter;            /* profile_filter_go_on(). */
    bool is_ending;                /* It can be tried no more: */
    bool has_ended;                /* what is left is told, */
    struct store_change_place end; /* up to here. */
};

/* One run. */
struct run {
    struct rpc_context *ctx;
    const Profiled__V1__WatchChangesRequest *request;
    Profiled__V1__WatchChangesResponse *response;
    struct watching *watching;
    struct change_choice choice;
    const struct identity_rules *rules; /* Where profiles are told. */
    size_t size;                        /* Bytes of profiles so far. */
    size_t looked_at;
    bool told_only;       /* Only changes of profiles that the snapshot has told. */
    struct status status; /* Of what a change was found to be. */
};

/* ---- the request ---- */

/* A subscription has its own place, and says what it is of. */
static void subscription_check(struct rpc_context *ctx,
                               const Profiled__V1__WatchChangesRequest *request) {
    const struct {
        bool is_set;
        const char *field;
    } others[] = {{request->resume_token[0] != '\0', "resume_token"},
                  {request->snapshot, "snapshot"},
                  {request->n_kinds > 0, "kinds"},
                  {request->n_segments > 0, "segments"},
                  {request->filter[0] != '\0', "filter"}};
    if (request->subscription[0] == '\0') {
        return;
    }
    subscription_name_check(ctx, request->subscription, "subscription");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].is_set) {
            rpc_violation(ctx, "must not be set beside a subscription", "%s", others[i].field);
        }
    }
}

static void watch_changes_check(struct rpc_context *ctx,
                                const Profiled__V1__WatchChangesRequest *request) {
    change_choice_check(ctx, request->kinds, request->n_kinds, request->segments,
                        request->n_segments, "");
    subscription_check(ctx, request);
    if (request->heartbeat_seconds < 0 || request->heartbeat_seconds > HEARTBEAT_SECONDS_MAX) {
        rpc_violation(ctx, "must be 0 to 300", "heartbeat_seconds");
    }
}

/* Segments that a token is of were there when it was given: that they are deleted is told. */
static struct status check_segments(struct run *run, const struct watch_place *place) {
    const Profiled__V1__WatchChangesRequest *request = run->request;
    const uint64_t asked = change_token_segments(run->ctx, request->segments, request->n_segments);
    return place->segments == asked
               ? OK
               : change_segments_check(run->ctx, request->segments, request->n_segments, "");
}

/* Goes on by the token: with the filter as it was meant when that was given, where the same one is
 * asked for. A part of a snapshot is of nothing but what the rest is of. */
static struct status go_on(struct run *run, struct watching *watching) {
    struct rpc_context *ctx = run->ctx;
    const Profiled__V1__WatchChangesRequest *request = run->request;
    struct watch_place *place = &watching->place;
    TRY(change_token_read(ctx, request->resume_token, place));
    place->subscription = 0; /* It moves nobody's place. */
    const bool same_filter = place->filter == change_token_filter(ctx, request->filter);
    const bool same_segments =
        place->segments == change_token_segments(ctx, request->segments, request->n_segments);
    if (place->in_snapshot != 0 && !(same_filter && same_segments)) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_RESUME_TOKEN_INVALID,
                         "the resume token is of a snapshot with other segments or another filter");
    }
    if (same_filter) {
        const char *filter = place->kept[0] == '\0' ? request->filter : place->kept;
        watching->filter = arena_string(ctx->stream_arena, bytes_of_string(filter));
    }
    return check_segments(run, place);
}

static struct status start(struct run *run) {
    struct rpc_context *ctx = run->ctx;
    struct watching *watching = arena_alloc(ctx->stream_arena, sizeof *watching);
    if (run->request->subscription[0] != '\0') {
        struct store_subscription subscription;
        TRY(subscription_find(ctx, run->request->subscription, &subscription));
        watching->place.change = subscription.place;
        watching->place.subscription = change_token_subscription(ctx, &subscription);
    } else if (run->request->resume_token[0] != '\0') {
        TRY(go_on(run, watching));
    } else {
        TRY(check_segments(run, &watching->place));
        watching->place.in_snapshot = run->request->snapshot ? 1 : 0;
        TRY(store_change_end(ctx->store, &watching->place.change));
    }
    watching->place.segments =
        change_token_segments(ctx, run->request->segments, run->request->n_segments);
    watching->place.filter = change_token_filter(ctx, run->request->filter);
    *ctx->stream = watching;
    return OK;
}

/* ---- telling ---- */

static struct status add_profile(struct run *run, struct id id, Profiled__V1__Change *message) {
    const struct profile *profile = NULL;
    if (!run->request->include_profile || id_is_zero(id)) {
        return OK;
    }
    TRY(store_profile_follow(run->ctx->store, id, &profile));
    if (profile == NULL || profile->delete_us != 0) {
        return OK;
    }
    TRY(profile_message_by(run->ctx, run->rules, profile, &message->profile));
    run->size += protobuf_c_message_get_packed_size(&message->profile->base);
    return OK;
}

static struct status tell(struct run *run, const struct store_change *change) {
    Profiled__V1__Change *message = change_message(change, run->ctx->arena);
    TRY(add_profile(run, change->profile, message));
    run->response->changes[run->response->n_changes++] = message;
    return OK;
}

static bool is_full(const struct run *run) {
    return run->response->n_changes >= CHANGES_PAGE_MAX || run->size >= MESSAGE_SIZE_MAX;
}

/* Of somebody, or, by the zero id, of anybody. */
static bool was_told(const struct watch_place *place, struct id profile) {
    return place->started != 0 && id_compare(profile, place->profile) <= 0;
}

/* Takes a change: told or passed over. False when the message is full, or the status is bad. */
static bool take(void *state, const struct store_change *change) {
    struct run *run = state;
    bool takes = false;
    if (is_full(run)) {
        return false;
    }
    run->looked_at++;
    if (run->told_only && !was_told(&run->watching->place, change->profile)) {
        return true;
    }
    run->status = change_choice_takes(run->ctx, &run->choice, change, &takes);
    if (status_is_ok(run->status) && takes) {
        run->status = tell(run, change);
    }
    return status_is_ok(run->status);
}

/* Tells changes up to the end of the view; *more where the message is full before. */
static struct status tell_changes(struct run *run, bool *more) {
    TRY(store_change_scan(run->ctx->store, &run->watching->place.change, LOOKED_AT_MAX, take, run,
                          more));
    return run->status;
}

/* ---- the snapshot ---- */

/* Tells a profile that is there: once, or once for each of the segments that it is in and that are
 * asked for. */
static struct status tell_there(struct run *run, struct id id) {
    struct store_change there = store_change_of((enum store_change_kind)CHANGE_KIND_SNAPSHOT, id);
    struct store_membership membership;
    bool takes = false;
    there.time_us = run->ctx->now_us;
    if (run->choice.filter.filter.test_count > 0) {
        TRY(profile_filter_takes(run->ctx, &run->choice.filter, id, &takes));
    } else {
        takes = true;
    }
    if (!takes) {
        return OK;
    }
    if (run->request->n_segments == 0) {
        return tell(run, &there);
    }
    TRY(store_membership_get(run->ctx->store, id, &membership));
    for (size_t i = 0; i < run->request->n_segments; i++) {
        struct store_segment segment;
        bool found = false;
        TRY(store_segment_get(run->ctx->store, run->request->segments[i], &found, &segment));
        if (found && store_membership_has(&membership, segment.number)) {
            there.segment = segment.name;
            TRY(tell(run, &there));
        }
    }
    return OK;
}

static struct status look_at(struct run *run, struct id id) {
    const struct profile *profile = NULL;
    TRY(store_profile_get(run->ctx->store, id, &profile));
    if (profile != NULL && profile_is_live(profile)) {
        TRY(tell_there(run, id));
    }
    run->watching->place.started = 1;
    run->watching->place.profile = id;
    return OK;
}

static struct status tell_page(struct run *run) {
    struct watch_place *place = &run->watching->place;
    struct store_cursor cursor = {.set = place->started != 0, .id = place->profile};
    struct id ids[SNAPSHOT_PAGE_MAX];
    size_t count = 0;
    bool more = false;
    TRY(store_profile_scan(run->ctx->store, STORE_BY_CREATE, false, NULL, &cursor,
                           SNAPSHOT_PAGE_MAX, ids, &count, &more, NULL));
    for (size_t i = 0; i < count; i++) {
        /* A profile may be told once for each segment. */
        if (run->response->n_changes + run->request->n_segments + 1 > CHANGES_PAGE_MAX ||
            is_full(run) || (i > 0 && store_view_is_over(run->ctx->store))) {
            return OK;
        }
        TRY(look_at(run, ids[i]));
    }
    if (!more) {
        place->in_snapshot = 0;
    }
    return OK;
}

/* ---- runs ---- */

static struct status fill(struct run *run, bool *more) {
    struct watch_place *place = &run->watching->place;
    TRY(change_place_check(run->ctx, &place->change));
    if (place->in_snapshot == 0) {
        return tell_changes(run, more);
    }
    run->told_only = true;
    TRY(tell_changes(run, more));
    if (*more) {
        return OK; /* The page is told on a view on which all changes are. */
    }
    TRY(tell_page(run));
    *more = true;
    return OK;
}

/* What the request asks for. */
static struct status read_request(struct run *run) {
    const Profiled__V1__WatchChangesRequest *request = run->request;
    struct watching *watching = run->watching;
    run->choice = change_choice_of(change_kinds(request->kinds, request->n_kinds),
                                   (const char *const *)request->segments, request->n_segments);
    TRY(profile_filter_go_on(run->ctx, request->filter, &watching->filter, &run->choice.filter));
    watching->place.kept = strcmp(watching->filter, request->filter) == 0 ? "" : watching->filter;
    return OK;
}

/* What is asked for, by the request or by the subscription as it is now. */
static struct status read_choice(struct run *run) {
    struct store_subscription subscription;
    if (run->request->subscription[0] == '\0') {
        return read_request(run);
    }
    TRY(subscription_find(run->ctx, run->request->subscription, &subscription));
    return change_choice_read(run->ctx, subscription.kinds, subscription.segments,
                              subscription.segment_count, subscription.filter, true, &run->choice);
}

static struct status answer(struct run *run) {
    struct rpc_context *ctx = run->ctx;
    Profiled__V1__WatchChangesResponse *response = run->response;
    bool more = false;
    TRY(fill(run, &more));
    if (!more) {
        const int32_t seconds = run->request->heartbeat_seconds;
        ctx->wait_us =
            (int64_t)(seconds == 0 ? HEARTBEAT_SECONDS_DEFAULT : seconds) * US_PER_SECOND;
        ctx->silent = response->n_changes == 0 && !ctx->waited && run->watching->caught_up;
    }
    run->watching->caught_up = !more;
    response->resume_token = change_token_write(ctx, &run->watching->place);
    response->in_snapshot = run->watching->place.in_snapshot != 0;
    response->caught_up = !more;
    ctx->more = true;
    return OK;
}

/* A segment that the filter names is gone, so that it can be tried no more. Which segments were
 * deleted is told whatever the filter says; then the watch ends. The token stays where the filter
 * was tried last: who comes back with another one misses nothing. */
static struct status tell_end(struct run *run, struct status otherwise) {
    struct rpc_context *ctx = run->ctx;
    struct watching *watching = run->watching;
    bool more = false;
    if (watching->has_ended) {
        return otherwise;
    }
    if (!watching->is_ending) {
        watching->is_ending = true;
        watching->end = watching->place.change;
    }
    run->choice.kinds &= UINT64_C(1) << STORE_CHANGE_SEGMENT_DELETED;
    TRY(change_place_check(ctx, &watching->end));
    TRY(store_change_scan(ctx->store, &watching->end, LOOKED_AT_MAX, take, run, &more));
    TRY(run->status);
    watching->has_ended = !more;
    if (!more && run->response->n_changes == 0) {
        return otherwise;
    }
    run->response->resume_token = change_token_write(ctx, &watching->place);
    run->response->in_snapshot = watching->place.in_snapshot != 0;
    ctx->more = true;
    return OK;
}

static struct status watch_changes(struct rpc_context *ctx,
                                   const Profiled__V1__WatchChangesRequest *request,
                                   Profiled__V1__WatchChangesResponse *response) {
    struct run run = {.ctx = ctx, .request = request, .response = response, .status = OK};
    if (*ctx->stream == NULL) {
        TRY(start(&run));
    }
    run.watching = *ctx->stream;
    response->changes = arena_array(ctx->arena, CHANGES_PAGE_MAX, sizeof *response->changes);
    TRY(identity_rules_read(ctx->store, &run.rules));
    const struct status read = read_choice(&run);
    if (read.reason == REASON_SEGMENT_NOT_FOUND) {
        return tell_end(&run, read);
    }
    TRY(read);
    const struct status status = answer(&run);
    change_choice_free(&run.choice);
    return status;
}

RPC_METHOD(ChangeService, WatchChanges, watch_changes, RPC_WATCH);
