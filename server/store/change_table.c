/* The rows of changes, and what of a view they are made of. */

#include "server/store/change.h"

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/store/fact.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/row_texts.h"
#include "server/store/view.h"

/* Bytes of the changes in one row, where it has more than one: two such rows fill a page of LMDB.
 */
enum { ROW_SIZE_MAX = 1990 };

static char *borrowed(const char *text) { return (char *)(uintptr_t)text; }

struct store_change store_change_of(enum store_change_kind kind, struct id profile) {
    return (struct store_change){
        .kind = kind, .profile = profile, .identity_type = "", .channel = "", .segment = ""};
}

/* ---- writing ---- */

/* The sequence of the last row that there is in the transaction; 0 for none. */
static struct status last_sequence(struct engine_txn *txn, uint64_t *out) {
    const struct store_key table = store_key_table(STORE_TABLE_CHANGE);
    struct engine_scan *scan = NULL;
    struct bytes key;
    struct bytes value;
    TRY(engine_scan_open(txn, store_key_bytes(&table), bytes_of(NULL, 0), ENGINE_DESCENDING,
                         &scan));
    const struct status status = engine_scan_next(scan, &key, &value);
    *out = status_is_ok(status) && key.size == 1 + 8 ? store_get_u64(key.data + 1) : 0;
    engine_scan_close(scan);
    return status;
}

void change_row_make(const struct store_change *change, Stored__V1__Change *row) {
    stored__v1__change__init(row);
    row->kind = change->kind;
    row->profile = store_id_data(&change->profile);
    row->other = store_id_data(&change->other);
    row->n_paths = change->path_count;
    row->paths = (char **)(uintptr_t)change->paths;
    row->identity_type_number = row_name_number(change->identity_type);
    row->identity_type = borrowed(row->identity_type_number == 0 ? change->identity_type : "");
    row->rule = change->rule;
    row->interaction = store_id_data(&change->interaction);
    row->interaction_kind = change->interaction_kind;
    row->channel = borrowed(change->channel);
    row->segment = borrowed(change->segment);
    row->filled = change->filled;
}

/* Makes the row of the first changes, as many as have room in it, and says how many. */
static struct status row_put(struct store_view *view, uint64_t sequence, int64_t now_us,
                             const struct store_change *changes, size_t count, size_t *put) {
    const struct store_key key = store_key_change(sequence);
    Stored__V1__Changes row = STORED__V1__CHANGES__INIT;
    size_t size = 0;
    row.time_us = (uint64_t)now_us;
    for (size_t i = 0; i < count; i++) {
        Stored__V1__Change *item = arena_alloc(view->arena, sizeof *item);
        if (i > 0 && id_is_zero(changes[i].profile)) {
            break; /* Of nobody is only the first one of a row: others are of the one before. */
        }
        change_row_make(&changes[i], item);
        if (i > 0 && id_equal(changes[i].profile, changes[i - 1].profile)) {
            item->profile = (ProtobufCBinaryData){0, NULL};
        }
        const size_t item_size = protobuf_c_message_get_packed_size(&item->base);
        size += (item_size < 128 ? 2 : 3) + item_size; /* With tag and size. */
        if (i > 0 && size > ROW_SIZE_MAX) {
            break;
        }
        row.changes = arena_grow(view->arena, row.changes, i, sizeof *row.changes);
        row.changes[i] = item;
        row.n_changes = i + 1;
    }
    *put = row.n_changes;
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

struct status store_changes_put(struct store_view *view, int64_t now_us,
                                const struct store_change *changes, size_t count) {
    uint64_t sequence = 0;
    if (count == 0) {
        return OK;
    }
    TRY(last_sequence(view->txn, &sequence));
    for (size_t i = 0; i < count;) {
        size_t put = 0;
        TRY(row_put(view, ++sequence, now_us, &changes[i], count - i, &put));
        i += put;
    }
    return OK;
}

/* ---- reading ---- */

static struct status row_read(struct store_view *view, struct bytes key, struct bytes value,
                              const Stored__V1__Changes **out) {
    ProtobufCMessage *message = NULL;
    TRY(view_untagged(view->store, key, value, view->arena, &value));
    TRY(store_unpack(view->arena, &stored__v1__changes__descriptor, value, &message));
    const Stored__V1__Changes *row = (const Stored__V1__Changes *)message;
    for (size_t i = 1; i < row->n_changes; i++) {
        if (row->changes[i]->profile.len == 0) {
            row->changes[i]->profile = row->changes[i - 1]->profile;
        }
    }
    *out = row;
    return OK;
}

struct status store_change_end(struct store_view *view, struct store_change_place *out) {
    *out = (struct store_change_place){.count = STORE_CHANGE_ALL};
    return last_sequence(view->txn, &out->sequence);
}

struct status store_change_first(struct store_view *view, uint64_t *sequence, int64_t *time_us) {
    const struct store_key table = store_key_table(STORE_TABLE_CHANGE);
    const Stored__V1__Changes *row = NULL;
    struct engine_scan *scan = NULL;
    struct bytes key;
    struct bytes value;
    *sequence = 0;
    *time_us = 0;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), bytes_of(NULL, 0), ENGINE_ASCENDING,
                         &scan));
    struct status status = engine_scan_next(scan, &key, &value);
    if (status_is_ok(status) && key.size == 1 + 8) {
        status = row_read(view, key, value, &row);
        *sequence = store_get_u64(key.data + 1);
        *time_us = row == NULL ? 0 : (int64_t)row->time_us;
    }
    engine_scan_close(scan);
    return status;
}

