#pragma once
/* Borrowed bytes: a pointer and a size, owned by somebody else. Whoever hands them out says until
 * when they are valid. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data; /* May be NULL when size is 0. */
    size_t size;
};

static inline struct bytes bytes_of(const void *data, size_t size) {
    return (struct bytes){data, size};
}

/* The characters of a NUL-terminated string, without the NUL. */
static inline struct bytes bytes_of_string(const char *string) {
    return (struct bytes){(const uint8_t *)string, strlen(string)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The order of keys: memcmp, then the shorter first. Negative, 0 or positive. */
static inline int bytes_compare(struct bytes a, struct bytes b) {
    const size_t common = a.size < b.size ? a.size : b.size;
    const int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) {
        return order;
    }
    return a.size < b.size ? -1 : a.size > b.size;
}

static inline bool bytes_start_with(struct bytes all, struct bytes prefix) {
    return all.size >= prefix.size && bytes_equal(bytes_of(all.data, prefix.size), prefix);
}
