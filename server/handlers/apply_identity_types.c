/* ApplyIdentityTypes: the present rules for profiles that are there already, a page a call, and
 * from the oldest profile again until nothing changes: what becomes of one may lean on what became
 * of a younger one. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_types_pass.h"
#include "server/handlers/page_token.h"

enum {
    PROFILES_DEFAULT = 200,
    PROFILES_MAX = 1000,
    CALL_US_MAX = 30000, /* Others wait for what a call does: it ends behind the row at which it has
                            taken as long. */
};

/* Under which rules, and how far. */
struct place {
    uint64_t rule_version;
    struct identity_types_place passes;
};

static const struct page_token token = {
    .purpose = "ApplyIdentityTypes",
    .place_size = sizeof(struct place),
    .of_another = "the page token is of another server",
};

static void apply_identity_types_check(struct rpc_context *ctx,
                                       const Profiled__V1__ApplyIdentityTypesRequest *request) {
    if (request->max_profiles < 0 || request->max_profiles > PROFILES_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000, or 0 for 200", "max_profiles");
    }
}

static struct status place_read(struct rpc_context *ctx, const char *text,
                                const struct identity_rules *rules, struct place *out) {
    *out = (struct place){rules->version, identity_types_place_begin(ctx->now_us)};
    TRY(page_token_read(ctx, &token, text, NULL, out));
    return out->rule_version == rules->version
               ? OK
               : status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                           "the identity types have changed since the page before: begin again");
}

static struct status run(struct identity_types_pass *pass, struct id id,
                         struct reapply_outcome *out) {
    return reapply_row_run(&pass->context, id, out);
}

static struct status apply_identity_types(struct rpc_context *ctx,
                                          const Profiled__V1__ApplyIdentityTypesRequest *request,
                                          Profiled__V1__ApplyIdentityTypesResponse *response) {
    struct place place;
    struct identity_types_pass pass = {
        .ctx = ctx,
        .context = {.random = ctx->random},
        .place = &place.passes,
        .effect = arena_alloc(ctx->arena, sizeof *pass.effect),
        .end_us = store_view_clock_us(ctx->store) + CALL_US_MAX,
        .run = run,
    };
    profiled__v1__identity_types_effect__init(pass.effect);
    TRY(members_context_read(ctx->store, ctx->now_us, &pass.context.members));
    TRY(place_read(ctx, request->page_token, pass.context.members.rules, &place));
    pass.context.begin_us = place.passes.begin_us;
    TRY(identity_types_pass_go_on(
        &pass, request->max_profiles == 0 ? PROFILES_DEFAULT : (size_t)request->max_profiles));
    response->effect = pass.effect;
    response->pass = pass.number;
    response->progress = pass.progress;
    response->done = pass.done;
    response->settled = pass.settled;
    response->total_profile_count = place.passes.looked_at;
    response->rule_version = (int64_t)place.rule_version;
    if (!response->done) {
        response->next_page_token = page_token_write(ctx, &token, NULL, &place);
    }
    return OK;
}

RPC_METHOD(IdentityService, ApplyIdentityTypes, apply_identity_types, RPC_WRITE);
