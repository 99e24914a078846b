/* Values of fields, of a person. */

#include "server/segment/person.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "server/base/day.h"
#include "server/identity/attribute_time.h"
#include "server/identity/attribute_value.h"
#include "server/identity/completeness.h"
#include "server/identity/name_words.h"
#include "server/identity/text.h"
#include "server/interaction/rollup.h"
#include "server/segment/filter.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

struct person person_of(struct store_view *view, const struct profile *profile, int64_t now_us,
                        struct arena *arena) {
    return (struct person){.view = view, .profile = profile, .now_us = now_us, .arena = arena};
}

struct person person_of_nobody(struct store_view *view, int64_t now_us, struct arena *arena) {
    static const struct profile nobody = {.name = "", .name_source = ""};
    static const struct store_traits no_traits = {.count = 0};
    struct person person = person_of(view, &nobody, now_us, arena);
    person.has_summary = true;
    person.has_membership = true;
    person.traits = &no_traits;
    return person;
}

/* ---- items ---- */

static struct field_item *items_new(struct person *person, size_t count, struct field_value *out) {
    struct field_item *items = arena_array(person->arena, count, sizeof *items);
    out->count = count;
    out->items = items;
    return items;
}

static void set_number(struct person *person, double number, struct field_value *out) {
    items_new(person, 1, out)->number = number;
}

static void set_time(struct person *person, int64_t time_us, struct field_value *out) {
    items_new(person, 1, out)->time_us = time_us;
}

static struct bytes folded(struct person *person, const char *text) {
    const char *out = "";
    return text_fold(text, person->arena, &out) ? bytes_of_string(out) : bytes_of_string("");
}

/* One text, or its words. */
static void set_text(struct person *person, const struct field *field, const char *text,
                     struct field_value *out) {
    if (!field->words) {
        items_new(person, 1, out)->text = folded(person, text);
        return;
    }
    const char *const *words = NULL;
    const size_t count = name_words(text, person->arena, &words);
    struct field_item *items = items_new(person, count, out);
    for (size_t i = 0; i < count; i++) {
        items[i].text = bytes_of_string(words[i]);
    }
}

/* ---- profiles ---- */

/* A date in canonical form is its midnight. */
static int64_t time_of_date(struct person *person, const char *date) {
    int64_t time_us = 0;
    if (!attribute_time_read(arena_format(person->arena, "%sT00:00:00Z", date), &time_us)) {
        return 0; /* No canonical form is so; verify tells of a damaged row. */
    }
    return time_us;
}

static struct field_item item_of(struct person *person, const struct field *field, uint32_t form,
                                 const char *canonical) {
    const struct attribute_item item = attribute_item_of(form, canonical);
    switch (item.kind) {
    case ATTRIBUTE_ITEM_NUMBER:
        return (struct field_item){.number = item.number};
    case ATTRIBUTE_ITEM_FLAG:
        return (struct field_item){.number = item.flag ? 1 : 0};
    case ATTRIBUTE_ITEM_TIME:
        return (struct field_item){.time_us = item.time_us};
    case ATTRIBUTE_ITEM_NONE:
    case ATTRIBUTE_ITEM_TEXT:
        break;
    }
    return field->type == FIELD_TIME
               ? (struct field_item){.time_us = time_of_date(person, canonical)}
               : (struct field_item){.text = folded(person, canonical)};
}

static void read_attribute(struct person *person, const struct field *field,
                           struct field_value *out) {
    const struct profile_attribute *attribute =
        profile_attribute_find(person->profile, field->name);
    if (attribute == NULL) {
        return;
    }
    if (field->words) {
        set_text(person, field, attribute->value, out);
        return;
    }
    const char *const *values = NULL;
    const size_t count =
        attribute_items_of(attribute->form, attribute->value, person->arena, &values);
    struct field_item *items = items_new(person, count, out);
    for (size_t i = 0; i < count; i++) {
        items[i] = item_of(person, field, attribute->form, values[i]);
    }
}

