/* UpdateProfile: name and attributes, by mask. */

#include <string.h>

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"
#include "server/identity/members.h"
#include "server/identity/survivorship.h"
#include "server/rpc/method.h"

/* What an update does, out of the mask and the profile. */
struct update {
    struct record record; /* Name and attributes to be set. */
    size_t cleared_count;
    enum attribute *cleared;
    bool clear_others; /* `attributes` as a whole: those that are not set are cleared. */
};

static const char attributes_prefix[] = "attributes.";

static bool mask_has(const Google__Protobuf__FieldMask *mask, const char *path) {
    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        if (strcmp(mask->paths[i], path) == 0 || strcmp(mask->paths[i], "*") == 0) {
            return true;
        }
    }
    return false;
}

static void check_mask(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask) {
    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        const char *path = mask->paths[i];
        enum attribute attribute;
        if (strcmp(path, "name") == 0 || strcmp(path, "attributes") == 0 ||
            strcmp(path, "*") == 0) {
            continue;
        }
        if (strncmp(path, attributes_prefix, strlen(attributes_prefix)) == 0 &&
            attribute_find(path + strlen(attributes_prefix), &attribute)) {
            continue;
        }
        rpc_violation(ctx,
                      strncmp(path, "identities", strlen("identities")) == 0
                          ? "identities change through LinkIdentity and UnlinkIdentity"
                          : "is not a field that can be updated: name, attributes or "
                            "attributes.NAME",
                      "update_mask.paths[%zu]", i);
    }
}

/* Keeps of the record what the mask names, and notes what it names and is not set. */
static void apply_mask(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                       struct update *update) {
    if (mask == NULL || mask->n_paths == 0) {
        return; /* All that is set. */
    }
    struct record *record = &update->record;
    if (!mask_has(mask, "name")) {
        record->name = "";
    } else if (record->name[0] == '\0') {
        rpc_violation(ctx, "can't be cleared", "profile.name");
    }
    update->clear_others = mask_has(mask, "attributes");
    if (update->clear_others) {
        return;
    }
    update->cleared = arena_array(ctx->arena, ATTRIBUTE_COUNT, sizeof *update->cleared);
    size_t kept = 0;
    for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
        const char *name = attribute_kind_of((enum attribute)i)->name;
        if (!mask_has(mask, arena_format(ctx->arena, "%s%s", attributes_prefix, name))) {
            continue;
        }
        size_t at = 0;
        while (at < record->attribute_count &&
               record->attributes[at].attribute != (enum attribute)i) {
            at++;
        }
        if (at == record->attribute_count) {
            update->cleared[update->cleared_count++] = (enum attribute)i;
        } else {
            const struct record_attribute moved = record->attributes[at];
            record->attributes[at] = record->attributes[kept];
            record->attributes[kept++] = moved;
        }
    }
    record->attribute_count = kept;
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
    apply_mask(ctx, request->update_mask, update);
    ctx->prepared = update;
}

static void clear_attributes(struct profile *member, const struct update *update, int64_t force_us,
                             struct arena *arena) {
    for (size_t i = 0; i < update->cleared_count; i++) {
        survivorship_clear(member, update->cleared[i], force_us, arena);
    }
    for (int i = 0; update->clear_others && i < ATTRIBUTE_COUNT; i++) {
        if (record_attribute_value(&update->record, (enum attribute)i) == NULL) {
            survivorship_clear(member, (enum attribute)i, force_us, arena);
        }
    }
}

static struct status update_profile(struct rpc_context *ctx,
                                    const Profiled__V1__UpdateProfileRequest *request,
                                    Profiled__V1__UpdateProfileResponse *response) {
    struct update *update = ctx->prepared;
    record_settle(&update->record, ctx->now_us);
    const struct id id = wire_id_checked(request->profile->id);
    const struct profile *before = NULL;
    TRY(profile_find(ctx, id, false, &before));
    TRY(profile_etag_check(before, request->profile->etag, ctx->arena));
    struct members_context put;
    TRY(members_context_read(ctx->store, ctx->now_us, &put));
    struct members *members = NULL;
    TRY(members_read(ctx->store, before, &members));
    /* The member that was named: what it is told goes with it, should a merge be undone. */
    struct profile *member = members_change(members, id);
    const int64_t force_us = survivorship_force_us(before, ctx->now_us);
    clear_attributes(member, update, force_us, ctx->arena);
    survivorship_apply(member, &update->record, NULL, SURVIVORSHIP_REPLACE, force_us, ctx->arena);
    const struct profile *profile = NULL;
    TRY(members_put(&put, members, &profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(ProfileService, UpdateProfile, update_profile, RPC_WRITE);
