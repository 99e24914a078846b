/* UpdateIdentityType: other rules for one type, from now on. */

#include <string.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/identity_type_message.h"
#include "server/identity/canonical.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

/* A field that can be updated: whether its new value is good, and how it is set. NULL: the
 * check makes its value. */
struct field {
    const char *path;
    const char *(*problem)(const Profiled__V1__IdentityType *given);
    void (*set)(struct identity_type *type, const Profiled__V1__IdentityType *given);
};

static const char *limit_problem(const Profiled__V1__IdentityType *given) {
    return given->limit < 1 || given->limit > IDENTITY_LIMIT_MAX ? "must be 1 to 50" : NULL;
}

static void limit_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->limit = (uint32_t)given->limit;
}

static const char *priority_problem(const Profiled__V1__IdentityType *given) {
    return given->priority < 1 || given->priority > IDENTITY_PRIORITY_MAX ? "must be 1 to 1,000"
                                                                          : NULL;
}

static void priority_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->priority = (uint32_t)given->priority;
}

static const char *blocked_problem(const Profiled__V1__IdentityType *given) {
    return given->n_blocked_values > BLOCKED_VALUES_MAX ? "there are more than 1,000" : NULL;
}

static const char *min_length_problem(const Profiled__V1__IdentityType *given) {
    return given->min_length < 1 || given->min_length > IDENTITY_MIN_LENGTH_MAX ? "must be 1 to 64"
                                                                                : NULL;
}

static void min_length_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->min_length = (uint32_t)given->min_length;
}

static const char *no_problem(const Profiled__V1__IdentityType *given) {
    (void)given;
    return NULL;
}

static void match_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->match = given->match;
}

static void merge_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->merge = given->merge;
}

static const char *provenance_problem(const Profiled__V1__IdentityType *given) {
    return given->merge_provenance != PROFILED__V1__PROVENANCE__PROVENANCE_ATTESTED &&
                   given->merge_provenance != PROFILED__V1__PROVENANCE__PROVENANCE_VERIFIED
               ? "must be PROVENANCE_ATTESTED or PROVENANCE_VERIFIED"
               : NULL;
}

static void provenance_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->merge_provenance = (enum provenance)given->merge_provenance;
}

static const char *vetoes_problem(const Profiled__V1__IdentityType *given) {
    for (size_t i = 0; i < given->n_veto_attributes; i++) {
        if (identity_veto_read(given->veto_attributes[i]) == 0) {
            return "may hold birth_date, gender and given_name";
        }
    }
    return NULL;
}

static void vetoes_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->vetoes = 0;
    for (size_t i = 0; i < given->n_veto_attributes; i++) {
        type->vetoes |= identity_veto_read(given->veto_attributes[i]);
    }
}

/* What is wrong with a field that only e-mail addresses have, when it is set. */
static const char *email_problem(const Profiled__V1__IdentityType *given, bool is_set) {
    const struct identity_type *type = identity_type_builtin(given->type);
    return is_set && type != NULL && type->normalizer != NORMALIZER_EMAIL
               ? "is only for e-mail addresses"
               : NULL;
}

static const char *role_problem(const Profiled__V1__IdentityType *given) {
    return email_problem(given, given->block_role_mailboxes);
}

static void role_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->block_role_mailboxes = given->block_role_mailboxes;
}

static const char *dots_problem(const Profiled__V1__IdentityType *given) {
    return email_problem(given, given->email_ignore_dots);
}

static void form_set(struct identity_type *type, uint32_t bit, bool is_set) {
    identity_type_email_form_set(type, is_set ? type->email_form | bit : type->email_form & ~bit);
}

static void dots_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    form_set(type, EMAIL_FORM_NO_DOTS, given->email_ignore_dots);
}

static const char *tag_problem(const Profiled__V1__IdentityType *given) {
    return email_problem(given, given->email_ignore_tag);
}

static void tag_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    form_set(type, EMAIL_FORM_NO_TAG, given->email_ignore_tag);
}

static const struct field fields[] = {
    {"limit", limit_problem, limit_set},
    {"priority", priority_problem, priority_set},
    {"blocked_values", blocked_problem, NULL}, /* Set from what the check prepared. */
    {"min_length", min_length_problem, min_length_set},
    {"match", no_problem, match_set},
    {"merge", no_problem, merge_set},
    {"merge_provenance", provenance_problem, provenance_set},
    {"veto_attributes", vetoes_problem, vetoes_set},
    {"block_role_mailboxes", role_problem, role_set},
    {"email_ignore_dots", dots_problem, dots_set},
    {"email_ignore_tag", tag_problem, tag_set},
};

