/* UpdateAttribute, of attributes that the workspace defined: what profiles have is looked at first.
 */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/definitions.h"

TestSuite(redefine_attribute, .init = ask_open, .fini = ask_close);

static const struct answer *refused(Profiled__V1__UpdateAttributeRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_schema_service, "UpdateAttribute", &request->base, code, reason);
}

static const char *in_use(const char *paths, const struct defined *defined) {
    const struct answer *answer =
        refused(redefine_request(paths, defined), STATUS_FAILED_PRECONDITION, "ATTRIBUTE_IN_USE");
    return arena_format(
        &ask_arena, "%s of %s of %s, partial %s", answer_metadata(answer, "refused_count"),
        answer_metadata(answer, "value_count"), answer_metadata(answer, "profile_count"),
        answer_metadata(answer, "partial"));
}

/* Three people with values, one without. */
static void tell(const char *name, const char *const values[3]) {
    for (size_t i = 0; i < 4; i++) {
        ask_wait_us(US_PER_SECOND);
        create(i == 3 ? TOLD(.name = "Reem")
                      : TOLD(.name = "Noura", .attributes = {ATTRIBUTE(name, values[i])}));
    }
}

Test(redefine_attribute, what_widens_is_not_weighed) {
    define(DEFINITION("visits", NUMBER, .min = "0", .max = "10"));
    tell("visits", (const char *const[]){"1", "5", "10"});

    const Profiled__V1__UpdateAttributeResponse *response = redefine(
        "bounds,display_name,description,required_for,survivorship",
        DEFINITION("visits", NUMBER, .min = "-5", .display_name = "Visits",
                   .required_for = REQUIREMENT(IMPORT), .survivorship = SURVIVORSHIP(FIRST_SEEN)));

    cr_expect_null(response->effect);
    cr_expect_eq(response->schema_version, 3);
    cr_expect_str_eq(response->attribute->bounds->min, "-5");
    cr_expect_str_eq(response->attribute->bounds->max, "");
    cr_expect_str_eq(response->attribute->display_name, "Visits");
    cr_expect_eq(response->attribute->survivorship, SURVIVORSHIP(FIRST_SEEN));
    cr_expect_str_eq(definition_of("visits")->bounds->min, "-5");
}

/* The latest ones first, as they are looked at; of what is made personal all that have a value. */
Test(redefine_attribute, some_profiles_in_the_way_are_named) {
    enum { PEOPLE = 12, NAMED = 10 };
    const char *ids[PEOPLE];
    const char *refused_ids = "";
    const char *valued_ids = "";
    define(PLAIN("visits", NUMBER));
    for (size_t i = 0; i < PEOPLE; i++) {
        ask_wait_us(US_PER_SECOND);
        ids[i] = create(TOLD(.name = "Noura",
                             .attributes = {ATTRIBUTE("visits", i % 4 == 0 ? "9" : "1")}))
                     ->id;
    }
    for (size_t i = PEOPLE; i-- > 0;) {
        valued_ids = i < PEOPLE - NAMED ? valued_ids
                                        : arena_format(&ask_arena, "%s%s%s", valued_ids,
                                                       i == PEOPLE - 1 ? "" : ",", ids[i]);
        refused_ids =
            i % 4 != 0 ? refused_ids
                       : arena_format(&ask_arena, "%s%s%s", refused_ids, i == 8 ? "" : ",", ids[i]);
    }

    const struct answer *answer =
        refused(redefine_request("bounds", DEFINITION("visits", NUMBER, .max = "7")),
                STATUS_FAILED_PRECONDITION, "ATTRIBUTE_IN_USE");
    cr_expect_str_eq(answer_metadata(answer, "profile_ids"), refused_ids);
    answer = refused(redefine_request("personal", DEFINITION("visits", NUMBER, .personal = true)),
                     STATUS_FAILED_PRECONDITION, "ATTRIBUTE_IN_USE");
    cr_expect_str_eq(answer_metadata(answer, "profile_ids"), valued_ids);
}

static void delete_person(const char *id) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    ask(&rpc_profile_service, "DeleteProfile", &request.base);
}

/* They count, since they may come back; but nobody looks for them first. */
Test(redefine_attribute, deleted_profiles_in_the_way_are_named_behind_the_others) {
    enum { PEOPLE = 11 };
    const char *ids[PEOPLE];
    const char *named = "";
    define(PLAIN("visits", NUMBER));
    for (size_t i = 0; i < PEOPLE; i++) {
        ask_wait_us(US_PER_SECOND);
        ids[i] = create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("visits", "9")}))->id;
    }
    delete_person(ids[PEOPLE - 1]);
    delete_person(ids[PEOPLE - 2]);
    for (size_t i = PEOPLE - 2; i-- > 0;) {
        named = arena_format(&ask_arena, "%s%s,", named, ids[i]);
    }
    named = arena_format(&ask_arena, "%s%s", named, ids[PEOPLE - 1]);

    const struct answer *answer =
        refused(redefine_request("bounds", DEFINITION("visits", NUMBER, .max = "7")),
                STATUS_FAILED_PRECONDITION, "ATTRIBUTE_IN_USE");

    cr_expect_str_eq(answer_metadata(answer, "profile_ids"), named);
    cr_expect_str_eq(answer_metadata(answer, "refused_count"), "11");
}

