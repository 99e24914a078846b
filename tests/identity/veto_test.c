/* Vetoes: every fact and limit that keeps two apart is told, in the order in which one alone would
 * be. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/identity/members.h"
#include "server/identity/profile_identities.h"
#include "server/identity/veto.h"
#include "tests/engine/leaks.h"

static struct arena arena;
static struct identity_rules rules;

static void setup(void) {
    arena_init(&arena, 1 << 24);
    rules = (struct identity_rules){.version = 1};
    rules.types = (struct identity_type *)(uintptr_t)identity_types_builtin(&rules.type_count);
}

static void teardown(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(veto, .init = setup, .fini = teardown);

enum {
    ALL_ATTRIBUTES = IDENTITY_VETO_BIRTH_DATE | IDENTITY_VETO_GENDER | IDENTITY_VETO_GIVEN_NAME
};

static struct id id_of(uint8_t number) { return (struct id){{number}}; }

static struct profile *person(uint8_t number) {
    struct profile *profile = arena_alloc(&arena, sizeof *profile);
    *profile = (struct profile){.id = id_of(number), .name = "", .name_source = ""};
    return profile;
}

static void has(struct profile *profile, const char *type, const char *value) {
    profile->identities = arena_append(&arena, profile->identities, profile->identity_count,
                                       sizeof *profile->identities);
    profile->identities[profile->identity_count++] =
        (struct profile_identity){.type = type,
                                  .value = value,
                                  .canonical = value,
                                  .match = value,
                                  .source = "crm",
                                  .provenance = PROFILE_PROVENANCE_ATTESTED};
}

static void has_many(struct profile *profile, const char *type, const char *prefix, int count) {
    for (int i = 0; i < count; i++) {
        has(profile, type, arena_format(&arena, "%s%d", prefix, i));
    }
}

static void is(struct profile *profile, const char *name, const char *value) {
    profile->attributes = arena_append(&arena, profile->attributes, profile->attribute_count,
                                       sizeof *profile->attributes);
    profile->attributes[profile->attribute_count++] =
        (struct profile_attribute){.name = name, .value = value, .source = "crm"};
}

static void expect(const struct veto *veto, enum identity_rule rule, const char *field,
                   uint64_t count, uint64_t limit) {
    cr_expect_eq(veto->rule, rule, "%s", field);
    cr_expect_str_eq(veto->field, field);
    cr_expect_eq(veto->count, count, "%s: %llu", field, (unsigned long long)veto->count);
    cr_expect_eq(veto->limit, limit, "%s: %llu", field, (unsigned long long)veto->limit);
}

static void merge_all(uint32_t attributes, const struct profile *one, const struct profile *other,
                      struct vetoes *out) {
    const struct veto_person persons[] = {veto_person_alone(one), veto_person_alone(other)};
    veto_merge_all(&rules, attributes, &persons[0], &persons[1], &arena, out);
}

static enum identity_rule merge_rule(uint32_t attributes, const struct profile *one,
                                     const struct profile *other) {
    const struct veto_person persons[] = {veto_person_alone(one), veto_person_alone(other)};
    return veto_merge(&rules, attributes, &persons[0], &persons[1], &arena);
}

Test(veto, all_that_keeps_two_profiles_apart_is_told) {
    struct profile *one = person(1);
    struct profile *other = person(2);
    const struct id apart[] = {id_of(1)};
    other->apart = apart;
    other->apart_count = 1;
    has(one, "national_id", "1000000001");
    has(other, "national_id", "1000000002");
    has_many(one, "phone", "+96650000000", 4);
    has_many(other, "phone", "+96651000000", 3);
    has(other, "phone", "+966500000000"); /* One in common counts once. */
    has_many(one, "email", "a", 3);
    has_many(other, "email", "b", 3);
    is(one, "birth_date", "1990-01-31");
    is(other, "birth_date", "1991-01-31");
    is(one, "gender", "female");
    is(other, "gender", "male");
    is(one, "given_name", "Sara");
    is(other, "given_name", "Mona");
    struct vetoes all = {0};

    merge_all(ALL_ATTRIBUTES, one, other, &all);

    cr_assert_eq(all.count, 7);
    expect(&all.items[0], IDENTITY_RULE_NEVER_JOIN, "never_join", 0, 0);
    expect(&all.items[1], IDENTITY_RULE_VETO_SINGLE_VALUE, "identities.national_id", 2, 1);
    expect(&all.items[2], IDENTITY_RULE_MERGE_LIMIT, "identities.email", 6, 5);
    expect(&all.items[3], IDENTITY_RULE_MERGE_LIMIT, "identities.phone", 7, 5);
    expect(&all.items[4], IDENTITY_RULE_VETO_BIRTH_DATE, "attributes.birth_date", 0, 0);
    expect(&all.items[5], IDENTITY_RULE_VETO_GENDER, "attributes.gender", 0, 0);
    expect(&all.items[6], IDENTITY_RULE_VETO_GIVEN_NAME, "attributes.given_name", 0, 0);
    cr_expect_str_eq(all.items[3].type, "phone");
    cr_expect_eq(all.items[5].attribute, IDENTITY_VETO_GENDER);
    cr_expect_eq(merge_rule(ALL_ATTRIBUTES, one, other), IDENTITY_RULE_NEVER_JOIN);
}

