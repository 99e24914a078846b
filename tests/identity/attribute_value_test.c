/* Values of attributes that a workspace defines: what is read, and what comes back. */

#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "server/identity/attribute_time.h"
#include "server/identity/attribute_value.h"
#include "tests/engine/seeded.h"

static struct arena arena;

static void init(void) { arena_init(&arena, SIZE_MAX); }
static void fini(void) { arena_free(&arena); }

TestSuite(attribute_value, .init = init, .fini = fini);

static struct attribute_definition definition_of(enum attribute_type type) {
    return (struct attribute_definition){
        .kind = {.name = "x", .type = type, .own = true},
        .display_name = "",
        .description = "",
        .min = "",
        .max = "",
        .length_max = ATTRIBUTE_LENGTH_MAX,
        .pattern = "",
        .values_max = 1,
    };
}

/* The canonical form of one value; NULL when it is refused. */
static const char *read_item(const struct attribute_definition *definition,
                             struct attribute_item item) {
    const struct attribute_given given = {.name = "x", .count = 1, .items = &item};
    const char *out = NULL;
    size_t position = 0;
    const struct status status = attribute_value_read(definition, &given, &arena, &out, &position);
    cr_assert_eq(status_is_ok(status), out != NULL);
    return out;
}

static const char *read_text(const struct attribute_definition *definition, const char *text) {
    return read_item(definition,
                     (struct attribute_item){.kind = ATTRIBUTE_ITEM_TEXT, .text = text});
}

Test(attribute_value, numbers_have_one_form) {
    const struct attribute_definition number = definition_of(ATTRIBUTE_TYPE_NUMBER);
    static const char *const cases[][2] = {
        {"42", "42"},   {" 42.0 ", "42"}, {"-0", "0"},     {"4.2e1", "42"},
        {"0.1", "0.1"}, {"1E3", "1000"},  {"٣٫٥", "3.5"},  {"۴۲", "42"},
        {"+7", "7"},    {".5", "0.5"},    {"1e400", NULL}, {"--1", NULL},
        {"0x1F", NULL}, {"", NULL},       {"1,5", NULL},   {"infinity", NULL},
        {"nan", NULL},  {"1 2", NULL},    {"1e", NULL},    {"9007199254740993", "9007199254740992"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *read = read_text(&number, cases[i][0]);
        if (cases[i][1] == NULL) {
            cr_expect_null(read, "%s is %s", cases[i][0], read);
        } else {
            cr_expect_str_eq(read, cases[i][1]);
        }
    }
}

Test(attribute_value, any_number_comes_back_as_it_was) {
    const struct attribute_definition number = definition_of(ATTRIBUTE_TYPE_NUMBER);
    struct seeded seeded = {20260131};
    for (size_t i = 0; i < 20000; i++) {
        const uint64_t bits = seeded_next(&seeded);
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) {
            continue;
        }
        const char *told = read_item(
            &number, (struct attribute_item){.kind = ATTRIBUTE_ITEM_NUMBER, .number = value});
        const struct attribute_item item = attribute_item_of(ATTRIBUTE_TYPE_NUMBER, told);
        cr_assert_eq(item.number, value);
        cr_assert_str_eq(read_text(&number, told), told, "the form is its own form");
        arena_reset(&arena);
    }
}

Test(attribute_value, any_moment_comes_back_as_it_was) {
    const struct attribute_definition moment = definition_of(ATTRIBUTE_TYPE_TIME);
    struct seeded seeded = {20260131};
    const uint64_t span = (uint64_t)(ATTRIBUTE_TIME_MAX_US - ATTRIBUTE_TIME_MIN_US);
    for (size_t i = 0; i < 20000; i++) {
        const int64_t time_us =
            i == 0   ? ATTRIBUTE_TIME_MIN_US
            : i == 1 ? ATTRIBUTE_TIME_MAX_US
                     : ATTRIBUTE_TIME_MIN_US + (int64_t)(seeded_next(&seeded) % span);
        const char *told = read_item(
            &moment, (struct attribute_item){.kind = ATTRIBUTE_ITEM_TIME, .time_us = time_us});
        const struct attribute_item item = attribute_item_of(ATTRIBUTE_TYPE_TIME, told);
        cr_assert_eq(item.kind, ATTRIBUTE_ITEM_TIME);
        cr_assert_eq(item.time_us, time_us, "%s", told);
        arena_reset(&arena);
    }
}

