#pragma once
/* A name, or a part of one, prepared for being compared with others like it. */

#include "server/base/arena.h"
#include "server/identity/similar_letters.h"
#include "server/identity/similar_sound.h"

/* How far two values of one field agree, from nothing known upwards. A field has some of them. */
enum similar_level {
    SIMILAR_UNKNOWN = 0,   /* One of the two is not known: says nothing. */
    SIMILAR_DIFFERENT = 1, /* Nothing in common. */
    SIMILAR_ALIKE = 2,     /* Something in common. */
    SIMILAR_NEAR = 3,      /* A slip of the hand apart. */
    SIMILAR_SOUNDS = 4,    /* Written in another way, or another script. */
    SIMILAR_SAME = 5,
};

enum { SIMILAR_LEVEL_COUNT = 6 };

/* Plain data; the letters are borrowed from an arena. All zero: not known. */
struct similar_name {
    struct similar_letters letters; /* All words, one behind the other. */
    size_t first_count;             /* Of these, those of the first word. */
    struct similar_sound sound;
    uint64_t hash;       /* Of the letters; 0: not known. */
    uint64_t sound_hash; /* Of the consonants, or else of the letters. */
};

/* Prepares a name; `text` may be NULL. What is needed only meanwhile is taken from `scratch`. */
struct similar_name similar_name_of(const char *text, struct arena *scratch, struct arena *arena);

/* The same of words that name_words() made. */
struct similar_name similar_name_of_words(const char *const *words, size_t count,
                                          struct arena *scratch, struct arena *arena);

/* The hash of its sound in the `reading`-th way to say it; 0: there is none. */
uint64_t similar_name_sound(const struct similar_name *name, size_t reading);

/* How far two names agree:
 *  - SAME: as search compares words, spaces apart.
 *  - SOUNDS: they sound the same, within a script or across: similar_sound_agree().
 *  - NEAR: one slip apart (two from eight letters on), or one is the first word of the other.
 *    Across scripts, one consonant of four or more.
 *  - ALIKE: two slips or much in common; an initial or a beginning of three letters: Rob, Robert.
 *    Short names that differ by vowels alone are no more than that: Karim, Karima; محمد, محمود. */
enum similar_level similar_name_compare(const struct similar_name *one,
                                        const struct similar_name *other);
