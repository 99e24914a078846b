#pragma once
/* Who has an identity: the live profiles that match it under the workspace's rules. One at most,
 * but where the rules of the type have changed: then an address may lie under the match value of
 * before on one profile, and under that of now on another. */

#include "server/identity/identity_type.h"
#include "server/store/store.h"

struct identity_owners {
    size_t count;
    const struct profile *items[EMAIL_FORM_COUNT]; /* Each once. */
};

/* Finds them: by the match value, and by those of before where a profile has the very canonical
 * value. */
MUST_USE struct status identity_owners_find(struct store_view *view,
                                            const struct identity_type *type, const char *canonical,
                                            struct identity_owners *out);

/* The first of them; *out is NULL when nobody has it. */
MUST_USE struct status identity_owner_find(struct store_view *view,
                                           const struct identity_type *type, const char *canonical,
                                           const struct profile **out);
