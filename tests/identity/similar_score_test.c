/* What names say by how frequent they are: more agreement never says less. */

#include "server/identity/similar_score.h"

#include <criterion/criterion.h>

#include "tests/engine/leaks.h"

enum { CROWD = 2000, PARTS = 3 };

static struct arena arena;

static void begin(void) { arena_init(&arena, 1 << 28); }

static void finish(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(similar_score, .init = begin, .fini = finish);

/* ---- people ---- */

/* How many of a hundred bear each name. The other people's names are each their own. */
static const struct {
    const char *name;
    size_t share;
} names[] = {
    {"Mohammed", 30}, {"محمد", 4},  {"Muhammad", 8}, {"Mohamned", 0},
    {"Mohamne", 0},   {"Sara", 12}, {"Sarah", 12},   {"Sarrah", 0},
    {"Sarai", 1},     {"Harbi", 5}, {"Harbbi", 0},   {"الحربي", 5},
};

enum { NAMES = sizeof names / sizeof *names };

static struct similar_person person_of(const char *given, const char *family, const char *city) {
    struct profile_attribute *attributes = arena_array(&arena, PARTS, sizeof *attributes);
    attributes[0] = (struct profile_attribute){.name = "given_name", .value = given};
    attributes[1] = (struct profile_attribute){.name = "family_name", .value = family};
    attributes[2] = (struct profile_attribute){.name = "city", .value = city};
    const struct profile profile = {
        .name_derived = true, .attribute_count = PARTS, .attributes = attributes};
    struct similar_person person;
    similar_person_of(&profile, &arena, &arena, &person);
    return person;
}

static struct similar_person namesake(const char *name) { return person_of(name, name, name); }

/* A name as frequent as the table says; another one where that has no more. */
static const char *name_at(size_t position) {
    size_t rest = position % 100;
    for (size_t i = 0; i < NAMES; i++) {
        if (rest < names[i].share) {
            return names[i].name;
        }
        rest -= names[i].share;
    }
    return arena_format(&arena, "n%zu", position);
}

/* Every second family name is one of a few hundred: a name is given and family name of some. */
static const struct similar_frequencies *frequencies_of_a_crowd(size_t count) {
    struct similar_person *people = arena_array(&arena, count, sizeof *people);
    for (size_t i = 0; i < count; i++) {
        people[i] = person_of(name_at(i), arena_format(&arena, "f%zu", i % 400), name_at(i * 7));
    }
    return similar_frequencies_of(people, count, &arena);
}

/* ---- bits ---- */

static double bits_at(const struct similar_person *one, const struct similar_person *other,
                      enum similar_field field, enum similar_level level,
                      const struct similar_weights *weights,
                      const struct similar_frequencies *frequencies) {
    struct similar_agreement agreement = {.swapped = false};
    struct similar_score score;
    agreement.levels[field] = level;
    similar_score_of(one, other, &agreement, weights, frequencies, 0, &score);
    return score.field_bits[field];
}

static const enum similar_field name_fields[] = {SIMILAR_GIVEN_NAME, SIMILAR_FAMILY_NAME,
                                                 SIMILAR_CITY, SIMILAR_COMPANY};

/* Of two names, whatever their level is: a higher one says no less. */
static void check_levels(const struct similar_person *one, const struct similar_person *other,
                         const struct similar_weights *weights,
                         const struct similar_frequencies *frequencies) {
    for (size_t i = 0; i < sizeof name_fields / sizeof *name_fields; i++) {
        double before = 0;
        for (int level = SIMILAR_DIFFERENT; level <= SIMILAR_SAME; level++) {
            const double bits = bits_at(one, other, name_fields[i], (enum similar_level)level,
                                        weights, frequencies);
            cr_expect(level == SIMILAR_DIFFERENT ? bits <= 0 : bits >= 0, "field %zu: %d says %f",
                      i, level, bits);
            cr_expect(level == SIMILAR_DIFFERENT || bits >= before, "field %zu: %d says %f, not %f",
                      i, level, bits, before);
            before = bits;
        }
    }
}

/* Of one name beside others: none says more than the name itself, and none that sounds otherwise
 * more than one that sounds the same. */
static void check_others(size_t name, const struct similar_weights *weights,
                         const struct similar_frequencies *frequencies) {
    const struct similar_person one = namesake(names[name].name);
    enum similar_level levels[NAMES];
    double bits[NAMES];
    for (size_t i = 0; i < NAMES; i++) {
        const struct similar_person other = namesake(names[i].name);
        levels[i] = similar_name_compare(&one.given, &other.given);
        bits[i] = bits_at(&one, &other, SIMILAR_GIVEN_NAME, levels[i], weights, frequencies);
    }
    for (size_t i = 0; i < NAMES; i++) {
        for (size_t k = 0; k < NAMES; k++) {
            cr_expect(levels[i] < SIMILAR_SOUNDS || levels[k] >= levels[i] || bits[k] <= bits[i],
                      "'%s': '%s' %f, '%s' %f", names[name].name, names[i].name, bits[i],
                      names[k].name, bits[k]);
        }
    }
}

static void check_all(const struct similar_weights *weights,
                      const struct similar_frequencies *frequencies) {
    for (size_t i = 0; i < NAMES; i++) {
        for (size_t k = 0; k < NAMES; k++) {
            const struct similar_person one = namesake(names[i].name);
            const struct similar_person other = namesake(names[k].name);
            check_levels(&one, &other, weights, frequencies);
        }
        check_others(i, weights, frequencies);
    }
}

Test(similar_score, more_agreement_of_names_never_says_less) {
    const size_t counts[] = {1, 10, 100, CROWD};

    check_all(similar_weights_default(), NULL);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        check_all(similar_weights_default(), frequencies_of_a_crowd(counts[i]));
    }
}

