#pragma once
/* Who has an identity: the live profiles that match it under the workspace's rules. One at most,
 * but where the rules of the type have changed: then an address may lie under the match value of
 * before on one profile, and under that of now on another.
 *
 * The index says only under which name a value is compared. So the identity that a profile has it
 * by is judged by the present rules of its own type: a phone number whose type is disabled reaches
 * nobody, applied (ApplyIdentityTypes) or not, and be it told as a WhatsApp number. */

#include "server/identity/rules.h"

struct identity_owners {
    size_t count;
    const struct profile *items[EMAIL_FORM_COUNT]; /* Each once. */
    size_t lapsed_count;
    const struct profile *lapsed[EMAIL_FORM_COUNT]; /* Those that have it, as it was written, by
                                                       what is contact data by now, or is
                                                       compared as something else. */
};

/* Finds them: by the match value, and by those of before where a profile has the very canonical
 * value. */
MUST_USE struct status identity_owners_find(struct store_view *view,
                                            const struct identity_rules *rules,
                                            const struct identity_type *type, const char *canonical,
                                            struct identity_owners *out);

/* The first of them; *out is NULL when nobody has it. */
MUST_USE struct status identity_owner_find(struct store_view *view,
                                           const struct identity_rules *rules,
                                           const struct identity_type *type, const char *canonical,
                                           const struct profile **out);

/* Whether the profile has an identity with this stored rule (0: active) that is compared as
 * `match_name` and `match`, and that no present rule of its type makes contact data. */
bool identity_is_kept(const struct identity_rules *rules, const struct profile *profile,
                      uint32_t rule, const char *match_name, const char *match,
                      struct arena *arena);
