/* What was found in a filter, without what may be personal. */

#include "server/segment/filter_found.h"

#include <string.h>

#include "server/identity/text.h"

enum { NAME_SIZE_MAX = 64 };

static bool is_plain_name(const struct filter_text *text) {
    static const char characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const size_t size = strlen(text->text);
    const bool begins_well = size > 0 && strchr("0123456789-", text->text[0]) == NULL;
    return text->is_name && !text->quoted && begins_well && size <= NAME_SIZE_MAX &&
           strspn(text->text, characters) == size;
}

const char *filter_found(const struct filter_text *text, struct arena *arena) {
    const size_t length = text_length(text->text);
    return is_plain_name(text)
               ? arena_format(arena, "the name %s", text->text)
               : arena_format(arena, "a %s of %zu character%s%s", text->is_name ? "name" : "text",
                              length, length == 1 ? "" : "s",
                              text->quoted ? " in quotation marks" : "");
}
