/* Subscriptions: what is delivered, acknowledged, delivered again, put aside and retried; how far
 * one is behind; what is refused. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/traits.h"
#include "tests/handlers/watches.h"

TestSuite(subscriptions, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__Subscription subscription_told(const char *name) {
    Profiled__V1__Subscription subscription = PROFILED__V1__SUBSCRIPTION__INIT;
    subscription.name = text(name);
    return subscription;
}

static const Profiled__V1__Subscription *make(Profiled__V1__Subscription *subscription) {
    Profiled__V1__CreateSubscriptionRequest request =
        PROFILED__V1__CREATE_SUBSCRIPTION_REQUEST__INIT;
    request.subscription = subscription;
    const Profiled__V1__CreateSubscriptionResponse *response =
        ask_twice(&rpc_change_service, "CreateSubscription", &request.base);
    return response->subscription;
}

static const Profiled__V1__Subscription *subscription_of(const char *name) {
    Profiled__V1__GetSubscriptionRequest request = PROFILED__V1__GET_SUBSCRIPTION_REQUEST__INIT;
    request.name = text(name);
    const Profiled__V1__GetSubscriptionResponse *response =
        ask(&rpc_change_service, "GetSubscription", &request.base);
    return response->subscription;
}

static const Profiled__V1__PullChangesResponse *pull(const char *name, int max) {
    Profiled__V1__PullChangesRequest request = PROFILED__V1__PULL_CHANGES_REQUEST__INIT;
    request.name = text(name);
    request.max_changes = max;
    return ask(&rpc_change_service, "PullChanges", &request.base);
}

static const Profiled__V1__AcknowledgeChangesResponse *
acknowledge(const char *name, const char *ack_id, const char *retry_id) {
    Profiled__V1__AcknowledgeChangesRequest request =
        PROFILED__V1__ACKNOWLEDGE_CHANGES_REQUEST__INIT;
    char *acks[] = {text(ack_id)};
    char *retries[] = {text(retry_id)};
    request.name = text(name);
    request.n_ack_ids = ack_id == NULL ? 0 : 1;
    request.ack_ids = acks;
    request.n_retry_ids = retry_id == NULL ? 0 : 1;
    request.retry_ids = retries;
    return ask(&rpc_change_service, "AcknowledgeChanges", &request.base);
}

/* The names of the profiles that deliveries are of, with the attempt where it is not the first. */
static const char *told(const Profiled__V1__PullChangesResponse *response) {
    const char *all = "";
    for (size_t i = 0; i < response->n_deliveries; i++) {
        const Profiled__V1__Delivery *delivery = response->deliveries[i];
        all = arena_format(&ask_arena, "%s %s", all, get(delivery->change->profile_id)->name);
        if (delivery->attempt > 1) {
            all = arena_format(&ask_arena, "%s*%d", all, delivery->attempt);
        }
    }
    return all;
}

static void make_of_created(const char *name, int max_attempts) {
    Profiled__V1__Subscription subscription = subscription_told(name);
    Profiled__V1__ChangeKind kinds[] = {CHANGE(PROFILE_CREATED)};
    subscription.n_kinds = 1;
    subscription.kinds = kinds;
    subscription.max_attempts = max_attempts;
    make(&subscription);
}

Test(subscriptions, each_change_is_delivered_once_in_order) {
    create(TOLD(.name = "Before"));
    make_of_created("mails", 0);
    create(TOLD(.name = "Noura", .identities = {ID("email", "noura@example.com")}));
    create(TOLD(.name = "Sami"));
    create(TOLD(.name = "Huda"));

    cr_expect_str_eq(told(pull("mails", 2)), " Noura Sami");
    cr_expect_str_eq(told(pull("mails", 2)), " Huda");
    cr_expect_str_eq(told(pull("mails", 2)), "");
    const Profiled__V1__Subscription *there = subscription_of("mails");
    cr_expect_eq(there->outstanding_count, 3);
    cr_expect_eq(there->delivered_count, 3);
    cr_expect_eq(there->pending_count, 0);
    cr_expect_eq(there->ack_seconds, 60);
    cr_expect_eq(there->max_attempts, 5);
}

