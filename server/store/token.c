/* Page tokens: where a list goes on, sealed, so that a client can neither read nor forge one. */

#include <string.h>

#include "server/base/clock.h"
#include "server/store/view.h"

enum {
    TOKEN_SIZE_MAX = 128 << 10, /* Those of streams have a filter in canonical form in them. */
    TIME_SIZE = 8,
};
#define TOKEN_AGE_MAX_US US_PER_DAY

static struct status token_invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_PAGE_TOKEN_INVALID, text);
}

/* The purpose and the workspace are bound to the token, not in it. */
static struct bytes associated_of(struct store_view *view, const char *purpose) {
    return bytes_of_string(arena_format(view->arena, "%s/%s", purpose, view->store->workspace));
}

const char *store_token_seal(struct store_view *view, const char *purpose, int64_t now_us,
                             struct bytes content) {
    uint8_t *plain = arena_alloc(view->arena, TIME_SIZE + content.size);
    store_put_u64(plain, (uint64_t)now_us);
    if (content.size > 0) {
        memcpy(plain + TIME_SIZE, content.data, content.size);
    }
    const struct bytes sealed =
        vault_seal(&view->store->token_key, associated_of(view, purpose),
                   bytes_of(plain, TIME_SIZE + content.size), view->store->random, view->arena);
    return vault_text_encode(sealed, view->arena);
}

struct status store_token_open(struct store_view *view, const char *purpose, int64_t now_us,
                               const char *token, struct bytes *out) {
    int64_t seal_us = 0;
    TRY(store_token_open_any(view, purpose, token, &seal_us, out));
    return now_us - seal_us > TOKEN_AGE_MAX_US
               ? token_invalid("the page token is older than 24 hours")
               : OK;
}

struct status store_token_open_any(struct store_view *view, const char *purpose, const char *token,
                                   int64_t *seal_us, struct bytes *out) {
    struct bytes sealed;
    if (strlen(token) > TOKEN_SIZE_MAX || !vault_text_decode(token, view->arena, &sealed)) {
        return token_invalid("the page token is not one of this server's");
    }
    struct bytes plain;
    const struct status opened = vault_open(&view->store->token_key, associated_of(view, purpose),
                                            sealed, view->arena, &plain);
    if (!status_is_ok(opened) || plain.size < TIME_SIZE) {
        return token_invalid("the page token belongs to another list or was changed");
    }
    *seal_us = (int64_t)store_get_u64(plain.data);
    *out = bytes_of(plain.data + TIME_SIZE, plain.size - TIME_SIZE);
    return OK;
}
