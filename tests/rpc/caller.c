/* Callers: each has a semaphore that `done` posts. */

#include "tests/rpc/caller.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_uint turns;

const struct rpc_method *caller_method(const struct rpc_service *service, const char *name) {
    for (unsigned i = 0; i < service->descriptor->n_methods; i++) {
        if (strcmp(service->descriptor->methods[i].name, name) == 0) {
            return service->methods[i];
        }
    }
    fprintf(stderr, "%s has no method %s\n", service->descriptor->name, name);
    abort();
}

static void done(struct rpc_call *call) {
    struct caller *caller = call->owner;
    caller->turn = atomic_fetch_add(&turns, 1);
    sem_post(&caller->answered);
}

void caller_prepare(struct caller *caller, struct rpc_workspace *workspace,
                    const struct rpc_method *method, struct bytes request) {
    *caller = (struct caller){.call = rpc_call_new()};
    sem_init(&caller->answered, 0, 0);
    caller->call->method = method;
    caller->call->workspace = workspace;
    caller->call->request = request;
    caller->call->done = done;
    caller->call->owner = caller;
}

void caller_start(struct caller *caller) { rpc_submit(caller->call); }

void caller_pack(struct caller *caller, struct rpc_workspace *workspace,
                 const struct rpc_method *method, const ProtobufCMessage *request) {
    const size_t size = protobuf_c_message_get_packed_size(request);
    uint8_t *packed = malloc(size + 1);
    assert(packed != NULL);
    protobuf_c_message_pack(request, packed);
    caller_prepare(caller, workspace, method, bytes_of(packed, size));
    caller->request = packed;
}

void caller_submit(struct caller *caller, struct rpc_workspace *workspace,
                   const struct rpc_method *method, const ProtobufCMessage *request) {
    caller_pack(caller, workspace, method, request);
    caller_start(caller);
}

const struct answer *caller_await(struct caller *caller) {
    while (sem_wait(&caller->answered) != 0) {
    }
    answer_read(caller->call->status, caller->call->details, &caller->answer);
    if (caller->answer.code == STATUS_OK) {
        const struct bytes packed = caller->call->response;
        caller->response = protobuf_c_message_unpack(caller->call->method->response, NULL,
                                                     packed.size, packed.data);
        assert(caller->response != NULL);
    }
    return &caller->answer;
}

void caller_free(struct caller *caller) {
    if (caller->response != NULL) {
        protobuf_c_message_free_unpacked(caller->response, NULL);
    }
    rpc_call_free(caller->call);
    free(caller->request);
    sem_destroy(&caller->answered);
}
