/* Distances between texts, levels of names and of dates. */

#include "server/identity/similar_name.h"

#include "server/identity/similar_date.h"
#include "tests/engine/leaks.h"
#include "tests/engine/seeded.h"
#include "tests/identity/forms.h"

static void finish(void) {
    forms_free();
    leaks_check();
}

TestSuite(similar_name, .fini = finish);

static size_t distance(const char *one, const char *other, size_t max) {
    struct arena *arena = forms_arena();
    return similar_letters_distance(similar_letters_of(one, arena),
                                    similar_letters_of(other, arena), max);
}

Test(similar_name, distance_counts_slips) {
    cr_expect_eq(distance("", "", 2), 0);
    cr_expect_eq(distance("", "ab", 2), 2);
    cr_expect_eq(distance("smith", "smith", 0), 0);
    cr_expect_eq(distance("smith", "smth", 2), 1);
    cr_expect_eq(distance("smith", "smiith", 2), 1);
    cr_expect_eq(distance("smith", "smoth", 2), 1);
    cr_expect_eq(distance("smith", "simth", 2), 1, "an exchange is one slip");
    cr_expect_eq(distance("smith", "imsth", 3), 2);
    cr_expect_eq(distance("smith", "jones", 2), 3, "more than was asked for");
    cr_expect_eq(distance("محمد", "محمود", 2), 1);
    cr_expect_eq(distance("a\xff"
                          "b",
                          "ab", 2),
                 0, "what is no UTF-8 counts for nothing");
}

/* The usual table, whole. */
static size_t whole_distance(struct similar_letters one, struct similar_letters other) {
    static size_t table[SIMILAR_LETTERS_MAX + 1][SIMILAR_LETTERS_MAX + 1];
    for (size_t i = 0; i <= one.count; i++) {
        for (size_t k = 0; k <= other.count; k++) {
            size_t least = i == 0 ? k : k == 0 ? i : SIZE_MAX;
            if (i > 0 && k > 0) {
                const size_t exchanged = table[i - 1][k - 1] + (one.at[i - 1] != other.at[k - 1]);
                least = table[i - 1][k] + 1 < table[i][k - 1] + 1 ? table[i - 1][k] + 1
                                                                  : table[i][k - 1] + 1;
                least = exchanged < least ? exchanged : least;
            }
            if (i > 1 && k > 1 && one.at[i - 1] == other.at[k - 2] &&
                one.at[i - 2] == other.at[k - 1] && table[i - 2][k - 2] + 1 < least) {
                least = table[i - 2][k - 2] + 1;
            }
            table[i][k] = least;
        }
    }
    return table[one.count][other.count];
}

Test(similar_name, distance_in_a_band_is_that_of_the_whole_table) {
    struct seeded seeded = {7};
    for (size_t round = 0; round < 20000; round++) {
        int32_t letters[2][SIMILAR_LETTERS_MAX];
        struct similar_letters texts[2];
        for (size_t i = 0; i < 2; i++) {
            texts[i] = (struct similar_letters){letters[i], seeded_below(&seeded, 9)};
            for (size_t k = 0; k < texts[i].count; k++) {
                letters[i][k] = (int32_t)seeded_below(&seeded, 3);
            }
        }
        const size_t whole = whole_distance(texts[0], texts[1]);
        for (size_t max = 0; max <= 9; max++) {
            cr_assert_eq(similar_letters_distance(texts[0], texts[1], max),
                         whole <= max ? whole : max + 1);
        }
    }
}

static double likeness(const char *one, const char *other) {
    struct arena *arena = forms_arena();
    return similar_letters_likeness(similar_letters_of(one, arena),
                                    similar_letters_of(other, arena));
}

Test(similar_name, likeness_is_that_of_winklers_table) {
    cr_expect_float_eq(likeness("martha", "marhta"), 0.961, 0.001);
    cr_expect_float_eq(likeness("dixon", "dicksonx"), 0.813, 0.001);
    cr_expect_float_eq(likeness("dwayne", "duane"), 0.840, 0.001);
    cr_expect_float_eq(likeness("same", "same"), 1, 0.001);
    cr_expect_float_eq(likeness("abc", "xyz"), 0, 0.001);
    cr_expect_float_eq(likeness("", "abc"), 0, 0.001);
}

