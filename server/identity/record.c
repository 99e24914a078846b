/* Looking at a record, and copying one. */

#include "server/identity/record.h"

static const char *string_copy(const char *string, struct arena *arena) {
    return arena_string(arena, bytes_of_string(string));
}

void record_copy(const struct record *record, struct arena *arena, struct record *out) {
    struct record copy = *record;
    copy.name = string_copy(record->name, arena);
    copy.source = string_copy(record->source, arena);
    copy.identities = arena_array(arena, record->identity_count, sizeof *copy.identities);
    for (size_t i = 0; i < record->identity_count; i++) {
        copy.identities[i] = record->identities[i]; /* Names of types live for ever. */
        copy.identities[i].value = string_copy(record->identities[i].value, arena);
        copy.identities[i].canonical = string_copy(record->identities[i].canonical, arena);
        copy.identities[i].source = string_copy(record->identities[i].source, arena);
    }
    copy.attributes = arena_array(arena, record->attribute_count, sizeof *copy.attributes);
    for (size_t i = 0; i < record->attribute_count; i++) {
        copy.attributes[i] = record->attributes[i];
        copy.attributes[i].value = string_copy(record->attributes[i].value, arena);
        copy.attributes[i].source = string_copy(record->attributes[i].source, arena);
    }
    *out = copy;
}

const char *record_attribute_value(const struct record *record, enum attribute attribute) {
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (record->attributes[i].attribute == attribute) {
            return record->attributes[i].value;
        }
    }
    return NULL;
}
