/* Attributes: from the wire into records, and back. Built-in ones are texts; of the workspace's own
 * what was told is kept until the definitions are at hand. */

#include "server/handlers/record_attributes.h"

#include <assert.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute_time.h"
#include "server/identity/attribute_words.h"

/* ---- what is told ---- */

static struct attribute_item text_item(const char *text) {
    return (struct attribute_item){.kind = ATTRIBUTE_ITEM_TEXT, .text = text};
}

static struct attribute_item number_item(double number) {
    return (struct attribute_item){.kind = ATTRIBUTE_ITEM_NUMBER, .number = number};
}

static struct attribute_item flag_item(bool flag) {
    return (struct attribute_item){.kind = ATTRIBUTE_ITEM_FLAG, .flag = flag};
}

/* One that is out of bounds is taken for none: it is told so by its kind. */
static struct attribute_item time_item(const Google__Protobuf__Timestamp *time) {
    struct attribute_item item = {.kind = ATTRIBUTE_ITEM_TIME};
    if (time == NULL || !wire_time_of(time, &item.time_us)) {
        item.kind = ATTRIBUTE_ITEM_NONE;
    }
    return item;
}

static struct attribute_item item_read(const Profiled__V1__AttributeItem *message) {
    switch (message->value_case) {
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TEXT:
        return text_item(message->text);
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_NUMBER:
        return number_item(message->number);
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_FLAG:
        return flag_item(message->flag != 0);
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TIME:
        return time_item(message->time);
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE__NOT_SET:
    case _PROFILED__V1__ATTRIBUTE_ITEM__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return (struct attribute_item){.kind = ATTRIBUTE_ITEM_NONE};
}

static struct attribute_given given_list(const Profiled__V1__AttributeList *list,
                                         struct arena *arena) {
    struct attribute_item *items = arena_array(arena, list->n_items, sizeof *items);
    for (size_t i = 0; i < list->n_items; i++) {
        items[i] = item_read(list->items[i]);
    }
    return (struct attribute_given){.list = true, .count = list->n_items, .items = items};
}

static struct attribute_given given_one(struct attribute_item item, struct arena *arena) {
    struct attribute_item *items = arena_alloc(arena, sizeof *items);
    *items = item;
    return (struct attribute_given){.count = 1, .items = items};
}

static struct attribute_given given_of_value(const Profiled__V1__AttributeValue *message,
                                             struct arena *arena) {
    switch (message == NULL ? PROFILED__V1__ATTRIBUTE_VALUE__VALUE__NOT_SET : message->value_case) {
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT:
        return given_one(text_item(message->text), arena);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER:
        return given_one(number_item(message->number), arena);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_FLAG:
        return given_one(flag_item(message->flag != 0), arena);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TIME:
        return given_one(time_item(message->time), arena);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST:
        return given_list(message->list, arena);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE__NOT_SET:
    case _PROFILED__V1__ATTRIBUTE_VALUE__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return (struct attribute_given){0};
}

static struct attribute_given given_of_record(const Profiled__V1__RecordAttribute *message,
                                              struct arena *arena) {
    switch (message == NULL ? PROFILED__V1__RECORD_ATTRIBUTE__VALUE__NOT_SET
                            : message->value_case) {
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT:
        return given_one(text_item(message->text), arena);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_NUMBER:
        return given_one(number_item(message->number), arena);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_FLAG:
        return given_one(flag_item(message->flag != 0), arena);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TIME:
        return given_one(time_item(message->time), arena);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_LIST:
        return given_list(message->list, arena);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE__NOT_SET:
    case _PROFILED__V1__RECORD_ATTRIBUTE__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return (struct attribute_given){0};
}

/* ---- reading ---- */

static struct status read_built_in(enum attribute attribute, const struct attribute_given *given,
                                   const struct record_defaults *defaults, struct arena *arena,
                                   const char **out) {
    const bool is_none = given->count == 0 || given->items[0].kind == ATTRIBUTE_ITEM_NONE;
    if (is_none || given->list || given->items[0].kind != ATTRIBUTE_ITEM_TEXT) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                         is_none && !given->list ? "has no value" : "must be one text");
    }
    return attribute_canonicalise(attribute, given->items[0].text, defaults->now_us, arena, out);
}

static void attribute_read(const char *name, struct attribute_given given,
                           const struct record_defaults *defaults, struct field_errors *errors,
                           struct record *out) {
    struct record_attribute *attribute = &out->attributes[out->attribute_count];
    *attribute =
        (struct record_attribute){.source = defaults->source, .observe_us = defaults->observe_us};
    enum attribute built_in;
    if (attribute_find(name, &built_in)) {
        attribute->kind = attribute_kind_of(built_in);
        const struct status status =
            read_built_in(built_in, &given, defaults, errors->arena, &attribute->value);
        if (!status_is_ok(status)) {
            field_errors_add(errors, status.text, "attributes.%s", name);
            return;
        }
    } else {
        given.name = name;
        struct attribute_given *kept = arena_alloc(errors->arena, sizeof *kept);
        *kept = given;
        attribute->given = kept;
    }
    out->attribute_count++;
}

void record_attribute_read(const char *name, const Profiled__V1__RecordAttribute *value,
                           const struct record_defaults *defaults, struct field_errors *errors,
                           struct record *out) {
    attribute_read(name, given_of_record(value, errors->arena), defaults, errors, out);
}

void profile_attribute_read(const char *name, const Profiled__V1__AttributeValue *value,
                            const struct record_defaults *defaults, struct field_errors *errors,
                            struct record *out) {
    struct record_defaults own = *defaults;
    if (value != NULL) {
        const char *path = arena_format(errors->arena, "attributes.%s", name);
        own.source = wire_source_read(value->source, defaults->source, errors,
                                      arena_format(errors->arena, "%s.source", path));
        own.observe_us = wire_time_read(value->observe_time, defaults->now_us, errors,
                                        arena_format(errors->arena, "%s.observe_time", path));
    }
    attribute_read(name, given_of_value(value, errors->arena), &own, errors, out);
}

/* ---- dialects ---- */

static struct record_attribute *find(struct record *record, enum attribute attribute) {
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (record->attributes[i].kind == attribute_kind_of(attribute)) {
            return &record->attributes[i];
        }
    }
    return NULL;
}

