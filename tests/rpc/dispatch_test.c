/* The way of a call up to its handler: decoding, checking, retries, reads. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "tests/rpc/host_fixture.h"
#include "tests/rpc/wire.h"

TestSuite(dispatch, .init = fixture_open, .fini = fixture_close);

#define ID_ONE "0190b8a2-0000-7000-8000-00000000000a"
#define ID_TWO "0190b8a2-0000-7000-8000-00000000000b"

static struct wire wire;

static const struct answer *shape_submit(struct caller *caller) {
    caller_prepare(caller, fixture_workspace, &rpc_shape, wire_bytes_of(&wire));
    caller_start(caller);
    return caller_await(caller);
}

Test(dispatch, undecodable_message_tells_the_offset_and_the_field) {
    struct caller caller;
    wire_string(&wire, 13, "good");
    wire_bytes(&wire, 1, "a\0b", 3);

    const struct answer *answer = shape_submit(&caller);

    cr_expect_eq(answer->code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(answer->reason, "MESSAGE_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), "6");
    cr_expect_eq(answer->violation_count, 1);
    cr_expect_not_null(answer_violation(answer, "text"));
    caller_free(&caller);
}

Test(dispatch, message_over_the_memory_budget_is_too_large) {
    struct caller caller;
    for (int i = 0; i < REQUEST_FIELDS_MAX; i++) {
        wire_bytes(&wire, 10, "", 0); /* Empty messages, each of hundreds of bytes in memory. */
    }

    const struct answer *answer = shape_submit(&caller);

    cr_expect_eq(answer->code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(answer->reason, "MESSAGE_TOO_LARGE");
    caller_free(&caller);
}

Test(dispatch, message_of_the_greatest_size_is_taken) {
    struct caller caller;
    static char text[REQUEST_SIZE_MAX - 5];
    memset(text, 'x', sizeof text);
    wire_bytes(&wire, 1, text, sizeof text);
    cr_assert_eq(wire.size, REQUEST_SIZE_MAX);

    cr_expect_eq(shape_submit(&caller)->code, STATUS_OK);
    caller_free(&caller);

    wire.size++;
    cr_expect_eq(shape_submit(&caller)->code, STATUS_RESOURCE_EXHAUSTED);
    caller_free(&caller);
}

Test(dispatch, read_sees_what_was_committed) {
    struct caller caller;
    submit_create(&caller, "a", NULL, false);
    caller_finish(&caller);
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;

    for (int i = 0; i < 3; i++) {
        caller_submit(&caller, fixture_workspace, &rpc_get_profile, &request.base);
        cr_assert_eq(caller_await(&caller)->code, STATUS_OK);
        const Profiled__V1__GetProfileResponse *response =
            (const Profiled__V1__GetProfileResponse *)caller.response;
        cr_expect_str_eq(response->profile->etag, "1");
        caller_free(&caller);
    }

    cr_expect_eq(fake_store_counts(fixture_store).readers_opened, 1); /* Readers are kept. */
}

Test(dispatch, read_past_the_memory_budget_is_exhausted) {
    struct caller caller;
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t) "hungry";

    caller_submit(&caller, fixture_workspace, &rpc_get_profile, &request.base);

    const struct answer *answer = caller_await(&caller);
    cr_expect_eq(answer->code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(answer->reason, "MESSAGE_TOO_LARGE");
    cr_expect_str_eq(answer_metadata(answer, "limit_bytes"), "268435456");
    caller_free(&caller);
}

