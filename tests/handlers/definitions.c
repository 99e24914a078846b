/* Definitions and typed values for tests. */

#include "tests/handlers/definitions.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"

static char *text(const char *string) { return (char *)(uintptr_t)(string == NULL ? "" : string); }

static void tell_values(const struct defined *defined, Profiled__V1__AttributeDefinition *out) {
    out->enum_values = arena_array(&ask_arena, DEFINED_VALUES_MAX, sizeof *out->enum_values);
    while (out->n_enum_values < DEFINED_VALUES_MAX &&
           defined->enum_values[out->n_enum_values] != NULL) {
        Profiled__V1__AttributeEnumValue *value = arena_alloc(&ask_arena, sizeof *value);
        profiled__v1__attribute_enum_value__init(value);
        value->value = text(defined->enum_values[out->n_enum_values]);
        value->retired =
            defined->retired_value != NULL && strcmp(defined->retired_value, value->value) == 0;
        out->enum_values[out->n_enum_values++] = value;
    }
}

Profiled__V1__AttributeDefinition *definition_told(const struct defined *defined) {
    Profiled__V1__AttributeDefinition *message = arena_alloc(&ask_arena, sizeof *message);
    profiled__v1__attribute_definition__init(message);
    message->name = text(defined->name);
    message->type = (Profiled__V1__AttributeType)defined->type;
    message->display_name = text(defined->display_name);
    message->bounds = arena_alloc(&ask_arena, sizeof *message->bounds);
    profiled__v1__attribute_bounds__init(message->bounds);
    message->bounds->min = text(defined->min);
    message->bounds->max = text(defined->max);
    message->bounds->min_length = defined->min_length;
    message->bounds->max_length = defined->max_length;
    message->bounds->pattern = text(defined->pattern);
    tell_values(defined, message);
    message->max_values = defined->max_values;
    if (defined->required_for != 0) {
        message->n_required_for = 1;
        message->required_for = arena_alloc(&ask_arena, sizeof *message->required_for);
        message->required_for[0] = (Profiled__V1__AttributeRequirement)defined->required_for;
    }
    message->personal = defined->personal;
    message->survivorship = (Profiled__V1__Survivorship)defined->survivorship;
    if (defined->trusted != NULL) {
        message->trusted_sources = words_told(defined->trusted, &message->n_trusted_sources);
    }
    return message;
}

Profiled__V1__CreateAttributeRequest *create_request(const struct defined *defined) {
    Profiled__V1__CreateAttributeRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__create_attribute_request__init(request);
    request->attribute = definition_told(defined);
    return request;
}

Profiled__V1__UpdateAttributeRequest *redefine_request(const char *paths,
                                                       const struct defined *defined) {
    Profiled__V1__UpdateAttributeRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__update_attribute_request__init(request);
    request->attribute = definition_told(defined);
    request->update_mask = mask_told(paths);
    return request;
}

const Profiled__V1__CreateAttributeResponse *define(const struct defined *defined) {
    return ask_twice(&rpc_schema_service, "CreateAttribute", &create_request(defined)->base);
}

void define_once(const struct defined *defined) {
    ask(&rpc_schema_service, "CreateAttribute", &create_request(defined)->base);
}

const Profiled__V1__UpdateAttributeResponse *redefine(const char *paths,
                                                      const struct defined *defined) {
    return ask_twice(&rpc_schema_service, "UpdateAttribute",
                     &redefine_request(paths, defined)->base);
}

const Profiled__V1__DeleteAttributeResponse *retire(const char *name) {
    Profiled__V1__DeleteAttributeRequest request = PROFILED__V1__DELETE_ATTRIBUTE_REQUEST__INIT;
    request.name = text(name);
    return ask_twice(&rpc_schema_service, "DeleteAttribute", &request.base);
}

const Profiled__V1__AttributeDefinition *definition_of(const char *name) {
    Profiled__V1__GetAttributeRequest request = PROFILED__V1__GET_ATTRIBUTE_REQUEST__INIT;
    request.name = text(name);
    const Profiled__V1__GetAttributeResponse *response =
        ask(&rpc_schema_service, "GetAttribute", &request.base);
    return response->attribute;
}

