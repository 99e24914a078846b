/* Group commit: what shares a transaction, what a failure costs, and what the queue refuses. */

#include <pthread.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/clock.h"
#include "tests/rpc/host_fixture.h"

TestSuite(writer, .init = fixture_open, .fini = fixture_close);

/* Those that open the host themselves. */
TestSuite(writer_options, .fini = fixture_close);

static const char *etag_of(const struct caller *caller) {
    return ((const Profiled__V1__CreateProfileResponse *)caller->response)->profile->etag;
}

Test(writer, calls_that_wait_share_one_commit_in_their_order) {
    struct caller held;
    struct caller callers[3];
    submit_held(&held);
    submit_create(&callers[0], "first", NULL, false);
    submit_create(&callers[1], "second", NULL, false);
    submit_create(&callers[2], "third", NULL, false);

    fake_store_release(fixture_store);

    cr_expect_eq(caller_finish(&held), STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(caller_await(&callers[i])->code, STATUS_OK);
    }
    cr_expect_str_eq(etag_of(&callers[0]), "2"); /* Each sees those before it. */
    cr_expect_str_eq(etag_of(&callers[2]), "4");
    cr_expect_lt(callers[0].turn, callers[1].turn);
    cr_expect_lt(callers[1].turn, callers[2].turn);
    cr_expect_eq(fake_store_counts(fixture_store).commits, 2);
    cr_expect_str_eq(fake_store_row(fixture_store, 1), "first");
    cr_expect_str_eq(fake_store_row(fixture_store, 3), "third");
    for (size_t i = 0; i < 3; i++) {
        caller_free(&callers[i]);
    }
}

Test(writer, no_answer_leaves_before_its_commit) {
    struct caller held;
    submit_held(&held);

    cr_expect_neq(sem_trywait(&held.answered), 0);

    fake_store_release(fixture_store);
    cr_expect_eq(caller_finish(&held), STATUS_OK);
}

Test(writer, one_that_fails_drops_only_its_own) {
    enum { COUNT = 50, BAD = 20 };
    struct caller held;
    static struct caller callers[COUNT];
    submit_held(&held);
    for (size_t i = 0; i < COUNT; i++) {
        submit_create(&callers[i], i == BAD ? "refused" : "taken", NULL, false);
    }

    fake_store_release(fixture_store);

    caller_finish(&held);
    for (size_t i = 0; i < COUNT; i++) {
        const struct answer *answer = caller_await(&callers[i]);
        cr_expect_eq(answer->code, i == BAD ? STATUS_NOT_FOUND : STATUS_OK);
        if (i == BAD) {
            cr_expect_str_eq(answer->reason, "PROFILE_NOT_FOUND");
            cr_expect_str_eq(answer_metadata(answer, "rule"), "7");
        }
        caller_free(&callers[i]);
    }
    cr_expect_eq(fake_store_counts(fixture_store).rows, COUNT); /* With the held one. */
    cr_expect_eq(fake_store_counts(fixture_store).commits, 2);
}

Test(writer, validate_only_answers_and_leaves_nothing) {
    struct caller caller;
    submit_create(&caller, "only tried", NULL, true);

    cr_expect_eq(caller_await(&caller)->code, STATUS_OK);
    cr_expect_str_eq(etag_of(&caller), "1");
    caller_free(&caller);

    cr_expect_eq(fake_store_counts(fixture_store).rows, 0);
    cr_expect_eq(fake_store_counts(fixture_store).commits, 0);
}

Test(writer, handler_past_the_limits_leaves_nothing) {
    static const char *const names[] = {"huge", "hungry"};
    for (size_t i = 0; i < 2; i++) {
        struct caller caller;
        submit_create(&caller, names[i], NULL, false);
        const struct answer *answer = caller_await(&caller);
        cr_expect_eq(answer->code, STATUS_RESOURCE_EXHAUSTED);
        cr_expect_str_eq(answer->reason, "MESSAGE_TOO_LARGE");
        caller_free(&caller);
    }
    cr_expect_eq(fake_store_counts(fixture_store).rows, 0);
}

Test(writer, a_large_batch_is_several_commits) {
    struct caller held;
    struct caller callers[4];
    fake_store_row_size_set(fixture_store, 2 << 20);
    submit_held(&held);
    for (size_t i = 0; i < 4; i++) {
        submit_create(&callers[i], "two MiB", NULL, false);
    }

    fake_store_release(fixture_store);

    caller_finish(&held);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(caller_finish(&callers[i]), STATUS_OK);
    }
    cr_expect_eq(fake_store_counts(fixture_store).commits, 3);
    cr_expect_eq(fake_store_counts(fixture_store).rows, 5);
}

