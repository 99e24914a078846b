#pragma once
/* Cells of CSV (RFC 4180) that are written, each in quotation marks. What can't be written is for
 * the caller to find out, when it is flushed. */

#include <stdint.h>
#include <stdio.h>

/* A text that is ours: a title, an id, a number. */
void csv_cell(const char *text, FILE *out);

/* A text that somebody told. One that begins with = + - @, a tab or a line break would be run as a
 * formula by a spreadsheet that opens the file: it gets a ' before it, which spreadsheets show or
 * swallow. */
void csv_cell_told(const char *text, FILE *out);

void csv_cell_number(int64_t number, FILE *out);
