/* Scans that see wishes, against a sorted model: rows that are stored, wished in a what-if, and
 * wished by a view that tries something on it. */

#include "server/store/view_scan.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/store/fixture.h"

TestSuite(view_scan, .init = fixture_open, .fini = fixture_close);

enum { LENGTH_MAX = 3, KEYS = 85, ROUNDS = 40, STEPS = 60, ROW_GONE = 0 };

/* All keys of the events' table with up to three of these bytes, in order. */
static const uint8_t letters[] = {0, 1, 254, 255};
static struct store_key keys[KEYS];
static size_t key_count;

static void make_keys(const struct store_key *begin, size_t length) {
    keys[key_count++] = *begin;
    for (size_t i = 0; length < LENGTH_MAX && i < sizeof letters; i++) {
        struct store_key longer = *begin;
        longer.bytes[longer.size++] = letters[i];
        make_keys(&longer, length + 1);
    }
}

/* What one of the lists has of each key. */
struct layer {
    bool is_there[KEYS];
    uint8_t value[KEYS]; /* ROW_GONE: to be deleted. */
};

enum { STORED, WHAT_IF, TRIAL, LAYERS };
static struct layer layers[LAYERS];

/* The uppermost layer up to `top` that has the key. */
static size_t layer_of(size_t top, size_t key) {
    size_t layer = top;
    while (layer > STORED && !layers[layer].is_there[key]) {
        layer--;
    }
    return layer;
}

static bool has(size_t top, size_t key) {
    const struct layer *layer = &layers[layer_of(top, key)];
    return layer->is_there[key] && layer->value[key] != ROW_GONE;
}

static void wish(struct store_view *view, size_t layer) {
    const size_t key = seeded_below(&seeded, KEYS);
    const uint8_t value = (uint8_t)seeded_below(&seeded, 3);
    layers[layer].is_there[key] = true;
    layers[layer].value[key] = value;
    if (value == ROW_GONE) {
        view_delete(view, &keys[key]);
    } else {
        view_put(view, &keys[key], arena_copy(&arena, bytes_of(&value, 1)));
    }
}

static void store_rows(void) {
    for (size_t i = 0; i < KEYS; i++) {
        layers[STORED].is_there[i] = seeded_below(&seeded, 2) == 0;
        layers[STORED].value[i] = 7;
        if (layers[STORED].is_there[i]) {
            row_put(store_key_bytes(&keys[i]), bytes_of(&layers[STORED].value[i], 1));
        } else {
            row_delete(store_key_bytes(&keys[i]));
        }
    }
}

/* Whether a scan should give the key. */
static bool is_wanted(size_t top, size_t key, size_t prefix, struct bytes from,
                      enum engine_order order) {
    const struct bytes bytes = store_key_bytes(&keys[key]);
    const int at = from.size == 0 ? 0 : bytes_compare(bytes, from);
    return has(top, key) && bytes_start_with(bytes, store_key_bytes(&keys[prefix])) &&
           (order == ENGINE_ASCENDING ? at >= 0 : at <= 0);
}

static void expect_row(const struct view_row *row, size_t top, size_t key) {
    const size_t layer = layer_of(top, key);
    cr_assert(bytes_equal(row->key, store_key_bytes(&keys[key])));
    cr_assert_eq(row->value.size, 1);
    cr_assert_eq(row->value.data[0], layers[layer].value[key]);
    cr_assert_eq(row->is_wished, layer != STORED);
}

static void scan(struct store_view *view, size_t top) {
    const size_t prefix = seeded_below(&seeded, KEYS);
    const size_t at = seeded_below(&seeded, KEYS);
    const enum engine_order order =
        seeded_below(&seeded, 2) == 0 ? ENGINE_ASCENDING : ENGINE_DESCENDING;
    const struct bytes from =
        bytes_start_with(store_key_bytes(&keys[at]), store_key_bytes(&keys[prefix]))
            ? store_key_bytes(&keys[at])
            : bytes_of(NULL, 0);
    struct view_scan *scan = NULL;
    struct view_row row;
    cr_assert(status_is_ok(view_scan_open(view, &keys[prefix], from, order, &scan)));
    for (size_t i = 0; i < KEYS; i++) {
        const size_t key = order == ENGINE_ASCENDING ? i : KEYS - 1 - i;
        if (is_wanted(top, key, prefix, from, order)) {
            cr_assert(status_is_ok(view_scan_next(scan, &row)));
            expect_row(&row, top, key);
        }
    }
    for (int i = 0; i < 2; i++) { /* At the end it stays there. */
        cr_assert(status_is_ok(view_scan_next(scan, &row)));
        cr_assert_null(row.key.data);
    }
    view_scan_close(scan);
}

/* What a layer has goes to the one below it. */
static void keep(size_t layer) {
    for (size_t i = 0; i < KEYS; i++) {
        if (layers[layer].is_there[i]) {
            layers[layer - 1].is_there[i] = true;
            layers[layer - 1].value[i] = layers[layer].value[i];
        }
    }
    layers[layer] = (struct layer){0};
}

