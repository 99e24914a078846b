/* Subscriptions: the table of all, and the page of one. */

#include "client/cli/subscription_view.h"

#include "client/cli/output.h"
#include "client/cli/table.h"

#include "profiled/v1/change.pb-c.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    AGE_SIZE = 32,
    COUNT_SIZE = 32,
    PENDING_COUNTED_MAX = 10000, /* The server counts no further. */
    MINUTE = 60,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
};

/* How long ago it was, as "3 h 5 min"; "" for NULL. The clocks of the two sides may differ. */
static void age_of(const Google__Protobuf__Timestamp *since, char out[AGE_SIZE]) {
    const int64_t ago = since == NULL ? 0 : (int64_t)time(NULL) - since->seconds;
    const int64_t age = ago < 0 ? 0 : ago;
    if (since == NULL) {
        out[0] = '\0';
    } else if (age < MINUTE) {
        snprintf(out, AGE_SIZE, "%" PRId64 " s", age);
    } else if (age < HOUR) {
        snprintf(out, AGE_SIZE, "%" PRId64 " min", age / MINUTE);
    } else if (age < DAY) {
        snprintf(out, AGE_SIZE, "%" PRId64 " h %" PRId64 " min", age / HOUR, age % HOUR / MINUTE);
    } else {
        snprintf(out, AGE_SIZE, "%" PRId64 " d %" PRId64 " h", age / DAY, age % DAY / HOUR);
    }
}

/* Where changes that waited were trimmed, it is said here: more waited than do. */
static void pending_of(const Profiled__V1__Subscription *subscription, char out[COUNT_SIZE]) {
    const bool more = subscription->pending_count >= PENDING_COUNTED_MAX;
    snprintf(out, COUNT_SIZE, "%" PRId64 "%s%s", subscription->pending_count,
             more ? " or more" : "", subscription->expired ? " (others expired)" : "");
}

/* Kinds in words, with commas between them; "" for all. The caller's. */
static char *kinds_of(const Profiled__V1__Subscription *subscription) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out != NULL);
    for (size_t i = 0; i < subscription->n_kinds; i++) {
        char words[WORDS_SIZE];
        output_words(&profiled__v1__change_kind__descriptor, (int32_t)subscription->kinds[i],
                     "CHANGE_KIND_", words);
        fprintf(out, "%s%s", i == 0 ? "" : ", ", words);
    }
    fclose(out);
    return text;
}

static char *segments_of(const Profiled__V1__Subscription *subscription) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out != NULL);
    for (size_t i = 0; i < subscription->n_segments; i++) {
        fprintf(out, "%s%s", i == 0 ? "" : ", ", subscription->segments[i]);
    }
    fclose(out);
    return text;
}

/* ---- all ---- */

/* What it asks for, in a cell: kinds, segments and the filter. The caller's. */
static char *choice_of(const Profiled__V1__Subscription *subscription) {
    char *kinds = kinds_of(subscription);
    char *segments = segments_of(subscription);
    const char *parts[] = {kinds, segments, subscription->filter};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out != NULL);
    const char *separator = "";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i][0] != '\0') {
            fprintf(out, "%s%s", separator, parts[i]);
            separator = "; ";
        }
    }
    fputs(separator[0] == '\0' ? "all" : "", out);
    fclose(out);
    free(kinds);
    free(segments);
    return text;
}

static void add_subscription(struct table *table, const Profiled__V1__Subscription *subscription) {
    char age[AGE_SIZE];
    char pending[COUNT_SIZE];
    char *choice = choice_of(subscription);
    age_of(subscription->oldest_pending_time, age);
    pending_of(subscription, pending);
    table_add(table, subscription->name);
    table_add(table, choice);
    table_add_number(table, subscription->outstanding_count);
    table_add(table, pending);
    table_add(table, age);
    table_add_number(table, subscription->dead_count);
    table_add_number(table, subscription->delivered_count);
    table_add_number(table, subscription->acknowledged_count);
    free(choice);
}

void subscription_view_list(const struct session *session,
                            Profiled__V1__Subscription *const *subscriptions, size_t count) {
    static const struct table_column columns[] = {
        {.title = "SUBSCRIPTION", .whole = true},
        {.title = "OF", .drop = 3},
        {.title = "OUT", .right = true, .whole = true},
        {.title = "PENDING", .right = true, .whole = true},
        {.title = "OLDEST", .right = true, .whole = true},
        {.title = "DEAD", .right = true, .whole = true},
        {.title = "DELIVERED", .right = true, .whole = true, .drop = 1},
        {.title = "ACKNOWLEDGED", .right = true, .whole = true, .drop = 2},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_subscription(&table, subscriptions[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

/* ---- one ---- */

static void number_line(const char *title, int64_t number, const char *behind) {
    fprintf(stdout, "%-14s%" PRId64 "%s\n", title, number, behind);
}

/* Kinds that are not named are all, or those of segments where segments are. */
static void view_choice(const struct session *session,
                        const Profiled__V1__Subscription *subscription) {
    char *kinds = kinds_of(subscription);
    char *segments = segments_of(subscription);
    const char *others = segments[0] == '\0' ? "all" : "segment entered, segment left";
    output_line(session, "Kinds", kinds[0] == '\0' ? others : kinds);
    output_line(session, "Segments", segments);
    output_line(session, "Filter", subscription->filter);
    free(kinds);
    free(segments);
}

void subscription_view(const struct session *session,
                       const Profiled__V1__Subscription *subscription) {
    char time[SHORT_TIME_SIZE];
    char age[AGE_SIZE];
    char pending[COUNT_SIZE];
    output_line(session, "Subscription", subscription->name);
    view_choice(session, subscription);
    number_line("Acknowledge", subscription->ack_seconds, " s at most");
    number_line("Attempts", subscription->max_attempts, " at most");
    output_time(subscription->create_time, time);
    output_line(session, "Made", time);
    number_line("Out", subscription->outstanding_count, "");
    pending_of(subscription, pending);
    age_of(subscription->oldest_pending_time, age);
    fprintf(stdout, "%-14s%s%s%s\n", "Pending", pending, age[0] == '\0' ? "" : ", the oldest for ",
            age);
    number_line("Dead", subscription->dead_count, "");
    number_line("Delivered", subscription->delivered_count, "");
    number_line("Acknowledged", subscription->acknowledged_count, "");
}
