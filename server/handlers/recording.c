/* Recording one interaction. It is stored under the profile that its identity came to first, also
 * when that one was merged away since: so a merge can be undone with everybody's own. */

#include "server/handlers/recording.h"

#include <assert.h>
#include <string.h>

#include "server/handlers/decision_message.h"
#include "server/handlers/interaction_contacts.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/link.h"
#include "server/store/interaction_part.h"

/* Whose it is: the profile that answers, and the one to store it under. */
struct subject {
    const struct profile *profile;
    struct id stored_under;
    struct id decision_id;
    Profiled__V1__Decision *decision;
    size_t identity_count; /* Of a profile that was named. */
    Profiled__V1__IdentityDecision **identities;
};

/* What the interaction itself tells of a profile that is named is linked to it, as LinkIdentity
 * does, where nothing speaks against it. */
static struct status subject_by_id(struct rpc_context *ctx, const struct resolve_context *resolve,
                                   const struct interaction_item *item, struct subject *out) {
    const struct profile *profile = NULL;
    struct identity_decision *decisions = NULL;
    TRY(profile_find(ctx, item->profile, false, &profile));
    TRY(identities_link(resolve, profile, item->profile, &item->record, &decisions, &out->profile));
    out->stored_under = item->profile;
    out->identity_count = item->record.identity_count;
    out->identities = identity_decision_messages(decisions, out->identity_count, ctx->arena);
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

struct status recording_begin(struct rpc_context *ctx, const char *method, struct recording *out) {
    *out = (struct recording){
        .resolve = {
            .view = ctx->store, .random = ctx->random, .now_us = ctx->now_us, .method = method}};
    out->channels = arena_alloc(ctx->arena, sizeof *out->channels);
    TRY(channels_read(ctx->store, out->channels));
    TRY(identity_rules_read(ctx->store, &out->resolve.rules));
    TRY(attribute_rules_read(ctx->store, &out->resolve.attributes));
    TRY(store_retention_get(ctx->store, &out->retention));
    return themes_read(ctx->store, &out->themes);
}

/* A channel is kept by its name. */
static const struct channel *settle_channel(const struct recording *recording,
                                            Stored__V1__Engagement *engagement,
                                            struct field_errors *errors) {
    const struct channel_choice choice = channels_choose(recording->channels, engagement->channel);
    engagement->channel = wire_string(choice.name);
    if (choice.error != NULL) {
        field_errors_add(errors, choice.error, "interaction.engagement.channel");
    }
    return choice.channel;
}

/* And so is a theme. */
static void settle_theme(const struct recording *recording, Stored__V1__Engagement *engagement,
                         struct field_errors *errors) {
    const struct theme_choice choice =
        themes_choose(&recording->themes, engagement->theme, engagement->sub_theme, errors->arena);
    engagement->theme = wire_string(choice.theme);
    engagement->sub_theme = wire_string(choice.sub_theme);
    if (choice.theme_error != NULL) {
        field_errors_add(errors, choice.theme_error, "interaction.engagement.theme");
    }
    if (choice.sub_theme_error != NULL) {
        field_errors_add(errors, choice.sub_theme_error, "interaction.engagement.sub_theme");
    }
}

struct status interaction_settle(const struct recording *recording, struct interaction_item *item,
                                 struct field_errors *errors) {
    const struct resolve_context *resolve = &recording->resolve;
    const struct channel *channel = NULL;
    if (item->stored.payload_case == STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT) {
        channel = settle_channel(recording, item->stored.engagement, errors);
        settle_theme(recording, item->stored.engagement, errors);
    }
    struct field_errors inner = {.arena = errors->arena};
    interaction_contacts_settle(resolve->rules, channel, item, errors);
    TRY(record_settle_all(resolve->view, resolve->rules, resolve->attributes, resolve->now_us,
                          &item->record, &inner));
    for (size_t i = 0; i < inner.count; i++) {
        field_errors_add(errors, inner.items[i].description, "%s",
                         interaction_identity_path(item, inner.items[i].field, errors->arena));
    }
    return OK;
}

/* The next sweep would take it away. */
static bool is_expired(const struct rpc_context *ctx, const struct recording *recording,
                       const struct interaction_item *item) {
    const enum store_kind kind = interaction_kind(&item->stored);
    return item->occur_us != WIRE_TIME_UNSET &&
           item->occur_us < store_retention_until(&recording->retention, kind, ctx->now_us);
}

struct status interaction_record(struct rpc_context *ctx, const struct recording *recording,
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
    if (is_expired(ctx, recording, item)) {
        response->expired = true;
        return OK;
    }
    struct subject subject = {0};
    TRY(item->by_id ? subject_by_id(ctx, &recording->resolve, item, &subject)
                    : subject_by_record(ctx, &recording->resolve, &item->record, &subject));
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
    response->interaction_id = wire_id(interaction.id, ctx->arena);
    response->profile_id = wire_id(subject.profile->id, ctx->arena);
    response->decision = subject.decision;
    response->n_identities = subject.identity_count;
    response->identities = subject.identities;
    return OK;
}

void interaction_try_read(struct rpc_context *ctx, size_t index,
                          const Profiled__V1__InteractionRecord *message,
                          const struct interaction_defaults *defaults,
                          struct interaction_try *out) {
    const char *bad_text = rpc_bad_text(ctx, index);
    *out = (struct interaction_try){.errors.arena = ctx->arena};
    if (message == NULL || bad_text != NULL) {
        out->item.by_id = true; /* There is no record to settle. */
        field_errors_add(&out->errors, message == NULL ? "is required" : RPC_BAD_TEXT, "%s",
                         message == NULL ? "interaction_record" : bad_text);
        return;
    }
    interaction_record_read(message, defaults, &out->errors, &out->item);
}

struct status interaction_try_record(struct rpc_context *ctx, const struct recording *recording,
                                     struct interaction_try *one,
                                     Profiled__V1__InteractionVerdict **out) {
    Profiled__V1__InteractionVerdict *verdict = arena_alloc(ctx->arena, sizeof *verdict);
    profiled__v1__interaction_verdict__init(verdict);
    *out = verdict;
    TRY(rpc_memory_check(ctx)); /* Of the one before: a person's traits may be large. */
    TRY(interaction_settle(recording, &one->item, &one->errors));
    if (one->errors.count == 0) {
        Profiled__V1__RecordInteractionResponse *recorded =
            arena_alloc(ctx->arena, sizeof *recorded);
        profiled__v1__record_interaction_response__init(recorded);
        const struct status status = interaction_record(ctx, recording, &one->item, recorded);
        if (status_is_ok(status)) {
            verdict->recorded = recorded;
            return OK;
        }
        if (status.reason != REASON_PROFILE_NOT_FOUND) {
            return status; /* Not this one's fault. */
        }
        field_errors_add(&one->errors, status.text, "profile_id");
    }
    verdict->n_errors = one->errors.count;
    verdict->errors = field_errors_message(&one->errors, ctx->arena);
    return OK;
}
