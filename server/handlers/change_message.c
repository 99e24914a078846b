/* Changes in the form of the wire. */

#include "server/handlers/change_message.h"

#include "server/handlers/wire.h"

static char *id_text(struct id id, struct arena *arena) {
    return id_is_zero(id) ? wire_string("") : wire_id(id, arena);
}

static Google__Protobuf__FieldMask *mask_of(const struct store_change *change,
                                            struct arena *arena) {
    Google__Protobuf__FieldMask *mask = arena_alloc(arena, sizeof *mask);
    google__protobuf__field_mask__init(mask);
    mask->n_paths = change->path_count;
    mask->paths = arena_array(arena, change->path_count, sizeof *mask->paths);
    for (size_t i = 0; i < change->path_count; i++) {
        mask->paths[i] = wire_string(change->paths[i]);
    }
    return mask;
}

Profiled__V1__Change *change_message(const struct store_change *change, struct arena *arena) {
    Profiled__V1__Change *message = arena_alloc(arena, sizeof *message);
    profiled__v1__change__init(message);
    message->kind = (Profiled__V1__ChangeKind)change->kind;
    message->commit_time = wire_time(change->time_us, arena);
    message->profile_id = id_text(change->profile, arena);
    message->other_profile_id = id_text(change->other, arena);
    message->update_mask = change->path_count == 0 ? NULL : mask_of(change, arena);
    message->identity_type = wire_string(change->identity_type);
    message->identity_rule = (Profiled__V1__IdentityRule)change->rule;
    message->interaction_id = id_text(change->interaction, arena);
    message->interaction_kind = (Profiled__V1__InteractionKind)change->interaction_kind;
    message->channel = wire_string(change->channel);
    message->segment = wire_string(change->segment);
    message->filled = change->filled;
    return message;
}
