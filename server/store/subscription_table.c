/* The rows of subscriptions and of what is out of them. */

#include "server/store/subscription.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/view.h"

static char *borrowed(const char *text) { return (char *)(uintptr_t)text; }

/* ---- subscriptions ---- */

static void subscription_read(const Stored__V1__Subscription *row, const char *name,
                              struct store_subscription *out) {
    *out = (struct store_subscription){
        .name = name,
        .kinds = row->kinds,
        .segment_count = row->n_segments,
        .segments = (const char *const *)row->segments,
        .filter = row->filter,
        .ack_seconds = row->ack_seconds,
        .max_attempts = row->max_attempts,
        .place = {row->sequence, row->count},
        .delivered_count = (int64_t)row->delivered,
        .acknowledged_count = (int64_t)row->acknowledged,
        .dead_count = (int64_t)row->dead,
        .create_us = (int64_t)row->create_us,
    };
}

struct status store_subscription_get(struct store_view *view, const char *name, bool *found,
                                     struct store_subscription *out) {
    *found = false;
    if (name[0] == '\0' || strlen(name) > SEGMENT_NAME_SIZE_MAX) {
        return OK;
    }
    const struct store_key key = store_key_subscription(bytes_of_string(name));
    ProtobufCMessage *message = NULL;
    TRY(view_get_message(view, &key, &stored__v1__subscription__descriptor, &message));
    if (message == NULL) {
        return OK;
    }
    *found = true;
    subscription_read((const Stored__V1__Subscription *)message, name, out);
    return OK;
}

struct status store_subscription_put(struct store_view *view,
                                     const struct store_subscription *subscription) {
    const struct store_key key = store_key_subscription(bytes_of_string(subscription->name));
    Stored__V1__Subscription row = STORED__V1__SUBSCRIPTION__INIT;
    row.kinds = subscription->kinds;
    row.n_segments = subscription->segment_count;
    row.segments = (char **)(uintptr_t)subscription->segments;
    row.filter = borrowed(subscription->filter);
    row.ack_seconds = subscription->ack_seconds;
    row.max_attempts = subscription->max_attempts;
    row.sequence = subscription->place.sequence;
    row.count = subscription->place.count;
    row.delivered = (uint64_t)subscription->delivered_count;
    row.acknowledged = (uint64_t)subscription->acknowledged_count;
    row.dead = (uint64_t)subscription->dead_count;
    row.create_us = (uint64_t)subscription->create_us;
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

/* Gives the rows that begin with a prefix to a function, until it answers false. */
typedef struct status row_fn(struct store_view *view, struct bytes key, struct bytes value,
                             void *state, bool *goes_on);

static struct status each_row(struct store_view *view, struct engine_scan *scan, row_fn *each,
                              void *state) {
    for (bool goes_on = true; goes_on;) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        TRY(each(view, key, value, state, &goes_on));
    }
    return OK;
}

