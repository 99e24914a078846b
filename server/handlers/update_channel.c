/* UpdateChannel: what a channel is called, who writes on it, whether it is in use. */

#include <string.h>

#include "server/handlers/channel_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void check_mask(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask) {
    for (size_t i = 0; i < mask->n_paths; i++) {
        const char *path = mask->paths[i];
        if (strcmp(path, "labels") != 0 && strcmp(path, "identity_type") != 0 &&
            strcmp(path, "retired") != 0) {
            rpc_violation(ctx,
                          "is not a field that can be updated: labels, identity_type or retired",
                          "update_mask.paths[%zu]", i);
        }
    }
}

static void update_channel_check(struct rpc_context *ctx,
                                 const Profiled__V1__UpdateChannelRequest *request) {
    if (request->channel == NULL || request->channel->name[0] == '\0') {
        rpc_violation(ctx, "is required", "channel.name");
        return;
    }
    if (request->update_mask == NULL || request->update_mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    check_mask(ctx, request->update_mask);
    struct channel *told = arena_alloc(ctx->arena, sizeof *told);
    if (wire_mask_has(request->update_mask, "labels")) {
        channel_labels_read(ctx, request->channel, told);
    }
    ctx->prepared = told;
}

/* One that is built in and is called nothing is called what is built in. */
static void relabel(const struct term *told, struct channel *channel) {
    channel->is_relabelled = channel->built_in && told->label_count > 0;
    const struct term *term = channel->built_in && told->label_count == 0
                                  ? &channel_builtin(channel->term.name)->term
                                  : told;
    channel->term.label_count = term->label_count;
    channel->term.labels = term->labels;
}

static struct status update_channel(struct rpc_context *ctx,
                                    const Profiled__V1__UpdateChannelRequest *request,
                                    Profiled__V1__UpdateChannelResponse *response) {
    const struct channel *told = ctx->prepared;
    struct channels channels;
    struct channel *channel = NULL;
    const struct identity_rules *rules = NULL;
    TRY(channels_read(ctx->store, &channels));
    TRY(identity_rules_read(ctx->store, &rules));
    TRY(channel_find(&channels, request->channel->name, &channel));
    if (wire_mask_has(request->update_mask, "labels")) {
        relabel(&told->term, channel);
        channel_labels_clash(ctx, &channels, &channel->term);
    }
    if (wire_mask_has(request->update_mask, "identity_type")) {
        channel_type_set(ctx, rules, request->channel->identity_type, channel);
    }
    if (wire_mask_has(request->update_mask, "retired")) {
        channel->term.retired = request->channel->retired;
    }
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    response->channel = channel_message(channel, rules, ctx->arena);
    return channels_put(ctx->store, &channels);
}

RPC_METHOD(SchemaService, UpdateChannel, update_channel, RPC_WRITE);
