/* Resolution looked at from beside: the same steps, and no wish. */

#include "server/identity/match_scene.h"

struct status scene_read(const struct resolve_context *context, const struct record *record,
                         struct scene *out) {
    struct arena *arena = store_view_arena(context->view);
    struct identity_decision *identities =
        arena_array(arena, record->identity_count, sizeof *identities);
    *out = (struct scene){.context = context, .record = record};
    TRY(candidates_find(context, record, identities, &out->candidates));
    out->members = arena_array(arena, out->candidates.count, sizeof(struct members *));
    for (size_t i = 0; i < out->candidates.count; i++) {
        const struct candidate *candidate = &out->candidates.items[i];
        if (candidate->rule == IDENTITY_RULE_NONE) {
            TRY(members_read(context->view, candidate->profile, &out->members[i]));
        }
    }
    return OK;
}

size_t scene_first(const struct scene *scene, const bool *joined) {
    size_t at = 0;
    while (at < scene->candidates.count && !joined[at]) {
        at++;
    }
    return at;
}

const struct profile *scene_joined_before(const struct scene *scene, const bool *joined,
                                          size_t first, size_t candidate) {
    const struct resolve_context *context = scene->context;
    const struct members_context unify = {context->view, context->rules, context->attributes,
                                          context->now_us};
    struct members together = *scene->members[first];
    for (size_t i = first + 1; i < candidate; i++) {
        if (joined[i]) {
            const struct profile_merge merge = {.one = together.items[0]->id,
                                                .other = scene->members[i]->items[0]->id};
            members_join(&together, scene->members[i], &merge, store_view_arena(context->view));
        }
    }
    return together.merge_count == scene->members[first]->merge_count
               ? scene->candidates.items[first].profile
               : members_unify(&unify, &together);
}

bool *scene_join(const struct scene *scene) {
    const struct candidates *candidates = &scene->candidates;
    bool *joined =
        arena_array(store_view_arena(scene->context->view), candidates->count, sizeof *joined);
    size_t first = candidates->count;
    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->items[i];
        if (candidate->rule != IDENTITY_RULE_NONE) {
            continue;
        }
        if (first == candidates->count) {
            first = i;
            joined[i] = true;
            continue;
        }
        joined[i] = candidate_join_rule(scene->context, scene->record, &candidates->items[first],
                                        scene_joined_before(scene, joined, first, i),
                                        candidate) == IDENTITY_RULE_NONE;
    }
    return joined;
}
