#pragma once
/* Values of attributes as people read them. */

#include "profiled/v1/identity.pb-c.h"
#include "profiled/v1/profile.pb-c.h"

/* The value as one text: a number, `yes` or `no`, a time of RFC 3339, the values of a list with
 * commas between them. The caller's, for free(); NULL when there is none. */
char *attribute_text(const Profiled__V1__AttributeValue *value);

/* The same as a cell of CSV, as an import reads it: with `;` between the values of a list, and a
 * backslash before each `;` and backslash in them. */
char *attribute_text_cell(const Profiled__V1__AttributeValue *value);

/* A value as it stands among several in such a cell. The caller's, for free(). */
char *attribute_text_escaped(const char *text);

/* The same of what a record told. */
char *attribute_text_told(const Profiled__V1__RecordAttribute *value);
