/* ListSegments. */

#include <criterion/criterion.h>

#include "tests/handlers/segments.h"

TestSuite(list_segments, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__ListSegmentsRequest request_of(int page_size, bool show_archived) {
    Profiled__V1__ListSegmentsRequest request = PROFILED__V1__LIST_SEGMENTS_REQUEST__INIT;
    request.page_size = page_size;
    request.show_archived = show_archived;
    return request;
}

/* The names on all pages, each behind a space, and `|` behind each page. */
static const char *listed(int page_size, bool show_archived) {
    Profiled__V1__ListSegmentsRequest request = request_of(page_size, show_archived);
    const char *all = "";
    for (size_t pages = 0;; pages++) {
        cr_assert_lt(pages, 20, "the list has no end");
        const Profiled__V1__ListSegmentsResponse *page =
            ask(&rpc_segment_service, "ListSegments", &request.base);
        for (size_t i = 0; i < page->n_segments; i++) {
            all = arena_format(&ask_arena, "%s %s", all, page->segments[i]->name);
        }
        all = arena_format(&ask_arena, "%s|", all);
        if (page->next_page_token[0] == '\0') {
            return all;
        }
        request.page_token = page->next_page_token;
    }
}

static void make_some(void) {
    static const char *const names[] = {"e", "a", "c", "b", "d"};
    for (size_t i = 0; i < 5; i++) {
        create_segment(names[i], NULL);
    }
}

Test(list_segments, happy) {
    cr_expect_str_eq(listed(0, false), "|");
    make_some();

    cr_expect_str_eq(listed(0, false), " a b c d e|");
    cr_expect_str_eq(listed(1000, true), " a b c d e|");
    cr_expect_str_eq(listed(2, false), " a b| c d| e|");
    cr_expect_str_eq(listed(5, false), " a b c d e|");
}

Test(list_segments, those_that_are_archived_are_left_out_unless_asked) {
    make_some();
    update_segment("b", NULL, SEGMENT_STATE(ARCHIVED));
    update_segment("e", NULL, SEGMENT_STATE(ARCHIVED));

    cr_expect_str_eq(listed(0, false), " a c d|");
    cr_expect_str_eq(listed(3, false), " a c d|", "the last page has no next one");
    cr_expect_str_eq(listed(2, false), " a c| d|");
    cr_expect_str_eq(listed(2, true), " a b| c d| e|");
}

Test(list_segments, a_token_goes_on_behind_one_that_was_deleted) {
    make_some();
    Profiled__V1__ListSegmentsRequest request = request_of(2, false);
    const Profiled__V1__ListSegmentsResponse *page =
        ask(&rpc_segment_service, "ListSegments", &request.base);
    request.page_token = page->next_page_token;
    delete_segment("b");

    page = ask(&rpc_segment_service, "ListSegments", &request.base);

    cr_assert_eq(page->n_segments, 2);
    cr_expect_str_eq(page->segments[0]->name, "c");
}

Test(list_segments, invalid) {
    make_some();
    Profiled__V1__ListSegmentsRequest request = request_of(-1, false);
    const struct answer *answer = ask_refused(&rpc_segment_service, "ListSegments", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "page_size"));
    request = request_of(2, false);
    request.page_token = text("nonsense");
    ask_refused(&rpc_segment_service, "ListSegments", &request.base, STATUS_INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID");
    request = request_of(2, false);
    const Profiled__V1__ListSegmentsResponse *page =
        ask(&rpc_segment_service, "ListSegments", &request.base);
    request.page_token = page->next_page_token;
    ask_refused_elsewhere(&rpc_segment_service, "ListSegments", &request.base,
                          STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
    request.show_archived = true;
    ask_refused(&rpc_segment_service, "ListSegments", &request.base, STATUS_INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID");
}

Test(list_segments, other_workspace) {
    make_some();
    ask_in("other");
    cr_expect_str_eq(listed(0, true), "|");
}
