/* What verification tells, and damages that are done to rows. */

#include "tests/store/damage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/store/history.h"

/* ---- what was told ---- */

struct told told[TOLD_MAX];
size_t told_count;

static void take(void *state, const struct verify_problem *problem) {
    (void)state;
    cr_assert_lt(told_count, TOLD_MAX);
    told[told_count++] = (struct told){
        problem->table, arena_string(&arena, bytes_of_string(problem->key)), problem->what};
}

struct verify_result verify(void) {
    const struct verify_sink sink = {.problem = take};
    struct verify_result result;
    told_count = 0;
    const struct status status = store_verify(store, &sink, &result);
    cr_assert(status_is_ok(status), "%s", status.text);
    cr_assert_eq(result.problems, told_count);
    return result;
}

bool was_told(const char *table, const char *what) {
    for (size_t i = 0; i < told_count; i++) {
        if (strcmp(told[i].table, table) == 0 && strstr(told[i].what, what) != NULL) {
            return true;
        }
    }
    return false;
}

void assert_sound(void) {
    (void)verify();
    cr_assert_eq(told_count, 0, "%s %s: %s", told[0].table, told[0].key, told[0].what);
}

/* ---- damages ---- */

struct row row_of(enum store_table table, size_t size_min) {
    size_t count = 0;
    const struct row *rows = rows_of_table(table, &count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].value.size >= size_min) {
            return rows[i];
        }
    }
    cr_assert_fail("no such row");
    return (struct row){{NULL, 0}, {NULL, 0}};
}

struct bytes with_byte(struct bytes value, size_t at, uint8_t xor) {
    uint8_t *copy = arena_alloc(&arena, value.size);
    memcpy(copy, value.data, value.size);
    copy[at] ^= xor;
    return bytes_of(copy, value.size);
}

static struct bytes cut(struct bytes value, size_t size) { return bytes_of(value.data, size); }

void damage_drop(const struct damage *damage) {
    row_delete(row_of(damage->table, damage->number).key);
}

void damage_flip(const struct damage *damage) {
    const struct row row = row_of(damage->table, 1);
    row_put(row.key, with_byte(row.value, row.value.size - 1, 0x10));
}

void damage_flip_at(const struct damage *damage) {
    const struct row row = row_of(damage->table, 1);
    row_put(row.key, with_byte(row.value, damage->number, 0x10));
}

void damage_shorten(const struct damage *damage) {
    const struct row row = row_of(damage->table, damage->number + 1);
    row_put(row.key, cut(row.value, damage->number));
}

void damage_fill(const struct damage *damage) {
    row_put(row_of(damage->table, 0).key, bytes_of("x", 1));
}

void damage_garble(const struct damage *damage) {
    row_put(row_of(damage->table, 0).key, bytes_of("\x01\xff\xff\xff", 4));
}

void damage_add_key_byte(const struct damage *damage) {
    const struct row row = row_of(damage->table, 0);
    uint8_t *key = arena_alloc(&arena, row.key.size + 1);
    memcpy(key, row.key.data, row.key.size);
    row_put(bytes_of(key, row.key.size + 1), row.value);
}

void damage_add_row(const struct damage *damage) {
    const struct row row = row_of(damage->table, 0);
    row_put(with_byte(row.key, damage->number, 0x40), row.value);
}

void damage_swap_values(const struct damage *damage) {
    size_t count = 0;
    const struct row *rows = rows_of_table(damage->table, &count);
    row_put(rows[0].key, rows[count - 1].value);
    row_put(rows[count - 1].key, rows[0].value);
}

void damage_garble_tagged(const struct damage *damage) {
    const struct row row = row_of(damage->table, 0);
    struct store_key key = {.size = row.key.size};
    memcpy(key.bytes, row.key.data, row.key.size);
    cr_assert(status_is_ok(view_put_tagged(write_begin(), &key, bytes_of("\xff\xff\xff", 3))));
    write_end();
}

void damages_find(const struct damage *damages, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct damage *damage = &damages[i];
        history_reset();
        history_run(250);
        damage->apply(damage);

        (void)verify();

        for (size_t j = 0; j < told_count && !was_told(damage->told_table, damage->what); j++) {
            fprintf(stderr, "%s %s: %s\n", told[j].table, told[j].key, told[j].what);
        }
        cr_expect(was_told(damage->told_table, damage->what), "damage %zu: %s %s", i,
                  damage->told_table, damage->what);
        fixture_anew();
    }
}
