/* People compared, scored and found; every person is made of a profile. */

#include "server/identity/similar_find.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/identity/identity_rule.h"
#include "server/identity/similar_key.h"
#include "tests/engine/leaks.h"

enum { PARTS_MAX = 8, CROWD = 2000 };

static struct arena arena;

static void begin(void) { arena_init(&arena, 1 << 28); }

static void finish(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(similar_find, .init = begin, .fini = finish);

struct told {
    const char *name; /* As somebody told it. */
    struct profile_attribute attributes[PARTS_MAX];
    struct profile_identity identities[PARTS_MAX];
};

#define TOLD(...) person_told(&(const struct told){__VA_ARGS__})
#define ATTRIBUTE(NAME, VALUE)                                                                     \
    { .name = (NAME), .value = (VALUE) }
#define ID(TYPE, CANONICAL)                                                                        \
    { .type = (TYPE), .value = (CANONICAL), .canonical = (CANONICAL) }
#define CONTACT(TYPE, CANONICAL, RULE)                                                             \
    { .type = (TYPE), .value = (CANONICAL), .canonical = (CANONICAL), .rule = (RULE) }
#define NAMED(GIVEN, FAMILY) ATTRIBUTE("given_name", GIVEN), ATTRIBUTE("family_name", FAMILY)
#define BORN(DATE) ATTRIBUTE("birth_date", DATE)
#define CITY(NAME) ATTRIBUTE("city", NAME)

static struct similar_person person_told(const struct told *told) {
    struct told *copy = arena_alloc(&arena, sizeof *copy);
    *copy = *told;
    struct profile profile = {.name = told->name,
                              .name_derived = told->name == NULL,
                              .attributes = copy->attributes,
                              .identities = copy->identities};
    while (copy->attributes[profile.attribute_count].name != NULL) {
        profile.attribute_count++;
    }
    while (copy->identities[profile.identity_count].type != NULL) {
        profile.identity_count++;
    }
    struct similar_person person;
    similar_person_of(&profile, &arena, &arena, &person);
    return person;
}

/* ---- features ---- */

Test(similar_find, names_are_taken_from_the_told_name_where_attributes_lack) {
    const struct similar_person attributes = TOLD(.attributes = {NAMED("Noura", "Harbi")});
    const struct similar_person told = TOLD(.name = "Noura bint Fahad Al-Harbi");
    const struct similar_person given =
        TOLD(.name = "Noura Harbi", .attributes = {ATTRIBUTE("given_name", "Noura")});
    const struct similar_person family =
        TOLD(.name = "Noura Harbi", .attributes = {ATTRIBUTE("family_name", "Harbi")});
    const struct similar_person word = TOLD(.name = "Noura");
    const struct similar_person derived = TOLD(.name = NULL);

    cr_expect_eq(told.given.hash, attributes.given.hash);
    cr_expect_eq(told.family.hash, attributes.family.hash);
    cr_expect_eq(given.family.hash, attributes.family.hash);
    cr_expect_eq(family.given.hash, attributes.given.hash);
    cr_expect_eq(word.given.hash, attributes.given.hash);
    cr_expect_eq(word.family.hash, 0);
    cr_expect_eq(derived.given.hash, 0);
}

Test(similar_find, blocked_identities_and_ids_of_systems_are_no_evidence) {
    const struct similar_person person =
        TOLD(.identities = {
                 CONTACT("email", "info@example.com", IDENTITY_RULE_BLOCKED_ROLE_MAILBOX),
                 CONTACT("email", "family@example.com", IDENTITY_RULE_OWNED_ELSEWHERE),
                 ID("external_id", "1001"), ID("anonymous_id", "a"), ID("twitter", "noura"),
                 ID("phone", "+966500000017"), ID("whatsapp", "+966500000017")});

    cr_expect_eq(person.email_count, 1);
    cr_expect_eq(person.account_count, 1);
    cr_expect_eq(person.phone_count, 1, "a telephone and its WhatsApp are one");
    cr_expect_eq(person.national_id_count, 0);
}

/* ---- contacts ---- */

static enum similar_level level_of(enum similar_field field, const char *type, const char *one,
                                   const char *other) {
    const struct similar_person people[] = {TOLD(.identities = {ID(type, one)}),
                                            TOLD(.identities = {ID(type, other)})};
    struct similar_agreement agreement;
    similar_compare(&people[0], &people[1], &agreement);
    return agreement.levels[field];
}

Test(similar_find, near_misses_of_contacts) {
    static const struct {
        enum similar_field field;
        const char *type;
        const char *one;
        const char *other;
        enum similar_level level;
    } tests[] = {
        {SIMILAR_EMAIL, "email", "noura@example.com", "noura@example.com", SIMILAR_SAME},
        {SIMILAR_EMAIL, "email", "noura.h@example.com", "noura.h@exmaple.com", SIMILAR_NEAR},
        {SIMILAR_EMAIL, "email", "noura.h@example.com", "noura.h@other.org", SIMILAR_ALIKE},
        {SIMILAR_EMAIL, "email", "user1@example.com", "user2@example.com", SIMILAR_ALIKE},
        {SIMILAR_EMAIL, "email", "me@example.com", "me@other.org", SIMILAR_DIFFERENT},
        {SIMILAR_EMAIL, "email", "noura@example.com", "fahad@other.org", SIMILAR_DIFFERENT},
        {SIMILAR_PHONE, "phone", "+966500000017", "+966500000017", SIMILAR_SAME},
        {SIMILAR_PHONE, "phone", "+966512345678", "+966512345768", SIMILAR_NEAR},
        {SIMILAR_PHONE, "phone", "+966512345678", "+971512345678", SIMILAR_NEAR},
        {SIMILAR_PHONE, "phone", "+966512345678", "+966598765432", SIMILAR_DIFFERENT},
        {SIMILAR_NATIONAL_ID, "national_id", "7364009", "7364009", SIMILAR_SAME},
        {SIMILAR_NATIONAL_ID, "national_id", "7364009", "7346009", SIMILAR_NEAR},
        {SIMILAR_NATIONAL_ID, "national_id", "7364009", "736409", SIMILAR_NEAR},
        {SIMILAR_NATIONAL_ID, "national_id", "7364009", "5251581", SIMILAR_DIFFERENT},
        {SIMILAR_NATIONAL_ID, "national_id", "1234", "1235", SIMILAR_DIFFERENT},
        {SIMILAR_ACCOUNT, "twitter", "noura", "noura", SIMILAR_SAME},
        {SIMILAR_ACCOUNT, "twitter", "noura", "nora", SIMILAR_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        const enum similar_level level =
            level_of(tests[i].field, tests[i].type, tests[i].one, tests[i].other);
        cr_expect_eq(level, tests[i].level, "%s %s: %s", tests[i].one, tests[i].other,
                     similar_level_name(level));
    }
}

/* ---- scores ---- */

static struct similar_score score(struct similar_person one, struct similar_person other) {
    struct similar_agreement agreement;
    struct similar_score out;
    const struct similar_weights *weights = similar_weights_default();
    similar_compare(&one, &other, &agreement);
    similar_score_of(&one, &other, &agreement, weights, NULL, similar_prior_bits(weights, CROWD),
                     &out);
    return out;
}

Test(similar_find, score_adds_up_and_unknown_says_nothing) {
    const struct similar_score made =
        score(TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-10-15")}),
              TOLD(.attributes = {NAMED("Nora", "Harbi"), CITY("Riyadh")}));

    double sum = made.prior_bits + made.swap_bits;
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        sum += made.field_bits[i];
    }
    cr_expect_float_eq(made.bits, sum, 1e-9);
    cr_expect_float_eq(made.probability, 1 / (1 + exp2(-made.bits)), 1e-9);
    cr_expect_eq(made.field_bits[SIMILAR_BIRTH_DATE], 0);
    cr_expect_eq(made.field_bits[SIMILAR_CITY], 0);
    cr_expect_gt(made.field_bits[SIMILAR_FAMILY_NAME], 0);
    cr_expect_lt(made.prior_bits, 0);
}

Test(similar_find, arabic_and_latin_spelling_of_one_person) {
    const struct similar_score made = score(
        TOLD(.attributes = {NAMED("محمد", "القحطاني"), BORN("1985-10-15"), CITY("الرياض")}),
        TOLD(.attributes = {NAMED("Mohammed", "Al-Qahtani"), BORN("1985-10-15"), CITY("Riyadh")}));

    cr_expect_eq(made.agreement.levels[SIMILAR_GIVEN_NAME], SIMILAR_SOUNDS);
    cr_expect_eq(made.agreement.levels[SIMILAR_FAMILY_NAME], SIMILAR_SOUNDS);
    cr_expect_eq(made.agreement.levels[SIMILAR_CITY], SIMILAR_SOUNDS);
    cr_expect_gt(made.probability, 0.99);
}

Test(similar_find, names_in_exchanged_places) {
    const struct similar_score made =
        score(TOLD(.attributes = {NAMED("brandon", "white"), BORN("1991-11-02")}),
              TOLD(.attributes = {NAMED("whtie", "brandon"), BORN("1991-11-02")}));

    cr_expect(made.agreement.swapped);
    cr_expect_eq(made.agreement.levels[SIMILAR_GIVEN_NAME], SIMILAR_SAME);
    cr_expect_geq(made.agreement.levels[SIMILAR_FAMILY_NAME], SIMILAR_NEAR);
    cr_expect_lt(made.swap_bits, 0);
    cr_expect_gt(made.probability, SIMILAR_PROBABILITY_DEFAULT);
}

Test(similar_find, spouses_and_brothers_are_not_likely_one) {
    const struct similar_score spouses = score(
        TOLD(.attributes = {NAMED("Fahad", "Harbi"), BORN("1985-10-15"), CITY("Abha"),
                            ATTRIBUTE("gender", "male")},
             .identities = {ID("phone", "+966500000017")}),
        TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1990-03-02"), CITY("Abha"),
                            ATTRIBUTE("gender", "female")},
             .identities = {CONTACT("phone", "+966500000017", IDENTITY_RULE_OWNED_ELSEWHERE)}));
    const struct similar_score brothers =
        score(TOLD(.attributes = {NAMED("Hassan", "Harbi"), CITY("Abha"), BORN("1985-10-15")}),
              TOLD(.attributes = {NAMED("Hussein", "Harbi"), CITY("Abha"), BORN("1987-02-03")}));

    cr_expect_lt(spouses.probability, 0.1);
    cr_expect_lt(brothers.probability, 0.1);
}

