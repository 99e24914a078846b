/* Bytes as text and back. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/vault/vault.h"
#include "tests/engine/leaks.h"
#include "tests/engine/seeded.h"

static struct arena arena;

static void open_suite(void) {
    cr_assert(status_is_ok(vault_init()));
    arena_init(&arena, SIZE_MAX);
}

static void close_suite(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(vault_text, .init = open_suite, .fini = close_suite);

Test(vault_text, worked_examples) {
    cr_assert_str_eq(vault_text_encode(bytes_of(NULL, 0), &arena), "");
    cr_assert_str_eq(vault_text_encode(bytes_of("f", 1), &arena), "Zg");
    cr_assert_str_eq(vault_text_encode(bytes_of("foobar", 6), &arena), "Zm9vYmFy");
    cr_assert_str_eq(vault_text_encode(bytes_of("\xfb\xff", 2), &arena), "-_8");
}

Test(vault_text, bytes_of_any_size_come_back) {
    struct seeded seeded = {2};
    uint8_t data[300];
    for (size_t size = 0; size <= sizeof data; size++) {
        seeded_fill(&seeded, data, size);
        struct bytes back;

        cr_assert(
            vault_text_decode(vault_text_encode(bytes_of(data, size), &arena), &arena, &back));

        cr_assert(bytes_equal(back, bytes_of(data, size)));
    }
}

/* Nothing but what was written is read: no other alphabet, padding, space, or bits left over. */
Test(vault_text, other_texts_are_refused) {
    static const char *const others[] = {"Z",         "Zg==",   "Zg=",   "+_8", "-/8",
                                         "Zm9v YmFy", "Zm9v\n", " Zm9v", "Zh",  "-_9",
                                         "Zm9v.",     "ن",      "Zm9vY"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct bytes back;
        cr_assert_not(vault_text_decode(others[i], &arena, &back), "%zu", i);
    }
}
