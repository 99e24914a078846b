/* A hash table with open addressing over an array in order of insertion, and a skip list through
 * the same array in the order of keys. How many levels an entry has comes from the hash of its key.
 */

#include "server/store/overlay.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS_MIN = 32 };

/* As FNV-1a, but eight bytes in a step. Keys hold random or keyed-hash parts: nobody outside can
 * aim at collisions. */
static uint64_t hash_step(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static size_t hash_of(struct bytes key) {
    uint64_t hash = key.size;
    size_t at = 0;
    for (uint64_t word; key.size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, key.data + at, sizeof word);
        hash = hash_step(hash, word);
    }
    for (; at < key.size; at++) {
        hash = hash_step(hash, key.data[at]);
    }
    return (size_t)hash;
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
    if (overlay->entries != NULL) {
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
    if (overlay->count == overlay->capacity) {
        struct overlay_entry *found = overlay_find(overlay, key);
        if (found != NULL) {
            return found;
        }
        grow(overlay);
    }
    uint32_t *position = &overlay->slots[slot_of(overlay, key)];
    if (*position != 0) {
        return &overlay->entries[*position - 1];
    }
    struct overlay_entry *entry = &overlay->entries[overlay->count];
    *entry = (struct overlay_entry){.key = arena_copy(overlay->arena, key)};
    overlay->count++;
    *position = (uint32_t)overlay->count;
    return entry;
}

/* ---- the order of keys ---- */

static size_t level_count_of(struct bytes key) {
    size_t count = 1;
    for (uint64_t hash = hash_of(key); count < OVERLAY_LEVELS && hash % 4 == 0; hash /= 4) {
        count++;
    }
    return count;
}

/* What comes next at a level, behind the position or, where that is 0, at the beginning. */
static uint32_t next_of(const struct overlay *overlay, uint32_t position, size_t level) {
    return position == 0 ? overlay->first[level] : overlay->entries[position - 1].next[level];
}

/* The last position at each level whose key is before `key`, or, with `or_same`, is `key`; 0 for
 * none. Gives that of the lowest level. */
static uint32_t last_before(const struct overlay *overlay, struct bytes key, bool or_same,
                            uint32_t last[OVERLAY_LEVELS]) {
    uint32_t position = 0;
    for (size_t level = OVERLAY_LEVELS; level-- > 0;) {
        for (uint32_t next = next_of(overlay, position, level); next != 0;
             next = next_of(overlay, position, level)) {
            const int order = bytes_compare(overlay->entries[next - 1].key, key);
            if (order > 0 || (order == 0 && !or_same)) {
                break;
            }
            position = next;
        }
        last[level] = position;
    }
    return position;
}

void overlay_order(struct overlay *overlay) {
    for (; overlay->ordered_count < overlay->count; overlay->ordered_count++) {
        struct overlay_entry *entry = &overlay->entries[overlay->ordered_count];
        const size_t level_count = level_count_of(entry->key);
        uint32_t last[OVERLAY_LEVELS];
        last_before(overlay, entry->key, false, last);
        entry->next = arena_array(overlay->arena, level_count, sizeof *entry->next);
        for (size_t level = 0; level < level_count; level++) {
            uint32_t *from = last[level] == 0 ? &overlay->first[level]
                                              : &overlay->entries[last[level] - 1].next[level];
            entry->next[level] = *from;
            *from = (uint32_t)overlay->ordered_count + 1;
        }
    }
}

static const struct overlay_entry *entry_at(const struct overlay *overlay, uint32_t position) {
    return position == 0 ? NULL : &overlay->entries[position - 1];
}

const struct overlay_entry *overlay_behind(const struct overlay *overlay, struct bytes key,
                                           bool or_same) {
    uint32_t last[OVERLAY_LEVELS];
    return entry_at(overlay, next_of(overlay, last_before(overlay, key, !or_same, last), 0));
}

const struct overlay_entry *overlay_before(const struct overlay *overlay, struct bytes key,
                                           bool or_same) {
    uint32_t last[OVERLAY_LEVELS];
    return entry_at(overlay, last_before(overlay, key, or_same, last));
}
