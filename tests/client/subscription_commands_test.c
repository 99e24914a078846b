/* `subscription list` and `show`: what they say of changes that are no longer kept. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include "profiled/v1/change_service.pb-c.h"

TestSuite(subscription_commands, .init = ran_isolate);

static char texts[][8] = {"calls", "mails"};

/* `calls`, which has all that waits, and `mails`, of which some was trimmed. */
static void serve(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__ListSubscriptionsResponse list =
        PROFILED__V1__LIST_SUBSCRIPTIONS_RESPONSE__INIT;
    static Profiled__V1__GetSubscriptionResponse one =
        PROFILED__V1__GET_SUBSCRIPTION_RESPONSE__INIT;
    static Profiled__V1__Subscription calls = PROFILED__V1__SUBSCRIPTION__INIT;
    static Profiled__V1__Subscription mails = PROFILED__V1__SUBSCRIPTION__INIT;
    static Profiled__V1__Subscription *subscriptions[] = {&calls, &mails};
    (void)data;
    calls.name = texts[0];
    calls.pending_count = 3;
    mails.name = texts[1];
    mails.pending_count = 2;
    mails.expired = true;
    list.subscriptions = subscriptions;
    list.n_subscriptions = 2;
    one.subscription = &mails;
    answer->last = true;
    answer->response = strcmp(request->path, "/profiled.v1.ChangeService/GetSubscription") == 0
                           ? &one.base
                           : &list.base;
}

Test(subscription_commands, that_changes_expired_is_said_beside_those_that_wait) {
    struct ran ran = ran_line(serve, NULL, "subscription|list");
    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    expect_said(ran.out, "calls         all    0                   3 ");
    expect_said(ran.out, "mails         all    0  2 (others expired) ");

    ran = ran_line(serve, NULL, "subscription|show|mails");
    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    expect_said(ran.out, "Pending       2 (others expired)\n");
}
