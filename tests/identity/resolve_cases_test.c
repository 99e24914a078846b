/* Situations for which well-known systems document what they do. Where ours differs, the test says
 * in what and why. The people are invented. */

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

static char *text(const char *string) { return (char *)(uintptr_t)string; }

TestSuite(resolve_cases, .init = ask_open, .fini = ask_close);

/* ---- Segment: a lower-priority identity gives way to an exceeded one of higher priority ---- */

Test(resolve_cases, segment_priority_demote_makes_a_new_profile) {
    const char *first =
        resolve(TOLD(.identities = {ID("external_id", "abc123"), ID("email", "jane@example1.com")}))
            ->profile_id;

    const struct told *event =
        TOLD(.identities = {ID("external_id", "abc456"), ID("email", "jane@example1.com")});
    const Profiled__V1__Decision *decision = resolve(event);

    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_str_neq(decision->profile_id, first);
    cr_expect_eq(decision->identities[0]->state, STATE(ACTIVE));
    cr_expect_eq(decision->identities[1]->state, STATE(CONTACT));
    cr_expect_eq(decision->identities[1]->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_str_eq(decision->identities[1]->matched_profile_id, first);
    cr_assert_eq(decision->n_candidates, 1);
    cr_expect_not(decision->candidates[0]->accepted);
    cr_expect_eq(decision->candidates[0]->rule, RULE(VETO_SINGLE_VALUE));
    cr_expect_str_eq(lookup("email", "jane@example1.com")->id, first);
    cr_expect_str_eq(lookup("external_id", "abc456")->id, decision->profile_id);

    /* The same event again belongs to the profile that it made. */
    cr_expect_str_eq(resolve(event)->profile_id, decision->profile_id);
    cr_expect_eq(profile_count(), 2);
}

/* ---- Segment, PostHog, Adobe: values that identify nobody ---- */

static void expect_blocked(const char *type, const char *value) {
    const struct told *event = TOLD(.identities = {ID(type, value)});
    const Profiled__V1__Decision *one = resolve(event);
    const Profiled__V1__Decision *two = resolve(event);

    cr_expect_str_neq(one->profile_id, two->profile_id, "joined by %s", value);
    cr_expect_eq(two->identities[0]->state, STATE(CONTACT), "%s", value);
    cr_expect_neq(two->identities[0]->rule, RULE(UNSPECIFIED), "%s", value);
    cr_expect_eq(get(two->profile_id)->n_identities, 1, "%s is kept", value);
    cr_expect_null(lookup(type, value), "%s is found", value);
}

Test(resolve_cases, segment_blocked_defaults_are_kept_and_never_match) {
    static const char *const values[] = {"0",  "00000000", "-",    "000-000",  "00000000-0000",
                                         "-1", "null",     "NULL", "anonymous"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        expect_blocked("external_id", values[i]);
        expect_blocked("anonymous_id", values[i]);
    }
}

Test(resolve_cases, posthog_illegal_ids_are_kept_and_never_match) {
    static const char *const values[] = {
        "undefined", "true", "false", "[object Object]", "NaN", "None", "none", "null", "0"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        expect_blocked("external_id", values[i]);
    }
}

Test(resolve_cases, posthog_illegal_ids_do_not_merge_two_people) {
    resolve(TOLD(.identities = {ID("email", "amal@example.com"), ID("anonymous_id", "undefined")}));
    const Profiled__V1__Decision *decision = resolve(
        TOLD(.identities = {ID("email", "badr@example.com"), ID("anonymous_id", "undefined")}));

    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_eq(decision->identities[1]->rule, RULE(BLOCKED_VALUE));
}

/* ---- Segment: the shopper with three devices ---- */

Test(resolve_cases, segment_jane_doe_is_one_profile_with_all_her_devices) {
    resolve(TOLD(.identities = {ID("anonymous_id", "anon_123"), ID("anonymous_id", "ios_abc123")}));
    resolve(TOLD(.identities = {ID("anonymous_id", "anon_123"), ID("anonymous_id", "ios_abc123")}));
    resolve(TOLD(.identities = {ID("anonymous_id", "anon_123"), ID("anonymous_id", "ios_abc123"),
                                ID("external_id", "abc123def")}));
    resolve(TOLD(.identities = {ID("anonymous_id", "anon_456"), ID("anonymous_id", "and_1a2b3c4d"),
                                ID("external_id", "abc123def")}));
    const Profiled__V1__Profile *jane = resolve_profile(
        TOLD(.identities = {ID("anonymous_id", "anon_789"), ID("anonymous_id", "and_1a2b3c4d"),
                            ID("external_id", "abc123def")}));

    cr_expect_eq(profile_count(), 1);
    cr_expect_eq(jane->n_identities, 6);
    cr_expect_eq(identity_count(jane, "anonymous_id", true), 5);
    cr_expect_eq(identity_count(jane, "external_id", true), 1);
}

/* ---- Snowplow: the older id survives, and the survivor may be merged again ---- */

Test(resolve_cases, snowplow_older_wins_and_may_be_merged_again) {
    const char *oldest = resolve(TOLD(.identities = {ID("email", "lina@example.com")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    const char *older = resolve(TOLD(.identities = {ID("phone", "+966500000001")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    const char *young = resolve(TOLD(.identities = {ID("twitter", "lina_x")}))->profile_id;
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__Decision *first =
        resolve(TOLD(.identities = {ID("twitter", "lina_x"), ID("phone", "+966500000001")}));

    cr_expect_eq(first->outcome, OUTCOME(MERGED));
    cr_expect_str_eq(first->profile_id, older);
    cr_assert_eq(first->n_merged_ids, 1);
    cr_expect_str_eq(first->merged_ids[0], young);

    ask_wait_us(US_PER_SECOND);
    const Profiled__V1__Decision *second = resolve(
        TOLD(.identities = {ID("phone", "+966500000001"), ID("email", "lina@example.com")}));

    cr_expect_str_eq(second->profile_id, oldest);
    cr_assert_eq(second->n_merged_ids, 1);
    cr_expect_str_eq(second->merged_ids[0], older);
    cr_expect_str_eq(get(young)->id, oldest);
    cr_expect_str_eq(get(older)->id, oldest);
    const Profiled__V1__Profile *survivor = get(oldest);
    cr_assert_eq(survivor->n_merged_ids, 2);
    cr_expect_str_eq(survivor->merged_ids[0], older);
    cr_expect_str_eq(survivor->merged_ids[1], young);
    cr_expect_eq(profile_count(), 1);
    Profiled__V1__ListMergesRequest list = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    list.profile_id = text(oldest);
    const Profiled__V1__ListMergesResponse *merges =
        ask(&rpc_identity_service, "ListMerges", &list.base);
    cr_assert_eq(merges->n_merges, 2, "each merge is told");
    cr_expect_str_eq(merges->merges[1]->absorbed_id, young);
    cr_expect_str_eq(merges->merges[0]->absorbed_id, older);
}

/* ---- Adobe: fifty identities, first in, first out ----
 * Theirs deletes the 51st; ours keeps it as contact data, says so, and has the limit per type. */

Test(resolve_cases, adobe_fifo_demotes_the_least_recently_seen) {
    enum { DEVICES = 50 };
    const char *id = resolve(TOLD(.identities = {ID("email", "omar@example.com")}))->profile_id;
    for (int i = 0; i < DEVICES; i++) {
        ask_wait_us(US_PER_SECOND);
        char device[32];
        snprintf(device, sizeof device, "device-%02d", i);
        const Profiled__V1__Decision *decision = resolve(
            TOLD(.identities = {ID("email", "omar@example.com"), ID("anonymous_id", device)}));
        cr_assert_eq(decision->n_demoted, 0);
    }
    /* The first is seen once more: now the second is the least recent. */
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("anonymous_id", "device-00")}));
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__Decision *decision = resolve(
        TOLD(.identities = {ID("email", "omar@example.com"), ID("anonymous_id", "device-50")}));

    cr_assert_eq(decision->n_demoted, 1);
    cr_expect_str_eq(decision->demoted[0]->canonical_value, "device-01");
    cr_expect_eq(decision->demoted[0]->state, STATE(CONTACT));
    cr_expect_eq(decision->demoted[0]->rule, RULE(OVER_LIMIT));
    const Profiled__V1__Profile *omar = get(id);
    cr_expect_eq(identity_count(omar, "anonymous_id", true), DEVICES);
    cr_expect_eq(identity_count(omar, "anonymous_id", false), 1);
    cr_expect_eq(identity_in(omar, "anonymous_id", "device-01")->rule, RULE(OVER_LIMIT));
    cr_expect_null(lookup("anonymous_id", "device-01"));
    cr_expect_str_eq(lookup("anonymous_id", "device-00")->id, id);
}

Test(resolve_cases, adobe_twenty_identities_a_record_are_the_most) {
    struct told many = {0};
    char values[21][16];
    for (size_t i = 0; i < 21; i++) {
        snprintf(values[i], sizeof values[i], "device-%zu", i);
        many.identities[i] = (struct told_identity){.type = "anonymous_id", .value = values[i]};
    }
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(&many);

    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ResolveProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");

    cr_expect_str_eq(answer_violation(answer, "record.identities"), "there are more than 20");
    many.identities[20].type = NULL;
    cr_expect_eq(resolve(&many)->n_identities, 20);
}

/* Theirs takes 1,024 characters of a value; ours 512 bytes, and says so. */
Test(resolve_cases, adobe_values_have_a_largest_size) {
    enum { SIZE_MAX_OF_OURS = 512 };
    char value[SIZE_MAX_OF_OURS + 2];
    for (size_t i = 0; i < SIZE_MAX_OF_OURS + 1; i++) {
        value[i] = (char)('a' + i % 26);
    }
    value[SIZE_MAX_OF_OURS + 1] = '\0';
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(TOLD(.identities = {ID("external_id", value)}));

    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ResolveProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");

    cr_expect_not_null(answer_violation(answer, "record.identities[0].value"));
    value[SIZE_MAX_OF_OURS] = '\0';
    cr_expect_eq(resolve(TOLD(.identities = {ID("external_id", value)}))->outcome,
                 OUTCOME(CREATED));
}

/* ---- Tealium: the quality of ids ----
 * Theirs asks for 6 to 255 characters with 3 distinct ones. Ours takes short ids by default, since
 * those of real systems are 1, 2, 3, and refuses what is one character four times or more; a
 * workspace whose ids are long raises min_length. Case counts in both. Ours takes 512 bytes. */

Test(resolve_cases, tealium_id_quality_is_the_workspace_s_to_raise) {
    const char *seven = resolve(TOLD(.identities = {ID("external_id", "7")}))->profile_id;
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("external_id", "7")}))->profile_id, seven);
    expect_blocked("external_id", "aaaaa");
    expect_blocked("external_id", "111111");

    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = (char *)(uintptr_t) "external_id";
    type.min_length = 6;
    set_rules("min_length", &type);

    expect_blocked("external_id", "abcd5");
    const char *long_enough =
        resolve(TOLD(.identities = {ID("external_id", "abcd56")}))->profile_id;
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("external_id", "abcd56")}))->profile_id,
                     long_enough);
}

