/* Values that become others while nothing is written: moods of the latest days, and traits of so
 * many days. Each says when; until then it is the same. And those of nobody.
 *
 * A failure names its seed; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>

#include <criterion/criterion.h>

#include "server/segment/person.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/store/fixture.h"

enum { SEEDS = 12, INTERACTIONS = 25, DAYS = 75, LOOKS = 200 };

TestSuite(value_change, .init = fixture_open, .fini = fixture_close);

static struct seeded rolls;
static uint64_t seed;

static void add_trait(const char *name, int32_t window_days) {
    struct store_trait trait = {.name = name,
                                .description = "",
                                .aggregation = STORE_TRAIT_COUNT,
                                .field_name = "",
                                .filter = "",
                                .window_days = window_days};
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_add(view, &trait, FIXTURE_NOW_US)));
    write_end();
}

/* Somebody who wrote now and then, and once the clock of a source was ahead. */
static struct id make_person(void) {
    struct profile *profile = profile_new("Noura");
    profile_save(profile);
    const size_t count = seeded_below(&rolls, INTERACTIONS);
    for (size_t i = 0; i < count; i++) {
        const int64_t ago_us =
            ((int64_t)seeded_below(&rolls, (size_t)DAYS * 24) - 20) * US_PER_HOUR;
        struct store_view *view = write_begin();
        (void)interaction_add(view, profile->id, FIXTURE_NOW_US - ago_us, "", "email", "",
                              (uint32_t)seeded_below(&rolls, 4));
        write_end();
    }
    return profile->id;
}

/* ---- looking ---- */

static struct field_value value_at(struct store_view *view, const struct profile *profile,
                                   const struct field *field, int64_t at_us) {
    struct person person = person_of(view, profile, at_us, &arena);
    struct field_value value;
    cr_assert(status_is_ok(person_value(&person, field, &value)));
    cr_assert_gt(value.change_us, at_us, "PROFILED_SEED=%" PRIu64, seed);
    return value;
}

/* What a value is, whenever it changes. */
static bool is_same(const struct field *field, struct field_value a, struct field_value b) {
    a.change_us = b.change_us = 0;
    return field_value_equal(field->type, &a, &b);
}

static void check_field(struct store_view *view, const struct profile *profile,
                        const struct field *field) {
    size_t changes = 0;
    for (size_t i = 0; i < LOOKS; i++) {
        const int64_t at_us =
            FIXTURE_NOW_US +
            (int64_t)seeded_below(&rolls, (size_t)DAYS * 24 * 60) * 60 * US_PER_SECOND;
        const struct field_value value = value_at(view, profile, field, at_us);
        const int64_t end_us = at_us + DAYS * US_PER_DAY;
        const int64_t until_us = value.change_us < end_us ? value.change_us : end_us;
        const int64_t look_us =
            i % 2 == 0 ? until_us - 1
                       : at_us + (int64_t)seeded_below(&rolls, (size_t)(until_us - at_us));
        cr_assert(is_same(field, value, value_at(view, profile, field, look_us)),
                  "PROFILED_SEED=%" PRIu64 ": field %d of %s: at %" PRId64 " and %" PRId64
                  ", before %" PRId64,
                  seed, (int)field->kind, field->name, at_us, look_us, value.change_us);
        changes += value.change_us == INT64_MAX ? 0 : 1;
    }
    cr_assert(changes < LOOKS, "in the end nothing is left to change");
}

static void check_person(struct id id) {
    struct store_view *view = read_begin();
    const struct profile *profile = NULL;
    const struct store_traits *traits = NULL;
    cr_assert(status_is_ok(store_profile_get(view, id, &profile)));
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    const struct field mood = {
        .kind = FIELD_RECENT_NET_SENTIMENT, .type = FIELD_NUMBER, .name = ""};
    check_field(view, profile, &mood);
    for (size_t i = 0; i < traits->count; i++) {
        const struct field trait = {.kind = FIELD_TRAIT,
                                    .type = FIELD_NUMBER,
                                    .name = traits->items[i].name,
                                    .number = traits->items[i].number};
        check_field(view, profile, &trait);
    }
    read_end();
}

Test(value_change, values_stay_until_they_said) {
    const struct seeds seeds = seeds_of(SEEDS);
    add_trait("of_one_day", 1);
    add_trait("of_a_week", 7);
    add_trait("of_a_month", 30);
    for (seed = seeds.first; seed <= seeds.last; seed++) {
        rolls = (struct seeded){.state = seed};
        check_person(make_person());
    }
}

/* ---- nobody ---- */

Test(value_change, of_nobody_nothing_is_known) {
    static const struct field without[] = {
        {.kind = FIELD_ID, .type = FIELD_TEXT, .name = ""},
        {.kind = FIELD_NAME, .type = FIELD_TEXT, .name = ""},
        {.kind = FIELD_CREATE_TIME, .type = FIELD_TIME, .name = ""},
        {.kind = FIELD_UPDATE_TIME, .type = FIELD_TIME, .name = ""},
        {.kind = FIELD_LAST_INTERACTION_TIME, .type = FIELD_TIME, .name = ""},
        {.kind = FIELD_ATTRIBUTE, .type = FIELD_TEXT, .name = "city"},
        {.kind = FIELD_IDENTITY, .type = FIELD_TEXT, .name = ""},
        {.kind = FIELD_TRAIT, .type = FIELD_NUMBER, .name = "orders", .number = 1},
        {.kind = FIELD_RECENT_NET_SENTIMENT, .type = FIELD_NUMBER, .name = ""},
    };
    struct store_view *view = read_begin();
    struct person nobody = person_of_nobody(view, FIXTURE_NOW_US, &arena);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        struct field_value value;
        cr_expect(status_is_ok(person_value(&nobody, &without[i], &value)));
        cr_expect_eq(value.count, 0, "%d", (int)without[i].kind);
        cr_expect_eq(value.change_us, INT64_MAX);
    }
    read_end();
}
