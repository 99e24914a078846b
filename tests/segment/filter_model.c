/* Random filters, their text, and what they hold for. */

#include "tests/segment/filter_model.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "server/base/clock.h"

enum { DEPTH_MAX = 4, CHILDREN_MAX = 4, MOOD_DAYS = 3, TIME_TEXT_SIZE = 32 };

static const struct {
    const char *name;
    enum model_type type;
    bool words; /* `:` asks for words. */
} rows[MODEL_FIELDS] = {
    [MODEL_NAME] = {"name", MODEL_TEXT, true},
    [MODEL_CITY] = {"attributes.city", MODEL_TEXT, true},
    [MODEL_COUNTRY] = {"attributes.country", MODEL_TEXT, false},
    [MODEL_GENDER] = {"attributes.gender", MODEL_TEXT, false},
    [MODEL_EMAIL] = {"identity.email", MODEL_TEXT, false},
    [MODEL_BIRTH_DATE] = {"attributes.birth_date", MODEL_TIME, false},
    [MODEL_CREATE_TIME] = {"create_time", MODEL_TIME, false},
    [MODEL_LAST_TIME] = {"last_interaction_time", MODEL_TIME, false},
    [MODEL_COUNT] = {"interaction_count", MODEL_NUMBER, false},
    [MODEL_WHATSAPP] = {"channels.whatsapp", MODEL_NUMBER, false},
    [MODEL_MOOD] = {"recent_net_sentiment", MODEL_NUMBER, false},
    [MODEL_SCORE] = {"attributes.score", MODEL_NUMBER, false},
    [MODEL_VIP] = {"attributes.vip", MODEL_FLAG, false},
    [MODEL_TAGS] = {"attributes.tags", MODEL_TEXT, false},
    [MODEL_ACCOUNT] = {"identity.external_id", MODEL_TEXT, false},
    [MODEL_UPDATE_TIME] = {"update_time", MODEL_TIME, false},
    [MODEL_ID] = {"id", MODEL_TEXT, false},
};

/* How far from now relative times are. */
static const struct {
    const char *text;
    int64_t us;
} durations[] = {
    {"0s", 0},
    {"1s", US_PER_SECOND},
    {"90m", INT64_C(5400) * US_PER_SECOND},
    {"36h", 36 * US_PER_HOUR},
    {"1.5d", 36 * US_PER_HOUR},
    {"7d", 7 * US_PER_DAY},
    {"2w", 14 * US_PER_DAY},
    {"30d", 30 * US_PER_DAY},
    {"365d", 365 * US_PER_DAY},
};
enum { DURATIONS = sizeof durations / sizeof *durations };

const char *model_name(enum model_field field) { return rows[field].name; }
enum model_type model_type(enum model_field field) { return rows[field].type; }

static const char *one_of(struct seeded *seeded, const char *const *words, size_t count) {
    return words[seeded_below(seeded, count)];
}

