#pragma once
/* The words of an interaction: of what was written, answered or done. */

#include <stddef.h>

#include "server/base/arena.h"
#include "server/store/records/record.pb-c.h"

/* The words of an engagement's text; of a survey's name and of its texts and choices; of an
 * activity's name and of its properties that are texts: as name_words() has them, a word as often
 * as it is told. Returns their count; *out is the arena's. */
size_t interaction_words(const Stored__V1__Interaction *interaction, struct arena *arena,
                         const char *const **out);
