/* What the columns of a file are taken for. */

#include "client/cli/columns.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

struct file {
    FILE *file;
    struct input input;
    struct csv_rows rows;
    struct columns columns;
};

/* Reads the first row of the text. */
static void open_text(struct file *file, const char *text) {
    struct csv_row row;
    file->file = tmpfile();
    fputs(text, file->file);
    rewind(file->file);
    input_open(&file->input, file->file);
    csv_rows_open(&file->rows, &file->input, ',');
    cr_assert(csv_rows_next(&file->rows, &row));
    columns_from_header(&file->columns, &file->rows);
}

static void close_text(struct file *file) {
    columns_free(&file->columns);
    csv_rows_close(&file->rows);
    input_close(&file->input);
    fclose(file->file);
}

/* `expected` ends in NULL. */
static void check_targets(const struct file *file, const char *const *expected) {
    size_t count = 0;
    for (; expected[count] != NULL; count++) {
        cr_assert_lt(count, file->columns.count);
        const struct column *column = &file->columns.items[count];
        char target[COLUMN_KEY_SIZE + 16];
        column_describe(column, target);
        cr_assert_str_eq(target, expected[count], "column %s is %s", column->title, target);
    }
    cr_assert_eq(count, file->columns.count);
}

static struct file file; /* Large; a test process has one. */

Test(columns, usual_english_titles) {
    open_text(&file, "Full Name, E-mail ,phone_number,Date of Birth,CITY,cluster\n");

    columns_guess(&file.columns);

    check_targets(&file,
                  (const char *const[]){"name", "identity.email", "identity.phone",
                                        "attribute.birth_date", "attribute.city", "ignored", NULL});
    close_text(&file);
}

Test(columns, titles_of_other_systems) {
    open_text(&file, "موبايل,جوال,Mobile Number,LinkedIn URL,Organisation,Company Name,Email ID\n");

    columns_guess(&file.columns);

    check_targets(&file, (const char *const[]){"identity.phone", "identity.phone", "identity.phone",
                                               "identity.linkedin", "attribute.company", "ignored",
                                               "identity.email", NULL});
    close_text(&file);
}

Test(columns, usual_arabic_titles) {
    open_text(&file, "الاسم,البريد الإلكتروني,الجوال,رقم الهاتف,المدينة,الجنس,تاريخ الميلاد\n");

    columns_guess(&file.columns);

    check_targets(&file, (const char *const[]){"name", "identity.email", "identity.phone",
                                               "identity.phone", "attribute.city",
                                               "attribute.gender", "attribute.birth_date", NULL});
    close_text(&file);
}

Test(columns, a_guess_takes_an_attribute_once) {
    open_text(&file, "city,town,phone,mobile\n");

    columns_guess(&file.columns);

    check_targets(&file, (const char *const[]){"attribute.city", "ignored", "identity.phone",
                                               "identity.phone", NULL});
    close_text(&file);
}

Test(columns, a_first_row_of_data_is_noticed) {
    open_text(&file, "someone@example.org,Someone,City\n");
    cr_assert(columns_row_is_data(&file.rows));
    close_text(&file);

    open_text(&file, "Name,+966 50 123 4567\n");
    cr_assert(columns_row_is_data(&file.rows));
    close_text(&file);

    open_text(&file, "Name,\u0660\u0665\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\n");
    cr_assert(columns_row_is_data(&file.rows));
    close_text(&file);

    open_text(&file, "Name,\u06f0\u06f9\u06f1\u06f2 \u06f3\u06f4\u06f5\u06f6\u06f7\n");
    cr_assert(columns_row_is_data(&file.rows));
    close_text(&file);

    open_text(&file,
              "name,email @ work,phone,2026,\u0662\u0660\u0662\u0666\u0660\u0661\u0660\u0661\n");
    cr_assert_not(columns_row_is_data(&file.rows));
    close_text(&file);
}

Test(columns, mapping_by_title_in_any_spelling) {
    open_text(&file, "Cell Phone,a=b,x\n");

    cr_assert(columns_map(&file.columns, "cell_phone=identity.phone"));
    cr_assert(columns_map(&file.columns, "a=b=attributes.city"));
    cr_assert(columns_map(&file.columns, "x=name"));

    check_targets(&file, (const char *const[]){"identity.phone", "attribute.city", "name", NULL});
    close_text(&file);
}

Test(columns, mapping_by_position) {
    columns_from_positions(&file.columns, 2);

    cr_assert(columns_map(&file.columns, "2=identity.email"));

    check_targets(&file, (const char *const[]){"ignored", "identity.email", NULL});
    columns_free(&file.columns);
}

Test(columns, a_missing_column_is_told_with_those_there_are, .init = cr_redirect_stderr) {
    open_text(&file, "one,two\n");

    cr_assert_not(columns_map(&file.columns, "three=name"));

    fflush(stderr);
    cr_assert_stderr_eq_str("profilectl: there is no column `three`. The columns are: one, two\n");
    close_text(&file);
}

Test(columns, titles_are_told_without_what_a_terminal_obeys, .init = cr_redirect_stderr) {
    open_text(&file, "o\033[31mne,two\n");

    cr_assert_not(columns_map(&file.columns, "\033three=name"));

    fflush(stderr);
    cr_assert_stderr_eq_str("profilectl: there is no column `\\u001bthree`. The columns are: "
                            "o\\u001b[31mne, two\n");
    close_text(&file);
}

Test(columns, a_bad_field_is_refused, .init = cr_redirect_stderr) {
    open_text(&file, "one,two\n");

    cr_assert_not(columns_map(&file.columns, "one=nmae"));
    cr_assert_not(columns_map(&file.columns, "one=identity."));
    cr_assert_not(columns_map(&file.columns, "one=attribute.Bad Key"));
    cr_assert_not(columns_map(&file.columns, "one"));

    close_text(&file);
}

Test(columns, an_attribute_has_one_column, .init = cr_redirect_stderr) {
    open_text(&file, "one,two\n");
    columns_map(&file.columns, "one=attribute.city");
    columns_map(&file.columns, "two=attribute.city");

    cr_assert_not(columns_check(&file.columns));

    close_text(&file);
}

Test(columns, nothing_recognised_is_refused_with_what_to_do, .init = cr_redirect_stderr) {
    open_text(&file, "one,two\n");

    cr_assert_not(columns_check(&file.columns));

    fflush(stderr);
    cr_assert_stderr_eq_str("profilectl: no column is recognised: say with --map what they are, "
                            "and with --no-header when the first row is data. The columns are: "
                            "one, two\n");
    close_text(&file);
}
