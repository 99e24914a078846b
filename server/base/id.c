/* UUID text and version 7 ids. */

#include "server/base/id.h"

#include <assert.h>
#include <stddef.h>

/* RFC 9562, section 5.7, with method 3 of section 6.2: rand_a holds the sub-millisecond part.
 *
 * Example: 2026-11-23T17:00:00.000500Z -> 019ab1c8-cc80-7800-8… : 48 bits of milliseconds,
 * version 7, 0x800 = 500 µs * 4096 / 1000. */
struct id id_make(int64_t now_us, const struct random *random) {
    assert(now_us >= 0);
    struct id id = id_first(now_us);
    random_fill(random, id.bytes + 8, 8);
    id.bytes[8] = (uint8_t)(0x80U | (id.bytes[8] & 0x3fU));
    return id;
}

struct id id_first(int64_t time_us) {
    static const int64_t time_us_max = ((INT64_C(1) << 48) - 1) * 1000;
    const int64_t at_us = time_us < 0 ? 0 : time_us > time_us_max ? time_us_max : time_us;
    const uint64_t ms = (uint64_t)at_us / 1000;
    const uint64_t fraction = (uint64_t)at_us % 1000 * 4096 / 1000;
    struct id id = {{0}};
    for (size_t i = 0; i < 6; i++) {
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    id.bytes[6] = (uint8_t)(0x70U | fraction >> 8);
    id.bytes[7] = (uint8_t)fraction;
    id.bytes[8] = 0x80U;
    return id;
}

int64_t id_time_us(struct id id) {
    int64_t ms = 0;
    for (size_t i = 0; i < 6; i++) {
        ms = ms << 8 | id.bytes[i];
    }
    const int64_t fraction = (id.bytes[6] & 0x0f) << 8 | id.bytes[7];
    return ms * 1000 + (fraction * 1000 + 4095) / 4096;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

static bool is_dash_position(size_t position) {
    return position == 8 || position == 13 || position == 18 || position == 23;
}

bool id_parse(const char *text, struct id *out) {
    struct id id = {{0}};
    size_t digits = 0;
    for (size_t i = 0; i < ID_TEXT_SIZE; i++) {
        if (is_dash_position(i)) {
            if (text[i] != '-') {
                return false;
            }
            continue;
        }
        const int digit = hex_digit(text[i]); /* A NUL is no digit: never reads past the end. */
        if (digit < 0) {
            return false;
        }
        id.bytes[digits / 2] = (uint8_t)(id.bytes[digits / 2] << 4 | digit);
        digits++;
    }
    if (text[ID_TEXT_SIZE] != '\0') {
        return false;
    }
    *out = id;
    return true;
}

void id_format(struct id id, char out[ID_TEXT_SIZE + 1]) {
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; i < ID_SIZE; i++) {
        if (is_dash_position(at)) {
            out[at++] = '-';
        }
        out[at++] = hex[id.bytes[i] >> 4];
        out[at++] = hex[id.bytes[i] & 0x0f];
    }
    assert(at == ID_TEXT_SIZE);
    out[at] = '\0';
}
