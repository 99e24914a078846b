#pragma once
/* Where a filter can't be read: the filter, with a caret beneath the place. */

#include "client/cli/screen.h"

/* Writes the filter on a line of its own, and beneath it a ^ where the byte at `offset` stands. A
 * word that runs from right to left has a ^ under each of its columns: some terminals turn it round
 * and some do not. On a terminal as much of a long filter is shown as fits about the place. */
void filter_mark_print(const struct screen *screen, const char *filter, size_t offset);
