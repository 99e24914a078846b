#pragma once
/* A record: what is known of a person from one source at one moment, canonicalised; the input of
 * resolution. Plain data in the request's arena. */

#include <stddef.h>
#include <stdint.h>

#include "server/identity/attribute.h"
#include "server/identity/identity_type.h"

struct record_identity {
    const char *type;  /* NULL: its reader has told what is wrong with it. */
    const char *value; /* NULL: its reader has told what is wrong with all but the type, which only
                          the workspace's rules know. */
    const char *canonical; /* NULL: of a type that only the workspace's rules know, not yet read. */
    const char *match;     /* As compared. NULL until the rules are known. */
    const char *region;    /* Of national phone numbers; "" for none. */
    const char *source;
    enum provenance provenance;
};

struct attribute_given;
struct record_attribute {
    const struct attribute_kind *kind;   /* NULL: of a name that only the workspace's definitions
                                            know, not yet read. */
    const struct attribute_given *given; /* What is told of such a one; else NULL. */
    const char *value;                   /* Canonical. */
    const char *source;
    int64_t observe_us;
};

struct record {
    const char *name;   /* "" when it was not told. */
    const char *source; /* Of the name and of what has no other. */
    int64_t observe_us;
    int64_t tell_us; /* When it was told: that of its decision's id. 0: it has none yet. */
    size_t identity_count;
    struct record_identity *identities;
    size_t attribute_count;
    struct record_attribute *attributes; /* At most one of each. */
};

/* Completes an identity by the rules: reads one of the workspace's own types, and makes the match
 * value. Strings are the rules' or the arena's. *known is false, and nothing done, when there is no
 * such type. Errors: as identity_canonicalise(). */
struct identity_rules;
MUST_USE struct status record_identity_complete(struct record_identity *identity,
                                                const struct identity_rules *rules,
                                                struct arena *arena, bool *known);

/* The first identity of the record that is of the type and has the canonical value; the number of
 * its identities when there is none. */
size_t record_identity_find(const struct record *record, const char *type, const char *canonical);

/* A copy whose arrays and strings are the arena's: for what outlives the request that told it. */
void record_copy(const struct record *record, struct arena *arena, struct record *out);

/* The value of a built-in attribute; NULL when the record does not tell it. */
const char *record_attribute_value(const struct record *record, enum attribute attribute);
