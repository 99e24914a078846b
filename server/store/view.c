/* Views: a snapshot with the request's wishes over it, and the moment in which the wishes become
 * rows. Profiles and what is sealed for them are sealed here, at the last moment: a request that
 * only validates takes no key. */

#include "server/store/view.h"
#include "server/store/trait_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- readers ---- */

struct status store_reader_open(struct store *store, struct store_reader **out) {
    struct store_reader *reader = calloc(1, sizeof *reader);
    assert(reader != NULL);
    reader->store = store;
    *out = reader;
    return OK;
}

void store_reader_close(struct store_reader *reader) {
    if (reader == NULL) {
        return;
    }
    assert(!reader->active);
    if (reader->txn != NULL) {
        engine_read_end(reader->txn);
    }
    free(reader);
}

static struct store_view *view_new(struct store *store, struct engine_txn *txn,
                                   struct arena *arena) {
    struct store_view *view = arena_alloc(arena, sizeof *view);
    *view = (struct store_view){.store = store, .arena = arena, .txn = txn};
    overlay_init(&view->own_overlay, arena);
    view->overlay = &view->own_overlay;
    return view;
}

struct status store_view_begin_read(struct store_reader *reader, struct arena *arena,
                                    struct store_view **out) {
    assert(!reader->active);
    if (reader->txn == NULL) {
        TRY(engine_read_begin(reader->store->engine, &reader->txn));
    } else {
        TRY(engine_read_renew(reader->txn));
    }
    reader->active = true;
    struct store_view *view = view_new(reader->store, reader->txn, arena);
    view->reader = reader;
    *out = view;
    return OK;
}

void store_view_end(struct store_view *view) {
    if (view->reader != NULL) {
        assert(view->reader->active);
        view->reader->active = false;
        engine_read_reset(view->reader->txn);
        view->txn = NULL;
    }
}

bool store_view_is_over(const struct store_view *view) {
    return !view->is_never_over && engine_read_is_over(view->txn);
}

int64_t store_view_clock_us(const struct store_view *view) {
    return engine_monotonic_us(view->txn);
}

void store_view_take_time(struct store_view *view) { view->is_never_over = true; }

struct store_view *store_view_beside(struct store_view *view, struct arena *arena) {
    struct store_view *beside = view_new(view->store, view->txn, arena);
    beside->write = view->write;
    return beside;
}

struct store_view *store_view_above(struct store_view *view, struct arena *arena) {
    struct store_view *above = store_view_beside(view, arena);
    assert(view->overlay->wished_count == 0 || view->below == NULL);
    above->below = view->overlay->wished_count == 0 ? view->below : view->overlay;
    above->overlay->tick = view->overlay->tick;
    return above;
}

/* ---- writes ---- */

struct status store_write_begin(struct store *store, enum store_write_kind kind,
                                struct store_write **out) {
    struct engine_txn *txn = NULL;
    TRY(engine_write_begin(store->engine,
                           kind == STORE_WRITE_ERASE ? ENGINE_WRITE_ERASE : ENGINE_WRITE_ORDINARY,
                           &txn));
    struct store_write *write = calloc(1, sizeof *write);
    assert(write != NULL);
    *write = (struct store_write){.store = store, .txn = txn, .mark_cache = store->mark_cache};
    *out = write;
    return OK;
}

struct status store_view_begin_write(struct store_write *write, struct arena *arena,
                                     struct store_view **out) {
    struct store_view *view = view_new(write->store, write->txn, arena);
    view->write = write;
    *out = view;
    return OK;
}

size_t store_write_size(const struct store_write *write) { return write->size; }

static void write_free(struct store_write *write) {
    free(write->moves.items);
    free(write);
}

struct status store_write_commit(struct store_write *write) {
    const struct status status = population_write(write);
    if (!status_is_ok(status)) {
        store_write_abort(write);
        return status;
    }
    struct store *store = write->store;
    struct engine_txn *txn = write->txn;
    const struct mark_cache mark_cache = write->mark_cache;
    write_free(write);
    TRY(engine_commit(txn));
    store->mark_cache = mark_cache;
    return OK;
}

void store_write_abort(struct store_write *write) {
    engine_abort(write->txn);
    write_free(write);
}

/* The wishes of a what-if, which is made where there is none. */
static struct overlay *what_if_overlay(struct store_what_if **what_if, struct arena *arena) {
    if (*what_if == NULL) {
        *what_if = arena_alloc(arena, sizeof **what_if);
        overlay_init(&(*what_if)->overlay, arena);
    }
    return &(*what_if)->overlay;
}

