#pragma once
/* Maps of a request. protobuf-c unpacks them as lists of entries: in any order, with duplicates,
 * without values that were not sent. Private to rpc. */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "server/base/arena.h"

/* Brings every map in the message, at every level, into one form: ordered by key, of entries with
 * the same key only the last, and an absent message as an empty one. The message was unpacked into
 * the arena and has passed rpc_scan(). */
void maps_settle(ProtobufCMessage *message, struct arena *arena);

/* Whether messages of a shape are entries of a map, which protoc makes: fields key = 1, value = 2.
 */
bool maps_is_entry(const ProtobufCMessageDescriptor *shape);
