/* The checks of the rows that profiles are found by. Whether a row leads to a profile that has it
 * is told by counting, and only where the count differs is each row followed. */

#include <string.h>

#include "server/store/verify_walk.h"

struct status verify_identity(struct verify *verify, struct bytes key, struct bytes value) {
    (void)verify;
    (void)key;
    return value.size == ID_SIZE ? OK : verify_wrong("its value has not 16 bytes");
}

struct status verify_term(struct verify *verify, struct bytes key, struct bytes value) {
    (void)verify;
    (void)key;
    return value.size == 0 ? OK : verify_wrong("its value is not empty");
}

struct status verify_index_row(struct verify *verify, struct bytes key, struct bytes value) {
    struct bytes tail = bytes_of(key.data + key.size - ID_SIZE, ID_SIZE);
    if (key.data[0] == STORE_TABLE_IDENTITY) {
        if (value.size != ID_SIZE) {
            return OK; /* Told already. */
        }
        tail = value;
    }
    struct id id;
    memcpy(id.bytes, tail.data, ID_SIZE);
    struct profile *profile = NULL;
    const struct status opened = verify_profile_open(verify, id, &profile);
    if (verify_is_problem(opened)) {
        return verify_wrong("leads to a profile that does not open");
    }
    TRY(opened);
    if (profile == NULL) {
        return verify_wrong("leads to no profile");
    }
    if (!profile_is_live(profile) || profile->update_us < 0) {
        return verify_wrong("leads to a profile that is merged or deleted");
    }
    struct store_key *keys = NULL;
    size_t own_count = 0;
    size_t count = 0;
    TRY(verify_index_keys(verify, profile, &keys, &own_count, &count));
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(store_key_bytes(&keys[i]), key)) {
            return OK;
        }
    }
    return verify_wrong("leads to a profile that does not have it");
}
