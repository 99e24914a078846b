/* ListNeverJoins: the pairs of profiles that are never to be one. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/page_token.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

/* The last pair of a page. */
struct pair {
    struct id one;
    struct id other;
};

static const struct page_token token = {
    .purpose = "ListNeverJoins",
    .place_size = sizeof(struct pair),
    .of_another = "the page token is of another list",
};

static void list_never_joins_check(struct rpc_context *ctx,
                                   const Profiled__V1__ListNeverJoinsRequest *request) {
    wire_page_size_check(ctx, request->page_size);
}

static struct status list_never_joins(struct rpc_context *ctx,
                                      const Profiled__V1__ListNeverJoinsRequest *request,
                                      Profiled__V1__ListNeverJoinsResponse *response) {
    struct pair after = {0};
    TRY(page_token_read(ctx, &token, request->page_token, NULL, &after));
    const size_t page_size = wire_page_size(request->page_size);
    struct store_never_join *list = arena_array(ctx->arena, page_size + 1, sizeof *list);
    size_t count = 0;
    TRY(store_never_join_scan(ctx->store, after.one, after.other, page_size + 1, list, &count));
    if (count > page_size) { /* One more than the page: there is a next one. */
        count = page_size;
        response->next_page_token = page_token_write(
            ctx, &token, NULL,
            &(struct pair){.one = list[count - 1].one, .other = list[count - 1].other});
    }
    response->n_never_joins = count;
    response->never_joins = arena_array(ctx->arena, count, sizeof *response->never_joins);
    for (size_t i = 0; i < count; i++) {
        response->never_joins[i] = never_join_message(&list[i], ctx->arena);
    }
    return OK;
}

RPC_METHOD(IdentityService, ListNeverJoins, list_never_joins, RPC_READ);
