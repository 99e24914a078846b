/* Sounds of names. The words become one row of letters, in which the beginnings of parts are
 * marked; it is read once from left to right, consonants into their classes, what lies between them
 * into sets of vowels. */

#include "server/identity/similar_sound.h"

#include <string.h>

#include "server/identity/similar_letters.h"
#include "server/identity/text.h"

/* What stands between two consonants. */
enum {
    VOWEL_A = 1,
    VOWEL_E = 2, /* A single e: written for a and i, and mute at the end. */
    VOWEL_I = 4,
    VOWEL_U = 8,
    VOWEL_LONG = 16,
    VOWEL_ANY = 32,   /* An alef or ain that begins a word: some vowel. */
    VOWEL_MAYBE = 64, /* An ain or a hamza within a word: a short vowel, a, or none. */
    VOWEL_KINDS = VOWEL_A | VOWEL_E | VOWEL_I | VOWEL_U,
};

enum { LETTERS_MAX = 48, ARTICLE_WORD_MIN = 6 };

/* Classes of what is said or written in several ways. */
enum { CLASS_TH = '0', CLASS_THEH = '1', CLASS_THAL = '2', CLASS_ZAH = '3' };

/* The letters of a name. */
struct row {
    int32_t letters[LETTERS_MAX + 1]; /* A 0 at the end. */
    bool starts[LETTERS_MAX + 1];     /* A word, or a part of one, begins here. */
    size_t count;
};

/* ---- words ---- */

static bool is_one_of(const char *word, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Words that say nothing where they stand before another one. */
static bool is_article(const char *word, const char *next) {
    static const char *const articles[] = {"al", "el", "ul", "ال"};
    static const char *const assimilated[] = {"ad", "an", "ar", "as", "ash", "at", "az"};
    if (is_one_of(word, articles, sizeof articles / sizeof *articles)) {
        return true;
    }
    return is_one_of(word, assimilated, sizeof assimilated / sizeof *assimilated) &&
           word[1] == next[0];
}

static bool is_link(const char *word) {
    static const char *const links[] = {"bin", "ben", "ibn", "bint", "bn", "بن", "ابن", "بنت"};
    return is_one_of(word, links, sizeof links / sizeof *links);
}

static void row_add(struct row *row, const char *word) {
    const bool has_article = (strncmp(word, "al", 2) == 0 || strncmp(word, "el", 2) == 0) &&
                             text_length(word) >= ARTICLE_WORD_MIN;
    const size_t first = row->count;
    for (const char *cursor = has_article ? word + 2 : word;
         *cursor != '\0' && row->count < LETTERS_MAX;) {
        row->letters[row->count++] = text_next(&cursor);
    }
    row->starts[first] = true;
}

static void row_make(const char *const *words, size_t count, struct row *row) {
    *row = (struct row){0};
    for (size_t i = 0; i < count; i++) {
        const bool is_last = i + 1 == count;
        const bool is_left_out =
            !is_last && (is_article(words[i], words[i + 1]) || (i > 0 && is_link(words[i])));
        if (!is_left_out) {
            row_add(row, words[i]);
        }
    }
    row->letters[row->count] = 0;
}

/* ---- reading ---- */

/* What has been read of a row. */
struct reading {
    const struct row *row;
    size_t at;
    bool at_start; /* A part begins here. */
    uint8_t run;   /* Vowels since the last consonant. */
    struct similar_sound *out;
};

static void add_consonant(struct reading *reading, char consonant) {
    struct similar_sound *out = reading->out;
    if (out->count < SIMILAR_SOUND_MAX) {
        out->vowels[out->count] = reading->run;
        out->consonants[out->count++] = consonant;
    }
    reading->run = 0;
}

static bool is_latin(int32_t letter) { return letter >= 'a' && letter <= 'z'; }

static bool is_vowel(int32_t letter) {
    return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u';
}

static int32_t letter_at(const struct reading *reading, size_t ahead) {
    const size_t at = reading->at + ahead;
    return at < reading->row->count ? reading->row->letters[at] : 0;
}

static bool is_at(const struct reading *reading, const int32_t *letters, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (letter_at(reading, i) != letters[i]) {
            return false;
        }
    }
    return true;
}

