/* Segments: what they are, who is in them, and that each row of it says the same. Whether those who
 * are in a dynamic segment are those that its filter finds only the floors above can tell. */

#include <string.h>

#include "server/base/limits.h"
#include "server/store/segment.h"
#include "server/store/verify_walk.h"

/* The message in a tagged row. */
static struct status row_unpack(struct verify *verify, struct bytes key, struct bytes value,
                                const ProtobufCMessageDescriptor *shape, ProtobufCMessage **out) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    return store_unpack(&verify->arena, shape, value, out);
}

static struct status get(struct verify *verify, const struct store_key *key, struct bytes *out) {
    return engine_get(verify->view.txn, store_key_bytes(key), out);
}

/* The name of a segment; empty when it was deleted, or never was. */
static struct status name_of(struct verify *verify, uint32_t number, struct bytes *out) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_NAME, number);
    return get(verify, &key, out);
}

/* ---- what they are ---- */

struct status verify_segment(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    struct bytes name;
    if (key.size == 1) {
        return value.size == ID_SIZE ? OK : verify_wrong("has not 16 bytes");
    }
    TRY(row_unpack(verify, key, value, &stored__v1__segment__descriptor, &message));
    const Stored__V1__Segment *segment = (const Stored__V1__Segment *)message;
    TRY(name_of(verify, segment->number, &name));
    return bytes_equal(name, bytes_of(key.data + 1, key.size - 1))
               ? OK
               : verify_wrong("has a number that is not its own");
}

struct status verify_segment_name(struct verify *verify, struct bytes key, struct bytes value) {
    struct bytes row;
    if (value.size == 0) {
        return OK; /* Of one that was deleted. */
    }
    if (value.size > SEGMENT_NAME_SIZE_MAX) {
        return verify_wrong("has a name that is too long");
    }
    const struct store_key named = store_key_segment(value);
    ProtobufCMessage *message = NULL;
    TRY(get(verify, &named, &row));
    if (row.data == NULL) {
        return verify_wrong("is of no segment");
    }
    TRY(row_unpack(verify, store_key_bytes(&named), row, &stored__v1__segment__descriptor,
                   &message));
    return ((const Stored__V1__Segment *)message)->number == store_get_u32(key.data + 1)
               ? OK
               : verify_wrong("is of a segment with another number");
}

static struct status verify_pass(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    struct id id;
    TRY(row_unpack(verify, key, value, &stored__v1__segment_pass__descriptor, &message));
    return store_id_read(((const Stored__V1__SegmentPass *)message)->profile, &id);
}

struct status verify_segment_place(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    struct bytes name;
    struct id id;
    if (store_get_u32(key.data + 1) == 0) {
        return verify_pass(verify, key, value);
    }
    TRY(row_unpack(verify, key, value, &stored__v1__segment_place__descriptor, &message));
    const Stored__V1__SegmentPlace *place = (const Stored__V1__SegmentPlace *)message;
    TRY(store_id_read(place->from, &id));
    TRY(name_of(verify, store_get_u32(key.data + 1), &name));
    return (name.size == 0) == (place->gone != 0)
               ? OK
               : verify_wrong("is of a segment that is not there, or is and should not be");
}

/* ---- who is in them ---- */

static bool in_order(const uint32_t *numbers, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (numbers[i - 1] >= numbers[i]) {
            return false;
        }
    }
    return true;
}

static struct id id_at_end(struct bytes key) {
    struct id id;
    memcpy(id.bytes, key.data + key.size - ID_SIZE, ID_SIZE);
    return id;
}

struct status verify_segment_list(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    struct profile *profile = NULL;
    TRY(row_unpack(verify, key, value, &stored__v1__segment_list__descriptor, &message));
    const Stored__V1__SegmentList *list = (const Stored__V1__SegmentList *)message;
    if (list->n_segments == 0 || !in_order(list->segments, list->n_segments)) {
        return verify_wrong("is not a list of segments in order");
    }
    TRY(verify_profile_open(verify, id_at_end(key), &profile));
    return profile != NULL ? OK : verify_wrong("is of no profile");
}

/* The first time at which something is due; INT64_MAX for none. */
static int64_t first_due(const struct store_membership *membership) {
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < membership->due_count; i++) {
        first = membership->dues[i].due_us < first ? membership->dues[i].due_us : first;
    }
    return first;
}

