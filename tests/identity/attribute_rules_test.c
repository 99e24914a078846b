/* Attribute rules: which of two tellings survives, and what is kept of the rules. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/identity/attribute_rules.h"
#include "server/store/records/record.pb-c.h"
#include "tests/store/fixture.h"

TestSuite(attribute_rules, .init = fixture_open, .fini = fixture_close);

static const char *const trusted[] = {"crm", "pos"};

/* The rules as they are in the store, in a copy that may be changed. */
static struct attribute_rules *rules_there(void) {
    const struct attribute_rules *read = NULL;
    cr_assert(status_is_ok(attribute_rules_read(read_begin(), &read)));
    struct attribute_rules *rules = attribute_rules_copy(read, &arena);
    read_end();
    return rules;
}

static struct attribute_rule *rule_in(struct attribute_rules *rules, const char *attribute) {
    const struct attribute_rule *rule = attribute_rules_find(rules, attribute);
    cr_assert_not_null(rule);
    return (struct attribute_rule *)(uintptr_t)rule;
}

static void put(struct attribute_rules *rules) {
    cr_assert(status_is_ok(attribute_rules_put(write_begin(), rules)));
    write_end();
}

Test(attribute_rules, everything_keeps_the_most_recent_at_first) {
    const struct attribute_rules *rules = rules_there();

    cr_expect_eq(rules->version, 1);
    cr_expect_str_eq(rules->rules[0].kind->name, "name");
    cr_expect(rules->rules[0].kind->personal);
    cr_assert_eq(rules->count, ATTRIBUTE_RULES_BUILT_IN);
    for (size_t i = 0; i < rules->count; i++) {
        const struct attribute_rule *rule = &rules->rules[i];
        cr_expect_eq(rule->survivorship, SURVIVORSHIP_MOST_RECENT);
        cr_expect_eq(rule->trusted_count, 0);
        cr_expect_eq(attribute_rules_find(rules, rule->kind->name), rule);
    }
    cr_expect_null(attribute_rules_find(rules, "eye_colour"));
}

Test(attribute_rules, a_rule_decides_by_source_and_time_alone) {
    static const struct {
        enum survivorship survivorship;
        struct attribute_claim there;
        struct attribute_claim told;
        bool expected;
    } cases[] = {
        {SURVIVORSHIP_MOST_RECENT, {"crm", 5, 0}, {"web", 4, 0}, false},
        {SURVIVORSHIP_MOST_RECENT, {"crm", 5, 0}, {"web", 5, 0}, true},
        {SURVIVORSHIP_MOST_RECENT, {"crm", 5, 0}, {"web", 6, 0}, true},
        {SURVIVORSHIP_FIRST_SEEN, {"crm", 5, 0}, {"web", 4, 0}, true},
        {SURVIVORSHIP_FIRST_SEEN, {"crm", 5, 0}, {"web", 5, 0}, true},
        {SURVIVORSHIP_FIRST_SEEN, {"web", 5, 0}, {"crm", 6, 0}, false},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"web", 9, 0}, {"pos", 1, 0}, true},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"pos", 9, 0}, {"crm", 1, 0}, true},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"crm", 1, 0}, {"pos", 9, 0}, false},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"pos", 1, 0}, {"web", 9, 0}, false},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"crm", 5, 0}, {"crm", 4, 0}, false},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"crm", 5, 0}, {"crm", 5, 0}, true},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"web", 5, 0}, {"chat", 4, 0}, false},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"web", 5, 0}, {"chat", 6, 0}, true},
        {SURVIVORSHIP_TRUSTED_SOURCE, {"", 5, 0}, {"web", 6, 0}, true},
    };
    struct attribute_rules *rules = rules_there();
    struct attribute_rule *rule = rule_in(rules, "city");
    rule->trusted = trusted;
    rule->trusted_count = 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rule->survivorship = cases[i].survivorship;
        cr_expect_eq(attribute_rules_prefer(rules, "city", &cases[i].there, &cases[i].told),
                     cases[i].expected, "case %zu", i);
    }
}

Test(attribute_rules, another_attribute_and_one_without_a_rule_keep_the_most_recent) {
    struct attribute_rules *rules = rules_there();
    rule_in(rules, "city")->survivorship = SURVIVORSHIP_FIRST_SEEN;
    const struct attribute_claim early = {"web", 1, 0};
    const struct attribute_claim late = {"web", 2, 0};
    cr_expect(attribute_rules_prefer(rules, "name", &early, &late));
    cr_expect_not(attribute_rules_prefer(rules, "name", &late, &early));
    cr_expect(attribute_rules_prefer(rules, "eye_colour", &early, &late));
    cr_expect_not(attribute_rules_prefer(rules, "eye_colour", &late, &early));
}