static const struct field *field_find(const char *path) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(fields[i].path, path) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

/* Brings one blocked value into the canonical form of its type. */
static struct status blocked_value_read(const struct identity_type *type, const char *value,
                                        struct rpc_context *ctx, const char **out) {
    const char *canonical = NULL;
    if (strlen(value) <= BLOCKED_VALUE_SIZE_MAX) {
        TRY(identity_canonicalise(type, value, ctx->default_region, ctx->arena, &canonical));
    }
    if (canonical == NULL || strlen(canonical) > BLOCKED_VALUE_SIZE_MAX) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, "has more than 256 bytes");
    }
    *out = canonical;
    return OK;
}

/* The canonical forms of the blocked values, NULL for those that can't be read, each of which is a
 * violation. An unknown type has none: the handler says so. */
static const char **blocked_values_read(const Profiled__V1__IdentityType *given,
                                        struct rpc_context *ctx) {
    const struct identity_type *type = identity_type_builtin(given->type);
    const char **values = arena_array(ctx->arena, given->n_blocked_values, sizeof *values);
    for (size_t i = 0; type != NULL && i < given->n_blocked_values; i++) {
        const struct status status =
            blocked_value_read(type, given->blocked_values[i], ctx, &values[i]);
        if (!status_is_ok(status)) {
            rpc_violation(ctx, status.text, "identity_type.blocked_values[%zu]", i);
        }
    }
    return values;
}

static void update_identity_type_check(struct rpc_context *ctx,
                                       const Profiled__V1__UpdateIdentityTypeRequest *request) {
    const Profiled__V1__IdentityType *given = request->identity_type;
    if (given == NULL || given->type[0] == '\0') {
        rpc_violation(ctx, "is required", "identity_type.type");
        return;
    }
    if (request->update_mask == NULL || request->update_mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    for (size_t i = 0; i < request->update_mask->n_paths; i++) {
        const struct field *field = field_find(request->update_mask->paths[i]);
        if (field == NULL) {
            rpc_violation(ctx,
                          "is not a field that can be updated: limit, priority, blocked_values, "
                          "min_length, match, merge, merge_provenance, veto_attributes, "
                          "block_role_mailboxes, email_ignore_dots or email_ignore_tag",
                          "update_mask.paths[%zu]", i);
            continue;
        }
        const char *problem = field->problem(given);
        if (problem != NULL) {
            rpc_violation(ctx, problem, "identity_type.%s", field->path);
        } else if (field->set == NULL && ctx->prepared == NULL) {
            ctx->prepared = blocked_values_read(given, ctx);
        }
    }
}

static struct status update_identity_type(struct rpc_context *ctx,
                                          const Profiled__V1__UpdateIdentityTypeRequest *request,
                                          Profiled__V1__UpdateIdentityTypeResponse *response) {
    const struct identity_rules *before = NULL;
    TRY(identity_rules_read(ctx->store, &before));
    if (request->rule_version != 0 && request->rule_version != (int64_t)before->version) {
        return status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                         "the rules have changed since that version: read them and try again");
    }
    struct identity_rules rules = *before;
    rules.types = arena_array(ctx->arena, before->type_count, sizeof *rules.types);
    memcpy(rules.types, before->types, before->type_count * sizeof *rules.types);
    struct identity_type *type = (struct identity_type *)(uintptr_t)identity_rules_find(
        &rules, request->identity_type->type);
    if (type == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_IDENTITY_TYPE_NOT_FOUND,
                         "there is no identity type of this name");
    }
    for (size_t i = 0; i < request->update_mask->n_paths; i++) {
        const struct field *field = field_find(request->update_mask->paths[i]);
        if (field->set != NULL) {
            field->set(type, request->identity_type);
        } else {
            type->blocked_count = request->identity_type->n_blocked_values;
            type->blocked = ctx->prepared;
        }
    }
    TRY(identity_rules_put(ctx->store, &rules));
    response->identity_type = identity_type_message(type, ctx->arena);
    response->rule_version = (int64_t)rules.version;
    return OK;
}

RPC_METHOD(IdentityService, UpdateIdentityType, update_identity_type, RPC_WRITE);
