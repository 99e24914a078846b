/* OverlapSegments: how many persons segments share, by the sets of their members. */

#include <stdlib.h>
#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"
#include "server/store/population.h"

enum {
    SEGMENTS_MIN = 2,
    SEGMENTS_MAX = 8,
    COMBINATIONS = 1 << SEGMENTS_MAX,
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

/* The persons of a part by the combination of segments that they are in; NULL where none were. */
struct split {
    struct population *by[COMBINATIONS];
};

static void split_free(struct split *split) {
    for (size_t i = 0; i < COMBINATIONS; i++) {
        population_free(split->by[i]);
    }
}

/* Parts those of every combination so far into members of one more segment and others. */
static struct status split_by(struct rpc_context *ctx, struct split *split, size_t position,
                              uint32_t segment, uint32_t part) {
    struct population *members = NULL;
    TRY(population_of_segment(ctx->store, segment, part, &members));
    for (size_t i = 0; i < (size_t)1 << position; i++) {
        struct population *both = population_copy(split->by[i]);
        population_and(both, members);
        population_without(split->by[i], members);
        split->by[i | (size_t)1 << position] = both;
    }
    population_free(members);
    return OK;
}

static struct status count_part(struct rpc_context *ctx, const uint32_t *segments, size_t count,
                                uint32_t part, int64_t *counts) {
    struct split split = {.by = {NULL}};
    struct status status = population_of_all(ctx->store, part, &split.by[0]);
    for (size_t i = 0; i < count && status_is_ok(status); i++) {
        status = split_by(ctx, &split, i, segments[i], part);
    }
    for (size_t i = 0; i < (size_t)1 << count && status_is_ok(status); i++) {
        counts[i] += (int64_t)population_count(split.by[i]);
    }
    split_free(&split);
    return status;
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
    uint32_t segments[SEGMENTS_MAX];
    int64_t counts[COMBINATIONS] = {0};
    uint32_t parts = 0;
    bool all_ready = true;
    for (size_t i = 0; i < request->n_segments; i++) {
        struct store_segment segment;
        bool ready = false;
        TRY(segment_find(ctx, request->segments[i], arena_format(ctx->arena, "segments[%zu]", i),
                         &segment));
        TRY(segment_is_ready(ctx, &segment, &ready));
        all_ready = all_ready && ready;
        segments[i] = segment.number;
    }
    TRY(population_part_count(ctx->store, &parts));
    for (uint32_t part = 0; part < parts; part++) {
        TRY(count_part(ctx, segments, request->n_segments, part, counts));
    }
    tell(ctx, request, counts, response);
    response->ready = all_ready;
    return OK;
}

RPC_METHOD(SegmentService, OverlapSegments, overlap_segments, RPC_READ);
