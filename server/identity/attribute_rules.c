/* Attribute rules: as with identity rules, what the workspace changed is stored, and the rest is
 * built in. Which value survives is decided here, and only here, out of source and time alone. */

#include "server/identity/attribute_rules.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"

enum { RULES_SIZE_MAX = 90000 }; /* What a row may hold, with room to spare. */

/* The name is sealed, and found by its words. */
static const struct attribute_kind name_kind = {
    .name = "name", .personal = true, .indexed = true, .type = ATTRIBUTE_TYPE_STRING};

/* With room for so many of the workspace's own. */
static struct attribute_rules *builtin_rules(struct arena *arena, size_t own_count) {
    struct attribute_rules *rules = arena_alloc(arena, sizeof *rules);
    rules->version = 1;
    rules->count = ATTRIBUTE_RULES_BUILT_IN;
    rules->rules = arena_array(arena, ATTRIBUTE_RULES_BUILT_IN + own_count, sizeof *rules->rules);
    for (size_t i = 0; i < ATTRIBUTE_RULES_BUILT_IN; i++) {
        rules->rules[i] = (struct attribute_rule){
            .kind = i == 0 ? &name_kind : attribute_kind_of((enum attribute)(i - 1)),
            .survivorship = SURVIVORSHIP_MOST_RECENT,
        };
    }
    return rules;
}

const struct attribute_rule *attribute_rules_find(const struct attribute_rules *rules,
                                                  const char *attribute) {
    for (size_t i = 0; i < rules->count; i++) {
        if (strcmp(rules->rules[i].kind->name, attribute) == 0) {
            return &rules->rules[i];
        }
    }
    return NULL;
}

size_t attribute_rules_count_own(const struct attribute_rules *rules, bool retired_too) {
    size_t count = 0;
    for (size_t i = ATTRIBUTE_RULES_BUILT_IN; i < rules->count; i++) {
        count += retired_too || !rules->rules[i].retired ? 1 : 0;
    }
    return count;
}

const char *attribute_rules_names(const struct attribute_rules *rules, bool filterable,
                                  struct arena *arena) {
    enum { SIZE = 224, NAMES_SIZE = 200 };
    char *text = arena_alloc(arena, SIZE);
    size_t used = 0;
    size_t left_out = 0;
    for (size_t i = 1; i < rules->count; i++) { /* The name is none. */
        const struct attribute_rule *rule = &rules->rules[i];
        if (filterable ? !rule->kind->indexed : rule->retired) {
            continue;
        }
        if (used + strlen(rule->kind->name) + 1 > NAMES_SIZE) {
            left_out++;
            continue;
        }
        used += (size_t)snprintf(text + used, SIZE - used, "%s%s", used == 0 ? "" : " ",
                                 rule->kind->name);
    }
    if (left_out > 0) {
        snprintf(text + used, SIZE - used, " and %zu more", left_out);
    }
    return text;
}

struct attribute_rules *attribute_rules_copy(const struct attribute_rules *rules,
                                             struct arena *arena) {
    struct attribute_rules *copy = arena_alloc(arena, sizeof *copy);
    *copy = *rules;
    copy->rules = arena_array(arena, rules->count + 1, sizeof *copy->rules);
    memcpy(copy->rules, rules->rules, rules->count * sizeof *copy->rules);
    return copy;
}

/* ---- rows ---- */

static void add_own(struct attribute_rules *rules, const Stored__V1__AttributeRule *row,
                    struct arena *arena) {
    struct attribute_kind *kind = arena_alloc(arena, sizeof *kind);
    *kind = attribute_kind_of_form(row->name, row->form);
    kind->personal = row->personal;
    kind->indexed = !row->personal;
    rules->rules[rules->count++] = (struct attribute_rule){
        .kind = kind,
        .retired = row->retired,
        .definition = arena_alloc(arena, sizeof *rules->rules->definition),
    };
}

static struct status lay_over(struct attribute_rules *rules, const Stored__V1__AttributeRule *row,
                              struct arena *arena) {
    if (row->survivorship < SURVIVORSHIP_MOST_RECENT ||
        row->survivorship > SURVIVORSHIP_FIRST_SEEN) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a stored rule of an attribute says nothing");
    }
    if (row->form != 0) {
        add_own(rules, row, arena);
    }
    struct attribute_rule *rule =
        (struct attribute_rule *)(uintptr_t)attribute_rules_find(rules, row->name);
    if (rule != NULL) {
        rule->survivorship = (enum survivorship)row->survivorship;
        rule->trusted_count = row->n_trusted_sources;
        rule->trusted = (const char *const *)row->trusted_sources;
        rule->required_for = row->required_for;
    }
    return OK;
}

