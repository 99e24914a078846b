#pragma once
/* What a person kept apart who is none any more: once a merge is undone, who would be one with one
 * of the two had the other never been part of it. */

#include "server/base/random.h"
#include "server/identity/cause.h"

enum {
    REDECIDE_MERGES_MAX = 1000
}; /* That one undoing asks for; also reviews that are looked at. */

/* A person, before a merge is undone. */
struct redecide {
    const struct random *random;
    const struct members *together;
    size_t review_count;
    struct store_review_place *reviews;
    size_t merge_count; /* Those that were made. */
    struct store_merge *merges;
};

/* Reads the person. Needs a scan, so before the view holds wishes. */
MUST_USE struct status redecide_read(struct store_view *view, const struct random *random,
                                     const struct profile *profile, struct redecide *out);

/* Joins the profile, which answers for one side by now, with those whom a record or an identity
 * relates to it and whom only the other side kept apart: *profile answers for all then. */
MUST_USE struct status redecide_side(const struct members_context *context,
                                     struct redecide *redecide, const struct profile **profile);
