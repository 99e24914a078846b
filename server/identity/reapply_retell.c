/* Other rules for all that a person is related to, told anew from its records: what became of whom.
 * Persons that changed members with each other are told of together. */

#include "server/identity/reapply_run.h"
#include "server/identity/retell.h"

/* Persons, before and after. */
struct regrouping {
    const struct reapply_context *context;
    const struct retell *retell;
    struct arena *arena;
    struct profile_list before; /* Who answered, by the numbers of persons. */
    struct profile_list after;
    size_t *group; /* Of each person. */
};

static size_t position_in(const struct profile_list *list, const struct profile *profile) {
    size_t at = 0;
    while (at < list->count && !id_equal(list->items[at]->id, profile->id)) {
        at++;
    }
    return at;
}

static struct status read_before(struct regrouping *regrouping) {
    const struct retell_region *region = &regrouping->retell->region;
    for (size_t i = 0; i < region->member_count; i++) {
        const struct profile *profile = NULL;
        if (region->members[i].person == regrouping->before.count) { /* They come in order. */
            TRY(store_profile_follow(regrouping->context->members.view, region->members[i].id,
                                     &profile));
            reapply_list_add(&regrouping->before, profile, regrouping->arena);
        }
    }
    return OK;
}

static void unite(struct regrouping *regrouping, size_t one, size_t other) {
    const size_t from = regrouping->group[one];
    const size_t to = regrouping->group[other];
    for (size_t i = 0; i < regrouping->before.count; i++) {
        regrouping->group[i] = regrouping->group[i] == from ? to : regrouping->group[i];
    }
}

/* Who answers now for somebody who was of that person; first_person[] is of each in `after`. */
static struct status add_after(struct regrouping *regrouping, struct id id, size_t person,
                               size_t *first_person) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(regrouping->context->members.view, id, &profile));
    const size_t at = position_in(&regrouping->after, profile);
    if (at == regrouping->after.count) {
        reapply_list_add(&regrouping->after, profile, regrouping->arena);
        first_person[at] = person;
    }
    unite(regrouping, person, first_person[at]);
    return OK;
}

static struct status read_after(struct regrouping *regrouping, size_t *first_person) {
    const struct retell *retell = regrouping->retell;
    const struct retell_region *region = &retell->region;
    for (size_t i = 0; i < region->member_count; i++) {
        TRY(add_after(regrouping, region->members[i].id, region->members[i].person, first_person));
    }
    for (size_t i = 0; i < retell->made_count; i++) {
        TRY(add_after(regrouping, retell->made[i], region->members[retell->made_of[i]].person,
                      first_person));
    }
    return OK;
}

static bool is_made(const struct retell *retell, struct id id) {
    for (size_t i = 0; i < retell->made_count; i++) {
        if (id_equal(retell->made[i], id)) {
            return true;
        }
    }
    return false;
}

/* What was made of records of the group, and may be one with somebody else at once. */
static void tell_made(const struct regrouping *regrouping, size_t group, size_t made,
                      struct reapply_outcome *out) {
    const struct retell *retell = regrouping->retell;
    const size_t person = retell->region.members[retell->made_of[made]].person;
    if (regrouping->group[person] != group) {
        return;
    }
    out->made_count++;
    const struct profile sought = {.id = retell->made[made]};
    if (position_in(&regrouping->after, &sought) == regrouping->after.count) {
        reapply_tell(out->joins, &out->join_count, sought.id);
    }
}

/* What became of those of a group, told of the profile. False when nothing did. */
static bool tell_group(const struct regrouping *regrouping, size_t group,
                       const size_t *first_person, struct reapply_outcome *out) {
    struct profile_list before = {0};
    struct profile_list after = {0};
    bool changed = false;
    for (size_t i = 0; i < regrouping->before.count; i++) {
        const struct profile *profile = regrouping->before.items[i];
        if (regrouping->group[i] != group) {
            continue;
        }
        reapply_list_add(&before, profile, regrouping->arena);
        const size_t now = position_in(&regrouping->after, profile);
        changed =
            changed || now == regrouping->after.count || regrouping->after.items[now] != profile;
        if (now == regrouping->after.count) {
            reapply_tell(out->joins, &out->join_count, profile->id);
        }
    }
    for (size_t i = 0; i < regrouping->after.count; i++) {
        const struct profile *profile = regrouping->after.items[i];
        if (regrouping->group[first_person[i]] != group) {
            continue;
        }
        reapply_list_add(&after, profile, regrouping->arena);
        if (!is_made(regrouping->retell, profile->id) &&
            position_in(&before, profile) == before.count) {
            reapply_tell(out->splits, &out->split_count, profile->id);
        }
    }
    for (size_t i = 0; i < regrouping->retell->made_count; i++) {
        tell_made(regrouping, group, i, out);
    }
    const struct identity_rules *rules = regrouping->context->members.rules;
    out->changed = changed;
    out->lost_count = reapply_count_missing(rules, &before, &after, regrouping->arena);
    out->gained_count = reapply_count_missing(rules, &after, &before, regrouping->arena);
    return changed;
}

/* The person whose number is the group's is told of: the row's own, if it is among them. */
static struct status tell(struct regrouping *regrouping, struct reapply_outcome *out) {
    size_t *first_person = arena_array(
        regrouping->arena, regrouping->retell->region.member_count + regrouping->retell->made_count,
        sizeof *first_person);
    TRY(read_after(regrouping, first_person));
    const struct reapply_outcome row = *out;
    (void)tell_group(regrouping, regrouping->group[0], first_person, out);
    out->profile = row.profile;
    for (size_t i = 1; i < regrouping->before.count; i++) {
        struct reapply_outcome other = {.profile = regrouping->before.items[i]->id,
                                        .next = out->next};
        bool is_first = true;
        for (size_t k = 0; k < i; k++) {
            is_first = is_first && regrouping->group[k] != regrouping->group[i];
        }
        if (is_first && tell_group(regrouping, regrouping->group[i], first_person, &other)) {
            struct reapply_outcome *kept = arena_alloc(regrouping->arena, sizeof *kept);
            *kept = other;
            out->next = kept;
        }
    }
    return OK;
}

struct status reapply_retell(const struct reapply_context *context, const struct profile *profile,
                             struct reapply_outcome *out, bool *done) {
    struct retell retell;
    TRY(retell_read_under(&context->members, context->random, profile, &retell, done));
    if (!*done) {
        return OK;
    }
    struct arena *arena = store_view_arena(context->members.view);
    struct regrouping regrouping = {
        .context = context,
        .retell = &retell,
        .arena = arena,
        .group = arena_array(arena, retell.region.person_count, sizeof *regrouping.group),
    };
    for (size_t i = 0; i < retell.region.person_count; i++) {
        regrouping.group[i] = i;
    }
    TRY(read_before(&regrouping));
    TRY(retell_apply(&context->members, &retell));
    return tell(&regrouping, out);
}
