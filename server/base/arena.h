#pragma once
/* Memory that is freed all at once: everything a request allocates, until its answer is packed.
 *
 * An arena has a budget. Two ways to allocate from it:
 * - arena_try_alloc() fails past the budget. For what grows with foreign input before it is
 *   checked: unpacking.
 * - arena_alloc() never fails. Past the budget it still gives memory and sets `exhausted`, which
 *   dispatch turns into RESOURCE_EXHAUSTED: handlers need no branch for it. For what is bounded by
 *   checked input and by page sizes.
 * Under AddressSanitizer each allocation is a block of its own, so that overflows are seen.
 * Not thread-safe: one owner at a time. */

#include <stdbool.h>
#include <stddef.h>

#include "server/base/bytes.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* The one being filled first. */
    struct arena_chunk *spare;  /* Kept by arena_empty(), to be filled next. */
    size_t used;                /* Bytes handed out, padding included. */
    size_t budget;              /* Bytes that arena_try_alloc() hands out at most. */
    bool exhausted;             /* arena_alloc() went past the budget. */
};

/* Makes an empty arena; takes no memory yet. */
void arena_init(struct arena *arena, size_t budget);

/* Frees everything that was allocated and leaves an empty arena with the same budget. One chunk may
 * be kept for the next request. */
void arena_reset(struct arena *arena);

/* The same, and keeps all of the chunks: for who fills it again and again. */
void arena_empty(struct arena *arena);

/* Frees everything. The arena may be initialised again. */
void arena_free(struct arena *arena);

/* Memory aligned for any type, uninitialised; NULL when the budget does not allow it. */
void *arena_try_alloc(struct arena *arena, size_t size);

/* Memory aligned for any type, set to zero; never NULL. Valid until the arena is reset. */
void *arena_alloc(struct arena *arena, size_t size);

/* An array of `count` items, zeroed. count * size must not overflow (asserted). */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of the bytes. */
struct bytes arena_copy(struct arena *arena, struct bytes bytes);

/* A NUL-terminated copy of the bytes. */
char *arena_string(struct arena *arena, struct bytes bytes);

/* A formatted, NUL-terminated string. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A new array with room for count + 1 items, holding the `count` items of `array`; the caller sets
 * the new one. For lists that grow an item at a time and stay short. */
void *arena_append(struct arena *arena, const void *array, size_t count, size_t size);

/* The same for a list that may grow long: the room doubles, and the array is `array` where it has
 * some left. Only for arrays that this function alone has grown from no items. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);
