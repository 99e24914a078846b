/* Changes, out of what a view wishes. */

#include "server/segment/changes.h"

#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/store/fact.h"

static struct store_change *add(struct changes *changes, enum store_change_kind kind,
                                struct id profile) {
    changes->items =
        arena_grow(changes->arena, changes->items, changes->count, sizeof *changes->items);
    struct store_change *change = &changes->items[changes->count++];
    *change = store_change_of(kind, profile);
    return change;
}

/* ---- fields ---- */

/* The fields of a profile that have other values than before. */
struct paths {
    struct arena *arena;
    size_t count;
    const char **items;
};

static void add_path(struct paths *paths, const char *path) {
    paths->items = arena_grow(paths->arena, paths->items, paths->count, sizeof *paths->items);
    paths->items[paths->count++] = path;
}

static bool has_same(const struct profile *profile, const struct profile_attribute *attribute) {
    const struct profile_attribute *there = profile_attribute_find(profile, attribute->name);
    return there != NULL && strcmp(there->value, attribute->value) == 0;
}

static void compare_attributes(struct paths *paths, const struct profile *before,
                               const struct profile *after) {
    for (size_t i = 0; i < after->attribute_count; i++) {
        if (!has_same(before, &after->attributes[i])) {
            add_path(paths, arena_format(paths->arena, "attributes.%s", after->attributes[i].name));
        }
    }
    for (size_t i = 0; i < before->attribute_count; i++) {
        const char *name = before->attributes[i].name;
        if (profile_attribute_find(after, name) == NULL) {
            add_path(paths, arena_format(paths->arena, "attributes.%s", name));
        }
    }
}

static bool identities_differ(const struct profile *before, const struct profile *after) {
    if (before->identity_count != after->identity_count) {
        return true;
    }
    for (size_t i = 0; i < after->identity_count; i++) {
        const struct profile_identity *identity = &after->identities[i];
        const struct profile_identity *there =
            profile_identity_find(before, identity->type, identity->canonical, identity->match);
        if (there == NULL || there->rule != identity->rule ||
            there->provenance != identity->provenance) {
            return true;
        }
    }
    return false;
}

static void compare(struct paths *paths, const struct profile *before,
                    const struct profile *after) {
    if (strcmp(before->name, after->name) != 0) {
        add_path(paths, "name");
    }
    if (before->name_derived != after->name_derived) {
        add_path(paths, "name_derived");
    }
    compare_attributes(paths, before, after);
    if (identities_differ(before, after)) {
        add_path(paths, "identities");
    }
    if (before->absorbed_count != after->absorbed_count) {
        add_path(paths, "merged_ids");
    }
}

/* ---- identities ---- */

static void tell_identity(struct changes *changes, enum store_change_kind kind, struct id profile,
                          const struct profile_identity *identity) {
    struct store_change *change = add(changes, kind, profile);
    change->identity_type = identity->type;
    change->rule = identity->rule;
}

/* What is contact data because there are too many was demoted; for any other reason it is blocked.
 */
static enum store_change_kind kind_of(const struct profile_identity *identity) {
    return identity->rule == IDENTITY_RULE_NONE         ? STORE_CHANGE_IDENTITY_LINKED
           : identity->rule == IDENTITY_RULE_OVER_LIMIT ? STORE_CHANGE_IDENTITY_DEMOTED
                                                        : STORE_CHANGE_IDENTITY_BLOCKED;
}

/* `before` is NULL for a new profile. */
static void compare_identities(struct changes *changes, const struct profile *before,
                               const struct profile *after) {
    for (size_t i = 0; i < after->identity_count; i++) {
        const struct profile_identity *identity = &after->identities[i];
        const struct profile_identity *there =
            before == NULL ? NULL
                           : profile_identity_find(before, identity->type, identity->canonical,
                                                   identity->match);
        if (there == NULL || there->rule != identity->rule) {
            tell_identity(changes, kind_of(identity), after->id, identity);
        }
    }
    for (size_t i = 0; before != NULL && i < before->identity_count; i++) {
        const struct profile_identity *identity = &before->identities[i];
        if (profile_identity_find(after, identity->type, identity->canonical, identity->match) ==
            NULL) {
            tell_identity(changes, STORE_CHANGE_IDENTITY_UNLINKED, after->id, identity);
        }
    }
}

/* ---- profiles ---- */

static void of_live(struct changes *changes, const struct profile *before,
                    const struct profile *after) {
    struct paths paths = {.arena = changes->arena};
    compare(&paths, before, after);
    if (paths.count > 0) {
        struct store_change *change = add(changes, STORE_CHANGE_PROFILE_UPDATED, after->id);
        change->path_count = paths.count;
        change->paths = paths.items;
    }
    compare_identities(changes, before, after);
}

