/* Handlers for tests. */

#include "tests/rpc/methods.h"

#include <inttypes.h>
#include <string.h>

#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/limits.h"
#include "server/rpc/method.h"
#include "tests/rpc/fake_store.h"
#include "tests/rpc/shapes.pb-c.h"

static Profiled__V1__Profile *profile_new(struct rpc_context *ctx, char *name) {
    Profiled__V1__Profile *profile = arena_alloc(ctx->arena, sizeof *profile);
    profiled__v1__profile__init(profile);
    profile->name = name;
    profile->etag = arena_format(ctx->arena, "%zu", fake_view_count(ctx->store));
    return profile;
}

static void create_profile_check(struct rpc_context *ctx,
                                 const Profiled__V1__CreateProfileRequest *request) {
    if (request->profile == NULL || request->profile->name[0] == '\0') {
        rpc_violation(ctx, "is required", "profile.name");
        rpc_violation(ctx, "is missing too", "profile.identities[%d].value", 3);
    }
}

static struct status create_profile(struct rpc_context *ctx,
                                    const Profiled__V1__CreateProfileRequest *request,
                                    Profiled__V1__CreateProfileResponse *response) {
    char *name = request->profile->name;
    fake_view_put(ctx->store, name);
    if (strcmp(name, "refused") == 0) {
        rpc_error_metadata(ctx, "rule", "7");
        return status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND, "there is no such profile");
    }
    if (strcmp(name, "huge") == 0) {
        name = arena_alloc(ctx->arena, RESPONSE_SIZE_MAX + 1);
        memset(name, 'x', RESPONSE_SIZE_MAX);
    }
    if (strcmp(name, "hungry") == 0) {
        arena_alloc(ctx->arena, CALL_ARENA_MAX);
    }
    response->profile = profile_new(ctx, name);
    return OK;
}

RPC_METHOD(ProfileService, CreateProfile, create_profile, RPC_WRITE);

static void get_profile_check(struct rpc_context *ctx,
                              const Profiled__V1__GetProfileRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status get_profile(struct rpc_context *ctx,
                                 const Profiled__V1__GetProfileRequest *request,
                                 Profiled__V1__GetProfileResponse *response) {
    if (strcmp(request->id, "hungry") == 0) {
        arena_alloc(ctx->arena, CALL_ARENA_MAX);
    }
    response->profile = profile_new(ctx, request->id);
    return OK;
}

RPC_METHOD(ProfileService, GetProfile, get_profile, RPC_READ);

static void delete_profile_check(struct rpc_context *ctx,
                                 const Profiled__V1__DeleteProfileRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status delete_profile(struct rpc_context *ctx,
                                    const Profiled__V1__DeleteProfileRequest *request,
                                    Profiled__V1__DeleteProfileResponse *response) {
    fake_view_put(ctx->store, request->id);
    response->profile = profile_new(ctx, request->id);
    return OK;
}

RPC_METHOD(ProfileService, DeleteProfile, delete_profile, RPC_ERASE);

struct stream_state {
    int64_t count;
    bool validate_only;
};

static void import_profiles_check(struct rpc_context *ctx,
                                  const Profiled__V1__ImportProfilesRequest *request) {
    if (request->payload_case == PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD__NOT_SET) {
        rpc_violation(ctx, "is required", "payload");
    }
}

static struct status import_profiles(struct rpc_context *ctx,
                                     const Profiled__V1__ImportProfilesRequest *request,
                                     Profiled__V1__ImportProfilesResponse *response) {
    struct stream_state *state = *ctx->stream;
    if (state == NULL) {
        state = arena_alloc(ctx->stream_arena, sizeof *state);
        *ctx->stream = state;
    }
    if (request->payload_case == PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER) {
        state->validate_only = request->header->validate_only != 0;
        if (strcmp(request->header->import_id, "hungry") == 0) {
            ctx->stream_arena->used += (size_t)600 << 20;
        }
    }
    ctx->validate_only = state->validate_only;
    fake_view_put(ctx->store, "row of a stream");
    Profiled__V1__ImportAck *ack = arena_alloc(ctx->arena, sizeof *ack);
    profiled__v1__import_ack__init(ack);
    ack->durable_row = state->count;
    state->count++;
    response->payload_case = PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK;
    response->ack = ack;
    return OK;
}

RPC_METHOD(TransferService, ImportProfiles, import_profiles, RPC_STREAM);

static void shape_check(struct rpc_context *ctx, const ProtobufCMessage *request) {
    (void)ctx;
    (void)request;
}

static struct status shape(struct rpc_context *ctx, const ProtobufCMessage *request,
                           ProtobufCMessage *response) {
    (void)ctx;
    (void)request;
    (void)response;
    return OK;
}

/* No method of the contract: written out. */
const struct rpc_method rpc_shape = {
    .access = RPC_READ,
    .request = &tests__rpc__v1__shape__descriptor,
    .response = &tests__rpc__v1__empty__descriptor,
    .check = shape_check,
    .handle = shape,
};
