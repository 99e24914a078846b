/* What is kept of a profile besides decisions and merges. Nothing logs what somebody does by hand;
 * it is told by what it left: an identity that no record told, a value with the time at which it
 * was set, a pair that is never to be one. What nobody has done yet is told by the open reviews. */

#include "server/handlers/explained_message.h"

#include <stdlib.h>
#include <string.h>

#include "server/handlers/merge_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_attributes.h"
#include "server/handlers/review_message.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute.h"
#include "server/identity/match_value.h"

enum {
    NEVER_JOINS_MAX = 1000, /* Pairs in one answer. */
    REVIEWS_MAX = 100,      /* Reviews in one answer, the latest. */
};

/* ---- identities ---- */

/* The match value of now: both may have been written under other rules. */
static const char *match_now(const struct identity_rules *rules, const char *type,
                             const char *canonical, struct arena *arena) {
    const struct identity_type *known = identity_rules_find(rules, type);
    return known == NULL ? canonical : identity_match_value(known, canonical, arena);
}

static void rematch(const struct identity_rules *rules, struct record *record,
                    struct arena *arena) {
    for (size_t i = 0; i < record->identity_count; i++) {
        struct record_identity *told = &record->identities[i];
        told->match = match_now(rules, told->type, told->canonical, arena);
    }
}

static bool is_told(const struct record *record, const struct profile_identity *identity,
                    const char *match) {
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *told = &record->identities[i];
        if (strcmp(told->type, identity->type) == 0 &&
            (profile_identity_is_told_as(identity, told->canonical) ||
             strcmp(told->match, match) == 0)) {
            return true;
        }
    }
    return false;
}

/* The member whose own state has it: the one by which it is active, unless that one has the number
 * only as another type of its family. */
static struct id member_with(const struct members *members,
                             const struct profile_identity *identity) {
    const struct profile *found = NULL;
    for (size_t i = 0; i < members->count; i++) {
        const struct profile *item = members->items[i];
        const bool has = profile_identity_find(item, identity->type, identity->canonical,
                                               identity->match) != NULL;
        if (has && (found == NULL || id_equal(item->id, identity->origin))) {
            found = item;
        }
    }
    return found == NULL ? identity->origin : found->id;
}

static Profiled__V1__ExplainedIdentity *
explained_identity(const struct identity_rules *rules, const struct profile_identity *identity,
                   struct id member, Profiled__V1__ExplainedDecision *const *decisions,
                   const struct record *records, size_t count, struct arena *arena) {
    Profiled__V1__ExplainedIdentity *message = arena_alloc(arena, sizeof *message);
    profiled__v1__explained_identity__init(message);
    message->identity = profile_identity_message(identity, arena);
    message->member_id = wire_id(member, arena);
    message->decision_ids = arena_array(arena, count, sizeof *message->decision_ids);
    const char *match = match_now(rules, identity->type, identity->canonical, arena);
    for (size_t i = 0; i < count; i++) {
        if (is_told(&records[i], identity, match)) {
            message->decision_ids[message->n_decision_ids++] = decisions[i]->id;
        }
    }
    return message;
}

void explained_identities(struct rpc_context *ctx, const struct identity_rules *rules,
                          const struct profile *profile, const struct members *members,
                          Profiled__V1__ExplainedDecision *const *decisions, struct record *records,
                          size_t count, Profiled__V1__ExplainProfileResponse *response) {
    for (size_t i = 0; i < count; i++) {
        rematch(rules, &records[i], ctx->arena);
    }
    response->identities =
        arena_array(ctx->arena, profile->identity_count, sizeof *response->identities);
    struct id *of = arena_array(ctx->arena, profile->identity_count, sizeof *of);
    for (size_t i = 0; i < profile->identity_count; i++) {
        of[i] = member_with(members, &profile->identities[i]);
    }
    for (size_t i = 0; i < members->count; i++) {
        for (size_t k = 0; k < profile->identity_count; k++) {
            if (id_equal(of[k], members->items[i]->id)) {
                response->identities[response->n_identities++] = explained_identity(
                    rules, &profile->identities[k], of[k], decisions, records, count, ctx->arena);
            }
        }
    }
}

/* ---- values ---- */

static Profiled__V1__HandSetValue *hand_set_value(const char *field, struct id member,
                                                  int64_t set_us, struct arena *arena) {
    Profiled__V1__HandSetValue *message = arena_alloc(arena, sizeof *message);
    profiled__v1__hand_set_value__init(message);
    message->field = wire_string(field);
    message->member_id = wire_id(member, arena);
    message->set_time = wire_time(set_us, arena);
    return message;
}

static void tell_name(struct rpc_context *ctx, const struct profile *profile,
                      const struct members *members,
                      Profiled__V1__ExplainProfileResponse *response) {
    for (size_t i = 0; i < members->count; i++) {
        const struct profile *member = members->items[i];
        if (member->name_force_us == profile->name_force_us &&
            strcmp(member->name, profile->name) == 0) {
            Profiled__V1__HandSetValue *message =
                hand_set_value("name", member->id, profile->name_force_us, ctx->arena);
            message->text = wire_string(profile->name);
            message->source = wire_string(profile->name_source);
            response->hand_set_values[response->n_hand_set_values++] = message;
            return;
        }
    }
}

