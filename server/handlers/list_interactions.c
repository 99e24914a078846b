/* ListInteractions: the timeline of a profile, the latest first. */

#include <string.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/interaction_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

enum { TOKEN_SIZE = ID_SIZE + 8 + ID_SIZE }; /* Profile, time, interaction. */

static const char token_purpose[] = "ListInteractions";

/* Behind which interaction the page begins. */
struct position {
    bool set;
    int64_t occur_us;
    struct id id;
};

static void list_interactions_check(struct rpc_context *ctx,
                                    const Profiled__V1__ListInteractionsRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    wire_page_size_check(ctx, request->page_size);
}

static struct status token_read(struct rpc_context *ctx, const char *token, struct id profile,
                                struct position *out) {
    *out = (struct position){.set = false};
    if (token[0] == '\0') {
        return OK;
    }
    struct bytes content;
    TRY(store_token_open(ctx->store, token_purpose, ctx->now_us, token, &content));
    if (content.size != TOKEN_SIZE || memcmp(content.data, profile.bytes, ID_SIZE) != 0) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_PAGE_TOKEN_INVALID,
                         "the page token is of another profile's list");
    }
    out->set = true;
    memcpy(&out->occur_us, content.data + ID_SIZE, 8);
    memcpy(out->id.bytes, content.data + ID_SIZE + 8, ID_SIZE);
    return OK;
}

static char *token_write(struct rpc_context *ctx, struct id profile,
                         const struct store_interaction *last) {
    uint8_t content[TOKEN_SIZE];
    memcpy(content, profile.bytes, ID_SIZE);
    memcpy(content + ID_SIZE, &last->occur_us, 8);
    memcpy(content + ID_SIZE + 8, last->id.bytes, ID_SIZE);
    return wire_string(store_token_seal(ctx->store, token_purpose, ctx->now_us,
                                        bytes_of(content, sizeof content)));
}

static struct status list_interactions(struct rpc_context *ctx,
                                       const Profiled__V1__ListInteractionsRequest *request,
                                       Profiled__V1__ListInteractionsResponse *response) {
    const struct id id = wire_id_checked(request->profile_id);
    const struct profile *profile = NULL;
    TRY(profile_find(ctx, id, false, &profile));
    struct position position;
    TRY(token_read(ctx, request->page_token, id, &position));
    const size_t page_size = wire_page_size(request->page_size);
    struct store_interaction *list = arena_array(ctx->arena, page_size, sizeof *list);
    size_t count = 0;
    bool more = false;
    size_t member_count = 0;
    const struct id *members = profile_member_ids(profile, ctx->arena, &member_count);
    TRY(store_interaction_scan(ctx->store, members, member_count, position.set, position.occur_us,
                               position.id, page_size, list, &count, &more));
    if (more) {
        response->next_page_token = token_write(ctx, id, &list[count - 1]);
    }
    response->n_interactions = count;
    response->interactions = arena_array(ctx->arena, count, sizeof *response->interactions);
    for (size_t i = 0; i < count; i++) {
        TRY(interaction_message(&list[i], profile->id, ctx->arena, &response->interactions[i]));
    }
    return OK;
}

RPC_METHOD(InteractionService, ListInteractions, list_interactions, RPC_READ);
