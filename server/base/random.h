#pragma once
/* Where random bytes come from. Handlers get one in their context, so that a test can hand them a
 * seeded one; the vault has the system's. */

#include <stddef.h>
#include <stdint.h>

struct random {
    void (*fill)(void *state, uint8_t *out, size_t size);
    void *state;
};

static inline void random_fill(const struct random *random, uint8_t *out, size_t size) {
    random->fill(random->state, out, size);
}
