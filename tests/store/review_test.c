/* Reviews: one a pair, found by the pair and by their id, listed newest first, and counted. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/store/fixture.h"

TestSuite(review, .init = fixture_open, .fini = fixture_close);

enum { PROFILES = 4, PLACES_MAX = 16 };

static struct id ids[PROFILES]; /* In order. */

static void make_profiles(void) {
    for (size_t i = 0; i < PROFILES; i++) {
        struct profile *profile = profile_new("Noura");
        ids[i] = profile->id;
        profile_save(profile);
    }
}

static struct store_review review_of(size_t one, size_t other, int64_t first_us) {
    return (struct store_review){.id = id_make(first_us, &random_source),
                                 .one = ids[one],
                                 .other = ids[other],
                                 .state = STORE_REVIEW_OPEN,
                                 .rule = 7,
                                 .rules = 1 << 7,
                                 .record_count = 1,
                                 .first_us = first_us,
                                 .last_us = first_us,
                                 .decision = {{1}},
                                 .decision_member = ids[one],
                                 .rule_version = 3};
}

static struct store_review save(struct store_review review) {
    cr_assert(status_is_ok(store_review_put(write_begin(), &review)));
    write_end();
    return review;
}

static struct store_review_place places[PLACES_MAX];

static size_t scan(enum store_review_lists lists, const struct id *profiles, size_t profile_count,
                   struct id before, size_t max) {
    size_t count = 0;
    cr_assert(status_is_ok(store_review_scan(read_begin(), lists, profiles, profile_count, before,
                                             max, places, &count)));
    read_end();
    return count;
}

static struct store_review_count count_of(size_t profile) {
    struct store_review_count count;
    cr_assert(status_is_ok(store_review_count_get(read_begin(), ids[profile], &count)));
    read_end();
    return count;
}

static const struct id none = {{0}};

Test(review, is_found_by_its_pair_in_either_order_and_by_its_id) {
    make_profiles();
    const struct store_review put = save(review_of(0, 1, FIXTURE_NOW_US));

    bool found = false;
    struct store_review got;
    struct store_view *view = read_begin();
    cr_assert(status_is_ok(store_review_get(view, ids[1], ids[0], &found, &got)));
    cr_assert(found);
    cr_expect_eq(got.rule, put.rule);
    cr_expect_eq(got.rules, put.rules);
    cr_expect_eq(got.rule_version, put.rule_version);
    cr_expect_eq(got.first_us, put.first_us);
    cr_expect(id_equal(got.decision, put.decision));
    cr_expect(id_equal(got.decision_member, put.decision_member));
    cr_assert(status_is_ok(store_review_find(view, put.id, &found, &got)));
    cr_expect(found && id_equal(got.one, ids[0]) && id_equal(got.other, ids[1]));
    cr_assert(status_is_ok(store_review_find(view, ids[0], &found, &got)));
    cr_expect_not(found);
    cr_assert(status_is_ok(store_review_get(view, ids[0], ids[2], &found, &got)));
    cr_expect_not(found);
    read_end();
}

Test(review, lists_are_by_state_and_profile_newest_first) {
    make_profiles();
    const struct store_review first = save(review_of(0, 1, FIXTURE_NOW_US));
    const struct store_review second = save(review_of(0, 2, FIXTURE_NOW_US + 5000));
    struct store_review third = save(review_of(2, 3, FIXTURE_NOW_US + 9000));
    third.state = STORE_REVIEW_KEPT_APART;
    third.decide_us = FIXTURE_NOW_US + 10000;
    save(third);

    cr_assert_eq(scan(STORE_REVIEWS_OPEN, NULL, 0, none, PLACES_MAX), 2);
    cr_expect(id_equal(places[0].id, second.id));
    cr_expect(id_equal(places[1].id, first.id));
    cr_assert_eq(scan(STORE_REVIEWS_DECIDED, NULL, 0, none, PLACES_MAX), 1);
    cr_expect(id_equal(places[0].one, ids[2]) && id_equal(places[0].other, ids[3]));
    cr_assert_eq(scan(STORE_REVIEWS_ALL, NULL, 0, none, 2), 2);
    cr_expect(id_equal(places[0].id, third.id));
    cr_assert_eq(scan(STORE_REVIEWS_ALL, NULL, 0, places[1].id, PLACES_MAX), 1);
    cr_expect(id_equal(places[0].id, first.id));
    cr_expect_eq(scan(STORE_REVIEWS_ALL, &ids[1], 1, none, PLACES_MAX), 1);
    cr_expect_eq(scan(STORE_REVIEWS_ALL, ids, 3, none, PLACES_MAX), 3, "each once");
    cr_expect_eq(scan(STORE_REVIEWS_OPEN, &ids[3], 1, none, PLACES_MAX), 0);
}

Test(review, open_ones_are_counted_and_a_new_one_replaces_what_was_decided) {
    make_profiles();
    struct store_review review = save(review_of(0, 1, FIXTURE_NOW_US));
    save(review_of(0, 2, FIXTURE_NOW_US));
    cr_expect_eq(count_of(0).open, 2);
    const struct id old = review.id;
    review.state = STORE_REVIEW_DISMISSED;
    review.decide_us = FIXTURE_NOW_US;
    save(review);
    cr_expect_eq(count_of(0).open, 1);
    cr_expect_eq(count_of(1).open, 0);
    cr_expect(count_of(1).is_there, "it had one");
    cr_expect_not(count_of(3).is_there);

    review.id = id_make(FIXTURE_NOW_US + 7000, &random_source);
    review.state = STORE_REVIEW_OPEN;
    review.decide_us = 0;
    save(review);

    cr_expect_eq(count_of(0).open, 2);
    cr_expect_eq(count_of(1).open, 1);
    cr_expect_eq(scan(STORE_REVIEWS_ALL, &ids[1], 1, none, PLACES_MAX), 1);
    bool found = true;
    cr_assert(status_is_ok(store_review_find(read_begin(), old, &found, &review)));
    read_end();
    cr_expect_not(found);
}

Test(review, a_view_sees_what_it_wished_and_leaves_nothing_unless_applied) {
    make_profiles();
    const struct store_review review = review_of(0, 1, FIXTURE_NOW_US);
    struct store_view *view = write_begin();
    bool found = false;
    struct store_review got;
    struct store_review_count count;

    cr_assert(status_is_ok(store_review_put(view, &review)));

    cr_assert(status_is_ok(store_review_find(view, review.id, &found, &got)));
    cr_expect(found);
    cr_assert(status_is_ok(store_review_count_get(view, ids[0], &count)));
    cr_expect_eq(count.open, 1);
    write_drop();
    size_t rows = 0;
    (void)rows_of_table(STORE_TABLE_REVIEW, &rows);
    cr_expect_eq(rows, 0);
    (void)rows_of_table(STORE_TABLE_REVIEW_LIST, &rows);
    cr_expect_eq(rows, 0);
    (void)rows_of_table(STORE_TABLE_REVIEW_COUNT, &rows);
    cr_expect_eq(rows, 0);
}
