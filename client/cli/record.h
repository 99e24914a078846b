#pragma once
/* A record out of one row. */

#include "client/cli/columns.h"

#include "profiled/v1/identity.pb-c.h"

#include <jansson.h>

/* Adds {field, description} to a list. */
void record_add_error(json_t *errors, const char *field, const char *description);

/* The record in the present row of a CSV file; NULL with `errors` filled. The caller's. Which
 * column each of its identities came from goes to `identity_columns`, which has room for every
 * column. */
Profiled__V1__Record *record_from_fields(const struct csv_rows *rows, const struct columns *columns,
                                         uint16_t *identity_columns, json_t *errors);

/* The message in one line of JSON; NULL with `errors` filled. The caller's. */
ProtobufCMessage *message_from_json(const ProtobufCMessageDescriptor *shape, const char *text,
                                    size_t size, json_t *errors);
