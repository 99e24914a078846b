/* The caret beneath a filter. The filter is written in three parts, before the word at the place,
 * the word, and behind it. On a terminal each part with letters from right to left is isolated, so
 * that the parts stand from left to right as columns are counted, whatever the terminal does with
 * the letters within one. */

#include "client/cli/filter_mark.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/text.h"

enum { INDENT = 2 };

static const char ELLIPSIS[] = "\xe2\x80\xa6";
static const char ISOLATE_LTR[] = "\xe2\x81\xa6"; /* U+2066, LEFT-TO-RIGHT ISOLATE */
static const char ISOLATE_POP[] = "\xe2\x81\xa9"; /* U+2069, POP DIRECTIONAL ISOLATE */

/* The bytes of the word or the sign that begins a text. */
static size_t word_size(const char *text) {
    static const char signs[] = " \t\r\n(),<>=!:\"'";
    if (text[0] == '"' || text[0] == '\'') {
        const char *end = strchr(text + 1, text[0]);
        return end == NULL ? strlen(text) : (size_t)(end - text) + 1;
    }
    const size_t size = strcspn(text, signs);
    return size > 0 || text[0] == '\0' ? size : 1;
}

static char *clean_of(const char *text, size_t size) {
    char *raw = strndup(text, size);
    assert(raw != NULL);
    char *clean = text_clean(raw);
    free(raw);
    return clean;
}

/* The longest end of a text that fits. */
static const char *fitting_end(const char *text, size_t width) {
    while (text_width(text) > width) {
        for (text++; ((unsigned char)*text & 0xc0U) == 0x80U; text++) {
        }
    }
    return text;
}

static void put_part(const struct screen *screen, const char *text, size_t width) {
    const bool isolated = screen->terminal && text_is_rtl(text);
    fputs(isolated ? ISOLATE_LTR : "", screen->out);
    text_put(screen->out, text,
             (struct text_cell){.width = text_width(text) > width ? width : 0, .last = true});
    fputs(isolated ? ISOLATE_POP : "", screen->out);
}

static void put_carets(const struct screen *screen, size_t column, const char *word, size_t width) {
    const size_t full = text_is_rtl(word) ? text_width(word) : 1;
    const size_t count = full > width ? width : full;
    fprintf(screen->out, "\n%*s", (int)column, "");
    for (size_t i = 0; i < count; i++) {
        fputc('^', screen->out);
    }
    fputc('\n', screen->out);
}

/* What stands before the word gets half of the line where there is too little for all. */
static void print_parts(const struct screen *screen, const char *before, const char *word,
                        const char *behind) {
    const size_t room = screen->uncut ? SIZE_MAX / 2 : screen->width - INDENT;
    const bool fits = text_width(before) + text_width(word) + text_width(behind) <= room;
    const char *shown = fits ? before : fitting_end(before, room / 2);
    const bool is_cut = shown != before;
    const size_t column = INDENT + text_width(shown) + (is_cut ? 1 : 0);
    const size_t left = room + INDENT - column;
    const size_t word_width = text_width(word) < left ? text_width(word) : left;
    fprintf(screen->out, "%*s%s", INDENT, "", is_cut ? ELLIPSIS : "");
    put_part(screen, shown, SIZE_MAX);
    put_part(screen, word, left);
    if (left > word_width) {
        put_part(screen, behind, left - word_width);
    }
    put_carets(screen, column, word, left);
}

void filter_mark_print(const struct screen *screen, const char *filter, size_t offset) {
    const size_t size = strlen(filter);
    const size_t at = offset < size ? offset : size;
    const size_t word = word_size(filter + at);
    char *before = clean_of(filter, at);
    char *marked = clean_of(filter + at, word);
    char *behind = clean_of(filter + at + word, size - at - word);
    print_parts(screen, before, marked, behind);
    free(before);
    free(marked);
    free(behind);
}