static enum similar_level level(const char *one, const char *other) {
    struct arena *arena = forms_arena();
    const struct similar_name names[] = {similar_name_of(one, arena, arena),
                                         similar_name_of(other, arena, arena)};
    const enum similar_level level = similar_name_compare(&names[0], &names[1]);
    cr_expect_eq(similar_name_compare(&names[1], &names[0]), level, "'%s' '%s': one way only", one,
                 other);
    return level;
}

Test(similar_name, levels) {
    static const struct {
        const char *one;
        const char *other;
        enum similar_level level;
    } tests[] = {
        {NULL, "Sara", SIMILAR_UNKNOWN},
        {"--", "Sara", SIMILAR_UNKNOWN},
        {"Sara", "SARÀ", SIMILAR_SAME},
        {"e mma", "Emma", SIMILAR_SAME},
        {"أحمد", "احمد", SIMILAR_SAME},
        {"Sara", "Sarah", SIMILAR_SOUNDS},
        {"سارة", "Sarah", SIMILAR_SOUNDS},
        {"Mohammed", "Muhammad", SIMILAR_SOUNDS},
        {"Wilkins", "Wiklins", SIMILAR_NEAR},
        {"Robinson", "Roibnsom", SIMILAR_NEAR},
        {"Clarke", "Clarkr", SIMILAR_NEAR},
        {"Mary", "Mary Ann", SIMILAR_NEAR},
        {"القحطاني", "Al-Qahtany", SIMILAR_SOUNDS},
        {"عبدالرحمن", "Abdulrahmn", SIMILAR_SOUNDS},
        {"القحطاني", "Qahtandi", SIMILAR_NEAR},
        {"Rob", "Robert", SIMILAR_ALIKE},
        {"R", "Robert", SIMILAR_ALIKE},
        {"Karim", "Karima", SIMILAR_ALIKE},
        {"محمد", "محمود", SIMILAR_ALIKE},
        {"Hassan", "Hussein", SIMILAR_DIFFERENT},
        {"حسن", "حسين", SIMILAR_DIFFERENT},
        {"حسن", "Hussein", SIMILAR_DIFFERENT},
        {"Sara", "Omar", SIMILAR_DIFFERENT},
        {"王", "李", SIMILAR_DIFFERENT},
        {"王小明", "王小明", SIMILAR_SAME},
        {"Владимир", "Владимер", SIMILAR_NEAR},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        cr_expect_eq(level(tests[i].one, tests[i].other), tests[i].level, "'%s' '%s': %d",
                     tests[i].one, tests[i].other, level(tests[i].one, tests[i].other));
    }
}

Test(similar_name, dates) {
    static const struct {
        const char *one;
        const char *other;
        enum similar_level level;
    } tests[] = {
        {NULL, "1985-10-15", SIMILAR_UNKNOWN},
        {"1985-10", "1985-10-15", SIMILAR_UNKNOWN},
        {"1985-1o-15", "1985-10-15", SIMILAR_UNKNOWN},
        {"1985-10-15", "1985-10-15", SIMILAR_SAME},
        {"1985-10-15", "1985-10-16", SIMILAR_NEAR},
        {"1985-10-15", "1995-10-15", SIMILAR_NEAR},
        {"1985-10-15", "1958-10-15", SIMILAR_NEAR},
        {"1985-03-11", "1985-11-03", SIMILAR_NEAR},
        {"1985-10-15", "1986-09-15", SIMILAR_ALIKE},
        {"2012-09-30", "2012-10-01", SIMILAR_ALIKE},
        {"1975-07-24", "1985-08-19", SIMILAR_ALIKE},
        {"1985-10-15", "1962-03-07", SIMILAR_DIFFERENT},
        {"1985-10-15", "1988-05-30", SIMILAR_DIFFERENT},
    };
    for (size_t i = 0; i < COUNT(tests); i++) {
        const struct similar_date one = similar_date_of(tests[i].one);
        const struct similar_date other = similar_date_of(tests[i].other);
        cr_expect_eq(similar_date_compare(&one, &other), tests[i].level, "%s %s: %d", tests[i].one,
                     tests[i].other, similar_date_compare(&one, &other));
        cr_expect_eq(similar_date_compare(&other, &one), tests[i].level);
    }
}
