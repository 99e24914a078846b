/* The commands of the group `subscription` that take changes out of one, and say what became of
 * them. */

#include "client/cli/ack_lines.h"
#include "client/cli/command.h"
#include "client/cli/delivery_view.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/request.h"
#include "client/json.h"

#include "profiled/v1/change_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- pull ---- */

/* Writes what was pulled, and sees it out of this program: what is acknowledged after that was
 * written. */
static int write_deliveries(const struct session *session,
                            const Profiled__V1__PullChangesResponse *response) {
    int code = EXIT_DONE;
    if (session->output != OUTPUT_TABLE) {
        json_t *lines = json_array();
        for (size_t i = 0; i < response->n_deliveries; i++) {
            json_array_append_new(lines, json_from_message(&response->deliveries[i]->base));
        }
        code = output_lines(lines);
    } else if (response->n_deliveries > 0) {
        delivery_view(session, response->deliveries, response->n_deliveries);
    }
    return code == EXIT_DONE ? output_flush() : code;
}

/* Says why there may be nothing: too much is out, or what the server looked at is not asked for. */
static void tell_nothing(struct session *session, const char *name) {
    ProtobufCMessage *message = NULL;
    const int code =
        session_call(session, "GetSubscription", json_pack("{s:s}", "name", name), &message);
    if (code != EXIT_DONE) {
        return; /* Which was told; nothing was pulled all the same. */
    }
    const Profiled__V1__Subscription *there =
        ((const Profiled__V1__GetSubscriptionResponse *)message)->subscription;
    if (there != NULL) {
        fprintf(stderr, "Nothing to deliver: %" PRId64 " out, %" PRId64 " pending\n",
                there->outstanding_count, there->pending_count);
    }
    profiled_message_free(message);
}

/* Says what is not among the lines. */
static void tell_rest(struct session *session, const char *name,
                      const Profiled__V1__PullChangesResponse *response) {
    if (response->dead_count > 0) {
        fprintf(stderr, "Put aside as dead letters: %" PRId64 "; profilectl subscription dead %s\n",
                response->dead_count, name);
    }
    if (response->n_deliveries == 0) {
        tell_nothing(session, name);
    }
}

static int acknowledge(struct session *session, const char *name,
                       const Profiled__V1__PullChangesResponse *pulled) {
    json_t *ids = json_array();
    for (size_t i = 0; i < pulled->n_deliveries; i++) {
        json_array_append_new(ids, json_string(pulled->deliveries[i]->ack_id));
    }
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, "AcknowledgeChanges",
                                  json_pack("{s:s,s:o}", "name", name, "ackIds", ids), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__AcknowledgeChangesResponse *response =
        (const Profiled__V1__AcknowledgeChangesResponse *)message;
    fprintf(stderr, "%" PRId64 " acknowledged\n", response->acknowledged_count);
    if (response->missing_count > 0) {
        fprintf(stderr, "%" PRId64 " out no more: somebody else has said what became of them\n",
                response->missing_count);
    }
    profiled_message_free(message);
    return EXIT_DONE;
}

