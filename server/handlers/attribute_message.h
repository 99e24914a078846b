#pragma once
/* Attributes' definitions on the wire. */

#include "profiled/v1/schema.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "server/identity/attribute_rules.h"

/* The message of one attribute, with its definition where it is the workspace's own. */
MUST_USE struct status attribute_message(struct store_view *view, const struct attribute_rule *rule,
                                         struct arena *arena,
                                         Profiled__V1__AttributeDefinition **out);

Profiled__V1__AttributeEffect *attribute_effect_message(const struct attribute_effect *effect,
                                                        struct arena *arena);
