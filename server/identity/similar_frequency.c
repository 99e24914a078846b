/* Counts in a table of open addressing. */

#include "server/identity/similar_frequency.h"

/* The weight of what is expected, in people: among as many counted ones both weigh the same. */
static const double expected_people = 100;

struct slot {
    uint64_t hash; /* 0: empty. */
    uint32_t count;
};

struct similar_frequencies {
    size_t people;
    size_t mask; /* Slots less one: a power of two, at most half of them in use. */
    struct slot *slots;
};

enum { VALUES_OF_A_PERSON = 6 };

static struct slot *slot_of(const struct similar_frequencies *frequencies, uint64_t hash) {
    size_t at = hash & frequencies->mask;
    while (frequencies->slots[at].hash != 0 && frequencies->slots[at].hash != hash) {
        at = (at + 1) & frequencies->mask;
    }
    return &frequencies->slots[at];
}

static void count_value(struct similar_frequencies *frequencies, enum similar_value value,
                        uint64_t hash) {
    if (hash != 0) {
        struct slot *slot = slot_of(frequencies, similar_hash(hash, value));
        slot->hash = similar_hash(hash, value);
        slot->count++;
    }
}

const struct similar_frequencies *similar_frequencies_of(const struct similar_person *people,
                                                         size_t count, struct arena *arena) {
    struct similar_frequencies *frequencies = arena_alloc(arena, sizeof *frequencies);
    size_t size = 2;
    while (size < (size_t)2 * VALUES_OF_A_PERSON * count) {
        size *= 2;
    }
    frequencies->people = count;
    frequencies->mask = size - 1;
    frequencies->slots = arena_array(arena, size, sizeof *frequencies->slots);
    for (size_t i = 0; i < count; i++) {
        const struct similar_person *person = &people[i];
        count_value(frequencies, SIMILAR_VALUE_NAME, person->given.hash);
        count_value(frequencies, SIMILAR_VALUE_NAME, person->family.hash);
        count_value(frequencies, SIMILAR_VALUE_NAME_SOUND, person->given.sound_hash);
        count_value(frequencies, SIMILAR_VALUE_NAME_SOUND, person->family.sound_hash);
        count_value(frequencies, SIMILAR_VALUE_CITY, person->city.hash);
        count_value(frequencies, SIMILAR_VALUE_CITY_SOUND, person->city.sound_hash);
    }
    return frequencies;
}

double similar_frequency(const struct similar_frequencies *frequencies, enum similar_value value,
                         uint64_t hash, double expected) {
    if (frequencies == NULL) {
        return expected;
    }
    const double count = slot_of(frequencies, similar_hash(hash, value))->count;
    return (count + expected_people * expected) / ((double)frequencies->people + expected_people);
}
