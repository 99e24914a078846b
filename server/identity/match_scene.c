/* Resolution looked at from beside: the same steps, and no wish. */

#include "server/identity/match_scene.h"

#include "server/identity/veto_person.h"

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

struct veto_person scene_joined_before(const struct scene *scene, const bool *joined, size_t first,
                                       size_t candidate) {
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
    return veto_person_of(together.merge_count == scene->members[first]->merge_count
                              ? scene->candidates.items[first].profile
                              : members_unify(&unify, &together),
                          &together);
}

struct status scene_join(const struct scene *scene, bool **out) {
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
        const struct veto_person before = scene_joined_before(scene, joined, first, i);
        enum identity_rule rule = IDENTITY_RULE_NONE;
        TRY(candidate_join_rule(scene->context, scene->record, &candidates->items[first], &before,
                                candidate, &rule));
        joined[i] = rule == IDENTITY_RULE_NONE;
    }
    *out = joined;
    return OK;
}
