/* UpdateProfile: name and attributes, by mask. */

#include <string.h>

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_attributes.h"
#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute_words.h"
#include "server/identity/members.h"
#include "server/identity/survivorship.h"
#include "server/rpc/method.h"

/* What the check reads of an update. */
struct update {
    struct record record;  /* Name and attributes to be set. */
    bool clear_others;     /* `attributes` as a whole: those that are not set are cleared. */
    bool dialect_is_given; /* Else one that is set is that of the sub-dialect. */
    size_t unchanged_count;
    const char **unchanged; /* Attributes that are sent back as they are: see drop_unchanged(). */
};

/* What an update does to a profile, by the workspace's attributes. */
struct effect {
    size_t cleared_count;
    const struct attribute_kind **cleared;
};

static const char attributes_prefix[] = "attributes.";

static const char no_field[] =
    "is not a field that can be updated: name, attributes or attributes.NAME";

/* The NAME of a path attributes.NAME; NULL for another path. */
static const char *attribute_of_path(const char *path) {
    const size_t size = strlen(attributes_prefix);
    return strncmp(path, attributes_prefix, size) == 0 && path[size] != '\0' ? path + size : NULL;
}

static void check_mask(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask) {
    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        const char *path = mask->paths[i];
        if (strcmp(path, "name") == 0 || strcmp(path, "attributes") == 0 ||
            strcmp(path, "*") == 0) {
            continue;
        }
        if (attribute_of_path(path) != NULL) {
            continue; /* Which there are the handler knows. */
        }
        rpc_violation(ctx,
                      strncmp(path, "identities", strlen("identities")) == 0
                          ? "identities change through LinkIdentity and UnlinkIdentity"
                          : no_field,
                      "update_mask.paths[%zu]", i);
    }
}

static const char *name_of(const struct record_attribute *attribute) {
    return attribute->kind == NULL ? attribute->given->name : attribute->kind->name;
}

/* The dialect that a sub-dialect tells goes with it. */
static bool is_named(const struct update *update, const struct record_attribute *attribute,
                     const Google__Protobuf__FieldMask *mask, struct arena *arena) {
    const char *name = name_of(attribute);
    if (!update->dialect_is_given && strcmp(name, "dialect") == 0) {
        name = "sub_dialect";
    }
    return wire_mask_has(mask, arena_format(arena, "%s%s", attributes_prefix, name));
}

/* Keeps of the record what the mask names. */
static void apply_mask(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                       struct update *update) {
    if (mask == NULL || mask->n_paths == 0) {
        return; /* All that is set. */
    }
    struct record *record = &update->record;
    if (!wire_mask_has(mask, "name")) {
        record->name = "";
    } else if (record->name[0] == '\0') {
        rpc_violation(ctx, "can't be cleared", "profile.name");
    }
    update->clear_others = wire_mask_has(mask, "attributes");
    if (update->clear_others) {
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (is_named(update, &record->attributes[i], mask, ctx->arena)) {
            record->attributes[kept++] = record->attributes[i];
        }
    }
    record->attribute_count = kept;
}

/* Whether the mask names an attribute that is not built in, if there is one. */
static bool names_own(const Google__Protobuf__FieldMask *mask) {
    enum attribute built_in;
    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        const char *name = attribute_of_path(mask->paths[i]);
        if (name != NULL && !attribute_find(name, &built_in)) {
            return true;
        }
    }
    return false;
}

static bool gives(const Profiled__V1__Profile *profile, const char *name) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        if (strcmp(profile->attributes[i]->key, name) == 0) {
            return true;
        }
    }
    return false;
}

static void update_profile_check(struct rpc_context *ctx,
                                 const Profiled__V1__UpdateProfileRequest *request) {
    struct id id;
    if (request->profile == NULL) {
        rpc_violation(ctx, "is required", "profile");
        return;
    }
    (void)wire_id_read(ctx, request->profile->id, "profile.id", &id);
    check_mask(ctx, request->update_mask);
    struct field_errors errors = {.arena = ctx->arena};
    const struct record_defaults defaults = record_defaults_of(ctx);
    struct update *update = arena_alloc(ctx->arena, sizeof *update);
    /* The identities of a profile that was read and is sent back are no part of the update. */
    Profiled__V1__Profile given = *request->profile;
    given.n_identities = 0;
    record_of_profile(&given, &defaults, &errors, &update->record);
    field_errors_violate(&errors, ctx, "profile.");
    update->dialect_is_given = gives(request->profile, "dialect");
    apply_mask(ctx, request->update_mask, update);
    ctx->checks_later = record_has_waiting(&update->record) || names_own(request->update_mask);
    ctx->prepared = update;
}

