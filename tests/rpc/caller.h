#pragma once
/* Somebody who submits calls to a host and waits for their answers. */

#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

#include "server/rpc/rpc.h"
#include "tests/rpc/answer.h"

struct caller {
    struct rpc_call *call;
    ProtobufCMessage *response; /* Unpacked, when the answer is OK; freed with the caller. */
    struct answer answer;
    uint32_t turn; /* How many callers were answered before. */
    uint8_t *request;
    sem_t answered;
};

/* The method of a service by its name. Ends the program where there is none. */
const struct rpc_method *caller_method(const struct rpc_service *service, const char *name);

/* Submits a request and returns at once. */
void caller_submit(struct caller *caller, struct rpc_workspace *workspace,
                   const struct rpc_method *method, const ProtobufCMessage *request);

/* The same up to the submission: fields of the call may be set before caller_start(). */
void caller_pack(struct caller *caller, struct rpc_workspace *workspace,
                 const struct rpc_method *method, const ProtobufCMessage *request);

/* The same with the bytes as they are, borrowed until the answer; and with more to set: the call
 * was made by caller_prepare(), whose fields may be changed before caller_start(). */
void caller_prepare(struct caller *caller, struct rpc_workspace *workspace,
                    const struct rpc_method *method, struct bytes request);
void caller_start(struct caller *caller);

/* Waits for the answer and reads it. */
const struct answer *caller_await(struct caller *caller);

/* Frees what the caller holds. After caller_await(). */
void caller_free(struct caller *caller);
