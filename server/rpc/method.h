#pragma once
/* The rows of methods and services, checked by the compiler against the contract.
 *
 * A handler's file, server/handlers/get_profile.c, holds two static functions and ends in one line:
 *
 *   #include "profiled/v1/profile_service.pb-c.h"
 *   #include "server/rpc/method.h"
 *
 *   static void get_profile_check(struct rpc_context *ctx,
 *                                 const Profiled__V1__GetProfileRequest *request) { ... }
 *
 *   static struct status get_profile(struct rpc_context *ctx,
 *                                    const Profiled__V1__GetProfileRequest *request,
 *                                    Profiled__V1__GetProfileResponse *response) { ... }
 *
 *   RPC_METHOD(ProfileService, GetProfile, get_profile, RPC_READ);
 *
 * which exports `const struct rpc_method rpc_get_profile`. The last word is one of
 *   RPC_READ    sees a snapshot
 *   RPC_WRITE   leaves wishes; the request has `request_id` and `validate_only`
 *   RPC_ERASE   a write that also runs when the store is too full for others
 *   RPC_STREAM  each message of a bidirectional stream
 *   RPC_FEED    sees a snapshot for each message of a server stream, until it no longer sets
 *               ctx->more
 *   RPC_WATCH   the same, and waits for what is committed (ctx->wait_us)
 *
 * A method of many records, each with a verdict, names their message, which holds what is wrong
 * with a text of one against that one alone:
 *
 *   RPC_BATCH_METHOD(InteractionService, BatchRecordInteractions, batch_record_interactions,
 *                    RPC_WRITE, interaction_record);
 *
 * The response comes initialised and empty: set its fields, with memory of ctx->arena.
 *
 * One file makes the services, each with one line:
 *
 *   #include "server/handlers/rows.h"
 *
 *   RPC_SERVICE(profile_service, PROFILED__V1__PROFILE_SERVICE__INIT(&rpc_));
 *
 * which exports `const struct rpc_service rpc_profile_service`. protoc-c made the list inside that
 * macro from the .proto file: the rows stand in its order, and none is forgotten. rows.h declares
 * the rows; the BUILD file writes it from the RPC_METHOD lines:
 *
 *   load("//server/rpc:rows.bzl", "rpc_rows")
 *
 *   rpc_rows(name = "rows", srcs = glob(["*.c"]))   # add "rows.h" to the library's srcs
 *
 * An rpc line without a handler, a handler without an rpc line, types that are not those of the
 * line, and a write without `request_id` or `validate_only` do not compile. */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "server/rpc/rpc.h"

/* A method's row; see above. The static functions are wrapped, since functions of other types may
 * not be called through one pointer. */
#define RPC_METHOD(Service, Method, name, access) RPC_ROW_(Service, Method, name, access, NULL)

/* That of a method of many records, each with a verdict of its own: of the messages `Record`, which
 * the check asks rpc_bad_text() of. */
#define RPC_BATCH_METHOD(Service, Method, name, access, record_name)                               \
    RPC_ROW_(Service, Method, name, access, &profiled__v1__##record_name##__descriptor)

#define RPC_ROW_(Service, Method, name, access, record_shape)                                      \
    static_assert(RPC_IS_(((Profiled__V1__##Service##_Service *)0)->name,                          \
                          void (*)(Profiled__V1__##Service##_Service *,                            \
                                   const Profiled__V1__##Method##Request *,                        \
                                   Profiled__V1__##Method##Response_Closure, void *)),             \
                  #name " is not as its line in the .proto file says");                            \
    static void name##_check_any_(struct rpc_context *ctx, const ProtobufCMessage *request) {      \
        name##_check(ctx, (const Profiled__V1__##Method##Request *)request);                       \
    }                                                                                              \
    static struct status name##_any_(struct rpc_context *ctx, const ProtobufCMessage *request,     \
                                     ProtobufCMessage *response) {                                 \
        return name(ctx, (const Profiled__V1__##Method##Request *)request,                         \
                    (Profiled__V1__##Method##Response *)response);                                 \
    }                                                                                              \
    extern const struct rpc_method rpc_##name;                                                     \
    const struct rpc_method rpc_##name = {                                                         \
        .request = &profiled__v1__##name##_request__descriptor,                                    \
        .response = &profiled__v1__##name##_response__descriptor,                                  \
        .record = (record_shape),                                                                  \
        .check = name##_check_any_,                                                                \
        .handle = name##_any_,                                                                     \
        RPC_METHOD_##access##_(Profiled__V1__##Method##Request),                                   \
    }

/* A service's rows; see above. */
/* clang-format off */
#define RPC_SERVICE(service, rows)                                                                 \
    _Pragma("GCC diagnostic push")                                                                 \
    _Pragma("GCC diagnostic ignored \"-Wmissing-braces\"")                                         \
    static const struct {                                                                          \
        ProtobufCService base; /* What the generated list begins with; not used. */                \
        const struct rpc_method *methods[RPC_SERVICE_METHODS_MAX];                                 \
    } service##_rows_ = rows;                                                                      \
    _Pragma("GCC diagnostic pop")                                                                  \
    extern const struct rpc_service rpc_##service;                                                 \
    const struct rpc_service rpc_##service = {                                                     \
        .descriptor = &profiled__v1__##service##__descriptor,                                      \
        .methods = service##_rows_.methods,                                                        \
    }
/* clang-format on */

/* A service with more does not compile. */
enum { RPC_SERVICE_METHODS_MAX = 32 };

/* ---- what RPC_METHOD() is made of ---- */

#define RPC_METHOD_RPC_READ_(Request) .access = RPC_READ
#define RPC_METHOD_RPC_STREAM_(Request) .access = RPC_STREAM
#define RPC_METHOD_RPC_FEED_(Request) .access = RPC_FEED
#define RPC_METHOD_RPC_WATCH_(Request) .access = RPC_FEED, .watches = true
#define RPC_METHOD_RPC_WRITE_(Request)                                                             \
    .access = RPC_WRITE, .request_id_offset = RPC_FIELD_OFFSET_(Request, request_id, char *),      \
    .validate_only_offset = RPC_FIELD_OFFSET_(Request, validate_only, protobuf_c_boolean)
#define RPC_METHOD_RPC_ERASE_(Request) RPC_METHOD_RPC_WRITE_(Request), .erases = true

/* Whether the expression is of the type. */
/* clang-format off */
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a type stands without them. */
#define RPC_IS_(expression, type) _Generic((expression), type: true, default: false)
/* clang-format on */

/* The offset of a field; the array of a negative size refuses one of another type. */
#define RPC_FIELD_OFFSET_(Request, field, type)                                                    \
    (offsetof(Request, field) + 0 * sizeof(char[RPC_IS_(((Request *)0)->field, type) ? 1 : -1]))
