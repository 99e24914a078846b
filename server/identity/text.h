#pragma once
/* Unicode text: what all canonical forms are made of. Strings are NUL-terminated UTF-8. Results are
 * allocated from the arena (a result that equals its input may be the input). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/status.h"

/* Without the white space and the invisible marks at both ends: bidi marks, embeddings and isolates
 * (U+200E, U+200F, U+061C, U+202A-202E, U+2066-2069), zero-width space and word joiner (U+200B,
 * U+2060), byte order mark (U+FEFF). */
const char *text_trim(const char *text, struct arena *arena);

/* Whether nothing is left of it by text_trim(). */
bool text_is_blank(const char *text);

/* Whether the text is ASCII alone. */
bool text_is_ascii(const char *text);

/* Whether a character is white space: category Z*, or one of the ASCII and C1 controls that are. */
bool text_is_space(int32_t character);

/* Whether a character is punctuation or a symbol: categories P* and S*. */
bool text_is_punctuation(int32_t character);

/* Whether a character is one of the invisible marks that text_trim() cuts off. */
bool text_is_invisible(int32_t character);

/* Whether the text has a control character (general category Cc). */
bool text_has_control(const char *text);

/* Characters (code points) of well-formed text. */
size_t text_length(const char *text);

/* Reads the character at *cursor and moves the cursor behind it; 0 at the end, and -1 for a byte
 * that begins no character, behind which it moves. */
int32_t text_next(const char **cursor);

/* Normalization form C. False, and *out untouched, when the text is not UTF-8. */
bool text_nfc(const char *text, struct arena *arena, const char **out);

/* Normalization form KC. */
bool text_nfkc(const char *text, struct arena *arena, const char **out);

/* Unicode's NFKC_Casefold: for comparing without regard to case, compatibility forms and invisible
 * characters. As with all of these *out may be the text itself, where nothing differs. */
bool text_fold(const char *text, struct arena *arena, const char **out);

/* As text_fold(), but with the marks apart from their letters (NFKD): é is e and an accent. */
bool text_fold_apart(const char *text, struct arena *arena, const char **out);

/* NFC and full case-folding: for comparing without regard to case alone. */
bool text_fold_case(const char *text, struct arena *arena, const char **out);

/* The value 0 to 9 of a decimal digit of any script (general category Nd); -1 for what is none. */
int text_digit_value(int32_t character);

/* The text with the decimal digits of any script written as ASCII digits. */
const char *text_ascii_digits(const char *text, struct arena *arena);

/* The same of a number, and its Arabic decimal sign (U+066B) as a dot. */
const char *text_ascii_number(const char *text, struct arena *arena);

/* The error of a text of more than `max` characters, or bytes: says how many there may be. */
struct status text_too_long(size_t max, const char *unit, struct arena *arena);

/* One line that people read, as a name or a city: NFC, trimmed, runs of white space made one space.
 * Errors: INVALID_ARGUMENT FIELD_INVALID when it is not UTF-8, is empty, has a control character
 * (line breaks and tabs are some) or is longer than `length_max` characters. */
MUST_USE struct status text_clean_line(const char *text, size_t length_max, struct arena *arena,
                                       const char **out);

/* A text of lines that people read: NFC, trimmed, line breaks as \n. Errors as text_clean_line(),
 * but line breaks and tabs are allowed and runs of white space stay. */
MUST_USE struct status text_clean_lines(const char *text, size_t length_max, struct arena *arena,
                                        const char **out);