void record_dialects_read(struct record *record, struct field_errors *errors) {
    const struct record_attribute *sub_dialect = find(record, ATTRIBUTE_SUB_DIALECT);
    if (sub_dialect == NULL) {
        return;
    }
    const char *belongs_to = attribute_dialect_of(sub_dialect->value);
    const struct record_attribute *dialect = find(record, ATTRIBUTE_DIALECT);
    assert(belongs_to != NULL);
    if (dialect == NULL) {
        struct record_attribute *told = &record->attributes[record->attribute_count++];
        *told = *sub_dialect;
        told->kind = attribute_kind_of(ATTRIBUTE_DIALECT);
        told->value = belongs_to;
    } else if (!attribute_dialects_agree(dialect->value, sub_dialect->value)) {
        field_errors_add(errors,
                         arena_format(errors->arena, "belongs to another dialect: %s", belongs_to),
                         "attributes.sub_dialect");
    }
}

/* ---- by the definitions ---- */

static const char *known_attributes(const struct attribute_rules *rules, struct arena *arena) {
    return arena_format(arena, "is not an attribute; there are: %s",
                        attribute_rules_names(rules, false, arena));
}

static struct status settle(struct store_view *view, const struct attribute_rules *rules,
                            struct record_attribute *attribute, struct field_errors *errors) {
    const struct attribute_given *given = attribute->given;
    const struct attribute_rule *rule = attribute_rules_find(rules, given->name);
    if (rule == NULL || !rule->kind->own) {
        field_errors_add(errors, known_attributes(rules, errors->arena), "attributes.%s",
                         given->name);
        return OK;
    }
    attribute->kind = rule->kind;
    if (rule->retired) {
        field_errors_add(errors, "is retired: it takes no new values", "attributes.%s",
                         given->name);
        return OK;
    }
    const struct attribute_definition *definition = NULL;
    TRY(attribute_rule_define(view, rule, &definition));
    size_t position = 0;
    const struct status status =
        attribute_value_read(definition, given, errors->arena, &attribute->value, &position);
    if (!status_is_ok(status) && given->list && position < given->count) {
        field_errors_add(errors, status.text, "attributes.%s.list.items[%zu]", given->name,
                         position);
    } else if (!status_is_ok(status)) {
        field_errors_add(errors, status.text, "attributes.%s", given->name);
    }
    return OK;
}

struct status record_attributes_settle(struct store_view *view, const struct attribute_rules *rules,
                                       struct record *record, struct field_errors *errors) {
    size_t size = 0;
    for (size_t i = 0; i < record->attribute_count; i++) {
        struct record_attribute *attribute = &record->attributes[i];
        if (attribute->kind == NULL) {
            TRY(settle(view, rules, attribute, errors));
            size += attribute->value == NULL ? 0 : strlen(attribute->value);
        }
    }
    if (size > ATTRIBUTES_SIZE_MAX) { /* The record is kept in one piece. */
        field_errors_add(errors, "hold more than 30,000 bytes beside those that are built in",
                         "attributes");
    }
    return OK;
}

static bool tells(const struct record *record, const char *name) {
    for (size_t i = 0; i < record->attribute_count; i++) {
        const struct record_attribute *attribute = &record->attributes[i];
        const char *told = attribute->kind == NULL ? attribute->given->name : attribute->kind->name;
        if (strcmp(told, name) == 0) {
            return true;
        }
    }
    return false;
}

