/* Putting profiles under other rules, one after the other in order of creation. A profile that is
 * split off is younger than the one that it was a part of: its turn is still to come. One that is
 * made of records is put under them at once. */

#include "server/identity/reapply_run.h"

#include <string.h>

#include "server/identity/match_value.h"
#include "server/identity/merge.h"
#include "server/identity/reconsider.h"
#include "server/identity/rejudge.h"

void reapply_list_add(struct profile_list *list, const struct profile *profile,
                      struct arena *arena) {
    list->items = arena_append(arena, list->items, list->count, sizeof(struct profile *));
    list->items[list->count++] = profile;
}

void reapply_tell(struct id list[REAPPLY_CHANGES_MAX], size_t *count, struct id id) {
    if (*count < REAPPLY_CHANGES_MAX) {
        list[*count] = id;
    }
    (*count)++;
}

struct status reapply_settle(struct reapply *reapply, const struct profile **profile) {
    if (reapply->is_changed) {
        TRY(members_put(reapply->put, reapply->members, profile));
        TRY(merges_revise(reapply->view, reapply->members));
        TRY(members_read(reapply->view, *profile, &reapply->members));
        reapply->outcome->changed = true;
        reapply->is_changed = false;
    }
    return OK;
}

/* ---- telling ---- */

static bool has_active(const struct identity_rules *rules, const struct profile_list *list,
                       const struct profile_identity *identity, const char *match,
                       struct arena *arena) {
    for (size_t i = 0; i < list->count; i++) {
        const struct profile *profile = list->items[i];
        for (size_t k = 0; k < profile->identity_count; k++) {
            const struct profile_identity *there = &profile->identities[k];
            const struct identity_type *type = identity_rules_find(rules, there->type);
            if (there->rule == IDENTITY_RULE_NONE && strcmp(there->type, identity->type) == 0 &&
                strcmp(identity_match_value(type, there->canonical, arena), match) == 0) {
                return true;
            }
        }
    }
    return false;
}

size_t reapply_count_missing(const struct identity_rules *rules, const struct profile_list *list,
                             const struct profile_list *others, struct arena *arena) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct profile *profile = list->items[i];
        for (size_t k = 0; k < profile->identity_count; k++) {
            const struct profile_identity *identity = &profile->identities[k];
            const struct identity_type *type = identity_rules_find(rules, identity->type);
            const char *match = identity_match_value(type, identity->canonical, arena);
            count += identity->rule == IDENTITY_RULE_NONE &&
                     !has_active(rules, others, identity, match, arena);
        }
    }
    return count;
}

/* ---- a profile ---- */

static bool is_listed(const struct profile_list *list, struct id id) {
    for (size_t i = 0; i < list->count; i++) {
        if (id_equal(list->items[i]->id, id)) {
            return true;
        }
    }
    return false;
}

/* What became of those who were split off. */
static struct status count_identities(struct reapply *reapply, const struct profile *profile) {
    struct profile_list after = {0};
    reapply_list_add(&after, profile, reapply->arena);
    for (size_t i = 0; i < reapply->apart.count; i++) {
        const struct profile *apart = NULL;
        TRY(store_profile_follow(reapply->view, reapply->apart.items[i]->id, &apart));
        if (apart != NULL && !is_listed(&after, apart->id)) {
            reapply_list_add(&after, apart, reapply->arena);
        }
    }
    const struct identity_rules *rules = reapply->put->rules;
    reapply->outcome->lost_count =
        reapply_count_missing(rules, &reapply->before, &after, reapply->arena);
    reapply->outcome->gained_count =
        reapply_count_missing(rules, &after, &reapply->before, reapply->arena);
    return OK;
}

static struct status go_round(struct reapply *reapply, const struct profile **profile) {
    for (bool more = true; more;) { /* Each round but the last joins a further profile. */
        more = false;
        TRY(reapply_split(reapply, profile));
        TRY(reapply_rejoin(reapply, &more));
        TRY(reapply_join(reapply, &more));
        bool freed = false;
        TRY(members_are_freed(reapply->put, reapply->members, &freed));
        reapply->is_changed =
            reapply->is_changed || freed || members_limits_changed(reapply->put, reapply->members);
        TRY(reapply_settle(reapply, profile));
    }
    return OK;
}

/* Those with whom a part is joined may not have been put under the rules yet; and by them it may be
 * one again with those that it came from. */
static struct status join_all_made(struct reapply *reapply, const struct profile **profile) {
    bool joined = false;
    for (size_t part = 1; part <= reapply->made_count; part++) {
        const struct profile *made = NULL;
        TRY(reapply_join_made(reapply, part, &made));
        if (made != NULL) {
            joined = true;
            TRY(go_round(reapply, &made));
        }
    }
    if (!joined) {
        return OK;
    }
    TRY(store_profile_follow(reapply->view, (*profile)->id, profile));
    TRY(members_read(reapply->view, *profile, &reapply->members));
    return go_round(reapply, profile);
}

static struct status run(struct reapply *reapply, const struct profile *profile) {
    reapply_list_add(&reapply->before, profile, reapply->arena);
    TRY(members_read(reapply->view, profile, &reapply->members));
    reapply->outcome->unjudged = reapply->row->is_unjudged;
    TRY(reapply_split(reapply, &profile));
    if (reapply->row->parts.count > 1) {
        TRY(reapply_part(reapply, &profile));
    }
    TRY(go_round(reapply, &profile));
    TRY(join_all_made(reapply, &profile));
    if (!reapply->outcome->changed) {
        return OK;
    }
    TRY(store_profile_follow(reapply->view, profile->id, &profile)); /* It may have been joined. */
    return count_identities(reapply, profile);
}

/* The profile to be looked at for the row; NULL for none. */
static struct status profile_of_row(struct store_view *view, const struct reapply_row *row,
                                    const struct profile **out) {
    TRY(store_profile_get(view, row->id, out));
    if (*out != NULL && !id_is_zero((*out)->merged_into)) {
        if (row->tie_count + row->review_count == 0 && row->parts.count == 1) {
            *out = NULL;
            return OK;
        }
        TRY(store_profile_follow(view, row->id, out));
    }
    if (*out != NULL && !profile_is_live(*out)) {
        *out = NULL;
    }
    return OK;
}

struct status reapply_row_run(const struct reapply_context *context, const struct reapply_row *row,
                              struct reapply_outcome *out) {
    *out = (struct reapply_outcome){
        .profile = row->id,
        .is_new = context->begin_us != 0 && row->made_us >= context->begin_us,
    };
    const struct profile *profile = NULL;
    TRY(profile_of_row(context->members.view, row, &profile));
    if (profile == NULL) {
        return OK;
    }
    out->profile = profile->id;
    out->looked_at = id_equal(profile->id, row->id) && !out->is_new;
    bool done = false;
    TRY(reapply_retell(context, profile, out, &done));
    if (done) {
        return OK;
    }
    struct arena *arena = store_view_arena(context->members.view);
    struct reapply reapply = {
        .context = context,
        .put = &context->members,
        .view = context->members.view,
        .arena = arena,
        .row = row,
        .tie_is_done = arena_array(arena, row->tie_count, sizeof(bool)),
        .outcome = out,
    };
    return run(&reapply, profile);
}
