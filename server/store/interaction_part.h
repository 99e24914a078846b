#pragma once
/* What a stored interaction tells, whatever it is: "" and an empty payload where it tells nothing
 * of a sort. */

#include "server/store/fact.h"
#include "server/store/records/record.pb-c.h"

/* STORE_KIND_ANY for one that says nothing of what happened. */
enum store_kind interaction_kind(const Stored__V1__Interaction *interaction);

/* Its payload; an empty one where it is of another kind. */
const Stored__V1__Engagement *interaction_engagement(const Stored__V1__Interaction *interaction);
const Stored__V1__SurveyResponse *interaction_survey(const Stored__V1__Interaction *interaction);
const Stored__V1__Activity *interaction_activity(const Stored__V1__Interaction *interaction);

/* The channel of an engagement; `survey` for a survey response. */
const char *interaction_channel(const Stored__V1__Interaction *interaction);

/* The name of an activity, the id of a survey. */
const char *interaction_name(const Stored__V1__Interaction *interaction);

/* The property of an activity that has a name, the answer to the question of an id; NULL for none.
 */
const Stored__V1__Property *interaction_property(const Stored__V1__Interaction *interaction,
                                                 const char *name);
const Stored__V1__SurveyAnswer *interaction_answer(const Stored__V1__Interaction *interaction,
                                                   const char *question_id);

/* What numbers are called; "" for 0, and for what is none. `engagement`, `survey_response`,
 * `activity`; `negative`, `neutral`, `positive`; `inbound`, `outbound`; `public`, `private`. */
const char *store_kind_word(uint32_t kind);
const char *store_sentiment_word(uint32_t sentiment);
const char *store_direction_word(uint32_t direction);
const char *store_visibility_word(uint32_t visibility);
