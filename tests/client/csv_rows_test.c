/* The rows of CSV files as people send them. */

#include "client/cli/csv_rows.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that was read: fields in [], rows that failed as !, each with its line. */
static void read_all(const char *bytes, size_t size, char delimiter, char *out, size_t room) {
    FILE *file = tmpfile();
    fwrite(bytes, 1, size, file);
    rewind(file);
    struct input input;
    struct csv_rows rows;
    struct csv_row row;
    input_open(&input, file);
    csv_rows_open(&rows, &input, delimiter);
    out[0] = '\0';
    while (csv_rows_next(&rows, &row)) {
        size_t used = strlen(out);
        snprintf(out + used, room - used, "%lld%s", (long long)row.line,
                 row.problem == NULL ? ":" : "!");
        for (size_t i = 0; i < row.count; i++) {
            size_t field_size;
            const char *field = csv_rows_field(&rows, i, &field_size);
            used = strlen(out);
            snprintf(out + used, room - used, "[%s]", field);
        }
        used = strlen(out);
        snprintf(out + used, room - used, " ");
    }
    csv_rows_close(&rows);
    input_close(&input);
    fclose(file);
}

static void check(const char *text, char delimiter, const char *expected) {
    char out[1024];

    read_all(text, strlen(text), delimiter, out, sizeof out);

    cr_assert_str_eq(out, expected);
}

Test(csv_rows, plain_rows) { check("a,b\n1,2\n", ',', "1:[a][b] 2:[1][2] "); }

Test(csv_rows, crlf_and_a_missing_last_newline) { check("a;b\r\n1;2", ';', "1:[a][b] 2:[1][2] "); }

Test(csv_rows, lone_carriage_returns) { check("a,b\r1,2\r", ',', "1:[a][b] 2:[1][2] "); }

Test(csv_rows, a_byte_order_mark_is_no_part_of_the_title) {
    check("\xef\xbb\xbf"
          "a,b\n",
          ',', "1:[a][b] ");
}

Test(csv_rows, quotes_newlines_and_doubled_quotes) {
    check("\"a,1\",\"b\"\"2\"\"\"\n\"x\ny\",z\nlast,row\n", ',',
          "1:[a,1][b\"2\"] 2:[x\ny][z] 4:[last][row] ");
}

Test(csv_rows, spaces_round_fields_are_no_part_of_them) {
    check("a, b , \"c\" \n", ',', "1:[a][b][c] ");
}

Test(csv_rows, empty_fields_and_tabs) { check("a\t\tc\n\t\t\n", '\t', "1:[a][][c] 2:[][][] "); }

Test(csv_rows, blank_lines_are_no_rows) { check("\n\na,b\n\n1,2\n\n", ',', "3:[a][b] 5:[1][2] "); }

Test(csv_rows, nothing_is_no_row) { check("", ',', ""); }

Test(csv_rows, a_quote_within_a_field_costs_one_row) {
    check("a,b\n1,x\"y\n3,4\n", ',', "1:[a][b] 2! 3:[3][4] ");
}

Test(csv_rows, an_unclosed_quote_costs_one_row) {
    check("a,b\n1,\"x\n3,4\n\"5\",6\n", ',', "1:[a][b] 2! 3:[3][4] 4:[5][6] ");
}

Test(csv_rows, an_unclosed_quote_on_the_last_row) { check("a,b\n1,\"x", ',', "1:[a][b] 2! "); }

Test(csv_rows, an_unclosed_quote_before_many_rows) {
    check("a,b\n1,\"x\n2,3\n4,5", ',', "1:[a][b] 2! 3:[2][3] 4:[4][5] ");
}

Test(csv_rows, a_row_may_be_long_but_not_endless) {
    const size_t size = (size_t)ROW_SIZE_MAX * 3;
    char *text = malloc(size + 8);
    memset(text, 'x', size);
    memcpy(text + size, "\n1,2\n", 6);
    char out[64];

    read_all(text, size + 5, ',', out, sizeof out);

    cr_assert_str_eq(out, "1! 2:[1][2] ");
    free(text);
}

Test(csv_rows, too_many_fields_fail_the_row) {
    static const size_t size = (size_t)2 * FIELDS_MAX;
    char text[4 * FIELDS_MAX];
    memset(text, ',', size);
    snprintf(text + size, sizeof text - size, "\n1,2\n");

    check(text, ',', "1! 2:[1][2] ");
}

Test(csv_rows, rows_across_the_buffer_arrive_whole) {
    const size_t count = (size_t)INPUT_SIZE_MAX / 8 * 2;
    FILE *file = tmpfile();
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "abc,%04zu\n", i % 10000);
    }
    rewind(file);
    struct input input;
    struct csv_rows rows;
    struct csv_row row;
    input_open(&input, file);
    csv_rows_open(&rows, &input, ',');

    size_t seen = 0;
    while (csv_rows_next(&rows, &row)) {
        size_t size;
        cr_assert_null(row.problem);
        cr_assert_eq(row.count, 2);
        cr_assert_eq(strtoul(csv_rows_field(&rows, 1, &size), NULL, 10), seen % 10000);
        seen++;
    }

    cr_assert_eq(seen, count);
    csv_rows_close(&rows);
    input_close(&input);
    fclose(file);
}

static char guess(const char *text) {
    FILE *file = tmpfile();
    fputs(text, file);
    rewind(file);
    struct input input;
    input_open(&input, file);
    const char delimiter = csv_guess_delimiter(&input);
    input_close(&input);
    fclose(file);
    return delimiter;
}

Test(csv_rows, the_delimiter_is_guessed) {
    cr_assert_eq(guess("a,b,c\n1,2,3\n"), ',');
    cr_assert_eq(guess("a;b;c\n1,5;2;3\n"), ';');
    cr_assert_eq(guess("a\tb\n1\t2\n"), '\t');
    cr_assert_eq(guess("a|b\n\"1;;;;\"|2\n"), '|');
    cr_assert_eq(guess("email\nsomeone@example.org\n"), ',');
    cr_assert_eq(guess(""), ',');
}
