/* One store for one test, and short ways to fill it. */

#include "tests/store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"

struct store *store;
struct arena arena;
struct seeded seeded;
struct random random_source;

int64_t fixture_step_us;
int64_t fixture_now_us;

static int64_t monotonic_us(void) {
    static int64_t time_us;
    time_us += fixture_step_us;
    return time_us;
}

static const struct vault_key root_key = {{7, 8, 9}};
static struct store_write *write_handle;
static struct store_view *write_view;
static struct store_reader *reader;
static struct store_view *read_view;
static int64_t created;

static size_t terms_of(const struct profile *profile, struct arena *in, struct profile_term **out) {
    const size_t max =
        profile->identity_count + 2 * profile->attribute_count + strlen(profile->name);
    struct profile_term *terms = arena_array(in, max, sizeof *terms);
    size_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        terms[count++] = (struct profile_term){identity->rule == 0 ? PROFILE_TERM_IDENTITY
                                                                   : PROFILE_TERM_CONTACT,
                                               identity->type, identity->match};
    }
    char *name = arena_string(in, bytes_of_string(profile->name));
    char *place = NULL;
    for (char *word = strtok_r(name, " ", &place); word != NULL;
         word = strtok_r(NULL, " ", &place)) {
        terms[count++] = (struct profile_term){PROFILE_TERM_NAME_WORD, "name", word};
    }
    for (size_t i = 0; i < profile->attribute_count; i++) {
        const struct profile_attribute *attribute = &profile->attributes[i];
        if (!attribute->personal) {
            terms[count++] =
                (struct profile_term){PROFILE_TERM_ATTRIBUTE, attribute->name, attribute->value};
            terms[count++] =
                (struct profile_term){PROFILE_TERM_COUNTED, attribute->name, attribute->value};
        }
    }
    *out = terms;
    return count;
}

static struct store_options options_of(void) {
    return (struct store_options){.data_directory = scratch_path("data"),
                                  .keys_directory = scratch_path("keys"),
                                  .workspace = "riyadh",
                                  .root = &root_key,
                                  .random = &random_source,
                                  .terms = terms_of,
                                  .map_size = (size_t)1 << 30,
                                  .monotonic_us = monotonic_us};
}

struct status fixture_try_open(const struct vault_key *root, const char *workspace, bool create,
                               struct store **out) {
    struct store_options options = options_of();
    options.root = root != NULL ? root : options.root;
    options.workspace = workspace != NULL ? workspace : options.workspace;
    options.create = create;
    return store_open(&options, out);
}

void fixture_open(void) {
    scratch_open();
    cr_assert(status_is_ok(vault_init()));
    seeded.state = 11;
    random_source = seeded_random(&seeded);
    created = 0;
    fixture_step_us = 0;
    fixture_now_us = FIXTURE_NOW_US;
    arena_init(&arena, SIZE_MAX);
    const struct status status = fixture_try_open(NULL, NULL, true, &store);
    cr_assert(status_is_ok(status), "%s", status.text);
}

static void end(void) {
    store_reader_close(reader);
    reader = NULL;
    store_close(store);
    store = NULL;
    arena_free(&arena);
    scratch_close();
}

void fixture_close(void) {
    end();
    leaks_check();
}

void fixture_anew(void) {
    end();
    fixture_open();
}

void fixture_reopen(bool read_only) {
    store_reader_close(reader);
    reader = NULL;
    store_close(store);
    struct store_options options = options_of();
    options.read_only = read_only;
    const struct status status = store_open(&options, &store);
    cr_assert(status_is_ok(status), "%s", status.text);
}

struct store_view *write_begin(void) {
    cr_assert_null(write_handle);
    cr_assert(status_is_ok(store_write_begin(store, STORE_WRITE_ORDINARY, &write_handle)));
    cr_assert(status_is_ok(store_view_begin_write(write_handle, &arena, &write_view)));
    return write_view;
}

void write_end(void) {
    struct status status = store_view_apply(write_view, fixture_now_us);
    cr_assert(status_is_ok(status), "%s", status.text);
    status = store_write_commit(write_handle);
    cr_assert(status_is_ok(status), "%s", status.text);
    write_handle = NULL;
}

void write_drop(void) {
    store_write_abort(write_handle);
    write_handle = NULL;
}

struct store_view *read_begin(void) {
    if (reader == NULL) {
        cr_assert(status_is_ok(store_reader_open(store, &reader)));
    }
    cr_assert(status_is_ok(store_view_begin_read(reader, &arena, &read_view)));
    return read_view;
}

void read_end(void) { store_view_end(read_view); }

