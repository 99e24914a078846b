/* ListChannels: where engagements of this workspace may take place. */

#include "server/handlers/channel_message.h"
#include "server/rpc/method.h"

static void list_channels_check(struct rpc_context *ctx,
                                const Profiled__V1__ListChannelsRequest *request) {
    (void)ctx;
    (void)request; /* It has no fields. */
}

static struct status list_channels(struct rpc_context *ctx,
                                   const Profiled__V1__ListChannelsRequest *request,
                                   Profiled__V1__ListChannelsResponse *response) {
    (void)request;
    struct channels channels;
    const struct identity_rules *rules = NULL;
    TRY(channels_read(ctx->store, &channels));
    TRY(identity_rules_read(ctx->store, &rules));
    response->n_channels = channels.count;
    response->channels = arena_array(ctx->arena, channels.count, sizeof *response->channels);
    for (size_t i = 0; i < channels.count; i++) {
        response->channels[i] = channel_message(&channels.items[i], rules, ctx->arena);
    }
    return OK;
}

RPC_METHOD(SchemaService, ListChannels, list_channels, RPC_READ);
