#pragma once
/* Reading what happened: the payloads of interactions, each in a file of its own. Paths of errors
 * begin with `interaction.`; the row is whole only when none was noted. */

#include "server/handlers/interaction_message.h"

void payload_survey_read(const Profiled__V1__SurveyResponse *message, struct field_errors *errors,
                         Stored__V1__Interaction *out);
void payload_activity_read(const Profiled__V1__Activity *message, struct field_errors *errors,
                           Stored__V1__Interaction *out);

/* A text of at most `size_max` bytes; the field's path is behind `interaction.`. */
char *payload_text(char *text, size_t size_max, struct field_errors *errors, const char *field);

/* The same, and not blank. */
char *payload_required(char *text, size_t size_max, struct field_errors *errors, const char *field);

/* A value of an enumeration that goes from 0 to max. */
uint32_t payload_enum(int value, int max, struct field_errors *errors, const char *field);
