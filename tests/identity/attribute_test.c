/* The built-in attributes: what each takes, as AttributeValue of the contract says, and what not.
 */

#include "server/identity/attribute.h"

#include <stdio.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/identity/country.h"
#include "server/identity/language.h"
#include "server/identity/language_subtag.h"
#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

/* 2026-11-23 12:00 UTC */
#define NOW_US ((int64_t)1795435200 * US_PER_SECOND)

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(attribute, .fini = finish);

static struct status canonicalise(enum attribute attribute, const char *value, const char **out) {
    const struct status status =
        attribute_canonicalise(attribute, value, NOW_US, forms_arena(), out);
    if (!status_is_ok(status)) {
        cr_assert_eq(status.code, STATUS_INVALID_ARGUMENT);
        cr_assert_eq(status.reason, REASON_FIELD_INVALID);
        cr_assert_neq(*status.text, '\0');
    }
    return status;
}

static void expect_all(enum attribute attribute, const struct form_case *tests, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *out = NULL;
        const struct status status = canonicalise(attribute, tests[i].value, &out);
        if (tests[i].canonical == NULL) {
            cr_expect_null(out, "'%s' became '%s'", tests[i].value, out);
            continue;
        }
        cr_assert(status_is_ok(status), "'%s' %s", tests[i].value, status.text);
        cr_expect_str_eq(out, tests[i].canonical, "'%s' became '%s'", tests[i].value, out);
        cr_assert(status_is_ok(canonicalise(attribute, tests[i].canonical, &out)));
        cr_expect_str_eq(out, tests[i].canonical, "'%s' is not its own form", tests[i].canonical);
    }
}

Test(attribute, names_are_found) {
    for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
        enum attribute found = ATTRIBUTE_ABOUT;
        cr_assert(attribute_find(attribute_kind_of((enum attribute)i)->name, &found));
        cr_expect_eq((int)found, i);
    }
    enum attribute found = ATTRIBUTE_JOB;
    cr_expect_not(attribute_find("shoe_size", &found));
    cr_expect_not(attribute_find("", &found));
    cr_expect_eq(found, ATTRIBUTE_JOB);
}

Test(attribute, what_reaches_a_person_is_sealed_and_not_indexed) {
    static const char indexed[] = " gender country city language dialect sub_dialect ";
    for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
        const struct attribute_kind *kind = attribute_kind_of((enum attribute)i);
        char word[32];
        snprintf(word, sizeof word, " %s ", kind->name);
        cr_expect_eq(kind->indexed, strstr(indexed, word) != NULL, "%s", kind->name);
        cr_expect_eq(kind->personal, !kind->indexed, "%s", kind->name);
    }
}

Test(attribute, texts) {
    static const struct form_case lines[] = {
        {"  Jane  Ann ", "Jane Ann"},
        {"\u0623\u062d\u0645\u062f", "\u0623\u062d\u0645\u062f"},
        {"", NULL},
        {" ", NULL},
        {"a\nb", NULL},
        {"\xff", NULL},
    };
    static const enum attribute attributes[] = {ATTRIBUTE_GIVEN_NAME, ATTRIBUTE_FAMILY_NAME,
                                                ATTRIBUTE_CITY, ATTRIBUTE_JOB, ATTRIBUTE_COMPANY};
    for (size_t i = 0; i < COUNT(attributes); i++) {
        expect_all(attributes[i], lines, COUNT(lines));
    }
    static const struct form_case about[] = {{" a\r\nb ", "a\nb"}, {"", NULL}, {"\x01", NULL}};
    expect_all(ATTRIBUTE_ABOUT, about, COUNT(about));
}

Test(attribute, lengths_count_characters) {
    static const struct {
        enum attribute attribute;
        size_t length_max;
    } tests[] = {
        {ATTRIBUTE_ABOUT, 2000}, {ATTRIBUTE_GIVEN_NAME, 128}, {ATTRIBUTE_FAMILY_NAME, 128},
        {ATTRIBUTE_CITY, 128},   {ATTRIBUTE_JOB, 128},        {ATTRIBUTE_COMPANY, 128},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        char value[2 * 2001 + 1] = "";
        const char *out = NULL;
        for (size_t j = 0; j < tests[i].length_max; j++) {
            memcpy(value + 2 * j, "\u00e9", 3);
        }
        cr_expect(status_is_ok(canonicalise(tests[i].attribute, value, &out)));
        memcpy(value + 2 * tests[i].length_max, "e", 2);
        cr_expect_not(status_is_ok(canonicalise(tests[i].attribute, value, &out)));
    }
}

