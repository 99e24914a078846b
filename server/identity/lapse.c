/* Letting go of an identity by the rules, one by one: when somebody else tells it. Its row in the
 * index leads to one profile, and to one for whom it is an identity. What was compared as it, and
 * is no more, goes to the row that it has now, unless that is another profile's. */

#include "server/identity/lapse.h"

#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/match_value.h"
#include "server/identity/owner.h"

struct lapse {
    const struct members_context *context;
    const char *match_name;
    const char *match;
    const char *canonical;
};

/* The rule by which the identity lapses; NONE when it is another one, or stays. */
static enum identity_rule rule_of(const struct lapse *lapse,
                                  const struct profile_identity *identity) {
    const struct identity_type *type = identity_rules_find(lapse->context->rules, identity->type);
    const bool is_same = strcmp(identity->match, lapse->match) == 0 ||
                         strcmp(identity->canonical, lapse->canonical) == 0;
    if (type == NULL || identity->rule != IDENTITY_RULE_NONE || !is_same ||
        strcmp(identity_match_name(identity->type), lapse->match_name) != 0) {
        return IDENTITY_RULE_NONE;
    }
    const enum identity_rule rule = identity_rule_of(type, identity->canonical);
    const char *match =
        identity_match_value(type, identity->canonical, store_view_arena(lapse->context->view));
    return rule == IDENTITY_RULE_NONE && strcmp(match, identity->match) != 0
               ? IDENTITY_RULE_OWNED_ELSEWHERE
               : rule;
}

static void lapse_of(const struct lapse *lapse, struct members *members, size_t position) {
    struct profile *member = members->items[position];
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        const enum identity_rule rule = rule_of(lapse, identity);
        if (rule == IDENTITY_RULE_NONE) {
            continue;
        }
        if (rule == IDENTITY_RULE_OWNED_ELSEWHERE) {
            identity->claimed = true;
        } else {
            identity->rule_before = 1 + identity->rule;
        }
        identity->rule = rule;
        members->changed[position] = true;
    }
}

struct status identity_lapse(const struct members_context *context,
                             const struct identity_type *type, const char *canonical,
                             const struct members *keepers) {
    const struct lapse lapse = {
        context, identity_type_match_name(type),
        identity_match_value(type, canonical, store_view_arena(context->view)), canonical};
    struct identity_owners owners;
    TRY(identity_owners_find(context->view, context->rules, type, canonical, &owners));
    for (size_t i = 0; i < owners.lapsed_count; i++) {
        if (members_have(keepers, owners.lapsed[i]->id)) {
            continue;
        }
        struct members *members = NULL;
        const struct profile *profile = NULL;
        TRY(members_read(context->view, owners.lapsed[i], &members));
        TRY(members_rematch(context, members));
        for (size_t k = 0; k < members->count; k++) {
            lapse_of(&lapse, members, k);
        }
        TRY(members_put(context, members, &profile));
    }
    return OK;
}
