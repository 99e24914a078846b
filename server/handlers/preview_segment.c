/* PreviewSegment: how many persons a filter finds, and some of them, before it is a segment.
 *
 * Where all that a filter asks for is counted (classification attributes, segments), the sets of
 * persons answer, whatever their number. A filter is a way from test to test: who reaches a test
 * and passes it goes one way, the others another; so each test is asked once, and those who reach
 * the end are counted. Otherwise persons are gone through, those that an index knows to be
 * possible, over as many messages as it takes. */

#include <stdlib.h>
#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/profile_filter.h"
#include "server/handlers/profile_mask.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"
#include "server/store/population.h"

enum { SAMPLE_MAX = 100, IDS_MAX = 500 };

/* What the runs share, in the stream's arena. */
struct previewing {
    const char *filter; /* profile_filter_go_on(). */
    bool by_sets;       /* The sets answered: persons are gone through for the sample alone. */
    bool counted;
    int64_t count;
    int64_t looked_at;
    size_t sampled;
    struct store_cursor cursor;
};

static void preview_segment_check(struct rpc_context *ctx,
                                  const Profiled__V1__PreviewSegmentRequest *request) {
    if (request->filter[0] == '\0') {
        rpc_violation(ctx, "is required", "filter");
    }
    if (request->sample_size < 0 || request->sample_size > SAMPLE_MAX) {
        rpc_violation(ctx, "must be 0 to 100", "sample_size");
    }
    profile_mask_check(ctx, request->read_mask, "read_mask");
}

/* ---- by sets ---- */

static bool is_counted_attribute(struct rpc_context *ctx, const struct field *field,
                                 const struct attribute_rules *rules) {
    const struct attribute_rule *rule = attribute_rules_find(rules, field->name);
    (void)ctx;
    return rule != NULL && rule->kind->indexed && !field->words &&
           attribute_is_counted(attribute_form(rule->kind)) && field->type != FIELD_TIME;
}

/* Whether the sets know who passes a test. */
static bool is_known(struct rpc_context *ctx, const struct profile_filter *filter,
                     const struct filter_test *test, const struct attribute_rules *rules) {
    const struct field *field = &filter->fields.items[test->field];
    const bool is_equality = test->op == FILTER_OP_EQUAL || test->op == FILTER_OP_NOT_EQUAL ||
                             test->op == FILTER_OP_PRESENT;
    return is_equality &&
           (field->kind == FIELD_SEGMENT ||
            (field->kind == FIELD_ATTRIBUTE && is_counted_attribute(ctx, field, rules)));
}

static struct status all_known(struct rpc_context *ctx, const struct profile_filter *filter,
                               bool *out) {
    const struct attribute_rules *rules = NULL;
    TRY(attribute_rules_read(ctx->store, &rules));
    *out = true;
    for (size_t i = 0; i < filter->filter.test_count && *out; i++) {
        *out = is_known(ctx, filter, &filter->filter.tests[i], rules);
    }
    return OK;
}

/* The value that a test compares with, in the form of the sets. */
static const char *value_of(const struct filter_test *test, struct arena *arena) {
    return test->type == FIELD_FLAG ? (test->constant.number > 0 ? "true" : "false")
                                    : arena_string(arena, test->constant.text);
}

/* Who of a part passes a test of an attribute. */
static struct status attribute_passes(struct rpc_context *ctx, const struct field *field,
                                      const struct filter_test *test, uint32_t part,
                                      struct population **out) {
    struct population *equal = NULL;
    if (test->op == FILTER_OP_EQUAL) {
        return population_of_attribute(ctx->store, field->name, value_of(test, ctx->arena), part,
                                       out);
    }
    TRY(population_of_attribute(ctx->store, field->name, "", part, out));
    if (test->op == FILTER_OP_PRESENT) {
        return OK;
    }
    const struct status status =
        population_of_attribute(ctx->store, field->name, value_of(test, ctx->arena), part, &equal);
    if (!status_is_ok(status)) {
        population_free(*out);
        return status;
    }
    population_without(*out, equal);
    population_free(equal);
    return OK;
}

