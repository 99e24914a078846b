/* Blocks: the keys of all people sorted, so that equal ones lie beside each other, and for each
 * person a list of the blocks that it is in. */

#include "server/identity/similar_pairs.h"

#include <assert.h>
#include <stdlib.h>

#include "server/identity/similar_key.h"

static_assert(SIMILAR_PARTNERS_MAX == SIMILAR_KEYS_MAX * SIMILAR_BLOCK_MAX,
              "a partner for each place in each block");

struct entry {
    uint64_t key;
    uint32_t person;
};

struct similar_pairs {
    size_t count;
    struct similar_blocks blocks;
    struct entry
        *entries; /* By key, then by person; the blocks that are kept, one after another. */
    uint32_t *block_firsts; /* Where block b begins; it ends where b + 1 begins. */
    uint32_t *list_firsts;  /* Where the list of person p begins in `lists`. */
    uint32_t *lists;        /* Blocks. */
};

static int compare_entries(const void *one, const void *other) {
    const struct entry *a = one;
    const struct entry *b = other;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return a->person < b->person ? -1 : a->person > b->person;
}

/* All keys, in order. */
static void make_entries(struct similar_pairs *pairs, const struct similar_person *people,
                         struct arena *arena) {
    uint64_t keys[SIMILAR_KEYS_MAX];
    for (size_t i = 0; i < pairs->count; i++) {
        pairs->blocks.key_count += similar_keys(&people[i], keys);
    }
    pairs->entries = arena_array(arena, pairs->blocks.key_count + 1, sizeof *pairs->entries);
    size_t at = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        const size_t count = similar_keys(&people[i], keys);
        for (size_t k = 0; k < count; k++) {
            pairs->entries[at++] = (struct entry){keys[k], (uint32_t)i};
        }
    }
    qsort(pairs->entries, at, sizeof *pairs->entries, compare_entries);
}

/* What is said of one person while the blocks are made. */
enum { IN_SKIPPED = 1, IN_KEPT = 2 };

static void skip_block(struct similar_pairs *pairs, size_t first, size_t size, uint8_t *marks) {
    struct similar_blocks *blocks = &pairs->blocks;
    blocks->skipped_count++;
    blocks->skipped_people += size;
    blocks->skipped_largest = size > blocks->skipped_largest ? size : blocks->skipped_largest;
    for (size_t i = first; i < first + size; i++) {
        marks[pairs->entries[i].person] |= IN_SKIPPED;
    }
}

/* Moves the blocks that are kept to the beginning, one behind the other. Returns their count. */
static size_t keep_blocks(struct similar_pairs *pairs, uint8_t *marks, struct arena *arena) {
    struct entry *entries = pairs->entries;
    /* A block has two entries or more. */
    pairs->block_firsts =
        arena_array(arena, pairs->blocks.key_count / 2 + 1, sizeof *pairs->block_firsts);
    size_t count = 0;
    size_t kept = 0;
    size_t end = 0;
    for (size_t first = 0; first < pairs->blocks.key_count; first = end) {
        end = first + 1;
        while (end < pairs->blocks.key_count && entries[end].key == entries[first].key) {
            end++;
        }
        const size_t size = end - first;
        pairs->blocks.block_count += size > 1 ? 1 : 0;
        if (size > SIMILAR_BLOCK_MAX) {
            skip_block(pairs, first, size, marks);
        } else if (size > 1) {
            pairs->block_firsts[count++] = (uint32_t)kept;
            for (size_t i = first; i < end; i++) {
                marks[entries[i].person] |= IN_KEPT;
                entries[kept++] = entries[i];
            }
        }
    }
    pairs->block_firsts[count] = (uint32_t)kept;
    return count;
}

/* For each person the blocks that it is in. */
static void make_lists(struct similar_pairs *pairs, size_t block_count, struct arena *arena) {
    const size_t entry_count = pairs->block_firsts[block_count];
    pairs->list_firsts = arena_array(arena, pairs->count + 2, sizeof *pairs->list_firsts);
    pairs->lists = arena_array(arena, entry_count + 1, sizeof *pairs->lists);
    /* Counts, two places on; then sums, one place on: filling moves each to where it belongs. */
    uint32_t *firsts = pairs->list_firsts;
    for (size_t i = 0; i < entry_count; i++) {
        firsts[pairs->entries[i].person + 2]++;
    }
    for (size_t i = 2; i < pairs->count + 2; i++) {
        firsts[i] += firsts[i - 1];
    }
    for (size_t block = 0; block < block_count; block++) {
        for (size_t i = pairs->block_firsts[block]; i < pairs->block_firsts[block + 1]; i++) {
            pairs->lists[firsts[pairs->entries[i].person + 1]++] = (uint32_t)block;
        }
    }
}

const struct similar_pairs *similar_pairs_of(const struct similar_person *people, size_t count,
                                             struct arena *arena) {
    assert(count <= SIMILAR_PEOPLE_MAX);
    struct similar_pairs *pairs = arena_alloc(arena, sizeof *pairs);
    pairs->count = count;
    make_entries(pairs, people, arena);
    uint8_t *marks = arena_array(arena, count + 1, sizeof *marks);
    const size_t block_count = keep_blocks(pairs, marks, arena);
    make_lists(pairs, block_count, arena);
    for (size_t i = 0; i < count; i++) {
        pairs->blocks.uncompared_people += marks[i] == IN_SKIPPED ? 1 : 0;
    }
    return pairs;
}

const struct similar_blocks *similar_pairs_blocks(const struct similar_pairs *pairs) {
    return &pairs->blocks;
}

size_t similar_pairs_partners(const struct similar_pairs *pairs, size_t first, uint32_t *seen,
                              uint32_t *out) {
    assert(first < pairs->count);
    const uint32_t mark = (uint32_t)first + 1;
    size_t count = 0;
    for (size_t i = pairs->list_firsts[first]; i < pairs->list_firsts[first + 1]; i++) {
        const uint32_t block = pairs->lists[i];
        for (size_t k = pairs->block_firsts[block]; k < pairs->block_firsts[block + 1]; k++) {
            const uint32_t person = pairs->entries[k].person;
            if (person > first && seen[person] != mark) {
                seen[person] = mark;
                out[count++] = person;
            }
        }
    }
    assert(count <= SIMILAR_PARTNERS_MAX);
    return count;
}
