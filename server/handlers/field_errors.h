#pragma once
/* Bad fields of one record: of a whole request they become its violations, of one item of a batch
 * they become that item's verdict. */

#include <stddef.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/rpc/rpc.h"

struct field_error {
    const char *field;
    const char *description;
};

struct field_errors {
    struct arena *arena;
    size_t count;
    struct field_error *items;
};

/* Notes a bad field; the path is formatted, the description a literal or the arena's. */
void field_errors_add(struct field_errors *errors, const char *description,
                      const char *field_format, ...) __attribute__((format(printf, 3, 4)));

/* Notes all of them as violations of the request, each path behind `prefix`. */
void field_errors_violate(const struct field_errors *errors, struct rpc_context *ctx,
                          const char *prefix);

/* All of them in the form of a verdict. */
Profiled__V1__FieldError **field_errors_message(const struct field_errors *errors,
                                                struct arena *arena);