/* Fewer than three distinct characters: a workspace says it by a pattern. */
Test(resolve_cases, tealium_ids_of_two_characters_are_blocked_on_demand) {
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    char *patterns[] = {text("^(.)\\1*+(?:(.)(?:\\1|\\2)*+)?$")};
    type.type = text("external_id");
    type.blocked_patterns = patterns;
    type.n_blocked_patterns = 1;
    set_rules("blocked_patterns", &type);

    expect_blocked("external_id", "abbaba");
    cr_expect_eq(resolve(TOLD(.identities = {ID("external_id", "abcaba")}))->identities[0]->state,
                 STATE(ACTIVE));
}

Test(resolve_cases, tealium_ids_differ_in_case) {
    const char *small = resolve(TOLD(.identities = {ID("external_id", "Ab12cd")}))->profile_id;
    const char *large = resolve(TOLD(.identities = {ID("external_id", "AB12CD")}))->profile_id;

    cr_expect_str_neq(small, large);
}

/* ---- Unomi: the same people imported again ----
 * What a row does not name stays. Theirs has a column that deletes; ours has DeleteProfile. */

enum { SURFERS = 36 };

static const struct told *surfer(int i, const char *city, const char *job) {
    char *email =
        arena_format(&ask_arena, i % 2 == 0 ? "Surfer%d@Example.com" : "surfer%d@example.com", i);
    struct told *told = arena_alloc(&ask_arena, sizeof *told);
    *told = (struct told){
        .identities = {ID("email", email),
                       ID("linkedin", arena_format(&ask_arena, "surfer-in-%d", i))},
        .attributes = {ATTRIBUTE("family_name", arena_format(&ask_arena, "Surfer%d", i)),
                       ATTRIBUTE("job", job), ATTRIBUTE(city == NULL ? NULL : "city", city)},
    };
    return told;
}

