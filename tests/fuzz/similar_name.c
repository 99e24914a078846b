/* Names prepared and compared, out of any bytes: what is before the first line break with what is
 * behind it. */

#include "server/identity/similar_name.h"

#include <assert.h>
#include <string.h>

#include "server/identity/similar_date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds for the sound of any name: it fits, and agrees with itself where it can with anything.
 */
static void check_sound(const struct similar_sound *sound) {
    assert(sound->count <= SIMILAR_SOUND_MAX);
    for (size_t i = 0; i < sound->count; i++) {
        assert(sound->consonants[i] != 0);
    }
    assert(sound->count < 2 || similar_sound_agree(sound, sound));
    assert((similar_sound_hash(sound, 0) == 0) == (sound->count == 0));
}

/* Whether both have a way to say them that is the same by its number. */
static bool share_a_sound(const struct similar_name *one, const struct similar_name *other) {
    for (size_t i = 0; i < SIMILAR_READINGS_COUNT; i++) {
        for (size_t k = 0; k < SIMILAR_READINGS_COUNT; k++) {
            const uint64_t hash = similar_name_sound(one, i);
            if (hash != 0 && hash == similar_name_sound(other, k)) {
                return true;
            }
        }
    }
    return false;
}

/* Letters that are said in several ways; two of them may be said each in another. */
static size_t count_ambiguous(const struct similar_name *name) {
    size_t count = 0;
    for (size_t i = 0; i < name->sound.count; i++) {
        count += similar_sound_consonant(&name->sound, i, 0) !=
                 similar_sound_consonant(&name->sound, i, 1);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_init(&arena, 1 << 20);
    char *one = arena_string(&arena, bytes_of(data, size));
    char *other = strchr(one, '\n');
    if (other != NULL) {
        *other++ = '\0';
    }
    const struct similar_name names[] = {similar_name_of(one, &arena, &arena),
                                         similar_name_of(other, &arena, &arena)};
    for (size_t i = 0; i < 2; i++) {
        check_sound(&names[i].sound);
        assert(names[i].letters.count <= SIMILAR_LETTERS_MAX);
        assert((names[i].hash == 0) == (names[i].letters.count == 0));
        assert(similar_name_compare(&names[i], &names[i]) ==
               (names[i].hash == 0 ? SIMILAR_UNKNOWN : SIMILAR_SAME));
    }
    const enum similar_level level = similar_name_compare(&names[0], &names[1]);
    assert(level == similar_name_compare(&names[1], &names[0]));
    assert(level != SIMILAR_SOUNDS || share_a_sound(&names[0], &names[1]) ||
           count_ambiguous(&names[0]) + count_ambiguous(&names[1]) > 1);
    const double likeness = similar_letters_likeness(names[0].letters, names[1].letters);
    assert(likeness >= 0 && likeness <= 1.000001);
    const struct similar_date date = similar_date_of(one);
    const enum similar_level itself = similar_date_compare(&date, &date);
    assert(itself == SIMILAR_SAME || itself == SIMILAR_UNKNOWN);
    arena_free(&arena);
    return 0;
}
