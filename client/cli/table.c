/* A table that fits the screen. All cells are kept until it is printed, for the widths; so it is
 * for pages of results, not for files. */

#include "client/cli/table.h"

#include "client/cli/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, COLUMN_WIDTH_MIN = 4, SECTION_INDENT = 2, NUMBER_SIZE = 24 };

void table_init(struct table *table, const struct table_column *columns, size_t count) {
    assert(count >= 1 && count <= TABLE_COLUMNS_MAX);
    *table = (struct table){.columns = columns, .column_count = count};
}

void table_init_section(struct table *table, const struct table_column *columns, size_t count) {
    table_init(table, columns, count);
    table->indent = SECTION_INDENT;
    table->untitled = true;
}

void table_add(struct table *table, const char *text) {
    if (table->cell_count == table->cell_room) {
        table->cell_room = table->cell_room == 0 ? 64 : table->cell_room * 2;
        table->cells = realloc(table->cells, table->cell_room * sizeof *table->cells);
        assert(table->cells != NULL);
    }
    table->cells[table->cell_count++] = text_clean(text == NULL ? "" : text);
}

void table_add_number(struct table *table, int64_t number) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%" PRId64, number);
    table_add(table, text);
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

/* A column that is left out has no width. Titles are there, so that no other has none. */
static size_t total_width(const struct table *table, const size_t *widths) {
    size_t total = table->indent;
    for (size_t i = 0; i < table->column_count; i++) {
        total += widths[i] == 0 ? 0 : widths[i] + (i == 0 ? 0 : GAP);
    }
    return total;
}

static size_t width_min(const struct table_column *column) {
    return column->width_min > COLUMN_WIDTH_MIN ? column->width_min : COLUMN_WIDTH_MIN;
}

/* Leaves columns out until the rest fits when it is cut, ids not, or nothing may be left out. */
static void drop_columns(const struct table *table, size_t *widths, size_t room) {
    size_t least[TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column *column = &table->columns[i];
        const bool cut = !column->whole && widths[i] > width_min(column);
        least[i] = cut ? width_min(column) : widths[i];
    }
    while (total_width(table, least) > room) {
        size_t first = SIZE_MAX;
        for (size_t i = 0; i < table->column_count; i++) {
            const int rank = widths[i] == 0 ? 0 : table->columns[i].drop;
            if (rank > 0 && (first == SIZE_MAX || rank < table->columns[first].drop)) {
                first = i;
            }
        }
        if (first == SIZE_MAX) {
            return;
        }
        widths[first] = 0;
        least[first] = 0;
    }
}

/* The widest column that may be cut, or SIZE_MAX. */
static size_t find_widest(const struct table *table, const size_t *widths, bool also_whole) {
    size_t widest = SIZE_MAX;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column *column = &table->columns[i];
        if (widths[i] <= width_min(column) || (column->whole && !also_whole)) {
            continue;
        }
        if (widest == SIZE_MAX || widths[i] > widths[widest]) {
            widest = i;
        }
    }
    return widest;
}

static void shrink(const struct table *table, size_t *widths, size_t room) {
    while (total_width(table, widths) > room) {
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

/* Whether no other column stands behind it. */
static bool is_last(const struct table *table, size_t column, const size_t *widths) {
    for (size_t i = column + 1; i < table->column_count; i++) {
        if (widths[i] > 0) {
            return false;
        }
    }
    return true;
}

static void print_cell(const struct table *table, const struct screen *screen, const char *text,
                       size_t column, const size_t *widths) {
    if (widths[column] == 0) {
        return; /* Left out. */
    }
    const size_t before = column == 0 ? table->indent : GAP;
    fprintf(screen->out, "%*s", (int)before, "");
    text_put(screen->out, text,
             (struct text_cell){
                 .width = widths[column],
                 .right = table->columns[column].right,
                 .isolated = screen->terminal,
                 .last = is_last(table, column, widths),
             });
}

/* Columns are at least as wide as they were on the pages before, and what is left out stays so. */
static void go_on(const struct table_run *run, size_t *widths) {
    for (size_t i = 0; i < run->column_count; i++) {
        const size_t before = run->widths[i];
        widths[i] = before == 0 || widths[i] < before ? before : widths[i];
    }
}

static void print_titles(const struct table *table, const struct screen *screen,
                         const size_t *widths) {
    screen_style(screen, STYLE_BOLD);
    for (size_t i = 0; i < table->column_count; i++) {
        print_cell(table, screen, table->columns[i].title, i, widths);
    }
    screen_plain(screen);
    fputc('\n', screen->out);
}

/* Notes a page of a run; answers whether it stands behind one that was printed. */
static bool note_page(const struct table *table, struct table_run *run) {
    const bool goes_on = run->begun && run->columns == table->columns;
    run->columns = table->columns;
    run->column_count = table->column_count;
    run->begun = goes_on || table->cell_count > 0;
    return goes_on;
}

void table_print(const struct table *table, const struct screen *screen) {
    size_t widths[TABLE_COLUMNS_MAX];
    struct table_run *run = screen->run;
    assert(table->column_count >= 1);
    const bool goes_on = run != NULL && note_page(table, run);
    if (run != NULL && table->cell_count == 0) {
        return;
    }
    measure(table, widths);
    if (goes_on) {
        go_on(run, widths);
    }
    if (!screen->uncut) {
        drop_columns(table, widths, screen->width);
        shrink(table, widths, screen->width);
    }
    if (!table->untitled && !goes_on) {
        print_titles(table, screen, widths);
    }
    if (run != NULL) {
        memcpy(run->widths, widths, sizeof widths);
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

void table_run_end(const struct table_run *run, const struct screen *screen) {
    if (run->begun || run->columns == NULL) {
        return;
    }
    struct table table;
    struct screen plain = *screen;
    plain.run = NULL;
    table_init(&table, run->columns, run->column_count);
    table_print(&table, &plain);
}
