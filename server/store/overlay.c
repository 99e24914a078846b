/* A hash table with open addressing over an array in order of insertion. */

#include "server/store/overlay.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS_MIN = 32 };

/* FNV-1a, 64 bits. Keys hold random or keyed-hash parts: nobody outside can aim at collisions. */
static size_t hash_of(struct bytes key) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.size; i++) {
        hash = (hash ^ key.data[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32);
}

void overlay_init(struct overlay *overlay, struct arena *arena) {
    *overlay = (struct overlay){.arena = arena};
}

/* The slot that holds the key, or the free one where it would go. */
static size_t slot_of(const struct overlay *overlay, struct bytes key) {
    assert(overlay->slot_count > overlay->count);
    size_t slot = hash_of(key) & (overlay->slot_count - 1);
    while (overlay->slots[slot] != 0 &&
           !bytes_equal(overlay->entries[overlay->slots[slot] - 1].key, key)) {
        slot = (slot + 1) & (overlay->slot_count - 1);
    }
    return slot;
}

struct overlay_entry *overlay_find(const struct overlay *overlay, struct bytes key) {
    if (overlay->count == 0) {
        return NULL;
    }
    const uint32_t position = overlay->slots[slot_of(overlay, key)];
    return position == 0 ? NULL : &overlay->entries[position - 1];
}

static void grow(struct overlay *overlay) {
    const size_t slot_count = overlay->slot_count == 0 ? SLOTS_MIN : overlay->slot_count * 2;
    struct overlay_entry *entries =
        arena_array(overlay->arena, slot_count / 2, sizeof *overlay->entries);
    if (overlay->count > 0) {
        memcpy(entries, overlay->entries, overlay->count * sizeof *entries);
    }
    overlay->entries = entries;
    overlay->capacity = slot_count / 2;
    overlay->slot_count = slot_count;
    overlay->slots = arena_array(overlay->arena, slot_count, sizeof *overlay->slots);
    for (size_t i = 0; i < overlay->count; i++) {
        overlay->slots[slot_of(overlay, entries[i].key)] = (uint32_t)i + 1;
    }
}

struct overlay_entry *overlay_set(struct overlay *overlay, struct bytes key) {
    struct overlay_entry *found = overlay_find(overlay, key);
    if (found != NULL) {
        return found;
    }
    if (overlay->count == overlay->capacity) {
        grow(overlay);
    }
    struct overlay_entry *entry = &overlay->entries[overlay->count];
    *entry = (struct overlay_entry){.key = arena_copy(overlay->arena, key)};
    overlay->slots[slot_of(overlay, key)] = (uint32_t)overlay->count + 1;
    overlay->count++;
    return entry;
}
