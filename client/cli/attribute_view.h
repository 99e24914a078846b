#pragma once
/* Definitions of attributes as people read them. */

#include "client/cli/session.h"

#include "profiled/v1/schema.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"

/* Definitions as a table, a line each. */
void attribute_view_list(const struct session *session,
                         Profiled__V1__AttributeDefinition *const *attributes, size_t count);

/* One, with all that it says. */
void attribute_view(const struct session *session,
                    const Profiled__V1__AttributeDefinition *attribute);

/* What profiles have of it; nothing for NULL. */
void attribute_view_effect(const Profiled__V1__AttributeEffect *effect);
