/* Vetoes. A fact that is not known on both sides says nothing. */

#include "server/identity/veto.h"

#include <string.h>

#include "server/base/limits.h"
#include "server/identity/members.h"
#include "server/identity/name_words.h"
#include "server/identity/profile_identities.h"

static const char *profile_value(const struct profile *profile, enum attribute attribute) {
    const struct profile_attribute *found =
        profile_attribute_find(profile, attribute_kind_of(attribute)->name);
    return found == NULL ? NULL : found->value;
}

/* Compared as search compares words: "Sara", "SARA" and "sarà" are one name, أحمد and احمد too. */
static bool differ(const char *one, const char *other, struct arena *arena) {
    if (strcmp(one, other) == 0) {
        return false;
    }
    const char *const *one_words = NULL;
    const char *const *other_words = NULL;
    const size_t count = name_words(one, arena, &one_words);
    if (count != name_words(other, arena, &other_words)) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(one_words[i], other_words[i]) != 0) {
            return true;
        }
    }
    return count == 0;
}

void vetoes_add(struct vetoes *vetoes, struct veto veto, struct arena *arena) {
    vetoes->items = arena_append(arena, vetoes->items, vetoes->count, sizeof *vetoes->items);
    vetoes->items[vetoes->count++] = veto;
}

/* The rule of the first of those that the function gathers. */
static enum identity_rule first_rule(const struct vetoes *vetoes) {
    return vetoes->count == 0 ? IDENTITY_RULE_NONE : vetoes->items[0].rule;
}

static bool is_known(const char *value) {
    return value != NULL && value[0] != '\0'; /* Cleared: nothing is known. */
}

/* ---- attributes ---- */

static const struct fact {
    enum identity_veto veto;
    enum attribute attribute;
    enum identity_rule rule;
} facts[] = {
    {IDENTITY_VETO_BIRTH_DATE, ATTRIBUTE_BIRTH_DATE, IDENTITY_RULE_VETO_BIRTH_DATE},
    {IDENTITY_VETO_GENDER, ATTRIBUTE_GENDER, IDENTITY_RULE_VETO_GENDER},
    {IDENTITY_VETO_GIVEN_NAME, ATTRIBUTE_GIVEN_NAME, IDENTITY_RULE_VETO_GIVEN_NAME},
};
enum { FACT_COUNT = sizeof facts / sizeof *facts };

/* What is told of one attribute: what answers, and what else members tell, each value once. */
struct told {
    const char *answer;
    size_t count;
    const char **values;
};

static void told_add(struct told *told, const char *value) {
    bool is_there = !is_known(value);
    for (size_t i = 0; i < told->count && !is_there; i++) {
        is_there = strcmp(told->values[i], value) == 0;
    }
    if (!is_there) {
        told->values[told->count++] = value;
    }
}

static struct told told_of_record(const struct record *record, enum attribute attribute,
                                  struct arena *arena) {
    struct told told = {.answer = record_attribute_value(record, attribute),
                        .values = arena_array(arena, 1, sizeof *told.values)};
    told_add(&told, told.answer);
    return told;
}

static struct told told_of_person(const struct veto_person *person, enum attribute attribute,
                                  struct arena *arena) {
    struct told told = {
        .answer = profile_value(person->profile, attribute),
        .values = arena_array(arena, person->state_count + 1, sizeof *told.values),
    };
    told_add(&told, told.answer);
    for (size_t i = 0; i < person->state_count; i++) {
        told_add(&told, profile_value(person->states[i], attribute));
    }
    return told;
}

static bool agree(const struct told *one, const struct told *other, struct arena *arena) {
    for (size_t i = 0; i < one->count; i++) {
        for (size_t k = 0; k < other->count; k++) {
            if (!differ(one->values[i], other->values[k], arena)) {
                return true;
            }
        }
    }
    return false;
}

/* Vetoes where nothing that the one tells is what the other tells. Of what was cleared nothing is
 * known, whatever members tell of it still. */
static void veto_fact(const struct fact *fact, const struct told *one, const struct told *other,
                      struct arena *arena, struct vetoes *out) {
    if (is_known(one->answer) && is_known(other->answer) && !agree(one, other, arena)) {
        vetoes_add(out,
                   (struct veto){.rule = fact->rule,
                                 .field = arena_format(arena, "attributes.%s",
                                                       attribute_kind_of(fact->attribute)->name),
                                 .attribute = fact->veto},
                   arena);
    }
}

