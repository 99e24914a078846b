#pragma once
/* Strong facts: what shows that a record and a profile, or two profiles, are not one person, and
 * what a merge would break. Pure; the arena is for what comparing needs. */

#include "server/identity/identity_rule.h"
#include "server/identity/record.h"
#include "server/identity/rules.h"
#include "server/store/profile.h"

/* The attributes that count where somebody merges two profiles by hand. */
enum { VETO_BY_HAND = IDENTITY_VETO_BIRTH_DATE };

/* One thing that stands in the way. */
struct veto {
    enum identity_rule rule;
    const char *field;  /* What it is about, as "attributes.birth_date", "identities.phone" or
                           "never_join". */
    const char *type;   /* Of the identities in question; NULL: of none. */
    uint32_t attribute; /* The bit of the attribute (enum identity_veto); 0: it is about none. */
    uint64_t count;     /* Of what there would be too much, and how much there may be; 0 and 0 */
    uint64_t limit;     /* where nothing is counted. */
};

struct vetoes {
    size_t count;
    struct veto *items; /* The arena's. */
};

/* All facts by which a profile can't be whose the record is, added to *out. `attributes` are the
 * bits of those that count (enum identity_veto). A type of which a person has one always counts. */
void veto_record_all(const struct identity_rules *rules, uint32_t attributes,
                     const struct record *record, const struct profile *profile,
                     struct arena *arena, struct vetoes *out);

/* All facts and limits by which two profiles can't be merged, added to *out. */
void veto_merge_all(const struct identity_rules *rules, uint32_t attributes,
                    const struct profile *one, const struct profile *other, struct arena *arena,
                    struct vetoes *out);

/* Adds one. */
void vetoes_add(struct vetoes *vetoes, struct veto veto, struct arena *arena);

/* The rule of the first; NONE when there is none. */
enum identity_rule veto_record(const struct identity_rules *rules, uint32_t attributes,
                               const struct record *record, const struct profile *profile,
                               struct arena *arena);

/* The attribute by which the record is of none of the profiles: those of them that know it all have
 * another value. NONE when there is none. Of the members of a person it is what veto_record() says
 * of one that is alone. */
enum identity_rule veto_record_attributes(uint32_t attributes, const struct record *record,
                                          const struct profile *const *profiles, size_t count,
                                          struct arena *arena);

/* The attribute by which the two can't be one person; NONE when there is none. */
enum identity_rule veto_merge_attributes(uint32_t attributes, const struct profile *one,
                                         const struct profile *other, struct arena *arena);

/* The first fact or limit by which two profiles can't be merged; NONE when there is none. */
enum identity_rule veto_merge(const struct identity_rules *rules, uint32_t attributes,
                              const struct profile *one, const struct profile *other,
                              struct arena *arena);

/* Whether an attribute is one that types may have as a strong fact. */
bool veto_may_read(const char *attribute);

/* Whether somebody said of a member of one profile and one of the other that they are never to be
 * one. Of the profiles id, `absorbed` and `apart` are read. */
bool veto_never_join(const struct profile *one, const struct profile *other);