Test(similar_find, frequent_names_say_less) {
    struct similar_person *people = arena_array(&arena, CROWD, sizeof *people);
    for (size_t i = 0; i < CROWD; i++) {
        people[i] =
            TOLD(.attributes = {ATTRIBUTE(
                     "given_name", i % 10 == 0 ? "Mohammed" : arena_format(&arena, "n%zu", i))});
    }
    const struct similar_frequencies *frequencies = similar_frequencies_of(people, CROWD, &arena);

    const double common =
        similar_frequency(frequencies, SIMILAR_VALUE_NAME, people[0].given.hash, 0.005);
    const double rare =
        similar_frequency(frequencies, SIMILAR_VALUE_NAME, people[1].given.hash, 0.005);

    cr_expect_float_eq(common, 0.0955, 0.001);
    cr_expect_lt(rare, 0.001);
    cr_expect_eq(similar_frequency(NULL, SIMILAR_VALUE_NAME, people[0].given.hash, 0.005), 0.005);
}

/* ---- keys ---- */

static bool share_key(const char *type, const char *one, const char *other) {
    const struct similar_person people[] = {TOLD(.identities = {ID(type, one)}),
                                            TOLD(.identities = {ID(type, other)})};
    uint64_t keys[2][SIMILAR_KEYS_MAX];
    const size_t counts[] = {similar_keys(&people[0], keys[0]), similar_keys(&people[1], keys[1])};
    for (size_t i = 0; i < counts[0]; i++) {
        for (size_t k = 0; k < counts[1]; k++) {
            if (keys[0][i] == keys[1][k]) {
                return true;
            }
        }
    }
    return false;
}