/* ---- by the workspace's attributes ---- */

static bool tells(const struct update *update, const char *name) {
    for (size_t i = 0; i < update->record.attribute_count; i++) {
        if (strcmp(name_of(&update->record.attributes[i]), name) == 0) {
            return true;
        }
    }
    return wire_is_among(update->unchanged, update->unchanged_count, name);
}

static void clear(struct rpc_context *ctx, const struct attribute_rule *rule,
                  const struct profile *before, struct effect *effect) {
    const char *name = rule->kind->name;
    if ((rule->required_for & REQUIRED_FOR_CREATE) != 0 && !rule->retired &&
        profile_attribute_find(before, name) != NULL) {
        rpc_violation(ctx, "is required", "profile.attributes.%s", name);
    }
    effect->cleared[effect->cleared_count++] = rule->kind;
}

static bool somebody_has(const struct members *members, const char *name) {
    for (size_t i = 0; i < members->count; i++) {
        if (profile_attribute_find(members->items[i], name) != NULL) {
            return true;
        }
    }
    return false;
}

/* What is named, or is one of all, and is not set. Of the workspace's own of all only those that
 * there are: each leaves a mark. */
static void read_cleared(struct rpc_context *ctx, const struct attribute_rules *rules,
                         const Google__Protobuf__FieldMask *mask, const struct update *update,
                         const struct members *members, struct effect *effect) {
    const size_t paths = mask == NULL ? 0 : mask->n_paths;
    const struct profile *before = members->before[0];
    effect->cleared = arena_array(ctx->arena, rules->count + paths, sizeof *effect->cleared);
    for (size_t i = 1; update->clear_others && i < rules->count; i++) {
        const struct attribute_kind *kind = rules->rules[i].kind;
        if (!tells(update, kind->name) && (!kind->own || somebody_has(members, kind->name))) {
            clear(ctx, &rules->rules[i], before, effect);
        }
    }
    for (size_t i = 0; i < paths; i++) {
        const char *name = attribute_of_path(mask->paths[i]);
        if (name != NULL && !update->clear_others && !tells(update, name)) {
            clear(ctx, attribute_rules_find(rules, name), before, effect);
        }
    }
}

static bool is_cleared(const struct effect *effect, enum attribute attribute) {
    for (size_t i = 0; i < effect->cleared_count; i++) {
        if (effect->cleared[i] == attribute_kind_of(attribute)) {
            return true;
        }
    }
    return false;
}

/* What the profile will have of an attribute that the update does not set: NULL for nothing. */
static const char *value_left(const struct effect *effect, const struct profile *before,
                              enum attribute attribute) {
    const struct profile_attribute *there =
        profile_attribute_find(before, attribute_kind_of(attribute)->name);
    return there == NULL || is_cleared(effect, attribute) ? NULL : there->value;
}

/* An update makes dialect and sub-dialect agree: what is not set anew may not be in the way. */
static void check_dialects(struct rpc_context *ctx, const struct update *update,
                           const struct effect *effect, const struct profile *before) {
    const char *dialect = record_attribute_value(&update->record, ATTRIBUTE_DIALECT);
    const char *sub_dialect = record_attribute_value(&update->record, ATTRIBUTE_SUB_DIALECT);
    const char *dialect_left = value_left(effect, before, ATTRIBUTE_DIALECT);
    if (sub_dialect != NULL && (dialect == NULL || !update->dialect_is_given) &&
        !attribute_dialects_agree(dialect_left, sub_dialect)) {
        rpc_violation(ctx, "belongs to another dialect than the profile's: set that too",
                      "profile.attributes.sub_dialect");
    } else if (dialect != NULL && sub_dialect == NULL &&
               !attribute_dialects_agree(dialect,
                                         value_left(effect, before, ATTRIBUTE_SUB_DIALECT))) {
        rpc_violation(ctx, "is not that of the profile's sub-dialect: set or clear that too",
                      "profile.attributes.dialect");
    }
}

/* Whether it is sent back as the profile has it, and could not be told anew: it or its attribute is
 * retired, or its bounds are others by now. */
