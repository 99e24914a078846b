/* Strangers name files and symbols through reflection: any string must be answered. The first byte
 * of the input chooses which of the two it is. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <transport_test_descriptor_set.h>

#include "server/transport/descriptors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_SIZE = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct descriptors *descriptors; /* Read once; reachable until the end. */
    if (descriptors == NULL &&
        !status_is_ok(descriptors_open(
            bytes_of(transport_test_descriptor_set, transport_test_descriptor_set_size),
            &descriptors))) {
        abort();
    }
    if (size == 0) {
        return 0;
    }
    struct arena arena;
    arena_init(&arena, ARENA_SIZE);
    const char *name = arena_string(&arena, bytes_of(data + 1, size - 1));
    const struct descriptors_file *file = data[0] == 'f'
                                              ? descriptors_file_named(descriptors, name)
                                              : descriptors_file_of_symbol(descriptors, name);
    struct bytes *files = NULL;
    if (file != NULL && descriptors_closure(descriptors, file, &arena, &files) == 0) {
        abort(); /* A file is in its own closure. */
    }
    arena_free(&arena);
    return 0;
}
