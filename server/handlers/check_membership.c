/* CheckMembership: which segments a person is in. */

#include <stdlib.h>
#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/identity_request.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/identity/owner.h"
#include "server/rpc/method.h"

static bool is_by_id(const Profiled__V1__CheckMembershipRequest *request) {
    return request->person_case == PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__PERSON_PROFILE_ID;
}

static void check_membership_check(struct rpc_context *ctx,
                                   const Profiled__V1__CheckMembershipRequest *request) {
    struct id id;
    if (is_by_id(request)) {
        (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    } else if (request->person_case == PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__PERSON_IDENTITY) {
        identity_request_check(ctx, request->identity);
    } else {
        rpc_violation(ctx, "is required: profile_id or identity", "person");
    }
    if (request->n_segments > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "there are more than 1,000", "segments");
        return;
    }
    for (size_t i = 0; i < request->n_segments; i++) {
        segment_name_check(ctx, request->segments[i], arena_format(ctx->arena, "segments[%zu]", i));
    }
}

/* The profile that answers for the person. NOT_FOUND PROFILE_NOT_FOUND. */
static struct status find_person(struct rpc_context *ctx,
                                 const Profiled__V1__CheckMembershipRequest *request,
                                 const struct profile **out) {
    struct record_identity *identity = ctx->prepared;
    const struct identity_rules *rules = NULL;
    if (is_by_id(request)) {
        TRY(store_profile_follow(ctx->store, wire_id_checked(request->profile_id), out));
    } else {
        TRY(identity_rules_read(ctx->store, &rules));
        TRY(identity_request_settle(ctx, rules, identity));
        TRY(identity_owner_find(ctx->store, rules, identity_rules_find(rules, identity->type),
                                identity->canonical, out));
    }
    return *out != NULL && (*out)->delete_us == 0
               ? OK
               : status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND,
                           "no profile has this id or identity");
}

static struct status add(struct rpc_context *ctx, const char *name,
                         const struct store_membership *membership,
                         Profiled__V1__CheckMembershipResponse *response) {
    struct store_segment segment;
    bool ready = false;
    TRY(segment_find(ctx, name, arena_format(ctx->arena, "segments[%zu]", response->n_memberships),
                     &segment));
    TRY(segment_is_ready(ctx, &segment, &ready));
    Profiled__V1__Membership *message = arena_alloc(ctx->arena, sizeof *message);
    profiled__v1__membership__init(message);
    message->segment = wire_string(segment.name);
    message->member = store_membership_has(membership, segment.number);
    message->ready = ready;
    response->memberships[response->n_memberships++] = message;
    return OK;
}

static int by_name(const void *a, const void *b) {
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

/* The names of those that the person is in; those of deleted ones are left out. */
static struct status names_of(struct rpc_context *ctx, const struct store_membership *membership,
                              const char **names, size_t *count) {
    for (size_t i = 0; i < membership->count; i++) {
        const char *name = NULL;
        TRY(store_segment_name(ctx->store, membership->segments[i], &name));
        if (name != NULL) {
            names[(*count)++] = name;
        }
    }
    if (*count > 0) {
        qsort(names, *count, sizeof *names, by_name);
    }
    return OK;
}

static struct status check_membership(struct rpc_context *ctx,
                                      const Profiled__V1__CheckMembershipRequest *request,
                                      Profiled__V1__CheckMembershipResponse *response) {
    const struct profile *profile = NULL;
    struct store_membership membership;
    TRY(find_person(ctx, request, &profile));
    response->profile_id = wire_id(profile->id, ctx->arena);
    TRY(store_membership_get(ctx->store, profile->id, &membership));
    const size_t room = request->n_segments + membership.count;
    const char **names = arena_array(ctx->arena, room, sizeof *names);
    size_t count = request->n_segments;
    for (size_t i = 0; i < count; i++) {
        names[i] = request->segments[i];
    }
    if (count == 0) {
        TRY(names_of(ctx, &membership, names, &count));
    }
    response->memberships = arena_array(ctx->arena, count, sizeof *response->memberships);
    for (size_t i = 0; i < count; i++) {
        TRY(add(ctx, names[i], &membership, response));
    }
    return OK;
}

RPC_METHOD(SegmentService, CheckMembership, check_membership, RPC_READ);
