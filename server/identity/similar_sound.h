#pragma once
/* How a name sounds, whether Arabic or Latin letters write it: محمد, Mohammed and Muhamad are one
 * sound, حسن (Hassan) and حسين (Hussein) are two. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIMILAR_SOUND_MAX = 20,     /* Consonants; what is longer is cut. */
    SIMILAR_READINGS_COUNT = 3, /* Ways to say a name; most have one. */
};

enum similar_script {
    SIMILAR_SCRIPT_OTHER, /* Neither, or letters of others among them: no sound. */
    SIMILAR_SCRIPT_LATIN,
    SIMILAR_SCRIPT_ARABIC,
};

/* A skeleton of consonants, with what stands before, between and behind them. Plain data. */
struct similar_sound {
    enum similar_script script;
    uint8_t count;                         /* Consonants; 0: no sound. */
    char consonants[SIMILAR_SOUND_MAX];    /* Of the classes below, one character each. */
    uint8_t vowels[SIMILAR_SOUND_MAX + 1]; /* vowels[i] stands before consonant i. */
};

/* The sound of a name's words, as name_words() makes them, read as one word.
 *
 *  1. Articles between words (al, el, and ar-, as- and so on before their letter) and the links
 * bin, ibn, bint are left out; so are al and el at the beginning of a word of six letters or more,
 *     and after abd: عبد الرحمن, عبدالرحمن, Abdul Rahman, Abdurrahman and Abdel-Rahman are one.
 *  2. Consonants are of one class where the scripts or their transliterations mix them: j g gh ج غ;
 *     k q c ك ق; kh خ; h ح ه; t th ت ط; d dh د ض; s c س ص; sh ch ش; z ز; b p ب; f v ph ف.
 *     Latin doubles are one; h behind t, d, s or k is part of them in either script. Three letters
 *     are said and written in several ways: ث as t, th or s; ذ as d, dh, z or th; ظ as z, d, dh or
 *     th: معاذ is Muadh, Moaz and Muath, which are not one another's spelling.
 *  3. و and ي, w and y, are consonants at the beginning and vowels elsewhere. A final h is none.
 *  4. Vowels are a, e, i, u and their mixtures, short or long. Arabic writes the long ones only. */
void similar_sound_make(const char *const *words, size_t count, struct similar_sound *out);

/* Whether two names can be the same by their sound: the consonants can be equal, and no vowels
 * between them exclude each other. Names without a sound agree with nothing; one consonant alone is
 * too little within a script. */
bool similar_sound_agree(const struct similar_sound *one, const struct similar_sound *other);

/* Whether the consonants can be equal, whatever the vowels. */
bool similar_sound_same_consonants(const struct similar_sound *one,
                                   const struct similar_sound *other);

/* A number for the consonants in the `reading`-th way to say them, 0 to SIMILAR_READINGS_COUNT - 1;
 * 0 when there is no sound, or no further way. Names that agree share a number, but for those of
 * several letters that are said in several ways. */
uint64_t similar_sound_hash(const struct similar_sound *sound, size_t reading);

/* A consonant as it is said in the `reading`-th way, of those that have fewer in their last. */
char similar_sound_consonant(const struct similar_sound *sound, size_t position, size_t reading);
