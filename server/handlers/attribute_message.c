/* Attributes' definitions on the wire. */

#include "server/handlers/attribute_message.h"

#include "server/handlers/wire.h"

static_assert((int)SURVIVORSHIP_MOST_RECENT ==
                  (int)PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_MOST_RECENT,
              "the numbers of the contract");
static_assert((int)SURVIVORSHIP_TRUSTED_SOURCE ==
                  (int)PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_TRUSTED_SOURCE,
              "the numbers of the contract");
static_assert((int)SURVIVORSHIP_FIRST_SEEN ==
                  (int)PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_FIRST_SEEN,
              "the numbers of the contract");

Profiled__V1__AttributeDefinition *attribute_message(const struct attribute_rule *rule,
                                                     struct arena *arena) {
    Profiled__V1__AttributeDefinition *message = arena_alloc(arena, sizeof *message);
    profiled__v1__attribute_definition__init(message);
    message->name = wire_string(rule->kind->name);
    message->personal = rule->kind->personal;
    message->filterable = rule->kind->indexed;
    message->survivorship = (Profiled__V1__Survivorship)rule->survivorship;
    message->n_trusted_sources = rule->trusted_count;
    message->trusted_sources = (char **)(uintptr_t)rule->trusted;
    return message;
}
