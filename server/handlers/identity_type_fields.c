/* Fields of identity types: a table of how each is checked and set. */

#include "server/handlers/identity_type_fields.h"

#include <assert.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/identity_type_message.h"
#include "server/identity/canonical.h"
#include "server/identity/pattern.h"
#include "server/identity/text.h"
#include "server/identity/type_effect.h"

/* ---- each field ---- */

static const char *no_problem(const Profiled__V1__IdentityType *given) {
    (void)given;
    return NULL;
}

static const char *normalizer_problem(const Profiled__V1__IdentityType *given) {
    return (int)given->normalizer < NORMALIZER_EXACT || (int)given->normalizer > NORMALIZER_HANDLE
               ? "is not a normalizer that this server knows"
               : NULL;
}

/* Only types without identities are read in another way: nothing of before is left to compare. */
static void normalizer_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    if (type->normalizer == (enum normalizer)given->normalizer) {
        return;
    }
    const struct identity_type anew =
        identity_type_own(type->name, (enum normalizer)given->normalizer);
    type->normalizer = anew.normalizer;
    type->fold_case = anew.fold_case;
    type->block_role_mailboxes = anew.block_role_mailboxes;
    type->email_form = EMAIL_FORM_WHOLE;
    type->email_forms_before = 0;
}

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

static void role_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->block_role_mailboxes = given->block_role_mailboxes;
}

static void form_set(struct identity_type *type, uint32_t bit, bool is_set) {
    identity_type_email_form_set(type, is_set ? type->email_form | bit : type->email_form & ~bit);
}

static void dots_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    form_set(type, EMAIL_FORM_NO_DOTS, given->email_ignore_dots);
}

static void tag_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    form_set(type, EMAIL_FORM_NO_TAG, given->email_ignore_tag);
}

static const char *patterns_problem(const Profiled__V1__IdentityType *given) {
    return given->n_blocked_patterns > BLOCKED_PATTERNS_MAX ? "there are more than 50" : NULL;
}

static void patterns_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->pattern_count = given->n_blocked_patterns;
    type->patterns = (const char *const *)given->blocked_patterns;
}

static void disabled_set(struct identity_type *type, const Profiled__V1__IdentityType *given) {
    type->disabled = given->disabled;
}

/* ---- the table ---- */

enum field_trait {
    FOR_EMAIL = 1, /* Only for the e-mail normalizer. */
    BLOCKS = 2,    /* Says which identities match nobody: what it does is counted. */
};

struct field {
    const char *path;
    const char *(*problem)(const Profiled__V1__IdentityType *given); /* NULL when it is good. */
    void (*set)(struct identity_type *type, const Profiled__V1__IdentityType *given);
    uint32_t traits; /* Bits of enum field_trait. */
};

/* In the order in which they are set: others depend on the normalizer. */
static const struct field fields[] = {
    {"normalizer", normalizer_problem, normalizer_set, BLOCKS},
    {"limit", limit_problem, limit_set, 0},
    {"priority", priority_problem, priority_set, 0},
    {"blocked_values", blocked_problem, NULL, BLOCKS}, /* Set from what was read. */
    {"min_length", min_length_problem, min_length_set, BLOCKS},
    {"match", no_problem, match_set, BLOCKS},
    {"merge", no_problem, merge_set, 0},
    {"merge_provenance", provenance_problem, provenance_set, 0},
    {"veto_attributes", vetoes_problem, vetoes_set, 0},
    {"block_role_mailboxes", no_problem, role_set, FOR_EMAIL | BLOCKS},
    {"email_ignore_dots", no_problem, dots_set, FOR_EMAIL | BLOCKS},
    {"email_ignore_tag", no_problem, tag_set, FOR_EMAIL | BLOCKS},
    {"blocked_patterns", patterns_problem, patterns_set, BLOCKS},
    {"disabled", no_problem, disabled_set, BLOCKS},
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };
static_assert(FIELD_COUNT <= 32, "a bit for each");

static size_t field_find(const char *path) {
    size_t i = 0;
    while (i < FIELD_COUNT && strcmp(fields[i].path, path) != 0) {
        i++;
    }
    return i;
}

static bool is_named(const struct identity_type_change *change, size_t field) {
    return (change->named & UINT32_C(1) << field) != 0;
}

static bool is_named_path(const struct identity_type_change *change, const char *path) {
    return is_named(change, field_find(path));
}

