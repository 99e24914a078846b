/* Between a profile and its row: the classification fields and the times in clear, what names or
 * reaches the person sealed under the profile's own key. */

#include <assert.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"
#include "server/store/row_texts.h"
#include "server/store/row_time.h"
#include "server/store/view.h"

/* ---- packing ---- */

/* Tags, sizes, numbers and ids of a row, and of what is in it, at most: what was unlinked takes
 * less than it did before. */
enum { ROW_FRAME_SIZE = 256, ITEM_FRAME_SIZE = 112, UNLINKED_FRAME_SIZE = 48 };

static ProtobufCBinaryData origin_of(struct id origin, struct id profile, struct arena *arena) {
    if (id_equal(origin, profile)) {
        return (ProtobufCBinaryData){0, NULL};
    }
    const struct bytes copy = arena_copy(arena, bytes_of(origin.bytes, ID_SIZE));
    return (ProtobufCBinaryData){copy.size, (uint8_t *)(uintptr_t)copy.data};
}

/* protobuf-c's strings are not const although packing only reads them. */
static char *borrowed(const char *string) { return (char *)(uintptr_t)string; }

/* Times lie near that of the id, or are it. */
static int64_t after_id(const struct profile *profile, int64_t time_us) {
    return row_time_after(time_us, id_time_us(profile->id));
}

static int64_t of_after_id(struct id profile, int64_t after_us) {
    return row_time_of(after_us, id_time_us(profile));
}

static void pack_attributes(const struct profile *profile, bool personal,
                            struct row_sources *sources, size_t *count,
                            Stored__V1__Attribute ***out) {
    struct arena *arena = sources->arena;
    const size_t all = profile->attribute_count + profile->cleared_count;
    Stored__V1__Attribute **list = arena_array(arena, all, sizeof *list);
    size_t used = 0;
    for (size_t i = 0; i < all; i++) {
        const struct profile_attribute *attribute = &profile->attributes[i];
        if (attribute->personal != personal) {
            continue;
        }
        Stored__V1__Attribute *row = arena_alloc(arena, sizeof *row);
        stored__v1__attribute__init(row);
        row->name_number = row_name_number(attribute->name);
        row->name = borrowed(row->name_number == 0 ? attribute->name : "");
        row->value = borrowed(attribute->value);
        row->source = row_source_number(sources, attribute->source, "");
        row->observe_after_us = after_id(profile, attribute->observe_us);
        row->told_after_us = row_time_after(attribute->tell_us, attribute->observe_us);
        row->origin = origin_of(attribute->origin, profile->id, arena);
        row->force_us = (uint64_t)attribute->force_us;
        row->form = attribute->form;
        row->aside = attribute->aside;
        row->replaced = attribute->replaced;
        list[used++] = row;
    }
    *count = used;
    *out = list;
}

/* All but its type. */
static Stored__V1__Identity *pack_spelling(const struct profile_identity *identity,
                                           const struct profile *profile,
                                           struct row_sources *sources) {
    Stored__V1__Identity *row = arena_alloc(sources->arena, sizeof *row);
    stored__v1__identity__init(row);
    row->value = borrowed(identity->value);
    if (strcmp(identity->canonical, identity->value) != 0) {
        row->canonical = borrowed(identity->canonical);
    }
    if (strcmp(identity->match, identity->canonical) != 0) {
        row->match = borrowed(identity->match);
    }
    row->source = row_source_number(sources, identity->source, "");
    row->provenance = identity->provenance;
    row->rule = identity->rule;
    row->over_limit = identity->over_limit;
    row->rule_before = identity->rule_before;
    row->claimed = identity->claimed;
    row->lent = identity->lent;
    row->hand_us = (uint64_t)identity->hand_us;
    row->hand_provenance = identity->hand_provenance;
    assert(identity->last_seen_us >= identity->first_seen_us);
    row->first_seen_after_us = after_id(profile, identity->first_seen_us);
    row->last_seen_after_us = (uint64_t)(identity->last_seen_us - identity->first_seen_us);
    row->told_after_us = row_time_after(identity->tell_us, identity->last_seen_us);
    row->origin = origin_of(identity->origin, profile->id, sources->arena);
    return row;
}