#define ONE_OF(...)                                                                                \
    one_of(seeded, (const char *const[]){__VA_ARGS__},                                             \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* ---- people ---- */

static void set(struct model_person *person, enum model_field field, struct model_item item) {
    person->values[field].items[person->values[field].count++] = item;
}

static void set_text(struct model_person *person, enum model_field field, const char *text) {
    set(person, field, (struct model_item){.text = text});
}

/* A moment that filters may meet to the microsecond. */
static int64_t a_time(struct seeded *seeded, int64_t now_us) {
    const int64_t away_us = durations[seeded_below(seeded, DURATIONS)].us;
    const int64_t off_us = (int64_t)seeded_below(seeded, 3) - 1;
    return now_us + (seeded_below(seeded, 4) == 0 ? away_us : -away_us) +
           (seeded_below(seeded, 2) == 0 ? off_us : off_us * US_PER_HOUR);
}

static int64_t a_birth_date(struct seeded *seeded, int64_t now_us) {
    const int64_t today_us = now_us - now_us % US_PER_DAY;
    return today_us - (int64_t)(1 + seeded_below(seeded, 40)) * 1461 / 4 * US_PER_DAY +
           ((int64_t)seeded_below(seeded, 20) - 10) * US_PER_DAY;
}

static void add_tags(struct seeded *seeded, struct model_person *person) {
    static const char *const tags[] = {"new", "north", "Old tin"};
    for (size_t i = 0; i < 3; i++) {
        if (seeded_below(seeded, 2) == 0) {
            set_text(person, MODEL_TAGS, tags[i]);
        }
    }
}

struct model_person model_person_make(struct seeded *seeded, size_t number, int64_t now_us,
                                      struct arena *arena) {
    struct model_person person = {.mood_seed = seeded_next(seeded)};
    set_text(&person, MODEL_NAME,
             arena_format(arena, "%s %s", ONE_OF("Sara", "Noura", "khalid"),
                          ONE_OF("Otaibi", "AMER", "Sara")));
    if (seeded_below(seeded, 3) != 0) {
        set_text(&person, MODEL_CITY, ONE_OF("Riyadh", "Jeddah", "Al Khobar", "جدة"));
    }
    if (seeded_below(seeded, 3) != 0) {
        set_text(&person, MODEL_COUNTRY, ONE_OF("SA", "EG"));
    }
    if (seeded_below(seeded, 3) != 0) {
        set_text(&person, MODEL_GENDER, ONE_OF("female", "male"));
    }
    for (size_t i = seeded_below(seeded, 3); i > 0; i--) {
        set_text(&person, MODEL_EMAIL,
                 arena_format(arena, "u%zu%s@example.%s", number, i == 1 ? "" : "x",
                              ONE_OF("com", "org")));
    }
    if (seeded_below(seeded, 3) != 0) {
        set(&person, MODEL_BIRTH_DATE,
            (struct model_item){.time_us = a_birth_date(seeded, now_us)});
    }
    set(&person, MODEL_CREATE_TIME, (struct model_item){.time_us = a_time(seeded, now_us)});
    if (seeded_below(seeded, 3) != 0) {
        set(&person, MODEL_LAST_TIME, (struct model_item){.time_us = a_time(seeded, now_us)});
    }
    const double count = (double)seeded_below(seeded, 4);
    set(&person, MODEL_COUNT, (struct model_item){.number = count});
    set(&person, MODEL_WHATSAPP,
        (struct model_item){.number = (double)seeded_below(seeded, (size_t)count + 1)});
    if (seeded_below(seeded, 3) != 0) {
        set(&person, MODEL_SCORE,
            (struct model_item){.number = (double)seeded_below(seeded, 5) - 1.5});
    }
    if (seeded_below(seeded, 3) != 0) {
        set(&person, MODEL_VIP, (struct model_item){.number = (double)seeded_below(seeded, 2)});
    }
    add_tags(seeded, &person);
    if (seeded_below(seeded, 4) == 0) {
        set_text(&person, MODEL_EMAIL, "info@example.com");
    }
    if (seeded_below(seeded, 3) == 0) {
        set_text(&person, MODEL_ACCOUNT,
                 arena_format(arena, "%s-%zu", number % 2 == 0 ? "Crm" : "crm", number / 2));
    }
    return person;
}

static int64_t day_of_time(int64_t time_us) {
    return time_us / US_PER_DAY - (time_us % US_PER_DAY < 0 ? 1 : 0);
}

const struct model_value *model_value_at(const struct model_person *person, enum model_field field,
                                         int64_t at_us, struct model_value *room,
                                         int64_t *change_us) {
    *change_us = INT64_MAX;
    if (field != MODEL_MOOD || person->mood_seed == 0) {
        return &person->values[field];
    }
    const int64_t span = day_of_time(at_us) / MOOD_DAYS;
    struct seeded seeded = {.state = person->mood_seed + (uint64_t)span};
    *change_us = (span + 1) * MOOD_DAYS * US_PER_DAY;
    *room = (struct model_value){.count = seeded_below(&seeded, 2)};
    room->items[0].number = (double)seeded_below(&seeded, 3) - 1;
    return room;
}

/* ---- filters ---- */

enum model_kind {
    MODEL_AND,
    MODEL_OR,
    MODEL_NOT,
    MODEL_TEST,
    MODEL_CHOICE, /* A field with several texts on the right, one of which is enough; or all. */
};

enum model_op {
    MODEL_PRESENT,
    MODEL_EQUAL,
    MODEL_HAS,
    MODEL_NOT_EQUAL,
    MODEL_LESS,
    MODEL_LESS_OR_EQUAL,
    MODEL_GREATER,
    MODEL_GREATER_OR_EQUAL,
    MODEL_ANNIVERSARY,
    MODEL_BARE, /* A word of the name, or a flag. */
};

struct model_constant {
    const char *text; /* Wildcards as *. */
    double number;
    int64_t time_us;
    size_t duration; /* Of a relative time: which one. */
    bool relative;
    bool ahead;
    size_t days;
};

struct model_node {
    enum model_kind kind;
    size_t count;
    struct model_node *children[CHILDREN_MAX];
    enum model_field field;
    enum model_op op;
    size_t constant_count;
    struct model_constant constants[CHILDREN_MAX];
    bool all; /* Of a choice. */
};

/* What is asked for of texts: a value that somebody has or might have, or a pattern of one. */
static const char *a_text(struct seeded *seeded, const struct model_people *people,
                          enum model_field field) {
    switch (field) {
    case MODEL_NAME:
        return ONE_OF("sara otaibi", "Noura AMER", "*sara*", "khalid*", "*a", "s*a o*i", "*");
    case MODEL_CITY:
        return ONE_OF("riyadh", "JEDDAH", "Al Khobar", "جدة", "*a*", "al *", "*ة", "Dammam");
    case MODEL_COUNTRY:
        return ONE_OF("SA", "eg", "AE", "s*", "*");
    case MODEL_GENDER:
        return ONE_OF("female", "MALE", "*male", "f*", "o*");
    case MODEL_EMAIL:
        return ONE_OF("u1@example.com", "u2@example.org", "u3x@example.com", "*@example.com",
                      "u*x@*", "U4@EXAMPLE.COM", "u5@example.com", "info@Example.com");
    case MODEL_ACCOUNT:
        return ONE_OF("crm-1", "CRM-2", "Crm-3", "crm-4", "crm-*", "none");
    case MODEL_ID: {
        const struct model_value *id =
            &people->people[seeded_below(seeded, people->count)].values[MODEL_ID];
        return id->count > 0 ? id->items[0].text : "none";
    }
    case MODEL_TAGS:
        return ONE_OF("new", "NORTH", "old tin", "n*", "*o*", "none");
    case MODEL_BIRTH_DATE:
    case MODEL_CREATE_TIME:
    case MODEL_LAST_TIME:
    case MODEL_UPDATE_TIME:
    case MODEL_COUNT:
    case MODEL_WHATSAPP:
    case MODEL_MOOD:
    case MODEL_SCORE:
    case MODEL_VIP:
        break;
    }
    return "";
}

static const char *some_words(struct seeded *seeded, enum model_field field) {
    return field == MODEL_NAME ? ONE_OF("sara", "OTAIBI", "otaibi sara", "amer", "omar", "khalid")
                               : ONE_OF("riyadh", "khobar al", "AL", "جدة", "jed");
}

/* The time of somebody, or one close to it. */
static int64_t a_time_of(struct seeded *seeded, const struct model_people *people,
                         enum model_field field) {
    const struct model_value *value =
        &people->people[seeded_below(seeded, people->count)].values[field];
    const int64_t off_us = (int64_t)seeded_below(seeded, 3) - 1;
    return (value->count == 0 ? people->people[0].values[MODEL_CREATE_TIME].items[0].time_us
                              : value->items[0].time_us) +
           off_us;
}

/* What is asked of numbers: some value meets it, or the filter is none. */
static double a_number(struct seeded *seeded, enum model_field field, enum model_op op) {
    if (field == MODEL_SCORE) {
        return (double)seeded_below(seeded, 5) - 1.5;
    }
    if (field == MODEL_MOOD) {
        const double number = (double)seeded_below(seeded, 3) - 1;
        return op == MODEL_LESS || op == MODEL_GREATER ? number / 2 : number;
    }
    return (double)seeded_below(seeded, 5) + (op == MODEL_LESS ? 0.5 : 0);
}

static struct model_constant a_constant(struct seeded *seeded, const struct model_people *people,
                                        enum model_field field, enum model_op op) {
    struct model_constant constant = {.text = ""};
    switch (rows[field].type) {
    case MODEL_TEXT:
        constant.text = op == MODEL_HAS && rows[field].words ? some_words(seeded, field)
                                                             : a_text(seeded, people, field);
        break;
    case MODEL_NUMBER:
        constant.number = a_number(seeded, field, op);
        break;
    case MODEL_FLAG:
        constant.number = (double)seeded_below(seeded, 2);
        break;
    case MODEL_TIME:
        constant.time_us = a_time_of(seeded, people, field);
        constant.relative = op >= MODEL_LESS && seeded_below(seeded, 3) != 0;
        constant.duration = seeded_below(seeded, DURATIONS);
        constant.ahead = seeded_below(seeded, 4) == 0;
        break;
    }
    constant.days =
        seeded_below(seeded, 2) == 0 ? seeded_below(seeded, 10) : seeded_below(seeded, 367);
    return constant;
}

static enum model_op an_op(struct seeded *seeded, enum model_field field) {
    static const enum model_op ops[] = {
        MODEL_PRESENT, MODEL_EQUAL,         MODEL_HAS,     MODEL_NOT_EQUAL,
        MODEL_LESS,    MODEL_LESS_OR_EQUAL, MODEL_GREATER, MODEL_GREATER_OR_EQUAL};
    const bool is_ordered = rows[field].type == MODEL_NUMBER || rows[field].type == MODEL_TIME;
    if (rows[field].type == MODEL_TIME && seeded_below(seeded, 4) == 0) {
        return MODEL_ANNIVERSARY;
    }
    if ((field == MODEL_NAME || rows[field].type == MODEL_FLAG) && seeded_below(seeded, 3) == 0) {
        return MODEL_BARE;
    }
    return ops[seeded_below(seeded, is_ordered ? 8 : 4)];
}

static struct model_node *node_new(struct arena *arena, enum model_kind kind) {
    struct model_node *node = arena_alloc(arena, sizeof *node);
    node->kind = kind;
    return node;
}

static struct model_node *a_test(struct seeded *seeded, const struct model_people *people,
                                 size_t field_count, struct arena *arena) {
    struct model_node *node = node_new(arena, MODEL_TEST);
    node->field = (enum model_field)seeded_below(seeded, field_count);
    node->op = an_op(seeded, node->field);
    node->constant_count = 1;
    if (node->op != MODEL_PRESENT && node->op != MODEL_BARE && node->op != MODEL_ANNIVERSARY &&
        seeded_below(seeded, 5) == 0) {
        node->kind = MODEL_CHOICE;
        node->constant_count = 1 + seeded_below(seeded, CHILDREN_MAX);
        node->all = seeded_below(seeded, 3) == 0;
    }
    for (size_t i = 0; i < node->constant_count; i++) {
        node->constants[i] = a_constant(seeded, people, node->field, node->op);
        if (node->op == MODEL_BARE && node->field == MODEL_NAME) {
            node->constants[i].text = some_words(seeded, MODEL_NAME);
        }
    }
    return node;
}

static struct model_node *grow(struct seeded *seeded, const struct model_people *people,
                               size_t field_count, size_t depth, struct arena *arena) {
    const size_t kind = seeded_below(seeded, 6);
    if (depth == 0 || kind >= 3) {
        return a_test(seeded, people, field_count, arena);
    }
    struct model_node *node = node_new(arena, kind == 0   ? MODEL_AND
                                              : kind == 1 ? MODEL_OR
                                                          : MODEL_NOT);
    node->count = kind == 2 ? 1 : 2 + seeded_below(seeded, CHILDREN_MAX - 1);
    for (size_t i = 0; i < node->count; i++) {
        node->children[i] = grow(seeded, people, field_count, depth - 1, arena);
    }
    return node;
}

const struct model_node *model_filter_make(struct seeded *seeded, const struct model_people *people,
                                           size_t field_count, struct arena *arena) {
    return grow(seeded, people, field_count, 1 + seeded_below(seeded, DEPTH_MAX), arena);
}

/* ---- as text ---- */

static const char *space(struct seeded *seeded) { return ONE_OF("", " ", "  ", "\n"); }
static const char *wide(struct seeded *seeded) { return ONE_OF(" ", "  ", "\t"); }

static const char *time_text(int64_t time_us, struct arena *arena) {
    const int64_t rest_us = ((time_us % US_PER_SECOND) + US_PER_SECOND) % US_PER_SECOND;
    const time_t seconds = (time_t)((time_us - rest_us) / US_PER_SECOND);
    struct tm tm;
    char text[TIME_TEXT_SIZE];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, rest_us == 0 && seconds % 86400 == 0 ? "%F" : "%FT%T", &tm);
    return strchr(text, 'T') == NULL ? arena_string(arena, bytes_of_string(text))
                                     : arena_format(arena, "%s.%06dZ", text, (int)rest_us);
}