/* Whether a field of the message is not at its zero. All are numbers, enums, bools or lists. */
static bool is_given(const Profiled__V1__IdentityType *given, const char *path) {
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(
        &profiled__v1__identity_type__descriptor, path);
    assert(field != NULL);
    const uint8_t *message = (const uint8_t *)given;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return *(const size_t *)(const void *)(message + field->quantifier_offset) != 0;
    }
    return *(const int32_t *)(const void *)(message + field->offset) != 0;
}

/* ---- reading ---- */

static const char *prefix_of(const struct identity_type_change *change) {
    return change->prefix == NULL ? "" : change->prefix;
}

void identity_type_mask_read(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                             const char *mask_name, struct identity_type_change *change) {
    for (size_t i = 0; i < mask->n_paths; i++) {
        const size_t field = field_find(mask->paths[i]);
        if (field == FIELD_COUNT) {
            rpc_violation(ctx,
                          "is not a field that can be set: normalizer, limit, priority, "
                          "blocked_values, min_length, match, merge, merge_provenance, "
                          "veto_attributes, block_role_mailboxes, email_ignore_dots, "
                          "email_ignore_tag, blocked_patterns or disabled",
                          "%s.paths[%zu]", mask_name, i);
        } else {
            change->named |= UINT32_C(1) << field;
        }
    }
}

void identity_type_given_read(struct identity_type_change *change) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (is_given(change->given, fields[i].path)) {
            change->named |= UINT32_C(1) << i;
        }
    }
}

static void check_patterns(struct rpc_context *ctx, const struct identity_type_change *change) {
    const Profiled__V1__IdentityType *given = change->given;
    for (size_t i = 0; i < given->n_blocked_patterns; i++) {
        const char *fault = NULL;
        if (!status_is_ok(pattern_check(given->blocked_patterns[i], ctx->arena, &fault))) {
            rpc_violation(ctx, fault, "%sidentity_type.blocked_patterns[%zu]", prefix_of(change),
                          i);
        }
        /* Canonical values have no other digits. */
        given->blocked_patterns[i] =
            (char *)(uintptr_t)text_ascii_digits(given->blocked_patterns[i], ctx->arena);
    }
}

void identity_type_change_check(struct rpc_context *ctx,
                                const struct identity_type_change *change) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const char *problem = is_named(change, i) ? fields[i].problem(change->given) : NULL;
        if (problem != NULL) {
            rpc_violation(ctx, problem, "%sidentity_type.%s", prefix_of(change), fields[i].path);
        } else if (is_named(change, i) && fields[i].set == patterns_set) {
            check_patterns(ctx, change);
        }
    }
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

/* Adds one that was not told in another form before. */
static void blocked_add(struct identity_type_change *change, const char *canonical) {
    for (size_t i = 0; i < change->blocked_count; i++) {
        if (strcmp(change->blocked[i], canonical) == 0) {
            return;
        }
    }
    change->blocked[change->blocked_count++] = canonical;
}

static void blocked_values_read(struct rpc_context *ctx, const struct identity_type *type,
                                struct identity_type_change *change) {
    const Profiled__V1__IdentityType *given = change->given;
    if (given->n_blocked_values > BLOCKED_VALUES_MAX) {
        return; /* Told already. */
    }
    change->blocked = arena_array(ctx->arena, given->n_blocked_values, sizeof *change->blocked);
    change->blocked_count = 0;
    for (size_t i = 0; i < given->n_blocked_values; i++) {
        const char *canonical = NULL;
        const struct status status =
            blocked_value_read(type, given->blocked_values[i], ctx, &canonical);
        if (status_is_ok(status)) {
            blocked_add(change, canonical);
        } else {
            rpc_violation(ctx, status.text, "%sidentity_type.blocked_values[%zu]",
                          prefix_of(change), i);
        }
    }
}

void identity_type_change_read(struct rpc_context *ctx, const struct identity_type *type,
                               struct identity_type_change *change) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (is_named(change, i) && (fields[i].traits & FOR_EMAIL) != 0 &&
            type->normalizer != NORMALIZER_EMAIL && is_given(change->given, fields[i].path)) {
            rpc_violation(ctx, "is only for e-mail addresses", "%sidentity_type.%s",
                          prefix_of(change), fields[i].path);
        }
    }
    if (identity_type_builtin(type->name) != NULL && is_named_path(change, "normalizer") &&
        normalizer_problem(change->given) == NULL) { /* Else it is told already. */
        rpc_violation(ctx, "of a built-in type can't be changed", "%sidentity_type.normalizer",
                      prefix_of(change));
    }
    if (is_named_path(change, "blocked_values")) {
        blocked_values_read(ctx, type, change);
    }
}

