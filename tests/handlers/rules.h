#pragma once
/* Other rules for profiles that are there: changing, restoring and applying identity types, and
 * comparing all profiles before and after. */

#include "tests/handlers/people.h"

/* Applies the present rules to all profiles, some at a time; what came of them together. */
Profiled__V1__IdentityTypesEffect apply_rules(int max_profiles);

/* The same, page by page. */
enum { APPLIED_PAGES_MAX = 1000 };
struct applied {
    Profiled__V1__IdentityTypesEffect effect; /* Of all of them. */
    int32_t pass;                             /* The last one. */
    bool settled;
    size_t page_count;
    const Profiled__V1__ApplyIdentityTypesResponse *pages[APPLIED_PAGES_MAX];
};
const struct applied *apply_rules_by_page(int max_profiles);

/* Makes the identity types what they were at a version. */
void restore_rules(int64_t rule_version);

/* What SimulateIdentityTypes tells: the counts at its end, and the profiles that it lists. Leaves
 * the bytes of the store as they were. */
struct simulated {
    Profiled__V1__IdentityTypesEffect effect;
    bool settled;                                 /* As the last message has it, */
    int32_t pass;                                 /* the pass that it is on, and */
    Profiled__V1__IdentityTypesProgress progress; /* how far it has come. */
    size_t uncounted_count; /* Messages that did not say how many profiles there are. */
    size_t message_count;
    size_t listed_count;
    Profiled__V1__ProfileEffect *listed[1000];
};
const struct simulated *simulate(const Profiled__V1__SimulateIdentityTypesRequest *request);

/* The same of going back to a version. */
const struct simulated *simulate_version(int64_t version);

/* The present version of the rules. */
int64_t rule_version(void);

/* Changes one field of a type. */
void set_limit(const char *type, int limit);
void set_disabled(const char *type, bool disabled);
void set_ignore_dots(const char *type, bool ignore);
void set_blocked(const char *type, const char *value); /* NULL: none. */
void set_vetoes(const char *type, const char *vetoes); /* Separated by commas. */

/* All profiles, whole, but for etag and time of change: a text of bytes in the test's arena, equal
 * when all of them are; identities and attributes in no order. */
struct bytes profiles_whole(void);

/* The same but for the ids that were merged into each. */
struct bytes profiles_alike(void);

#define EFFECT(PROFILES, CHANGED, LOST, GAINED, SPLIT, JOINED)                                     \
    (&(const Profiled__V1__IdentityTypesEffect){                                                   \
        .profile_count = (PROFILES),                                                               \
        .changed_count = (CHANGED),                                                                \
        .lost_identity_count = (LOST),                                                             \
        .gained_identity_count = (GAINED),                                                         \
        .split_count = (SPLIT),                                                                    \
        .joined_count = (JOINED),                                                                  \
    })

/* Expects the counts. */
void expect_effect(const Profiled__V1__IdentityTypesEffect *effect,
                   const Profiled__V1__IdentityTypesEffect *expected);