/* With quotation marks where they are needed, and sometimes where they are not. */
static const char *quoted(struct seeded *seeded, const char *text, struct arena *arena) {
    const char *mark = ONE_OF("", "\"", "'");
    const bool must = text[0] == '\0' || strpbrk(text, " @:") != NULL;
    mark = must && mark[0] == '\0' ? "\"" : mark;
    return arena_format(arena, "%s%s%s", mark, text, mark);
}

static const char *relative_text(struct seeded *seeded, const struct model_constant *constant,
                                 struct arena *arena) {
    const char *duration = durations[constant->duration].text;
    if (constant->duration == 0 && seeded_below(seeded, 2) == 0) {
        return "now";
    }
    return arena_format(arena, "now%s%s%s%s", space(seeded), constant->ahead ? "+" : "-",
                        space(seeded), duration);
}

static const char *constant_text(struct seeded *seeded, enum model_type type,
                                 const struct model_constant *constant, struct arena *arena) {
    switch (type) {
    case MODEL_TEXT:
        return quoted(seeded, constant->text, arena);
    case MODEL_NUMBER:
        return seeded_below(seeded, 2) == 0 ? arena_format(arena, "%g", constant->number)
                                            : arena_format(arena, "%.2f", constant->number);
    case MODEL_FLAG:
        return constant->number > 0 ? "true" : "false";
    case MODEL_TIME:
        return constant->relative ? relative_text(seeded, constant, arena)
                                  : quoted(seeded, time_text(constant->time_us, arena), arena);
    }
    return "";
}

