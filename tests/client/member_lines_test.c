/* Persons, a word or a line each. */

#include "client/cli/member_lines.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(member_lines);

static struct member_lines lines;

static void read_text(const char *text, size_t size) {
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, size, file), size);
    rewind(file);
    lines = (struct member_lines){.file = file};
}

static void expect_line(int64_t line, const char *json) {
    cr_assert(member_lines_next(&lines));
    cr_expect_eq(lines.line, line, "%d", (int)lines.line);
    json_t *member = member_lines_json(&lines, NULL);
    char *text = json_dumps(member, JSON_COMPACT | JSON_SORT_KEYS);
    cr_assert_not_null(text, "%s", lines.problem);
    cr_expect_str_eq(text, json);
    free(text);
    json_decref(member);
}

static void expect_problem(int64_t line, const char *problem) {
    cr_assert(member_lines_next(&lines));
    cr_expect_eq(lines.line, line, "%d", (int)lines.line);
    cr_expect_null(member_lines_json(&lines, NULL));
    cr_expect_str_eq(lines.problem, problem);
}

Test(member_lines, ids_and_identities_without_blanks_and_empty_lines) {
    static const char text[] = "\xef\xbb\xbf"
                               "01a20000-0000-7000-8000-000000000000\r\n"
                               "\n"
                               "  email:nora@example.org\t\n"
                               " \t\r\n"
                               "url:https://example.org/nora";
    read_text(text, sizeof text - 1);

    expect_line(1, "{\"profileId\":\"01a20000-0000-7000-8000-000000000000\"}");
    expect_line(3, "{\"identity\":{\"type\":\"email\",\"value\":\"nora@example.org\"}}");
    expect_line(5, "{\"identity\":{\"type\":\"url\",\"value\":\"https://example.org/nora\"}}");
    cr_expect_not(member_lines_next(&lines));
    cr_expect_eq(lines.size_done, sizeof text - 1);
    fclose(lines.file);
}

Test(member_lines, what_does_not_read_is_told_and_the_next_is_read) {
    static const char text[] = "email:\n:nora\nem\xffil:x\nx\0y\nid\n";
    read_text(text, sizeof text - 1);

    expect_problem(1, "reads neither as an id nor as TYPE:VALUE");
    expect_problem(2, "reads neither as an id nor as TYPE:VALUE");
    expect_problem(3, "is not UTF-8");
    expect_problem(4, "has a byte that is no text");
    expect_line(5, "{\"profileId\":\"id\"}");
    cr_expect_not(member_lines_next(&lines));
    fclose(lines.file);
}

Test(member_lines, a_line_without_end_is_skipped) {
    static const char next[] = "\nid\n";
    static char text[3 * MEMBER_LINE_SIZE];
    memset(text, 'x', sizeof text);
    memcpy(text + sizeof text - (sizeof next - 1), next, sizeof next - 1);
    read_text(text, sizeof text);

    expect_problem(1, "is too long");
    expect_line(2, "{\"profileId\":\"id\"}");
    fclose(lines.file);
}

Test(member_lines, words_and_the_region) {
    static const char *const words[] = {"phone:0501234567", "", "id"};
    lines = (struct member_lines){.words = words, .word_count = 3};

    cr_assert(member_lines_next(&lines));
    json_t *member = member_lines_json(&lines, "SA");
    const json_t *region = json_object_get(json_object_get(member, "identity"), "region");
    cr_expect_str_eq(json_string_value(region), "SA");
    json_decref(member);
    expect_line(3, "{\"profileId\":\"id\"}");
    cr_expect_not(member_lines_next(&lines));
}