int subscription_pull(struct session *session, const struct arguments *arguments) {
    const char *name = arguments->words[0];
    json_t *request = json_pack("{s:s}", "name", name);
    if (!request_whole(request, "maxChanges", arguments, OPT_MAX_CHANGES, 1, 500)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = session_call(session, "PullChanges", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__PullChangesResponse *response =
        (const Profiled__V1__PullChangesResponse *)message;
    const bool acks = arguments_has(arguments, OPT_ACK) && response->n_deliveries > 0;
    code = write_deliveries(session, response);
    tell_rest(session, name, response);
    if (code == EXIT_DONE && acks) {
        code = acknowledge(session, name, response);
    }
    if (code != EXIT_DONE && acks) {
        fputs("Not acknowledged: what was not is delivered again\n", stderr);
    }
    profiled_message_free(message);
    return code;
}

/* ---- what became of them ---- */

/* What is said of ids, and how the answer counts it. */
struct saying {
    const char *method;
    const char *field;   /* Of the request, for the ids. */
    const char *done;    /* Of those that were found. */
    const char *missing; /* Of the others. */
};

/* What all answers come to. Both methods count three things. */
struct sums {
    Profiled__V1__AcknowledgeChangesResponse acknowledged;
    Profiled__V1__RetryDeadLettersResponse dead;
};

static bool is_of_dead(const struct saying *saying) {
    return strcmp(saying->method, "RetryDeadLetters") == 0;
}

static void add(const struct saying *saying, const ProtobufCMessage *message, struct sums *sums) {
    if (is_of_dead(saying)) {
        const Profiled__V1__RetryDeadLettersResponse *response =
            (const Profiled__V1__RetryDeadLettersResponse *)message;
        sums->dead.retried_count += response->retried_count;
        sums->dead.dropped_count += response->dropped_count;
        sums->dead.missing_count += response->missing_count;
    } else {
        const Profiled__V1__AcknowledgeChangesResponse *response =
            (const Profiled__V1__AcknowledgeChangesResponse *)message;
        sums->acknowledged.acknowledged_count += response->acknowledged_count;
        sums->acknowledged.retried_count += response->retried_count;
        sums->acknowledged.missing_count += response->missing_count;
    }
}

/* "3 acknowledged, 1 out no more". Of either count of a method the other one is 0. */
static void tell_sums(const struct saying *saying, const struct sums *sums, FILE *out) {
    const int64_t done = sums->dead.retried_count + sums->dead.dropped_count +
                         sums->acknowledged.acknowledged_count + sums->acknowledged.retried_count;
    const int64_t missing = sums->dead.missing_count + sums->acknowledged.missing_count;
    fprintf(out, "%" PRId64 " %s", done, saying->done);
    if (missing > 0) {
        fprintf(out, ", %" PRId64 " %s", missing, saying->missing);
    }
    fputc('\n', out);
}

static int print_sums(const struct session *session, const struct saying *saying,
                      const struct sums *sums) {
    if (session->output != OUTPUT_TABLE) {
        return output_message(session,
                              is_of_dead(saying) ? &sums->dead.base : &sums->acknowledged.base);
    }
    tell_sums(saying, sums, stdout);
    return EXIT_DONE;
}

/* Says it of some. */
static int say_batch(struct session *session, const struct arguments *arguments,
                     const struct saying *saying, json_t *ids, struct sums *sums) {
    json_t *request = json_pack("{s:s,s:o}", "name", arguments->words[0], saying->field, ids);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, saying->method, request, &message);
    if (code == EXIT_DONE) {
        add(saying, message, sums);
        profiled_message_free(message);
    }
    return code;
}

/* Says it of all ids. To say it again does no harm, so who is interrupted begins anew. */
static int say(struct session *session, const struct arguments *arguments,
               const struct saying *saying) {
    struct sums sums = {PROFILED__V1__ACKNOWLEDGE_CHANGES_RESPONSE__INIT,
                        PROFILED__V1__RETRY_DEAD_LETTERS_RESPONSE__INIT};
    struct ack_lines lines;
    if (!ack_lines_open(&lines, arguments)) {
        return EXIT_USAGE;
    }
    int code = EXIT_DONE;
    bool any = false;
    json_t *ids = ack_lines_next(&lines);
    while (code == EXIT_DONE && json_array_size(ids) > 0) {
        code = say_batch(session, arguments, saying, json_incref(ids), &sums);
        any = any || code == EXIT_DONE;
        json_decref(ids);
        ids = code == EXIT_DONE ? ack_lines_next(&lines) : json_array();
    }
    json_decref(ids);
    if (code == EXIT_DONE && lines.failed) {
        code = lines.file == NULL ? EXIT_USAGE : EXIT_LOCAL;
    }
    ack_lines_close(&lines);
    if (code == EXIT_DONE) {
        return print_sums(session, saying, &sums);
    }
    if (any) {
        fputs("Of those before: ", stderr);
        tell_sums(saying, &sums, stderr);
    }
    return code;
}

int subscription_ack(struct session *session, const struct arguments *arguments) {
    static const struct saying saying = {"AcknowledgeChanges", "ackIds", "acknowledged",
                                         "out no more"};
    return say(session, arguments, &saying);
}

int subscription_retry(struct session *session, const struct arguments *arguments) {
    static const struct saying saying = {"AcknowledgeChanges", "retryIds", "to be delivered again",
                                         "out no more"};
    return say(session, arguments, &saying);
}

int subscription_dead_retry(struct session *session, const struct arguments *arguments) {
    static const struct saying saying = {"RetryDeadLetters", "retryIds", "to be delivered again",
                                         "not among the dead letters"};
    return say(session, arguments, &saying);
}

int subscription_dead_drop(struct session *session, const struct arguments *arguments) {
    static const struct saying saying = {"RetryDeadLetters", "dropIds", "dropped",
                                         "not among the dead letters"};
    return say(session, arguments, &saying);
}

/* ---- dead letters ---- */

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListDeadLettersResponse *list =
        (const Profiled__V1__ListDeadLettersResponse *)message;
    *page = (struct page){list->n_deliveries, "deliveries", list->next_page_token, page->state};
    if (session->output == OUTPUT_TABLE && list->n_deliveries > 0) {
        delivery_view(session, list->deliveries, list->n_deliveries);
    } else if (session->output == OUTPUT_TABLE && list->next_page_token[0] == '\0') {
        fputs("No dead letters.\n", stdout);
    }
}

int subscription_dead(struct session *session, const struct arguments *arguments) {
    return pages_print(session, arguments, "ListDeadLetters",
                       json_pack("{s:s}", "name", arguments->words[0]), print_page);
}
