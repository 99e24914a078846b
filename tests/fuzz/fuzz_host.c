/* The store lies on a file system in memory where there is one: a fuzzer does not wait for a disk.
 */

#include "tests/fuzz/fuzz_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/identity/terms.h"
#include "server/segment/membership.h"
#include "server/segment/trait_filter.h"
#include "server/vault/vault.h"
#include "tests/engine/scratch.h"
#include "tests/rpc/caller.h"

enum { CALLS_PER_STORE = 20000, MAP_SIZE = 1 << 30 };

static struct {
    struct store *store;
    struct rpc_host *host;
    size_t calls;
    struct caller caller;
    bool called;
} fuzz;

static void expect_ok(struct status status) {
    if (!status_is_ok(status)) {
        fprintf(stderr, "%s: %s\n", error_reason_name(status.reason), status.text);
        abort();
    }
}

static void forget_call(void) {
    if (fuzz.called) {
        caller_free(&fuzz.caller);
        fuzz.called = false;
    }
}

static void close_all(void) {
    forget_call();
    if (fuzz.host != NULL) {
        rpc_host_close(fuzz.host);
        store_close(fuzz.store);
        scratch_close();
        fuzz.host = NULL;
    }
}

static void open_all(void) {
    static bool first = true;
    if (first) {
        first = false;
        if (access("/dev/shm", W_OK) == 0) {
            setenv("TMPDIR", "/dev/shm", 1);
        }
        atexit(close_all);
    }
    expect_ok(vault_init());
    scratch_open();
    struct vault_key root;
    memset(root.bytes, 0x5a, sizeof root.bytes);
    expect_ok(store_open(&(struct store_options){.data_directory = scratch_path("data"),
                                                 .keys_directory = scratch_path("keys"),
                                                 .workspace = "default",
                                                 .root = &root,
                                                 .random = vault_random(),
                                                 .terms = identity_profile_terms,
                                                 .trait_filters = &trait_filters,
                                                 .follower = &membership_follower,
                                                 .default_region = "SA",
                                                 .map_size = MAP_SIZE,
                                                 .create = true},
                         &fuzz.store));
    expect_ok(rpc_host_open(&(struct rpc_host_options){.stores = &fuzz.store,
                                                       .store_count = 1,
                                                       .random = vault_random(),
                                                       .now_us = clock_now_us},
                            &fuzz.host));
    fuzz.calls = 0;
}

bool fuzz_host_ready(void) {
    if (fuzz.host != NULL && fuzz.calls >= CALLS_PER_STORE) {
        close_all();
    }
    if (fuzz.host != NULL) {
        return false;
    }
    open_all();
    return true;
}

struct rpc_workspace *fuzz_host_workspace(void) {
    return rpc_workspace_find(fuzz.host, bytes_of_string("default"));
}

struct bytes fuzz_host_response(void) {
    return fuzz.caller.call->response;
}

const struct answer *fuzz_host_call(const struct rpc_method *method, struct rpc_stream *stream,
                                    struct bytes request) {
    forget_call();
    fuzz.calls++;
    caller_prepare(&fuzz.caller, fuzz_host_workspace(), method, request);
    fuzz.caller.call->stream = stream;
    caller_start(&fuzz.caller);
    const struct answer *answer = caller_await(&fuzz.caller);
    fuzz.called = true;
    if (answer->code == STATUS_INTERNAL || answer->code == STATUS_DATA_LOSS ||
        answer->code == STATUS_UNAVAILABLE || answer->code == STATUS_UNKNOWN) {
        abort();
    }
    return answer;
}