static const char *sign_of(enum model_op op) {
    static const char *const signs[] = {":*", "=", ":", "!=", "<", "<=", ">", ">="};
    return signs[op];
}

static const char *test_text(struct seeded *seeded, const struct model_node *node,
                             struct arena *arena) {
    const char *name = rows[node->field].name;
    const struct model_constant *constant = &node->constants[0];
    if (node->op == MODEL_ANNIVERSARY) {
        return constant->days == 0 ? arena_format(arena, "anniversary(%s)", name)
                                   : arena_format(arena, "anniversary(%s,%s%zud)", name,
                                                  space(seeded), constant->days);
    }
    if (node->op == MODEL_BARE) {
        return node->field == MODEL_NAME ? quoted(seeded, constant->text, arena) : name;
    }
    if (node->op == MODEL_PRESENT) {
        return arena_format(arena, "%s%s:%s*", name, space(seeded), space(seeded));
    }
    const char *left =
        arena_format(arena, "%s%s%s%s", name, space(seeded), sign_of(node->op), space(seeded));
    if (node->kind == MODEL_TEST) {
        return arena_format(arena, "%s%s", left,
                            constant_text(seeded, rows[node->field].type, constant, arena));
    }
    for (size_t i = 0; i < node->constant_count; i++) {
        left =
            arena_format(arena, "%s%s%s", left,
                         i == 0      ? "("
                         : node->all ? ONE_OF(" AND ", " ", "\n")
                                     : " OR ",
                         constant_text(seeded, rows[node->field].type, &node->constants[i], arena));
    }
    return arena_format(arena, "%s)", left);
}