static void read_attribute_names(struct person *person, const struct field *field,
                                 struct field_value *out) {
    (void)field;
    const struct profile *profile = person->profile;
    struct field_item *items = items_new(person, profile->attribute_count, out);
    for (size_t i = 0; i < profile->attribute_count; i++) {
        items[i].text = bytes_of_string(profile->attributes[i].name);
    }
}

static void read_identity(struct person *person, const struct field *field,
                          struct field_value *out) {
    const struct profile *profile = person->profile;
    struct field_item *items = items_new(person, profile->identity_count, out);
    out->count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if (field->name[0] == '\0' || strcmp(identity->type, field->name) == 0) {
            items[out->count++].text = folded(person, identity->canonical);
        }
    }
}

/* The dominant label, where the attribute tells none. */
static void read_dominant(struct person *person, const struct field *field,
                          struct field_value *out) {
    const bool is_language = field->kind == FIELD_DOMINANT_LANGUAGE;
    const char *label =
        rollup_dominant(&person->summary, is_language ? STORE_LABEL_LANGUAGE : STORE_LABEL_DIALECT,
                        person->profile, is_language ? "language" : "dialect", person->arena);
    if (label[0] != '\0') {
        set_text(person, field, label, out);
    }
}

/* ---- roll-ups ---- */

static struct status read_summary(struct person *person) {
    if (!person->has_summary) {
        TRY(rollup_read(person->view, person->profile, &person->summary));
        person->has_summary = true;
    }
    return OK;
}

/* A sub-theme is that of any theme: those of one name are counted together, and so are labels that
 * differ in the case of Latin letters. */
static void read_label(struct person *person, const struct field *field, struct field_value *out) {
    const struct store_summary *summary = &person->summary;
    struct store_label_count sum = {.count = 0};
    for (size_t i = 0; i < summary->label_count; i++) {
        const struct store_label_count *label = &summary->labels[i];
        if (label->kind != field->label || strcasecmp(label->label, field->name) != 0) {
            continue;
        }
        sum.first_us =
            sum.count == 0 || label->first_us < sum.first_us ? label->first_us : sum.first_us;
        sum.last_us = sum.count == 0 || label->last_us > sum.last_us ? label->last_us : sum.last_us;
        sum.count += label->count;
    }
    if (field->aspect == FIELD_COUNT) {
        set_number(person, (double)sum.count, out);
    } else if (sum.count > 0) {
        set_time(person, field->aspect == FIELD_FIRST_TIME ? sum.first_us : sum.last_us, out);
    }
}

static void read_label_count(struct person *person, const struct field *field,
                             struct field_value *out) {
    size_t count = 0;
    for (size_t i = 0; i < person->summary.label_count; i++) {
        count += person->summary.labels[i].kind == field->label ? 1 : 0;
    }
    set_number(person, (double)count, out);
}

static void read_main_themes(struct person *person, const struct field *field,
                             struct field_value *out) {
    const char *themes[ROLLUP_MAIN_THEMES_MAX];
    const size_t count = rollup_most_frequent(&person->summary, STORE_LABEL_THEME,
                                              ROLLUP_MAIN_THEMES_MAX, person->arena, themes);
    struct field_item *items = items_new(person, count, out);
    assert(!field->words);
    for (size_t i = 0; i < count; i++) {
        items[i].text = folded(person, themes[i]);
    }
}

/* When windows were others for the last time. */
static int64_t midnight_of(const struct person *person) {
    return (int64_t)day_of(person->now_us) * DAY_US;
}

static void read_moods(struct person *person, const struct field *field, struct field_value *out) {
    struct rollup_moods moods = rollup_moods(&person->summary);
    if (field->kind == FIELD_RECENT_NET_SENTIMENT) {
        int32_t change_day = INT32_MAX;
        moods = rollup_recent_moods(&person->summary, day_of(person->now_us), &change_day);
        out->change_us = change_day == INT32_MAX ? INT64_MAX : (int64_t)change_day * DAY_US;
        out->passed_us = midnight_of(person);
    }
    if (rollup_mood_count(&moods) > 0) {
        set_number(person, rollup_net(&moods), out);
    }
}

