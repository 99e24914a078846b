/* Which value survives. */

#include "server/identity/survivorship.h"

#include <assert.h>
#include <string.h>

static struct profile_attribute *find(struct profile *profile, const char *name) {
    return (struct profile_attribute *)(uintptr_t)profile_attribute_find(profile, name);
}

static void set(struct profile *profile, const struct profile_attribute *attribute,
                struct arena *arena) {
    struct profile_attribute *there = find(profile, attribute->name);
    if (there == NULL) {
        profile->attributes = arena_append(arena, profile->attributes, profile->attribute_count,
                                           sizeof *profile->attributes);
        there = &profile->attributes[profile->attribute_count++];
    }
    *there = *attribute;
}

static void set_attribute(struct profile *profile, const struct record_attribute *attribute,
                          int64_t force_us, struct arena *arena) {
    const struct attribute_kind *kind = attribute_kind_of(attribute->attribute);
    set(profile,
        &(struct profile_attribute){.name = kind->name,
                                    .value = attribute->value,
                                    .source = attribute->source,
                                    .observe_us = attribute->observe_us,
                                    .force_us = force_us,
                                    .personal = kind->personal,
                                    .origin = profile->id},
        arena);
}

void survivorship_clear(struct profile *profile, enum attribute attribute, int64_t force_us,
                        struct arena *arena) {
    const struct record_attribute nothing = {
        .attribute = attribute, .value = "", .source = "", .observe_us = force_us};
    set_attribute(profile, &nothing, force_us, arena);
}

static bool is_cleared(const struct profile_attribute *attribute) {
    return attribute->value[0] == '\0';
}

/* When something was told, for comparing: what was set by force outweighs what was observed before
 * that. */
static int64_t rank(int64_t observe_us, int64_t force_us) {
    return observe_us > force_us ? observe_us : force_us;
}

/* ---- names ---- */

/* How well an identity stands for a name: what people read as one first. */
static int name_rank(const char *type) {
    static const char *const order[] = {"twitter",  "instagram", "tiktok",   "facebook",
                                        "linkedin", "email",     "intercom", "google_business",
                                        "genesys",  "phone",     "whatsapp", "external_id"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (strcmp(order[i], type) == 0) {
            return (int)i;
        }
    }
    return -1; /* Says nothing to people: anonymous_id, national_id. */
}

static const char *name_of_identities(const struct profile *profile) {
    const char *best = "Unnamed";
    int best_rank = INT32_MAX;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const int rank = name_rank(profile->identities[i].type);
        if (profile->identities[i].rule == 0 && rank >= 0 && rank < best_rank) {
            best_rank = rank;
            best = profile->identities[i].canonical;
        }
    }
    return best;
}

static const struct profile_attribute *told(const struct profile *profile, const char *name) {
    const struct profile_attribute *attribute = profile_attribute_find(profile, name);
    return attribute == NULL || is_cleared(attribute) ? NULL : attribute;
}

void survivorship_derive_name(struct profile *profile, struct arena *arena) {
    if (profile->name != NULL && !profile->name_derived) {
        return;
    }
    const struct profile_attribute *given = told(profile, "given_name");
    const struct profile_attribute *family = told(profile, "family_name");
    profile->name_derived = true;
    profile->name_source = "";
    profile->name_observe_us = 0;
    profile->name_force_us = 0;
    if (given != NULL && family != NULL) {
        profile->name = arena_format(arena, "%s %s", given->value, family->value);
    } else if (given != NULL || family != NULL) {
        profile->name = given != NULL ? given->value : family->value;
    } else {
        profile->name = name_of_identities(profile);
    }
}

int64_t survivorship_force_us(const struct profile *profile, int64_t now_us) {
    int64_t latest_us = now_us;
    if (profile == NULL) {
        return latest_us;
    }
    for (size_t i = 0; i < profile->attribute_count; i++) {
        const int64_t told_us =
            rank(profile->attributes[i].observe_us, profile->attributes[i].force_us);
        latest_us = told_us > latest_us ? told_us : latest_us;
    }
    const int64_t name_us = rank(profile->name_observe_us, profile->name_force_us);
    return name_us > latest_us ? name_us : latest_us;
}

static void apply_name(struct profile *profile, const struct record *record, enum survivorship rule,
                       int64_t force_us) {
    if (record->name[0] == '\0') {
        return;
    }
    if (profile->name != NULL && !profile->name_derived && rule == SURVIVORSHIP_MOST_RECENT &&
        record->observe_us < profile->name_observe_us) {
        return;
    }
    profile->name = record->name;
    profile->name_derived = false;
    profile->name_source = record->source;
    profile->name_observe_us = record->observe_us;
    profile->name_force_us = force_us;
}

void survivorship_apply(struct profile *profile, const struct record *record,
                        enum survivorship rule, int64_t force_us, struct arena *arena) {
    const int64_t forced_us = rule == SURVIVORSHIP_REPLACE ? force_us : 0;
    apply_name(profile, record, rule, forced_us);
    for (size_t i = 0; i < record->attribute_count; i++) {
        const struct record_attribute *attribute = &record->attributes[i];
        const struct profile_attribute *there =
            told(profile, attribute_kind_of(attribute->attribute)->name);
        if (there == NULL || rule == SURVIVORSHIP_REPLACE ||
            attribute->observe_us >= there->observe_us) {
            set_attribute(profile, attribute, forced_us, arena);
        }
    }
    survivorship_derive_name(profile, arena);
}

/* ---- several members ---- */

static bool outweighs(int64_t observe_us, int64_t force_us, int64_t there_observe_us,
                      int64_t there_force_us) {
    const int64_t told_rank = rank(observe_us, force_us);
    const int64_t there_rank = rank(there_observe_us, there_force_us);
    return told_rank != there_rank ? told_rank > there_rank : force_us > there_force_us;
}

static void unify_names(struct profile *profile, const struct profile *const *members,
                        size_t count) {
    profile->name_derived = true;
    for (size_t i = 0; i < count; i++) {
        const struct profile *member = members[i];
        if (member->name_derived ||
            (!profile->name_derived &&
             !outweighs(member->name_observe_us, member->name_force_us, profile->name_observe_us,
                        profile->name_force_us))) {
            continue;
        }
        profile->name = member->name;
        profile->name_derived = false;
        profile->name_source = member->name_source;
        profile->name_observe_us = member->name_observe_us;
        profile->name_force_us = member->name_force_us;
    }
}

static void unify_attributes(struct profile *profile, const struct profile *const *members,
                             size_t count, struct arena *arena) {
    profile->attribute_count = 0;
    profile->attributes = NULL;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < members[i]->attribute_count; k++) {
            const struct profile_attribute *attribute = &members[i]->attributes[k];
            const struct profile_attribute *there =
                profile_attribute_find(profile, attribute->name);
            if (there == NULL || outweighs(attribute->observe_us, attribute->force_us,
                                           there->observe_us, there->force_us)) {
                set(profile, attribute, arena);
            }
        }
    }
}

static void drop_cleared(struct profile *profile) {
    size_t kept = 0;
    for (size_t i = 0; i < profile->attribute_count; i++) {
        if (!is_cleared(&profile->attributes[i])) {
            profile->attributes[kept++] = profile->attributes[i];
        }
    }
    profile->attribute_count = kept;
}

void survivorship_unify(struct profile *profile, const struct profile *const *members, size_t count,
                        struct arena *arena) {
    if (count > 1) {
        unify_names(profile, members, count);
        unify_attributes(profile, members, count, arena);
    }
    drop_cleared(profile);
    survivorship_derive_name(profile, arena);
}
