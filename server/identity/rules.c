/* Identity rules: what the workspace changed or added is stored, the rest is built in, so that
 * better defaults of a newer version reach everybody who has not decided otherwise. */

#include "server/identity/rules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"

enum { RULES_SIZE_MAX = 90000 }; /* What a row may hold, with room to spare. */

static int by_priority(const void *a, const void *b) {
    const struct identity_type *left = a;
    const struct identity_type *right = b;
    if (left->priority != right->priority) {
        return left->priority < right->priority ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

/* The table itself, which is in order: whoever changes rules copies them. */
static struct identity_rules *builtin_rules(struct arena *arena) {
    struct identity_rules *rules = arena_alloc(arena, sizeof *rules);
    rules->version = 1;
    rules->types = (struct identity_type *)(uintptr_t)identity_types_builtin(&rules->type_count);
    return rules;
}

static void lay_over(struct identity_type *type, const Stored__V1__IdentityType *row) {
    type->limit = row->limit;
    type->priority = row->priority;
    type->min_length = row->min_length;
    type->match = row->match;
    type->merge = row->merge;
    type->disabled = row->disabled;
    type->merge_provenance = (enum provenance)row->merge_provenance;
    type->vetoes = row->vetoes;
    type->block_role_mailboxes = row->block_role_mailboxes;
    type->email_form = row->email_form % EMAIL_FORM_COUNT;
    type->email_forms_before = row->email_forms_before;
    type->blocked_count = row->n_blocked;
    type->blocked = (const char *const *)row->blocked;
    type->pattern_count = row->n_patterns;
    type->patterns = (const char *const *)row->patterns;
}

/* The built-in types with the stored ones over them, in a copy. */
void identity_rules_sort(struct identity_rules *rules) {
    qsort(rules->types, rules->type_count, sizeof *rules->types, by_priority);
}

static void lay_row_over(struct identity_rules *rules, const Stored__V1__IdentityRules *row,
                         struct arena *arena) {
    const struct identity_type *builtin = rules->types;
    rules->version = row->version;
    rules->types = arena_array(arena, rules->type_count + row->n_types, sizeof *rules->types);
    memcpy(rules->types, builtin, rules->type_count * sizeof *rules->types);
    for (size_t i = 0; i < row->n_types; i++) {
        struct identity_type *type =
            (struct identity_type *)(uintptr_t)identity_rules_find(rules, row->types[i]->name);
        if (type == NULL) {
            type = &rules->types[rules->type_count++];
            *type =
                identity_type_own(row->types[i]->name, (enum normalizer)row->types[i]->normalizer);
        }
        lay_over(type, row->types[i]);
    }
    identity_rules_sort(rules);
}

static struct status read_row(struct bytes packed, struct arena *arena,
                              const struct identity_rules **out) {
    struct identity_rules *rules = builtin_rules(arena);
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__identity_rules__descriptor, packed, &message));
    lay_row_over(rules, (const Stored__V1__IdentityRules *)message, arena);
    *out = rules;
    return OK;
}

struct status identity_rules_read(struct store_view *view, const struct identity_rules **out) {
    struct arena *arena = store_view_arena(view);
    struct bytes packed;
    TRY(store_rules_get(view, &packed));
    if (packed.data != NULL) {
        return read_row(packed, arena, out);
    }
    *out = builtin_rules(arena);
    return OK;
}

struct status identity_rules_read_version(struct store_view *view, uint64_t version,
                                          const struct identity_rules **out) {
    struct arena *arena = store_view_arena(view);
    const struct identity_rules *present = NULL;
    TRY(identity_rules_read(view, &present));
    if (version == present->version) {
        *out = present;
        return OK;
    }
    *out = version == 1 ? builtin_rules(arena) : NULL;
    struct bytes packed;
    TRY(store_rules_get_version(view, version, &packed));
    return packed.data == NULL ? OK : read_row(packed, arena, out);
}

struct status identity_rules_hold(struct store_view *view, uint64_t version,
                                  struct identity_rules_held *held,
                                  const struct identity_rules **out) {
    for (size_t i = 0; i < held->count; i++) {
        if (held->items[i]->version == version) {
            *out = held->items[i];
            return OK;
        }
    }
    TRY(identity_rules_read_version(view, version, out));
    if (*out != NULL && held->count < IDENTITY_RULES_HELD_MAX) {
        held->items[held->count++] = *out;
    }
    return OK;
}

struct identity_rules *identity_rules_copy(const struct identity_rules *rules,
                                           struct arena *arena) {
    struct identity_rules *copy = arena_alloc(arena, sizeof *copy);
    *copy = *rules;
    copy->types = arena_array(arena, rules->type_count + 1, sizeof *copy->types);
    memcpy(copy->types, rules->types, rules->type_count * sizeof *copy->types);
    return copy;
}

static const char *const *keep_strings(const char *const *strings, size_t count,
                                       struct arena *arena) {
    const char **kept = arena_array(arena, count, sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        kept[i] = arena_string(arena, bytes_of_string(strings[i]));
    }
    return kept;
}

struct identity_rules *identity_rules_keep(const struct identity_rules *rules,
                                           struct arena *arena) {
    struct identity_rules *kept = identity_rules_copy(rules, arena);
    for (size_t i = 0; i < kept->type_count; i++) {
        struct identity_type *type = &kept->types[i];
        type->name = arena_string(arena, bytes_of_string(type->name));
        type->blocked = keep_strings(type->blocked, type->blocked_count, arena);
        type->patterns = keep_strings(type->patterns, type->pattern_count, arena);
    }
    return kept;
}

