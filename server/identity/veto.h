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

/* A profile, with what its members tell of themselves. Of a person who was found to be several
 * profiles, members may tell two values of one fact, of which one survived: that somebody tells
 * either contradicts nothing. */
struct veto_person {
    const struct profile *profile;
    size_t state_count; /* 0: the profile is alone, or no more of it is to be known. */
    const struct profile *const *states;
};

/* The person that a profile without other members is. */
static inline struct veto_person veto_person_alone(const struct profile *profile) {
    return (struct veto_person){.profile = profile};
}

/* All facts by which a person can't be whose the record is, added to *out. `attributes` are the
 * bits of those that count (enum identity_veto). A type of which a person has one always counts. */
void veto_record_all(const struct identity_rules *rules, uint32_t attributes,
                     const struct record *record, const struct veto_person *person,
                     struct arena *arena, struct vetoes *out);

/* All facts and limits by which two persons can't be merged, added to *out. */
void veto_merge_all(const struct identity_rules *rules, uint32_t attributes,
                    const struct veto_person *one, const struct veto_person *other,
                    struct arena *arena, struct vetoes *out);

/* Adds one. */
void vetoes_add(struct vetoes *vetoes, struct veto veto, struct arena *arena);

/* The rule of the first; NONE when there is none. */
enum identity_rule veto_record(const struct identity_rules *rules, uint32_t attributes,
                               const struct record *record, const struct veto_person *person,
                               struct arena *arena);

/* The first fact or limit by which two persons can't be merged; NONE when there is none. */
enum identity_rule veto_merge(const struct identity_rules *rules, uint32_t attributes,
                              const struct veto_person *one, const struct veto_person *other,
                              struct arena *arena);

/* The attribute by which the two can't be one person; NONE when there is none. */
enum identity_rule veto_merge_attributes(uint32_t attributes, const struct veto_person *one,
                                         const struct veto_person *other, struct arena *arena);

/* Attributes (bits) that both know. */
struct veto_comparison {
    uint32_t same;
    uint32_t differing;
};

/* Of these attributes those that the record tells as the profile does, and otherwise. */
struct veto_comparison veto_compare(uint32_t attributes, const struct record *record,
                                    const struct profile *profile, struct arena *arena);

/* The bit of an attribute; 0: it is no strong fact. */
uint32_t veto_attribute_of(const struct attribute_kind *kind);

/* Whether somebody said of a member of one profile and one of the other that they are never to be
 * one. Of the profiles id, `absorbed` and `apart` are read. */
bool veto_never_join(const struct profile *one, const struct profile *other);