Test(attribute_value, moments_are_read_in_other_offsets) {
    const struct attribute_definition moment = definition_of(ATTRIBUTE_TYPE_TIME);
    static const char *const cases[][2] = {
        {"2026-01-31T15:00:00+03:00", "2026-01-31T12:00:00Z"},
        {"2026-01-31t12:00:00.5z", "2026-01-31T12:00:00.500000Z"},
        {" 2026-01-31 12:00:00.1234567Z", "2026-01-31T12:00:00.123456Z"},
        {"2024-02-29T23:59:59-00:30", "2024-03-01T00:29:59Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"2023-02-29T00:00:00Z", NULL},
        {"2026-01-31T24:00:00Z", NULL},
        {"2026-01-31T12:00:60Z", NULL},
        {"2026-01-31T12:00Z", NULL},
        {"2026-01-31T12:00:00", NULL},
        {"2026-01-31T12:00:00.Z", NULL},
        {"2026-01-31T12:00:00Zx", NULL},
        {"2026-01-31", NULL},
        {"0001-01-01T00:00:00+00:01", NULL},
        {"0000-01-01T00:00:00Z", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *read = read_text(&moment, cases[i][0]);
        if (cases[i][1] == NULL) {
            cr_expect_null(read, "%s is %s", cases[i][0], read);
        } else {
            cr_expect_str_eq(read, cases[i][1]);
        }
    }
}

Test(attribute_value, bounds_are_of_the_type_and_hold_themselves) {
    static const struct {
        enum attribute_type type;
        const char *min;
        const char *max;
        const char *good[2];
        const char *bad[2];
    } cases[] = {
        {ATTRIBUTE_TYPE_NUMBER, "-2", "10", {"-2", "10"}, {"-2.5", "10.01"}},
        {ATTRIBUTE_TYPE_DATE,
         "2001-01-01",
         "2001-12-31",
         {"20010101", "2001-12-31"},
         {"2000-12-31", "2002-01-01"}},
        {ATTRIBUTE_TYPE_TIME,
         "1969-12-31T23:59:59Z",
         "1970-01-01T00:00:01.000001Z",
         {"1969-12-31T23:59:59Z", "1970-01-01T00:00:01.000001Z"},
         {"1969-12-31T23:59:58.999999Z", "1970-01-01T00:00:01.000002Z"}},
    };
    for (size_t i = 0; i < 3; i++) {
        struct attribute_definition bounded = definition_of(cases[i].type);
        bounded.min = cases[i].min;
        bounded.max = cases[i].max;
        for (size_t k = 0; k < 2; k++) {
            cr_expect_not_null(read_text(&bounded, cases[i].good[k]), "%s", cases[i].good[k]);
            cr_expect_null(read_text(&bounded, cases[i].bad[k]), "%s", cases[i].bad[k]);
        }
    }
}

Test(attribute_value, a_pattern_that_runs_out_of_steps_refuses) {
    struct attribute_definition string = definition_of(ATTRIBUTE_TYPE_STRING);
    string.pattern = "^(a|aa)+$";
    char value[60];
    memset(value, 'a', sizeof value);
    value[58] = '!';
    value[59] = '\0';
    cr_expect_null(read_text(&string, value));
    cr_expect_not_null(read_text(&string, "aaa"));
}

Test(attribute_value, lists_come_back_in_order_each_once) {
    struct attribute_definition list = definition_of(ATTRIBUTE_TYPE_NUMBER);
    list.kind.list = true;
    list.values_max = 3;
    const struct attribute_item items[] = {{.kind = ATTRIBUTE_ITEM_TEXT, .text = "2"},
                                           {.kind = ATTRIBUTE_ITEM_NUMBER, .number = 1.5},
                                           {.kind = ATTRIBUTE_ITEM_TEXT, .text = "2.0"}};
    const struct attribute_given given = {.name = "x", .list = true, .count = 3, .items = items};
    const char *canonical = NULL;
    size_t position = 0;

    cr_assert(status_is_ok(attribute_value_read(&list, &given, &arena, &canonical, &position)));

    cr_expect_str_eq(canonical, "2\n1.5");
    const char *const *parts = NULL;
    const uint32_t form = attribute_form(&list.kind);
    cr_expect_eq(form, ATTRIBUTE_TYPE_NUMBER | ATTRIBUTE_FORM_LIST);
    cr_assert_eq(attribute_items_of(form, canonical, &arena, &parts), 2);
    cr_expect_eq(attribute_item_of(form, parts[1]).number, 1.5);
    cr_expect(attribute_value_is_good(&list, canonical, &arena));
    list.values_max = 1;
    cr_expect_not(attribute_value_is_good(&list, canonical, &arena));
    list.values_max = 3;
    list.min = "1.6";
    cr_expect_not(attribute_value_is_good(&list, canonical, &arena));
}

Test(attribute_value, a_list_has_its_size) {
    struct attribute_definition list = definition_of(ATTRIBUTE_TYPE_STRING);
    list.kind.list = true;
    list.values_max = ATTRIBUTE_VALUES_MAX;
    struct attribute_item items[5];
    for (size_t i = 0; i < 5; i++) {
        char *text = arena_alloc(&arena, 1001);
        memset(text, 'a' + (int)i, 1000);
        items[i] = (struct attribute_item){.kind = ATTRIBUTE_ITEM_TEXT, .text = text};
    }
    struct attribute_given given = {.name = "x", .list = true, .count = 5, .items = items};
    const char *canonical = NULL;
    size_t position = 0;

    cr_expect_not(status_is_ok(attribute_value_read(&list, &given, &arena, &canonical, &position)));
    cr_expect_eq(position, 5, "it is no item's");
    given.count = 4;
    cr_expect(status_is_ok(attribute_value_read(&list, &given, &arena, &canonical, &position)));
}

Test(attribute_value, what_is_looked_for_is_read_without_bounds) {
    struct attribute_definition tier = definition_of(ATTRIBUTE_TYPE_ENUM);
    static const struct attribute_enum_value values[] = {{.value = "Gold"},
                                                         {.value = "tin", .retired = true}};
    tier.values = values;
    tier.value_count = 2;
    const char *canonical = NULL;
    cr_expect(status_is_ok(attribute_filter_read(&tier, "TIN", &arena, &canonical)));
    cr_expect_str_eq(canonical, "tin");
    cr_expect_null(read_text(&tier, "tin"));
    cr_expect_str_eq(read_text(&tier, " gold "), "Gold");
    struct attribute_definition number = definition_of(ATTRIBUTE_TYPE_NUMBER);
    number.max = "5";
    cr_expect(status_is_ok(attribute_filter_read(&number, "7", &arena, &canonical)));
    cr_expect_not(status_is_ok(attribute_filter_read(&number, "x", &arena, &canonical)));
}

/* What is wrong with a text: it says what would be right. */
static const char *fault(const struct attribute_definition *definition, const char *text) {
    const struct attribute_item item = {.kind = ATTRIBUTE_ITEM_TEXT, .text = text};
    const struct attribute_given given = {.name = "x", .count = 1, .items = &item};
    const char *out = NULL;
    size_t position = 0;
    return attribute_value_read(definition, &given, &arena, &out, &position).text;
}

Test(attribute_value, errors_name_the_limit_the_bound_and_the_nearest) {
    struct attribute_definition string = definition_of(ATTRIBUTE_TYPE_STRING);
    string.length_min = 3;
    string.length_max = 1024;
    string.pattern = "^a";
    char *text = arena_alloc(&arena, 1026);
    memset(text, 'a', 1025);
    cr_expect_str_eq(fault(&string, text), "is longer than 1,024 characters");
    cr_expect_str_eq(fault(&string, "a"), "is shorter than 3 characters");
    cr_expect_str_eq(fault(&string, "bbb"), "does not have the attribute's pattern ^a");

    struct attribute_definition number = definition_of(ATTRIBUTE_TYPE_NUMBER);
    number.min = "0.5";
    number.max = "100";
    cr_expect_str_eq(fault(&number, "0"), "is less than 0.5");
    cr_expect_str_eq(fault(&number, "101"), "is greater than 100");
}

Test(attribute_value, an_error_tells_few_values_and_the_nearest_of_many) {
    struct attribute_enum_value values[10] = {
        {.value = "gold"}, {.value = "silver"}, {.value = "lead", .retired = true}};
    struct attribute_definition tier = definition_of(ATTRIBUTE_TYPE_ENUM);
    tier.values = values;
    tier.value_count = 3;
    cr_expect_str_eq(fault(&tier, "Golt"),
                     "is none of the attribute's values: gold, silver; the nearest is gold");
    cr_expect_str_eq(fault(&tier, "bronze"), "is none of the attribute's values: gold, silver");
    cr_expect_str_eq(fault(&tier, "lead"), "is a value that is retired");
    for (size_t i = 3; i < 10; i++) {
        values[i].value = arena_format(&arena, "tier_%zu", i);
    }
    tier.value_count = 10;
    cr_expect_str_eq(fault(&tier, "tier_33"),
                     "is none of the attribute's values; the nearest is tier_3");
}
