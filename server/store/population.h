#pragma once
/* Populations: the sets of live persons who have a value, or are in a segment, as compressed
 * bitmaps of their slots in the keystore, which are dense. They tell how many persons have this and
 * that without looking at any.
 *
 * Sets lie in parts of 65,536 slots each: what is asked of the whole is asked of part after part.
 */

#include "server/store/store.h"

struct population; /* Persons of one part. Owned by whoever has it. */

void population_free(struct population *population);

/* How many parts there are. In a view without wishes, as are those that follow. */
MUST_USE struct status population_part_count(struct store_view *view, uint32_t *out);

/* All who are there. */
MUST_USE struct status population_of_all(struct store_view *view, uint32_t part,
                                         struct population **out);

/* How many these are, in all parts. */
MUST_USE struct status population_count_all(struct store_view *view, uint64_t *out);

/* Those of whom a counted attribute has a value, in the form that it is compared in; any value
 * where it is "". */
MUST_USE struct status population_of_attribute(struct store_view *view, const char *name,
                                               const char *value, uint32_t part,
                                               struct population **out);

/* The members of a segment. */
MUST_USE struct status population_of_segment(struct store_view *view, uint32_t segment,
                                             uint32_t part, struct population **out);

/* Nobody. */
struct population *population_of_none(void);

/* Changes the first to those who are in both; in either; not in the other. */
void population_and(struct population *population, const struct population *other);
void population_or(struct population *population, const struct population *other);
void population_without(struct population *population, const struct population *other);

struct population *population_copy(const struct population *population);
uint64_t population_count(const struct population *population);
