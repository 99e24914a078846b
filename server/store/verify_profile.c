/* The check of a profile: that it opens, holds together, and has its row in every index. */

#include <string.h>

#include "server/store/verify_walk.h"

struct status verify_profile_open(struct verify *verify, struct id id, struct profile **out) {
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, id);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        *out = NULL;
        return OK;
    }
    return profile_row_unpack(&verify->view, id, row, out);
}

/* ---- the profile by itself ---- */

/* Whether an id is the profile's own, or that of one merged into it. */
static bool is_own(const struct profile *profile, struct id origin) {
    if (id_equal(origin, profile->id)) {
        return true;
    }
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        if (id_equal(origin, profile->absorbed[i])) {
            return true;
        }
    }
    return false;
}

static struct status check_attributes(struct verify *verify, const struct profile *profile) {
    for (size_t i = 0; i < profile->attribute_count; i++) {
        const struct profile_attribute *attribute = &profile->attributes[i];
        if (!is_own(profile, attribute->origin)) {
            return verify_wrong("an attribute came from a profile that was not merged into it");
        }
        if (profile_attribute_find(profile, attribute->name) != attribute) {
            return verify_wrong("it has two values of one attribute");
        }
        if (attribute->form != 0) {
            TRY(verify_own_attribute(verify, attribute));
        }
    }
    return OK;
}

static struct status check_profile(struct verify *verify, const struct profile *profile) {
    if (profile->revision == 0) {
        return verify_wrong("it has no revision");
    }
    if (profile->create_us < 0 || profile->update_us < 0 || profile->delete_us < 0) {
        return verify_wrong("one of its times is before 1970");
    }
    for (size_t i = 0; i < profile->identity_count; i++) {
        if (!is_own(profile, profile->identities[i].origin)) {
            return verify_wrong("an identity came from a profile that was not merged into it");
        }
    }
    return check_attributes(verify, profile);
}

/* ---- its rows in the indexes ---- */

static bool is_among(const struct store_key *keys, size_t count, const struct store_key *key) {
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(store_key_bytes(&keys[i]), store_key_bytes(key))) {
            return true;
        }
    }
    return false;
}

/* What is not sealed may be damaged: a term that can be no part of a key. */
static bool is_possible(const struct profile_term *term) {
    const size_t field_size = strlen(term->field);
    return term->kind != PROFILE_TERM_ATTRIBUTE ||
           (field_size > 0 && field_size <= STORE_TERM_NAME_SIZE_MAX && term->value[0] != '\0');
}

/* Adds the keys of terms that are shared, or of those that are not. */
static struct status add_keys(struct verify *verify, const struct profile *profile,
                              const struct profile_term *terms, size_t term_count, bool shared,
                              struct store_key *keys, size_t *key_count) {
    for (size_t i = 0; i < term_count; i++) {
        if ((terms[i].kind == PROFILE_TERM_SHARED) != shared ||
            terms[i].kind == PROFILE_TERM_COUNTED) {
            continue;
        }
        if (!is_possible(&terms[i])) {
            return verify_wrong("one of its attributes has no value");
        }
        struct store_key key = derive_term_key(verify->store, &terms[i]);
        if (terms[i].kind != PROFILE_TERM_IDENTITY && !shared) {
            key = store_key_with_id(&key, profile->id);
        }
        if (!is_among(keys, *key_count, &key)) {
            keys[(*key_count)++] = key;
        }
    }
    return OK;
}

struct status verify_index_keys(struct verify *verify, const struct profile *profile,
                                struct store_key **out, size_t *own_count, size_t *count) {
    struct profile_term *terms = NULL;
    const size_t term_count = verify->store->terms(profile, &verify->arena, &terms);
    struct store_key *keys = arena_array(&verify->arena, term_count + 1, sizeof *keys);
    size_t key_count = 0;
    TRY(add_keys(verify, profile, terms, term_count, false, keys, &key_count));
    keys[key_count++] = store_key_update_time(profile->update_us, profile->id);
    *own_count = key_count;
    TRY(add_keys(verify, profile, terms, term_count, true, keys, &key_count));
    *out = keys;
    *count = key_count;
    return OK;
}

/* The row of a shared term is one of those who have it, who counts it. */
static struct status count_shared_row(struct verify *verify, const struct profile *profile,
                                      const struct store_key *key) {
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(key), &row));
    if (bytes_equal(row, bytes_of(profile->id.bytes, ID_SIZE))) {
        verify_count_found(verify, STORE_TABLE_IDENTITY);
    }
    return OK;
}

static struct status check_index_row(struct verify *verify, const struct profile *profile,
                                     const struct store_key *key) {
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(key), &row));
    const enum store_table table = (enum store_table)key->bytes[0];
    if (row.data == NULL) {
        verify_tell(verify, store_key_bytes(key), "is missing: a live profile has it");
    } else if (table == STORE_TABLE_IDENTITY &&
               !bytes_equal(row, bytes_of(profile->id.bytes, ID_SIZE))) {
        verify_tell(verify, store_key_bytes(key), "leads past a live profile that has it");
    } else {
        verify_count_found(verify, table);
    }
    return OK;
}

struct status verify_profile(struct verify *verify, struct bytes key, struct bytes value) {
    struct id id;
    memcpy(id.bytes, key.data + 1, ID_SIZE);
    struct profile *profile = NULL;
    TRY(profile_row_unpack(&verify->view, id, value, &profile));
    TRY(check_profile(verify, profile));
    if (profile_is_live(profile)) {
        struct store_key *keys = NULL;
        size_t own_count = 0;
        size_t count = 0;
        TRY(verify_index_keys(verify, profile, &keys, &own_count, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(i < own_count ? check_index_row(verify, profile, &keys[i])
                              : count_shared_row(verify, profile, &keys[i]));
        }
        TRY(verify_counted(verify, profile));
    }
    TRY(verify_redirects(verify, profile));
    return verify_members(verify, profile);
}
