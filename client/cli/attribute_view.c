/* Definitions: the table of all, and the page of one. */

#include "client/cli/attribute_view.h"

#include "client/cli/output.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SOURCES_SIZE = 2048, LABELS_SIZE = 1024, KIND_SIZE = 96 };

static void add_names(char *const *names, size_t count, const char *separator, char *out,
                      size_t size) {
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        text_append(out, size, separator, names[i]);
    }
}

/* What a value is: `enum`, `string, up to 5`, `number, retired`. */
static void kind_of(const Profiled__V1__AttributeDefinition *attribute, char out[KIND_SIZE]) {
    char words[WORDS_SIZE];
    output_words(&profiled__v1__attribute_type__descriptor, (int32_t)attribute->type,
                 "ATTRIBUTE_TYPE_", words);
    int used = snprintf(out, KIND_SIZE, "%s", words);
    if (attribute->max_values > 1) {
        used += snprintf(out + used, KIND_SIZE - (size_t)used, ", up to %" PRId32,
                         attribute->max_values);
    }
    if (attribute->retired) {
        snprintf(out + used, KIND_SIZE - (size_t)used, ", retired");
    }
}

static const char *yes_or_no(protobuf_c_boolean flag) { return flag ? "yes" : "no"; }

static void survivorship_of(const Profiled__V1__AttributeDefinition *attribute,
                            char out[WORDS_SIZE]) {
    output_words(&profiled__v1__survivorship__descriptor, (int32_t)attribute->survivorship,
                 "SURVIVORSHIP_", out);
}

static void add_attribute(struct table *table, const Profiled__V1__AttributeDefinition *attribute) {
    char words[WORDS_SIZE];
    char kind[KIND_SIZE];
    char sources[SOURCES_SIZE];
    table_add(table, attribute->name);
    kind_of(attribute, kind);
    table_add(table, kind);
    table_add(table, yes_or_no(attribute->personal));
    table_add(table, yes_or_no(attribute->indexed));
    survivorship_of(attribute, words);
    table_add(table, words);
    add_names(attribute->trusted_sources, attribute->n_trusted_sources, " ", sources,
              sizeof sources);
    table_add(table, sources);
}

void attribute_view_list(const struct session *session,
                         Profiled__V1__AttributeDefinition *const *attributes, size_t count) {
    static const struct table_column columns[] = {
        {.title = "ATTRIBUTE", .whole = true},
        {.title = "TYPE"},
        {.title = "PERSONAL"},
        {.title = "INDEXED"},
        {.title = "SURVIVES"},
        {.title = "TRUSTED"},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_attribute(&table, attributes[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

/* ---- one ---- */

static void view_bounds(const struct session *session,
                        const Profiled__V1__AttributeDefinition *attribute) {
    const Profiled__V1__AttributeBounds *bounds = attribute->bounds;
    if (bounds == NULL) {
        return;
    }
    output_line(session, "At least", bounds->min);
    output_line(session, "At most", bounds->max);
    if (attribute->type == PROFILED__V1__ATTRIBUTE_TYPE__ATTRIBUTE_TYPE_STRING) {
        fprintf(stdout, "%-14s%" PRId32 " to %" PRId32 " characters\n", "Length",
                bounds->min_length, bounds->max_length);
    }
    output_line(session, "Pattern", bounds->pattern);
}

static void view_required(const Profiled__V1__AttributeDefinition *attribute) {
    for (size_t i = 0; i < attribute->n_required_for; i++) {
        char words[WORDS_SIZE];
        output_words(&profiled__v1__attribute_requirement__descriptor,
                     (int32_t)attribute->required_for[i], "ATTRIBUTE_REQUIREMENT_", words);
        fprintf(stdout, "%-14s%s\n", i == 0 ? "Required for" : "", words);
    }
}

static void add_value(struct table *table, const Profiled__V1__AttributeEnumValue *value) {
    char labels[LABELS_SIZE] = "";
    for (size_t i = 0; i < value->n_labels; i++) {
        text_append(labels, sizeof labels, ", ", value->labels[i]->language);
        text_append(labels, sizeof labels, ": ", value->labels[i]->text);
    }
    table_add(table, value->value);
    table_add(table, labels);
    table_add(table, value->belongs_to[0] != '\0' ? value->belongs_to
                     : value->retired             ? "retired"
                                                  : "");
}

static void view_values(const struct session *session,
                        const Profiled__V1__AttributeDefinition *attribute) {
    static const struct table_column columns[] = {
        {.title = "", .whole = true}, {.title = ""}, {.title = "", .whole = true}};
    if (attribute->n_enum_values == 0) {
        return;
    }
    fputs("\nValues\n", stdout);
    struct table table;
    table_init_section(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < attribute->n_enum_values; i++) {
        add_value(&table, attribute->enum_values[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

void attribute_view(const struct session *session,
                    const Profiled__V1__AttributeDefinition *attribute) {
    char words[WORDS_SIZE];
    char kind[KIND_SIZE];
    char sources[SOURCES_SIZE];
    output_line(session, "Attribute", attribute->name);
    output_line(session, "Title", attribute->display_name);
    output_line(session, "Description", attribute->description);
    kind_of(attribute, kind);
    output_line(session, "Type", kind);
    view_bounds(session, attribute);
    view_required(attribute);
    output_line(session, "Personal", yes_or_no(attribute->personal));
    output_line(session, "Indexed", yes_or_no(attribute->indexed));
    survivorship_of(attribute, words);
    output_line(session, "Survives", words);
    add_names(attribute->trusted_sources, attribute->n_trusted_sources, ", ", sources,
              sizeof sources);
    output_line(session, "Trusted", sources);
    view_values(session, attribute);
}

void attribute_view_effect(const Profiled__V1__AttributeEffect *effect) {
    if (effect == NULL) {
        return;
    }
    fprintf(stdout, "%" PRId64 " of the %s%" PRId64 " profiles %s", effect->value_count,
            effect->partial ? "latest " : "", effect->profile_count,
            effect->value_count == 1 ? "has a value" : "have a value");
    if (effect->refused_count > 0) {
        fprintf(stdout, "; %" PRId64 " of these would be refused if told now",
                effect->refused_count);
    }
    fputc('\n', stdout);
}
