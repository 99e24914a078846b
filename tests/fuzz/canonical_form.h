#pragma once
/* What holds for the canonical form of any bytes: it is made or refused, with a reason; it is its
 * own form, the same for every region; and the blocking rules can read it. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "server/base/arena.h"
#include "server/base/limits.h"
#include "server/identity/block.h"
#include "server/identity/canonical.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Checks one value, up to its first NUL, with a region and without. Always 0, for the fuzzer. */
static inline int canonical_form_check_type(const struct identity_type *type, const uint8_t *data,
                                            size_t size) {
    static const char *const regions[] = {"", "SA", "BR"};
    struct arena arena;
    arena_init(&arena, 1 << 20);
    const char *value = arena_string(&arena, bytes_of(data, size));
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        const char *once = NULL;
        const char *twice = NULL;
        const struct status status = identity_canonicalise(type, value, regions[i], &arena, &once);
        if (status.code != STATUS_OK) {
            assert(status.code == STATUS_INVALID_ARGUMENT && *status.text != '\0');
            assert(once == NULL);
            continue;
        }
        assert(*once != '\0' && strlen(once) <= IDENTITY_VALUE_SIZE_MAX);
        const struct status again = identity_canonicalise(type, once, "", &arena, &twice);
        assert(again.code == STATUS_OK && strcmp(once, twice) == 0);
        enum block_rule rule = BLOCK_VALUE;
        (void)identity_block_rule(type, once, &rule);
    }
    arena_free(&arena);
    return 0;
}

/* The same of a built-in type. */
static inline int canonical_form_check(const char *type_name, const uint8_t *data, size_t size) {
    return canonical_form_check_type(identity_type_builtin(type_name), data, size);
}
