/* The nearest name, by the distance of Levenshtein. */

#include "server/base/nearest.h"

#include <string.h>

enum {
    NEAR_SIZE_MAX = 64, /* Bytes of a name. */
    NEAR_MAX = 3,       /* Changes that make it another. */
};

static size_t least(size_t a, size_t b, size_t c) {
    const size_t less = a < b ? a : b;
    return less < c ? less : c;
}

/* Of two names of at most NEAR_SIZE_MAX bytes. */
static size_t distance(const char *a, const char *b) {
    size_t row[NEAR_SIZE_MAX + 1];
    const size_t size = strlen(b);
    for (size_t i = 0; i <= size; i++) {
        row[i] = i;
    }
    for (size_t k = 0; a[k] != '\0'; k++) {
        size_t diagonal = row[0];
        row[0] = k + 1;
        for (size_t i = 0; i < size; i++) {
            const size_t above = row[i + 1];
            row[i + 1] = least(above + 1, row[i] + 1, diagonal + (a[k] == b[i] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[size];
}

struct nearest nearest_begin(const char *to) {
    return (struct nearest){.to = to, .distance = NEAR_MAX + 1};
}

void nearest_try(struct nearest *nearest, const char *name, const char *whole) {
    if (strlen(name) > NEAR_SIZE_MAX || strlen(nearest->to) > NEAR_SIZE_MAX) {
        return;
    }
    const size_t there = distance(nearest->to, name);
    if (there < nearest->distance && there < strlen(name)) {
        nearest->distance = there;
        nearest->name = whole;
    }
}
