/* The commands of the group `subscription` that make, show and delete them. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/request.h"
#include "client/cli/subscription_view.h"

#include "profiled/v1/change_service.pb-c.h"

#include <stdio.h>

static void view_all(const struct session *session, const struct arguments *arguments,
                     const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__ListSubscriptionsResponse *list =
        (const Profiled__V1__ListSubscriptionsResponse *)answer;
    if (list->n_subscriptions == 0) {
        fputs("No subscriptions.\n", stdout);
    } else {
        subscription_view_list(session, list->subscriptions, list->n_subscriptions);
    }
}

/* The answers that hold one subscription are of one shape. */
static void view_one(const struct session *session, const struct arguments *arguments,
                     const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__GetSubscriptionResponse *response =
        (const Profiled__V1__GetSubscriptionResponse *)answer;
    if (response->subscription != NULL) {
        subscription_view(session, response->subscription);
    }
}

int subscription_list(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "ListSubscriptions", json_object(), view_all);
}

int subscription_show(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "GetSubscription",
                      json_pack("{s:s}", "name", arguments->words[0]), view_one);
}

int subscription_create(struct session *session, const struct arguments *arguments) {
    json_t *subscription = json_pack("{s:s}", "name", arguments->words[0]);
    if (!request_change_kinds(subscription, arguments) ||
        !request_whole(subscription, "ackSeconds", arguments, OPT_ACK_SECONDS, 10, 3600) ||
        !request_whole(subscription, "maxAttempts", arguments, OPT_MAX_ATTEMPTS, 1, 100)) {
        json_decref(subscription);
        return EXIT_USAGE;
    }
    request_names(subscription, "segments", arguments, OPT_OF_SEGMENTS);
    request_text(subscription, "filter", arguments, OPT_CHANGE_FILTER);
    json_t *request = json_pack("{s:o}", "subscription", subscription);
    request_write(request, arguments);
    return answer_ask(session, arguments, "CreateSubscription", request, view_one);
}

int subscription_delete(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:s}", "name", arguments->words[0]);
    request_write(request, arguments);
    return answer_ask(session, arguments, "DeleteSubscription", request, view_one);
}
