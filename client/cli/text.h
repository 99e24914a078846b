#pragma once
/* Text on a terminal: how wide it is, and what of it may be shown. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A copy that is safe to show: control characters, bidirectional controls and bytes that are not
 * UTF-8 are written as \n, \u202e, \xff. The caller's, for free(). */
char *text_clean(const char *raw);

/* Puts an item behind a list that is text in a buffer of this size, with the separator between
 * them, as far as there is room. */
void text_append(char *list, size_t size, const char *separator, const char *item);

/* The value of a digit, also of an Arabic-Indic or a Persian one; -1 for any other character. */
int text_digit(int32_t character);

/* A number with such digits, and with the Arabic decimal sign, as a program writes it. What is no
 * part of one stays. The caller's, for free(). */
char *text_number(const char *raw);

/* The size of the character that bytes begin with; 0 where they are none, or not UTF-8. */
size_t text_letter_size(const char *text, size_t size);

/* Whether all of it is UTF-8. */
bool text_is_utf8(const char *text, size_t size);

/* Writes it cleaned. */
void text_tell(FILE *out, const char *raw);

/* How many columns clean text takes. */
size_t text_width(const char *text);

/* Whether any letter of it runs from right to left. */
bool text_is_rtl(const char *text);

/* How a cell is written. */
struct text_cell {
    size_t width;  /* Columns: longer text is cut with …, shorter padded; 0 for as it comes. */
    bool right;    /* Numbers stand to the right. */
    bool isolated; /* Put right-to-left text between U+2068 and U+2069, for terminals. */
    bool last;     /* No padding behind it. */
};

/* Writes clean text into a cell. */
void text_put(FILE *out, const char *text, struct text_cell cell);
