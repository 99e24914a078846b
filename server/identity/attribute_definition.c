/* Definitions and their rows, and what profiles have of an attribute before another definition is
 * in force. */

#include "server/identity/attribute_definition.h"

#include <string.h>

#include "server/identity/members.h"
#include "server/store/records/record.pb-c.h"

/* 200 of them, with their rules, are one answer of ListAttributes. */
enum { DEFINITION_SIZE_MAX = 18000 };

/* ---- rows ---- */

static void read_labels(const Stored__V1__AttributeEnumValue *row, struct arena *arena,
                        struct attribute_enum_value *out) {
    struct attribute_label *labels = arena_array(arena, row->n_labels, sizeof *labels);
    for (size_t i = 0; i < row->n_labels; i++) {
        labels[i] = (struct attribute_label){row->labels[i]->language, row->labels[i]->text};
    }
    out->label_count = row->n_labels;
    out->labels = labels;
}

static void read_values(const Stored__V1__AttributeDefinition *row, struct arena *arena,
                        struct attribute_definition *out) {
    struct attribute_enum_value *values = arena_array(arena, row->n_values, sizeof *values);
    for (size_t i = 0; i < row->n_values; i++) {
        values[i].value = row->values[i]->value;
        values[i].retired = row->values[i]->retired;
        read_labels(row->values[i], arena, &values[i]);
    }
    out->value_count = row->n_values;
    out->values = values;
}

struct status attribute_definition_read(struct store_view *view, const struct attribute_kind *kind,
                                        const struct attribute_definition **out) {
    struct arena *arena = store_view_arena(view);
    struct bytes packed;
    TRY(store_definition_get(view, kind->name, &packed));
    if (packed.data == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "an attribute has no definition");
    }
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__attribute_definition__descriptor, packed, &message));
    const Stored__V1__AttributeDefinition *row = (const Stored__V1__AttributeDefinition *)message;
    struct attribute_definition *definition = arena_alloc(arena, sizeof *definition);
    *definition = (struct attribute_definition){
        .kind = *kind,
        .display_name = row->display_name,
        .description = row->description,
        .min = row->min,
        .max = row->max,
        .length_min = row->length_min,
        .length_max = row->length_max,
        .pattern = row->pattern,
        .values_max = row->values_max,
    };
    read_values(row, arena, definition);
    *out = definition;
    return OK;
}

static char *borrowed(const char *string) { return (char *)(uintptr_t)string; }

static Stored__V1__AttributeEnumValue *value_row(const struct attribute_enum_value *value,
                                                 struct arena *arena) {
    Stored__V1__AttributeEnumValue *row = arena_alloc(arena, sizeof *row);
    stored__v1__attribute_enum_value__init(row);
    row->value = borrowed(value->value);
    row->retired = value->retired;
    row->n_labels = value->label_count;
    row->labels = arena_array(arena, value->label_count, sizeof *row->labels);
    for (size_t i = 0; i < value->label_count; i++) {
        row->labels[i] = arena_alloc(arena, sizeof *row->labels[i]);
        stored__v1__attribute_label__init(row->labels[i]);
        row->labels[i]->language = borrowed(value->labels[i].language);
        row->labels[i]->text = borrowed(value->labels[i].text);
    }
    return row;
}

struct status attribute_definition_put(struct store_view *view,
                                       const struct attribute_definition *definition) {
    struct arena *arena = store_view_arena(view);
    Stored__V1__AttributeDefinition row = STORED__V1__ATTRIBUTE_DEFINITION__INIT;
    row.name = borrowed(definition->kind.name);
    row.display_name = borrowed(definition->display_name);
    row.description = borrowed(definition->description);
    row.min = borrowed(definition->min);
    row.max = borrowed(definition->max);
    row.length_min = definition->length_min;
    row.length_max = definition->length_max;
    row.pattern = borrowed(definition->pattern);
    row.values_max = definition->values_max;
    row.n_values = definition->value_count;
    row.values = arena_array(arena, definition->value_count, sizeof *row.values);
    for (size_t i = 0; i < definition->value_count; i++) {
        row.values[i] = value_row(&definition->values[i], arena);
    }
    const struct bytes packed = store_pack(arena, &row.base);
    if (packed.size > DEFINITION_SIZE_MAX) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_ATTRIBUTE_LIMIT,
                         "the definition would take more than 18,000 bytes: fewer values, fewer or "
                         "shorter labels");
    }
    return store_definition_put(view, definition->kind.name, packed);
}

