#pragma once
/* The subtags of languages, scripts and regions that BCP 47 takes from standards: which there are.
 * Codes are ASCII letters and digits in either case, and need not end behind their size. */

#include <stdbool.h>
#include <stddef.h>

/* The two letters that are written for a language of this code of 2 or 3: `ar` for ara, `he` for
 * iw. They begin what is given, which does not end there. NULL where the code itself is written. */
const char *language_subtag_preferred(const char *code, size_t size);

/* Of 2 or 3 letters. */
bool language_subtag_is_language(const char *code, size_t size);

/* Of 4 letters. */
bool language_subtag_is_script(const char *code);

/* Of 2 letters or 3 digits. */
bool language_subtag_is_region(const char *code, size_t size);
