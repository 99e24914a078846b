/* ListChannels, CreateChannel, UpdateChannel, DeleteChannel, and those who name channels. */

#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/identity.pb-c.h"
#include "server/base/clock.h"
#include "tests/handlers/segments.h"
#include "tests/handlers/traits.h"

TestSuite(channels, .init = ask_open, .fini = ask_close);

enum { BUILT_IN = 32 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- calls ---- */

/* A channel that is called `label` in Arabic, "" for nothing. */
static Profiled__V1__Channel *channel_told(const char *name, const char *label) {
    Profiled__V1__Channel *channel = arena_alloc(&ask_arena, sizeof *channel);
    profiled__v1__channel__init(channel);
    channel->name = text(name);
    channel->labels = arena_array(&ask_arena, 1, sizeof *channel->labels);
    channel->labels[0] = arena_alloc(&ask_arena, sizeof *channel->labels[0]);
    profiled__v1__channel__labels_entry__init(channel->labels[0]);
    channel->labels[0]->key = text("AR");
    channel->labels[0]->value = text(label);
    channel->n_labels = label[0] == '\0' ? 0 : 1;
    return channel;
}

static Profiled__V1__CreateChannelRequest creation_of(Profiled__V1__Channel *channel) {
    Profiled__V1__CreateChannelRequest request = PROFILED__V1__CREATE_CHANNEL_REQUEST__INIT;
    request.channel = channel;
    return request;
}

static const Profiled__V1__Channel *create_channel(Profiled__V1__Channel *channel) {
    Profiled__V1__CreateChannelRequest request = creation_of(channel);
    const Profiled__V1__CreateChannelResponse *response =
        ask_twice(&rpc_schema_service, "CreateChannel", &request.base);
    return response->channel;
}

static const struct answer *creation_refused(Profiled__V1__Channel *channel, enum status_code code,
                                             const char *reason) {
    const Profiled__V1__CreateChannelRequest request = creation_of(channel);
    return ask_refused(&rpc_schema_service, "CreateChannel", &request.base, code, reason);
}

static Profiled__V1__UpdateChannelRequest update_of(Profiled__V1__Channel *channel,
                                                    const char *path) {
    Profiled__V1__UpdateChannelRequest request = PROFILED__V1__UPDATE_CHANNEL_REQUEST__INIT;
    request.channel = channel;
    request.update_mask = mask_told(path);
    return request;
}

static const Profiled__V1__Channel *update_channel(Profiled__V1__Channel *channel,
                                                   const char *path) {
    Profiled__V1__UpdateChannelRequest request = update_of(channel, path);
    const Profiled__V1__UpdateChannelResponse *response =
        ask_twice(&rpc_schema_service, "UpdateChannel", &request.base);
    return response->channel;
}

static const struct answer *update_refused(Profiled__V1__Channel *channel, const char *path) {
    const Profiled__V1__UpdateChannelRequest request = update_of(channel, path);
    return ask_refused(&rpc_schema_service, "UpdateChannel", &request.base, STATUS_INVALID_ARGUMENT,
                       "FIELD_INVALID");
}

static const Profiled__V1__Channel *delete_channel(const char *name) {
    Profiled__V1__DeleteChannelRequest request = PROFILED__V1__DELETE_CHANNEL_REQUEST__INIT;
    request.name = text(name);
    const Profiled__V1__DeleteChannelResponse *response =
        ask_twice(&rpc_schema_service, "DeleteChannel", &request.base);
    return response->channel;
}

static const Profiled__V1__ListChannelsResponse *list_channels(void) {
    const Profiled__V1__ListChannelsRequest request = PROFILED__V1__LIST_CHANNELS_REQUEST__INIT;
    return ask(&rpc_schema_service, "ListChannels", &request.base);
}

/* The channel as it is listed; NULL for none. */
static const Profiled__V1__Channel *channel_listed(const char *name) {
    const Profiled__V1__ListChannelsResponse *list = list_channels();
    for (size_t i = 0; i < list->n_channels; i++) {
        if (strcmp(list->channels[i]->name, name) == 0) {
            return list->channels[i];
        }
    }
    return NULL;
}

static const char *label_in(const Profiled__V1__Channel *channel, const char *language) {
    for (size_t i = 0; i < channel->n_labels; i++) {
        if (strcmp(channel->labels[i]->key, language) == 0) {
            return channel->labels[i]->value;
        }
    }
    return "";
}

static Profiled__V1__InteractionRecord *message_on(const char *channel, const char *id) {
    return event_by_id(engagement_told("", channel, 0), id);
}

static const char channel_field[] = "interaction_record.interaction.engagement.channel";

static const struct answer *message_refused(Profiled__V1__InteractionRecord *event) {
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = event;
    return ask_refused(&rpc_interaction_service, "RecordInteraction", &request.base,
                       STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

static size_t count_listed(const char *id, const char *channel) {
    Profiled__V1__InteractionFilter filter = PROFILED__V1__INTERACTION_FILTER__INIT;
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    filter.channel = text(channel);
    request.profile_id = text(id);
    request.filter = &filter;
    const Profiled__V1__ListInteractionsResponse *list =
        ask(&rpc_interaction_service, "ListInteractions", &request.base);
    return list->n_interactions;
}

/* Lists and counts by a channel that there is not: what is said of the filter's. */
static const char *listing_refused(const char *id, const char *channel) {
    Profiled__V1__InteractionFilter filter = PROFILED__V1__INTERACTION_FILTER__INIT;
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    filter.channel = text(channel);
    request.profile_id = text(id);
    request.filter = &filter;
    return answer_violation(ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                                        STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                            "filter.channel");
}

static const char *counting_refused(const char *channel) {
    Profiled__V1__InteractionFilter filter = PROFILED__V1__INTERACTION_FILTER__INIT;
    Profiled__V1__AnalyzeInteractionsRequest request =
        PROFILED__V1__ANALYZE_INTERACTIONS_REQUEST__INIT;
    struct rpc_stream *stream = rpc_stream_new();
    filter.channel = text(channel);
    request.filter = &filter;
    const char *violation =
        answer_violation(ask_refused_on(stream, &rpc_interaction_service, "AnalyzeInteractions",
                                        &request.base, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "filter.channel");
    rpc_stream_free(stream);
    return violation;
}

static int64_t count_analyzed(const char *channel) {
    Profiled__V1__InteractionFilter filter = PROFILED__V1__INTERACTION_FILTER__INIT;
    Profiled__V1__AnalyzeInteractionsRequest request =
        PROFILED__V1__ANALYZE_INTERACTIONS_REQUEST__INIT;
    filter.channel = text(channel);
    request.filter = &filter;
    const struct feed feed =
        ask_feed(&rpc_interaction_service, "AnalyzeInteractions", &request.base);
    cr_assert_gt(feed.count, 0);
    return ((const Profiled__V1__AnalyzeInteractionsResponse *)feed.messages[feed.count - 1])
        ->interaction_count;
}

/* ---- channels ---- */

Test(channels, those_that_are_built_in_are_there_from_the_start) {
    const Profiled__V1__ListChannelsResponse *list = list_channels();
    cr_assert_eq(list->n_channels, BUILT_IN);
    const Profiled__V1__Channel *whatsapp = channel_listed("whatsapp");
    cr_assert_not_null(whatsapp);
    cr_expect(whatsapp->built_in);
    cr_expect_not(whatsapp->retired);
    cr_expect_str_eq(whatsapp->identity_type, "whatsapp");
    cr_expect_str_eq(label_in(whatsapp, "en"), "WhatsApp");
    cr_expect_str_eq(label_in(whatsapp, "ar"), "واتساب");
    cr_expect_str_eq(channel_listed("sms")->identity_type, "phone");
    cr_expect_str_eq(channel_listed("telegram")->identity_type, "", "there is no such type");
    cr_assert_eq(channel_listed("twitter")->n_aliases, 1);
    cr_expect_str_eq(channel_listed("twitter")->aliases[0], "x");
    cr_expect_null(channel_listed("survey"));
}

Test(channels, own_ones_are_listed_behind_them_by_name) {
    create_channel(channel_told("kiosk", ""));
    const Profiled__V1__Channel *made = create_channel(channel_told("forum", " منتدانا "));
    cr_expect_not(made->built_in);
    cr_expect_str_eq(made->identity_type, "");
    const Profiled__V1__ListChannelsResponse *list = list_channels();
    cr_assert_eq(list->n_channels, BUILT_IN + 2);
    cr_expect_str_eq(list->channels[BUILT_IN]->name, "forum");
    cr_expect_str_eq(label_in(list->channels[BUILT_IN], "ar"), "منتدانا");
    cr_expect_str_eq(list->channels[BUILT_IN + 1]->name, "kiosk");
    creation_refused(channel_told("forum", ""), STATUS_ALREADY_EXISTS, "CHANNEL_EXISTS");
    creation_refused(channel_told("email", ""), STATUS_ALREADY_EXISTS, "CHANNEL_EXISTS");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(channels, are_those_of_the_workspace) {
    create_channel(channel_told("forum", ""));
    ask_in("other");
    cr_expect_null(channel_listed("forum"));
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = message_on("forum", id);
    ask_refused_elsewhere(&rpc_interaction_service, "RecordInteraction", &request.base,
                          STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

Test(channels, every_bad_field_is_named) {
    static const char *const bad[] = {"", "Forum", "a b", "منتدى"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not_null(answer_violation(
            creation_refused(channel_told(bad[i], ""), STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
            "channel.name"));
    }
    Profiled__V1__Channel *channel = channel_told("forum", "two\nlines");
    const struct answer *answer =
        creation_refused(channel, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "channel.labels[0]"));
    channel = channel_told("forum", "x");
    channel->labels[0]->key = text("not a language");
    answer = creation_refused(channel, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "channel.labels[0]"));

    channel = channel_told("x", ""); /* What another one is called too. */
    channel->identity_type = text("twiter");
    answer = creation_refused(channel, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "channel.name"), "is what twitter is called");
    cr_expect_str_eq(answer_violation(answer, "channel.identity_type"),
                     "is no identity type of the workspace; the nearest is twitter");
    creation_refused(channel_told("survey", ""), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    answer =
        creation_refused(channel_told("forum", "واتساب"), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "channel.labels[0]"), "is what whatsapp is called");

    answer = update_refused(channel_told("email", ""), "identity_type");
    cr_expect_not_null(answer_violation(answer, "channel.identity_type"));
    answer = update_refused(channel_told("email", "واتساب"), "labels");
    cr_expect_not_null(answer_violation(answer, "channel.labels[0]"));
    answer = update_refused(channel_told("email", ""), "name");
    cr_expect_not_null(answer_violation(answer, "update_mask.paths[0]"));
}

Test(channels, what_is_not_there_is_not_found) {
    const Profiled__V1__UpdateChannelRequest update =
        update_of(channel_told("forum", ""), "labels");
    ask_refused(&rpc_schema_service, "UpdateChannel", &update.base, STATUS_NOT_FOUND,
                "CHANNEL_NOT_FOUND");
    Profiled__V1__DeleteChannelRequest delete = PROFILED__V1__DELETE_CHANNEL_REQUEST__INIT;
    delete.name = text("x"); /* It is the name that counts. */
    ask_refused(&rpc_schema_service, "DeleteChannel", &delete.base, STATUS_NOT_FOUND,
                "CHANNEL_NOT_FOUND");
    delete.name = text("");
    ask_refused(&rpc_schema_service, "DeleteChannel", &delete.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
}

Test(channels, no_more_than_a_hundred_of_its_own) {
    for (int i = 0; i < 100; i++) {
        channel_make(arena_format(&ask_arena, "c%d", i), "");
    }
    creation_refused(channel_told("c100", ""), STATUS_FAILED_PRECONDITION, "RULES_INVALID");
    cr_expect_eq(list_channels()->n_channels, BUILT_IN + 100);
}

Test(channels, a_retry_makes_one) {
    Profiled__V1__CreateChannelRequest request = creation_of(channel_told("forum", ""));
    Profiled__V1__CreateChannelRequest other = creation_of(channel_told("kiosk", ""));
    ask_again(&rpc_schema_service, "CreateChannel", &request.base, &other.base);
    cr_expect_eq(list_channels()->n_channels, BUILT_IN + 1);
}

Test(channels, one_that_is_built_in_is_called_otherwise_and_as_before) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    const Profiled__V1__Channel *changed = update_channel(channel_told("email", "بريد"), "labels");
    cr_assert_eq(changed->n_labels, 1);
    record_event(message_on("بريد", id));
    message_refused(message_on("البريد الإلكتروني", id));
    cr_expect_eq(call_verify(ask_fixture), 0);
    cr_expect_str_eq(label_in(channel_listed("email"), "ar"), "بريد");

    changed = update_channel(channel_told("email", ""), "labels");

    cr_expect_eq(changed->n_labels, 4);
    record_event(message_on("البريد الإلكتروني", id));
    cr_expect_eq(count_listed(id, "email"), 2);
}

/* ---- recording ---- */

Test(channels, engagements_name_them_in_any_language) {
    static const char *const words[] = {"twitter", "x", "X", " Twitter ", "إكس"};
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (size_t i = 0; i < 5; i++) {
        record_event(message_on(words[i], id));
        cr_expect_eq(count_listed(id, words[i]), i + 1);
    }
    const Profiled__V1__InteractionSummary *summary = get(id)->interaction_summary;
    cr_assert_eq(summary->n_channels, 1);
    cr_expect_str_eq(summary->channels[0]->label, "twitter");
    cr_expect_eq(count_analyzed("X"), 5);
    cr_expect_eq(count_analyzed("email"), 0);
}

Test(channels, what_is_none_is_named_with_the_nearest) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    cr_expect_str_eq(answer_violation(message_refused(message_on("whatsap", id)), channel_field),
                     "is no channel of the workspace; the nearest is whatsapp");
    cr_expect_str_eq(
        answer_violation(message_refused(message_on("carrier_pigeon", id)), channel_field),
        "is no channel of the workspace");
    cr_expect_str_eq(answer_violation(message_refused(message_on("", id)), channel_field),
                     "is required");
    cr_expect_not_null(answer_violation(message_refused(message_on("survey", id)), channel_field));
    char *long_word = arena_alloc(&ask_arena, 2000);
    memset(long_word, 'x', 1999);
    cr_expect_not_null(answer_violation(message_refused(message_on(long_word, id)), channel_field));
    cr_expect_eq(events_of(id)->n_interactions, 0);
}

Test(channels, one_that_there_is_not_is_not_asked_for) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    static const char nearest[] = "is no channel of the workspace; the nearest is whatsapp";
    cr_expect_str_eq(listing_refused(id, "whatsap"), nearest);
    cr_expect_str_eq(counting_refused("whatsap"), nearest);
    cr_expect_str_eq(listing_refused(id, "واتسآب"), nearest);
    cr_expect_eq(count_listed(id, "survey"), 0);

    /* All that is wrong is told at once. */
    Profiled__V1__InteractionFilter filter = PROFILED__V1__INTERACTION_FILTER__INIT;
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    filter.channel = text("carrier_pigeon");
    request.profile_id = text("x");
    request.filter = &filter;
    const struct answer *answer =
        ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "filter.channel"), "is no channel of the workspace");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
}

Test(channels, an_unknown_one_in_a_batch_stops_nobody) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__Interaction *post = engagement_told("", "telegramm", 0);
    post->engagement->author_handle = text("noura_x");
    Profiled__V1__InteractionRecord *alone = event_by_id(post, id);
    alone->subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT__NOT_SET;
    Profiled__V1__InteractionRecord *events[] = {
        message_on("email", id), message_on("whatsap", id), message_on("واتساب", id), alone,
        event_by_record(engagement_told("", "sms", 0),
                        TOLD(.identities = {ID("phone", "+966545462356")}))};
    enum { COUNT = sizeof events / sizeof *events };
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = COUNT;
    request.interaction_records = events;