Test(view_scan, answers_as_a_sorted_list_does) {
    const struct store_key table = store_key_table(STORE_TABLE_EVENT);
    make_keys(&table, 0);
    cr_assert_eq(key_count, KEYS);
    for (size_t round = 0; round < ROUNDS; round++) {
        memset(layers, 0, sizeof layers);
        store_rows();
        struct store_what_if *what_if = NULL;
        struct store_view *view = read_begin();
        scan(view, STORED);
        store_view_go_on(view, &arena, &what_if);
        for (size_t step = 0; step < STEPS; step++) {
            wish(view, WHAT_IF);
            scan(view, WHAT_IF);
        }
        struct store_view *trial = store_view_try(view, what_if, &arena);
        cr_assert_not(store_view_has_wishes(trial));
        for (size_t step = 0; step < STEPS; step++) {
            scan(trial, TRIAL);
            wish(trial, TRIAL);
        }
        cr_assert(store_view_has_wishes(trial));
        scan(view, WHAT_IF); /* It saw nothing of that. */
        store_view_keep(trial, &arena, &what_if);
        keep(TRIAL);
        trial = store_view_try(view, what_if, &arena);
        for (size_t step = 0; step < STEPS; step++) {
            scan(view, WHAT_IF);
            scan(trial, TRIAL);
        }
        read_end();
    }
}

/* ---- rows of which the overlay holds something else than what is stored ---- */

static const char *texts_of(struct store_view *view, struct id profile) {
    struct store_decision rows[8];
    size_t count = 0;
    bool more = false;
    const char *texts = "";
    cr_assert(status_is_ok(
        store_decision_scan(view, &profile, 1, (struct id){{0}}, 8, rows, &count, &more)));
    for (size_t i = 0; i < count; i++) {
        texts = arena_format(&arena, "%s%.*s ", texts, (int)rows[i].packed.size,
                             (const char *)rows[i].packed.data);
    }
    return texts;
}

static void decide(struct store_view *view, struct id profile, uint8_t number, const char *text) {
    const struct id decision = {{number}};
    cr_assert(status_is_ok(store_decision_put(view, profile, decision, bytes_of_string(text))));
}

Test(view_scan, what_is_sealed_at_rest_is_read_before_it_is_sealed) {
    struct profile *profile = profile_new("Noura");
    const struct id id = profile->id;
    profile_save(profile);
    struct store_view *view = write_begin();
    decide(view, id, 1, "one");
    decide(view, id, 3, "three");
    decide(view, id, 5, "five");
    write_end();
    struct store_what_if *what_if = NULL;
    view = read_begin();
    store_view_go_on(view, &arena, &what_if);
    decide(view, id, 2, "two");
    decide(view, id, 3, "three anew");
    store_decision_delete(view, id, (struct id){{5}});

    struct store_view *trial = store_view_try(view, what_if, &arena);
    decide(trial, id, 2, "two anew");

    cr_expect_str_eq(texts_of(view, id), "one two three anew ");
    cr_expect_str_eq(texts_of(trial, id), "one two anew three anew ");
    cr_expect_str_eq(texts_of(store_view_beside(view, &arena), id), "one three five ");
    read_end();
}

static const char *names_of(struct store_view *view, enum store_order order,
                            const struct profile_term *term) {
    struct store_cursor cursor = {.set = false};
    struct id ids[8];
    size_t count = 0;
    bool more = false;
    const char *names = "";
    const struct store_clause clause = {1, term};
    struct store_choice choice = store_choice_all();
    choice.clause_count = term == NULL ? 0 : 1;
    choice.clauses = &clause;
    cr_assert(status_is_ok(
        store_profile_scan(view, order, false, &choice, &cursor, 8, ids, &count, &more, NULL)));
    cr_assert_not(more);
    for (size_t i = 0; i < count; i++) {
        const struct profile *profile = NULL;
        cr_assert(status_is_ok(store_profile_get(view, ids[i], &profile)));
        names = arena_format(&arena, "%s%s ", names, profile->name);
    }
    return names;
}

static void put(struct store_view *view, struct profile *profile) {
    cr_assert(status_is_ok(store_profile_put(view, profile)));
}

Test(view_scan, profiles_that_are_wished_are_among_those_that_are_there) {
    const struct profile_term abha = {PROFILE_TERM_ATTRIBUTE, "city", "abha"};
    struct profile *reem = profile_new("Reem");
    struct profile *sami = profile_new("Sami");
    struct profile *huda = profile_new("Huda");
    profile_add_attribute(reem, "city", "abha", false);
    profile_save(reem);
    profile_save(huda);
    struct store_what_if *what_if = NULL;
    struct store_view *view = read_begin();
    store_view_go_on(view, &arena, &what_if);
    const struct profile *nobody = NULL;
    cr_assert(status_is_ok(store_profile_get(view, (struct id){{200}}, &nobody)));
    cr_assert_null(nobody);
    profile_add_attribute(sami, "city", "abha", false);
    put(view, sami);
    struct store_view *trial = store_view_try(view, what_if, &arena);
    struct profile *changed = profile_to_change(trial, reem->id);
    changed->attribute_count = 0;
    changed->update_us = huda->update_us + 1;
    put(trial, changed);

    cr_expect_str_eq(names_of(view, STORE_BY_CREATE, NULL), "Reem Sami Huda ");
    cr_expect_str_eq(names_of(view, STORE_BY_CREATE, &abha), "Reem Sami ");
    cr_expect_str_eq(names_of(trial, STORE_BY_CREATE, NULL), "Reem Sami Huda ");
    cr_expect_str_eq(names_of(trial, STORE_BY_CREATE, &abha), "Sami ");
    cr_expect_str_eq(names_of(trial, STORE_BY_UPDATE, NULL), "Sami Huda Reem ");
    cr_expect_eq(trial->below, view->overlay);
    read_end();
}
