#pragma once
/* The answer of an RPC on standard output: as JSON, or as the command shows it to people. */

#include "client/cli/session.h"

/* Shows an answer to people. */
typedef void answer_view(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer);

/* Prints an answer as the user wants it, and frees it. Answers an exit code. */
int answer_print(const struct session *session, const struct arguments *arguments,
                 ProtobufCMessage *answer, answer_view *view);

/* Calls a unary RPC with a request in JSON, whose reference it takes, and prints what it answers;
 * without a request, since it could not be read, which was told, that is wrong usage. Answers an
 * exit code. */
int answer_ask(struct session *session, const struct arguments *arguments, const char *method,
               json_t *request, answer_view *view);

/* Shows the profile of an answer that has one. */
void answer_view_profile(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer);
