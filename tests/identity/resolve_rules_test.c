/* The rules of resolution, one at a time: what keeps profiles apart, what demotes, what survives a
 * change of the rules. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(resolve_rules, .init = ask_open, .fini = ask_close);

static Profiled__V1__IdentityType rules_of(const char *type) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = (char *)(uintptr_t)type;
    return rules;
}

/* A record that tells two values of a type of which a person has one does not contradict a profile
 * that has one of them; and telling it again and again makes nobody new. */
Test(resolve_rules, two_single_values_in_one_record_settle) {
    const struct told *told =
        TOLD(.identities = {ID("external_id", "crm-1"), ID("external_id", "crm-2")});
    const Profiled__V1__Decision *first = resolve(told);

    cr_expect_eq(first->identities[0]->state, STATE(ACTIVE));
    cr_expect_eq(first->identities[1]->rule, RULE(OVER_LIMIT));
    for (int i = 0; i < 3; i++) {
        ask_wait_us(US_PER_SECOND);
        cr_expect_str_eq(resolve(told)->profile_id, first->profile_id);
    }
    cr_expect_eq(profile_count(), 1);
}

Test(resolve_rules, blocked_single_values_veto_nothing) {
    const char *id =
        resolve(TOLD(.identities = {ID("external_id", "crm-1"), ID("email", "mona@example.com")}))
            ->profile_id;

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("external_id", "null"), ID("email", "mona@example.com")}));

    cr_expect_str_eq(decision->profile_id, id);
    cr_expect_eq(decision->identities[0]->rule, RULE(BLOCKED_VALUE));
}

Test(resolve_rules, two_profiles_with_different_national_ids_do_not_merge) {
    resolve(TOLD(.identities = {ID("national_id", "A1234567"), ID("email", "rana@example.com")}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("national_id", "B7654321"), ID("phone", "+966500000002")}));

    const Profiled__V1__Decision *decision = resolve(
        TOLD(.identities = {ID("phone", "+966500000002"), ID("email", "rana@example.com")}));

    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    cr_assert_eq(decision->n_candidates, 2);
    cr_expect(decision->candidates[0]->accepted, "the e-mail address counts more");
    cr_expect_eq(decision->candidates[0]->n_identity_positions, 1);
    cr_expect_eq(decision->candidates[0]->identity_positions[0], 1);
    cr_expect_not(decision->candidates[1]->accepted);
    cr_expect_eq(decision->candidates[1]->rule, RULE(VETO_SINGLE_VALUE));
    cr_expect_eq(decision->identities[0]->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_eq(profile_count(), 2);
}

Test(resolve_rules, inferred_identities_link_and_never_merge) {
    const char *one = resolve(TOLD(.identities = {ID("email", "sami@example.com")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    const char *two = resolve(TOLD(.identities = {ID("anonymous_id", "tablet-9")}))->profile_id;

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("email", "sami@example.com"),
                                    {.type = "anonymous_id",
                                     .value = "tablet-9",
                                     .provenance = PROVENANCE(INFERRED)}}));

    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    cr_expect_str_eq(decision->profile_id, one);
    cr_expect_eq(decision->candidates[1]->rule, RULE(MERGE_PROVENANCE));
    cr_expect_str_eq(lookup("anonymous_id", "tablet-9")->id, two);
    /* The same, attested, merges. */
    cr_expect_eq(resolve(TOLD(.identities = {ID("email", "sami@example.com"),
                                             ID("anonymous_id", "tablet-9")}))
                     ->outcome,
                 OUTCOME(MERGED));
    cr_expect_str_eq(get(two)->id, one);
}

Test(resolve_rules, a_type_that_does_not_merge_keeps_profiles_apart) {
    Profiled__V1__IdentityType rules = rules_of("anonymous_id");
    rules.merge = false;
    set_rules("merge", &rules);
    resolve(TOLD(.identities = {ID("email", "sami@example.com")}));
    resolve(TOLD(.identities = {ID("anonymous_id", "tablet-9")}));

    const Profiled__V1__Decision *decision = resolve(
        TOLD(.identities = {ID("email", "sami@example.com"), ID("anonymous_id", "tablet-9")}));

    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    cr_expect_eq(decision->candidates[1]->rule, RULE(MERGE_TYPE));
    cr_expect_eq(decision->rule_version, 2);
}

Test(resolve_rules, a_type_that_does_not_match_is_contact_data) {
    Profiled__V1__IdentityType rules = rules_of("facebook");
    rules.match = false;
    set_rules("match", &rules);
    const struct told *told = TOLD(.identities = {ID("facebook", "sami.page")});

    const char *one = resolve(told)->profile_id;
    const Profiled__V1__Decision *two = resolve(told);

    cr_expect_str_neq(two->profile_id, one);
    cr_expect_eq(two->identities[0]->rule, RULE(TYPE_NOT_MATCHING));
}

Test(resolve_rules, merges_over_a_limit_stay_apart) {
    Profiled__V1__IdentityType rules = rules_of("email");
    rules.limit = 2;
    set_rules("limit", &rules);
    resolve(TOLD(.identities = {ID("external_id", "crm-1"), ID("email", "a1@example.com"),
                                ID("email", "a2@example.com")}));
    resolve(TOLD(.identities = {ID("twitter", "sami_x"), ID("email", "b1@example.com")}));

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("external_id", "crm-1"), ID("twitter", "sami_x")}));

    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    cr_expect_eq(decision->candidates[1]->rule, RULE(MERGE_LIMIT));
    cr_expect_eq(profile_count(), 2);
}

