/* Looking at a profile, and copying it before a change. */

#include "server/store/profile.h"

#include <string.h>

static void *copy_array(struct arena *arena, const void *items, size_t count, size_t size) {
    void *copy = arena_array(arena, count, size);
    if (count > 0) {
        memcpy(copy, items, count * size);
    }
    return copy;
}

struct profile *profile_copy(const struct profile *profile, struct arena *arena) {
    struct profile *copy = arena_alloc(arena, sizeof *copy);
    *copy = *profile;
    copy->absorbed =
        copy_array(arena, profile->absorbed, profile->absorbed_count, sizeof *copy->absorbed);
    copy->merges =
        copy_array(arena, profile->merges, profile->absorbed_count, sizeof *copy->merges);
    copy->apart = copy_array(arena, profile->apart, profile->apart_count, sizeof *copy->apart);
    copy->identities =
        copy_array(arena, profile->identities, profile->identity_count, sizeof *copy->identities);
    copy->attributes =
        copy_array(arena, profile->attributes, profile->attribute_count + profile->cleared_count,
                   sizeof *copy->attributes);
    return copy;
}

/* ---- keeping ---- */

static const char *keep_string(const char *string, struct arena *arena) {
    return string == NULL ? NULL : arena_string(arena, bytes_of(string, strlen(string)));
}

/* A copy of `string`; or `kept`, the copy of `same`, where it is that one. */
static const char *keep_same(const char *string, const char *same, const char *kept,
                             struct arena *arena) {
    return string != NULL && same != NULL && strcmp(string, same) == 0 ? kept
                                                                       : keep_string(string, arena);
}

static void keep_identity(struct profile_identity *identity, struct arena *arena) {
    const struct profile_identity told = *identity;
    identity->type = keep_string(told.type, arena);
    identity->value = keep_string(told.value, arena);
    identity->canonical = keep_same(told.canonical, told.value, identity->value, arena);
    identity->match = keep_same(told.match, told.canonical, identity->canonical, arena);
    identity->source = keep_string(told.source, arena);
    struct profile_identity *spellings =
        copy_array(arena, told.spellings, told.spelling_count, sizeof *spellings);
    for (size_t i = 0; i < told.spelling_count; i++) {
        keep_identity(&spellings[i], arena);
    }
    identity->spellings = spellings;
}

static struct profile_unlinked *keep_unlinked(const struct profile *profile, struct arena *arena) {
    struct profile_unlinked *kept =
        copy_array(arena, profile->unlinked, profile->unlinked_count, sizeof *kept);
    for (size_t i = 0; i < profile->unlinked_count; i++) {
        kept[i].type = keep_string(kept[i].type, arena);
        kept[i].canonical = keep_string(kept[i].canonical, arena);
        kept[i].match = keep_string(kept[i].match, arena);
    }
    return kept;
}

struct profile *profile_keep(const struct profile *profile, struct arena *arena) {
    struct profile *kept = profile_copy(profile, arena);
    kept->name = keep_string(profile->name, arena);
    kept->name_source = keep_string(profile->name_source, arena);
    for (size_t i = 0; i < kept->identity_count; i++) {
        keep_identity(&kept->identities[i], arena);
    }
    kept->unlinked = keep_unlinked(profile, arena);
    for (size_t i = 0; i < kept->attribute_count + kept->cleared_count; i++) {
        struct profile_attribute *attribute = &kept->attributes[i];
        attribute->name = keep_string(attribute->name, arena);
        attribute->value = keep_string(attribute->value, arena);
        attribute->source = keep_string(attribute->source, arena);
    }
    return kept;
}

void profile_attributes_part(struct profile *profile, struct arena *arena) {
    const size_t all = profile->attribute_count + profile->cleared_count;
    struct profile_attribute *parted = arena_array(arena, all, sizeof *parted);
    size_t told = 0;
    size_t cleared = all;
    for (size_t i = 0; i < all; i++) {
        if (profile->attributes[i].value[0] != '\0' && !profile->attributes[i].aside &&
            !profile->attributes[i].replaced) {
            parted[told++] = profile->attributes[i];
        } else {
            parted[--cleared] = profile->attributes[i];
        }
    }
    profile->attributes = parted;
    profile->attribute_count = told;
    profile->cleared_count = all - told;
}

const struct profile_attribute *profile_attribute_find(const struct profile *profile,
                                                       const char *name) {
    for (size_t i = 0; i < profile->attribute_count; i++) {
        if (!profile->attributes[i].replaced && strcmp(profile->attributes[i].name, name) == 0) {
            return &profile->attributes[i];
        }
    }
    return NULL;
}

bool profile_identity_is_told_as(const struct profile_identity *identity, const char *canonical) {
    for (size_t i = 0; i < identity->spelling_count; i++) {
        if (strcmp(identity->spellings[i].canonical, canonical) == 0) {
            return true;
        }
    }
    return strcmp(identity->canonical, canonical) == 0;
}

bool profile_unlinked_is(const struct profile_unlinked *unlinked, const char *type,
                         const char *canonical, const char *match) {
    return strcmp(unlinked->type, type) == 0 &&
           (strcmp(unlinked->canonical, canonical) == 0 || strcmp(unlinked->match, match) == 0);
}

const struct profile_identity *profile_identity_find(const struct profile *profile,
                                                     const char *type, const char *canonical,
                                                     const char *match) {
    const struct profile_identity *matching = NULL;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if (strcmp(identity->type, type) != 0) {
            continue;
        }
        if (profile_identity_is_told_as(identity, canonical)) {
            return identity;
        }
        if (matching == NULL && strcmp(identity->match, match) == 0) {
            matching = identity;
        }
    }
    return matching;
}
