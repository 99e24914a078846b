#pragma once
/* Letters that are compared for being nearly the same: of a name, an address, a number. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"

/* Letters that are compared; what is longer is cut, alike on both sides. */
enum { SIMILAR_LETTERS_MAX = 64 };

/* Code points, borrowed from an arena. */
struct similar_letters {
    const int32_t *at;
    size_t count; /* At most SIMILAR_LETTERS_MAX. */
};

/* The first letters of a text; bytes that are no UTF-8 count for nothing. */
struct similar_letters similar_letters_of(const char *text, struct arena *arena);

/* The letters from `first` on, `count` of them at most. Borrowed from `letters`. */
struct similar_letters similar_letters_part(struct similar_letters letters, size_t first,
                                            size_t count);

bool similar_letters_equal(struct similar_letters one, struct similar_letters other);

/* Whether `one` begins with all of `prefix`. */
bool similar_letters_start_with(struct similar_letters one, struct similar_letters prefix);

/* How many slips of the hand lie between two: a letter more, a letter less, another letter, two
 * neighbours exchanged (Damerau's distance, each place mended once). `max` + 1 when it is more than
 * `max`: the cost is that of `max` letters a letter. */
size_t similar_letters_distance(struct similar_letters one, struct similar_letters other,
                                size_t max);

/* Jaro and Winkler's likeness of names, 0 to 1: common letters near each other, and a common
 * beginning counts more. */
double similar_letters_likeness(struct similar_letters one, struct similar_letters other);

/* A number for the letters, well spread; another one for each `seed`. Never 0. */
uint64_t similar_letters_hash(struct similar_letters letters, uint64_t seed);

/* The same for a number. */
uint64_t similar_hash(uint64_t number, uint64_t seed);