    const Profiled__V1__BatchRecordInteractionsResponse *response =
        ask(&rpc_interaction_service, "BatchRecordInteractions", &request.base);

    cr_assert_eq(response->n_verdicts, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const bool is_bad = i == 1 || i == 3;
        cr_expect_eq(response->verdicts[i]->recorded == NULL, is_bad, "%zu", i);
        cr_expect_eq(response->verdicts[i]->n_errors, is_bad ? 1 : 0, "%zu", i);
    }
    cr_expect_str_eq(response->verdicts[1]->errors[0]->field, "interaction.engagement.channel");
    cr_expect_str_eq(response->verdicts[1]->errors[0]->description,
                     "is no channel of the workspace; the nearest is whatsapp");
    cr_expect_str_eq(response->verdicts[3]->errors[0]->description,
                     "is no channel of the workspace; the nearest is telegram");
    cr_expect_eq(events_of(id)->n_interactions, 2);
}

Test(channels, retired_ones_are_kept_and_taken_no_more) {
    static const char *const names[] = {"forum", "snapchat"}; /* One of its own, one built in. */
    const char *id = create(TOLD(.name = "Noura"))->id;
    create_channel(channel_told("forum", ""));
    for (size_t i = 0; i < 2; i++) {
        record_event(message_on(names[i], id));
        cr_expect(delete_channel(names[i])->retired);
        cr_expect_str_eq(answer_violation(message_refused(message_on(names[i], id)), channel_field),
                         "is retired");
        cr_expect(channel_listed(names[i])->retired);
        cr_expect_eq(count_listed(id, names[i]), 1);
        cr_expect_eq(count_analyzed(names[i]), 1);
    }
    creation_refused(channel_told("snapchat", ""), STATUS_ALREADY_EXISTS, "CHANNEL_EXISTS");
    cr_expect_eq(call_verify(ask_fixture), 0);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_not(update_channel(channel_told(names[i], ""), "retired")->retired);
        record_event(message_on(names[i], id));
        cr_expect_eq(count_listed(id, names[i]), 2);
    }
}

