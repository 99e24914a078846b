/* CreateTheme: one thing more that engagements may be about. */

#include "server/handlers/term_message.h"
#include "server/handlers/theme_message.h"
#include "server/rpc/method.h"

static void create_theme_check(struct rpc_context *ctx,
                               const Profiled__V1__CreateThemeRequest *request) {
    const Profiled__V1__Theme *given = request->theme;
    if (given == NULL) {
        rpc_violation(ctx, "is required", "theme");
        return;
    }
    term_name_check(ctx, given->name, "theme.");
    struct theme *theme = arena_alloc(ctx->arena, sizeof *theme);
    theme->term = (struct term){.name = given->name, .retired = given->retired};
    theme_labels_read(ctx, given, theme);
    theme_subs_read(ctx, given, theme);
    ctx->prepared = theme;
}

static struct status create_theme(struct rpc_context *ctx,
                                  const Profiled__V1__CreateThemeRequest *request,
                                  Profiled__V1__CreateThemeResponse *response) {
    (void)request; /* The check has read it. */
    const struct theme *theme = ctx->prepared;
    struct themes themes;
    TRY(themes_read(ctx->store, &themes));
    if (themes_find(&themes, theme->term.name) != NULL) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_THEME_EXISTS,
                         "there is a theme of this name");
    }
    if (themes.count >= THEMES_MAX) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", THEMES_MAX));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_RULES_INVALID,
                         "the workspace has as many themes as it may");
    }
    theme_clash_check(ctx, &themes, theme);
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    themes.items[themes.count++] = *theme;
    TRY(themes_put(ctx->store, &themes));
    response->theme = theme_message(theme, ctx->arena);
    return OK;
}

RPC_METHOD(SchemaService, CreateTheme, create_theme, RPC_WRITE);
