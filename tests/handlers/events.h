#pragma once
/* Interactions, a line each. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "tests/handlers/people.h"

/* A message on a channel of the source `inbox`; the event's id "" for none, its time 0 for now. */
Profiled__V1__Interaction *engagement_told(const char *event_id, const char *channel,
                                           int64_t occur_us);

/* An interaction with the subject: a profile's id, or a record. */
Profiled__V1__InteractionRecord *event_by_id(Profiled__V1__Interaction *interaction,
                                             const char *profile_id);
Profiled__V1__InteractionRecord *event_by_record(Profiled__V1__Interaction *interaction,
                                                 const struct told *told);

const Profiled__V1__RecordInteractionResponse *record_event(Profiled__V1__InteractionRecord *event);

/* All interactions of a profile on one page. */
const Profiled__V1__ListInteractionsResponse *events_of(const char *profile_id);
