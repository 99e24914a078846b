/* ListNeverJoins: the pairs of profiles that are never to be one. */

#include <string.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

enum { TOKEN_SIZE = 2 * ID_SIZE }; /* The last pair. */

static const char token_purpose[] = "ListNeverJoins";

static void list_never_joins_check(struct rpc_context *ctx,
                                   const Profiled__V1__ListNeverJoinsRequest *request) {
    wire_page_size_check(ctx, request->page_size);
}

static struct status token_read(struct rpc_context *ctx, const char *token, struct id *one,
                                struct id *other) {
    *one = (struct id){{0}};
    *other = (struct id){{0}};
    if (token[0] == '\0') {
        return OK;
    }
    struct bytes content;
    TRY(store_token_open(ctx->store, token_purpose, ctx->now_us, token, &content));
    if (content.size != TOKEN_SIZE) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_PAGE_TOKEN_INVALID,
                         "the page token is of another list");
    }
    memcpy(one->bytes, content.data, ID_SIZE);
    memcpy(other->bytes, content.data + ID_SIZE, ID_SIZE);
    return OK;
}

static struct status list_never_joins(struct rpc_context *ctx,
                                      const Profiled__V1__ListNeverJoinsRequest *request,
                                      Profiled__V1__ListNeverJoinsResponse *response) {
    struct id one;
    struct id other;
    TRY(token_read(ctx, request->page_token, &one, &other));
    const size_t page_size = wire_page_size(request->page_size);
    struct store_never_join *list = arena_array(ctx->arena, page_size + 1, sizeof *list);
    size_t count = 0;
    TRY(store_never_join_scan(ctx->store, one, other, page_size + 1, list, &count));
    if (count > page_size) { /* One more than the page: there is a next one. */
        count = page_size;
        uint8_t content[TOKEN_SIZE];
        memcpy(content, list[count - 1].one.bytes, ID_SIZE);
        memcpy(content + ID_SIZE, list[count - 1].other.bytes, ID_SIZE);
        response->next_page_token = wire_string(store_token_seal(
            ctx->store, token_purpose, ctx->now_us, bytes_of(content, sizeof content)));
    }
    response->n_never_joins = count;
    response->never_joins = arena_array(ctx->arena, count, sizeof *response->never_joins);
    for (size_t i = 0; i < count; i++) {
        response->never_joins[i] = never_join_message(&list[i], ctx->arena);
    }
    return OK;
}

RPC_METHOD(IdentityService, ListNeverJoins, list_never_joins, RPC_READ);