/* ---- authors ---- */

static Profiled__V1__InteractionRecord *post_alone(const char *channel, const char *handle) {
    Profiled__V1__Interaction *interaction = engagement_told("", channel, 0);
    interaction->engagement->author_handle = text(handle);
    Profiled__V1__InteractionRecord *event = event_by_id(interaction, "");
    event->subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT__NOT_SET;
    return event;
}

Test(channels, an_author_is_of_the_channel_s_identity_type) {
    const char *id = record_event(post_alone("sms", "+966 54 546 2356"))->profile_id;
    cr_expect_not_null(identity_in(get(id), "phone", "+966545462356"));
    cr_expect_str_eq(record_event(post_alone("مكالمة هاتفية", "+966545462356"))->profile_id, id);
    cr_expect_str_eq(record_event(post_alone("whatsapp", "+966545462356"))->profile_id, id);

    id = record_event(post_alone("X", "@Noura_X"))->profile_id;
    cr_expect_not_null(identity_in(get(id), "twitter", "noura_x"));

    cr_expect_not_null(answer_violation(message_refused(post_alone("telegram", "noura_x")),
                                        "interaction_record.interaction.engagement.author_handle"));
    add_type("telegram", PROFILED__V1__NORMALIZER__NORMALIZER_HANDLE);
    cr_expect_str_eq(channel_listed("telegram")->identity_type, "telegram");
    id = record_event(post_alone("Telegram", "@noura_x"))->profile_id;
    cr_expect_not_null(identity_in(get(id), "telegram", "noura_x"));
}