static Stored__V1__Identity *pack_identity(const struct profile_identity *identity,
                                           const struct profile *profile,
                                           struct row_sources *sources) {
    Stored__V1__Identity *row = pack_spelling(identity, profile, sources);
    row->type_number = row_name_number(identity->type);
    row->type = borrowed(row->type_number == 0 ? identity->type : "");
    if (identity->spelling_count > 0) {
        row->n_spellings = identity->spelling_count;
        row->spellings =
            arena_array(sources->arena, identity->spelling_count, sizeof *row->spellings);
    }
    for (size_t i = 0; i < identity->spelling_count; i++) {
        row->spellings[i] = pack_spelling(&identity->spellings[i], profile, sources);
    }
    return row;
}

static void pack_unlinked(const struct profile *profile, struct arena *arena,
                          Stored__V1__Person *person) {
    person->n_unlinked = profile->unlinked_count;
    person->unlinked = arena_array(arena, profile->unlinked_count, sizeof *person->unlinked);
    for (size_t i = 0; i < profile->unlinked_count; i++) {
        const struct profile_unlinked *unlinked = &profile->unlinked[i];
        Stored__V1__Unlinked *row = arena_alloc(arena, sizeof *row);
        stored__v1__unlinked__init(row);
        row->id = store_id_data(&unlinked->id);
        row->type_number = row_name_number(unlinked->type);
        row->type = borrowed(row->type_number == 0 ? unlinked->type : "");
        row->canonical = borrowed(unlinked->canonical);
        if (strcmp(unlinked->match, unlinked->canonical) != 0) {
            row->match = borrowed(unlinked->match);
        }
        person->unlinked[i] = row;
    }
}

static void person_fill(const struct profile *profile, struct arena *arena,
                        Stored__V1__Person *person) {
    struct row_sources sources = {.arena = arena};
    person->name = borrowed(profile->name);
    person->name_derived = profile->name_derived;
    person->name_source = row_source_number(&sources, profile->name_source, "");
    person->name_observe_after_us = after_id(profile, profile->name_observe_us);
    person->name_told_after_us = row_time_after(profile->name_tell_us, profile->name_observe_us);
    person->name_force_us = (uint64_t)profile->name_force_us;
    person->n_identities = profile->identity_count;
    person->identities = arena_array(arena, profile->identity_count, sizeof *person->identities);
    for (size_t i = 0; i < profile->identity_count; i++) {
        person->identities[i] = pack_identity(&profile->identities[i], profile, &sources);
    }
    pack_unlinked(profile, arena, person);
    pack_attributes(profile, true, &sources, &person->n_attributes, &person->attributes);
    person->n_sources = sources.count;
    person->sources = sources.items;
}

static struct bytes person_pack(const struct profile *profile, struct arena *arena) {
    Stored__V1__Person person = STORED__V1__PERSON__INIT;
    person_fill(profile, arena, &person);
    return store_pack(arena, &person.base);
}

static ProtobufCBinaryData pack_ids(const struct id *ids, size_t count, struct arena *arena) {
    if (count == 0) {
        return (ProtobufCBinaryData){0, NULL};
    }
    uint8_t *data = arena_alloc(arena, count * ID_SIZE);
    for (size_t i = 0; i < count; i++) {
        memcpy(data + i * ID_SIZE, ids[i].bytes, ID_SIZE);
    }
    return (ProtobufCBinaryData){count * ID_SIZE, data};
}

static ProtobufCBinaryData pack_merges(const struct profile *profile, struct arena *arena) {
    struct id *ids = arena_array(arena, 3 * profile->absorbed_count, sizeof *ids);
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        ids[3 * i] = profile->merges[i].id;
        ids[3 * i + 1] = profile->merges[i].one;
        ids[3 * i + 2] = profile->merges[i].other;
    }
    return pack_ids(ids, 3 * profile->absorbed_count, arena);
}

struct bytes profile_own_pack(const struct profile *profile, struct arena *arena) {
    Stored__V1__Person person = STORED__V1__PERSON__INIT;
    person_fill(profile, arena, &person);
    Stored__V1__OwnState own = STORED__V1__OWN_STATE__INIT;
    own.person = &person;
    own.apart = pack_ids(profile->apart, profile->apart_count, arena);
    own.decision_count = profile->decision_count;
    struct row_sources sources = {.arena = arena};
    pack_attributes(profile, false, &sources, &own.n_attributes, &own.attributes);
    own.n_sources = sources.count;
    own.sources = sources.items;
    return store_pack(arena, &own.base);
}

