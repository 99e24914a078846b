/* How long interactions are kept, in the form of the wire. */

#include "server/handlers/retention_message.h"

#include "server/handlers/wire.h"
#include "server/store/change.h"

Profiled__V1__Retention *retention_message(const struct store_retention *retention,
                                           struct arena *arena) {
    Profiled__V1__Retention *message = arena_alloc(arena, sizeof *message);
    profiled__v1__retention__init(message);
    message->engagement_days = (int32_t)retention->days[STORE_KIND_ENGAGEMENT];
    message->survey_response_days = (int32_t)retention->days[STORE_KIND_SURVEY_RESPONSE];
    message->activity_days = (int32_t)retention->days[STORE_KIND_ACTIVITY];
    message->removed_engagement_count = retention->removed[STORE_KIND_ENGAGEMENT];
    message->removed_survey_response_count = retention->removed[STORE_KIND_SURVEY_RESPONSE];
    message->removed_activity_count = retention->removed[STORE_KIND_ACTIVITY];
    message->change_days = retention->change_days == 0 ? (int32_t)STORE_CHANGE_DAYS_DEFAULT
                                                       : (int32_t)retention->change_days;
    if (retention->remove_us != 0) {
        message->remove_time = wire_time(retention->remove_us, arena);
    }
    return message;
}
