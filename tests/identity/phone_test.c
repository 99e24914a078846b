/* Phone numbers: every example number of the data, the forms that people and channels write, the
 * country rules, and the short way against the long one. */

#include "server/identity/phone.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "server/identity/phone_shim.h"
#include "tests/engine/leaks.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(phone, .fini = finish);

/* One row of phones.csv: cc,region,type,national_significant,e164. */
struct row {
    char region[4];
    char national[24];
    char e164[24];
};

static void expect_row(const struct row *row) {
    forms_expect("phone", "", (struct form_case){row->e164, row->e164});
    forms_expect("phone", row->region, (struct form_case){row->e164, row->e164});
    forms_expect("whatsapp", "", (struct form_case){row->e164 + 1, row->e164});
    /* No region of ISO 3166: the numbers of satellites and of international services have only
     * their E.164 form, since several country codes share `001`. */
    if (strcmp(row->region, "001") == 0) {
        const char *canonical = forms_canonical("phone", row->national, row->region);
        cr_expect(canonical == NULL || *canonical != '+', "12345678 is a placeholder");
        return;
    }
    forms_expect("phone", row->region, (struct form_case){row->national, row->e164});
}

Test(phone, example_numbers_of_all_countries, .timeout = 120) {
    FILE *file = fopen("tests/identity/data/phones.csv", "r");
    cr_assert_not_null(file);
    char line[256];
    cr_assert_not_null(fgets(line, sizeof line, file));
    size_t count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        struct row row;
        cr_assert_eq(sscanf(line, "%*[^,],%3[^,],%*[^,],%23[^,],%23[^,\r\n]", row.region,
                            row.national, row.e164),
                     3);
        expect_row(&row);
        count++;
    }
    fclose(file);
    cr_assert_eq(count, 574);
}

Test(phone, forms_that_need_no_region) {
    static const struct form_case tests[] = {
        {"+966545462356", "+966545462356"},
        {"00966545462356", "+966545462356"},
        {"+00966545462356", "+966545462356"},
        {"+966 54 546 2356", "+966545462356"},
        {"+966-54-546-2356", "+966545462356"},
        {"+966 (0) 54 546 2356", "+966545462356"},
        {"(+966) 54.546.2356", "+966545462356"},
        {"\u202a+966\u00a054\u2011546\u20132356\u202c", "+966545462356"},
        {"\u0660\u0660\u0669\u0666\u0666\u0665\u0664\u0665\u0664\u0666\u0662\u0663\u0665\u0666",
         "+966545462356"}, /* Arabic-Indic digits */
        {"\uff0b\uff19\uff16\uff16\uff15\uff14\uff15\uff14\uff16\uff12\uff13\uff15\uff16",
         "+966545462356"}, /* full-width */
        {"tel:+966-54-546-2356", "+966545462356"},
        {"TEL:54-546-2356;phone-context=+966", "+966545462356"},
        {"966545462356@s.whatsapp.net", "+966545462356"},
        {"966545462356:7@s.whatsapp.net", "+966545462356"},
        {"966545462356@c.us", "+966545462356"},
        {"+15555550100", "+15555550100"}, /* In no known range, but of the right length. */
        {"0545462356", NULL},
        {"966545462356", NULL},
        {"+0545462356", NULL},
        {"+966", NULL},
        {"+9665454623567890", NULL},
        {"+9990000000", NULL},
        {"120363025246125486@g.us", NULL},
        {"+1 800 FLOWERS", NULL},
        {"++966545462356", NULL},
        {"+", NULL},
        {"a phone", NULL},
    };
    forms_expect_all("phone", "", tests, COUNT(tests));
}