static struct status membership_read(struct verify *verify, struct bytes key, struct bytes value,
                                     struct store_membership *out) {
    TRY(view_untagged(verify->store, key, value, &verify->arena, &value));
    return membership_row_unpack(&verify->arena, value, out);
}

static struct status find_members(struct verify *verify, struct id id,
                                  const struct store_membership *membership) {
    for (size_t i = 0; i < membership->count; i++) {
        const struct store_key members =
            store_key_segment_number(STORE_TABLE_MEMBER, membership->segments[i]);
        const struct store_key key = store_key_with_id(&members, id);
        struct bytes row;
        TRY(get(verify, &key, &row));
        if (row.data == NULL) {
            return verify_wrong("tells of a segment that has no such member");
        }
        verify_count_found(verify, STORE_TABLE_MEMBER);
    }
    return OK;
}

struct status verify_membership(struct verify *verify, struct bytes key, struct bytes value) {
    const struct id id = id_at_end(key);
    struct store_membership membership;
    struct profile *profile = NULL;
    struct bytes row;
    TRY(membership_read(verify, key, value, &membership));
    if (!in_order(membership.segments, membership.count)) {
        return verify_wrong("has segments that are not in order");
    }
    TRY(verify_profile_open(verify, id, &profile));
    if (profile == NULL || !profile_is_live(profile)) {
        return verify_wrong("is of no live profile");
    }
    TRY(find_members(verify, id, &membership));
    TRY(verify_counted_members(verify, profile, &membership));
    if (membership.due_count == 0) {
        return OK;
    }
    const struct store_key due = store_key_segment_due(first_due(&membership), id);
    TRY(get(verify, &due, &row));
    if (row.data == NULL) {
        return verify_wrong("is not looked at when it is due");
    }
    verify_count_found(verify, STORE_TABLE_SEGMENT_DUE);
    return OK;
}

/* The membership of the profile whose id a key ends with; none where it does not read. */
static struct status membership_of(struct verify *verify, struct bytes key,
                                   struct store_membership *out) {
    const struct store_key its = store_key_id(STORE_TABLE_MEMBERSHIP, id_at_end(key));
    struct bytes row;
    *out = (struct store_membership){.count = 0};
    TRY(get(verify, &its, &row));
    if (row.data == NULL) {
        return OK;
    }
    const struct status status = membership_read(verify, store_key_bytes(&its), row, out);
    return verify_is_problem(status) ? OK : status; /* Told already. */
}

struct status verify_member_row(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_membership membership;
    (void)value;
    TRY(membership_of(verify, key, &membership));
    return store_membership_has(&membership, store_get_u32(key.data + 1))
               ? OK
               : verify_wrong("is a member that says nothing of it");
}

struct status verify_segment_due_row(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_membership membership;
    (void)value;
    TRY(membership_of(verify, key, &membership));
    return membership.due_count > 0 &&
                   first_due(&membership) == store_time_of_ascending(store_get_u64(key.data + 1))
               ? OK
               : verify_wrong("is due for nothing");
}

/* A member's segment has a size. */
struct status verify_member(struct verify *verify, struct bytes key, struct bytes value) {
    const struct store_key size =
        store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, store_get_u32(key.data + 1));
    struct bytes row;
    TRY(verify_term(verify, key, value));
    TRY(get(verify, &size, &row));
    return row.data != NULL ? OK : verify_wrong("is of a segment that has no size");
}

/* ---- sizes ---- */

static struct status count_members(struct verify *verify, uint32_t segment, uint64_t *out) {
    const struct store_key prefix = store_key_segment_number(STORE_TABLE_MEMBER, segment);
    return view_count_rows(&verify->view, &prefix, UINT64_MAX, out);
}

struct status verify_segment_size(struct verify *verify, struct bytes key, struct bytes value) {
    ProtobufCMessage *message = NULL;
    uint64_t count = 0;
    if (key.size == 1 + 4 + 4) {
        return value.size == 8 ? OK : verify_wrong("is no number");
    }
    TRY(row_unpack(verify, key, value, &stored__v1__segment_size__descriptor, &message));
    TRY(count_members(verify, store_get_u32(key.data + 1), &count));
    return ((const Stored__V1__SegmentSize *)message)->count == count
               ? OK
               : verify_wrong("is not how many members there are");
}
