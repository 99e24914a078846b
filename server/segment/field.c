/* Fields, and which one a name is of. */

#include "server/segment/field.h"

#include <assert.h>
#include <string.h>

#include "server/base/nearest.h"
#include "server/segment/field_alias.h"
#include "server/segment/filter_found.h"
#include "server/segment/interaction_field.h"
#include "server/segment/segment_nearest.h"

/* ---- sets of fields ---- */

static bool is_same(const struct field *a, const struct field *b) {
    return a->kind == b->kind && a->type == b->type && a->words == b->words &&
           a->number == b->number && a->label == b->label && a->aspect == b->aspect &&
           strcmp(a->name, b->name) == 0;
}

size_t fields_add(struct fields *fields, const struct field *field) {
    for (size_t i = 0; i < fields->count; i++) {
        if (is_same(&fields->items[i], field)) {
            return i;
        }
    }
    fields->items = arena_grow(fields->arena, fields->items, fields->count, sizeof *fields->items);
    struct field *added = &fields->items[fields->count];
    *added = *field;
    added->name = arena_string(fields->arena, bytes_of_string(field->name));
    return fields->count++;
}

/* ---- values ---- */

static bool item_equal(enum field_type type, const struct field_item *a,
                       const struct field_item *b) {
    switch (type) {
    case FIELD_TEXT:
        return bytes_equal(a->text, b->text);
    case FIELD_NUMBER:
    case FIELD_FLAG:
        return !(a->number < b->number) && !(a->number > b->number);
    case FIELD_TIME:
        return a->time_us == b->time_us;
    }
    return false;
}

bool field_value_equal(enum field_type type, const struct field_value *a,
                       const struct field_value *b) {
    if (a->count != b->count || a->change_us != b->change_us) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!item_equal(type, &a->items[i], &b->items[i])) {
            return false;
        }
    }
    return true;
}

/* ---- names that every workspace has ---- */

static const struct {
    const char *name;
    enum field_kind kind;
    enum field_type type;
} plain_fields[] = {
    {"id", FIELD_ID, FIELD_TEXT},
    {"name", FIELD_NAME, FIELD_TEXT},
    {"name_derived", FIELD_NAME_DERIVED, FIELD_FLAG},
    {"completeness", FIELD_COMPLETENESS, FIELD_NUMBER},
    {"create_time", FIELD_CREATE_TIME, FIELD_TIME},
    {"update_time", FIELD_UPDATE_TIME, FIELD_TIME},
    {"merged_count", FIELD_MERGED_COUNT, FIELD_NUMBER},
    {"interaction_count", FIELD_INTERACTION_COUNT, FIELD_NUMBER},
    {"first_interaction_time", FIELD_FIRST_INTERACTION_TIME, FIELD_TIME},
    {"last_interaction_time", FIELD_LAST_INTERACTION_TIME, FIELD_TIME},
    {"main_themes", FIELD_MAIN_THEMES, FIELD_TEXT},
    {"net_sentiment", FIELD_NET_SENTIMENT, FIELD_NUMBER},
    {"recent_net_sentiment", FIELD_RECENT_NET_SENTIMENT, FIELD_NUMBER},
    {"dominant_language", FIELD_DOMINANT_LANGUAGE, FIELD_TEXT},
    {"dominant_dialect", FIELD_DOMINANT_DIALECT, FIELD_TEXT},
};

static const struct {
    const char *name;
    enum field_kind kind;
    enum store_label label;
} collections[] = {
    {"attributes", FIELD_ATTRIBUTE, 0},
    {"identity", FIELD_IDENTITY, 0},
    {"traits", FIELD_TRAIT, 0},
    {"segments", FIELD_SEGMENT, 0},
    {"channels", FIELD_LABEL, STORE_LABEL_CHANNEL},
    {"themes", FIELD_LABEL, STORE_LABEL_THEME},
    {"sub_themes", FIELD_LABEL, STORE_LABEL_SUB_THEME},
    {"sentiments", FIELD_LABEL, STORE_LABEL_SENTIMENT},
    {"kinds", FIELD_LABEL, STORE_LABEL_KIND},
    {"languages", FIELD_LABEL, STORE_LABEL_LANGUAGE},
    {"dialects", FIELD_LABEL, STORE_LABEL_DIALECT},
};

enum {
    PLAIN_FIELDS = sizeof plain_fields / sizeof *plain_fields,
    COLLECTIONS = sizeof collections / sizeof *collections,
};

