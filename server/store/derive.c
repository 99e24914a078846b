/* The one place that knows which secondary rows a profile has: what it is found by (identities,
 * words of the name, attributes) and its place in the order of updates. Rows are derived from what
 * the profile was and what it is to be; nobody else writes them. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/view.h"

struct terms {
    size_t count;
    struct profile_term *items;
};

/* Attribute names and values are part of a key: a long value is cut to 48 bytes and 16 of its
 * hash. */
struct bytes derive_term_part(const struct store *store, const char *field, const char *value,
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
    case PROFILE_TERM_SHARED:
        return store_key_hash(STORE_TABLE_IDENTITY,
                              view_hash(store, "shared", term->field, term->value));
    case PROFILE_TERM_NAME_WORD:
        return store_key_word(STORE_TABLE_NAME_WORD,
                              view_hash(store, "word", term->field, term->value));
    case PROFILE_TERM_CONTACT:
        return store_key_word(STORE_TABLE_CONTACT,
                              view_hash(store, "contact", term->field, term->value));
    case PROFILE_TERM_ATTRIBUTE: {
        uint8_t buffer[STORE_TERM_VALUE_SIZE_MAX];
        return store_key_attribute(bytes_of_string(term->field),
                                   derive_term_part(store, term->field, term->value, buffer));
    }
    case PROFILE_TERM_COUNTED: /* Those who have it are one set: population.c. */
    case PROFILE_TERM_ID:
        break;
    case PROFILE_TERM_MEMBER:
        return store_key_segment_number(STORE_TABLE_MEMBER,
                                        (uint32_t)strtoul(term->value, NULL, 10));
    }
    assert(false && "a kind of term");
    return store_key_table(STORE_TABLE_FORMAT);
}

/* Whether the term's row holds the id of the one profile that it leads to. */
static bool leads_to_one(const struct profile_term *term) {
    return term->kind == PROFILE_TERM_IDENTITY || term->kind == PROFILE_TERM_SHARED;
}

/* The key of a term's row for one profile. */
static struct store_key row_key(const struct store *store, const struct profile_term *term,
                                struct id profile) {
    const struct store_key key = derive_term_key(store, term);
    return leads_to_one(term) ? key : store_key_with_id(&key, profile);
}

static bool is_live(const struct profile *profile) {
    return profile != NULL && profile_is_live(profile);
}

static struct terms terms_of(struct store_view *view, const struct profile *profile) {
    struct terms terms = {0, NULL};
    if (is_live(profile)) {
        terms.count = view_terms(view, profile, &terms.items);
    }
    return terms;
}

static bool has(const struct terms *terms, const struct profile_term *term) {
    for (size_t i = 0; i < terms->count; i++) {
        const struct profile_term *item = &terms->items[i];
        if (item->kind == term->kind && strcmp(item->field, term->field) == 0 &&
            strcmp(item->value, term->value) == 0) {
            return true;
        }
    }
    return false;
}

/* An identity's row is only taken away by the profile that has it: in a merge it may already be the
 * survivor's. */
static struct status delete_row(struct store_view *view, const struct profile_term *term,
                                struct id profile) {
    const struct store_key key = row_key(view->store, term, profile);
    if (leads_to_one(term)) {
        struct bytes owner;
        TRY(view_get(view, &key, &owner));
        if (!bytes_equal(owner, bytes_of(profile.bytes, ID_SIZE))) {
            return OK;
        }
    }
    view_delete(view, &key);
    return OK;
}

static struct status put_row(struct store_view *view, const struct profile_term *term,
                             struct id profile) {
    const struct store_key key = row_key(view->store, term, profile);
    if (term->kind == PROFILE_TERM_SHARED) {
        struct bytes there;
        TRY(view_get(view, &key, &there));
        if (there.data != NULL) {
            return OK; /* It leads to the first who had it. */
        }
    }
    view_put(view, &key,
             leads_to_one(term) ? arena_copy(view->arena, bytes_of(profile.bytes, ID_SIZE))
                                : bytes_of(NULL, 0));
    return OK;
}

static void derive_update_time(struct store_view *view, const struct profile *before,
                               const struct profile *after) {
    const bool was = is_live(before);
    const bool is = is_live(after);
    if (was && is && before->update_us == after->update_us) {
        return;
    }
    if (was) {
        const struct store_key key = store_key_update_time(before->update_us, before->id);
        view_delete(view, &key);
    }
    if (is) {
        const struct store_key key = store_key_update_time(after->update_us, after->id);
        view_put(view, &key, bytes_of(NULL, 0));
    }
}

/* Keys are made of what differs only: most updates leave most terms as they are. */
struct status derive_rows(struct store_view *view, const struct profile *before,
                          const struct profile *after) {
    assert(before == NULL || after == NULL || id_equal(before->id, after->id));
    const struct terms old_terms = terms_of(view, before);
    const struct terms new_terms = terms_of(view, after);
    for (size_t i = 0; i < old_terms.count; i++) {
        if (old_terms.items[i].kind != PROFILE_TERM_COUNTED &&
            !has(&new_terms, &old_terms.items[i])) {
            TRY(delete_row(view, &old_terms.items[i], before->id));
        }
    }
    for (size_t i = 0; i < new_terms.count; i++) {
        if (new_terms.items[i].kind != PROFILE_TERM_COUNTED &&
            !has(&old_terms, &new_terms.items[i])) {
            TRY(put_row(view, &new_terms.items[i], after->id));
        }
    }
    derive_update_time(view, before, after);
    return OK;
}
