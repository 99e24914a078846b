/* The walk of the verification: one pass over all rows in the order of their keys, each given to
 * the check of its table; then those indexes row by row whose rows are not all accounted for. */

#include "server/store/verify.h"

#include <assert.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/store/verify_walk.h"

enum { ARENA_SIZE = 64 << 20 };

typedef struct status check_fn(struct verify *verify, struct bytes key, struct bytes value);

/* A table of keys.h: the sizes of its keys, the check of a row, and the closer look at a row of an
 * index. */
struct table {
    enum store_table table;
    const char *name;
    size_t key_size_min;
    size_t key_size_max;
    check_fn *check;
    check_fn *look;
};

enum { HASH_KEY_SIZE = 1 + VAULT_FINGERPRINT_SIZE, ID_KEY_SIZE = 1 + ID_SIZE };

static const struct table tables[] = {
    {STORE_TABLE_FORMAT, "format", 1, 1, verify_format, NULL},
    {STORE_TABLE_PROFILE, "profile", ID_KEY_SIZE, ID_KEY_SIZE, verify_profile, NULL},
    {STORE_TABLE_IDENTITY, "identity", HASH_KEY_SIZE, HASH_KEY_SIZE, verify_identity,
     verify_index_row},
    {STORE_TABLE_ATTRIBUTE, "attribute", 1 + 2 + 2 + ID_SIZE, STORE_KEY_SIZE_MAX, verify_term,
     verify_index_row},
    {STORE_TABLE_NAME_WORD, "name word", 1 + STORE_WORD_HASH_SIZE + ID_SIZE,
     1 + STORE_WORD_HASH_SIZE + ID_SIZE, verify_term, verify_index_row},
    {STORE_TABLE_CONTACT, "contact", 1 + STORE_WORD_HASH_SIZE + ID_SIZE,
     1 + STORE_WORD_HASH_SIZE + ID_SIZE, verify_term, verify_index_row},
    {STORE_TABLE_UPDATE_TIME, "update time", 1 + 8 + ID_SIZE, 1 + 8 + ID_SIZE, verify_term,
     verify_index_row},
    {STORE_TABLE_OWN_STATE, "own state", ID_KEY_SIZE, ID_KEY_SIZE, verify_own_state, NULL},
    {STORE_TABLE_MERGE, "merge", ID_KEY_SIZE, ID_KEY_SIZE, verify_merge, NULL},
    {STORE_TABLE_MERGE_BY_ID, "merge by id", ID_KEY_SIZE + ID_SIZE, ID_KEY_SIZE + ID_SIZE,
     verify_term, verify_merge_by_id},
    {STORE_TABLE_NEVER_JOIN, "never join", ID_KEY_SIZE + ID_SIZE, ID_KEY_SIZE + ID_SIZE,
     verify_never_join, NULL},
    {STORE_TABLE_REVIEW, "review", ID_KEY_SIZE + ID_SIZE, ID_KEY_SIZE + ID_SIZE, verify_review,
     NULL},
    {STORE_TABLE_REVIEW_LIST, "review list", ID_KEY_SIZE + 1 + ID_SIZE, ID_KEY_SIZE + 1 + ID_SIZE,
     verify_review_list, verify_review_list_row},
    {STORE_TABLE_REVIEW_COUNT, "review count", ID_KEY_SIZE, ID_KEY_SIZE, verify_review_count, NULL},
    {STORE_TABLE_DECISION, "decision", ID_KEY_SIZE + ID_SIZE, ID_KEY_SIZE + ID_SIZE,
     verify_decision, NULL},
    {STORE_TABLE_INTERACTION, "interaction", ID_KEY_SIZE + 8 + ID_SIZE, ID_KEY_SIZE + 8 + ID_SIZE,
     verify_interaction, NULL},
    {STORE_TABLE_SUMMARY, "summary", ID_KEY_SIZE, ID_KEY_SIZE, verify_summary, NULL},
    {STORE_TABLE_FACT, "fact", ID_KEY_SIZE + 9, ID_KEY_SIZE + 9, verify_fact, verify_fact_row},
    {STORE_TABLE_COUNT, "count", 1 + 1 + 4 + 5, STORE_KEY_SIZE_MAX, verify_count, verify_count_row},
    {STORE_TABLE_EVENT, "event", HASH_KEY_SIZE, HASH_KEY_SIZE + 8 + 4, verify_event,
     verify_event_row},
    {STORE_TABLE_REQUEST, "request", 1 + 4 + ID_SIZE + 2, 1 + 4 + ID_SIZE + 2, verify_request,
     NULL},
    {STORE_TABLE_IMPORT, "import", HASH_KEY_SIZE, HASH_KEY_SIZE, verify_import, NULL},
    {STORE_TABLE_RULES, "rules", 1, 1 + 8, verify_rules, NULL},
    {STORE_TABLE_ATTRIBUTE_RULES, "attribute rules", 1, 1 + STORE_DEFINITION_NAME_SIZE_MAX,
     verify_attribute_rules, NULL},
    {STORE_TABLE_THEMES, "themes", 1, 1, verify_themes, NULL},
    {STORE_TABLE_CHANNELS, "channels", 1, 1, verify_channels, NULL},
    {STORE_TABLE_RETENTION, "retention", 1, 1, verify_retention, NULL},
    {STORE_TABLE_TRAIT_STATE, "trait state", ID_KEY_SIZE + 4, ID_KEY_SIZE + 4 + 4,
     verify_trait_state, NULL},
    {STORE_TABLE_MARK, "mark", 1, 1, verify_mark, NULL},
    {STORE_TABLE_TRAITS, "traits", 1, 1, verify_traits, NULL},
    {STORE_TABLE_TRAIT_DUE, "trait due", ID_KEY_SIZE + 4 + 4, ID_KEY_SIZE + 4 + 4, verify_term,
     verify_trait_due_row},
    {STORE_TABLE_MEMBERSHIP, "membership", ID_KEY_SIZE, ID_KEY_SIZE, verify_membership, NULL},
    {STORE_TABLE_SEGMENT_DUE, "segment due", ID_KEY_SIZE + 8, ID_KEY_SIZE + 8, verify_term,
     verify_segment_due_row},
    {STORE_TABLE_SEGMENT_NAME, "segment name", 1 + 4, 1 + 4, verify_segment_name, NULL},
    {STORE_TABLE_SEGMENT_LIST, "segment list", ID_KEY_SIZE, ID_KEY_SIZE, verify_segment_list, NULL},
    {STORE_TABLE_MEMBER, "member", ID_KEY_SIZE + 4, ID_KEY_SIZE + 4, verify_member,
     verify_member_row},
    {STORE_TABLE_SEGMENT_SIZE, "segment size", 1 + 4, 1 + 4 + 4, verify_segment_size, NULL},
    {STORE_TABLE_SEGMENT_PLACE, "segment place", 1 + 4, 1 + 4, verify_segment_place, NULL},
    {STORE_TABLE_CHANGE, "change", 1 + 8, 1 + 8, verify_change, NULL},
    {STORE_TABLE_SUBSCRIPTION, "subscription", 2, 1 + SEGMENT_NAME_SIZE_MAX, verify_subscription,
     NULL},
    {STORE_TABLE_DELIVERY, "delivery", 1 + 2 + 1 + 8 + 4, 1 + 1 + SEGMENT_NAME_SIZE_MAX + 1 + 8 + 4,
     verify_delivery, NULL},
    {STORE_TABLE_POPULATION, "population", 1 + 2 + 1 + 4, STORE_KEY_SIZE_MAX, verify_population,
     NULL},
    {STORE_TABLE_SEGMENT, "segment", 1, 1 + SEGMENT_NAME_SIZE_MAX, verify_segment, NULL},
};

