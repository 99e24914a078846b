/* Scans: their edges one by one, then random histories against a sorted array. */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "server/engine/engine.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"
#include "tests/engine/seeded.h"

/* Rows of OWNED_LOW and OWNED_HIGH lie beside those of OWNERS. */
enum {
    TABLE = 0x01,
    OWNED_LOW = 0x02,
    SETS = 0x41,
    OWNERS = 0x42,
    OWNED_HIGH = 0xfe,
    MEMBER_SIZE = 2
};

static const struct engine_table tables[] = {
    {.first = TABLE, .in_order = true},
    {.first = SETS, .member_size = MEMBER_SIZE},
    {.first = OWNERS, .beside = OWNERS},
    {.first = OWNED_HIGH, .beside = OWNERS, .in_order = true},
    {.first = OWNED_LOW, .beside = OWNERS}};

static struct engine *engine;
static bool has_tables;

static void reopen(void) {
    const struct engine_options options = {.directory = scratch_path("store"),
                                           .map_size = 64 << 20,
                                           .tables = tables,
                                           .table_count =
                                               has_tables ? sizeof tables / sizeof *tables : 0,
                                           .create = true};
    engine_close(engine);
    const struct status status = engine_open(&options, &engine);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
}

static void open_suite(void) {
    scratch_open();
    has_tables = false;
    reopen();
}

static void open_with_tables(void) {
    scratch_open();
    has_tables = true;
    reopen();
}

static void close_suite(void) {
    engine_close(engine);
    scratch_close();
    leaks_check();
}

TestSuite(engine_scan, .init = open_suite, .fini = close_suite);
TestSuite(engine_tables, .init = open_with_tables, .fini = close_suite);

static struct engine_txn *begin_write(void) {
    struct engine_txn *txn;
    cr_assert_eq(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn).code, STATUS_OK);
    return txn;
}

static struct engine_txn *begin_read(void) {
    struct engine_txn *txn;
    cr_assert_eq(engine_read_begin(engine, &txn).code, STATUS_OK);
    return txn;
}

/* ---- edges ---- */

/* Puts the keys, which are separated by spaces. */
static void put_keys(const char *keys) {
    struct engine_txn *txn = begin_write();
    for (const char *at = keys; *at != '\0';) {
        const size_t size = strcspn(at, " ");
        cr_assert_eq(engine_put(txn, bytes_of(at, size), bytes_of("v", 1)).code, STATUS_OK);
        at += size + strspn(at + size, " ");
    }
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);
}

/* What a scan gives, its keys joined by spaces. Valid until the next call. */
static const char *scan_keys(struct engine_txn *txn, const char *prefix, const char *from,
                             enum engine_order order) {
    static char found[1024];
    size_t size = 0;
    struct engine_scan *scan;
    cr_assert_eq(
        engine_scan_open(txn, bytes_of_string(prefix), bytes_of_string(from), order, &scan).code,
        STATUS_OK);
    for (;;) {
        struct bytes key;
        struct bytes value;
        cr_assert_eq(engine_scan_next(scan, &key, &value).code, STATUS_OK);
        if (key.data == NULL) {
            break;
        }
        cr_assert(bytes_equal(value, bytes_of("v", 1)));
        if (size > 0) {
            found[size++] = ' ';
        }
        memcpy(found + size, key.data, key.size);
        size += key.size;
    }
    engine_scan_close(scan);
    found[size] = '\0';
    return found;
}

#define assert_scan(prefix, from, order, expected)                                                 \
    do {                                                                                           \
        struct engine_txn *txn_ = begin_read();                                                    \
        cr_assert_str_eq(scan_keys(txn_, prefix, from, order), expected);                          \
        engine_read_end(txn_);                                                                     \
    } while (0)

Test(engine_scan, empty_store_gives_nothing) {
    assert_scan("", "", ENGINE_ASCENDING, "");
    assert_scan("", "", ENGINE_DESCENDING, "");
    assert_scan("a", "ab", ENGINE_ASCENDING, "");
    assert_scan("a", "ab", ENGINE_DESCENDING, "");
}

Test(engine_scan, prefix_bounds_both_ends) {
    put_keys("a b b1 b2 b21 b3 c");

    assert_scan("b", "", ENGINE_ASCENDING, "b b1 b2 b21 b3");
    assert_scan("b", "", ENGINE_DESCENDING, "b3 b21 b2 b1 b");
    assert_scan("", "", ENGINE_ASCENDING, "a b b1 b2 b21 b3 c");
    assert_scan("", "", ENGINE_DESCENDING, "c b3 b21 b2 b1 b a");
    assert_scan("d", "", ENGINE_ASCENDING, "");
    assert_scan("d", "", ENGINE_DESCENDING, "");
    assert_scan("A", "", ENGINE_DESCENDING, "");
}

