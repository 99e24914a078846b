#pragma once
/* Stands in for server/rpc in the tests of transport: the functions of rpc.h, and a service whose
 * calls do what the text of their request says:
 *
 *   "fail"      answers INVALID_ARGUMENT, with details
 *   "fail much" the same, with more details than trailers hold
 *   "thread"    answers from another thread
 *   "hold"      waits for fake_rpc_release(), then answers CANCELLED when the call was cancelled
 *   else        answers the request's bytes at once
 *
 * Details are not google.rpc.Status but the name of the status's reason, for the tests to compare.
 * The workspaces are called "default" and "other". The host is any pointer. */

#include <stddef.h>
#include <stdint.h>

#include "server/rpc/rpc.h"

extern const struct rpc_service fake_service;

/* How often a feed is run. */
enum { FAKE_FEED_RUNS = 5 };

/* The same with rows that the descriptor set contradicts. */
extern const struct rpc_service fake_service_wrong;

struct rpc_host *fake_rpc_host(void);

/* Waits until so many calls are held. */
void fake_rpc_wait_held(size_t count);

/* Waits until so many of those held have been told that they are cancelled. */
void fake_rpc_wait_cancelled(size_t count);

/* Answers all that are held, from the thread that calls this. */
void fake_rpc_release(void);

/* Waits for the threads that were started. */
void fake_rpc_join(void);

/* Of the call submitted last. */
int64_t fake_rpc_last_deadline_us(void);
const char *fake_rpc_last_workspace(void);

/* Calls made and not freed, streams made and not freed. */
size_t fake_rpc_calls(void);
size_t fake_rpc_streams(void);

/* How many messages of a stream were with the fake at once, at most. */
size_t fake_rpc_stream_overlap_max(void);
