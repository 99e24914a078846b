#pragma once
/* Languages: tags of BCP 47 (RFC 5646), as ar, ar-SA, zh-Hant-TW. */

#include <stdbool.h>

enum { LANGUAGE_SIZE_MAX = 64 }; /* Bytes; RFC 5646, 4.4.1 asks for at least 35. */

/* Brings a tag into the case that RFC 5646, 2.1.1 recommends, in place: language lower, script
 * title, region upper case, all else lower. An underscore is read as a hyphen, as in ar_SA. False,
 * and the text undefined, when it is not a well-formed tag. Languages of four to eight letters,
 * which the syntax keeps for later, are not taken: nobody has registered one. */
bool language_canonicalise(char *tag);