Test(attribute, huge_values_are_refused) {
    static char value[ATTRIBUTE_VALUE_SIZE_MAX + 2];
    memset(value, ' ', ATTRIBUTE_VALUE_SIZE_MAX + 1);
    value[0] = 'a';
    const char *out = NULL;
    cr_expect_not(status_is_ok(canonicalise(ATTRIBUTE_ABOUT, value, &out)));
    value[ATTRIBUTE_VALUE_SIZE_MAX] = '\0';
    cr_expect(status_is_ok(canonicalise(ATTRIBUTE_ABOUT, value, &out)));
}

Test(attribute, birth_date) {
    static const struct form_case tests[] = {
        {"2001-12-31", "2001-12-31"},
        {"20011231", "2001-12-31"},
        {" 2001-12-31 ", "2001-12-31"},
        {"\u0662\u0660\u0660\u0661-\u0661\u0662-\u0663\u0661", "2001-12-31"},
        {"\u06f2\u06f0\u06f0\u06f1\u06f1\u06f2\u06f3\u06f1", "2001-12-31"},
        {"2000-02-29", "2000-02-29"},
        {"2024-02-29", "2024-02-29"},
        {"1900-01-01", "1900-01-01"},
        {"2026-11-23", "2026-11-23"},
        {"2026-11-24", "2026-11-24"}, /* Today already, in Kiribati. */
        {"2026-11-25", NULL},
        {"1899-12-31", NULL},
        {"1900-02-29", NULL},
        {"2001-02-29", NULL},
        {"2001-04-31", NULL},
        {"2001-13-01", NULL},
        {"2001-00-01", NULL},
        {"2001-01-00", NULL},
        {"2001-1-1", NULL},
        {"31.12.2001", NULL},
        {"12/31/2001", NULL},
        {"2001-12-31T00:00:00Z", NULL},
        {"200112311", NULL},
        {"-001-12-31", NULL},
        {"", NULL},
        {"\xff", NULL},
    };
    expect_all(ATTRIBUTE_BIRTH_DATE, tests, COUNT(tests));
}

Test(attribute, today_follows_the_calendar) {
    static const struct {
        int64_t now_us;
        const char *today;
        const char *tomorrow;
    } tests[] = {
        {0, "1970-01-01", "1970-01-02"},
        {951782400 * (int64_t)US_PER_SECOND, "2000-02-29", "2000-03-01"},
        {1709164800 * (int64_t)US_PER_SECOND, "2024-02-29", "2024-03-01"},
        {1735603200 * (int64_t)US_PER_SECOND, "2024-12-31", "2025-01-01"},
        {-1, "1969-12-31", NULL},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        const char *out = NULL;
        cr_expect(status_is_ok(attribute_canonicalise(ATTRIBUTE_BIRTH_DATE, tests[i].today,
                                                      tests[i].now_us, forms_arena(), &out)),
                  "%s", tests[i].today);
        if (tests[i].tomorrow != NULL) {
            cr_expect_not(
                status_is_ok(attribute_canonicalise(ATTRIBUTE_BIRTH_DATE, tests[i].tomorrow,
                                                    tests[i].now_us, forms_arena(), &out)),
                "%s", tests[i].tomorrow);
        }
    }
}

Test(attribute, words_of_lists) {
    static const struct form_case genders[] = {
        {"female", "female"},
        {"F", "female"},
        {" Male ", "male"},
        {"m", "male"},
        {"OTHER", "other"},
        {"\u0623\u0646\u062b\u0649", "female"},
        {"\u0630\u0643\u0631", "male"},
        {"", NULL},
        {"x", NULL},
        {"females", NULL},
        {"\xff", NULL},
    };
    expect_all(ATTRIBUTE_GENDER, genders, COUNT(genders));

    static const struct form_case dialects[] = {
        {"saudi", "saudi"},
        {"Khaleji", "khaleji"},
        {"egyptian", "egyptian"},
        {"modern ar", "modern_ar"},
        {"modern_ar", "modern_ar"},
        {"iraqi", "iraqi"},
        {"shami", "shami"},
        {"maghrebi", "maghrebi"},
        {"white", "white"},
        {"najdi_sa", NULL},
        {"", NULL},
    };
    expect_all(ATTRIBUTE_DIALECT, dialects, COUNT(dialects));

    static const struct form_case sub_dialects[] = {
        {"najdi-SA", "najdi_sa"},
        {"hijaze-SA", "hijazi_sa"},
        {"hijazi_sa", "hijazi_sa"},
        {"other-SA", "other_sa"},
        {"emirati", "emirati"},
        {"bahrani", "bahraini"},
        {"bahraini", "bahraini"},
        {"kuwaiti", "kuwaiti"},
        {"egyptian", "egyptian"},
        {"modern ar", "modern_ar"},
        {"iraqi", "iraqi"},
        {"syrian", "syrian"},
        {"lebanese", "lebanese"},
        {"palestinian", "palestinian"},
        {"algerian", "algerian"},
        {"moroccan", "moroccan"},
        {"libyan", "libyan"},
        {"white", "white"},
        {"saudi", NULL},
        {"", NULL},
    };
    expect_all(ATTRIBUTE_SUB_DIALECT, sub_dialects, COUNT(sub_dialects));
}

