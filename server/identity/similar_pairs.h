#pragma once
/* The pairs of people that are compared: each pair that shares a key, once. The cost of a person is
 * bounded by its keys and the size of a block, so that of all grows as their number. */

#include <stdbool.h>

#include "server/identity/similar_person.h"

enum {
    SIMILAR_PEOPLE_MAX = 1 << 20, /* People that are compared with each other. */
    SIMILAR_BLOCK_MAX = 32, /* People who share a key; a larger block is skipped and counted. */
};

/* What was compared, and what was not. */
struct similar_blocks {
    size_t key_count;         /* Keys of all people. */
    size_t block_count;       /* Keys that two or more people share, skipped ones included. */
    size_t skipped_count;     /* Blocks of more than SIMILAR_BLOCK_MAX people. */
    size_t skipped_people;    /* People in them, each once a block. */
    size_t skipped_largest;   /* People in the largest of them. */
    size_t uncompared_people; /* People all of whose shared keys are of skipped blocks. */
};

/* Blocks of people; allocated from an arena. */
struct similar_pairs;

/* Begins to make the blocks. `people` and the arena are borrowed until they are made. At most
 * SIMILAR_PEOPLE_MAX people (asserted). Takes about 20 bytes a key from the arena. */
struct similar_pairs *similar_pairs_begin(const struct similar_person *people, size_t count,
                                          struct arena *arena);

/* Goes on with it for some ten milliseconds. False when the blocks are made: only then may they be
 * asked for. */
bool similar_pairs_step(struct similar_pairs *pairs);

const struct similar_blocks *similar_pairs_blocks(const struct similar_pairs *pairs);

/* The people from behind `first` on who share a key with it, each once, in no order. `seen` has a
 * place for each person, zero before the first call. Returns their count; *out has room for
 * SIMILAR_PARTNERS_MAX. */
size_t similar_pairs_partners(const struct similar_pairs *pairs, size_t first, uint32_t *seen,
                              uint32_t *out);

enum { SIMILAR_PARTNERS_MAX = 64 * SIMILAR_BLOCK_MAX };
