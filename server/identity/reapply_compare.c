/* What became of persons, before and after: each that was there is told of, with those that became
 * one with it, and with what it came apart into. What is told is what is otherwise in the end, not
 * what came to be and went again on the way. */

#include "server/identity/reapply_run.h"

#include <string.h>

#include "server/identity/match_value.h"

/* What a person before and one after have in common: members, or records. */
struct common {
    size_t before;
    size_t after;
};

/* Persons, before and after. */
struct comparison {
    const struct reapply_context *context;
    struct arena *arena;
    const struct profile_list *before;
    const struct reapply_made *made;
    struct profile_list after;
    size_t common_count;
    struct common *common;
    size_t *group;   /* Of each before: those that have somebody in common are one. */
    size_t *home;    /* The one after that answers for each before. */
    size_t *told_as; /* Of each after: with which before it is told. */
    struct reapply_outcome **outcomes; /* Of each before; NULL: nothing is told of it. */
};

void reapply_list_add(struct profile_list *list, const struct profile *profile,
                      struct arena *arena) {
    list->items = arena_append(arena, list->items, list->count, sizeof(struct profile *));
    list->items[list->count++] = profile;
}

static size_t position_in(const struct profile_list *list, struct id id) {
    size_t at = 0;
    while (at < list->count && !id_equal(list->items[at]->id, id)) {
        at++;
    }
    return at;
}

static bool is_made(const struct reapply_made *made, struct id id) {
    for (size_t i = 0; i < made->count; i++) {
        if (id_equal(made->ids[i], id)) {
            return true;
        }
    }
    return false;
}

/* ---- who is who ---- */

static void unite(struct comparison *comparison, size_t one, size_t other) {
    const size_t from = comparison->group[one];
    const size_t to = comparison->group[other];
    for (size_t i = 0; i < comparison->before->count; i++) {
        comparison->group[i] = comparison->group[i] == from ? to : comparison->group[i];
    }
}

static void add_common(struct comparison *comparison, size_t before, size_t after) {
    for (size_t i = 0; i < comparison->common_count; i++) {
        const struct common *there = &comparison->common[i];
        if (there->after == after) {
            unite(comparison, before, there->before);
            if (there->before == before) {
                return;
            }
        }
    }
    comparison->common = arena_append(comparison->arena, comparison->common,
                                      comparison->common_count, sizeof *comparison->common);
    comparison->common[comparison->common_count++] = (struct common){before, after};
}

/* Who answers now for somebody who was of a person. */
static struct status add_after(struct comparison *comparison, struct id id, size_t before,
                               size_t *out) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(comparison->context->members.view, id, &profile));
    if (profile == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a member of a profile is not there");
    }
    *out = position_in(&comparison->after, profile->id);
    if (*out == comparison->after.count) {
        reapply_list_add(&comparison->after, profile, comparison->arena);
    }
    add_common(comparison, before, *out);
    return OK;
}

/* In a what-if somebody may have changed whose it is: then it is the first one's. */
static size_t before_of_member(const struct comparison *comparison, struct id id) {
    for (size_t i = 1; i < comparison->before->count; i++) {
        if (profile_has_member(comparison->before->items[i], id)) {
            return i;
        }
    }
    return 0;
}

static struct status read_after(struct comparison *comparison) {
    size_t after = 0;
    for (size_t i = 0; i < comparison->before->count; i++) {
        const struct profile *profile = comparison->before->items[i];
        TRY(add_after(comparison, profile->id, i, &comparison->home[i]));
        for (size_t k = 0; k < profile->absorbed_count; k++) {
            TRY(add_after(comparison, profile->absorbed[k], i, &after));
        }
    }
    for (size_t i = 0; i < comparison->made->count; i++) {
        const size_t before = before_of_member(comparison, comparison->made->of[i]);
        TRY(add_after(comparison, comparison->made->ids[i], before, &after));
    }
    return OK;
}

/* ---- with whom each is told ---- */

/* The first before that has somebody in common with one after; where there is one that is at home
 * elsewhere, the first of these. */
