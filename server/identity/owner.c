/* Looking up owners. Without a change of what the type ignores it is one look into the index. */

#include "server/identity/owner.h"

#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/match_value.h"
#include "server/identity/spelling.h"

/* What is looked for: by the match value, or, where it is NULL, by the very canonical value. */
struct sought {
    const struct identity_rules *rules;
    const char *match_name;
    const char *match;
    const char *canonical;
    struct arena *arena;
};

static bool is_sought(const struct sought *sought, const struct profile_identity *identity) {
    return strcmp(identity_match_name(identity->type), sought->match_name) == 0 &&
           (sought->match == NULL ? strcmp(identity->canonical, sought->canonical) == 0
                                  : strcmp(identity->match, sought->match) == 0);
}

/* Whether the present rules make no contact data of what is sought, and compare it as what is. */
static bool is_kept(const struct sought *sought, const struct profile_identity *identity) {
    const struct identity_type *type = identity_rules_find(sought->rules, identity->type);
    return type != NULL && identity_rule_of(type, identity->canonical) == IDENTITY_RULE_NONE &&
           (sought->match == NULL || type->email_forms_before == 0 ||
            strcmp(identity_match_value(type, identity->canonical, sought->arena), sought->match) ==
                0);
}

/* Whether the profile has it with a stored rule; *kept: and by the present rules too. */
static bool has(const struct sought *sought, const struct profile *profile, uint32_t rule,
                bool *kept) {
    bool found = false;
    *kept = false;
    for (size_t i = 0; i < profile->identity_count && !*kept; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        size_t count = 0;
        const struct profile_identity *spellings = spellings_of(identity, &count);
        for (size_t k = 0; identity->rule == rule && k < count && !*kept; k++) {
            if (spellings[k].rule == rule && is_sought(sought, &spellings[k])) {
                found = true;
                *kept = is_kept(sought, &spellings[k]);
            }
        }
    }
    return found;
}

bool identity_is_kept(const struct identity_rules *rules, const struct profile *profile,
                      uint32_t rule, const char *match_name, const char *match,
                      struct arena *arena) {
    const struct sought sought = {rules, match_name, match, NULL, arena};
    bool kept = false;
    return has(&sought, profile, rule, &kept) && kept;
}

static void add(const struct profile **items, size_t *count, const struct profile *profile) {
    for (size_t i = 0; i < *count; i++) {
        if (id_equal(items[i]->id, profile->id)) {
            return;
        }
    }
    items[(*count)++] = profile;
}

static void add_owner(const struct sought *sought, const struct profile *profile,
                      struct identity_owners *owners) {
    bool kept = false;
    if (profile == NULL || !has(sought, profile, IDENTITY_RULE_NONE, &kept)) {
        return;
    }
    if (kept) {
        add(owners->items, &owners->count, profile);
    } else {
        add(owners->lapsed, &owners->lapsed_count, profile);
    }
}

struct status identity_owners_find(struct store_view *view, const struct identity_rules *rules,
                                   const struct identity_type *type, const char *canonical,
                                   struct identity_owners *out) {
    struct arena *arena = store_view_arena(view);
    struct sought sought = {rules, identity_type_match_name(type),
                            identity_match_value(type, canonical, arena), canonical, arena};
    out->count = 0;
    out->lapsed_count = 0;
    const struct profile *owner = NULL;
    TRY(store_identity_owner(view, sought.match_name, sought.match, &owner));
    add_owner(&sought, owner, out);
    const char *before[EMAIL_FORM_COUNT];
    const size_t count = identity_match_values_before(type, canonical, arena, before);
    sought.match = NULL;
    for (size_t i = 0; i < count; i++) {
        TRY(store_identity_owner(view, sought.match_name, before[i], &owner));
        add_owner(&sought, owner, out);
    }
    return OK;
}

struct status identity_owner_find(struct store_view *view, const struct identity_rules *rules,
                                  const struct identity_type *type, const char *canonical,
                                  const struct profile **out) {
    struct identity_owners owners;
    TRY(identity_owners_find(view, rules, type, canonical, &owners));
    *out = owners.count == 0 ? NULL : owners.items[0];
    return OK;
}
