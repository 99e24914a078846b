/* Arenas that are filled again and again. */

#include "server/base/arena.h"

#include <criterion/criterion.h>

static const size_t item_size = 100;
static const size_t large_size = (size_t)3 << 20;

/* Fills it with what must be zero when it is given out. */
static void fill(struct arena *arena, size_t count) {
    for (size_t i = 0; i < count; i++) {
        unsigned char *item = arena_alloc(arena, item_size);
        for (size_t k = 0; k < item_size; k++) {
            cr_assert_eq(item[k], 0);
            item[k] = 1;
        }
    }
}

Test(arena, one_that_was_emptied_is_filled_as_a_new_one) {
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    for (size_t turn = 0; turn < 4; turn++) {
        fill(&arena, 1000 * (turn % 2 + 1));
        unsigned char *large = arena_alloc(&arena, large_size * (turn + 1));
        cr_expect_eq(large[large_size - 1], 0);
        fill(&arena, 10);
        cr_expect_geq(arena.used, large_size);
        arena_empty(&arena);
        cr_expect_eq(arena.used, 0);
    }
    arena_empty(&arena);
    fill(&arena, 10);
    arena_reset(&arena);
    fill(&arena, 10);
    arena_free(&arena);
}

Test(arena, its_budget_counts_anew) {
    struct arena arena;
    arena_init(&arena, 2 * item_size);
    fill(&arena, 3);
    cr_expect(arena.exhausted);
    arena_empty(&arena);
    cr_expect_not(arena.exhausted);
    cr_expect_not_null(arena_try_alloc(&arena, item_size));
    cr_expect_null(arena_try_alloc(&arena, 2 * item_size));
    arena_free(&arena);
}
