#pragma once
/* What is called by names in several languages: what the commands of themes and of channels have in
 * common. */

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

/* The ones of the fields that the object in JSON has, as a mask. */
json_t *term_mask(const json_t *object, const char *const *fields, size_t count);

/* Puts the labels of --label among those of the message, in the place of that of their language;
 * one that is empty only takes that away. False, told by the noun, when there is none to take away.
 */
bool term_labels_add(json_t *object, const ProtobufCMessage *there, const char *noun);
