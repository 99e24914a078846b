#pragma once
/* How alike two profiles are, in words. */

#include "client/cli/output.h"

#include "profiled/v1/similarity.pb-c.h"

/* How far a field agrees, as "same birth date". */
void similarity_field_words(const Profiled__V1__FieldScore *field, char *out, size_t size);

/* How likely the two are one person, as "97.3 %"; never as certain. */
void similarity_percent(double probability, char *out, size_t size);