Test(veto, what_a_profile_holds_in_all_is_told_thrice) {
    struct profile *one = person(1);
    struct profile *other = person(2);
    has_many(one, "anonymous_id", arena_format(&arena, "%0500d", 0), PROFILE_IDENTITIES_MAX);
    has(other, "email", "b@example.com");
    for (size_t i = 0; i < one->identity_count; i++) {
        one->identities[i].rule = IDENTITY_RULE_OVER_LIMIT; /* Contact data counts too. */
    }
    const struct id absorbed[MEMBERS_MAX - 1] = {{{9}}};
    one->absorbed = absorbed;
    one->absorbed_count = MEMBERS_MAX - 1;
    struct vetoes all = {0};

    merge_all(ALL_ATTRIBUTES, one, other, &all);

    cr_assert_eq(all.count, 3);
    expect(&all.items[0], IDENTITY_RULE_MERGE_LIMIT, "identities", PROFILE_IDENTITIES_MAX + 1,
           PROFILE_IDENTITIES_MAX);
    expect(&all.items[1], IDENTITY_RULE_MERGE_LIMIT, "identities_size",
           profile_identities_size(one) + profile_identities_size(other),
           PROFILE_IDENTITIES_SIZE_MAX);
    expect(&all.items[2], IDENTITY_RULE_MERGE_LIMIT, "members", MEMBERS_MAX + 1, MEMBERS_MAX);
    cr_expect_null(all.items[0].type);
}

Test(veto, attributes_count_where_they_are_asked_for) {
    struct profile *one = person(1);
    struct profile *other = person(2);
    is(one, "birth_date", "1990-01-31");
    is(other, "birth_date", "1991-01-31");
    is(one, "given_name", "Sara");
    is(other, "given_name", "sarà");
    is(one, "gender", "female");
    struct vetoes none = {0};
    struct vetoes all = {0};

    merge_all(IDENTITY_VETO_GENDER, one, other, &none);
    merge_all(ALL_ATTRIBUTES, one, other, &all);

    cr_expect_eq(none.count, 0);
    cr_assert_eq(all.count, 1);
    expect(&all.items[0], IDENTITY_RULE_VETO_BIRTH_DATE, "attributes.birth_date", 0, 0);
    cr_expect_eq(merge_rule(0, one, other), IDENTITY_RULE_NONE);
}

Test(veto, all_that_keeps_a_record_from_a_profile_is_told) {
    struct profile *profile = person(1);
    has(profile, "external_id", "crm-1");
    has(profile, "national_id", "1000000001");
    is(profile, "birth_date", "1990-01-31");
    is(profile, "gender", "female");
    struct record_identity identities[] = {
        {.type = "national_id", .canonical = "1000000002", .match = "1000000002"},
        {.type = "external_id", .canonical = "crm-2", .match = "crm-2"},
        {.type = "external_id", .canonical = "crm-3", .match = "crm-3"}, /* The type once. */
        {.type = "email", .canonical = "n@example.com", .match = "n@example.com"},
    };
    struct record_attribute attributes[] = {
        {.kind = attribute_kind_of(ATTRIBUTE_BIRTH_DATE), .value = "1991-01-31"},
        {.kind = attribute_kind_of(ATTRIBUTE_GENDER), .value = "male"},
    };
    const struct record record = {.name = "",
                                  .source = "crm",
                                  .identity_count = 4,
                                  .identities = identities,
                                  .attribute_count = 2,
                                  .attributes = attributes};
    const struct veto_person alone = veto_person_alone(profile);
    struct vetoes all = {0};

    veto_record_all(&rules, ALL_ATTRIBUTES, &record, &alone, &arena, &all);
    veto_record_all(&rules, 0, &record, &alone, &arena, &all); /* Behind what is there. */

    cr_assert_eq(all.count, 6);
    expect(&all.items[0], IDENTITY_RULE_VETO_SINGLE_VALUE, "identities.national_id", 2, 1);
    expect(&all.items[1], IDENTITY_RULE_VETO_SINGLE_VALUE, "identities.external_id", 2, 1);
    expect(&all.items[2], IDENTITY_RULE_VETO_BIRTH_DATE, "attributes.birth_date", 0, 0);
    expect(&all.items[3], IDENTITY_RULE_VETO_GENDER, "attributes.gender", 0, 0);
    expect(&all.items[4], IDENTITY_RULE_VETO_SINGLE_VALUE, "identities.national_id", 2, 1);
    cr_expect_eq(veto_record(&rules, 0, &record, &alone, &arena), IDENTITY_RULE_VETO_SINGLE_VALUE);
}

