/* Reading values. Whatever the type, the canonical form is a text: rows, indexes, survivorship and
 * decisions have texts, and equal values have equal ones. A list is its values, a line each: no
 * value has a line break. */

#include "server/identity/attribute_value.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/base/nearest.h"
#include "server/identity/attribute_time.h"
#include "server/identity/pattern.h"
#include "server/identity/text.h"

enum {
    NUMBER_TEXT_SIZE_MAX = 64,
    WORD_SIZE_MAX = 1024,
    VALUES_TOLD_MAX = 8, /* Of an enumeration, where none of them was told. */
};

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

/* Trimmed and folded; "" when it is not UTF-8 or too long for a word. */
static const char *fold_word(const char *text, struct arena *arena) {
    const char *folded = "";
    return strlen(text) <= WORD_SIZE_MAX && text_fold(text, arena, &folded)
               ? text_trim(folded, arena)
               : "";
}

/* ---- numbers ---- */

/* The shortest of the texts that are read as the same number. */
static const char *number_text(double number, struct arena *arena) {
    const double value = number == 0 ? 0 : number; /* Zero has no sign. */
    const char *text = NULL;
    for (int digits = 15; digits <= 17; digits++) {
        text = arena_format(arena, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    return text;
}

static struct status read_double(double number, struct arena *arena, const char **out) {
    if (!isfinite(number)) {
        return invalid("is infinite, or not a number");
    }
    *out = number_text(number, arena);
    return OK;
}

static struct status read_number(const char *text, struct arena *arena, const char **out) {
    const char *word = text_ascii_number(fold_word(text, arena), arena);
    char *end = NULL;
    if (word[0] == '\0' || strlen(word) > NUMBER_TEXT_SIZE_MAX ||
        word[strspn(word, "0123456789+-.e")] != '\0') {
        return invalid("is not a number");
    }
    const double number = strtod(word, &end);
    if (*end != '\0') {
        return invalid("is not a number");
    }
    return read_double(number, arena, out);
}

/* ---- flags, times ---- */

static struct status read_flag(const char *text, struct arena *arena, const char **out) {
    static const struct {
        const char *word;
        const char *value;
    } words[] = {{"true", "true"},   {"yes", "true"}, {"1", "true"},
                 {"false", "false"}, {"no", "false"}, {"0", "false"}};
    const char *word = text_ascii_digits(fold_word(text, arena), arena);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) == 0) {
            *out = words[i].value;
            return OK;
        }
    }
    return invalid("is neither true nor false");
}

static struct status read_time(const char *text, struct arena *arena, const char **out) {
    int64_t time_us = 0;
    if (strlen(text) > WORD_SIZE_MAX || !attribute_time_read(text_trim(text, arena), &time_us)) {
        return invalid("is not a time of RFC 3339, as 2026-01-31T12:00:00Z");
    }
    *out = attribute_time_text(time_us, arena);
    return OK;
}

/* ---- strings and enumerations ---- */

static struct status read_string(const struct attribute_definition *definition, const char *text,
                                 struct arena *arena, const char **out) {
    if (strlen(text) > ATTRIBUTE_VALUE_SIZE_MAX) {
        return text_too_long(ATTRIBUTE_VALUE_SIZE_MAX, "bytes", arena);
    }
    const char *clean = NULL;
    TRY(text_clean_line(text, definition->length_max, arena, &clean));
    if (text_length(clean) < definition->length_min) {
        return invalid(
            arena_format(arena, "is shorter than %" PRIu32 " characters", definition->length_min));
    }
    if (definition->pattern[0] != '\0' && !pattern_is_found(definition->pattern, clean)) {
        return invalid(
            arena_format(arena, "does not have the attribute's pattern %s", definition->pattern));
    }
    *out = clean;
    return OK;
}

/* What may be told instead: all values where they are few, and the nearest one. */
static struct status refuse_enum(const struct attribute_definition *definition, const char *word,
                                 struct arena *arena) {
    struct nearest nearest = nearest_begin(word);
    const char *list = "";
    size_t count = 0;
    for (size_t i = 0; i < definition->value_count; i++) {
        const struct attribute_enum_value *value = &definition->values[i];
        if (!value->retired) {
            nearest_try(&nearest, fold_word(value->value, arena), value->value);
            count++;
            list = count > VALUES_TOLD_MAX ? ""
                                           : arena_format(arena, "%s%s%s", list,
                                                          count == 1 ? ": " : ", ", value->value);
        }
    }
    return invalid(arena_format(
        arena, "is none of the attribute's values%s%s%s", count > VALUES_TOLD_MAX ? "" : list,
        nearest.name == NULL ? "" : "; the nearest is ", nearest.name == NULL ? "" : nearest.name));
}

static struct status read_enum(const struct attribute_definition *definition, const char *text,
                               bool retired, struct arena *arena, const char **out) {
    const char *word = fold_word(text, arena);
    for (size_t i = 0; i < definition->value_count; i++) {
        const struct attribute_enum_value *value = &definition->values[i];
        if (strcmp(fold_word(value->value, arena), word) != 0) {
            continue;
        }
        if (value->retired && !retired) {
            return invalid("is a value that is retired");
        }
        *out = value->value;
        return OK;
    }
    return refuse_enum(definition, word, arena);
}

