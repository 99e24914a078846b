/* ListThemes: what engagements of this workspace may be about. */

#include "server/handlers/theme_message.h"
#include "server/rpc/method.h"

static void list_themes_check(struct rpc_context *ctx,
                              const Profiled__V1__ListThemesRequest *request) {
    (void)ctx;
    (void)request; /* It has no fields. */
}

static struct status list_themes(struct rpc_context *ctx,
                                 const Profiled__V1__ListThemesRequest *request,
                                 Profiled__V1__ListThemesResponse *response) {
    (void)request;
    struct themes themes;
    TRY(themes_read(ctx->store, &themes));
    response->n_themes = themes.count;
    response->themes = arena_array(ctx->arena, themes.count, sizeof *response->themes);
    for (size_t i = 0; i < themes.count; i++) {
        response->themes[i] = theme_message(&themes.items[i], ctx->arena);
    }
    return OK;
}

RPC_METHOD(SchemaService, ListThemes, list_themes, RPC_READ);
