/* Looking up owners. Without a change of what the type ignores it is one look into the index. */

#include "server/identity/owner.h"

#include <string.h>

#include "server/identity/match_value.h"

/* Whether the profile has, active, the very value. */
static bool has_canonical(const struct profile *profile, const char *match_name,
                          const char *canonical) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if (identity->rule == 0 && strcmp(identity->canonical, canonical) == 0 &&
            strcmp(identity_match_name(identity->type), match_name) == 0) {
            return true;
        }
    }
    return false;
}

static void add(struct identity_owners *owners, const struct profile *profile) {
    for (size_t i = 0; i < owners->count; i++) {
        if (id_equal(owners->items[i]->id, profile->id)) {
            return;
        }
    }
    owners->items[owners->count++] = profile;
}

struct status identity_owners_find(struct store_view *view, const struct identity_type *type,
                                   const char *canonical, struct identity_owners *out) {
    struct arena *arena = store_view_arena(view);
    const char *match_name = identity_type_match_name(type);
    out->count = 0;
    const struct profile *owner = NULL;
    TRY(store_identity_owner(view, match_name, identity_match_value(type, canonical, arena),
                             &owner));
    if (owner != NULL) {
        add(out, owner);
    }
    const char *before[EMAIL_FORM_COUNT];
    const size_t count = identity_match_values_before(type, canonical, arena, before);
    for (size_t i = 0; i < count; i++) {
        TRY(store_identity_owner(view, match_name, before[i], &owner));
        if (owner != NULL && has_canonical(owner, match_name, canonical)) {
            add(out, owner);
        }
    }
    return OK;
}

struct status identity_owner_find(struct store_view *view, const struct identity_type *type,
                                  const char *canonical, const struct profile **out) {
    struct identity_owners owners;
    TRY(identity_owners_find(view, type, canonical, &owners));
    *out = owners.count == 0 ? NULL : owners.items[0];
    return OK;
}
