/* Bad fields, gathered apart from the call that they came with. */

#include "server/handlers/field_errors.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { PATH_SIZE_MAX = 128 }; /* Longer paths are cut. */

/* A path that was cut must not end inside of a letter. */
static void path_trim(char *path, size_t size) {
    if (size < PATH_SIZE_MAX) {
        return;
    }
    size_t end = PATH_SIZE_MAX - 1;
    while (end > 0 && ((unsigned char)path[end - 1] & 0xc0) == 0x80) {
        end--;
    }
    if (end > 0 && ((unsigned char)path[end - 1] & 0x80) != 0) {
        end--;
    }
    path[end] = '\0';
}

void field_errors_add(struct field_errors *errors, const char *description,
                      const char *field_format, ...) {
    char path[PATH_SIZE_MAX];
    va_list arguments;
    va_start(arguments, field_format);
    const int size = vsnprintf(path, sizeof path, field_format, arguments);
    va_end(arguments);
    assert(size >= 0);
    path_trim(path, (size_t)size);
    errors->items =
        arena_append(errors->arena, errors->items, errors->count, sizeof *errors->items);
    errors->items[errors->count++] = (struct field_error){
        arena_string(errors->arena, bytes_of_string(path)),
        description,
    };
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
