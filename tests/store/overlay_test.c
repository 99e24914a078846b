/* The overlay against a plain list. */

#include "server/store/overlay.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/engine/seeded.h"

enum { KEYS_MAX = 500, STEPS = 20000 };

static struct arena arena;
static struct overlay overlay;

static void open_suite(void) {
    arena_init(&arena, SIZE_MAX);
    overlay_init(&overlay, &arena);
}

static void close_suite(void) { arena_free(&arena); }

TestSuite(overlay, .init = open_suite, .fini = close_suite);

/* Keys of different sizes, some a prefix of another. */
static struct bytes key_of(size_t number, uint8_t buffer[40]) {
    memset(buffer, 'k', 40);
    buffer[0] = (uint8_t)(number % 7);
    buffer[1] = (uint8_t)(number / 7);
    return bytes_of(buffer, 2 + number % 38);
}

Test(overlay, empty_one_has_nothing) {
    cr_assert_null(overlay_find(&overlay, bytes_of_string("k")));
    cr_assert_eq(overlay.count, 0);
}

Test(overlay, answers_as_a_list_does) {
    static uint64_t model[KEYS_MAX]; /* 0: not there. */
    static size_t order[KEYS_MAX];
    size_t count = 0;
    struct seeded seeded = {3};
    for (uint64_t i = 1; i <= STEPS; i++) {
        const size_t number = seeded_below(&seeded, KEYS_MAX);
        uint8_t buffer[40];
        const struct bytes key = key_of(number, buffer);
        if (seeded_below(&seeded, 3) == 0) {
            const struct overlay_entry *found = overlay_find(&overlay, key);
            cr_assert_eq(found != NULL, model[number] != 0);
            cr_assert(found == NULL || found->sealed_for.bytes[0] == (uint8_t)model[number]);
            continue;
        }
        struct overlay_entry *entry = overlay_set(&overlay, key);
        memset(buffer, 0, sizeof buffer); /* It has a copy. */
        if (model[number] == 0) {
            cr_assert(id_is_zero(entry->sealed_for));
            cr_assert_not(entry->wished);
            order[count++] = number;
        }
        model[number] = i % 255 + 1;
        entry->sealed_for.bytes[0] = (uint8_t)model[number];
    }
    cr_assert_eq(overlay.count, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t buffer[40];
        cr_assert(bytes_equal(overlay.entries[i].key, key_of(order[i], buffer)));
    }
}

static int compare_keys(const void *one, const void *other) {
    return bytes_compare(*(const struct bytes *)one, *(const struct bytes *)other);
}

/* The keys that are set are in order, and so is every key between them. */
static void expect_order(const bool is_set[KEYS_MAX]) {
    static uint8_t buffers[KEYS_MAX][40];
    struct bytes keys[KEYS_MAX];
    struct bytes sorted[KEYS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < KEYS_MAX; i++) {
        keys[i] = key_of(i, buffers[i]);
        if (is_set[i]) {
            sorted[count++] = keys[i];
        }
    }
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 0; i < KEYS_MAX; i++) {
        size_t less = 0; /* Keys that are less. */
        while (less < count && bytes_compare(sorted[less], keys[i]) < 0) {
            less++;
        }
        for (size_t same = 0; same < 2; same++) {
            const size_t behind = less + (is_set[i] && same == 0 ? 1 : 0);
            const size_t before = less + (is_set[i] && same == 1 ? 1 : 0); /* And one. */
            const struct overlay_entry *next = overlay_behind(&overlay, keys[i], same == 1);
            const struct overlay_entry *last = overlay_before(&overlay, keys[i], same == 1);
            cr_assert_eq(next == NULL, behind == count);
            cr_assert(next == NULL || bytes_equal(next->key, sorted[behind]));
            cr_assert_eq(last == NULL, before == 0);
            cr_assert(last == NULL || bytes_equal(last->key, sorted[before - 1]));
        }
    }
}

Test(overlay, is_in_order_once_somebody_asks) {
    static bool is_set[KEYS_MAX];
    struct seeded seeded = {5};
    overlay_order(&overlay);
    expect_order(is_set);
    for (size_t i = 0; i < 40; i++) {
        for (size_t k = 0; k < 20; k++) {
            const size_t number = seeded_below(&seeded, KEYS_MAX);
            uint8_t buffer[40];
            overlay_set(&overlay, key_of(number, buffer));
            is_set[number] = true;
        }
        overlay_order(&overlay);
        expect_order(is_set);
    }
}
