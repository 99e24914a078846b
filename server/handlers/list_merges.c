/* ListMerges: which profiles became one, when and why, and what was undone. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

/* The profile, zero for all; the last merge. */
static const struct page_token token = {
    .purpose = "ListMerges",
    .list_size = ID_SIZE,
    .place_size = ID_SIZE,
    .of_another = "the page token is of another list",
};

static void list_merges_check(struct rpc_context *ctx,
                              const Profiled__V1__ListMergesRequest *request) {
    struct id *id = arena_alloc(ctx->arena, sizeof *id);
    ctx->prepared = id;
    if (request->profile_id[0] != '\0') {
        (void)wire_id_read(ctx, request->profile_id, "profile_id", id);
    }
    wire_page_size_check(ctx, request->page_size);
}

static struct status list_merges(struct rpc_context *ctx,
                                 const Profiled__V1__ListMergesRequest *request,
                                 Profiled__V1__ListMergesResponse *response) {
    const struct id *id = ctx->prepared;
    struct id before = {{0}};
    TRY(page_token_read(ctx, &token, request->page_token, id, &before));
    size_t member_count = 0;
    const struct id *members = NULL;
    if (!id_is_zero(*id)) {
        const struct profile *profile = NULL;
        TRY(profile_find(ctx, *id, true, &profile));
        members = profile_member_ids(profile, ctx->arena, &member_count);
    }
    const size_t page_size = wire_page_size(request->page_size);
    struct id *ids = arena_array(ctx->arena, page_size + 1, sizeof *ids);
    size_t count = 0;
    TRY(store_merge_scan(ctx->store, members, member_count, before, page_size + 1, ids, &count));
    if (count > page_size) { /* One more than the page: there is a next one. */
        count = page_size;
        response->next_page_token = page_token_write(ctx, &token, id, &ids[count - 1]);
    }
    response->merges = arena_array(ctx->arena, count, sizeof *response->merges);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        struct store_merge merge;
        TRY(store_merge_get(ctx->store, ids[i], &found, &merge));
        if (!found) {
            return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a merge has no record");
        }
        response->merges[response->n_merges++] = merge_message(&merge, ctx->arena);
    }
    return OK;
}

RPC_METHOD(IdentityService, ListMerges, list_merges, RPC_READ);
