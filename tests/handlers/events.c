/* Messages of interactions, and the calls in a line each. */

#include "tests/handlers/events.h"

#include "server/base/limits.h"

static char *text(const char *string) { return (char *)(uintptr_t)string; }

Profiled__V1__Interaction *engagement_told(const char *event_id, const char *channel,
                                           int64_t occur_us) {
    Profiled__V1__Engagement *engagement = arena_alloc(&ask_arena, sizeof *engagement);
    profiled__v1__engagement__init(engagement);
    engagement->channel = text(channel);
    Profiled__V1__Interaction *interaction = arena_alloc(&ask_arena, sizeof *interaction);
    profiled__v1__interaction__init(interaction);
    interaction->source = text("inbox");
    interaction->event_id = text(event_id);
    interaction->occur_time = occur_us == 0 ? NULL : time_told(occur_us);
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction->engagement = engagement;
    return interaction;
}

const Profiled__V1__Channel *channel_make(const char *name, const char *identity_type) {
    Profiled__V1__Channel channel = PROFILED__V1__CHANNEL__INIT;
    Profiled__V1__CreateChannelRequest request = PROFILED__V1__CREATE_CHANNEL_REQUEST__INIT;
    channel.name = text(name);
    channel.identity_type = text(identity_type);
    request.channel = &channel;
    const Profiled__V1__CreateChannelResponse *response =
        ask(&rpc_schema_service, "CreateChannel", &request.base);
    return response->channel;
}

Profiled__V1__Interaction *answers_told(Profiled__V1__SurveyAnswer *answers, size_t count) {
    Profiled__V1__SurveyResponse *survey = arena_alloc(&ask_arena, sizeof *survey);
    profiled__v1__survey_response__init(survey);
    survey->survey_id = text("delivery");
    survey->n_answers = count;
    survey->answers = arena_array(&ask_arena, count, sizeof *survey->answers);
    for (size_t i = 0; i < count; i++) {
        survey->answers[i] = &answers[i];
    }
    Profiled__V1__Interaction *interaction = engagement_told("", "", 0);
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    interaction->survey_response = survey;
    return interaction;
}

Profiled__V1__Interaction *activity_told(Profiled__V1__PropertyValue *values, size_t count) {
    Profiled__V1__Activity *activity = arena_alloc(&ask_arena, sizeof *activity);
    profiled__v1__activity__init(activity);
    activity->name = text("order_placed");
    activity->n_properties = count;
    activity->properties = arena_array(&ask_arena, count, sizeof *activity->properties);
    for (size_t i = 0; i < count; i++) {
        Profiled__V1__Activity__PropertiesEntry *entry = arena_alloc(&ask_arena, sizeof *entry);
        profiled__v1__activity__properties_entry__init(entry);
        entry->key = arena_format(&ask_arena, "p%zu", i);
        entry->value = &values[i];
        activity->properties[i] = entry;
    }
    Profiled__V1__Interaction *interaction = engagement_told("", "", 0);
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    interaction->activity = activity;
    return interaction;
}

static Profiled__V1__InteractionRecord *event_of(Profiled__V1__Interaction *interaction) {
    Profiled__V1__InteractionRecord *event = arena_alloc(&ask_arena, sizeof *event);
    profiled__v1__interaction_record__init(event);
    event->interaction = interaction;
    return event;
}

Profiled__V1__InteractionRecord *event_by_id(Profiled__V1__Interaction *interaction,
                                             const char *profile_id) {
    Profiled__V1__InteractionRecord *event = event_of(interaction);
    event->subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_PROFILE_ID;
    event->profile_id = text(profile_id);
    return event;
}

Profiled__V1__InteractionRecord *event_by_record(Profiled__V1__Interaction *interaction,
                                                 const struct told *told) {
    Profiled__V1__InteractionRecord *event = event_of(interaction);
    event->subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    event->record = record_told(told);
    return event;
}

const Profiled__V1__RecordInteractionResponse *
record_event(Profiled__V1__InteractionRecord *event) {
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = event;
    return ask(&rpc_interaction_service, "RecordInteraction", &request.base);
}

const Profiled__V1__ListInteractionsResponse *events_of(const char *profile_id) {
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = text(profile_id);
    request.page_size = PAGE_SIZE_MAX;
    return ask(&rpc_interaction_service, "ListInteractions", &request.base);
}
