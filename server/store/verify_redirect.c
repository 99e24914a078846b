/* The check of redirects: each leads, over others or at once, to a profile that is no redirect and
 * knows that it absorbed this one; and each absorbed profile leads back. */

#include <assert.h>
#include <string.h>

#include "server/store/verify_walk.h"

enum { REDIRECTS_MAX = 10000 }; /* A chain that long is a circle. */

/* Reads a row, and where it redirects to: zero when it is no redirect. *out is valid until the next
 * call: chains may be long. */
static struct status read_redirect(struct verify *verify, struct id id, bool *found,
                                   const Stored__V1__Profile **out, struct id *to) {
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, id);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    *found = row.data != NULL;
    if (!*found) {
        return OK;
    }
    TRY(view_unversioned(row, &row));
    arena_reset(&verify->hop);
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->hop, &stored__v1__profile__descriptor, row, &message));
    const Stored__V1__Profile *profile = (const Stored__V1__Profile *)message;
    *to = (struct id){{0}};
    if (profile->merged_into.len == ID_SIZE) {
        memcpy(to->bytes, profile->merged_into.data, ID_SIZE);
    }
    *out = profile;
    return OK;
}

/* Follows redirects from `from` to `until`, or to the end of the chain: *last is where it ended,
 * and *row, at the end of the chain, its row. */
static struct status follow(struct verify *verify, struct id from, struct id until, struct id *last,
                            const Stored__V1__Profile **row) {
    struct id at = from;
    for (size_t i = 0; i < REDIRECTS_MAX; i++) {
        if (i > 0 && id_equal(at, until)) {
            *last = at;
            return OK;
        }
        bool found = false;
        struct id to;
        TRY(read_redirect(verify, at, &found, row, &to));
        if (!found) {
            return verify_wrong("a redirect leads to no profile");
        }
        if (id_is_zero(to)) {
            *last = at;
            return OK;
        }
        at = to;
    }
    return verify_wrong("a redirect leads round in a circle");
}

static bool lists(const Stored__V1__Profile *row, struct id id) {
    for (size_t at = 0; at + ID_SIZE <= row->absorbed.len; at += ID_SIZE) {
        if (memcmp(row->absorbed.data + at, id.bytes, ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static struct status check_absorbed(struct verify *verify, const struct profile *profile,
                                    size_t position) {
    const struct id id = profile->absorbed[position];
    for (size_t i = 0; i < position; i++) {
        if (id_equal(profile->absorbed[i], id)) {
            return verify_wrong("it lists a profile twice among those merged into it");
        }
    }
    const Stored__V1__Profile *row = NULL;
    struct id last;
    const struct status status = follow(verify, id, profile->id, &last, &row);
    if (verify_is_problem(status) || (status_is_ok(status) && !id_equal(last, profile->id))) {
        return verify_wrong("a profile that it lists as merged into it does not lead to it");
    }
    return status;
}

struct status verify_follow(struct verify *verify, struct id id, struct id *last) {
    const Stored__V1__Profile *row = NULL;
    return follow(verify, id, (struct id){{0}}, last, &row);
}

struct status verify_redirects(struct verify *verify, const struct profile *profile) {
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        TRY(check_absorbed(verify, profile, i));
    }
    if (id_is_zero(profile->merged_into)) {
        return OK;
    }
    const Stored__V1__Profile *survivor = NULL;
    struct id last;
    TRY(follow(verify, profile->id, (struct id){{0}}, &last, &survivor));
    assert(survivor != NULL);
    return lists(survivor, profile->id)
               ? OK
               : verify_wrong("the profile that it redirects to does not list it");
}
