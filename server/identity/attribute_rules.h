#pragma once
/* Attribute rules of a workspace: which of several tellings of an attribute survives. The name of a
 * person is governed as an attribute of its own, "name". */

#include <stdbool.h>
#include <stdint.h>

#include "server/identity/attribute.h"
#include "server/store/store.h"

/* Which value survives. Stored and sent as these numbers: never renumber. */
enum survivorship {
    SURVIVORSHIP_MOST_RECENT = 1,    /* The one observed last; the default. */
    SURVIVORSHIP_TRUSTED_SOURCE = 2, /* That of the most trusted source; of one rank, the latest. */
    SURVIVORSHIP_FIRST_SEEN = 3,     /* The one observed first. */
};

enum { ATTRIBUTE_RULES_COUNT = ATTRIBUTE_COUNT + 1 }; /* The attributes and the name. */

struct attribute_rule {
    const struct attribute_kind *kind;
    enum survivorship survivorship;
    size_t trusted_count;       /* Kept whatever the survivorship; heeded by TRUSTED_SOURCE. */
    const char *const *trusted; /* Names of sources, the most trusted first. */
};

struct attribute_rules {
    uint64_t version;                                   /* 1 until the first change. */
    struct attribute_rule rules[ATTRIBUTE_RULES_COUNT]; /* The name's, then by enum attribute. */
};

/* Who told a value, and when it was observed. */
struct attribute_claim {
    const char *source;
    int64_t observe_us;
};

/* Reads the rules as the view sees them. *out lives as long as the view's arena. */
MUST_USE struct status attribute_rules_read(struct store_view *view,
                                            const struct attribute_rules **out);

/* The rule of an attribute, or of "name"; NULL for another word. */
const struct attribute_rule *attribute_rules_find(const struct attribute_rules *rules,
                                                  const char *attribute);

/* Wishes the rules to be these, as the next version. */
MUST_USE struct status attribute_rules_put(struct store_view *view, struct attribute_rules *rules);

/* Whether what is told takes the place of what is there. A tie goes to what is told. An attribute
 * that has no rule keeps the most recent. */
bool attribute_rules_prefer(const struct attribute_rules *rules, const char *attribute,
                            const struct attribute_claim *there,
                            const struct attribute_claim *told);
