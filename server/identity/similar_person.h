#pragma once
/* A person prepared for being compared with others: the features of a profile. Made once for each
 * profile, compared many times. */

#include "server/base/arena.h"
#include "server/base/id.h"
#include "server/identity/similar_contact.h"
#include "server/identity/similar_date.h"
#include "server/identity/similar_name.h"
#include "server/store/profile.h"

enum {
    SIMILAR_CONTACTS_MAX = 5, /* Of each kind; the first ones of the profile. */
    SIMILAR_ACCOUNTS_MAX = 16,
};

/* Plain data; arrays and letters are borrowed from an arena. What is not known is all zero. */
struct similar_person {
    struct id id;
    struct similar_name given;
    struct similar_name family;
    struct similar_date birth;
    struct similar_name city;
    struct similar_name company;
    uint64_t country; /* Hashes of canonical values. */
    uint64_t gender;
    size_t email_count;
    struct similar_email *emails;
    size_t phone_count;
    struct similar_letters *phones; /* Of telephones and WhatsApp. */
    size_t national_id_count;
    struct similar_letters *national_ids;
    size_t account_count;
    uint64_t *accounts; /* Hashes of (type, value) of the accounts in networks and systems. */
};

/* Prepares a profile. Given and family name are the attributes, and where one is missing the first
 * and the last word of a name that somebody told. Identities that are blocked identify nobody and
 * are left out; those that are contact data for another reason count, since they are what a veto
 * kept apart. External and anonymous ids are no evidence: two records of one system differ in them
 * by making, and they follow each other. What is needed only meanwhile is taken from `scratch`,
 * which may be reset after each profile. */
void similar_person_of(const struct profile *profile, struct arena *scratch, struct arena *arena,
                       struct similar_person *out);
