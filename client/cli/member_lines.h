#pragma once
/* Who is to be put on a list, or taken off it: the words of a command, or the lines of a file, one
 * person each: the id of a profile, or an identity as TYPE:VALUE. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { MEMBER_LINE_SIZE = 2048 };

struct member_lines {
    FILE *file;               /* NULL: the words. Borrowed. */
    const char *const *words; /* Borrowed. */
    size_t word_count;
    size_t next_word;
    int64_t line;                /* Of the last one that was read, from 1; of words, which. */
    int64_t size_done;           /* Bytes of the file that were read. */
    char text[MEMBER_LINE_SIZE]; /* The last one that was read. */
    const char *problem;         /* What is wrong with its text; NULL when nothing is. */
};

/* Reads the next one, without blanks around it; empty lines are left out. False at the end. */
bool member_lines_next(struct member_lines *lines);

/* The last one as a SegmentMember, with the region unless it is NULL; NULL, and `problem` says why,
 * when it is none. */
json_t *member_lines_json(struct member_lines *lines, const char *region);