static struct status is_unchanged(struct rpc_context *ctx, const struct attribute_rules *rules,
                                  const struct profile *before,
                                  const struct record_attribute *attribute, bool *out) {
    *out = false;
    const struct attribute_rule *rule =
        attribute->kind == NULL ? attribute_rules_find(rules, attribute->given->name) : NULL;
    const struct profile_attribute *there =
        rule == NULL ? NULL : profile_attribute_find(before, rule->kind->name);
    if (there == NULL || !rule->kind->own) {
        return OK;
    }
    const struct attribute_definition *definition = NULL;
    TRY(attribute_rule_define(ctx->store, rule, &definition));
    const char *read = NULL;
    size_t position = 0;
    *out = attribute_given_is(definition, attribute->given, there->value, ctx->arena) &&
           (rule->retired || !status_is_ok(attribute_value_read(definition, attribute->given,
                                                                ctx->arena, &read, &position)));
    return OK;
}

/* What is sent back as it is is not in the way of the rest: it is neither set nor cleared. */
static struct status drop_unchanged(struct rpc_context *ctx, const struct attribute_rules *rules,
                                    const struct profile *before, struct update *update) {
    struct record *record = &update->record;
    update->unchanged = arena_array(ctx->arena, record->attribute_count, sizeof(char *));
    size_t kept = 0;
    for (size_t i = 0; i < record->attribute_count; i++) {
        bool unchanged = false;
        TRY(is_unchanged(ctx, rules, before, &record->attributes[i], &unchanged));
        if (unchanged) {
            update->unchanged[update->unchanged_count++] = name_of(&record->attributes[i]);
        } else {
            record->attributes[kept++] = record->attributes[i];
        }
    }
    record->attribute_count = kept;
    return OK;
}

static struct status settle(struct rpc_context *ctx, const struct attribute_rules *rules,
                            const Google__Protobuf__FieldMask *mask, struct update *update) {
    struct field_errors errors = {.arena = ctx->arena};
    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        const char *name = attribute_of_path(mask->paths[i]);
        if (name != NULL &&
            (strcmp(name, "name") == 0 || attribute_rules_find(rules, name) == NULL)) {
            rpc_violation(ctx, no_field, "update_mask.paths[%zu]", i);
        }
    }
    record_settle(&update->record, ctx->now_us);
    TRY(record_attributes_settle(ctx->store, rules, &update->record, &errors));
    field_errors_violate(&errors, ctx, "profile.");
    return ctx->violation_count == 0 ? OK : rpc_violations_status(ctx);
}

static struct status update_profile(struct rpc_context *ctx,
                                    const Profiled__V1__UpdateProfileRequest *request,
                                    Profiled__V1__UpdateProfileResponse *response) {
    struct update *update = ctx->prepared;
    struct members_context put;
    TRY(members_context_read(ctx->store, ctx->now_us, &put));
    if (ctx->violation_count > 0) { /* Together with those that only the definitions tell. */
        return settle(ctx, put.attributes, request->update_mask, update);
    }
    const struct id id = wire_id_checked(request->profile->id);
    const struct profile *before = NULL;
    TRY(profile_find(ctx, id, false, &before));
    TRY(drop_unchanged(ctx, put.attributes, before, update));
    TRY(settle(ctx, put.attributes, request->update_mask, update));
    TRY(profile_etag_check(before, request->profile->etag, ctx->arena));
    struct members *members = NULL;
    TRY(members_read(ctx->store, before, &members));
    struct effect effect = {0};
    read_cleared(ctx, put.attributes, request->update_mask, update, members, &effect);
    check_dialects(ctx, update, &effect, before);
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    /* The member that was named: what it is told goes with it, should a merge be undone. */
    struct profile *member = members_change(members, id);
    const int64_t force_us = survivorship_force_us(before, ctx->now_us);
    for (size_t i = 0; i < effect.cleared_count; i++) {
        survivorship_clear(member, effect.cleared[i], force_us, ctx->arena);
    }
    update->record.tell_us = force_us;
    survivorship_apply(member, &update->record, NULL, SURVIVORSHIP_REPLACE, force_us, ctx->arena);
    const struct profile *profile = NULL;
    TRY(members_put(&put, members, &profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(ProfileService, UpdateProfile, update_profile, RPC_WRITE);
