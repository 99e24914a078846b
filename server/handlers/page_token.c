/* How the tokens of pages are made and read: one layout for all lists. */

#include "server/handlers/page_token.h"

#include <assert.h>
#include <string.h>

#include "server/handlers/wire.h"

struct status page_token_read(struct rpc_context *ctx, const struct page_token *token,
                              const char *text, const void *list, void *place) {
    if (text[0] == '\0') {
        return OK;
    }
    struct bytes content;
    TRY(store_token_open(ctx->store, token->purpose, ctx->now_us, text, &content));
    if (content.size != token->list_size + token->place_size ||
        (token->list_size > 0 && memcmp(content.data, list, token->list_size) != 0)) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_PAGE_TOKEN_INVALID, token->of_another);
    }
    memcpy(place, content.data + token->list_size, token->place_size);
    return OK;
}

char *page_token_write(struct rpc_context *ctx, const struct page_token *token, const void *list,
                       const void *place) {
    uint8_t content[PAGE_TOKEN_CONTENT_MAX];
    const size_t size = token->list_size + token->place_size;
    assert(size <= sizeof content);
    if (token->list_size > 0) {
        memcpy(content, list, token->list_size);
    }
    memcpy(content + token->list_size, place, token->place_size);
    return wire_string(
        store_token_seal(ctx->store, token->purpose, ctx->now_us, bytes_of(content, size)));
}
