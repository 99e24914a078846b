/* Attribute rules: as with identity rules, what the workspace changed is stored, and the rest is
 * built in. Which value survives is decided here, and only here, out of source and time alone. */

#include "server/identity/attribute_rules.h"

#include <assert.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"

/* The name is sealed, and found by its words. */
static const struct attribute_kind name_kind = {"name", .personal = true, .indexed = true};

static struct attribute_rules *builtin_rules(struct arena *arena) {
    struct attribute_rules *rules = arena_alloc(arena, sizeof *rules);
    rules->version = 1;
    for (size_t i = 0; i < ATTRIBUTE_RULES_COUNT; i++) {
        rules->rules[i] = (struct attribute_rule){
            .kind = i == 0 ? &name_kind : attribute_kind_of((enum attribute)(i - 1)),
            .survivorship = SURVIVORSHIP_MOST_RECENT,
        };
    }
    return rules;
}

const struct attribute_rule *attribute_rules_find(const struct attribute_rules *rules,
                                                  const char *attribute) {
    for (size_t i = 0; i < ATTRIBUTE_RULES_COUNT; i++) {
        if (strcmp(rules->rules[i].kind->name, attribute) == 0) {
            return &rules->rules[i];
        }
    }
    return NULL;
}

static struct status lay_over(struct attribute_rules *rules, const Stored__V1__AttributeRule *row) {
    if (row->survivorship < SURVIVORSHIP_MOST_RECENT ||
        row->survivorship > SURVIVORSHIP_FIRST_SEEN) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a stored rule of an attribute says nothing");
    }
    struct attribute_rule *rule =
        (struct attribute_rule *)(uintptr_t)attribute_rules_find(rules, row->name);
    if (rule != NULL) {
        rule->survivorship = (enum survivorship)row->survivorship;
        rule->trusted_count = row->n_trusted_sources;
        rule->trusted = (const char *const *)row->trusted_sources;
    }
    return OK;
}

struct status attribute_rules_read(struct store_view *view, const struct attribute_rules **out) {
    struct arena *arena = store_view_arena(view);
    struct attribute_rules *rules = builtin_rules(arena);
    struct bytes packed;
    TRY(store_attribute_rules_get(view, &packed));
    if (packed.data != NULL) {
        ProtobufCMessage *message = NULL;
        TRY(store_unpack(arena, &stored__v1__attribute_rules__descriptor, packed, &message));
        const Stored__V1__AttributeRules *row = (const Stored__V1__AttributeRules *)message;
        rules->version = row->version;
        for (size_t i = 0; i < row->n_attributes; i++) {
            TRY(lay_over(rules, row->attributes[i]));
        }
    }
    *out = rules;
    return OK;
}

static Stored__V1__AttributeRule *row_of(const struct attribute_rule *rule, struct arena *arena) {
    Stored__V1__AttributeRule *row = arena_alloc(arena, sizeof *row);
    stored__v1__attribute_rule__init(row);
    row->name = (char *)(uintptr_t)rule->kind->name;
    row->survivorship = rule->survivorship;
    row->n_trusted_sources = rule->trusted_count;
    row->trusted_sources = (char **)(uintptr_t)rule->trusted;
    return row;
}

struct status attribute_rules_put(struct store_view *view, struct attribute_rules *rules) {
    struct arena *arena = store_view_arena(view);
    rules->version++;
    Stored__V1__AttributeRules row = STORED__V1__ATTRIBUTE_RULES__INIT;
    row.version = rules->version;
    row.attributes = arena_array(arena, ATTRIBUTE_RULES_COUNT, sizeof *row.attributes);
    for (size_t i = 0; i < ATTRIBUTE_RULES_COUNT; i++) {
        const struct attribute_rule *rule = &rules->rules[i];
        assert(rule->survivorship != SURVIVORSHIP_TRUSTED_SOURCE || rule->trusted_count > 0);
        if (rule->survivorship != SURVIVORSHIP_MOST_RECENT || rule->trusted_count > 0) {
            row.attributes[row.n_attributes++] = row_of(rule, arena);
        }
    }
    return store_attribute_rules_put(view, store_pack(arena, &row.base));
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
    const bool later = told->observe_us >= there->observe_us;
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
        return told->observe_us <= there->observe_us;
    }
    assert(false);
    return later;
}