size_t profile_row_size(const struct profile *profile) {
    size_t size = ROW_FRAME_SIZE + strlen(profile->name) + strlen(profile->name_source) +
                  profile->absorbed_count * 4 * ID_SIZE + profile->apart_count * ID_SIZE;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        size += ITEM_FRAME_SIZE + strlen(identity->type) + strlen(identity->value) +
                strlen(identity->source);
        if (strcmp(identity->canonical, identity->value) != 0) {
            size += strlen(identity->canonical);
        }
        if (strcmp(identity->match, identity->canonical) != 0) {
            size += strlen(identity->match);
        }
        for (size_t k = 0; k < identity->spelling_count; k++) {
            const struct profile_identity *spelling = &identity->spellings[k];
            size += ITEM_FRAME_SIZE + strlen(spelling->value) + strlen(spelling->canonical) +
                    strlen(spelling->match) + strlen(spelling->source);
        }
    }
    for (size_t i = 0; i < profile->unlinked_count; i++) {
        const struct profile_unlinked *unlinked = &profile->unlinked[i];
        size += UNLINKED_FRAME_SIZE + strlen(unlinked->type) + strlen(unlinked->canonical);
        if (strcmp(unlinked->match, unlinked->canonical) != 0) {
            size += strlen(unlinked->match);
        }
    }
    for (size_t i = 0; i < profile->attribute_count + profile->cleared_count; i++) {
        const struct profile_attribute *attribute = &profile->attributes[i];
        size += ITEM_FRAME_SIZE + strlen(attribute->name) + strlen(attribute->value) +
                strlen(attribute->source);
    }
    return size;
}

/* ---- the sealed field ---- */

enum { SEALED_TAG = 9 << 3 | 2, VARINT_SIZE_MAX = 10 };

/* What stands before the bytes of a sealed field of this size: its tag and its size. */
static size_t sealed_head(size_t size, uint8_t out[1 + VARINT_SIZE_MAX]) {
    size_t used = 0;
    out[used++] = SEALED_TAG;
    for (; size >= 0x80; size >>= 7) {
        out[used++] = (uint8_t)(size | 0x80);
    }
    out[used++] = (uint8_t)size;
    return used;
}

/* Where the sealed bytes are: at the end, where row_of() puts them, or in the middle, where they
 * were put once. They are found by themselves, being as good as random; NULL when there are none.
 */
static const uint8_t *find_sealed(struct bytes row, struct bytes sealed) {
    if (sealed.size == 0 || sealed.size > row.size) {
        return NULL;
    }
    const uint8_t *last = row.data + row.size - sealed.size;
    return memcmp(last, sealed.data, sealed.size) == 0
               ? last
               : memmem(row.data, row.size, sealed.data, sealed.size);
}

/* The row without its sealed field. */
static struct status clear_of(struct bytes row, struct bytes sealed, struct arena *arena,
                              struct bytes *out) {
    uint8_t head[1 + VARINT_SIZE_MAX];
    const size_t head_size = sealed_head(sealed.size, head);
    const uint8_t *found = find_sealed(row, sealed);
    if (found == NULL || (size_t)(found - row.data) < head_size) {
        return store_corrupt("a row has no sealed part");
    }
    const size_t before = (size_t)(found - row.data) - head_size;
    const size_t behind = row.size - before - head_size - sealed.size;
    uint8_t *clear = arena_alloc(arena, before + behind);
    memcpy(clear, row.data, before);
    memcpy(clear + before, found + sealed.size, behind);
    *out = bytes_of(clear, before + behind);
    return OK;
}

/* The row with its sealed field behind all others. */
static struct bytes row_of(struct bytes clear, struct bytes sealed, struct arena *arena) {
    uint8_t head[1 + VARINT_SIZE_MAX];
    const size_t head_size = sealed_head(sealed.size, head);
    uint8_t *row = arena_alloc(arena, clear.size + head_size + sealed.size);
    memcpy(row, clear.data, clear.size);
    memcpy(row + clear.size, head, head_size);
    memcpy(row + clear.size + head_size, sealed.data, sealed.size);
    return bytes_of(row, clear.size + head_size + sealed.size);
}

