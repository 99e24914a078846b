/* Match values. Only e-mail addresses have one of their own: nothing else that people write in two
 * ways may be one identity in one workspace and two in the next. */

#include "server/identity/match_value.h"

#include <string.h>

#include "server/identity/email.h"

const char *identity_match_value(const struct identity_type *type, const char *canonical,
                                 struct arena *arena) {
    return type->normalizer == NORMALIZER_EMAIL ? email_in_form(canonical, type->email_form, arena)
                                                : canonical;
}

static bool is_among(const char *const *values, size_t count, const char *value) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i], value) == 0) {
            return true;
        }
    }
    return false;
}

size_t identity_match_values_before(const struct identity_type *type, const char *canonical,
                                    struct arena *arena, const char *out[EMAIL_FORM_COUNT]) {
    if (type->email_forms_before == 0 || type->normalizer != NORMALIZER_EMAIL) {
        return 0;
    }
    const char *present = identity_match_value(type, canonical, arena);
    size_t count = 0;
    for (uint32_t form = 0; form < EMAIL_FORM_COUNT; form++) {
        const char *value = email_in_form(canonical, form, arena);
        if ((type->email_forms_before & UINT32_C(1) << form) != 0 && strcmp(value, present) != 0 &&
            !is_among(out, count, value)) {
            out[count++] = value;
        }
    }
    return count;
}
