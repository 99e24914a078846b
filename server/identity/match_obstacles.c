/* Obstacles. What is in the way of records and of MergeProfiles is one obstacle, not two. */

#include "server/identity/match_obstacles.h"

#include <string.h>

#include "server/identity/never_join.h"
#include "server/identity/profile_identities.h"

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

static void weak_add(struct match_weak *weak, struct id profile) {
    for (size_t i = 0; i < weak->profile_count; i++) {
        if (id_equal(weak->profiles[i], profile)) {
            return;
        }
    }
    if (weak->profile_count < sizeof weak->profiles / sizeof *weak->profiles) {
        weak->profiles[weak->profile_count++] = profile;
    }
}

/* Two identities of one type may be known too little by others each. */
static void weak_join(struct match_weak *weak, const struct match_weak *more) {
    weak->told = weak->told || more->told;
    weak->least = more->least < weak->least ? more->least : weak->least;
    for (size_t i = 0; i < more->profile_count; i++) {
        weak_add(weak, more->profiles[i]);
    }
}

struct match_weak match_weak_of(const struct identity_type *type, struct id profile,
                                enum provenance known, struct id other,
                                enum provenance other_known) {
    struct match_weak weak = {
        .needed = type->merge_provenance > PROVENANCE_ATTESTED ? type->merge_provenance
                                                               : PROVENANCE_ATTESTED,
        .least = known < other_known ? known : other_known,
    };
    if (known < weak.needed) {
        weak_add(&weak, profile);
    }
    if (other_known < weak.needed && id_is_zero(other)) {
        weak.told = true;
    } else if (other_known < weak.needed) {
        weak_add(&weak, other);
    }
    return weak;
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
    weak_join(&same->weak, &obstacle.weak);
}

static struct match_obstacle identity_obstacle(const struct explanation *explanation,
                                               struct id profile, const char *type,
                                               enum identity_rule rule) {
    return (struct match_obstacle){
        .profile = profile,
        .veto = {.rule = rule,
                 .field = arena_format(explanation->arena, "identities.%s", type),
                 .type = type},
        .stops_records = true,
    };
}

void obstacle_add_weak(const struct explanation *explanation, struct id profile, const char *type,
                       enum identity_rule rule, const struct match_weak *weak) {
    struct match_obstacle obstacle = identity_obstacle(explanation, profile, type, rule);
    obstacle.weak = *weak;
    obstacle_add(explanation, obstacle);
}

/* ---- what reaches nobody ---- */

/* By the rule of the one type or the other. */
static void add_blocked(const struct explanation *explanation, struct id profile,
                        const struct match_evidence *evidence) {
    const struct identity_rules *rules = explanation->context->rules;
    const struct identity_type *type = identity_rules_find(rules, evidence->type);
    const char *canonical = evidence->canonical;
    if (identity_rule_of(type, canonical) == IDENTITY_RULE_NONE) {
        type = identity_rules_find(rules, evidence->other_type);
        canonical = evidence->other_canonical;
    }
    struct match_obstacle obstacle =
        identity_obstacle(explanation, profile, type->name, evidence->match_rule);
    obstacle.listed = block_is_listed(type, canonical);
    obstacle.links = !evidence->active;
    obstacle_add(explanation, obstacle);
}

/* To be linked again where there is room for it: what made it contact data holds no more. */
static void add_lapsed(const struct explanation *explanation, const struct profile *profile,
                       const struct match_evidence *evidence, bool owned) {
    const struct identity_type *type =
        identity_rules_find(explanation->context->rules, evidence->other_type);
    const uint64_t count = profile_identities_active(profile, type->name) + 1;
    const bool over = count > type->limit;
    if (!over && owned) {
        return;
    }
    struct match_obstacle obstacle =
        identity_obstacle(explanation, profile->id, type->name,
                          over ? IDENTITY_RULE_OVER_LIMIT : evidence->contact_rule);
    obstacle.links = true;
    obstacle.lapsed = !over;
    obstacle.veto.count = over ? count : 0;
    obstacle.veto.limit = over ? type->limit : 0;
    obstacle_add(explanation, obstacle);
}

void obstacle_add_contact(const struct explanation *explanation, const struct profile *profile,
                          const struct match_evidence *evidence, bool owned) {
    if (evidence->match_rule != IDENTITY_RULE_NONE) {
        add_blocked(explanation, profile->id, evidence);
        return;
    }
    if (owned) {
        struct match_obstacle obstacle = identity_obstacle(
            explanation, profile->id, evidence->other_type, IDENTITY_RULE_OWNED_ELSEWHERE);
        obstacle.links = true;
        obstacle_add(explanation, obstacle);
    }
    if (!evidence->active) {
        add_lapsed(explanation, profile, evidence, owned);
    }
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
