/* CreateChannel: one more where engagements may take place. */

#include "server/handlers/channel_message.h"
#include "server/rpc/method.h"

static void create_channel_check(struct rpc_context *ctx,
                                 const Profiled__V1__CreateChannelRequest *request) {
    const Profiled__V1__Channel *given = request->channel;
    if (given == NULL) {
        rpc_violation(ctx, "is required", "channel");
        return;
    }
    if (!channel_name_is_good(given->name)) {
        rpc_violation(ctx,
                      "must be 1 to 64 characters of a-z, 0-9, _, - and ., the first no - and no .",
                      "channel.name");
    }
    struct channel *channel = arena_alloc(ctx->arena, sizeof *channel);
    *channel = (struct channel){.term = {.name = given->name, .retired = given->retired}};
    channel_labels_read(ctx, given, channel);
    ctx->prepared = channel;
}

static struct status create_channel(struct rpc_context *ctx,
                                    const Profiled__V1__CreateChannelRequest *request,
                                    Profiled__V1__CreateChannelResponse *response) {
    struct channel channel = *(const struct channel *)ctx->prepared;
    struct channels channels;
    const struct identity_rules *rules = NULL;
    TRY(channels_read(ctx->store, &channels));
    TRY(identity_rules_read(ctx->store, &rules));
    if (channels_find(&channels, channel.term.name) != NULL) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_CHANNEL_EXISTS,
                         "there is a channel of this name");
    }
    if (channels_count_own(&channels) >= CHANNELS_OWN_MAX) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", CHANNELS_OWN_MAX));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_RULES_INVALID,
                         "the workspace has as many channels of its own as it may");
    }
    channel_name_clash(ctx, &channels, channel.term.name);
    channel_labels_clash(ctx, &channels, &channel.term);
    channel_type_set(ctx, rules, request->channel->identity_type, &channel);
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    channels.items[channels.count++] = channel;
    TRY(channels_put(ctx->store, &channels));
    response->channel = channel_message(&channel, rules, ctx->arena);
    return OK;
}

RPC_METHOD(SchemaService, CreateChannel, create_channel, RPC_WRITE);
