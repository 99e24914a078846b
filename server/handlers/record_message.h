#pragma once
/* Records of the wire. Read: every identity and attribute canonicalised, every bad field noted.
 * Pure: this is the check's work, done before the writer's turn. Only what the rules of the
 * workspace say is left for the handler: identities of its own types, values of its own attributes,
 * and match values. */

#include "profiled/v1/identity.pb-c.h"
#include "profiled/v1/profile.pb-c.h"
#include "server/handlers/field_errors.h"
#include "server/identity/attribute_rules.h"
#include "server/identity/record.h"
#include "server/identity/rules.h"
#include "server/rpc/rpc.h"

/* What holds where a record does not say. */
struct record_defaults {
    const char *source;
    const char *region; /* "" for none. */
    int64_t observe_us; /* WIRE_TIME_UNSET: when it is told, set by record_settle(). */
    int64_t now_us;
};

/* Those of a call: source `api`, the workspace's region, the time of the call. */
struct record_defaults record_defaults_of(const struct rpc_context *ctx);

/* Reads a record. Paths in `errors` are relative to it. *out is whole only when no error was noted.
 */
void record_message_read(const Profiled__V1__Record *message,
                         const struct record_defaults *defaults, struct field_errors *errors,
                         struct record *out);

#define RECORD_NAMES_NOBODY "is required, or a given or family name, or an identity"

/* The same of a record that need not say by itself whose it is: whether it does. */
MUST_USE bool record_part_read(const Profiled__V1__Record *message,
                               const struct record_defaults *defaults, struct field_errors *errors,
                               struct record *out);

/* The region of its national phone numbers. */
const char *record_region(const Profiled__V1__Record *message, const char *otherwise);

/* Reads that of the element at `index` of many with a verdict each. */
void record_message_try(const struct rpc_context *ctx, size_t index,
                        const Profiled__V1__Record *message, const struct record_defaults *defaults,
                        struct field_errors *errors, struct record *out);

/* Reads the parts of a profile that a caller may give: name, identities, attributes. */
void record_of_profile(const Profiled__V1__Profile *message, const struct record_defaults *defaults,
                       struct field_errors *errors, struct record *out);

/* Reads one identity. Paths are formatted behind `path`, as "identity" or "identities[2]". */
void record_identity_read(const Profiled__V1__Identity *message,
                          const struct record_defaults *defaults, struct field_errors *errors,
                          const char *path, struct record_identity *out);

/* The time at which the next of many records is told: a microsecond behind the one before it. So
 * what comes of each does not depend on how many came in one call. */
int64_t record_now_us(struct rpc_context *ctx);

/* Gives what has no time of its own the time at which the record is told. */
void record_settle(struct record *record, int64_t now_us);

/* Completes the identities by the rules; notes those that are of no type, or that it can't read.
 * Paths are relative to the record. */
void record_identities_settle(struct record *record, const struct identity_rules *rules,
                              struct field_errors *errors);
void record_identity_settle(struct record_identity *identity, const struct identity_rules *rules,
                            struct field_errors *errors, const char *path);

/* Whether the record is read as a whole: none of its identities and attributes waits for the rules.
 */
bool record_is_read(const struct record *record);

/* Whether one of its attributes does. */
bool record_has_waiting(const struct record *record);

/* All that waits for the rules, and the time at which it is told. Notes what is wrong; fails only
 * where the store does. Paths are relative to the record. */
MUST_USE struct status record_settle_all(struct store_view *view,
                                         const struct identity_rules *rules,
                                         const struct attribute_rules *attributes, int64_t now_us,
                                         struct record *record, struct field_errors *errors);

/* The same for a unary call: what is wrong becomes its violations, beside those that the check
 * has noted (rpc_context.checks_later), each path behind `prefix`. */
MUST_USE struct status record_settle_call(struct rpc_context *ctx,
                                          const struct identity_rules *rules,
                                          const struct attribute_rules *attributes,
                                          struct record *record, const char *prefix);

/* The other way round: a record that was kept, with canonical values. */
Profiled__V1__Record *record_message(const struct record *record, struct arena *arena);
