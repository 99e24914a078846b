/* Values of every attribute, and the words of names, out of any bytes. */

#include "server/identity/attribute.h"

#include <assert.h>
#include <string.h>

#include "server/identity/name_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2026-11-23 12:00 UTC */
static const int64_t now_us = (int64_t)1795435200 * 1000000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_init(&arena, 1 << 20);
    const char *value = arena_string(&arena, bytes_of(data, size));
    for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
        const enum attribute attribute = (enum attribute)i;
        const char *once = NULL;
        const char *twice = NULL;
        if (attribute_canonicalise(attribute, value, now_us, &arena, &once).code != STATUS_OK) {
            assert(once == NULL);
            continue;
        }
        const struct status again = attribute_canonicalise(attribute, once, now_us, &arena, &twice);
        assert(again.code == STATUS_OK && strcmp(once, twice) == 0);
        if (attribute_kind_of(attribute)->indexed) {
            (void)attribute_index_form(once, &arena);
        }
    }
    const char *const *words = NULL;
    const size_t count = name_words(value, &arena, &words);
    assert(count <= NAME_WORDS_MAX);
    arena_free(&arena);
    return 0;
}
