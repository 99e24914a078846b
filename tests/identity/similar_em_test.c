/* Weights: what they must keep to, and that they are found again in people made by them. */

#include "server/identity/similar_em.h"

#include <math.h>

#include <criterion/criterion.h>

#include "server/identity/similar_find.h"
#include "tests/engine/leaks.h"
#include "tests/engine/seeded.h"

enum { PEOPLE = 6000, TRUE_COUPLES = 1200 };

static struct arena arena;

static void begin(void) { arena_init(&arena, 1 << 28); }

static void finish(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(similar_em, .init = begin, .fini = finish, .timeout = 60);

/* ---- weights ---- */

Test(similar_em, default_weights_are_weights) {
    const struct status status = similar_weights_check(similar_weights_default());

    cr_expect_eq(status.code, STATUS_OK, "%s", status.text);
}

static enum status_code check_with(enum similar_field field, enum similar_level level, double m,
                                   double u) {
    struct similar_weights weights = *similar_weights_default();
    weights.fields[field][level] = (struct similar_weight){m, u};
    return similar_weights_check(&weights).code;
}

Test(similar_em, what_is_no_probability_is_refused) {
    const double m = similar_weights_default()->fields[SIMILAR_CITY][SIMILAR_SAME].m;
    const double u = similar_weights_default()->fields[SIMILAR_CITY][SIMILAR_SAME].u;

    cr_expect_eq(check_with(SIMILAR_CITY, SIMILAR_SAME, m, u), STATUS_OK);
    cr_expect_eq(check_with(SIMILAR_CITY, SIMILAR_SAME, 0, u), STATUS_INVALID_ARGUMENT);
    cr_expect_eq(check_with(SIMILAR_CITY, SIMILAR_SAME, m, 0), STATUS_INVALID_ARGUMENT);
    cr_expect_eq(check_with(SIMILAR_CITY, SIMILAR_SAME, NAN, u), STATUS_INVALID_ARGUMENT);
    cr_expect_eq(check_with(SIMILAR_CITY, SIMILAR_SAME, m + 0.1, u), STATUS_INVALID_ARGUMENT);
    cr_expect_eq(check_with(SIMILAR_CITY, SIMILAR_UNKNOWN, 0.1, 0.1), STATUS_INVALID_ARGUMENT);
    cr_expect_eq(check_with(SIMILAR_GENDER, SIMILAR_NEAR, 0.1, 0.1), STATUS_INVALID_ARGUMENT);
    cr_expect_eq(check_with(SIMILAR_ACCOUNT, SIMILAR_SAME, 0.1, 0.2), STATUS_INVALID_ARGUMENT);
}

Test(similar_em, share_and_swap_have_their_side) {
    struct similar_weights weights = *similar_weights_default();
    weights.swap_bits = 1;
    cr_expect_eq(similar_weights_check(&weights).code, STATUS_INVALID_ARGUMENT);
    weights.swap_bits = NAN;
    cr_expect_eq(similar_weights_check(&weights).code, STATUS_INVALID_ARGUMENT);
    weights = *similar_weights_default();
    weights.share = -1;
    cr_expect_eq(similar_weights_check(&weights).code, STATUS_INVALID_ARGUMENT);
}

/* ---- estimation ---- */

static const char *const syllables[] = {"ba", "du", "ki", "lo", "me", "ra", "so", "tu",
                                        "ni", "fa", "go", "ze", "hu", "wi", "pa", "xe"};

static const char *word(struct seeded *seeded) {
    return arena_format(&arena, "%s%s%s", syllables[seeded_below(seeded, 16)],
                        syllables[seeded_below(seeded, 16)], syllables[seeded_below(seeded, 16)]);
}

/* A person, and for the first ones the same once more: the city is another one of ten in a tenth,
 * the birth date another one in a fifth. */
static struct similar_person *people_made(void) {
    static const char *const cities[] = {"Riyadh", "Cairo", "Jeddah", "Luxor",  "Tabuk",
                                         "Aswan",  "Abha",  "Giza",   "Dammam", "Medina"};
    struct seeded seeded = {11};
    struct similar_person *people = arena_array(&arena, PEOPLE, sizeof *people);
    struct profile_attribute *before = NULL;
    for (size_t i = 0; i < PEOPLE; i++) {
        struct profile_attribute *attributes = arena_array(&arena, 4, sizeof *attributes);
        attributes[0] = (struct profile_attribute){.name = "given_name", .value = word(&seeded)};
        attributes[1] = (struct profile_attribute){.name = "family_name", .value = word(&seeded)};
        attributes[2] = (struct profile_attribute){
            .name = "birth_date",
            .value = arena_format(&arena, "%04d-%02d-%02d", 1940 + (int)seeded_below(&seeded, 60),
                                  1 + (int)seeded_below(&seeded, 12),
                                  1 + (int)seeded_below(&seeded, 28))};
        attributes[3] =
            (struct profile_attribute){.name = "city", .value = cities[seeded_below(&seeded, 10)]};
        if (i < 2 * (size_t)TRUE_COUPLES && i % 2 == 1) {
            attributes[0] = before[0];
            attributes[1] = before[1];
            attributes[2] = seeded_below(&seeded, 5) == 0 ? attributes[2] : before[2];
            attributes[3] = seeded_below(&seeded, 10) == 0 ? attributes[3] : before[3];
        }
        before = attributes;
        const struct profile profile = {
            .name_derived = true, .attribute_count = 4, .attributes = attributes};
        similar_person_of(&profile, &arena, &arena, &people[i]);
    }
    return people;
}

Test(similar_em, finds_the_weights_that_people_were_made_by) {
    const struct similar_person *people = people_made();
    struct similar_weights weights;
    struct similar_em_report report;

    const struct status status =
        similar_em_estimate(people, PEOPLE, similar_weights_default(), &arena, &weights, &report);

    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    cr_expect(report.settled);
    cr_expect_eq(report.left_out_count, 0);
    cr_expect_float_eq(report.match_count, TRUE_COUPLES, TRUE_COUPLES / 50.0);
    cr_expect_float_eq(weights.share, 2.0 * TRUE_COUPLES / PEOPLE, 0.02);
    cr_expect_float_eq(weights.fields[SIMILAR_BIRTH_DATE][SIMILAR_SAME].m, 0.80, 0.04);
    cr_expect_float_eq(weights.fields[SIMILAR_CITY][SIMILAR_SAME].m, 0.91, 0.04);
    cr_expect_float_eq(weights.fields[SIMILAR_CITY][SIMILAR_SAME].u, 0.10, 0.01);
    cr_expect_gt(weights.fields[SIMILAR_GIVEN_NAME][SIMILAR_SAME].m, 0.95);
    cr_expect_eq(weights.fields[SIMILAR_GENDER][SIMILAR_SAME].m,
                 similar_weights_default()->fields[SIMILAR_GENDER][SIMILAR_SAME].m,
                 "of what nobody tells, nothing is learned");
    cr_expect_eq(weights.swap_bits, similar_weights_default()->swap_bits);
    cr_expect_eq(similar_weights_check(&weights).code, STATUS_OK);
}

/* ---- what can't be estimated ---- */

static struct similar_weights estimate_and_expect_weights(const struct similar_person *people,
                                                          size_t count,
                                                          struct similar_em_report *report) {
    struct similar_weights weights;
    const struct status status =
        similar_em_estimate(people, count, similar_weights_default(), &arena, &weights, report);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    cr_expect_eq(similar_weights_check(&weights).code, STATUS_OK);
    return weights;
}

static void expect_kept(const struct similar_weights *weights,
                        const struct similar_em_report *report) {
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        for (size_t k = 0; k < SIMILAR_LEVEL_COUNT && report->kept[i]; k++) {
            cr_expect_eq(weights->fields[i][k].m, similar_weights_default()->fields[i][k].m);
            cr_expect_eq(weights->fields[i][k].u, similar_weights_default()->fields[i][k].u);
        }
    }
}

