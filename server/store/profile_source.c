/* Who has the terms of a clause. An identity is in two indexes: that of the one whom it leads to,
 * and that of contacts. */

#include "server/store/profile_source.h"

#include <assert.h>
#include <string.h>

/* The profile of an id, where it is live: indexes have no others. */
static struct status find_live(struct store_view *view, struct id id, struct id *out) {
    const struct profile *profile = NULL;
    TRY(store_profile_get(view, id, &profile));
    *out = profile != NULL && profile_is_live(profile) ? id : (struct id){{0}};
    return OK;
}

static struct status find_owner(struct store_view *view, const struct profile_term *term,
                                struct id *out) {
    const struct store_key key = derive_term_key(view->store, term);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *out = (struct id){{0}};
    if (row.data != NULL && row.size != ID_SIZE) {
        return store_corrupt("a row of the identity index has not 16 bytes");
    }
    if (row.data != NULL) {
        memcpy(out->bytes, row.data, ID_SIZE);
    }
    return OK;
}

static struct status add_sources(struct store_view *view, const struct profile_term *term,
                                 struct profile_sources *out) {
    struct profile_source *source = &out->items[out->count++];
    struct profile_term contact = *term;
    struct id id;
    *source = (struct profile_source){.prefix = {.size = 0}};
    switch (term->kind) {
    case PROFILE_TERM_IDENTITY:
        TRY(find_owner(view, term, &source->one));
        contact.kind = PROFILE_TERM_CONTACT;
        out->items[out->count++] =
            (struct profile_source){.prefix = derive_term_key(view->store, &contact)};
        return OK;
    case PROFILE_TERM_ID:
        return id_parse(term->value, &id) ? find_live(view, id, &source->one) : OK;
    case PROFILE_TERM_CONTACT:
    case PROFILE_TERM_NAME_WORD:
    case PROFILE_TERM_ATTRIBUTE:
    case PROFILE_TERM_MEMBER:
        source->prefix = derive_term_key(view->store, term);
        return OK;
    case PROFILE_TERM_SHARED:
    case PROFILE_TERM_COUNTED:
        break;
    }
    assert(false && "a term of a clause");
    return OK;
}

struct status profile_sources_find(struct store_view *view, const struct store_clause *clause,
                                   struct profile_sources *out) {
    assert(clause->term_count > 0);
    out->count = 0;
    out->items = arena_array(view->arena, 2 * clause->term_count, sizeof *out->items);
    for (size_t i = 0; i < clause->term_count; i++) {
        TRY(add_sources(view, &clause->terms[i], out));
    }
    return OK;
}

struct status profile_sources_have(struct store_view *view, const struct profile_sources *sources,
                                   struct id id, bool *out) {
    *out = false;
    for (size_t i = 0; i < sources->count && !*out; i++) {
        const struct profile_source *source = &sources->items[i];
        if (source->prefix.size == 0) {
            *out = id_equal(source->one, id);
            continue;
        }
        const struct store_key key = store_key_with_id(&source->prefix, id);
        struct bytes row;
        TRY(view_get(view, &key, &row));
        *out = row.data != NULL;
    }
    return OK;
}

struct status profile_sources_count(struct store_view *view, const struct profile_sources *sources,
                                    uint64_t max, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < sources->count && *out < max; i++) {
        uint64_t count = id_is_zero(sources->items[i].one) ? 0 : 1;
        if (sources->items[i].prefix.size > 0) {
            TRY(view_count_rows(view, &sources->items[i].prefix, max - *out, &count));
        }
        *out += count;
    }
    return OK;
}