static size_t first_before(const struct comparison *comparison, size_t after) {
    size_t first = comparison->before->count;
    for (size_t i = 0; i < comparison->common_count; i++) {
        const struct common *common = &comparison->common[i];
        if (common->after == after && comparison->home[common->before] != after) {
            return common->before;
        }
        if (common->after == after && first == comparison->before->count) {
            first = common->before;
        }
    }
    return first;
}

/* Who answered before is told as itself, others with whom they come from. */
static size_t find_told_as(const struct comparison *comparison, size_t after) {
    size_t before = 0;
    for (size_t steps = 0; steps < comparison->before->count; steps++) {
        before = position_in(comparison->before, comparison->after.items[after]->id);
        if (before < comparison->before->count) {
            return before;
        }
        before = first_before(comparison, after);
        if (comparison->home[before] == after) {
            return before;
        }
        after = comparison->home[before];
    }
    return before;
}

/* ---- telling ---- */

static bool has_active(const struct identity_rules *rules, const struct profile *profile,
                       const struct profile_identity *identity, const char *match,
                       struct arena *arena) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *there = &profile->identities[i];
        const struct identity_type *type = identity_rules_find(rules, there->type);
        if (there->rule == IDENTITY_RULE_NONE && strcmp(there->type, identity->type) == 0 &&
            strcmp(identity_match_value(type, there->canonical, arena), match) == 0) {
            return true;
        }
    }
    return false;
}

/* Identities that match of the profile, and not of those in `others`. */
static size_t count_missing(const struct comparison *comparison, const struct profile *profile,
                            const struct profile_list *others) {
    const struct identity_rules *rules = comparison->context->members.rules;
    size_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if (identity->rule != IDENTITY_RULE_NONE) {
            continue;
        }
        const struct identity_type *type = identity_rules_find(rules, identity->type);
        const char *match = identity_match_value(type, identity->canonical, comparison->arena);
        bool found = false;
        for (size_t k = 0; k < others->count && !found; k++) {
            found = has_active(rules, others->items[k], identity, match, comparison->arena);
        }
        count += !found;
    }
    return count;
}

static void tell_id(struct reapply_ids *ids, struct id id) {
    if (ids->count < REAPPLY_CHANGES_MAX) {
        ids->items[ids->count] = id;
    }
    ids->count++;
}

/* What is told of a profile that was there: it is otherwise now. */
static struct reapply_outcome *outcome_of(struct comparison *comparison, size_t before) {
    struct reapply_outcome **outcome = &comparison->outcomes[before];
    if (*outcome == NULL) {
        *outcome = arena_alloc(comparison->arena, sizeof **outcome);
        (*outcome)->profile = comparison->before->items[before]->id;
        (*outcome)->changed = true;
    }
    return *outcome;
}

static void tell_before(struct comparison *comparison, size_t before) {
    const struct profile *profile = comparison->before->items[before];
    const size_t home = comparison->home[before];
    const size_t told_as = comparison->told_as[home];
    if (comparison->after.items[home] != profile) {
        outcome_of(comparison, told_as);
    }
    if (told_as != before) {
        tell_id(&outcome_of(comparison, told_as)->joins, profile->id);
    }
}

static void tell_after(struct comparison *comparison, size_t after) {
    const struct id id = comparison->after.items[after]->id;
    if (position_in(comparison->before, id) < comparison->before->count) {
        return;
    }
    struct reapply_outcome *outcome = outcome_of(comparison, comparison->told_as[after]);
    if (is_made(comparison->made, id)) {
        outcome->made_count++;
    } else {
        tell_id(&outcome->splits, id);
    }
}

/* What went from one that is told to another one: each tells the other, once. */
static void tell_move(struct comparison *comparison, size_t at) {
    const struct common *common = &comparison->common[at];
    const size_t from = comparison->told_as[comparison->home[common->before]];
    const size_t to = comparison->told_as[common->after];
    for (size_t i = 0; i < at; i++) {
        const struct common *told = &comparison->common[i];
        if (comparison->told_as[comparison->home[told->before]] == from &&
            comparison->told_as[told->after] == to) {
            return;
        }
    }
    if (from != to) {
        tell_id(&outcome_of(comparison, from)->moves_to, comparison->before->items[to]->id);
        tell_id(&outcome_of(comparison, to)->moves_from, comparison->before->items[from]->id);
    }
}

