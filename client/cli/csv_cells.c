/* Cells of CSV. */

#include "client/cli/csv_cells.h"

#include <assert.h>
#include <csv.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 24 };

void csv_cell(const char *text, FILE *out) { (void)csv_fwrite(out, text, strlen(text)); }

/* Whether a spreadsheet would take it for a formula. */
static bool is_formula(const char *text) {
    return text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL;
}

void csv_cell_told(const char *text, FILE *out) {
    if (!is_formula(text)) {
        csv_cell(text, out);
        return;
    }
    char *guarded = NULL;
    const int length = asprintf(&guarded, "'%s", text);
    assert(length >= 0);
    csv_cell(guarded, out);
    free(guarded);
}

void csv_cell_number(int64_t number, FILE *out) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%" PRId64, number);
    csv_cell(text, out);
}
