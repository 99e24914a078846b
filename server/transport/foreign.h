#pragma once
/* Messages of the services that transport serves itself, health and reflection: the same care as
 * dispatch takes with everybody's. */

#include <protobuf-c/protobuf-c.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"

/* Scans, then unpacks into the arena; NULL when it is not such a message or too large. */
const void *foreign_unpack(const ProtobufCMessageDescriptor *shape, struct bytes bytes,
                           struct arena *arena);

/* Packs into the arena. */
struct bytes foreign_pack(const ProtobufCMessage *message, struct arena *arena);
