/* A profile as its readers see it, as a person of the model. */

#include "tests/segment/person_seen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"

static void set(struct model_person *person, enum model_field field, struct model_item item) {
    struct model_value *value = &person->values[field];
    assert(value->count < MODEL_ITEMS_MAX);
    value->items[value->count++] = item;
}

static int64_t time_of(const Google__Protobuf__Timestamp *time) {
    return time->seconds * US_PER_SECOND + time->nanos / 1000;
}

static int64_t time_of_date(const char *text) {
    assert(strlen(text) == strlen("2026-01-31"));
    const struct day_date date = {.year = (int32_t)strtol(text, NULL, 10),
                                  .month = (int32_t)strtol(text + strlen("2026-"), NULL, 10),
                                  .day = (int32_t)strtol(text + strlen("2026-01-"), NULL, 10)};
    return day_of_date(&date) * US_PER_DAY;
}

static void see_list(struct model_person *person, enum model_field field,
                     const Profiled__V1__AttributeList *list) {
    for (size_t i = 0; i < list->n_items; i++) {
        assert(list->items[i]->value_case == PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TEXT);
        set(person, field, (struct model_item){.text = list->items[i]->text});
    }
}

static void see_value(struct model_person *person, enum model_field field,
                      const Profiled__V1__AttributeValue *value) {
    if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_LIST) {
        see_list(person, field, value->list);
    } else if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_NUMBER) {
        set(person, field, (struct model_item){.number = value->number});
    } else if (value->value_case == PROFILED__V1__ATTRIBUTE_VALUE__VALUE_FLAG) {
        set(person, field, (struct model_item){.number = value->flag ? 1 : 0});
    } else if (field == MODEL_BIRTH_DATE) {
        set(person, field, (struct model_item){.time_us = time_of_date(value->text)});
    } else {
        set(person, field, (struct model_item){.text = value->text});
    }
}

static void see_attributes(struct model_person *person, const Profiled__V1__Profile *profile) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        for (int field = 0; field < MODEL_FIELDS; field++) {
            const char *name = model_name((enum model_field)field);
            if (strncmp(name, "attributes.", strlen("attributes.")) == 0 &&
                strcmp(name + strlen("attributes."), profile->attributes[i]->key) == 0) {
                see_value(person, (enum model_field)field, profile->attributes[i]->value);
            }
        }
    }
}

static void see_interactions(struct model_person *person,
                             const Profiled__V1__InteractionSummary *summary) {
    double whatsapp = 0;
    for (size_t i = 0; summary != NULL && i < summary->n_channels; i++) {
        if (strcmp(summary->channels[i]->label, "whatsapp") == 0) {
            whatsapp = (double)summary->channels[i]->count;
        }
    }
    set(person, MODEL_WHATSAPP, (struct model_item){.number = whatsapp});
    set(person, MODEL_COUNT,
        (struct model_item){.number = summary == NULL ? 0 : (double)summary->count});
    if (summary != NULL && summary->last_time != NULL) {
        set(person, MODEL_LAST_TIME, (struct model_item){.time_us = time_of(summary->last_time)});
    }
}

struct model_person person_seen(const Profiled__V1__Profile *profile) {
    struct model_person person = {.mood_seed = 0};
    set(&person, MODEL_NAME, (struct model_item){.text = profile->name});
    set(&person, MODEL_CREATE_TIME, (struct model_item){.time_us = time_of(profile->create_time)});
    set(&person, MODEL_UPDATE_TIME, (struct model_item){.time_us = time_of(profile->update_time)});
    set(&person, MODEL_ID, (struct model_item){.text = profile->id});
    for (size_t i = 0; i < profile->n_identities; i++) {
        const bool is_email = strcmp(profile->identities[i]->type, "email") == 0;
        set(&person, is_email ? MODEL_EMAIL : MODEL_ACCOUNT,
            (struct model_item){.text = profile->identities[i]->canonical_value});
    }
    see_attributes(&person, profile);
    see_interactions(&person, profile->interaction_summary);
    return person;
}
