/* ListInteractions: the timeline of a profile, the latest first. */

#include <string.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/interaction_filter.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

/* Behind which interaction the page begins. */
struct position {
    int64_t occur_us;
    struct id id;
};

/* Whose timeline, and what of it. */
struct list {
    struct id profile;
    uint64_t filter;
};

static const struct page_token token = {
    .purpose = "ListInteractions",
    .list_size = sizeof(struct list),
    .place_size = sizeof(struct position),
    .of_another = "the page token is of another list: another profile's, or of another filter",
};

static void list_interactions_check(struct rpc_context *ctx,
                                    const Profiled__V1__ListInteractionsRequest *request) {
    struct id id;
    struct interaction_filter *filter = arena_alloc(ctx->arena, sizeof *filter);
    ctx->prepared = filter;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    wire_page_size_check(ctx, request->page_size);
    interaction_filter_read(ctx, request->filter, "filter", filter);
}

/* A page that is filled. */
struct filling {
    const struct interaction_filter *filter;
    struct id profile; /* That answers. */
    size_t page_size;
    struct position position; /* Behind the last that was looked at. */
    bool begun;
    bool more;
    struct wire_page taken;
    Profiled__V1__ListInteractionsResponse *response;
};

static bool is_full(const struct rpc_context *ctx, struct filling *filling) {
    const Profiled__V1__ListInteractionsResponse *response = filling->response;
    return response->n_interactions == filling->page_size ||
           wire_page_is_over(ctx, &filling->taken, response->interactions,
                             response->n_interactions);
}

/* Takes those that are wanted of some that were read; none before the filter's time is read on. */
static struct status take(struct rpc_context *ctx, struct filling *filling,
                          const struct store_interaction *list, size_t count, bool more) {
    Profiled__V1__ListInteractionsResponse *response = filling->response;
    for (size_t i = 0; i < count; i++) {
        if (list[i].occur_us < filling->filter->min_us) {
            filling->more = false;
            return OK;
        }
        bool taken = false;
        filling->position = (struct position){.occur_us = list[i].occur_us, .id = list[i].id};
        filling->begun = true;
        TRY(interaction_filter_takes(filling->filter, &list[i], ctx->arena, &taken));
        if (taken) {
            TRY(interaction_message(&list[i], filling->profile, ctx->arena,
                                    &response->interactions[response->n_interactions++]));
        }
        if (is_full(ctx, filling)) {
            filling->more = more || i + 1 < count;
            return OK;
        }
    }
    filling->more = more;
    return OK;
}

/* Reads on until the page is full, or has taken its time: then it comes short. */
static struct status fill(struct rpc_context *ctx, const struct profile *profile,
                          struct filling *filling) {
    size_t member_count = 0;
    const struct id *members = profile_member_ids(profile, ctx->arena, &member_count);
    struct store_interaction *list = arena_array(ctx->arena, filling->page_size, sizeof *list);
    do {
        size_t count = 0;
        bool more = false;
        TRY(store_interaction_scan(ctx->store, members, member_count, filling->begun,
                                   filling->position.occur_us, filling->position.id,
                                   filling->page_size, list, &count, &more));
        TRY(take(ctx, filling, list, count, more));
    } while (filling->more && !is_full(ctx, filling));
    return OK;
}

static struct status list_interactions(struct rpc_context *ctx,
                                       const Profiled__V1__ListInteractionsRequest *request,
                                       Profiled__V1__ListInteractionsResponse *response) {
    struct interaction_filter *filter = ctx->prepared;
    TRY(interaction_filter_settle(ctx, "filter", filter));
    const struct list list = {.profile = wire_id_checked(request->profile_id),
                              .filter = interaction_filter_hash(request->filter, ctx->arena)};
    const struct profile *profile = NULL;
    TRY(profile_find(ctx, list.profile, false, &profile));
    struct filling filling = {
        .filter = filter,
        .profile = profile->id,
        .page_size = wire_page_size(request->page_size),
        .position = {.occur_us = filter->max_us},
        .begun = request->page_token[0] != '\0' || filter->max_us != INT64_MAX,
        .response = response,
    };
    memset(filling.position.id.bytes, 0xff, ID_SIZE); /* None at the very time. */
    TRY(page_token_read(ctx, &token, request->page_token, &list, &filling.position));
    response->interactions =
        arena_array(ctx->arena, filling.page_size, sizeof *response->interactions);
    TRY(fill(ctx, profile, &filling));
    if (filling.more) {
        response->next_page_token = page_token_write(ctx, &token, &list, &filling.position);
    }
    return OK;
}

RPC_METHOD(InteractionService, ListInteractions, list_interactions, RPC_READ);
