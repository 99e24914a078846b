/* Attributes' definitions on the wire: built in, and the workspace's own. */

#include "server/handlers/attribute_message.h"

#include "server/handlers/wire.h"
#include "server/identity/attribute_words.h"

#define IS_SAME(OURS, THEIRS) static_assert((int)(OURS) == (int)(THEIRS), "as in the contract")
IS_SAME(SURVIVORSHIP_MOST_RECENT, PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_MOST_RECENT);
IS_SAME(SURVIVORSHIP_TRUSTED_SOURCE, PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_TRUSTED_SOURCE);
IS_SAME(SURVIVORSHIP_FIRST_SEEN, PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_FIRST_SEEN);
IS_SAME(ATTRIBUTE_TYPE_STRING, PROFILED__V1__ATTRIBUTE_TYPE__ATTRIBUTE_TYPE_STRING);
IS_SAME(ATTRIBUTE_TYPE_TIME, PROFILED__V1__ATTRIBUTE_TYPE__ATTRIBUTE_TYPE_TIME);
IS_SAME(ATTRIBUTE_TYPE_LANGUAGE, PROFILED__V1__ATTRIBUTE_TYPE__ATTRIBUTE_TYPE_LANGUAGE);
IS_SAME(REQUIRED_FOR_CREATE,
        1 << PROFILED__V1__ATTRIBUTE_REQUIREMENT__ATTRIBUTE_REQUIREMENT_CREATE);
IS_SAME(REQUIRED_FOR_IMPORT,
        1 << PROFILED__V1__ATTRIBUTE_REQUIREMENT__ATTRIBUTE_REQUIREMENT_IMPORT);

static Profiled__V1__AttributeEnumValue *value_message(const char *value, size_t label_count,
                                                       struct arena *arena) {
    Profiled__V1__AttributeEnumValue *message = arena_alloc(arena, sizeof *message);
    profiled__v1__attribute_enum_value__init(message);
    message->value = wire_string(value);
    message->labels = arena_array(arena, label_count, sizeof *message->labels);
    return message;
}

static void add_label(Profiled__V1__AttributeEnumValue *message, const char *language,
                      const char *text, struct arena *arena) {
    Profiled__V1__AttributeLabel *label = arena_alloc(arena, sizeof *label);
    profiled__v1__attribute_label__init(label);
    label->language = wire_string(language);
    label->text = wire_string(text);
    message->labels[message->n_labels++] = label;
}

static void tell_words(const struct attribute_kind *kind, struct arena *arena,
                       Profiled__V1__AttributeDefinition *out) {
    enum attribute attribute;
    if (!attribute_find(kind->name, &attribute)) {
        return; /* It is the name. */
    }
    const struct attribute_word *words = attribute_words_of(attribute, &out->n_enum_values);
    out->enum_values = arena_array(arena, out->n_enum_values, sizeof *out->enum_values);
    for (size_t i = 0; i < out->n_enum_values; i++) {
        out->enum_values[i] = value_message(words[i].value, 2, arena);
        add_label(out->enum_values[i], "ar", words[i].arabic, arena);
        add_label(out->enum_values[i], "en", words[i].english, arena);
        if (words[i].belongs_to != NULL) {
            out->enum_values[i]->belongs_to = wire_string(words[i].belongs_to);
        }
    }
}

static Profiled__V1__AttributeBounds *bounds_message(const struct attribute_definition *definition,
                                                     struct arena *arena) {
    Profiled__V1__AttributeBounds *message = arena_alloc(arena, sizeof *message);
    profiled__v1__attribute_bounds__init(message);
    message->min = wire_string(definition->min);
    message->max = wire_string(definition->max);
    message->min_length = (int32_t)definition->length_min;
    message->max_length = (int32_t)definition->length_max;
    message->pattern = wire_string(definition->pattern);
    return message;
}

static void tell_definition(const struct attribute_definition *definition, struct arena *arena,
                            Profiled__V1__AttributeDefinition *out) {
    out->display_name = wire_string(definition->display_name);
    out->description = wire_string(definition->description);
    out->bounds = bounds_message(definition, arena);
    out->max_values = (int32_t)definition->values_max;
    out->n_enum_values = definition->value_count;
    out->enum_values = arena_array(arena, definition->value_count, sizeof *out->enum_values);
    for (size_t i = 0; i < definition->value_count; i++) {
        const struct attribute_enum_value *value = &definition->values[i];
        out->enum_values[i] = value_message(value->value, value->label_count, arena);
        out->enum_values[i]->retired = value->retired;
        for (size_t k = 0; k < value->label_count; k++) {
            add_label(out->enum_values[i], value->labels[k].language, value->labels[k].text, arena);
        }
    }
}

static void tell_required(const struct attribute_rule *rule, struct arena *arena,
                          Profiled__V1__AttributeDefinition *out) {
    out->required_for = arena_array(arena, 2, sizeof *out->required_for);
    if ((rule->required_for & REQUIRED_FOR_CREATE) != 0) {
        out->required_for[out->n_required_for++] =
            PROFILED__V1__ATTRIBUTE_REQUIREMENT__ATTRIBUTE_REQUIREMENT_CREATE;
    }
    if ((rule->required_for & REQUIRED_FOR_IMPORT) != 0) {
        out->required_for[out->n_required_for++] =
            PROFILED__V1__ATTRIBUTE_REQUIREMENT__ATTRIBUTE_REQUIREMENT_IMPORT;
    }
}

struct status attribute_message(struct store_view *view, const struct attribute_rule *rule,
                                struct arena *arena, Profiled__V1__AttributeDefinition **out) {
    Profiled__V1__AttributeDefinition *message = arena_alloc(arena, sizeof *message);
    profiled__v1__attribute_definition__init(message);
    message->name = wire_string(rule->kind->name);
    message->type = (Profiled__V1__AttributeType)rule->kind->type;
    message->max_values = 1;
    message->personal = rule->kind->personal;
    message->indexed = rule->kind->indexed;
    message->built_in = !rule->kind->own;
    message->retired = rule->retired;
    message->survivorship = (Profiled__V1__Survivorship)rule->survivorship;
    message->n_trusted_sources = rule->trusted_count;
    message->trusted_sources = (char **)(uintptr_t)rule->trusted;
    tell_required(rule, arena, message);
    if (rule->kind->own) {
        const struct attribute_definition *definition = NULL;
        TRY(attribute_rule_define(view, rule, &definition));
        tell_definition(definition, arena, message);
    } else {
        tell_words(rule->kind, arena, message);
    }
    *out = message;
    return OK;
}

Profiled__V1__AttributeEffect *attribute_effect_message(const struct attribute_effect *effect,
                                                        struct arena *arena) {
    Profiled__V1__AttributeEffect *message = arena_alloc(arena, sizeof *message);
    profiled__v1__attribute_effect__init(message);
    message->profile_count = (int64_t)effect->profile_count;
    message->value_count = (int64_t)effect->value_count;
    message->refused_count = (int64_t)effect->refused_count;
    message->partial = effect->partial;
    return message;
}
