#pragma once
/* Definitions of the attributes that a workspace defines, as the store has them: a row each, beside
 * the rules (attribute_rules.h), which have of each what every call needs. */

#include "server/identity/attribute_value.h"
#include "server/store/store.h"

/* Reads the definition of an attribute of this kind, which is the workspace's own. *out lives as
 * long as the view's arena. */
MUST_USE struct status attribute_definition_read(struct store_view *view,
                                                 const struct attribute_kind *kind,
                                                 const struct attribute_definition **out);

/* Wishes it to be this. FAILED_PRECONDITION ATTRIBUTE_LIMIT when it takes more room than a
 * definition may. */
MUST_USE struct status attribute_definition_put(struct store_view *view,
                                                const struct attribute_definition *definition);

/* Whether one may refuse a value that the other takes, by anything but being personal, retired or
 * required: other bounds, a value less, shorter lists. */
bool attribute_definition_narrows(const struct attribute_definition *before,
                                  const struct attribute_definition *after);

enum { DEFINITION_PROFILES_MAX = 100000, DEFINITION_SAMPLES_MAX = 10 };

/* Some of the profiles that are counted: those that are not deleted first. */
struct attribute_samples {
    size_t count;
    size_t live_count; /* Of these: not deleted. */
    struct id ids[DEFINITION_SAMPLES_MAX];
};

/* What profiles have of an attribute. Of the latest profiles: DEFINITION_PROFILES_MAX, or as many
 * as are looked at in a second. */
struct attribute_effect {
    size_t profile_count; /* Profiles that were looked at, deleted and merged ones included. */
    size_t value_count;   /* Those that have a value. */
    size_t refused_count; /* Those of which the definition would refuse it. */
    bool partial;         /* There may be further ones. */
    struct attribute_samples valued;  /* The latest of those that have a value, */
    struct attribute_samples refused; /* and of those of which it would be refused. */
};

/* Counts it. The view must not hold wishes. */
MUST_USE struct status attribute_effect_count(struct store_view *view,
                                              const struct attribute_definition *definition,
                                              struct attribute_effect *out);