static void read_interaction_count(struct person *person, const struct field *field,
                                   struct field_value *out) {
    (void)field;
    set_number(person, (double)person->summary.count, out);
}

static void read_interaction_time(struct person *person, const struct field *field,
                                  struct field_value *out) {
    const struct store_summary *summary = &person->summary;
    if (summary->count > 0) {
        set_time(person,
                 field->kind == FIELD_FIRST_INTERACTION_TIME ? summary->first_us : summary->last_us,
                 out);
    }
}

/* ---- traits ---- */

static const struct store_trait *trait_of(const struct store_traits *traits, uint32_t number) {
    for (size_t i = 0; i < traits->count; i++) {
        if (traits->items[i].number == number) {
            return &traits->items[i];
        }
    }
    return NULL;
}

static void set_datum(struct person *person, const struct field *field,
                      const struct store_trait_datum *datum, struct field_value *out) {
    if (datum->kind == STORE_TRAIT_NUMBER && field->type == FIELD_NUMBER) {
        set_number(person, datum->number, out);
    } else if (datum->kind == STORE_TRAIT_TIME && field->type == FIELD_TIME) {
        set_time(person, datum->time_us, out);
    } else if (datum->kind == STORE_TRAIT_TEXT && field->type == FIELD_TEXT) {
        set_text(person, field, datum->text, out);
    } else if (datum->kind == STORE_TRAIT_NUMBER && field->type == FIELD_TEXT) {
        set_text(person, field, arena_format(person->arena, "%.15g", datum->number), out);
    } else if (datum->kind == STORE_TRAIT_TIME && field->type == FIELD_TEXT) {
        set_text(person, field, attribute_time_text(datum->time_us, person->arena), out);
    }
}

static struct status read_trait(struct person *person, const struct field *field,
                                struct field_value *out) {
    const struct profile *profile = person->profile;
    if (person->traits == NULL) {
        TRY(store_traits_get(person->view, &person->traits));
    }
    const struct store_trait *trait = trait_of(person->traits, field->number);
    if (trait == NULL) {
        return OK; /* Of nobody, or deleted since: without a value. */
    }
    struct store_trait_value value;
    struct id *members = arena_array(person->arena, profile->absorbed_count + 1, sizeof *members);
    members[0] = profile->id;
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        members[i + 1] = profile->absorbed[i];
    }
    TRY(store_trait_value_get(person->view, trait, members, profile->absorbed_count + 1,
                              day_of(person->now_us), &value));
    set_datum(person, field, &value.datum, out);
    out->change_us = value.change_day == INT32_MAX ? INT64_MAX : (int64_t)value.change_day * DAY_US;
    out->passed_us = midnight_of(person);
    return OK;
}

/* ---- segments ---- */

static struct status read_segment(struct person *person, const struct field *field,
                                  struct field_value *out) {
    if (!person->has_membership) {
        TRY(store_membership_get(person->view, person->profile->id, &person->membership));
        person->has_membership = true;
    }
    set_number(person,
               field->kind == FIELD_SEGMENT_COUNT
                   ? (double)person->membership.count
                   : (store_membership_has(&person->membership, field->number) ? 1 : 0),
               out);
    return OK;
}

/* ---- the whole ---- */

static void read_id(struct person *person, const struct field *field, struct field_value *out) {
    char text[ID_TEXT_SIZE + 1];
    if (!id_is_zero(person->profile->id)) {
        id_format(person->profile->id, text);
        set_text(person, field, text, out);
    }
}

static void read_name(struct person *person, const struct field *field, struct field_value *out) {
    if (person->profile->name[0] != '\0') {
        set_text(person, field, person->profile->name, out);
    }
}

static void read_name_derived(struct person *person, const struct field *field,
                              struct field_value *out) {
    (void)field;
    set_number(person, person->profile->name_derived ? 1 : 0, out);
}

static void read_completeness(struct person *person, const struct field *field,
                              struct field_value *out) {
    (void)field;
    set_number(person, (double)profile_completeness(person->profile), out);
}

