/* The rows of a CSV file. libcsv parses, in its strict mode; this file feeds it line by line, so
 * that one row at most is complete after each, and so that after a mistake it is known where the
 * broken row began. A broken row ends with its first line: an unclosed quote then costs one row and
 * not the rest of the file. */

#include "client/cli/csv_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { GUESS_LINES_MAX = 20 };

static void start_parser(struct csv_rows *rows) {
    const int failed = csv_init(&rows->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
    assert(failed == 0);
    csv_set_delim(&rows->parser, (unsigned char)rows->delimiter);
}

void csv_rows_open(struct csv_rows *rows, struct input *input, char delimiter) {
    *rows = (struct csv_rows){.input = input, .delimiter = delimiter};
    start_parser(rows);
}

void csv_rows_close(struct csv_rows *rows) {
    csv_free(&rows->parser);
    free(rows->bytes);
    rows->bytes = NULL;
}

/* libcsv's callback for a field. What is beyond FIELDS_MAX is counted and not kept. */
static void add_field(void *bytes, size_t size, void *data) {
    struct csv_rows *rows = data;
    if (rows->count >= FIELDS_MAX) {
        rows->count = FIELDS_MAX + 1;
        return;
    }
    if (rows->size + size + 1 > rows->room) {
        rows->room = (rows->size + size + 1) * 2;
        rows->bytes = realloc(rows->bytes, rows->room);
        assert(rows->bytes != NULL);
    }
    if (size > 0) {
        memcpy(rows->bytes + rows->size, bytes, size);
    }
    rows->bytes[rows->size + size] = '\0';
    rows->offsets[rows->count++] = rows->size;
    rows->size += size + 1;
    rows->offsets[rows->count] = rows->size;
}

/* libcsv's callback for the end of a row. */
static void end_row(int ending, void *data) {
    (void)ending;
    ((struct csv_rows *)data)->complete = true;
}

static bool feed(struct csv_rows *rows, size_t from, size_t to) {
    return csv_parse(&rows->parser, rows->input->bytes + from, to - from, add_field, end_row,
                     rows) == to - from;
}

static bool finish(struct csv_rows *rows) {
    return csv_fini(&rows->parser, add_field, end_row, rows) == 0;
}

/* Parses up to the end of a row. A problem, as a literal; NULL when there is none, with `complete`
 * telling whether there was a row, and `*end` where it ends. */
static const char *parse_row(struct csv_rows *rows, size_t *end) {
    struct input *input = rows->input;
    size_t at = input->start;
    while (!rows->complete) {
        size_t line_end = input_line_end(input, at);
        if (line_end == SIZE_MAX) {
            if (input->end - input->start > ROW_SIZE_MAX) {
                return "is longer than 1 MiB; is a quote not closed?";
            }
            const size_t offset = at - input->start;
            if (input_fill(input)) {
                at = input->start + offset;
                continue;
            }
            line_end = input->end;
            if (!feed(rows, at, line_end) || (!rows->complete && !finish(rows))) {
                return "has a quote that is not closed, or not at the end of its field";
            }
            at = line_end;
            break;
        }
        if (!feed(rows, at, line_end)) {
            return "has a quote that is not closed, or not at the end of its field";
        }
        at = line_end;
        if (!rows->complete && rows->parser.pstate == 0) {
            input_advance(input, at); /* A blank line. */
        } else if (at - input->start > ROW_SIZE_MAX) {
            return "is longer than 1 MiB; is a quote not closed?";
        }
    }
    *end = at;
    return NULL;
}

bool csv_rows_next(struct csv_rows *rows, struct csv_row *row) {
    rows->complete = false;
    rows->count = 0;
    rows->size = 0;
    size_t end = 0;
    const char *problem = parse_row(rows, &end);
    if (problem == NULL && !rows->complete) {
        input_advance(rows->input, end); /* Spaces on the last line. */
        return false;
    }
    *row = (struct csv_row){.line = rows->input->line, .problem = problem};
    if (problem != NULL) {
        csv_free(&rows->parser);
        start_parser(rows);
        input_skip_line(rows->input);
        rows->count = 0;
        return true;
    }
    input_advance(rows->input, end);
    if (rows->count > FIELDS_MAX) {
        row->problem = "has more than 1,024 fields";
        rows->count = 0;
    }
    row->count = rows->count;
    return true;
}

const char *csv_rows_field(const struct csv_rows *rows, size_t position, size_t *size) {
    assert(position < rows->count);
    *size = rows->offsets[position + 1] - rows->offsets[position] - 1;
    return rows->bytes + rows->offsets[position];
}

/* How often a byte stands outside of quotes on the line at `*at`, which goes on to the next. */
static size_t count_on_line(const struct input *input, size_t *at, char wanted) {
    size_t count = 0;
    bool quoted = false;
    for (; *at < input->end; (*at)++) {
        const char c = input->bytes[*at];
        quoted = c == '"' ? !quoted : quoted;
        if (!quoted && c == '\n') {
            (*at)++;
            break;
        }
        count += !quoted && c == wanted ? 1 : 0;
    }
    return count;
}

/* The delimiter is what stands on every line equally often; of several, the most frequent. */
char csv_guess_delimiter(const struct input *input) {
    static const char candidates[] = {',', ';', '\t', '|'};
    char best = ',';
    size_t best_score = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t at = input->start;
        const size_t first = count_on_line(input, &at, candidates[i]);
        size_t same = 1;
        for (size_t line = 1; line < GUESS_LINES_MAX && at < input->end; line++) {
            same += count_on_line(input, &at, candidates[i]) == first ? 1 : 0;
        }
        const size_t score = first == 0 ? 0 : same * FIELDS_MAX + first;
        if (score > best_score) {
            best_score = score;
            best = candidates[i];
        }
    }
    return best;
}