/* Binds the sealed part to the row's key and to all that stands in clear beside it. */
static struct bytes associated_of(struct store_view *view, struct id id, struct bytes clear) {
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, id);
    return view_associated(view, store_key_bytes(&key), clear);
}

struct status profile_row_pack(struct store_view *view, const struct profile *profile,
                               struct bytes *out) {
    assert(profile->has_slot);
    struct arena *arena = view->arena;
    Stored__V1__Profile row = STORED__V1__PROFILE__INIT;
    row.revision = profile->revision;
    row.create_after_us = after_id(profile, profile->create_us);
    row.update_after_us = after_id(profile, profile->update_us);
    row.delete_us = (uint64_t)profile->delete_us;
    row.slot = profile->slot;
    row.absorbed = pack_ids(profile->absorbed, profile->absorbed_count, arena);
    row.merges = pack_merges(profile, arena);
    row.apart = pack_ids(profile->apart, profile->apart_count, arena);
    row.decision_count = profile->decision_count;
    if (!id_is_zero(profile->merged_into)) {
        row.merged_into = pack_ids(&profile->merged_into, 1, arena);
    }
    struct row_sources sources = {.arena = arena};
    pack_attributes(profile, false, &sources, &row.n_attributes, &row.attributes);
    row.n_sources = sources.count;
    row.sources = sources.items;
    struct vault_key key;
    TRY(keystore_key(view->store->keystore, profile->slot, &key));
    const struct bytes clear = store_pack(arena, &row.base);
    const struct bytes sealed = vault_seal(&key, associated_of(view, profile->id, clear),
                                           person_pack(profile, arena), view->store->random, arena);
    vault_wipe(&key);
    *out = view_versioned(view, row_of(clear, sealed, arena));
    return OK;
}

/* ---- unpacking ---- */

static struct status read_id(ProtobufCBinaryData data, struct id otherwise, struct id *out) {
    if (data.len == 0) {
        *out = otherwise;
        return OK;
    }
    if (data.len != ID_SIZE) {
        return store_corrupt("an id in a row has not 16 bytes");
    }
    memcpy(out->bytes, data.data, ID_SIZE);
    return OK;
}

/* Attributes of a row, with its sources. */
struct attribute_rows {
    size_t count;
    Stored__V1__Attribute *const *items;
    size_t source_count;
    char *const *sources;
};

static struct status read_attributes(const struct attribute_rows *from, bool personal,
                                     struct profile *profile) {
    Stored__V1__Attribute *const *rows = from->items;
    for (size_t i = 0; i < from->count; i++) {
        struct profile_attribute *attribute = &profile->attributes[profile->attribute_count++];
        TRY(row_name(rows[i]->name_number, rows[i]->name, &attribute->name));
        TRY(row_source(from->source_count, from->sources, rows[i]->source, "", &attribute->source));
        attribute->value = rows[i]->value;
        attribute->observe_us = of_after_id(profile->id, rows[i]->observe_after_us);
        attribute->tell_us = row_time_of(rows[i]->told_after_us, attribute->observe_us);
        attribute->force_us = (int64_t)rows[i]->force_us;
        attribute->form = rows[i]->form;
        attribute->aside = rows[i]->aside;
        attribute->replaced = rows[i]->replaced;
        attribute->personal = personal;
        TRY(read_id(rows[i]->origin, profile->id, &attribute->origin));
    }
    return OK;
}

