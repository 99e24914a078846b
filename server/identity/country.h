#pragma once
/* Countries: the officially assigned alpha-2 codes of ISO 3166-1. */

#include <stdbool.h>

enum { COUNTRY_COUNT = 249, COUNTRY_CODE_SIZE = 2 };

/* Whether the text is an assigned code, in upper case. */
bool country_is_assigned(const char *code);
