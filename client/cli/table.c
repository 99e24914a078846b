/* A table that fits the screen. All cells are kept until it is printed, for the widths; so it is
 * for pages of results, not for files. */

#include "client/cli/table.h"

#include "client/cli/text.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { GAP = 2, COLUMN_WIDTH_MIN = 4 };

void table_init(struct table *table, const struct table_column *columns, size_t count) {
    assert(count >= 1 && count <= TABLE_COLUMNS_MAX);
    *table = (struct table){.columns = columns, .column_count = count};
}

void table_add(struct table *table, const char *text) {
    if (table->cell_count == table->cell_room) {
        table->cell_room = table->cell_room == 0 ? 64 : table->cell_room * 2;
        table->cells = realloc(table->cells, table->cell_room * sizeof *table->cells);
        assert(table->cells != NULL);
    }
    table->cells[table->cell_count++] = text_clean(text == NULL ? "" : text);
}

void table_free(struct table *table) {
    for (size_t i = 0; i < table->cell_count; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    table->cells = NULL;
    table->cell_count = 0;
}

static void measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX]) {
    assert(table->column_count >= 1);
    for (size_t i = 0; i < table->column_count; i++) {
        widths[i] = table->untitled ? 1 : text_width(table->columns[i].title);
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        const size_t width = text_width(table->cells[i]);
        size_t *column = &widths[i % table->column_count];
        *column = width > *column ? width : *column;
    }
}

/* The widest column that may be cut, or SIZE_MAX. */
static size_t find_widest(const struct table *table, const size_t *widths, bool also_whole) {
    size_t widest = SIZE_MAX;
    for (size_t i = 0; i < table->column_count; i++) {
        if (widths[i] <= COLUMN_WIDTH_MIN || (table->columns[i].whole && !also_whole)) {
            continue;
        }
        if (widest == SIZE_MAX || widths[i] > widths[widest]) {
            widest = i;
        }
    }
    return widest;
}

static void shrink(const struct table *table, size_t *widths, size_t room) {
    for (;;) {
        size_t total = table->indent;
        for (size_t i = 0; i < table->column_count; i++) {
            total += widths[i] + (i == 0 ? 0 : GAP);
        }
        if (total <= room) {
            return;
        }
        size_t widest = find_widest(table, widths, false);
        if (widest == SIZE_MAX) {
            widest = find_widest(table, widths, true);
        }
        if (widest == SIZE_MAX) {
            return; /* Every column is at its least. */
        }
        widths[widest]--;
    }
}

static void print_cell(const struct table *table, const struct screen *screen, const char *text,
                       size_t column, const size_t *widths) {
    const size_t before = column == 0 ? table->indent : GAP;
    fprintf(screen->out, "%*s", (int)before, "");
    text_put(screen->out, text,
             (struct text_cell){
                 .width = widths[column],
                 .right = table->columns[column].right,
                 .isolated = screen->terminal,
                 .last = column + 1 == table->column_count,
             });
}

void table_print(const struct table *table, const struct screen *screen) {
    size_t widths[TABLE_COLUMNS_MAX];
    assert(table->column_count >= 1);
    measure(table, widths);
    shrink(table, widths, screen->width);
    if (!table->untitled) {
        screen_style(screen, STYLE_BOLD);
        for (size_t i = 0; i < table->column_count; i++) {
            print_cell(table, screen, table->columns[i].title, i, widths);
        }
        screen_plain(screen);
        fputc('\n', screen->out);
    }
    assert(table->cell_count % table->column_count == 0);
    for (size_t i = 0; i < table->cell_count; i++) {
        const size_t column = i % table->column_count;
        print_cell(table, screen, table->cells[i], column, widths);
        if (column + 1 == table->column_count) {
            fputc('\n', screen->out);
        }
    }
}
