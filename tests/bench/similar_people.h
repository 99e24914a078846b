#pragma once
/* Invented profiles for the cost of finding similar ones: people with names, birth dates, cities,
 * an address and a telephone, a tenth of them there twice with slips of the hand. */

#include "server/store/profile.h"

/* Every SIMILAR_PEOPLE_TWICE-th profile is the one before it once more. */
enum { SIMILAR_PEOPLE_TWICE = 10 };

/* The same number is the same profile, in every run. Allocated from the arena. */
const struct profile *similar_people_profile(uint64_t number, struct arena *arena);

/* The person that it is of: two profiles of one person have one number here. */
uint64_t similar_people_person(uint64_t number);