void identity_type_change_apply(const struct identity_type_change *change,
                                struct identity_type *type) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (!is_named(change, i)) {
            continue;
        }
        if (fields[i].set != NULL) {
            fields[i].set(type, change->given);
        } else {
            type->blocked_count = change->blocked_count;
            type->blocked = change->blocked;
        }
    }
}

struct status identity_type_change_make(struct rpc_context *ctx,
                                        struct identity_type_change *change,
                                        struct identity_type *type) {
    if (identity_type_builtin(type->name) == NULL) {
        struct identity_type read_as = *type;
        identity_type_change_apply(change, &read_as);
        identity_type_change_read(ctx, &read_as, change);
        if (ctx->violation_count > 0) {
            return rpc_violations_status(ctx);
        }
    }
    identity_type_change_apply(change, type);
    return OK;
}

/* ---- weighing ---- */

static bool changes_blocking(const struct identity_type_change *change) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (is_named(change, i) && (fields[i].traits & BLOCKS) != 0) {
            return true;
        }
    }
    return false;
}

struct status identity_type_change_agrees(struct rpc_context *ctx,
                                          const struct identity_type_change *change,
                                          const struct identity_type *before,
                                          const struct identity_type *after) {
    if (is_named_path(change, "merge") && after->merge && !after->match) {
        rpc_violation(ctx, "can't be true of a type that does not match", "%sidentity_type.merge",
                      prefix_of(change));
    }
    if (before != NULL && after->normalizer != before->normalizer && before->blocked_count > 0 &&
        !is_named_path(change, "blocked_values")) {
        rpc_violation(ctx, "must be given anew with another normalizer",
                      "%sidentity_type.blocked_values", prefix_of(change));
    }
    return ctx->violation_count == 0 ? OK : rpc_violations_status(ctx);
}

static struct status rules_invalid(struct rpc_context *ctx, const struct identity_type *type,
                                   const struct identity_type_effect *effect, size_t identity_count,
                                   const char *text) {
    rpc_error_metadata(ctx, "type", type->name);
    rpc_error_metadata(ctx, "identity_count", arena_format(ctx->arena, "%zu", identity_count));
    rpc_error_metadata(ctx, "blocked_count",
                       arena_format(ctx->arena, "%zu", effect->blocked_count));
    rpc_error_metadata(ctx, "profile_count",
                       arena_format(ctx->arena, "%zu", effect->profile_count));
    return status_of(STATUS_FAILED_PRECONDITION, REASON_RULES_INVALID, text);
}

/* A normalizer may only be another one where no identity of the type is left, contact data
 * included: it becomes active again by other rules, and would then not be what the same value is
 * read as. */
static struct status check_normalizer(struct rpc_context *ctx, const struct identity_type *after,
                                      const struct identity_type_effect *effect) {
    if (effect->held_count > 0) {
        return rules_invalid(ctx, after, effect, effect->held_count,
                             "profiles have identities of the type: they can't be read in another "
                             "way any more");
    }
    if (effect->partial) {
        return rules_invalid(ctx, after, effect, 0,
                             "there are more profiles than can be looked at for identities of the "
                             "type, which could not be read in another way");
    }
    return OK;
}

/* To disable a type, or to have it match nobody, is to make contact data of all that there is: only
 * rules that say it of the values may not do so unasked, be it in several steps. What blocks no
 * more than is blocked already may. */
static struct status check_blocking(struct rpc_context *ctx, const struct identity_type *after,
                                    const struct identity_type_effect *effect) {
    enum { IDENTITIES_MIN = 10 }; /* Fewer may all be of a test. */
    struct identity_type_effect all = *effect;
    all.identity_count += effect->apart_count;
    all.blocked_count += effect->apart_blocked_count;
    return after->match && !after->disabled && effect->blocked_count > 0 &&
                   all.identity_count >= IDENTITIES_MIN && all.blocked_count == all.identity_count
               ? rules_invalid(ctx, after, &all, all.identity_count,
                               "every identity of the type that profiles have would be blocked")
               : OK;
}

/* The types by which identities match now, and would not by the rules. */
static size_t find_types_lost(const struct identity_rules *present,
                              const struct identity_rules *rules,
                              const struct identity_type **out) {
    size_t count = 0;
    for (size_t i = 0; i < present->type_count; i++) {
        const struct identity_type *before = &present->types[i];
        const struct identity_type *after = identity_rules_find(rules, before->name);
        if (before->match && !before->disabled && (after->disabled || !after->match)) {
            out[count++] = after;
        }
    }
    return count;
}

