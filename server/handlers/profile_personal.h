#pragma once
/* What of a profile's message is personal. */

#include "profiled/v1/profile.pb-c.h"
#include "server/identity/attribute_rules.h"
#include "server/store/trait.h"

/* What tells which values are personal. Borrowed. */
struct profile_personal {
    const struct attribute_rules *attributes;
    const struct store_traits *traits;
};

/* Reads it as the view sees it. Lives as long as the view's arena. */
MUST_USE struct status profile_personal_read(struct store_view *view, struct profile_personal *out);

/* Takes what is personal out of a message: the name, identities, attributes, and the values of
 * traits that interactions told word for word. Answers how many values that were. */
size_t profile_personal_withhold(const struct profile_personal *personal,
                                 Profiled__V1__Profile *profile);
