#pragma once
/* Attributes' definitions in the form of the wire. */

#include "profiled/v1/schema.pb-c.h"
#include "server/base/arena.h"
#include "server/identity/attribute_rules.h"

Profiled__V1__AttributeDefinition *attribute_message(const struct attribute_rule *rule,
                                                     struct arena *arena);
