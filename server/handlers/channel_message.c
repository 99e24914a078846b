/* Channels between the wire, their checks, and the workspace's. */

#include "server/handlers/channel_message.h"

#include <string.h>

#include "server/handlers/term_message.h"
#include "server/handlers/wire.h"

/* ---- reading ---- */

void channel_labels_read(struct rpc_context *ctx, const Profiled__V1__Channel *message,
                         struct channel *out) {
    struct term_label *labels = NULL;
    term_labels_begin(ctx, message->n_labels, "channel.", &out->term, &labels);
    for (size_t i = 0; i < out->term.label_count; i++) {
        term_label_read(ctx, message->labels[i]->key, message->labels[i]->value,
                        arena_format(ctx->arena, "channel.labels[%zu]", i), &labels[i]);
    }
}

struct status channel_find(const struct channels *channels, const char *name,
                           struct channel **out) {
    *out = channels_find(channels, name);
    return *out != NULL ? OK
                        : status_of(STATUS_NOT_FOUND, REASON_CHANNEL_NOT_FOUND,
                                    "there is no channel of this name");
}

static void clash_check(struct rpc_context *ctx, struct channels *channels, const char *text,
                        const char *but, const char *path) {
    const char *other = channels_called(channels, text, but);
    if (other != NULL) {
        rpc_violation(ctx, arena_format(ctx->arena, "is what %s is called", other), "%s", path);
    }
}

void channel_name_clash(struct rpc_context *ctx, struct channels *channels, const char *name) {
    clash_check(ctx, channels, name, name, "channel.name");
}

void channel_labels_clash(struct rpc_context *ctx, struct channels *channels,
                          const struct term *term) {
    for (size_t i = 0; i < term->label_count; i++) {
        clash_check(ctx, channels, term->labels[i].text, term->name,
                    arena_format(ctx->arena, "channel.labels[%zu]", i));
    }
}

static const char *refuse_type(const struct identity_rules *rules, const char *name,
                               struct arena *arena) {
    struct nearest nearest = nearest_begin(name);
    for (size_t i = 0; i < rules->type_count; i++) {
        nearest_try(&nearest, rules->types[i].name, rules->types[i].name);
    }
    return term_refusal("is no identity type of the workspace", &nearest, arena);
}

void channel_type_set(struct rpc_context *ctx, const struct identity_rules *rules,
                      const char *identity_type, struct channel *channel) {
    const char *path = "channel.identity_type";
    if (channel->built_in) {
        rpc_violation(ctx, "is built in: it can't be changed", "%s", path);
    } else if (identity_type[0] == '\0') {
        channel->identity_type = channel->term.name;
    } else if (identity_rules_find(rules, identity_type) == NULL) {
        rpc_violation(ctx, refuse_type(rules, identity_type, ctx->arena), "%s", path);
    } else {
        channel->identity_type = identity_type;
    }
}

/* ---- writing ---- */

Profiled__V1__Channel *channel_message(const struct channel *channel,
                                       const struct identity_rules *rules, struct arena *arena) {
    const struct term *term = &channel->term;
    const bool is_type = identity_rules_find(rules, channel->identity_type) != NULL;
    Profiled__V1__Channel *message = arena_alloc(arena, sizeof *message);
    profiled__v1__channel__init(message);
    message->name = wire_string(term->name);
    message->identity_type = wire_string(is_type ? channel->identity_type : "");
    message->retired = term->retired;
    message->built_in = channel->built_in;
    message->n_labels = term->label_count;
    message->labels = arena_array(arena, term->label_count, sizeof *message->labels);
    for (size_t i = 0; i < term->label_count; i++) {
        message->labels[i] = arena_alloc(arena, sizeof *message->labels[i]);
        profiled__v1__channel__labels_entry__init(message->labels[i]);
        message->labels[i]->key = wire_string(term->labels[i].language);
        message->labels[i]->value = wire_string(term->labels[i].text);
    }
    message->n_aliases = channel->alias_count;
    message->aliases = arena_array(arena, channel->alias_count, sizeof *message->aliases);
    for (size_t i = 0; i < channel->alias_count; i++) {
        message->aliases[i] = wire_string(channel->aliases[i]);
    }
    return message;
}
