#pragma once
/* A table that fits the screen. */

#include "client/cli/screen.h"

#include <stdint.h>

enum { TABLE_COLUMNS_MAX = 12 };

struct table_column {
    const char *title;
    bool right;       /* Numbers. */
    bool whole;       /* Ids: cut only when nothing else is left to cut. */
    int drop;         /* Left out when there is too little room: 1 first, 2 next; 0 never. */
    size_t width_min; /* What it is not cut below; 0 for a few letters. */
};

struct table {
    const struct table_column *columns;
    size_t column_count;
    char **cells; /* Row after row. */
    size_t cell_count;
    size_t cell_room;
    size_t indent;
    bool untitled;
};

/* A table that goes on over pages, each of which is printed as a table: its titles stand once,
 * pages without rows leave nothing, and columns keep their widths unless a cell needs more. Begins
 * as zeros; `screen.run` says that tables are parts of it. */
struct table_run {
    const struct table_column *columns; /* Of the tables so far; NULL before the first. */
    size_t column_count;
    size_t widths[TABLE_COLUMNS_MAX]; /* 0 for one that is left out. */
    bool begun;                       /* The titles are printed. */
};

/* An empty table. `columns` is borrowed for its life. */
void table_init(struct table *table, const struct table_column *columns, size_t count);

/* The same for a table that stands under a heading: indented, without titles. */
void table_init_section(struct table *table, const struct table_column *columns, size_t count);

/* Adds the next cell, row after row. The text is cleaned and copied; NULL is "". */
void table_add(struct table *table, const char *text);

/* The same of a whole number. */
void table_add_number(struct table *table, int64_t number);

/* Prints it: columns that do not fit the screen are left out or cut, the widest first. */
void table_print(const struct table *table, const struct screen *screen);

/* Of a run that had no rows at all prints the titles, as of a table without. */
void table_run_end(const struct table_run *run, const struct screen *screen);

void table_free(struct table *table);
