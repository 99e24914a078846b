#pragma once
/* Ack ids of deliveries, as words of the command line or a line each in a file, some at a time. */

#include "client/cli/arguments.h"

#include <jansson.h>
#include <stdio.h>

struct ack_lines {
    const struct arguments *arguments; /* Ids are the words behind the first. Borrowed. */
    const char *path;                  /* As messages name the file. Borrowed. */
    FILE *file;                        /* NULL: words. Ours, but for standard input. */
    size_t next_word;
    int64_t line;
    bool failed; /* A line is no id, or the file can't be read; which was told. */
};

/* Begins with the words behind the first, or with --file. False, told, when there are neither, or
 * both, or the file can't be opened. */
bool ack_lines_open(struct ack_lines *lines, const struct arguments *arguments);
void ack_lines_close(struct ack_lines *lines);

/* The next ids, as many as a request takes; an empty array at the end, and where `failed` is set.
 * The caller's. */
json_t *ack_lines_next(struct ack_lines *lines);
