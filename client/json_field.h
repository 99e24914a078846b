#pragma once
/* What the two directions of the JSON mapping share: looking at fields through descriptors. */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

enum { FIELD_NAME_SIZE = 128 };

/* The size in bytes of one element of the field. */
size_t field_element_size(const ProtobufCFieldDescriptor *field);

/* Whether the field is a map: protobuf-c has it as repeated messages of a key and a value. */
bool field_is_map(const ProtobufCFieldDescriptor *field);

/* Whether presence is told by a case member rather than by the value. */
bool field_is_oneof(const ProtobufCFieldDescriptor *field);

/* The name in lowerCamelCase. */
void field_json_name(const char *name, char out[FIELD_NAME_SIZE]);

/* The name in snake_case. */
void field_proto_name(const char *name, char out[FIELD_NAME_SIZE]);
