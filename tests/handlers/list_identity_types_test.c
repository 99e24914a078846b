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
        cr_expect(type->built_in);
        cr_expect_not(type->disabled);
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

static const Profiled__V1__ListIdentityTypesResponse *types_of(int64_t rule_version) {
    Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    request.rule_version = rule_version;
    return ask(&rpc_identity_service, "ListIdentityTypes", &request.base);
}

Test(list_identity_types, earlier_versions_are_kept) {
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = (char *)(uintptr_t) "external_id";
    type.limit = 2;
    set_rules("limit", &type);
    type.limit = 3;
    set_rules("limit", &type);
    add_type("badge", NORMALIZER(EXACT));
    call_reopen(ask_fixture);

    static const int32_t limits[] = {0, 1, 2, 3, 3};
    for (int64_t version = 1; version <= 4; version++) {
        const Profiled__V1__ListIdentityTypesResponse *then = types_of(version);
        cr_expect_eq(then->rule_version, version);
        cr_expect_eq(then->identity_types[0]->limit, limits[version]);
        cr_expect_eq(then->n_identity_types, version == 4 ? 15 : 14);
    }
    cr_expect_eq(types_of(0)->rule_version, 4);
    Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    request.rule_version = 5;
    ask_refused(&rpc_identity_service, "ListIdentityTypes", &request.base, STATUS_NOT_FOUND,
                "RULE_VERSION_NOT_FOUND");
    request.rule_version = -1;
    ask_refused(&rpc_identity_service, "ListIdentityTypes", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request.rule_version = 2;
    ask_refused_elsewhere(&rpc_identity_service, "ListIdentityTypes", &request.base,
                          STATUS_NOT_FOUND, "RULE_VERSION_NOT_FOUND");
}

Test(list_identity_types, disabled_types_and_own_ones_are_listed) {
    add_type("badge", NORMALIZER(EXACT));
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = (char *)(uintptr_t) "badge";
    type.disabled = true;
    set_rules("disabled", &type);

    const Profiled__V1__ListIdentityTypesResponse *response = types_of(0);

    cr_assert_eq(response->n_identity_types, 15);
    const Profiled__V1__IdentityType *last = response->identity_types[14];
    cr_expect_str_eq(last->type, "badge");
    cr_expect(last->disabled);
    cr_expect_not(last->built_in);
    cr_expect_eq(last->normalizer, NORMALIZER(EXACT));
}