/* Of any three claims that were told at times of their own, the order in which they are taken does
 * not matter. */
Test(attribute_rules, the_order_of_telling_does_not_matter) {
    static const char *const sources[] = {"crm", "pos", "web", "chat"};
    enum { ROUNDS = 2000, CLAIMS = 3 };
    struct attribute_rules *rules = rules_there();
    struct attribute_rule *rule = rule_in(rules, "name");
    rule->trusted = trusted;
    rule->trusted_count = 2;
    for (size_t round = 0; round < ROUNDS; round++) {
        rule->survivorship = (enum survivorship)(1 + round % 3);
        struct attribute_claim claims[CLAIMS];
        for (size_t i = 0; i < CLAIMS; i++) {
            claims[i].source = sources[seeded_below(&seeded, 4)];
            claims[i].observe_us = (int64_t)seeded_below(&seeded, 3);
            claims[i].tell_us = (int64_t)(seeded_below(&seeded, 1000) * CLAIMS + i);
        }
        const struct attribute_claim *survivors[2] = {&claims[0], &claims[CLAIMS - 1]};
        for (size_t i = 1; i < CLAIMS; i++) {
            if (attribute_rules_prefer(rules, "name", survivors[0], &claims[i])) {
                survivors[0] = &claims[i];
            }
            if (attribute_rules_prefer(rules, "name", survivors[1], &claims[CLAIMS - 1 - i])) {
                survivors[1] = &claims[CLAIMS - 1 - i];
            }
        }
        cr_assert_eq(survivors[0], survivors[1], "round %zu", round);
    }
}

Test(attribute_rules, what_is_put_is_read_and_the_default_is_not_stored) {
    struct attribute_rules *rules = rules_there();
    *rule_in(rules, "name") = (struct attribute_rule){.kind = rule_in(rules, "name")->kind,
                                                      .survivorship = SURVIVORSHIP_TRUSTED_SOURCE,
                                                      .trusted_count = 2,
                                                      .trusted = trusted};
    rule_in(rules, "job")->survivorship = SURVIVORSHIP_FIRST_SEEN;
    put(rules);
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_ATTRIBUTE_RULES, &count);
    cr_assert_eq(count, 1);
    const size_t size = rows[0].value.size;

    fixture_reopen(false);
    rules = rules_there();

    cr_expect_eq(rules->version, 2);
    cr_expect_eq(rule_in(rules, "name")->survivorship, SURVIVORSHIP_TRUSTED_SOURCE);
    cr_assert_eq(rule_in(rules, "name")->trusted_count, 2);
    cr_expect_str_eq(rule_in(rules, "name")->trusted[0], "crm");
    cr_expect_str_eq(rule_in(rules, "name")->trusted[1], "pos");
    cr_expect_eq(rule_in(rules, "job")->survivorship, SURVIVORSHIP_FIRST_SEEN);
    cr_expect_eq(rule_in(rules, "city")->survivorship, SURVIVORSHIP_MOST_RECENT);

    rule_in(rules, "job")->survivorship = SURVIVORSHIP_MOST_RECENT;
    put(rules);

    cr_expect_lt(rows_of_table(STORE_TABLE_ATTRIBUTE_RULES, &count)->value.size, size);
    cr_expect_eq(rules_there()->version, 3);
}

Test(attribute_rules, a_stored_rule_that_says_nothing_is_corrupt) {
    Stored__V1__AttributeRule rule = STORED__V1__ATTRIBUTE_RULE__INIT;
    Stored__V1__AttributeRule *only[] = {&rule};
    rule.name = (char *)(uintptr_t) "city";
    rule.survivorship = SURVIVORSHIP_FIRST_SEEN + 1;
    Stored__V1__AttributeRules packed = STORED__V1__ATTRIBUTE_RULES__INIT;
    packed.n_attributes = 1;
    packed.attributes = only;
    cr_assert(
        status_is_ok(store_attribute_rules_put(write_begin(), store_pack(&arena, &packed.base))));
    write_end();
    const struct attribute_rules *rules = NULL;

    cr_expect_eq(attribute_rules_read(read_begin(), &rules).reason, REASON_STORE_CORRUPT);

    read_end();
    cr_expect_null(rules);
}
