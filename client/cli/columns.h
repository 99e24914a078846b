#pragma once
/* What the columns of a file mean. */

#include "client/cli/csv_rows.h"
#include "client/cli/screen.h"

enum { COLUMN_KEY_SIZE = 65 };

enum column_target { COLUMN_IGNORED, COLUMN_NAME, COLUMN_IDENTITY, COLUMN_ATTRIBUTE };

struct column {
    char *title; /* As in the header, or the position as a number. */
    enum column_target target;
    char key[COLUMN_KEY_SIZE]; /* The identity's type or the attribute's name. */
    bool guessed;
    bool list; /* Of an attribute that may have several values: a cell holds them with `;` between.
                */
};

struct columns {
    struct column items[FIELDS_MAX];
    size_t count;
    bool by_position; /* The file has no header, or is said to have none. */
};

/* The columns that the present row names. False, told, when a title is not UTF-8. */
bool columns_from_header(struct columns *columns, const struct csv_rows *rows);

/* The columns "1" to "n", for a file without a header. */
void columns_from_positions(struct columns *columns, size_t count);
void columns_free(struct columns *columns);

/* Whether the present row is data: one of its fields is an e-mail address or a phone number. */
bool columns_row_is_data(const struct csv_rows *rows);

/* Guesses what the columns mean by their titles, in English and Arabic. */
void columns_guess(struct columns *columns);

/* Guesses it by the present row, for a file without a header. */
void columns_guess_by_row(struct columns *columns, const struct csv_rows *rows);

/* Applies COLUMN=FIELD. False, told, when there is no such column or field. */
bool columns_map(struct columns *columns, const char *mapping);

/* Applies a file of such lines. False, told, when it can't be read. */
bool columns_map_file(struct columns *columns, const char *path);

/* Where no attribute is mapped twice. False, told, otherwise. */
bool columns_check(const struct columns *columns);

/* Writes where the column goes, as "identity.email". */
void column_describe(const struct column *column, char out[COLUMN_KEY_SIZE + 16]);

/* Shows the mapping. */
void columns_show(const struct columns *columns, const struct screen *screen);
