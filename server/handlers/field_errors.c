/* Bad fields, gathered apart from the call that they came with. */

#include "server/handlers/field_errors.h"

#include <stdarg.h>

void field_errors_add(struct field_errors *errors, const char *description,
                      const char *field_format, ...) {
    va_list arguments;
    va_start(arguments, field_format);
    const struct field_error error = {
        .field = rpc_field_path(errors->arena, field_format, arguments),
        .description = description,
    };
    va_end(arguments);
    errors->items =
        arena_append(errors->arena, errors->items, errors->count, sizeof *errors->items);
    errors->items[errors->count++] = error;
}

void field_errors_violate(const struct field_errors *errors, struct rpc_context *ctx,
                          const char *prefix) {
    for (size_t i = 0; i < errors->count; i++) {
        rpc_violation(ctx, errors->items[i].description, "%s%s", prefix, errors->items[i].field);
    }
}

Profiled__V1__FieldError **field_errors_message(const struct field_errors *errors,
                                                struct arena *arena) {
    Profiled__V1__FieldError **list = arena_array(arena, errors->count, sizeof *list);
    for (size_t i = 0; i < errors->count; i++) {
        list[i] = arena_alloc(arena, sizeof **list);
        profiled__v1__field_error__init(list[i]);
        list[i]->field = (char *)(uintptr_t)errors->items[i].field;
        list[i]->description = (char *)(uintptr_t)errors->items[i].description;
    }
    return list;
}
