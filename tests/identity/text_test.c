/* Unicode text: trimming, forms, digits of all scripts, texts that people read. */

#include "server/identity/text.h"

#include <string.h>
#include <utf8proc.h>

#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(text, .fini = finish);

Test(text, trims_space_and_marks_at_both_ends_only) {
    cr_expect_str_eq(text_trim(" a b ", forms_arena()), "a b");
    cr_expect_str_eq(text_trim("\u200e\u202a\ufeff\u00a0a\u200eb\u2069\u3000\n", forms_arena()),
                     "a\u200eb");
    cr_expect_str_eq(text_trim(" \u200b\t", forms_arena()), "");
    cr_expect_str_eq(text_trim("", forms_arena()), "");
    cr_expect_str_eq(text_trim(" \xff ", forms_arena()), "\xff");
    cr_expect(text_is_blank(""));
    cr_expect(text_is_blank(" \u200f\u00a0\t"));
    cr_expect_not(text_is_blank(" \u200fa"));
    cr_expect_not(text_is_blank("\xff"));
}

Test(text, next_reads_characters_and_bad_bytes) {
    const char *cursor = "a\u00e9\u20ac\U0001f600\xe2\x82";

    cr_expect_eq(text_next(&cursor), 'a');
    cr_expect_eq(text_next(&cursor), 0xe9);
    cr_expect_eq(text_next(&cursor), 0x20ac);
    cr_expect_eq(text_next(&cursor), 0x1f600);
    cr_expect_eq(text_next(&cursor), -1);
    cr_expect_eq(text_next(&cursor), -1);
    cr_expect_eq(text_next(&cursor), 0);
    cr_expect_eq(text_next(&cursor), 0, "the end stays the end");
    cr_expect_eq(text_length("a\u00e9\u20ac\U0001f600"), 4);
}

Test(text, forms) {
    const char *out = NULL;
    cr_assert(text_nfc("e\u0301\ufb01", forms_arena(), &out));
    cr_expect_str_eq(out, "\u00e9\ufb01");
    cr_assert(text_nfkc("e\u0301\ufb01\uff21", forms_arena(), &out));
    cr_expect_str_eq(out, "\u00e9fiA");
    cr_assert(text_fold("STRA\u00dfE \ufb01 \u0130 a\u200db", forms_arena(), &out));
    cr_expect_str_eq(out, "strasse fi i\u0307 ab");
    cr_assert(text_fold_case("STRA\u00dfE \ufb01", forms_arena(), &out));
    cr_expect_str_eq(out, "strasse fi");
    cr_assert(text_fold_case("\uff21\u00c9", forms_arena(), &out));
    cr_expect_str_eq(out, "\uff41\u00e9");
    cr_assert(text_fold_apart("\u00c9\u0623", forms_arena(), &out));
    cr_expect_str_eq(out, "e\u0301\u0627\u0654");
    cr_assert(text_fold("ASCII", forms_arena(), &out));
    cr_expect_str_eq(out, "ascii");
}

Test(text, bad_utf8_has_no_form) {
    static const char *const bad[] = {"\xff", "a\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\x80"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        const char *out = "untouched";
        cr_expect_not(text_nfc(bad[i], forms_arena(), &out));
        cr_expect_not(text_nfkc(bad[i], forms_arena(), &out));
        cr_expect_not(text_fold(bad[i], forms_arena(), &out));
        cr_expect_not(text_fold_case(bad[i], forms_arena(), &out));
        cr_expect_str_eq(out, "untouched");
    }
}

/* Writes a character as UTF-8; false for a surrogate. */
static bool encode(int32_t character, char out[5]) {
    const utf8proc_ssize_t size = utf8proc_encode_char(character, (utf8proc_uint8_t *)out);
    out[size > 0 ? size : 0] = '\0';
    return size > 0 && (character < 0xd800 || character > 0xdfff);
}

