/* UpdateProfile. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

static const Profiled__V1__Profile *noura;

static void init(void) {
    ask_open();
    noura = create(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")},
                        .attributes = {ATTRIBUTE("city", "Riyadh"), ATTRIBUTE("job", "Engineer"),
                                       ATTRIBUTE("country", "SA")}));
    ask_wait_us(US_PER_SECOND);
}

TestSuite(update_profile, .init = init, .fini = ask_close);

static Profiled__V1__UpdateProfileRequest request_of(const struct told *told, const char *paths) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(told);
    request.profile->id = noura->id;
    Google__Protobuf__FieldMask *mask = arena_alloc(&ask_arena, sizeof *mask);
    google__protobuf__field_mask__init(mask);
    mask->paths = arena_array(&ask_arena, 8, sizeof *mask->paths);
    char *rest = arena_string(&ask_arena, bytes_of_string(paths));
    for (char *path = strsep(&rest, ","); path != NULL && *path != '\0';
         path = strsep(&rest, ",")) {
        mask->paths[mask->n_paths++] = path;
    }
    request.update_mask = mask;
    return request;
}

static const Profiled__V1__Profile *update(const struct told *told, const char *paths) {
    Profiled__V1__UpdateProfileRequest request = request_of(told, paths);
    const Profiled__V1__UpdateProfileResponse *response =
        ask_twice(&rpc_profile_service, "UpdateProfile", &request.base);
    return response->profile;
}

Test(update_profile, without_a_mask_changes_what_is_set) {
    const Profiled__V1__Profile *after =
        update(TOLD(.attributes = {ATTRIBUTE("city", "Jeddah")}), "");

    cr_expect_str_eq(after->name, "Noura");
    cr_expect_str_eq(attribute_in(after, "city"), "Jeddah");
    cr_expect_str_eq(attribute_in(after, "job"), "Engineer");
    cr_expect_eq(after->update_time->seconds, CALL_START_US / US_PER_SECOND + 1);
    cr_expect_eq(after->create_time->seconds, CALL_START_US / US_PER_SECOND);
}

Test(update_profile, changes_only_what_the_mask_names) {
    const Profiled__V1__Profile *after =
        update(TOLD(.name = "Huda",
                    .attributes = {ATTRIBUTE("city", "Jeddah"), ATTRIBUTE("job", "Pilot")}),
               "attributes.job");

    cr_expect_str_eq(after->name, "Noura");
    cr_expect_str_eq(attribute_in(after, "city"), "Riyadh");
    cr_expect_str_eq(attribute_in(after, "job"), "Pilot");
}

Test(update_profile, clears_what_the_mask_names_and_is_not_set) {
    const Profiled__V1__Profile *after = update(TOLD(.name = "Huda"), "name,attributes.city");

    cr_expect_str_eq(after->name, "Huda");
    cr_expect_null(attribute_in(after, "city"));
    cr_expect_str_eq(attribute_in(after, "job"), "Engineer");
    cr_expect_str_eq(attribute_in(get(noura->id), "country"), "SA");
}

Test(update_profile, attributes_as_a_whole_take_the_place_of_all) {
    const Profiled__V1__Profile *after =
        update(TOLD(.attributes = {ATTRIBUTE("gender", "f")}), "attributes");

    cr_expect_eq(after->n_attributes, 1);
    cr_expect_str_eq(attribute_in(after, "gender"), "female");
}

Test(update_profile, a_star_is_name_and_attributes) {
    const Profiled__V1__Profile *after = update(TOLD(.name = "Huda"), "*");

    cr_expect_str_eq(after->name, "Huda");
    cr_expect_eq(after->n_attributes, 0);
    cr_expect_eq(after->n_identities, 1);
}

Test(update_profile, sets_an_older_value_too) {
    const Profiled__V1__Profile *after =
        update(TOLD(.attributes = {{.name = "city",
                                    .value = "Abha",
                                    .observe_us = CALL_START_US - US_PER_DAY}}),
               "");
    cr_expect_str_eq(attribute_in(after, "city"), "Abha");
}

Test(update_profile, the_index_follows) {
    update(TOLD(.name = "Huda Salem", .attributes = {ATTRIBUTE("city", "Jeddah")}), "");
    static const struct {
        const char *filter;
        size_t count;
    } lists[] = {{"name:\"salem\"", 1},
                 {"name:noura", 0},
                 {"attributes.city = \"jeddah\"", 1},
                 {"attributes.city = \"Riyadh\"", 0}};
    for (size_t i = 0; i < 4; i++) {
        Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
        request.filter = (char *)(uintptr_t)lists[i].filter;
        const Profiled__V1__ListProfilesResponse *page =
            ask(&rpc_profile_service, "ListProfiles", &request.base);
        cr_expect_eq(page->n_profiles, lists[i].count, "%s", lists[i].filter);
    }
}

Test(update_profile, an_etag_is_good_once) {
    Profiled__V1__UpdateProfileRequest request = request_of(TOLD(.name = "Huda"), "");
    request.profile->etag = noura->etag;
    const Profiled__V1__UpdateProfileResponse *response =
        ask(&rpc_profile_service, "UpdateProfile", &request.base);
    cr_expect_str_neq(response->profile->etag, noura->etag);
    cr_expect_str_eq(get(noura->id)->etag, response->profile->etag);

    ask_refused(&rpc_profile_service, "UpdateProfile", &request.base, STATUS_ABORTED,
                "ETAG_MISMATCH");
}

Test(update_profile, every_bad_field_is_named) {
    Profiled__V1__UpdateProfileRequest request =
        request_of(TOLD(.attributes = {ATTRIBUTE("city", " ")}),
                   "name,identities,attributes.shoe,id,attributes.city");
    static char bad[] = "x";
    request.profile->id = bad;

    const struct answer *answer = ask_refused(&rpc_profile_service, "UpdateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    cr_expect_not_null(answer_violation(answer, "profile.id"));
    cr_expect_str_eq(answer_violation(answer, "profile.name"), "can't be cleared");
    cr_expect_not_null(answer_violation(answer, "profile.attributes.city"));
    cr_expect_not_null(answer_violation(answer, "update_mask.paths[1]"));
    cr_expect_not_null(answer_violation(answer, "update_mask.paths[2]"));
    cr_expect_not_null(answer_violation(answer, "update_mask.paths[3]"));
    cr_expect_eq(answer->violation_count, 6);

    Profiled__V1__UpdateProfileRequest none = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    answer = ask_refused(&rpc_profile_service, "UpdateProfile", &none.base, STATUS_INVALID_ARGUMENT,
                         "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile"));
}

Test(update_profile, one_that_is_not_there_or_elsewhere_is_not_found) {
    Profiled__V1__UpdateProfileRequest request = request_of(TOLD(.name = "Huda"), "");
    ask_refused_elsewhere(&rpc_profile_service, "UpdateProfile", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
    static char missing[] = "0190b8a2-0000-7000-8000-00000000000a";
    request.profile->id = missing;
    ask_refused(&rpc_profile_service, "UpdateProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
}

Test(update_profile, is_done_once_for_one_request_id) {
    Profiled__V1__UpdateProfileRequest request = request_of(TOLD(.name = "Huda"), "");
    Profiled__V1__UpdateProfileRequest other = request_of(TOLD(.name = "Dina"), "");
    ask_again(&rpc_profile_service, "UpdateProfile", &request.base, &other.base);
}

Test(update_profile, what_was_read_may_be_sent_back) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = (Profiled__V1__Profile *)(uintptr_t)get(noura->id);
    const Profiled__V1__UpdateProfileResponse *response =
        ask(&rpc_profile_service, "UpdateProfile", &request.base);
    cr_expect_eq(response->profile->n_attributes, 3);
    cr_expect_eq(response->profile->n_identities, 1);
    cr_expect_str_eq(response->profile->name, "Noura");
}
