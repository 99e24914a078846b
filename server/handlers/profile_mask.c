/* Masks over profiles, by the descriptor: a new field needs no line here. */

#include "server/handlers/profile_mask.h"

#include <string.h>

#include "server/handlers/wire.h"

static bool is_all(const Google__Protobuf__FieldMask *mask) {
    if (mask == NULL || mask->n_paths == 0) {
        return true;
    }
    return mask->n_paths == 1 && strcmp(mask->paths[0], "*") == 0;
}

static bool has(const Google__Protobuf__FieldMask *mask, const char *name) {
    return wire_is_among((const char *const *)mask->paths, mask->n_paths, name);
}

void profile_mask_check(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                        const char *field) {
    if (is_all(mask)) {
        return;
    }
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (protobuf_c_message_descriptor_get_field_by_name(&profiled__v1__profile__descriptor,
                                                            mask->paths[i]) == NULL) {
            rpc_violation(ctx, "is no field of a profile", "%s.paths[%zu]", field, i);
        }
    }
}

bool profile_mask_is_id(const Google__Protobuf__FieldMask *mask) {
    return !is_all(mask) && mask->n_paths == 1 && strcmp(mask->paths[0], "id") == 0;
}

void profile_mask_apply(const Google__Protobuf__FieldMask *mask, Profiled__V1__Profile *profile) {
    Profiled__V1__Profile bare;
    const ProtobufCMessageDescriptor *shape = profile->base.descriptor;
    if (is_all(mask)) {
        return;
    }
    profiled__v1__profile__init(&bare);
    for (unsigned i = 0; i < shape->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &shape->fields[i];
        if (has(mask, field->name)) {
            continue;
        }
        uint8_t *to = (uint8_t *)profile;
        const uint8_t *from = (const uint8_t *)&bare;
        /* Of a repeated field the count alone says how many are told. */
        const bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
        const size_t offset = repeated ? field->quantifier_offset : field->offset;
        const size_t size = repeated                               ? sizeof(size_t)
                            : field->type == PROTOBUF_C_TYPE_BOOL  ? sizeof(protobuf_c_boolean)
                            : field->type == PROTOBUF_C_TYPE_INT32 ? sizeof(int32_t)
                                                                   : sizeof(void *);
        memcpy(to + offset, from + offset, size);
    }
}