void record_required_check(const struct attribute_rules *rules, uint32_t required_for,
                           const struct record *record, struct field_errors *errors) {
    for (size_t i = 1; i < rules->count; i++) {
        const struct attribute_rule *rule = &rules->rules[i];
        if ((rule->required_for & required_for) != 0 && !rule->retired &&
            !tells(record, rule->kind->name)) {
            field_errors_add(errors, "is required", "attributes.%s", rule->kind->name);
        }
    }
}

/* ---- telling ---- */

static Profiled__V1__AttributeItem *item_message(struct attribute_item item, struct arena *arena) {
    Profiled__V1__AttributeItem *message = arena_alloc(arena, sizeof *message);
    profiled__v1__attribute_item__init(message);
    switch (item.kind) {
    case ATTRIBUTE_ITEM_NUMBER:
        message->value_case = PROFILED__V1__ATTRIBUTE_ITEM__VALUE_NUMBER;
        message->number = item.number;
        return message;
    case ATTRIBUTE_ITEM_FLAG:
        message->value_case = PROFILED__V1__ATTRIBUTE_ITEM__VALUE_FLAG;
        message->flag = item.flag;
        return message;
    case ATTRIBUTE_ITEM_TIME:
        message->value_case = PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TIME;
        message->time = wire_time(item.time_us, arena);
        return message;
    case ATTRIBUTE_ITEM_NONE:
    case ATTRIBUTE_ITEM_TEXT:
        break;
    }
    message->value_case = PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TEXT;
    message->text = wire_string(item.text);
    return message;
}

static Profiled__V1__AttributeList *list_message(uint32_t form, const char *canonical,
                                                 struct arena *arena) {
    const char *const *items = NULL;
    Profiled__V1__AttributeList *list = arena_alloc(arena, sizeof *list);
    profiled__v1__attribute_list__init(list);
    list->n_items = attribute_items_of(form, canonical, arena, &items);
    list->items = arena_array(arena, list->n_items, sizeof *list->items);
    for (size_t i = 0; i < list->n_items; i++) {
        list->items[i] = item_message(attribute_item_of(form, items[i]), arena);
    }
    return list;
}

Profiled__V1__AttributeValue *attribute_value_message(uint32_t form, const char *canonical,
                                                      struct arena *arena) {
    Profiled__V1__AttributeValue *message = arena_alloc(arena, sizeof *message);
    profiled__v1__attribute_value__init(message);
    if ((form & ATTRIBUTE_FORM_LIST) != 0) {
        message->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST;
        message->list = list_message(form, canonical, arena);
        return message;
    }
    const struct attribute_item item = attribute_item_of(form, canonical);
    switch (item.kind) {
    case ATTRIBUTE_ITEM_NUMBER:
        message->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER;
        message->number = item.number;
        return message;
    case ATTRIBUTE_ITEM_FLAG:
        message->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_FLAG;
        message->flag = item.flag;
        return message;
    case ATTRIBUTE_ITEM_TIME:
        message->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TIME;
        message->time = wire_time(item.time_us, arena);
        return message;
    case ATTRIBUTE_ITEM_NONE:
    case ATTRIBUTE_ITEM_TEXT:
        break;
    }
    message->value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT;
    message->text = wire_string(canonical);
    return message;
}

/* The same alternatives, in another message. */
static_assert((int)PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER ==
                      (int)PROFILED__V1__RECORD_ATTRIBUTE__VALUE_NUMBER &&
                  (int)PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST ==
                      (int)PROFILED__V1__RECORD_ATTRIBUTE__VALUE_LIST,
              "a record's attribute has the alternatives of a profile's");

Profiled__V1__RecordAttribute *record_attribute_message(uint32_t form, const char *canonical,
                                                        struct arena *arena) {
    const Profiled__V1__AttributeValue *value = attribute_value_message(form, canonical, arena);
    Profiled__V1__RecordAttribute *message = arena_alloc(arena, sizeof *message);
    profiled__v1__record_attribute__init(message);
    message->value_case = (Profiled__V1__RecordAttribute__ValueCase)value->value_case;
    if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST) {
        message->list = value->list;
    } else if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER) {
        message->number = value->number;
    } else if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_FLAG) {
        message->flag = value->flag;
    } else if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TIME) {
        message->time = value->time;
    } else {
        message->text = value->text;
    }
    return message;
}

const char *attribute_value_text(uint32_t form, const char *canonical, struct arena *arena) {
    const char *const *items = NULL;
    const size_t count = attribute_items_of(form, canonical, arena, &items);
    const char *text = items[0];
    for (size_t i = 1; i < count; i++) {
        text = arena_format(arena, "%s, %s", text, items[i]);
    }
    return text;
}