Test(similar_find, numbers_of_any_one_slip_share_a_key) {
    cr_expect(share_key("national_id", "7364009", "7364008"));
    cr_expect(share_key("national_id", "7364009", "8364009"));
    cr_expect(share_key("national_id", "7364009", "7346009"));
    cr_expect(share_key("national_id", "7364009", "736409"));
    cr_expect(share_key("phone", "+966512345678", "+966512344678"));
    cr_expect(share_key("phone", "+966512345678", "+971512345678"));
    cr_expect_not(share_key("national_id", "7364009", "5251581"));
    cr_expect_not(share_key("phone", "+966512345678", "+966598765432"));
}

Test(similar_find, keys_are_bounded_and_each_once) {
    struct told told = {
        .name = "Noura Harbi",
        .attributes = {BORN("1985-10-15"), CITY("Abha")},
        .identities = {ID("phone", "+966512345678"), ID("phone", "+966587654321"),
                       ID("national_id", "10987654321234567890"), ID("email", "abcdef@example.com"),
                       ID("email", "bcdefg@example.com"), ID("email", "cdefgh@example.com")}};
    const struct similar_person person = person_told(&told);
    uint64_t keys[SIMILAR_KEYS_MAX];

    const size_t count = similar_keys(&person, keys);

    cr_expect_leq(count, SIMILAR_KEYS_MAX);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            cr_expect_neq(keys[i], keys[k]);
        }
    }
}