/* The time at which the attribute was last taken away, and from whom; 0 when it was not. */
static int64_t find_cleared(const struct members *members, const char *name, struct id *member) {
    int64_t clear_us = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct profile_attribute *own = profile_attribute_find(members->items[i], name);
        if (own != NULL && own->value[0] == '\0' && own->force_us > clear_us) {
            clear_us = own->force_us;
            *member = members->items[i]->id;
        }
    }
    return clear_us;
}

static void tell_attribute(struct rpc_context *ctx, const struct profile *profile,
                           const struct members *members, const char *name,
                           Profiled__V1__ExplainProfileResponse *response) {
    const struct profile_attribute *there = profile_attribute_find(profile, name);
    const bool has_value = there != NULL && there->value[0] != '\0';
    struct id member = has_value ? there->origin : profile->id;
    const int64_t set_us = has_value ? there->force_us : find_cleared(members, name, &member);
    if (set_us == 0) {
        return;
    }
    Profiled__V1__HandSetValue *message =
        hand_set_value(arena_format(ctx->arena, "attributes.%s", name), member, set_us, ctx->arena);
    if (has_value) {
        message->text = wire_string(attribute_value_text(there->form, there->value, ctx->arena));
        message->source = wire_string(there->source);
    }
    response->hand_set_values[response->n_hand_set_values++] = message;
}

static int by_field(const void *a, const void *b) {
    const Profiled__V1__HandSetValue *const *left = a;
    const Profiled__V1__HandSetValue *const *right = b;
    return strcmp((*left)->field, (*right)->field);
}

/* Whether no member before has an attribute of this name. */
static bool is_first(const struct members *members, size_t member, const char *name) {
    for (size_t i = 0; i < member; i++) {
        if (profile_attribute_find(members->items[i], name) != NULL) {
            return false;
        }
    }
    return true;
}

void explained_hand_set_values(struct rpc_context *ctx, const struct profile *profile,
                               const struct members *members,
                               Profiled__V1__ExplainProfileResponse *response) {
    size_t room = 1;
    for (size_t i = 0; i < members->count; i++) {
        room += members->items[i]->attribute_count;
    }
    response->hand_set_values = arena_array(ctx->arena, room, sizeof *response->hand_set_values);
    if (profile->name_force_us != 0) {
        tell_name(ctx, profile, members, response);
    }
    const size_t named = response->n_hand_set_values;
    for (size_t i = 0; i < members->count; i++) {
        for (size_t k = 0; k < members->items[i]->attribute_count; k++) {
            const char *name = members->items[i]->attributes[k].name;
            if (!members->items[i]->attributes[k].replaced && is_first(members, i, name)) {
                tell_attribute(ctx, profile, members, name, response);
            }
        }
    }
    qsort(response->hand_set_values + named, response->n_hand_set_values - named,
          sizeof *response->hand_set_values, by_field);
}

/* ---- pairs ---- */

struct status explained_never_joins(struct rpc_context *ctx, const struct members *members,
                                    Profiled__V1__ExplainProfileResponse *response) {
    response->never_joins = arena_array(ctx->arena, NEVER_JOINS_MAX, sizeof *response->never_joins);
    for (size_t i = 0; i < members->count; i++) {
        const struct profile *member = members->items[i];
        for (size_t k = 0; k < member->apart_count; k++) {
            if (response->n_never_joins == NEVER_JOINS_MAX) {
                return OK;
            }
            bool found = false;
            struct store_never_join never;
            TRY(store_never_join_get(ctx->store, member->id, member->apart[k], &found, &never));
            if (found) {
                response->never_joins[response->n_never_joins++] =
                    never_join_message(&never, ctx->arena);
            }
        }
    }
    return OK;
}

/* ---- reviews ---- */

struct status explained_open_reviews(struct rpc_context *ctx, const struct id *members,
                                     size_t member_count,
                                     Profiled__V1__ExplainProfileResponse *response) {
    struct store_review_place places[REVIEWS_MAX];
    size_t count = 0;
    struct review_telling telling = {.has_profiles = false};
    TRY(identity_rules_read(ctx->store, &telling.rules));
    TRY(store_review_scan(ctx->store, STORE_REVIEWS_OPEN, members, member_count, (struct id){{0}},
                          REVIEWS_MAX, places, &count));
    response->open_reviews = arena_array(ctx->arena, count, sizeof *response->open_reviews);
    for (size_t i = 0; i < count; i++) {
        Profiled__V1__Review *message = NULL;
        TRY(review_message_at(ctx, &telling, &places[i], &message));
        if (review_message_is_open(message)) {
            response->open_reviews[response->n_open_reviews++] = message;
        }
    }
    return OK;
}