Test(channels, an_author_on_one_s_own_channel) {
    add_type("member_id", PROFILED__V1__NORMALIZER__NORMALIZER_EXACT);
    create_channel(channel_told("kiosk", ""));
    cr_expect_str_eq(channel_make("forum", "member_id")->identity_type, "member_id");
    channel_make("hotline", "phone");

    const char *id = record_event(post_alone("forum", "M-17"))->profile_id;
    cr_expect_not_null(identity_in(get(id), "member_id", "M-17"));
    id = record_event(post_alone("hotline", "+966545462356"))->profile_id;
    cr_expect_not_null(identity_in(get(id), "phone", "+966545462356"));
    cr_expect_not_null(answer_violation(message_refused(post_alone("hotline", "12")),
                                        "interaction_record.interaction.engagement.author_handle"));
    message_refused(post_alone("kiosk", "M-17"));
    add_type("card", PROFILED__V1__NORMALIZER__NORMALIZER_DIGITS);
    channel_make("till", "card");
    cr_expect_not_null(answer_violation(message_refused(post_alone("till", "none of these")),
                                        "interaction_record.interaction.engagement.author_handle"));

    Profiled__V1__Channel *kiosk = channel_told("kiosk", "");
    kiosk->identity_type = text("member_id");
    cr_expect_str_eq(update_channel(kiosk, "identity_type")->identity_type, "member_id");
    id = record_event(post_alone("kiosk", "M-17"))->profile_id;
    cr_expect_eq(events_of(id)->n_interactions, 2);
}

