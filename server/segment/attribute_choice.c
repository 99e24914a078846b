/* The values of enumerations, for who told another one: as many as fit a line, and the nearest. */

#include "server/segment/attribute_choice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "server/base/nearest.h"
#include "server/identity/attribute_words.h"
#include "server/identity/text.h"
#include "server/segment/filter_found.h"

enum { VALUES_SIZE_MAX = 200, EXPECTED_SIZE = VALUES_SIZE_MAX + 32 };

/* What is told of the values, one after the other. */
struct telling {
    char *text; /* "one of a, b", in room of EXPECTED_SIZE. */
    size_t size;
    size_t left_out;
    struct nearest nearest;
};

static void tell(struct telling *telling, const char *value, bool retired) {
    const char *before = telling->size == 0 ? "one of " : ", ";
    const char *after = retired ? " (retired)" : "";
    nearest_try(&telling->nearest, value, value);
    if (telling->size + strlen(before) + strlen(value) + strlen(after) > VALUES_SIZE_MAX) {
        telling->left_out++;
        return;
    }
    telling->size += (size_t)snprintf(telling->text + telling->size, EXPECTED_SIZE - telling->size,
                                      "%s%s%s", before, value, after);
}

static void tell_built_in(struct telling *telling, enum attribute attribute) {
    size_t count = 0;
    const struct attribute_word *words = attribute_words_of(attribute, &count);
    for (size_t i = 0; i < count; i++) {
        tell(telling, words[i].value, false);
        nearest_try(&telling->nearest, words[i].english, words[i].value);
        nearest_try(&telling->nearest, words[i].arabic, words[i].value);
    }
}

static void tell_defined(struct telling *telling, const struct attribute_definition *definition,
                         bool retired) {
    for (size_t i = 0; i < definition->value_count; i++) {
        const struct attribute_enum_value *value = &definition->values[i];
        if (value->retired != retired) {
            continue;
        }
        tell(telling, value->value, retired);
        for (size_t k = 0; k < value->label_count; k++) {
            nearest_try(&telling->nearest, value->labels[k].text, value->value);
        }
    }
}

/* Those that are retired last: profiles may have them, and filters take them. */
static void tell_own(struct telling *telling, const struct attribute_definition *definition) {
    tell_defined(telling, definition, false);
    tell_defined(telling, definition, true);
}

static struct telling telling_begin(const struct field_names *names,
                                    const struct filter_text *text) {
    const char *folded = text->text;
    (void)text_fold(text->text, names->scratch, &folded);
    return (struct telling){.text = arena_alloc(names->scratch, EXPECTED_SIZE),
                            .nearest = nearest_begin(folded)};
}

/* Of codes there are too many to tell, and each is like many others. */
static const char *expected_of(enum attribute_type type) {
    return type == ATTRIBUTE_TYPE_COUNTRY    ? "a country by its two letters of ISO 3166-1, as SA"
           : type == ATTRIBUTE_TYPE_LANGUAGE ? "a language by its tag of BCP 47, as ar or en-GB"
                                             : "a value that the attribute may have";
}

static struct status refuse(const struct field_names *names, struct telling *telling,
                            enum attribute_type type, const struct filter_text *text,
                            struct filter_error *error) {
    if (telling->left_out > 0) {
        snprintf(telling->text + telling->size, EXPECTED_SIZE - telling->size, " and %zu more",
                 telling->left_out);
    }
    const struct status status =
        filter_refuse(error, text->offset, filter_found(text, names->scratch),
                      telling->size == 0 ? expected_of(type) : telling->text);
    error->nearest = telling->nearest.name;
    return status;
}

/* Dialects and sub-dialects are taken for each other. */
static bool sibling_of(enum attribute attribute, enum attribute *out) {
    *out = attribute == ATTRIBUTE_DIALECT ? ATTRIBUTE_SUB_DIALECT : ATTRIBUTE_DIALECT;
    return attribute == ATTRIBUTE_DIALECT || attribute == ATTRIBUTE_SUB_DIALECT;
}

/* Whether an attribute has a value that is nearer to the text than the nearest of another one: then
 * the field was mistaken, not the value. */
static bool is_nearer_to(const struct field_names *names, enum attribute attribute,
                         const struct filter_text *text, const struct nearest *than) {
    const char *canonical = NULL;
    struct telling telling = telling_begin(names, text);
    tell_built_in(&telling, attribute);
    return telling.nearest.distance < than->distance ||
           status_is_ok(attribute_canonicalise(attribute, text->text, names->now_us, names->scratch,
                                               &canonical));
}

struct status attribute_choice_refuse_built_in(const struct field_names *names,
                                               enum attribute attribute,
                                               const struct filter_text *text,
                                               struct filter_error *error) {
    struct telling telling = telling_begin(names, text);
    tell_built_in(&telling, attribute);
    const struct status status =
        refuse(names, &telling, attribute_kind_of(attribute)->type, text, error);
    enum attribute other = ATTRIBUTE_ABOUT;
    if (sibling_of(attribute, &other) && is_nearer_to(names, other, text, &telling.nearest)) {
        error->nearest =
            names->subject == FIELD_OF_INTERACTIONS
                ? attribute_kind_of(other)->name
                : arena_format(names->scratch, "attributes.%s", attribute_kind_of(other)->name);
    }
    return status;
}

/* Whether a value is as the pattern is; a retired one too, which profiles may have. */
static bool is_any_matched(const struct field_names *names, const struct attribute_rule *rule,
                           const struct attribute_definition *definition,
                           const struct filter_constant *pattern) {
    enum attribute attribute = ATTRIBUTE_ABOUT;
    size_t count = 0;
    if (definition == NULL) {
        const bool found = attribute_find(rule->kind->name, &attribute);
        assert(found);
        const struct attribute_word *words = attribute_words_of(attribute, &count);
        for (size_t i = 0; i < count; i++) {
            if (filter_text_matches(pattern, bytes_of_string(words[i].value))) {
                return true;
            }
        }
        return count == 0;
    }
    for (size_t i = 0; i < definition->value_count; i++) {
        const char *folded = definition->values[i].value;
        (void)text_fold(folded, names->scratch, &folded);
        if (filter_text_matches(pattern, bytes_of_string(folded))) {
            return true;
        }
    }
    return false;
}

struct status attribute_choice_check(const struct field_names *names,
                                     const struct attribute_rule *rule,
                                     const struct filter_text *text,
                                     const struct filter_constant *pattern,
                                     struct filter_error *error) {
    const struct attribute_definition *definition = NULL;
    if (rule->kind->type != ATTRIBUTE_TYPE_ENUM) {
        return OK;
    }
    if (rule->kind->own) {
        TRY(attribute_rule_define(names->view, rule, &definition));
    }
    return is_any_matched(names, rule, definition, pattern)
               ? OK
               : attribute_choice_refuse(names, rule, text, error);
}

struct status attribute_choice_refuse(const struct field_names *names,
                                      const struct attribute_rule *rule,
                                      const struct filter_text *text, struct filter_error *error) {
    enum attribute attribute = ATTRIBUTE_ABOUT;
    if (attribute_find(rule->kind->name, &attribute)) {
        return attribute_choice_refuse_built_in(names, attribute, text, error);
    }
    const struct attribute_definition *definition = NULL;
    struct telling telling = telling_begin(names, text);
    TRY(attribute_rule_define(names->view, rule, &definition));
    tell_own(&telling, definition);
    return refuse(names, &telling, rule->kind->type, text, error);
}
