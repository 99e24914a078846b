#pragma once
/* Merges as branches of a tree. */

#include "client/cli/history.h"
#include "client/cli/tree.h"

/* The branch of merges, the last one of its tree. With a history also what asked for each; NULL
 * where nothing is known of that. */
void merge_view_print(struct tree *tree, const struct history *history,
                      Profiled__V1__Merge *const *merges, size_t count);