Test(dispatch, every_violation_is_told) {
    struct caller caller;
    submit_create(&caller, "", "no UUID", false);

    const struct answer *answer = caller_await(&caller);

    cr_expect_eq(answer->code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(answer->reason, "FIELD_INVALID");
    cr_expect_eq(answer->violation_count, 3);
    cr_expect_str_eq(answer_violation(answer, "request_id"), "is not a UUID");
    cr_expect_str_eq(answer_violation(answer, "profile.name"), "is required");
    cr_expect_str_eq(answer_violation(answer, "profile.identities[3].value"), "is missing too");
    caller_free(&caller);
    cr_expect_eq(fake_store_counts(fixture_store).rows, 0);
}

Test(dispatch, retry_gets_the_first_answer_byte_for_byte) {
    struct caller first;
    struct caller between;
    struct caller again;
    submit_create(&first, "Noura", ID_ONE, false);
    cr_assert_eq(caller_await(&first)->code, STATUS_OK);
    submit_create(&between, "Omar", ID_TWO, false);
    cr_assert_eq(caller_finish(&between), STATUS_OK);

    submit_create(&again, "Noura", ID_ONE, false);

    cr_assert_eq(caller_await(&again)->code, STATUS_OK);
    cr_expect(bytes_equal(first.call->response, again.call->response));
    cr_expect_eq(fake_store_counts(fixture_store).rows, 2);
    caller_free(&first);
    caller_free(&again);
}

Test(dispatch, retry_in_the_same_batch_gets_the_first_answer) {
    struct caller held;
    struct caller first;
    struct caller again;
    submit_held(&held);
    submit_create(&first, "Noura", ID_ONE, false);
    submit_create(&again, "Noura", "0190B8A2-0000-7000-8000-00000000000A", false); /* The same. */

    fake_store_release(fixture_store);

    caller_finish(&held);
    cr_assert_eq(caller_await(&first)->code, STATUS_OK);
    cr_assert_eq(caller_await(&again)->code, STATUS_OK);
    cr_expect(bytes_equal(first.call->response, again.call->response));
    cr_expect_eq(fake_store_counts(fixture_store).rows, 2);
    caller_free(&first);
    caller_free(&again);
}

Test(dispatch, request_id_with_another_body_is_refused) {
    struct caller caller;
    submit_create(&caller, "Noura", ID_ONE, false);
    cr_assert_eq(caller_finish(&caller), STATUS_OK);

    submit_create(&caller, "Omar", ID_ONE, false);

    const struct answer *answer = caller_await(&caller);
    cr_expect_eq(answer->code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(answer->reason, "REQUEST_ID_REUSED");
    caller_free(&caller);
    cr_expect_eq(fake_store_counts(fixture_store).rows, 1);
}

Test(dispatch, request_id_with_another_method_is_refused) {
    struct caller caller;
    submit_create(&caller, "Noura", ID_ONE, false);
    cr_assert_eq(caller_finish(&caller), STATUS_OK);
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.request_id = (char *)(uintptr_t)ID_ONE;

    caller_submit(&caller, fixture_workspace, &rpc_delete_profile, &request.base);

    cr_expect_str_eq(caller_await(&caller)->reason, "REQUEST_ID_REUSED");
    caller_free(&caller);
}

Test(dispatch, failures_and_dry_runs_keep_no_request_id) {
    struct caller caller;
    submit_create(&caller, "refused", ID_ONE, false);
    cr_expect_eq(caller_finish(&caller), STATUS_NOT_FOUND);
    submit_create(&caller, "Noura", ID_ONE, true);
    cr_expect_eq(caller_finish(&caller), STATUS_OK);
    cr_expect_eq(fake_store_counts(fixture_store).requests, 0);

    submit_create(&caller, "Noura", ID_ONE, false);
    cr_expect_eq(caller_finish(&caller), STATUS_OK);

    cr_expect_eq(fake_store_counts(fixture_store).requests, 1);
    cr_expect_eq(fake_store_counts(fixture_store).rows, 1);
}

/* CreateProfile with two attributes, in either order, and one of them twice. */
static struct bytes attributes_response(struct caller *caller, bool swapped) {
    Profiled__V1__AttributeValue values[3];
    Profiled__V1__Profile__AttributesEntry entries[3];
    Profiled__V1__Profile__AttributesEntry *list[3];
    static const char *const names[2][3] = {{"city", "city", "job"}, {"job", "city", "city"}};
    static const char *const texts[2][3] = {{"Jeddah", "Riyadh", "nurse"},
                                            {"nurse", "Abha", "Riyadh"}};
    for (size_t i = 0; i < 3; i++) {
        profiled__v1__attribute_value__init(&values[i]);
        values[i].value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT;
        values[i].text = (char *)(uintptr_t)texts[swapped][i];
        profiled__v1__profile__attributes_entry__init(&entries[i]);
        entries[i].key = (char *)(uintptr_t)names[swapped][i];
        entries[i].value = &values[i];
        list[i] = &entries[i];
    }
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = (char *)(uintptr_t) "Noura";
    profile.n_attributes = 3;
    profile.attributes = list;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    request.request_id = (char *)(uintptr_t)ID_ONE;
    caller_submit(caller, fixture_workspace, &rpc_create_profile, &request.base);
    cr_assert_eq(caller_await(caller)->code, STATUS_OK);
    return caller->call->response;
}

Test(dispatch, order_of_a_map_makes_no_other_request) {
    struct caller first;
    struct caller again;

    const struct bytes one = attributes_response(&first, false);
    const struct bytes two = attributes_response(&again, true);

    cr_expect(bytes_equal(one, two));
    cr_expect_eq(fake_store_counts(fixture_store).rows, 1);
    caller_free(&first);
    caller_free(&again);
}

Test(dispatch, workspace_is_found_by_its_whole_name) {
    cr_expect_eq(rpc_workspace_find(fixture_host, bytes_of_string("default")), fixture_workspace);
    cr_expect_null(rpc_workspace_find(fixture_host, bytes_of_string("defaul")));
    cr_expect_null(rpc_workspace_find(fixture_host, bytes_of_string("default2")));
    cr_expect_null(rpc_workspace_find(fixture_host, bytes_of_string("")));
}

Test(dispatch, dry_run_looks_for_no_request_id) {
    struct caller caller;
    submit_create(&caller, "Noura", ID_ONE, false);
    cr_assert_eq(caller_finish(&caller), STATUS_OK);

    submit_create(&caller, "Omar", ID_ONE, true);

    cr_expect_eq(caller_finish(&caller), STATUS_OK);
}