/* ---- profiles ---- */

struct profile *profile_new(const char *name) {
    struct profile *profile = arena_alloc(&arena, sizeof *profile);
    profile->create_us = FIXTURE_NOW_US + ++created * US_PER_SECOND;
    profile->update_us = profile->create_us;
    profile->id = id_make(profile->create_us, &random_source);
    profile->name = name;
    profile->name_source = "crm";
    profile->name_observe_us = profile->create_us;
    return profile;
}

void profile_add_identity(struct profile *profile, const char *type, const char *canonical) {
    profile->identities = arena_append(&arena, profile->identities, profile->identity_count,
                                       sizeof *profile->identities);
    profile->identities[profile->identity_count++] =
        (struct profile_identity){.type = type,
                                  .value = canonical,
                                  .canonical = canonical,
                                  .match = canonical,
                                  .source = "crm",
                                  .provenance = PROFILE_PROVENANCE_ATTESTED,
                                  .first_seen_us = profile->create_us,
                                  .last_seen_us = profile->update_us,
                                  .origin = profile->id};
}

void profile_add_attribute(struct profile *profile, const char *name, const char *value,
                           bool personal) {
    profile->attributes = arena_append(&arena, profile->attributes, profile->attribute_count,
                                       sizeof *profile->attributes);
    profile->attributes[profile->attribute_count++] =
        (struct profile_attribute){.name = name,
                                   .value = value,
                                   .source = "crm",
                                   .observe_us = profile->create_us,
                                   .personal = personal,
                                   .origin = profile->id};
}

struct profile *profile_to_change(struct store_view *view, struct id id) {
    const struct profile *found = NULL;
    const struct status status = store_profile_get(view, id, &found);
    cr_assert(status_is_ok(status), "%s", status.text);
    cr_assert_not_null(found);
    return profile_copy(found, &arena);
}

static void put(struct store_view *view, struct profile *profile) {
    const struct status status = store_profile_put(view, profile);
    cr_assert(status_is_ok(status), "%s", status.text);
}

void profile_save(struct profile *profile) {
    put(write_begin(), profile);
    write_end();
}

/* What the profile would be by itself. */
static struct profile *own_state(struct store_view *view, struct id id) {
    struct profile *profile = profile_to_change(view, id);
    if (profile->absorbed_count == 0) {
        return profile;
    }
    const struct profile *own = NULL;
    cr_assert(status_is_ok(store_own_get(view, id, &own)));
    cr_assert_not_null(own);
    return profile_copy(own, &arena);
}

void own_state_change(struct store_view *view, struct id id,
                      void (*change)(struct profile *own, struct id other), struct id other) {
    struct profile *own = own_state(view, id);
    const bool is_alone = profile_to_change(view, id)->absorbed_count == 0;
    change(own, other);
    if (is_alone) {
        put(view, own);
    } else {
        cr_assert(status_is_ok(store_own_put(view, own)));
    }
}

static void absorb(struct profile *survivor, const struct profile *other, struct id merge) {
    for (size_t i = 0; i < other->identity_count; i++) {
        survivor->identities = arena_append(&arena, survivor->identities, survivor->identity_count,
                                            sizeof *survivor->identities);
        survivor->identities[survivor->identity_count++] = other->identities[i];
    }
    for (size_t i = 0; i <= other->absorbed_count; i++) {
        struct id *ids =
            arena_append(&arena, survivor->absorbed, survivor->absorbed_count, sizeof *ids);
        struct profile_merge *merges =
            arena_append(&arena, survivor->merges, survivor->absorbed_count, sizeof *merges);
        merges[survivor->absorbed_count] =
            i == 0 ? (struct profile_merge){merge, survivor->id, other->id} : other->merges[i - 1];
        ids[survivor->absorbed_count++] = i == 0 ? other->id : other->absorbed[i - 1];
        survivor->absorbed = ids;
        survivor->merges = merges;
    }
}

struct id profiles_merge(struct store_view *view, struct id one, struct id other, int64_t now_us,
                         bool survivor_first) {
    const bool one_survives = id_compare(one, other) < 0;
    struct profile *survivor = profile_to_change(view, one_survives ? one : other);
    const struct profile *other_profile = profile_to_change(view, one_survives ? other : one);
    struct profile *merged = own_state(view, other_profile->id);
    struct profile *own = own_state(view, survivor->id);
    const struct store_merge merge = {.id = id_make(now_us, &random_source),
                                      .survivor = survivor->id,
                                      .absorbed = merged->id,
                                      .one = survivor->id,
                                      .other = merged->id,
                                      .merge_us = now_us,
                                      .method = "MergeProfiles",
                                      .rule_version = 1};
    cr_assert(status_is_ok(store_merge_put(view, &merge)));
    absorb(survivor, other_profile, merge.id);
    survivor->update_us = now_us;
    survivor->decision_count = 0;
    merged->merged_into = survivor->id;
    merged->update_us = now_us;
    put(view, survivor_first ? survivor : merged);
    put(view, survivor_first ? merged : survivor);
    cr_assert(status_is_ok(store_own_put(view, own)));
    store_own_delete(view, merged->id);
    return survivor->id;
}

