/* Canonical forms: chooses the form of an identity's type, and has the three simple ones itself. */

#include "server/identity/canonical.h"

#include <string.h>

#include "server/base/limits.h"
#include "server/identity/block.h"
#include "server/identity/email.h"
#include "server/identity/handle.h"
#include "server/identity/phone.h"
#include "server/identity/placeholder.h"
#include "server/identity/text.h"

/* Folding can lay bare white space at an end, and trimming a mark that folds with what is there
 * then; it settles at once for all that people write. */
enum { CASE_FOLD_ROUNDS_MAX = 4 };

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

static struct status exact_canonicalise(const char *value, struct arena *arena, const char **out) {
    const char *text = NULL;
    if (!text_nfc(value, arena, &text)) {
        return invalid("is not UTF-8");
    }
    text = text_trim(text, arena);
    if (text_has_control(text)) {
        return invalid("has a control character");
    }
    *out = text_ascii_digits(text, arena);
    return OK;
}

static struct status case_fold_canonicalise(const char *value, struct arena *arena,
                                            const char **out) {
    const char *text = value;
    for (int round = 0; round < CASE_FOLD_ROUNDS_MAX; round++) {
        const char *folded = NULL;
        if (!text_fold(text, arena, &folded)) {
            return invalid("is not UTF-8");
        }
        folded = text_ascii_digits(text_trim(folded, arena), arena);
        if (strcmp(folded, text) == 0) {
            break;
        }
        text = folded;
    }
    if (text_has_control(text)) {
        return invalid("has a control character");
    }
    *out = text;
    return OK;
}

static struct status digits_canonicalise(const char *value, struct arena *arena, const char **out) {
    char *digits = arena_alloc(arena, strlen(value) + 1);
    size_t count = 0;
    for (const char *cursor = value; *cursor != '\0';) {
        const int32_t character = text_next(&cursor);
        const int digit = text_digit_value(character);
        if (character < 0) {
            return invalid("is not UTF-8");
        }
        if (digit >= 0) {
            digits[count++] = (char)('0' + digit);
        }
    }
    if (count == 0) {
        return invalid("has no digit");
    }
    *out = digits;
    return OK;
}

static struct status normalise(const struct identity_type *type, const char *value,
                               const char *region, struct arena *arena, const char **out) {
    switch (type->normalizer) {
    case NORMALIZER_EXACT:
        return exact_canonicalise(value, arena, out);
    case NORMALIZER_CASE_FOLD:
        return case_fold_canonicalise(value, arena, out);
    case NORMALIZER_DIGITS:
        return digits_canonicalise(value, arena, out);
    case NORMALIZER_EMAIL:
        return email_canonicalise(value, arena, out);
    case NORMALIZER_PHONE:
        /* A type that matches as phone is a channel whose accounts are named by numbers. */
        return phone_canonicalise(
            value, region, type->match_as != NULL ? PHONE_ACCOUNT : PHONE_DIALLED, arena, out);
    case NORMALIZER_HANDLE:
        return handle_canonicalise(type, value, arena, out);
    case NORMALIZER_UNSPECIFIED:
        break;
    }
    return invalid("is of a type without a canonical form");
}

/* What stands for no value at all, where the type has a form that tells it from a value. */
static const char *read_nobody(const struct identity_type *type, const char *value,
                               struct arena *arena) {
    switch (type->normalizer) {
    case NORMALIZER_EMAIL:
    case NORMALIZER_PHONE:
    case NORMALIZER_DIGITS:
        return block_value_of_nobody(value, arena);
    case NORMALIZER_HANDLE: /* An account may be named by one character. */
        return placeholder_spelling(value, arena);
    case NORMALIZER_EXACT:
    case NORMALIZER_CASE_FOLD:
    case NORMALIZER_UNSPECIFIED:
        break;
    }
    return NULL;
}

struct status identity_canonicalise(const struct identity_type *type, const char *value,
                                    const char *region, struct arena *arena, const char **out) {
    if (*value == '\0') {
        return invalid("is empty");
    }
    if (strlen(value) > IDENTITY_VALUE_SIZE_MAX) {
        return text_too_long(IDENTITY_VALUE_SIZE_MAX, "bytes", arena);
    }
    const char *canonical = NULL;
    const struct status status = normalise(type, value, region, arena, &canonical);
    if (!status_is_ok(status)) {
        canonical = read_nobody(type, value, arena);
        if (canonical == NULL) {
            return status;
        }
    }
    if (*canonical == '\0') {
        return invalid("is empty");
    }
    if (strlen(canonical) > IDENTITY_VALUE_SIZE_MAX) {
        return invalid(arena_format(arena, "has a canonical form of more than %d bytes",
                                    IDENTITY_VALUE_SIZE_MAX));
    }
    *out = canonical;
    return OK;
}