static const char *in_parentheses(struct seeded *seeded, const char *text, struct arena *arena) {
    return arena_format(arena, "(%s%s%s)", space(seeded), text, space(seeded));
}

/* Written so that it may stand where `outer` is what holds it: OR binds closer than AND, NOT closer
 * than both. */
static const char *text_within(struct seeded *seeded, const struct model_node *node,
                               enum model_kind outer, struct arena *arena) {
    const char *text = "";
    if (node->kind == MODEL_TEST || node->kind == MODEL_CHOICE) {
        text = test_text(seeded, node, arena);
    } else if (node->kind == MODEL_NOT) {
        text = text_within(seeded, node->children[0], MODEL_NOT, arena);
        text = arena_format(arena, "%s%s", seeded_below(seeded, 2) == 0 ? "-" : "NOT ", text);
    } else {
        for (size_t i = 0; i < node->count; i++) {
            const char *part = text_within(seeded, node->children[i], node->kind, arena);
            const char *word = node->kind == MODEL_OR         ? "OR"
                               : seeded_below(seeded, 2) == 0 ? "AND"
                                                              : "";
            text = i == 0 ? part
                          : arena_format(arena, "%s%s%s%s%s", text, wide(seeded), word,
                                         wide(seeded), part);
        }
    }
    const bool must = (node->kind == MODEL_AND && outer != MODEL_AND) ||
                      (node->kind == MODEL_OR && outer == MODEL_NOT) ||
                      (node->kind == MODEL_NOT && outer == MODEL_NOT);
    return must || seeded_below(seeded, 6) == 0 ? in_parentheses(seeded, text, arena) : text;
}