/* ---- finding ---- */

static struct similar_result find(const struct similar_person *people, size_t count,
                                  size_t suggestions_max) {
    const struct similar_options options = {SIMILAR_PROBABILITY_DEFAULT, suggestions_max};
    struct similar_result result;
    const struct status status =
        similar_find(people, count, similar_weights_default(), &options, &arena, &result);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    return result;
}

/* People of whom each is there twice, with a slip in the family name. */
static struct similar_person *couples(size_t count) {
    struct similar_person *people = arena_array(&arena, count, sizeof *people);
    for (size_t i = 0; i < count; i++) {
        const size_t person = i / 2;
        const char *family = arena_format(&arena, "f%zuabcdefg%s", person, i % 2 ? "h" : "");
        const char *date = arena_format(&arena, "19%02zu-%02zu-%02zu", person % 97, 1 + person % 12,
                                        1 + person / 12 % 28);
        people[i] =
            TOLD(.attributes = {NAMED(arena_format(&arena, "g%zu", person), family), BORN(date)});
    }
    return people;
}

Test(similar_find, finds_each_couple_once_the_likeliest_first) {
    enum { COUNT = 400 };
    const struct similar_person *people = couples(COUNT);

    const struct similar_result result = find(people, COUNT, SIMILAR_SUGGESTIONS_MAX);

    cr_assert_eq(result.suggestion_count, COUNT / 2);
    for (size_t i = 0; i < result.suggestion_count; i++) {
        const struct similar_suggestion *suggestion = &result.suggestions[i];
        cr_expect_eq(suggestion->one + 1, suggestion->other);
        cr_expect_eq(suggestion->one % 2, 0);
        cr_expect(i == 0 || suggestion[-1].score.bits >= suggestion->score.bits);
    }
    cr_expect_eq(result.left_out_count, 0);
    cr_expect_geq(result.compared_count, COUNT / 2);
}

Test(similar_find, keeps_the_best_when_there_are_too_many) {
    enum { COUNT = 400, KEPT = 37 };
    const struct similar_person *people = couples(COUNT);

    const struct similar_result all = find(people, COUNT, SIMILAR_SUGGESTIONS_MAX);
    const struct similar_result best = find(people, COUNT, KEPT);

    cr_assert_eq(best.suggestion_count, KEPT);
    cr_expect_eq(best.left_out_count, all.suggestion_count - KEPT);
    for (size_t i = 0; i < KEPT; i++) {
        cr_expect_eq(best.suggestions[i].one, all.suggestions[i].one);
        cr_expect_eq(best.suggestions[i].other, all.suggestions[i].other);
    }
}

Test(similar_find, large_blocks_are_skipped_and_told) {
    enum { COUNT = SIMILAR_BLOCK_MAX + 1 };
    struct similar_person *people = arena_array(&arena, COUNT + 2, sizeof *people);
    for (size_t i = 0; i < COUNT; i++) {
        people[i] = TOLD(.attributes = {BORN("1900-01-01")});
    }
    people[COUNT] = TOLD(.attributes = {NAMED("Noura", "Harbi"), BORN("1985-10-15")});
    people[COUNT + 1] = people[COUNT];

    const struct similar_result result = find(people, COUNT + 2, SIMILAR_SUGGESTIONS_MAX);

    cr_expect_eq(result.compared_count, 1);
    cr_expect_eq(result.suggestion_count, 1);
    cr_expect_eq(result.blocks.skipped_count, 1);
    cr_expect_eq(result.blocks.skipped_people, COUNT);
    cr_expect_eq(result.blocks.skipped_largest, COUNT);
    cr_expect_eq(result.blocks.uncompared_people, COUNT);
}

