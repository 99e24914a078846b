/* Profiles on the wire. */

#include "server/handlers/profile_message.h"

#include <stdlib.h>
#include <string.h>

#include "profiled/v1/identity.pb-c.h"
#include "server/handlers/interaction_summary.h"
#include "server/handlers/record_attributes.h"
#include "server/handlers/trait_message.h"
#include "server/handlers/wire.h"
#include "server/identity/completeness.h"
#include "server/identity/rules.h"

static char *etag_of(const struct profile *profile, struct arena *arena) {
    return arena_format(arena, "r%llu", (unsigned long long)profile->revision);
}

/* ---- identities and attributes ---- */

Profiled__V1__Identity *profile_identity_message(const struct profile_identity *identity,
                                                 struct arena *arena) {
    Profiled__V1__Identity *message = arena_alloc(arena, sizeof *message);
    profiled__v1__identity__init(message);
    message->type = wire_string(identity->type);
    message->value = wire_string(identity->value);
    message->canonical_value = wire_string(identity->canonical);
    message->provenance = (Profiled__V1__Provenance)identity->provenance;
    message->state = identity->rule == 0 ? PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_ACTIVE
                                         : PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_CONTACT;
    message->rule = (Profiled__V1__IdentityRule)identity->rule;
    message->source = wire_string(identity->source);
    message->first_seen_time = wire_time(identity->first_seen_us, arena);
    message->last_seen_time = wire_time(identity->last_seen_us, arena);
    return message;
}

/* The place of an identity in the order of the rules' types, active ones before contact data. */
static size_t rank_of(const struct identity_rules *rules, const struct profile_identity *identity) {
    const struct identity_type *type = identity_rules_find(rules, identity->type);
    const size_t place = type == NULL ? rules->type_count : (size_t)(type - rules->types);
    return place + (identity->rule == 0 ? 0 : rules->type_count + 1);
}

const struct profile_identity **profile_identities_in_order(const struct profile *profile,
                                                            const struct identity_rules *rules,
                                                            struct arena *arena) {
    const struct profile_identity **order =
        arena_array(arena, profile->identity_count, sizeof *order);
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        const size_t rank = rank_of(rules, identity);
        size_t at = i;
        while (at > 0 && rank_of(rules, order[at - 1]) > rank) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = identity;
    }
    return order;
}

static void identity_messages(const struct profile *profile, const struct identity_rules *rules,
                              struct arena *arena, Profiled__V1__Profile *out) {
    const struct profile_identity **order = profile_identities_in_order(profile, rules, arena);
    out->n_identities = profile->identity_count;
    out->identities = arena_array(arena, profile->identity_count, sizeof *out->identities);
    for (size_t i = 0; i < profile->identity_count; i++) {
        out->identities[i] = profile_identity_message(order[i], arena);
    }
}

static int by_name(const void *a, const void *b) {
    const Profiled__V1__Profile__AttributesEntry *const *left = a;
    const Profiled__V1__Profile__AttributesEntry *const *right = b;
    return strcmp((*left)->key, (*right)->key);
}

static void attribute_messages(const struct profile *profile, struct arena *arena,
                               Profiled__V1__Profile *out) {
    out->n_attributes = profile->attribute_count;
    out->attributes = arena_array(arena, profile->attribute_count, sizeof *out->attributes);
    for (size_t i = 0; i < profile->attribute_count; i++) {
        const struct profile_attribute *attribute = &profile->attributes[i];
        Profiled__V1__AttributeValue *value =
            attribute_value_message(attribute->form, attribute->value, arena);
        value->source = wire_string(attribute->source);
        value->observe_time = wire_time(attribute->observe_us, arena);
        Profiled__V1__Profile__AttributesEntry *entry = arena_alloc(arena, sizeof *entry);
        profiled__v1__profile__attributes_entry__init(entry);
        entry->key = wire_string(attribute->name);
        entry->value = value;
        out->attributes[i] = entry;
    }
    qsort(out->attributes, out->n_attributes, sizeof *out->attributes, by_name);
}

/* ---- the whole ---- */

struct status profile_message(struct rpc_context *ctx, const struct profile *profile,
                              Profiled__V1__Profile **out) {
    const struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &rules));
    return profile_message_by(ctx, rules, profile, out);
}

struct status profile_message_by(struct rpc_context *ctx, const struct identity_rules *rules,
                                 const struct profile *profile, Profiled__V1__Profile **out) {
    struct arena *arena = ctx->arena;
    Profiled__V1__Profile *message = arena_alloc(arena, sizeof *message);
    profiled__v1__profile__init(message);
    message->id = wire_id(profile->id, arena);
    message->name = wire_string(profile->name);
    message->name_derived = profile->name_derived;
    identity_messages(profile, rules, arena, message);
    attribute_messages(profile, arena, message);
    TRY(interaction_summary_message(ctx, profile, &message->interaction_summary));
    TRY(trait_values_message(ctx, profile, message));
    message->completeness = profile_completeness(profile);
    message->etag = etag_of(profile, arena);
    message->create_time = wire_time(profile->create_us, arena);
    message->update_time = wire_time(profile->update_us, arena);
    if (profile->delete_us != 0) {
        message->delete_time = wire_time(profile->delete_us, arena);
    }
    message->n_merged_ids = profile->absorbed_count;
    message->merged_ids = arena_array(arena, profile->absorbed_count, sizeof *message->merged_ids);
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        message->merged_ids[i] = wire_id(profile->absorbed[i], arena);
    }
    *out = message;
    return OK;
}

struct status profile_find(struct rpc_context *ctx, struct id id, bool show_deleted,
                           const struct profile **out) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(ctx->store, id, &profile));
    if (profile == NULL || (profile->delete_us != 0 && !show_deleted)) {
        return status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND,
                         profile == NULL ? "there is no profile of this id"
                                         : "the profile of this id is deleted");
    }
    *out = profile;
    return OK;
}

struct id *profile_member_ids(const struct profile *profile, struct arena *arena, size_t *count) {
    struct id *ids = arena_array(arena, profile->absorbed_count + 1, sizeof *ids);
    ids[0] = profile->id;
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        ids[i + 1] = profile->absorbed[i];
    }
    *count = profile->absorbed_count + 1;
    return ids;
}

struct status profile_etag_check(const struct profile *profile, const char *etag,
                                 struct arena *arena) {
    if (etag[0] != '\0' && strcmp(etag, etag_of(profile, arena)) != 0) {
        return status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                         "somebody else has written the profile since: read it and try again");
    }
    return OK;
}

struct status profile_conflict(struct rpc_context *ctx, struct id owner, const char *field) {
    rpc_error_metadata(ctx, "owner_id", wire_id(owner, ctx->arena));
    rpc_error_metadata(ctx, "field", field);
    return status_of(STATUS_FAILED_PRECONDITION, REASON_IDENTITY_CONFLICT,
                     "another profile has the identity");
}
