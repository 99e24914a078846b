/* The rows of an import. The start of the file settles what it is: NDJSON or CSV, by what its
 * fields are separated, whether its first row is a header. From then on rows are given out one by
 * one, numbered from 1 as the server knows them. */

#include "client/cli/import_rows.h"

#include "client/cli/record.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool ends_with(const char *text, const char *ending) {
    const size_t length = strlen(text);
    const size_t size = strlen(ending);
    return length >= size && strcasecmp(text + length - size, ending) == 0;
}

enum import_format import_format_guess(const struct input *input, const char *path) {
    if (ends_with(path, ".ndjson") || ends_with(path, ".jsonl")) {
        return FORMAT_NDJSON;
    }
    size_t at = input->start;
    while (at < input->end && isspace((unsigned char)input->bytes[at])) {
        at++;
    }
    return at < input->end && input->bytes[at] == '{' ? FORMAT_NDJSON : FORMAT_CSV;
}

/* UTF-16 begins with a byte order mark of its own, and has a NUL beside every Latin letter. */
static bool is_utf16(const struct input *input) {
    return input->end >= 2 &&
           (memcmp(input->bytes, "\xff\xfe", 2) == 0 || memcmp(input->bytes, "\xfe\xff", 2) == 0);
}

/* Reads the first row: the header, or the first data. False, told, when there is none. */
static bool read_header(struct import_rows *rows, bool no_header) {
    if (!csv_rows_next(&rows->csv, &rows->first)) {
        fprintf(stderr, "profilectl: the file is empty\n");
        return false;
    }
    if (rows->first.problem != NULL) {
        fprintf(stderr, "profilectl: the first row, on line %lld, %s\n",
                (long long)rows->first.line, rows->first.problem);
        return false;
    }
    rows->has_header = !no_header && !columns_row_is_data(&rows->csv);
    if (rows->has_header) {
        if (!columns_from_header(&rows->columns, &rows->csv)) {
            return false;
        }
        columns_guess(&rows->columns);
    } else {
        columns_from_positions(&rows->columns, rows->first.count);
        columns_guess_by_row(&rows->columns, &rows->csv);
        rows->held = true;
    }
    return true;
}

bool import_rows_open(struct import_rows *rows, FILE *file, const char *path,
                      const struct import_layout *layout) {
    *rows = (struct import_rows){.format = layout->format, .shape = layout->shape};
    input_open(&rows->input, file);
    if (is_utf16(&rows->input)) {
        fprintf(stderr, "profilectl: the file is UTF-16: save it as UTF-8\n");
        return false;
    }
    if (rows->format == FORMAT_GUESS) {
        rows->format = import_format_guess(&rows->input, path);
    }
    if (rows->format == FORMAT_NDJSON) {
        return true;
    }
    rows->delimiter =
        layout->delimiter == '\0' ? csv_guess_delimiter(&rows->input) : layout->delimiter;
    csv_rows_open(&rows->csv, &rows->input, rows->delimiter);
    return read_header(rows, layout->no_header);
}

void import_rows_close(struct import_rows *rows) {
    if (rows->delimiter != '\0') {
        csv_rows_close(&rows->csv);
    }
    columns_free(&rows->columns);
    input_close(&rows->input);
}

void import_row_free(struct import_row *row) {
    if (row->message != NULL) {
        protobuf_c_message_free_unpacked(row->message, NULL);
    }
    json_decref(row->errors);
    free(row->identity_columns);
    *row = (struct import_row){0};
}

static void check_csv_row(const struct import_rows *rows, const struct csv_row *csv,
                          struct import_row *row) {
    if (csv->problem != NULL) {
        record_add_error(row->errors, "", csv->problem);
        return;
    }
    if (csv->count != rows->columns.count) {
        char text[96];
        snprintf(text, sizeof text, "has too %s fields: %zu, where the %s has %zu",
                 csv->count < rows->columns.count ? "few" : "many", csv->count,
                 rows->has_header ? "header" : "first row", rows->columns.count);
        record_add_error(row->errors, "", text);
        return;
    }
    row->identity_columns = calloc(csv->count + 1, sizeof *row->identity_columns);
    assert(row->identity_columns != NULL);
    Profiled__V1__Record *record =
        record_from_fields(&rows->csv, &rows->columns, row->identity_columns, row->errors);
    row->message = record == NULL ? NULL : &record->base;
}

static bool next_csv(struct import_rows *rows, struct import_row *row) {
    struct csv_row csv = rows->first;
    if (!rows->held && !csv_rows_next(&rows->csv, &csv)) {
        return false;
    }
    rows->held = false;
    row->line = csv.line;
    check_csv_row(rows, &csv, row);
    return true;
}

/* The end of the present line, reading more as needed; SIZE_MAX when the line is too long. */
static size_t find_line_end(struct input *input) {
    size_t end = input_line_end(input, input->start);
    while (end == SIZE_MAX && input->end - input->start <= ROW_SIZE_MAX && input_fill(input)) {
        end = input_line_end(input, input->start);
    }
    if (end == SIZE_MAX && input->ended && input->end - input->start <= ROW_SIZE_MAX) {
        return input->end;
    }
    return end;
}

static bool is_blank(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (!isspace((unsigned char)text[i])) {
            return false;
        }
    }
    return true;
}

/* Goes to the next line that is not blank; its end is that of find_line_end(). False at the end. */
static bool seek_line(struct input *input, size_t *out) {
    size_t end = find_line_end(input);
    while (end != SIZE_MAX && is_blank(input->bytes + input->start, end - input->start)) {
        if (end == input->end && input->ended) {
            input_advance(input, end);
            return false;
        }
        input_advance(input, end);
        end = find_line_end(input);
    }
    *out = end;
    return true;
}

static bool is_too_long(const struct input *input, size_t end) {
    return end == SIZE_MAX || end - input->start > ROW_SIZE_MAX;
}

static bool next_json(struct import_rows *rows, struct import_row *row) {
    struct input *input = &rows->input;
    size_t end = 0;
    if (!seek_line(input, &end)) {
        return false;
    }
    row->line = input->line;
    if (is_too_long(input, end)) {
        record_add_error(row->errors, "", "is longer than 1 MiB");
        input_skip_line(input);
        return true;
    }
    row->message = message_from_json(rows->shape, input->bytes + input->start, end - input->start,
                                     row->errors);
    input_advance(input, end);
    return true;
}

static bool skip_json(struct input *input) {
    size_t end = 0;
    if (!seek_line(input, &end)) {
        return false;
    }
    if (is_too_long(input, end)) {
        input_skip_line(input);
    } else {
        input_advance(input, end);
    }
    return true;
}

int64_t import_rows_count(struct import_rows *rows) {
    struct csv_row csv;
    int64_t count = rows->held ? 1 : 0;
    rows->held = false;
    while (rows->format == FORMAT_NDJSON ? skip_json(&rows->input)
                                         : csv_rows_next(&rows->csv, &csv)) {
        count++;
    }
    return count;
}

bool import_rows_next(struct import_rows *rows, struct import_row *row) {
    *row = (struct import_row){.errors = json_array()};
    const bool got = rows->format == FORMAT_NDJSON ? next_json(rows, row) : next_csv(rows, row);
    if (!got) {
        import_row_free(row);
        return false;
    }
    rows->number++;
    row->number = rows->number;
    return true;
}