Test(writer, more_than_a_thousand_calls_are_two_commits) {
    enum { COUNT = 1001 };
    struct caller held;
    static struct caller callers[COUNT];
    submit_held(&held);
    for (size_t i = 0; i < COUNT; i++) {
        submit_create(&callers[i], "one of many", NULL, false);
    }

    fake_store_release(fixture_store);

    caller_finish(&held);
    for (size_t i = 0; i < COUNT; i++) {
        cr_assert_eq(caller_finish(&callers[i]), STATUS_OK);
    }
    cr_expect_eq(fake_store_counts(fixture_store).commits, 3);
    cr_expect_eq(fake_store_counts(fixture_store).rows, COUNT + 1);
}

Test(writer, cancelled_and_late_calls_are_not_run) {
    struct caller held;
    struct caller cancelled;
    struct caller late;
    submit_held(&held);
    submit_create(&cancelled, "cancelled", NULL, false);
    atomic_store(&cancelled.call->cancelled, true);
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    uint8_t packed[8];
    const size_t size = profiled__v1__delete_profile_request__pack(&request, packed);
    caller_prepare(&late, fixture_workspace, &rpc_delete_profile, bytes_of(packed, size));
    late.call->deadline_us = 0;
    caller_start(&late);

    fake_store_release(fixture_store);

    caller_finish(&held);
    cr_expect_eq(caller_finish(&cancelled), STATUS_CANCELLED);
    const struct answer *answer = caller_await(&late);
    cr_expect_eq(answer->code, STATUS_DEADLINE_EXCEEDED);
    cr_expect_eq(answer->retry_ms, 0);
    caller_free(&late);
    cr_expect_eq(fake_store_counts(fixture_store).rows, 1);
}

Test(writer_options, full_queue_is_overloaded_and_says_when_to_retry) {
    fixture_open_queue(2);
    struct caller held;
    struct caller callers[3];
    submit_held(&held);
    for (size_t i = 0; i < 3; i++) {
        submit_create(&callers[i], "waits", NULL, false);
    }

    const struct answer *answer = caller_await(&callers[2]); /* Answered while others wait. */

    cr_expect_eq(answer->code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(answer->reason, "OVERLOADED");
    cr_expect_eq(answer->retry_ms, 100);
    fake_store_release(fixture_store);
    caller_finish(&held);
    cr_expect_eq(caller_finish(&callers[0]), STATUS_OK);
    cr_expect_eq(caller_finish(&callers[1]), STATUS_OK);
    caller_free(&callers[2]);
}

static void *drain(void *argument) {
    rpc_host_drain(argument);
    return NULL;
}

Test(writer, drain_answers_the_queue_and_refuses_what_comes_later) {
    struct caller held;
    struct caller callers[2];
    submit_held(&held);
    submit_create(&callers[0], "waits", NULL, false);
    submit_create(&callers[1], "waits", NULL, false);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, drain, fixture_host), 0);

    fake_store_release(fixture_store);
    pthread_join(thread, NULL);

    cr_expect_eq(caller_finish(&held), STATUS_OK);
    cr_expect_eq(caller_finish(&callers[0]), STATUS_OK);
    cr_expect_eq(caller_finish(&callers[1]), STATUS_OK);
    struct caller late;
    submit_create(&late, "late", NULL, false);
    const struct answer *answer = caller_await(&late);
    cr_expect_eq(answer->code, STATUS_UNAVAILABLE);
    cr_expect_str_eq(answer->reason, "SHUTTING_DOWN");
    cr_expect_eq(answer->retry_ms, 1000);
    caller_free(&late);
    cr_expect_eq(fake_store_counts(fixture_store).rows, 3);
}

Test(writer, failed_commit_fails_every_call_and_the_host_is_told_once) {
    const struct status failed =
        status_of(STATUS_INTERNAL, REASON_STORAGE_FAILED, "the disk failed");
    struct caller held;
    struct caller callers[3];
    submit_held(&held);
    submit_create(&callers[0], "a", NULL, false);
    submit_create(&callers[1], "refused", NULL, false);
    submit_create(&callers[2], "b", NULL, true);
    fake_store_fail(fixture_store, FAKE_COMMIT, failed);

    fake_store_release(fixture_store);

    cr_expect_eq(caller_finish(&held), STATUS_INTERNAL);
    for (size_t i = 0; i < 3; i++) {
        const struct answer *answer = caller_await(&callers[i]);
        cr_expect_eq(answer->code, STATUS_INTERNAL);
        cr_expect_str_eq(answer->reason, "STORAGE_FAILED");
        cr_expect_eq(answer->metadata_count, 0);
        caller_free(&callers[i]);
    }
    cr_expect_eq(fake_store_counts(fixture_store).rows, 0);
    cr_expect_eq(atomic_load(&fixture_failures), 1);
}

