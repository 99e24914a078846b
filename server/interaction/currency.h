#pragma once
/* Currencies: the alphabetic codes of ISO 4217. */

#include <stdbool.h>

enum { CURRENCY_COUNT = 183, CURRENCY_CODE_SIZE = 3 };

/* Whether the text is such a code, in upper case. */
bool currency_is_assigned(const char *code);