/* ---- interactions ---- */

static char *borrowed(const char *text) { return (char *)(uintptr_t)text; }

struct bytes engagement(const char *source, const char *event_id, const char *channel,
                        const char *theme, uint32_t sentiment) {
    Stored__V1__Engagement inner = STORED__V1__ENGAGEMENT__INIT;
    inner.channel = borrowed(channel);
    inner.theme = borrowed(theme);
    inner.text = borrowed("The shawarma came cold");
    inner.sentiment = sentiment;
    Stored__V1__Interaction message = STORED__V1__INTERACTION__INIT;
    message.source = borrowed(source);
    message.event_id = borrowed(event_id);
    message.payload_case = STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    message.engagement = &inner;
    return store_pack(&arena, &message.base);
}

struct store_interaction interaction_add(struct store_view *view, struct id profile,
                                         int64_t occur_us, const char *event_id,
                                         const char *channel, const char *theme,
                                         uint32_t sentiment) {
    const struct store_interaction interaction = {
        .profile = profile,
        .id = id_make(FIXTURE_NOW_US, &random_source),
        .occur_us = occur_us,
        .packed = engagement("helpdesk", event_id, channel, theme, sentiment)};
    cr_assert(status_is_ok(store_interaction_put(view, &interaction)));
    return interaction;
}

/* ---- rows, behind the store's back ---- */

struct rows {
    size_t count;
    size_t capacity;
    struct row *items;
};

static void rows_add(struct rows *rows, struct engine_txn *txn, struct bytes prefix) {
    struct engine_scan *scan = NULL;
    cr_assert(
        status_is_ok(engine_scan_open(txn, prefix, bytes_of(NULL, 0), ENGINE_ASCENDING, &scan)));
    for (;;) {
        struct row row;
        cr_assert(status_is_ok(engine_scan_next(scan, &row.key, &row.value)));
        if (row.key.data == NULL) {
            break;
        }
        if (rows->count == rows->capacity) {
            struct row *more = arena_array(&arena, rows->capacity * 2 + 64, sizeof *more);
            if (rows->count > 0) {
                memcpy(more, rows->items, rows->count * sizeof *more);
            }
            rows->items = more;
            rows->capacity = rows->capacity * 2 + 64;
        }
        rows->items[rows->count++] =
            (struct row){arena_copy(&arena, row.key), arena_copy(&arena, row.value)};
    }
    engine_scan_close(scan);
}

/* A scan stays in one table: all rows are those of each. */
struct row *rows_of(struct bytes prefix, size_t *count) {
    struct rows rows = {0};
    struct engine_txn *txn = NULL;
    cr_assert(status_is_ok(engine_read_begin(store->engine, &txn)));
    for (size_t first = 0; prefix.size == 0 && first <= UINT8_MAX; first++) {
        const uint8_t table = (uint8_t)first;
        rows_add(&rows, txn, bytes_of(&table, 1));
    }
    if (prefix.size > 0) {
        rows_add(&rows, txn, prefix);
    }
    engine_read_end(txn);
    *count = rows.count;
    return rows.items;
}

struct row *rows_of_table(enum store_table table, size_t *count) {
    const uint8_t prefix = (uint8_t)table;
    return rows_of(bytes_of(&prefix, 1), count);
}

void row_put(struct bytes key, struct bytes value) {
    struct engine_txn *txn = NULL;
    cr_assert(status_is_ok(engine_write_begin(store->engine, ENGINE_WRITE_ORDINARY, &txn)));
    cr_assert(status_is_ok(engine_put(txn, key, value)));
    cr_assert(status_is_ok(engine_commit(txn)));
}

void row_delete(struct bytes key) {
    struct engine_txn *txn = NULL;
    cr_assert(status_is_ok(engine_write_begin(store->engine, ENGINE_WRITE_ORDINARY, &txn)));
    cr_assert(status_is_ok(engine_delete(txn, key)));
    cr_assert(status_is_ok(engine_commit(txn)));
}
