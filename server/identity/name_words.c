/* The words of a name for searching. The tables are the rules of the header, line by line; what
 * they do not name goes by its Unicode category. */

#include "server/identity/name_words.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "server/identity/text.h"

/* What a character counts as. */
enum letter_kind {
    KIND_LETTER,    /* Part of a word. */
    KIND_DROPPED,   /* Not there at all: what stands before and behind it is one word. */
    KIND_SEPARATOR, /* Between words. */
};

struct replacement {
    int32_t character;
    const char *letters;
};

/* Rules 3 and 4: letters that are written for others. After case-folding, so in lower case; and
 * after decomposition, which has made alef and hamza of أ, waw and hamza of ؤ and so on, so that
 * dropping the mark leaves the letter. */
static const struct replacement replacements[] = {
    {0x00E6, "ae"}, /* æ */
    {0x00F0, "d"},  /* ð */
    {0x00F8, "o"},  /* ø */
    {0x00FE, "th"}, /* þ */
    {0x0111, "d"},  /* đ */
    {0x0127, "h"},  /* ħ */
    {0x0131, "i"},  /* ı */
    {0x0142, "l"},  /* ł */
    {0x0153, "oe"}, /* œ */
    {0x0629, "ه"},  /* ة */
    {0x0649, "ي"},  /* ى */
    {0x0671, "ا"},  /* ٱ */
    {0x06A9, "ك"},  /* ک, Persian */
    {0x06C1, "ه"},  /* ہ, Urdu */
    {0x06CC, "ي"},  /* ی, Persian */
    {0x06D5, "ه"},  /* ە, Kurdish */
};

static const char *replacement_find(int32_t character) {
    for (size_t i = 0; i < sizeof replacements / sizeof replacements[0]; i++) {
        if (replacements[i].character == character) {
            return replacements[i].letters;
        }
    }
    return NULL;
}

/* The scripts whose marks are diacritics on letters that also stand without: Latin, Greek,
 * Cyrillic, Hebrew, Arabic and the marks common to all. In others a mark is a vowel. */
static bool is_diacritic(int32_t character) {
    return (character >= 0x0300 && character <= 0x036F) ||
           (character >= 0x0483 && character <= 0x0487) ||
           (character >= 0x0591 && character <= 0x05C7) ||
           (character >= 0x0610 && character <= 0x061A) ||
           (character >= 0x064B && character <= 0x065F) || character == 0x0670 ||
           (character >= 0x06D6 && character <= 0x06ED) ||
           (character >= 0x08D3 && character <= 0x08FF) ||
           (character >= 0x1AB0 && character <= 0x1AFF) ||
           (character >= 0x1DC0 && character <= 0x1DFF);
}

/* Tatweel stretches a word. */
static bool is_tatweel(int32_t character) { return character == 0x0640; }

int32_t name_arabic_letter(int32_t character) {
    if (character < 0x0600 || character > 0x08FF) {
        return character;
    }
    if (is_diacritic(character) || is_tatweel(character)) {
        return 0;
    }
    const char *letter = replacement_find(character);
    return letter != NULL ? text_next(&letter) : character;
}

static bool is_apostrophe(int32_t character) {
    return character == '\'' || character == '`' || character == 0x02BB || character == 0x02BC ||
           character == 0x02BF || character == 0x2018 || character == 0x2019 || character == 0x02BE;
}

static enum letter_kind kind_of(int32_t character) {
    if (is_diacritic(character) || is_apostrophe(character) || is_tatweel(character)) {
        return KIND_DROPPED;
    }
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return KIND_LETTER;
    case UTF8PROC_CATEGORY_CF:
        return KIND_DROPPED;
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
        break;
    }
    return KIND_SEPARATOR;
}

/* A word that is being written. */
struct word {
    char *text;
    size_t size;
};

static void word_add(struct word *word, const char *text, size_t size) {
    memcpy(word->text + word->size, text, size);
    word->size += size;
}

/* Adds what the character counts as. */
static void word_add_letter(struct word *word, int32_t character, const char *bytes, size_t size) {
    const char *letters = replacement_find(character);
    const int digit = text_digit_value(character);
    if (letters != NULL) {
        word_add(word, letters, strlen(letters));
    } else if (digit >= 0) {
        word_add(word, &"0123456789"[digit], 1);
    } else {
        word_add(word, bytes, size);
    }
}

/* Rule 7: the bytes of the article at the beginning of a word, also where it stands twice; 0 when
 * there is none, or too little would be left. */
static size_t article_size(const struct word *word) {
    static const char article[] = "ال";
    enum { ARTICLE_SIZE = sizeof article - 1, LETTERS_SIZE_MIN = 6 /* Three Arabic letters. */ };
    size_t size = 0;
    while (word->size - size >= ARTICLE_SIZE + LETTERS_SIZE_MIN &&
           memcmp(word->text + size, article, ARTICLE_SIZE) == 0) {
        size += ARTICLE_SIZE;
    }
    return size;
}

/* Words as they are found. */
struct found {
    struct arena *arena;
    size_t max;
    bool each_once;
    size_t count;
    const char **items;
};

static bool has_word(const struct found *found, const char *text) {
    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(found->items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* Ends a word: keeps it when it has letters and is wanted, and there is room. */
static void words_add(struct found *found, struct word *word) {
    word->text[word->size] = '\0';
    const size_t skipped = article_size(word);
    const struct bytes kept = bytes_of(word->text + skipped, word->size - skipped);
    if (kept.size > 0 && found->count < found->max &&
        !(found->each_once && has_word(found, word->text + skipped))) {
        found->items = arena_grow(found->arena, found->items, found->count, sizeof *found->items);
        found->items[found->count++] = arena_string(found->arena, kept);
    }
    word->size = 0;
}

/* The name with a space for each zero-width non-joiner: Persian writes it between the parts of a
 * word or a name, and folding would drop it. */
static const char *open_joints(const char *name, struct arena *arena) {
    static const char non_joiner[] = "\u200c";
    if (strstr(name, non_joiner) == NULL) {
        return name;
    }
    char *opened = arena_string(arena, bytes_of_string(name));
    for (char *at = opened; (at = strstr(at, non_joiner)) != NULL;) {
        memset(at, ' ', sizeof non_joiner - 1);
    }
    return opened;
}

static void words_find(const char *text, struct found *found) {
    const char *folded = NULL;
    if (!text_fold_apart(open_joints(text, found->arena), found->arena, &folded)) {
        return;
    }
    /* No replacement is longer than what it replaces. */
    struct word word = {arena_alloc(found->arena, strlen(folded) + 1), 0};
    for (const char *cursor = folded; *cursor != '\0';) {
        const char *at = cursor;
        const int32_t character = text_next(&cursor);
        switch (kind_of(character)) {
        case KIND_LETTER:
            word_add_letter(&word, character, at, (size_t)(cursor - at));
            break;
        case KIND_DROPPED:
            break;
        case KIND_SEPARATOR:
            words_add(found, &word);
            break;
        }
    }
    words_add(found, &word);
}

size_t name_words_up_to(const char *name, size_t max, struct arena *arena,
                        const char *const **out) {
    struct found found = {.arena = arena, .max = max, .each_once = true};
    words_find(name, &found);
    *out = found.items;
    return found.count;
}

size_t name_words(const char *name, struct arena *arena, const char *const **out) {
    return name_words_up_to(name, NAME_WORDS_MAX, arena, out);
}

size_t name_words_all(const char *text, struct arena *arena, const char *const **out) {
    struct found found = {.arena = arena, .max = SIZE_MAX};
    words_find(text, &found);
    *out = found.items;
    return found.count;
}
