#pragma once
/* How the cost of a call grows with the number of profiles: a run against a smaller one. */

#include "tests/bench/report.h"

/* Prints, of the rows that the JSON of the other run has too, the processor time in both and how it
 * has grown, with a verdict on those that are aimed at; nothing where there is no other run. */
void growth_print(const struct report *report);
