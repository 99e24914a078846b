/* Identity types on the wire. */

#include "server/handlers/identity_type_message.h"

#include <string.h>

#include "server/handlers/wire.h"

static const struct {
    enum identity_veto veto;
    const char *attribute;
} vetoes[] = {
    {IDENTITY_VETO_BIRTH_DATE, "birth_date"},
    {IDENTITY_VETO_GENDER, "gender"},
    {IDENTITY_VETO_GIVEN_NAME, "given_name"},
};
enum { VETO_COUNT = sizeof vetoes / sizeof *vetoes };

uint32_t identity_veto_read(const char *attribute) {
    for (size_t i = 0; i < VETO_COUNT; i++) {
        if (strcmp(vetoes[i].attribute, attribute) == 0) {
            return vetoes[i].veto;
        }
    }
    return 0;
}

Profiled__V1__IdentityType *identity_type_message(const struct identity_type *type,
                                                  struct arena *arena) {
    Profiled__V1__IdentityType *message = arena_alloc(arena, sizeof *message);
    profiled__v1__identity_type__init(message);
    message->type = wire_string(type->name);
    message->normalizer = (Profiled__V1__Normalizer)type->normalizer;
    message->limit = (int32_t)type->limit;
    message->priority = (int32_t)type->priority;
    message->n_blocked_values = type->blocked_count;
    message->blocked_values = (char **)(uintptr_t)type->blocked;
    message->min_length = (int32_t)type->min_length;
    message->match = type->match;
    message->merge = type->merge;
    message->merge_provenance = (Profiled__V1__Provenance)type->merge_provenance;
    message->veto_attributes = arena_array(arena, VETO_COUNT, sizeof *message->veto_attributes);
    for (size_t i = 0; i < VETO_COUNT; i++) {
        if ((type->vetoes & vetoes[i].veto) != 0) {
            message->veto_attributes[message->n_veto_attributes++] =
                wire_string(vetoes[i].attribute);
        }
    }
    message->match_as = wire_string(type->match_as == NULL ? "" : type->match_as);
    message->block_role_mailboxes = type->block_role_mailboxes;
    message->n_blocked_patterns = type->pattern_count;
    message->blocked_patterns = (char **)(uintptr_t)type->patterns;
    message->disabled = type->disabled;
    message->built_in = identity_type_builtin(type->name) != NULL;
    message->email_ignore_dots = (type->email_form & EMAIL_FORM_NO_DOTS) != 0;
    message->email_ignore_tag = (type->email_form & EMAIL_FORM_NO_TAG) != 0;
    return message;
}

Profiled__V1__IdentityType **identity_types_message(const struct identity_rules *rules,
                                                    struct arena *arena) {
    Profiled__V1__IdentityType **messages =
        arena_array(arena, rules->type_count, sizeof(Profiled__V1__IdentityType *));
    for (size_t i = 0; i < rules->type_count; i++) {
        messages[i] = identity_type_message(&rules->types[i], arena);
    }
    return messages;
}
