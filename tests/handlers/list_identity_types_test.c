/* ListIdentityTypes. */

#include <string.h>

#include <criterion/criterion.h>

#include "tests/handlers/people.h"

TestSuite(list_identity_types, .init = ask_open, .fini = ask_close);

static const Profiled__V1__ListIdentityTypesResponse *types_in(const char *workspace) {
    Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, workspace, &rpc_identity_service, "ListIdentityTypes", &request.base,
            &response);
    cr_assert_not_null(response);
    return (const Profiled__V1__ListIdentityTypesResponse *)response;
}

Test(list_identity_types, the_highest_priority_comes_first) {
    const Profiled__V1__ListIdentityTypesResponse *response = types_in("default");

    cr_assert_eq(response->n_identity_types, 14);
    cr_expect_eq(response->rule_version, 1);
    cr_expect_str_eq(response->default_region, "");
    for (size_t i = 1; i < response->n_identity_types; i++) {
        cr_expect_leq(response->identity_types[i - 1]->priority,
                      response->identity_types[i]->priority);
    }
    const Profiled__V1__IdentityType *first = response->identity_types[0];
    cr_expect_str_eq(first->type, "external_id");
    cr_expect_eq(first->limit, 1);
    cr_expect(first->match);
    cr_expect(first->merge);
    cr_expect_eq(first->merge_provenance, PROVENANCE(ATTESTED));
    cr_assert_eq(first->n_veto_attributes, 1);
    cr_expect_str_eq(first->veto_attributes[0], "birth_date");
    for (size_t i = 0; i < response->n_identity_types; i++) {
        const Profiled__V1__IdentityType *type = response->identity_types[i];
        cr_expect_str_eq(type->match_as, strcmp(type->type, "whatsapp") == 0 ? "phone" : "");
        cr_expect_eq(type->block_role_mailboxes, strcmp(type->type, "email") == 0);
    }
}

Test(list_identity_types, a_workspace_has_rules_and_a_region_of_its_own) {
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = (char *)(uintptr_t) "anonymous_id";
    type.priority = 1;
    set_rules("priority", &type);
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);

    const Profiled__V1__ListIdentityTypesResponse *here = types_in("default");
    cr_expect_eq(here->rule_version, 2);
    cr_expect_str_eq(here->default_region, "SA");
    cr_expect_str_eq(here->identity_types[0]->type, "anonymous_id");
    cr_expect_eq(types_in("other")->rule_version, 1);
}