Test(engine_scan, from_begins_at_a_key_that_is_there) {
    put_keys("a b1 b2 b21 b3 c");

    assert_scan("b", "b2", ENGINE_ASCENDING, "b2 b21 b3");
    assert_scan("b", "b2", ENGINE_DESCENDING, "b2 b1");
}

Test(engine_scan, from_begins_beside_a_key_that_is_not) {
    put_keys("a b1 b3 c");

    assert_scan("b", "b2", ENGINE_ASCENDING, "b3");
    assert_scan("b", "b2", ENGINE_DESCENDING, "b1");
    assert_scan("b", "b4", ENGINE_ASCENDING, "");
    assert_scan("b", "b4", ENGINE_DESCENDING, "b3 b1");
    assert_scan("b", "b0", ENGINE_DESCENDING, "");
    assert_scan("", "d", ENGINE_ASCENDING, "");
    assert_scan("", "d", ENGINE_DESCENDING, "c b3 b1 a");
}

Test(engine_scan, keys_of_ff_bytes) {
    put_keys("a a\xff a\xff\xff a\xff\xff\xff b \xff \xff\xff \xff\xff\xff");

    assert_scan("a\xff", "", ENGINE_ASCENDING, "a\xff a\xff\xff a\xff\xff\xff");
    assert_scan("a\xff\xff", "", ENGINE_DESCENDING, "a\xff\xff\xff a\xff\xff");
    assert_scan("\xff", "", ENGINE_ASCENDING, "\xff \xff\xff \xff\xff\xff");
    assert_scan("\xff\xff", "", ENGINE_DESCENDING, "\xff\xff\xff \xff\xff");
    assert_scan("\xff\xff\xff\xff", "", ENGINE_DESCENDING, "");
    assert_scan("\xff", "\xff\xff", ENGINE_DESCENDING, "\xff\xff \xff");
    assert_scan("a\xff", "a\xff\xff\x01", ENGINE_DESCENDING, "a\xff\xff a\xff");
}

Test(engine_scan, end_stays_the_end) {
    put_keys("a b c");
    struct engine_txn *txn = begin_read();
    struct engine_scan *scan;
    cr_assert_eq(
        engine_scan_open(txn, bytes_of("a", 1), bytes_of("", 0), ENGINE_ASCENDING, &scan).code,
        STATUS_OK);

    struct bytes key;
    struct bytes value;
    cr_assert_eq(engine_scan_next(scan, &key, &value).code, STATUS_OK);
    cr_assert_eq(key.size, 1);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(engine_scan_next(scan, &key, &value).code, STATUS_OK);
        cr_assert_null(key.data);
        cr_assert_null(value.data);
    }
    engine_scan_close(scan);
    engine_read_end(txn);
}

Test(engine_scan, write_transaction_scans_what_it_wrote) {
    put_keys("a1 a2");
    struct engine_txn *txn = begin_write();
    cr_assert_eq(engine_put(txn, bytes_of("a3", 2), bytes_of("v", 1)).code, STATUS_OK);
    cr_assert_eq(engine_delete(txn, bytes_of("a1", 2)).code, STATUS_OK);

    cr_assert_str_eq(scan_keys(txn, "a", "", ENGINE_ASCENDING), "a2 a3");
    cr_assert_str_eq(scan_keys(txn, "a", "", ENGINE_DESCENDING), "a3 a2");
    engine_abort(txn);
}

/* ---- against a model ---- */

enum {
    TAIL_SIZE_MAX = 4, /* Of a key, behind its first byte or its owner. */
    KEY_SIZE_MAX = 1 + ENGINE_OWNER_SIZE + TAIL_SIZE_MAX,
    ENTRIES_MAX = 4096,
    VALUE_SIZE_MAX = 9000,
    TRANSACTIONS = 150,
    OPERATIONS_MAX = 30,
};

struct entry {
    uint8_t key[KEY_SIZE_MAX];
    size_t key_size;
    size_t value_size;
    uint8_t value; /* Each of its bytes. */
};

/* The entries in the order of their keys. */
struct model {
    size_t count;
    struct entry entries[ENTRIES_MAX];
};

static struct bytes key_of(const struct entry *entry) {
    return bytes_of(entry->key, entry->key_size);
}