/* abd and عبد at the beginning of a part, with the article behind them: true when they were read.
 */
static bool read_abd(struct reading *reading) {
    static const int32_t latin[] = {'a', 'b', 'd'};
    static const int32_t arabic[] = {0x0639, 0x0628, 0x062F}; /* عبد */
    enum { ABD_SIZE = 3 };
    const bool is_abd = is_at(reading, latin, ABD_SIZE);
    if (!is_abd && !is_at(reading, arabic, ABD_SIZE)) {
        return false;
    }
    reading->run |= is_abd ? VOWEL_A : VOWEL_ANY;
    add_consonant(reading, 'b');
    add_consonant(reading, 'd');
    reading->at += ABD_SIZE;
    if (!is_abd) {
        if (letter_at(reading, 0) == 0x0627 && letter_at(reading, 1) == 0x0644) { /* ال */
            reading->at += 2;
            reading->at_start = true;
        }
        return true;
    }
    size_t ahead = 0;
    while (is_vowel(letter_at(reading, ahead))) {
        ahead++;
    }
    const int32_t letter = letter_at(reading, ahead);
    const int32_t next = letter == 0 ? 0 : letter_at(reading, ahead + 1);
    if (letter == 'l' && next != 0) {
        reading->at += ahead + 1;
        reading->at_start = true;
    } else if (letter != 0 && letter == next) { /* Abdurrahman */
        reading->at += ahead;
    }
    return true;
}

/* ---- Latin ---- */

/* The class of a consonant, 0 for what is none; *size is how many letters write it. th has a class
 * of its own, CLASS_TH. */
static char latin_class(int32_t letter, int32_t next, size_t *size) {
    *size = next == 'h' && strchr("kscdgtzp", (int)letter) != NULL ? 2 : 1;
    switch (letter) {
    case 'b':
        return 'b';
    case 'p':
        return *size == 2 ? 'f' : 'b';
    case 'c':
        if (*size == 2) {
            return 'S';
        }
        return next == 'e' || next == 'i' || next == 'y' ? 's' : 'k';
    case 'k':
        return *size == 2 ? 'x' : 'k';
    case 'q':
    case 'x':
        return 'k';
    case 'd':
        *size = next == 'j' ? 2 : *size;
        return next == 'j' ? 'j' : 'd';
    case 'f':
    case 'v':
        return 'f';
    case 'g':
    case 'j':
        return 'j';
    case 's':
        return *size == 2 ? 'S' : 's';
    case 't':
        return *size == 2 ? CLASS_TH : 't';
    case 'h':
    case 'l':
    case 'm':
    case 'n':
    case 'r':
    case 'z':
        return (char)letter;
    default:
        return 0;
    }
}

/* A run of vowels, w and y. */
static void read_latin_run(struct reading *reading) {
    size_t size = 0;
    uint8_t run = 0;
    bool has_pair = false; /* "ou" is how French writes u, short in the first syllable: Mouhamad. */
    for (;; size++) {
        const int32_t letter = letter_at(reading, size);
        const int32_t next = letter_at(reading, size + 1);
        if (letter == 'a' && (next == 0 || strchr("eiyouw", (int)next) == NULL)) {
            run |= VOWEL_A;
        } else if (letter == 'i' || letter == 'y' || (letter == 'e' && next == 'e') ||
                   (letter == 'e' && size > 0 && letter_at(reading, size - 1) == 'a')) {
            run |= VOWEL_I;
        } else if (letter == 'o' || letter == 'u' || letter == 'w') {
            run |= VOWEL_U;
            has_pair = has_pair || (letter == 'o' && next == 'u' && reading->out->count <= 1);
        } else if (letter != 'a' && letter != 'e') {
            break;
        }
    }
    run |= run == 0 ? VOWEL_E : 0;
    run |= size > 2 || (size == 2 && !has_pair) ? VOWEL_LONG : 0;
    reading->run |= run;
    reading->at += size;
}

