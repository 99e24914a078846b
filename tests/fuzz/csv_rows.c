/* Foreign bytes as a CSV file. Every row has a line number no smaller than the one before, fields
 * that end where they say, and a record or a reason why not; and the file comes to its end. */

#include "client/cli/import_rows.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact) {
    if (!fact) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct import_rows rows; /* Large. */
    static const struct import_layout layout = {.format = FORMAT_CSV};
    FILE *file = size == 0 ? tmpfile() : fmemopen((void *)(uintptr_t)data, size, "r");
    require(file != NULL);
    if (import_rows_open(&rows, file, "fuzz", &layout)) {
        for (size_t i = 0; i < rows.columns.count; i++) {
            rows.columns.items[i].target = COLUMN_NAME; /* So that every field is looked at. */
        }
        struct import_row row;
        int64_t line = 0;
        size_t count = 0;
        while (import_rows_next(&rows, &row)) {
            require(row.line > line);
            require((row.message == NULL) == (json_array_size(row.errors) > 0));
            line = row.line;
            count++;
            import_row_free(&row);
        }
        require(count <= size);
        require(rows.input.start == rows.input.end);
    }
    import_rows_close(&rows);
    fclose(file);
    return 0;
}
