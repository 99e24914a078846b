/* OverlapSegments: how many persons segments share. Members lie in the order of ids: all lists are
 * gone through side by side. */

#include <stdlib.h>
#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

enum {
    SEGMENTS_MIN = 2,
    SEGMENTS_MAX = 8,
    COMBINATIONS = 1 << SEGMENTS_MAX,
    PAGE = 1000, /* Members that are read at once. */
};

static void overlap_segments_check(struct rpc_context *ctx,
                                   const Profiled__V1__OverlapSegmentsRequest *request) {
    if (request->n_segments < SEGMENTS_MIN || request->n_segments > SEGMENTS_MAX) {
        rpc_violation(ctx, "must be 2 to 8", "segments");
        return;
    }
    for (size_t i = 0; i < request->n_segments; i++) {
        segment_name_check(ctx, request->segments[i], arena_format(ctx->arena, "segments[%zu]", i));
        for (size_t k = 0; k < i; k++) {
            if (strcmp(request->segments[i], request->segments[k]) == 0) {
                rpc_violation(ctx, "is there twice", "segments[%zu]", i);
            }
        }
    }
}

/* The members of one segment, a page at a time. */
struct list {
    uint32_t segment;
    struct id ids[PAGE];
    size_t count;
    size_t at;
    bool more;
};

static struct status list_fill(struct rpc_context *ctx, struct list *list) {
    const bool set = list->count > 0;
    const struct id after = set ? list->ids[list->count - 1] : (struct id){{0}};
    if (store_view_is_over(ctx->store)) {
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                         "so large segments take longer than a call may");
    }
    list->at = 0;
    return store_member_scan(ctx->store, list->segment, set, after, PAGE, list->ids, &list->count,
                             &list->more);
}

/* The least id that any of the lists stands at; NULL at the end of all. */
static struct status least(struct rpc_context *ctx, struct list *lists, size_t count,
                           const struct id **out) {
    *out = NULL;
    for (size_t i = 0; i < count; i++) {
        if (lists[i].at == lists[i].count && lists[i].more) {
            TRY(list_fill(ctx, &lists[i]));
        }
        if (lists[i].at < lists[i].count) {
            const struct id *id = &lists[i].ids[lists[i].at];
            *out = *out == NULL || id_compare(*id, **out) < 0 ? id : *out;
        }
    }
    return OK;
}

/* Counts each person under the combination of segments that it is in. */
static struct status count_all(struct rpc_context *ctx, struct list *lists, size_t count,
                               int64_t *counts) {
    for (;;) {
        const struct id *next = NULL;
        unsigned combination = 0;
        TRY(least(ctx, lists, count, &next));
        if (next == NULL) {
            return OK;
        }
        const struct id id = *next;
        for (size_t i = 0; i < count; i++) {
            if (lists[i].at < lists[i].count && id_equal(lists[i].ids[lists[i].at], id)) {
                combination |= 1U << i;
                lists[i].at++;
            }
        }
        counts[combination]++;
    }
}

static int by_count(const void *a, const void *b) {
    const Profiled__V1__SegmentOverlap *const *left = a;
    const Profiled__V1__SegmentOverlap *const *right = b;
    return ((*left)->count < (*right)->count) - ((*left)->count > (*right)->count);
}

static void tell(struct rpc_context *ctx, const Profiled__V1__OverlapSegmentsRequest *request,
                 const int64_t *counts, Profiled__V1__OverlapSegmentsResponse *response) {
    const unsigned all = (1U << request->n_segments) - 1;
    response->overlaps = arena_array(ctx->arena, all, sizeof *response->overlaps);
    for (unsigned combination = 1; combination <= all; combination++) {
        if (counts[combination] == 0) {
            continue;
        }
        Profiled__V1__SegmentOverlap *overlap = arena_alloc(ctx->arena, sizeof *overlap);
        profiled__v1__segment_overlap__init(overlap);
        overlap->count = counts[combination];
        overlap->segments = arena_array(ctx->arena, request->n_segments, sizeof *overlap->segments);
        for (size_t i = 0; i < request->n_segments; i++) {
            if ((combination & 1U << i) != 0) {
                overlap->segments[overlap->n_segments++] = request->segments[i];
            }
        }
        response->overlaps[response->n_overlaps++] = overlap;
        response->any_count += counts[combination];
    }
    response->all_count = counts[all];
    if (response->n_overlaps > 0) {
        qsort(response->overlaps, response->n_overlaps, sizeof *response->overlaps, by_count);
    }
}

static struct status overlap_segments(struct rpc_context *ctx,
                                      const Profiled__V1__OverlapSegmentsRequest *request,
                                      Profiled__V1__OverlapSegmentsResponse *response) {
    struct list *lists = arena_array(ctx->arena, request->n_segments, sizeof *lists);
    int64_t counts[COMBINATIONS] = {0};
    bool all_ready = true;
    for (size_t i = 0; i < request->n_segments; i++) {
        struct store_segment segment;
        bool ready = false;
        TRY(segment_find(ctx, request->segments[i], &segment));
        TRY(segment_is_ready(ctx, &segment, &ready));
        all_ready = all_ready && ready;
        lists[i].segment = segment.number;
        TRY(list_fill(ctx, &lists[i]));
    }
    TRY(count_all(ctx, lists, request->n_segments, counts));
    tell(ctx, request, counts, response);
    response->ready = all_ready;
    return OK;
}

RPC_METHOD(SegmentService, OverlapSegments, overlap_segments, RPC_READ);
