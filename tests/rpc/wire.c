/* Messages by hand: no encoder writes the bad ones. */

#include "tests/rpc/wire.h"

#include <assert.h>
#include <string.h>

void wire_byte(struct wire *wire, uint8_t byte) {
    assert(wire->size < WIRE_SIZE_MAX);
    wire->data[wire->size++] = byte;
}

void wire_varint(struct wire *wire, uint64_t value) {
    while (value >= 0x80) {
        wire_byte(wire, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    wire_byte(wire, (uint8_t)value);
}

void wire_tag(struct wire *wire, uint32_t number, enum wire_type type) {
    wire_varint(wire, (uint64_t)number << 3 | type);
}

void wire_bytes(struct wire *wire, uint32_t number, const void *data, size_t size) {
    wire_tag(wire, number, WIRE_BYTES);
    wire_varint(wire, size);
    assert(wire->size + size <= WIRE_SIZE_MAX);
    if (size > 0) {
        memcpy(wire->data + wire->size, data, size);
    }
    wire->size += size;
}

void wire_string(struct wire *wire, uint32_t number, const char *text) {
    wire_bytes(wire, number, text, strlen(text));
}

void wire_wrap(struct wire *wire, uint32_t number) {
    const size_t size = wire->size;
    uint8_t head[16];
    size_t head_size = 0;
    uint64_t value = (uint64_t)number << 3 | WIRE_BYTES;
    for (int round = 0; round < 2; round++) {
        while (value >= 0x80) {
            head[head_size++] = (uint8_t)(value | 0x80);
            value >>= 7;
        }
        head[head_size++] = (uint8_t)value;
        value = size;
    }
    assert(size + head_size <= WIRE_SIZE_MAX);
    memmove(wire->data + head_size, wire->data, size);
    memcpy(wire->data, head, head_size);
    wire->size = size + head_size;
}

uint64_t wire_random(uint64_t *state) {
    *state += 0x9e3779b97f4a7c15;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
