#pragma once
/* The proto3 JSON mapping, for every message, over protobuf-c's descriptors. */

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

enum {
    JSON_DEPTH_MAX = 16, /* Nested messages, either way. */
    JSON_PATH_SIZE = 160,
    JSON_TEXT_SIZE = 512,
};

/* Why a JSON value is no such message. Holds names of fields, never values. */
struct json_problem {
    char field[JSON_PATH_SIZE]; /* As `identities[1].value`; "" for the whole. */
    char text[JSON_TEXT_SIZE];
};

/* The text of a problem with a string that holds NUL, as JSON_ALLOW_NUL lets it through. */
#define JSON_HOLDS_NUL "holds NUL"

/* The message as JSON: lowerCamelCase names, int64 as strings, times as RFC 3339, enums by name,
 * field masks as a string, bytes as base64, maps as objects, defaults left out. Text that is not
 * UTF-8 comes with U+FFFD in place of what is wrong. The caller's, for json_decref(). */
json_t *json_from_message(const ProtobufCMessage *message);

/* Writes it, as json_dumpf() does, and numbers in the shortest form that is read as the same one.
 * 0, or -1 when it can't be written. */
int json_write(const json_t *json, size_t flags, FILE *out);

/* The message in the JSON, which is the caller's for protobuf_c_message_free_unpacked(); NULL with
 * `problem` filled when it is none. Takes names in both forms, numbers as strings and enums as
 * numbers, as the mapping asks. One thing more: a string in the place of a message that has a
 * field `text` is that field. */
ProtobufCMessage *json_to_message(const ProtobufCMessageDescriptor *descriptor, const json_t *json,
                                  struct json_problem *problem);
