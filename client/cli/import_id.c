/* The name of an import that nobody named. A second run of the same file with the same mapping and
 * policy is the same import, and goes on where the first one ended; anything else is another one.
 * FNV-1a is no protection against somebody who wants two files to meet, and none is needed: it is
 * the user's own file, in the user's own workspace. */

#include "client/cli/import_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_SIZE = 1 << 16 };

uint64_t import_hash(uint64_t hash, const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

bool import_hash_file(FILE *file, uint64_t *hash, int64_t *size) {
    uint8_t chunk[CHUNK_SIZE];
    size_t got = fread(chunk, 1, sizeof chunk, file);
    while (got > 0) {
        *hash = import_hash(*hash, chunk, got);
        *size += (int64_t)got;
        got = fread(chunk, 1, sizeof chunk, file);
    }
    return ferror(file) == 0;
}

uint64_t import_hash_text(uint64_t hash, const char *text) {
    return text == NULL ? import_hash(hash, "\1", 2) : import_hash(hash, text, strlen(text) + 1);
}

uint64_t import_hash_columns(uint64_t hash, const struct columns *columns) {
    for (size_t i = 0; i < columns->count; i++) {
        char target[COLUMN_KEY_SIZE + 16];
        column_describe(&columns->items[i], target);
        hash = import_hash_text(hash, target);
    }
    return hash;
}

void import_id_format(uint64_t hash, int64_t size, char out[IMPORT_ID_SIZE]) {
    snprintf(out, IMPORT_ID_SIZE, "fnv1a64-%016" PRIx64 "-%" PRId64, hash, size);
}
