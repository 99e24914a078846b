/* Unicode text, over utf8proc. It decomposes into buffers of the arena, so that nothing here owns
 * memory; ASCII, which is most of what comes in, takes a short way with the same result. */

#include "server/identity/text.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

/* Folding text twice can differ from folding it once where a fold makes new compatibility forms;
 * it settles in two rounds for all of Unicode. */
enum { FOLD_ROUNDS_MAX = 8 };

/* Decimal digits of one value follow each other; the longest run, the mathematical digits, holds
 * five times ten of them. */
enum { DIGIT_RUN_MAX = 50 };

/* ---- characters ---- */

int32_t text_next(const char **cursor) {
    const unsigned char first = (unsigned char)**cursor;
    if (first < 0x80) {
        *cursor += first == 0 ? 0 : 1;
        return first;
    }
    utf8proc_int32_t character = -1;
    /* A size below 0 makes it stop at the NUL, which is no continuation byte. */
    const utf8proc_ssize_t size =
        utf8proc_iterate((const utf8proc_uint8_t *)*cursor, -1, &character);
    if (size <= 0) {
        *cursor += 1;
        return -1;
    }
    *cursor += size;
    return character;
}

bool text_is_space(int32_t character) {
    if (character >= 0 && character < 0x80) {
        return character == ' ' || (character >= '\t' && character <= '\r');
    }
    if (character < 0) {
        return false;
    }
    const utf8proc_category_t category = utf8proc_category(character);
    return character == 0x85 || category == UTF8PROC_CATEGORY_ZS ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

bool text_is_punctuation(int32_t character) {
    if (character < 0) {
        return false;
    }
    const char *category = utf8proc_category_string(character);
    return category[0] == 'P' || category[0] == 'S';
}

/* Copying from a page or a chat leaves them round a value. */
bool text_is_invisible(int32_t character) {
    return character == 0x061C || character == 0x200B || character == 0x200E ||
           character == 0x200F || (character >= 0x202A && character <= 0x202E) ||
           character == 0x2060 || (character >= 0x2066 && character <= 0x2069) ||
           character == 0xFEFF;
}

static bool is_control(int32_t character) {
    return (character >= 0 && character < 0x20) || (character >= 0x7F && character < 0xA0);
}

static bool is_decimal_digit(int32_t character) {
    return utf8proc_category(character) == UTF8PROC_CATEGORY_ND;
}

int text_digit_value(int32_t character) {
    if (character < 0x80) {
        return character >= '0' && character <= '9' ? character - '0' : -1;
    }
    if (!is_decimal_digit(character)) {
        return -1;
    }
    /* Unicode promises that the ten digits of a script follow each other from 0 to 9. */
    int32_t before = 0;
    while (before < DIGIT_RUN_MAX && is_decimal_digit(character - before - 1)) {
        before++;
    }
    return before % 10;
}

/* ---- questions ---- */

bool text_is_ascii(const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at >= 0x80) {
            return false;
        }
    }
    return true;
}

bool text_has_control(const char *text) {
    for (const char *cursor = text; *cursor != '\0';) {
        if (is_control(text_next(&cursor))) {
            return true;
        }
    }
    return false;
}

size_t text_length(const char *text) {
    size_t length = 0;
    for (const char *cursor = text; *cursor != '\0'; length++) {
        (void)text_next(&cursor);
    }
    return length;
}

bool text_is_blank(const char *text) {
    while (*text != '\0') {
        const int32_t character = text_next(&text);
        if (!text_is_space(character) && !text_is_invisible(character)) {
            return false;
        }
    }
    return true;
}

/* ---- forms ---- */

const char *text_trim(const char *text, struct arena *arena) {
    const char *start = NULL;
    const char *end = NULL;
    for (const char *cursor = text; *cursor != '\0';) {
        const char *at = cursor;
        const int32_t character = text_next(&cursor);
        if (text_is_space(character) || text_is_invisible(character)) {
            continue;
        }
        start = start == NULL ? at : start;
        end = cursor;
    }
    if (start == NULL) {
        return "";
    }
    return *end == '\0' ? start : arena_string(arena, bytes_of(start, (size_t)(end - start)));
}

/* What utf8proc_decompose() and utf8proc_reencode() make of the text with these options. */
static bool map(const char *text, utf8proc_option_t options, struct arena *arena,
                const char **out) {
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
    const utf8proc_ssize_t size = (utf8proc_ssize_t)strlen(text);
    const utf8proc_ssize_t count = utf8proc_decompose(bytes, size, NULL, 0, options);
    if (count < 0) {
        return false;
    }
    /* Reencoding happens in place, with one byte more for the NUL. */
    utf8proc_int32_t *buffer = arena_array(arena, (size_t)count + 1, sizeof *buffer);
    const utf8proc_ssize_t written = utf8proc_decompose(bytes, size, buffer, count, options);
    assert(written == count);
    if (utf8proc_reencode(buffer, written, options) < 0) {
        return false;
    }
    *out = (const char *)buffer;
    return true;
}

bool text_nfc(const char *text, struct arena *arena, const char **out) {
    if (text_is_ascii(text)) {
        *out = text;
        return true;
    }
    return map(text, UTF8PROC_COMPOSE | UTF8PROC_STABLE, arena, out);
}