static void veto_record_facts(uint32_t attributes, const struct record *record,
                              const struct veto_person *person, struct arena *arena,
                              struct vetoes *out) {
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if ((attributes & facts[i].veto) != 0) {
            const struct told one = told_of_record(record, facts[i].attribute, arena);
            const struct told other = told_of_person(person, facts[i].attribute, arena);
            veto_fact(&facts[i], &one, &other, arena, out);
        }
    }
}

static void veto_merge_facts(uint32_t attributes, const struct veto_person *one_person,
                             const struct veto_person *other_person, struct arena *arena,
                             struct vetoes *out) {
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if ((attributes & facts[i].veto) != 0) {
            const struct told one = told_of_person(one_person, facts[i].attribute, arena);
            const struct told other = told_of_person(other_person, facts[i].attribute, arena);
            veto_fact(&facts[i], &one, &other, arena, out);
        }
    }
}

struct veto_comparison veto_compare(uint32_t attributes, const struct record *record,
                                    const struct profile *profile, struct arena *arena) {
    struct veto_comparison comparison = {0};
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const char *one = record_attribute_value(record, facts[i].attribute);
        const char *other = profile_value(profile, facts[i].attribute);
        if ((attributes & facts[i].veto) == 0 || !is_known(one) || !is_known(other)) {
            continue;
        }
        if (differ(one, other, arena)) {
            comparison.differing |= facts[i].veto;
        } else {
            comparison.same |= facts[i].veto;
        }
    }
    return comparison;
}

uint32_t veto_attribute_of(const struct attribute_kind *kind) {
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if (kind == attribute_kind_of(facts[i].attribute)) {
            return facts[i].veto;
        }
    }
    return 0;
}

/* ---- identities ---- */

static bool is_single(const struct identity_rules *rules, const char *type_name) {
    const struct identity_type *type = identity_rules_find(rules, type_name);
    return type != NULL && type->match && !type->disabled && type->limit == 1;
}

/* Whether the record tells a value of the type that the profile has. */
static bool tells_the_same(const struct record *record, const struct profile *profile,
                           const char *type) {
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *identity = &record->identities[i];
        if (strcmp(identity->type, type) == 0 &&
            profile_identity_is_active(profile, type, identity->canonical, identity->match)) {
            return true;
        }
    }
    return false;
}

static bool has_active(const struct profile *profile, const char *type) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        if (profile->identities[i].rule == 0 && strcmp(profile->identities[i].type, type) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_type(const struct vetoes *vetoes, const char *type) {
    for (size_t i = 0; i < vetoes->count; i++) {
        if (vetoes->items[i].type != NULL && strcmp(vetoes->items[i].type, type) == 0) {
            return true;
        }
    }
    return false;
}

static void veto_type(enum identity_rule rule, const struct identity_type *type, uint32_t count,
                      struct arena *arena, struct vetoes *out) {
    vetoes_add(out,
               (struct veto){.rule = rule,
                             .field = arena_format(arena, "identities.%s", type->name),
                             .type = type->name,
                             .count = count,
                             .limit = type->limit},
               arena);
}

/* A record with two values of such a type, of which the profile has one, contradicts nothing: the
 * other is over the limit. */
void veto_record_all(const struct identity_rules *rules, uint32_t attributes,
                     const struct record *record, const struct veto_person *person,
                     struct arena *arena, struct vetoes *out) {
    const struct profile *profile = person->profile;
    struct vetoes own = {0}; /* Of this profile: each type once. */
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *identity = &record->identities[i];
        const struct identity_type *type = identity_rules_find(rules, identity->type);
        if (is_single(rules, identity->type) && has_active(profile, identity->type) &&
            !tells_the_same(record, profile, identity->type) && !has_type(&own, type->name) &&
            identity_rule_of(type, identity->canonical) == IDENTITY_RULE_NONE) {
            veto_type(IDENTITY_RULE_VETO_SINGLE_VALUE, type, type->limit + 1, arena, &own);
        }
    }
    veto_record_facts(attributes, record, person, arena, &own);
    for (size_t i = 0; i < own.count; i++) {
        vetoes_add(out, own.items[i], arena);
    }
}

enum identity_rule veto_record(const struct identity_rules *rules, uint32_t attributes,
                               const struct record *record, const struct veto_person *person,
                               struct arena *arena) {
    struct vetoes all = {0};
    veto_record_all(rules, attributes, record, person, arena, &all);
    return first_rule(&all);
}

