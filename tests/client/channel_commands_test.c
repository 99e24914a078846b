/* `channel`: what is listed, and what the options of `channel update` say goes into what there is.
 */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include <stdio.h>

#include "profiled/v1/schema_service.pb-c.h"

TestSuite(channel_commands, .init = ran_isolate);

/* What UpdateChannel was asked for. */
struct updated {
    size_t calls;
    char labels[256]; /* "en=Email ar=..." */
    char identity_type[64];
    char mask[64];
};

static char email_texts[][16] = {"email", "ar", "Barid", "en", "Email", "mail"};
static char forum_texts[][16] = {"forum", "external_id"};

/* `email`, which is built in, with labels in two languages, and `forum`, which is retired. */
static ProtobufCMessage *list_channels(void) {
    static Profiled__V1__ListChannelsResponse list = PROFILED__V1__LIST_CHANNELS_RESPONSE__INIT;
    static Profiled__V1__Channel email = PROFILED__V1__CHANNEL__INIT;
    static Profiled__V1__Channel forum = PROFILED__V1__CHANNEL__INIT;
    static Profiled__V1__Channel *channels[] = {&email, &forum};
    static Profiled__V1__Channel__LabelsEntry labels[] = {
        PROFILED__V1__CHANNEL__LABELS_ENTRY__INIT, PROFILED__V1__CHANNEL__LABELS_ENTRY__INIT};
    static Profiled__V1__Channel__LabelsEntry *label_list[] = {&labels[0], &labels[1]};
    static char *aliases[] = {email_texts[5]};
    labels[0].key = email_texts[1];
    labels[0].value = email_texts[2];
    labels[1].key = email_texts[3];
    labels[1].value = email_texts[4];
    email.name = email_texts[0];
    email.identity_type = email_texts[0];
    email.built_in = true;
    email.labels = label_list;
    email.n_labels = 2;
    email.aliases = aliases;
    email.n_aliases = 1;
    forum.name = forum_texts[0];
    forum.identity_type = forum_texts[1];
    forum.retired = true;
    list.channels = channels;
    list.n_channels = 2;
    return &list.base;
}

static void append(char *out, size_t size, const char *separator, const char *text) {
    const size_t used = strlen(out);
    snprintf(out + used, size - used, "%s%s", used == 0 ? "" : separator, text);
}

static void note_update(struct updated *updated, const struct fake_request *request) {
    Profiled__V1__UpdateChannelRequest *got =
        profiled__v1__update_channel_request__unpack(NULL, request->size, request->bytes);
    cr_assert_not_null(got);
    updated->calls++;
    for (size_t i = 0; i < got->channel->n_labels; i++) {
        append(updated->labels, sizeof updated->labels, " ", got->channel->labels[i]->key);
        append(updated->labels, sizeof updated->labels, "=", got->channel->labels[i]->value);
    }
    append(updated->identity_type, sizeof updated->identity_type, "", got->channel->identity_type);
    for (size_t i = 0; i < got->update_mask->n_paths; i++) {
        append(updated->mask, sizeof updated->mask, ",", got->update_mask->paths[i]);
    }
    profiled__v1__update_channel_request__free_unpacked(got, NULL);
}

static void serve(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__UpdateChannelResponse response =
        PROFILED__V1__UPDATE_CHANNEL_RESPONSE__INIT;
    static Profiled__V1__Channel channel = PROFILED__V1__CHANNEL__INIT;
    answer->last = true;
    if (strcmp(request->path, "/profiled.v1.SchemaService/ListChannels") == 0) {
        answer->response = list_channels();
        return;
    }
    note_update(data, request);
    response.channel = &channel;
    answer->response = &response.base;
}

Test(channel_commands, the_list_says_whose_they_are_and_who_writes_on_them) {
    struct updated updated = {0};

    const struct ran ran = ran_line(serve, &updated, "channel|list");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    expect_said(ran.out, "CHANNEL  STATE    OWN  AUTHORS ARE  ALSO  CALLED\n");
    expect_said(ran.out, "email    in use        email        mail  ar Barid, en Email\n");
    expect_said(ran.out, "forum    retired  yes  external_id");
}

static struct updated update(const char *line) {
    struct updated updated = {0};
    const struct ran ran = ran_line(serve, &updated, line);
    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    return updated;
}

Test(channel_commands, labels_are_added_replaced_and_taken_away) {
    struct updated updated = update("channel|update|email|--label|fr=Courriel");
    cr_expect_str_eq(updated.labels, "ar=Barid en=Email fr=Courriel");
    cr_expect_str_eq(updated.mask, "labels");
    updated = update("channel|update|email|--label|AR=Bareed|--label|en=");
    cr_expect_str_eq(updated.labels, "AR=Bareed");
}

Test(channel_commands, the_rest_is_said_whole) {
    const struct updated updated =
        update("channel|update|forum|--identity-type|email|--retired|no");
    cr_expect_str_eq(updated.identity_type, "email");
    cr_expect_str_eq(updated.mask, "identity_type,retired");
}

Test(channel_commands, what_changes_nothing_is_not_sent) {
    struct updated updated = {0};
    struct ran ran = ran_line(serve, &updated, "channel|update|email|--label|fr=");
    cr_expect_eq(ran.code, EXIT_USAGE);
    expect_said(ran.err, "--label fr=: the channel is not called anything in this language\n");
    ran = ran_line(serve, &updated, "channel|update|email");
    cr_expect_eq(ran.code, EXIT_USAGE);
    expect_said(ran.err, "profilectl: nothing to change: give --label, --identity-type, --retired");
    cr_expect_eq(updated.calls, 0);
}
