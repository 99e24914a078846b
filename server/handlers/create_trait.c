/* CreateTrait: one value more that every profile has. */

#include <string.h>

#include "server/handlers/trait_message.h"
#include "server/interaction/channels.h"
#include "server/interaction/themes.h"
#include "server/rpc/method.h"

static void create_trait_check(struct rpc_context *ctx,
                               const Profiled__V1__CreateTraitRequest *request) {
    if (request->trait == NULL) {
        rpc_violation(ctx, "is required", "trait");
        return;
    }
    struct store_trait *trait = arena_alloc(ctx->arena, sizeof *trait);
    trait_read(ctx, request->trait, trait);
    ctx->prepared = trait;
}

/* Interactions have channels and themes by their names, whatever they were told by. */
static struct status settle_channel(struct rpc_context *ctx, struct store_trait_filter *filter) {
    struct channels channels;
    TRY(channels_read(ctx->store, &channels));
    const struct channel_choice choice = channels_choose(&channels, filter->channel);
    filter->channel = choice.name;
    if (choice.error != NULL && choice.channel == NULL &&
        strcmp(choice.name, CHANNEL_OF_SURVEYS) != 0) {
        rpc_violation(ctx, choice.error, "trait.filter.channel");
    }
    return OK;
}

static struct status settle_themes(struct rpc_context *ctx, struct store_trait_filter *filter) {
    struct themes themes;
    TRY(themes_read(ctx->store, &themes));
    const struct theme_choice choice =
        themes_choose(&themes, filter->theme, filter->sub_theme, ctx->arena);
    filter->theme = choice.theme;
    filter->sub_theme = choice.sub_theme;
    if (themes.count > 0 && filter->theme[0] != '\0' &&
        themes_find(&themes, filter->theme) == NULL) {
        rpc_violation(ctx, choice.theme_error, "trait.filter.theme");
    }
    return OK;
}

static struct status create_trait(struct rpc_context *ctx,
                                  const Profiled__V1__CreateTraitRequest *request,
                                  Profiled__V1__CreateTraitResponse *response) {
    (void)request; /* The check has read it. */
    struct store_trait trait = *(const struct store_trait *)ctx->prepared;
    const struct store_traits *traits = NULL;
    size_t place = 0;
    TRY(settle_channel(ctx, &trait.filter));
    TRY(settle_themes(ctx, &trait.filter));
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    TRY(store_traits_get(ctx->store, &traits));
    if (status_is_ok(trait_find(traits, trait.name, &place))) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_TRAIT_EXISTS,
                         "there is a trait of this name");
    }
    if (traits->count >= STORE_TRAITS_MAX || traits->gone_count >= STORE_TRAITS_MAX) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", STORE_TRAITS_MAX));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_RULES_INVALID,
                         "the workspace has, or has just deleted, as many traits as it may");
    }
    TRY(store_trait_add(ctx->store, &trait, ctx->now_us));
    response->trait = trait_message(&trait, ctx->arena);
    return OK;
}

RPC_METHOD(SchemaService, CreateTrait, create_trait, RPC_WRITE);
