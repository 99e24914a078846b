/* ListDeadLetters: changes that were put aside, a page at a time. */

#include <string.h>

#include "profiled/v1/change_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/page_token.h"
#include "server/handlers/subscription_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

struct list {
    char name[SEGMENT_NAME_SIZE_MAX];
};

struct place {
    uint64_t sequence;
    uint32_t place;
    uint32_t unused; /* So that nothing of it is left unset. */
};

/* The subscription's name; the last dead letter. */
static const struct page_token token = {
    .purpose = "ListDeadLetters",
    .list_size = sizeof(struct list),
    .place_size = sizeof(struct place),
    .of_another = "the page token is of another subscription",
};

static void list_dead_letters_check(struct rpc_context *ctx,
                                    const Profiled__V1__ListDeadLettersRequest *request) {
    subscription_name_check(ctx, request->name, "name");
    wire_page_size_check(ctx, request->page_size);
}

static struct status list_dead_letters(struct rpc_context *ctx,
                                       const Profiled__V1__ListDeadLettersRequest *request,
                                       Profiled__V1__ListDeadLettersResponse *response) {
    const size_t page_size = wire_page_size(request->page_size);
    struct store_delivery *dead = arena_array(ctx->arena, page_size + 1, sizeof *dead);
    struct store_subscription subscription;
    struct list list = {.name = ""};
    struct place place = {0};
    size_t count = 0;
    TRY(subscription_find(ctx, request->name, &subscription));
    memcpy(list.name, request->name, strlen(request->name));
    TRY(page_token_read(ctx, &token, request->page_token, &list, &place));
    TRY(store_delivery_scan(ctx->store, request->name, true, request->page_token[0] != '\0',
                            place.sequence, place.place, page_size + 1, dead, &count));
    if (count > page_size) { /* One more than the page: there is a next one. */
        count = page_size;
        place = (struct place){dead[count - 1].sequence, dead[count - 1].place, 0};
        response->next_page_token = page_token_write(ctx, &token, &list, &place);
    }
    response->deliveries = arena_array(ctx->arena, count, sizeof *response->deliveries);
    for (size_t i = 0; i < count; i++) {
        response->deliveries[response->n_deliveries++] =
            delivery_message(ctx, &subscription, &dead[i]);
    }
    return OK;
}

RPC_METHOD(ChangeService, ListDeadLetters, list_dead_letters, RPC_READ);
