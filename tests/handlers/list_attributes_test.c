/* ListAttributes. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/handlers/people.h"

TestSuite(list_attributes, .init = ask_open, .fini = ask_close);

static const Profiled__V1__ListAttributesResponse *attributes_in(const char *workspace) {
    Profiled__V1__ListAttributesRequest request = PROFILED__V1__LIST_ATTRIBUTES_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, workspace, &rpc_schema_service, "ListAttributes", &request.base,
            &response);
    cr_assert_not_null(response);
    return (const Profiled__V1__ListAttributesResponse *)response;
}

Test(list_attributes, the_name_comes_first_then_the_attributes_in_their_order) {
    static const struct {
        const char *name;
        bool personal;
        bool indexed;
    } expected[] = {
        {"name", true, true},         {"about", true, false},       {"given_name", true, false},
        {"family_name", true, false}, {"birth_date", true, false},  {"gender", false, true},
        {"country", false, true},     {"city", false, true},        {"language", false, true},
        {"dialect", false, true},     {"sub_dialect", false, true}, {"job", true, false},
        {"company", true, false},     {"image_url", true, false},
    };

    const Profiled__V1__ListAttributesResponse *response = attributes_in("default");

    cr_expect_eq(response->schema_version, 1);
    cr_assert_eq(response->n_attributes, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < response->n_attributes; i++) {
        const Profiled__V1__AttributeDefinition *attribute = response->attributes[i];
        cr_expect_str_eq(attribute->name, expected[i].name);
        cr_expect_eq(attribute->personal, expected[i].personal, "%s", attribute->name);
        cr_expect_eq(attribute->indexed, expected[i].indexed, "%s", attribute->name);
        cr_expect_eq(attribute->survivorship, SURVIVORSHIP(MOST_RECENT), "%s", attribute->name);
        cr_expect_eq(attribute->n_trusted_sources, 0, "%s", attribute->name);
    }
}

Test(list_attributes, an_index_is_gone_through_where_there_is_one) {
    const Profiled__V1__ListAttributesResponse *response = attributes_in("default");

    for (size_t i = 0; i < response->n_attributes; i++) {
        const Profiled__V1__AttributeDefinition *attribute = response->attributes[i];
        const char *value = strcmp(attribute->name, "birth_date") == 0    ? "2001-12-31"
                            : strcmp(attribute->name, "country") == 0     ? "sa"
                            : strcmp(attribute->name, "gender") == 0      ? "female"
                            : strcmp(attribute->name, "dialect") == 0     ? "saudi"
                            : strcmp(attribute->name, "sub_dialect") == 0 ? "syrian"
                            : strcmp(attribute->name, "image_url") == 0   ? "https://example.com/a"
                                                                          : "ar";
        Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
        const char *path = strcmp(attribute->name, "name") == 0
                               ? "name"
                               : arena_format(&ask_arena, "attributes.%s", attribute->name);
        request.filter = arena_format(&ask_arena, "%s = \"%s\"", path, value);
        request.explain = true;
        const Profiled__V1__ListProfilesResponse *found =
            ask(&rpc_profile_service, "ListProfiles", &request.base);
        cr_expect_str_eq(found->plan->index,
                         attribute->indexed && strcmp(path, "name") != 0 ? path : "create_time");
    }
}

Test(list_attributes, a_workspace_has_rules_of_its_own_that_last) {
    set_survivorship("job", SURVIVORSHIP(TRUSTED_SOURCE), "crm,pos");
    call_reopen(ask_fixture);

    const Profiled__V1__ListAttributesResponse *here = attributes_in("default");
    const Profiled__V1__ListAttributesResponse *there = attributes_in("other");

    cr_expect_eq(here->schema_version, 2);
    cr_expect_str_eq(here->attributes[11]->name, "job");
    cr_expect_eq(here->attributes[11]->survivorship, SURVIVORSHIP(TRUSTED_SOURCE));
    cr_assert_eq(here->attributes[11]->n_trusted_sources, 2);
    cr_expect_str_eq(here->attributes[11]->trusted_sources[1], "pos");
    cr_expect_eq(there->schema_version, 1);
    cr_expect_eq(there->attributes[11]->survivorship, SURVIVORSHIP(MOST_RECENT));
}
