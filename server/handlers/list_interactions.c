/* ListInteractions: the timeline of a profile, the latest first. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/interaction_message.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

/* Behind which interaction the page begins. */
struct position {
    int64_t occur_us;
    struct id id;
};

/* The profile, the last interaction. */
static const struct page_token token = {
    .purpose = "ListInteractions",
    .list_size = ID_SIZE,
    .place_size = sizeof(struct position),
    .of_another = "the page token is of another profile's list",
};

static void list_interactions_check(struct rpc_context *ctx,
                                    const Profiled__V1__ListInteractionsRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    wire_page_size_check(ctx, request->page_size);
}

static struct status list_interactions(struct rpc_context *ctx,
                                       const Profiled__V1__ListInteractionsRequest *request,
                                       Profiled__V1__ListInteractionsResponse *response) {
    const struct id id = wire_id_checked(request->profile_id);
    const struct profile *profile = NULL;
    TRY(profile_find(ctx, id, false, &profile));
    struct position position = {0};
    TRY(page_token_read(ctx, &token, request->page_token, &id, &position));
    const size_t page_size = wire_page_size(request->page_size);
    struct store_interaction *list = arena_array(ctx->arena, page_size, sizeof *list);
    size_t count = 0;
    bool more = false;
    size_t member_count = 0;
    const struct id *members = profile_member_ids(profile, ctx->arena, &member_count);
    TRY(store_interaction_scan(ctx->store, members, member_count, request->page_token[0] != '\0',
                               position.occur_us, position.id, page_size, list, &count, &more));
    if (more) {
        response->next_page_token = page_token_write(
            ctx, &token, &id,
            &(struct position){.occur_us = list[count - 1].occur_us, .id = list[count - 1].id});
    }
    response->n_interactions = count;
    response->interactions = arena_array(ctx->arena, count, sizeof *response->interactions);
    for (size_t i = 0; i < count; i++) {
        TRY(interaction_message(&list[i], profile->id, ctx->arena, &response->interactions[i]));
    }
    return OK;
}

RPC_METHOD(InteractionService, ListInteractions, list_interactions, RPC_READ);
