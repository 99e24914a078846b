/* Identities of members under other rules of what is ignored in comparison: see match_value.h. */

#include <string.h>

#include "server/identity/match_value.h"
#include "server/identity/members.h"
#include "server/identity/spelling.h"

/* Whether another live profile has the match value. */
static struct status has_other_owner(const struct members_context *context,
                                     const struct members *members,
                                     const struct identity_type *type, const char *match,
                                     bool *out) {
    const struct profile *owner = NULL;
    TRY(store_identity_owner(context->view, identity_type_match_name(type), match, &owner));
    *out = owner != NULL && !members_have(members, owner->id);
    return OK;
}

/* Whether there was ever another match value of the identity. */
static bool is_open(const struct identity_rules *rules, const struct profile_identity *identity) {
    const struct identity_type *type = identity_rules_find(rules, identity->type);
    return type != NULL && type->email_forms_before != 0;
}

static bool any_is_open(const struct identity_rules *rules, const struct profile *member) {
    for (size_t i = 0; i < member->identity_count; i++) {
        if (is_open(rules, &member->identities[i])) {
            return true;
        }
    }
    return false;
}

static struct status rematch(const struct members_context *context, struct members *members,
                             struct profile *member) {
    if (!any_is_open(context->rules, member)) {
        return OK;
    }
    struct arena *arena = store_view_arena(context->view);
    struct profile *anew = profile_copy(member, arena);
    bool changed = false;
    spellings_part(anew, arena);
    for (size_t i = 0; i < anew->identity_count; i++) {
        struct profile_identity *identity = &anew->identities[i];
        if (!is_open(context->rules, identity)) {
            continue;
        }
        const struct identity_type *type = identity_rules_find(context->rules, identity->type);
        const char *match = identity_match_value(type, identity->canonical, arena);
        bool stays = strcmp(match, identity->match) == 0;
        if (!stays && identity->rule == 0) {
            TRY(has_other_owner(context, members, type, match, &stays));
        }
        if (!stays) {
            identity->match = match;
            changed = true;
        }
    }
    if (!changed) {
        return OK;
    }
    spellings_join(anew, arena);
    member->identities = anew->identities;
    member->identity_count = anew->identity_count;
    (void)members_change(members, member->id);
    return OK;
}

struct status members_rematch(const struct members_context *context, struct members *members) {
    for (size_t i = 0; i < members->count; i++) {
        TRY(rematch(context, members, members->items[i]));
    }
    return OK;
}
