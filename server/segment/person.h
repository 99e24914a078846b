#pragma once
/* A person as filters read one: the values of fields, of the profile that answers and of all that
 * was merged into it. */

#include "server/segment/field.h"
#include "server/store/profile.h"
#include "server/store/segment.h"
#include "server/store/summary.h"
#include "server/store/trait.h"

/* Which rows a field is read from: bits of enum store_touch_parts. */
unsigned field_parts(const struct field *field);

struct person {
    struct store_view *view;
    const struct profile *profile; /* A live one; or one of nobody: person_of_nobody(). */
    int64_t now_us;
    struct arena *arena; /* What values are made of. */
    /* Read when they are first asked for. */
    bool has_summary;
    struct store_summary summary;
    const struct store_traits *traits;
    bool has_membership;
    struct store_membership membership;
};

struct person person_of(struct store_view *view, const struct profile *profile, int64_t now_us,
                        struct arena *arena);

/* Somebody of whom nothing is known: what a new person was before. */
struct person person_of_nobody(struct store_view *view, int64_t now_us, struct arena *arena);

/* Reads the value of a field. It lives in the person's arena, or is borrowed from the profile. */
MUST_USE struct status person_value(struct person *person, const struct field *field,
                                    struct field_value *out);