Test(subscriptions, what_a_filter_names_is_not_in_clear_in_the_data) {
    Profiled__V1__Subscription told = subscription_told("of-one");
    told.filter = text("identity.email = one.alone@example.com");
    make(&told);
    cr_expect_not(call_data_has(ask_fixture, "one.alone"));
    cr_expect_eq(call_verify(ask_fixture), 0);
    cr_expect_str_eq(subscription_of("of-one")->filter, "identity.email = one.alone@example.com");
}

Test(subscriptions, what_is_not_acknowledged_comes_again_and_is_put_aside_at_last) {
    make_of_created("mails", 2);
    create(TOLD(.name = "Noura"));
    create(TOLD(.name = "Sami"));
    const Profiled__V1__PullChangesResponse *first = pull("mails", 0);
    cr_expect_eq(acknowledge("mails", first->deliveries[0]->ack_id, NULL)->acknowledged_count, 1);

    ask_wait_us((int64_t)59 * US_PER_SECOND);
    cr_expect_str_eq(told(pull("mails", 0)), "");
    ask_wait_us((int64_t)2 * US_PER_SECOND);
    create(TOLD(.name = "Huda"));
    cr_expect_str_eq(told(pull("mails", 0)), " Sami*2 Huda");
    ask_wait_us((int64_t)61 * US_PER_SECOND);
    const Profiled__V1__PullChangesResponse *last = pull("mails", 0);
    cr_expect_str_eq(told(last), " Huda*2");
    cr_expect_eq(last->dead_count, 1);
    cr_expect_eq(subscription_of("mails")->dead_count, 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* A step back takes nothing from who works at it, and lets nobody's last try be over. */
Test(subscriptions, what_is_out_stays_out_when_the_clock_goes_back_a_little) {
    make_of_created("mails", 1);
    create(TOLD(.name = "Noura"));
    const char *ack_id = pull("mails", 0)->deliveries[0]->ack_id;
    ask_wait_us(-(int64_t)5 * US_PER_SECOND);
    cr_expect_eq(pull("mails", 0)->dead_count, 0);
    ask_wait_us((int64_t)5 * US_PER_SECOND - US_PER_HOUR);
    cr_expect_eq(pull("mails", 0)->dead_count, 0);
    cr_expect_eq(subscription_of("mails")->outstanding_count, 1);
    cr_expect_eq(acknowledge("mails", ack_id, NULL)->acknowledged_count, 1);

    create(TOLD(.name = "Sami"));
    (void)pull("mails", 0);
    ask_wait_us(-US_PER_HOUR - US_PER_SECOND);
    cr_expect_eq(pull("mails", 0)->dead_count, 1, "that clock was far ahead");
}

/* The clock was far ahead when they were given, and was set right. */
Test(subscriptions, what_is_out_comes_again_however_the_clock_is_set) {
    make_of_created("mails", 5);
    create(TOLD(.name = "Noura"));
    ask_wait_us(400 * US_PER_DAY);
    cr_expect_str_eq(told(pull("mails", 0)), " Noura");
    cr_expect_eq(subscription_of("mails")->outstanding_count, 1);
    ask_wait_us(-400 * US_PER_DAY);
    cr_expect_eq(subscription_of("mails")->outstanding_count, 0);
    cr_expect_str_eq(told(pull("mails", 0)), " Noura*2");
    cr_expect_str_eq(told(pull("mails", 0)), "");
    ask_wait_us((int64_t)61 * US_PER_SECOND);
    cr_expect_str_eq(told(pull("mails", 0)), " Noura*3");
}

Test(subscriptions, dead_letters_are_listed_retried_and_dropped) {
    make_of_created("mails", 1);
    for (int i = 0; i < 3; i++) {
        create(TOLD(.name = arena_format(&ask_arena, "P%d", i)));
    }
    (void)pull("mails", 0);
    ask_wait_us((int64_t)61 * US_PER_SECOND);
    cr_expect_eq(pull("mails", 0)->dead_count, 3);

    Profiled__V1__ListDeadLettersRequest list = PROFILED__V1__LIST_DEAD_LETTERS_REQUEST__INIT;
    list.name = text("mails");
    list.page_size = 2;
    const Profiled__V1__ListDeadLettersResponse *page =
        ask(&rpc_change_service, "ListDeadLetters", &list.base);
    cr_assert_eq(page->n_deliveries, 2);
    list.page_token = page->next_page_token;
    const Profiled__V1__ListDeadLettersResponse *second =
        ask(&rpc_change_service, "ListDeadLetters", &list.base);
    cr_assert_eq(second->n_deliveries, 1);
    cr_expect_str_eq(second->next_page_token, "");

    Profiled__V1__RetryDeadLettersRequest retry = PROFILED__V1__RETRY_DEAD_LETTERS_REQUEST__INIT;
    char *retries[] = {page->deliveries[1]->ack_id, text("999.9.1.0")};
    char *drops[] = {page->deliveries[0]->ack_id};
    retry.name = text("mails");
    retry.n_retry_ids = 2;
    retry.retry_ids = retries;
    retry.n_drop_ids = 1;
    retry.drop_ids = drops;
    const Profiled__V1__RetryDeadLettersResponse *done =
        ask_twice(&rpc_change_service, "RetryDeadLetters", &retry.base);
    cr_expect_eq(done->retried_count, 1);
    cr_expect_eq(done->dropped_count, 1);
    cr_expect_eq(done->missing_count, 1);
    cr_expect_str_eq(told(pull("mails", 0)), " P1");
    cr_expect_eq(subscription_of("mails")->dead_count, 1);
}

Test(subscriptions, what_is_given_back_comes_at_once_and_acks_may_be_repeated) {
    make_of_created("mails", 0);
    create(TOLD(.name = "Noura"));
    const char *ack_id = pull("mails", 0)->deliveries[0]->ack_id;

    cr_expect_eq(acknowledge("mails", NULL, ack_id)->retried_count, 1);
    cr_expect_str_eq(told(pull("mails", 0)), " Noura*2");
    cr_expect_eq(acknowledge("mails", ack_id, NULL)->acknowledged_count, 1);
    cr_expect_eq(acknowledge("mails", ack_id, NULL)->missing_count, 1);
    ask_wait_us(US_PER_HOUR);
    cr_expect_str_eq(told(pull("mails", 0)), "");
}

/* Who has let the time go by has no say about what somebody else works at now, but that it is done.
 */
Test(subscriptions, an_earlier_delivery_acknowledges_and_gives_nothing_back) {
    make_of_created("mails", 2);
    create(TOLD(.name = "Noura"));
    const char *late = pull("mails", 0)->deliveries[0]->ack_id;
    ask_wait_us((int64_t)61 * US_PER_SECOND);
    const char *ack_id = pull("mails", 0)->deliveries[0]->ack_id;
    cr_expect_str_neq(late, ack_id);

    const Profiled__V1__AcknowledgeChangesResponse *refused = acknowledge("mails", NULL, late);
    cr_expect_eq(refused->retried_count, 0);
    cr_expect_eq(refused->missing_count, 1);
    cr_expect_str_eq(told(pull("mails", 0)), "", "it is worked at");
    cr_expect_eq(subscription_of("mails")->outstanding_count, 1);
    cr_expect_eq(acknowledge("mails", late, NULL)->acknowledged_count, 1);
    cr_expect_eq(acknowledge("mails", ack_id, NULL)->missing_count, 1);
}

static void drop_dead(const char *name, const char *ack_id, int64_t dropped) {
    Profiled__V1__RetryDeadLettersRequest request = PROFILED__V1__RETRY_DEAD_LETTERS_REQUEST__INIT;
    char *drops[] = {text(ack_id)};
    request.name = text(name);
    request.n_drop_ids = 1;
    request.drop_ids = drops;
    const Profiled__V1__RetryDeadLettersResponse *response =
        ask(&rpc_change_service, "RetryDeadLetters", &request.base);
    cr_expect_eq(response->dropped_count, dropped);
    cr_expect_eq(response->missing_count, 1 - dropped);
}

static const char *first_dead(const char *name) {
    Profiled__V1__ListDeadLettersRequest list = PROFILED__V1__LIST_DEAD_LETTERS_REQUEST__INIT;
    list.name = text(name);
    const Profiled__V1__ListDeadLettersResponse *page =
        ask(&rpc_change_service, "ListDeadLetters", &list.base);
    cr_assert_eq(page->n_deliveries, 1);
    return page->deliveries[0]->ack_id;
}

static void let_one_die(const char *name) {
    cr_assert_eq(pull(name, 0)->n_deliveries, 1);
    ask_wait_us((int64_t)61 * US_PER_SECOND);
    cr_assert_eq(pull(name, 0)->dead_count, 1);
}

/* Its work was done, only later than was hoped for. */
Test(subscriptions, a_late_acknowledgement_takes_back_what_was_put_aside) {
    make_of_created("mails", 1);
    create(TOLD(.name = "Noura"));
    const char *ack_id = pull("mails", 0)->deliveries[0]->ack_id;
    ask_wait_us((int64_t)61 * US_PER_SECOND);
    cr_assert_eq(pull("mails", 0)->dead_count, 1);

    cr_expect_eq(acknowledge("mails", NULL, ack_id)->missing_count, 1, "it had its last try");
    cr_expect_eq(acknowledge("mails", ack_id, NULL)->acknowledged_count, 1);
    cr_expect_eq(acknowledge("mails", ack_id, NULL)->missing_count, 1);
    const Profiled__V1__Subscription *there = subscription_of("mails");
    cr_expect_eq(there->dead_count, 0);
    cr_expect_eq(there->acknowledged_count, 1);
    drop_dead("mails", ack_id, 0);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Attempts begin anew when a dead letter is retried: its ids do not come again. */
Test(subscriptions, a_dead_letter_is_known_by_its_latest_id) {
    make_of_created("mails", 1);
    create(TOLD(.name = "Noura"));
    let_one_die("mails");
    const char *earlier = first_dead("mails");
    Profiled__V1__RetryDeadLettersRequest retry = PROFILED__V1__RETRY_DEAD_LETTERS_REQUEST__INIT;
    char *retries[] = {text(earlier)};
    retry.name = text("mails");
    retry.n_retry_ids = 1;
    retry.retry_ids = retries;
    (void)ask(&rpc_change_service, "RetryDeadLetters", &retry.base);
    let_one_die("mails");

    drop_dead("mails", earlier, 0);
    drop_dead("mails", first_dead("mails"), 1);
}

Test(subscriptions, an_id_is_of_its_subscription_alone) {
    make_of_created("mails", 1);
    make_of_created("calls", 1);
    create(TOLD(.name = "Noura"));
    const char *of_mails = pull("mails", 0)->deliveries[0]->ack_id;
    (void)pull("calls", 0);

    cr_expect_eq(acknowledge("calls", of_mails, NULL)->missing_count, 1);
    cr_expect_eq(acknowledge("calls", NULL, of_mails)->missing_count, 1);
    cr_expect_eq(subscription_of("calls")->outstanding_count, 1);
    ask_wait_us((int64_t)61 * US_PER_SECOND);
    cr_expect_eq(pull("calls", 0)->dead_count, 1);
    drop_dead("calls", of_mails, 0);

    Profiled__V1__DeleteSubscriptionRequest remove =
        PROFILED__V1__DELETE_SUBSCRIPTION_REQUEST__INIT;
    remove.name = text("mails");
    (void)ask(&rpc_change_service, "DeleteSubscription", &remove.base);
    make_of_created("mails", 1);
    cr_expect_eq(acknowledge("mails", of_mails, NULL)->missing_count, 1, "nor of one of its name");
}

Test(subscriptions, a_delivery_outlives_its_change_and_a_restart) {
    make_of_created("mails", 0);
    create(TOLD(.name = "Noura"));
    (void)pull("mails", 0);
    create(TOLD(.name = "Sami"));
    ask_wait_us(20 * US_PER_DAY);
    create(TOLD(.name = "Huda"));
    call_sweep(ask_fixture); /* Of the changes only the last row is left. */

    Profiled__V1__PullChangesRequest request = PROFILED__V1__PULL_CHANGES_REQUEST__INIT;
    request.name = text("mails");
    cr_expect(subscription_of("mails")->expired);
    const Profiled__V1__PullChangesResponse *due = pull("mails", 0);
    cr_expect_str_eq(told(due), " Noura*2");
    cr_expect(due->more, "the next one says that there is nothing else");
    const struct answer *answer = ask_refused(&rpc_change_service, "PullChanges", &request.base,
                                              STATUS_OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED");
    cr_expect_not_null(answer_metadata(answer, "oldest_time"));
    cr_expect_eq(acknowledge("mails", due->deliveries[0]->ack_id, NULL)->acknowledged_count, 1);
    make_of_created("calls", 0);
    cr_expect_not(subscription_of("calls")->expired);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(subscriptions, what_had_its_last_try_is_put_aside_although_others_were_trimmed) {
    make_of_created("mails", 1);
    create(TOLD(.name = "Noura"));
    (void)pull("mails", 0);
    create(TOLD(.name = "Sami"));
    ask_wait_us(20 * US_PER_DAY);
    create(TOLD(.name = "Huda"));
    call_sweep(ask_fixture);

    cr_expect_eq(pull("mails", 0)->dead_count, 1);
    cr_expect_eq(subscription_of("mails")->dead_count, 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(subscriptions, another_workspace_has_its_own) {
    make_of_created("mails", 0);
    Profiled__V1__GetSubscriptionRequest request = PROFILED__V1__GET_SUBSCRIPTION_REQUEST__INIT;
    request.name = text("mails");
    (void)ask_refused_elsewhere(&rpc_change_service, "GetSubscription", &request.base,
                                STATUS_NOT_FOUND, "SUBSCRIPTION_NOT_FOUND");
}

Test(subscriptions, are_listed_and_deleted_with_all_that_is_out) {
    make_of_created("mails", 0);
    make_of_created("calls", 0);
    create(TOLD(.name = "Noura"));
    (void)pull("mails", 0);
    Profiled__V1__ListSubscriptionsRequest list = PROFILED__V1__LIST_SUBSCRIPTIONS_REQUEST__INIT;
    const Profiled__V1__ListSubscriptionsResponse *there =
        ask(&rpc_change_service, "ListSubscriptions", &list.base);
    cr_assert_eq(there->n_subscriptions, 2);
    cr_expect_str_eq(there->subscriptions[0]->name, "calls");
    cr_expect_eq(there->subscriptions[0]->pending_count, 1);

    Profiled__V1__DeleteSubscriptionRequest remove =
        PROFILED__V1__DELETE_SUBSCRIPTION_REQUEST__INIT;
    remove.name = text("mails");
    (void)ask_twice(&rpc_change_service, "DeleteSubscription", &remove.base);
    (void)ask_refused(&rpc_change_service, "DeleteSubscription", &remove.base, STATUS_NOT_FOUND,
                      "SUBSCRIPTION_NOT_FOUND");
    cr_expect_eq(call_verify(ask_fixture), 0);
    make_of_created("mails", 0);
    cr_expect_eq(subscription_of("mails")->outstanding_count, 0);
}

/* The changes of one write are trimmed together: who has some of them by then is told so. */
Test(subscriptions, what_is_left_of_a_write_is_not_lost_unseen) {
    Profiled__V1__Subscription some = subscription_told("some");
    Profiled__V1__Subscription all = subscription_told("all");
    Profiled__V1__PullChangesRequest request = PROFILED__V1__PULL_CHANGES_REQUEST__INIT;
    make(&some);
    make(&all);
    create(TOLD(.name = "Noura", .identities = {ID("email", "noura@example.com")}));
    const char *ack_id = pull("some", 1)->deliveries[0]->ack_id;
    cr_expect_eq(acknowledge("some", ack_id, NULL)->acknowledged_count, 1);
    (void)pull("all", 0);
    ask_wait_us(20 * US_PER_DAY);
    create(TOLD(.name = "Huda"));
    call_sweep(ask_fixture);

    cr_expect(subscription_of("some")->expired);
    cr_expect_not(subscription_of("all")->expired);
    request.name = text("some");
    (void)ask_refused(&rpc_change_service, "PullChanges", &request.base, STATUS_OUT_OF_RANGE,
                      "RESUME_TOKEN_EXPIRED");
}

/* A call looks at 10,000 changes at most: that it found none is not that there are none. */
Test(subscriptions, an_empty_answer_says_whether_there_may_be_more) {
    Profiled__V1__Subscription subscription = subscription_told("mails");
    Profiled__V1__ChangeKind kinds[] = {CHANGE(PROFILE_DELETED)};
    subscription.n_kinds = 1;
    subscription.kinds = kinds;
    make(&subscription);
    for (int i = 0; i < 3; i++) {
        create(TOLD(.name = "Noura"));
    }
    const Profiled__V1__PullChangesResponse *response = pull("mails", 1);
    cr_expect_eq(response->n_deliveries, 0);
    cr_expect_not(response->more);
    make_of_created("calls", 0);
    create(TOLD(.name = "Sami"));
    create(TOLD(.name = "Huda"));
    cr_expect(pull("calls", 1)->more);
    cr_expect_not(pull("calls", 2)->more);
}

Test(subscriptions, that_a_segment_is_deleted_is_delivered) {
    Profiled__V1__Subscription told = subscription_told("groups");
    Profiled__V1__ChangeKind kinds[] = {CHANGE(SEGMENT_DELETED)};
    told.n_kinds = 1;
    told.kinds = kinds;
    make(&told);
    create_segment("vip", NULL);
    delete_segment("vip");

    const Profiled__V1__PullChangesResponse *response = pull("groups", 0);

    cr_assert_eq(response->n_deliveries, 1);
    cr_expect_str_eq(response->deliveries[0]->change->segment, "vip");
    cr_expect_str_eq(response->deliveries[0]->change->profile_id, "");
    cr_expect_eq(acknowledge("groups", response->deliveries[0]->ack_id, NULL)->acknowledged_count,
                 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(subscriptions, a_segment_that_one_asks_for_is_not_deleted) {
    Profiled__V1__Subscription by_filter = subscription_told("by-filter");
    Profiled__V1__Subscription by_name = subscription_told("by-name");
    Profiled__V1__DeleteSegmentRequest request = PROFILED__V1__DELETE_SEGMENT_REQUEST__INIT;
    char *segments[] = {text("calm")};
    create_segment("vip", NULL);
    create_segment("calm", NULL);
    by_filter.filter = text("segments:vip");
    by_name.n_segments = 1;
    by_name.segments = segments;
    make(&by_filter);
    make(&by_name);
    request.name = text("vip");
    const struct answer *answer = ask_refused(&rpc_segment_service, "DeleteSegment", &request.base,
                                              STATUS_FAILED_PRECONDITION, "SEGMENT_IN_USE");
    cr_expect_str_eq(answer_metadata(answer, "subscription"), "by-filter");
    request.name = text("calm");
    answer = ask_refused(&rpc_segment_service, "DeleteSegment", &request.base,
                         STATUS_FAILED_PRECONDITION, "SEGMENT_IN_USE");
    cr_expect_str_eq(answer_metadata(answer, "subscription"), "by-name");
}

Test(subscriptions, every_bad_field_is_named) {
    Profiled__V1__Subscription bad = subscription_told("Mails!");
    Profiled__V1__ChangeKind kinds[] = {CHANGE(SNAPSHOT)};
    Profiled__V1__CreateSubscriptionRequest request =
        PROFILED__V1__CREATE_SUBSCRIPTION_REQUEST__INIT;
    bad.n_kinds = 1;
    bad.kinds = kinds;
    bad.ack_seconds = 5;
    bad.max_attempts = 101;
    request.subscription = &bad;
    const struct answer *answer =
        ask_refused(&rpc_change_service, "CreateSubscription", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "subscription.name"));
    cr_expect_not_null(answer_violation(answer, "subscription.kinds[0]"));
    cr_expect_not_null(answer_violation(answer, "subscription.ack_seconds"));
    cr_expect_not_null(answer_violation(answer, "subscription.max_attempts"));

    make_of_created("mails", 0);
    Profiled__V1__Subscription again = subscription_told("mails");
    request.subscription = &again;
    (void)ask_refused(&rpc_change_service, "CreateSubscription", &request.base,
                      STATUS_ALREADY_EXISTS, "SUBSCRIPTION_EXISTS");
    again.name = text("calls");
    again.filter = text("attributes.citty = x");
    (void)ask_refused(&rpc_change_service, "CreateSubscription", &request.base,
                      STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    again.filter = text("");
    char *segments[] = {text("nobody")};
    again.n_segments = 1;
    again.segments = segments;
    answer = ask_refused(&rpc_change_service, "CreateSubscription", &request.base, STATUS_NOT_FOUND,
                         "SEGMENT_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "field"), "subscription.segments[0]");
    Profiled__V1__AcknowledgeChangesRequest acks = PROFILED__V1__ACKNOWLEDGE_CHANGES_REQUEST__INIT;
    char *ids[] = {text("1.0.1.0"), text("one")};
    acks.name = text("mails");
    acks.n_ack_ids = 2;
    acks.ack_ids = ids;
    answer = ask_refused(&rpc_change_service, "AcknowledgeChanges", &acks.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "ack_ids[1]"));
}

/* ---- streams ---- */

static struct watch stream_of(const char *name) {
    struct watch watch = watch_begin("", false);
    watch.request.subscription = text(name);
    return watch;
}

/* The names of the profiles that the next message tells of. */
static const char *streamed(struct watch *watch) {
    const Profiled__V1__WatchChangesResponse *response = watch_next(watch);
    const char *all = "";
    for (size_t i = 0; i < response->n_changes; i++) {
        all = arena_format(&ask_arena, "%s %s", all, get(response->changes[i]->profile_id)->name);
    }
    return all;
}

static bool moves(const char *name, const char *token) {
    Profiled__V1__AcknowledgeChangesRequest request =
        PROFILED__V1__ACKNOWLEDGE_CHANGES_REQUEST__INIT;
    request.name = text(name);
    request.resume_token = text(token);
    const Profiled__V1__AcknowledgeChangesResponse *response =
        ask_twice(&rpc_change_service, "AcknowledgeChanges", &request.base);
    return response->moved;
}

Test(subscriptions, are_streamed_from_their_place_on) {
    make_of_created("mails", 5);
    create(TOLD(.name = "Noura"));
    struct watch watch = stream_of("mails");
    cr_expect_str_eq(streamed(&watch), " Noura");
    const char *behind_noura = watch.token;
    create(TOLD(.name = "Huda"));
    cr_expect_str_eq(streamed(&watch), " Huda");
    const char *behind_huda = watch.token;
    watch_end(&watch);

    watch = stream_of("mails"); /* Nothing was acknowledged. */
    cr_expect_str_eq(streamed(&watch), " Noura Huda");
    watch_end(&watch);
    cr_expect(moves("mails", behind_noura));
    cr_expect_eq(subscription_of("mails")->pending_count, 1);
    call_reopen(ask_fixture);
    watch = stream_of("mails");
    cr_expect_str_eq(streamed(&watch), " Huda");
    cr_expect(moves("mails", behind_huda));
    cr_expect_not(moves("mails", behind_noura), "the place never goes back");
    cr_expect_eq(subscription_of("mails")->pending_count, 0);
    create(TOLD(.name = "Sara"));
    cr_expect_str_eq(streamed(&watch), " Sara");
    watch_end(&watch);
    cr_expect_str_eq(told(pull("mails", 0)), " Sara", "who pulls begins there too");
}

Test(subscriptions, say_what_their_stream_is_of) {
    make_of_created("mails", 5);
    Profiled__V1__ChangeKind kinds[] = {CHANGE(PROFILE_CREATED)};
    char *segments[] = {text("vip")};
    struct watch watch = stream_of("mails");
    watch.request.resume_token = text("x");
    watch.request.snapshot = true;
    watch.request.n_kinds = 1;
    watch.request.kinds = kinds;
    watch.request.n_segments = 1;
    watch.request.segments = segments;
    watch.request.filter = text("sara");
    static const char *const fields[] = {"resume_token", "snapshot", "kinds", "segments", "filter"};
    const struct answer *answer =
        ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                       STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
    watch_end(&watch);
    watch = stream_of("letters");
    (void)ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                         STATUS_NOT_FOUND, "SUBSCRIPTION_NOT_FOUND");
    watch_end(&watch);
}

Test(subscriptions, that_are_deleted_end_their_streams) {
    make_of_created("mails", 5);
    struct watch watch = stream_of("mails");
    (void)watch_next(&watch);
    Profiled__V1__DeleteSubscriptionRequest request =
        PROFILED__V1__DELETE_SUBSCRIPTION_REQUEST__INIT;
    request.name = text("mails");
    (void)ask(&rpc_change_service, "DeleteSubscription", &request.base);

    const struct answer *answer = call_stream(ask_fixture, watch.stream, &rpc_change_service,
                                              "WatchChanges", &watch.request.base, NULL);
    cr_expect_eq(answer->code, STATUS_NOT_FOUND);
    watch_end(&watch);
}

Test(subscriptions, move_by_tokens_of_their_stream_alone) {
    make_of_created("mails", 5);
    create(TOLD(.name = "Noura"));
    create(TOLD(.name = "Huda"));
    Profiled__V1__AcknowledgeChangesRequest request =
        PROFILED__V1__ACKNOWLEDGE_CHANGES_REQUEST__INIT;
    request.name = text("mails");
    request.resume_token = text("forged");
    (void)ask_refused(&rpc_change_service, "AcknowledgeChanges", &request.base,
                      STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    struct watch snapshot = watch_begin("", true);
    const Profiled__V1__WatchChangesResponse *first = watch_next(&snapshot);
    if (first->in_snapshot) {
        request.resume_token = text(snapshot.token);
        (void)ask_refused(&rpc_change_service, "AcknowledgeChanges", &request.base,
                          STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    }
    watch_end(&snapshot);
    cr_expect_str_eq(told(pull("mails", 0)), " Noura Huda");
}

static void expect_no_move(const char *name, const char *token) {
    Profiled__V1__AcknowledgeChangesRequest request =
        PROFILED__V1__ACKNOWLEDGE_CHANGES_REQUEST__INIT;
    request.name = text(name);
    request.resume_token = text(token);
    (void)ask_refused(&rpc_change_service, "AcknowledgeChanges", &request.base,
                      STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
}

/* A watch of nobody's, the stream of another subscription, and that of one of the name before. */
Test(subscriptions, move_by_no_token_of_another_stream) {
    make_of_created("mails", 5);
    make_of_created("texts", 5);
    struct watch plain = watch_begin("", false);
    create(TOLD(.name = "Noura"));
    (void)watch_next(&plain);
    expect_no_move("mails", plain.token);
    watch_end(&plain);
    struct watch other = stream_of("texts");
    (void)watch_next(&other);
    expect_no_move("mails", other.token);
    struct watch resumed = watch_begin(other.token, false);
    (void)watch_next(&resumed);
    expect_no_move("texts", resumed.token);
    watch_end(&resumed);
    cr_expect(moves("texts", other.token));
    watch_end(&other);
    cr_expect_str_eq(told(pull("mails", 0)), " Noura");
}

/* ---- what they ask for stays ---- */

static void make_filtered(const char *name, const char *filter, const char *kept) {
    Profiled__V1__Subscription subscription = subscription_told(name);
    subscription.filter = text(filter);
    cr_expect_str_eq(make(&subscription)->filter, kept);
}

Test(subscriptions, a_trait_that_one_asks_for_is_in_use) {
    create_trait(trait_told("orders", AGGREGATION(COUNT), 0, 0));
    make_filtered("buyers", "traits.orders >= 1", "traits.orders >= 1");
    Profiled__V1__DeleteTraitRequest request = PROFILED__V1__DELETE_TRAIT_REQUEST__INIT;
    request.name = text("orders");
    const struct answer *answer = ask_refused(&rpc_schema_service, "DeleteTrait", &request.base,
                                              STATUS_FAILED_PRECONDITION, "TRAIT_IN_USE");
    cr_expect_str_eq(answer_metadata(answer, "subscription"), "buyers");
}

Test(subscriptions, a_value_that_there_is_no_more_is_still_asked_for) {
    define(DEFINITION("tier", ENUM, .enum_values = {"gold", "silver"}));
    make_filtered("gold", "attributes.tier = Gold OR attributes.tier = silver",
                  "attributes.tier = gold OR attributes.tier = silver");
    ask(&rpc_schema_service, "UpdateAttribute",
        &redefine_request("enum_values", DEFINITION("tier", ENUM, .enum_values = {"silver"}))
             ->base);
    create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("tier", "silver")}));
    cr_expect_str_eq(told(pull("gold", 0)), " Noura");
}
