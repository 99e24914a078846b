#pragma once
/* Blocking: only people who share a key are compared. A key is a number made of facts that the same
 * person's records are likely to share, and other people's are not. */

#include <stdint.h>

#include "server/identity/similar_person.h"

enum { SIMILAR_KEYS_MAX = 64 }; /* Keys of one person. */

/* The keys of a person, each once; returns how many. Of these facts, as far as they are known:
 *  - the birth date;
 *  - both names by their sound, in either order, and in each way to say them;
 *  - either name by its sound, with the year of birth, with its month and day, and with the city;
 *  - the same with the other's initial, with the month, with the day, and with the city;
 *  - of each e-mail address, what is before the @, and its first four letters with the domain;
 *  - of each account, itself;
 *  - of a national id and of two telephone numbers (their last nine digits), what is left when any
 *    one character is left out: two of one slip share one of these. */
size_t similar_keys(const struct similar_person *person, uint64_t keys[SIMILAR_KEYS_MAX]);