/* The position of the first entry at or after the key. */
static size_t model_find(const struct model *model, struct bytes key) {
    size_t at = 0;
    while (at < model->count && bytes_compare(key_of(&model->entries[at]), key) < 0) {
        at++;
    }
    return at;
}

static bool model_has(const struct model *model, size_t at, struct bytes key) {
    return at < model->count && bytes_equal(key_of(&model->entries[at]), key);
}

static void model_put(struct model *model, const struct entry *entry) {
    const size_t at = model_find(model, key_of(entry));
    if (!model_has(model, at, key_of(entry))) {
        cr_assert_lt(model->count, ENTRIES_MAX);
        memmove(&model->entries[at + 1], &model->entries[at],
                (model->count - at) * sizeof *model->entries);
        model->count++;
    }
    model->entries[at] = *entry;
}

static void model_delete(struct model *model, struct bytes key) {
    const size_t at = model_find(model, key);
    if (model_has(model, at, key)) {
        model->count--;
        memmove(&model->entries[at], &model->entries[at + 1],
                (model->count - at) * sizeof *model->entries);
    }
}

static bool is_of_set(const uint8_t *key, size_t size) {
    return has_tables && size > 0 && key[0] == SETS;
}

static bool is_owned(const uint8_t *key, size_t size) {
    return has_tables && size > 0 &&
           (key[0] == OWNERS || key[0] == OWNED_LOW || key[0] == OWNED_HIGH);
}

/* A key of few different bytes, so that prefixes are shared and ends are met. Names of sets are all
 * of one size, owners differ in the last byte. */
static size_t random_key(struct seeded *seeded, uint8_t out[KEY_SIZE_MAX], size_t size_min) {
    static const uint8_t letters[] = {0x00, TABLE, SETS, 0xfe, 0xff};
    static const uint8_t firsts[] = {0x00, TABLE, OWNED_LOW, SETS, OWNERS, OWNED_HIGH, 0xff};
    const size_t size = size_min + seeded_below(seeded, 2 + TAIL_SIZE_MAX - size_min);
    memset(out, 0, KEY_SIZE_MAX);
    for (size_t i = 0; i < 1 + TAIL_SIZE_MAX; i++) {
        out[i] = letters[seeded_below(seeded, sizeof letters)];
    }
    if (has_tables) {
        out[0] = firsts[seeded_below(seeded, sizeof firsts)];
    }
    if (is_owned(out, size)) {
        memmove(out + ENGINE_OWNER_SIZE, out + 1, TAIL_SIZE_MAX);
        memset(out + 1, 0, ENGINE_OWNER_SIZE - 1);
        return ENGINE_OWNER_SIZE + (size < 2 ? 1 : size - 1);
    }
    return is_of_set(out, size) ? 1 + TAIL_SIZE_MAX : size;
}

/* A prefix of a key that a scan may have. */
static size_t random_prefix(struct seeded *seeded, const uint8_t *key, size_t size) {
    const size_t max = is_of_set(key, size) ? size - MEMBER_SIZE : size;
    const size_t min = has_tables ? 1 : 0;
    cr_assert_geq(max, min);
    const size_t prefix = min + seeded_below(seeded, max - min + 1);
    return is_owned(key, size) && prefix <= ENGINE_OWNER_SIZE ? 1 : prefix;
}

static void assert_value(const struct entry *entry, struct bytes value) {
    cr_assert_eq(value.size, entry->value_size);
    for (size_t i = 0; i < value.size; i++) {
        cr_assert_eq(value.data[i], entry->value);
    }
}

/* Compares one scan, to its end or for a few steps. */
static void assert_same_scan(const struct model *model, struct engine_txn *txn, struct bytes prefix,
                             struct bytes from, enum engine_order order) {
    struct engine_scan *scan;
    cr_assert_eq(engine_scan_open(txn, prefix, from, order, &scan).code, STATUS_OK);
    for (size_t i = 0; i < model->count; i++) {
        const struct entry *entry =
            &model->entries[order == ENGINE_ASCENDING ? i : model->count - 1 - i];
        const int side = bytes_compare(key_of(entry), from);
        const bool before = order == ENGINE_ASCENDING ? side < 0 : side > 0;
        if (!bytes_start_with(key_of(entry), prefix) || (from.size > 0 && before)) {
            continue;
        }
        struct bytes key;
        struct bytes value;
        cr_assert_eq(engine_scan_next(scan, &key, &value).code, STATUS_OK);
        cr_assert(bytes_equal(key, key_of(entry)));
        assert_value(entry, value);
    }
    struct bytes key;
    struct bytes value;
    cr_assert_eq(engine_scan_next(scan, &key, &value).code, STATUS_OK);
    cr_assert_null(key.data);
    engine_scan_close(scan);
}

