/* DeleteChannel: a channel that no further engagement takes. */

#include "server/handlers/channel_message.h"
#include "server/rpc/method.h"

static void delete_channel_check(struct rpc_context *ctx,
                                 const Profiled__V1__DeleteChannelRequest *request) {
    if (request->name[0] == '\0') {
        rpc_violation(ctx, "is required", "name");
    }
}

static struct status delete_channel(struct rpc_context *ctx,
                                    const Profiled__V1__DeleteChannelRequest *request,
                                    Profiled__V1__DeleteChannelResponse *response) {
    struct channels channels;
    struct channel *channel = NULL;
    const struct identity_rules *rules = NULL;
    TRY(channels_read(ctx->store, &channels));
    TRY(identity_rules_read(ctx->store, &rules));
    TRY(channel_find(&channels, request->name, &channel));
    channel->term.retired = true;
    response->channel = channel_message(channel, rules, ctx->arena);
    return channels_put(ctx->store, &channels);
}

RPC_METHOD(SchemaService, DeleteChannel, delete_channel, RPC_WRITE);