/* ---- bounds ---- */

bool attribute_bound_is_less(enum attribute_type type, const char *one, const char *other) {
    if (type == ATTRIBUTE_TYPE_NUMBER) {
        return strtod(one, NULL) < strtod(other, NULL);
    }
    int64_t one_us = 0;
    int64_t other_us = 0;
    if (type == ATTRIBUTE_TYPE_TIME && attribute_time_read(one, &one_us) &&
        attribute_time_read(other, &other_us)) {
        return one_us < other_us;
    }
    return strcmp(one, other) < 0; /* Dates of ISO 8601 are in order as texts. */
}

struct status attribute_bound_read(enum attribute_type type, const char *text, struct arena *arena,
                                   const char **out) {
    switch (type) {
    case ATTRIBUTE_TYPE_NUMBER:
        return read_number(text, arena, out);
    case ATTRIBUTE_TYPE_DATE:
        return attribute_type_canonicalise(type, text, arena, out);
    case ATTRIBUTE_TYPE_TIME:
        return read_time(text, arena, out);
    case ATTRIBUTE_TYPE_STRING:
    case ATTRIBUTE_TYPE_BOOL:
    case ATTRIBUTE_TYPE_ENUM:
    case ATTRIBUTE_TYPE_URL:
    case ATTRIBUTE_TYPE_COUNTRY:
    case ATTRIBUTE_TYPE_LANGUAGE:
        break;
    }
    return invalid("is of numbers, dates and times alone");
}

static struct status check_bounds(const struct attribute_definition *definition,
                                  const char *canonical, struct arena *arena) {
    const enum attribute_type type = definition->kind.type;
    if (definition->min[0] != '\0' && attribute_bound_is_less(type, canonical, definition->min)) {
        return invalid(arena_format(arena, "is less than %s", definition->min));
    }
    if (definition->max[0] != '\0' && attribute_bound_is_less(type, definition->max, canonical)) {
        return invalid(arena_format(arena, "is greater than %s", definition->max));
    }
    return OK;
}

/* ---- reading ---- */

static struct status read_text(const struct attribute_definition *definition, const char *text,
                               bool retired, struct arena *arena, const char **out) {
    const char *canonical = NULL;
    switch (definition->kind.type) {
    case ATTRIBUTE_TYPE_STRING:
        return read_string(definition, text, arena, out);
    case ATTRIBUTE_TYPE_ENUM:
        return read_enum(definition, text, retired, arena, out);
    case ATTRIBUTE_TYPE_BOOL:
        return read_flag(text, arena, out);
    case ATTRIBUTE_TYPE_URL:
    case ATTRIBUTE_TYPE_COUNTRY:
    case ATTRIBUTE_TYPE_LANGUAGE:
        return attribute_type_canonicalise(definition->kind.type, text, arena, out);
    case ATTRIBUTE_TYPE_NUMBER:
    case ATTRIBUTE_TYPE_DATE:
    case ATTRIBUTE_TYPE_TIME:
        TRY(attribute_bound_read(definition->kind.type, text, arena, &canonical));
        break;
    }
    TRY(check_bounds(definition, canonical, arena));
    *out = canonical;
    return OK;
}

static struct status read_item(const struct attribute_definition *definition,
                               const struct attribute_item *item, bool retired, struct arena *arena,
                               const char **out) {
    const enum attribute_type type = definition->kind.type;
    const char *canonical = NULL;
    switch (item->kind) {
    case ATTRIBUTE_ITEM_NONE:
        return invalid("has no value");
    case ATTRIBUTE_ITEM_TEXT:
        return read_text(definition, item->text, retired, arena, out);
    case ATTRIBUTE_ITEM_NUMBER:
        if (type != ATTRIBUTE_TYPE_NUMBER) {
            return invalid("is a number, and the attribute's values are none");
        }
        TRY(read_double(item->number, arena, &canonical));
        break;
    case ATTRIBUTE_ITEM_FLAG:
        if (type != ATTRIBUTE_TYPE_BOOL) {
            return invalid("is a flag, and the attribute's values are none");
        }
        canonical = item->flag ? "true" : "false";
        break;
    case ATTRIBUTE_ITEM_TIME:
        if (type != ATTRIBUTE_TYPE_TIME) {
            return invalid("is a time, and the attribute's values are none");
        }
        canonical = attribute_time_text(item->time_us, arena);
        break;
    }
    TRY(check_bounds(definition, canonical, arena));
    *out = canonical;
    return OK;
}

static bool is_among(const char *const *items, size_t count, const char *item) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i], item) == 0) {
            return true;
        }
    }
    return false;
}

