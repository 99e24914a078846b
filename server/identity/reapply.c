/* Putting profiles under other rules, one after the other in order of creation. A profile that is
 * split off is younger than the one that it was a part of: its turn is still to come. One that is
 * made of records is put under them at once. */

#include "server/identity/reapply_run.h"

#include "server/identity/merge.h"
#include "server/identity/reapply_known.h"
#include "server/identity/reconsider.h"
#include "server/identity/rejudge.h"

static bool is_known(const struct reapply *reapply, struct id id) {
    for (size_t i = 0; i < reapply->made_count; i++) {
        if (id_equal(reapply->made[i], id)) {
            return true;
        }
    }
    for (size_t i = 0; i < reapply->before.count; i++) {
        if (profile_has_member(reapply->before.items[i], id)) {
            return true;
        }
    }
    return false;
}

void reapply_note(struct reapply *reapply, const struct profile *profile) {
    bool known = is_known(reapply, profile->id);
    for (size_t i = 0; i < profile->absorbed_count && !known; i++) {
        known = is_known(reapply, profile->absorbed[i]);
    }
    if (!known) {
        reapply_list_add(&reapply->before, profile, reapply->arena);
    }
}

struct status reapply_settle(struct reapply *reapply, const struct profile **profile) {
    if (reapply->is_changed) {
        TRY(members_put(reapply->put, reapply->members, profile));
        TRY(merges_revise(reapply->view, reapply->members));
        TRY(members_read(reapply->view, *profile, &reapply->members));
        reapply->changed = true;
        reapply->is_changed = false;
    }
    return OK;
}

/* ---- a profile ---- */

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

/* Parts lay with the row's profile. That something was put without anybody being otherwise counts
 * too: the passes go on as long as it does. */
static struct status tell(struct reapply *reapply, struct reapply_outcome *out) {
    struct id *of = arena_array(reapply->arena, reapply->made_count, sizeof *of);
    for (size_t i = 0; i < reapply->made_count; i++) {
        of[i] = reapply->row->id;
    }
    const struct reapply_made made = {reapply->made_count, reapply->made, of};
    TRY(reapply_compare(reapply->context, &reapply->before, &made, out));
    out->changed = out->changed || out->next == NULL;
    return OK;
}

static struct status run(struct reapply *reapply, const struct profile *profile,
                         struct reapply_outcome *out) {
    reapply_note(reapply, profile);
    TRY(members_read(reapply->view, profile, &reapply->members));
    out->unjudged = reapply->row->is_unjudged;
    TRY(reapply_split(reapply, &profile));
    if (reapply->row->parts.count > 1) {
        TRY(reapply_part(reapply, &profile));
    }
    TRY(go_round(reapply, &profile));
    TRY(join_all_made(reapply, &profile));
    return reapply->changed ? tell(reapply, out) : OK;
}

/* Whether a row that does not answer for itself has anything that may come to another end than what
 * answers for it. What comes of its parts is read for that, where it is not known yet. */
static struct status has_own_turn(const struct reapply_context *context,
                                  const struct profile *profile, struct reapply_row *row,
                                  bool *out) {
    *out = true;
    if (id_equal(profile->id, row->id) || row->tie_count + row->review_count > 0) {
        return OK;
    }
    TRY(reapply_row_read_parts(context, profile, row));
    *out = row->parts.count > 1;
    return OK;
}

/* Each by itself: for who can't be told anew with all that he is related to. */
static struct status run_alone(const struct reapply_context *context, const struct profile *profile,
                               struct reapply_row *row, struct reapply_outcome *out) {
    if (!row->has_parts) {
        TRY(reapply_row_read_parts(context, profile, row));
    }
    struct arena *arena = store_view_arena(context->members.view);
    struct reapply reapply = {
        .context = context,
        .put = &context->members,
        .view = context->members.view,
        .arena = arena,
        .row = row,
        .tie_is_done = arena_array(arena, row->tie_count, sizeof(bool)),
    };
    return run(&reapply, profile, out);
}

struct status reapply_row_run(const struct reapply_context *context, struct id id,
                              struct reapply_outcome *out) {
    struct store_view *view = context->members.view;
    struct reapply_row row;
    TRY(reapply_row_begin(view, id, &row));
    *out = (struct reapply_outcome){
        .profile = id,
        .is_new = context->begin_us != 0 && row.made_us >= context->begin_us,
    };
    const struct profile *profile = NULL;
    TRY(store_profile_follow(view, id, &profile));
    if (profile == NULL || !profile_is_live(profile)) {
        return OK;
    }
    out->looked_at = id_equal(profile->id, id) && !out->is_new;
    bool has_turn = false;
    bool done = false;
    if (reapply_known_find(context->known, view, profile->id, &done) && done) {
        return OK;
    }
    TRY(has_own_turn(context, profile, &row, &has_turn));
    if (!has_turn) {
        return OK;
    }
    out->profile = profile->id;
    TRY(reapply_retell(context, profile, out, &done));
    return done ? OK : run_alone(context, profile, &row, out);
}
