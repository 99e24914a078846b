#pragma once
/* A host over a fake store, for the tests of dispatch and writer. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/rpc/rpc.h"
#include "tests/rpc/caller.h"
#include "tests/rpc/fake_store.h"
#include "tests/rpc/methods.h"

extern struct store *fixture_store;
extern struct rpc_host *fixture_host;
extern struct rpc_workspace *fixture_workspace;
extern _Atomic int64_t fixture_now_us; /* The clock, which stands still. */
extern atomic_uint fixture_failures;   /* How often the host told that the storage failed. */

void fixture_open(void);
void fixture_open_queue(size_t write_queue_max);
void fixture_close(void);

/* Submits CreateProfile with a name; request_id may be NULL. */
void submit_create(struct caller *caller, const char *name, const char *request_id,
                   bool validate_only);

/* Submits one, and waits until the writer waits in its commit: what is submitted from then on goes
 * into the batch after it, until fake_store_release(). */
void submit_held(struct caller *caller);

/* Waits, frees, and tells the code. */
enum status_code caller_finish(struct caller *caller);
