/* Answered requests, and the sweep that takes them away. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"
#include "tests/store/damage.h"
#include "tests/store/fixture.h"

TestSuite(request, .init = fixture_open, .fini = fixture_close);

static const struct id request_id = {{1, 2, 3}};
static const struct fingerprint body = {{9, 8, 7}};

static struct bytes answer_of(size_t size) {
    uint8_t *data = arena_alloc(&arena, size);
    seeded_fill(&seeded, data, size);
    return bytes_of(data, size);
}

static void put(struct id id, int64_t now_us, struct bytes answer) {
    const struct store_request request = {.body = body, .response = answer};
    const struct status status = store_request_put(write_begin(), id, now_us, &request);
    cr_assert(status_is_ok(status), "%s", status.text);
    write_end();
}

static struct status try_get(int64_t now_us, bool *found, struct store_request *out) {
    const struct status status = store_request_get(read_begin(), request_id, now_us, found, out);
    read_end();
    return status;
}

static bool is_found(int64_t now_us) {
    bool found = false;
    struct store_request request;
    const struct status status = try_get(now_us, &found, &request);
    cr_assert(status_is_ok(status), "%s", status.text);
    return found;
}

Test(request, answer_comes_back_whatever_its_size) {
    static const size_t sizes[] = {0, 1, 89959, 89960, 89961, 180000, 4 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct bytes answer = answer_of(sizes[i]);
        put(request_id, FIXTURE_NOW_US, answer);

        bool found = false;
        struct store_request request;
        cr_assert(status_is_ok(try_get(FIXTURE_NOW_US, &found, &request)));

        cr_assert(found);
        cr_assert(bytes_equal(request.response, answer), "%zu", sizes[i]);
        cr_assert_arr_eq(request.body.bytes, body.bytes, sizeof body.bytes);
    }
}

Test(request, is_seen_by_the_view_that_wished_it) {
    struct store_view *view = write_begin();
    const struct bytes answer = answer_of(200000);
    const struct store_request request = {.body = body, .response = answer};
    cr_assert(status_is_ok(store_request_put(view, request_id, FIXTURE_NOW_US, &request)));
    bool found = false;
    struct store_request again;

    cr_assert(status_is_ok(store_request_get(view, request_id, FIXTURE_NOW_US, &found, &again)));

    cr_assert(found);
    cr_assert(bytes_equal(again.response, answer));
    write_drop();
}

Test(request, unknown_one_is_not_found) { cr_assert_not(is_found(FIXTURE_NOW_US)); }

/* Over the change of the day, and for 24 hours to the microsecond. */
Test(request, is_kept_for_24_hours) {
    put(request_id, FIXTURE_NOW_US, answer_of(10));

    cr_assert(is_found(FIXTURE_NOW_US + 20 * US_PER_HOUR));
    cr_assert(is_found(FIXTURE_NOW_US + 24 * US_PER_HOUR));
    cr_assert_not(is_found(FIXTURE_NOW_US + 24 * US_PER_HOUR + 1));
    cr_assert_not(is_found(FIXTURE_NOW_US + 40 * US_PER_HOUR));
    cr_assert_not(is_found(FIXTURE_NOW_US + 48 * US_PER_HOUR));
}

/* A retry is one whatever the clock does. */
Test(request, is_found_when_the_clock_was_set_back) {
    static const int64_t ahead_us[] = {1, US_PER_HOUR, US_PER_DAY, 9 * US_PER_DAY};
    for (uint8_t i = 0; i < 4; i++) {
        const struct id id = {{7, i}};
        bool found = false;
        struct store_request request;
        put(id, FIXTURE_NOW_US + 16 * US_PER_HOUR + ahead_us[i], answer_of(10 + i));
        struct store_view *view = read_begin();
        cr_assert(status_is_ok(
            store_request_get(view, id, FIXTURE_NOW_US + 16 * US_PER_HOUR - 1, &found, &request)));
        cr_assert(found, "%d", i);
        cr_expect_eq(request.response.size, 10 + i);
        read_end();
    }
    cr_assert_not(is_found(FIXTURE_NOW_US));
}

Test(request, is_found_right_behind_midnight) {
    const int64_t midnight_us = INT64_C(20781) * US_PER_DAY;
    put(request_id, midnight_us - 1, answer_of(10));

    cr_assert(is_found(midnight_us - 1));
    cr_assert(is_found(midnight_us));
}

