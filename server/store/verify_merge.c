/* The checks of merges and of what they are made of: the ties that a profile lists and their
 * records, own states, the pairs that are never to be one, and how many decisions each has. */

#include <string.h>

#include "server/store/verify_walk.h"

static struct id id_at(struct bytes key, size_t position) {
    struct id id;
    memcpy(id.bytes, key.data + 1 + position * ID_SIZE, ID_SIZE);
    return id;
}

/* ---- own states ---- */

/* What a profile would be by itself: its row, or the row of its own state. *out is NULL when there
 * is no such profile. */
static struct status own_state_of(struct verify *verify, struct id id, struct profile **out) {
    TRY(verify_profile_open(verify, id, out));
    if (*out == NULL || (*out)->absorbed_count == 0) {
        return OK;
    }
    const struct store_key key = store_key_id(STORE_TABLE_OWN_STATE, id);
    struct bytes value;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &value));
    if (value.data == NULL) {
        return verify_wrong("others were merged into it, and it has no state of its own");
    }
    struct bytes packed;
    TRY(view_open_sealed(&verify->view, store_key_bytes(&key), value, &packed));
    return profile_own_unpack(&verify->view, *out, packed, out);
}

struct status verify_own_state(struct verify *verify, struct bytes key, struct bytes value) {
    struct bytes packed;
    TRY(verify_sealed(verify, key, value, &packed));
    struct profile *profile = NULL;
    TRY(verify_profile_open(verify, id_at(key, 0), &profile));
    if (profile == NULL || profile->absorbed_count == 0) {
        return verify_wrong("nothing was merged into its profile");
    }
    struct profile *own = NULL;
    TRY(profile_own_unpack(&verify->view, profile, packed, &own));
    for (size_t i = 0; i < own->identity_count; i++) {
        if (!id_equal(own->identities[i].origin, own->id)) {
            return verify_wrong("an identity in it is of another profile");
        }
    }
    return OK;
}

/* ---- merges ---- */

static bool lists_merge(const struct profile *profile, struct id merge) {
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        if (id_equal(profile->merges[i].id, merge)) {
            return true;
        }
    }
    return false;
}

static struct status count_by_id(struct verify *verify, struct id profile, struct id merge) {
    const struct store_key key = store_key_ids(STORE_TABLE_MERGE_BY_ID, profile, merge);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        verify_tell(verify, store_key_bytes(&key), "is missing: a merge has it");
    } else {
        verify_count_found(verify, STORE_TABLE_MERGE_BY_ID);
    }
    return OK;
}

struct status verify_merge(struct verify *verify, struct bytes key, struct bytes value) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    struct store_merge merge;
    TRY(merge_row_unpack(&verify->arena, id_at(key, 0), value, &merge));
    TRY(count_by_id(verify, merge.one, merge.id));
    TRY(count_by_id(verify, merge.other, merge.id));
    if (merge.undo_us != 0) {
        return OK;
    }
    struct id answers;
    TRY(verify_follow(verify, merge.one, &answers));
    struct profile *profile = NULL;
    TRY(verify_profile_open(verify, answers, &profile));
    return profile != NULL && lists_merge(profile, merge.id)
               ? OK
               : verify_wrong("it stands, and the profile that it made does not list it");
}

struct status verify_merge_by_id(struct verify *verify, struct bytes key, struct bytes value) {
    (void)value;
    const struct store_key merge_key = store_key_id(STORE_TABLE_MERGE, id_at(key, 1));
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&merge_key), &row));
    if (row.data == NULL) {
        return verify_wrong("leads to no merge");
    }
    TRY(view_untagged(verify->store, store_key_bytes(&merge_key), row, &verify->arena, &row));
    struct store_merge merge;
    TRY(merge_row_unpack(&verify->arena, id_at(key, 1), row, &merge));
    return id_equal(merge.one, id_at(key, 0)) || id_equal(merge.other, id_at(key, 0))
               ? OK
               : verify_wrong("leads to a merge of other profiles");
}

static bool is_member(const struct profile *profile, struct id id) {
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        if (id_equal(profile->absorbed[i], id)) {
            return true;
        }
    }
    return id_equal(profile->id, id);
}

static struct status check_merges(struct verify *verify, const struct profile *profile) {
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        const struct profile_merge *tie = &profile->merges[i];
        const struct store_key key = store_key_id(STORE_TABLE_MERGE, tie->id);
        struct bytes row;
        TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
        if (row.data == NULL) {
            return verify_wrong("it lists a merge that has no record");
        }
        TRY(view_untagged(verify->store, store_key_bytes(&key), row, &verify->arena, &row));
        struct store_merge merge;
        TRY(merge_row_unpack(&verify->arena, tie->id, row, &merge));
        if (merge.undo_us != 0 || !id_equal(merge.one, tie->one) ||
            !id_equal(merge.other, tie->other)) {
            return verify_wrong("it lists a merge that its record tells otherwise");
        }
        if (!is_member(profile, tie->one) || !is_member(profile, tie->other)) {
            return verify_wrong("it lists a merge of profiles that are none of its own");
        }
    }
    return OK;
}

/* ---- pairs that are never to be one ---- */

static struct status is_apart(struct verify *verify, struct id id, struct id other, bool *out) {
    struct profile *own = NULL;
    TRY(own_state_of(verify, id, &own));
    *out = false;
    for (size_t i = 0; own != NULL && i < own->apart_count; i++) {
        *out = *out || id_equal(own->apart[i], other);
    }
    return OK;
}

struct status verify_never_join(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_never_join never;
    TRY(never_join_row_unpack(&verify->view, key, value, &never));
    bool one = false;
    bool other = false;
    TRY(is_apart(verify, never.one, never.other, &one));
    TRY(is_apart(verify, never.other, never.one, &other));
    return one && other ? OK : verify_wrong("one of the two profiles does not know of it");
}

static struct status check_apart(struct verify *verify, const struct profile *own) {
    for (size_t i = 0; i < own->apart_count; i++) {
        const bool is_less = id_compare(own->id, own->apart[i]) < 0;
        const struct store_key key =
            store_key_ids(STORE_TABLE_NEVER_JOIN, is_less ? own->id : own->apart[i],
                          is_less ? own->apart[i] : own->id);
        struct bytes row;
        TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
        if (row.data == NULL) {
            return verify_wrong("it is never to be one with another, and no row says so");
        }
    }
    return OK;
}

/* ---- decisions ---- */

static struct status check_decisions(struct verify *verify, const struct profile *own) {
    struct store_key prefix = store_key_table(STORE_TABLE_DECISION);
    prefix = store_key_with_id(&prefix, own->id);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(verify->view.txn, store_key_bytes(&prefix), bytes_of(NULL, 0),
                         ENGINE_ASCENDING, &scan));
    uint64_t count = 0;
    struct status status;
    for (;;) { /* To the end of the profile's. */
        struct bytes key;
        struct bytes value;
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL) {
            break;
        }
        count++;
    }
    engine_scan_close(scan);
    TRY(status);
    return count == own->decision_count ? OK
                                        : verify_wrong("it has not as many decisions as it says");
}

struct status verify_members(struct verify *verify, const struct profile *profile) {
    TRY(check_merges(verify, profile));
    struct profile *own = NULL;
    TRY(own_state_of(verify, profile->id, &own));
    TRY(check_apart(verify, own));
    return check_decisions(verify, own);
}
