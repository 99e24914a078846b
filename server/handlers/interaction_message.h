#pragma once
/* Interactions between the wire, their checks, and the store. */

#include "profiled/v1/interaction.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/field_errors.h"
#include "server/handlers/record_message.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/store.h"

/* An interaction and its subject, read and checked; what the store will hold of it is made already.
 */
struct interaction_item {
    const char *source;
    const char *event_id;           /* "" for none. */
    int64_t occur_us;               /* WIRE_TIME_UNSET: the time of the call. */
    Stored__V1__Interaction stored; /* All but record_us and decision. */

    bool by_id; /* The subject is a profile's id, and the record what the interaction tells itself;
                   else a record. */
    bool by_contact; /* Nothing but what the interaction tells itself says whose it is. */
    struct id profile;
    struct record record;

    /* The author's handle, where it may be an identity of the person. */
    bool has_handle;
    int32_t handle_position; /* Among the record's identities; -1: it is not among them. */
    const char *handle_type; /* What it was read as; "": only the workspace knows the channel. */
    struct record_defaults handle_defaults;
};

/* What holds where an interaction record does not say. */
struct interaction_defaults {
    const char *source; /* NULL: each interaction must name one. */
    const char *region; /* "" for none. */
    int64_t now_us;
};

/* Those of a call: no source, the workspace's region, the time of the call. */
struct interaction_defaults interaction_defaults_of(const struct rpc_context *ctx);

/* Reads an interaction record. Paths are relative to it; *out is whole only when no error was
 * noted. */
void interaction_record_read(const Profiled__V1__InteractionRecord *message,
                             const struct interaction_defaults *defaults,
                             struct field_errors *errors, struct interaction_item *out);

/* The message of a stored interaction. DATA_LOSS STORE_CORRUPT when it does not decode. */
MUST_USE struct status interaction_message(const struct store_interaction *stored,
                                           struct id profile, struct arena *arena,
                                           Profiled__V1__Interaction **out);
