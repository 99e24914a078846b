#pragma once
/* What people say. */

#include <stddef.h>

/* A message, in both languages. */
struct said {
    const char *theme;
    const char *sub_theme;
    int sentiment; /* -1, 0 or 1. */
    const char *arabic;
    const char *english;
};

extern const struct said said[];
extern const size_t said_count;