Test(attribute, a_dialect_that_is_none_is_told_with_those_that_there_are) {
    const char *out = NULL;
    struct status status = canonicalise(ATTRIBUTE_DIALECT, "gulff", &out);
    cr_expect_str_eq(status.text,
                     "is not a dialect; there are: saudi, khaleji, egyptian, modern_ar, iraqi, "
                     "shami, maghrebi, white; the nearest is khaleji");
    status = canonicalise(ATTRIBUTE_DIALECT, "السعودية", &out);
    cr_expect_not_null(strstr(status.text, "the nearest is saudi"), "%s", status.text);
    status = canonicalise(ATTRIBUTE_DIALECT, "klingon", &out);
    cr_expect_null(strstr(status.text, "nearest"), "%s", status.text);
    status = canonicalise(ATTRIBUTE_SUB_DIALECT, "najdy", &out);
    cr_expect_not_null(strstr(status.text, "the nearest is najdi_sa"), "%s", status.text);
}

Test(attribute, country) {
    static const struct form_case tests[] = {
        {"SA", "SA"}, {"sa", "SA"},           {" eg ", "EG"},     {"\uff33\uff21", "SA"},
        {"ZW", "ZW"}, {"AD", "AD"},           {"SAU", NULL},      {"S", NULL},
        {"", NULL},   {"XX", NULL},           {"XK", NULL},       {"UK", NULL},
        {"DA", NULL}, {"Saudi Arabia", NULL}, {"\xff\xff", NULL},
    };
    expect_all(ATTRIBUTE_COUNTRY, tests, COUNT(tests));

    size_t count = 0;
    for (int i = 0; i < 26 * 26; i++) {
        const char code[] = {(char)('A' + i / 26), (char)('A' + i % 26), '\0'};
        count += country_is_assigned(code) ? 1 : 0;
    }
    cr_expect_eq(count, COUNTRY_COUNT, "each of the codes is there once");
}

Test(attribute, language) {
    static const struct form_case tests[] = {
        {"ar", "ar"},
        {"AR-sa", "ar-SA"},
        {"en_GB", "en-GB"},
        {"zh-hant-tw", "zh-Hant-TW"},
        {"es-419", "es-419"},
        {"SL-ROZAJ-biske-1994", "sl-rozaj-biske-1994"},
        {"de-CH-1901", "de-CH-1901"},
        {"yue-HK", "yue-HK"},
        {"sl-rozaj-biske", "sl-rozaj-biske"},
        {"en-a-bbb-c-bbb-x-a-bbb", "en-a-bbb-c-bbb-x-a-bbb"},
        {"en-US-u-CA-gregory", "en-US-u-ca-gregory"},
        {"en-ca-x-CA", "en-CA-x-ca"},
        {"x-whatever", "x-whatever"},
        {"EN-gb-OED", "en-GB-oed"},
        {"I-Klingon", "i-klingon"},
        {"xh", "xh"},
        {"ara", "ar"},
        {"Eng-us", "en-US"},
        {"iw-IL", "he-IL"},
        {"arq", "arq"},
        {"ber-Tfng", "ber-Tfng"},
        {"qaa-Qaaa-XK", "qaa-Qaaa-XK"},
        {"ar-001", "ar-001"},
        {"sr-Cyrl-EU", "sr-Cyrl-EU"},
        {"zz", NULL},
        {"uz-uzn-UZ", NULL},
        {"zh-yue-HK", NULL},
        {"ar-KSA", NULL},
        {"ar-arb", NULL},
        {"de-1996-1996", NULL},
        {"sl-rozaj-biske-Rozaj", NULL},
        {"en-a-bbb-A-ccc", NULL},
        {"en-a-bbb-c-ddd-a-eee-x-a", NULL},
        {"aaj-SA", NULL},
        {"xzz", NULL},
        {"ar-Abcd", NULL},
        {"ar-ZY", NULL},
        {"en-UK", NULL},
        {"ar-999", NULL},
        {"zh-aaj-HK", NULL},
        {"", NULL},
        {"a", NULL},
        {"english", NULL},
        {"ar-", NULL},
        {"-ar", NULL},
        {"ar--SA", NULL},
        {"ar-SA-u", NULL},
        {"ar SA", NULL},
        {"x", NULL},
        {"x-", NULL},
        {"ar-SA-EG", NULL},
        {"ar-toolongsubtag", NULL},
        {"\u0639\u0631\u0628\u064a", NULL},
        {"aa-x-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa", NULL},
    };
    expect_all(ATTRIBUTE_LANGUAGE, tests, COUNT(tests));
}