static void read_time(struct person *person, const struct field *field, struct field_value *out) {
    const struct profile *profile = person->profile;
    if (!id_is_zero(profile->id)) { /* Nobody was made at no time. */
        set_time(person, field->kind == FIELD_CREATE_TIME ? profile->create_us : profile->update_us,
                 out);
    }
}

static void read_merged_count(struct person *person, const struct field *field,
                              struct field_value *out) {
    (void)field;
    set_number(person, (double)person->profile->absorbed_count, out);
}

typedef void read_fn(struct person *person, const struct field *field, struct field_value *out);

enum {
    PROFILE = STORE_TOUCH_PROFILE,
    SUMMARY = STORE_TOUCH_SUMMARY,
    BOTH = PROFILE | SUMMARY,
};

/* What each field is read from, and how. Traits are looked for by themselves; segments are derived:
 * nothing that is told changes them. */
static const struct {
    unsigned parts;
    read_fn *read;
} readers[] = {
    [FIELD_ID] = {PROFILE, read_id},
    [FIELD_NAME] = {PROFILE, read_name},
    [FIELD_NAME_DERIVED] = {PROFILE, read_name_derived},
    [FIELD_COMPLETENESS] = {PROFILE, read_completeness},
    [FIELD_CREATE_TIME] = {PROFILE, read_time},
    [FIELD_UPDATE_TIME] = {PROFILE, read_time},
    [FIELD_MERGED_COUNT] = {PROFILE, read_merged_count},
    [FIELD_ATTRIBUTE] = {PROFILE, read_attribute},
    [FIELD_ATTRIBUTE_NAMES] = {PROFILE, read_attribute_names},
    [FIELD_IDENTITY] = {PROFILE, read_identity},
    [FIELD_INTERACTION_COUNT] = {SUMMARY, read_interaction_count},
    [FIELD_FIRST_INTERACTION_TIME] = {SUMMARY, read_interaction_time},
    [FIELD_LAST_INTERACTION_TIME] = {SUMMARY, read_interaction_time},
    [FIELD_LABEL] = {SUMMARY, read_label},
    [FIELD_LABEL_COUNT] = {SUMMARY, read_label_count},
    [FIELD_MAIN_THEMES] = {SUMMARY, read_main_themes},
    [FIELD_NET_SENTIMENT] = {SUMMARY, read_moods},
    [FIELD_RECENT_NET_SENTIMENT] = {SUMMARY, read_moods},
    [FIELD_DOMINANT_LANGUAGE] = {BOTH, read_dominant},
    [FIELD_DOMINANT_DIALECT] = {BOTH, read_dominant},
    [FIELD_TRAIT] = {STORE_TOUCH_TRAITS, NULL},
    [FIELD_SEGMENT] = {0, NULL},
    [FIELD_SEGMENT_COUNT] = {0, NULL},
};
static_assert(sizeof readers / sizeof *readers == FIELD_SEGMENT_COUNT + 1, "each kind of field");

unsigned field_parts(const struct field *field) { return readers[field->kind].parts; }

struct status person_value(struct person *person, const struct field *field,
                           struct field_value *out) {
    *out = (struct field_value){.count = 0, .change_us = INT64_MAX};
    if (field->kind == FIELD_TRAIT) {
        return read_trait(person, field, out);
    }
    if (readers[field->kind].parts == 0) {
        return read_segment(person, field, out);
    }
    if ((readers[field->kind].parts & SUMMARY) != 0) {
        TRY(read_summary(person));
    }
    readers[field->kind].read(person, field, out);
    return OK;
}

struct status filter_holds_for(const struct filter *filter, const struct fields *fields,
                               struct person *person, bool *out) {
    struct field_value *values = arena_array(person->arena, fields->count, sizeof *values);
    int64_t change_us = INT64_MAX;
    for (size_t i = 0; i < filter->field_count; i++) {
        const uint16_t field = filter->fields[i];
        TRY(person_value(person, &fields->items[field], &values[field]));
    }
    *out = filter_holds(filter, values, person->now_us, &change_us);
    return OK;
}
