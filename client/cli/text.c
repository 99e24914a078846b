/* Text on a terminal. Names come in every script: Arabic letters take one column and run from right
 * to left, CJK takes two, combining marks none. utf8proc knows; this file applies it. Personal data
 * may also hold what a terminal would obey: such characters are shown, not sent. */

#include "client/cli/text.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    ESCAPE_SIZE_MAX = 10,  /* "\U0010ffff" */
    DECIMAL_SIGN = 0x066b, /* ARABIC DECIMAL SEPARATOR */
};

static const char ELLIPSIS[] = "\xe2\x80\xa6";
static const char ISOLATE_FIRST[] = "\xe2\x81\xa8"; /* U+2068, FIRST STRONG ISOLATE */
static const char ISOLATE_POP[] = "\xe2\x81\xa9";   /* U+2069, POP DIRECTIONAL ISOLATE */

/* Reads one character; -1 for a byte that is none. Answers its size, at least 1. */
static size_t next_char(const char *text, int32_t *code) {
    const utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, code);
    if (size <= 0) {
        *code = -1;
        return 1;
    }
    return (size_t)size;
}

/* Controls of C0 and C1, line and paragraph separators, and those that change direction. */
static bool is_dangerous(int32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/* Writes the escape and a NUL. */
static size_t write_escape(char out[ESCAPE_SIZE_MAX + 1], unsigned char byte, int32_t code) {
    const size_t room = ESCAPE_SIZE_MAX + 1;
    switch (code) {
    case '\n':
        return (size_t)snprintf(out, room, "\\n");
    case '\r':
        return (size_t)snprintf(out, room, "\\r");
    case '\t':
        return (size_t)snprintf(out, room, "\\t");
    case -1:
        return (size_t)snprintf(out, room, "\\x%02x", byte);
    default:
        return (size_t)snprintf(out, room, "\\u%04x", (uint32_t)code & 0x1fffffU);
    }
}

char *text_clean(const char *raw) {
    char *clean = malloc(strlen(raw) * ESCAPE_SIZE_MAX + 1);
    assert(clean != NULL);
    size_t used = 0;
    while (*raw != '\0') {
        int32_t code;
        const size_t size = next_char(raw, &code);
        if (is_dangerous(code)) {
            used += write_escape(clean + used, (unsigned char)*raw, code);
        } else {
            memcpy(clean + used, raw, size);
            used += size;
        }
        raw += size;
    }
    clean[used] = '\0';
    return clean;
}

int text_digit(int32_t character) {
    static const int32_t zeroes[] = {'0', 0x0660, 0x06f0};
    for (size_t i = 0; i < sizeof zeroes / sizeof zeroes[0]; i++) {
        if (character >= zeroes[i] && character <= zeroes[i] + 9) {
            return (int)(character - zeroes[i]);
        }
    }
    return -1;
}

char *text_number(const char *raw) {
    char *number = malloc(strlen(raw) + 1); /* It gets no longer. */
    assert(number != NULL);
    char *to = number;
    while (*raw != '\0') {
        int32_t code;
        const size_t size = next_char(raw, &code);
        const int digit = text_digit(code);
        if (digit >= 0) {
            *to++ = (char)('0' + digit);
        } else if (code == DECIMAL_SIGN) {
            *to++ = '.';
        } else {
            memcpy(to, raw, size);
            to += size;
        }
        raw += size;
    }
    *to = '\0';
    return number;
}

void text_append(char *list, size_t size, const char *separator, const char *item) {
    const size_t used = strlen(list);
    snprintf(list + used, size - used, "%s%s", used == 0 ? "" : separator, item);
}

size_t text_letter_size(const char *text, size_t size) {
    utf8proc_int32_t code;
    const utf8proc_ssize_t letter =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size, &code);
    return letter < 0 ? 0 : (size_t)letter;
}

bool text_is_utf8(const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        const size_t letter = text_letter_size(text + at, size - at);
        if (letter == 0) {
            return false;
        }
        at += letter;
    }
    return true;
}

void text_tell(FILE *out, const char *raw) {
    char *clean = text_clean(raw);
    fputs(clean, out);
    free(clean);
}

static size_t char_width(int32_t code) {
    const int width = code < 0 ? 1 : utf8proc_charwidth(code);
    return width > 0 ? (size_t)width : 0;
}

size_t text_width(const char *text) {
    size_t width = 0;
    while (*text != '\0') {
        int32_t code;
        text += next_char(text, &code);
        width += char_width(code);
    }
    return width;
}

bool text_is_rtl(const char *text) {
    while (*text != '\0') {
        int32_t code;
        text += next_char(text, &code);
        if (code >= 0) {
            const int direction = utf8proc_get_property(code)->bidi_class;
            if (direction == UTF8PROC_BIDI_CLASS_R || direction == UTF8PROC_BIDI_CLASS_AL) {
                return true;
            }
        }
    }
    return false;
}

/* The bytes of the longest start of the text that fits; marks stay with their letter. */
static size_t fitting_size(const char *text, size_t width) {
    size_t used = 0;
    const char *at = text;
    while (*at != '\0') {
        int32_t code;
        const size_t size = next_char(at, &code);
        if (used + char_width(code) > width) {
            break;
        }
        used += char_width(code);
        at += size;
    }
    return (size_t)(at - text);
}

static void put_spaces(FILE *out, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fputc(' ', out);
    }
}

void text_put(FILE *out, const char *text, struct text_cell cell) {
    const size_t full = text_width(text);
    const bool cut = cell.width > 0 && full > cell.width;
    const size_t size = cut ? fitting_size(text, cell.width - 1) : strlen(text);
    char *shown = strndup(text, size);
    assert(shown != NULL);
    const size_t width = text_width(shown) + (cut ? 1 : 0);
    const size_t padding = cell.width > width ? cell.width - width : 0;
    const bool isolate = cell.isolated && text_is_rtl(shown);
    put_spaces(out, cell.right ? padding : 0);
    fprintf(out, "%s%s%s%s", isolate ? ISOLATE_FIRST : "", shown, cut ? ELLIPSIS : "",
            isolate ? ISOLATE_POP : "");
    put_spaces(out, cell.right || cell.last ? 0 : padding);
    free(shown);
}