/* ---- filters ---- */

static struct similar_result find_with(const struct similar_person *people, size_t count,
                                       const struct similar_filter *filter) {
    const struct similar_options options = {SIMILAR_PROBABILITY_DEFAULT, SIMILAR_SUGGESTIONS_MAX};
    struct similar_search *search = NULL;
    struct similar_result result;
    const struct status status = similar_search_begin(people, count, similar_weights_default(),
                                                      &options, filter, &arena, &search);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    size_t people_count = 0;
    size_t compared_count = 0;
    while (similar_search_step(search)) {
        const size_t before = people_count;
        similar_search_progress(search, &people_count, &compared_count);
        cr_expect_geq(people_count, before);
    }
    similar_search_end(search, &result);
    return result;
}

Test(similar_find, one_person_has_the_suggestions_that_it_has_among_all) {
    enum { COUNT = 200 };
    struct similar_person *people = couples(COUNT);
    people[COUNT - 1] = people[0]; /* The first one is like the second and the last. */

    const struct similar_result all = find(people, COUNT, SIMILAR_SUGGESTIONS_MAX);

    for (uint32_t person = 0; person < COUNT; person++) {
        const struct similar_result of_one =
            find_with(people, COUNT, &(struct similar_filter){.is_single = true, .person = person});
        size_t at = 0;
        for (size_t i = 0; i < all.suggestion_count; i++) {
            if (all.suggestions[i].one == person || all.suggestions[i].other == person) {
                cr_assert_lt(at, of_one.suggestion_count);
                cr_expect_eq(of_one.suggestions[at].one, all.suggestions[i].one);
                cr_expect_eq(of_one.suggestions[at].other, all.suggestions[i].other);
                cr_expect_eq(of_one.suggestions[at].score.bits, all.suggestions[i].score.bits);
                at++;
            }
        }
        cr_expect_eq(of_one.suggestion_count, at);
        cr_expect_leq(of_one.compared_count, all.compared_count);
    }
    cr_expect_eq(
        find_with(people, COUNT, &(struct similar_filter){.is_single = true}).suggestion_count, 2);
}

static bool refuses_the_first(void *state, uint32_t one, uint32_t other) {
    (void)state;
    (void)other;
    return one == 0;
}

Test(similar_find, what_is_refused_is_counted) {
    enum { COUNT = 40 };
    const struct similar_person *people = couples(COUNT);

    const struct similar_result result =
        find_with(people, COUNT, &(struct similar_filter){.refuses = refuses_the_first});

    cr_expect_eq(result.suggestion_count, COUNT / 2 - 1);
    cr_expect_eq(result.refused_count, 1);
    cr_expect_eq(result.left_out_count, 0);
}

Test(similar_find, nobody_and_one_have_no_suggestions) {
    const struct similar_person person = TOLD(.attributes = {NAMED("Noura", "Harbi")});

    cr_expect_eq(find(&person, 0, 1).suggestion_count, 0);
    cr_expect_eq(find(&person, 1, 1).suggestion_count, 0);
}

Test(similar_find, refuses_options_and_weights_that_are_none) {
    const struct similar_person *people = couples(2);
    const struct similar_options options[] = {
        {0, 1}, {1.5, 1}, {NAN, 1}, {0.5, 0}, {0.5, SIMILAR_SUGGESTIONS_MAX + 1}};
    struct similar_result result = {.compared_count = 17};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct status status =
            similar_find(people, 2, similar_weights_default(), &options[i], &arena, &result);
        cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT, "%zu", i);
    }
    struct similar_weights weights = *similar_weights_default();
    weights.share = 0;
    cr_expect_eq(
        similar_find(people, 2, &weights, &(struct similar_options){0.5, 1}, &arena, &result).code,
        STATUS_INVALID_ARGUMENT);
    cr_expect_eq(result.compared_count, 17, "written only on success");
}
