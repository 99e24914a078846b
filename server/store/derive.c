/* The one place that knows which secondary rows a profile has: what it is found by (identities,
 * words of the name, attributes) and its place in the order of updates. Rows are derived from what
 * the profile was and what it is to be; nobody else writes them. */

#include <assert.h>
#include <string.h>

#include "server/store/view.h"

struct derived {
    struct store_key key;
    bool is_identity;
};

struct derived_rows {
    size_t count;
    struct derived *rows;
};

/* Attribute names and values are part of a key: a long value is cut to 48 bytes and 16 of its
 * hash. */
static struct bytes term_part(const struct store *store, const char *field, const char *value,
                              uint8_t buffer[STORE_TERM_VALUE_SIZE_MAX]) {
    const struct bytes all = bytes_of_string(value);
    if (all.size <= STORE_TERM_VALUE_SIZE_MAX) {
        return all;
    }
    const size_t kept = STORE_TERM_VALUE_SIZE_MAX - VAULT_FINGERPRINT_SIZE;
    const struct fingerprint hash = view_hash(store, "value", field, value);
    memcpy(buffer, all.data, kept);
    memcpy(buffer + kept, hash.bytes, VAULT_FINGERPRINT_SIZE);
    return bytes_of(buffer, STORE_TERM_VALUE_SIZE_MAX);
}

struct store_key derive_term_key(const struct store *store, const struct profile_term *term) {
    switch (term->kind) {
    case PROFILE_TERM_IDENTITY:
        return store_key_hash(STORE_TABLE_IDENTITY,
                              view_hash(store, "identity", term->field, term->value));
    case PROFILE_TERM_NAME_WORD:
        return store_key_name_word(view_hash(store, "word", term->field, term->value));
    case PROFILE_TERM_ATTRIBUTE: {
        uint8_t buffer[STORE_TERM_VALUE_SIZE_MAX];
        return store_key_attribute(bytes_of_string(term->field),
                                   term_part(store, term->field, term->value, buffer));
    }
    }
    assert(!"a kind of term");
    return store_key_table(STORE_TABLE_FORMAT);
}

static struct derived_rows rows_of(struct store_view *view, const struct profile *profile) {
    struct derived_rows rows = {0, NULL};
    if (profile == NULL || !profile_is_live(profile)) {
        return rows;
    }
    struct profile_term *terms = NULL;
    const size_t count = view->store->terms(profile, view->arena, &terms);
    rows.rows = arena_array(view->arena, count + 1, sizeof *rows.rows);
    for (size_t i = 0; i < count; i++) {
        struct derived *row = &rows.rows[rows.count++];
        row->key = derive_term_key(view->store, &terms[i]);
        row->is_identity = terms[i].kind == PROFILE_TERM_IDENTITY;
        if (!row->is_identity) {
            row->key = store_key_with_id(&row->key, profile->id);
        }
    }
    rows.rows[rows.count++].key = store_key_update_time(profile->update_us, profile->id);
    return rows;
}

static bool has(const struct derived_rows *rows, const struct store_key *key) {
    for (size_t i = 0; i < rows->count; i++) {
        if (bytes_equal(store_key_bytes(&rows->rows[i].key), store_key_bytes(key))) {
            return true;
        }
    }
    return false;
}

/* An identity's row is only taken away by the profile that has it: in a merge it may already be the
 * survivor's. */
static struct status delete_row(struct store_view *view, const struct derived *row,
                                struct id profile) {
    if (row->is_identity) {
        struct bytes owner;
        TRY(view_get(view, &row->key, &owner));
        if (!bytes_equal(owner, bytes_of(profile.bytes, ID_SIZE))) {
            return OK;
        }
    }
    view_delete(view, &row->key);
    return OK;
}

struct status derive_rows(struct store_view *view, const struct profile *before,
                          const struct profile *after) {
    assert(before == NULL || after == NULL || id_equal(before->id, after->id));
    const struct derived_rows old_rows = rows_of(view, before);
    const struct derived_rows new_rows = rows_of(view, after);
    for (size_t i = 0; i < old_rows.count; i++) {
        if (!has(&new_rows, &old_rows.rows[i].key)) {
            TRY(delete_row(view, &old_rows.rows[i], before->id));
        }
    }
    for (size_t i = 0; i < new_rows.count; i++) {
        const struct derived *row = &new_rows.rows[i];
        if (!has(&old_rows, &row->key)) {
            view_put(view, &row->key,
                     row->is_identity
                         ? arena_copy(view->arena, bytes_of(after->id.bytes, ID_SIZE))
                         : bytes_of(NULL, 0));
        }
    }
    return OK;
}
