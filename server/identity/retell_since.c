/* Whether anything that came since a merge may lean on it. Where nothing does each of the two is
 * what its own state says, however much was told before: the common case of a merge that somebody
 * takes back. */

#include "server/identity/identity_rule.h"
#include "server/identity/merge.h"
#include "server/identity/profile_identities.h"
#include "server/identity/retell.h"
#include "server/identity/veto.h"

enum { PAGE = 100, SINCE_MAX = 1000 }; /* Records that are looked at. */

/* A person whose merge is looked at. */
struct looking {
    const struct members_context *context;
    const struct profile *profile; /* That answers. */
    const struct members *members;
    const struct store_merge *merge;
    size_t count; /* Of records so far. */
    bool leans;
};

/* Whether the record tells an attribute that may veto, of whatever type. */
static bool tells_fact(const struct record *record) {
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (veto_attribute_of(record->attributes[i].kind) != 0) {
            return true;
        }
    }
    return false;
}

/* Whether the record would have come to the same, had only those been there of whom the member is:
 * all that it tells is the member's, it tells no fact that vetoes, and it reached nobody else. */
static bool stands_alone(const struct looking *looking, const struct decision *decision,
                         const struct record *record, const struct profile *state) {
    const bool is_linked = decision->outcome == OUTCOME_LINKED && decision->candidate_count == 1;
    const bool is_created = decision->outcome == OUTCOME_CREATED && decision->candidate_count == 0;
    bool alone = (is_linked || is_created) && !tells_fact(record) &&
                 decision->rule_version == looking->context->rules->version;
    for (size_t i = 0; i < record->identity_count && alone; i++) {
        const struct record_identity *told = &record->identities[i];
        alone = decision->identities[i].rule == IDENTITY_RULE_NONE &&
                profile_identity_is_active(state, told->type, told->canonical, told->match);
    }
    return alone;
}

static struct status look_at_records(struct looking *looking, const struct profile *state) {
    struct store_view *view = looking->context->view;
    struct store_decision rows[PAGE];
    struct id after = looking->merge->id;
    for (bool more = true; more && !looking->leans;) {
        size_t count = 0;
        TRY(store_decision_scan(view, &state->id, 1, after, PAGE, rows, &count, &more));
        looking->count += count;
        looking->leans = looking->count > SINCE_MAX;
        for (size_t i = 0; i < count && !looking->leans; i++) {
            struct decision decision;
            struct record record;
            TRY(decision_unpack(rows[i].packed, state->id, store_view_arena(view), &decision,
                                &record));
            looking->leans = !stands_alone(looking, &decision, &record, state);
            after = rows[i].id;
        }
    }
    return OK;
}

/* Whether somebody linked or unlinked something of the member since, or it is not known. */
static bool is_by_hand_since(const struct looking *looking, const struct profile *state) {
    for (size_t i = 0; i < state->unlinked_count; i++) {
        if (id_compare(state->unlinked[i].id, looking->merge->id) > 0) {
            return true;
        }
    }
    for (size_t i = 0; i < state->identity_count; i++) {
        const struct profile_identity *identity = &state->identities[i];
        if (identity->hand_us >= looking->merge->merge_us ||
            (identity->hand_provenance != 0 && identity->hand_us == 0)) {
            return true;
        }
    }
    return false;
}

/* Whether the person has all that the member has by itself: it is over no limit of all together,
 * and nobody else got it for that. */
static bool is_all_had(const struct looking *looking, const struct profile *state) {
    for (size_t i = 0; i < state->identity_count; i++) {
        const struct profile_identity *own = &state->identities[i];
        const struct profile_identity *there =
            profile_identity_find(looking->profile, own->type, own->canonical, own->match);
        if (own->lent != 0 || own->claimed || there == NULL || there->rule != own->rule) {
            return false;
        }
    }
    return true;
}

/* Whether nobody was ever kept from the member: whom a record kept apart is for review. */
static struct status is_met_by_nobody(const struct looking *looking, const struct profile *state,
                                      bool *out) {
    struct store_review_place place;
    size_t count = 0;
    TRY(store_review_scan(looking->context->view, STORE_REVIEWS_ALL, &state->id, 1,
                          (struct id){{0}}, 1, &place, &count));
    *out = count == 0 && state->apart_count == 0;
    return OK;
}

/* Whether a record asked for this merge and for another one. */
static struct status asked_for_several(const struct looking *looking, bool *out) {
    *out = false;
    for (size_t i = 0; i < looking->members->merge_count && !*out; i++) {
        struct store_merge other;
        TRY(merge_read(looking->context->view, looking->members->merges[i].id, &other));
        *out = !id_equal(other.id, looking->merge->id) && !id_is_zero(other.decision) &&
               id_equal(other.decision, looking->merge->decision);
    }
    return OK;
}

struct status retell_leans_on(const struct members_context *context, const struct profile *profile,
                              const struct store_merge *merge, bool *out) {
    struct members *members = NULL;
    TRY(members_read(context->view, profile, &members));
    struct looking looking = {
        .context = context,
        .profile = profile,
        .members = members,
        .merge = merge,
        .leans = merge->rule_version != context->rules->version,
    };
    if (!looking.leans) {
        TRY(asked_for_several(&looking, &looking.leans));
    }
    for (size_t i = 0; i < members->count && !looking.leans; i++) {
        const struct profile *state = members->items[i];
        bool alone = false;
        TRY(is_met_by_nobody(&looking, state, &alone));
        looking.leans = !alone || is_by_hand_since(&looking, state) || !is_all_had(&looking, state);
        if (!looking.leans) {
            TRY(look_at_records(&looking, state));
        }
    }
    *out = looking.leans;
    return OK;
}
