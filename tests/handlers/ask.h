#pragma once
/* Calls as the tests of handlers make them: over the product's own terms, with what every call must
 * keep checked on the way. One fixture a test process:
 *
 *   TestSuite(get_profile, .init = ask_open, .fini = ask_close);
 */

#include "server/handlers/services.h"
#include "tests/rpc/call.h"

/* Between ask_open() and ask_close(). */
extern struct call_fixture *ask_fixture;
extern struct arena ask_arena; /* For what tests make; freed by ask_close(). */

void ask_open(void);
void ask_close(void);

/* A new store in place of the one that is open. Leaks are looked for by ask_close() alone. */
void ask_anew(void);

/* The workspace of the calls that must succeed, ask() and those made of it, from now on; "default"
 * at first. */
void ask_in(const char *workspace);

/* Moves the clock. */
void ask_wait_us(int64_t us);
void ask_time_set(int64_t time_us);
int64_t ask_now_us(void);

/* Sets the clock wrong, ahead or back by seconds up to years, or right again: to where it began. */
struct seeded;
void ask_set_clock(struct seeded *rolls);

/* A call that must succeed; its response. */
const void *ask(const struct rpc_service *service, const char *method,
                const ProtobufCMessage *request);

/* A call that must fail with the code and the reason, and leave the bytes of the store as they
 * were. */
const struct answer *ask_refused(const struct rpc_service *service, const char *method,
                                 const ProtobufCMessage *request, enum status_code code,
                                 const char *reason);

/* The same in the other workspace. */
const struct answer *ask_refused_elsewhere(const struct rpc_service *service, const char *method,
                                           const ProtobufCMessage *request, enum status_code code,
                                           const char *reason);

/* A message on a stream that must be answered; its response. */
const void *ask_on(struct rpc_stream *stream, const struct rpc_service *service, const char *method,
                   const ProtobufCMessage *request);

/* A message on a stream that must be refused, and leave the bytes of the store as they were. */
const struct answer *ask_refused_on(struct rpc_stream *stream, const struct rpc_service *service,
                                    const char *method, const ProtobufCMessage *request,
                                    enum status_code code, const char *reason);

/* A feed, run to its end, which leaves the bytes of the store as they were: all of its messages. */
struct feed {
    size_t count;
    const ProtobufCMessage **messages; /* In the test's arena. */
    const struct answer *answer;       /* Of the last run. */
};
struct feed ask_feed(const struct rpc_service *service, const char *method,
                     const ProtobufCMessage *request);
struct feed ask_feed_elsewhere(const struct rpc_service *service, const char *method,
                               const ProtobufCMessage *request);

/* A write, made twice: first with validate_only, which must leave the bytes of the store as they
 * were and answer as the real one does but for the ids of what it would make; then for real. */
const void *ask_twice(const struct rpc_service *service, const char *method,
                      ProtobufCMessage *request);

/* A write that is made with a request_id, sent again, and sent with another body (`other`), which
 * is refused. The first response. */
const void *ask_again(const struct rpc_service *service, const char *method,
                      ProtobufCMessage *request, ProtobufCMessage *other);
