/* Other rules for all that a person is related to, told anew from its records. */

#include "server/identity/reapply_known.h"
#include "server/identity/reapply_run.h"
#include "server/identity/retell.h"

/* The persons of the region, the one that it was read of first. */
static struct status read_before(const struct reapply_context *context,
                                 const struct retell_region *region, struct profile_list *out) {
    for (size_t i = 0; i < region->member_count; i++) {
        const struct profile *profile = NULL;
        if (region->members[i].person == out->count) { /* They come in order. */
            TRY(store_profile_follow(context->members.view, region->members[i].id, &profile));
            reapply_list_add(out, profile, store_view_arena(context->members.view));
        }
    }
    return OK;
}

static struct reapply_made made_of(const struct retell *retell, struct arena *arena) {
    struct id *of = arena_array(arena, retell->made_count, sizeof *of);
    for (size_t i = 0; i < retell->made_count; i++) {
        of[i] = retell->region.members[retell->made_of[i]].id;
    }
    return (struct reapply_made){retell->made_count, retell->made, of};
}

/* Makes the region what it was told to. */
static struct status regroup(const struct reapply_context *context, struct retell *retell,
                             struct reapply_outcome *out) {
    struct profile_list before = {0};
    TRY(read_before(context, &retell->region, &before));
    TRY(retell_apply(&context->members, retell));
    const struct reapply_made made = made_of(retell, store_view_arena(context->members.view));
    return reapply_compare(context, &before, &made, out);
}

struct status reapply_retell(const struct reapply_context *context, const struct profile *profile,
                             struct reapply_outcome *out, bool *done) {
    struct store_view *view = context->members.view;
    if (reapply_known_find(context->known, view, profile->id, done)) {
        return OK;
    }
    struct retell retell;
    TRY(retell_read_under(&context->members, context->random, profile, context->room, &retell,
                          done));
    if (*done) {
        TRY(regroup(context, &retell, out));
    }
    reapply_known_keep(context->known, view, &retell.region, *done);
    return OK;
}
