#pragma once
/* Invented people: who they are follows from their number alone. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PERSON_TEXT_SIZE = 96, PEOPLE_MAX = 20000000 };

struct person {
    uint64_t number;
    bool writes_arabic;
    char name[PERSON_TEXT_SIZE];  /* As they write it. */
    char given[PERSON_TEXT_SIZE]; /* In Latin letters, for addresses and handles. */
    char email[PERSON_TEXT_SIZE];
    char phone[PERSON_TEXT_SIZE];    /* International. */
    char national[PERSON_TEXT_SIZE]; /* The same in the form of its country, in Arabic-Indic digits
                                        for some. */
    char handle[PERSON_TEXT_SIZE];   /* On social networks. */
    const char *country;             /* ISO 3166-1. */
    const char *city;
    const char *gender;
    const char *dialect; /* "" for those who write English. */
    const char *sub_dialect;
};

/* A random number that follows from the state, which it changes (SplitMix64). */
uint64_t sample_next(uint64_t *state);
size_t sample_below(uint64_t *state, size_t count);

/* `number` is below PEOPLE_MAX: telephone numbers end there. */
void person_make(uint64_t seed, uint64_t number, struct person *out);
