/* BatchGetProfiles: many profiles by id. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

static void batch_get_profiles_check(struct rpc_context *ctx,
                                     const Profiled__V1__BatchGetProfilesRequest *request) {
    if (request->n_ids == 0 || request->n_ids > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "ids");
        return;
    }
    for (size_t i = 0; i < request->n_ids; i++) {
        struct id id;
        (void)wire_id_read(ctx, request->ids[i], arena_format(ctx->arena, "ids[%zu]", i), &id);
    }
}

static struct status add(struct rpc_context *ctx, const struct identity_rules *rules, struct id id,
                         const struct profile *profile,
                         Profiled__V1__BatchGetProfilesResponse *response) {
    Profiled__V1__GetProfileResponse *item = arena_alloc(ctx->arena, sizeof *item);
    profiled__v1__get_profile_response__init(item);
    if (!id_equal(profile->id, id)) {
        item->redirected_from_id = wire_id(id, ctx->arena);
    }
    TRY(profile_message_by(ctx, rules, profile, &item->profile));
    response->profiles[response->n_profiles++] = item;
    return OK;
}

static struct status batch_get_profiles(struct rpc_context *ctx,
                                        const Profiled__V1__BatchGetProfilesRequest *request,
                                        Profiled__V1__BatchGetProfilesResponse *response) {
    response->profiles = arena_array(ctx->arena, request->n_ids, sizeof *response->profiles);
    response->missing_ids = arena_array(ctx->arena, request->n_ids, sizeof *response->missing_ids);
    const struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &rules));
    for (size_t i = 0; i < request->n_ids; i++) {
        const struct id id = wire_id_checked(request->ids[i]);
        if (store_view_is_over(ctx->store)) {
            return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                             "so many profiles take longer than a call may: ask for fewer");
        }
        const struct profile *profile = NULL;
        TRY(store_profile_follow(ctx->store, id, &profile));
        if (profile == NULL || profile->delete_us != 0) {
            response->missing_ids[response->n_missing_ids++] = wire_id(id, ctx->arena);
        } else {
            TRY(add(ctx, rules, id, profile, response));
        }
    }
    return OK;
}

RPC_METHOD(ProfileService, BatchGetProfiles, batch_get_profiles, RPC_READ);