struct status change_row_read(const Stored__V1__Change *row, int64_t time_us,
                              struct store_change *out) {
    *out = (struct store_change){.kind = (enum store_change_kind)row->kind,
                                 .time_us = time_us,
                                 .path_count = row->n_paths,
                                 .paths = (const char *const *)row->paths,
                                 .rule = row->rule,
                                 .interaction_kind = row->interaction_kind,
                                 .channel = row->channel,
                                 .segment = row->segment,
                                 .filled = row->filled};
    TRY(row_name(row->identity_type_number, row->identity_type, &out->identity_type));
    TRY(store_id_read(row->profile, &out->profile));
    TRY(store_id_read(row->other, &out->other));
    return store_id_read(row->interaction, &out->interaction);
}

/* What is being given. */
struct giving {
    struct store_change_place *place;
    size_t left;
    store_change_fn *each;
    void *state;
    bool stopped;
};

static struct status row_give(const Stored__V1__Changes *row, uint64_t sequence,
                              struct giving *giving) {
    struct store_change_place *place = giving->place;
    uint32_t at = place->sequence == sequence ? place->count : 0;
    for (; at < row->n_changes && giving->left > 0 && !giving->stopped; at++) {
        struct store_change change;
        TRY(change_row_read(row->changes[at], (int64_t)row->time_us, &change));
        change.sequence = sequence;
        change.place = at;
        giving->stopped = !giving->each(giving->state, &change);
        if (!giving->stopped) {
            giving->left--;
            *place = (struct store_change_place){sequence, at + 1};
        }
    }
    giving->stopped = giving->stopped || at < row->n_changes;
    if (!giving->stopped) {
        *place = (struct store_change_place){sequence, STORE_CHANGE_ALL};
    }
    return OK;
}

static struct status give_rows(struct store_view *view, struct engine_scan *scan,
                               struct giving *giving, bool *more) {
    for (;;) {
        const Stored__V1__Changes *row = NULL;
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        *more = key.data != NULL;
        if (!*more || giving->left == 0 || store_view_is_over(view)) {
            return OK;
        }
        TRY(row_read(view, key, value, &row));
        TRY(row_give(row, store_get_u64(key.data + 1), giving));
        if (giving->stopped) {
            return OK;
        }
    }
}

struct status store_change_scan(struct store_view *view, struct store_change_place *place,
                                size_t max, store_change_fn *each, void *state, bool *more) {
    const struct store_key table = store_key_table(STORE_TABLE_CHANGE);
    const struct store_key from = store_key_change(place->sequence);
    struct giving giving = {.place = place, .left = max, .each = each, .state = state};
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = give_rows(view, scan, &giving, more);
    engine_scan_close(scan);
    return status;
}

/* ---- what a view wishes ---- */

size_t store_view_profile_changes(struct store_view *view, struct arena *arena,
                                  const struct store_profile_change **out) {
    struct store_profile_change *changes = NULL;
    size_t count = 0;
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->wished && entry->key.data[0] == STORE_TABLE_PROFILE) {
            changes = arena_grow(arena, changes, count, sizeof *changes);
            changes[count++] = (struct store_profile_change){entry->before, entry->profile};
        }
    }
    *out = changes;
    return count;
}