static struct status segment_passes(struct rpc_context *ctx, const struct field *field,
                                    const struct filter_test *test, uint32_t part,
                                    struct population **out) {
    struct population *members = NULL;
    const bool asks_members = (test->op == FILTER_OP_EQUAL) == (test->constant.number > 0);
    TRY(population_of_segment(ctx->store, field->number, part, &members));
    if (asks_members || test->op == FILTER_OP_PRESENT) {
        *out = members;
        return OK;
    }
    const struct status status = population_of_all(ctx->store, part, out);
    if (status_is_ok(status)) {
        population_without(*out, members);
    }
    population_free(members);
    return status;
}

/* Sends some on to the next test, or to the end. */
static void send_on(struct population **reached, struct population *accepted, uint16_t next,
                    const struct population *some) {
    if (next == FILTER_ACCEPT) {
        population_or(accepted, some);
    } else if (next != FILTER_REJECT) {
        population_or(reached[next], some);
    }
}

static struct status pass(struct rpc_context *ctx, const struct profile_filter *filter, uint16_t at,
                          uint32_t part, struct population **reached, struct population *accepted) {
    const struct filter_test *test = &filter->filter.tests[at];
    const struct field *field = &filter->fields.items[test->field];
    struct population *passes = NULL;
    TRY(field->kind == FIELD_SEGMENT ? segment_passes(ctx, field, test, part, &passes)
                                     : attribute_passes(ctx, field, test, part, &passes));
    population_and(passes, reached[at]);
    population_without(reached[at], passes);
    send_on(reached, accepted, test->yes, passes);
    send_on(reached, accepted, test->no, reached[at]);
    population_free(passes);
    return OK;
}

/* Tests lead to those that were compiled before them: from the last to the first all are reached.
 */
static struct status flow(struct rpc_context *ctx, const struct profile_filter *filter,
                          uint32_t part, struct population **reached, int64_t *count) {
    struct population *accepted = population_of_none();
    struct population *all = NULL;
    struct status status = population_of_all(ctx->store, part, &all);
    if (status_is_ok(status)) {
        send_on(reached, accepted, filter->filter.start, all);
        population_free(all);
    }
    for (size_t i = filter->filter.test_count; i > 0 && status_is_ok(status); i--) {
        status = pass(ctx, filter, (uint16_t)(i - 1), part, reached, accepted);
    }
    *count += (int64_t)population_count(accepted);
    population_free(accepted);
    return status;
}

static struct status count_part(struct rpc_context *ctx, const struct profile_filter *filter,
                                uint32_t part, int64_t *count) {
    struct population *reached[FILTER_TESTS_MAX];
    for (size_t i = 0; i < filter->filter.test_count; i++) {
        reached[i] = population_of_none();
    }
    const struct status status = flow(ctx, filter, part, reached, count);
    for (size_t i = 0; i < filter->filter.test_count; i++) {
        population_free(reached[i]);
    }
    return status;
}

static struct status count_by_sets(struct rpc_context *ctx, const struct profile_filter *filter,
                                   struct previewing *previewing) {
    uint32_t parts = 0;
    TRY(population_part_count(ctx->store, &parts));
    for (uint32_t part = 0; part < parts; part++) {
        TRY(count_part(ctx, filter, part, &previewing->count));
    }
    previewing->counted = true;
    return OK;
}

/* ---- one by one ---- */

static struct status add_sample(struct rpc_context *ctx, struct id id,
                                const Profiled__V1__PreviewSegmentRequest *request,
                                Profiled__V1__PreviewSegmentResponse *response) {
    const struct profile *profile = NULL;
    Profiled__V1__Profile *message = NULL;
    TRY(store_profile_get(ctx->store, id, &profile));
    TRY(profile_message(ctx, profile, &message));
    profile_mask_apply(request->read_mask, message);
    response->sample[response->n_sample++] = message;
    return OK;
}

