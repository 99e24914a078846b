#pragma once
/* Ids: UUIDs, 16 bytes in keys, 36 characters on the wire. Ours are version 7 (RFC 9562): 48 bits
 * of milliseconds first, so that ids made later sort later. */

#include <stdbool.h>
#include <stdint.h>

#include "server/base/bytes.h"
#include "server/base/random.h"

enum { ID_SIZE = 16, ID_TEXT_SIZE = 36 };

struct id {
    uint8_t bytes[ID_SIZE];
};

/* A new version 7 id: the time's milliseconds, then 12 bits of the time's microseconds, then 62
 * random bits. */
struct id id_make(int64_t now_us, const struct random *random);

/* The least id that id_make() makes at a time or later; of one before 1970 that of 1970. */
struct id id_first(int64_t time_us);

/* The time that id_make() was given, to a microsecond. */
int64_t id_time_us(struct id id);

/* Reads the usual text form, 8-4-4-4-12 hexadecimal digits of either case. Any version. False, and
 * *out untouched, when it is not one. */
bool id_parse(const char *text, struct id *out);

/* Writes the usual text form in lower case, and a NUL. */
void id_format(struct id id, char out[ID_TEXT_SIZE + 1]);

static inline bool id_equal(struct id a, struct id b) {
    return memcmp(a.bytes, b.bytes, ID_SIZE) == 0;
}

/* Negative when a was made before b, as far as the milliseconds tell. */
static inline int id_compare(struct id a, struct id b) { return memcmp(a.bytes, b.bytes, ID_SIZE); }

static inline bool id_is_zero(struct id id) { return id_equal(id, (struct id){{0}}); }
