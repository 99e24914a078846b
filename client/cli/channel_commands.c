/* The commands of the group `channel`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/cli/term.h"
#include "client/cli/text.h"

#include "profiled/v1/schema_service.pb-c.h"

#include <stdio.h>
#include <string.h>

enum {
    LIST_SIZE = 4096,
    CALLED_WIDTH_MIN = 36, /* The first two names, mostly. */
};

/* ---- printing ---- */

static void add_channel(struct table *table, const Profiled__V1__Channel *channel) {
    char labels[LIST_SIZE] = "";
    char aliases[LIST_SIZE] = "";
    for (size_t i = 0; i < channel->n_labels; i++) {
        text_append(labels, sizeof labels, ", ", channel->labels[i]->key);
        text_append(labels, sizeof labels, " ", channel->labels[i]->value);
    }
    for (size_t i = 0; i < channel->n_aliases; i++) {
        text_append(aliases, sizeof aliases, ", ", channel->aliases[i]);
    }
    table_add(table, channel->name);
    table_add(table, channel->retired ? "retired" : "in use");
    table_add(table, channel->built_in ? "" : "yes");
    table_add(table, channel->identity_type);
    table_add(table, aliases);
    table_add(table, labels);
}

static void print_channels(const struct session *session, Profiled__V1__Channel *const *channels,
                           size_t count) {
    static const struct table_column columns[] = {
        {.title = "CHANNEL", .whole = true}, {.title = "STATE", .whole = true},
        {.title = "OWN", .whole = true},     {.title = "AUTHORS ARE", .whole = true},
        {.title = "ALSO", .drop = 1},        {.title = "CALLED", .width_min = CALLED_WIDTH_MIN},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_channel(&table, channels[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void view_channels(const struct session *session, const struct arguments *arguments,
                          const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__ListChannelsResponse *list =
        (const Profiled__V1__ListChannelsResponse *)answer;
    print_channels(session, list->channels, list->n_channels);
}

int channel_list(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "ListChannels", json_object(), view_channels);
}

/* ---- changing ---- */

/* The three answers of a change are of one shape. */
static void view_channel(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    (void)arguments;
    print_channels(session, &((const Profiled__V1__CreateChannelResponse *)answer)->channel, 1);
}

/* Asks for a change, and prints the channel that comes of it. */
static int change(struct session *session, const char *method, json_t *request,
                  const struct arguments *arguments) {
    request_write(request, arguments);
    return answer_ask(session, arguments, method, request, view_channel);
}

/* The channel's fields; false, told, when they can't be read. */
static bool read_channel(json_t *channel, const struct arguments *arguments) {
    const enum cli_option label = arguments_has(arguments, OPT_RENAMED) ? OPT_RENAMED : OPT_CALLED;
    request_text(channel, "identityType", arguments, OPT_AUTHOR_TYPE);
    return (!arguments_has(arguments, label) ||
            request_single_pairs(channel, "labels", arguments, label)) &&
           request_choice(channel, "retired", arguments, OPT_RETIRED);
}

/* The channel of --json, or out of the options. NULL, told, when it can't be read. */
static json_t *channel_request(const struct arguments *arguments) {
    const char *path = arguments_get(arguments, OPT_JSON);
    json_t *channel = path == NULL ? json_object() : request_file(path);
    if (channel == NULL) {
        return NULL;
    }
    json_object_set_new(channel, "name", json_string(arguments->words[0]));
    if (path == NULL && !read_channel(channel, arguments)) {
        json_decref(channel);
        return NULL;
    }
    return channel;
}

int channel_create(struct session *session, const struct arguments *arguments) {
    json_t *channel = channel_request(arguments);
    return channel == NULL ? EXIT_USAGE
                           : change(session, "CreateChannel",
                                    json_pack("{s:o}", "channel", channel), arguments);
}

/* The channel as the server has it; NULL when it has none of this name. Borrowed. */
static const Profiled__V1__Channel *find_channel(const Profiled__V1__ListChannelsResponse *list,
                                                 const char *name) {
    for (size_t i = 0; i < list->n_channels; i++) {
        if (strcmp(list->channels[i]->name, name) == 0) {
            return list->channels[i];
        }
    }
    return NULL;
}

/* Completes the labels by those that the channel has: --label says not all of them. Answers an exit
 * code. */
static int complete(struct session *session, json_t *channel) {
    ProtobufCMessage *message = NULL;
    int code = session_call(session, "ListChannels", json_object(), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__Channel *there =
        find_channel((const Profiled__V1__ListChannelsResponse *)message,
                     json_string_value(json_object_get(channel, "name")));
    if (there != NULL && !term_labels_add(channel, &there->base, "channel")) {
        code = EXIT_USAGE;
    }
    profiled_message_free(message);
    return code;
}

int channel_update(struct session *session, const struct arguments *arguments) {
    static const char *const fields[] = {"labels", "identityType", "retired"};
    json_t *channel = channel_request(arguments);
    if (channel == NULL) {
        return EXIT_USAGE;
    }
    const int code = arguments_has(arguments, OPT_RENAMED) ? complete(session, channel) : EXIT_DONE;
    if (code != EXIT_DONE) {
        json_decref(channel);
        return code;
    }
    json_t *mask = term_mask(channel, fields, sizeof fields / sizeof fields[0]);
    if (json_string_length(mask) == 0) {
        fprintf(stderr, "profilectl: nothing to change: give --label, --identity-type, --retired "
                        "or --json\n");
        json_decref(mask);
        json_decref(channel);
        return EXIT_USAGE;
    }
    return change(session, "UpdateChannel",
                  json_pack("{s:o,s:o}", "channel", channel, "updateMask", mask), arguments);
}

int channel_delete(struct session *session, const struct arguments *arguments) {
    return change(session, "DeleteChannel", json_pack("{s:s}", "name", arguments->words[0]),
                  arguments);
}
