#pragma once
/* The nearest name: what may have been meant by a name that is not known. */

#include <stddef.h>

/* The best of what was tried. */
struct nearest {
    const char *to;
    size_t distance;
    const char *name; /* NULL: none is like it. */
};

struct nearest nearest_begin(const char *to);

/* Tries a name, which is like the other one where at most three letters, of any script, and at most
 * half of those of the longer one, are to be added, taken away or changed,
 * or two to change places; the case of a-z makes no
 * difference. `whole` is what is told
 * of it. Names of more than 64 letters are like none. */
void nearest_try(struct nearest *nearest, const char *name, const char *whole);