Test(resolve_rules, gender_and_given_name_veto_where_the_workspace_says_so) {
    Profiled__V1__IdentityType rules = rules_of("email");
    static char gender[] = "gender";
    static char given_name[] = "given_name";
    char *vetoes[] = {gender, given_name};
    rules.n_veto_attributes = 2;
    rules.veto_attributes = vetoes;
    set_rules("veto_attributes", &rules);
    const char *id = resolve(TOLD(.identities = {ID("email", "home@example.com")},
                                  .attributes = {ATTRIBUTE("gender", "female"),
                                                 ATTRIBUTE("given_name", "أحمد")}))
                         ->profile_id;

    cr_expect_eq(resolve(TOLD(.identities = {ID("email", "home@example.com")},
                              .attributes = {ATTRIBUTE("gender", "male")}))
                     ->candidates[0]
                     ->rule,
                 RULE(VETO_GENDER));
    cr_expect_eq(resolve(TOLD(.identities = {ID("email", "home@example.com")},
                              .attributes = {ATTRIBUTE("given_name", "خالد")}))
                     ->candidates[0]
                     ->rule,
                 RULE(VETO_GIVEN_NAME));
    /* Another spelling of one name is no other name; the birth date no longer counts. */
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("email", "home@example.com")},
                                  .attributes = {ATTRIBUTE("given_name", "احمد"),
                                                 ATTRIBUTE("birth_date", "1990-01-01")}))
                         ->profile_id,
                     id);
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("email", "home@example.com")},
                                  .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}))
                         ->profile_id,
                     id);
}

/* A candidate is vetoed by an attribute only where all types that reached it veto on it: who comes
 * with the right national id is the person, whatever the birth date in a form. */
Test(resolve_rules, facts_veto_where_all_types_that_reached_the_profile_agree) {
    Profiled__V1__IdentityType rules = rules_of("national_id");
    set_rules("veto_attributes", &rules);
    const char *id =
        resolve(TOLD(.identities = {ID("national_id", "A1234567"), ID("email", "rana@example.com")},
                     .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
            ->profile_id;

    cr_expect_str_eq(
        resolve(TOLD(.identities = {ID("national_id", "A1234567"), ID("email", "rana@example.com")},
                     .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}))
            ->profile_id,
        id);
    cr_expect_str_neq(resolve(TOLD(.identities = {ID("email", "rana@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1992-01-01")}))
                          ->profile_id,
                      id);
}

Test(resolve_rules, stronger_provenance_stays) {
    const struct told *verified = TOLD(.identities = {{.type = "email",
                                                       .value = "dina@example.com",
                                                       .provenance = PROVENANCE(VERIFIED)}});
    resolve(verified);

    const Profiled__V1__Profile *dina =
        resolve_profile(TOLD(.source = "crm", .identities = {ID("email", "Dina@Example.com")}));

    const Profiled__V1__Identity *email = identity_in(dina, "email", "dina@example.com");
    cr_expect_eq(email->provenance, PROVENANCE(VERIFIED));
    cr_expect_str_eq(email->value, "Dina@Example.com");
    cr_expect_str_eq(email->source, "crm");
}

Test(resolve_rules, a_merge_type_may_ask_for_verified_identities) {
    Profiled__V1__IdentityType rules = rules_of("email");
    rules.merge_provenance = PROVENANCE(VERIFIED);
    set_rules("merge_provenance", &rules);
    resolve(TOLD(.identities = {ID("email", "dina@example.com")}));
    resolve(TOLD(.identities = {ID("phone", "+966500000003")}));

    const Profiled__V1__Decision *attested = resolve(
        TOLD(.identities = {ID("email", "dina@example.com"), ID("phone", "+966500000003")}));

    cr_expect_eq(attested->outcome, OUTCOME(LINKED));
    cr_expect_eq(attested->candidates[1]->rule, RULE(MERGE_PROVENANCE));
    /* Verified in the record, attested on the profile: still not. Then verified on both. */
    const struct told *verified =
        TOLD(.identities = {
                 {.type = "email", .value = "dina@example.com", .provenance = PROVENANCE(VERIFIED)},
                 ID("phone", "+966500000003")});
    cr_expect_eq(resolve(verified)->outcome, OUTCOME(LINKED));
    cr_expect_eq(resolve(verified)->outcome, OUTCOME(MERGED));
}

Test(resolve_rules, a_profile_never_grows_beyond_what_the_store_holds) {
    /* Values as long as they may be, until limits and size make room. */
    const char *id = resolve(TOLD(.identities = {ID("external_id", "big-1")}))->profile_id;
    for (int i = 0; i < 12; i++) {
        struct told told = {.identities = {ID("external_id", "big-1")}};
        for (int k = 1; k < 20; k++) {
            char *value = arena_alloc(&ask_arena, 513);
            memset(value, 'a' + k, 500);
            value[0] = ' '; /* The canonical form is another text: both are stored. */
            value[1] = (char)('a' + i);
            value[2] = (char)('a' + k + 1);
            told.identities[k] = (struct told_identity){.type = "anonymous_id", .value = value};
        }
        ask_wait_us(US_PER_SECOND);
        cr_assert_str_eq(resolve(&told)->profile_id, id);
    }
    cr_expect_leq(get(id)->n_identities, 128);
}