/* Weights that were estimated may have levels of hardly any pairs. */
Test(similar_score, nor_by_weights_in_which_it_does) {
    struct similar_weights weights = *similar_weights_default();
    struct similar_weight *given = weights.fields[SIMILAR_GIVEN_NAME];
    given[SIMILAR_SOUNDS] = (struct similar_weight){0.001, 0.1};
    given[SIMILAR_NEAR] = (struct similar_weight){0.12, 0.00001};
    given[SIMILAR_DIFFERENT] = (struct similar_weight){0.099, 0.009};

    check_all(&weights, NULL);
    check_all(&weights, frequencies_of_a_crowd(CROWD));
}

Test(similar_score, a_slip_in_a_frequent_name_says_no_more_than_the_name) {
    const struct similar_frequencies *frequencies = frequencies_of_a_crowd(CROWD);
    const struct similar_weights *weights = similar_weights_default();
    const struct similar_person whole = namesake("Mohammed");
    const struct similar_person slip = namesake("Mohamned");
    const struct similar_person arabic = namesake("محمد");

    const double same =
        bits_at(&whole, &whole, SIMILAR_GIVEN_NAME, SIMILAR_SAME, weights, frequencies);
    const double near =
        bits_at(&whole, &slip, SIMILAR_GIVEN_NAME, SIMILAR_NEAR, weights, frequencies);
    const double sounds =
        bits_at(&whole, &arabic, SIMILAR_GIVEN_NAME, SIMILAR_SOUNDS, weights, frequencies);

    cr_expect_gt(same, 0);
    cr_expect_geq(same, sounds);
    cr_expect_geq(sounds, near);
    cr_expect_geq(near, 0);
}

Test(similar_score, a_slip_in_a_rare_name_says_much) {
    const struct similar_frequencies *frequencies = frequencies_of_a_crowd(CROWD);
    const struct similar_person whole = namesake("Sondergeld");
    const struct similar_person slip = namesake("Sondregeld");

    const double near = bits_at(&whole, &slip, SIMILAR_FAMILY_NAME, SIMILAR_NEAR,
                                similar_weights_default(), frequencies);

    cr_expect_gt(near, 6);
}

/* ---- weights ---- */

Test(similar_score, in_each_field_of_the_defaults_bits_rise_with_agreement) {
    const struct similar_weights *weights = similar_weights_default();
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        double before = 0;
        for (size_t k = SIMILAR_DIFFERENT; k < SIMILAR_LEVEL_COUNT; k++) {
            const struct similar_weight *weight = &weights->fields[i][k];
            if (similar_weights_has((enum similar_field)i, (enum similar_level)k)) {
                cr_expect_geq(weight->m / weight->u + 1e-9, before, "%s %s",
                              similar_field_name((enum similar_field)i),
                              similar_level_name((enum similar_level)k));
                before = weight->m / weight->u;
            }
        }
    }
}