/* Active identities of the type on either profile, each counted once. */
static uint32_t count_together(const char *type, const struct profile *one,
                               const struct profile *other) {
    uint32_t count = 0;
    for (size_t i = 0; i < one->identity_count; i++) {
        count += one->identities[i].rule == 0 && strcmp(one->identities[i].type, type) == 0;
    }
    for (size_t i = 0; i < other->identity_count; i++) {
        const struct profile_identity *identity = &other->identities[i];
        if (identity->rule != 0 || strcmp(identity->type, type) != 0) {
            continue;
        }
        const struct profile_identity *same =
            profile_identity_find(one, type, identity->canonical, identity->match);
        count += same == NULL || same->rule != 0;
    }
    return count;
}

/* Whether somebody said of one of the profile's members that it is never to be one with one of the
 * other's. */
static bool is_apart(const struct profile *profile, const struct profile *other) {
    for (size_t i = 0; i < profile->apart_count; i++) {
        if (profile_has_member(other, profile->apart[i])) {
            return true;
        }
    }
    return false;
}

bool veto_never_join(const struct profile *one, const struct profile *other) {
    return is_apart(one, other) || is_apart(other, one);
}

/* What the other has of its own: an identity of both is one of the merged profile. */
static struct profile own_of(const struct profile *one, const struct profile *other,
                             struct arena *arena) {
    struct profile own = {
        .identities = arena_array(arena, other->identity_count, sizeof *own.identities),
    };
    for (size_t i = 0; i < other->identity_count; i++) {
        const struct profile_identity *identity = &other->identities[i];
        if (profile_identity_find(one, identity->type, identity->canonical, identity->match) ==
            NULL) {
            own.identities[own.identity_count++] = *identity;
        }
    }
    return own;
}

/* What a profile holds at most, whatever it is. */
static void veto_whole(const struct profile *one, const struct profile *other, struct arena *arena,
                       struct vetoes *out) {
    const struct profile own = own_of(one, other, arena);
    const struct {
        const char *field;
        uint64_t count;
        uint64_t limit;
    } wholes[] = {
        {"identities", one->identity_count + own.identity_count, PROFILE_IDENTITIES_MAX},
        {"identities_size", profile_identities_size(one) + profile_identities_size(&own),
         PROFILE_IDENTITIES_SIZE_MAX},
        {"members", one->absorbed_count + other->absorbed_count + 2, MEMBERS_MAX},
    };
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++) {
        if (wholes[i].count > wholes[i].limit) {
            vetoes_add(out,
                       (struct veto){.rule = IDENTITY_RULE_MERGE_LIMIT,
                                     .field = wholes[i].field,
                                     .count = wholes[i].count,
                                     .limit = wholes[i].limit},
                       arena);
        }
    }
}

void veto_merge_all(const struct identity_rules *rules, uint32_t attributes,
                    const struct veto_person *one_person, const struct veto_person *other_person,
                    struct arena *arena, struct vetoes *out) {
    const struct profile *one = one_person->profile;
    const struct profile *other = other_person->profile;
    if (veto_never_join(one, other)) {
        vetoes_add(out, (struct veto){.rule = IDENTITY_RULE_NEVER_JOIN, .field = "never_join"},
                   arena);
    }
    for (size_t i = 0; i < rules->type_count; i++) {
        const struct identity_type *type = &rules->types[i];
        const uint32_t count = count_together(type->name, one, other);
        if (count > type->limit) {
            veto_type(is_single(rules, type->name) ? IDENTITY_RULE_VETO_SINGLE_VALUE
                                                   : IDENTITY_RULE_MERGE_LIMIT,
                      type, count, arena, out);
        }
    }
    veto_whole(one, other, arena, out);
    veto_merge_facts(attributes, one_person, other_person, arena, out);
}

enum identity_rule veto_merge(const struct identity_rules *rules, uint32_t attributes,
                              const struct veto_person *one, const struct veto_person *other,
                              struct arena *arena) {
    struct vetoes all = {0};
    veto_merge_all(rules, attributes, one, other, arena, &all);
    return first_rule(&all);
}

enum identity_rule veto_merge_attributes(uint32_t attributes, const struct veto_person *one,
                                         const struct veto_person *other, struct arena *arena) {
    struct vetoes all = {0};
    veto_merge_facts(attributes, one, other, arena, &all);
    return first_rule(&all);
}
