#pragma once
/* Calls for the tests of handlers: bytes to bytes, as a client makes them, over a real store in a
 * directory of the test's own, with a clock and random bytes that the test decides.
 *
 *   static void init(void) { fixture = call_open(identity_profile_terms, &trait_filters,
 *                                                      &membership_follower); }
 *   static void fini(void) { call_close(fixture); }
 *   TestSuite(get_profile, .init = init, .fini = fini);
 *
 *   Test(get_profile, missing_id_is_invalid_argument) {
 *       Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
 *       ProtobufCMessage *response = NULL;
 *
 *       const struct answer *answer =
 *           call(fixture, &rpc_profile_service, "GetProfile", &request.base, &response);
 *
 *       cr_expect_eq(answer->code, STATUS_INVALID_ARGUMENT);
 *       cr_expect_str_eq(answer_violation(answer, "id"), "is required");
 *   }
 *
 * There are two workspaces, "default" and "other". Not thread-safe: one test, one thread. */

#include <stdint.h>

#include "server/rpc/rpc.h"
#include "tests/rpc/answer.h"

struct call_fixture;

/* The time at which each fixture begins: 2025-12-17 19:33:20 UTC. */
#define CALL_START_US ((int64_t)1766000000 * 1000000)

/* Opens stores and a host; `follower` may be NULL. */
struct call_fixture *call_open(profile_terms_fn *terms, const struct store_trait_filters *filters,
                               const struct store_follower *follower);

/* How many interactions the stores go through in a step of the backfill of traits, from the next
 * call_reopen() on; 0 at first: then only BackfillTraits does. */
void call_backfill_set(struct call_fixture *fixture, size_t backfill_max);

/* Does what the upkeep of the default workspace does each minute, until there is nothing more to
 * do; stores and host are opened anew. */
void call_sweep(struct call_fixture *fixture);

/* Follows a clock that was set back, does what is due by now, whatever the follower is allowed, and
 * fills nothing; stores and host are opened anew. */
void call_dues(struct call_fixture *fixture);

/* Makes the default workspace's channels those of a store in which nobody has changed any, with
 * what was recorded on others; stores and host are opened anew. */
void call_unmake_channels(struct call_fixture *fixture);

/* Frees everything, checks for leaks, removes the directory. */
void call_close(struct call_fixture *fixture);

/* The same before another one is opened: leaks are looked for when the last one is closed. Each
 * look is at all that was allocated, and freed of late. */
void call_end(struct call_fixture *fixture);

/* Frees what calls answered so far: what they left behind must not lean on it. */
void call_forget(struct call_fixture *fixture);

/* Closes host and stores and opens them again, as a restart of the server does. */
void call_reopen(struct call_fixture *fixture);

/* Closes everything, proves the default workspace's store row by row, and opens everything again.
 * How many problems there are; each is printed. */
uint64_t call_verify(struct call_fixture *fixture);

/* Sets the clock. It stands still between two sets. */
void call_time_set(struct call_fixture *fixture, int64_t now_us);

/* Lets each look at the monotonic clock, by which snapshots are timed, be this much later than the
 * one before; 0 at first. */
void call_step_set(int64_t step_us);

/* Lets the follower take so many steps between calls from now on; INT64_MAX at first. It goes on
 * with the next call. */
void call_steps_allow(int64_t count);

/* Lets each `~` of the requests from now on be this byte on the wire: one that no text has, or that
 * ends a string in C. */
void call_tilde_set(struct call_fixture *fixture, uint8_t byte);

/* The default region of the workspaces from the next call_reopen() on; "" at first. */
void call_region_set(struct call_fixture *fixture, const char *region);

/* Calls a unary method in the workspace "default" and waits for its answer. *response (NULL when it
 * failed) and the answer are the fixture's, valid until it is closed. `response` may be NULL. */
const struct answer *call(struct call_fixture *fixture, const struct rpc_service *service,
                          const char *method, const ProtobufCMessage *request,
                          ProtobufCMessage **response);

/* The same in another workspace. */
const struct answer *call_in(struct call_fixture *fixture, const char *workspace,
                             const struct rpc_service *service, const char *method,
                             const ProtobufCMessage *request, ProtobufCMessage **response);

/* One message of a stream, whose state the test makes and frees. NULL for unary methods. */
const struct answer *call_stream(struct call_fixture *fixture, struct rpc_stream *stream,
                                 const struct rpc_service *service, const char *method,
                                 const ProtobufCMessage *request, ProtobufCMessage **response);

/* The same in another workspace. */
const struct answer *call_stream_in(struct call_fixture *fixture, const char *workspace,
                                    struct rpc_stream *stream, const struct rpc_service *service,
                                    const char *method, const ProtobufCMessage *request,
                                    ProtobufCMessage **response);

/* Whether the last call, of a feed, is to be run once more: call_stream() with the same request. */
bool call_more(const struct call_fixture *fixture);

/* Ends feeds, as a server does that is about to stop. */
void call_end_feeds(struct call_fixture *fixture);

/* The packed answer of the last call that succeeded. Valid until the fixture is closed. */
struct bytes call_response_bytes(const struct call_fixture *fixture);

/* A hash of the bytes of the default workspace's data file. A write that fails, or only validates,
 * leaves it as it was. */
uint64_t call_data_hash(struct call_fixture *fixture);

/* Whether the text stands in the default workspace's data file, in clear. */
bool call_data_has(struct call_fixture *fixture, const char *text);
