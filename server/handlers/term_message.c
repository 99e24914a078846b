/* Reading names and labels of terms. */

#include "server/handlers/term_message.h"

#include "server/identity/attribute.h"
#include "server/identity/text.h"

void term_name_check(struct rpc_context *ctx, const char *name, const char *path) {
    if (!term_name_is_good(name)) {
        rpc_violation(ctx, "must be a letter of a-z or a digit, then up to 63 of a-z, 0-9 and _",
                      "%sname", path);
    }
}

static void language_read(struct rpc_context *ctx, const char *given, const char *path,
                          struct term_label *out) {
    const struct status status =
        attribute_canonicalise(ATTRIBUTE_LANGUAGE, given, 0, ctx->arena, &out->language);
    if (!status_is_ok(status)) {
        rpc_violation(ctx, status.text, "%s", path);
    }
}

void term_label_read(struct rpc_context *ctx, const char *language, const char *text,
                     const char *path, struct term_label *out) {
    *out = (struct term_label){.language = "", .text = ""};
    language_read(ctx, language, path, out);
    const struct status status =
        text_clean_line(text, TERM_LABEL_LENGTH_MAX, ctx->arena, &out->text);
    if (!status_is_ok(status)) {
        rpc_violation(ctx, status.text, "%s", path);
    }
}

void term_labels_begin(struct rpc_context *ctx, size_t count, const char *path, struct term *out,
                       struct term_label **labels) {
    out->label_count = 0;
    *labels = arena_array(ctx->arena, count, sizeof **labels);
    out->labels = *labels;
    if (count > TERM_LABELS_MAX) {
        rpc_violation(ctx, "there are more than 20", "%slabels", path);
        return;
    }
    out->label_count = count;
}
