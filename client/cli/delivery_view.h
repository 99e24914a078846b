#pragma once
/* Deliveries as a table, a line each: ack id, attempt, time, kind, profile, what it is about. */

#include "client/cli/session.h"

#include "profiled/v1/subscription.pb-c.h"

/* Prints them. */
void delivery_view(const struct session *session, Profiled__V1__Delivery *const *deliveries,
                   size_t count);