size_t store_view_segments_deleted(struct store_view *view, struct arena *arena,
                                   const char *const **out) {
    const char **names = NULL;
    size_t count = 0;
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->wished && entry->key.data[0] == STORE_TABLE_SEGMENT &&
            entry->value.data == NULL) {
            names = arena_grow(arena, names, count, sizeof *names);
            names[count++] =
                arena_string(arena, bytes_of(entry->key.data + 1, entry->key.size - 1));
        }
    }
    *out = names;
    return count;
}

struct status store_view_facts(struct store_view *view, struct arena *arena,
                               const struct store_fact **out, size_t *count) {
    struct store_fact *facts = NULL;
    *count = 0;
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        struct bytes there;
        if (!entry->wished || entry->key.data[0] != STORE_TABLE_FACT || entry->value.data == NULL) {
            continue;
        }
        TRY(engine_get(view->txn, entry->key, &there));
        if (there.data == NULL) { /* Else it is moved, from one profile to another. */
            facts = arena_grow(arena, facts, *count, sizeof *facts);
            TRY(view_fact_read(entry->key, entry->value, &facts[*count]));
            (*count)++;
        }
    }
    *out = facts;
    return OK;
}

/* ---- trimming ---- */

/* What is old: rows of before a time, and those of before them. */
struct trimming {
    int64_t now_us;
    int64_t until_us;
    uint64_t last; /* The sequence of the last row. */
};

/* Whether a row is followed by an old one. Some are looked at, twice as far away each: of many that
 * are old one is found. */
static struct status is_followed_by_old(struct store_view *view, const struct trimming *trimming,
                                        uint64_t sequence, bool *out) {
    *out = false;
    for (uint64_t step = 1; step < trimming->last - sequence && !*out; step *= 2) {
        const struct store_key key = store_key_change(sequence + step);
        const Stored__V1__Changes *row = NULL;
        struct bytes value;
        TRY(engine_get(view->txn, store_key_bytes(&key), &value));
        if (value.data != NULL) {
            TRY(row_read(view, store_key_bytes(&key), value, &row));
            *out = (int64_t)row->time_us < trimming->until_us;
        }
    }
    return OK;
}

/* A row of a time to come was written by a clock that was ahead: how old it is those tell that
 * follow. */
static struct status is_old(struct store_view *view, const struct trimming *trimming,
                            const Stored__V1__Changes *row, uint64_t sequence, bool *out) {
    *out = (int64_t)row->time_us < trimming->until_us;
    return (int64_t)row->time_us > trimming->now_us
               ? is_followed_by_old(view, trimming, sequence, out)
               : OK;
}

static struct status find_old(struct store_view *view, struct engine_scan *scan,
                              const struct trimming *trimming, size_t max, struct bytes *keys,
                              size_t *count) {
    while (*count < max) {
        bool old = false;
        const Stored__V1__Changes *row = NULL;
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        TRY(row_read(view, key, value, &row));
        TRY(is_old(view, trimming, row, store_get_u64(key.data + 1), &old));
        if (!old) {
            return OK;
        }
        keys[(*count)++] = arena_copy(view->arena, key);
    }
    return OK;
}

/* The last row stays: the next sequence follows it. */
struct status change_rows_old(struct store_view *view, int64_t now_us, size_t max,
                              struct bytes *keys, size_t *count) {
    const struct store_key table = store_key_table(STORE_TABLE_CHANGE);
    struct store_retention retention;
    struct engine_scan *scan = NULL;
    uint64_t last = 0;
    TRY(store_retention_get(view, &retention));
    const uint32_t days =
        retention.change_days == 0 ? STORE_CHANGE_DAYS_DEFAULT : retention.change_days;
    TRY(last_sequence(view->txn, &last));
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), bytes_of(NULL, 0), ENGINE_ASCENDING,
                         &scan));
    const struct trimming trimming = {now_us, now_us - (int64_t)days * US_PER_DAY, last};
    const struct status status = find_old(view, scan, &trimming, max, keys, count);
    engine_scan_close(scan);
    if (*count > 0 && store_get_u64(keys[*count - 1].data + 1) == last) {
        (*count)--;
    }
    return status;
}
