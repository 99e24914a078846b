/* Recording one interaction. It is stored under the profile that its identity came to first, also
 * when that one was merged away since: so a merge can be undone with everybody's own. */

#include "server/handlers/recording.h"

#include <assert.h>
#include <string.h>

#include "server/handlers/decision_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"

/* Whose it is: the profile that answers, and the one to store it under. */
struct subject {
    const struct profile *profile;
    struct id stored_under;
    Profiled__V1__Decision *decision;
};

static struct status subject_by_id(struct rpc_context *ctx, struct id id, struct subject *out) {
    TRY(profile_find(ctx, id, false, &out->profile));
    out->stored_under = id;
    return OK;
}

static struct status subject_by_record(struct rpc_context *ctx,
                                       const struct resolve_context *resolve,
                                       const struct record *record, struct subject *out) {
    struct decision decision;
    TRY(record_resolve(resolve, record, &decision));
    TRY(store_profile_get(ctx->store, decision.profile, &out->profile));
    out->stored_under = decision.member;
    out->decision = decision_message(&decision, ctx->arena);
    return OK;
}

static void count_label(struct store_summary *summary, uint32_t kind, const char *label,
                        struct arena *arena) {
    if (label[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < summary->label_count; i++) {
        if (summary->labels[i].kind == kind && strcmp(summary->labels[i].label, label) == 0) {
            summary->labels[i].count++;
            return;
        }
    }
    summary->labels =
        arena_append(arena, summary->labels, summary->label_count, sizeof *summary->labels);
    summary->labels[summary->label_count++] = (struct store_label_count){kind, label, 1};
}

static struct status count_interaction(struct rpc_context *ctx, const struct interaction_item *item,
                                       const struct store_interaction *interaction) {
    struct store_summary summary;
    TRY(store_summary_get(ctx->store, interaction->profile, &summary));
    const bool first = summary.count == 0;
    summary.count++;
    if (first || interaction->occur_us < summary.first_us) {
        summary.first_us = interaction->occur_us;
    }
    if (first || interaction->occur_us > summary.last_us) {
        summary.last_us = interaction->occur_us;
    }
    struct arena *arena = store_view_arena(ctx->store);
    count_label(&summary, STORE_LABEL_CHANNEL, item->channel, arena);
    count_label(&summary, STORE_LABEL_THEME, item->theme, arena);
    count_label(&summary, STORE_LABEL_SENTIMENT, item->sentiment, arena);
    return store_summary_put(ctx->store, interaction->profile, &summary);
}

static struct status answer_repeated(struct rpc_context *ctx, struct id stored_under,
                                     struct id interaction,
                                     Profiled__V1__RecordInteractionResponse *response) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(ctx->store, stored_under, &profile));
    response->interaction_id = wire_id(interaction, ctx->arena);
    response->profile_id = wire_id(profile == NULL ? stored_under : profile->id, ctx->arena);
    response->repeated_event = true;
    return OK;
}

void interaction_settle(struct rpc_context *ctx, const struct identity_rules *rules,
                        struct interaction_item *item, struct field_errors *errors) {
    if (item->by_id) {
        return;
    }
    struct field_errors inner = {.arena = errors->arena};
    record_settle(&item->record, ctx->now_us);
    record_identities_settle(&item->record, rules, &inner);
    for (size_t i = 0; i < inner.count; i++) {
        field_errors_add(errors, inner.items[i].description, "record.%s", inner.items[i].field);
    }
}

struct status interaction_record(struct rpc_context *ctx, const struct resolve_context *resolve,
                                 struct interaction_item *item,
                                 Profiled__V1__RecordInteractionResponse *response) {
    if (item->event_id[0] != '\0') {
        bool found = false;
        struct id stored_under;
        struct id interaction;
        TRY(store_event_get(ctx->store, item->source, item->event_id, &found, &stored_under,
                            &interaction));
        if (found) {
            return answer_repeated(ctx, stored_under, interaction, response);
        }
    }
    struct subject subject = {0};
    TRY(item->by_id ? subject_by_id(ctx, item->profile, &subject)
                    : subject_by_record(ctx, resolve, &item->record, &subject));
    item->stored.record_us = (uint64_t)ctx->now_us;
    const struct store_interaction interaction = {
        .profile = subject.stored_under,
        .id = id_make(ctx->now_us + store_view_tick(ctx->store), ctx->random),
        .occur_us = item->occur_us == WIRE_TIME_UNSET ? ctx->now_us : item->occur_us,
        .packed = store_pack(store_view_arena(ctx->store), &item->stored.base),
    };
    TRY(store_interaction_put(ctx->store, &interaction));
    TRY(count_interaction(ctx, item, &interaction));
    if (item->event_id[0] != '\0') {
        TRY(store_event_put(ctx->store, item->source, item->event_id, &interaction));
    }
    response->interaction_id = wire_id(interaction.id, ctx->arena);
    response->profile_id = wire_id(subject.profile->id, ctx->arena);
    response->decision = subject.decision;
    return OK;
}
