/* ListSegments: the segments of the workspace by name, a page at a time. */

#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/page_token.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

/* Behind which name the page begins. */
struct place {
    char name[SEGMENT_NAME_SIZE_MAX + 1];
};

/* Whether archived ones are listed; the last name. */
static const struct page_token token = {
    .purpose = "ListSegments",
    .list_size = 1,
    .place_size = sizeof(struct place),
    .of_another = "the page token is of another list",
};

static void list_segments_check(struct rpc_context *ctx,
                                const Profiled__V1__ListSegmentsRequest *request) {
    wire_page_size_check(ctx, request->page_size);
}

/* The first segment behind a place that is listed; *found is false at the end. */
static struct status next_listed(struct rpc_context *ctx, const struct place *place,
                                 bool show_archived, bool *found, struct store_segment *out) {
    const char *after = place->name;
    size_t count = 1;
    *found = false;
    while (!*found && count > 0) {
        TRY(store_segment_scan(ctx->store, after, 1, out, &count));
        *found = count > 0 && (show_archived || out->state != STORE_SEGMENT_ARCHIVED);
        after = count > 0 ? out->name : after;
    }
    return OK;
}

static struct status list_segments(struct rpc_context *ctx,
                                   const Profiled__V1__ListSegmentsRequest *request,
                                   Profiled__V1__ListSegmentsResponse *response) {
    const uint8_t list = request->show_archived ? 1 : 0;
    const size_t page_size = wire_page_size(request->page_size);
    struct place place = {.name = ""};
    struct store_segment segment;
    bool found = false;
    TRY(page_token_read(ctx, &token, request->page_token, &list, &place));
    response->segments = arena_array(ctx->arena, page_size, sizeof *response->segments);
    TRY(next_listed(ctx, &place, request->show_archived, &found, &segment));
    while (found && response->n_segments < page_size) {
        memcpy(place.name, segment.name, strlen(segment.name) + 1);
        TRY(segment_message(ctx, &segment, &response->segments[response->n_segments]));
        response->n_segments++;
        TRY(next_listed(ctx, &place, request->show_archived, &found, &segment));
    }
    if (found) {
        response->next_page_token = page_token_write(ctx, &token, &list, &place);
    }
    return OK;
}

RPC_METHOD(SegmentService, ListSegments, list_segments, RPC_READ);