bool field_is_known(const struct field_names *names, const char *word) {
    if (names->subject == FIELD_OF_INTERACTIONS) {
        return interaction_field_is_known(word);
    }
    for (size_t i = 0; i < PLAIN_FIELDS; i++) {
        if (strcmp(plain_fields[i].name, word) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < COLLECTIONS; i++) {
        if (strcmp(collections[i].name, word) == 0) {
            return true;
        }
    }
    return false;
}

struct status field_names_read(struct store_view *view, const char *default_region, int64_t now_us,
                               struct field_names *out) {
    *out = (struct field_names){.subject = FIELD_OF_PERSONS,
                                .scratch = store_view_arena(view),
                                .view = view,
                                .default_region = default_region,
                                .now_us = now_us};
    TRY(attribute_rules_read(view, &out->attributes));
    TRY(identity_rules_read(view, &out->identities));
    return store_traits_get(view, &out->traits);
}

/* ---- refusing ---- */

static struct status refuse_name(const struct field_names *names, const struct filter_text *part,
                                 const char *expected, const char *nearest,
                                 struct filter_error *error) {
    const struct status status =
        filter_refuse(error, part->offset, filter_found(part, names->scratch), expected);
    error->nearest = nearest;
    return status;
}

/* ---- finding ---- */

static enum field_type type_of_attribute(enum attribute_type type) {
    switch (type) {
    case ATTRIBUTE_TYPE_NUMBER:
        return FIELD_NUMBER;
    case ATTRIBUTE_TYPE_BOOL:
        return FIELD_FLAG;
    case ATTRIBUTE_TYPE_DATE:
    case ATTRIBUTE_TYPE_TIME:
        return FIELD_TIME;
    case ATTRIBUTE_TYPE_STRING:
    case ATTRIBUTE_TYPE_ENUM:
    case ATTRIBUTE_TYPE_URL:
    case ATTRIBUTE_TYPE_COUNTRY:
    case ATTRIBUTE_TYPE_LANGUAGE:
        break;
    }
    return FIELD_TEXT;
}

/* What is meant by a name that no attribute has, where that is known: an attribute by another name,
 * or an identity type. NULL for none. */
static const char *other_than_attribute(const struct field_names *names,
                                        const struct filter_text *part, struct arena *arena) {
    static const char attributes[] = "attributes.";
    const char *alias = field_alias_find(FIELD_OF_PERSONS, part->text);
    for (size_t i = 0; i < names->identities->type_count; i++) {
        if (strcmp(names->identities->types[i].name, part->text) == 0) {
            return arena_format(arena, "identity.%s", part->text);
        }
    }
    return alias != NULL && strncmp(alias, attributes, sizeof attributes - 1) == 0
               ? alias + sizeof attributes - 1
               : alias;
}

/* The first rule is the name's, which is a field of its own. */
static struct status find_attribute(const struct field_names *names, const struct filter_text *part,
                                    struct arena *arena, struct field_target *out,
                                    struct filter_error *error) {
    struct nearest nearest = nearest_begin(part->text);
    for (size_t i = 1; i < names->attributes->count; i++) {
        const struct attribute_rule *rule = &names->attributes->rules[i];
        if (strcmp(rule->kind->name, part->text) == 0) {
            out->attribute = rule;
            out->field.name = rule->kind->name;
            out->field.type = type_of_attribute(rule->kind->type);
            out->is_free_text = rule->kind->type == ATTRIBUTE_TYPE_STRING && !rule->kind->list;
            return OK;
        }
        nearest_try(&nearest, rule->kind->name, rule->kind->name);
    }
    const char *other = nearest.distance == 0 ? NULL : other_than_attribute(names, part, arena);
    return refuse_name(names, part,
                       arena_format(arena, "an attribute, as %s",
                                    attribute_rules_names(names->attributes, false, arena)),
                       other == NULL ? nearest.name : other, error);
}

static struct status find_identity(const struct field_names *names, const struct filter_text *part,
                                   struct field_target *out, struct filter_error *error) {
    struct nearest nearest = nearest_begin(part->text);
    for (size_t i = 0; i < names->identities->type_count; i++) {
        const struct identity_type *type = &names->identities->types[i];
        if (strcmp(type->name, part->text) == 0) {
            out->identity = type;
            out->field.name = type->name;
            return OK;
        }
        nearest_try(&nearest, type->name, type->name);
    }
    return refuse_name(names, part, "an identity type, as email or phone", nearest.name, error);
}

/* Traits hold numbers, but for the values of interactions: texts, or, of properties and answers,
 * whatever somebody told. */
static void type_trait(const struct store_trait *trait, struct field_target *out) {
    const bool is_value = trait->aggregation == STORE_TRAIT_FIRST ||
                          trait->aggregation == STORE_TRAIT_LAST ||
                          trait->aggregation == STORE_TRAIT_MOST_FREQUENT;
    const bool is_number =
        trait->field == STORE_TRAIT_AMOUNT || trait->field == STORE_TRAIT_SENTIMENT_SCORE;
    out->field.type = is_value && !is_number ? FIELD_TEXT : FIELD_NUMBER;
    out->any_type =
        is_value && (trait->field == STORE_TRAIT_PROPERTY || trait->field == STORE_TRAIT_ANSWER);
}

static struct status find_trait(const struct field_names *names, const struct filter_text *part,
                                struct field_target *out, struct filter_error *error) {
    struct nearest nearest = nearest_begin(part->text);
    for (size_t i = 0; i < names->traits->count; i++) {
        const struct store_trait *trait = &names->traits->items[i];
        if (strcmp(trait->name, part->text) == 0) {
            out->field.number = trait->number;
            out->field.name = trait->name;
            type_trait(trait, out);
            return OK;
        }
        nearest_try(&nearest, trait->name, trait->name);
    }
    return refuse_name(names, part, "the name of a trait", nearest.name, error);
}

static struct status find_segment(const struct field_names *names, const struct filter_text *part,
                                  struct arena *arena, struct field_target *out,
                                  struct filter_error *error) {
    struct store_segment segment;
    bool found = false;
    TRY(store_segment_get(names->view, part->text, &found, &segment));
    if (found && segment.state == STORE_SEGMENT_ARCHIVED) {
        const struct status status =
            filter_refuse(error, part->offset, "the name of an archived segment",
                          "the name of a segment that is not archived");
        error->segment = part->text;
        return status;
    }
    if (!found && names->segment != NULL && strcmp(part->text, names->segment) == 0) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_SEGMENT_CIRCLE,
                         "the segment would depend on itself: see circle");
    }
    if (!found) {
        const char *nearest = NULL;
        TRY(segment_nearest(names->view, part->text, false, arena, &nearest));
        const struct status status =
            refuse_name(names, part, "the name of a segment", nearest, error);
        error->segment = part->text;
        return status;
    }
    out->field.number = segment.number;
    out->field.name = segment.name;
    out->field.type = FIELD_FLAG;
    return OK;
}