Test(phone, forms_of_a_region) {
    static const struct form_case tests[] = {
        {"545462356", "+966545462356"},
        {"0545462356", "+966545462356"},
        {"054 546 2356", "+966545462356"},
        {"+0545462356", "+966545462356"},
        {"966545462356", "+966545462356"},
        {"00966545462356", "+966545462356"},
        {"\u06f0\u06f5\u06f4\u06f5\u06f4\u06f6\u06f2\u06f3\u06f5\u06f6",
         "+966545462356"},                 /* Persian digits */
        {"447400123456", "+447400123456"}, /* Not of the region: international without a +. */
        {"911", NULL},
        {"54546", NULL},
        /* A digit too many or too few. */
        {"05011112223", NULL},
        {"0501111222 3", NULL},
        {"5011112223", NULL},
        {"050-111-122", NULL},
        {"0601234567", NULL},
        {"0501111222", "+966501111222"},
        {"+9665011112223", "+9665011112223"}, /* Said to be the whole number. */
        /* What a spreadsheet makes of a number. */
        {"511111192.0", "+966511111192"},
        {" 966511111191.00 ", "+966511111191"},
        {"+966511111191.0", "+966511111191"},
        {"\u0665\u0661\u0661\u0661\u0661\u0661\u0661\u0669\u0662.\u0660", "+966511111192"},
        {"050111119.2", "+966501111192"}, /* A dot between digits. */
        {".0", NULL},
        {"5454623561234567", NULL},
    };
    forms_expect_all("phone", "SA", tests, COUNT(tests));
    forms_expect_all("phone", "sa", tests, COUNT(tests));
    forms_expect("phone", "US", (struct form_case){"00966545462356", "+966545462356"});
    forms_expect("phone", "XX", (struct form_case){"545462356", NULL});
    forms_expect("phone", "Saudi", (struct form_case){"545462356", NULL});
}

Test(phone, whatsapp_accounts_are_international) {
    static const struct form_case tests[] = {
        {"966545462356", "+966545462356"},
        {"+966545462356", "+966545462356"},
        {"966545462356@c.us", "+966545462356"},
        {"551112345678", "+5511912345678"},
    };
    forms_expect_all("whatsapp", "", tests, COUNT(tests));
    forms_expect_all("whatsapp", "US", tests, COUNT(tests));
    forms_expect("whatsapp", "SA", (struct form_case){"0545462356", "+966545462356"});
    forms_expect("whatsapp", "SA", (struct form_case){"545462356", "+966545462356"});
    forms_expect("whatsapp", "", (struct form_case){"0545462356", NULL});
}

Test(phone, country_rules_fold_both_ways) {
    static const struct form_case tests[] = {
        {"+5511987654321", "+5511987654321"}, /* Brazil: mobile */
        {"+551187654321", "+5511987654321"},  {"+5511912345678", "+5511912345678"},
        {"+551112345678", "+5511912345678"},  {"+551123456789", "+551123456789"},   /* fixed */
        {"+55800123456", "+55800123456"},                                           /* toll-free */
        {"+525512345678", "+525512345678"},                                         /* Mexico */
        {"+5215512345678", "+525512345678"},  {"+541123456789", "+541123456789"},   /* Argentina */
        {"+5491123456789", "+541123456789"},  {"+2290195123456", "+2290195123456"}, /* Benin */
        {"+22995123456", "+2290195123456"},   {"+22985751234", "+22985751234"},
    };
    forms_expect_all("phone", "", tests, COUNT(tests));
    forms_expect("phone", "BR", (struct form_case){"(11) 8765-4321", "+5511987654321"});
    forms_expect("phone", "MX", (struct form_case){"044 55 1234 5678", "+525512345678"});
    forms_expect("phone", "AR", (struct form_case){"011 15 2345-6789", "+541123456789"});
    forms_expect("phone", "BJ", (struct form_case){"01 95 12 34 56", "+2290195123456"});
    forms_expect("phone", "BJ", (struct form_case){"95 12 34 56", "+2290195123456"});
}

Test(phone, what_is_wrong_is_said) {
    static const struct {
        const char *value;
        const char *region;
        const char *fault;
    } tests[] = {
        {"0545462356", "", "is a national number and no known region is given"},
        {"+1 650 253 0000 ext. 5", "", "has an extension"},
        {"+1 650 253 0000x5", "", "has an extension"},
        {"650 253 0000 #5", "US", "has an extension"},
        {"tel:+16502530000;ext=5", "", "has an extension"},
        {"1800FLOWERS", "US", "has a character that no phone number has"},
        {"call me", "SA", "has a character that no phone number has"},
        {"()", "SA", "has no digit"},
        {"54546", "SA", "is too short for a phone number"},
        {"+96654546235678", "", "is too long for a phone number"},
        {"+9990000000", "", "has a country code that does not exist"},
        {"1234567890123456789012345678901234567890123", "SA", "is too long for a phone number"},
        {"05011112223", "SA",
         "is not a phone number of the country or region: digits are missing, wrong or too many"},
        {"+966\xff", "", "is not UTF-8"},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        const char *fault = forms_fault("phone", tests[i].value, tests[i].region);
        cr_expect_str_eq(fault, tests[i].fault, "'%s': %s", tests[i].value, fault);
    }
}

