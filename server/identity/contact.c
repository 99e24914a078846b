/* Whose contact data was, as decisions tell it. */

#include "server/identity/contact.h"

#include <string.h>

#include "server/identity/history.h"

/* A record that told the identity as another profile's. */
struct telling {
    struct id record;
    uint64_t rule_version;
    struct record_identity told;
    struct id owner;
};

/* The latest of them; false when there is none. */
static bool find_telling(const struct history *history, const struct profile_identity *identity,
                         struct telling *out) {
    bool found = false;
    for (size_t i = 0; i < history->count; i++) {
        const struct history_record *record = &history->records[i];
        for (size_t k = 0; k < record->record.identity_count; k++) {
            const struct identity_decision *decided = &record->decision.identities[k];
            if (decided->matched && decided->rule == IDENTITY_RULE_OWNED_ELSEWHERE &&
                strcmp(decided->type, identity->type) == 0 &&
                strcmp(decided->canonical, identity->canonical) == 0) {
                *out = (struct telling){
                    .record = record->id,
                    .rule_version = record->decision.rule_version,
                    .told = record->record.identities[k],
                    .owner = decided->matched_id,
                };
                found = true;
            }
        }
    }
    return found;
}

/* Whether a member had what the record told before it did, as the rules compare it. */
static struct status any_had(const struct members_context *context,
                             const struct identity_rules *rules, const struct members *members,
                             const struct telling *telling, bool *out) {
    *out = false;
    for (size_t i = 0; i < members->count && !*out; i++) {
        enum provenance known;
        TRY(history_provenance_before(context->view, telling->record, rules, &telling->told,
                                      members->items[i], &known));
        *out = known != PROVENANCE_UNSPECIFIED;
    }
    return OK;
}

struct status contact_was_another(const struct members_context *context,
                                  const struct profile *member,
                                  const struct profile_identity *identity, bool *out) {
    struct history history;
    struct telling telling;
    const struct identity_rules *then = NULL;
    const struct profile *owner = NULL;
    struct members *owners = NULL;
    bool has = false;
    *out = false;
    TRY(history_read(context->view, member->id, HISTORY_RECORDS_MAX, &history));
    if (!find_telling(&history, identity, &telling)) {
        return OK;
    }
    TRY(identity_rules_read_version(context->view, telling.rule_version, &then));
    TRY(store_profile_follow(context->view, telling.owner, &owner));
    if (then == NULL || owner == NULL || !profile_is_live(owner) ||
        profile_has_member(owner, member->id)) {
        return OK;
    }
    TRY(members_read(context->view, owner, &owners));
    TRY(any_had(context, then, owners, &telling, out));
    TRY(any_had(context, context->rules, owners, &telling, &has));
    *out = *out && !has;
    return OK;
}