struct identity_rules *identity_rules_back_to(const struct identity_rules *present,
                                              const struct identity_rules *earlier,
                                              struct arena *arena) {
    struct identity_rules *rules = identity_rules_copy(present, arena);
    for (size_t i = 0; i < rules->type_count; i++) {
        struct identity_type *type = &rules->types[i];
        const struct identity_type *was = identity_rules_find(earlier, type->name);
        if (was == NULL) {
            type->disabled = true;
            continue;
        }
        struct identity_type back = *was;
        back.email_form = type->email_form;
        back.email_forms_before = type->email_forms_before;
        identity_type_email_form_set(&back, was->email_form);
        *type = back;
    }
    identity_rules_sort(rules);
    return rules;
}

size_t identity_rules_count_own(const struct identity_rules *rules) {
    return rules->type_count - IDENTITY_TYPES_BUILTIN;
}

/* Whether each type of the one is the same in the other. */
static bool has_all_alike(const struct identity_rules *one, const struct identity_rules *other) {
    for (size_t i = 0; i < one->type_count; i++) {
        const struct identity_type *type = &one->types[i];
        const struct identity_type *there = identity_rules_find(other, type->name);
        if (there == NULL ? !type->disabled : !identity_types_are_alike(type, there)) {
            return false;
        }
    }
    return true;
}

bool identity_rules_are_alike(const struct identity_rules *one,
                              const struct identity_rules *other) {
    return has_all_alike(one, other) && has_all_alike(other, one);
}

bool identity_rules_match_any(const struct identity_rules *rules) {
    for (size_t i = 0; i < rules->type_count; i++) {
        if (rules->types[i].match && !rules->types[i].disabled) {
            return true;
        }
    }
    return false;
}

uint32_t identity_rules_vetoes(const struct identity_rules *rules) {
    uint32_t vetoes = 0;
    for (size_t i = 0; i < rules->type_count; i++) {
        const struct identity_type *type = &rules->types[i];
        vetoes |= type->match && !type->disabled ? type->vetoes : 0;
    }
    return vetoes;
}

const struct identity_type *identity_rules_find(const struct identity_rules *rules,
                                                const char *name) {
    for (size_t i = 0; i < rules->type_count; i++) {
        if (strcmp(rules->types[i].name, name) == 0) {
            return &rules->types[i];
        }
    }
    return NULL;
}

/* Whether the type is as it is built in, and so need not be stored. */
static bool is_builtin(const struct identity_type *type) {
    const struct identity_type *builtin = identity_type_builtin(type->name);
    if (builtin == NULL) {
        return false;
    }
    assert(builtin->blocked_count == 0 && builtin->pattern_count == 0);
    return type->blocked_count == 0 && type->pattern_count == 0 &&
           type->disabled == builtin->disabled && type->limit == builtin->limit &&
           type->priority == builtin->priority && type->min_length == builtin->min_length &&
           type->match == builtin->match && type->merge == builtin->merge &&
           type->merge_provenance == builtin->merge_provenance && type->vetoes == builtin->vetoes &&
           type->block_role_mailboxes == builtin->block_role_mailboxes &&
           type->email_form == builtin->email_form &&
           type->email_forms_before == builtin->email_forms_before;
}

static Stored__V1__IdentityType *row_of(const struct identity_type *type, struct arena *arena) {
    Stored__V1__IdentityType *row = arena_alloc(arena, sizeof *row);
    stored__v1__identity_type__init(row);
    row->name = (char *)(uintptr_t)type->name;
    row->limit = type->limit;
    row->priority = type->priority;
    row->min_length = type->min_length;
    row->match = type->match;
    row->merge = type->merge;
    row->merge_provenance = type->merge_provenance;
    row->vetoes = type->vetoes;
    row->block_role_mailboxes = type->block_role_mailboxes;
    row->email_form = type->email_form;
    row->email_forms_before = type->email_forms_before;
    row->disabled = type->disabled;
    row->normalizer = identity_type_builtin(type->name) == NULL ? type->normalizer : 0;
    row->n_patterns = type->pattern_count;
    row->patterns = (char **)(uintptr_t)type->patterns;
    row->n_blocked = type->blocked_count;
    row->blocked = (char **)(uintptr_t)type->blocked;
    return row;
}

struct status identity_rules_put(struct store_view *view, struct identity_rules *rules) {
    struct arena *arena = store_view_arena(view);
    rules->version++;
    Stored__V1__IdentityRules row = STORED__V1__IDENTITY_RULES__INIT;
    row.version = rules->version;
    row.types = arena_array(arena, rules->type_count, sizeof *row.types);
    for (size_t i = 0; i < rules->type_count; i++) {
        if (!is_builtin(&rules->types[i])) {
            row.types[row.n_types++] = row_of(&rules->types[i], arena);
        }
    }
    const struct bytes packed = store_pack(arena, &row.base);
    if (packed.size > RULES_SIZE_MAX) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_FIELD_INVALID,
                         "the identity types together would hold more than 90,000 bytes of "
                         "blocked values and patterns");
    }
    return store_rules_put(view, rules->version, packed);
}