/* ---- values ---- */

static Profiled__V1__AttributeValue *value_new(Profiled__V1__AttributeValue__ValueCase value_case) {
    Profiled__V1__AttributeValue *value = arena_alloc(&ask_arena, sizeof *value);
    profiled__v1__attribute_value__init(value);
    value->value_case = value_case;
    return value;
}

Profiled__V1__AttributeValue *number_value(double number) {
    Profiled__V1__AttributeValue *value = value_new(PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER);
    value->number = number;
    return value;
}

Profiled__V1__AttributeValue *flag_value(bool flag) {
    Profiled__V1__AttributeValue *value = value_new(PROFILED__V1__ATTRIBUTE_VALUE__VALUE_FLAG);
    value->flag = flag;
    return value;
}

Profiled__V1__AttributeValue *time_value(int64_t time_us) {
    Profiled__V1__AttributeValue *value = value_new(PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TIME);
    value->time = time_told(time_us);
    return value;
}

Profiled__V1__AttributeValue *list_value(const char *const *texts) {
    Profiled__V1__AttributeValue *value = value_new(PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST);
    value->list = arena_alloc(&ask_arena, sizeof *value->list);
    profiled__v1__attribute_list__init(value->list);
    for (size_t i = 0; texts[i] != NULL; i++) {
        Profiled__V1__AttributeItem *item = arena_alloc(&ask_arena, sizeof *item);
        profiled__v1__attribute_item__init(item);
        item->value_case = PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TEXT;
        item->text = text(texts[i]);
        value->list->items = arena_append(&ask_arena, value->list->items, value->list->n_items,
                                          sizeof *value->list->items);
        value->list->items[value->list->n_items++] = item;
    }
    return value;
}

Profiled__V1__Profile *with_value(Profiled__V1__Profile *profile, const char *name,
                                  Profiled__V1__AttributeValue *value) {
    Profiled__V1__Profile__AttributesEntry *entry = arena_alloc(&ask_arena, sizeof *entry);
    profiled__v1__profile__attributes_entry__init(entry);
    entry->key = text(name);
    entry->value = value;
    profile->attributes = arena_append(&ask_arena, profile->attributes, profile->n_attributes,
                                       sizeof *profile->attributes);
    profile->attributes[profile->n_attributes++] = entry;
    return profile;
}

static const char *item_text(const Profiled__V1__AttributeItem *item) {
    if (item->value_case == PROFILED__V1__ATTRIBUTE_ITEM__VALUE_NUMBER) {
        return arena_format(&ask_arena, "number %g", item->number);
    }
    if (item->value_case == PROFILED__V1__ATTRIBUTE_ITEM__VALUE_FLAG) {
        return item->flag ? "flag true" : "flag false";
    }
    if (item->value_case == PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TIME) {
        return arena_format(&ask_arena, "time %lld", (long long)item->time->seconds);
    }
    return arena_format(&ask_arena, "text %s", item->text);
}

static const char *list_text(const Profiled__V1__AttributeList *list) {
    const char *all = "list";
    for (size_t i = 0; i < list->n_items; i++) {
        all =
            arena_format(&ask_arena, "%s%s %s", all, i == 0 ? "" : ",", item_text(list->items[i]));
    }
    return all;
}

static const char *value_text(const Profiled__V1__AttributeValue *value) {
    if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER) {
        return arena_format(&ask_arena, "number %g", value->number);
    }
    if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_FLAG) {
        return value->flag ? "flag true" : "flag false";
    }
    if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TIME) {
        return arena_format(&ask_arena, "time %lld", (long long)value->time->seconds);
    }
    return value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST ? list_text(value->list)
                                                                          : value->text;
}

const char *value_in(const Profiled__V1__Profile *profile, const char *name) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        if (strcmp(profile->attributes[i]->key, name) == 0) {
            return value_text(profile->attributes[i]->value);
        }
    }
    return "";
}

size_t found_by(const char *filter) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.filter = text(filter);
    request.page_size = 1000;
    const Profiled__V1__ListProfilesResponse *response =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    return response->n_profiles;
}
