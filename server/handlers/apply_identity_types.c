/* ApplyIdentityTypes: the present rules for profiles that are there already, a page a call, and
 * from the oldest profile again until nothing changes: what becomes of one may lean on what became
 * of a younger one. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_types_effect.h"
#include "server/handlers/page_token.h"
#include "server/handlers/profile_rows.h"
#include "server/identity/reapply.h"
#include "server/rpc/method.h"

enum {
    PROFILES_DEFAULT = 200,
    PROFILES_MAX = 1000,
    PASSES_MAX = 8,       /* Ways through all profiles. */
    ARENA_MAX = 32 << 20, /* Bytes after which a page ends: half of what a call may have. */
};

/* Under which rules, how far, and behind which profile the page begins. */
struct place {
    uint64_t rule_version;
    int64_t looked_at;   /* Profiles that answered for themselves, on the first way. */
    int64_t begin_us;    /* When the first page was asked for. */
    struct id last;      /* Zero: at the oldest. */
    uint32_t pass;       /* The way, from 1 on. */
    uint32_t is_changed; /* 1: it changed something. */
    struct profile_rows rows;
};

static const struct page_token token = {
    .purpose = "ApplyIdentityTypes",
    .place_size = sizeof(struct place),
    .of_another = "the page token is of another server",
};

static void apply_identity_types_check(struct rpc_context *ctx,
                                       const Profiled__V1__ApplyIdentityTypesRequest *request) {
    if (request->max_profiles < 0 || request->max_profiles > PROFILES_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000, or 0 for 200", "max_profiles");
    }
}

static struct status place_read(struct rpc_context *ctx, const char *text,
                                const struct identity_rules *rules, struct place *out) {
    *out = (struct place){.rule_version = rules->version, .begin_us = ctx->now_us, .pass = 1};
    TRY(page_token_read(ctx, &token, text, NULL, out));
    return out->rule_version == rules->version
               ? OK
               : status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                           "the identity types have changed since the page before: begin again");
}

/* Puts the rows under the rules; a page that takes much memory ends before its last row. */
static struct status run_page(struct rpc_context *ctx, const struct reapply_context *context,
                              struct reapply_page *page, struct place *place,
                              Profiled__V1__IdentityTypesEffect *effect) {
    const size_t used = ctx->arena->used;
    for (size_t i = 0; i < page->count; i++) {
        if (i > 0 && ctx->arena->used - used > ARENA_MAX) {
            page->more = true;
            return OK;
        }
        struct reapply_outcome outcome;
        TRY(reapply_row_run(context, &page->rows[i], &outcome));
        identity_types_effect_add(effect, &outcome);
        place->last = page->rows[i].id;
        place->rows.looked_at++;
    }
    return OK;
}

/* What effects count is added up by the caller: who is there, and who is left whole, counts once.
 */
static void count_once(const struct place *place, Profiled__V1__IdentityTypesEffect *effect) {
    if (place->pass > 1) {
        effect->profile_count = 0;
        effect->unjudged_count = 0;
    }
}

/* Moves the place behind the page. False when all is done: a way through all profiles changed
 * nothing, or was the last that there may be. */
static bool place_move(const struct reapply_page *page,
                       const Profiled__V1__IdentityTypesEffect *effect, struct place *place) {
    place->looked_at += effect->profile_count;
    place->is_changed = place->is_changed == 1 || effect->changed_count > 0;
    if (page->more) {
        return true;
    }
    if (place->is_changed == 0 || place->pass == PASSES_MAX) {
        return false;
    }
    place->pass++;
    place->is_changed = 0;
    place->last = (struct id){{0}};
    place->rows.looked_at = 0;
    return true;
}

static struct status apply_identity_types(struct rpc_context *ctx,
                                          const Profiled__V1__ApplyIdentityTypesRequest *request,
                                          Profiled__V1__ApplyIdentityTypesResponse *response) {
    struct reapply_context context = {.random = ctx->random};
    TRY(members_context_read(ctx->store, ctx->now_us, &context.members));
    struct place place;
    TRY(place_read(ctx, request->page_token, context.members.rules, &place));
    struct store_cursor cursor = {.set = !id_is_zero(place.last), .id = place.last};
    const size_t max =
        request->max_profiles == 0 ? PROFILES_DEFAULT : (size_t)request->max_profiles;
    struct reapply_page page;
    context.begin_us = place.begin_us;
    TRY(reapply_page_read(&context, &cursor, max, &page));
    bool whole = false;
    TRY(profile_rows_count(ctx->store, &place.rows, &whole));
    Profiled__V1__IdentityTypesEffect *effect = arena_alloc(ctx->arena, sizeof *effect);
    profiled__v1__identity_types_effect__init(effect);
    TRY(run_page(ctx, &context, &page, &place, effect));
    count_once(&place, effect);
    response->effect = effect;
    response->pass = (int32_t)place.pass;
    response->progress = profile_rows_message(&place.rows, whole, ctx->arena);
    response->done = !place_move(&page, effect, &place);
    response->total_profile_count = place.looked_at;
    response->rule_version = (int64_t)place.rule_version;
    if (!response->done) {
        response->next_page_token = page_token_write(ctx, &token, NULL, &place);
    }
    return OK;
}

RPC_METHOD(IdentityService, ApplyIdentityTypes, apply_identity_types, RPC_WRITE);