/* What a merge hides comes back when it is undone: in each of the two, whichever survives. */
Test(redefine_attribute, what_a_merge_hides_is_weighed) {
    define(DEFINITION("code", STRING, .personal = true));
    define(PLAIN("visits", NUMBER));
    const char *one = create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("visits", "77")}))->id;
    ask_wait_us(US_PER_SECOND);
    const char *other = create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("visits", "3"),
                                                                    ATTRIBUTE("code", "c-1")}))
                            ->id;
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)one;
    request.other_profile_id = (char *)(uintptr_t)other;
    ask(&rpc_identity_service, "MergeProfiles", &request.base);

    cr_expect_str_eq(in_use("bounds", DEFINITION("visits", NUMBER, .max = "5")),
                     "1 of 1 of 1, partial false");
    refused(redefine_request("personal", PLAIN("code", STRING)), STATUS_FAILED_PRECONDITION,
            "ATTRIBUTE_IN_USE");
}

Test(redefine_attribute, what_would_break_is_told_and_refused) {
    define(PLAIN("visits", NUMBER));
    tell("visits", (const char *const[]){"1", "5", "10"});

    cr_expect_str_eq(in_use("bounds", DEFINITION("visits", NUMBER, .max = "7")),
                     "1 of 3 of 4, partial false");
    cr_expect_str_eq(in_use("bounds", DEFINITION("visits", NUMBER, .min = "6")),
                     "2 of 3 of 4, partial false");
    const Profiled__V1__UpdateAttributeResponse *response =
        redefine("bounds", DEFINITION("visits", NUMBER, .min = "1", .max = "10"));

    cr_expect_eq(response->effect->profile_count, 4);
    cr_expect_eq(response->effect->value_count, 3);
    cr_expect_eq(response->effect->refused_count, 0);
    cr_expect_not(response->effect->partial);
}

