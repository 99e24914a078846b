/* The values of enumerations, for who told another one: as many as fit a line, and the nearest. */

#include "server/segment/attribute_choice.h"

#include <stdio.h>
#include <string.h>

#include "server/base/nearest.h"
#include "server/identity/attribute_words.h"
#include "server/identity/text.h"

enum { VALUES_SIZE_MAX = 200, EXPECTED_SIZE = VALUES_SIZE_MAX + 32 };

/* What is told of the values, one after the other. */
struct telling {
    char *text; /* "one of a, b", in room of EXPECTED_SIZE. */
    size_t size;
    size_t left_out;
    struct nearest nearest;
};

static void tell(struct telling *telling, const char *value) {
    const char *before = telling->size == 0 ? "one of " : ", ";
    nearest_try(&telling->nearest, value, value);
    if (telling->size + strlen(before) + strlen(value) > VALUES_SIZE_MAX) {
        telling->left_out++;
        return;
    }
    telling->size += (size_t)snprintf(telling->text + telling->size, EXPECTED_SIZE - telling->size,
                                      "%s%s", before, value);
}

static void tell_built_in(struct telling *telling, const char *name) {
    enum attribute attribute = ATTRIBUTE_ABOUT;
    size_t count = 0;
    if (!attribute_find(name, &attribute)) {
        return;
    }
    const struct attribute_word *words = attribute_words_of(attribute, &count);
    for (size_t i = 0; i < count; i++) {
        tell(telling, words[i].value);
        nearest_try(&telling->nearest, words[i].english, words[i].value);
        nearest_try(&telling->nearest, words[i].arabic, words[i].value);
    }
}

static void tell_own(struct telling *telling, const struct attribute_definition *definition) {
    for (size_t i = 0; i < definition->value_count; i++) {
        const struct attribute_enum_value *value = &definition->values[i];
        if (value->retired) {
            continue;
        }
        tell(telling, value->value);
        for (size_t k = 0; k < value->label_count; k++) {
            nearest_try(&telling->nearest, value->labels[k].text, value->value);
        }
    }
}

struct status attribute_choice_refuse(const struct field_names *names,
                                      const struct attribute_rule *rule,
                                      const struct filter_text *text, struct filter_error *error) {
    const char *folded = text->text;
    (void)text_fold(text->text, names->scratch, &folded);
    struct telling telling = {.text = arena_alloc(names->scratch, EXPECTED_SIZE),
                              .nearest = nearest_begin(folded)};
    if (rule->kind->own) {
        const struct attribute_definition *definition = NULL;
        TRY(attribute_rule_define(names->view, rule, &definition));
        tell_own(&telling, definition);
    } else {
        tell_built_in(&telling, rule->kind->name);
    }
    if (telling.left_out > 0) {
        snprintf(telling.text + telling.size, EXPECTED_SIZE - telling.size, " and %zu more",
                 telling.left_out);
    }
    const struct status status =
        filter_refuse(error, text->offset, text->quoted ? "a text in quotation marks" : "a text",
                      telling.size == 0 ? "a value that the attribute may have" : telling.text);
    error->nearest = telling.nearest.name;
    return status;
}
