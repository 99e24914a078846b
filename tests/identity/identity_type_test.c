/* The table of built-in types: its promises, and the numbers that the contract shares. */

#include "server/identity/identity_type.h"

#include <criterion/criterion.h>
#include <string.h>

Test(identity_type, every_type_is_there_once_in_order_of_priority) {
    static const char *const names[] = {
        "external_id",     "national_id", "email",     "phone",        "whatsapp",
        "twitter",         "facebook",    "instagram", "tiktok",       "linkedin",
        "google_business", "intercom",    "genesys",   "anonymous_id",
    };
    size_t count = 0;
    const struct identity_type *types = identity_types_builtin(&count);

    cr_assert_eq(count, IDENTITY_TYPES_BUILTIN);
    cr_assert_eq(sizeof names / sizeof names[0], count);
    for (size_t i = 0; i < count; i++) {
        cr_expect_str_eq(types[i].name, names[i]);
        cr_expect_eq(types[i].priority, i + 1);
        cr_expect_eq(identity_type_builtin(names[i]), &types[i]);
    }
    cr_expect_null(identity_type_builtin("fax"));
    cr_expect_null(identity_type_builtin(""));
}

Test(identity_type, every_row_is_within_its_bounds) {
    size_t count = 0;
    const struct identity_type *types = identity_types_builtin(&count);
    for (size_t i = 0; i < count; i++) {
        const struct identity_type *type = &types[i];
        cr_expect(type->limit >= 1 && type->limit <= IDENTITY_LIMIT_MAX);
        cr_expect(type->priority >= 1 && type->priority <= IDENTITY_PRIORITY_MAX);
        cr_expect(type->min_length >= 1 && type->min_length <= IDENTITY_MIN_LENGTH_MAX);
        cr_expect(type->match && type->merge);
        cr_expect_eq(type->merge_provenance, PROVENANCE_ATTESTED);
        cr_expect_eq(type->vetoes, IDENTITY_VETO_BIRTH_DATE);
        cr_expect_eq(type->block_role_mailboxes, type->normalizer == NORMALIZER_EMAIL);
        cr_expect_eq(type->blocked_count, 0);
        cr_expect(type->match_as == NULL || identity_type_builtin(type->match_as) != NULL);
    }
}

Test(identity_type, limits) {
    size_t count = 0;
    const struct identity_type *types = identity_types_builtin(&count);
    for (size_t i = 0; i < count; i++) {
        const bool is_single =
            strcmp(types[i].name, "external_id") == 0 || strcmp(types[i].name, "national_id") == 0;
        const uint32_t limit = strcmp(types[i].name, "anonymous_id") == 0 ? 50 : 5;
        cr_expect_eq(types[i].limit, is_single ? 1 : limit, "%s", types[i].name);
    }
}

Test(identity_type, whatsapp_is_compared_as_phone) {
    cr_expect_str_eq(identity_type_match_name(identity_type_builtin("whatsapp")), "phone");
    cr_expect_str_eq(identity_type_match_name(identity_type_builtin("phone")), "phone");
    cr_expect_str_eq(identity_type_match_name(identity_type_builtin("email")), "email");
}
