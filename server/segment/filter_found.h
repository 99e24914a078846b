#pragma once
/* How errors tell what was found in a filter. Names of fields are told as they stand; what they are
 * compared with may be an address or a name of somebody, and is told by its kind and length alone.
 * Private to filters. */

#include "server/segment/filter_tree.h"

/* "the name shoe_size" of what stands for one, where it is made of a-z in any case, digits, _ and -
 * and does not begin as a number; "a number of 4 characters" and "a text of 5 characters" of
 * others, and whether it is in quotation marks. */
const char *filter_found(const struct filter_text *text, struct arena *arena);
