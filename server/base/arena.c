/* The request's memory: a list of chunks, each twice the one before it, freed together. */

#include "server/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* Of the memory behind this header. */
    size_t used;
    alignas(max_align_t) unsigned char memory[];
};

#if defined(__SANITIZE_ADDRESS__)
enum { CHUNK_SIZE_MIN = 1, CHUNK_SIZE_MAX = 1, CHUNK_KEPT_MAX = 0 };
enum { EMPTIED_KEEPS = false };
#else
enum { CHUNK_SIZE_MIN = 8 << 10, CHUNK_SIZE_MAX = 1 << 20, CHUNK_KEPT_MAX = 64 << 10 };
enum { EMPTIED_KEEPS = true };
#endif

static size_t padded_size(size_t size) {
    const size_t align = alignof(max_align_t);
    assert(size <= SIZE_MAX - align);
    return size == 0 ? align : (size + align - 1) / align * align;
}

static struct arena_chunk *chunk_new(size_t size) {
    struct arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL) {
        abort(); /* Out of memory: nothing that this process could do would be right. */
    }
    chunk->next = NULL;
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

/* A chunk with room for the size: one that is kept, or a new one. */
static struct arena_chunk *chunk_for(struct arena *arena, size_t size) {
    struct arena_chunk *chunk = arena->spare;
    if (chunk != NULL && chunk->size >= size) {
        arena->spare = chunk->next;
        chunk->used = 0;
        return chunk;
    }
    size_t chunk_size = arena->chunks == NULL ? CHUNK_SIZE_MIN : arena->chunks->size * 2;
    chunk_size = chunk_size > CHUNK_SIZE_MAX ? CHUNK_SIZE_MAX : chunk_size;
    return chunk_new(chunk_size > size ? chunk_size : size);
}

static void *take(struct arena *arena, size_t size) {
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || size > chunk->size - chunk->used) {
        chunk = chunk_for(arena, size);
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *memory = chunk->memory + chunk->used;
    chunk->used += size;
    arena->used += size;
    return memory;
}

void arena_init(struct arena *arena, size_t budget) { *arena = (struct arena){.budget = budget}; }

static void chunks_free(struct arena_chunk *chunk) {
    for (struct arena_chunk *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
}

void arena_reset(struct arena *arena) {
    struct arena_chunk *kept = NULL;
    for (struct arena_chunk *chunk = arena->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        if (kept == NULL && chunk->size <= CHUNK_KEPT_MAX) {
            kept = chunk;
            kept->used = 0;
            kept->next = NULL;
        } else {
            free(chunk);
        }
    }
    chunks_free(arena->spare);
    *arena = (struct arena){.chunks = kept, .budget = arena->budget};
}

void arena_empty(struct arena *arena) {
    struct arena_chunk *last = arena->chunks;
    if (!EMPTIED_KEEPS || last == NULL) {
        arena_reset(arena);
        return;
    }
    while (last->next != NULL) {
        last = last->next;
    }
    last->next = arena->spare;
    *arena = (struct arena){.spare = arena->chunks, .budget = arena->budget};
}

void arena_free(struct arena *arena) {
    chunks_free(arena->chunks);
    chunks_free(arena->spare);
    *arena = (struct arena){.budget = arena->budget};
}

void *arena_try_alloc(struct arena *arena, size_t size) {
    if (size > arena->budget) {
        return NULL;
    }
    const size_t padded = padded_size(size);
    if (arena->used > arena->budget || padded > arena->budget - arena->used) {
        return NULL;
    }
    return take(arena, padded);
}

void *arena_alloc(struct arena *arena, size_t size) {
    const size_t padded = padded_size(size);
    void *memory = take(arena, padded);
    if (arena->used > arena->budget) {
        arena->exhausted = true;
    }
    return memset(memory, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    assert(size == 0 || count <= SIZE_MAX / size);
    return arena_alloc(arena, count * size);
}

struct bytes arena_copy(struct arena *arena, struct bytes bytes) {
    void *copy = arena_alloc(arena, bytes.size);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    return bytes_of(copy, bytes.size);
}

char *arena_string(struct arena *arena, struct bytes bytes) {
    char *copy = arena_alloc(arena, bytes.size + 1);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    const int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    char *text = arena_alloc(arena, (size_t)size + 1);
    const int written = vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    assert(written == size);
    return text;
}

void *arena_append(struct arena *arena, const void *array, size_t count, size_t size) {
    unsigned char *copy = arena_array(arena, count + 1, size);
    if (count > 0) {
        memcpy(copy, array, count * size);
    }
    return copy;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t size) {
    if ((count & (count - 1)) != 0) { /* Room is 1, 2, 4 … items: full at these counts alone. */
        return array;
    }
    unsigned char *grown = arena_array(arena, count == 0 ? 1 : 2 * count, size);
    if (count > 0) {
        memcpy(grown, array, count * size);
    }
    return grown;
}
