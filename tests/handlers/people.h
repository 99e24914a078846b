#pragma once
/* Invented people, and the calls that tests make most, a line each:
 *
 *   const char *id = resolve(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}))
 *                        ->profile_id;
 *
 * Calls that are not said to be able to fail end the test when they do. */

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "tests/handlers/ask.h"

struct told_identity {
    const char *type;
    const char *value;
    const char *region;
    const char *source;
    int provenance;
};

struct told_attribute {
    const char *name;
    const char *value;
    const char *source;       /* Of a profile's attribute only. */
    int64_t observe_us;       /* The same. */
    const char *const *items; /* In place of a value: a list of texts, which ends with NULL. */
};

enum { TOLD_IDENTITIES_MAX = 64, TOLD_ATTRIBUTES_MAX = 16 };

/* What is told of a person: a record, or a profile to be made. Lists end with the first empty one;
 * NULL and 0 are what is not said. */
struct told {
    const char *name;
    const char *source;
    const char *region;
    int64_t observe_us;
    struct told_identity identities[TOLD_IDENTITIES_MAX];
    struct told_attribute attributes[TOLD_ATTRIBUTES_MAX];
};

#define TOLD(...) (&(const struct told){__VA_ARGS__})
#define ID(TYPE, VALUE)                                                                            \
    { .type = (TYPE), .value = (VALUE) }
#define ATTRIBUTE(NAME, VALUE)                                                                     \
    { .name = (NAME), .value = (VALUE) }

/* As messages, in the test's arena. */
Profiled__V1__Record *record_told(const struct told *told);
Profiled__V1__Profile *profile_told(const struct told *told);
Profiled__V1__Identity *identity_told(const char *type, const char *value);
Google__Protobuf__Timestamp *time_told(int64_t time_us);

const Profiled__V1__Decision *resolve(const struct told *told);
const Profiled__V1__Profile *resolve_profile(const struct told *told);
const Profiled__V1__Profile *create(const struct told *told);
const Profiled__V1__Profile *get(const char *id);

/* The canonical value of a profile's identity that is over its type's limit; "" for none. */
const char *identity_over_limit(const char *profile_id);

/* Merges two by hand, a second after what was before. Answers the merge's id. */
const char *merge_two(const char *one, const char *other);

/* Unlinks an identity, a second after what was before. */
void unlink_identity(const char *id, const char *type, const char *value);

/* The same, and then so many more that the first is not remembered: what records made of the
 * profile is judged piece by piece from then on. */
void unlink_and_forget(const char *id, const char *type, const char *value);

/* Whether an id answers. */
bool answers(const char *id);

/* The profile that has the identity; NULL when there is none. */
const Profiled__V1__Profile *lookup(const char *type, const char *value);

/* The words of a list that is separated by commas, and a mask of such paths, in the test's arena.
 */
char **words_told(const char *list, size_t *count);
Google__Protobuf__FieldMask *mask_told(const char *paths);

/* Changes one type's rules; `paths` are separated by commas. */
void set_rules(const char *paths, const Profiled__V1__IdentityType *type);

/* Says which values of an attribute survive: SURVIVORSHIP(FIRST_SEEN) and its like, and the trusted
 * sources, separated by commas. */
const Profiled__V1__UpdateAttributeResponse *
set_survivorship(const char *attribute, int survivorship, const char *trusted);
/* Makes an identity type of the workspace's own; nothing but its normalizer is said. */
void add_type(const char *type, int normalizer);

/* The identity or the attribute's value of a profile; NULL when it has none. */
const Profiled__V1__Identity *identity_in(const Profiled__V1__Profile *profile, const char *type,
                                          const char *canonical);
const char *attribute_in(const Profiled__V1__Profile *profile, const char *name);
size_t identity_count(const Profiled__V1__Profile *profile, const char *type, bool active);

/* How many profiles ListProfiles lists. */
size_t profile_count(void);

/* The names of the rules that tests look for. */
#define RULE(NAME) PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_##NAME
#define STATE(NAME) PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_##NAME
#define OUTCOME(NAME) PROFILED__V1__OUTCOME__OUTCOME_##NAME
#define SURVIVORSHIP(NAME) PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_##NAME
#define NORMALIZER(NAME) PROFILED__V1__NORMALIZER__NORMALIZER_##NAME
#define PROVENANCE(NAME) PROFILED__V1__PROVENANCE__PROVENANCE_##NAME
