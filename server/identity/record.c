/* Looking at a record, completing and copying one. */

#include "server/identity/record.h"

#include "server/identity/canonical.h"
#include "server/identity/match_value.h"
#include "server/identity/rules.h"

struct status record_identity_complete(struct record_identity *identity,
                                       const struct identity_rules *rules, struct arena *arena,
                                       bool *known) {
    const struct identity_type *type = identity_rules_find(rules, identity->type);
    *known = type != NULL;
    if (type == NULL) {
        return OK;
    }
    if (identity->canonical == NULL) {
        TRY(identity_canonicalise(type, identity->value, identity->region, arena,
                                  &identity->canonical));
    }
    identity->type = type->name;
    identity->match = identity_match_value(type, identity->canonical, arena);
    return OK;
}

static const char *string_copy(const char *string, struct arena *arena) {
    return arena_string(arena, bytes_of_string(string));
}

static const struct attribute_kind *kind_copy(const struct attribute_kind *kind,
                                              struct arena *arena) {
    if (!kind->own) {
        return kind; /* It lives for ever. */
    }
    struct attribute_kind *copy = arena_alloc(arena, sizeof *copy);
    *copy = *kind;
    copy->name = string_copy(kind->name, arena);
    return copy;
}

size_t record_identity_find(const struct record *record, const char *type, const char *canonical) {
    size_t at = 0;
    while (at < record->identity_count &&
           (strcmp(record->identities[at].type, type) != 0 ||
            strcmp(record->identities[at].canonical, canonical) != 0)) {
        at++;
    }
    return at;
}

void record_copy(const struct record *record, struct arena *arena, struct record *out) {
    struct record copy = *record;
    copy.name = string_copy(record->name, arena);
    copy.source = string_copy(record->source, arena);
    copy.identities = arena_array(arena, record->identity_count, sizeof *copy.identities);
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *from = &record->identities[i];
        copy.identities[i] = (struct record_identity){
            .type = string_copy(from->type, arena),
            .value = string_copy(from->value, arena),
            .canonical = string_copy(from->canonical, arena),
            .match = string_copy(from->match, arena),
            .region = string_copy(from->region, arena),
            .source = string_copy(from->source, arena),
            .provenance = from->provenance,
        };
    }
    copy.attributes = arena_array(arena, record->attribute_count, sizeof *copy.attributes);
    for (size_t i = 0; i < record->attribute_count; i++) {
        copy.attributes[i] = record->attributes[i];
        copy.attributes[i].kind = kind_copy(record->attributes[i].kind, arena);
        copy.attributes[i].given = NULL;
        copy.attributes[i].value = string_copy(record->attributes[i].value, arena);
        copy.attributes[i].source = string_copy(record->attributes[i].source, arena);
    }
    *out = copy;
}

const char *record_attribute_value(const struct record *record, enum attribute attribute) {
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (record->attributes[i].kind == attribute_kind_of(attribute)) {
            return record->attributes[i].value;
        }
    }
    return NULL;
}