static struct status find_aspect(const struct field_names *names, const struct filter_text *part,
                                 struct field_target *out, struct filter_error *error) {
    static const struct {
        const char *name;
        enum field_aspect aspect;
        enum field_type type;
    } aspects[] = {{"count", FIELD_COUNT, FIELD_NUMBER},
                   {"first_time", FIELD_FIRST_TIME, FIELD_TIME},
                   {"last_time", FIELD_LAST_TIME, FIELD_TIME}};
    struct nearest nearest = nearest_begin(part->text);
    for (size_t i = 0; i < sizeof aspects / sizeof *aspects; i++) {
        if (strcmp(aspects[i].name, part->text) == 0) {
            out->field.aspect = aspects[i].aspect;
            out->field.type = aspects[i].type;
            return OK;
        }
        nearest_try(&nearest, aspects[i].name, aspects[i].name);
    }
    return refuse_name(names, part, "count, first_time or last_time", nearest.name, error);
}

/* Channels and themes are asked for by what they are called, as elsewhere; others by their words.
 */
static struct status name_label(const struct field_names *names, const struct filter_text *part,
                                struct field_target *out, struct filter_error *error) {
    /* Those beyond the ones that are kept apart are counted together, under "". */
    const bool is_rest = out->field.label == STORE_LABEL_LANGUAGE && part->text[0] == '\0';
    out->field.name = part->text;
    out->field.type = FIELD_NUMBER;
    return names->is_accepted || is_rest /* It is one already. */
               ? OK
               : interaction_label_text(names, out->field.label, part, &out->field.name, error);
}

