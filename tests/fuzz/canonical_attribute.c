/* Values of every attribute, and the words of names, out of any bytes. */

#include "server/base/limits.h"
#include "server/identity/attribute_value.h"

#include <assert.h>
#include <string.h>

#include "server/identity/name_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2026-11-23 12:00 UTC */
static const int64_t now_us = (int64_t)1795435200 * 1000000;

/* As a value of each type that a workspace may define: alone, and each line as one of a list. */
static void read_own(enum attribute_type type, const char *value, struct arena *arena) {
    static const struct attribute_enum_value values[] = {{.value = "Gold"}, {.value = "old tin"}};
    const struct attribute_definition definition = {
        .kind = {.name = "x", .type = type, .list = true, .own = true},
        .display_name = "",
        .description = "",
        .min = "",
        .max = "",
        .length_max = ATTRIBUTE_LENGTH_MAX,
        .pattern = "",
        .values_max = ATTRIBUTE_VALUES_MAX,
        .value_count = 2,
        .values = values,
    };
    const char *const *lines = NULL;
    const size_t count = attribute_items_of(ATTRIBUTE_FORM_LIST, value, arena, &lines);
    struct attribute_item items[ATTRIBUTE_VALUES_MAX];
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct attribute_item){.kind = ATTRIBUTE_ITEM_TEXT, .text = lines[i]};
    }
    const struct attribute_given given = {
        .name = "x", .list = true, .count = count, .items = items};
    const char *canonical = NULL;
    size_t position = 0;
    if (attribute_value_read(&definition, &given, arena, &canonical, &position).code == STATUS_OK) {
        assert(attribute_value_is_good(&definition, canonical, arena));
        assert(strlen(canonical) <= ATTRIBUTE_LIST_SIZE_MAX);
    }
}

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
    for (int type = ATTRIBUTE_TYPE_STRING; type <= ATTRIBUTE_TYPE_LANGUAGE; type++) {
        read_own((enum attribute_type)type, value, &arena);
    }
    const char *const *words = NULL;
    const size_t count = name_words(value, &arena, &words);
    assert(count <= NAME_WORDS_MAX);
    arena_free(&arena);
    return 0;
}
