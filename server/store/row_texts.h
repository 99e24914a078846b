#pragma once
/* Texts that rows repeat: names that every store knows are numbers in them, sources stand once a
 * row and are numbers behind that. */

#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/status.h"

/* The number of a built-in identity type or attribute; 0 of any other name, which a row has as it
 * is. */
uint32_t row_name_number(const char *name);

/* The name of a number or, where that is 0, `otherwise`. STORE_CORRUPT for a number that is none.
 */
MUST_USE struct status row_name(uint32_t number, const char *otherwise, const char **out);

/* The sources of a row that is being made, each once. */
struct row_sources {
    struct arena *arena;
    size_t count;
    char **items; /* As protobuf-c has them. */
};

/* 1 + the position of a source among them, where it is put if it is not yet there; 0 where it is
 * `usual`, which is not put. */
uint32_t row_source_number(struct row_sources *sources, const char *source, const char *usual);

/* And back, among those of a row. STORE_CORRUPT for a number that is none. */
MUST_USE struct status row_source(size_t count, char *const *sources, uint32_t number,
                                  const char *usual, const char **out);
