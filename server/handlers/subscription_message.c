/* Subscriptions, and what is out of them, in the form of the wire. */

#include "server/handlers/subscription_message.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "server/base/limits.h"
#include "server/handlers/change_message.h"
#include "server/handlers/profile_filter.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute_time.h"

enum { PENDING_MAX = 10000, KIND_BITS = 64 };

void subscription_name_check(struct rpc_context *ctx, const char *name, const char *field) {
    segment_name_check(ctx, name, field); /* They are named alike. */
}

struct status subscription_find(struct rpc_context *ctx, const char *name,
                                struct store_subscription *out) {
    bool found = false;
    TRY(store_subscription_get(ctx->store, name, &found, out));
    return found ? OK
                 : status_of(STATUS_NOT_FOUND, REASON_SUBSCRIPTION_NOT_FOUND,
                             "there is no subscription of this name");
}

struct status change_place_is_kept(struct store_view *view, const struct store_change_place *place,
                                   bool *out, int64_t *oldest_us) {
    uint64_t first = 0;
    TRY(store_change_first(view, &first, oldest_us));
    *out = first == 0 || place->sequence >= first ||
           (place->sequence + 1 == first && place->count == STORE_CHANGE_ALL);
    return OK;
}

struct status change_place_check(struct rpc_context *ctx, const struct store_change_place *place) {
    bool is_kept = false;
    int64_t oldest_us = 0;
    TRY(change_place_is_kept(ctx->store, place, &is_kept, &oldest_us));
    if (is_kept) {
        return OK;
    }
    rpc_error_metadata(ctx, "oldest_time", attribute_time_text(oldest_us, ctx->arena));
    return status_of(STATUS_OUT_OF_RANGE, REASON_RESUME_TOKEN_EXPIRED,
                     "changes behind this place are no longer kept: begin anew");
}

/* ---- ack ids ---- */

/* What an ack id says: which change was delivered, for which time, of which subscription. */
struct ack_id {
    uint64_t sequence;
    uint32_t place;
    uint32_t delivered_count;
    uint32_t tag; /* store_subscription_tag(). */
};

/* Reads a number up to a character, which it goes behind; false where it is none. */
static bool read_part(const char **text, int base, uint64_t max, char end, uint64_t *out) {
    char *behind = NULL;
    const bool begins =
        base == 16 ? isxdigit((unsigned char)**text) : isdigit((unsigned char)**text);
    if (!begins) {
        return false;
    }
    *out = strtoull(*text, &behind, base);
    *text = behind + 1;
    return *behind == end && *out <= max;
}

/* As "17.0.2.9f3a0c1b": the change's sequence and place, how often it was delivered, the tag. */
static bool ack_id_read(const char *text, struct ack_id *out) {
    uint64_t place = 0;
    uint64_t delivered_count = 0;
    uint64_t tag = 0;
    if (!read_part(&text, 10, UINT64_MAX, '.', &out->sequence) ||
        !read_part(&text, 10, UINT32_MAX, '.', &place) ||
        !read_part(&text, 10, UINT32_MAX, '.', &delivered_count) ||
        !read_part(&text, 16, UINT32_MAX, '\0', &tag)) {
        return false;
    }
    out->place = (uint32_t)place;
    out->delivered_count = (uint32_t)delivered_count;
    out->tag = (uint32_t)tag;
    return true;
}

static char *ack_id_write(struct rpc_context *ctx, const struct store_subscription *subscription,
                          const struct store_delivery *delivery) {
    return arena_format(ctx->arena, "%" PRIu64 ".%" PRIu32 ".%" PRIu32 ".%08" PRIx32,
                        delivery->sequence, delivery->place, delivery->delivered_count,
                        store_subscription_tag(ctx->store, subscription));
}

struct status ack_id_find(struct rpc_context *ctx, const struct store_subscription *subscription,
                          bool dead, const char *text, bool *found, bool *latest,
                          struct store_delivery *out) {
    struct ack_id id;
    *found = false;
    *latest = false;
    if (!ack_id_read(text, &id) || id.tag != store_subscription_tag(ctx->store, subscription)) {
        return OK;
    }
    TRY(store_delivery_get(ctx->store, subscription->name, dead, id.sequence, id.place, found,
                           out));
    *latest = *found && id.delivered_count == out->delivered_count;
    *found = *found && id.delivered_count <= out->delivered_count;
    return OK;
}

void ack_ids_check(struct rpc_context *ctx, char *const *ids, size_t count, const char *field) {
    for (size_t i = 0; i < count && i < BATCH_RECORDS_MAX; i++) {
        struct ack_id id;
        if (!ack_id_read(ids[i], &id)) {
            rpc_violation(ctx, "is no ack_id of a delivery", "%s[%zu]", field, i);
        }
    }
}

void ack_ids_count_check(struct rpc_context *ctx, size_t count, const char *field) {
    if (count == 0 || count > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000 together", "%s", field);
    }
}