static struct status rows_scan(struct store_view *view, const struct store_key *prefix,
                               const struct store_key *from, row_fn *each, void *state) {
    struct engine_scan *scan = NULL;
    assert(view->overlay->wished_count == 0);
    TRY(engine_scan_open(view->txn, store_key_bytes(prefix), store_key_bytes(from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = each_row(view, scan, each, state);
    engine_scan_close(scan);
    return status;
}

struct subscriptions {
    size_t count;
    struct store_subscription *items;
};

static struct status add_subscription(struct store_view *view, struct bytes key, struct bytes value,
                                      void *state, bool *goes_on) {
    struct subscriptions *subscriptions = state;
    ProtobufCMessage *message = NULL;
    const char *name = arena_string(view->arena, bytes_of(key.data + 1, key.size - 1));
    TRY(view_untagged(view->store, key, value, view->arena, &value));
    TRY(store_unpack(view->arena, &stored__v1__subscription__descriptor, value, &message));
    subscription_read((const Stored__V1__Subscription *)message, name,
                      &subscriptions->items[subscriptions->count++]);
    *goes_on = subscriptions->count < STORE_SUBSCRIPTIONS_MAX;
    return OK;
}

struct status store_subscription_scan(struct store_view *view, struct store_subscription *out,
                                      size_t *count) {
    const struct store_key table = store_key_table(STORE_TABLE_SUBSCRIPTION);
    const struct store_key from = {.size = 0};
    struct subscriptions subscriptions = {.items = out};
    TRY(rows_scan(view, &table, &from, add_subscription, &subscriptions));
    *count = subscriptions.count;
    return OK;
}

uint32_t store_subscription_tag(const struct store_view *view,
                                const struct store_subscription *subscription) {
    const char *made = arena_format(view->arena, "%" PRId64, subscription->create_us);
    return store_get_u32(view_hash(view->store, "subscription", subscription->name, made).bytes);
}

/* ---- deliveries ---- */

enum { TAIL_SIZE = 8 + 4 }; /* Of a key: sequence and place. */

static struct status delivery_read(struct store_view *view, struct bytes key, struct bytes value,
                                   struct store_delivery *out) {
    ProtobufCMessage *message = NULL;
    TRY(view_untagged(view->store, key, value, view->arena, &value));
    TRY(store_unpack(view->arena, &stored__v1__delivery__descriptor, value, &message));
    const Stored__V1__Delivery *row = (const Stored__V1__Delivery *)message;
    if (row->change == NULL) {
        return store_corrupt("a delivery is of no change");
    }
    *out = (struct store_delivery){.sequence = store_get_u64(key.data + key.size - TAIL_SIZE),
                                   .place = store_get_u32(key.data + key.size - 4),
                                   .attempt = row->attempt,
                                   .delivered_count = row->delivered_count,
                                   .due_us = (int64_t)row->due_us};
    return change_row_read(row->change, (int64_t)row->time_us, &out->change);
}

struct status store_delivery_get(struct store_view *view, const char *name, bool dead,
                                 uint64_t sequence, uint32_t place, bool *found,
                                 struct store_delivery *out) {
    const struct store_key key = store_key_delivery(bytes_of_string(name), dead, sequence, place);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *found = row.data != NULL;
    return *found ? delivery_read(view, store_key_bytes(&key), row, out) : OK;
}

struct status store_delivery_put(struct store_view *view, const char *name, bool dead,
                                 const struct store_delivery *delivery) {
    const struct store_key key =
        store_key_delivery(bytes_of_string(name), dead, delivery->sequence, delivery->place);
    Stored__V1__Delivery row = STORED__V1__DELIVERY__INIT;
    Stored__V1__Change change;
    change_row_make(&delivery->change, &change);
    row.time_us = (uint64_t)delivery->change.time_us;
    row.change = &change;
    row.attempt = delivery->attempt;
    row.delivered_count = delivery->delivered_count;
    row.due_us = (uint64_t)delivery->due_us;
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

void store_delivery_delete(struct store_view *view, const char *name, bool dead, uint64_t sequence,
                           uint32_t place) {
    const struct store_key key = store_key_delivery(bytes_of_string(name), dead, sequence, place);
    view_delete(view, &key);
}

struct deliveries {
    struct bytes after; /* The key that they come behind. */
    size_t max;
    size_t count;
    struct store_delivery *items;
};

static struct status add_delivery(struct store_view *view, struct bytes key, struct bytes value,
                                  void *state, bool *goes_on) {
    struct deliveries *deliveries = state;
    if (!bytes_equal(key, deliveries->after)) {
        TRY(delivery_read(view, key, value, &deliveries->items[deliveries->count++]));
    }
    *goes_on = deliveries->count < deliveries->max;
    return OK;
}

struct status store_delivery_scan(struct store_view *view, const char *name, bool dead,
                                  bool after_set, uint64_t sequence, uint32_t place, size_t max,
                                  struct store_delivery *out, size_t *count) {
    const struct store_key prefix = store_key_deliveries(bytes_of_string(name), dead);
    struct store_key from = {.size = 0};
    if (after_set) {
        from = store_key_delivery(bytes_of_string(name), dead, sequence, place);
    }
    struct deliveries deliveries = {.after = store_key_bytes(&from), .max = max, .items = out};
    TRY(rows_scan(view, &prefix, &from, add_delivery, &deliveries));
    *count = deliveries.count;
    return OK;
}

/* The keys of all of a subscription: they are wished away together. */
struct keys {
    size_t count;
    struct store_key *items;
};

static struct status add_key(struct store_view *view, struct bytes key, struct bytes value,
                             void *state, bool *goes_on) {
    struct keys *keys = state;
    (void)value;
    *goes_on = true;
    keys->items = arena_grow(view->arena, keys->items, keys->count, sizeof *keys->items);
    struct store_key *added = &keys->items[keys->count++];
    added->size = key.size;
    memcpy(added->bytes, key.data, key.size);
    return OK;
}

struct status store_subscription_delete(struct store_view *view, const char *name) {
    const struct store_key key = store_key_subscription(bytes_of_string(name));
    const struct store_key from = {.size = 0};
    struct keys keys = {.count = 0};
    for (int dead = 0; dead < 2; dead++) {
        const struct store_key prefix = store_key_deliveries(bytes_of_string(name), dead == 1);
        TRY(rows_scan(view, &prefix, &from, add_key, &keys));
    }
    for (size_t i = 0; i < keys.count; i++) {
        view_delete(view, &keys.items[i]);
    }
    view_delete(view, &key);
    return OK;
}