/* ---- what a change would mean ---- */

static bool has_value(const struct attribute_definition *definition, const char *value) {
    for (size_t i = 0; i < definition->value_count; i++) {
        if (strcmp(definition->values[i].value, value) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a bound is there that was not, or leaves less than it did. */
static bool bound_narrows(enum attribute_type type, const char *before, const char *after,
                          bool is_max) {
    if (after[0] == '\0') {
        return false;
    }
    return before[0] == '\0' || (is_max ? attribute_bound_is_less(type, after, before)
                                        : attribute_bound_is_less(type, before, after));
}

bool attribute_definition_narrows(const struct attribute_definition *before,
                                  const struct attribute_definition *after) {
    const enum attribute_type type = before->kind.type;
    if (bound_narrows(type, before->min, after->min, false) ||
        bound_narrows(type, before->max, after->max, true) ||
        after->length_min > before->length_min || after->length_max < before->length_max ||
        after->values_max < before->values_max ||
        (after->pattern[0] != '\0' && strcmp(after->pattern, before->pattern) != 0)) {
        return true;
    }
    for (size_t i = 0; i < before->value_count; i++) {
        if (!has_value(after, before->values[i].value)) {
            return true;
        }
    }
    return false;
}

enum { VALUE_ARENA_SIZE = 1 << 20 };

struct count {
    struct store_view *view;
    const struct attribute_definition *definition;
    struct arena arena; /* For one value after the other. */
    struct attribute_effect *effect;
    struct status status; /* Of the first profile that could not be read. */
};

/* What a state has of the attribute: nothing, a value, or one that would be refused. */
struct found {
    bool value;
    bool refused;
};

static void look(struct count *count, const struct profile *state, struct found *found) {
    const struct profile_attribute *there =
        profile_attribute_find(state, count->definition->kind.name);
    if (there == NULL || there->value[0] == '\0') {
        return;
    }
    found->value = true;
    arena_reset(&count->arena);
    found->refused =
        found->refused || !attribute_value_is_good(count->definition, there->value, &count->arena);
}

/* Each member keeps what it was told: undoing a merge brings it back. */
static struct status look_at_members(struct count *count, const struct profile *profile,
                                     struct found *found) {
    struct members *members = NULL;
    TRY(members_read(count->view, profile, &members));
    for (size_t i = 0; i < members->count; i++) {
        look(count, members->items[i], found);
    }
    return OK;
}

/* Behind those that answer for themselves the others; the last one makes room. */
static void sample(struct attribute_samples *samples, bool is_one, const struct profile *profile) {
    const bool is_live = profile_is_live(profile);
    const size_t at = is_live ? samples->live_count : samples->count;
    if (!is_one || at == DEFINITION_SAMPLES_MAX) {
        return;
    }
    samples->count += samples->count < DEFINITION_SAMPLES_MAX ? 1 : 0;
    samples->live_count += is_live ? 1 : 0;
    memmove(&samples->ids[at + 1], &samples->ids[at],
            (samples->count - 1 - at) * sizeof samples->ids[0]);
    samples->ids[at] = profile->id;
}

static void count_profile(void *state, const struct profile *profile) {
    struct count *count = state;
    struct found found = {0};
    look(count, profile, &found);
    if (profile->absorbed_count > 0 && status_is_ok(count->status)) {
        count->status = look_at_members(count, profile, &found);
    }
    count->effect->profile_count++;
    count->effect->value_count += found.value ? 1 : 0;
    count->effect->refused_count += found.refused ? 1 : 0;
    sample(&count->effect->valued, found.value, profile);
    sample(&count->effect->refused, found.refused, profile);
}

struct status attribute_effect_count(struct store_view *view,
                                     const struct attribute_definition *definition,
                                     struct attribute_effect *out) {
    *out = (struct attribute_effect){0};
    struct count count = {.view = view, .definition = definition, .effect = out, .status = OK};
    arena_init(&count.arena, VALUE_ARENA_SIZE);
    const struct status status =
        store_profile_each(view, DEFINITION_PROFILES_MAX, count_profile, &count, &out->partial);
    arena_free(&count.arena);
    TRY(status);
    return count.status;
}
