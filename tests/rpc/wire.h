#pragma once
/* Writes messages byte by byte, the bad ones too. */

#include <stddef.h>
#include <stdint.h>

#include "server/base/bytes.h"

enum { WIRE_SIZE_MAX = 5 << 20 };

/* A message that is being written; static or on the heap, for its size. */
struct wire {
    size_t size;
    uint8_t data[WIRE_SIZE_MAX];
};

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_GROUP = 3, WIRE_32 = 5 };

void wire_byte(struct wire *wire, uint8_t byte);
void wire_varint(struct wire *wire, uint64_t value);
void wire_tag(struct wire *wire, uint32_t number, enum wire_type type);

/* A length-prefixed field. */
void wire_bytes(struct wire *wire, uint32_t number, const void *data, size_t size);
void wire_string(struct wire *wire, uint32_t number, const char *text);

/* Puts a tag and a length before what is there. */
void wire_wrap(struct wire *wire, uint32_t number);

static inline struct bytes wire_bytes_of(const struct wire *wire) {
    return bytes_of(wire->data, wire->size);
}

/* Pseudo-random numbers of a seed (splitmix64), the same on every machine. */
uint64_t wire_random(uint64_t *state);
