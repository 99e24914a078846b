#pragma once
/* Identity types in the form of the wire. */

#include "profiled/v1/identity.pb-c.h"
#include "server/base/arena.h"
#include "server/identity/identity_type.h"
#include "server/identity/rules.h"

Profiled__V1__IdentityType *identity_type_message(const struct identity_type *type,
                                                  struct arena *arena);

/* All types of the rules, as many as rules->type_count. */
Profiled__V1__IdentityType **identity_types_message(const struct identity_rules *rules,
                                                    struct arena *arena);

/* The bit of a veto attribute, as "birth_date"; 0 when there is none. */
uint32_t identity_veto_read(const char *attribute);
