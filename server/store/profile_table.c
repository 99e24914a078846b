/* The profile table and what it is reached by: ids with their redirects, and identities. */

#include <assert.h>
#include <string.h>

#include "server/store/view.h"

enum { REDIRECTS_MAX = 10000 }; /* A chain that long is a circle. */

static struct status profile_read(struct store_view *view, const struct store_key *key,
                                  struct id id, struct profile **out) {
    struct bytes row;
    TRY(engine_get(view->txn, store_key_bytes(key), &row));
    return row.data == NULL ? OK : profile_row_unpack(view, id, row, out);
}

struct status store_profile_get(struct store_view *view, struct id id, const struct profile **out) {
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, id);
    struct overlay_entry *entry = overlay_find(view->overlay, store_key_bytes(&key));
    if (entry == NULL) {
        const struct overlay_entry *below = view_wish(view, &key);
        struct profile *profile = NULL;
        if (below != NULL) {
            profile = below->profile;
        } else {
            TRY(profile_read(view, &key, id, &profile));
        }
        entry = overlay_set(view->overlay, store_key_bytes(&key));
        entry->profile = profile;
        entry->before = profile;
    }
    *out = entry->profile;
    return OK;
}

struct status store_profile_before(struct store_view *view, struct id id,
                                   const struct profile **out) {
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, id);
    TRY(store_profile_get(view, id, out)); /* Brings it into the overlay. */
    *out = overlay_find(view->overlay, store_key_bytes(&key))->before;
    return OK;
}

struct status store_profile_follow(struct store_view *view, struct id id,
                                   const struct profile **out) {
    const struct profile *profile = NULL;
    TRY(store_profile_get(view, id, &profile));
    for (size_t i = 0; profile != NULL && !id_is_zero(profile->merged_into); i++) {
        if (i == REDIRECTS_MAX) {
            return store_corrupt("a redirect leads round in a circle");
        }
        TRY(store_profile_get(view, profile->merged_into, &profile));
        if (profile == NULL) {
            return store_corrupt("a redirect leads to no profile");
        }
    }
    *out = profile;
    return OK;
}

struct status store_profile_put(struct store_view *view, struct profile *profile) {
    const struct profile *before = NULL;
    TRY(store_profile_get(view, profile->id, &before));
    assert(profile != before); /* profile_copy() it before a change. */
    assert(profile->name != NULL && profile->name_source != NULL);
    assert(before == NULL || before->create_us == profile->create_us);
    profile->revision = before == NULL ? 1 : before->revision + 1;
    if (before != NULL) {
        profile->has_slot = before->has_slot;
        profile->slot = before->slot;
    }
    if (profile_row_size(profile) > STORE_PACKED_SIZE_MAX) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_IDENTITY_LIMIT,
                         "the profile would hold more than 90,000 bytes");
    }
    TRY(derive_rows(view, before, profile));
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, profile->id);
    struct overlay_entry *entry = overlay_set(view->overlay, store_key_bytes(&key));
    view->overlay->wished_count += entry->wished ? 0 : 1;
    view->overlay->wish_count++;
    entry->wished = true;
    entry->profile = profile;
    entry->terms = NULL;
    return OK;
}

/* ---- own states ---- */

struct status store_own_get(struct store_view *view, struct id id, const struct profile **out) {
    const struct store_key key = store_key_id(STORE_TABLE_OWN_STATE, id);
    struct bytes packed;
    TRY(view_get_sealed(view, &key, &packed));
    *out = NULL;
    if (packed.data == NULL) {
        return OK;
    }
    const struct profile *profile = NULL;
    TRY(store_profile_get(view, id, &profile));
    if (profile == NULL) {
        return store_corrupt("there is an own state of no profile");
    }
    struct profile *own = NULL;
    TRY(profile_own_unpack(view, profile, packed, &own));
    *out = own;
    return OK;
}

struct status store_own_put(struct store_view *view, const struct profile *own) {
    const struct store_key key = store_key_id(STORE_TABLE_OWN_STATE, own->id);
    return view_put_sealed(view, &key, own->id, profile_own_pack(own, view->overlay->arena));
}

void store_own_delete(struct store_view *view, struct id id) {
    const struct store_key key = store_key_id(STORE_TABLE_OWN_STATE, id);
    view_delete(view, &key);
}

/* ---- what a profile is found by ---- */

size_t view_terms(struct store_view *view, const struct profile *profile,
                  struct profile_term **out) {
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, profile->id);
    struct overlay_entry *entry = overlay_find(view->overlay, store_key_bytes(&key));
    if (entry == NULL || entry->profile != profile) {
        return view->store->terms(profile, view->arena, out);
    }
    if (entry->terms == NULL) {
        entry->term_count = view->store->terms(profile, view->overlay->arena, &entry->terms);
    }
    *out = entry->terms;
    return entry->term_count;
}

/* Whether the profile has an active identity that is compared as this value. */
static bool has_match(const struct profile *profile, const char *match) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        if (profile->identities[i].rule == 0 && strcmp(profile->identities[i].match, match) == 0) {
            return true;
        }
    }
    return false;
}

/* Mostly it is found by an identity: then the words of its name need not be made for it. */
static bool has_term(struct store_view *view, const struct profile *profile,
                     const struct profile_term *term) {
    if (term->kind == PROFILE_TERM_IDENTITY && has_match(profile, term->value)) {
        return true;
    }
    struct profile_term *terms = NULL;
    const size_t count = view_terms(view, profile, &terms);
    for (size_t i = 0; i < count; i++) {
        if (terms[i].kind == term->kind && strcmp(terms[i].field, term->field) == 0 &&
            strcmp(terms[i].value, term->value) == 0) {
            return true;
        }
    }
    return false;
}

static struct status term_owner(struct store_view *view, const struct profile_term *term,
                                const struct profile **out) {
    const struct store_key key = derive_term_key(view->store, term);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *out = NULL;
    if (row.data == NULL) {
        return OK;
    }
    if (row.size != ID_SIZE) {
        return store_corrupt("a row of the identity index has not 16 bytes");
    }
    struct id id;
    memcpy(id.bytes, row.data, ID_SIZE);
    const struct profile *owner = NULL;
    TRY(store_profile_get(view, id, &owner));
    if (owner == NULL || !profile_is_live(owner)) {
        return store_corrupt("the identity index leads to no live profile");
    }
    /* Two values with one hash (never seen, 2^-128) are two values: a hash joins nobody. */
    *out = has_term(view, owner, term) ? owner : NULL;
    return OK;
}

struct status store_identity_owner(struct store_view *view, const char *match_as, const char *match,
                                   const struct profile **out) {
    return term_owner(view, &(struct profile_term){PROFILE_TERM_IDENTITY, match_as, match}, out);
}

struct status store_shared_owner(struct store_view *view, const char *field, const char *value,
                                 const struct profile **out) {
    return term_owner(view, &(struct profile_term){PROFILE_TERM_SHARED, field, value}, out);
}
