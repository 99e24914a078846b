/* Changes, subscriptions and what is out of these: that each row reads. What it tells may be gone
 * by now: only ids that were never there are wrong. */

#include "server/base/limits.h"
#include "server/store/change.h"
#include "server/store/verify_walk.h"

struct status verify_change(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    TRY(store_unpack(&verify->arena, &stored__v1__changes__descriptor, value, &message));
    const Stored__V1__Changes *row = (const Stored__V1__Changes *)message;
    if (row->n_changes == 0) {
        return verify_wrong("tells of no change");
    }
    struct id id = {{0}};
    for (size_t i = 0; i < row->n_changes; i++) {
        const Stored__V1__Change *change = row->changes[i];
        struct profile *profile = NULL;
        if (change->profile.len > 0) {
            TRY(store_id_read(change->profile, &id));
        }
        if (!store_change_kind_is_known(change->kind)) {
            return verify_wrong("tells of a change of no kind");
        }
        if (change->kind == STORE_CHANGE_SEGMENT_DELETED) {
            if (i > 0 || change->profile.len > 0) {
                return verify_wrong("tells of somebody who is a segment");
            }
            continue;
        }
        TRY(verify_profile_open(verify, id, &profile));
        if (profile == NULL) {
            return verify_wrong("tells of a profile that never was");
        }
    }
    return OK;
}

struct status verify_subscription(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    return store_unpack(&verify->arena, &stored__v1__subscription__descriptor, value, &message);
}

struct status verify_delivery(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    struct bytes row;
    const size_t size = key.data[1];
    if (key.size != 1 + 1 + size + 1 + 8 + 4 || size == 0 || size > SEGMENT_NAME_SIZE_MAX) {
        return verify_wrong("has not the shape of a key of its table");
    }
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    TRY(store_unpack(&verify->arena, &stored__v1__delivery__descriptor, value, &message));
    if (((const Stored__V1__Delivery *)message)->change == NULL) {
        return verify_wrong("is of no change");
    }
    const struct store_key subscription = store_key_subscription(bytes_of(key.data + 2, size));
    TRY(engine_get(verify->view.txn, store_key_bytes(&subscription), &row));
    return row.data != NULL ? OK : verify_wrong("is of no subscription");
}