static struct status of_profile(struct changes *changes, struct store_view *view,
                                const struct profile *before, const struct profile *after) {
    const bool was_live = before != NULL && profile_is_live(before);
    const bool was_merged = before != NULL && !id_is_zero(before->merged_into);
    const bool is_merged = !id_is_zero(after->merged_into);
    const struct profile *other = NULL;
    if (is_merged && !was_merged) {
        TRY(store_profile_follow(view, after->id, &other));
        if (was_live && other != NULL) {
            add(changes, STORE_CHANGE_PROFILE_MERGED, after->id)->other = other->id;
        }
    } else if (was_merged && !is_merged) {
        TRY(store_profile_before(view, before->merged_into, &other));
        add(changes, STORE_CHANGE_PROFILE_UNMERGED, after->id)->other =
            other == NULL ? after->id : other->id;
    } else if (before == NULL && profile_is_live(after)) {
        (void)add(changes, STORE_CHANGE_PROFILE_CREATED, after->id);
        compare_identities(changes, NULL, after);
    } else if (was_live && after->delete_us != 0) {
        (void)add(changes, STORE_CHANGE_PROFILE_DELETED, after->id);
    } else if (!was_live && profile_is_live(after)) {
        (void)add(changes, STORE_CHANGE_PROFILE_UNDELETED, after->id);
    } else if (was_live && profile_is_live(after)) {
        of_live(changes, before, after);
    }
    return OK;
}

/* ---- interactions ---- */

static struct status of_fact(struct changes *changes, struct store_view *view,
                             const struct store_fact *fact) {
    const struct profile *person = NULL;
    TRY(store_profile_follow(view, fact->profile, &person));
    struct store_change *change = add(changes, STORE_CHANGE_INTERACTION_RECORDED,
                                      person == NULL ? fact->profile : person->id);
    change->interaction = fact->interaction;
    change->interaction_kind = (uint32_t)fact->kind;
    change->channel = arena_string(changes->arena, fact->labels[STORE_FACT_CHANNEL]);
    return OK;
}

/* ---- segments ---- */

/* One that is deleted is told once, not of each who was in it. */
static void of_deleted(struct changes *changes, struct store_view *view) {
    const char *const *names = NULL;
    const size_t count = store_view_segments_deleted(view, changes->arena, &names);
    for (size_t i = 0; i < count; i++) {
        add(changes, STORE_CHANGE_SEGMENT_DELETED, (struct id){{0}})->segment = names[i];
    }
}

/* ---- the whole ---- */

struct status changes_of_view(struct changes *changes, struct store_view *view) {
    const struct store_profile_change *profiles = NULL;
    const struct store_fact *facts = NULL;
    size_t fact_count = 0;
    const size_t count = store_view_profile_changes(view, changes->arena, &profiles);
    for (size_t i = 0; i < count; i++) {
        TRY(of_profile(changes, view, profiles[i].before, profiles[i].after));
    }
    TRY(store_view_facts(view, changes->arena, &facts, &fact_count));
    for (size_t i = 0; i < fact_count; i++) {
        TRY(of_fact(changes, view, &facts[i]));
    }
    of_deleted(changes, view);
    return OK;
}

/* ---- memberships ---- */

static struct status tell_segments(struct changes *changes, struct store_view *view,
                                   struct id profile, enum store_change_kind kind,
                                   const struct store_membership *of,
                                   const struct store_membership *without, bool filled) {
    for (size_t i = 0; i < of->count; i++) {
        const char *name = NULL;
        if (store_membership_has(without, of->segments[i])) {
            continue;
        }
        TRY(store_segment_name(view, of->segments[i], &name));
        if (name != NULL) { /* That one was deleted was told of all who were in it. */
            struct store_change *change = add(changes, kind, profile);
            change->segment = name;
            change->filled = filled;
        }
    }
    return OK;
}

struct status changes_of_membership(struct changes *changes, struct store_view *view,
                                    struct id profile, const struct store_membership *before,
                                    const struct store_membership *after, bool filled) {
    TRY(tell_segments(changes, view, profile, STORE_CHANGE_SEGMENT_LEFT, before, after, filled));
    return tell_segments(changes, view, profile, STORE_CHANGE_SEGMENT_ENTERED, after, before,
                         filled);
}

struct status changes_put(const struct changes *changes, struct store_view *view, int64_t now_us) {
    return store_changes_put(view, now_us, changes->items, changes->count);
}
