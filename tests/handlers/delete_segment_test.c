/* DeleteSegment. */

#include <criterion/criterion.h>

#include "tests/handlers/segments.h"

TestSuite(delete_segment, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__DeleteSegmentRequest request_of(const char *name) {
    Profiled__V1__DeleteSegmentRequest request = PROFILED__V1__DELETE_SEGMENT_REQUEST__INIT;
    request.name = text(name);
    return request;
}

static const struct answer *refused(const char *name, enum status_code code, const char *reason) {
    const Profiled__V1__DeleteSegmentRequest request = request_of(name);
    return ask_refused(&rpc_segment_service, "DeleteSegment", &request.base, code, reason);
}

static size_t memberships_of(const char *id) {
    Profiled__V1__CheckMembershipRequest request = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__INIT;
    request.person_case = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__PERSON_PROFILE_ID;
    request.profile_id = text(id);
    const Profiled__V1__CheckMembershipResponse *response =
        ask(&rpc_segment_service, "CheckMembership", &request.base);
    return response->n_memberships;
}

Test(delete_segment, happy) {
    const char *noura = create(TOLD(.name = "Noura"))->id;
    create_segment("all", "name:*");
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    ready_segment("all");
    Profiled__V1__DeleteSegmentRequest request = request_of("all");

    const Profiled__V1__DeleteSegmentResponse *response =
        ask_twice(&rpc_segment_service, "DeleteSegment", &request.base);

    cr_expect_str_eq(response->segment->filter, "name:*");
    cr_expect_eq(response->segment->member_count, 1);
    cr_expect_eq(memberships_of(noura), 1, "nobody is in it at once");
    delete_segment("pilot");
    cr_expect_eq(memberships_of(noura), 0);
    call_sweep(ask_fixture);
    refused("all", STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(delete_segment, many_members_are_taken_away_while_others_are_written) {
    enum { PEOPLE = 700 };
    const char **ids = make_crowd(PEOPLE, "riyadh");
    create_segment("pilot", NULL);
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("all", "create_time:*");
    ready_segment("riyadh");
    ready_segment("all");

    delete_segment("riyadh");
    for (size_t i = 0; i < PEOPLE; i += 50) {
        cr_assert(add_member("pilot", ids[i])->changed);
    }

    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("all")->member_count, PEOPLE);
    cr_expect_eq(get_segment("pilot")->member_count, PEOPLE / 50);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(delete_segment, one_that_is_being_filled) {
    make_crowd(900, "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");
    delete_segment("riyadh");
    create_segment("all", "create_time:*");
    cr_expect_eq(ready_segment("all")->member_count, 900);
    call_sweep(ask_fixture);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(delete_segment, of_one_request_it_is_deleted_once) {
    create_segment("vip", NULL);
    create_segment("other", NULL);
    Profiled__V1__DeleteSegmentRequest request = request_of("vip");
    Profiled__V1__DeleteSegmentRequest other = request_of("other");
    request.request_id = other.request_id = text("9d3c4a7e-6c9b-4f0e-8a55-0d6ad6f3b1c2");

    ask(&rpc_segment_service, "DeleteSegment", &request.base);
    call_sweep(ask_fixture);
    ask(&rpc_segment_service, "DeleteSegment", &request.base);

    ask_refused(&rpc_segment_service, "DeleteSegment", &other.base, STATUS_INVALID_ARGUMENT,
                "REQUEST_ID_REUSED");
}

Test(delete_segment, invalid) {
    const struct answer *answer = refused("Vip!", STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "name"));
}

Test(delete_segment, missing_and_other_workspace) {
    refused("vip", STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    create_segment("vip", NULL);
    const Profiled__V1__DeleteSegmentRequest request = request_of("vip");
    ask_refused_elsewhere(&rpc_segment_service, "DeleteSegment", &request.base, STATUS_NOT_FOUND,
                          "SEGMENT_NOT_FOUND");
}

Test(delete_segment, an_etag_that_is_old_is_refused) {
    create_segment("vip", NULL);
    update_segment("vip", NULL, SEGMENT_STATE(ARCHIVED));
    Profiled__V1__DeleteSegmentRequest request = request_of("vip");
    request.etag = text("r1.1");
    ask_refused(&rpc_segment_service, "DeleteSegment", &request.base, STATUS_ABORTED,
                "ETAG_MISMATCH");
    request.etag = text("r2.1");
    ask(&rpc_segment_service, "DeleteSegment", &request.base);
}

Test(delete_segment, one_that_another_names_is_kept) {
    create_segment("vip", NULL);
    create_segment("lapsed", "segments:vip AND interaction_count = 0");
    ready_segment("lapsed");

    const struct answer *answer = refused("vip", STATUS_FAILED_PRECONDITION, "SEGMENT_IN_USE");

    cr_expect_str_eq(answer_metadata(answer, "segment"), "lapsed");
    update_segment("lapsed", NULL, SEGMENT_STATE(PAUSED));
    delete_segment("vip");
    call_sweep(ask_fixture);
    Profiled__V1__UpdateSegmentRequest back = PROFILED__V1__UPDATE_SEGMENT_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text("state")};
    mask.n_paths = 1;
    mask.paths = paths;
    back.segment = segment_told("lapsed", "");
    back.segment->state = SEGMENT_STATE(ACTIVE);
    back.update_mask = &mask;
    ask_refused(&rpc_segment_service, "UpdateSegment", &back.base, STATUS_INVALID_ARGUMENT,
                "FILTER_INVALID");
}
