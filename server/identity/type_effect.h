#pragma once
/* What the rules of types would do to the identities that profiles have. */

#include "server/identity/identity_type.h"
#include "server/store/store.h"

/* Of the latest profiles: TYPE_EFFECT_PROFILES_MAX, or as many as are looked at in a second. */
struct identity_type_effect {
    size_t profile_count; /* Profiles that were looked at, deleted ones included. */
    bool partial;         /* There may be further ones. */
    size_t held_count;    /* Identities of the type, contact data and deleted profiles' included. */
    size_t identity_count;      /* Active identities of the type. */
    size_t blocked_count;       /* Those of them that the rules make contact data. */
    size_t apart_count;         /* Contact data by rules of the type already, */
    size_t apart_blocked_count; /* and by these rules too. */
};

enum { TYPE_EFFECT_PROFILES_MAX = 100000 };

/* Counts them, for each of the types at its place in `out`. The view must not hold wishes. */
MUST_USE struct status identity_type_effects_count(struct store_view *view,
                                                   const struct identity_type *const *types,
                                                   size_t count, struct identity_type_effect *out);
