#pragma once
/* A file that is read in order, with the bytes of the present row at hand. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    ROW_SIZE_MAX = 1 << 20,            /* Bytes of one row. */
    INPUT_SIZE_MAX = ROW_SIZE_MAX * 2, /* Bytes in memory. */
};

struct input {
    FILE *file;   /* Borrowed. */
    char *bytes;  /* Ours, INPUT_SIZE_MAX of them. */
    size_t start; /* Where the present row begins. */
    size_t end;   /* Where what was read ends. */
    bool ended;   /* There is no more in the file. */
    bool failed;  /* Reading failed. */
    int64_t done; /* Bytes of the file before `start`. */
    int64_t line; /* The number of the line at `start`, from 1. */
};

/* Begins to read; a byte order mark of UTF-8 is skipped. */
void input_open(struct input *input, FILE *file);
void input_close(struct input *input);

/* Reads more behind `end`, moving what begins at `start` to the front. False when there is no more,
 * or no room. */
bool input_fill(struct input *input);

/* Goes on to `position`, counting lines. */
void input_advance(struct input *input, size_t position);

/* The position behind the line end at or after `from`; SIZE_MAX when none is in memory. */
size_t input_line_end(const struct input *input, size_t from);

/* Goes on behind the present line, however long it is. */
void input_skip_line(struct input *input);
