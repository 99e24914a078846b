/* Opening a store: what is not one, or not ours, is refused and stays as it is. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/engine/engine.h"
#include "tests/engine/scratch.h"
#include "tests/store/fixture.h"

TestSuite(store_open, .init = fixture_open, .fini = fixture_close);

static const struct vault_key wrong_key = {{7, 8, 10}};

/* Tries with the store closed, and opens it again as it should be. */
static struct status try_instead(const struct vault_key *root, const char *workspace) {
    store_close(store);
    store = NULL;
    struct store *other = NULL;
    const struct status status = fixture_try_open(root, workspace, false, &other);
    store_close(other);
    const struct status again = fixture_try_open(NULL, NULL, false, &store);
    cr_assert(status_is_ok(again) || !status_is_ok(status), "%s", again.text);
    return status;
}

Test(store_open, knows_its_workspace) {
    cr_assert_str_eq(store_workspace(store), "riyadh");
    cr_assert_str_eq(store_default_region(store), "");
}

Test(store_open, second_one_is_refused) {
    struct store *other = NULL;

    cr_assert_eq(fixture_try_open(NULL, NULL, true, &other).reason, REASON_STORE_IN_USE);
}

Test(store_open, wrong_root_key_is_refused) {
    cr_assert_eq(try_instead(&wrong_key, NULL).reason, REASON_KEY_INVALID);
}

Test(store_open, another_workspace_is_refused) {
    cr_assert_eq(try_instead(NULL, "jeddah").reason, REASON_KEY_INVALID);
}

Test(store_open, newer_format_is_refused) {
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_FORMAT, &count);
    cr_assert_eq(count, 1);
    uint8_t *value = (uint8_t *)(uintptr_t)arena_copy(&arena, rows[0].value).data;
    value[3] = STORE_FORMAT + 1;
    row_put(rows[0].key, bytes_of(value, rows[0].value.size));

    cr_assert_eq(try_instead(NULL, NULL).reason, REASON_STORE_VERSION);
}

Test(store_open, damaged_format_is_refused) {
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_FORMAT, &count);
    row_put(rows[0].key, bytes_of(rows[0].value.data, rows[0].value.size - 1));

    cr_assert_eq(try_instead(NULL, NULL).reason, REASON_KEY_INVALID);
}

Test(store_open, other_data_is_no_store) {
    profile_save(profile_new("Reem"));
    row_delete(bytes_of("@", 1));

    cr_assert_eq(try_instead(NULL, NULL).reason, REASON_NOT_A_STORE);
}

Test(store_open, missing_directory_is_no_store) {
    store_close(store);
    store = NULL;
    scratch_close();
    scratch_open();
    struct store *other = NULL;

    cr_assert_eq(fixture_try_open(NULL, NULL, false, &other).reason, REASON_NOT_A_STORE);
    cr_assert(status_is_ok(fixture_try_open(NULL, NULL, true, &store)));
}

Test(store_open, newer_row_is_refused) {
    struct profile *profile = profile_new("Reem");
    profile_save(profile);
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_PROFILE, &count);
    uint8_t *value = (uint8_t *)(uintptr_t)arena_copy(&arena, rows[0].value).data;
    value[0] = STORE_ROW_VERSION + 1;
    row_put(rows[0].key, bytes_of(value, rows[0].value.size));
    const struct profile *found = NULL;

    cr_assert_eq(store_profile_get(read_begin(), profile->id, &found).reason, REASON_STORE_VERSION);
    read_end();
}

Test(store_open, read_only_store_is_read) {
    struct profile *profile = profile_new("Reem");
    profile_save(profile);
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_rules_put(view, 2, bytes_of_string("rules"))));
    write_end();

    fixture_reopen(true);

    const struct profile *found = NULL;
    struct bytes rules;
    view = read_begin();
    cr_assert(status_is_ok(store_profile_get(view, profile->id, &found)));
    cr_assert_str_eq(found->name, "Reem");
    cr_assert(status_is_ok(store_rules_get(view, &rules)));
    cr_assert(bytes_equal(rules, bytes_of_string("rules")));
    read_end();
}

static void rules_put(uint64_t rule_version, const char *rules) {
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_rules_put(view, rule_version, bytes_of_string(rules))));
    write_end();
}

static struct bytes rules_of(uint64_t rule_version) {
    struct bytes rules;
    cr_assert(status_is_ok(store_rules_get_version(read_begin(), rule_version, &rules)));
    read_end();
    return rules;
}

Test(store_open, earlier_rules_are_kept) {
    rules_put(2, "two");
    rules_put(3, "three");
    rules_put(4, "four");

    cr_assert_null(rules_of(1).data, "they are built in");
    cr_assert(bytes_equal(rules_of(2), bytes_of_string("two")));
    cr_assert(bytes_equal(rules_of(3), bytes_of_string("three")));
    cr_assert_null(rules_of(4).data, "they are the present ones");
}

Test(store_open, of_many_rules_the_oldest_go) {
    struct store_view *view = write_begin();
    for (uint64_t i = 2; i <= RULE_VERSIONS_MAX + 3; i++) {
        cr_assert(status_is_ok(store_rules_put(view, i, bytes_of_string("rules"))));
    }
    write_end();

    cr_assert_null(rules_of(3).data);
    cr_assert_not_null(rules_of(4).data);
    cr_assert_not_null(rules_of(RULE_VERSIONS_MAX + 2).data);
    size_t count = 0;
    (void)rows_of_table(STORE_TABLE_RULES, &count);
    cr_assert_eq(count, RULE_VERSIONS_MAX);
}

Test(store_open, what_was_never_put_is_null) {
    struct bytes packed;
    struct store_view *view = read_begin();

    cr_assert(status_is_ok(store_rules_get(view, &packed)));
    cr_assert_null(packed.data);
    cr_assert(status_is_ok(store_import_get(view, STORE_IMPORT_PROFILES, "spring", &packed)));
    cr_assert_null(packed.data);
    read_end();
}

/* Keys hash by workspace: the same person has other rows elsewhere. */
Test(store_open, fingerprints_differ_by_workspace) {
    const struct bytes part = bytes_of_string("body");
    const struct fingerprint here = store_fingerprint(store, &part, 1);
    store_close(store);
    scratch_close();
    scratch_open();
    cr_assert(status_is_ok(fixture_try_open(NULL, "jeddah", true, &store)));

    const struct fingerprint there = store_fingerprint(store, &part, 1);

    cr_assert_neq(memcmp(here.bytes, there.bytes, sizeof here.bytes), 0);
}