static const Profiled__V1__BatchResolveProfilesResponse *import_surfers(const char *city,
                                                                        const char *job) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = SURFERS;
    request.records = arena_array(&ask_arena, SURFERS, sizeof *request.records);
    for (int i = 0; i < SURFERS; i++) {
        request.records[i] = record_told(surfer(i, city, job));
    }
    return ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
}

Test(resolve_cases, unomi_import_merge_updates_what_the_rows_name) {
    const Profiled__V1__BatchResolveProfilesResponse *first = import_surfers("Jeddah", "surfer");
    for (int i = 0; i < SURFERS; i++) {
        cr_assert_eq(first->verdicts[i]->decision->outcome, OUTCOME(CREATED));
    }
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__BatchResolveProfilesResponse *again = import_surfers(NULL, "coach");

    for (int i = 0; i < SURFERS; i++) {
        cr_assert_eq(again->verdicts[i]->decision->outcome, OUTCOME(LINKED));
        cr_assert_str_eq(again->verdicts[i]->decision->profile_id,
                         first->verdicts[i]->decision->profile_id);
        const Profiled__V1__Profile *profile = get(again->verdicts[i]->decision->profile_id);
        cr_expect_str_eq(attribute_in(profile, "city"), "Jeddah");
        cr_expect_str_eq(attribute_in(profile, "job"), "coach");
    }
    cr_expect_eq(profile_count(), SURFERS);

    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = first->verdicts[3]->decision->profile_id;
    ask(&rpc_profile_service, "DeleteProfile", &request.base);
    cr_expect_eq(profile_count(), SURFERS - 1);
    cr_expect_null(lookup("email", "surfer3@example.com"));
}

