/* The stored form of decisions: what is packed comes back. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/identity/decision.h"
#include "server/identity/identity_type.h"
#include "server/store/row_texts.h"
#include "tests/engine/leaks.h"

static struct arena arena;

static void setup(void) { arena_init(&arena, 1 << 24); }

static void teardown(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(decision_record, .init = setup, .fini = teardown);

#define NOW_US (INT64_C(20780) * US_PER_DAY)

static const struct id profile = {{1, 2, 3}};
static const struct id member = {{4, 5, 6}};

static struct decision decision_of(struct identity_decision *identities, size_t count) {
    return (struct decision){.outcome = OUTCOME_LINKED,
                             .profile = member,
                             .member = member,
                             .identity_count = count,
                             .identities = identities,
                             .rule_version = 7,
                             .decide_us = NOW_US};
}

static void expect_identity(const struct identity_decision *is,
                            const struct identity_decision *was) {
    cr_expect_str_eq(is->type, was->type);
    cr_expect_str_eq(is->canonical, was->canonical);
    cr_expect_str_eq(is->match, was->match);
    cr_expect_eq(is->rule, was->rule);
    cr_expect_eq(is->matched, was->matched);
    cr_expect(id_equal(is->matched_id, was->matched_id));
}

static void expect_same(const struct decision *is, const struct decision *was) {
    cr_expect_eq(is->outcome, was->outcome);
    cr_expect(id_equal(is->profile, was->profile));
    cr_expect(id_equal(is->member, was->member));
    cr_expect_eq(is->rule_version, was->rule_version);
    cr_expect_eq(is->decide_us, was->decide_us);
    cr_assert_eq(is->merged_count, was->merged_count);
    for (size_t i = 0; i < was->merged_count; i++) {
        cr_expect(id_equal(is->merged[i], was->merged[i]));
        cr_expect(id_is_zero(is->merges[i]), "not kept");
    }
    cr_assert_eq(is->identity_count, was->identity_count);
    for (size_t i = 0; i < was->identity_count; i++) {
        expect_identity(&is->identities[i], &was->identities[i]);
    }
    cr_assert_eq(is->demoted_count, was->demoted_count);
    for (size_t i = 0; i < was->demoted_count; i++) {
        expect_identity(&is->demoted[i], &was->demoted[i]);
    }
    cr_assert_eq(is->candidate_count, was->candidate_count);
    for (size_t i = 0; i < was->candidate_count; i++) {
        const struct candidate_decision *a = &is->candidates[i];
        const struct candidate_decision *b = &was->candidates[i];
        cr_expect(id_equal(a->id, b->id));
        cr_expect_eq(a->accepted, b->accepted);
        cr_expect_eq(a->rule, b->rule);
        cr_assert_eq(a->position_count, b->position_count);
        cr_expect_eq(memcmp(a->positions, b->positions, b->position_count * sizeof *b->positions),
                     0);
    }
}

static void expect_record(const struct record *is, const struct record *was) {
    cr_expect_str_eq(is->name, was->name);
    cr_expect_str_eq(is->source, was->source);
    cr_expect_eq(is->observe_us, was->observe_us);
    cr_assert_eq(is->identity_count, was->identity_count);
    for (size_t i = 0; i < was->identity_count; i++) {
        const struct record_identity *a = &is->identities[i];
        const struct record_identity *b = &was->identities[i];
        cr_expect_str_eq(a->type, b->type);
        cr_expect_str_eq(a->value, b->value);
        cr_expect_str_eq(a->canonical, b->canonical);
        cr_expect_str_eq(a->match, b->match);
        cr_expect_str_eq(a->source, b->source);
        cr_expect_eq(a->provenance, b->provenance);
    }
    cr_assert_eq(is->attribute_count, was->attribute_count);
    for (size_t i = 0; i < was->attribute_count; i++) {
        cr_expect_str_eq(is->attributes[i].kind->name, was->attributes[i].kind->name);
        cr_expect_eq(attribute_form(is->attributes[i].kind),
                     attribute_form(was->attributes[i].kind));
        cr_expect_str_eq(is->attributes[i].value, was->attributes[i].value);
        cr_expect_str_eq(is->attributes[i].source, was->attributes[i].source);
        cr_expect_eq(is->attributes[i].observe_us, was->attributes[i].observe_us);
    }
}

static void expect_round_trip(const struct decision *decision, const struct record *record) {
    const struct bytes packed = decision_pack(decision, record, &arena);
    struct decision read;
    struct record read_record;

    const struct status status =
        decision_unpack(packed, decision->member, &arena, &read, &read_record);

    cr_assert(status_is_ok(status), "%s", status.text);
    expect_same(&read, decision);
    expect_record(&read_record, record);
}

Test(decision_record, the_least_comes_back) {
    const struct decision decision = decision_of(NULL, 0);
    const struct record record = {.name = "Noura", .source = "crm", .observe_us = NOW_US};

    expect_round_trip(&decision, &record);
}

Test(decision_record, every_field_comes_back) {
    struct identity_decision identities[] = {
        {"email", "n.s+a@example.com", "ns@example.com", IDENTITY_RULE_NONE, true, {{7}}, false},
        {"phone", "+966500000017", "+966500000017", IDENTITY_RULE_OVER_LIMIT, false, {{0}}, false},
        {"email",
         "info@example.com",
         "info@example.com",
         IDENTITY_RULE_BLOCKED_ROLE_MAILBOX,
         false,
         {{0}},
         false},
    };
    struct identity_decision demoted[] = {
        {"phone", "+966500000018", "+966500000018", IDENTITY_RULE_OVER_LIMIT, false, {{0}}, false}};
    int32_t first[] = {0, 1};
    int32_t second[] = {1};
    struct candidate_decision candidates[] = {
        {profile, 2, first, true, IDENTITY_RULE_NONE},
        {{{8}}, 1, second, false, IDENTITY_RULE_VETO_BIRTH_DATE},
    };
    struct id merged[] = {{{9}}, {{10}}};
    struct decision decision = decision_of(identities, 3);
    decision.outcome = OUTCOME_MERGED;
    decision.profile = profile;
    decision.demoted_count = 1;
    decision.demoted = demoted;
    decision.candidate_count = 2;
    decision.candidates = candidates;
    decision.merged_count = 2;
    decision.merged = merged;
    struct record_identity told[] = {
        {"email", "N.S+a@Example.com", "n.s+a@example.com", "ns@example.com", "", "crm",
         PROVENANCE_VERIFIED},
        {"phone", "050 000 0017", "+966500000017", "+966500000017", "SA", "web",
         PROVENANCE_INFERRED},
        {"email", "info@example.com", "info@example.com", "info@example.com", "", "crm",
         PROVENANCE_ATTESTED},
    };
    struct record_attribute attributes[] = {
        {attribute_kind_of(ATTRIBUTE_BIRTH_DATE), NULL, "1990-01-31", "crm", -US_PER_DAY},
        {attribute_kind_of(ATTRIBUTE_CITY), NULL, "الرياض", "web", NOW_US - 5},
    };
    const struct record record = {.name = "نورة",
                                  .source = "crm",
                                  .observe_us = -US_PER_DAY,
                                  .identity_count = 3,
                                  .identities = told,
                                  .attribute_count = 2,
                                  .attributes = attributes};

    expect_round_trip(&decision, &record);
}

Test(decision_record, what_the_row_says_by_itself_comes_back) {
    struct identity_decision identities[] = {
        {"email", "noura@example.com", "noura@example.com", IDENTITY_RULE_NONE, true, {{0}}, false},
        {"loyalty", "12", "12", IDENTITY_RULE_NONE, true, {{7}}, false},
    };
    identities[0].matched_id = member;
    int32_t first[] = {0};
    struct candidate_decision candidates[] = {{member, 1, first, true, IDENTITY_RULE_NONE}};
    struct decision decision = decision_of(identities, 2);
    decision.candidate_count = 1;
    decision.candidates = candidates;
    struct record_identity told[] = {
        {"email", "noura@example.com", "noura@example.com", "noura@example.com", "", "crm",
         PROVENANCE_ATTESTED},
        {"loyalty", "12", "12", "12", "", "", PROVENANCE_ATTESTED},
    };
    struct record_attribute attributes[] = {
        {attribute_kind_of(ATTRIBUTE_CITY), NULL, "Riyadh", "crm", NOW_US},
        {attribute_kind_of(ATTRIBUTE_JOB), NULL, "Nurse", "", 0},
    };
    const struct record record = {.name = "",
                                  .source = "crm",
                                  .observe_us = NOW_US,
                                  .identity_count = 2,
                                  .identities = told,
                                  .attribute_count = 2,
                                  .attributes = attributes};

    expect_round_trip(&decision, &record);
}

/* A built-in name is in most rows. */
Test(decision_record, every_builtin_name_has_a_number) {
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        cr_expect_neq(row_name_number(attribute_kind_of((enum attribute)i)->name), 0);
    }
    size_t count = 0;
    const struct identity_type *types = identity_types_builtin(&count);
    for (size_t i = 0; i < count; i++) {
        cr_expect_neq(row_name_number(types[i].name), 0);
    }
}

Test(decision_record, what_is_none_is_told) {
    static const uint8_t cut[] = {0x5a, 0x03, 1, 2, 3}; /* Merged ids of three bytes. */
    struct decision decision;
    struct record record;

    cr_expect_eq(
        decision_unpack(bytes_of(cut, sizeof cut), member, &arena, &decision, &record).code,
        STATUS_DATA_LOSS);
    cr_expect_eq(decision_unpack(bytes_of(cut, 3), member, &arena, &decision, &record).code,
                 STATUS_DATA_LOSS);
    static const uint8_t no_candidate[] = {0x3a, 0x02, 0x50, 0x01}; /* The first one matched. */
    cr_expect_eq(decision_unpack(bytes_of(no_candidate, sizeof no_candidate), member, &arena,
                                 &decision, &record)
                     .code,
                 STATUS_DATA_LOSS);
}
