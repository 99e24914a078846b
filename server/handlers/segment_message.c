/* Segments in the form of the wire, and what of a segment may be told. */

#include "server/handlers/segment_message.h"

#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/profile_filter.h"
#include "server/handlers/subscription_message.h"
#include "server/handlers/wire.h"
#include "server/identity/text.h"
#include "server/segment/segment_nearest.h"
#include "server/segment/segment_set.h"

enum { LABEL_KEY_SIZE_MAX = 64, LABEL_VALUE_SIZE_MAX = 256, PERCENT_BEFORE_END = 99 };

static const char word_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

/* ---- reading ---- */

void segment_name_check(struct rpc_context *ctx, const char *name, const char *field) {
    const size_t size = strlen(name);
    if (size == 0 || size > SEGMENT_NAME_SIZE_MAX || name[0] == '_' || name[0] == '-' ||
        strspn(name, word_characters) != size) {
        rpc_violation(ctx, "must be a letter of a-z or a digit, then up to 63 of a-z, 0-9, _ and -",
                      "%s", field);
    }
}

/* A line or lines of text; "" for none. */
static const char *read_text(struct rpc_context *ctx, const char *text, size_t length_max,
                             bool lines, const char *field, const char *what) {
    const char *clean = "";
    if (text[0] == '\0') {
        return "";
    }
    const struct status status = lines ? text_clean_lines(text, length_max, ctx->arena, &clean)
                                       : text_clean_line(text, length_max, ctx->arena, &clean);
    if (!status_is_ok(status)) {
        rpc_violation(ctx, what, "%s", field);
    }
    return clean;
}

static const char *read_color(struct rpc_context *ctx, const char *color) {
    const bool is_good = color[0] == '\0' || (color[0] == '#' && strlen(color) == 7 &&
                                              strspn(color + 1, "0123456789abcdef") == 6);
    if (!is_good) {
        rpc_violation(ctx, "must be # and six of 0-9 and a-f", "segment.color");
    }
    return color;
}

static void read_labels(struct rpc_context *ctx, const Profiled__V1__Segment *given,
                        struct store_segment *out) {
    if (given->n_labels > STORE_SEGMENT_LABELS_MAX) {
        rpc_violation(ctx, "there are more than 20", "segment.labels");
        return;
    }
    struct store_segment_label *labels = arena_array(ctx->arena, given->n_labels, sizeof *labels);
    for (size_t i = 0; i < given->n_labels; i++) {
        const char *key = given->labels[i]->key;
        const char *value = given->labels[i]->value;
        const size_t size = strlen(key);
        const bool is_key =
            size > 0 && size <= LABEL_KEY_SIZE_MAX && strspn(key, word_characters) == size;
        if (!is_key) {
            rpc_violation(ctx, "must be 1 to 64 of a-z, 0-9, _ and -", "segment.labels[%zu].key",
                          i);
        }
        if (strlen(value) > LABEL_VALUE_SIZE_MAX) {
            rpc_violation(ctx, "must be at most 256 bytes", "segment.labels%s",
                          is_key ? arena_format(ctx->arena, ".%s", key)
                                 : arena_format(ctx->arena, "[%zu].value", i));
        }
        labels[i] = (struct store_segment_label){key, value};
    }
    out->label_count = given->n_labels;
    out->labels = labels;
}

static void read_state(struct rpc_context *ctx, const Profiled__V1__Segment *given,
                       struct store_segment *out) {
    const int state = (int)given->state;
    if (state < 0 || state > STORE_SEGMENT_ARCHIVED) {
        rpc_violation(ctx, "is no state", "segment.state");
        return;
    }
    out->state = state == 0 ? STORE_SEGMENT_ACTIVE : (enum store_segment_state)state;
    if (out->state == STORE_SEGMENT_PAUSED && out->kind == STORE_SEGMENT_STATIC) {
        rpc_violation(ctx, "a list can't be paused: it changes when somebody changes it",
                      "segment.state");
    }
}

void segment_read(struct rpc_context *ctx, const Profiled__V1__Segment *given, unsigned fields,
                  struct store_segment *out) {
    if ((fields & SEGMENT_DISPLAY_NAME) != 0) {
        out->display_name =
            read_text(ctx, given->display_name, LABEL_LENGTH_MAX, false, "segment.display_name",
                      "must be a line of at most 128 characters");
    }
    if ((fields & SEGMENT_DESCRIPTION) != 0) {
        out->description = read_text(ctx, given->description, DESCRIPTION_LENGTH_MAX, true,
                                     "segment.description", "must be at most 1,000 characters");
    }
    if ((fields & SEGMENT_COLOR) != 0) {
        out->color = read_color(ctx, given->color);
    }
    if ((fields & SEGMENT_LABELS) != 0) {
        read_labels(ctx, given, out);
    }
    if ((fields & SEGMENT_STATE) != 0) {
        read_state(ctx, given, out);
    }
    if ((fields & SEGMENT_FILTER) != 0) {
        out->filter = given->filter;
        if (out->kind == STORE_SEGMENT_STATIC && given->filter[0] != '\0') {
            rpc_violation(ctx, "must be empty: the members of a static segment are listed",
                          "segment.filter");
        } else if (out->kind == STORE_SEGMENT_DYNAMIC &&
                   text_trim(given->filter, ctx->arena)[0] == '\0') {
            rpc_violation(ctx, "is required", "segment.filter");
        }
    }
}

