/* UpdateTheme: what a theme is called, what it is made of, whether it is in use. */

#include <string.h>

#include "server/handlers/theme_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void check_mask(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask) {
    for (size_t i = 0; i < mask->n_paths; i++) {
        const char *path = mask->paths[i];
        if (strcmp(path, "labels") != 0 && strcmp(path, "sub_themes") != 0 &&
            strcmp(path, "retired") != 0) {
            rpc_violation(ctx, "is not a field that can be updated: labels, sub_themes or retired",
                          "update_mask.paths[%zu]", i);
        }
    }
}

static void update_theme_check(struct rpc_context *ctx,
                               const Profiled__V1__UpdateThemeRequest *request) {
    if (request->theme == NULL || request->theme->name[0] == '\0') {
        rpc_violation(ctx, "is required", "theme.name");
        return;
    }
    if (request->update_mask == NULL || request->update_mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    check_mask(ctx, request->update_mask);
    struct theme *told = arena_alloc(ctx->arena, sizeof *told);
    if (wire_mask_has(request->update_mask, "labels")) {
        theme_labels_read(ctx, request->theme, told);
    }
    if (wire_mask_has(request->update_mask, "sub_themes")) {
        theme_subs_read(ctx, request->theme, told);
    }
    ctx->prepared = told;
}

static bool has_sub(const struct theme *theme, const char *name) {
    for (size_t i = 0; i < theme->sub_count; i++) {
        if (strcmp(theme->subs[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Those that are told, and behind them those that are left out, which are retired now. Of their
 * labels they keep the ones that are nobody else's by now. */
static void replace_subs(struct rpc_context *ctx, struct theme *theme, const struct theme *told) {
    struct term *subs = arena_array(ctx->arena, told->sub_count + theme->sub_count, sizeof *subs);
    const struct term **terms = arena_array(ctx->arena, told->sub_count, sizeof *terms);
    for (size_t i = 0; i < told->sub_count; i++) {
        subs[i] = told->subs[i];
        terms[i] = &told->subs[i];
    }
    size_t count = told->sub_count;
    for (size_t i = 0; i < theme->sub_count; i++) {
        if (!has_sub(told, theme->subs[i].name)) {
            subs[count] = theme->subs[i];
            subs[count].retired = true;
            if (terms_clash(terms, told->sub_count, &subs[count], NULL, ctx->arena) != NULL) {
                rpc_violation(ctx, "is called as one that is left out, and stays among them",
                              "theme.sub_themes");
            }
            count++;
        }
    }
    if (count > SUB_THEMES_MAX) {
        rpc_violation(ctx, "there are more than 100, with those that are left out",
                      "theme.sub_themes");
    }
    theme->subs = subs;
    theme->sub_count = count;
}

static struct status update_theme(struct rpc_context *ctx,
                                  const Profiled__V1__UpdateThemeRequest *request,
                                  Profiled__V1__UpdateThemeResponse *response) {
    const struct theme *told = ctx->prepared;
    struct themes themes;
    struct theme *theme = NULL;
    TRY(themes_read(ctx->store, &themes));
    TRY(theme_find(&themes, request->theme->name, &theme));
    if (wire_mask_has(request->update_mask, "labels")) {
        theme->term.label_count = told->term.label_count;
        theme->term.labels = told->term.labels;
        theme_clash_check(ctx, &themes, theme);
    }
    if (wire_mask_has(request->update_mask, "sub_themes")) {
        replace_subs(ctx, theme, told);
    }
    if (wire_mask_has(request->update_mask, "retired")) {
        theme->term.retired = request->theme->retired;
    }
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    response->theme = theme_message(theme, ctx->arena);
    return themes_put(ctx->store, &themes);
}

RPC_METHOD(SchemaService, UpdateTheme, update_theme, RPC_WRITE);
