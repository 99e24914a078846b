/* DeleteTheme: a theme that no further engagement takes. */

#include "server/handlers/theme_message.h"
#include "server/rpc/method.h"

static void delete_theme_check(struct rpc_context *ctx,
                               const Profiled__V1__DeleteThemeRequest *request) {
    if (request->name[0] == '\0') {
        rpc_violation(ctx, "is required", "name");
    }
}

static struct status delete_theme(struct rpc_context *ctx,
                                  const Profiled__V1__DeleteThemeRequest *request,
                                  Profiled__V1__DeleteThemeResponse *response) {
    struct themes themes;
    struct theme *theme = NULL;
    TRY(themes_read(ctx->store, &themes));
    TRY(theme_find(&themes, request->name, &theme));
    theme->term.retired = true;
    response->theme = theme_message(theme, ctx->arena);
    return themes_put(ctx->store, &themes);
}

RPC_METHOD(SchemaService, DeleteTheme, delete_theme, RPC_WRITE);