enum { TABLE_UNKNOWN = sizeof tables / sizeof *tables };
static_assert(TABLE_UNKNOWN + 1 == VERIFY_TABLES, "the tables of keys.h and one more");

/* The position of a row's table in `tables`, or TABLE_UNKNOWN. */
static size_t table_of(uint8_t first) {
    for (size_t i = 0; i < TABLE_UNKNOWN; i++) {
        if ((uint8_t)tables[i].table == first) {
            return i;
        }
    }
    return TABLE_UNKNOWN;
}

bool verify_is_problem(struct status status) {
    return status.reason == REASON_STORE_CORRUPT || status.reason == REASON_STORE_VERSION;
}

void verify_tell(struct verify *verify, struct bytes key, const char *what) {
    static const char digits[] = "0123456789abcdef";
    char text[2 * ENGINE_KEY_SIZE_MAX + 1];
    /* A damaged page may hold keys that nobody could have put there. */
    const size_t size = key.size <= ENGINE_KEY_SIZE_MAX ? key.size : ENGINE_KEY_SIZE_MAX;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[key.data[i] >> 4];
        text[2 * i + 1] = digits[key.data[i] & 15];
    }
    text[2 * size] = '\0';
    const size_t table = size == 0 ? TABLE_UNKNOWN : table_of(key.data[0]);
    struct verify_count *count = &verify->result->tables[table];
    count->problems++;
    verify->result->problems++;
    verify->sink->problem(verify->sink->state, &(struct verify_problem){count->table, text, what});
}

