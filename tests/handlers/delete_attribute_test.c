/* DeleteAttribute and GetAttribute. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/definitions.h"

TestSuite(delete_attribute, .init = ask_open, .fini = ask_close);

static const struct answer *refused(const char *name, int64_t version, enum status_code code,
                                    const char *reason) {
    Profiled__V1__DeleteAttributeRequest request = PROFILED__V1__DELETE_ATTRIBUTE_REQUEST__INIT;
    request.name = (char *)(uintptr_t)name;
    request.schema_version = version;
    return ask_refused(&rpc_schema_service, "DeleteAttribute", &request.base, code, reason);
}

Test(delete_attribute, values_stay_and_new_ones_are_refused) {
    define(PLAIN("tier", STRING));
    const char *one = create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("tier", "gold")}))->id;
    ask_wait_us(US_PER_SECOND);
    const char *other = create(TOLD(.name = "Reem"))->id;

    const Profiled__V1__DeleteAttributeResponse *response = retire("tier");

    cr_expect(response->attribute->retired);
    cr_expect_eq(response->schema_version, 3);
    cr_expect_eq(response->effect->profile_count, 2);
    cr_expect_eq(response->effect->value_count, 1);
    cr_expect_str_eq(value_in(get(one), "tier"), "gold");
    cr_expect_eq(found_by("attributes.tier = gold"), 1);
    cr_expect(definition_of("tier")->retired);
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(TOLD(.name = "Sara", .attributes = {ATTRIBUTE("tier", "gold")}));
    cr_expect_str_eq(
        answer_violation(ask_refused(&rpc_identity_service, "ResolveProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "record.attributes.tier"),
        "is retired: it takes no new values");
    merge_two(other, one);
    cr_expect_str_eq(value_in(get(one), "tier"), "gold", "it survives a merge");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(delete_attribute, it_can_be_brought_back_and_cleared_meanwhile) {
    define(PLAIN("tier", STRING));
    const char *id = create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("tier", "gold")}))->id;
    retire("tier");
    Profiled__V1__DeleteAttributeRequest again = PROFILED__V1__DELETE_ATTRIBUTE_REQUEST__INIT;
    again.name = (char *)(uintptr_t) "tier";
    const Profiled__V1__DeleteAttributeResponse *response =
        ask(&rpc_schema_service, "DeleteAttribute", &again.base);
    cr_expect_eq(response->schema_version, 3, "the second time nothing changes");

    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *path = (char *)(uintptr_t) "attributes.tier";
    mask.paths = &path;
    mask.n_paths = 1;
    request.update_mask = &mask;
    request.profile = profile_told(TOLD(.name = ""));
    request.profile->id = (char *)(uintptr_t)id;
    ask_twice(&rpc_profile_service, "UpdateProfile", &request.base);
    cr_expect_str_eq(value_in(get(id), "tier"), "");

    cr_expect_not(redefine("retired", PLAIN("tier", STRING))->attribute->retired);
    resolve(TOLD(.name = "Sara", .attributes = {ATTRIBUTE("tier", "gold")}));
    cr_expect_eq(found_by("attributes.tier = gold"), 1);
}

Test(delete_attribute, a_profile_that_is_sent_back_with_a_retired_value_is_taken) {
    define(DEFINITION("rank", ENUM, .enum_values = {"one", "two"}));
    define(PLAIN("tier", STRING));
    const char *id = create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("tier", "gold"),
                                                                 ATTRIBUTE("rank", "one")}))
                         ->id;
    retire("tier");
    redefine("enum_values",
             DEFINITION("rank", ENUM, .enum_values = {"one", "two"}, .retired_value = "one"));
    static const char *const paths[] = {NULL, "attributes"};
    for (size_t i = 0; i < 2; i++) {
        Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
        Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
        char *path = (char *)(uintptr_t)paths[i];
        mask.paths = &path;
        mask.n_paths = i;
        request.update_mask = &mask;
        request.profile =
            profile_told(TOLD(.name = "Noura",
                              .attributes = {ATTRIBUTE("tier", "gold"), ATTRIBUTE("rank", "ONE"),
                                             ATTRIBUTE("city", "Riyadh")}));
        request.profile->id = (char *)(uintptr_t)id;

        ask_twice(&rpc_profile_service, "UpdateProfile", &request.base);

        cr_expect_str_eq(value_in(get(id), "tier"), "gold");
        cr_expect_str_eq(value_in(get(id), "rank"), "one");
        cr_expect_str_eq(value_in(get(id), "city"), "Riyadh");
    }
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(TOLD(.attributes = {ATTRIBUTE("tier", "tin")}));
    request.profile->id = (char *)(uintptr_t)id;
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_profile_service, "UpdateProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "profile.attributes.tier"));
}

Test(delete_attribute, what_is_not_there_or_built_in_is_refused) {
    define(PLAIN("tier", STRING));

    cr_expect_not_null(
        answer_violation(refused("", 0, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "name"));
    refused("shoe", 0, STATUS_NOT_FOUND, "ATTRIBUTE_NOT_FOUND");
    refused("city", 0, STATUS_FAILED_PRECONDITION, "ATTRIBUTE_BUILT_IN");
    refused("name", 0, STATUS_FAILED_PRECONDITION, "ATTRIBUTE_BUILT_IN");
    refused("tier", 1, STATUS_ABORTED, "ETAG_MISMATCH");
}

Test(delete_attribute, get_tells_what_is_built_in) {
    const Profiled__V1__AttributeDefinition *sub_dialect = definition_of("sub_dialect");

    cr_expect(sub_dialect->built_in && sub_dialect->indexed);
    cr_expect_eq(sub_dialect->type, ATTRIBUTE_TYPE(ENUM));
    cr_assert_eq(sub_dialect->n_enum_values, 16);
    cr_expect_str_eq(sub_dialect->enum_values[0]->value, "najdi_sa");
    cr_expect_str_eq(sub_dialect->enum_values[0]->belongs_to, "saudi");
    cr_assert_eq(sub_dialect->enum_values[0]->n_labels, 2);
    cr_expect_str_eq(sub_dialect->enum_values[0]->labels[0]->language, "ar");
    cr_expect_eq(definition_of("birth_date")->type, ATTRIBUTE_TYPE(DATE));
    cr_expect_eq(definition_of("name")->type, ATTRIBUTE_TYPE(STRING));
    Profiled__V1__GetAttributeRequest request = PROFILED__V1__GET_ATTRIBUTE_REQUEST__INIT;
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_schema_service, "GetAttribute", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "name"));
    request.name = (char *)(uintptr_t) "shoe";
    ask_refused(&rpc_schema_service, "GetAttribute", &request.base, STATUS_NOT_FOUND,
                "ATTRIBUTE_NOT_FOUND");
}

Test(delete_attribute, list_has_them_behind_those_that_are_built_in) {
    define(PLAIN("zone", STRING));
    define(PLAIN("area", NUMBER));
    retire("zone");
    Profiled__V1__ListAttributesRequest request = PROFILED__V1__LIST_ATTRIBUTES_REQUEST__INIT;

    const Profiled__V1__ListAttributesResponse *response =
        ask(&rpc_schema_service, "ListAttributes", &request.base);

    cr_assert_eq(response->n_attributes, 16);
    cr_expect_str_eq(response->attributes[13]->name, "image_url");
    cr_expect_str_eq(response->attributes[14]->name, "zone");
    cr_expect(response->attributes[14]->retired);
    cr_expect_str_eq(response->attributes[15]->name, "area");
    cr_expect_eq(response->schema_version, 4);
}
