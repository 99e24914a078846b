#pragma once
/* Strong facts: what shows that a record and a profile, or two profiles, are not one person, and
 * what a merge would break. Pure; the arena is for what comparing needs. */

#include "server/identity/identity_rule.h"
#include "server/identity/record.h"
#include "server/identity/rules.h"
#include "server/store/profile.h"

/* The fact by which a profile can't be whose the record is; NONE when there is none. `vetoes` are
 * the bits of the attributes that count (enum identity_veto). A type of which a person has one
 * always counts. */
enum identity_rule veto_record(const struct identity_rules *rules, uint32_t vetoes,
                               const struct record *record, const struct profile *profile,
                               struct arena *arena);

/* The fact or the limit by which two profiles can't be merged; NONE when there is none. */
enum identity_rule veto_merge(const struct identity_rules *rules, uint32_t vetoes,
                              const struct profile *one, const struct profile *other,
                              struct arena *arena);
