#pragma once
/* Interactions, a line each. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "tests/handlers/people.h"

/* A message on a channel of the source `inbox`; the event's id "" for none, its time 0 for now. */
Profiled__V1__Interaction *engagement_told(const char *event_id, const char *channel,
                                           int64_t occur_us);

/* Makes a channel of the workspace's own, with authors of an identity type; "" for that of its
 * name. */
const Profiled__V1__Channel *channel_make(const char *name, const char *identity_type);

/* A response to the survey `delivery`, now, without an event's id. Borrows the answers. */
Profiled__V1__Interaction *answers_told(Profiled__V1__SurveyAnswer *answers, size_t count);

/* The activity `order_placed`, likewise; its properties are named p0, p1, and so on. */
Profiled__V1__Interaction *activity_told(Profiled__V1__PropertyValue *values, size_t count);

/* An interaction with the subject: a profile's id, or a record. */
Profiled__V1__InteractionRecord *event_by_id(Profiled__V1__Interaction *interaction,
                                             const char *profile_id);
Profiled__V1__InteractionRecord *event_by_record(Profiled__V1__Interaction *interaction,
                                                 const struct told *told);

const Profiled__V1__RecordInteractionResponse *record_event(Profiled__V1__InteractionRecord *event);

/* All interactions of a profile on one page. */
const Profiled__V1__ListInteractionsResponse *events_of(const char *profile_id);