/* ---- checking against what there is ---- */

static struct status refuse_circle(struct rpc_context *ctx, const char *circle) {
    rpc_error_metadata(ctx, "circle", circle);
    return status_of(STATUS_FAILED_PRECONDITION, REASON_SEGMENT_CIRCLE,
                     "the segment would depend on itself: see circle");
}

static struct status circle_check(struct rpc_context *ctx, const struct store_segment *segment) {
    const char *circle = NULL;
    TRY(segment_circle_find(ctx->store, segment->name, segment->reads, segment->read_count,
                            ctx->now_us, &circle));
    return circle == NULL ? OK : refuse_circle(ctx, circle);
}

struct status segment_filter_settle(struct rpc_context *ctx, bool is_kept,
                                    struct store_segment *segment) {
    struct profile_filter read;
    const struct status status =
        profile_filter_read_of(ctx, segment->name, segment->filter, is_kept, &read);
    if (status.reason == REASON_SEGMENT_CIRCLE) { /* A new one, which names itself. */
        return refuse_circle(ctx, arena_format(ctx->arena, "%s, %s", segment->name, segment->name));
    }
    TRY(status);
    profile_filter_free(&read);
    for (size_t i = 0; i < read.filter.field_count; i++) {
        if (read.fields.items[read.filter.fields[i]].kind == FIELD_SEGMENT_COUNT) {
            rpc_violation(ctx, "may not ask for any segment: name those it depends on",
                          "segment.filter");
            return rpc_violations_status(ctx);
        }
    }
    TRY(profile_filter_settle(ctx, &read, "segment.filter", &segment->filter));
    segment->read_count = read.filter.segment_count;
    segment->reads = read.filter.segments;
    return circle_check(ctx, segment);
}

struct status segment_find(struct rpc_context *ctx, const char *name, const char *field,
                           struct store_segment *out) {
    const char *nearest = NULL;
    bool found = false;
    TRY(store_segment_get(ctx->store, name, &found, out));
    if (found) {
        return OK;
    }
    TRY(segment_nearest(ctx->store, name, true, ctx->arena, &nearest));
    rpc_error_metadata(ctx, "field", field);
    if (nearest != NULL) {
        rpc_error_metadata(ctx, "nearest", nearest);
    }
    return status_of(STATUS_NOT_FOUND, REASON_SEGMENT_NOT_FOUND,
                     "there is no segment of this name: see field");
}

/* With the number: one that was made anew under the name begins with the first revision again. */
static char *etag_of(const struct store_segment *segment, struct arena *arena) {
    return arena_format(arena, "r%llu.%lu", (unsigned long long)segment->revision,
                        (unsigned long)segment->number);
}

struct status segment_etag_check(struct rpc_context *ctx, const struct store_segment *segment,
                                 const char *etag) {
    if (etag[0] != '\0' && strcmp(etag, etag_of(segment, ctx->arena)) != 0) {
        return status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                         "somebody else has changed the segment since: read it and try again");
    }
    return OK;
}

struct status segment_use_check(struct rpc_context *ctx, const struct store_segment *segment) {
    const char *reader = NULL;
    TRY(subscription_reader_find(ctx, FIELD_SEGMENT, segment->number, segment->name, &reader));
    if (reader != NULL) {
        rpc_error_metadata(ctx, "subscription", reader);
        return status_of(STATUS_FAILED_PRECONDITION, REASON_SEGMENT_IN_USE,
                         "a subscription asks for it: see subscription");
    }
    TRY(segment_reader_find(ctx->store, FIELD_SEGMENT, segment->number, ctx->now_us, &reader));
    if (reader == NULL) {
        return OK;
    }
    rpc_error_metadata(ctx, "segment", reader);
    return status_of(STATUS_FAILED_PRECONDITION, REASON_SEGMENT_IN_USE,
                     "the filter of another segment names it: see segment");
}

/* ---- telling ---- */

/* What is still to be looked at, and the segments that are, each once. */
struct readiness {
    struct arena *arena;
    size_t count;
    uint32_t *numbers;
    bool is_filling;       /* Any that was looked at. */
    const char *waits_for; /* The first one that nobody fills; NULL for none. */
};

static void add_reads(struct readiness *readiness, const struct store_segment *segment) {
    for (size_t i = 0; i < segment->read_count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < readiness->count && !is_there; k++) {
            is_there = readiness->numbers[k] == segment->reads[i];
        }
        if (!is_there) {
            readiness->numbers = arena_grow(readiness->arena, readiness->numbers, readiness->count,
                                            sizeof *readiness->numbers);
            readiness->numbers[readiness->count++] = segment->reads[i];
        }
    }
}

