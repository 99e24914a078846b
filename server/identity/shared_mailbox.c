/* Shared mailboxes. Names are compared as search compares their words, in any order. */

#include "server/identity/shared_mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "server/identity/name_words.h"

static int by_text(const void *a, const void *b) {
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static const char *value_of(const char *match, const char *birth_date, const char *name,
                            struct arena *arena) {
    const char *const *words = NULL;
    const size_t count = name_words(name, arena, &words);
    if (birth_date == NULL || birth_date[0] == '\0' || count == 0) {
        return NULL;
    }
    const char **sorted = arena_array(arena, count, sizeof *sorted);
    memcpy(sorted, words, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_text);
    const char *value = arena_format(arena, "%s\n%s\n", match, birth_date);
    for (size_t i = 0; i < count; i++) {
        value = arena_format(arena, "%s %s", value, sorted[i]);
    }
    return value;
}

/* A name that was told, or what the given and the family name make. */
static const char *name_of(const char *told, const char *given, const char *family,
                           struct arena *arena) {
    return told[0] != '\0' ? told
                           : arena_format(arena, "%s %s", given == NULL ? "" : given,
                                          family == NULL ? "" : family);
}

const char *shared_mailbox_of_record(const struct record *record,
                                     const struct record_identity *identity, struct arena *arena) {
    return value_of(identity->match, record_attribute_value(record, ATTRIBUTE_BIRTH_DATE),
                    name_of(record->name, record_attribute_value(record, ATTRIBUTE_GIVEN_NAME),
                            record_attribute_value(record, ATTRIBUTE_FAMILY_NAME), arena),
                    arena);
}

static const char *attribute_of(const struct profile *profile, enum attribute attribute) {
    const struct profile_attribute *found =
        profile_attribute_find(profile, attribute_kind_of(attribute)->name);
    return found == NULL ? NULL : found->value;
}

const char *shared_mailbox_of_profile(const struct profile *profile,
                                      const struct profile_identity *identity,
                                      struct arena *arena) {
    return value_of(identity->match, attribute_of(profile, ATTRIBUTE_BIRTH_DATE),
                    name_of(profile->name_derived ? "" : profile->name,
                            attribute_of(profile, ATTRIBUTE_GIVEN_NAME),
                            attribute_of(profile, ATTRIBUTE_FAMILY_NAME), arena),
                    arena);
}
