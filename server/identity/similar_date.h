#pragma once
/* Dates compared as people mistype them. */

#include "server/identity/similar_name.h"

/* A day of the calendar. All zero: not known. */
struct similar_date {
    int16_t year;
    int8_t month;
    int8_t day;
    int32_t days; /* Since a day long ago, for differences. */
};

/* Reads the canonical form, 2001-12-31; `text` may be NULL. Not known when it is none. */
struct similar_date similar_date_of(const char *text);

/* How far two dates agree:
 *  - SAME.
 *  - NEAR: one digit differs, two neighbours are exchanged, or day and month are.
 *  - ALIKE: two digits differ; or both are at most 35 days apart, whole years of a slip in the year
 *    (1 or 10) left out. */
enum similar_level similar_date_compare(const struct similar_date *one,
                                        const struct similar_date *other);
