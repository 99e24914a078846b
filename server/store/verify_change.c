/* Changes: that each row reads. What it tells may be gone by now: only ids that were never there
 * are wrong. */

#include "server/store/change.h"
#include "server/store/verify_walk.h"

struct status verify_change(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    TRY(view_untagged(verify->store, key, value, &value));
    TRY(store_unpack(&verify->arena, &stored__v1__changes__descriptor, value, &message));
    const Stored__V1__Changes *row = (const Stored__V1__Changes *)message;
    if (row->n_changes == 0) {
        return verify_wrong("tells of no change");
    }
    for (size_t i = 0; i < row->n_changes; i++) {
        const Stored__V1__Change *change = row->changes[i];
        struct id id;
        struct profile *profile = NULL;
        TRY(store_id_read(change->profile, &id));
        if (change->kind < STORE_CHANGE_PROFILE_CREATED ||
            change->kind > STORE_CHANGE_SEGMENT_LEFT) {
            return verify_wrong("tells of a change of no kind");
        }
        TRY(verify_profile_open(verify, id, &profile));
        if (profile == NULL) {
            return verify_wrong("tells of a profile that never was");
        }
    }
    return OK;
}