Profiled__V1__Delivery *delivery_message(struct rpc_context *ctx,
                                         const struct store_subscription *subscription,
                                         const struct store_delivery *delivery) {
    Profiled__V1__Delivery *message = arena_alloc(ctx->arena, sizeof *message);
    profiled__v1__delivery__init(message);
    message->ack_id = ack_id_write(ctx, subscription, delivery);
    message->change = change_message(&delivery->change, ctx->arena);
    message->attempt = (int32_t)delivery->attempt;
    message->ack_time = wire_time(delivery->due_us, ctx->arena);
    return message;
}

/* ---- what subscriptions ask for ---- */

static struct status reads(struct rpc_context *ctx, const struct store_subscription *subscription,
                           enum field_kind kind, uint32_t number, bool *out) {
    struct profile_filter read;
    TRY(profile_filter_read(ctx, subscription->filter, true, &read));
    *out = false;
    for (size_t i = 0; i < read.filter.field_count && !*out; i++) {
        const struct field *field = &read.fields.items[read.filter.fields[i]];
        *out = field->kind == kind && field->number == number;
    }
    profile_filter_free(&read);
    return OK;
}

struct status subscription_reader_find(struct rpc_context *ctx, enum field_kind kind,
                                       uint32_t number, const char *name, const char **out) {
    struct store_subscription *there =
        arena_array(ctx->arena, STORE_SUBSCRIPTIONS_MAX, sizeof *there);
    size_t count = 0;
    *out = NULL;
    TRY(store_subscription_scan(ctx->store, there, &count));
    for (size_t i = 0; i < count && *out == NULL; i++) {
        bool found = name != NULL && wire_is_among(there[i].segments, there[i].segment_count, name);
        if (!found) {
            TRY(reads(ctx, &there[i], kind, number, &found));
        }
        *out = found ? there[i].name : NULL;
    }
    return OK;
}

/* ---- subscriptions ---- */

static void tell_choice(const struct store_subscription *subscription, struct arena *arena,
                        Profiled__V1__Subscription *out) {
    out->kinds = arena_array(arena, KIND_BITS, sizeof *out->kinds);
    for (unsigned i = 0; i < KIND_BITS; i++) {
        if ((subscription->kinds & UINT64_C(1) << i) != 0) {
            out->kinds[out->n_kinds++] = (Profiled__V1__ChangeKind)i;
        }
    }
    out->n_segments = subscription->segment_count;
    out->segments = arena_array(arena, subscription->segment_count, sizeof *out->segments);
    for (size_t i = 0; i < subscription->segment_count; i++) {
        out->segments[i] = wire_string(subscription->segments[i]);
    }
    out->filter = wire_string(subscription->filter);
    out->ack_seconds = (int32_t)subscription->ack_seconds;
    out->max_attempts = (int32_t)subscription->max_attempts;
}

struct pending {
    int64_t count;
    int64_t first_us;
};

static bool count_pending(void *state, const struct store_change *change) {
    struct pending *pending = state;
    pending->first_us = pending->count == 0 ? change->time_us : pending->first_us;
    pending->count++;
    return true;
}

static struct status tell_lag(struct rpc_context *ctx,
                              const struct store_subscription *subscription,
                              Profiled__V1__Subscription *out) {
    struct store_view *view = store_view_beside(ctx->store, ctx->arena);
    struct store_change_place place = subscription->place;
    struct pending pending = {.count = 0};
    struct store_delivery *deliveries =
        arena_array(ctx->arena, STORE_OUTSTANDING_MAX, sizeof *deliveries);
    size_t outstanding = 0;
    int64_t oldest_us = 0;
    bool is_kept = false;
    bool more = false;
    TRY(change_place_is_kept(view, &place, &is_kept, &oldest_us));
    TRY(store_change_scan(view, &place, PENDING_MAX, count_pending, &pending, &more));
    TRY(store_delivery_scan(view, subscription->name, false, false, 0, 0, STORE_OUTSTANDING_MAX,
                            deliveries, &outstanding));
    out->expired = !is_kept;
    out->pending_count = pending.count;
    out->oldest_pending_time = pending.count == 0 ? NULL : wire_time(pending.first_us, ctx->arena);
    for (size_t i = 0; i < outstanding; i++) {
        out->outstanding_count += store_delivery_is_out(subscription, &deliveries[i], ctx->now_us);
    }
    return OK;
}

struct status subscription_message(struct rpc_context *ctx,
                                   const struct store_subscription *subscription,
                                   Profiled__V1__Subscription **out) {
    Profiled__V1__Subscription *message = arena_alloc(ctx->arena, sizeof *message);
    profiled__v1__subscription__init(message);
    message->name = wire_string(subscription->name);
    tell_choice(subscription, ctx->arena, message);
    TRY(tell_lag(ctx, subscription, message));
    message->dead_count = subscription->dead_count;
    message->delivered_count = subscription->delivered_count;
    message->acknowledged_count = subscription->acknowledged_count;
    message->create_time = wire_time(subscription->create_us, ctx->arena);
    *out = message;
    return OK;
}
