#pragma once
/* A random history: profiles made, changed, merged, deleted and taken back, with interactions,
 * decisions, reviews, requests, an import and rules. */

#include <stddef.h>

/* Goes on for some steps, in a few transactions. Every table has rows after 200. */
void history_run(size_t steps);

/* Forgets the profiles of a store that is gone. */
void history_reset(void);