static void read_latin(struct reading *reading) {
    const int32_t letter = letter_at(reading, 0);
    const int32_t next = letter_at(reading, 1);
    const bool at_start = reading->at_start;
    if (at_start && (letter == 'w' || letter == 'y') && next != 0) {
        add_consonant(reading, (char)letter);
        reading->at++;
        return;
    }
    if (at_start && letter == 'o' && next == 'u' && is_vowel(letter_at(reading, 2))) {
        add_consonant(reading, 'w'); /* Oualid */
        reading->at += 2;
        return;
    }
    if (is_vowel(letter) || letter == 'w' || letter == 'y') {
        read_latin_run(reading);
        return;
    }
    if (letter == next && !reading->row->starts[reading->at + 1]) {
        reading->at++; /* A double: the second one counts. */
        return;
    }
    if (letter == 'h' && next == 0 && reading->run != 0) {
        reading->at++;
        return;
    }
    size_t size = 1;
    const char class = latin_class(letter, next, &size);
    add_consonant(reading, class);
    if (letter == 'x') {
        add_consonant(reading, 's');
    }
    reading->at += size + (letter == 'c' && next == 'k' ? 1 : 0);
}

/* ---- Arabic ---- */

static char arabic_class(int32_t letter) {
    static const struct {
        int32_t letter;
        char class;
    } classes[] = {
        {0x0628, 'b'},       {0x062A, 't'}, {0x062B, CLASS_THEH}, {0x062C, 'j'}, {0x062D, 'h'},
        {0x062E, 'x'},       {0x062F, 'd'}, {0x0630, CLASS_THAL}, {0x0631, 'r'}, {0x0632, 'z'},
        {0x0633, 's'},       {0x0634, 'S'}, {0x0635, 's'},        {0x0636, 'd'}, {0x0637, 't'},
        {0x0638, CLASS_ZAH}, {0x063A, 'j'}, {0x0641, 'f'},        {0x0642, 'k'}, {0x0643, 'k'},
        {0x0644, 'l'},       {0x0645, 'm'}, {0x0646, 'n'},        {0x0647, 'h'}, {0x067E, 'b'},
        {0x0686, 'S'},       {0x0698, 'z'}, {0x06A4, 'f'},        {0x06AF, 'j'}, {0x06BE, 'h'},
        {0x0679, 't'},       {0x0688, 'd'}, {0x0691, 'r'},        {0x06BA, 'n'},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (classes[i].letter == letter) {
            return classes[i].class;
        }
    }
    return 0;
}

/* What a letter of no consonant adds to the run. */
static uint8_t arabic_vowel(const struct reading *reading, int32_t letter) {
    static const int32_t allah[] = {0x0627, 0x0644, 0x0644, 0x0647}; /* الله */
    switch (letter) {
    case 0x0627: /* ا */
        if (reading->at_start) {
            return VOWEL_ANY;
        }
        return is_at(reading, allah, 4) ? VOWEL_MAYBE : VOWEL_A | VOWEL_LONG;
    case 0x0648: /* و */
        return VOWEL_U | VOWEL_LONG;
    case 0x064A: /* ي; at the end it stands for ى too. */
    case 0x06D2: /* ے */
        return letter_at(reading, 1) == 0 ? VOWEL_I | VOWEL_A : VOWEL_I | VOWEL_LONG;
    case 0x0639: /* ع */
        return reading->at_start ? VOWEL_ANY : VOWEL_MAYBE;
    default:
        return VOWEL_MAYBE; /* ء, and letters of no name. */
    }
}

static bool is_arabic_h(int32_t letter) { return letter == 0x062D || letter == 0x0647; }

