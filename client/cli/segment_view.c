/* Segments in words, tables and charts. */

#include "client/cli/segment_view.h"

#include "client/cli/output.h"
#include "client/cli/size_chart.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/rfc3339.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS_PER_DAY = 86400, TEXT_SIZE = 8192, READY_SIZE = 128 };

static void kind_of(const Profiled__V1__Segment *segment, char out[WORDS_SIZE]) {
    output_words(&profiled__v1__segment_kind__descriptor, (int32_t)segment->kind, "SEGMENT_KIND_",
                 out);
}

static void state_of(const Profiled__V1__Segment *segment, char out[WORDS_SIZE]) {
    output_words(&profiled__v1__segment_state__descriptor, (int32_t)segment->state,
                 "SEGMENT_STATE_", out);
}

/* "yes", what it waits for, or how far it has come. */
static void ready_of(const Profiled__V1__Segment *segment, char out[READY_SIZE]) {
    if (segment->ready) {
        snprintf(out, READY_SIZE, "yes");
    } else if (segment->waits_for[0] != '\0') {
        snprintf(out, READY_SIZE, "no: %s is not active", segment->waits_for);
    } else {
        snprintf(out, READY_SIZE, "%" PRId32 " %%, %" PRId64 " looked at",
                 segment->progress_percent, segment->looked_at_count);
    }
}

/* ---- many ---- */

static void add_row(struct table *table, const Profiled__V1__Segment *segment) {
    char words[WORDS_SIZE];
    char ready[READY_SIZE];
    table_add(table, segment->name);
    kind_of(segment, words);
    table_add(table, words);
    state_of(segment, words);
    table_add(table, words);
    table_add_number(table, segment->member_count);
    ready_of(segment, ready);
    table_add(table, ready);
    table_add(table, segment->filter);
}

void segment_view_rows(const struct session *session, Profiled__V1__Segment *const *segments,
                       size_t count) {
    static const struct table_column columns[] = {
        {.title = "SEGMENT", .whole = true}, {.title = "KIND", .whole = true, .drop = 1},
        {.title = "STATE", .whole = true},   {.title = "MEMBERS", .whole = true, .right = true},
        {.title = "READY", .whole = true},   {.title = "FILTER", .width_min = 12},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_row(&table, segments[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

/* ---- one ---- */

/* A line of what there is; nothing without a text. */
static void view_line(const struct session *session, const char *title, const char *text) {
    if (text[0] != '\0') {
        fprintf(stdout, "%-12s", title);
        output_text(&session->screen, text);
        fputc('\n', stdout);
    }
}

/* The same of a text that may have several lines. */
static void view_lines(const struct session *session, const char *title, const char *text) {
    char line[TEXT_SIZE];
    while (*text != '\0') {
        const size_t size = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)size, text);
        view_line(session, title, size == 0 ? " " : line);
        text += size + (text[size] == '\n' ? 1 : 0);
        title = "";
    }
}

static void view_labels(const struct session *session, const Profiled__V1__Segment *segment) {
    char labels[TEXT_SIZE] = "";
    for (size_t i = 0; i < segment->n_labels; i++) {
        text_append(labels, sizeof labels, ", ", segment->labels[i]->key);
        text_append(labels, sizeof labels, "=", segment->labels[i]->value);
    }
    view_line(session, "Labels", labels);
}

void segment_view_one(const struct session *session, const Profiled__V1__Segment *segment) {
    char words[WORDS_SIZE];
    char ready[READY_SIZE];
    char made[SHORT_TIME_SIZE];
    char changed[SHORT_TIME_SIZE];
    screen_style(&session->screen, STYLE_BOLD);
    output_text(&session->screen, segment->name);
    screen_plain(&session->screen);
    fputs("\n\n", stdout);
    view_line(session, "Called", segment->display_name);
    view_lines(session, "For", segment->description);
    kind_of(segment, words);
    view_line(session, "Kind", words);
    state_of(segment, words);
    view_line(session, "State", words);
    view_line(session, "Filter", segment->filter);
    view_line(session, "Color", segment->color);
    view_labels(session, segment);
    fprintf(stdout, "%-12s%" PRId64 "\n", "Members", segment->member_count);
    ready_of(segment, ready);
    view_line(session, "Ready", ready);
    output_time(segment->create_time, made);
    view_line(session, "Created", made);
    output_time(segment->update_time, changed);
    view_line(session, "Changed", changed);
    view_line(session, "Etag", segment->etag);
}

void segment_view_sizes(const struct session *session,
                        const Profiled__V1__ListSegmentSizesResponse *sizes, int64_t today) {
    struct size_point *points = calloc(sizes->n_sizes + 1, sizeof *points);
    size_t count = 0;
    assert(points != NULL);
    for (size_t i = 0; i < sizes->n_sizes; i++) {
        int64_t seconds = 0;
        int32_t nanos = 0;
        if (rfc3339_parse(sizes->sizes[i]->day, &seconds, &nanos)) {
            points[count++] =
                (struct size_point){seconds / SECONDS_PER_DAY, sizes->sizes[i]->member_count};
        }
    }
    if (count > 0) {
        output_heading(session, "Size over time\n");
        size_chart_draw(&session->screen, points, count, today);
    }
    free(points);
}
