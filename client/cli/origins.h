#pragma once
/* Which option of the command line gave which value of a request. What is wrong with a request is
 * told by the fields of the contract, and maps by the place of an entry; people know the options
 * and the names that they gave. */

#include "client/cli/options.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct origin {
    json_t *value; /* Ours. */
    enum cli_option option;
    char *name; /* Which of several, as the name of a property; NULL where there is one. Ours. */
};

struct origins {
    struct origin *items;
    size_t count;
};

/* Notes that the option gave the value; copies the name, which may be NULL. What was noted before
 * about what is inside of the value stays. Nothing without `origins`, or without a value. */
void origins_note(struct origins *origins, json_t *value, enum cli_option option, const char *name);

void origins_free(struct origins *origins);

/* Writes which part of the request the field is, a path as `activity.properties[1].text`: the
 * option that gave it, if one did, and the path, with the names of the entries of maps in the place
 * of their numbers, which count in the order of the names. */
void origins_tell(const struct origins *origins, json_t *request, const char *field, FILE *out);
