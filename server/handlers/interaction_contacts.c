/* What an interaction tells of the person by the way. */

#include "server/handlers/interaction_contacts.h"

#include <string.h>

#include "server/base/limits.h"

/* Those that wait for the rules are compared as they were told; of those that can't be read there
 * is nothing to compare. */
static bool is_same(const struct record_identity *one, const struct record_identity *other) {
    if (one->type == NULL || one->value == NULL || strcmp(one->type, other->type) != 0) {
        return false;
    }
    return one->canonical == NULL || other->canonical == NULL
               ? strcmp(one->value, other->value) == 0
               : strcmp(one->canonical, other->canonical) == 0;
}

static bool is_told(const struct record *record, const struct record_identity *identity) {
    for (size_t i = 0; i < record->identity_count; i++) {
        if (is_same(&record->identities[i], identity)) {
            return true;
        }
    }
    return false;
}

/* Where an identity can't be read, that is told of the field that it came from. */
struct place {
    const char *value;
    const char *region; /* NULL: it has none. */
};

static void tell_errors(const struct field_errors *inner, const struct place *place,
                        struct field_errors *errors) {
    for (size_t i = 0; i < inner->count; i++) {
        const bool is_region =
            place->region != NULL && strcmp(inner->items[i].field, "identity.region") == 0;
        field_errors_add(errors, inner->items[i].description, "%s",
                         is_region ? place->region : place->value);
    }
}

/* False when it was not added. */
static bool add(const char *type, const char *value, const char *region,
                const struct record_defaults *defaults, const struct place *place,
                struct field_errors *errors, struct record *record) {
    Profiled__V1__Identity message = PROFILED__V1__IDENTITY__INIT;
    message.type = (char *)(uintptr_t)type;
    message.value = (char *)(uintptr_t)value;
    message.region = (char *)(uintptr_t)region;
    struct field_errors inner = {.arena = errors->arena};
    struct record_identity identity;
    record_identity_read(&message, defaults, &inner, "identity", &identity);
    if (inner.count > 0) {
        tell_errors(&inner, place, errors);
        return false;
    }
    if (is_told(record, &identity)) {
        return false;
    }
    if (record->identity_count == RECORD_IDENTITIES_MAX) {
        field_errors_add(errors, "is one identity more than the 20 of a record", "%s",
                         place->value);
        return false;
    }
    record->identities = arena_append(errors->arena, record->identities, record->identity_count,
                                      sizeof *record->identities);
    record->identities[record->identity_count++] = identity;
    return true;
}

/* Whether any tells an identity. */
static bool answers_read(const Profiled__V1__SurveyResponse *survey,
                         const struct record_defaults *defaults, struct field_errors *errors,
                         struct record *record) {
    bool any = false;
    for (size_t i = 0; i < survey->n_answers; i++) {
        const Profiled__V1__SurveyAnswer *answer = survey->answers[i];
        const char *path =
            arena_format(errors->arena, "interaction.survey_response.answers[%zu]", i);
        if (answer->answer_case == PROFILED__V1__SURVEY_ANSWER__ANSWER_EMAIL) {
            const struct place place = {.value = arena_format(errors->arena, "%s.email", path)};
            any = true;
            (void)add("email", answer->email, "", defaults, &place, errors, record);
        } else if (answer->answer_case == PROFILED__V1__SURVEY_ANSWER__ANSWER_PHONE) {
            const struct place place = {
                .value = arena_format(errors->arena, "%s.phone.number", path),
                .region = arena_format(errors->arena, "%s.phone.country", path)};
            any = true;
            (void)add("phone", answer->phone->number, answer->phone->country, defaults, &place,
                      errors, record);
        }
    }
    return any;
}

static const char handle_path[] = "interaction.engagement.author_handle";

static void handle_add(struct interaction_item *item, const char *type,
                       struct field_errors *errors) {
    static const struct place place = {.value = handle_path};
    item->handle_type = type;
    if (add(type, item->stored.engagement->author_handle, "", &item->handle_defaults, &place,
            errors, &item->record)) {
        item->handle_position = (int32_t)item->record.identity_count - 1;
    }
}

/* Channels that are built in are read here already, in the check. Whether there is one. */
static bool handle_read(const Profiled__V1__Engagement *engagement,
                        const struct record_defaults *defaults, struct field_errors *errors,
                        struct interaction_item *item) {
    if (engagement->author_handle[0] == '\0' ||
        engagement->direction == PROFILED__V1__DIRECTION__DIRECTION_OUTBOUND) {
        return false;
    }
    if (strlen(engagement->author_handle) > IDENTITY_VALUE_SIZE_MAX) {
        return true; /* That was told. */
    }
    item->has_handle = true;
    item->handle_defaults = *defaults;
    const struct channel *channel = channel_builtin(engagement->channel);
    if (channel != NULL) {
        handle_add(item, channel->identity_type, errors);
    }
    return true;
}

const char *interaction_identity_path(const struct interaction_item *item, const char *path,
                                      struct arena *arena) {
    const char *handle = arena_format(arena, "identities[%d]", item->handle_position);
    return strncmp(path, handle, strlen(handle)) == 0 ? handle_path
                                                      : arena_format(arena, "record.%s", path);
}

bool interaction_contacts_read(const Profiled__V1__Interaction *message,
                               const struct record_defaults *defaults, struct field_errors *errors,
                               struct interaction_item *item) {
    if (message->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE) {
        return answers_read(message->survey_response, defaults, errors, &item->record);
    }
    return message->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT &&
           handle_read(message->engagement, defaults, errors, item);
}

static void handle_take_away(struct interaction_item *item) {
    struct record *record = &item->record;
    if (item->handle_position >= 0) {
        record->identities[item->handle_position] = record->identities[--record->identity_count];
        item->handle_position = -1;
    }
}

void interaction_contacts_settle(const struct identity_rules *rules, const struct channel *channel,
                                 struct interaction_item *item, struct field_errors *errors) {
    if (!item->has_handle) {
        return;
    }
    const bool is_identity =
        channel != NULL && identity_rules_find(rules, channel->identity_type) != NULL;
    if (is_identity && strcmp(item->handle_type, channel->identity_type) == 0) {
        return; /* It says whose it is, or what is wrong with it was told. */
    }
    handle_take_away(item);
    if (is_identity) {
        handle_add(item, channel->identity_type, errors);
        return;
    }
    if (item->by_contact && channel != NULL && item->record.identity_count == 0) {
        const char *text =
            arena_format(errors->arena,
                         "is of a channel that is no identity type: make the type %s "
                         "(CreateIdentityType), or name whose it is",
                         channel->identity_type);
        field_errors_add(errors, text, "%s", handle_path);
    }
}
