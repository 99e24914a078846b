/* Files of records, line by line: no field of these files is quoted. */

#include "tests/identity/truth_set.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/handlers/ask.h"

enum { LINE_SIZE_MAX = 512 };

static char *trimmed(char *text) {
    text += strspn(text, " ");
    size_t size = strlen(text);
    while (size > 0 && strchr(" \r\n", text[size - 1]) != NULL) {
        text[--size] = '\0';
    }
    return text;
}

static char no_column[] = "";

void truth_set_read(const char *path, struct truth_set *set, truth_fn *truth) {
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    char line[LINE_SIZE_MAX];
    cr_assert_not_null(fgets(line, sizeof line, file)); /* The names of the columns. */
    while (fgets(line, sizeof line, file) != NULL) {
        cr_assert_lt(set->count, TRUTH_ROWS_MAX);
        struct truth_row *row = &set->rows[set->count++];
        char *rest = arena_string(&ask_arena, bytes_of_string(line));
        for (size_t i = 0; i < TRUTH_COLUMNS_MAX; i++) {
            char *column = strsep(&rest, ",");
            row->columns[i] = column == NULL ? no_column : trimmed(column);
        }
        truth(row);
    }
    fclose(file);
}

void truth_of_fake(struct truth_row *row) { row->person = row->columns[6]; }

void truth_of_febrl(struct truth_row *row) {
    char *person = arena_string(&ask_arena, bytes_of_string(row->columns[0] + strlen("rec-")));
    *strchr(person, '-') = '\0';
    row->person = person;
}
