#pragma once
/* The words of a name, as search compares them. */

#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"

enum { NAME_WORDS_MAX = 16 };

/* The words of a name or of a search, each once, in the order of their first occurrence; at most
 * NAME_WORDS_MAX, the rest is left out. Returns their count; *out and the words are allocated from
 * the arena. 0 when the name has no letter and no digit.
 *
 * The rules, in this order:
 *  1. NFKC and case-folding: full-width, ligatures, presentation forms and case do not count.
 *  2. Marks are dropped: Latin, Greek and Cyrillic diacritics (é is e), Arabic tashkeel. Combining
 *     vowel signs of other scripts, as of Devanagari, stay: there they are letters.
 *  3. Letters that decompose into nothing but are written for others: ø is o, đ and ð are d, ł is
 *     l, ħ is h, ı is i, æ is ae, œ is oe, þ is th (ß is ss by case-folding).
 *  4. Arabic letters: أ إ آ ٱ are ا; ى and ی are ي; ة ۀ ہ ە are ه; ؤ is و; ئ is ي; ک is ك. The
 *     tatweel is dropped, a ء on the line stays.
 *  5. Digits of any script are ASCII digits.
 *  6. Apostrophes and invisible characters join what they stand between (O'Neil is oneil);
 *     the zero-width non-joiner and everything else that is no letter and no digit separate
 *     words.
 *  7. The article ال at the beginning of a word is dropped where three letters or more are left:
 *     السالم is found as سالم. */
size_t name_words(const char *name, struct arena *arena, const char *const **out);

/* The same, at most `max` of them. */
size_t name_words_up_to(const char *name, size_t max, struct arena *arena, const char *const **out);

/* All words of a text, each as often as it is told. */
size_t name_words_all(const char *text, struct arena *arena, const char *const **out);

/* What an Arabic character in decomposed text counts as by rules 2 and 4: the letter that it is
 * written for, 0 when it is dropped, itself when there is nothing to say. Others are themselves. */
int32_t name_arabic_letter(int32_t character);