static void compare_once(const struct model *model, struct engine_txn *txn, struct seeded *seeded) {
    uint8_t key[KEY_SIZE_MAX];
    const size_t size = random_key(seeded, key, has_tables ? 1 : 0);
    const size_t prefix_size = random_prefix(seeded, key, size);
    const struct bytes from =
        seeded_below(seeded, 3) == 0 ? bytes_of(NULL, 0) : bytes_of(key, size);
    const enum engine_order order =
        seeded_below(seeded, 2) == 0 ? ENGINE_ASCENDING : ENGINE_DESCENDING;
    assert_same_scan(model, txn, bytes_of(key, prefix_size), from, order);
    if (size > 0) {
        struct bytes value;
        cr_assert_eq(engine_get(txn, bytes_of(key, size), &value).code, STATUS_OK);
        const size_t at = model_find(model, bytes_of(key, size));
        const bool there = model_has(model, at, bytes_of(key, size));
        cr_assert_eq(value.data != NULL, there);
        if (there) {
            assert_value(&model->entries[at], value);
        }
    }
}

static void change_once(struct model *model, struct engine_txn *txn, struct seeded *seeded) {
    static uint8_t value[VALUE_SIZE_MAX];
    struct entry entry = {.value = (uint8_t)seeded_next(seeded)};
    entry.key_size = random_key(seeded, entry.key, 1);
    if (seeded_below(seeded, 3) == 0) {
        cr_assert_eq(engine_delete(txn, key_of(&entry)).code, STATUS_OK);
        model_delete(model, key_of(&entry));
        return;
    }
    /* Now and then one that needs pages of its own. */
    entry.value_size = seeded_below(seeded, seeded_below(seeded, 8) == 0 ? VALUE_SIZE_MAX : 40);
    entry.value_size = is_of_set(entry.key, entry.key_size) ? 0 : entry.value_size;
    memset(value, entry.value, entry.value_size);
    cr_assert_eq(engine_put(txn, key_of(&entry), bytes_of(value, entry.value_size)).code,
                 STATUS_OK);
    model_put(model, &entry);
}

static void run_history(uint64_t seed) {
    struct seeded seeded = {seed};
    struct model *committed = calloc(1, sizeof *committed);
    struct model *ahead = calloc(1, sizeof *ahead);
    for (size_t turn = 0; turn < TRANSACTIONS; turn++) {
        struct engine_txn *before = begin_read();
        struct engine_txn *txn = begin_write();
        memcpy(ahead, committed, sizeof *ahead);
        const size_t operations = seeded_below(&seeded, OPERATIONS_MAX);
        for (size_t i = 0; i < operations; i++) {
            change_once(ahead, txn, &seeded);
        }
        compare_once(ahead, txn, &seeded);
        const bool commit = seeded_below(&seeded, 4) != 0;
        if (commit) {
            cr_assert_eq(engine_commit(txn).code, STATUS_OK);
        } else {
            engine_abort(txn);
        }
        compare_once(committed, before, &seeded); /* The snapshot from before sees none of it. */
        engine_read_end(before);
        if (commit) {
            memcpy(committed, ahead, sizeof *ahead);
        }
        if (seeded_below(&seeded, 20) == 0) {
            reopen();
        }
        struct engine_txn *after = begin_read();
        for (size_t i = 0; i < 4; i++) {
            compare_once(committed, after, &seeded);
        }
        engine_read_end(after);
    }
    free(committed);
    free(ahead);
}

Test(engine_scan, random_histories_are_those_of_a_sorted_array) { run_history(1); }

Test(engine_scan, more_random_histories) { run_history(20261123); }

Test(engine_tables, random_histories_are_those_of_a_sorted_array) { run_history(2); }

Test(engine_tables, more_random_histories) { run_history(20261126); }

/* ---- sets ---- */

enum { SET_KEY_SIZE = 2 + MEMBER_SIZE };

static const size_t set_count = 3;
static const size_t set_members = 3000;

static void set_key(size_t set, size_t member, uint8_t out[SET_KEY_SIZE]) {
    out[0] = SETS;
    out[1] = (uint8_t)set;
    out[2] = (uint8_t)(member >> 8);
    out[3] = (uint8_t)member;
}