Test(redefine_attribute, forced_it_leaves_values_as_they_are) {
    define(DEFINITION("tier", ENUM, .enum_values = {"gold", "silver", "tin"}));
    tell("tier", (const char *const[]){"gold", "tin", "tin"});
    const struct defined *less = DEFINITION("tier", ENUM, .enum_values = {"gold", "silver"});
    cr_expect_str_eq(in_use("enum_values", less), "2 of 3 of 4, partial false");

    Profiled__V1__UpdateAttributeRequest *request = redefine_request("enum_values", less);
    request->force = true;
    const Profiled__V1__UpdateAttributeResponse *response =
        ask_twice(&rpc_schema_service, "UpdateAttribute", &request->base);

    cr_expect_eq(response->effect->refused_count, 2);
    cr_expect_eq(found_by("attributes.tier = gold"), 1);
    cr_expect_eq(found_by("attributes.tier = TIN"), 2);
    cr_assert_eq(response->attribute->n_enum_values, 3);
    cr_expect_str_eq(response->attribute->enum_values[2]->value, "tin");
    cr_expect(response->attribute->enum_values[2]->retired);
    cr_expect_eq(profile_count(), 4);
    Profiled__V1__ListProfilesRequest list = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    const Profiled__V1__ListProfilesResponse *all =
        ask(&rpc_profile_service, "ListProfiles", &list.base);
    cr_expect_str_eq(value_in(all->profiles[1], "tier"), "tin");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(redefine_attribute, values_that_nobody_has_are_gone) {
    define(DEFINITION("tier", ENUM, .enum_values = {"gold", "silver", "tin"}));
    tell("tier", (const char *const[]){"gold", "gold", "gold"});

    Profiled__V1__UpdateAttributeRequest *request =
        redefine_request("enum_values", DEFINITION("tier", ENUM, .enum_values = {"Gold", "tin"}));
    request->force = true;
    const Profiled__V1__UpdateAttributeResponse *response =
        ask_twice(&rpc_schema_service, "UpdateAttribute", &request->base);

    cr_expect_eq(response->attribute->n_enum_values, 2);
    cr_expect_eq(found_by("attributes.tier = gold"), 3);
}

Test(redefine_attribute, values_that_are_retired_stay_readable) {
    define(DEFINITION("tier", ENUM, .enum_values = {"gold", "tin"}));
    tell("tier", (const char *const[]){"gold", "tin", "tin"});

    const Profiled__V1__UpdateAttributeResponse *response =
        redefine("enum_values", DEFINITION("tier", ENUM, .enum_values = {"gold", "tin", "steel"},
                                           .retired_value = "tin"));

    cr_expect_null(response->effect, "nothing breaks");
    cr_expect_eq(found_by("attributes.tier = tin"), 2);
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(TOLD(.name = "Sara", .attributes = {ATTRIBUTE("tier", "tin")}));
    cr_expect_str_eq(
        answer_violation(ask_refused(&rpc_identity_service, "ResolveProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "record.attributes.tier"),
        "is a value that is retired");
}

Test(redefine_attribute, strings_and_lists_are_weighed) {
    define(DEFINITION("tags", STRING, .max_values = 4));
    static const char *const three[] = {"a", "bb", "ccc", NULL};
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = with_value(profile_told(TOLD(.name = "Noura")), "tags", list_value(three));
    ask(&rpc_profile_service, "CreateProfile", &request.base);

    cr_expect_str_eq(in_use("max_values", DEFINITION("tags", STRING, .max_values = 2)),
                     "1 of 1 of 1, partial false");
    cr_expect_str_eq(in_use("bounds", DEFINITION("tags", STRING, .max_values = 4, .min_length = 2)),
                     "1 of 1 of 1, partial false");
    cr_expect_str_eq(in_use("bounds", DEFINITION("tags", STRING, .max_values = 4, .max_length = 2)),
                     "1 of 1 of 1, partial false");
    cr_expect_str_eq(
        in_use("bounds", DEFINITION("tags", STRING, .max_values = 4, .pattern = "^[ab]+$")),
        "1 of 1 of 1, partial false");
    redefine("bounds,max_values",
             DEFINITION("tags", STRING, .max_values = 3, .pattern = "^[abc]+$", .max_length = 3));
}

Test(redefine_attribute, personal_changes_before_there_are_values) {
    define(PLAIN("note", STRING));
    redefine("personal", DEFINITION("note", STRING, .personal = true));
    redefine("personal", PLAIN("note", STRING));
    tell("note", (const char *const[]){"a", "b", "c"});
    cr_expect_eq(found_by("attributes.note = a"), 1);

    cr_expect_str_eq(in_use("personal", DEFINITION("note", STRING, .personal = true)),
                     "0 of 3 of 4, partial false");
    Profiled__V1__UpdateAttributeRequest *request =
        redefine_request("personal", DEFINITION("note", STRING, .personal = true));
    request->force = true;
    refused(request, STATUS_FAILED_PRECONDITION, "ATTRIBUTE_IN_USE");
}

Test(redefine_attribute, a_view_that_is_over_tells_a_part) {
    define(PLAIN("visits", NUMBER));
    tell("visits", (const char *const[]){"1", "5", "10"});
    call_step_set(US_PER_SECOND);

    const char *told = in_use("bounds", DEFINITION("visits", NUMBER, .min = "-100"));

    call_step_set(0);
    cr_expect_not_null(strstr(told, "partial true"), "%s", told);
}

Test(redefine_attribute, every_bad_field_is_named) {
    define(PLAIN("visits", NUMBER));
    define(DEFINITION("tags", STRING, .max_values = 2));
    static const struct {
        struct defined defined;
        const char *paths;
        const char *field;
    } cases[] = {
        {{.name = "visits"}, "type", "update_mask.paths[0]"},
        {{.name = "visits"}, "name", "update_mask.paths[0]"},
        {{.name = "visits", .min = "x"}, "bounds", "attribute.bounds.min"},
        {{.name = "visits", .pattern = "x"}, "bounds", "attribute.bounds"},
        {{.name = "visits", .enum_values = {"x"}}, "enum_values", "attribute.enum_values"},
        {{.name = "visits", .max_values = 2}, "max_values", "attribute.max_values"},
        {{.name = "tags", .max_values = 1}, "max_values", "attribute.max_values"},
        {{.name = "tags", .survivorship = 2}, "survivorship", "attribute.trusted_sources"},
        {{.name = "city"}, "display_name", "update_mask.paths[0]"},
        {{.name = "gender", .enum_values = {"x"}}, "enum_values", "update_mask.paths[0]"},
        {{.name = "name", .required_for = 1}, "required_for", "update_mask.paths[0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct answer *answer = refused(redefine_request(cases[i].paths, &cases[i].defined),
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
        cr_expect_not_null(answer_violation(answer, cases[i].field), "case %zu", i);
    }
    refused(redefine_request("bounds", PLAIN("shoe", NUMBER)), STATUS_NOT_FOUND,
            "ATTRIBUTE_NOT_FOUND");
    Profiled__V1__UpdateAttributeRequest *request =
        redefine_request("bounds", PLAIN("visits", NUMBER));
    request->schema_version = 1;
    refused(request, STATUS_ABORTED, "ETAG_MISMATCH");
}
