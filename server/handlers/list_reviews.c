/* ListReviews: the pairs that somebody is to decide on, and those that somebody has. */

#include <assert.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/review_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

#define FILTER(NAME) PROFILED__V1__REVIEW_FILTER__REVIEW_FILTER_##NAME

/* What the request names. */
struct listing {
    uint8_t lists;     /* An enum store_review_lists. */
    struct id profile; /* Zero for all. */
};

/* What the request names, the last review. */
static const struct page_token token = {
    .purpose = "ListReviews",
    .list_size = sizeof(struct listing),
    .place_size = ID_SIZE,
    .of_another = "the page token is of another list",
};

static void list_reviews_check(struct rpc_context *ctx,
                               const Profiled__V1__ListReviewsRequest *request) {
    struct listing *listing = arena_alloc(ctx->arena, sizeof *listing);
    ctx->prepared = listing;
    static const enum store_review_lists lists[] = {STORE_REVIEWS_OPEN, STORE_REVIEWS_OPEN,
                                                    STORE_REVIEWS_DECIDED, STORE_REVIEWS_ALL};
    static_assert(sizeof lists / sizeof *lists == FILTER(ALL) + 1, "one each");
    if ((int)request->state < 0 || (int)request->state > FILTER(ALL)) {
        rpc_violation(ctx, "must be one that this server knows", "state");
    } else {
        listing->lists = (uint8_t)lists[request->state];
    }
    if (request->profile_id[0] != '\0') {
        (void)wire_id_read(ctx, request->profile_id, "profile_id", &listing->profile);
    }
    wire_page_size_check(ctx, request->page_size);
}

static struct status count_dropped(struct rpc_context *ctx, const struct id *members, size_t count,
                                   int64_t *out) {
    for (size_t i = 0; i < count; i++) {
        struct store_review_count counted;
        TRY(store_review_count_get(ctx->store, members[i], &counted));
        *out += (int64_t)counted.dropped;
    }
    return OK;
}

/* Tells the reviews at these places; of open ones those that can be decided, of decided ones those
 * that are told as it. */
static struct status tell(struct rpc_context *ctx, const Profiled__V1__ListReviewsRequest *request,
                          const struct store_review_place *places, size_t count,
                          Profiled__V1__ListReviewsResponse *response) {
    const struct listing *listing = ctx->prepared;
    struct review_telling telling = {.has_profiles = request->include_profiles};
    TRY(identity_rules_read(ctx->store, &telling.rules));
    response->reviews = arena_array(ctx->arena, count, sizeof *response->reviews);
    for (size_t i = 0; i < count; i++) {
        Profiled__V1__Review *message = NULL;
        TRY(review_message_at(ctx, &telling, &places[i], &message));
        if ((listing->lists != STORE_REVIEWS_OPEN || review_message_is_open(message)) &&
            (listing->lists != STORE_REVIEWS_DECIDED || review_message_is_decided(message))) {
            response->reviews[response->n_reviews++] = message;
        }
    }
    return OK;
}

static struct status list_reviews(struct rpc_context *ctx,
                                  const Profiled__V1__ListReviewsRequest *request,
                                  Profiled__V1__ListReviewsResponse *response) {
    const struct listing *listing = ctx->prepared;
    struct id before = {{0}};
    TRY(page_token_read(ctx, &token, request->page_token, listing, &before));
    size_t member_count = 0;
    const struct id *members = NULL;
    if (!id_is_zero(listing->profile)) {
        const struct profile *profile = NULL;
        TRY(profile_find(ctx, listing->profile, true, &profile));
        members = profile_member_ids(profile, ctx->arena, &member_count);
        TRY(count_dropped(ctx, members, member_count, &response->dropped_count));
    }
    const size_t page_size = wire_page_size(request->page_size);
    struct store_review_place *places = arena_array(ctx->arena, page_size + 1, sizeof *places);
    size_t count = 0;
    TRY(store_review_scan(ctx->store, listing->lists, members, member_count, before, page_size + 1,
                          places, &count));
    if (count > page_size) { /* One more than the page: there is a next one. */
        count = page_size;
        response->next_page_token = page_token_write(ctx, &token, listing, &places[count - 1].id);
    }
    return tell(ctx, request, places, count, response);
}

RPC_METHOD(IdentityService, ListReviews, list_reviews, RPC_READ);
