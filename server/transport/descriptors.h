#pragma once
/* The embedded FileDescriptorSet: what reflection answers from, and what the methods' shapes are
 * held against. It is ours and trusted. */

#include <stdbool.h>
#include <stddef.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "server/base/status.h"

struct descriptors;
struct descriptors_file;

struct descriptors_streams {
    bool client;
    bool server;
};

/* Reads a packed set, which stays the caller's and must outlive it. INTERNAL when it is none. */
MUST_USE struct status descriptors_open(struct bytes set, struct descriptors **out);

void descriptors_close(struct descriptors *descriptors);

/* The file that is imported by this name; NULL when there is none. */
const struct descriptors_file *descriptors_file_named(const struct descriptors *descriptors,
                                                      const char *name);

/* The file that declares the full name of a message, field, oneof, enum, enum value, extension,
 * service or method, without a leading dot; NULL when there is none. */
const struct descriptors_file *descriptors_file_of_symbol(const struct descriptors *descriptors,
                                                          const char *symbol);

/* The file and everything that it imports, itself first: packed FileDescriptorProtos. The array is
 * the arena's, the bytes are the set's. */
size_t descriptors_closure(const struct descriptors *descriptors,
                           const struct descriptors_file *file, struct arena *arena,
                           struct bytes **out);

/* Whether the set has the method, and which sides of it stream. */
bool descriptors_method(const struct descriptors *descriptors, const char *service,
                        const char *method, struct descriptors_streams *out);
