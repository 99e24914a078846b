/* Messages of traits, and the calls in a line each. */

#include "tests/handlers/traits.h"

#include <math.h>
#include <string.h>

static char *text(const char *string) { return (char *)(uintptr_t)string; }

Profiled__V1__TraitDefinition *trait_told(const char *name, int aggregation, int field,
                                          int window_days) {
    Profiled__V1__TraitDefinition *trait = arena_alloc(&ask_arena, sizeof *trait);
    profiled__v1__trait_definition__init(trait);
    trait->name = text(name);
    trait->aggregation = (Profiled__V1__TraitAggregation)aggregation;
    trait->field = (Profiled__V1__TraitField)field;
    trait->window_days = window_days;
    return trait;
}

const Profiled__V1__TraitDefinition *create_trait(Profiled__V1__TraitDefinition *trait) {
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = trait;
    const Profiled__V1__CreateTraitResponse *response =
        ask(&rpc_schema_service, "CreateTrait", &request.base);
    return response->trait;
}

const Profiled__V1__ListTraitsResponse *list_traits(void) {
    const Profiled__V1__ListTraitsRequest request = PROFILED__V1__LIST_TRAITS_REQUEST__INIT;
    return ask(&rpc_schema_service, "ListTraits", &request.base);
}

void delete_trait(const char *name) {
    Profiled__V1__DeleteTraitRequest request = PROFILED__V1__DELETE_TRAIT_REQUEST__INIT;
    request.name = text(name);
    (void)ask(&rpc_schema_service, "DeleteTrait", &request.base);
}

const Profiled__V1__BackfillTraitsResponse *backfill_traits(int max_interactions) {
    Profiled__V1__BackfillTraitsRequest request = PROFILED__V1__BACKFILL_TRAITS_REQUEST__INIT;
    request.max_interactions = max_interactions;
    return ask(&rpc_schema_service, "BackfillTraits", &request.base);
}

const Profiled__V1__TraitValue *trait_in(const Profiled__V1__Profile *profile, const char *name) {
    for (size_t i = 0; i < profile->n_traits; i++) {
        if (strcmp(profile->traits[i]->key, name) == 0) {
            return profile->traits[i]->value;
        }
    }
    return NULL;
}

double trait_number(const char *profile_id, const char *name) {
    const Profiled__V1__TraitValue *value = trait_in(get(profile_id), name);
    return value->value_case == PROFILED__V1__TRAIT_VALUE__VALUE_NUMBER ? value->number
                                                                        : (double)NAN;
}

const char *trait_text(const char *profile_id, const char *name) {
    const Profiled__V1__TraitValue *value = trait_in(get(profile_id), name);
    return value->value_case == PROFILED__V1__TRAIT_VALUE__VALUE_TEXT ? value->text : "";
}
