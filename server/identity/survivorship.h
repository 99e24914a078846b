#pragma once
/* Survivorship: which of several values a profile keeps, of each attribute for itself, by the
 * workspace's attribute rules. Values of a list survive together. A sub-dialect that does not
 * belong to the dialect is put aside: each member keeps what it was told, and the profile does not
 * tell it.
 */

#include "server/base/arena.h"
#include "server/identity/attribute_rules.h"
#include "server/identity/record.h"
#include "server/store/profile.h"

enum survivorship_override {
    SURVIVORSHIP_BY_RULES,
    SURVIVORSHIP_REPLACE, /* What the record tells takes the place of what was there. */
};

/* Takes the record's name and attributes into the profile, whose own arrays may be replaced: what
 * comes of several does not hang on the order in which they are taken, but on when they were
 * observed and told. What was set or cleared by force outweighs what was observed until then, else
 * the rules decide. The name is derived where nobody has told one. SURVIVORSHIP_REPLACE needs no
 * rules: NULL; `force_us` is that of survivorship_force_us() then. */
void survivorship_apply(struct profile *profile, const struct record *record,
                        const struct attribute_rules *rules, enum survivorship_override override,
                        int64_t force_us, struct arena *arena);

/* The time by which something set now outweighs all that the profile (NULL: a new one) knows, of
 * which some may be said to have been observed later. */
int64_t survivorship_force_us(const struct profile *profile, int64_t now_us);

/* What a profile says of an attribute or, as one of the attribute "name", of its name; false where
 * nobody told it. */
bool survivorship_find(const struct profile *profile, const char *attribute,
                       struct profile_attribute *out);

/* Sets a value, with all that is known of it, or the name as one of the attribute "name". What
 * somebody set is kept beneath what takes its place. */
void survivorship_set(struct profile *profile, const struct profile_attribute *attribute,
                      struct arena *arena);

/* Takes a value, or the name, that a record told, as survivorship_apply() does. */
void survivorship_tell(struct profile *profile, const struct profile_attribute *told,
                       const struct attribute_rules *rules, struct arena *arena);

/* Takes away what a record told of an attribute, or as the name: what it took the place of, if
 * somebody had set that, is there again. */
void survivorship_forget(struct profile *profile, const char *attribute);

/* Clears an attribute, also of what other members know of it until now: see members.h. */
void survivorship_clear(struct profile *profile, const struct attribute_kind *kind,
                        int64_t force_us, struct arena *arena);

/* Lets the right name and attributes of the members' states survive in the profile that answers for
 * them, as of records of one; the older member's where neither was told later. What was cleared is
 * not told. */
void survivorship_unify(struct profile *profile, const struct profile *const *members, size_t count,
                        const struct attribute_rules *rules, struct arena *arena);

/* Derives the name of a profile that has none or a derived one: given and family name, else the
 * best identity, else "Unnamed". */
void survivorship_derive_name(struct profile *profile, struct arena *arena);