Test(request, tampered_one_is_corrupt) {
    put(request_id, FIXTURE_NOW_US, answer_of(10));
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_REQUEST, &count);
    cr_assert_eq(count, 1);
    for (size_t at = 25; at < rows[0].value.size; at++) { /* Size, and what is sealed. */
        uint8_t *value = (uint8_t *)(uintptr_t)arena_copy(&arena, rows[0].value).data;
        value[at] ^= 1;
        row_put(rows[0].key, bytes_of(value, rows[0].value.size));
        bool found = false;
        struct store_request request;
        cr_assert_eq(try_get(FIXTURE_NOW_US, &found, &request).reason, REASON_STORE_CORRUPT, "%zu",
                     at);
        cr_assert_not(found);
    }
}

Test(request, answer_of_another_request_is_corrupt) {
    put(request_id, FIXTURE_NOW_US, answer_of(10));
    put((struct id){{5}}, FIXTURE_NOW_US, answer_of(10));
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_REQUEST, &count);
    cr_assert_eq(count, 2);

    row_put(rows[0].key, rows[1].value); /* That of {1, 2, 3} comes first. */

    bool found = false;
    struct store_request request;
    cr_assert_eq(try_get(FIXTURE_NOW_US, &found, &request).reason, REASON_STORE_CORRUPT);
}

/* With the key of its day gone, an answer is as if it had never been. */
Test(request, answers_of_a_destroyed_day_are_gone) {
    put(request_id, FIXTURE_NOW_US, answer_of(10));
    put((struct id){{5}}, FIXTURE_NOW_US + 9 * US_PER_DAY, answer_of(10));
    fixture_reopen(false);

    cr_assert_not(is_found(FIXTURE_NOW_US));
}

/* A clock that was ahead has destroyed the key of the day that it is set back to. */
Test(request, answers_of_a_day_that_comes_again_are_gone_and_no_damage) {
    const struct id again = {{6}};
    put(request_id, FIXTURE_NOW_US, answer_of(200000));
    put((struct id){{5}}, FIXTURE_NOW_US + 9 * US_PER_DAY, answer_of(10));
    put(again, FIXTURE_NOW_US, answer_of(10));
    for (int i = 0; i < 2; i++) {
        bool found = true;
        struct store_request request;
        cr_assert(status_is_ok(try_get(FIXTURE_NOW_US, &found, &request)));
        cr_expect_not(found);
        struct store_view *view = read_begin();
        cr_assert(status_is_ok(store_request_get(view, again, FIXTURE_NOW_US, &found, &request)));
        cr_expect(found);
        read_end();
        assert_sound();
        fixture_reopen(false);
    }
    put(request_id, FIXTURE_NOW_US, answer_of(10)); /* Its retry, which has fewer parts. */
    cr_expect(is_found(FIXTURE_NOW_US));
    assert_sound();
}

/* ---- the sweep ---- */

/* Also where nobody writes any more: nothing is left to open the answers of days gone by with. */
Test(request, sweep_destroys_the_keys_of_days_gone_by) {
    static const int64_t days[] = {0, 2, 3};
    put(request_id, FIXTURE_NOW_US, answer_of(10));
    for (size_t i = 0; i < 3; i++) {
        size_t deleted = 0;
        cr_assert(
            status_is_ok(store_sweep(store, FIXTURE_NOW_US + days[i] * US_PER_DAY, 1, &deleted)));
        struct vault_key key;
        cr_assert_eq(keystore_day_key(store->keystore, 20780, false, &key).code,
                     days[i] <= KEYSTORE_DAYS_KEPT ? STATUS_OK : STATUS_NOT_FOUND);
    }
}

static size_t count_of(enum store_table table) {
    size_t count = 0;
    (void)rows_of_table(table, &count);
    return count;
}

static size_t sweep(int64_t now_us, size_t max) {
    size_t deleted = 0;
    const struct status status = store_sweep(store, now_us, max, &deleted);
    cr_assert(status_is_ok(status), "%s", status.text);
    return deleted;
}