void verify_count_found(struct verify *verify, enum store_table table) {
    verify->found[table_of((uint8_t)table)]++;
}

/* Runs a check and tells what it found wrong with the row. */
static struct status run(struct verify *verify, check_fn *check, struct bytes key,
                         struct bytes value) {
    arena_reset(&verify->arena);
    const struct status status = check(verify, key, value);
    if (!verify_is_problem(status)) {
        return status;
    }
    verify_tell(verify, key, status.text);
    return OK;
}

/* Attribute keys alone have parts of their own sizes: 41, size, name, size, value, id. Those of
 * rules have one part or none. */
static bool has_shape(const struct table *table, struct bytes key) {
    if (key.size < table->key_size_min || key.size > table->key_size_max) {
        return false;
    }
    if (table->table == STORE_TABLE_RULES || table->table == STORE_TABLE_SEGMENT_SIZE ||
        table->table == STORE_TABLE_EVENT) {
        return key.size == table->key_size_min || key.size == table->key_size_max;
    }
    if (table->table != STORE_TABLE_ATTRIBUTE) {
        return true;
    }
    const size_t name_size = key.data[1];
    if (name_size == 0 || name_size > STORE_TERM_NAME_SIZE_MAX ||
        key.size < 2 + name_size + 1 + 1 + ID_SIZE) {
        return false;
    }
    const size_t value_size = key.data[2 + name_size];
    return value_size > 0 && value_size <= STORE_TERM_VALUE_SIZE_MAX &&
           key.size == 2 + name_size + 1 + value_size + ID_SIZE;
}

static struct status check_row(struct verify *verify, struct bytes key, struct bytes value) {
    const size_t table = key.size == 0 ? TABLE_UNKNOWN : table_of(key.data[0]);
    verify->result->rows++;
    verify->result->tables[table].rows++;
    if (table == TABLE_UNKNOWN) {
        verify_tell(verify, key, "belongs to no table that this version knows");
        return OK;
    }
    if (!has_shape(&tables[table], key)) {
        verify_tell(verify, key, "has not the shape of a key of its table");
        return OK;
    }
    verify->shaped[table]++;
    return run(verify, tables[table].check, key, value);
}

/* A key that was walked past: each that is a power of two further on. Damaged pages may lead back
 * to where a walk was, which then comes past it again (R. P. Brent's way to find a cycle). */
struct milestone {
    uint64_t steps;
    uint64_t next; /* Step at which another key is taken. */
    size_t size;
    uint8_t key[ENGINE_KEY_SIZE_MAX];
};

