/* The nearest name, by the distance of Levenshtein, letter by letter, where two letters that have
 * changed places are one change. */

#include "server/base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    NEAR_LETTERS_MAX = 64, /* Of a name. */
    NEAR_MAX = 3,          /* Changes that make it another. */
};

/* The letters of a name: characters of UTF-8, each as the number that its bytes make. */
struct letters {
    size_t count;
    uint32_t items[NEAR_LETTERS_MAX];
};

static bool is_continued(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* False when there are more than NEAR_LETTERS_MAX. */
static bool letters_read(const char *text, struct letters *out) {
    out->count = 0;
    for (; *text != '\0'; text++) {
        const uint8_t byte = (uint8_t)*text;
        if (is_continued(byte) && out->count > 0) {
            out->items[out->count - 1] = out->items[out->count - 1] << 8 | byte;
            continue;
        }
        if (out->count == NEAR_LETTERS_MAX) {
            return false;
        }
        out->items[out->count++] = (uint32_t)tolower(byte); /* Of ASCII. */
    }
    return true;
}

static size_t least(size_t a, size_t b, size_t c) {
    const size_t less = a < b ? a : b;
    return less < c ? less : c;
}

/* Whether the letters up to two places are each other's, the other way round. */
static bool are_swapped(const struct letters *a, size_t k, const struct letters *b, size_t i) {
    return k > 0 && i > 0 && a->items[k] == b->items[i - 1] && a->items[k - 1] == b->items[i];
}

/* Three rows are kept, in turn: that of a letter, and those of the two before it. */
static size_t distance(const struct letters *a, const struct letters *b) {
    size_t rows[3][NEAR_LETTERS_MAX + 1];
    for (size_t i = 0; i <= b->count; i++) {
        rows[0][i] = i;
    }
    for (size_t k = 0; k < a->count; k++) {
        size_t *row = rows[(k + 1) % 3];
        const size_t *above = rows[k % 3];
        const size_t *before = rows[(k + 2) % 3];
        row[0] = k + 1;
        for (size_t i = 0; i < b->count; i++) {
            row[i + 1] = least(above[i + 1] + 1, row[i] + 1,
                               above[i] + (a->items[k] == b->items[i] ? 0 : 1));
            if (are_swapped(a, k, b, i) && before[i - 1] + 1 < row[i + 1]) {
                row[i + 1] = before[i - 1] + 1;
            }
        }
    }
    return rows[a->count % 3][b->count];
}

struct nearest nearest_begin(const char *to) {
    return (struct nearest){.to = to, .distance = NEAR_MAX + 1};
}

void nearest_try(struct nearest *nearest, const char *name, const char *whole) {
    struct letters to;
    struct letters letters;
    if (!letters_read(nearest->to, &to) || !letters_read(name, &letters)) {
        return;
    }
    const size_t there = distance(&to, &letters);
    const size_t longer = to.count > letters.count ? to.count : letters.count;
    if (there < nearest->distance && there * 2 <= longer) {
        nearest->distance = there;
        nearest->name = whole;
    }
}