void store_view_go_on(struct store_view *view, struct arena *arena,
                      struct store_what_if **what_if) {
    assert(view->overlay->wished_count == 0);
    view->overlay = what_if_overlay(what_if, arena);
    view->arena = arena;
    view->mark = NULL; /* Read anew, into that arena. */
    view->traits = NULL;
}

struct store_view *store_view_try(struct store_view *view, struct store_what_if *what_if,
                                  struct arena *arena) {
    struct store_view *trial = view_new(view->store, view->txn, arena);
    if (what_if != NULL) {
        trial->below = &what_if->overlay;
        trial->overlay->tick = what_if->overlay.tick;
    }
    return trial;
}

static void keep_entry(struct overlay *overlay, const struct overlay_entry *entry,
                       struct arena *arena) {
    struct overlay_entry *kept = overlay_set(overlay, entry->key);
    overlay->wished_count += kept->wished ? 0 : 1;
    kept->wished = true;
    kept->seal = entry->seal;
    kept->sealed_for = entry->sealed_for;
    kept->value = entry->value.data == NULL ? entry->value : arena_copy(arena, entry->value);
    kept->profile = entry->profile == NULL ? NULL : profile_keep(entry->profile, arena);
    kept->before = kept->profile; /* As who tries something next will have found it. */
}

void store_view_keep(const struct store_view *view, struct arena *arena,
                     struct store_what_if **what_if) {
    struct overlay *overlay = what_if_overlay(what_if, arena);
    assert(view->overlay == &view->own_overlay);
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->wished && entry->trait == NULL) {
            keep_entry(overlay, entry, arena);
        }
    }
    overlay->tick = view->overlay->tick;
}

void store_view_come_to(struct store_view *view, int64_t now_us) { view->now_us = now_us; }

bool store_view_has_wishes(const struct store_view *view) {
    return view->overlay->wished_count > 0;
}

uint64_t store_view_wish_count(const struct store_view *view) { return view->overlay->wish_count; }

/* ---- rows ---- */

struct store *store_view_store(const struct store_view *view) {
    return view->store;
}

struct arena *store_view_arena(const struct store_view *view) {
    return view->arena;
}

int64_t store_view_tick(struct store_view *view) { return view->overlay->tick++; }

const struct overlay_entry *view_wish(const struct store_view *view, const struct store_key *key) {
    const struct overlay_entry *entry = overlay_find(view->overlay, store_key_bytes(key));
    return entry != NULL || view->below == NULL ? entry
                                                : overlay_find(view->below, store_key_bytes(key));
}

struct status view_get(struct store_view *view, const struct store_key *key, struct bytes *out) {
    assert(key->bytes[0] != STORE_TABLE_PROFILE); /* Those go through store_profile_get(). */
    const struct overlay_entry *entry = view_wish(view, key);
    if (entry != NULL) {
        assert(!entry->seal); /* What was just sealed for later is not read back. */
        *out = entry->value;
        return OK;
    }
    return engine_get(view->txn, store_key_bytes(key), out);
}

static struct overlay_entry *wish(struct store_view *view, const struct store_key *key) {
    struct overlay_entry *entry = overlay_set(view->overlay, store_key_bytes(key));
    view->overlay->wish_count++;
    if (!entry->wished) {
        entry->wished = true;
        view->overlay->wished_count++;
    }
    return entry;
}

void view_put(struct store_view *view, const struct store_key *key, struct bytes value) {
    static const uint8_t nothing[1] = {0};
    struct overlay_entry *entry = wish(view, key);
    entry->seal = false;
    /* An empty value is a value: {NULL, 0} means to delete. */
    entry->value = value.size == 0 ? bytes_of(nothing, 0) : value;
}

void view_delete(struct store_view *view, const struct store_key *key) {
    struct overlay_entry *entry = wish(view, key);
    entry->seal = false;
    entry->value = bytes_of(NULL, 0);
}

struct status view_size_check(struct bytes packed) {
    return packed.size <= STORE_PACKED_SIZE_MAX
               ? OK
               : status_of(STATUS_FAILED_PRECONDITION, REASON_MESSAGE_TOO_LARGE,
                           "what is to be kept in one piece is larger than 90,000 bytes");
}

struct status view_put_sealed(struct store_view *view, const struct store_key *key,
                              struct id profile, struct bytes plain) {
    TRY(view_size_check(plain));
    const struct profile *owner = NULL;
    TRY(store_profile_get(view, profile, &owner)); /* Brings it into the overlay for apply. */
    assert(owner != NULL);
    struct overlay_entry *entry = wish(view, key);
    entry->value = plain;
    entry->seal = true;
    entry->sealed_for = profile;
    return OK;
}

