/* Themes between the wire, their checks, and the workspace's. */

#include "server/handlers/theme_message.h"

#include <string.h>

#include "server/handlers/term_message.h"
#include "server/handlers/wire.h"

/* ---- reading ---- */

void theme_labels_read(struct rpc_context *ctx, const Profiled__V1__Theme *message,
                       struct theme *out) {
    struct term_label *labels = NULL;
    term_labels_begin(ctx, message->n_labels, "theme.", &out->term, &labels);
    for (size_t i = 0; i < out->term.label_count; i++) {
        term_label_read(ctx, message->labels[i]->key, message->labels[i]->value,
                        arena_format(ctx->arena, "theme.labels[%zu]", i), &labels[i]);
    }
}

static void sub_read(struct rpc_context *ctx, const Profiled__V1__SubTheme *message, size_t i,
                     struct term *out) {
    const char *path = arena_format(ctx->arena, "theme.sub_themes[%zu].", i);
    term_name_check(ctx, message->name, path);
    *out = (struct term){.name = message->name, .retired = message->retired};
    struct term_label *labels = NULL;
    term_labels_begin(ctx, message->n_labels, path, out, &labels);
    for (size_t k = 0; k < out->label_count; k++) {
        term_label_read(ctx, message->labels[k]->key, message->labels[k]->value,
                        arena_format(ctx->arena, "%slabels[%zu]", path, k), &labels[k]);
    }
}

void theme_subs_read(struct rpc_context *ctx, const Profiled__V1__Theme *message,
                     struct theme *out) {
    out->sub_count = 0;
    if (message->n_sub_themes > SUB_THEMES_MAX) {
        rpc_violation(ctx, "there are more than 100", "theme.sub_themes");
        return;
    }
    out->subs = arena_array(ctx->arena, message->n_sub_themes, sizeof *out->subs);
    const struct term **before = arena_array(ctx->arena, message->n_sub_themes, sizeof *before);
    for (size_t i = 0; i < message->n_sub_themes; i++) {
        struct term *sub = &out->subs[i];
        sub_read(ctx, message->sub_themes[i], i, sub);
        if (terms_clash(before, i, sub, NULL, ctx->arena) != NULL) {
            rpc_violation(ctx, "is called as another one is", "theme.sub_themes[%zu]", i);
        }
        before[i] = sub;
    }
    out->sub_count = message->n_sub_themes;
}

struct status theme_find(const struct themes *themes, const char *name, struct theme **out) {
    *out = themes_find(themes, name);
    return *out != NULL ? OK
                        : status_of(STATUS_NOT_FOUND, REASON_THEME_NOT_FOUND,
                                    "there is no theme of this name");
}

void theme_clash_check(struct rpc_context *ctx, const struct themes *themes,
                       const struct theme *theme) {
    const struct term **terms = arena_array(ctx->arena, themes->count, sizeof *terms);
    for (size_t i = 0; i < themes->count; i++) {
        terms[i] = &themes->items[i].term;
    }
    if (terms_clash(terms, themes->count, &theme->term, theme->term.name, ctx->arena) != NULL) {
        rpc_violation(ctx, "is called as another one is", "theme");
    }
}

/* ---- writing ---- */

static Profiled__V1__SubTheme *sub_message(const struct term *term, struct arena *arena) {
    Profiled__V1__SubTheme *message = arena_alloc(arena, sizeof *message);
    profiled__v1__sub_theme__init(message);
    message->name = wire_string(term->name);
    message->retired = term->retired;
    message->n_labels = term->label_count;
    message->labels = arena_array(arena, term->label_count, sizeof *message->labels);
    for (size_t i = 0; i < term->label_count; i++) {
        message->labels[i] = arena_alloc(arena, sizeof *message->labels[i]);
        profiled__v1__sub_theme__labels_entry__init(message->labels[i]);
        message->labels[i]->key = wire_string(term->labels[i].language);
        message->labels[i]->value = wire_string(term->labels[i].text);
    }
    return message;
}

Profiled__V1__Theme *theme_message(const struct theme *theme, struct arena *arena) {
    Profiled__V1__Theme *message = arena_alloc(arena, sizeof *message);
    profiled__v1__theme__init(message);
    message->name = wire_string(theme->term.name);
    message->retired = theme->term.retired;
    message->n_labels = theme->term.label_count;
    message->labels = arena_array(arena, message->n_labels, sizeof *message->labels);
    for (size_t i = 0; i < message->n_labels; i++) {
        message->labels[i] = arena_alloc(arena, sizeof *message->labels[i]);
        profiled__v1__theme__labels_entry__init(message->labels[i]);
        message->labels[i]->key = wire_string(theme->term.labels[i].language);
        message->labels[i]->value = wire_string(theme->term.labels[i].text);
    }
    message->n_sub_themes = theme->sub_count;
    message->sub_themes = arena_array(arena, theme->sub_count, sizeof *message->sub_themes);
    for (size_t i = 0; i < theme->sub_count; i++) {
        message->sub_themes[i] = sub_message(&theme->subs[i], arena);
    }
    return message;
}