Test(text, folding_twice_is_folding_once, .timeout = 60) {
    for (int32_t character = 1; character <= 0x10ffff; character++) {
        char text[5];
        const char *once = NULL;
        const char *twice = NULL;
        if (!encode(character, text)) {
            continue;
        }
        struct arena *arena = forms_arena();
        cr_assert(text_fold(text, arena, &once));
        cr_assert(text_fold(once, arena, &twice));
        cr_assert_str_eq(once, twice, "U+%04X", (unsigned)character);
    }
}

Test(text, digits_of_every_script) {
    cr_expect_eq(text_digit_value('0'), 0);
    cr_expect_eq(text_digit_value('9'), 9);
    cr_expect_eq(text_digit_value('a'), -1);
    cr_expect_eq(text_digit_value(-1), -1);
    cr_expect_eq(text_digit_value(0x0663), 3);  /* Arabic-Indic */
    cr_expect_eq(text_digit_value(0x06f9), 9);  /* Persian */
    cr_expect_eq(text_digit_value(0x0966), 0);  /* Devanagari */
    cr_expect_eq(text_digit_value(0xff17), 7);  /* full-width */
    cr_expect_eq(text_digit_value(0x1d7ff), 9); /* the last of five mathematical sets */
    cr_expect_eq(text_digit_value(0x1d7d8), 0); /* the first of the second of them */
    cr_expect_eq(text_digit_value(0x00b2), -1, "superscript two is no decimal digit");
    cr_expect_str_eq(text_ascii_digits("a\u0661\u06f2\uff13b", forms_arena()), "a123b");
    cr_expect_str_eq(text_ascii_digits("\u0661\u066b\u0665", forms_arena()), "1\u066b5");
    cr_expect_str_eq(text_ascii_number("\u0661\u066b\u0665", forms_arena()), "1.5");
    cr_expect_str_eq(text_ascii_number("1\u066c000", forms_arena()), "1\u066c000");

    /* Runs of decimal digits hold whole tens, which the value of a digit rests on. */
    size_t run = 0;
    size_t total = 0;
    for (int32_t character = 0; character <= 0x10ffff; character++) {
        if (utf8proc_category(character) == UTF8PROC_CATEGORY_ND) {
            run++;
            total++;
            continue;
        }
        cr_assert_eq(run % 10, 0, "before U+%04X", (unsigned)character);
        cr_assert_leq(run, 50);
        run = 0;
    }
    cr_assert_geq(total, 600);
}

Test(text, lines_are_cleaned) {
    const char *out = "untouched";
    cr_assert(status_is_ok(text_clean_line("  Jane \u00a0\u3000 Doe ", 8, forms_arena(), &out)));
    cr_expect_str_eq(out, "Jane Doe");
    cr_assert(status_is_ok(text_clean_line("Rene\u0301e", 5, forms_arena(), &out)));
    cr_expect_str_eq(out, "Ren\u00e9e");

    out = "untouched";
    cr_expect_str_eq(text_clean_line("Jane  Doe", 7, forms_arena(), &out).text,
                     "is longer than 7 characters");
    cr_expect_str_eq(text_clean_line(" \u200e ", 7, forms_arena(), &out).text, "is empty");
    cr_expect_str_eq(text_clean_line("a\nb", 7, forms_arena(), &out).text,
                     "has a control character");
    cr_expect_str_eq(text_clean_line("a\xc2\x85"
                                     "b",
                                     7, forms_arena(), &out)
                         .text,
                     "has a control character");
    cr_expect_str_eq(text_clean_line("a\xff", 7, forms_arena(), &out).text, "is not UTF-8");
    cr_expect_str_eq(out, "untouched");
}

Test(text, paragraphs_keep_their_lines) {
    const char *out = "untouched";
    cr_assert(status_is_ok(text_clean_lines(" a\r\nb\rc\n\td ", 20, forms_arena(), &out)));
    cr_expect_str_eq(out, "a\nb\nc\n\td");

    out = "untouched";
    cr_expect_str_eq(text_clean_lines("a\x07", 20, forms_arena(), &out).text,
                     "has a control character");
    cr_expect_str_eq(text_clean_lines("abc", 2, forms_arena(), &out).text,
                     "is longer than 2 characters");
    cr_expect_str_eq(out, "untouched");
}