struct bytes view_associated(struct store_view *view, struct bytes key, struct bytes clear) {
    const size_t name_size = strlen(view->store->workspace);
    assert(key.size <= UINT8_MAX && name_size <= UINT8_MAX);
    const size_t head_size = 3 + key.size + name_size;
    uint8_t *data = arena_alloc(view->arena, head_size + clear.size);
    data[0] = STORE_ROW_VERSION;
    data[1] = (uint8_t)key.size;
    data[2] = (uint8_t)name_size;
    memcpy(data + 3, key.data, key.size);
    memcpy(data + 3 + key.size, view->store->workspace, name_size);
    if (clear.size > 0) {
        memcpy(data + head_size, clear.data, clear.size);
    }
    return bytes_of(data, head_size + clear.size);
}

struct bytes view_versioned(struct store_view *view, struct bytes content) {
    uint8_t *value = arena_alloc(view->arena, 1 + content.size);
    value[0] = STORE_ROW_VERSION;
    if (content.size > 0) {
        memcpy(value + 1, content.data, content.size);
    }
    return bytes_of(value, 1 + content.size);
}

struct status view_unversioned(struct bytes value, struct bytes *out) {
    if (value.data == NULL) {
        *out = value;
        return OK;
    }
    if (value.size < 1) {
        return store_corrupt("a row is empty");
    }
    if (value.data[0] != STORE_ROW_VERSION) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_STORE_VERSION,
                         "a row was written by a newer version of profiled");
    }
    *out = bytes_of(value.data + 1, value.size - 1);
    return OK;
}

struct status view_open_sealed(struct store_view *view, struct bytes row_key, struct bytes value,
                               struct bytes *out) {
    struct bytes content = {NULL, 0};
    TRY(view_unversioned(value, &content));
    if (content.data == NULL || content.size < 8 + VAULT_SEAL_OVERHEAD) {
        return store_corrupt("a sealed row is too short");
    }
    struct vault_key key;
    TRY(keystore_key(view->store->keystore, store_get_u64(content.data), &key));
    const struct status opened =
        vault_open(&key, view_associated(view, row_key, bytes_of(NULL, 0)),
                   bytes_of(content.data + 8, content.size - 8), view->arena, out);
    vault_wipe(&key);
    return opened;
}

struct status view_get_sealed(struct store_view *view, const struct store_key *key,
                              struct bytes *out) {
    const struct overlay_entry *entry = view_wish(view, key);
    if (entry != NULL) {
        *out = entry->value; /* Sealed only when the view is applied. */
        return OK;
    }
    struct bytes value;
    TRY(engine_get(view->txn, store_key_bytes(key), &value));
    if (value.data == NULL) {
        *out = value;
        return OK;
    }
    return view_open_sealed(view, store_key_bytes(key), value, out);
}

static void *alloc_in_arena(void *arena, size_t size) { return arena_alloc(arena, size); }

static void free_nothing(void *arena, void *memory) {
    (void)arena;
    (void)memory;
}

struct status store_unpack(struct arena *arena, const ProtobufCMessageDescriptor *shape,
                           struct bytes packed, ProtobufCMessage **out) {
    ProtobufCAllocator allocator = {alloc_in_arena, free_nothing, arena};
    static const uint8_t nothing[1] = {0};
    ProtobufCMessage *message = protobuf_c_message_unpack(shape, &allocator, packed.size,
                                                          packed.size == 0 ? nothing : packed.data);
    if (message == NULL) {
        return store_corrupt("a row does not decode");
    }
    *out = message;
    return OK;
}

struct bytes store_pack(struct arena *arena, const ProtobufCMessage *message) {
    const size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data = arena_alloc(arena, size);
    const size_t packed = protobuf_c_message_pack(message, data);
    assert(packed == size);
    return bytes_of(data, size);
}

struct status view_count_rows(struct store_view *view, const struct store_key *prefix, uint64_t max,
                              uint64_t *out) {
    struct engine_scan *scan = NULL;
    struct status status = OK;
    TRY(engine_scan_open(view->txn, store_key_bytes(prefix), bytes_of(NULL, 0), ENGINE_ASCENDING,
                         &scan));
    for (*out = 0; *out < max; (*out)++) {
        struct bytes key;
        struct bytes value;
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL) {
            break;
        }
    }
    engine_scan_close(scan);
    return status;
}

/* ---- apply ---- */

static struct status put(struct store_view *view, struct bytes key, struct bytes value) {
    view->write->size += key.size + value.size;
    return engine_put(view->txn, key, value);
}

