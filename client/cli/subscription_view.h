#pragma once
/* Subscriptions: the table of all, and the page of one. */

#include "client/cli/session.h"

#include "profiled/v1/subscription.pb-c.h"

/* Prints a line each. */
void subscription_view_list(const struct session *session,
                            Profiled__V1__Subscription *const *subscriptions, size_t count);

/* Prints one: its settings, and how far it is. */
void subscription_view(const struct session *session,
                       const Profiled__V1__Subscription *subscription);
