#pragma once
/* Comparisons of numbers that nobody can meet. Private to filters. */

#include "server/segment/filter.h"

/* What would be met, where no number that the field may have meets the comparison; else NULL. One
 * that every number meets is as good as any. */
const char *filter_range_refusal(const struct field *field, enum filter_op op, double number,
                                 struct arena *arena);