/* What is sealed for a new profile needs its slot, whatever is applied first. */
static struct status take_slots(struct store_view *view) {
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->wished && entry->key.data[0] == STORE_TABLE_PROFILE &&
            !entry->profile->has_slot) {
            TRY(keystore_slot_take(view->store->keystore, &entry->profile->slot));
            entry->profile->has_slot = true;
        }
    }
    return OK;
}

static struct status apply_profile(struct store_view *view, struct overlay_entry *entry) {
    struct bytes row;
    TRY(profile_row_pack(view, entry->profile, &row));
    return put(view, entry->key, row);
}

/* Version, slot, sealed text. 01 0000000000000300 and nonce, text, tag. */
static struct status apply_sealed(struct store_view *view, const struct overlay_entry *entry) {
    const struct profile *owner = NULL;
    TRY(store_profile_get(view, entry->sealed_for, &owner));
    assert(owner != NULL && owner->has_slot);
    struct vault_key key;
    TRY(keystore_key(view->store->keystore, owner->slot, &key));
    const struct bytes sealed =
        vault_seal(&key, view_associated(view, entry->key, bytes_of(NULL, 0)), entry->value,
                   view->store->random, view->arena);
    vault_wipe(&key);
    uint8_t *content = arena_alloc(view->arena, 8 + sealed.size);
    store_put_u64(content, owner->slot);
    memcpy(content + 8, sealed.data, sealed.size);
    return put(view, entry->key, view_versioned(view, bytes_of(content, 8 + sealed.size)));
}

/* The row by which a state is found on the day on which it forgets something. */
static struct status apply_trait_due(struct store_view *view, const struct trait_change *change,
                                     uint32_t number, struct id member) {
    int32_t due_day = 0;
    const bool is_due = trait_state_due(&change->state, change->trait, &due_day);
    if (change->was_due && (!is_due || due_day != change->due_day)) {
        const struct store_key due = store_key_trait_due(change->due_day, number, member);
        TRY(engine_delete(view->txn, store_key_bytes(&due)));
    }
    if (is_due && (!change->was_due || due_day != change->due_day)) {
        const struct store_key due = store_key_trait_due(due_day, number, member);
        TRY(put(view, store_key_bytes(&due), bytes_of("", 0)));
    }
    return OK;
}

static struct status apply_trait_state(struct store_view *view, struct overlay_entry *entry) {
    const struct trait_change *change = entry->trait;
    uint32_t number = 0;
    trait_key_read(entry->key, &number, &entry->sealed_for);
    if (!change->is_day) {
        TRY(apply_trait_due(view, change, number, entry->sealed_for));
    }
    if (change->state.count == 0 && change->state.left_out == 0) {
        return engine_delete(view->txn, entry->key);
    }
    /* The row takes several times what it has, and goes at once: there may be thousands. */
    struct arena *const own = view->arena;
    struct arena scratch;
    struct overlay_entry packed = *entry;
    arena_init(&scratch, SIZE_MAX);
    packed.value = trait_state_pack(&change->state, &scratch);
    view->arena = &scratch;
    const struct status status = apply_sealed(view, &packed);
    view->arena = own;
    arena_free(&scratch);
    return status;
}

static struct status apply_entry(struct store_view *view, struct overlay_entry *entry) {
    if (entry->key.data[0] == STORE_TABLE_PROFILE) {
        return apply_profile(view, entry);
    }
    if (entry->key.data[0] == STORE_TABLE_TRAIT_STATE) {
        return apply_trait_state(view, entry);
    }
    if (entry->seal) {
        return apply_sealed(view, entry);
    }
    if (entry->value.data == NULL) {
        view->write->size += entry->key.size;
        return engine_delete(view->txn, entry->key);
    }
    return put(view, entry->key, entry->value);
}

/* In the order in which things were wished: new profiles come one after the other, each with what
 * is its own, so that pages are filled in order. */
struct status store_view_apply(struct store_view *view, int64_t now_us) {
    struct store *store = view->store;
    assert(view->write != NULL);
    /* What-ifs are never applied. */
    assert(view->overlay == &view->own_overlay && view->below == NULL);
    if (view->overlay->wished_count > 0) {
        TRY(mark_follow(view, now_us));
    }
    if (store->follower != NULL) {
        TRY(store->follower->follow(&store->follower_state, view, now_us));
    }
    TRY(membership_sizes_put(view));
    TRY(take_slots(view));
    for (size_t i = 0; i < view->overlay->count; i++) {
        struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->wished) {
            TRY(apply_entry(view, entry));
        }
    }
    return population_apply(view);
}
