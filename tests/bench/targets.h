#pragma once
/* What is aimed at, held against what was measured: ratios of rows in the same round, and facts. */

#include <jansson.h>

#include "tests/bench/report.h"

/* Each target with its figure, and whether it is met; those alone of which all was measured. */
void targets_print(const struct report *report);
json_t *targets_json(const struct report *report);
