/* Blocks: the keys of all people sorted, so that equal ones lie beside each other, and for each
 * person a list of the blocks that it is in. Made in steps. */

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

/* Entries are dealt out by the first bits of their keys, which are well spread, and each part is
 * sorted by itself: so the whole is sorted, and no step is long. */
enum { PART_BITS = 10, PART_COUNT = 1 << PART_BITS };

/* What one step does at most, some ten milliseconds of work. */
enum { STEP_PEOPLE = 4096, STEP_ENTRIES = 1 << 16 };

/* What is made next. */
enum phase { PHASE_COUNT, PHASE_DEAL, PHASE_SORT, PHASE_KEEP, PHASE_LIST, PHASE_MADE };

struct similar_pairs {
    const struct similar_person *people;
    size_t count;
    struct arena *arena;
    enum phase phase;
    size_t next;                  /* The person or the part that the phase goes on with. */
    size_t part_ends[PART_COUNT]; /* Where each part ends: while it is dealt, so far. */
    uint8_t *marks;               /* IN_… of each person. */
    struct similar_blocks blocks;
    size_t kept_count; /* Blocks that are kept. */
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

static size_t part_of(uint64_t key) { return (size_t)(key >> (64 - PART_BITS)); }

static void next_phase(struct similar_pairs *pairs, enum phase phase) {
    pairs->phase = phase;
    pairs->next = 0;
}

/* The person behind the last one of a step. */
static size_t step_end(const struct similar_pairs *pairs) {
    const size_t left = pairs->count - pairs->next;
    return pairs->next + (left < STEP_PEOPLE ? left : STEP_PEOPLE);
}

/* Counts the keys of each part; in the end, where each begins. */
static void count_keys(struct similar_pairs *pairs) {
    uint64_t keys[SIMILAR_KEYS_MAX];
    for (const size_t end = step_end(pairs); pairs->next < end; pairs->next++) {
        const size_t count = similar_keys(&pairs->people[pairs->next], keys);
        for (size_t k = 0; k < count; k++) {
            pairs->part_ends[part_of(keys[k])]++;
        }
    }
    if (pairs->next < pairs->count) {
        return;
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        const size_t count = pairs->part_ends[i];
        pairs->part_ends[i] = pairs->blocks.key_count;
        pairs->blocks.key_count += count;
    }
    pairs->entries = arena_array(pairs->arena, pairs->blocks.key_count + 1, sizeof *pairs->entries);
    next_phase(pairs, PHASE_DEAL);
}

static void deal_keys(struct similar_pairs *pairs) {
    uint64_t keys[SIMILAR_KEYS_MAX];
    for (const size_t end = step_end(pairs); pairs->next < end; pairs->next++) {
        const size_t count = similar_keys(&pairs->people[pairs->next], keys);
        for (size_t k = 0; k < count; k++) {
            pairs->entries[pairs->part_ends[part_of(keys[k])]++] =
                (struct entry){keys[k], (uint32_t)pairs->next};
        }
    }
    if (pairs->next == pairs->count) {
        next_phase(pairs, PHASE_SORT);
    }
}

static void sort_parts(struct similar_pairs *pairs) {
    for (size_t sorted = 0; pairs->next < PART_COUNT && sorted < STEP_ENTRIES; pairs->next++) {
        const size_t first = pairs->next == 0 ? 0 : pairs->part_ends[pairs->next - 1];
        const size_t size = pairs->part_ends[pairs->next] - first;
        qsort(pairs->entries + first, size, sizeof *pairs->entries, compare_entries);
        sorted += size;
    }
    if (pairs->next == PART_COUNT) {
        next_phase(pairs, PHASE_KEEP);
    }
}

/* What is said of one person while the blocks are made. */
enum { IN_SKIPPED = 1, IN_KEPT = 2 };

static void skip_block(struct similar_pairs *pairs, size_t first, size_t size) {
    struct similar_blocks *blocks = &pairs->blocks;
    blocks->skipped_count++;
    blocks->skipped_people += size;
    blocks->skipped_largest = size > blocks->skipped_largest ? size : blocks->skipped_largest;
    for (size_t i = first; i < first + size; i++) {
        pairs->marks[pairs->entries[i].person] |= IN_SKIPPED;
    }
}

/* Moves the blocks that are kept to the beginning, one behind the other. One step: it only walks
 * the entries. */
static void keep_blocks(struct similar_pairs *pairs) {
    struct entry *entries = pairs->entries;
    pairs->marks = arena_array(pairs->arena, pairs->count + 1, sizeof *pairs->marks);
    /* A block has two entries or more. */
    pairs->block_firsts =
        arena_array(pairs->arena, pairs->blocks.key_count / 2 + 1, sizeof *pairs->block_firsts);
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
            skip_block(pairs, first, size);
        } else if (size > 1) {
            pairs->block_firsts[count++] = (uint32_t)kept;
            for (size_t i = first; i < end; i++) {
                pairs->marks[entries[i].person] |= IN_KEPT;
                entries[kept++] = entries[i];
            }
        }
    }
    pairs->block_firsts[count] = (uint32_t)kept;
    pairs->kept_count = count;
    next_phase(pairs, PHASE_LIST);
}

