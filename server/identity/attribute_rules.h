#pragma once
/* Attribute rules of a workspace: which attributes there are, which of several tellings of each
 * survives, and what needs it. The name of a person is governed as an attribute of its own, "name".
 * What values of the workspace's own attributes may be stands beside them: attribute_definition.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "server/identity/attribute_definition.h"
#include "server/store/store.h"

/* Which value survives. Stored and sent as these numbers: never renumber. */
enum survivorship {
    SURVIVORSHIP_MOST_RECENT = 1,    /* The one observed last; the default. */
    SURVIVORSHIP_TRUSTED_SOURCE = 2, /* That of the most trusted source; of one rank, the latest. */
    SURVIVORSHIP_FIRST_SEEN = 3,     /* The one observed first. */
};

/* The name and the attributes that are built in: the first of the rules. */
enum { ATTRIBUTE_RULES_BUILT_IN = ATTRIBUTE_COUNT + 1 };

/* What needs an attribute: bits by the contract's number. */
enum {
    REQUIRED_FOR_CREATE = 1 << 1,
    REQUIRED_FOR_IMPORT = 1 << 2,
};

struct attribute_rule {
    const struct attribute_kind *kind;
    enum survivorship survivorship;
    size_t trusted_count;       /* Kept whatever the survivorship; heeded by TRUSTED_SOURCE. */
    const char *const *trusted; /* Names of sources, the most trusted first. */
    uint32_t required_for;
    bool retired; /* Values stay, and no new ones are taken. */
    /* Of the workspace's own: read when it is first asked for. */
    const struct attribute_definition **definition;
};

struct attribute_rules {
    uint64_t version; /* 1 until the first change. */
    size_t count;
    struct attribute_rule
        *rules; /* The name's, then by enum attribute, then the workspace's own. */
};

/* Who told a value, when it was observed, and when it was told. */
struct attribute_claim {
    const char *source;
    int64_t observe_us;
    int64_t tell_us;
};

/* Reads the rules as the view sees them. *out lives as long as the view's arena. */
MUST_USE struct status attribute_rules_read(struct store_view *view,
                                            const struct attribute_rules **out);

/* The rule of an attribute, or of "name"; NULL for another word. */
const struct attribute_rule *attribute_rules_find(const struct attribute_rules *rules,
                                                  const char *attribute);

/* The rules of the workspace's own attributes that are not retired, or of all that are its own. */
size_t attribute_rules_count_own(const struct attribute_rules *rules, bool retired_too);

/* The names of the attributes that there are and are not retired, or of those that a filter finds,
 * with spaces between, for people: as many as fit 200 bytes, and how many more. In the arena. */
const char *attribute_rules_names(const struct attribute_rules *rules, bool filterable,
                                  struct arena *arena);

/* A copy to be changed, with room for one more rule. */
struct attribute_rules *attribute_rules_copy(const struct attribute_rules *rules,
                                             struct arena *arena);

/* The definition of an attribute of the workspace's own, which the view's arena keeps. */
MUST_USE struct status attribute_rule_define(struct store_view *view,
                                             const struct attribute_rule *rule,
                                             const struct attribute_definition **out);

/* Wishes the rules to be these, as the next version. FAILED_PRECONDITION ATTRIBUTE_LIMIT when they
 * would take more room than a row has. */
MUST_USE struct status attribute_rules_put(struct store_view *view, struct attribute_rules *rules);

/* Whether what is told takes the place of what is there. Of what was observed at once that goes to
 * what was told later, and of what was told at once, too, to what is told. An attribute that has no
 * rule keeps the most recent. */
bool attribute_rules_prefer(const struct attribute_rules *rules, const char *attribute,
                            const struct attribute_claim *there,
                            const struct attribute_claim *told);
