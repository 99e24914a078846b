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

static struct status list_segments(struct rpc_context *ctx,
                                   const Profiled__V1__ListSegmentsRequest *request,
                                   Profiled__V1__ListSegmentsResponse *response) {
    const uint8_t list = request->show_archived ? 1 : 0;
    const size_t page_size = wire_page_size(request->page_size);
    struct place place = {.name = ""};
    struct store_segment segment;
    size_t count = 1;
    TRY(page_token_read(ctx, &token, request->page_token, &list, &place));
    response->segments = arena_array(ctx->arena, page_size, sizeof *response->segments);
    while (response->n_segments < page_size) {
        TRY(store_segment_scan(ctx->store, place.name, 1, &segment, &count));
        if (count == 0) {
            return OK;
        }
        memcpy(place.name, segment.name, strlen(segment.name) + 1);
        if (segment.state != STORE_SEGMENT_ARCHIVED || request->show_archived) {
            TRY(segment_message(ctx, &segment, &response->segments[response->n_segments]));
            response->n_segments++;
        }
    }
    TRY(store_segment_scan(ctx->store, place.name, 1, &segment, &count));
    if (count > 0) {
        response->next_page_token = page_token_write(ctx, &token, &list, &place);
    }
    return OK;
}

RPC_METHOD(SegmentService, ListSegments, list_segments, RPC_READ);
