#pragma once
/* What indexes know of a filter. Private to segment. */

#include "server/segment/filter.h"

/* Fills the clauses of a filter whose tests are there, with memory of fields->arena. */
void filter_plan(const struct field_names *names, struct fields *fields, struct filter *filter);