bool text_nfkc(const char *text, struct arena *arena, const char **out) {
    if (text_is_ascii(text)) {
        *out = text;
        return true;
    }
    return map(text, UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_COMPAT, arena, out);
}

static const char *lower_ascii(const char *text, struct arena *arena) {
    char *lower = arena_string(arena, bytes_of_string(text));
    for (char *at = lower; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    return lower;
}

static bool fold(const char *text, utf8proc_option_t options, struct arena *arena,
                 const char **out) {
    if (text_is_ascii(text)) {
        *out = lower_ascii(text, arena);
        return true;
    }
    for (int round = 0; round < FOLD_ROUNDS_MAX; round++) {
        const char *folded = NULL;
        if (!map(text, options, arena, &folded)) {
            return false;
        }
        if (strcmp(text, folded) == 0) {
            break;
        }
        text = folded;
    }
    *out = text;
    return true;
}

bool text_fold(const char *text, struct arena *arena, const char **out) {
    return fold(text,
                UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                    UTF8PROC_IGNORE,
                arena, out);
}

bool text_fold_apart(const char *text, struct arena *arena, const char **out) {
    return fold(text,
                UTF8PROC_DECOMPOSE | UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                    UTF8PROC_IGNORE,
                arena, out);
}

bool text_fold_case(const char *text, struct arena *arena, const char **out) {
    return fold(text, UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_CASEFOLD, arena, out);
}

/* `decimal` is a character to be written as a dot; 0 for none. */
static const char *to_ascii(const char *text, int32_t decimal, struct arena *arena) {
    if (text_is_ascii(text)) {
        return text;
    }
    char *ascii = arena_alloc(arena, strlen(text) + 1);
    char *end = ascii;
    for (const char *cursor = text; *cursor != '\0';) {
        const char *at = cursor;
        const int32_t character = text_next(&cursor);
        const int digit = text_digit_value(character);
        if (digit >= 0 || character == decimal) {
            *end++ = digit >= 0 ? (char)('0' + digit) : '.';
            continue;
        }
        memcpy(end, at, (size_t)(cursor - at));
        end += cursor - at;
    }
    return ascii;
}

const char *text_ascii_digits(const char *text, struct arena *arena) {
    return to_ascii(text, 0, arena);
}

const char *text_ascii_number(const char *text, struct arena *arena) {
    static const int32_t arabic_decimal_separator = 0x066b;
    return to_ascii(text, arabic_decimal_separator, arena);
}

/* ---- texts that people read ---- */

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

/* Runs of white space as one space. The result is never longer. */
static const char *collapse_space(const char *text, struct arena *arena) {
    char *collapsed = arena_alloc(arena, strlen(text) + 1);
    char *end = collapsed;
    bool in_space = false;
    for (const char *cursor = text; *cursor != '\0';) {
        const char *at = cursor;
        const bool is_space = text_is_space(text_next(&cursor));
        if (!is_space) {
            memcpy(end, at, (size_t)(cursor - at));
            end += cursor - at;
        } else if (!in_space) {
            *end++ = ' ';
        }
        in_space = is_space;
    }
    return collapsed;
}

/* Line breaks of all systems as \n. NULL when there is another control character than a tab. */
static const char *unify_breaks(const char *text, struct arena *arena) {
    char *unified = arena_alloc(arena, strlen(text) + 1);
    char *end = unified;
    for (const char *cursor = text; *cursor != '\0';) {
        const char *at = cursor;
        const int32_t character = text_next(&cursor);
        if (character == '\r') {
            cursor += *cursor == '\n' ? 1 : 0;
            *end++ = '\n';
            continue;
        }
        if (is_control(character) && character != '\n' && character != '\t') {
            return NULL;
        }
        memcpy(end, at, (size_t)(cursor - at));
        end += cursor - at;
    }
    return unified;
}

struct status text_too_long(size_t max, const char *unit, struct arena *arena) {
    return invalid(max < 1000 ? arena_format(arena, "is longer than %zu %s", max, unit)
                              : arena_format(arena, "is longer than %zu,%03zu %s", max / 1000,
                                             max % 1000, unit));
}

static struct status check_length(const char *text, size_t length_max, struct arena *arena) {
    if (*text == '\0') {
        return invalid("is empty");
    }
    return text_length(text) > length_max ? text_too_long(length_max, "characters", arena) : OK;
}

struct status text_clean_line(const char *text, size_t length_max, struct arena *arena,
                              const char **out) {
    const char *clean = NULL;
    if (!text_nfc(text, arena, &clean)) {
        return invalid("is not UTF-8");
    }
    clean = text_trim(clean, arena);
    if (text_has_control(clean)) {
        return invalid("has a control character");
    }
    clean = collapse_space(clean, arena);
    TRY(check_length(clean, length_max, arena));
    *out = clean;
    return OK;
}

struct status text_clean_lines(const char *text, size_t length_max, struct arena *arena,
                               const char **out) {
    const char *clean = NULL;
    if (!text_nfc(text, arena, &clean)) {
        return invalid("is not UTF-8");
    }
    clean = unify_breaks(text_trim(clean, arena), arena);
    if (clean == NULL) {
        return invalid("has a control character");
    }
    TRY(check_length(clean, length_max, arena));
    *out = clean;
    return OK;
}