Test(request, sweep_takes_what_has_had_its_time) {
    put((struct id){{1}}, FIXTURE_NOW_US, answer_of(10));
    put((struct id){{2}}, FIXTURE_NOW_US + US_PER_DAY, answer_of(10));
    put((struct id){{3}}, FIXTURE_NOW_US + 2 * US_PER_DAY, answer_of(10));

    cr_assert_eq(sweep(FIXTURE_NOW_US + US_PER_DAY, 100), 0);
    cr_assert_eq(sweep(FIXTURE_NOW_US + 2 * US_PER_DAY, 100), 1);
    cr_assert_eq(count_of(STORE_TABLE_REQUEST), 2);
    cr_assert_eq(sweep(FIXTURE_NOW_US + 9 * US_PER_DAY, 100), 2);
    cr_assert_eq(count_of(STORE_TABLE_REQUEST), 0);
}

/* Answers of three rows each: none is cut, and `max` tells that there is more. */
Test(request, sweep_leaves_no_part_of_an_answer) {
    for (uint8_t i = 0; i < 10; i++) {
        put((struct id){{i}}, FIXTURE_NOW_US, answer_of(200000));
    }
    const int64_t later_us = FIXTURE_NOW_US + 5 * US_PER_DAY;
    size_t sweeps = 0;
    while (sweep(later_us, 4) == 4) {
        cr_assert_eq(count_of(STORE_TABLE_REQUEST) % 3, 0);
        sweeps++;
    }
    cr_assert_eq(sweeps, 5);
    cr_assert_eq(count_of(STORE_TABLE_REQUEST), 0);
}

static void put_import(enum store_import kind, size_t number, int64_t update_us) {
    uint8_t header[VAULT_FINGERPRINT_SIZE] = {5};
    Stored__V1__Import progress = STORED__V1__IMPORT__INIT;
    progress.header = (ProtobufCBinaryData){sizeof header, header};
    progress.durable_row = 1;
    progress.update_us = (uint64_t)update_us;
    progress.of_interactions = kind == STORE_IMPORT_INTERACTIONS;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_import_put(view, kind, arena_format(&arena, "import-%zu", number),
                                            store_pack(&arena, &progress.base))));
    write_end();
}

Test(request, sweep_takes_old_imports) {
    const enum store_import kinds[] = {STORE_IMPORT_PROFILES, STORE_IMPORT_INTERACTIONS};
    for (size_t i = 0; i < 2; i++) {
        put_import(kinds[i], 1, FIXTURE_NOW_US);
        put_import(kinds[i], 2, FIXTURE_NOW_US + 20 * US_PER_DAY);
    }

    cr_assert_eq(sweep(FIXTURE_NOW_US + 30 * US_PER_DAY, 100), 0);
    cr_assert_eq(sweep(FIXTURE_NOW_US + 31 * US_PER_DAY, 100), 2);

    struct bytes packed;
    struct store_view *view = read_begin();
    for (size_t i = 0; i < 2; i++) {
        cr_assert(status_is_ok(store_import_get(view, kinds[i], "import-1", &packed)));
        cr_assert_null(packed.data);
        cr_assert(status_is_ok(store_import_get(view, kinds[i], "import-2", &packed)));
        cr_assert_not_null(packed.data);
    }
    read_end();
}

/* More imports than one sweep looks at, nearly all of them recent: the old one is found all the
 * same. */
Test(request, sweeps_go_through_all_imports) {
    enum { IMPORTS = 2500 };
    uint8_t header[VAULT_FINGERPRINT_SIZE] = {5};
    struct store_view *view = write_begin();
    for (size_t i = 0; i < IMPORTS; i++) {
        Stored__V1__Import progress = STORED__V1__IMPORT__INIT;
        progress.header = (ProtobufCBinaryData){sizeof header, header};
        progress.update_us = (uint64_t)(FIXTURE_NOW_US + (i % 50 == 0 ? 0 : 40 * US_PER_DAY));
        cr_assert(status_is_ok(store_import_put(view, STORE_IMPORT_PROFILES,
                                                arena_format(&arena, "import-%zu", i),
                                                store_pack(&arena, &progress.base))));
    }
    write_end();
    size_t deleted = 0;
    for (size_t i = 0; i < 4; i++) {
        deleted += sweep(FIXTURE_NOW_US + 41 * US_PER_DAY, 100);
    }
    cr_assert_eq(deleted, IMPORTS / 50);
    cr_assert_eq(count_of(STORE_TABLE_IMPORT), IMPORTS - IMPORTS / 50);
}