static void read_arabic(struct reading *reading) {
    const int32_t letter = letter_at(reading, 0);
    const int32_t next = letter_at(reading, 1);
    const int32_t after = next == 0 ? 0 : letter_at(reading, 2);
    if (reading->at_start && next != 0 && (letter == 0x0648 || letter == 0x064A)) {
        add_consonant(reading, letter == 0x0648 ? 'w' : 'y');
        reading->at++;
        return;
    }
    char class = arabic_class(letter);
    if (is_arabic_h(letter) && next == 0 && reading->out->count > 0) {
        reading->run |= letter == 0x0647 ? VOWEL_A : VOWEL_MAYBE; /* ة and ه; ح */
        reading->at++;
        return;
    }
    if (class == 0) {
        reading->run |= arabic_vowel(reading, letter);
        reading->at++;
        return;
    }
    size_t size = 1;
    if (is_arabic_h(next) && after != 0 &&
        (class == 't' || class == 'd' || class == 's' || letter == 0x0643)) {
        class = class == 's' ? 'S' : class == 'k' ? 'x' : class; /* As Latin th, dh, sh and kh. */
        size = 2;
    } else if (letter == 0x0644 && next == 0x0644 && after == 0x0647 &&
               letter_at(reading, 3) == 0) {
        size = 2; /* The end of Allah, whose l is said once. */
    }
    add_consonant(reading, class);
    reading->at += size;
}

/* ---- the sound ---- */

/* Whose letters the row has; digits count for nothing. */
static enum similar_script row_script(const struct row *row) {
    enum similar_script script = SIMILAR_SCRIPT_OTHER;
    for (size_t i = 0; i < row->count; i++) {
        const int32_t letter = row->letters[i];
        if (is_latin(letter)) {
            script = script == SIMILAR_SCRIPT_OTHER ? SIMILAR_SCRIPT_LATIN : script;
        } else if (letter >= 0x0600 && letter <= 0x06FF) {
            script = SIMILAR_SCRIPT_ARABIC;
        } else if (letter < '0' || letter > '9') {
            return SIMILAR_SCRIPT_OTHER;
        }
    }
    return script;
}

void similar_sound_make(const char *const *words, size_t count, struct similar_sound *out) {
    *out = (struct similar_sound){0};
    struct row row;
    row_make(words, count, &row);
    out->script = row_script(&row);
    if (out->script == SIMILAR_SCRIPT_OTHER) {
        return;
    }
    struct reading reading = {.row = &row, .out = out};
    while (reading.at < row.count) { /* Every step moves on. */
        reading.at_start = reading.at_start || row.starts[reading.at];
        if (reading.at_start && read_abd(&reading)) {
            continue;
        }
        const int32_t letter = letter_at(&reading, 0);
        if (letter >= '0' && letter <= '9') {
            reading.at++;
        } else if (is_latin(letter)) {
            read_latin(&reading);
        } else {
            read_arabic(&reading);
        }
        reading.at_start = false;
    }
    out->vowels[out->count] = reading.run;
}

/* ---- comparing ---- */

/* Whether both can be the same vowels. */
static bool vowels_agree(unsigned one, unsigned other) {
    const unsigned one_kinds = one & VOWEL_KINDS;
    const unsigned other_kinds = other & VOWEL_KINDS;
    if (one_kinds == 0 && other_kinds == 0) {
        return (one & VOWEL_ANY) == (other & VOWEL_ANY);
    }
    if (one_kinds == 0 || other_kinds == 0) {
        const unsigned absent = one_kinds == 0 ? one : other;
        const unsigned present = one_kinds == 0 ? other : one;
        if ((absent & VOWEL_ANY) != 0 || (present & VOWEL_LONG) == 0) {
            return true;
        }
        return (absent & VOWEL_MAYBE) != 0 && (present & VOWEL_A) != 0;
    }
    const unsigned open = VOWEL_A | VOWEL_I;
    return (one_kinds & other_kinds) != 0 || (one_kinds == VOWEL_E && (other_kinds & open) != 0) ||
           (other_kinds == VOWEL_E && (one_kinds & open) != 0);
}