Test(writer, failed_apply_loses_the_transaction_and_the_next_one_works) {
    const struct status full =
        status_of(STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL, "the storage is full");
    struct caller caller;
    fake_store_fail(fixture_store, FAKE_APPLY, full);
    submit_create(&caller, "a", NULL, false);
    cr_expect_eq(caller_await(&caller)->code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(caller.answer.reason, "STORAGE_FULL");
    caller_free(&caller);
    cr_expect_eq(fake_store_counts(fixture_store).aborts, 1);

    fake_store_fail(fixture_store, FAKE_APPLY, OK);
    submit_create(&caller, "b", NULL, false);
    cr_expect_eq(caller_finish(&caller), STATUS_OK);

    cr_expect_eq(fake_store_counts(fixture_store).rows, 1);
    cr_expect_eq(atomic_load(&fixture_failures), 0);
}

static void submit_delete(struct caller *caller, const char *id) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    caller_submit(caller, fixture_workspace, &rpc_delete_profile, &request.base);
}

Test(writer, full_store_still_erases) {
    const struct status full =
        status_of(STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL, "the storage is full");
    struct caller held;
    struct caller create;
    struct caller erase;
    submit_held(&held);
    submit_create(&create, "created", NULL, false);
    submit_delete(&erase, "erased");
    fake_store_fail(fixture_store, FAKE_BEGIN_ORDINARY, full);

    fake_store_release(fixture_store);

    caller_finish(&held);
    cr_expect_eq(caller_await(&create)->code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(create.answer.reason, "STORAGE_FULL");
    caller_free(&create);
    cr_expect_eq(caller_finish(&erase), STATUS_OK);
    cr_expect_eq(fake_store_counts(fixture_store).rows, 2);
    cr_expect_str_eq(fake_store_row(fixture_store, 1), "erased");
}

Test(writer, store_that_is_full_to_the_last_page_refuses_all) {
    const struct status full =
        status_of(STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL, "the storage is full");
    struct caller create;
    struct caller erase;
    fake_store_fail(fixture_store, FAKE_BEGIN_ORDINARY, full);
    fake_store_fail(fixture_store, FAKE_BEGIN_ERASE, full);

    submit_create(&create, "created", NULL, false);
    submit_delete(&erase, "erased");

    cr_expect_eq(caller_finish(&create), STATUS_RESOURCE_EXHAUSTED);
    cr_expect_eq(caller_finish(&erase), STATUS_RESOURCE_EXHAUSTED);
}

Test(writer_options, upkeep_runs_at_start_until_nothing_is_left) {
    fixture_store = fake_store_new("default");
    fake_store_sweeps_set(fixture_store, 3);
    fixture_open();

    fake_store_await_upkeep(fixture_store);

    cr_expect_eq(fake_store_counts(fixture_store).sweeps, 4);
}

/* ---- clocks ---- */

static int64_t time_applied(void) {
    struct caller caller;
    submit_create(&caller, "created", NULL, false);
    cr_assert_eq(caller_finish(&caller), STATUS_OK);
    return fake_store_counts(fixture_store).apply_us;
}

Test(writer, a_clock_that_was_set_is_noticed_soon, .timeout = 10) {
    static const int64_t steps_us[] = {US_PER_DAY, -3 * US_PER_DAY};
    fake_store_await_followed(fixture_store, fixture_now_us);
    for (size_t i = 0; i < sizeof steps_us / sizeof *steps_us; i++) {
        fixture_now_us += steps_us[i];
        fake_store_await_followed(fixture_store, fixture_now_us); /* Nobody writes. */
    }
}

Test(writer, writes_are_of_the_time_of_a_clock_that_was_set_back) {
    const int64_t before_us = fixture_now_us;
    cr_expect_eq(time_applied(), before_us);
    fixture_now_us = before_us - US_PER_HOUR;
    cr_expect_eq(time_applied(), before_us - US_PER_HOUR);
    fixture_now_us += US_PER_SECOND;
    cr_expect_eq(time_applied(), before_us - US_PER_HOUR + US_PER_SECOND);
}

Test(writer, what_is_written_then_comes_behind_what_hangs_on_the_time) {
    (void)time_applied();
    for (int i = 0; i < 5; i++) {
        fixture_now_us -= US_PER_HOUR;
        (void)time_applied();
        cr_expect_eq(fake_store_counts(fixture_store).apply_followed_us, fixture_now_us);
    }
}

Test(writer, time_does_not_go_back_by_moments) {
    const int64_t before_us = fixture_now_us;
    cr_expect_eq(time_applied(), before_us);
    fixture_now_us = before_us - US_PER_SECOND / 2;
    cr_expect_eq(time_applied(), before_us);
}

/* One message of a stream; returns the ack's durable_row. */
static int64_t stream_message(struct rpc_stream *stream, bool header, bool validate_only) {
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    Profiled__V1__ImportHeader head = PROFILED__V1__IMPORT_HEADER__INIT;
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    head.validate_only = validate_only;
    request.payload_case = header ? PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER
                                  : PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    if (header) {
        request.header = &head;
    } else {
        request.batch = &batch;
    }
    uint8_t packed[64];
    const size_t size = profiled__v1__import_profiles_request__pack(&request, packed);
    struct caller caller;
    caller_prepare(&caller, fixture_workspace, &rpc_import_profiles, bytes_of(packed, size));
    caller.call->stream = stream;
    caller_start(&caller);
    cr_assert_eq(caller_await(&caller)->code, STATUS_OK);
    const int64_t row =
        ((const Profiled__V1__ImportProfilesResponse *)caller.response)->ack->durable_row;
    caller_free(&caller);
    return row;
}

Test(writer, messages_of_a_stream_share_its_state) {
    struct rpc_stream *one = rpc_stream_new();
    struct rpc_stream *dry = rpc_stream_new();

    cr_expect_eq(stream_message(one, true, false), 0);
    cr_expect_eq(stream_message(dry, true, true), 0);
    cr_expect_eq(stream_message(one, false, false), 1);
    cr_expect_eq(stream_message(dry, false, false), 1);
    cr_expect_eq(stream_message(one, false, false), 2);

    cr_expect_eq(fake_store_counts(fixture_store).rows, 3);
    rpc_stream_free(one);
    rpc_stream_free(dry);
}

/* Begins a stream that remembers 600 MiB. */
static enum status_code hungry_message(struct rpc_stream *stream) {
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    Profiled__V1__ImportHeader head = PROFILED__V1__IMPORT_HEADER__INIT;
    head.import_id = (char *)(uintptr_t) "hungry";
    head.validate_only = true;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &head;
    uint8_t packed[64];
    const size_t size = profiled__v1__import_profiles_request__pack(&request, packed);
    struct caller caller;
    caller_prepare(&caller, fixture_workspace, &rpc_import_profiles, bytes_of(packed, size));
    caller.call->stream = stream;
    caller_start(&caller);
    const enum status_code code = caller_await(&caller)->code;
    caller_free(&caller);
    return code;
}

Test(writer, streams_together_remember_a_bounded_amount) {
    struct rpc_stream *first = rpc_stream_new();
    struct rpc_stream *second = rpc_stream_new();
    struct rpc_stream *third = rpc_stream_new();

    cr_expect_eq(hungry_message(first), STATUS_OK);
    cr_expect_eq(hungry_message(second), STATUS_RESOURCE_EXHAUSTED);
    rpc_stream_free(second);
    rpc_stream_free(first);
    cr_expect_eq(hungry_message(third), STATUS_OK);
    rpc_stream_free(third);
}

enum { THREADS = 8, CALLS_EACH = 200, CALLS = THREADS * CALLS_EACH };

struct worker {
    pthread_t thread;
    bool seen[CALLS + 1]; /* Numbers of rows that its calls saw. */
    size_t failed;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    for (size_t i = 0; i < CALLS_EACH; i++) {
        struct caller caller;
        submit_create(&caller, "from many threads", NULL, false);
        if (caller_await(&caller)->code != STATUS_OK) {
            worker->failed++;
        } else {
            worker->seen[strtoul(etag_of(&caller), NULL, 10)] = true;
        }
        caller_free(&caller);
    }
    return NULL;
}

Test(writer, many_threads_each_call_once_and_one_after_the_other) {
    static struct worker workers[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        cr_expect_eq(workers[i].failed, 0);
    }

    for (size_t number = 1; number <= CALLS; number++) {
        size_t count = 0;
        for (size_t i = 0; i < THREADS; i++) {
            count += workers[i].seen[number];
        }
        cr_assert_eq(count, 1, "row %zu was seen as the last one by %zu calls", number, count);
    }
    cr_expect_eq(fake_store_counts(fixture_store).rows, CALLS);
}
