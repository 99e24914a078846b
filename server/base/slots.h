#pragma once
/* The places of entries of an array by hash: what makes it a table. Open addressing, which doubles
 * before it is half full.
 *
 *   for (size_t at = slots_first(&slots, hash); slots.places[at] != 0; at = slots_next(&slots, at))
 * { entries[slots.places[at] - 1] may be it
 *   }
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"

struct slots {
    size_t count;     /* A power of two; 0: nothing was ever put. */
    uint32_t *places; /* 0: free, else 1 + the place of an entry. */
};

/* FNV-1a of 64 bits: begins with HASH_BEGIN, and goes on with what it gave. */
#define HASH_BEGIN UINT64_C(14695981039346656037)
uint64_t hash_more(uint64_t hash, const void *data, size_t size);

/* The slots of a hash, one after the other. Only where there is a free one: behind slots_grow(). */
size_t slots_first(const struct slots *slots, uint64_t hash);
static inline size_t slots_next(const struct slots *slots, size_t at) {
    return (at + 1) & (slots->count - 1);
}

/* Notes the place of an entry. */
void slots_put(struct slots *slots, uint64_t hash, size_t place);

/* Makes room for one more than there are. True when all have to be put anew. */
bool slots_grow(struct slots *slots, size_t entry_count, struct arena *arena);
