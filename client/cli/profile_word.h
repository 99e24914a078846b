#pragma once
/* The profile that a word of the command line names: an id, or an identity as TYPE:VALUE. */

#include "client/cli/session.h"

#include <jansson.h>

#include "profiled/v1/profile_service.pb-c.h"

/* Asks for the profile of the first word. Answers an exit code; `*out` is the caller's when it is
 * 0. An id that was merged is told on standard error. */
int profile_word_ask(struct session *session, const struct arguments *arguments,
                     ProtobufCMessage **out);

/* The id of the profile of the first word. Answers an exit code; `*out` is the caller's when it is
 * 0.
 */
int profile_word_id(struct session *session, const struct arguments *arguments, json_t **out);

/* The profile in an answer whose field `profile` is one; NULL for no answer. Borrowed. */
const Profiled__V1__Profile *profile_word_profile(const ProtobufCMessage *response);

/* Tells that the id that was asked for was merged, if it was. */
void profile_word_note(const Profiled__V1__GetProfileResponse *response);
