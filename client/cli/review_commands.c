/* The commands of the group `review`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/request.h"
#include "client/cli/similarity_words.h"
#include "client/cli/table.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- list ---- */

/* What keeps the two apart; of a suggestion how likely it is. */
static void describe_why(const Profiled__V1__Review *review, char *out, size_t size) {
    if (review->rule != PROFILED__V1__IDENTITY_RULE__IDENTITY_RULE_SIMILAR ||
        review->probability <= 0) {
        snprintf(out, size, "%s", review_reason(review->rule));
        return;
    }
    char percent[WORDS_SIZE];
    similarity_percent(review->probability, percent, sizeof percent);
    snprintf(out, size, "%s likely one, and nothing joins them", percent);
}

/* The same; of one that was decided, what was decided. */
static void describe(const Profiled__V1__Review *review, char *out, size_t size) {
    char state[WORDS_SIZE];
    char why[2 * WORDS_SIZE];
    output_words(&profiled__v1__review_state__descriptor, (int32_t)review->state, "REVIEW_STATE_",
                 state);
    describe_why(review, why, sizeof why);
    if (review->state == PROFILED__V1__REVIEW_STATE__REVIEW_STATE_OPEN) {
        snprintf(out, size, "%s", why);
    } else {
        snprintf(out, size, "%s: %s", state, why);
    }
}

static void add_review(struct table *table, const Profiled__V1__Review *review) {
    char count[24];
    char day[SHORT_TIME_SIZE];
    char why[256];
    snprintf(count, sizeof count, "%" PRId64, review->record_count);
    output_day(review->last_time, day);
    describe(review, why, sizeof why);
    table_add(table, review->id);
    table_add(table, why);
    table_add(table, review->side->deleted ? "(deleted)" : review->side->name);
    table_add(table, review->other_side->deleted ? "(deleted)" : review->other_side->name);
    table_add(table, count);
    table_add(table, day);
}

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    static const struct table_column columns[] = {
        {.title = "REVIEW", .whole = true},
        {.title = "WHY", .width_min = 18},
        {.title = "ONE", .width_min = 8},
        {.title = "OTHER", .width_min = 8},
        {.title = "RECORDS", .right = true, .whole = true, .drop = 2},
        {.title = "LAST", .whole = true, .drop = 1},
    };
    const Profiled__V1__ListReviewsResponse *list =
        (const Profiled__V1__ListReviewsResponse *)message;
    *page = (struct page){list->n_reviews, "reviews", list->next_page_token, page->state};
    if (session->output != OUTPUT_TABLE) {
        return;
    }
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < list->n_reviews; i++) {
        add_review(&table, list->reviews[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
    if (list->dropped_count > 0) {
        fprintf(stderr,
                "Not queued %" PRId64 " times, since a profile has at most 100 open reviews\n",
                list->dropped_count);
    }
}

int review_list(struct session *session, const struct arguments *arguments) {
    json_t *request = json_object();
    if (!request_enum(request, "state", &profiled__v1__review_filter__descriptor, "REVIEW_FILTER_",
                      arguments, OPT_STATE)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    request_text(request, "profileId", arguments, OPT_PROFILE);
    return pages_print(session, arguments, "ListReviews", request, print_page);
}

/* ---- one ---- */

static void view_review(const struct session *session, const struct arguments *arguments,
                        const ProtobufCMessage *answer) {
    (void)arguments;
    output_review(session, ((const Profiled__V1__GetReviewResponse *)answer)->review);
}

int review_show(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "GetReview",
                      json_pack("{s:s}", "reviewId", arguments->words[0]), view_review);
}

/* The decision by its word on the command line; NULL for none. */
static const char *decision_of(const char *word) {
    static const char *const decisions[][2] = {{"join", "REVIEW_DECISION_JOIN"},
                                               {"keep-apart", "REVIEW_DECISION_KEEP_APART"},
                                               {"dismiss", "REVIEW_DECISION_DISMISS"}};
    for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++) {
        if (strcmp(decisions[i][0], word) == 0) {
            return decisions[i][1];
        }
    }
    return NULL;
}

static void view_decided(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    const Profiled__V1__DecideReviewResponse *response =
        (const Profiled__V1__DecideReviewResponse *)answer;
    char state[WORDS_SIZE];
    output_words(&profiled__v1__review_state__descriptor, (int32_t)response->review->state,
                 "REVIEW_STATE_", state);
    fprintf(stdout, "%s%s\n", arguments_has(arguments, OPT_DRY_RUN) ? "would be " : "", state);
    if (response->profile != NULL) {
        fputc('\n', stdout);
        output_profile(session, response->profile);
    }
}

int review_decide(struct session *session, const struct arguments *arguments) {
    const char *decision = decision_of(arguments->words[1]);
    if (decision == NULL) {
        fprintf(stderr, "profilectl: a review is decided by join, keep-apart or dismiss\n");
        return EXIT_USAGE;
    }
    json_t *request = json_pack("{s:s,s:s}", "reviewId", arguments->words[0], "decision", decision);
    request_time(request, "lastTime", arguments, OPT_LAST_TIME);
    request_write(request, arguments);
    return answer_ask(session, arguments, "DecideReview", request, view_decided);
}
