#pragma once
/* A directory for one test, of its own and removed after it. */

#include <stddef.h>
#include <stdint.h>

/* Makes the directory; in memory, where there is room, when the environment of the test has
 * PROFILED_SCRATCH_IN_MEMORY. */
void scratch_open(void);

/* Removes it with all that is in it. */
void scratch_close(void);

/* The path of a name in it. Valid until the next call but seven. */
const char *scratch_path(const char *name);

/* Writes a file, with the mode given. */
void scratch_write(const char *path, const void *data, size_t size, unsigned mode);

/* Reads a file of at most `size_max` bytes and gives its size. */
size_t scratch_read(const char *path, void *out, size_t size_max);
