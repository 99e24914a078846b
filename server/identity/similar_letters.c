/* Distances between short texts. Both work on a bounded number of letters, on the stack. */

#include "server/identity/similar_letters.h"

#include <assert.h>
#include <string.h>

#include "server/identity/text.h"

struct similar_letters similar_letters_of(const char *text, struct arena *arena) {
    int32_t letters[SIMILAR_LETTERS_MAX];
    size_t count = 0;
    for (const char *cursor = text; *cursor != '\0' && count < SIMILAR_LETTERS_MAX;) {
        const int32_t character = text_next(&cursor);
        if (character > 0) {
            letters[count++] = character;
        }
    }
    const struct bytes copy = arena_copy(arena, bytes_of(letters, count * sizeof *letters));
    return (struct similar_letters){(const int32_t *)(const void *)copy.data, count};
}

struct similar_letters similar_letters_part(struct similar_letters letters, size_t first,
                                            size_t count) {
    if (first >= letters.count) {
        return (struct similar_letters){letters.at, 0};
    }
    const size_t rest = letters.count - first;
    return (struct similar_letters){letters.at + first, count < rest ? count : rest};
}

bool similar_letters_equal(struct similar_letters one, struct similar_letters other) {
    return one.count == other.count &&
           (one.count == 0 || memcmp(one.at, other.at, one.count * sizeof *one.at) == 0);
}

bool similar_letters_start_with(struct similar_letters one, struct similar_letters prefix) {
    return one.count >= prefix.count &&
           similar_letters_equal(similar_letters_part(one, 0, prefix.count), prefix);
}

/* ---- slips of the hand ---- */

static size_t least(size_t one, size_t other) { return one < other ? one : other; }

/* Takes the common beginning and the common end from both: no slip lies in them. */
static void trim_common(struct similar_letters *one, struct similar_letters *other) {
    size_t count = least(one->count, other->count);
    while (count > 0 && one->at[0] == other->at[0]) {
        one->at++;
        other->at++;
        one->count--;
        other->count--;
        count--;
    }
    while (count > 0 && one->at[one->count - 1] == other->at[other->count - 1]) {
        one->count--;
        other->count--;
        count--;
    }
}

size_t similar_letters_distance(struct similar_letters one, struct similar_letters other,
                                size_t max) {
    assert(one.count <= SIMILAR_LETTERS_MAX && other.count <= SIMILAR_LETTERS_MAX);
    assert(max < UINT8_MAX);
    const size_t over = max + 1;
    const size_t apart =
        one.count > other.count ? one.count - other.count : other.count - one.count;
    if (apart > max) {
        return over;
    }
    trim_common(&one, &other);
    /* Rows i - 2, i - 1 and i of the usual table, in turns, of which only a band of `max` beside
     * the diagonal can hold a distance of `max` or less. Each row ends in an `over`. */
    uint8_t rows[3][SIMILAR_LETTERS_MAX + 2] = {{0}};
    for (size_t k = 0; k <= least(over, other.count + 1); k++) {
        rows[0][k] = (uint8_t)k;
    }
    for (size_t i = 1; i <= one.count; i++) {
        const uint8_t *earlier = rows[(i + 1) % 3]; /* i - 2 */
        const uint8_t *before = rows[(i - 1) % 3];
        uint8_t *row = rows[i % 3];
        const size_t first = i > max ? i - max : 1;
        const size_t last = least(i + max, other.count);
        row[first - 1] = (uint8_t)(first == 1 ? least(i, over) : over);
        size_t row_least = row[first - 1];
        for (size_t k = first; k <= last; k++) {
            const bool same = one.at[i - 1] == other.at[k - 1];
            size_t distance = before[k - 1] + (same ? 0U : 1U);
            distance = least(distance, least(before[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && one.at[i - 1] == other.at[k - 2] &&
                one.at[i - 2] == other.at[k - 1]) {
                distance = least(distance, earlier[k - 2] + 1);
            }
            row[k] = (uint8_t)least(distance, over);
            row_least = least(row_least, row[k]);
        }
        row[last + 1] = (uint8_t)over;
        if (row_least > max) {
            return over;
        }
    }
    return rows[one.count % 3][other.count];
}

/* ---- likeness ---- */

static_assert(SIMILAR_LETTERS_MAX <= 64, "a bit a letter");

/* How many letters of one have an equal one in the other, near the same place; each once. The bits
 * tell which. */
static size_t count_common(struct similar_letters one, struct similar_letters other,
                           uint64_t *one_bits, uint64_t *other_bits) {
    const size_t longer = one.count > other.count ? one.count : other.count;
    const size_t reach = longer / 2 > 0 ? longer / 2 - 1 : 0;
    size_t common = 0;
    for (size_t i = 0; i < one.count; i++) {
        const size_t first = i > reach ? i - reach : 0;
        const size_t end = least(i + reach + 1, other.count);
        for (size_t k = first; k < end; k++) {
            if ((*other_bits >> k & 1) == 0 && one.at[i] == other.at[k]) {
                *one_bits |= UINT64_C(1) << i;
                *other_bits |= UINT64_C(1) << k;
                common++;
                break;
            }
        }
    }
    return common;
}

/* How many of the common letters stand in another order. */
static size_t count_exchanged(struct similar_letters one, struct similar_letters other,
                              uint64_t one_bits, uint64_t other_bits) {
    size_t exchanged = 0;
    size_t k = 0;
    for (size_t i = 0; i < one.count; i++) {
        if ((one_bits >> i & 1) == 0) {
            continue;
        }
        while ((other_bits >> k & 1) == 0) {
            k++;
        }
        exchanged += one.at[i] != other.at[k] ? 1 : 0;
        k++;
    }
    return exchanged / 2;
}

double similar_letters_likeness(struct similar_letters one, struct similar_letters other) {
    enum { PREFIX_MAX = 4 };
    const double prefix_share = 0.1; /* Winkler's. */
    assert(one.count <= SIMILAR_LETTERS_MAX && other.count <= SIMILAR_LETTERS_MAX);
    if (one.count == 0 || other.count == 0) {
        return 0;
    }
    uint64_t one_bits = 0;
    uint64_t other_bits = 0;
    const size_t common = count_common(one, other, &one_bits, &other_bits);
    if (common == 0) {
        return 0;
    }
    const double count = (double)common;
    const double exchanged = (double)count_exchanged(one, other, one_bits, other_bits);
    const double jaro =
        (count / (double)one.count + count / (double)other.count + (count - exchanged) / count) / 3;
    size_t prefix = 0;
    while (prefix < PREFIX_MAX && prefix < one.count && prefix < other.count &&
           one.at[prefix] == other.at[prefix]) {
        prefix++;
    }
    return jaro + (double)prefix * prefix_share * (1 - jaro);
}

/* ---- hashes ---- */

/* splitmix64's last step: every bit of the number tells on every bit of the hash. */
uint64_t similar_hash(uint64_t number, uint64_t seed) {
    uint64_t hash = (number ^ seed * UINT64_C(0x9e3779b97f4a7c15)) + UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    hash ^= hash >> 31;
    return hash != 0 ? hash : 1;
}

uint64_t similar_letters_hash(struct similar_letters letters, uint64_t seed) {
    uint64_t hash = similar_hash(letters.count, seed);
    for (size_t i = 0; i < letters.count; i++) {
        hash = similar_hash((uint64_t)letters.at[i], hash);
    }
    return hash;
}
