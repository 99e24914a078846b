/* Profiles without what is personal. What is not known not to be personal is taken for personal. */

#include "server/handlers/profile_personal.h"

#include <string.h>

#include "server/handlers/wire.h"

struct status profile_personal_read(struct store_view *view, struct profile_personal *out) {
    TRY(attribute_rules_read(view, &out->attributes));
    return store_traits_get(view, &out->traits);
}

/* ---- attributes ---- */

static bool is_personal_attribute(const struct attribute_rules *rules, const char *name) {
    const struct attribute_rule *rule = attribute_rules_find(rules, name);
    return rule == NULL || rule->kind->personal;
}

static size_t withhold_attributes(const struct attribute_rules *rules,
                                  Profiled__V1__Profile *profile) {
    size_t kept = 0;
    const size_t count = profile->n_attributes;
    for (size_t i = 0; i < count; i++) {
        if (!is_personal_attribute(rules, profile->attributes[i]->key)) {
            profile->attributes[kept++] = profile->attributes[i];
        }
    }
    profile->n_attributes = kept;
    return count - kept;
}

/* ---- traits ---- */

/* Whether the value is one that an interaction told, word for word: what is counted, added up or
 * compared is not. */
static bool is_told(enum store_trait_aggregation aggregation) {
    switch (aggregation) {
    case STORE_TRAIT_COUNT:
    case STORE_TRAIT_SUM:
    case STORE_TRAIT_MIN:
    case STORE_TRAIT_MAX:
    case STORE_TRAIT_AVERAGE:
    case STORE_TRAIT_DISTINCT_COUNT:
        return false;
    case STORE_TRAIT_FIRST:
    case STORE_TRAIT_LAST:
    case STORE_TRAIT_MOST_FREQUENT:
        break;
    }
    return true;
}

/* Properties and answers hold whatever was told, and an agent's name is a person's; the other
 * fields are what interactions are classified by. */
static bool is_personal_field(enum store_trait_field field) {
    return field == STORE_TRAIT_PROPERTY || field == STORE_TRAIT_ANSWER ||
           field == STORE_TRAIT_AGENT;
}

static bool is_personal_trait(const struct store_traits *traits, const char *name) {
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        if (strcmp(trait->name, name) == 0) {
            return is_told(trait->aggregation) && is_personal_field(trait->field);
        }
    }
    return true;
}

/* How many interactions it is made of stays: so does that there is a value. */
static size_t withhold_traits(const struct store_traits *traits, Profiled__V1__Profile *profile) {
    size_t count = 0;
    for (size_t i = 0; i < profile->n_traits; i++) {
        Profiled__V1__TraitValue *value = profile->traits[i]->value;
        if (value->value_case != PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET &&
            is_personal_trait(traits, profile->traits[i]->key)) {
            value->value_case = PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET;
            count++;
        }
    }
    return count;
}

/* ---- the whole ---- */

size_t profile_personal_withhold(const struct profile_personal *personal,
                                 Profiled__V1__Profile *profile) {
    size_t count = profile->n_identities + (profile->name[0] == '\0' ? 0 : 1);
    profile->name = wire_string("");
    profile->n_identities = 0;
    count += withhold_attributes(personal->attributes, profile);
    count += withhold_traits(personal->traits, profile);
    return count;
}
