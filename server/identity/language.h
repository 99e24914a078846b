#pragma once
/* Languages: tags of BCP 47 (RFC 5646), as ar, ar-SA, zh-Hant-TW. */

#include "server/base/status.h"

enum { LANGUAGE_SIZE_MAX = 64 }; /* Bytes; RFC 5646, 4.4.1 asks for at least 35. */

/* Brings a tag into the form that RFC 5646, 2.1.1 and 4.5 recommend, in place: language lower,
 * script title, region upper case, all else lower; a language that has a code of two letters by
 * that one. An underscore is read as a hyphen, as in ar_SA. INVALID_ARGUMENT FIELD_INVALID, and the
 * text undefined, when it is not well-formed, names a language, script or region that there is not,
 * or has an extended language (zh-yue is yue); the text completes "the tag ...". */
MUST_USE struct status language_canonicalise(char *tag);
