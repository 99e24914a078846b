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

void survivorship_set(struct profile *profile, const struct record_attribute *attribute,
                      struct arena *arena) {
    const struct attribute_kind *kind = attribute_kind_of(attribute->attribute);
    set(profile,
        &(struct profile_attribute){.name = kind->name,
                                    .value = attribute->value,
                                    .source = attribute->source,
                                    .observe_us = attribute->observe_us,
                                    .personal = kind->personal,
                                    .origin = profile->id},
        arena);
}

void survivorship_clear(struct profile *profile, enum attribute attribute) {
    struct profile_attribute *there = find(profile, attribute_kind_of(attribute)->name);
    if (there != NULL) {
        *there = profile->attributes[--profile->attribute_count];
    }
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

void survivorship_derive_name(struct profile *profile, struct arena *arena) {
    if (profile->name != NULL && !profile->name_derived) {
        return;
    }
    const struct profile_attribute *given = profile_attribute_find(profile, "given_name");
    const struct profile_attribute *family = profile_attribute_find(profile, "family_name");
    profile->name_derived = true;
    profile->name_source = "";
    profile->name_observe_us = 0;
    if (given != NULL && family != NULL) {
        profile->name = arena_format(arena, "%s %s", given->value, family->value);
    } else if (given != NULL || family != NULL) {
        profile->name = given != NULL ? given->value : family->value;
    } else {
        profile->name = name_of_identities(profile);
    }
}

static void apply_name(struct profile *profile, const struct record *record,
                       enum survivorship rule) {
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
}

void survivorship_apply(struct profile *profile, const struct record *record,
                        enum survivorship rule, struct arena *arena) {
    apply_name(profile, record, rule);
    for (size_t i = 0; i < record->attribute_count; i++) {
        const struct record_attribute *attribute = &record->attributes[i];
        const struct profile_attribute *there =
            profile_attribute_find(profile, attribute_kind_of(attribute->attribute)->name);
        if (there == NULL || rule == SURVIVORSHIP_REPLACE ||
            attribute->observe_us >= there->observe_us) {
            survivorship_set(profile, attribute, arena);
        }
    }
    survivorship_derive_name(profile, arena);
}

void survivorship_fold(struct profile *profile, const struct profile *other, struct arena *arena) {
    if (!other->name_derived &&
        (profile->name_derived || other->name_observe_us > profile->name_observe_us)) {
        profile->name = other->name;
        profile->name_derived = false;
        profile->name_source = other->name_source;
        profile->name_observe_us = other->name_observe_us;
    }
    for (size_t i = 0; i < other->attribute_count; i++) {
        const struct profile_attribute *attribute = &other->attributes[i];
        const struct profile_attribute *there = profile_attribute_find(profile, attribute->name);
        if (there == NULL || attribute->observe_us > there->observe_us) {
            set(profile, attribute, arena);
        }
    }
    survivorship_derive_name(profile, arena);
}