/* Where a segment itself has come to, where it is filling. */
struct filling {
    bool is_under_way;
    struct store_segment_place place;
    uint64_t looked_at; /* Persons, since it began. */
};

static struct status filling_of(struct rpc_context *ctx, const struct store_segment *segment,
                                struct filling *out) {
    *out = (struct filling){.is_under_way = false};
    TRY(store_place_get(ctx->store, segment->number, &out->is_under_way, &out->place));
    if (out->is_under_way && out->place.begun) {
        struct store_segment_pass pass;
        TRY(store_pass_get(ctx->store, &pass));
        out->looked_at = pass.looked_at - out->place.looked_before;
    }
    return OK;
}

static void look_at(struct readiness *readiness, const struct store_segment *segment,
                    const struct filling *filling) {
    readiness->is_filling = readiness->is_filling || filling->is_under_way;
    if (segment->unfilled && readiness->waits_for == NULL) {
        readiness->waits_for = segment->name;
    }
    add_reads(readiness, segment);
}

/* Looks at one whose own filling is known, and at those that it reads. */
static struct status readiness_find(struct rpc_context *ctx, const struct store_segment *segment,
                                    const struct filling *own, struct readiness *out) {
    *out = (struct readiness){.arena = ctx->arena};
    look_at(out, segment, own);
    for (size_t i = 0; i < out->count; i++) {
        const char *name = NULL;
        struct store_segment read;
        struct filling filling;
        bool found = false;
        TRY(store_segment_name(ctx->store, out->numbers[i], &name));
        if (name != NULL) {
            TRY(store_segment_get(ctx->store, name, &found, &read));
        }
        if (found) {
            TRY(filling_of(ctx, &read, &filling));
            look_at(out, &read, &filling);
        }
    }
    return OK;
}

static bool is_ready(const struct readiness *readiness) {
    return !readiness->is_filling && readiness->waits_for == NULL;
}

struct status segment_is_ready(struct rpc_context *ctx, const struct store_segment *segment,
                               bool *out) {
    struct readiness readiness;
    struct filling filling;
    TRY(filling_of(ctx, segment, &filling));
    TRY(readiness_find(ctx, segment, &filling, &readiness));
    *out = is_ready(&readiness);
    return OK;
}

static void tell_labels(const struct store_segment *segment, struct arena *arena,
                        Profiled__V1__Segment *out) {
    out->n_labels = segment->label_count;
    out->labels = arena_array(arena, segment->label_count, sizeof *out->labels);
    for (size_t i = 0; i < segment->label_count; i++) {
        Profiled__V1__Segment__LabelsEntry *entry = arena_alloc(arena, sizeof *entry);
        profiled__v1__segment__labels_entry__init(entry);
        entry->key = wire_string(segment->labels[i].key);
        entry->value = wire_string(segment->labels[i].value);
        out->labels[i] = entry;
    }
}

/* Persons who were made since are looked at too: whoever they are, it has not come to the end. */
static int32_t percent_of(const struct filling *filling) {
    const uint64_t whole = filling->place.whole;
    const uint64_t percent = whole == 0 ? 0 : filling->looked_at * 100 / whole;
    return percent > PERCENT_BEFORE_END ? PERCENT_BEFORE_END : (int32_t)percent;
}

static struct status tell_place(struct rpc_context *ctx, const struct store_segment *segment,
                                Profiled__V1__Segment *out) {
    struct readiness readiness;
    struct filling filling;
    TRY(filling_of(ctx, segment, &filling));
    TRY(readiness_find(ctx, segment, &filling, &readiness));
    out->ready = is_ready(&readiness);
    out->waits_for = wire_string(readiness.waits_for == NULL ? "" : readiness.waits_for);
    if (filling.is_under_way) {
        out->looked_at_count = (int64_t)filling.looked_at;
        out->progress_percent = percent_of(&filling);
    } else {
        const int32_t filled = out->ready ? 100 : 99; /* One that it names is under way. */
        out->progress_percent = segment->unfilled ? 0 : filled;
    }
    return OK;
}

struct status segment_message(struct rpc_context *ctx, const struct store_segment *segment,
                              Profiled__V1__Segment **out) {
    struct arena *arena = ctx->arena;
    Profiled__V1__Segment *message = arena_alloc(arena, sizeof *message);
    profiled__v1__segment__init(message);
    message->name = wire_string(segment->name);
    message->display_name = wire_string(segment->display_name);
    message->description = wire_string(segment->description);
    message->color = wire_string(segment->color);
    tell_labels(segment, arena, message);
    message->kind = (Profiled__V1__SegmentKind)segment->kind;
    message->state = (Profiled__V1__SegmentState)segment->state;
    message->filter = wire_string(segment->filter);
    message->etag = etag_of(segment, arena);
    message->create_time = wire_time(segment->create_us, arena);
    message->update_time = wire_time(segment->update_us, arena);
    TRY(store_segment_size_get(ctx->store, segment->number, &message->member_count));
    TRY(tell_place(ctx, segment, message));
    *out = message;
    return OK;
}