/* An identity is counted once, with who had it or has it: what goes to another one of those that
 * have somebody in common is neither lost nor gained. */
static void count_identities(struct comparison *comparison, size_t group) {
    struct profile_list before = {0};
    struct profile_list after = {0};
    for (size_t i = 0; i < comparison->before->count; i++) {
        if (comparison->group[i] == group) {
            reapply_list_add(&before, comparison->before->items[i], comparison->arena);
        }
    }
    for (size_t i = 0; i < comparison->after.count; i++) {
        if (comparison->group[comparison->told_as[i]] == group) {
            reapply_list_add(&after, comparison->after.items[i], comparison->arena);
        }
    }
    for (size_t i = 0; i < comparison->before->count; i++) {
        const size_t lost = comparison->group[i] == group
                                ? count_missing(comparison, comparison->before->items[i], &after)
                                : 0;
        if (lost > 0) {
            outcome_of(comparison, comparison->told_as[comparison->home[i]])->lost_count += lost;
        }
    }
    for (size_t i = 0; i < comparison->after.count; i++) {
        const size_t gained = comparison->group[comparison->told_as[i]] == group
                                  ? count_missing(comparison, comparison->after.items[i], &before)
                                  : 0;
        if (gained > 0) {
            outcome_of(comparison, comparison->told_as[i])->gained_count += gained;
        }
    }
}

static void tell(struct comparison *comparison) {
    for (size_t i = 0; i < comparison->before->count; i++) {
        tell_before(comparison, i);
    }
    for (size_t i = 0; i < comparison->after.count; i++) {
        tell_after(comparison, i);
    }
    for (size_t i = 0; i < comparison->common_count; i++) {
        tell_move(comparison, i);
    }
    bool *changed = arena_array(comparison->arena, comparison->before->count, sizeof *changed);
    for (size_t i = 0; i < comparison->before->count; i++) {
        const size_t group = comparison->group[i];
        changed[group] = changed[group] || comparison->outcomes[i] != NULL;
    }
    for (size_t i = 0; i < comparison->before->count; i++) {
        if (changed[i]) {
            count_identities(comparison, i);
        }
    }
}

/* The outcome of the first is what the row has; those of others come behind. */
static void hand_over(const struct comparison *comparison, struct reapply_outcome *out) {
    const size_t first = comparison->told_as[comparison->home[0]];
    const struct reapply_outcome row = *out;
    if (comparison->outcomes[first] != NULL) {
        *out = *comparison->outcomes[first];
        out->looked_at = row.looked_at;
        out->is_new = row.is_new;
        out->unjudged = row.unjudged;
    }
    const struct reapply_outcome **end = &out->next;
    for (size_t i = 0; i < comparison->before->count; i++) {
        if (i != first && comparison->outcomes[i] != NULL) {
            *end = comparison->outcomes[i];
            end = &comparison->outcomes[i]->next;
        }
    }
}

struct status reapply_compare(const struct reapply_context *context,
                              const struct profile_list *before, const struct reapply_made *made,
                              struct reapply_outcome *out) {
    struct arena *arena = store_view_arena(context->members.view);
    struct comparison comparison = {
        .context = context,
        .arena = arena,
        .before = before,
        .made = made,
        .group = arena_array(arena, before->count, sizeof(size_t)),
        .home = arena_array(arena, before->count, sizeof(size_t)),
        .outcomes = arena_array(arena, before->count, sizeof(struct reapply_outcome *)),
    };
    for (size_t i = 0; i < before->count; i++) {
        comparison.group[i] = i;
    }
    TRY(read_after(&comparison));
    comparison.told_as = arena_array(arena, comparison.after.count, sizeof(size_t));
    for (size_t i = 0; i < comparison.after.count; i++) {
        comparison.told_as[i] = find_told_as(&comparison, i);
    }
    tell(&comparison);
    hand_over(&comparison, out);
    return OK;
}