/* ---- filters ---- */

Test(channels, traits_and_segments_name_them_as_themes) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__TraitDefinition *trait = trait_told("posts", AGGREGATION(COUNT), 0, 0);
    trait->filter = text("channel = \"إكس\"");
    cr_expect_str_eq(create_trait(trait)->filter, "channel = twitter");
    trait = trait_told("responses", AGGREGATION(COUNT), 0, 0);
    trait->filter = text("channel = survey");
    create_trait(trait);
    record_event(message_on("X", id));
    cr_expect_eq(trait_number(id, "posts"), 1);

    trait = trait_told("wrong", AGGREGATION(COUNT), 0, 0);
    trait->filter = text("channel = twiter");
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = trait;
    const struct answer *answer = ask_refused(&rpc_schema_service, "CreateTrait", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), "10");
    cr_expect_str_eq(answer_metadata(answer, "nearest"), "twitter");

    Profiled__V1__ListProfilesRequest list = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    list.filter = text("channels:twiter");
    answer = ask_refused(&rpc_profile_service, "ListProfiles", &list.base, STATUS_INVALID_ARGUMENT,
                         "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), "9");
    cr_expect_str_eq(answer_metadata(answer, "nearest"), "twitter");

    create_segment("posters", "channels.X >= 1");
    cr_expect_str_eq(ready_segment("posters")->filter, "channels.twitter >= 1");
    cr_expect(is_member("posters", id));
    create_channel(channel_told("forum", ""));
    create_segment("callers", "channels.\"مكالمة هاتفية\":* OR channels:forum");
    ready_segment("callers");
    cr_expect_not(is_member("callers", id));
    record_event(message_on("call", id));
    cr_expect(is_member("callers", id));
}

