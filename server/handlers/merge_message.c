/* Merges on the wire. */

#include "server/handlers/merge_message.h"

#include "server/handlers/wire.h"

Profiled__V1__Merge *merge_message(const struct store_merge *merge, struct arena *arena) {
    Profiled__V1__Merge *message = arena_alloc(arena, sizeof *message);
    profiled__v1__merge__init(message);
    message->id = wire_id(merge->id, arena);
    message->survivor_id = wire_id(merge->survivor, arena);
    message->absorbed_id = wire_id(merge->absorbed, arena);
    message->profile_id = wire_id(merge->one, arena);
    message->other_profile_id = wire_id(merge->other, arena);
    message->merge_time = wire_time(merge->merge_us, arena);
    message->method = wire_string(merge->method);
    if (!id_is_zero(merge->decision)) {
        message->decision_id = wire_id(merge->decision, arena);
    }
    message->rule_version = (int64_t)merge->rule_version;
    message->made_of_records = merge->parted;
    if (merge->undo_us != 0) {
        message->undo_time = wire_time(merge->undo_us, arena);
        message->undone_by_rules = merge->undone_by_rules;
        message->undo_rule_version = (int64_t)merge->undo_rule_version;
    }
    return message;
}

Profiled__V1__NeverJoin *never_join_message(const struct store_never_join *never,
                                            struct arena *arena) {
    Profiled__V1__NeverJoin *message = arena_alloc(arena, sizeof *message);
    profiled__v1__never_join__init(message);
    message->profile_id = wire_id(never->one, arena);
    message->other_profile_id = wire_id(never->other, arena);
    message->create_time = wire_time(never->create_us, arena);
    if (!id_is_zero(never->merge)) {
        message->merge_id = wire_id(never->merge, arena);
    }
    if (!id_is_zero(never->review)) {
        message->review_id = wire_id(never->review, arena);
    }
    return message;
}
