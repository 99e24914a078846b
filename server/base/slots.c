/* Slots of hash tables. */

#include "server/base/slots.h"

enum { SLOTS_MIN = 64 };

uint64_t hash_more(uint64_t hash, const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

size_t slots_first(const struct slots *slots, uint64_t hash) {
    return (size_t)(hash ^ (hash >> 32)) & (slots->count - 1);
}

void slots_put(struct slots *slots, uint64_t hash, size_t place) {
    size_t at = slots_first(slots, hash);
    while (slots->places[at] != 0) {
        at = slots_next(slots, at);
    }
    slots->places[at] = (uint32_t)place + 1;
}

bool slots_grow(struct slots *slots, size_t entry_count, struct arena *arena) {
    if (2 * (entry_count + 1) <= slots->count) {
        return false;
    }
    slots->count = slots->count == 0 ? SLOTS_MIN : 2 * slots->count;
    slots->places = arena_array(arena, slots->count, sizeof *slots->places);
    return true;
}