/* ---- stores of before ---- */

Test(channels, what_was_recorded_on_others_before_stays) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    channel_make("old-forum", "");
    record_event(message_on("old-forum", id));
    ask_wait_us(US_PER_SECOND);

    call_unmake_channels(ask_fixture);

    cr_expect_null(channel_listed("old-forum"));
    cr_expect_str_eq(events_of(id)->interactions[0]->engagement->channel, "old-forum");
    cr_expect_str_eq(get(id)->interaction_summary->channels[0]->label, "old-forum");
    cr_expect_eq(count_listed(id, "old-forum"), 1);
    cr_expect_eq(count_analyzed("old-forum"), 1);
    create_segment("old", "channels:old-forum");
    ready_segment("old");
    cr_expect(is_member("old", id));
    Profiled__V1__TraitDefinition *trait = trait_told("old_posts", AGGREGATION(COUNT), 0, 0);
    trait->filter = text("channel = old-forum");
    cr_expect_str_eq(create_trait(trait)->filter, "channel = old-forum");
    cr_expect_not_null(
        answer_violation(message_refused(message_on("old-forum", id)), channel_field));
    create_channel(channel_told("old-forum", ""));
    record_event(message_on("old-forum", id));
    cr_expect_eq(count_listed(id, "old-forum"), 2);
    cr_expect_eq(call_verify(ask_fixture), 0);
}
