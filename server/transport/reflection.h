#pragma once
/* grpc.reflection.v1 and v1alpha ServerReflection, which tools ask for our .proto files. */

#include "server/transport/descriptors.h"
#include "server/transport/method.h"

struct reflection;

/* Both must outlive it. */
struct reflection *reflection_new(const struct descriptors *descriptors,
                                  const struct method_table *table);
void reflection_free(struct reflection *reflection);

/* Of ServerReflectionInfo in both versions; the method's state is the reflection. */
extern const struct method_behaviour reflection_behaviour;
