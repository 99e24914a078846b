#pragma once
/* Proves memberships: that each person is in the segments whose filters find them, and in no
 * others. store_verify() proves that the rows of it agree with each other. */

#include "server/store/store.h"
#include "server/store/verify.h"

struct membership_verify_result {
    uint64_t person_count;
    uint64_t segment_count; /* Dynamic ones that are active and filled: those that were tried. */
    uint64_t problem_count;
};

/* Tries every segment on every person, at the time of the mark. Those for whom something was due by
 * then are passed over: nobody has looked yet. For a store that no server has open. */
MUST_USE struct status membership_verify(struct store *store, const struct verify_sink *sink,
                                         struct membership_verify_result *out);
