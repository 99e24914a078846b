/* Page tokens: only ours, only for the same list, only for a day. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/engine/scratch.h"
#include "tests/store/fixture.h"

TestSuite(token, .init = fixture_open, .fini = fixture_close);

static const char *seal(const char *text) {
    const char *token =
        store_token_seal(read_begin(), "profiles", FIXTURE_NOW_US, bytes_of_string(text));
    read_end();
    return token;
}

static struct status open_token(const char *purpose, int64_t now_us, const char *token,
                                struct bytes *out) {
    const struct status status = store_token_open(read_begin(), purpose, now_us, token, out);
    read_end();
    return status;
}

static void assert_refused(const char *purpose, int64_t now_us, const char *token) {
    struct bytes content;
    const struct status status = open_token(purpose, now_us, token, &content);
    cr_assert_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_assert_eq(status.reason, REASON_PAGE_TOKEN_INVALID);
}

Test(token, content_comes_back) {
    struct bytes content;

    cr_assert(status_is_ok(open_token("profiles", FIXTURE_NOW_US, seal("place 7"), &content)));
    cr_assert(bytes_equal(content, bytes_of_string("place 7")));
    cr_assert(status_is_ok(open_token("profiles", FIXTURE_NOW_US, seal(""), &content)));
    cr_assert_eq(content.size, 0);
}

Test(token, tells_nothing) {
    cr_assert_null(strstr(seal("place"), "place"));
    cr_assert_str_neq(seal("place"), seal("place"));
}

Test(token, of_another_list_is_refused) {
    assert_refused("interactions", FIXTURE_NOW_US, seal("place"));
    assert_refused("", FIXTURE_NOW_US, seal("place"));
}

Test(token, holds_for_a_day) {
    struct bytes content;
    const char *token = seal("place");

    cr_assert(status_is_ok(open_token("profiles", FIXTURE_NOW_US + US_PER_DAY, token, &content)));
    assert_refused("profiles", FIXTURE_NOW_US + US_PER_DAY + 1, token);
}

Test(token, changed_in_any_character_is_refused) {
    const char *token = seal("place");
    for (size_t i = 0; i < strlen(token); i++) {
        char *changed = arena_string(&arena, bytes_of_string(token));
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_refused("profiles", FIXTURE_NOW_US, changed);
    }
}

Test(token, cut_or_longer_is_refused) {
    const char *token = seal("place");
    for (size_t size = 0; size < strlen(token); size++) {
        assert_refused("profiles", FIXTURE_NOW_US, arena_string(&arena, bytes_of(token, size)));
    }
    assert_refused("profiles", FIXTURE_NOW_US, arena_format(&arena, "%sAAAA", token));
    assert_refused("profiles", FIXTURE_NOW_US, arena_format(&arena, "%s=", token));
    assert_refused("profiles", FIXTURE_NOW_US, arena_format(&arena, " %s", token));
    assert_refused("profiles", FIXTURE_NOW_US, arena_format(&arena, "%02000d", 0));
    assert_refused("profiles", FIXTURE_NOW_US, "نورة");
}

/* The same root key, another workspace. */
Test(token, of_another_workspace_is_refused) {
    const char *token = seal("place");
    fixture_reopen(false); /* Without its reader. */
    store_close(store);
    scratch_close();
    scratch_open();
    cr_assert(status_is_ok(fixture_try_open(NULL, "jeddah", true, &store)));
    struct store_reader *reader = NULL;
    struct store_view *view = NULL;
    cr_assert(status_is_ok(store_reader_open(store, &reader)));
    cr_assert(status_is_ok(store_view_begin_read(reader, &arena, &view)));
    struct bytes content;

    cr_assert_eq(store_token_open(view, "profiles", FIXTURE_NOW_US, token, &content).reason,
                 REASON_PAGE_TOKEN_INVALID);

    store_view_end(view);
    store_reader_close(reader);
}
