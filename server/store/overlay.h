#pragma once
/* The wishes of a request: keys with the values that they are to have, over a snapshot. Private to
 * the store. Grows in the request's arena. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "server/store/profile.h"

struct overlay_entry {
    struct bytes key;
    struct bytes value; /* {NULL, 0}: to be deleted. Unused for profiles. Where `seal` is set,
                           the plain text, sealed when the view is applied. */
    bool wished;        /* false: only a profile that was read, kept to be read once. */
    bool seal;          /* Under the key of `sealed_for`, a profile that the overlay holds. */
    struct id sealed_for;
    struct profile *profile;      /* Keys of profiles only: the row, opened; NULL: no such row. */
    const struct profile *before; /* The same: as it was read, before any wish. */
    struct trait_change *trait;   /* Keys of trait states only. */
    size_t term_count;            /* Of `terms`. */
    struct profile_term *terms;   /* What `profile` is found by, once somebody asked; else NULL. */
    uint32_t *next; /* In the order of keys, at each of its levels: as `slots`. NULL: not in it. */
};

enum { OVERLAY_LEVELS = 12 }; /* A quarter of the entries at a level are at the next one too. */

struct overlay {
    struct arena *arena;
    size_t count;
    size_t capacity;
    struct overlay_entry *entries; /* In the order in which they were first set. */
    size_t slot_count;             /* A power of two, or 0. */
    uint32_t *slots;               /* Position in entries + 1; 0 for a free one. */
    size_t wished_count;
    uint64_t wish_count;            /* How often anything was wished: of one key, each time. */
    size_t ordered_count;           /* Entries, the first ones, that are in the order of keys. */
    uint32_t first[OVERLAY_LEVELS]; /* With which the order begins, at each level. */
    int64_t tick;                   /* Of store_view_tick(). */
};

void overlay_init(struct overlay *overlay, struct arena *arena);

/* The entry of a key, or NULL. Valid until the next overlay_set(). */
struct overlay_entry *overlay_find(const struct overlay *overlay, struct bytes key);

/* The entry of a key, made when there is none. The key is copied. */
struct overlay_entry *overlay_set(struct overlay *overlay, struct bytes key);

/* ---- the order of keys: made when somebody scans, so that nobody else pays for it ---- */

/* Brings what was set since the last time into the order. */
void overlay_order(struct overlay *overlay);

/* The entry with the least key behind `key`, or the greatest before it; `or_same`: or that of the
 * key itself. NULL for none. Among those in the order; valid until the next overlay_set(). */
const struct overlay_entry *overlay_behind(const struct overlay *overlay, struct bytes key,
                                           bool or_same);
const struct overlay_entry *overlay_before(const struct overlay *overlay, struct bytes key,
                                           bool or_same);
