/* UndeleteProfile. */

#include <criterion/criterion.h>

#include <string.h>

#include "tests/handlers/people.h"

static const Profiled__V1__Profile *noura;

static void init(void) {
    ask_open();
    noura = create(TOLD(.name = "Noura",
                        .identities = {ID("email", "n@example.com"), ID("external_id", "crm-1")},
                        .attributes = {ATTRIBUTE("city", "Riyadh")}));
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = noura->id;
    const Profiled__V1__DeleteProfileResponse *response =
        ask(&rpc_profile_service, "DeleteProfile", &request.base);
    noura = response->profile;
}

TestSuite(undelete_profile, .init = init, .fini = ask_close);

static Profiled__V1__UndeleteProfileRequest request_of(const char *id) {
    Profiled__V1__UndeleteProfileRequest request = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    return request;
}

Test(undelete_profile, brings_all_of_it_back) {
    Profiled__V1__UndeleteProfileRequest request = request_of(noura->id);

    const Profiled__V1__UndeleteProfileResponse *response =
        ask_twice(&rpc_profile_service, "UndeleteProfile", &request.base);

    cr_expect_null(response->profile->delete_time);
    cr_expect_str_eq(response->profile->name, "Noura");
    cr_expect_str_eq(attribute_in(response->profile, "city"), "Riyadh");
    cr_expect_str_eq(lookup("email", "n@example.com")->id, noura->id);
    cr_expect_str_eq(lookup("external_id", "crm-1")->id, noura->id);
    cr_expect_eq(profile_count(), 1);
}

Test(undelete_profile, an_identity_that_another_has_got_is_a_conflict) {
    const char *owner =
        create(TOLD(.name = "Huda", .identities = {ID("email", "n@example.com")}))->id;
    Profiled__V1__UndeleteProfileRequest request = request_of(noura->id);

    const struct answer *answer =
        ask_refused(&rpc_profile_service, "UndeleteProfile", &request.base,
                    STATUS_FAILED_PRECONDITION, "IDENTITY_CONFLICT");

    cr_expect_str_eq(answer_metadata(answer, "owner_id"), owner);
    cr_expect_str_eq(answer_metadata(answer, "type"), "email");
    cr_expect_eq(strncmp(answer_metadata(answer, "field"), "identities[", 11), 0);
    cr_expect_null(lookup("external_id", "crm-1"));
}

/* In the order of answers, which is not that in which they were told. */
Test(undelete_profile, all_identities_that_others_have_got_are_named_as_answers_have_them) {
    const Profiled__V1__Profile *gone =
        create(TOLD(.name = "Reem",
                    .identities = {ID("external_id", "crm-2"), ID("whatsapp", "+966500000002"),
                                   ID("email", "r@example.com"), ID("phone", "+966500000003")}));
    Profiled__V1__DeleteProfileRequest delete = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    delete.id = gone->id;
    ask(&rpc_profile_service, "DeleteProfile", &delete.base);
    const char *one =
        create(TOLD(.name = "Huda", .identities = {ID("whatsapp", "+966500000002")}))->id;
    const char *other =
        create(TOLD(.name = "Amal", .identities = {ID("email", "r@example.com")}))->id;
    Profiled__V1__UndeleteProfileRequest request = request_of(gone->id);

    const struct answer *answer =
        ask_refused(&rpc_profile_service, "UndeleteProfile", &request.base,
                    STATUS_FAILED_PRECONDITION, "IDENTITY_CONFLICT");

    size_t named = 0;
    for (size_t i = 0; i < gone->n_identities; i++) {
        const char *type = gone->identities[i]->type;
        const char *field = arena_format(&ask_arena, "identities[%zu]", i);
        const char *owner = strcmp(type, "whatsapp") == 0 ? one : other;
        if (strcmp(type, "whatsapp") != 0 && strcmp(type, "email") != 0) {
            cr_expect_null(answer_violation(answer, field));
            continue;
        }
        cr_assert_not_null(answer_violation(answer, field), "%s", type);
        cr_expect_not_null(strstr(answer_violation(answer, field), owner), "%s", type);
        if (named++ == 0) {
            cr_expect_str_eq(answer_metadata(answer, "field"), field);
            cr_expect_str_eq(answer_metadata(answer, "type"), type);
            cr_expect_str_eq(answer_metadata(answer, "owner_id"), owner);
        }
    }
    cr_expect_eq(named, 2);
}

Test(undelete_profile, one_that_is_not_deleted_is_refused) {
    Profiled__V1__UndeleteProfileRequest request = request_of(noura->id);
    ask(&rpc_profile_service, "UndeleteProfile", &request.base);
    ask_refused(&rpc_profile_service, "UndeleteProfile", &request.base, STATUS_FAILED_PRECONDITION,
                "PROFILE_NOT_DELETED");
}

Test(undelete_profile, bad_missing_and_elsewhere) {
    Profiled__V1__UndeleteProfileRequest request = request_of("");
    const struct answer *answer =
        ask_refused(&rpc_profile_service, "UndeleteProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "id"), "is required");
    request = request_of("0190b8a2-0000-7000-8000-00000000000a");
    ask_refused(&rpc_profile_service, "UndeleteProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request = request_of(noura->id);
    ask_refused_elsewhere(&rpc_profile_service, "UndeleteProfile", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}

Test(undelete_profile, an_etag_must_be_that_of_the_deleted_profile) {
    Profiled__V1__UndeleteProfileRequest request = request_of(noura->id);
    static char etag[] = "r1";
    request.etag = etag;
    ask_refused(&rpc_profile_service, "UndeleteProfile", &request.base, STATUS_ABORTED,
                "ETAG_MISMATCH");
    request.etag = noura->etag;
    ask(&rpc_profile_service, "UndeleteProfile", &request.base);
}

Test(undelete_profile, is_done_once_for_one_request_id) {
    Profiled__V1__UndeleteProfileRequest request = request_of(noura->id);
    Profiled__V1__UndeleteProfileRequest other = request_of("0190b8a2-0000-7000-8000-00000000000a");
    ask_again(&rpc_profile_service, "UndeleteProfile", &request.base, &other.base);
}
