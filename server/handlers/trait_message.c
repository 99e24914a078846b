/* Traits between the wire, their checks, and the workspace's. */

#include "server/handlers/trait_message.h"

#include <string.h>

#include "server/handlers/wire.h"
#include "server/identity/text.h"
#include "server/interaction/themes.h"

enum {
    DESCRIPTION_LENGTH_MAX = 128,
    PROPERTY_SIZE_MAX = 64,
    QUESTION_SIZE_MAX = 128,
};

/* ---- reading ---- */

static bool is_of_number(enum store_trait_aggregation aggregation) {
    return aggregation == STORE_TRAIT_SUM || aggregation == STORE_TRAIT_MIN ||
           aggregation == STORE_TRAIT_MAX || aggregation == STORE_TRAIT_AVERAGE;
}

static bool may_be_number(enum store_trait_field field) {
    return field == STORE_TRAIT_AMOUNT || field == STORE_TRAIT_PROPERTY ||
           field == STORE_TRAIT_ANSWER || field == STORE_TRAIT_SENTIMENT_SCORE;
}

static void check_enum(struct rpc_context *ctx, int value, int min, int max, const char *path) {
    if (value < min || value > max) {
        rpc_violation(ctx,
                      min > 0 ? "is required, and must be one that this server knows"
                              : "must be one that this server knows",
                      "%s", path);
    }
}

void trait_description_read(struct rpc_context *ctx, const char *given, struct store_trait *out) {
    out->description = "";
    if (given[0] == '\0') {
        return;
    }
    const struct status status =
        text_clean_line(given, DESCRIPTION_LENGTH_MAX, ctx->arena, &out->description);
    if (!status_is_ok(status)) {
        rpc_violation(ctx, status.text, "trait.description");
    }
}

static void check_field(struct rpc_context *ctx, const struct store_trait *trait) {
    const bool is_count = trait->aggregation == STORE_TRAIT_COUNT;
    const bool is_named =
        trait->field == STORE_TRAIT_PROPERTY || trait->field == STORE_TRAIT_ANSWER;
    if (is_count && trait->field != STORE_TRAIT_NO_FIELD) {
        rpc_violation(ctx, "must not be set: interactions are counted", "trait.field");
    } else if (!is_count && trait->field == STORE_TRAIT_NO_FIELD) {
        rpc_violation(ctx, "is required", "trait.field");
    } else if (is_of_number(trait->aggregation) && !may_be_number(trait->field)) {
        rpc_violation(ctx, "must be one that may be a number", "trait.field");
    }
    if (is_named && trait->field_name[0] == '\0') {
        rpc_violation(ctx, "is required", "trait.field_name");
    } else if (!is_named && trait->field_name[0] != '\0') {
        rpc_violation(ctx, "is only for a property or an answer", "trait.field_name");
    }
    const bool is_property = trait->field == STORE_TRAIT_PROPERTY;
    if (strlen(trait->field_name) > (is_property ? PROPERTY_SIZE_MAX : QUESTION_SIZE_MAX)) {
        rpc_violation(ctx, is_property ? "is longer than 64 bytes" : "is longer than 128 bytes",
                      "trait.field_name");
    }
}

void trait_read(struct rpc_context *ctx, const Profiled__V1__TraitDefinition *message,
                struct store_trait *out) {
    *out = (struct store_trait){
        .name = message->name,
        .aggregation = (enum store_trait_aggregation)message->aggregation,
        .field = (enum store_trait_field)message->field,
        .field_name = message->field_name,
        .filter = message->filter,
        .window_days = message->window_days,
    };
    if (!term_name_is_good(message->name)) {
        rpc_violation(ctx, "must be a letter of a-z or a digit, then up to 63 of a-z, 0-9 and _",
                      "trait.name");
    }
    trait_description_read(ctx, message->description, out);
    check_enum(ctx, (int)message->aggregation, STORE_TRAIT_COUNT, STORE_TRAIT_DISTINCT_COUNT,
               "trait.aggregation");
    check_enum(ctx, (int)message->field, STORE_TRAIT_NO_FIELD, STORE_TRAIT_SOURCE, "trait.field");
    check_field(ctx, out);
    if (message->window_days < 0 || message->window_days > STORE_TRAIT_WINDOW_DAYS_MAX) {
        rpc_violation(ctx, "must be 1 to 366, or 0 for all time", "trait.window_days");
    }
}

struct status trait_find(const struct store_traits *traits, const char *name, size_t *out) {
    for (size_t i = 0; i < traits->count; i++) {
        if (strcmp(traits->items[i].name, name) == 0) {
            *out = i;
            return OK;
        }
    }
    return status_of(STATUS_NOT_FOUND, REASON_TRAIT_NOT_FOUND, "there is no trait of this name");
}

/* ---- writing ---- */

Profiled__V1__TraitDefinition *trait_message(const struct store_trait *trait, struct arena *arena) {
    Profiled__V1__TraitDefinition *message = arena_alloc(arena, sizeof *message);
    profiled__v1__trait_definition__init(message);
    message->name = wire_string(trait->name);
    message->description = wire_string(trait->description);
    message->aggregation = (Profiled__V1__TraitAggregation)trait->aggregation;
    message->field = (Profiled__V1__TraitField)trait->field;
    message->field_name = wire_string(trait->field_name);
    message->filter = wire_string(trait->filter);
    message->window_days = trait->window_days;
    message->ready = trait->ready;
    message->looked_at_count = trait->looked_at;
    message->interaction_count = trait->whole;
    message->create_time = wire_time(trait->create_us, arena);
    return message;
}
