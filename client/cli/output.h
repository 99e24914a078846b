#pragma once
/* Results on standard output. */

#include "client/cli/session.h"

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile.pb-c.h"

enum { SHORT_TIME_SIZE = 24, WORDS_SIZE = 64 };

/* Writes a message as JSON: indented, or on one line for ndjson. Answers an exit code: 1 when
 * standard output can't be written. */
int output_message(const struct session *session, const ProtobufCMessage *message);

/* Flushes standard output. EXIT_LOCAL, told, when it can't be written, now or before. */
int output_flush(void);

/* Writes a value as JSON and takes its reference. */
int output_json(const struct session *session, json_t *json);

/* Writes each item of the array on a line of its own, and takes its reference. */
int output_lines(json_t *array);

/* A time as "2026-01-31 12:00", in UTC; "" for NULL. */
void output_time(const Google__Protobuf__Timestamp *time, char out[SHORT_TIME_SIZE]);

/* A day as "2026-01-31". */
void output_day(const Google__Protobuf__Timestamp *time, char out[SHORT_TIME_SIZE]);

/* An enum's value in words: its name without the prefix, as "blocked role mailbox". "" for zero. */
void output_words(const ProtobufCEnumDescriptor *descriptor, int32_t value, const char *prefix,
                  char out[WORDS_SIZE]);

/* Writes clean text, isolated on a terminal. */
void output_text(const struct screen *screen, const char *raw);

/* A line that has a title, in a column of 14, and clean text behind it; nothing for "". */
void output_line(const struct session *session, const char *title, const char *text);

/* The heading of a section, which other text may follow on the line. */
void output_heading(const struct session *session, const char *text);

/* What became of identities that were told of a profile, a line each; nothing where none was. */
void output_identity_decisions(const struct session *session,
                               Profiled__V1__IdentityDecision *const *list, size_t count);

/* A decision as a person reads it. */
void output_decision(const struct session *session, const Profiled__V1__Decision *decision);

/* Interactions as a table; see interaction_view.c. */
void output_interactions(const struct session *session,
                         Profiled__V1__Interaction *const *interactions, size_t count,
                         size_t indent);

/* What was answered in those that are surveys, a line an answer. */
void output_answers(const struct session *session, Profiled__V1__Interaction *const *interactions,
                    size_t count);

/* Why two profiles were kept apart, in words. A literal. */
const char *review_reason(Profiled__V1__IdentityRule rule);

/* A review, with both profiles beside each other; see review_view.c. */
void output_review(const struct session *session, const Profiled__V1__Review *review);

/* The view of one customer; see profile_view.c. */
void output_profile(const struct session *session, const Profiled__V1__Profile *profile);