Test(similar_em, a_name_that_all_bear_keeps_its_weights) {
    enum { COUNT = 150 };
    struct similar_person *people = people_made();
    for (size_t i = 1; i < COUNT; i++) {
        people[i].given = people[0].given;
    }
    struct similar_em_report report;

    const struct similar_weights weights = estimate_and_expect_weights(people, COUNT, &report);

    cr_expect(report.kept[SIMILAR_GIVEN_NAME]);
    cr_expect_not(report.kept[SIMILAR_BIRTH_DATE], "which still tells");
    expect_kept(&weights, &report);
}

Test(similar_em, people_of_whom_only_one_name_is_known_are_not_refused) {
    enum { COUNT = 150 };
    struct similar_person *people = people_made();
    for (size_t i = 0; i < COUNT; i++) {
        people[i] = (struct similar_person){.given = people[0].given, .family = people[0].family};
    }
    struct similar_em_report report;

    const struct similar_weights weights = estimate_and_expect_weights(people, COUNT, &report);

    cr_expect(report.kept[SIMILAR_GIVEN_NAME]);
    cr_expect(report.kept[SIMILAR_FAMILY_NAME]);
    expect_kept(&weights, &report);
}

Test(similar_em, what_nobody_shares_is_estimated_without_being_kept) {
    const struct similar_person *people = people_made();
    struct similar_em_report report;

    estimate_and_expect_weights(people, PEOPLE, &report);

    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        cr_expect_not(report.kept[i], "%s", similar_field_name((enum similar_field)i));
    }
}

Test(similar_em, is_the_same_each_time) {
    const struct similar_person *people = people_made();
    struct similar_weights weights[2];
    struct similar_em_report report;

    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(similar_em_estimate(people, 1000, similar_weights_default(), &arena,
                                         &weights[i], &report)
                         .code,
                     STATUS_OK);
    }

    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        for (size_t k = 0; k < SIMILAR_LEVEL_COUNT; k++) {
            cr_expect_eq(weights[0].fields[i][k].m, weights[1].fields[i][k].m);
            cr_expect_eq(weights[0].fields[i][k].u, weights[1].fields[i][k].u);
        }
    }
}

Test(similar_em, too_few_people_are_refused) {
    const struct similar_person *people = people_made();
    struct similar_weights weights;
    struct similar_em_report report;

    cr_expect_eq(similar_em_estimate(people, SIMILAR_EM_PEOPLE_MIN - 1, similar_weights_default(),
                                     &arena, &weights, &report)
                     .code,
                 STATUS_FAILED_PRECONDITION);
}
