#pragma once
/* What the rules of a type would do to the identities that profiles have. */

#include "server/identity/identity_type.h"
#include "server/store/store.h"

/* Of the latest TYPE_EFFECT_PROFILES_MAX profiles. */
struct identity_type_effect {
    size_t identity_count; /* Active identities of the type. */
    size_t blocked_count;  /* Those that the rules block. */
};

enum { TYPE_EFFECT_PROFILES_MAX = 100000 };

/* Counts them. The view must not hold wishes. */
MUST_USE struct status identity_type_effect_count(struct store_view *view,
                                                  const struct identity_type *type,
                                                  struct identity_type_effect *out);