/* ---- Telephone numbers ---- */

Test(resolve_cases, brazil_ninth_digit_is_one_number) {
    const char *with = resolve(TOLD(.identities = {ID("phone", "+5511912345678")}))->profile_id;

    const Profiled__V1__Decision *without =
        resolve(TOLD(.identities = {ID("whatsapp", "551112345678")}));

    cr_expect_eq(without->outcome, OUTCOME(LINKED));
    cr_expect_str_eq(without->profile_id, with);
    cr_expect_eq(profile_count(), 1);
}

Test(resolve_cases, lucidya_survey_phone_finds_the_whatsapp_number) {
    const char *there =
        resolve(TOLD(.source = "whatsapp", .identities = {ID("whatsapp", "+966545462356")}))
            ->profile_id;

    const Profiled__V1__Decision *survey =
        resolve(TOLD(.source = "survey",
                     .identities = {{.type = "phone", .value = "545462356", .region = "SA"}}));

    cr_expect_eq(survey->outcome, OUTCOME(LINKED));
    cr_expect_str_eq(survey->profile_id, there);
}

Test(resolve_cases, every_way_to_write_a_saudi_number_is_one_person) {
    const char *id =
        resolve(TOLD(.region = "SA", .identities = {ID("phone", "٠٥٤٥٤٦٢٣٥٦")}))->profile_id;

    cr_expect_str_eq(
        resolve(TOLD(.identities = {{.type = "phone", .value = "545462356", .region = "SA"}}))
            ->profile_id,
        id);
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("phone", "+966 54 546 2356")}))->profile_id,
                     id);
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("whatsapp", "966545462356")}))->profile_id, id);
    cr_expect_eq(profile_count(), 1);
    cr_expect_not_null(identity_in(get(id), "phone", "+966545462356"));
    cr_expect_not_null(identity_in(get(id), "whatsapp", "+966545462356"));
}

Test(resolve_cases, the_workspace_s_region_reads_national_numbers) {
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);

    resolve(TOLD(.identities = {ID("phone", "0545462356")}));

    cr_expect_not_null(lookup("phone", "+966545462356"));
    cr_expect_not_null(lookup("phone", "0545462356"));
}

/* ---- Mailboxes that people share ---- */

Test(resolve_cases, role_mailbox_of_twenty_organisations_joins_none) {
    enum { ORGANISATIONS = 20 };
    for (int i = 0; i < ORGANISATIONS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Organisation %d", i);
        const Profiled__V1__Decision *decision =
            resolve(TOLD(.name = name, .identities = {ID("email", "info@example.com")}));
        cr_assert_eq(decision->outcome, OUTCOME(CREATED));
        cr_assert_eq(decision->identities[0]->rule, RULE(BLOCKED_ROLE_MAILBOX));
    }
    cr_expect_eq(profile_count(), ORGANISATIONS);
    cr_expect_null(lookup("email", "info@example.com"));
}

Test(resolve_cases, family_mailbox_with_differing_birth_dates_joins_none) {
    static const char *const dates[] = {"1960-02-03", "1962-04-05", "1990-06-07", "1993-08-09"};
    for (size_t i = 0; i < 4; i++) {
        const Profiled__V1__Decision *decision =
            resolve(TOLD(.identities = {ID("email", "family@example.com")},
                         .attributes = {ATTRIBUTE("birth_date", dates[i])}));
        cr_expect_eq(decision->outcome, OUTCOME(CREATED));
        cr_expect_eq(decision->n_candidates, i == 0 ? 0 : 1);
        if (i > 0) {
            cr_expect_eq(decision->candidates[0]->rule, RULE(VETO_BIRTH_DATE));
            cr_expect_eq(decision->identities[0]->rule, RULE(OWNED_ELSEWHERE));
        }
    }
    cr_expect_eq(profile_count(), 4);
}

Test(resolve_cases, the_same_birth_date_or_none_joins) {
    const char *id = resolve(TOLD(.identities = {ID("email", "huda@example.com")},
                                  .attributes = {ATTRIBUTE("birth_date", "1990-06-07")}))
                         ->profile_id;

    cr_expect_str_eq(resolve(TOLD(.identities = {ID("email", "HUDA@example.com")},
                                  .attributes = {ATTRIBUTE("birth_date", "19900607")}))
                         ->profile_id,
                     id);
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("email", "huda@Example.com")}))->profile_id,
                     id);
}
