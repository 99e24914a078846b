/* Blocked patterns out of any bytes: up to the first line break the pattern, behind it the value.
 * It is taken or refused with a reason; one that is taken blocks it or not, twice the same. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "server/base/arena.h"
#include "server/identity/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_init(&arena, 1 << 20);
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    const size_t pattern_size = end == NULL ? size : (size_t)(end - data);
    const char *pattern = arena_string(&arena, bytes_of(data, pattern_size));
    const char *value =
        end == NULL ? "" : arena_string(&arena, bytes_of(end + 1, size - pattern_size - 1));
    const char *fault = NULL;
    const struct status status = pattern_check(pattern, &arena, &fault);
    assert((status.code == STATUS_OK) == (fault == NULL));
    if (fault == NULL) {
        const bool blocked = patterns_block(&pattern, 1, value);
        assert(patterns_block(&pattern, 1, value) == blocked);
        assert(!patterns_block(&pattern, 1, ""));
    }
    arena_free(&arena);
    return 0;
}
