#pragma once
/* What verification tells, and damages that are done to rows. */

#include "server/store/verify.h"
#include "tests/store/fixture.h"

enum { TOLD_MAX = 4096 };

/* A problem that was told. */
struct told {
    const char *table;
    const char *key;
    const char *what;
};

/* Those of the last verification. */
extern struct told told[TOLD_MAX];
extern size_t told_count;

/* Verifies the fixture's store. */
struct verify_result verify(void);
bool was_told(const char *table, const char *what);
void assert_sound(void);

/* The first row of a table that has at least this many bytes of value. */
struct row row_of(enum store_table table, size_t size_min);

/* A copy of a value, with some bits of one byte turned. */
struct bytes with_byte(struct bytes value, size_t at, uint8_t xor);

struct damage;
typedef void damage_fn(const struct damage *damage);

/* What is done to a row of a table, and what is told of which table. */
struct damage {
    damage_fn *apply;
    enum store_table table;
    const char *told_table;
    const char *what;
    size_t number; /* What the function makes of it. */
};

/* Makes a store of a random history for each damage, does it, and expects it to be told. */
void damages_find(const struct damage *damages, size_t count);

void damage_drop(const struct damage *damage);          /* The row of `number` bytes or more. */
void damage_flip(const struct damage *damage);          /* A bit of the last byte. */
void damage_flip_at(const struct damage *damage);       /* A bit of the byte `number`. */
void damage_shorten(const struct damage *damage);       /* To `number` bytes. */
void damage_fill(const struct damage *damage);          /* With "x". */
void damage_garble(const struct damage *damage);        /* Version 1, then no message. */
void damage_garble_tagged(const struct damage *damage); /* The same, with a tag that is right. */
void damage_add_key_byte(const struct damage *damage);
void damage_add_row(const struct damage *damage); /* A row more: the byte `number` of its key. */
void damage_swap_values(const struct damage *damage);
