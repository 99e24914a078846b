#pragma once
/* How frequent names and cities are among the people that are compared: that two are called
 * Mohammed says less than that two are called Sondergeld. */

#include "server/identity/similar_person.h"

/* Counts by hash; allocated from an arena. */
struct similar_frequencies;

enum similar_value {
    SIMILAR_VALUE_NAME = 1, /* A given or family name, by `hash`. */
    SIMILAR_VALUE_NAME_SOUND,
    SIMILAR_VALUE_CITY,
    SIMILAR_VALUE_CITY_SOUND,
};

/* Counts the names and cities of the people. */
const struct similar_frequencies *similar_frequencies_of(const struct similar_person *people,
                                                         size_t count, struct arena *arena);

/* How likely somebody has this value: its share of the people, drawn towards `expected` where few
 * people were counted. `frequencies` may be NULL: `expected`. */
double similar_frequency(const struct similar_frequencies *frequencies, enum similar_value value,
                         uint64_t hash, double expected);
