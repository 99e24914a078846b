/* Recording one interaction. It is stored under the profile that its identity came to first, also
 * when that one was merged away since: so a merge can be undone with everybody's own. */

#include "server/handlers/recording.h"

#include <assert.h>
#include <string.h>

#include "server/handlers/decision_message.h"
#include "server/handlers/interaction_contacts.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"

/* Whose it is: the profile that answers, and the one to store it under. */
struct subject {
    const struct profile *profile;
    struct id stored_under;
    struct id decision_id;
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
    out->decision_id = decision.id;
    out->decision = decision_message(&decision, ctx->arena);
    return OK;
}

static struct status count_interaction(struct store_view *view,
                                       const struct store_interaction *interaction) {
    struct store_summary summary;
    TRY(store_summary_get(view, interaction->profile, &summary));
    TRY(store_summary_add(view, &summary, interaction));
    return store_summary_put(view, interaction->profile, &summary);
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

struct status interaction_settle(const struct resolve_context *resolve,
                                 struct interaction_item *item, struct field_errors *errors) {
    if (item->by_id) {
        return OK;
    }
    struct field_errors inner = {.arena = errors->arena};
    interaction_contacts_settle(resolve->rules, item, errors);
    TRY(record_settle_all(resolve->view, resolve->rules, resolve->attributes, resolve->now_us,
                          &item->record, &inner));
    for (size_t i = 0; i < inner.count; i++) {
        field_errors_add(errors, inner.items[i].description, "record.%s", inner.items[i].field);
    }
    return OK;
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
    if (!id_is_zero(subject.decision_id)) {
        item->stored.decision =
            (ProtobufCBinaryData){ID_SIZE, subject.decision_id.bytes}; /* Packed below. */
    }
    const struct store_interaction interaction = {
        .profile = subject.stored_under,
        .id = id_make(ctx->now_us + store_view_tick(ctx->store), ctx->random),
        .occur_us = item->occur_us == WIRE_TIME_UNSET ? ctx->now_us : item->occur_us,
        .packed = store_pack(store_view_arena(ctx->store), &item->stored.base),
    };
    TRY(store_interaction_put(ctx->store, &interaction));
    TRY(count_interaction(ctx->store, &interaction));
    if (item->event_id[0] != '\0') {
        TRY(store_event_put(ctx->store, item->source, item->event_id, &interaction));
    }
    response->interaction_id = wire_id(interaction.id, ctx->arena);
    response->profile_id = wire_id(subject.profile->id, ctx->arena);
    response->decision = subject.decision;
    return OK;
}
