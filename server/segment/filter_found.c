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

/* As numbers are written in filters: digits of any script, a sign before, a point between. */
static bool is_number(const struct filter_text *text, struct arena *arena) {
    const char *digits = text_ascii_number(text->text, arena);
    digits += *digits == '-' || *digits == '+' ? 1 : 0;
    const size_t whole = strspn(digits, "0123456789");
    const size_t part = digits[whole] == '.' ? 1 + strspn(digits + whole + 1, "0123456789") : 0;
    return !text->is_name && !text->quoted && whole > 0 && digits[whole + part] == '\0';
}

static const char *kind_of(const struct filter_text *text, struct arena *arena) {
    return text->is_name ? "name" : is_number(text, arena) ? "number" : "text";
}

const char *filter_found(const struct filter_text *text, struct arena *arena) {
    const size_t length = text_length(text->text);
    return is_plain_name(text)
               ? arena_format(arena, "the name %s", text->text)
               : arena_format(arena, "a %s of %zu character%s%s", kind_of(text, arena), length,
                              length == 1 ? "" : "s", text->quoted ? " in quotation marks" : "");
}
