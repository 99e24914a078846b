#pragma once
/* Events that have nothing but their text to be told apart: no event id says that one was stored
 * before. */

#include <stdbool.h>
#include <stddef.h>

#include "client/profiled_client.h"

/* Writes a file of events, numbered from 1, a line of JSON each, of `people` people. */
void events_write(const char *path, size_t count, size_t people);

/* Whether the server has each of them exactly once; tells which it has not. */
bool events_are_whole(struct profiled_client *client, size_t count, size_t people);