/* For each person the blocks that it is in. One step, too. */
static void make_lists(struct similar_pairs *pairs) {
    const size_t entry_count = pairs->block_firsts[pairs->kept_count];
    pairs->list_firsts = arena_array(pairs->arena, pairs->count + 2, sizeof *pairs->list_firsts);
    pairs->lists = arena_array(pairs->arena, entry_count + 1, sizeof *pairs->lists);
    /* Counts, two places on; then sums, one place on: filling moves each to where it belongs. */
    uint32_t *firsts = pairs->list_firsts;
    for (size_t i = 0; i < entry_count; i++) {
        firsts[pairs->entries[i].person + 2]++;
    }
    for (size_t i = 2; i < pairs->count + 2; i++) {
        firsts[i] += firsts[i - 1];
    }
    for (size_t block = 0; block < pairs->kept_count; block++) {
        for (size_t i = pairs->block_firsts[block]; i < pairs->block_firsts[block + 1]; i++) {
            pairs->lists[firsts[pairs->entries[i].person + 1]++] = (uint32_t)block;
        }
    }
    for (size_t i = 0; i < pairs->count; i++) {
        pairs->blocks.uncompared_people += pairs->marks[i] == IN_SKIPPED ? 1 : 0;
    }
    next_phase(pairs, PHASE_MADE);
}

struct similar_pairs *similar_pairs_begin(const struct similar_person *people, size_t count,
                                          struct arena *arena) {
    assert(count <= SIMILAR_PEOPLE_MAX);
    struct similar_pairs *pairs = arena_alloc(arena, sizeof *pairs);
    pairs->people = people;
    pairs->count = count;
    pairs->arena = arena;
    return pairs;
}

bool similar_pairs_step(struct similar_pairs *pairs) {
    switch (pairs->phase) {
    case PHASE_COUNT:
        count_keys(pairs);
        break;
    case PHASE_DEAL:
        deal_keys(pairs);
        break;
    case PHASE_SORT:
        sort_parts(pairs);
        break;
    case PHASE_KEEP:
        keep_blocks(pairs);
        break;
    case PHASE_LIST:
        make_lists(pairs);
        break;
    case PHASE_MADE:
        break;
    }
    return pairs->phase != PHASE_MADE;
}

const struct similar_blocks *similar_pairs_blocks(const struct similar_pairs *pairs) {
    assert(pairs->phase == PHASE_MADE);
    return &pairs->blocks;
}

size_t similar_pairs_partners(const struct similar_pairs *pairs, size_t first, uint32_t *seen,
                              uint32_t *out) {
    assert(pairs->phase == PHASE_MADE);
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
