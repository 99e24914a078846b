#pragma once
/* E-mail addresses, telephone numbers and national ids compared for being nearly the same: what the
 * exact lookup of identities cannot join. Canonical values; a person may have several. */

#include "server/base/arena.h"
#include "server/identity/similar_name.h"

/* An address. Plain data; the letters are borrowed from an arena. */
struct similar_email {
    struct similar_letters whole;
    size_t local_count;   /* Letters before the @. */
    uint64_t digits_hash; /* Of the digits before the @, in their order. */
};

struct similar_email similar_email_of(const char *canonical, struct arena *arena);

/* How far two lists of addresses agree, by the best pair:
 *  - SAME: one is equal. The exact lookup found it, and a veto or a rule kept them apart.
 *  - NEAR: slips apart, one and one more for ten letters, but no other digits before the @: user1
 *    and user2 are two people.
 *  - ALIKE: the same from five letters on before the @, elsewhere; or near with other digits. */
enum similar_level similar_emails_compare(const struct similar_email *ones, size_t one_count,
                                          const struct similar_email *others, size_t other_count);

/* A telephone number in E.164, without its +. */
struct similar_letters similar_phone_of(const char *canonical, struct arena *arena);

/* How far two lists of numbers agree, by the best pair:
 *  - SAME: one is equal.
 *  - NEAR: one slip apart, or the last nine digits are equal: another country code. */
enum similar_level similar_phones_compare(const struct similar_letters *ones, size_t one_count,
                                          const struct similar_letters *others, size_t other_count);

/* How far two lists of national ids agree, by the best pair:
 *  - SAME: one is equal.
 *  - NEAR: one slip apart, six characters or more. */
enum similar_level similar_ids_compare(const struct similar_letters *ones, size_t one_count,
                                       const struct similar_letters *others, size_t other_count);
