#pragma once
/* Where output goes: a terminal or not, how wide, with colour or without. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_run;

struct screen {
    FILE *out;
    size_t width; /* Columns. */
    bool terminal;
    bool uncut; /* A file or a pipe, and nobody said how wide: tables are as wide as they are. */
    bool colour;
    struct table_run
        *run; /* Of which tables are parts, while a list is printed page by page; NULL. */
};

enum screen_style { STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_PLAIN };

/* Looks at the stream, COLUMNS, NO_COLOR and TERM. */
struct screen screen_of(FILE *out);

/* Begins and ends a style; nothing without colour. */
void screen_style(const struct screen *screen, enum screen_style style);
void screen_plain(const struct screen *screen);
