/* Values of traits on profiles: as of the time of the call. */

#include "server/base/day.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/trait_message.h"
#include "server/handlers/wire.h"

static void datum_message(const struct store_trait_datum *datum, struct arena *arena,
                          Profiled__V1__TraitValue *out) {
    switch (datum->kind) {
    case STORE_TRAIT_NOTHING:
        break;
    case STORE_TRAIT_TEXT:
        out->value_case = PROFILED__V1__TRAIT_VALUE__VALUE_TEXT;
        out->text = wire_string(datum->text);
        out->text_cut = datum->is_cut;
        break;
    case STORE_TRAIT_NUMBER:
        out->value_case = PROFILED__V1__TRAIT_VALUE__VALUE_NUMBER;
        out->number = datum->number;
        break;
    case STORE_TRAIT_TIME:
        out->value_case = PROFILED__V1__TRAIT_VALUE__VALUE_TIME;
        out->time = wire_time(datum->time_us, arena);
        break;
    }
}

static Profiled__V1__TraitValue *value_message(const struct store_trait *trait,
                                               const struct store_trait_value *value,
                                               bool is_counting, struct arena *arena) {
    Profiled__V1__TraitValue *message = arena_alloc(arena, sizeof *message);
    profiled__v1__trait_value__init(message);
    datum_message(&value->datum, arena, message);
    message->count = value->count;
    message->backfilling = !trait->ready || (trait->window_days > 0 && is_counting);
    message->left_out_count = value->left_out;
    if (value->count > 0 &&
        (trait->aggregation == STORE_TRAIT_FIRST || trait->aggregation == STORE_TRAIT_LAST)) {
        message->occur_time = wire_time(value->occur_us, arena);
    }
    return message;
}

/* A person without interactions has no states: none is looked for. */
struct status trait_values_message(struct rpc_context *ctx, const struct profile *profile,
                                   Profiled__V1__Profile *out) {
    const struct store_traits *traits = NULL;
    TRY(store_traits_get(ctx->store, &traits));
    size_t member_count = 0;
    const struct id *members = profile_member_ids(profile, ctx->arena, &member_count);
    const size_t counted = out->interaction_summary->count == 0 ? 0 : member_count;
    const int32_t today = day_of(ctx->now_us);
    out->n_traits = traits->count;
    out->traits = arena_array(ctx->arena, traits->count, sizeof *out->traits);
    for (size_t i = 0; i < traits->count; i++) {
        struct store_trait_value value;
        TRY(store_trait_value_get(ctx->store, &traits->items[i], members, counted, today, &value));
        Profiled__V1__Profile__TraitsEntry *entry = arena_alloc(ctx->arena, sizeof *entry);
        profiled__v1__profile__traits_entry__init(entry);
        entry->key = wire_string(traits->items[i].name);
        entry->value = value_message(&traits->items[i], &value,
                                     out->interaction_summary->backfilling, ctx->arena);
        out->traits[i] = entry;
    }
    return OK;
}
