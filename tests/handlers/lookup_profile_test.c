/* LookupProfile. */

#include <criterion/criterion.h>

#include "tests/handlers/people.h"

TestSuite(lookup_profile, .init = ask_open, .fini = ask_close);

Test(lookup_profile, finds_by_every_form_that_the_type_reads) {
    const char *id = create(TOLD(.name = "Noura", .identities = {ID("email", "Noura@Example.com"),
                                                                 ID("phone", "+966545462356"),
                                                                 ID("twitter", "noura_x")}))
                         ->id;
    static const struct told_identity forms[] = {
        ID("email", " noura@EXAMPLE.com "), ID("phone", "00966 54 546 2356"),
        ID("whatsapp", "966545462356"),     ID("twitter", "https://twitter.com/Noura_X"),
        ID("twitter", "@NOURA_X"),
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const Profiled__V1__Profile *found = lookup(forms[i].type, forms[i].value);
        cr_assert_not_null(found, "%s %zu", forms[i].type, i);
        cr_expect_str_eq(found->id, id);
    }
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = identity_told("phone", "٠٥٤٥٤٦٢٣٥٦");
    static char region[] = "sa";
    request.identity->region = region;
    ask(&rpc_profile_service, "LookupProfile", &request.base);
}

Test(lookup_profile, what_can_t_be_read_is_refused) {
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    const struct answer *answer = ask_refused(&rpc_profile_service, "LookupProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "identity"), "is required");

    request.identity = identity_told("phone", "0545462356");
    answer = ask_refused(&rpc_profile_service, "LookupProfile", &request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "identity.value"), "there is no region");
    request.identity = identity_told("pager", "1");
    answer = ask_refused(&rpc_profile_service, "LookupProfile", &request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "identity.type"));
    request.identity = identity_told("pager", "");
    answer = ask_refused(&rpc_profile_service, "LookupProfile", &request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "identity.type"));
    cr_expect_str_eq(answer_violation(answer, "identity.value"), "is required");
}

Test(lookup_profile, nobody_s_identity_is_not_found) {
    create(TOLD(.name = "Noura", .identities = {ID("email", "info@example.com")}));
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = identity_told("email", "else@example.com");
    ask_refused(&rpc_profile_service, "LookupProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request.identity = identity_told("email", "info@example.com");
    ask_refused(&rpc_profile_service, "LookupProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
}

Test(lookup_profile, the_same_value_of_another_type_is_another_identity) {
    create(TOLD(.name = "Noura", .identities = {ID("twitter", "noura_x")}));
    cr_expect_null(lookup("instagram", "noura_x"));
}

Test(lookup_profile, another_workspace_does_not_find_it) {
    create(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = identity_told("email", "n@example.com");
    ask(&rpc_profile_service, "LookupProfile", &request.base);
    ask_refused_elsewhere(&rpc_profile_service, "LookupProfile", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}
