#pragma once
/* One call, from the moment that C core is asked for it until its last batch has completed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/bytes.h"
#include "server/base/status.h"
#include "server/transport/method.h"
#include "server/transport/queue.h"

struct exchange;

/* Asks C core for the next call of a method; it is taken, and the next asked for, when it comes. */
void exchange_request(const struct method *method, struct queue *queue);

/* ---- for behaviours ---- */

const struct method *exchange_method(const struct exchange *exchange);

/* The behaviour's own memory, zeroed, freed with the call. Once for each call, in `begin`. */
void *exchange_state_new(struct exchange *exchange, size_t size);

/* What exchange_state_new() made; NULL before. */
void *exchange_state(const struct exchange *exchange);

/* The value of a metadata key; *out stays as it is when the client sent none. Valid as long as the
 * call. Errors: INVALID_ARGUMENT when it sent several that differ. */
MUST_USE struct status exchange_metadata(const struct exchange *exchange, const char *key,
                                         struct bytes *out);

/* On the monotonic clock of server/base; INT64_MAX when the client set none. */
int64_t exchange_deadline_us(const struct exchange *exchange);

/* Whether the client has gone, cancelled, or run out of time. */
bool exchange_is_cancelled(const struct exchange *exchange);

/* Keeps the call while somebody else has it, until exchange_release(). */
void exchange_hold(struct exchange *exchange);
void exchange_release(struct exchange *exchange);

/* Guards the behaviour's state against the call's other threads. The functions below take the lock
 * themselves. */
void exchange_lock(struct exchange *exchange);
void exchange_unlock(struct exchange *exchange);

/* Answers the message that the behaviour was given, from any thread. METHOD_UNARY: and ends the
 * call. METHOD_BIDI: and waits for the next message. The bytes are copied. Does nothing once the
 * call is over. */
void exchange_answer(struct exchange *exchange, struct bytes response);

/* Sends one more message of a METHOD_SERVER_STREAM; the bytes are copied. False, with nothing sent,
 * while another is on its way or when the call is over. */
bool exchange_push(struct exchange *exchange, struct bytes message);

/* Ends the call, behind what is on its way. `details` is a packed google.rpc.Status; they are made
 * from the status where they are empty, or too many for the trailers. Does nothing once the call is
 * over. */
void exchange_finish(struct exchange *exchange, struct status status, struct bytes details);
