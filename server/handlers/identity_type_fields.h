#pragma once
/* The fields of an identity type that a caller sets: what CreateIdentityType and UpdateIdentityType
 * have in common. */

#include "google/protobuf/field_mask.pb-c.h"
#include "profiled/v1/identity.pb-c.h"
#include "server/identity/rules.h"
#include "server/rpc/rpc.h"

/* What a request changes of a type. */
struct identity_type_change {
    const Profiled__V1__IdentityType *given;
    const char *prefix;   /* Of its fields in violations, as "changes[0]."; NULL: none. */
    uint32_t named;       /* A bit for each field that is set. */
    const char **blocked; /* The blocked values in canonical form, each once; NULL until they are
                             read. */
    size_t blocked_count;
};

/* Notes the fields that the mask names; one that it can't name is a violation. */
void identity_type_mask_read(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                             const char *mask_name, struct identity_type_change *change);

/* Notes the fields that are given, and so are not at their zero. */
void identity_type_given_read(struct identity_type_change *change);

/* Checks what can be checked without the type. */
void identity_type_change_check(struct rpc_context *ctx, const struct identity_type_change *change);

/* Checks and reads what depends on how values of the type are read: `type` has the normalizer that
 * the change leaves it with. Needs no store: for a built-in type it is the check's work. */
void identity_type_change_read(struct rpc_context *ctx, const struct identity_type *type,
                               struct identity_type_change *change);

/* Sets the fields. */
void identity_type_change_apply(const struct identity_type_change *change,
                                struct identity_type *type);

/* INVALID_ARGUMENT FIELD_INVALID when fields of the changed type contradict each other, or what it
 * was (NULL: it is new). */
MUST_USE struct status identity_type_change_agrees(struct rpc_context *ctx,
                                                   const struct identity_type_change *change,
                                                   const struct identity_type *before,
                                                   const struct identity_type *after);

/* Reads what the check could not of a type that is not built in, and changes it. */
MUST_USE struct status identity_type_change_make(struct rpc_context *ctx,
                                                 struct identity_type_change *change,
                                                 struct identity_type *type);

/* FAILED_PRECONDITION RULES_INVALID, with the counts in ErrorInfo, when identities match by the
 * present rules, and none would by these: each of their types is disabled or matches nobody. Before
 * the view holds wishes. */
MUST_USE struct status identity_rules_match_check(struct rpc_context *ctx,
                                                  const struct identity_rules *present,
                                                  const struct identity_rules *rules);

/* Checks the type that the change leaves among `rules` against what it is among the present ones,
 * where it is not new, and against the profiles that there are, counting what it would make contact
 * data. Before the view holds wishes.
 * Errors: INVALID_ARGUMENT FIELD_INVALID when fields contradict each other; FAILED_PRECONDITION
 * RULES_INVALID, with the counts in ErrorInfo, when all that there is would be blocked, but for a
 * type that is disabled or matches nobody while another one does match, or would be read anew. */
struct identity_type_effect;
MUST_USE struct status identity_type_change_weigh(struct rpc_context *ctx,
                                                  const struct identity_type_change *change,
                                                  const struct identity_rules *present,
                                                  const struct identity_rules *rules,
                                                  struct identity_type_effect *out);

/* The present rules made what they were at an earlier version; before the view holds wishes.
 * Errors: NOT_FOUND RULE_VERSION_NOT_FOUND; FAILED_PRECONDITION RULES_INVALID where profiles have
 * identities of a type that was read by another normalizer then, or not all can be looked at. */
MUST_USE struct status identity_rules_back(struct rpc_context *ctx,
                                           const struct identity_rules *present,
                                           int64_t rule_version, struct identity_rules **out);

/* FAILED_PRECONDITION RULES_INVALID, with the type and the counts in ErrorInfo, when the rules
 * would block all identities of a type that profiles have, and the present ones block other values.
 * Before the view holds wishes. */
MUST_USE struct status identity_rules_weigh(struct rpc_context *ctx,
                                            const struct identity_rules *present,
                                            const struct identity_rules *rules);

/* ABORTED ETAG_MISMATCH when the caller names another version than the present one. */
MUST_USE struct status identity_rules_version_check(const struct identity_rules *rules,
                                                    int64_t rule_version);