const char *model_filter_text(struct seeded *seeded, const struct model_node *node,
                              struct arena *arena) {
    return text_within(seeded, node, MODEL_AND, arena);
}

/* ---- evaluation ---- */

static bool pattern_matches(const char *pattern, const char *text) {
    assert(pattern != NULL && text != NULL);
    if (*pattern == '\0') {
        return *text == '\0';
    }
    if (*pattern == '*') {
        return pattern_matches(pattern + 1, text) ||
               (*text != '\0' && pattern_matches(pattern, text + 1));
    }
    return tolower((unsigned char)*pattern) == tolower((unsigned char)*text) &&
           pattern_matches(pattern + 1, text + 1);
}

static bool has_word(const char *text, const char *word, size_t size) {
    assert(text != NULL && word != NULL);
    for (const char *at = text; *at != '\0'; at += strspn(at, " ")) {
        const size_t there = strcspn(at, " ");
        bool same = there == size;
        for (size_t i = 0; i < size && same; i++) {
            same = tolower((unsigned char)at[i]) == tolower((unsigned char)word[i]);
        }
        if (same) {
            return true;
        }
        at += there;
    }
    return false;
}

static bool has_words(const struct model_value *value, const char *words) {
    assert(words != NULL);
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        const size_t size = strcspn(at, " ");
        if (value->count == 0 || !has_word(value->items[0].text, at, size)) {
            return false;
        }
        at += size;
    }
    return true;
}

