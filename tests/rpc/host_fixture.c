/* The host under test. Criterion runs each test in a process of its own: one of each will do. */

#include "tests/rpc/host_fixture.h"

#include <assert.h>
#include <string.h>

#include "tests/engine/leaks.h"

struct store *fixture_store;
struct rpc_host *fixture_host;
struct rpc_workspace *fixture_workspace;
_Atomic int64_t fixture_now_us = 1766000000000000;
atomic_uint fixture_failures;

static int64_t now_us(void) { return atomic_load(&fixture_now_us); }

static void no_random(void *state, uint8_t *out, size_t size) {
    (void)state;
    memset(out, 7, size);
}

static const struct random random_source = {no_random, NULL};

static void storage_failed(void *state) { atomic_fetch_add((atomic_uint *)state, 1); }

void fixture_open_queue(size_t write_queue_max) {
    fixture_store = fixture_store == NULL ? fake_store_new("default") : fixture_store;
    const struct rpc_host_options options = {
        .stores = &fixture_store,
        .store_count = 1,
        .random = &random_source,
        .now_us = now_us,
        .write_queue_max = write_queue_max,
        .storage_failed = storage_failed,
        .storage_failed_state = &fixture_failures,
    };
    const struct status status = rpc_host_open(&options, &fixture_host);
    assert(status_is_ok(status));
    fixture_workspace = rpc_workspace_find(fixture_host, bytes_of_string("default"));
    assert(fixture_workspace != NULL);
}

void fixture_open(void) { fixture_open_queue(0); }

void fixture_close(void) {
    rpc_host_close(fixture_host);
    fake_store_free(fixture_store);
    leaks_check();
}

void submit_create(struct caller *caller, const char *name, const char *request_id,
                   bool validate_only) {
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = (char *)(uintptr_t)name;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    if (request_id != NULL) {
        request.request_id = (char *)(uintptr_t)request_id;
    }
    request.validate_only = validate_only;
    caller_submit(caller, fixture_workspace, &rpc_create_profile, &request.base);
}

void submit_held(struct caller *caller) {
    fake_store_hold(fixture_store);
    submit_create(caller, "held", NULL, false);
    fake_store_await_held(fixture_store);
}

enum status_code caller_finish(struct caller *caller) {
    const enum status_code code = caller_await(caller)->code;
    caller_free(caller);
    return code;
}