static bool is_passed_again(struct milestone *milestone, struct bytes key) {
    const size_t size = key.size <= ENGINE_KEY_SIZE_MAX ? key.size : ENGINE_KEY_SIZE_MAX;
    if (milestone->steps > 0 &&
        bytes_equal(bytes_of(key.data, size), bytes_of(milestone->key, milestone->size))) {
        return true;
    }
    if (milestone->steps++ == milestone->next) {
        milestone->next = 2 * milestone->steps;
        milestone->size = size;
        memcpy(milestone->key, key.data, size);
    }
    return false;
}

/* Gives the rows that start with a prefix to a function. */
static struct status walk(struct verify *verify, struct bytes prefix, check_fn *each) {
    struct engine_scan *scan = NULL;
    struct milestone milestone = {.steps = 0};
    TRY(engine_scan_open(verify->view.txn, prefix, bytes_of(NULL, 0), ENGINE_ASCENDING, &scan));
    struct status status;
    for (;;) { /* To the end of the table. */
        struct bytes key;
        struct bytes value;
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL) {
            break;
        }
        if (is_passed_again(&milestone, key)) {
            verify_tell(verify, key, "leads back to rows before it");
            break;
        }
        status = each(verify, key, value);
        if (!status_is_ok(status)) {
            break;
        }
    }
    engine_scan_close(scan);
    return status;
}

static struct status look_at_row(struct verify *verify, struct bytes key, struct bytes value) {
    const struct table *table = &tables[table_of(key.data[0])];
    return has_shape(table, key) ? run(verify, table->look, key, value) : OK;
}

static struct status verify_all(struct verify *verify) {
    TRY(verify_mark_read(verify));
    TRY(verify_traits_read(verify));
    for (size_t first = 0; first <= UINT8_MAX; first++) {
        const uint8_t table = (uint8_t)first;
        TRY(walk(verify, bytes_of(&table, 1), check_row));
    }
    TRY(verify_recount_end(verify));
    TRY(verify_day_end(verify));
    verify_population_end(verify);
    for (size_t i = 0; i < TABLE_UNKNOWN; i++) {
        if (tables[i].look != NULL && verify->found[i] != verify->shaped[i]) {
            const struct store_key prefix = store_key_table(tables[i].table);
            TRY(walk(verify, store_key_bytes(&prefix), look_at_row));
        }
    }
    if (verify->shaped[table_of(STORE_TABLE_FORMAT)] == 0) {
        const struct store_key key = store_key_table(STORE_TABLE_FORMAT);
        verify_tell(verify, store_key_bytes(&key), "is missing");
    }
    return OK;
}

struct status store_verify(struct store *store, const struct verify_sink *sink,
                           struct verify_result *out) {
    *out = (struct verify_result){0};
    for (size_t i = 0; i < VERIFY_TABLES; i++) {
        out->tables[i].table = i < TABLE_UNKNOWN ? tables[i].name : "unknown";
    }
    struct verify verify = {.store = store, .sink = sink, .result = out};
    arena_init(&verify.arena, ARENA_SIZE);
    arena_init(&verify.hop, ARENA_SIZE);
    arena_init(&verify.recount.arena, ARENA_SIZE);
    arena_init(&verify.day.arena, ARENA_SIZE);
    arena_init(&verify.lasting, ARENA_SIZE);
    verify.view.store = store;
    verify.view.arena = &verify.arena;
    verify.view.overlay = &verify.view.own_overlay;
    overlay_init(&verify.view.own_overlay, &verify.arena);
    struct status status = engine_read_begin(store->engine, &verify.view.txn);
    if (status_is_ok(status)) {
        status = verify_all(&verify);
        engine_read_end(verify.view.txn);
    }
    arena_free(&verify.lasting);
    arena_free(&verify.day.arena);
    arena_free(&verify.recount.arena);
    arena_free(&verify.hop);
    arena_free(&verify.arena);
    return status;
}