/* A member of a collection: the name behind the first dot. */
static struct status find_member(const struct field_names *names, const struct filter_text *parts,
                                 size_t part_count, struct arena *arena, struct field_target *out,
                                 struct filter_error *error) {
    if (parts[1].piece_count > 0) {
        return filter_refuse(error, parts[1].offset, "a name with a *",
                             "a name as it is, or * alone");
    }
    const bool has_aspect = out->field.kind == FIELD_LABEL;
    if (part_count > (has_aspect ? 3U : 2U)) {
        return refuse_name(names, &parts[part_count - 1], "a comparator", NULL, error);
    }
    out->is_collection = false;
    switch (out->field.kind) {
    case FIELD_ATTRIBUTE:
        return find_attribute(names, &parts[1], arena, out, error);
    case FIELD_IDENTITY:
        return find_identity(names, &parts[1], out, error);
    case FIELD_TRAIT:
        return find_trait(names, &parts[1], out, error);
    case FIELD_SEGMENT:
        return find_segment(names, &parts[1], arena, out, error);
    case FIELD_LABEL:
        TRY(name_label(names, &parts[1], out, error));
        return part_count == 2 ? OK : find_aspect(names, &parts[2], out, error);
    case FIELD_ID:
    case FIELD_NAME:
    case FIELD_NAME_DERIVED:
    case FIELD_COMPLETENESS:
    case FIELD_CREATE_TIME:
    case FIELD_UPDATE_TIME:
    case FIELD_MERGED_COUNT:
    case FIELD_ATTRIBUTE_NAMES:
    case FIELD_INTERACTION_COUNT:
    case FIELD_FIRST_INTERACTION_TIME:
    case FIELD_LAST_INTERACTION_TIME:
    case FIELD_LABEL_COUNT:
    case FIELD_MAIN_THEMES:
    case FIELD_NET_SENTIMENT:
    case FIELD_RECENT_NET_SENTIMENT:
    case FIELD_DOMINANT_LANGUAGE:
    case FIELD_DOMINANT_DIALECT:
    case FIELD_SEGMENT_COUNT:
    case FIELD_INTERACTION:
        break;
    }
    assert(false && "a collection");
    return OK;
}

/* No field or collection has the name: what may have been meant. An attribute, an identity type or
 * a trait is where there is one of the name. */
static struct status refuse_first(const struct field_names *names, const struct filter_text *part,
                                  struct arena *arena, struct filter_error *error) {
    struct nearest nearest = nearest_begin(part->text);
    for (size_t i = 0; i < PLAIN_FIELDS; i++) {
        nearest_try(&nearest, plain_fields[i].name, plain_fields[i].name);
    }
    for (size_t i = 0; i < COLLECTIONS; i++) {
        nearest_try(&nearest, collections[i].name, collections[i].name);
    }
    for (size_t i = 1; i < names->attributes->count; i++) {
        const char *name = names->attributes->rules[i].kind->name;
        nearest_try(&nearest, name, arena_format(arena, "attributes.%s", name));
    }
    for (size_t i = 0; i < names->identities->type_count; i++) {
        const char *name = names->identities->types[i].name;
        nearest_try(&nearest, name, arena_format(arena, "identity.%s", name));
    }
    for (size_t i = 0; i < names->traits->count; i++) {
        const char *name = names->traits->items[i].name;
        nearest_try(&nearest, name, arena_format(arena, "traits.%s", name));
    }
    const char *alias = field_alias_find(FIELD_OF_PERSONS, part->text);
    return refuse_name(names, part,
                       "a field of profiles, as attributes.city, identity.email or create_time",
                       alias != NULL && nearest.distance > 0 ? alias : nearest.name, error);
}

struct status field_find(const struct field_names *names, const struct filter_text *parts,
                         size_t part_count, struct arena *arena, struct field_target *out,
                         struct filter_error *error) {
    assert(part_count > 0);
    if (names->subject == FIELD_OF_INTERACTIONS) {
        return interaction_field_find(names, parts, part_count, out, error);
    }
    *out = (struct field_target){.field = {.name = ""}};
    for (size_t i = 0; i < PLAIN_FIELDS; i++) {
        if (strcmp(plain_fields[i].name, parts[0].text) == 0) {
            out->field.kind = plain_fields[i].kind;
            out->field.type = plain_fields[i].type;
            out->is_free_text = plain_fields[i].kind == FIELD_NAME;
            return part_count == 1 ? OK
                                   : refuse_name(names, &parts[1], "a comparator", NULL, error);
        }
    }
    for (size_t i = 0; i < COLLECTIONS; i++) {
        if (strcmp(collections[i].name, parts[0].text) == 0) {
            out->is_collection = true;
            out->field.kind = collections[i].kind;
            out->field.label = collections[i].label;
            return part_count == 1 ? OK : find_member(names, parts, part_count, arena, out, error);
        }
    }
    return refuse_first(names, parts, arena, error);
}

struct field_target field_of_words(const struct field_names *names) {
    struct field field = {.kind = FIELD_NAME, .type = FIELD_TEXT, .name = ""};
    if (names->subject == FIELD_OF_INTERACTIONS) {
        field.kind = FIELD_INTERACTION;
        field.number = INTERACTION_TEXT;
    }
    return (struct field_target){.field = field, .is_free_text = true};
}
