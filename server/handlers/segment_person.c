/* Finding persons. */

#include "server/handlers/segment_person.h"

#include "server/handlers/record_message.h"
#include "server/identity/owner.h"

static struct status find_by_id(struct rpc_context *ctx, const char *text,
                                const struct profile **out, const char **error) {
    struct id id;
    if (!id_parse(text, &id)) {
        *error = "is told by an id that is no UUID";
        return OK;
    }
    TRY(store_profile_follow(ctx->store, id, out));
    return OK;
}

static struct status find_by_identity(struct rpc_context *ctx, const struct identity_rules *rules,
                                      const Profiled__V1__Identity *message,
                                      const struct profile **out, const char **error) {
    struct field_errors errors = {.arena = ctx->arena};
    const struct record_defaults defaults = record_defaults_of(ctx);
    struct record_identity identity = {.type = NULL};
    record_identity_read(message, &defaults, &errors, "identity", &identity);
    if (errors.count == 0) {
        record_identity_settle(&identity, rules, &errors, "identity");
    }
    if (errors.count > 0) {
        *error = arena_format(ctx->arena, "is told by an identity that does not read: %s %s",
                              errors.items[0].field, errors.items[0].description);
        return OK;
    }
    return identity_owner_find(ctx->store, rules, identity_rules_find(rules, identity.type),
                               identity.canonical, out);
}

struct status segment_person_find(struct rpc_context *ctx, const struct identity_rules *rules,
                                  const char *profile_id, const Profiled__V1__Identity *identity,
                                  const struct profile **out, const char **error) {
    *out = NULL;
    *error = NULL;
    if (profile_id != NULL && profile_id[0] != '\0') {
        TRY(find_by_id(ctx, profile_id, out, error));
    } else if (identity != NULL) {
        TRY(find_by_identity(ctx, rules, identity, out, error));
    } else {
        *error = "is not told: an id or an identity";
    }
    *out = *out != NULL && (*out)->delete_us == 0 ? *out : NULL;
    if (*out == NULL && *error == NULL) {
        *error = "is not there: no profile has this id or identity";
    }
    return OK;
}