struct status identity_rules_match_check(struct rpc_context *ctx,
                                         const struct identity_rules *present,
                                         const struct identity_rules *rules) {
    if (identity_rules_match_any(rules) || !identity_rules_match_any(present)) {
        return OK;
    }
    const struct identity_type **types =
        arena_array(ctx->arena, present->type_count, sizeof *types);
    const size_t count = find_types_lost(present, rules, types);
    struct identity_type_effect *effects = arena_array(ctx->arena, count, sizeof *effects);
    TRY(identity_type_effects_count(ctx->store, types, count, effects));
    struct identity_type_effect sum = {.profile_count = effects[0].profile_count};
    for (size_t i = 0; i < count; i++) {
        sum.identity_count += effects[i].identity_count;
        sum.blocked_count += effects[i].blocked_count;
    }
    return rules_invalid(ctx, types[0], &sum, sum.identity_count,
                         "no identity would match any more: every type would be disabled or match "
                         "nobody");
}

struct status identity_type_change_weigh(struct rpc_context *ctx,
                                         const struct identity_type_change *change,
                                         const struct identity_rules *present,
                                         const struct identity_rules *rules,
                                         struct identity_type_effect *out) {
    const struct identity_type *before = identity_rules_find(present, change->given->type);
    const struct identity_type *after = identity_rules_find(rules, change->given->type);
    *out = (struct identity_type_effect){0};
    TRY(identity_type_change_agrees(ctx, change, before, after));
    TRY(identity_rules_match_check(ctx, present, rules));
    if (before == NULL || !changes_blocking(change)) {
        return OK;
    }
    TRY(identity_type_effects_count(ctx->store, &after, 1, out));
    if (after->normalizer != before->normalizer) {
        TRY(check_normalizer(ctx, after, out));
    }
    return check_blocking(ctx, after, out);
}

/* ---- going back ---- */

/* Whether what profiles have of a type is to be looked at, since it is other than the present one.
 */
typedef bool differs_fn(const struct identity_type *present, const struct identity_type *type);

static bool is_read_otherwise(const struct identity_type *present,
                              const struct identity_type *type) {
    return present->normalizer != type->normalizer;
}

static bool blocks_otherwise(const struct identity_type *present,
                             const struct identity_type *type) {
    return type->match && !type->disabled && !identity_types_block_alike(present, type);
}

typedef struct status effect_check_fn(struct rpc_context *ctx, const struct identity_type *after,
                                      const struct identity_type_effect *effect);

/* Counts what profiles have of the types that differ, and checks each. */
static struct status check_types(struct rpc_context *ctx, const struct identity_rules *present,
                                 const struct identity_rules *rules, differs_fn *differs,
                                 effect_check_fn *check) {
    const struct identity_type **types = arena_array(ctx->arena, rules->type_count, sizeof *types);
    size_t count = 0;
    for (size_t i = 0; i < rules->type_count; i++) {
        if (differs(identity_rules_find(present, rules->types[i].name), &rules->types[i])) {
            types[count++] = &rules->types[i];
        }
    }
    if (count == 0) {
        return OK;
    }
    struct identity_type_effect *effects = arena_array(ctx->arena, count, sizeof *effects);
    TRY(identity_type_effects_count(ctx->store, types, count, effects));
    for (size_t i = 0; i < count; i++) {
        TRY(check(ctx, types[i], &effects[i]));
    }
    return OK;
}

struct status identity_rules_back(struct rpc_context *ctx, const struct identity_rules *present,
                                  int64_t rule_version, struct identity_rules **out) {
    const struct identity_rules *earlier = NULL;
    TRY(identity_rules_read_version(ctx->store, (uint64_t)rule_version, &earlier));
    if (earlier == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_RULE_VERSION_NOT_FOUND,
                         "there are no rules of this version, or none any more");
    }
    struct identity_rules *rules = identity_rules_back_to(present, earlier, ctx->arena);
    TRY(check_types(ctx, present, rules, is_read_otherwise, check_normalizer));
    *out = rules;
    return OK;
}

struct status identity_rules_weigh(struct rpc_context *ctx, const struct identity_rules *present,
                                   const struct identity_rules *rules) {
    return check_types(ctx, present, rules, blocks_otherwise, check_blocking);
}

struct status identity_rules_version_check(const struct identity_rules *rules,
                                           int64_t rule_version) {
    return rule_version == 0 || rule_version == (int64_t)rules->version
               ? OK
               : status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                           "the rules have changed since that version: read them and try again");
}
