#pragma once
/* The fields of an attribute's definition that a caller sets: what CreateAttribute and
 * UpdateAttribute have in common. */

#include "google/protobuf/field_mask.pb-c.h"
#include "profiled/v1/schema.pb-c.h"
#include "server/identity/attribute_rules.h"
#include "server/rpc/rpc.h"

/* What a request changes of an attribute. */
struct attribute_change {
    const Profiled__V1__AttributeDefinition *given;
    uint32_t named;                     /* A bit for each field that is set. */
    struct attribute_definition values; /* What was read of those of the definition, */
    struct attribute_rule rule;         /* and of those of the rule. */
};

/* Notes the fields that the mask names; one that it can't name is a violation. NULL: all of them.
 */
void attribute_mask_read(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                         struct attribute_change *change);

/* Reads and checks what can be without the attribute's type. */
void attribute_change_check(struct rpc_context *ctx, struct attribute_change *change);

/* Reads and checks the rest: bounds of the type, and what it has no use for. Needs no store. */
void attribute_change_settle(struct rpc_context *ctx, struct attribute_change *change,
                             const struct attribute_kind *kind);

/* Notes the fields that an attribute which is built in does not let be changed; `is_name` tells
 * that it is the name. */
void attribute_change_check_built_in(struct rpc_context *ctx,
                                     const Google__Protobuf__FieldMask *mask, bool is_name);

/* Whether it changes the definition, and not the rule alone. */
bool attribute_change_defines(const struct attribute_change *change);

/* Sets the fields. `definition` and `kind` are those of the workspace's own attribute, or NULL. */
void attribute_change_apply(const struct attribute_change *change, struct attribute_rule *rule,
                            struct attribute_definition *definition);

/* Puts values of the enumeration that are left out behind the others, as retired: profiles may have
 * them still. */
void attribute_values_keep(struct rpc_context *ctx, const struct attribute_definition *before,
                           struct attribute_definition *after);

/* INVALID_ARGUMENT FIELD_INVALID when the survivorship is left without what it needs. */
MUST_USE struct status attribute_rule_agrees(struct rpc_context *ctx,
                                             const struct attribute_rule *rule);

/* ABORTED ETAG_MISMATCH when the caller names another version than the present one. */
MUST_USE struct status attribute_version_check(const struct attribute_rules *rules,
                                               int64_t schema_version);

/* FAILED_PRECONDITION ATTRIBUTE_LIMIT when there is no room for another one in use, or, where it is
 * new, for another one at all. */
MUST_USE struct status attribute_room_check(struct rpc_context *ctx,
                                            const struct attribute_rules *rules, bool is_new);