static const char *language_fault(const char *tag) {
    struct arena arena;
    const char *out = NULL;
    arena_init(&arena, SIZE_MAX);
    const char *fault = attribute_canonicalise(ATTRIBUTE_LANGUAGE, tag, 0, &arena, &out).text;
    arena_free(&arena);
    return fault;
}

Test(attribute, a_language_says_which_part_there_is_not) {
    cr_expect_str_eq(language_fault("zz"), "has a language that is none of ISO 639");
    cr_expect_str_eq(language_fault("ar-Abcd"), "has a script that is none of ISO 15924");
    cr_expect_str_eq(language_fault("en-UK"),
                     "has a region that is none of ISO 3166-1; the nearest is GB");
    cr_expect_str_eq(language_fault("en-ZY"),
                     "has a region that is none of ISO 3166-1, or of UN M.49");
    cr_expect_str_eq(language_fault("english"), "is not a language tag of BCP 47, as ar or en-GB");
    cr_expect_str_eq(language_fault("ar-KSA"),
                     "has an extended language, of three letters: a language is written by its own "
                     "subtag, as yue "
                     "for zh-yue, and a region by two letters, as in ar-SA");
    cr_expect_str_eq(language_fault("de-1996-1996"), "has a variant twice");

    size_t count = 0;
    for (int i = 0; i < 26 * 26 * 26; i++) {
        const char code[] = {(char)('a' + i / 676), (char)('a' + i / 26 % 26),
                             (char)('a' + i % 26)};
        count += language_subtag_is_language(code, 3) ? 1 : 0;
    }
    cr_expect_eq(count, 7910 + 115 + 1 + 520, "each once; and those for private use");
}

Test(attribute, image_url) {
    static const struct form_case tests[] = {
        {"https://example.org/a.png", "https://example.org/a.png"},
        {" HTTP://Example.ORG:8080/A.png?b=C#D ", "http://example.org:8080/A.png?b=C#D"},
        {"https://example.org", "https://example.org"},
        {"https://[2001:DB8::1]:443/a", "https://[2001:db8::1]:443/a"},
        {"https://\u0645\u062b\u0627\u0644.example/\u0623.png",
         "https://\u0645\u062b\u0627\u0644.example/\u0623.png"},
        {"https://example.org/a b", NULL},
        {"https://example.org/<a>", NULL},
        {"https://", NULL},
        {"https:///a", NULL},
        {"https://:80/", NULL},
        {"https://example.org:/", NULL},
        {"https://example.org:65536/", NULL},
        {"https://example.org:8x/", NULL},
        {"https://jane:secret@example.org/", NULL},
        {"https://[]/", NULL},
        {"https://[::1", NULL},
        {"ftp://example.org/a", NULL},
        {"javascript:alert(1)", NULL},
        {"//example.org/a", NULL},
        {"/a.png", NULL},
        {"", NULL},
        {"https://example.org/\xff", NULL},
    };
    expect_all(ATTRIBUTE_IMAGE_URL, tests, COUNT(tests));

    char url[2050] = "https://example.org/";
    const char *out = NULL;
    memset(url + strlen(url), 'a', 2048 - strlen(url));
    cr_expect(status_is_ok(canonicalise(ATTRIBUTE_IMAGE_URL, url, &out)));
    url[2048] = 'a';
    cr_expect_not(status_is_ok(canonicalise(ATTRIBUTE_IMAGE_URL, url, &out)));
}

Test(attribute, cities_are_compared_without_case) {
    cr_expect_str_eq(attribute_index_form("Riyadh", forms_arena()), "riyadh");
    cr_expect_str_eq(attribute_index_form("M\u00dcNCHEN", forms_arena()), "m\u00fcnchen");
    cr_expect_str_eq(attribute_index_form("SA", forms_arena()), "sa");
}
