/* Names compared. From the surest to the vaguest: the first that holds is the level. */

#include "server/identity/similar_name.h"

#include <string.h>

#include "server/identity/name_words.h"
#include "server/identity/text.h"

enum {
    ONE_SLIP_MIN = 4,      /* Letters of the shorter name from which one slip is near. */
    TWO_SLIPS_MIN = 8,     /* … two slips are. */
    TWO_SLIPS_ALIKE = 5,   /* … two slips are alike. */
    LIKENESS_MIN = 4,      /* … likeness tells something. */
    BEGINNING_MIN = 3,     /* … a beginning does. */
    VOWELS_TELL_BELOW = 6, /* Letters below which other vowels make another name. */
    CONSONANTS_MIN = 4,    /* Consonants from which one may differ across scripts. */
};

static const double likeness_least = 0.86;

struct similar_name similar_name_of_words(const char *const *words, size_t count,
                                          struct arena *scratch, struct arena *arena) {
    struct similar_name name = {0};
    const char *joined = "";
    for (size_t i = 0; i < count; i++) {
        joined = i == 0 ? words[0] : arena_format(scratch, "%s%s", joined, words[i]);
    }
    if (*joined == '\0') {
        return name;
    }
    name.letters = similar_letters_of(joined, arena);
    name.first_count = text_length(words[0]);
    name.hash = similar_letters_hash(name.letters, 0);
    similar_sound_make(words, count, &name.sound);
    name.sound_hash = similar_sound_hash(&name.sound, 0);
    name.sound_hash = name.sound_hash != 0 ? name.sound_hash : name.hash;
    return name;
}

uint64_t similar_name_sound(const struct similar_name *name, size_t reading) {
    return reading == 0 ? name->sound_hash : similar_sound_hash(&name->sound, reading);
}

struct similar_name similar_name_of(const char *text, struct arena *scratch, struct arena *arena) {
    if (text == NULL) {
        return (struct similar_name){0};
    }
    const char *const *words = NULL;
    const size_t count = name_words(text, scratch, &words);
    return similar_name_of_words(words, count, scratch, arena);
}

/* How many consonants differ, 2 for more than one; in whichever way to say both they differ least.
 */
static size_t consonants_distance(const struct similar_sound *one,
                                  const struct similar_sound *other) {
    size_t least = 2;
    for (size_t reading = 0; reading < SIMILAR_READINGS_COUNT; reading++) {
        int32_t letters[2][SIMILAR_SOUND_MAX];
        for (size_t i = 0; i < one->count; i++) {
            letters[0][i] = (unsigned char)similar_sound_consonant(one, i, reading);
        }
        for (size_t i = 0; i < other->count; i++) {
            letters[1][i] = (unsigned char)similar_sound_consonant(other, i, reading);
        }
        const size_t distance =
            similar_letters_distance((struct similar_letters){letters[0], one->count},
                                     (struct similar_letters){letters[1], other->count}, 1);
        least = distance < least ? distance : least;
    }
    return least;
}

static enum similar_level compare_across_scripts(const struct similar_sound *one,
                                                 const struct similar_sound *other) {
    if (similar_sound_agree(one, other)) {
        return SIMILAR_SOUNDS;
    }
    if (one->count < CONSONANTS_MIN || other->count < CONSONANTS_MIN) {
        return SIMILAR_DIFFERENT;
    }
    const size_t distance = consonants_distance(one, other);
    return distance == 1 ? SIMILAR_NEAR : distance == 0 ? SIMILAR_ALIKE : SIMILAR_DIFFERENT;
}

/* Whether the longer one begins with the first word of the shorter, which is all of it. */
static bool is_first_word(const struct similar_name *shorter, const struct similar_name *longer) {
    return shorter->letters.count >= BEGINNING_MIN &&
           longer->first_count == shorter->letters.count &&
           similar_letters_start_with(longer->letters, shorter->letters);
}

static enum similar_level compare_letters(const struct similar_name *shorter,
                                          const struct similar_name *longer) {
    const size_t count = shorter->letters.count;
    const size_t slips = similar_letters_distance(shorter->letters, longer->letters, 2);
    if ((slips <= 1 && count >= ONE_SLIP_MIN) || (slips <= 2 && count >= TWO_SLIPS_MIN) ||
        is_first_word(shorter, longer)) {
        return SIMILAR_NEAR;
    }
    if ((slips <= 2 && count >= TWO_SLIPS_ALIKE) ||
        ((count == 1 || count >= BEGINNING_MIN) &&
         similar_letters_start_with(longer->letters, shorter->letters)) ||
        (count >= LIKENESS_MIN &&
         similar_letters_likeness(shorter->letters, longer->letters) >= likeness_least)) {
        return SIMILAR_ALIKE;
    }
    return SIMILAR_DIFFERENT;
}

enum similar_level similar_name_compare(const struct similar_name *one,
                                        const struct similar_name *other) {
    if (one->hash == 0 || other->hash == 0) {
        return SIMILAR_UNKNOWN;
    }
    if (one->hash == other->hash && similar_letters_equal(one->letters, other->letters)) {
        return SIMILAR_SAME;
    }
    const enum similar_script script = one->sound.script;
    if (script != other->sound.script && script != SIMILAR_SCRIPT_OTHER &&
        other->sound.script != SIMILAR_SCRIPT_OTHER) {
        return compare_across_scripts(&one->sound, &other->sound);
    }
    if (similar_sound_agree(&one->sound, &other->sound)) {
        return SIMILAR_SOUNDS;
    }
    const bool is_shorter = one->letters.count <= other->letters.count;
    const struct similar_name *shorter = is_shorter ? one : other;
    const enum similar_level level = compare_letters(shorter, is_shorter ? other : one);
    const bool vowels_tell =
        script == SIMILAR_SCRIPT_ARABIC || shorter->letters.count < VOWELS_TELL_BELOW;
    if (level == SIMILAR_NEAR && vowels_tell &&
        similar_sound_same_consonants(&one->sound, &other->sound)) {
        return SIMILAR_ALIKE;
    }
    return level;
}