/* ---- persons of several members ---- */

static const struct profile *born(uint8_t number, const char *birth_date, const char *given_name) {
    struct profile *profile = person(number);
    if (birth_date != NULL) {
        is(profile, "birth_date", birth_date);
    }
    if (given_name != NULL) {
        is(profile, "given_name", given_name);
    }
    return profile;
}

/* Of whom the second one answers, being told last. */
static struct veto_person both(const struct profile *one, const struct profile *other) {
    const struct profile **states = arena_array(&arena, 2, sizeof *states);
    states[0] = one;
    states[1] = other;
    return (struct veto_person){other, 2, states};
}

static enum identity_rule attribute_rule(const struct veto_person *one,
                                         const struct veto_person *other) {
    const enum identity_rule rule = veto_merge_attributes(ALL_ATTRIBUTES, one, other, &arena);
    cr_expect_eq(veto_merge_attributes(ALL_ATTRIBUTES, other, one, &arena), rule);
    return rule;
}

Test(veto, two_persons_agree_where_any_of_their_members_do) {
    const struct veto_person two =
        both(born(1, "1990-01-01", "Noura"), born(2, "1990-01-02", "Sara"));
    const struct veto_person first = veto_person_alone(born(3, "1990-01-01", NULL));
    const struct veto_person second = veto_person_alone(born(4, "1990-01-02", NULL));
    const struct veto_person mixed = veto_person_alone(born(5, "1990-01-02", "Noura"));
    const struct veto_person third = veto_person_alone(born(6, "1990-01-03", "Noura"));
    const struct veto_person others =
        both(born(7, "1990-01-01", "Mona"), born(8, "1990-01-03", "Noura"));

    cr_expect_eq(attribute_rule(&two, &first), IDENTITY_RULE_NONE);
    cr_expect_eq(attribute_rule(&two, &second), IDENTITY_RULE_NONE);
    cr_expect_eq(attribute_rule(&two, &mixed), IDENTITY_RULE_NONE, "each attribute by itself");
    cr_expect_eq(attribute_rule(&two, &others), IDENTITY_RULE_NONE);
    cr_expect_eq(attribute_rule(&two, &third), IDENTITY_RULE_VETO_BIRTH_DATE);
    cr_expect_eq(attribute_rule(&first, &second), IDENTITY_RULE_VETO_BIRTH_DATE);
}

Test(veto, of_what_a_person_cleared_nothing_is_known) {
    const struct veto_person cleared = both(born(1, "1990-01-01", NULL), born(2, "", NULL));
    const struct veto_person other = veto_person_alone(born(3, "1990-01-03", NULL));

    cr_expect_eq(attribute_rule(&cleared, &other), IDENTITY_RULE_NONE);
}

Test(veto, a_record_and_a_profile_are_compared_fact_by_fact) {
    struct record_attribute attributes[] = {
        {.kind = attribute_kind_of(ATTRIBUTE_BIRTH_DATE), .value = "1990-01-01"},
        {.kind = attribute_kind_of(ATTRIBUTE_GENDER), .value = "male"},
        {.kind = attribute_kind_of(ATTRIBUTE_GIVEN_NAME), .value = "Noura"},
    };
    const struct record record = {.name = "", .attribute_count = 3, .attributes = attributes};
    const struct profile *profile = born(1, "1990-01-02", "NOURA");

    const struct veto_comparison all = veto_compare(ALL_ATTRIBUTES, &record, profile, &arena);
    const struct veto_comparison name =
        veto_compare(IDENTITY_VETO_GIVEN_NAME, &record, profile, &arena);

    cr_expect_eq(all.differing, IDENTITY_VETO_BIRTH_DATE);
    cr_expect_eq(all.same, IDENTITY_VETO_GIVEN_NAME);
    cr_expect_eq(name.differing, 0);
    cr_expect_eq(name.same, IDENTITY_VETO_GIVEN_NAME);
}