/* All but its type and its spellings. */
static struct status read_spelling(const Stored__V1__Person *person,
                                   const Stored__V1__Identity *row, struct id profile,
                                   struct profile_identity *out) {
    if (row->provenance < PROFILE_PROVENANCE_INFERRED ||
        row->provenance > PROFILE_PROVENANCE_VERIFIED) {
        return store_corrupt("an identity in a row has no provenance");
    }
    TRY(row_source(person->n_sources, person->sources, row->source, "", &out->source));
    out->value = row->value;
    out->canonical = row->canonical[0] == '\0' ? row->value : row->canonical;
    out->match = row->match[0] == '\0' ? out->canonical : row->match;
    out->provenance = (enum profile_provenance)row->provenance;
    out->rule = row->rule;
    out->over_limit = row->over_limit;
    out->rule_before = row->rule_before;
    out->claimed = row->claimed;
    out->lent = row->lent;
    out->hand_us = (int64_t)row->hand_us;
    out->hand_provenance = (enum profile_provenance)row->hand_provenance;
    out->first_seen_us = of_after_id(profile, row->first_seen_after_us);
    out->last_seen_us = (int64_t)((uint64_t)out->first_seen_us + row->last_seen_after_us);
    out->tell_us = row_time_of(row->told_after_us, out->last_seen_us);
    return read_id(row->origin, profile, &out->origin);
}

static struct status read_identity(const Stored__V1__Person *person,
                                   const Stored__V1__Identity *row, struct id profile,
                                   struct arena *arena, struct profile_identity *out) {
    TRY(read_spelling(person, row, profile, out));
    TRY(row_name(row->type_number, row->type, &out->type));
    if (row->n_spellings == 0) {
        return OK;
    }
    struct profile_identity *spellings = arena_array(arena, row->n_spellings, sizeof *spellings);
    for (size_t i = 0; i < row->n_spellings; i++) {
        TRY(read_spelling(person, row->spellings[i], profile, &spellings[i]));
        spellings[i].type = out->type;
    }
    out->spelling_count = row->n_spellings;
    out->spellings = spellings;
    return OK;
}

static struct status read_unlinked(const Stored__V1__Person *person, struct arena *arena,
                                   struct profile *profile) {
    struct profile_unlinked *list = arena_array(arena, person->n_unlinked, sizeof *list);
    for (size_t i = 0; i < person->n_unlinked; i++) {
        const Stored__V1__Unlinked *row = person->unlinked[i];
        TRY(store_id_read(row->id, &list[i].id));
        TRY(row_name(row->type_number, row->type, &list[i].type));
        list[i].canonical = row->canonical;
        list[i].match = row->match[0] == '\0' ? row->canonical : row->match;
    }
    profile->unlinked_count = person->n_unlinked;
    profile->unlinked = list;
    return OK;
}

/* Names, identities and attributes: `clear` are those that are not personal. */
static struct status read_person(const Stored__V1__Person *person,
                                 const struct attribute_rows *clear, struct arena *arena,
                                 struct profile *profile) {
    const struct attribute_rows personal = {person->n_attributes, person->attributes,
                                            person->n_sources, person->sources};
    TRY(row_source(person->n_sources, person->sources, person->name_source, "",
                   &profile->name_source));
    profile->name = person->name;
    profile->name_derived = person->name_derived;
    profile->name_observe_us = of_after_id(profile->id, person->name_observe_after_us);
    profile->name_tell_us = row_time_of(person->name_told_after_us, profile->name_observe_us);
    profile->name_force_us = (int64_t)person->name_force_us;
    profile->identities = arena_array(arena, person->n_identities, sizeof *profile->identities);
    profile->identity_count = person->n_identities;
    for (size_t i = 0; i < person->n_identities; i++) {
        TRY(read_identity(person, person->identities[i], profile->id, arena,
                          &profile->identities[i]));
    }
    TRY(read_unlinked(person, arena, profile));
    profile->attributes =
        arena_array(arena, clear->count + personal.count, sizeof *profile->attributes);
    profile->attribute_count = 0;
    profile->cleared_count = 0;
    TRY(read_attributes(clear, false, profile));
    TRY(read_attributes(&personal, true, profile));
    profile_attributes_part(profile, arena);
    return OK;
}

static struct status open_person(struct store_view *view, struct bytes content,
                                 const Stored__V1__Profile *row, struct profile *profile) {
    struct vault_key key;
    struct bytes clear = {NULL, 0};
    const struct bytes sealed = bytes_of(row->sealed.data, row->sealed.len);
    TRY(clear_of(content, sealed, view->arena, &clear));
    TRY(keystore_key(view->store->keystore, row->slot, &key));
    struct bytes plain;
    const struct status opened =
        vault_open(&key, associated_of(view, profile->id, clear), sealed, view->arena, &plain);
    vault_wipe(&key);
    TRY(opened);
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__person__descriptor, plain, &message));
    const struct attribute_rows clear_rows = {row->n_attributes, row->attributes, row->n_sources,
                                              row->sources};
    return read_person((const Stored__V1__Person *)message, &clear_rows, view->arena, profile);
}