/* Puts the members of all sets; in order, or the last first. */
static void put_members(bool descending) {
    struct engine_txn *txn = begin_write();
    for (size_t i = 0; i < set_members; i++) {
        for (size_t set = 1; set <= set_count; set++) {
            uint8_t key[SET_KEY_SIZE];
            set_key(set, descending ? set_members - 1 - i : i, key);
            cr_assert_eq(engine_put(txn, bytes_of(key, sizeof key), bytes_of("", 0)).code,
                         STATUS_OK);
        }
    }
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);
}

/* A scan of one set gives each member from `first` on, `step` apart, and nothing else. */
static void assert_members(size_t set, size_t first, size_t step, enum engine_order order) {
    const bool ascending = order == ENGINE_ASCENDING;
    const size_t count = (ascending ? set_members - 1 - first : first) / step + 1;
    uint8_t expected[SET_KEY_SIZE];
    struct engine_txn *txn = begin_read();
    struct engine_scan *scan;
    struct bytes key;
    struct bytes value;
    set_key(set, first, expected);
    cr_assert_eq(engine_scan_open(txn, bytes_of(expected, 2), bytes_of(expected, sizeof expected),
                                  order, &scan)
                     .code,
                 STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        set_key(set, ascending ? first + i * step : first - i * step, expected);
        cr_assert_eq(engine_scan_next(scan, &key, &value).code, STATUS_OK);
        cr_assert(bytes_equal(key, bytes_of(expected, sizeof expected)));
        cr_assert_eq(value.size, 0);
    }
    cr_assert_eq(engine_scan_next(scan, &key, &value).code, STATUS_OK);
    cr_assert_null(key.data);
    engine_scan_close(scan);
    engine_read_end(txn);
}

Test(engine_tables, members_in_order_lie_close_together) {
    put_members(false);

    struct engine_stats stats;
    cr_assert_eq(engine_stats(engine, &stats).code, STATUS_OK);
    cr_assert_eq(stats.entries, set_count * set_members);
    cr_assert_lt(stats.size, set_count * set_members * MEMBER_SIZE + (size_t)16 * 4096);
    assert_members(2, 0, 1, ENGINE_ASCENDING);
    assert_members(2, 1234, 1, ENGINE_DESCENDING);
}

Test(engine_tables, members_come_and_go_in_any_order) {
    put_members(true);
    put_members(false); /* Those that are there change nothing. */
    struct engine_txn *txn = begin_write();
    for (size_t i = 1; i < set_members; i += 2) {
        uint8_t key[SET_KEY_SIZE];
        set_key(2, i, key);
        cr_assert_eq(engine_delete(txn, bytes_of(key, sizeof key)).code, STATUS_OK);
        cr_assert_eq(engine_delete(txn, bytes_of(key, sizeof key)).code, STATUS_OK);
    }
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);

    struct engine_stats stats;
    cr_assert_eq(engine_stats(engine, &stats).code, STATUS_OK);
    cr_assert_eq(stats.entries, set_count * set_members - set_members / 2);
    assert_members(1, 0, 1, ENGINE_ASCENDING);
    assert_members(2, 0, 2, ENGINE_ASCENDING);
    assert_members(2, 1234, 2, ENGINE_DESCENDING);
    assert_members(3, set_members - 1, 1, ENGINE_DESCENDING);
}

/* Of 1,950 bytes each: two fill a page. */
Test(engine_tables, rows_in_order_leave_full_pages) {
    static const uint8_t value[1950];
    struct engine_txn *txn = begin_write();
    for (size_t i = 0; i < 200; i++) {
        const uint8_t key[] = {TABLE, (uint8_t)i};
        cr_assert_eq(engine_put(txn, bytes_of(key, sizeof key), bytes_of(value, sizeof value)).code,
                     STATUS_OK);
    }
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);

    struct engine_stats stats;
    cr_assert_eq(engine_stats(engine, &stats).code, STATUS_OK);
    cr_assert_lt(stats.size, (size_t)120 * 4096);
}

/* A store of before tables lay by themselves. */
Test(engine_scan, store_without_the_tables_has_nothing_in_them) {
    put_keys("A \x01 B c");

    has_tables = true;
    reopen();

    assert_scan("c", "", ENGINE_ASCENDING, "c");
    assert_scan("A", "", ENGINE_ASCENDING, "");
    assert_scan("B", "", ENGINE_ASCENDING, "");
    assert_scan("\x01", "", ENGINE_DESCENDING, "");
    struct engine_txn *txn = begin_read();
    struct bytes value;
    cr_assert_eq(engine_get(txn, bytes_of("\x01", 1), &value).code, STATUS_OK);
    cr_assert_null(value.data);
    engine_read_end(txn);
}
