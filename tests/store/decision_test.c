/* Decisions: histories woven over several profiles, page by page, within bytes. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/store/fixture.h"

TestSuite(decision, .init = fixture_open, .fini = fixture_close);

enum { PROFILES = 4, DECISIONS = 90 };

static struct id ids[PROFILES];
static struct store_decision model[DECISIONS];

static struct bytes content_of(size_t number, size_t size) {
    uint8_t *content = arena_alloc(&arena, size);
    memset(content, (int)number, size);
    return bytes_of(content, size);
}

/* In the order of their ids, each under one of the profiles by chance. */
static void populate(size_t size) {
    struct store_view *view = write_begin();
    for (size_t i = 0; i < PROFILES; i++) {
        struct profile *profile = profile_new("Noura");
        cr_assert(status_is_ok(store_profile_put(view, profile)));
        ids[i] = profile->id;
    }
    for (size_t i = 0; i < DECISIONS; i++) {
        model[i] = (struct store_decision){
            .profile = ids[seeded_below(&seeded, PROFILES)],
            .id = id_make(FIXTURE_NOW_US + (int64_t)i, &random_source),
            .packed = content_of(i, size),
        };
        cr_assert(
            status_is_ok(store_decision_put(view, model[i].profile, model[i].id, model[i].packed)));
    }
    write_end();
}

static void assert_same(const struct store_decision *a, const struct store_decision *b) {
    cr_assert(id_equal(a->id, b->id));
    cr_assert(id_equal(a->profile, b->profile));
    cr_assert(bytes_equal(a->packed, b->packed));
}

/* Reads all of it in pages of at most `max`; how many pages there were. */
static size_t read_all(size_t max) {
    struct store_decision page[DECISIONS + 1];
    struct id after = {{0}};
    size_t seen = 0;
    size_t pages = 0;
    for (bool more = true; more; pages++) {
        size_t count = 0;
        const struct status status =
            store_decision_scan(read_begin(), ids, PROFILES, after, max, page, &count, &more);
        cr_assert(status_is_ok(status), "%s", status.text);
        cr_assert_leq(count, max);
        cr_assert_leq(seen + count, DECISIONS);
        for (size_t i = 0; i < count; i++) {
            assert_same(&page[i], &model[seen + i]);
        }
        seen += count;
        cr_assert_eq(more, seen < DECISIONS);
        after = page[count - 1].id;
        read_end();
    }
    cr_assert_eq(seen, DECISIONS);
    return pages;
}

Test(decision, history_is_woven_page_by_page) {
    populate(16);

    cr_expect_eq(read_all(1), DECISIONS);
    cr_expect_eq(read_all(17), (DECISIONS + 16) / 17);
    cr_expect_eq(read_all(DECISIONS), 1);
}

Test(decision, a_page_ends_after_so_many_bytes) {
    enum { SIZE = 50000, FIT = (STORE_DECISIONS_SIZE_MAX + SIZE - 1) / SIZE };
    populate(SIZE);

    cr_expect_eq(read_all(DECISIONS), (DECISIONS + FIT - 1) / FIT);
}

Test(decision, history_has_no_others) {
    populate(16);
    struct store_decision page[DECISIONS];
    size_t count = 0;
    bool more = true;

    cr_assert(status_is_ok(store_decision_scan(read_begin(), &ids[1], 1, (struct id){{0}},
                                               DECISIONS, page, &count, &more)));

    size_t expected = 0;
    for (size_t i = 0; i < DECISIONS; i++) {
        if (id_equal(model[i].profile, ids[1])) {
            cr_assert_lt(expected, count);
            assert_same(&page[expected++], &model[i]);
        }
    }
    cr_expect_eq(count, expected);
    cr_expect_not(more);
    read_end();
}

Test(decision, a_profile_without_any_has_none) {
    struct profile *profile = profile_new("Noura");
    const struct id id = profile->id;
    profile_save(profile);
    struct store_decision page[1];
    size_t count = 1;
    bool more = true;

    cr_assert(status_is_ok(
        store_decision_scan(read_begin(), &id, 1, (struct id){{0}}, 1, page, &count, &more)));

    cr_expect_eq(count, 0);
    cr_expect_not(more);
    read_end();
}

Test(decision, a_row_that_was_moved_does_not_open) {
    populate(16);
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_DECISION, &count);
    cr_assert_eq(count, DECISIONS);
    const struct store_key key =
        store_key_ids(STORE_TABLE_DECISION, ids[0], id_make(FIXTURE_NOW_US - 1, &random_source));
    row_put(store_key_bytes(&key), rows[0].value);
    struct store_decision page[1];
    bool more = false;

    const struct status status =
        store_decision_scan(read_begin(), ids, PROFILES, (struct id){{0}}, 1, page, &count, &more);

    cr_expect_eq(status.code, STATUS_DATA_LOSS);
    read_end();
}