ProtobufCBinaryData store_id_data(const struct id *id) {
    return id_is_zero(*id) ? (ProtobufCBinaryData){0, NULL}
                           : (ProtobufCBinaryData){ID_SIZE, (uint8_t *)(uintptr_t)id->bytes};
}

struct status store_id_read(ProtobufCBinaryData data, struct id *out) {
    *out = (struct id){{0}};
    if (data.len != 0 && data.len != ID_SIZE) {
        return store_corrupt("an id in a row has not 16 bytes");
    }
    if (data.len != 0) {
        memcpy(out->bytes, data.data, ID_SIZE);
    }
    return OK;
}

struct status store_ids_read(struct bytes ids, struct arena *arena, size_t *count,
                             const struct id **out) {
    if (ids.size % ID_SIZE != 0) {
        return store_corrupt("a row's list of ids is cut");
    }
    struct id *list = arena_array(arena, ids.size / ID_SIZE, sizeof *list);
    if (ids.size > 0) {
        memcpy(list, ids.data, ids.size);
    }
    *count = ids.size / ID_SIZE;
    *out = list;
    return OK;
}

static struct bytes data_of(ProtobufCBinaryData data) { return bytes_of(data.data, data.len); }

static struct status read_merges(const Stored__V1__Profile *row, struct arena *arena,
                                 struct profile *profile) {
    TRY(store_ids_read(data_of(row->absorbed), arena, &profile->absorbed_count,
                       &profile->absorbed));
    size_t count = 0;
    const struct id *ids = NULL;
    TRY(store_ids_read(data_of(row->merges), arena, &count, &ids));
    if (count != 3 * profile->absorbed_count) {
        return store_corrupt("a row has not a merge for each profile that was merged into it");
    }
    assert(ids != NULL);
    struct profile_merge *merges = arena_array(arena, profile->absorbed_count, sizeof *merges);
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        merges[i] = (struct profile_merge){ids[3 * i], ids[3 * i + 1], ids[3 * i + 2]};
    }
    profile->merges = merges;
    return store_ids_read(data_of(row->apart), arena, &profile->apart_count, &profile->apart);
}

struct status profile_row_unpack(struct store_view *view, struct id id, struct bytes row_bytes,
                                 struct profile **out) {
    struct bytes content;
    TRY(view_unversioned(row_bytes, &content));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__profile__descriptor, content, &message));
    const Stored__V1__Profile *row = (const Stored__V1__Profile *)message;
    struct profile *profile = arena_alloc(view->arena, sizeof *profile);
    profile->id = id;
    profile->revision = row->revision;
    profile->create_us = of_after_id(id, row->create_after_us);
    profile->update_us = of_after_id(id, row->update_after_us);
    profile->delete_us = (int64_t)row->delete_us;
    profile->decision_count = row->decision_count;
    profile->has_slot = true;
    profile->slot = row->slot;
    TRY(read_id(row->merged_into, (struct id){{0}}, &profile->merged_into));
    TRY(read_merges(row, view->arena, profile));
    TRY(open_person(view, content, row, profile));
    *out = profile;
    return OK;
}

struct status profile_own_unpack(struct store_view *view, const struct profile *profile,
                                 struct bytes packed, struct profile **out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__own_state__descriptor, packed, &message));
    const Stored__V1__OwnState *own = (const Stored__V1__OwnState *)message;
    if (own->person == NULL) {
        return store_corrupt("a profile's own state is empty");
    }
    struct profile *state = arena_alloc(view->arena, sizeof *state);
    *state = *profile;
    state->absorbed_count = 0;
    state->decision_count = own->decision_count;
    TRY(store_ids_read(data_of(own->apart), view->arena, &state->apart_count, &state->apart));
    const struct attribute_rows clear = {own->n_attributes, own->attributes, own->n_sources,
                                         own->sources};
    TRY(read_person(own->person, &clear, view->arena, state));
    *out = state;
    return OK;
}