Test(phone, regions_are_known) {
    cr_expect(phone_region_is_known("SA"));
    cr_expect(phone_region_is_known("sa"));
    cr_expect_not(phone_region_is_known(""));
    cr_expect_not(phone_region_is_known("S"));
    cr_expect_not(phone_region_is_known("XX"));
    cr_expect_not(phone_region_is_known("001"));
    cr_expect_not(phone_region_is_known("SAU"));
}

Test(phone, national_part_is_behind_the_country_code) {
    cr_expect_str_eq(phone_national_part("+966545462356"), "545462356");
    cr_expect_str_eq(phone_national_part("+12015550123"), "2015550123");
    cr_expect_str_eq(phone_national_part("+201001234567"), "1001234567");
    cr_expect_str_eq(phone_national_part("+98912345678"), "912345678");
    cr_expect_str_eq(phone_national_part(""), "");
}

/* The ranges of the short way, in phone.c. */
Test(phone, short_way_equals_long_way, .timeout = 120) {
    static const char *const ranges[] = {
        "201xxxxxxxxx",  "2126xxxxxxxx", "2162xxxxxxx",  "2189xxxxxxxx", "336xxxxxxxx",
        "447xxxxxxxxx",  "905xxxxxxxxx", "919xxxxxxxxx", "923xxxxxxxxx", "9627xxxxxxxx",
        "9647xxxxxxxxx", "9655xxxxxxx",  "9656xxxxxxx",  "9659xxxxxxx",  "9665xxxxxxxx",
        "9689xxxxxxx",   "9715xxxxxxxx", "9733xxxxxxx",  "9743xxxxxxx",  "9745xxxxxxx",
        "9746xxxxxxx",
    };
    uint32_t seed = 20261123;
    for (size_t i = 0; i < COUNT(ranges) * 2000; i++) {
        char number[32];
        char spaced[40];
        snprintf(number, sizeof number, "+%s", ranges[i % COUNT(ranges)]);
        for (char *at = number; (at = strchr(at, 'x')) != NULL;) {
            seed = seed * 1664525 + 1013904223;
            *at = (char)('0' + (seed >> 16) % 10);
        }
        snprintf(spaced, sizeof spaced, "+ %s", number + 1); /* Enough for the long way. */
        char expected[PHONE_E164_SIZE_MAX] = "";
        const enum phone_shim_result result = phone_shim_parse(number, "ZZ", expected);
        cr_assert(result == PHONE_SHIM_VALID || result == PHONE_SHIM_POSSIBLE, "%s", number);
        cr_assert_str_eq(expected, number);
        cr_assert_str_eq(forms_canonical("phone", number, ""), expected);
        cr_assert_str_eq(forms_canonical("phone", spaced, ""), expected);
    }
}

/* Reads the number of `state` many times, beside others that do so. Not NULL on success. */
static void *read_many(void *state) {
    const char *number = state;
    struct arena arena;
    arena_init(&arena, FORMS_ARENA_MAX);
    const char *out = NULL;
    for (int i = 0; i < 200; i++) {
        const struct status status = phone_canonicalise(number, "SA", PHONE_DIALLED, &arena, &out);
        if (!status_is_ok(status) || strcmp(out, "+966545462356") != 0) {
            arena_free(&arena);
            return NULL;
        }
        arena_reset(&arena);
    }
    arena_free(&arena);
    return state;
}

Test(phone, threads_read_at_once) {
    char numbers[4][16] = {"0545462356", "545462356", "966545462356", "+966 545462356"};
    pthread_t threads[COUNT(numbers)];
    for (size_t i = 0; i < COUNT(numbers); i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, read_many, numbers[i]), 0);
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        void *result = NULL;
        cr_assert_eq(pthread_join(threads[i], &result), 0);
        cr_expect_not_null(result);
    }
}
