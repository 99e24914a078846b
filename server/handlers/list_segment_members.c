/* ListSegmentMembers: who is in a segment, a page at a time. */

#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_mask.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

/* The fingerprint of segment and mask; the last profile. */
static const struct page_token token = {
    .purpose = "ListSegmentMembers",
    .list_size = VAULT_FINGERPRINT_SIZE,
    .place_size = ID_SIZE,
    .of_another = "the page token is of another list",
};

static void list_segment_members_check(struct rpc_context *ctx,
                                       const Profiled__V1__ListSegmentMembersRequest *request) {
    segment_name_check(ctx, request->name, "name");
    wire_page_size_check(ctx, request->page_size);
    profile_mask_check(ctx, request->read_mask, "read_mask");
}

/* The number, not the name: that may be another segment's by now. */
static struct fingerprint list_hash(struct rpc_context *ctx, const struct store_segment *segment,
                                    const Profiled__V1__ListSegmentMembersRequest *request) {
    const size_t paths = request->read_mask == NULL ? 0 : request->read_mask->n_paths;
    struct bytes *parts = arena_array(ctx->arena, paths + 1, sizeof *parts);
    parts[0] = bytes_of(&segment->number, sizeof segment->number);
    for (size_t i = 0; i < paths; i++) {
        parts[i + 1] = bytes_of_string(request->read_mask->paths[i]);
    }
    return store_fingerprint(store_view_store(ctx->store), parts, paths + 1);
}

static struct status add(struct rpc_context *ctx, const struct identity_rules *rules, struct id id,
                         const Google__Protobuf__FieldMask *mask, Profiled__V1__Profile **out) {
    const struct profile *profile = NULL;
    if (profile_mask_is_id(mask)) {
        *out = arena_alloc(ctx->arena, sizeof **out);
        profiled__v1__profile__init(*out);
        (*out)->id = wire_id(id, ctx->arena);
        return OK;
    }
    TRY(store_profile_get(ctx->store, id, &profile));
    if (profile == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a segment has a member that is no profile");
    }
    TRY(profile_message_by(ctx, rules, profile, out));
    profile_mask_apply(mask, *out);
    return OK;
}

static struct status list_segment_members(struct rpc_context *ctx,
                                          const Profiled__V1__ListSegmentMembersRequest *request,
                                          Profiled__V1__ListSegmentMembersResponse *response) {
    const size_t page_size = wire_page_size(request->page_size);
    const struct identity_rules *rules = NULL;
    struct store_segment segment;
    struct id place = {{0}};
    struct wire_page page = {0};
    bool more = false;
    bool ready = false;
    size_t count = 0;
    struct id *ids = arena_array(ctx->arena, page_size, sizeof *ids);
    TRY(segment_find(ctx, request->name, "name", &segment));
    const struct fingerprint hash = list_hash(ctx, &segment, request);
    TRY(page_token_read(ctx, &token, request->page_token, hash.bytes, &place));
    TRY(store_member_scan(ctx->store, segment.number, request->page_token[0] != '\0', place,
                          page_size, ids, &count, &more));
    TRY(identity_rules_read(ctx->store, &rules));
    response->profiles = arena_array(ctx->arena, count, sizeof *response->profiles);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && wire_page_is_over(ctx, &page, response->profiles, i)) {
            more = true; /* The page comes short. */
            break;
        }
        TRY(add(ctx, rules, ids[i], request->read_mask, &response->profiles[i]));
        response->n_profiles++;
    }
    if (more) {
        response->next_page_token =
            page_token_write(ctx, &token, hash.bytes, &ids[response->n_profiles - 1]);
    }
    TRY(segment_is_ready(ctx, &segment, &ready));
    response->ready = ready;
    return OK;
}

RPC_METHOD(SegmentService, ListSegmentMembers, list_segment_members, RPC_READ);
