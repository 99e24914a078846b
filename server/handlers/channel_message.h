#pragma once
/* Channels between the wire, their checks, and the workspace's. */

#include "profiled/v1/schema_service.pb-c.h"
#include "server/identity/rules.h"
#include "server/interaction/channels.h"
#include "server/rpc/rpc.h"

/* Reads what it is called; notes what is wrong. */
void channel_labels_read(struct rpc_context *ctx, const Profiled__V1__Channel *message,
                         struct channel *out);

/* NOT_FOUND CHANNEL_NOT_FOUND. */
MUST_USE struct status channel_find(const struct channels *channels, const char *name,
                                    struct channel **out);

/* Notes names and labels that another channel is called by. */
void channel_name_clash(struct rpc_context *ctx, struct channels *channels, const char *name);
void channel_labels_clash(struct rpc_context *ctx, struct channels *channels,
                          const struct term *term);

/* Sets the identity type of authors, "" for that of the channel's name; notes one that the
 * workspace does not have, and a channel whose type is built in. */
void channel_type_set(struct rpc_context *ctx, const struct identity_rules *rules,
                      const char *identity_type, struct channel *channel);

Profiled__V1__Channel *channel_message(const struct channel *channel,
                                       const struct identity_rules *rules, struct arena *arena);
