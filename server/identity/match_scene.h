#pragma once
/* What resolution sees of a record: whom it reaches, and whom it has been joined with when each
 * one's turn comes. Nothing is wished. Private to telling why (match.h). */

#include "server/identity/candidates.h"
#include "server/identity/members.h"

struct scene {
    const struct resolve_context *context;
    const struct record *record;
    struct candidates candidates;
    struct members **members; /* Of the candidates that no fact of the record vetoes. */
};

/* Reads the candidates, as they are before the record. */
MUST_USE struct status scene_read(const struct resolve_context *context,
                                  const struct record *record, struct scene *out);

/* Joins the candidates as resolution would: of each whether it is joined, an array of the arena's.
 */
MUST_USE struct status scene_join(const struct scene *scene, bool **out);

/* The candidate that the record is linked to; the count of candidates: none. */
size_t scene_first(const struct scene *scene, const bool *joined);

/* Whom the record has been joined with when the turn comes of a candidate: `first`, and those
 * joined behind it. */
struct veto_person scene_joined_before(const struct scene *scene, const bool *joined, size_t first,
                                       size_t candidate);