static int order_of(enum model_type type, const struct model_item *item,
                    const struct model_constant *constant, int64_t at_us) {
    if (type != MODEL_TIME) {
        return (item->number > constant->number) - (item->number < constant->number);
    }
    const int64_t away_us = durations[constant->duration].us;
    const int64_t other_us =
        constant->relative ? at_us + (constant->ahead ? away_us : -away_us) : constant->time_us;
    return (item->time_us > other_us) - (item->time_us < other_us);
}

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static struct tm date_of(int64_t day) {
    const time_t time = (time_t)(day * 86400);
    struct tm tm;
    gmtime_r(&time, &tm);
    return tm;
}

/* Day by day. */
static bool is_anniversary(int64_t time_us, size_t days, int64_t at_us) {
    const struct tm of = date_of(day_of_time(time_us));
    for (size_t i = 0; i <= days; i++) {
        const struct tm on = date_of(day_of_time(at_us) + (int64_t)i);
        const bool is_leap_day = of.tm_mon == 1 && of.tm_mday == 29 && on.tm_mon == 1 &&
                                 on.tm_mday == 28 && !is_leap(on.tm_year + 1900);
        const bool is_day = of.tm_mon == on.tm_mon && of.tm_mday == on.tm_mday;
        if ((is_day || is_leap_day) && on.tm_year > of.tm_year) {
            return true;
        }
    }
    return false;
}

/* Whether an item is as asked for by =, or by an order. */
static bool item_holds(const struct model_node *node, const struct model_item *item,
                       const struct model_constant *constant, int64_t at_us) {
    const enum model_type type = rows[node->field].type;
    if (type == MODEL_TEXT) {
        return pattern_matches(constant->text, item->text);
    }
    const int order = order_of(type, item, constant, at_us);
    switch (node->op) {
    case MODEL_LESS:
        return order < 0;
    case MODEL_LESS_OR_EQUAL:
        return order <= 0;
    case MODEL_GREATER:
        return order > 0;
    case MODEL_GREATER_OR_EQUAL:
        return order >= 0;
    case MODEL_ANNIVERSARY:
        return is_anniversary(item->time_us, constant->days, at_us);
    case MODEL_BARE:
        return item->number > 0;
    case MODEL_EQUAL:
    case MODEL_HAS:
    case MODEL_NOT_EQUAL:
    case MODEL_PRESENT:
        break;
    }
    return order == 0;
}

static bool constant_holds(const struct model_node *node, const struct model_constant *constant,
                           const struct model_value *value, int64_t at_us) {
    if (node->op == MODEL_PRESENT && node->field == MODEL_WHATSAPP) {
        return value->items[0].number > 0; /* None is no message, not the number 0. */
    }
    if (node->op == MODEL_PRESENT || value->count == 0) {
        return value->count > 0;
    }
    if (rows[node->field].words && (node->op == MODEL_HAS || node->op == MODEL_BARE)) {
        return has_words(value, constant->text);
    }
    bool any = false;
    for (size_t i = 0; i < value->count; i++) {
        any = any || item_holds(node, &value->items[i], constant, at_us);
    }
    return any != (node->op == MODEL_NOT_EQUAL);
}

static bool comparison_holds(const struct model_node *node, const struct model_person *person,
                             int64_t at_us) {
    struct model_value room;
    int64_t change_us = 0;
    const struct model_value *value = model_value_at(person, node->field, at_us, &room, &change_us);
    size_t held = 0;
    for (size_t i = 0; i < node->constant_count; i++) {
        held += constant_holds(node, &node->constants[i], value, at_us) ? 1 : 0;
    }
    return node->all ? held == node->constant_count : held > 0;
}

bool model_filter_holds(const struct model_node *node, const struct model_person *person,
                        int64_t at_us) {
    if (node->kind == MODEL_TEST || node->kind == MODEL_CHOICE) {
        return comparison_holds(node, person, at_us);
    }
    size_t held = 0;
    for (size_t i = 0; i < node->count; i++) {
        held += model_filter_holds(node->children[i], person, at_us) ? 1 : 0;
    }
    return node->kind == MODEL_AND  ? held == node->count
           : node->kind == MODEL_OR ? held > 0
                                    : held == 0;
}
