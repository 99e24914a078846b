/* Patterns of identities: `*` stands for any part of a canonical value, so what stands beside it is
 * to be a part of one too. A national prefix, 05*, is a part of none. */

#include "server/segment/identity_pattern.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "server/identity/text.h"

/* Without what people write between digits. */
static const char *without_separators(const char *text, struct arena *arena) {
    char *out = arena_alloc(arena, strlen(text) + 1);
    size_t size = 0;
    for (const char *at = text; *at != '\0';) {
        const char *begin = at;
        const int32_t character = text_next(&at);
        if (text_is_space(character) || text_is_invisible(character) ||
            (character > 0 && character < 0x80 && strchr("-().", character) != NULL)) {
            continue;
        }
        memcpy(out + size, begin, (size_t)(at - begin));
        size += (size_t)(at - begin);
    }
    out[size] = '\0';
    return out;
}

static bool is_number(const struct identity_type *type) {
    return type->normalizer == NORMALIZER_PHONE || type->normalizer == NORMALIZER_DIGITS;
}

const char *const *identity_pattern_pieces(const struct identity_type *type,
                                           const struct filter_text *text, struct arena *arena) {
    const char **pieces = arena_array(arena, text->piece_count, sizeof *pieces);
    for (size_t i = 0; i < text->piece_count; i++) {
        const bool keeps_digits =
            type->normalizer == NORMALIZER_EMAIL || type->normalizer == NORMALIZER_HANDLE;
        pieces[i] = keeps_digits ? text->pieces[i] : text_ascii_digits(text->pieces[i], arena);
        pieces[i] = is_number(type) ? without_separators(pieces[i], arena) : pieces[i];
    }
    return pieces;
}

static bool is_digits(const char *text) { return text[strspn(text, "0123456789")] == '\0'; }

/* +966500000017: a sign, which begins a number, and digits of which the first is not 0. Stars
 * before what may begin a number stand for nothing where it does. */
static bool is_part_of_phone(const char *piece, bool is_first, bool may_begin) {
    const bool has_sign = may_begin && piece[0] == '+';
    const bool lacks_sign = is_first && piece[0] != '\0' && !has_sign;
    return !lacks_sign && !(has_sign && piece[1] == '0') && is_digits(piece + (has_sign ? 1 : 0));
}

const char *identity_pattern_refusal(const struct identity_type *type, const char *const *pieces,
                                     size_t piece_count) {
    bool may_begin = true; /* Nothing but stars so far. */
    assert(piece_count > 0);
    for (size_t i = 0; i < piece_count; i++) {
        if (type->normalizer == NORMALIZER_PHONE &&
            !is_part_of_phone(pieces[i], i == 0, may_begin)) {
            return "digits and *, with + and the country code where it begins with no *, as "
                   "+96650*: numbers are kept so";
        }
        if (type->normalizer == NORMALIZER_DIGITS && !is_digits(pieces[i])) {
            return "digits and *: values are kept so";
        }
        may_begin = may_begin && pieces[i][0] == '\0';
    }
    if (type->normalizer == NORMALIZER_HANDLE && strchr(pieces[0], '@') != NULL) {
        return "the name without @, as nora*: accounts are kept so";
    }
    return NULL;
}