static struct status look_at(struct rpc_context *ctx, struct profile_filter *filter,
                             struct previewing *previewing, struct id id,
                             const Profiled__V1__PreviewSegmentRequest *request,
                             Profiled__V1__PreviewSegmentResponse *response) {
    bool takes = false;
    TRY(profile_filter_takes(ctx, filter, id, &takes));
    previewing->looked_at++;
    previewing->cursor = (struct store_cursor){.set = true, .id = id};
    if (!takes) {
        return OK;
    }
    previewing->count += previewing->by_sets ? 0 : 1;
    if (previewing->sampled < (size_t)request->sample_size) {
        previewing->sampled++;
        return add_sample(ctx, id, request, response);
    }
    return OK;
}

/* Whether there is nobody left to be looked for: a sample has no more than were counted. */
static bool is_done(const struct previewing *previewing,
                    const Profiled__V1__PreviewSegmentRequest *request) {
    return previewing->counted && (previewing->sampled >= (size_t)request->sample_size ||
                                   (int64_t)previewing->sampled >= previewing->count);
}

/* Goes through some more, until the message is full: *more tells whether there are further ones. */
static struct status go_through(struct rpc_context *ctx, struct profile_filter *filter,
                                struct previewing *previewing,
                                const Profiled__V1__PreviewSegmentRequest *request,
                                Profiled__V1__PreviewSegmentResponse *response, bool *more) {
    struct id ids[IDS_MAX];
    size_t count = IDS_MAX;
    struct wire_page page = {0};
    const struct store_choice choice = filter_choice(&filter->filter, &filter->fields, ctx->now_us);
    for (*more = true; *more && !store_view_is_over(ctx->store);) {
        struct store_cursor cursor = previewing->cursor;
        TRY(store_profile_scan(ctx->store, STORE_BY_CREATE, false, &choice, &cursor, IDS_MAX, ids,
                               &count, more, NULL));
        for (size_t i = 0; i < count; i++) {
            const bool is_over =
                i > 0 && wire_page_is_over(ctx, &page, response->sample, response->n_sample);
            if (is_over || is_done(previewing, request)) {
                *more = !is_done(previewing, request);
                return OK;
            }
            TRY(look_at(ctx, filter, previewing, ids[i], request, response));
        }
        previewing->cursor = cursor;
    }
    return OK;
}

/* ---- the whole ---- */

static struct status begin(struct rpc_context *ctx, const struct profile_filter *filter,
                           struct previewing *previewing) {
    *ctx->stream = previewing;
    TRY(all_known(ctx, filter, &previewing->by_sets));
    return previewing->by_sets ? count_by_sets(ctx, filter, previewing) : OK;
}

static struct status run(struct rpc_context *ctx, struct profile_filter *filter,
                         struct previewing *previewing,
                         const Profiled__V1__PreviewSegmentRequest *request,
                         Profiled__V1__PreviewSegmentResponse *response) {
    bool more = false;
    response->sample =
        arena_array(ctx->arena, (size_t)request->sample_size + 1, sizeof *response->sample);
    if (!is_done(previewing, request)) {
        TRY(go_through(ctx, filter, previewing, request, response, &more));
        previewing->counted = previewing->counted || !more;
    }
    response->member_count = previewing->count;
    response->counted = previewing->counted;
    response->scanned = !previewing->by_sets;
    response->looked_at_count = previewing->looked_at;
    ctx->more = more;
    return OK;
}

static struct status preview_segment(struct rpc_context *ctx,
                                     const Profiled__V1__PreviewSegmentRequest *request,
                                     Profiled__V1__PreviewSegmentResponse *response) {
    struct profile_filter filter;
    struct previewing *previewing = *ctx->stream;
    const bool is_first = previewing == NULL;
    if (is_first) {
        previewing = arena_alloc(ctx->stream_arena, sizeof *previewing);
    }
    TRY(profile_filter_go_on(ctx, request->filter, &previewing->filter, &filter));
    struct status status = is_first ? begin(ctx, &filter, previewing) : OK;
    if (status_is_ok(status)) {
        status = run(ctx, &filter, previewing, request, response);
    }
    profile_filter_free(&filter);
    return status;
}

RPC_METHOD(SegmentService, PreviewSegment, preview_segment, RPC_FEED);
