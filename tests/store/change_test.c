/* Changes: what was put is given again, from any place, however it lies in rows. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/store/change.h"
#include "tests/store/fixture.h"

TestSuite(change, .init = fixture_open, .fini = fixture_close);

enum { CHANGES = 600, OF_ONE = 3, ROW_MAX = 2021 /* Two of them fill a page of LMDB. */ };

static struct store_change changes[CHANGES];

/* Each person is created and has two identities, of a type that is built in and of one that is not;
 * the last one of all has more fields than a row usually holds. */
static void changes_make(void) {
    static const char *const types[] = {"", "email", "loyalty"};
    static const char *paths[200];
    struct id profile = {{0}};
    for (size_t i = 0; i < CHANGES; i++) {
        profile = i % OF_ONE == 0 ? id_make(FIXTURE_NOW_US, &random_source) : profile;
        changes[i] = store_change_of(
            i % OF_ONE == 0 ? STORE_CHANGE_PROFILE_CREATED : STORE_CHANGE_IDENTITY_LINKED, profile);
        changes[i].identity_type = types[i % OF_ONE];
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        paths[i] = "attributes.loyalty_level";
    }
    changes[CHANGES - 1].path_count = sizeof paths / sizeof *paths;
    changes[CHANGES - 1].paths = paths;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_changes_put(view, FIXTURE_NOW_US, changes, CHANGES)));
    write_end();
}

static size_t given;

static bool give(void *state, const struct store_change *change) {
    (void)state;
    const struct store_change *expected = &changes[given++];
    cr_assert_eq(change->kind, expected->kind);
    cr_assert(id_equal(change->profile, expected->profile));
    cr_assert_str_eq(change->identity_type, expected->identity_type);
    cr_assert_eq(change->path_count, expected->path_count);
    cr_assert_eq(change->time_us, FIXTURE_NOW_US);
    return true;
}

Test(change, all_are_given_from_any_place) {
    changes_make();

    for (size_t page = 1; page <= CHANGES; page = page * 3 + 1) {
        struct store_change_place place = {0};
        bool more = true;
        given = 0;
        while (more) {
            cr_assert(
                status_is_ok(store_change_scan(read_begin(), &place, page, give, NULL, &more)));
            read_end();
        }
        cr_expect_eq(given, CHANGES);
    }
}

Test(change, rows_fill_pages_and_one_change_has_one_row) {
    changes_make();

    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_CHANGE, &count);
    cr_assert_gt(count, 2);
    for (size_t i = 0; i + 2 < count; i++) {
        cr_expect_leq(rows[i].value.size, ROW_MAX);
        cr_expect_gt(rows[i].value.size, ROW_MAX - 100);
    }
    cr_expect_gt(rows[count - 1].value.size, ROW_MAX);
}

Test(change, of_a_segment_is_of_nobody_whatever_is_beside_it) {
    const struct id person = id_make(FIXTURE_NOW_US, &random_source);
    changes[0] = store_change_of(STORE_CHANGE_PROFILE_CREATED, person);
    changes[1] = store_change_of(STORE_CHANGE_SEGMENT_DELETED, (struct id){{0}});
    changes[2] = store_change_of(STORE_CHANGE_SEGMENT_DELETED, (struct id){{0}});
    changes[3] = store_change_of(STORE_CHANGE_PROFILE_DELETED, person);
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_changes_put(view, FIXTURE_NOW_US, changes, 4)));
    write_end();

    struct store_change_place place = {0};
    bool more = true;
    cr_assert(status_is_ok(store_change_scan(read_begin(), &place, 10, give, NULL, &more)));
    read_end();

    cr_expect_eq(given, 4);
}
