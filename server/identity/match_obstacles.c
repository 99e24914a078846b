/* Obstacles. What is in the way of records and of MergeProfiles is one obstacle, not two. */

#include "server/identity/match_obstacles.h"

#include <string.h>

#include "server/identity/never_join.h"

struct explanation explanation_begin(const struct resolve_context *context, struct match *match) {
    *match = (struct match){0};
    return (struct explanation){context, store_view_arena(context->view), match};
}

static struct match_obstacle *obstacle_find(const struct match *match,
                                            const struct match_obstacle *like) {
    for (size_t i = 0; i < match->obstacle_count; i++) {
        struct match_obstacle *obstacle = &match->obstacles[i];
        if (id_equal(obstacle->profile, like->profile) && obstacle->veto.rule == like->veto.rule &&
            strcmp(obstacle->veto.field, like->veto.field) == 0 &&
            id_equal(obstacle->pair.one, like->pair.one) &&
            id_equal(obstacle->pair.other, like->pair.other)) {
            return obstacle;
        }
    }
    return NULL;
}

void obstacle_add(const struct explanation *explanation, struct match_obstacle obstacle) {
    struct match *match = explanation->match;
    struct match_obstacle *same = obstacle_find(match, &obstacle);
    if (same == NULL) {
        match->obstacles = arena_append(explanation->arena, match->obstacles, match->obstacle_count,
                                        sizeof *match->obstacles);
        match->obstacles[match->obstacle_count++] = obstacle;
        return;
    }
    same->stops_records = same->stops_records || obstacle.stops_records;
    same->stops_merge = same->stops_merge || obstacle.stops_merge;
}

void obstacle_add_weak(const struct explanation *explanation, struct id profile, const char *type,
                       enum identity_rule rule) {
    obstacle_add(explanation,
                 (struct match_obstacle){
                     .profile = profile,
                     .veto = {.rule = rule,
                              .field = arena_format(explanation->arena, "identities.%s", type),
                              .type = type},
                     .stops_records = true,
                 });
}

/* The pairs of members that are never to be one, an obstacle each. */
static struct status add_pairs(const struct explanation *explanation, const struct profile *one,
                               const struct profile *other, struct match_obstacle obstacle) {
    size_t count = 0;
    const struct store_never_join *pairs = NULL;
    TRY(never_joins_between(explanation->context->view, one, other, &pairs, &count));
    if (count == 0) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a pair that is never to be one is not on the list");
    }
    for (size_t i = 0; i < count; i++) {
        obstacle.pair = pairs[i];
        obstacle_add(explanation, obstacle);
    }
    return OK;
}

struct status obstacles_add_merge(const struct explanation *explanation, enum stopped stopped,
                                  uint32_t attributes, const struct veto_person *one,
                                  const struct veto_person *other) {
    struct vetoes all = {0};
    veto_merge_all(explanation->context->rules, attributes, one, other, explanation->arena, &all);
    for (size_t i = 0; i < all.count; i++) {
        const struct match_obstacle obstacle = {
            .profile = other->profile->id,
            .veto = all.items[i],
            .stops_records = stopped == STOPS_RECORDS,
            .stops_merge = stopped == STOPS_MERGE,
        };
        if (obstacle.veto.rule == IDENTITY_RULE_NEVER_JOIN) {
            TRY(add_pairs(explanation, one->profile, other->profile, obstacle));
        } else {
            obstacle_add(explanation, obstacle);
        }
    }
    return OK;
}

bool obstacles_stop(const struct match *match, enum stopped stopped) {
    for (size_t i = 0; i < match->obstacle_count; i++) {
        if (stopped == STOPS_RECORDS ? match->obstacles[i].stops_records
                                     : match->obstacles[i].stops_merge) {
            return true;
        }
    }
    return false;
}