struct status attribute_rules_read(struct store_view *view, const struct attribute_rules **out) {
    struct arena *arena = store_view_arena(view);
    struct bytes packed;
    TRY(store_attribute_rules_get(view, &packed));
    if (packed.data == NULL) {
        *out = builtin_rules(arena, 0);
        return OK;
    }
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__attribute_rules__descriptor, packed, &message));
    const Stored__V1__AttributeRules *row = (const Stored__V1__AttributeRules *)message;
    struct attribute_rules *rules = builtin_rules(arena, row->n_attributes);
    rules->version = row->version;
    for (size_t i = 0; i < row->n_attributes; i++) {
        TRY(lay_over(rules, row->attributes[i], arena));
    }
    *out = rules;
    return OK;
}

struct status attribute_rule_define(struct store_view *view, const struct attribute_rule *rule,
                                    const struct attribute_definition **out) {
    assert(rule->kind->own && rule->definition != NULL);
    if (*rule->definition == NULL) {
        TRY(attribute_definition_read(view, rule->kind, rule->definition));
    }
    *out = *rule->definition;
    return OK;
}

static Stored__V1__AttributeRule *row_of(const struct attribute_rule *rule, struct arena *arena) {
    Stored__V1__AttributeRule *row = arena_alloc(arena, sizeof *row);
    stored__v1__attribute_rule__init(row);
    row->name = (char *)(uintptr_t)rule->kind->name;
    row->survivorship = rule->survivorship;
    row->n_trusted_sources = rule->trusted_count;
    row->trusted_sources = (char **)(uintptr_t)rule->trusted;
    row->form = attribute_form(rule->kind);
    row->personal = rule->kind->own && rule->kind->personal;
    row->retired = rule->retired;
    row->required_for = rule->required_for;
    return row;
}

static bool is_default(const struct attribute_rule *rule) {
    return !rule->kind->own && rule->survivorship == SURVIVORSHIP_MOST_RECENT &&
           rule->trusted_count == 0 && rule->required_for == 0;
}

struct status attribute_rules_put(struct store_view *view, struct attribute_rules *rules) {
    struct arena *arena = store_view_arena(view);
    rules->version++;
    Stored__V1__AttributeRules row = STORED__V1__ATTRIBUTE_RULES__INIT;
    row.version = rules->version;
    row.attributes = arena_array(arena, rules->count, sizeof *row.attributes);
    for (size_t i = 0; i < rules->count; i++) {
        const struct attribute_rule *rule = &rules->rules[i];
        assert(rule->survivorship != SURVIVORSHIP_TRUSTED_SOURCE || rule->trusted_count > 0);
        if (!is_default(rule)) {
            row.attributes[row.n_attributes++] = row_of(rule, arena);
        }
    }
    const struct bytes packed = store_pack(arena, &row.base);
    if (packed.size > RULES_SIZE_MAX) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_ATTRIBUTE_LIMIT,
                         "the rules of all attributes together would take more than 90,000 bytes: "
                         "fewer trusted sources");
    }
    return store_attribute_rules_put(view, packed);
}

/* ---- which survives ---- */

/* 0 for the most trusted; all sources that are not listed share the last rank. */
static size_t rank_of(const struct attribute_rule *rule, const char *source) {
    size_t rank = 0;
    while (rank < rule->trusted_count && strcmp(rule->trusted[rank], source) != 0) {
        rank++;
    }
    return rank;
}

bool attribute_rules_prefer(const struct attribute_rules *rules, const char *attribute,
                            const struct attribute_claim *there,
                            const struct attribute_claim *told) {
    const struct attribute_rule *rule = attribute_rules_find(rules, attribute);
    const bool at_once = told->observe_us == there->observe_us;
    const bool later =
        at_once ? told->tell_us >= there->tell_us : told->observe_us > there->observe_us;
    if (rule == NULL) {
        return later;
    }
    switch (rule->survivorship) {
    case SURVIVORSHIP_MOST_RECENT:
        return later;
    case SURVIVORSHIP_TRUSTED_SOURCE: {
        const size_t told_rank = rank_of(rule, told->source);
        const size_t there_rank = rank_of(rule, there->source);
        return told_rank != there_rank ? told_rank < there_rank : later;
    }
    case SURVIVORSHIP_FIRST_SEEN:
        return at_once ? later : told->observe_us < there->observe_us;
    }
    assert(false);
    return later;
}