static struct status join(const char *const *items, size_t count, struct arena *arena,
                          const char **out) {
    size_t size = 1;
    for (size_t i = 0; i < count; i++) {
        size += strlen(items[i]) + 1;
    }
    if (size - 1 > ATTRIBUTE_LIST_SIZE_MAX) {
        return invalid("has more than 4,096 bytes in all");
    }
    char *joined = arena_alloc(arena, size);
    char *end = joined;
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(items[i]);
        memcpy(end, items[i], length);
        end += length;
        *end++ = i + 1 < count ? '\n' : '\0';
    }
    *out = joined;
    return OK;
}

static struct status refuse_count(const struct attribute_definition *definition,
                                  struct arena *arena) {
    return invalid(arena_format(arena, "has more than %" PRIu32 " values", definition->values_max));
}

static struct status read_values(const struct attribute_definition *definition,
                                 const struct attribute_given *given, bool retired,
                                 struct arena *arena, const char **out, size_t *position) {
    *position = given->count;
    if (given->count == 0) {
        return invalid("has no value");
    }
    if (given->list && !definition->kind.list) {
        return invalid("is a list, and the attribute has one value");
    }
    /* Far longer ones are not read to be told that they are too long. */
    if (given->count > ATTRIBUTE_LIST_SIZE_MAX) {
        return refuse_count(definition, arena);
    }
    const char **items = arena_array(arena, given->count, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < given->count; i++) {
        const char *item = NULL;
        *position = i;
        TRY(read_item(definition, &given->items[i], retired, arena, &item));
        if (!is_among(items, count, item)) {
            items[count++] = item;
        }
        if (count > definition->values_max) {
            *position = given->count;
            return refuse_count(definition, arena);
        }
    }
    *position = given->count;
    if (!definition->kind.list) {
        *out = items[0];
        return OK;
    }
    return join(items, count, arena, out);
}

struct status attribute_value_read(const struct attribute_definition *definition,
                                   const struct attribute_given *given, struct arena *arena,
                                   const char **out, size_t *position) {
    return read_values(definition, given, false, arena, out, position);
}

/* ---- what is there already ---- */

static struct attribute_definition unbound_of(const struct attribute_definition *definition) {
    struct attribute_definition unbound = *definition;
    unbound.min = "";
    unbound.max = "";
    unbound.pattern = "";
    unbound.length_min = 0;
    unbound.length_max = ATTRIBUTE_LENGTH_MAX;
    unbound.values_max = definition->kind.list ? ATTRIBUTE_VALUES_MAX : 1;
    return unbound;
}

bool attribute_given_is(const struct attribute_definition *definition,
                        const struct attribute_given *given, const char *canonical,
                        struct arena *arena) {
    const struct attribute_definition unbound = unbound_of(definition);
    const char *read = NULL;
    size_t position = 0;
    return status_is_ok(read_values(&unbound, given, true, arena, &read, &position)) &&
           strcmp(read, canonical) == 0;
}

struct status attribute_filter_read(const struct attribute_definition *definition, const char *text,
                                    struct arena *arena, const char **out) {
    const struct attribute_definition unbound = unbound_of(definition);
    return read_text(&unbound, text, true, arena, out);
}

/* ---- canonical forms ---- */

size_t attribute_items_of(uint32_t form, const char *canonical, struct arena *arena,
                          const char *const **out) {
    const char **items = arena_array(arena, ATTRIBUTE_VALUES_MAX, sizeof *items);
    size_t count = 0;
    *out = items;
    if ((form & ATTRIBUTE_FORM_LIST) == 0) {
        items[0] = canonical;
        return 1;
    }
    for (const char *at = canonical; count < ATTRIBUTE_VALUES_MAX;) {
        const size_t size = strcspn(at, "\n");
        items[count++] = arena_string(arena, bytes_of(at, size));
        if (at[size] == '\0') {
            break;
        }
        at += size + 1;
    }
    return count;
}

struct attribute_item attribute_item_of(uint32_t form, const char *canonical) {
    struct attribute_item item = {.kind = ATTRIBUTE_ITEM_TEXT, .text = canonical};
    const uint32_t type = form & ATTRIBUTE_FORM_TYPES;
    if (type == ATTRIBUTE_TYPE_NUMBER) {
        item.kind = ATTRIBUTE_ITEM_NUMBER;
        item.number = strtod(canonical, NULL);
    } else if (type == ATTRIBUTE_TYPE_BOOL) {
        item.kind = ATTRIBUTE_ITEM_FLAG;
        item.flag = strcmp(canonical, "true") == 0;
    } else if (type == ATTRIBUTE_TYPE_TIME && attribute_time_read(canonical, &item.time_us)) {
        item.kind = ATTRIBUTE_ITEM_TIME;
    }
    return item;
}

bool attribute_value_is_good(const struct attribute_definition *definition, const char *canonical,
                             struct arena *arena) {
    const char *const *items = NULL;
    const size_t count =
        attribute_items_of(attribute_form(&definition->kind), canonical, arena, &items);
    if (count > definition->values_max) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *read = NULL;
        if (!status_is_ok(read_text(definition, items[i], true, arena, &read))) {
            return false;
        }
    }
    return true;
}
