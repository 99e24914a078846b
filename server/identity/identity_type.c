/* The built-in identity types: the one table of defaults that a workspace starts with. Other files
 * read the rules from here and name no type of their own accord. */

#include "server/identity/identity_type.h"

#include <assert.h>
#include <string.h>

/* What is the same for all, and why:
 * - a birth date that differs vetoes: of all facts that records bring along, it told apart the most
 *   people who share a mailbox or a telephone;
 * - ATTESTED suffices to join two profiles: what a CRM or a channel says is taken as true until a
 *   workspace asks for more;
 * - min_length is 1: the ids of real systems are `1`, `2`, `3`. Placeholders are block.h's to find,
 *   and a workspace whose ids are long raises the minimum. */
#define COMMON                                                                                     \
    .min_length = 1, .match = true, .merge = true, .merge_provenance = PROVENANCE_ATTESTED,        \
    .vetoes = IDENTITY_VETO_BIRTH_DATE

static const struct identity_type builtin[] = {
    /* One person has one of each: another value vetoes. */
    {"external_id", NORMALIZER_EXACT, .limit = 1, .priority = 1, COMMON},
    {"national_id", NORMALIZER_CASE_FOLD, .limit = 1, .priority = 2, COMMON},

    {"email", NORMALIZER_EMAIL, .limit = 5, .priority = 3, COMMON, .block_role_mailboxes = true},
    {"phone", NORMALIZER_PHONE, .limit = 5, .priority = 4, COMMON},
    {"whatsapp", NORMALIZER_PHONE, .limit = 5, .priority = 5, COMMON, .match_as = "phone"},

    {"twitter", NORMALIZER_HANDLE, .limit = 5, .priority = 6, COMMON, .fold_case = true},
    {"facebook", NORMALIZER_HANDLE, .limit = 5, .priority = 7, COMMON, .fold_case = true},
    {"instagram", NORMALIZER_HANDLE, .limit = 5, .priority = 8, COMMON, .fold_case = true},
    {"tiktok", NORMALIZER_HANDLE, .limit = 5, .priority = 9, COMMON, .fold_case = true},
    {"linkedin", NORMALIZER_HANDLE, .limit = 5, .priority = 10, COMMON, .fold_case = true},

    /* Ids that these systems make: compared as they are. */
    {"google_business", NORMALIZER_EXACT, .limit = 5, .priority = 11, COMMON},
    {"intercom", NORMALIZER_EXACT, .limit = 5, .priority = 12, COMMON},
    {"genesys", NORMALIZER_EXACT, .limit = 5, .priority = 13, COMMON},

    /* Devices and browsers: many a person. One that is seen with two people's ids joins nobody,
     * since those ids outrank it and veto; one that is seen alone first joins its person later. */
    {"anonymous_id", NORMALIZER_EXACT, .limit = 50, .priority = 14, COMMON},
};

static_assert(sizeof builtin / sizeof builtin[0] == IDENTITY_TYPES_BUILTIN,
              "every built-in type has its row");

struct identity_type identity_type_own(const char *name, enum normalizer normalizer) {
    enum { OWN_LIMIT = 5, OWN_PRIORITY = 100 }; /* Behind all that are built in. */
    return (struct identity_type){.name = name,
                                  .normalizer = normalizer,
                                  .limit = OWN_LIMIT,
                                  .priority = OWN_PRIORITY,
                                  COMMON,
                                  .block_role_mailboxes = normalizer == NORMALIZER_EMAIL,
                                  .fold_case = normalizer == NORMALIZER_HANDLE};
}

bool identity_type_name_is_good(const char *name) {
    const size_t size = strlen(name);
    return size > 0 && size <= IDENTITY_TYPE_NAME_SIZE_MAX && *name >= 'a' && *name <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == size;
}

void identity_type_email_form_set(struct identity_type *type, uint32_t form) {
    assert(form < EMAIL_FORM_COUNT);
    if (form != type->email_form) {
        type->email_forms_before |= UINT32_C(1) << type->email_form;
        type->email_form = form;
    }
}

static bool lists_are_same(const char *const *list, size_t count, const char *const *other,
                           size_t other_count) {
    bool same = count == other_count;
    for (size_t i = 0; same && i < count; i++) {
        same = strcmp(list[i], other[i]) == 0;
    }
    return same;
}

bool identity_types_block_alike(const struct identity_type *one,
                                const struct identity_type *other) {
    return one->min_length == other->min_length &&
           one->block_role_mailboxes == other->block_role_mailboxes &&
           one->email_form == other->email_form &&
           lists_are_same(one->blocked, one->blocked_count, other->blocked, other->blocked_count) &&
           lists_are_same(one->patterns, one->pattern_count, other->patterns, other->pattern_count);
}

bool identity_types_are_alike(const struct identity_type *one, const struct identity_type *other) {
    return strcmp(one->name, other->name) == 0 && one->normalizer == other->normalizer &&
           one->limit == other->limit && one->priority == other->priority &&
           one->disabled == other->disabled && one->match == other->match &&
           one->merge == other->merge && one->merge_provenance == other->merge_provenance &&
           one->vetoes == other->vetoes && one->fold_case == other->fold_case &&
           identity_types_block_alike(one, other);
}

const struct identity_type *identity_types_builtin(size_t *count) {
    *count = IDENTITY_TYPES_BUILTIN;
    return builtin;
}

const struct identity_type *identity_type_builtin(const char *name) {
    for (size_t i = 0; i < IDENTITY_TYPES_BUILTIN; i++) {
        if (strcmp(builtin[i].name, name) == 0) {
            return &builtin[i];
        }
    }
    return NULL;
}

const char *identity_type_match_name(const struct identity_type *type) {
    return type->match_as != NULL ? type->match_as : type->name;
}

const char *identity_match_name(const char *type) {
    const struct identity_type *builtin_type = identity_type_builtin(type);
    return builtin_type == NULL ? type : identity_type_match_name(builtin_type);
}
