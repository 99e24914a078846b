/* Random schemas, values and filters. */

#include "tests/handlers/random_schema.h"

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/handlers/services.h"

enum { DEPTH_MAX = 3, PARTS_MAX = 3 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static size_t below(const struct random_schema *schema, size_t count) {
    return seeded_below(schema->rolls, count);
}

static const char *one_of(const struct random_schema *schema, const char *const *words,
                          size_t count) {
    return words[below(schema, count)];
}

#define ONE_OF(...)                                                                                \
    one_of(schema, (const char *const[]){__VA_ARGS__},                                             \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

#define FORMAT(...) arena_format(&ask_arena, __VA_ARGS__)

/* ---- the schema ---- */

static void add_attribute(struct random_schema *schema) {
    static const int types[] = {ATTRIBUTE_TYPE(STRING), ATTRIBUTE_TYPE(NUMBER),
                                ATTRIBUTE_TYPE(BOOL), ATTRIBUTE_TYPE(TIME), ATTRIBUTE_TYPE(ENUM)};
    struct random_attribute *attribute = &schema->attributes[schema->attribute_count];
    attribute->name = FORMAT("a%zu", schema->attribute_count++);
    attribute->type = types[below(schema, sizeof types / sizeof *types)];
    attribute->is_list = attribute->type == ATTRIBUTE_TYPE(STRING) && below(schema, 2) == 0;
    struct defined defined = {.name = attribute->name,
                              .type = attribute->type,
                              .personal = below(schema, 3) == 0,
                              .max_values = attribute->is_list ? 3 : 0};
    if (attribute->type == ATTRIBUTE_TYPE(ENUM)) {
        defined.enum_values[0] = "red";
        defined.enum_values[1] = "blue";
        defined.enum_values[2] = "gold";
    }
    define_once(&defined);
}

static void add_trait(struct random_schema *schema) {
    static const int aggregations[] = {AGGREGATION(COUNT), AGGREGATION(DISTINCT_COUNT),
                                       AGGREGATION(FIRST), AGGREGATION(LAST),
                                       AGGREGATION(MOST_FREQUENT)};
    static const int fields[] = {FIELD(CHANNEL), FIELD(THEME), FIELD(LANGUAGE)};
    static const int windows[] = {0, 0, 1, 3, 7, 20};
    const int aggregation = aggregations[below(schema, 5)];
    const bool is_count = aggregation == AGGREGATION(COUNT);
    struct random_trait *trait = &schema->traits[schema->trait_count];
    trait->name = FORMAT("t%zu", schema->trait_count++);
    trait->is_number = is_count || aggregation == AGGREGATION(DISTINCT_COUNT);
    Profiled__V1__TraitDefinition *told =
        trait_told(trait->name, aggregation, is_count ? 0 : fields[below(schema, 3)],
                   windows[below(schema, 6)]);
    told->filter = text(ONE_OF("", "", "channel = whatsapp", "theme:*", "NOT language:*",
                               "sentiment = negative OR channel = (email OR chat)"));
    create_trait(told);
}

struct random_schema random_schema_make(struct seeded *rolls) {
    struct random_schema schema = {.rolls = rolls};
    for (size_t i = 1 + seeded_below(rolls, SCHEMA_ATTRIBUTES_MAX); i > 0; i--) {
        add_attribute(&schema);
    }
    for (size_t i = 1 + seeded_below(rolls, SCHEMA_TRAITS_MAX); i > 0; i--) {
        add_trait(&schema);
    }
    return schema;
}

/* ---- values ---- */

static const char *a_text(const struct random_schema *schema) {
    return ONE_OF("red", "blue", "gold");
}

static Profiled__V1__AttributeValue *text_value(const char *value) {
    Profiled__V1__AttributeValue *message = arena_alloc(&ask_arena, sizeof *message);
    profiled__v1__attribute_value__init(message);
    message->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT;
    message->text = text(value);
    return message;
}

static Profiled__V1__AttributeValue *a_value(const struct random_schema *schema,
                                             const struct random_attribute *attribute) {
    if (attribute->is_list) {
        const char *texts[] = {a_text(schema), "green", NULL};
        return list_value(texts + below(schema, 2));
    }
    if (attribute->type == ATTRIBUTE_TYPE(NUMBER)) {
        return number_value((double)below(schema, 4) - 1.5);
    }
    if (attribute->type == ATTRIBUTE_TYPE(BOOL)) {
        return flag_value(below(schema, 2) == 0);
    }
    if (attribute->type == ATTRIBUTE_TYPE(TIME)) { /* Some days ago or ahead. */
        return time_value(ask_now_us() + ((int64_t)below(schema, 30) - 15) * 12 * US_PER_HOUR);
    }
    return text_value(a_text(schema));
}

const char *random_value_tell(const struct random_schema *schema, Profiled__V1__Profile *profile) {
    const struct random_attribute *attribute =
        &schema->attributes[below(schema, schema->attribute_count)];
    with_value(profile, attribute->name, a_value(schema, attribute));
    return FORMAT("attributes.%s", attribute->name);
}

/* ---- tests of filters ---- */

static const char *an_order(const struct random_schema *schema) {
    return ONE_OF("<", "<=", ">", ">=");
}

/* A time that goes by, of some days or hours. */
static const char *a_moment(const struct random_schema *schema) {
    return FORMAT("now %s %zu%s", below(schema, 4) == 0 ? "+" : "-", below(schema, 20),
                  ONE_OF("d", "d", "h"));
}

static const char *of_time(const struct random_schema *schema, const char *field) {
    if (below(schema, 5) == 0) {
        return FORMAT("anniversary(%s, %zud)", field, below(schema, 40));
    }
    return FORMAT("%s %s %s", field, an_order(schema), a_moment(schema));
}

static const char *of_text(const struct random_schema *schema, const char *field,
                           const char *value) {
    switch (below(schema, 5)) {
    case 0:
        return FORMAT("%s:*", field);
    case 1:
        return FORMAT("%s != %s", field, value);
    case 2:
        return FORMAT("%s = \"%.2s*\"", field, value);
    case 3:
        return FORMAT("%s = (%s OR green)", field, value);
    default:
        return FORMAT("%s:%s", field, value);
    }
}

static const char *of_own(const struct random_schema *schema, const struct random_names *names) {
    (void)names;
    const struct random_attribute *attribute =
        &schema->attributes[below(schema, schema->attribute_count)];
    const char *field = FORMAT("attributes.%s", attribute->name);
    if (attribute->type == ATTRIBUTE_TYPE(NUMBER)) {
        return FORMAT("%s %s %s", field, ONE_OF("=", "!=", "<", ">="), ONE_OF("-0.5", "0.5", "1"));
    }
    if (attribute->type == ATTRIBUTE_TYPE(BOOL)) {
        return FORMAT("%s = %s", field, ONE_OF("true", "false"));
    }
    if (attribute->type == ATTRIBUTE_TYPE(TIME)) {
        return of_time(schema, field);
    }
    if (attribute->type == ATTRIBUTE_TYPE(ENUM)) {
        return FORMAT("%s %s %s", field, ONE_OF("=", "!="), a_text(schema));
    }
    return of_text(schema, field, a_text(schema));
}

static const char *of_builtin(const struct random_schema *schema,
                              const struct random_names *names) {
    (void)names;
    switch (below(schema, 3)) {
    case 0:
        return FORMAT("attributes.city %s %s", ONE_OF("=", "!=", ":"),
                      ONE_OF("riyadh", "jeddah", "abha"));
    case 1:
        return FORMAT("attributes.gender%s", ONE_OF(" = female", " = (female OR male)", ":*"));
    default:
        return ONE_OF("anniversary(attributes.birth_date, 30d)", "attributes.birth_date:*",
                      "anniversary(attributes.birth_date)", "attributes.birth_date < now - 9000d");
    }
}

static const char *of_identity(const struct random_schema *schema,
                               const struct random_names *names) {
    const size_t person = below(schema, names->person_count);
    switch (below(schema, 5)) {
    case 0:
        return FORMAT("identity.email = p%zu@d.example", person);
    case 1:
        return FORMAT("identity.twitter = \"t%zu\"", person);
    case 2:
        return FORMAT("identity.email = \"p%zu*\"", person);
    case 3:
        return FORMAT("id = \"%s\"",
                      names->id_count == 0 ? "none" : names->ids[below(schema, names->id_count)]);
    default:
        return ONE_OF("identity.email:*", "identity.twitter:*", "identity:*");
    }
}

static const char *of_profile(const struct random_schema *schema,
                              const struct random_names *names) {
    (void)names;
    switch (below(schema, 5)) {
    case 0:
        return of_time(schema, ONE_OF("create_time", "update_time"));
    case 1:
        return ONE_OF("name:sara", "omar", "name = \"sara *\"", "name_derived");
    case 2:
        return FORMAT("completeness %s %zu", an_order(schema), below(schema, 90));
    default:
        return FORMAT("merged_count %s %zu", ONE_OF("=", ">"), below(schema, 2));
    }
}

static const char *of_rollup(const struct random_schema *schema, const struct random_names *names) {
    (void)names;
    switch (below(schema, 6)) {
    case 0:
        return of_time(schema, ONE_OF("last_interaction_time", "first_interaction_time",
                                      "channels.email.last_time", "themes.praise.first_time"));
    case 1:
        return FORMAT("%s %s %zu", ONE_OF("interaction_count", "channels.whatsapp.count"),
                      an_order(schema), below(schema, 4));
    case 2:
        return FORMAT("%s:%s", ONE_OF("themes", "main_themes"), ONE_OF("complaint", "praise"));
    case 3:
        return FORMAT("dominant_language = %s", ONE_OF("ar", "en"));
    default:
        return FORMAT("%s %s %s", ONE_OF("net_sentiment", "recent_net_sentiment"), an_order(schema),
                      ONE_OF("-0.5", "0", "0.5"));
    }
}

static const char *of_trait(const struct random_schema *schema, const struct random_names *names) {
    (void)names;
    const struct random_trait *trait = &schema->traits[below(schema, schema->trait_count)];
    if (trait->is_number) {
        return FORMAT("traits.%s %s %zu", trait->name, an_order(schema), below(schema, 4));
    }
    return of_text(schema, FORMAT("traits.%s", trait->name),
                   ONE_OF("whatsapp", "email", "complaint", "ar"));
}

static const char *of_segment(const struct random_schema *schema,
                              const struct random_names *names) {
    return below(schema, 3) == 0 ? FORMAT("segments:l%zu", below(schema, names->list_count))
                                 : FORMAT("segments:s%zu", below(schema, names->segment_count));
}

/* ---- filters ---- */

static const char *a_test(const struct random_schema *schema, const struct random_names *names) {
    static const char *(*const tests[])(const struct random_schema *,
                                        const struct random_names *) = {
        of_own,    of_own,    of_builtin, of_identity, of_profile,
        of_rollup, of_rollup, of_trait,   of_segment};
    return tests[below(schema, sizeof tests / sizeof *tests)](schema, names);
}

static const char *grow(const struct random_schema *schema, const struct random_names *names,
                        size_t depth) {
    const size_t kind = below(schema, 7);
    if (depth == 0 || kind < 2) {
        return a_test(schema, names);
    }
    if (kind == 2) {
        return FORMAT("NOT (%s)", grow(schema, names, depth - 1));
    }
    const char *all = grow(schema, names, depth - 1);
    for (size_t i = 1 + below(schema, PARTS_MAX - 1); i > 0; i--) {
        all = FORMAT("%s %s %s", all, kind < 6 ? "OR" : "AND", grow(schema, names, depth - 1));
    }
    return FORMAT("(%s)", all);
}

const char *random_filter(const struct random_schema *schema, const struct random_names *names) {
    return grow(schema, names, below(schema, DEPTH_MAX + 1));
}
