/* Reading activities of the wire into what the store will hold. */

#include <math.h>
#include <string.h>

#include "server/handlers/payload_read.h"
#include "server/handlers/wire.h"
#include "server/interaction/currency.h"

enum {
    ACTIVITY_NAME_SIZE_MAX = 128,
    PROPERTIES_MAX = 64,
    PROPERTY_NAME_SIZE_MAX = 64,
    PROPERTY_SIZE_MAX = 1024,
};

static void check_amount(const Profiled__V1__Activity *message, struct field_errors *errors) {
    if (!isfinite(message->amount)) {
        field_errors_add(errors, "is not a finite number", "interaction.activity.amount");
    }
    const bool needed = message->amount < 0 || message->amount > 0;
    if ((needed || message->currency[0] != '\0') && !currency_is_assigned(message->currency)) {
        field_errors_add(errors, "must be a code of ISO 4217, in capital letters, as SAR",
                         "interaction.activity.currency");
    }
}

static void property_value_read(const Profiled__V1__PropertyValue *message, const char *path,
                                struct field_errors *errors, Stored__V1__Property *row) {
    switch (message->value_case) {
    case PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT:
        row->value_case = STORED__V1__PROPERTY__VALUE_TEXT;
        row->text = payload_text(message->text, PROPERTY_SIZE_MAX, errors,
                                 arena_format(errors->arena, "%s.text", path));
        break;
    case PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER:
        row->value_case = STORED__V1__PROPERTY__VALUE_NUMBER;
        row->number = message->number;
        if (!isfinite(message->number)) {
            field_errors_add(errors, "is not a finite number", "interaction.%s.number", path);
        }
        break;
    case PROFILED__V1__PROPERTY_VALUE__VALUE_FLAG:
        row->value_case = STORED__V1__PROPERTY__VALUE_FLAG;
        row->flag = message->flag;
        break;
    case PROFILED__V1__PROPERTY_VALUE__VALUE_TIME:
        row->value_case = STORED__V1__PROPERTY__VALUE_TIME_US;
        row->time_us = wire_any_time_read(message->time, errors,
                                          arena_format(errors->arena, "interaction.%s.time", path));
        break;
    case PROFILED__V1__PROPERTY_VALUE__VALUE__NOT_SET:
    case _PROFILED__V1__PROPERTY_VALUE__VALUE__CASE_IS_INT_SIZE:
        field_errors_add(errors, "text, number, flag or time is required", "interaction.%s", path);
        break;
    }
}

/* By its name, or its place in the order of names. */
static const char *property_path(const char *name, size_t place, struct arena *arena) {
    return rpc_key_is_told(bytes_of_string(name))
               ? arena_format(arena, "activity.properties.%s", name)
               : arena_format(arena, "activity.properties[%zu]", place);
}

static Stored__V1__Property *property_read(const Profiled__V1__Activity__PropertiesEntry *message,
                                           size_t i, struct field_errors *errors) {
    const char *path = property_path(message->key, i, errors->arena);
    Stored__V1__Property *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__property__init(row);
    row->name = payload_required(message->key, PROPERTY_NAME_SIZE_MAX, errors, path);
    if (message->value == NULL) {
        field_errors_add(errors, "text, number, flag or time is required", "interaction.%s", path);
    } else {
        property_value_read(message->value, path, errors, row);
    }
    return row;
}

static void properties_read(const Profiled__V1__Activity *message, struct field_errors *errors,
                            Stored__V1__Activity *row) {
    if (message->n_properties > PROPERTIES_MAX) {
        field_errors_add(errors, "there are more than 64", "interaction.activity.properties");
        return;
    }
    row->n_properties = message->n_properties;
    row->properties = arena_array(errors->arena, message->n_properties, sizeof *row->properties);
    for (size_t i = 0; i < message->n_properties; i++) {
        row->properties[i] = property_read(message->properties[i], i, errors);
    }
}

void payload_activity_read(const Profiled__V1__Activity *message, struct field_errors *errors,
                           Stored__V1__Interaction *out) {
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_-./ ";
    Stored__V1__Activity *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__activity__init(row);
    row->name = payload_required(message->name, ACTIVITY_NAME_SIZE_MAX, errors, "activity.name");
    if (strspn(message->name, characters) != strlen(message->name)) {
        field_errors_add(errors, "may have letters, digits, _, -, ., / and space",
                         "interaction.activity.name");
    }
    properties_read(message, errors, row);
    check_amount(message, errors);
    row->amount = message->amount;
    row->currency = message->currency;
    out->payload_case = STORED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    out->activity = row;
}
