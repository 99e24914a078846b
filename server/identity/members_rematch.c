/* Identities of members under other rules of what is ignored in comparison: see match_value.h. */

#include <string.h>

#include "server/identity/match_value.h"
#include "server/identity/members.h"
#include "server/identity/profile_identities.h"

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

/* Makes one of the identity at a position and one before it, where they are the same. */
static void fold_same(struct profile *member, size_t *position) {
    const struct profile_identity *identity = &member->identities[*position];
    for (size_t i = 0; i < *position; i++) {
        struct profile_identity *before = &member->identities[i];
        if (strcmp(before->type, identity->type) == 0 &&
            strcmp(before->match, identity->match) == 0) {
            profile_identity_fold(before, identity);
            member->identities[*position] = member->identities[--member->identity_count];
            (*position)--;
            return;
        }
    }
}

static struct status rematch(const struct members_context *context, struct members *members,
                             struct profile *member) {
    struct arena *arena = store_view_arena(context->view);
    bool changed = false;
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        const struct identity_type *type = identity_rules_find(context->rules, identity->type);
        if (type == NULL || type->email_forms_before == 0) {
            continue; /* There was never another match value. */
        }
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
    for (size_t i = 1; i < member->identity_count; i++) {
        fold_same(member, &i);
    }
    (void)members_change(members, member->id);
    return OK;
}

struct status members_rematch(const struct members_context *context, struct members *members) {
    for (size_t i = 0; i < members->count; i++) {
        TRY(rematch(context, members, members->items[i]));
    }
    return OK;
}
