#pragma once
/* Values of attributes as people read them. */

#include "profiled/v1/identity.pb-c.h"
#include "profiled/v1/profile.pb-c.h"

/* The value as one text: a number, `yes` or `no`, a time of RFC 3339, the values of a list with
 * commas between them. The caller's, for free(); NULL when there is none. */
char *attribute_text(const Profiled__V1__AttributeValue *value);

/* The same with another separator between the values of a list. */
char *attribute_text_joined(const Profiled__V1__AttributeValue *value, const char *separator);

/* The same of what a record told. */
char *attribute_text_told(const Profiled__V1__RecordAttribute *value);
