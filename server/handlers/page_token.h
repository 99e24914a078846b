/* Page tokens: which list a page is of, and behind what the next one begins. Sealed, so that nobody
 * reads or makes one but this server. */

#pragma once

#include <stddef.h>

#include "server/rpc/method.h"

/* The tokens of one method. What they hold is `list` and then `place`, as they lie in memory. */
struct page_token {
    const char *purpose;    /* The method: a token of one is none of another. */
    size_t list_size;       /* Of what tells the lists of the method apart; may be 0. */
    size_t place_size;      /* Of what the next page begins behind. */
    const char *of_another; /* The error's text for a token of another list. */
};

enum { PAGE_TOKEN_CONTENT_MAX = 96 }; /* Bytes of list and place. */

/* Reads the place out of a request's page_token, and leaves `place` as it is when that is empty.
 * INVALID_ARGUMENT PAGE_TOKEN_INVALID for one that is not ours, older than 24 hours or of another
 * list. */
MUST_USE struct status page_token_read(struct rpc_context *ctx, const struct page_token *token,
                                       const char *text, const void *list, void *place);

/* The next_page_token of an answer; lives in the call's arena. */
char *page_token_write(struct rpc_context *ctx, const struct page_token *token, const void *list,
                       const void *place);