/* At the ends a vowel is never left out: Karim and Karima are two. */
static bool ends_agree(unsigned one, unsigned other) {
    const unsigned none = VOWEL_KINDS | VOWEL_ANY | VOWEL_MAYBE;
    if ((one & none) == 0 || (other & none) == 0) {
        const unsigned present = one | other;
        return (present & none) == 0 || (present & VOWEL_KINDS) == VOWEL_E ||
               (present & VOWEL_MAYBE) != 0;
    }
    const bool has_kinds = (one & VOWEL_KINDS) != 0 && (other & VOWEL_KINDS) != 0;
    if (has_kinds && ((one ^ other) & VOWEL_U) != 0) {
        return false; /* Maria, Mario. */
    }
    return vowels_agree(one, other);
}

static bool beginnings_agree(unsigned one, unsigned other) {
    const unsigned some = VOWEL_KINDS | VOWEL_ANY;
    return ((one & some) == 0) == ((other & some) == 0) && vowels_agree(one, other);
}

/* How a consonant is said, in words of one letter each: "T" is the th that ذ and ظ are written by.
 * The likeliest first. Those of no such class are said as they are, which is one way: NULL. */
static const char *ways_of(char class) {
    switch (class) {
    case CLASS_TH:
        return "tT";
    case CLASS_THEH:
        return "ts";
    case CLASS_THAL:
        return "dzT";
    case CLASS_ZAH:
        return "zdT";
    default:
        return NULL;
    }
}

/* Whether two consonants can be one. */
static bool consonants_agree(char one, char other) {
    const char *one_ways = ways_of(one);
    const char *other_ways = ways_of(other);
    if (one == other) {
        return true;
    }
    if (one_ways != NULL && other_ways != NULL) {
        return strpbrk(one_ways, other_ways) != NULL;
    }
    return (one_ways != NULL && strchr(one_ways, other) != NULL) ||
           (other_ways != NULL && strchr(other_ways, one) != NULL);
}

bool similar_sound_same_consonants(const struct similar_sound *one,
                                   const struct similar_sound *other) {
    if (one->count == 0 || one->count != other->count) {
        return false;
    }
    for (size_t i = 0; i < one->count; i++) {
        if (!consonants_agree(one->consonants[i], other->consonants[i])) {
            return false;
        }
    }
    return true;
}

bool similar_sound_agree(const struct similar_sound *one, const struct similar_sound *other) {
    if (!similar_sound_same_consonants(one, other) ||
        (one->count == 1 && one->script == other->script)) {
        return false;
    }
    for (size_t i = 1; i < one->count; i++) {
        if (!vowels_agree(one->vowels[i], other->vowels[i])) {
            return false;
        }
    }
    return beginnings_agree(one->vowels[0], other->vowels[0]) &&
           ends_agree(one->vowels[one->count], other->vowels[other->count]);
}

char similar_sound_consonant(const struct similar_sound *sound, size_t position, size_t reading) {
    const char class = sound->consonants[position];
    const char *ways = ways_of(class);
    if (ways == NULL) {
        return class;
    }
    if (class == CLASS_TH) { /* It is t or T, which are one here. */
        return 't';
    }
    const size_t count = strlen(ways);
    const char way = ways[reading < count ? reading : count - 1];
    return way == 'T' ? 't' : way;
}

static size_t readings_of(const struct similar_sound *sound) {
    size_t count = 1;
    for (size_t i = 0; i < sound->count; i++) {
        const char class = sound->consonants[i];
        const size_t ways =
            class == CLASS_TH || ways_of(class) == NULL ? 1 : strlen(ways_of(class));
        count = ways > count ? ways : count;
    }
    return count;
}

uint64_t similar_sound_hash(const struct similar_sound *sound, size_t reading) {
    if (sound->count == 0 || reading >= readings_of(sound)) {
        return 0;
    }
    uint64_t hash = sound->count;
    for (size_t i = 0; i < sound->count; i++) {
        hash = similar_hash((uint64_t)similar_sound_consonant(sound, i, reading), hash);
    }
    return hash;
}
