#pragma once
/* Filters of the simplest kind: trees of comparisons that are made at random, written as text in
 * any of the ways in which they may be, and tried on invented people by plain recursion. It shares
 * nothing with the server but the meaning. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "tests/engine/seeded.h"

enum model_field {
    MODEL_NAME,
    MODEL_CITY,
    MODEL_COUNTRY,
    MODEL_GENDER,
    MODEL_EMAIL, /* Several. */
    MODEL_BIRTH_DATE,
    MODEL_CREATE_TIME,
    MODEL_LAST_TIME,
    MODEL_COUNT,
    MODEL_WHATSAPP,
    MODEL_MOOD,  /* Another one each few days. */
    MODEL_SCORE, /* These three are of the workspace's own. */
    MODEL_VIP,
    MODEL_TAGS, /* Several. */
    MODEL_ACCOUNT,
    MODEL_UPDATE_TIME, /* These two are of those who are in a store. */
    MODEL_ID,
};
enum { MODEL_FIELDS = MODEL_ID + 1, MODEL_ITEMS_MAX = 8, MODEL_PEOPLE_MAX = 24 };

enum model_type { MODEL_TEXT, MODEL_NUMBER, MODEL_FLAG, MODEL_TIME };

struct model_item {
    const char *text;
    double number; /* 0 or 1 for a flag. */
    int64_t time_us;
};

struct model_value {
    size_t count;
    struct model_item items[MODEL_ITEMS_MAX];
};

struct model_person {
    struct model_value values[MODEL_FIELDS];
    uint64_t mood_seed;
};

struct model_people {
    size_t count;
    struct model_person people[MODEL_PEOPLE_MAX];
};

const char *model_name(enum model_field field);
enum model_type model_type(enum model_field field);

/* Somebody of whom any fields are known. Nobody else has an address or an account of `number`: but
 * there is an address that many have, and an account that differs in case alone. */
struct model_person model_person_make(struct seeded *seeded, size_t number, int64_t now_us,
                                      struct arena *arena);

/* What a field has at a time; *change_us is when it has something else. */
const struct model_value *model_value_at(const struct model_person *person, enum model_field field,
                                         int64_t at_us, struct model_value *room,
                                         int64_t *change_us);

struct model_node;

/* A filter of the first `field_count` fields, for which the people's values are good constants. */
const struct model_node *model_filter_make(struct seeded *seeded, const struct model_people *people,
                                           size_t field_count, struct arena *arena);

/* The filter as text. */
const char *model_filter_text(struct seeded *seeded, const struct model_node *node,
                              struct arena *arena);

bool model_filter_holds(const struct model_node *node, const struct model_person *person,
                        int64_t at_us);
