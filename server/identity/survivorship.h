#pragma once
/* Survivorship: which of several values a profile keeps. The most recently observed one, of each
 * attribute for itself; a later record wins a tie. */

#include "server/base/arena.h"
#include "server/identity/record.h"
#include "server/store/profile.h"

enum survivorship {
    SURVIVORSHIP_MOST_RECENT,
    SURVIVORSHIP_REPLACE, /* What the record tells takes the place of what was there. */
};

/* Takes the record's name and attributes into the profile, whose own arrays may be replaced. The
 * name is derived where nobody has told one. */
void survivorship_apply(struct profile *profile, const struct record *record,
                        enum survivorship rule, struct arena *arena);

/* Sets an attribute to a value, whatever it was. */
void survivorship_set(struct profile *profile, const struct record_attribute *attribute,
                      struct arena *arena);

/* Removes an attribute; one that is not there is no matter. */
void survivorship_clear(struct profile *profile, enum attribute attribute);

/* Takes the name and attributes of another profile into this one, by the most recent. */
void survivorship_fold(struct profile *profile, const struct profile *other, struct arena *arena);

/* Derives the name of a profile that has none or a derived one: given and family name, else the
 * best identity, else "Unnamed". */
void survivorship_derive_name(struct profile *profile, struct arena *arena);
