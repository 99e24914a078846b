#pragma once
/* The name of an import that nobody named: the same file, read the same way, has the same name. */

#include "client/cli/columns.h"

#include <stdint.h>

enum { IMPORT_ID_SIZE = 64 };

/* FNV-1a of 64 bits, to be continued: begin with IMPORT_HASH_START. */
#define IMPORT_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t import_hash(uint64_t hash, const void *bytes, size_t size);

/* Hashes the rest of a file. False when it can't be read. */
bool import_hash_file(FILE *file, uint64_t *hash, int64_t *size);

/* Hashes a text and its end. */
uint64_t import_hash_text(uint64_t hash, const char *text);

/* Hashes where each column goes. */
uint64_t import_hash_columns(uint64_t hash, const struct columns *columns);

/* The import's id: "fnv1a64-", 16 hexadecimal digits, "-", the size of the file. */
void import_id_format(uint64_t hash, int64_t size, char out[IMPORT_ID_SIZE]);
