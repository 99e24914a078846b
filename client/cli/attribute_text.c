/* Each kind of value as a text; a list is that of its items. */

#include "client/cli/attribute_text.h"

#include "client/rfc3339.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 32 };

static char *copy(const char *text) {
    char *made = strdup(text);
    assert(made != NULL);
    return made;
}

/* The shortest text that is read as the same number. */
static char *number_text(double number) {
    char text[NUMBER_SIZE];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number) {
            break;
        }
    }
    return copy(text);
}

static char *time_text(const Google__Protobuf__Timestamp *time) {
    char text[RFC3339_SIZE] = "";
    if (time != NULL) {
        (void)rfc3339_format(time->seconds, time->nanos, text);
    }
    return copy(text);
}

static char *item_text(const Profiled__V1__AttributeItem *item) {
    switch (item->value_case) {
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TEXT:
        return copy(item->text);
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_NUMBER:
        return number_text(item->number);
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_FLAG:
        return copy(item->flag ? "yes" : "no");
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TIME:
        return time_text(item->time);
    case PROFILED__V1__ATTRIBUTE_ITEM__VALUE__NOT_SET:
    case _PROFILED__V1__ATTRIBUTE_ITEM__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return copy("");
}

char *attribute_text_escaped(const char *text) {
    char *escaped = malloc(2 * strlen(text) + 1);
    assert(escaped != NULL);
    char *to = escaped;
    for (; *text != '\0'; text++) {
        if (*text == ';' || *text == '\\') {
            *to++ = '\\';
        }
        *to++ = *text;
    }
    *to = '\0';
    return escaped;
}

/* The items, each written as it stands among others, with a separator between them. */
static char *list_joined(const Profiled__V1__AttributeList *list, const char *separator,
                         char *(*write)(const char *text)) {
    char *all = copy("");
    for (size_t i = 0; i < list->n_items; i++) {
        char *item = item_text(list->items[i]);
        char *written = write(item);
        char *longer = NULL;
        const int length = asprintf(&longer, "%s%s%s", all, i == 0 ? "" : separator, written);
        assert(length >= 0);
        free(item);
        free(written);
        free(all);
        all = longer;
    }
    return all;
}

static char *list_text(const Profiled__V1__AttributeList *list) {
    return list_joined(list, ", ", copy);
}

char *attribute_text_cell(const Profiled__V1__AttributeValue *value) {
    const bool is_list =
        value != NULL && value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST;
    return is_list ? list_joined(value->list, ";", attribute_text_escaped) : attribute_text(value);
}

char *attribute_text(const Profiled__V1__AttributeValue *value) {
    if (value == NULL) {
        return NULL;
    }
    switch (value->value_case) {
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT:
        return copy(value->text);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER:
        return number_text(value->number);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_FLAG:
        return copy(value->flag ? "yes" : "no");
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TIME:
        return time_text(value->time);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST:
        return list_text(value->list);
    case PROFILED__V1__ATTRIBUTE_VALUE__VALUE__NOT_SET:
    case _PROFILED__V1__ATTRIBUTE_VALUE__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return NULL;
}

char *attribute_text_told(const Profiled__V1__RecordAttribute *value) {
    if (value == NULL) {
        return NULL;
    }
    switch (value->value_case) {
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT:
        return copy(value->text);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_NUMBER:
        return number_text(value->number);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_FLAG:
        return copy(value->flag ? "yes" : "no");
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TIME:
        return time_text(value->time);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE_LIST:
        return list_text(value->list);
    case PROFILED__V1__RECORD_ATTRIBUTE__VALUE__NOT_SET:
    case _PROFILED__V1__RECORD_ATTRIBUTE__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return NULL;
}
