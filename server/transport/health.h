#pragma once
/* grpc.health.v1.Health: everything is SERVING from the start and NOT_SERVING from shutdown on. */

#include "server/transport/method.h"

struct health;

/* The services that it knows are those of the table, which must outlive it. */
struct health *health_new(const struct method_table *table);
void health_free(struct health *health); /* No watcher may be left. */

/* Says NOT_SERVING from now on, to everybody who watches too, and ends their calls. */
void health_drain(struct health *health);

/* Of Check and of Watch; the methods' state is the health. */
extern const struct method_behaviour health_check_behaviour;
extern const struct method_behaviour health_watch_behaviour;
