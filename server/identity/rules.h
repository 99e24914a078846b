#pragma once
/* The identity rules of a workspace: the built-in types with the workspace's changes over them, and
 * the types of its own. */

#include <stdint.h>

#include "server/identity/identity_type.h"
#include "server/store/store.h"

struct identity_rules {
    uint64_t version; /* 1 until the first change. */
    size_t type_count;
    struct identity_type *types; /* Those of the highest priority first, ties by name. */
};

/* Reads the rules as the view sees them. *out lives as long as the view's arena. */
MUST_USE struct status identity_rules_read(struct store_view *view,
                                           const struct identity_rules **out);

/* The rules of a version; NULL when there is none, or it is no longer kept. Version 1 is what is
 * built in. */
MUST_USE struct status identity_rules_read_version(struct store_view *view, uint64_t version,
                                                   const struct identity_rules **out);

enum { IDENTITY_RULES_HELD_MAX = 16 };

/* Versions that were read, for who asks for them record by record. */
struct identity_rules_held {
    size_t count;
    const struct identity_rules *items[IDENTITY_RULES_HELD_MAX];
};

/* The same, read once: what finds no room in *held is read again. */
MUST_USE struct status identity_rules_hold(struct store_view *view, uint64_t version,
                                           struct identity_rules_held *held,
                                           const struct identity_rules **out);

/* Brings the types into their order, by priority: after some were changed. */
void identity_rules_sort(struct identity_rules *rules);

/* A copy to be changed, with room for one more type. */
struct identity_rules *identity_rules_copy(const struct identity_rules *rules, struct arena *arena);

/* A copy that leans on nothing but the arena: for what outlives the request that read them. */
struct identity_rules *identity_rules_keep(const struct identity_rules *rules, struct arena *arena);

/* The present rules made what those of an earlier version were, as a copy: what the rows need that
 * were written since stays known. Types that there were not yet are disabled. */
struct identity_rules *identity_rules_back_to(const struct identity_rules *present,
                                              const struct identity_rules *earlier,
                                              struct arena *arena);

/* Types that are not built in. */
size_t identity_rules_count_own(const struct identity_rules *rules);

/* Whether the two are the same but for their versions: a type that only one of them has is disabled
 * there, as it is once the rules of before are back. */
bool identity_rules_are_alike(const struct identity_rules *one, const struct identity_rules *other);

/* Whether records match anybody at all: whether there is a type that matches and is not disabled.
 */
bool identity_rules_match_any(const struct identity_rules *rules);

/* The attributes on which any type vetoes by which records match: bits of enum identity_veto. */
uint32_t identity_rules_vetoes(const struct identity_rules *rules);

/* The type of a name, or NULL. */
const struct identity_type *identity_rules_find(const struct identity_rules *rules,
                                                const char *name);

/* Wishes the rules to be these, as the next version. */
MUST_USE struct status identity_rules_put(struct store_view *view, struct identity_rules *rules);
