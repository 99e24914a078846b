/* Features of profiles. */

#include "server/identity/similar_person.h"

#include <string.h>

#include "server/identity/attribute.h"
#include "server/identity/identity_rule.h"
#include "server/identity/name_words.h"

/* ---- names ---- */

static const char *value_of(const struct profile *profile, enum attribute attribute) {
    const struct profile_attribute *found =
        profile_attribute_find(profile, attribute_kind_of(attribute)->name);
    return found == NULL ? NULL : found->value;
}

static uint64_t hash_of(const char *value) {
    if (value == NULL) {
        return 0;
    }
    uint64_t hash = 0;
    for (const char *at = value; *at != '\0'; at++) {
        hash = similar_hash((uint64_t)(unsigned char)*at, hash);
    }
    return hash;
}

/* Takes what is missing of given and family name from a name that somebody told. A single word is
 * a given name, where that is missing. */
static void names_of(const struct profile *profile, struct arena *scratch, struct arena *arena,
                     struct similar_person *out) {
    out->given = similar_name_of(value_of(profile, ATTRIBUTE_GIVEN_NAME), scratch, arena);
    out->family = similar_name_of(value_of(profile, ATTRIBUTE_FAMILY_NAME), scratch, arena);
    if (profile->name_derived || profile->name == NULL ||
        (out->given.hash != 0 && out->family.hash != 0)) {
        return;
    }
    const char *const *words = NULL;
    const size_t count = name_words(profile->name, scratch, &words);
    if (count == 0) {
        return;
    }
    const struct similar_name first = similar_name_of_words(words, 1, scratch, arena);
    const struct similar_name last = similar_name_of_words(words + count - 1, 1, scratch, arena);
    if (out->given.hash == 0 && out->family.hash == 0) {
        out->given = first;
        out->family = count > 1 ? last : out->family;
    } else if (out->given.hash == 0) {
        out->given = first.hash != out->family.hash ? first : out->given;
    } else if (count > 1) {
        out->family = last.hash != out->given.hash ? last : out->family;
    }
}

/* ---- identities ---- */

static bool is_evidence(const struct profile_identity *identity) {
    switch ((enum identity_rule)identity->rule) {
    case IDENTITY_RULE_BLOCKED_VALUE:
    case IDENTITY_RULE_BLOCKED_REPEATED:
    case IDENTITY_RULE_BLOCKED_SHORT:
    case IDENTITY_RULE_BLOCKED_ROLE_MAILBOX:
    case IDENTITY_RULE_BLOCKED_PATTERN:
        return false;
    case IDENTITY_RULE_NONE:
    case IDENTITY_RULE_TYPE_NOT_MATCHING:
    case IDENTITY_RULE_OVER_LIMIT:
    case IDENTITY_RULE_VETO_BIRTH_DATE:
    case IDENTITY_RULE_VETO_GENDER:
    case IDENTITY_RULE_VETO_GIVEN_NAME:
    case IDENTITY_RULE_VETO_SINGLE_VALUE:
    case IDENTITY_RULE_MERGE_TYPE:
    case IDENTITY_RULE_MERGE_PROVENANCE:
    case IDENTITY_RULE_MERGE_LIMIT:
    case IDENTITY_RULE_NEVER_JOIN:
    case IDENTITY_RULE_TYPE_DISABLED:
    case IDENTITY_RULE_OWNED_ELSEWHERE:
    case IDENTITY_RULE_SIMILAR:
        break;
    }
    return true;
}

static void add_phone(struct similar_person *out, const char *canonical, struct arena *arena) {
    const struct similar_letters phone = similar_phone_of(canonical, arena);
    bool is_new = out->phone_count < SIMILAR_CONTACTS_MAX;
    for (size_t i = 0; i < out->phone_count && is_new; i++) {
        is_new = !similar_letters_equal(out->phones[i], phone);
    }
    if (is_new) {
        out->phones = arena_append(arena, out->phones, out->phone_count, sizeof phone);
        out->phones[out->phone_count++] = phone;
    }
}

static void add_identity(struct similar_person *out, const struct profile_identity *identity,
                         struct arena *arena) {
    const char *type = identity->type;
    if (strcmp(type, "email") == 0) {
        if (out->email_count < SIMILAR_CONTACTS_MAX) {
            out->emails = arena_append(arena, out->emails, out->email_count, sizeof *out->emails);
            out->emails[out->email_count++] = similar_email_of(identity->canonical, arena);
        }
    } else if (strcmp(type, "phone") == 0 || strcmp(type, "whatsapp") == 0) {
        add_phone(out, identity->canonical, arena);
    } else if (strcmp(type, "national_id") == 0) {
        if (out->national_id_count < SIMILAR_CONTACTS_MAX) {
            out->national_ids = arena_append(arena, out->national_ids, out->national_id_count,
                                             sizeof *out->national_ids);
            out->national_ids[out->national_id_count++] =
                similar_letters_of(identity->canonical, arena);
        }
    } else if (strcmp(type, "external_id") != 0 && strcmp(type, "anonymous_id") != 0 &&
               out->account_count < SIMILAR_ACCOUNTS_MAX) {
        out->accounts =
            arena_append(arena, out->accounts, out->account_count, sizeof *out->accounts);
        out->accounts[out->account_count++] =
            similar_hash(hash_of(identity->canonical), hash_of(type));
    }
}

void similar_person_of(const struct profile *profile, struct arena *scratch, struct arena *arena,
                       struct similar_person *out) {
    *out = (struct similar_person){.id = profile->id};
    names_of(profile, scratch, arena, out);
    out->birth = similar_date_of(value_of(profile, ATTRIBUTE_BIRTH_DATE));
    out->city = similar_name_of(value_of(profile, ATTRIBUTE_CITY), scratch, arena);
    out->company = similar_name_of(value_of(profile, ATTRIBUTE_COMPANY), scratch, arena);
    out->country = hash_of(value_of(profile, ATTRIBUTE_COUNTRY));
    out->gender = hash_of(value_of(profile, ATTRIBUTE_GENDER));
    for (size_t i = 0; i < profile->identity_count; i++) {
        if (is_evidence(&profile->identities[i])) {
            add_identity(out, &profile->identities[i], arena);
        }
    }
}
