/* ExplainProfile. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(explain_profile, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const Profiled__V1__ExplainProfileResponse *explain_page(const char *profile_id,
                                                                int page_size, const char *token) {
    Profiled__V1__ExplainProfileRequest request = PROFILED__V1__EXPLAIN_PROFILE_REQUEST__INIT;
    request.profile_id = text(profile_id);
    request.page_size = page_size;
    request.page_token = text(token);
    return ask(&rpc_identity_service, "ExplainProfile", &request.base);
}

static const Profiled__V1__ExplainProfileResponse *explain(const char *profile_id) {
    return explain_page(profile_id, 0, "");
}

/* Resolves a second later. */
static const Profiled__V1__Decision *later(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return resolve(told);
}

static const char *unmerge(const char *merge_id) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text(merge_id);
    const Profiled__V1__UnmergeProfilesResponse *response =
        ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
    return response->restored_profile->id;
}

Test(explain_profile, tells_the_record_as_it_was_told_and_what_came_of_it) {
    const int64_t observe_us = ask_now_us() - 3 * US_PER_DAY;
    const Profiled__V1__Decision *decision = resolve(
        TOLD(.name = "نورة السالم", .source = "crm", .observe_us = observe_us,
             .identities = {{"phone", "050 000 0017", "SA", "web", PROVENANCE(VERIFIED)},
                            ID("email", "Info@Example.com")},
             .attributes = {ATTRIBUTE("city", "Riyadh"), ATTRIBUTE("birth_date", "1990-01-31")}));

    const Profiled__V1__ExplainProfileResponse *response = explain(decision->profile_id);

    cr_expect_str_eq(response->profile_id, decision->profile_id);
    cr_expect_eq(response->rule_version, 1);
    cr_assert_eq(response->n_members, 1);
    cr_expect_str_eq(response->members[0]->id, decision->profile_id);
    cr_expect(response->members[0]->answers);
    cr_expect_eq(response->members[0]->decision_count, 1);
    cr_expect_eq(response->members[0]->create_time->seconds, ask_now_us() / US_PER_SECOND);
    cr_expect_eq(response->n_merges, 0);
    cr_expect_str_eq(response->next_page_token, "");
    cr_assert_eq(response->n_decisions, 1);
    const Profiled__V1__ExplainedDecision *told = response->decisions[0];
    cr_expect_not(told->earlier_rules);
    cr_expect_eq(told->decision->outcome, OUTCOME(CREATED));
    cr_expect_str_eq(told->decision->member_id, decision->profile_id);
    cr_expect_eq(told->decision->decide_time->seconds, ask_now_us() / US_PER_SECOND);
    cr_expect_str_eq(told->record->name, "نورة السالم");
    cr_expect_str_eq(told->record->source, "crm");
    cr_expect_eq(told->record->observe_time->seconds, observe_us / US_PER_SECOND);
    cr_assert_eq(told->record->n_identities, 2);
    cr_expect_str_eq(told->record->identities[0]->value, "050 000 0017");
    cr_expect_str_eq(told->record->identities[0]->canonical_value, "+966500000017");
    cr_expect_str_eq(told->record->identities[0]->source, "web");
    cr_expect_eq(told->record->identities[0]->provenance, PROVENANCE(VERIFIED));
    cr_expect_str_eq(told->record->identities[1]->source, "crm");
    cr_expect_eq(told->decision->identities[0]->state, STATE(ACTIVE));
    cr_expect_eq(told->decision->identities[1]->state, STATE(CONTACT));
    cr_expect_eq(told->decision->identities[1]->rule, RULE(BLOCKED_ROLE_MAILBOX));
    cr_assert_eq(told->record->n_attributes, 2);
    for (size_t i = 0; i < 2; i++) {
        const Profiled__V1__Record__AttributesEntry *entry = told->record->attributes[i];
        cr_expect_str_eq(entry->value->source, "");
        cr_expect_null(entry->value->observe_time);
        cr_expect_str_eq(entry->value->text,
                         strcmp(entry->key, "city") == 0 ? "Riyadh" : "1990-01-31");
    }
}

Test(explain_profile, a_profile_that_somebody_made_tells_whose_its_attributes_are) {
    const int64_t observe_us = ask_now_us() - US_PER_DAY;
    const char *id =
        create(TOLD(.name = "Noura", .attributes = {{"city", "Riyadh", "crm", observe_us}}))->id;

    const Profiled__V1__ExplainProfileResponse *response = explain(id);

    cr_assert_eq(response->n_decisions, 1);
    const Profiled__V1__Record *record = response->decisions[0]->record;
    cr_expect_str_eq(record->source, "api");
    cr_assert_eq(record->n_attributes, 1);
    cr_expect_str_eq(record->attributes[0]->value->source, "crm");
    cr_expect_eq(record->attributes[0]->value->observe_time->seconds, observe_us / US_PER_SECOND);
}

Test(explain_profile, what_was_ruled_out_and_demoted_is_told) {
    const char *vetoed = later(TOLD(.identities = {ID("phone", "+966500000017")},
                                    .attributes = {ATTRIBUTE("birth_date", "1980-01-31")}))
                             ->profile_id;
    const char *id =
        later(TOLD(.identities = {ID("phone", "+966500000017"), ID("email", "n@example.com")},
                   .attributes = {ATTRIBUTE("birth_date", "1990-01-31")}))
            ->profile_id;
    Profiled__V1__IdentityType limit = PROFILED__V1__IDENTITY_TYPE__INIT;
    limit.type = text("email");
    limit.limit = 1;
    set_rules("limit", &limit);
    later(TOLD(.identities = {ID("email", "n@example.com"), ID("email", "m@example.com")}));

    const Profiled__V1__ExplainProfileResponse *response = explain(id);

    cr_assert_eq(response->n_decisions, 2);
    const Profiled__V1__Decision *first = response->decisions[0]->decision;
    cr_assert_eq(first->n_candidates, 1);
    cr_expect_str_eq(first->candidates[0]->profile_id, vetoed);
    cr_expect_eq(first->candidates[0]->rule, RULE(VETO_BIRTH_DATE));
    cr_expect_not(first->candidates[0]->accepted);
    cr_expect_eq(first->identities[0]->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_str_eq(first->identities[0]->matched_profile_id, vetoed);
    cr_expect(response->decisions[0]->earlier_rules, "decided by version 1");
    const Profiled__V1__Decision *second = response->decisions[1]->decision;
    cr_expect_eq(second->rule_version, 2);
    cr_expect_eq(second->outcome, OUTCOME(LINKED));
    cr_expect_not(response->decisions[1]->earlier_rules);
    cr_expect_eq(second->identities[0]->rule == RULE(OVER_LIMIT),
                 second->identities[1]->rule != RULE(OVER_LIMIT));
    cr_expect_eq(response->rule_version, 2);
}

Test(explain_profile, members_and_merges_of_one_person_are_woven) {
    const char *one = later(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    const char *two = later(TOLD(.identities = {ID("email", "b@example.com")}))->profile_id;
    later(TOLD(.identities = {ID("email", "a@example.com")}));
    const Profiled__V1__Decision *joined =
        later(TOLD(.identities = {ID("email", "a@example.com"), ID("email", "b@example.com")}));
    later(TOLD(.source = "web", .identities = {ID("email", "b@example.com")}));

    const Profiled__V1__ExplainProfileResponse *response = explain(two); /* It redirects. */

    cr_expect_str_eq(response->profile_id, one);
    cr_assert_eq(response->n_members, 2);
    cr_expect_str_eq(response->members[0]->id, one);
    cr_expect_str_eq(response->members[1]->id, two);
    cr_expect(response->members[0]->answers);
    cr_expect_not(response->members[1]->answers);
    cr_expect_eq(response->members[0]->decision_count, 3);
    cr_expect_eq(response->members[1]->decision_count, 2);
    cr_assert_eq(response->n_merges, 1);
    cr_expect_str_eq(response->merges[0]->id, joined->merge_ids[0]);
    cr_assert_eq(response->n_decisions, 5);
    const char *const members[] = {one, two, one, one, two};
    for (size_t i = 0; i < 5; i++) {
        cr_expect_str_eq(response->decisions[i]->decision->member_id, members[i]);
        cr_expect(i == 0 || strcmp(response->decisions[i - 1]->id, response->decisions[i]->id) < 0);
    }
    const Profiled__V1__ExplainedDecision *merging = response->decisions[3];
    cr_expect_str_eq(merging->id, response->merges[0]->decision_id);
    cr_expect_eq(merging->decision->outcome, OUTCOME(MERGED));
    cr_assert_eq(merging->decision->n_merged_ids, 1);
    cr_expect_str_eq(merging->decision->merged_ids[0], two);
    cr_expect_str_eq(merging->decision->merge_ids[0], joined->merge_ids[0]);
    cr_expect_str_eq(response->decisions[4]->decision->profile_id, one);
}

Test(explain_profile, an_undone_merge_is_told_and_each_keeps_its_own) {
    const char *one = later(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    const char *two = later(TOLD(.identities = {ID("email", "b@example.com")}))->profile_id;
    const Profiled__V1__Decision *joined =
        later(TOLD(.identities = {ID("email", "a@example.com"), ID("email", "b@example.com")}));
    later(TOLD(.identities = {ID("email", "b@example.com")}));

    cr_assert_str_eq(unmerge(joined->merge_ids[0]), two);

    const Profiled__V1__ExplainProfileResponse *response = explain(two);
    cr_expect_str_eq(response->profile_id, two);
    cr_expect_eq(response->n_members, 1);
    cr_assert_eq(response->n_merges, 1);
    cr_expect_not_null(response->merges[0]->undo_time);
    cr_assert_eq(response->n_decisions, 2);
    cr_expect_str_eq(response->decisions[1]->decision->profile_id, one, "who answered then");
    cr_expect_eq(explain(one)->n_decisions, 2);
}

/* ---- what asked for a merge ---- */

static void expect_identity(Profiled__V1__Identity *const *identities, size_t count,
                            const char *type, const char *canonical) {
    cr_assert_eq(count, 1);
    cr_expect_str_eq(identities[0]->type, type);
    cr_expect_str_eq(identities[0]->canonical_value, canonical);
}

Test(explain_profile, a_merge_tells_the_record_that_asked_and_what_reached_each) {
    const int64_t observe_us = ask_now_us() - US_PER_DAY;
    const char *one = later(TOLD(.identities = {ID("phone", "+966500000017")}))->profile_id;
    const char *two = later(TOLD(.identities = {ID("email", "b@example.com")}))->profile_id;
    const Profiled__V1__Decision *joined =
        later(TOLD(.source = "pos", .observe_us = observe_us,
                   .identities = {{"phone", "0500000017", .region = "SA"},
                                  ID("twitter", "nobodys"),
                                  ID("email", "B@example.com")}));
    const Profiled__V1__ExplainProfileResponse *response = explain(one);
    unmerge(joined->merge_ids[0]);
    const Profiled__V1__ExplainProfileResponse *first = explain(one);
    const Profiled__V1__ExplainProfileResponse *second = explain(two);

    const Profiled__V1__ExplainProfileResponse *const all[] = {response, first, second};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(all[i]->n_merge_causes, 1);
        const Profiled__V1__MergeCause *cause = all[i]->merge_causes[0];
        cr_expect_str_eq(cause->merge_id, joined->merge_ids[0]);
        cr_expect_str_eq(cause->record_profile_id, joined->member_id);
        cr_expect_str_eq(cause->source, "pos");
        cr_expect_eq(cause->observe_time->seconds, observe_us / US_PER_SECOND);
        const bool is_one = strcmp(all[i]->merges[0]->profile_id, one) == 0;
        cr_expect_str_eq(all[i]->merges[0]->other_profile_id, is_one ? two : one);
        expect_identity(cause->identities, cause->n_identities, is_one ? "phone" : "email",
                        is_one ? "+966500000017" : "b@example.com");
        expect_identity(cause->other_identities, cause->n_other_identities,
                        is_one ? "email" : "phone", is_one ? "b@example.com" : "+966500000017");
    }
    cr_expect_neq(first->n_decisions, second->n_decisions, "one has the record, one has not");
}

Test(explain_profile, a_merge_by_hand_has_no_record) {
    const char *one = later(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    const char *two = later(TOLD(.identities = {ID("email", "b@example.com")}))->profile_id;
    const char *merge = merge_two(one, two);

    const Profiled__V1__ExplainProfileResponse *response = explain(one);

    cr_assert_eq(response->n_merge_causes, 1);
    const Profiled__V1__MergeCause *cause = response->merge_causes[0];
    cr_expect_str_eq(cause->merge_id, merge);
    cr_expect_str_empty(cause->record_profile_id);
    cr_expect_str_empty(cause->source);
    cr_expect_null(cause->observe_time);
    cr_expect_eq(cause->n_identities + cause->n_other_identities, 0);
    cr_expect_str_empty(cause->review_id);
}

Test(explain_profile, a_merge_by_a_review_tells_which) {
    const char *one = relative("+966500000017", "family@example.com", "1980-01-31");
    relative("+966500000018", "family@example.com", "1990-01-31");
    const char *review = the_review()->id;
    decide(review, DECISION(JOIN));

    const Profiled__V1__ExplainProfileResponse *response = explain(one);

    cr_assert_eq(response->n_merge_causes, 1);
    cr_expect_str_eq(response->merges[0]->method, "DecideReview");
    cr_expect_str_eq(response->merge_causes[0]->review_id, review);
    cr_expect_str_empty(response->merge_causes[0]->record_profile_id);

    unmerge(response->merges[0]->id);
    cr_expect_str_empty(explain(one)->merge_causes[0]->review_id);
}

Test(explain_profile, a_merge_that_other_rules_made_tells_the_record_that_they_had_kept_apart) {
    const char *one = relative("+966500000017", "family@example.com", "1980-01-31");
    const char *two = relative("+966500000018", "family@example.com", "1990-01-31");
    set_vetoes("email", "");
    ask_wait_us(US_PER_SECOND);
    apply_rules(0);
    const Profiled__V1__ExplainProfileResponse *joined = explain(two);
    set_vetoes("email", "birth_date");
    ask_wait_us(US_PER_SECOND);
    apply_rules(0);
    const Profiled__V1__ExplainProfileResponse *split = explain(one);

    cr_expect_str_eq(joined->profile_id, one);
    const Profiled__V1__ExplainProfileResponse *const both[] = {joined, split};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(both[i]->n_merge_causes, 1);
        const Profiled__V1__MergeCause *cause = both[i]->merge_causes[0];
        cr_expect_str_eq(both[i]->merges[0]->profile_id, two);
        cr_expect_eq(both[i]->merges[0]->undone_by_rules, i == 1);
        cr_expect_eq(both[i]->merges[0]->rule_version, 2);
        cr_expect_eq(both[i]->merges[0]->undo_rule_version, i == 1 ? 3 : 0);
        cr_expect_not(both[i]->merges[0]->made_of_records);
        cr_expect_str_neq(both[i]->merges[0]->decision_id, "");
        cr_expect_str_eq(cause->record_profile_id, two);
        cr_expect_eq(cause->n_identities, 0, "it was made by the record");
        expect_identity(cause->other_identities, cause->n_other_identities, "email",
                        "family@example.com");
    }
}

Test(explain_profile, the_record_of_a_deleted_profile_is_not_told) {
    const char *one = later(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    const char *two = later(TOLD(.identities = {ID("phone", "+966500000017")}))->profile_id;
    const Profiled__V1__Decision *joined =
        later(TOLD(.identities = {ID("email", "a@example.com"), ID("phone", "+966500000017")}));
    unmerge(joined->merge_ids[0]);
    const bool is_one = strcmp(joined->member_id, one) == 0;
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = joined->member_id;
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);

    const Profiled__V1__ExplainProfileResponse *response = explain(is_one ? two : one);

    cr_assert_eq(response->n_merge_causes, 1);
    const Profiled__V1__MergeCause *cause = response->merge_causes[0];
    cr_expect_str_eq(cause->record_profile_id, joined->member_id);
    cr_expect_str_empty(cause->source);
    cr_expect_eq(cause->n_identities + cause->n_other_identities, 0);
}

/* ---- identities, and what was done by hand ---- */

static void link_to(const char *id, const char *type, const char *value, const char *source) {
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    ask_wait_us(US_PER_SECOND);
    request.profile_id = text(id);
    request.identity = identity_told(type, value);
    request.identity->source = text(source);
    ask(&rpc_identity_service, "LinkIdentity", &request.base);
}

static const Profiled__V1__ExplainedIdentity *
explained_in(const Profiled__V1__ExplainProfileResponse *response, const char *canonical) {
    for (size_t i = 0; i < response->n_identities; i++) {
        if (strcmp(response->identities[i]->identity->canonical_value, canonical) == 0) {
            return response->identities[i];
        }
    }
    return NULL;
}

/* Active by the other one's telephone, and told of the one. */
Test(explain_profile, a_number_of_two_types_tells_which_member_has_it_as_which) {
    const char *one = later(TOLD(.identities = {ID("phone", "+966500000010")}))->profile_id;
    const char *two = later(TOLD(.identities = {ID("external_id", "crm-100")}))->profile_id;
    later(TOLD(.identities = {ID("external_id", "crm-100"), ID("whatsapp", "+966500000010")}));

    const Profiled__V1__ExplainProfileResponse *response = explain(one);

    cr_assert_eq(response->n_identities, 3);
    for (size_t i = 0; i < response->n_identities; i++) {
        const Profiled__V1__ExplainedIdentity *explained = response->identities[i];
        const bool is_phone = strcmp(explained->identity->type, "phone") == 0;
        cr_expect_eq(explained->identity->state, STATE(ACTIVE));
        cr_expect_str_eq(explained->member_id, is_phone ? one : two);
    }
    cr_expect_eq(response->decisions[2]->decision->identities[1]->state, STATE(ACTIVE));
}

Test(explain_profile, identities_tell_their_members_and_records) {
    const char *one =
        later(TOLD(.source = "crm", .identities = {ID("email", "a@example.com")}))->profile_id;
    const char *two = later(TOLD(.identities = {ID("phone", "+966500000017")}))->profile_id;
    link_to(two, "twitter", "linked", "desk");
    link_to(two, "instagram", "unlinked", "desk");
    later(TOLD(.identities = {ID("email", "a@example.com"), ID("instagram", "unlinked")}));
    later(TOLD(.source = "web", .identities = {ID("email", "a@example.com")}));
    unlink_identity(two, "instagram", "unlinked");

    const Profiled__V1__ExplainProfileResponse *response = explain(two);
    const Profiled__V1__ExplainProfileResponse *page = explain_page(two, 1, "");

    cr_expect_eq(response->n_members, 2);
    const Profiled__V1__ExplainedIdentity *email = explained_in(response, "a@example.com");
    cr_assert_not_null(email);
    cr_expect_str_eq(email->member_id, one);
    cr_expect_str_eq(email->identity->source, "web");
    cr_expect_eq(email->identity->provenance, PROVENANCE(ATTESTED));
    cr_expect_lt(email->identity->first_seen_time->seconds,
                 email->identity->last_seen_time->seconds);
    cr_assert_eq(email->n_decision_ids, 3);
    cr_expect_str_eq(email->decision_ids[0], response->decisions[0]->id);
    cr_expect_str_eq(email->decision_ids[1], response->decisions[2]->id);
    cr_expect_str_eq(email->decision_ids[2], response->decisions[3]->id);
    const Profiled__V1__ExplainedIdentity *linked = explained_in(response, "linked");
    cr_assert_not_null(linked);
    cr_expect_str_eq(linked->member_id, two);
    cr_expect_str_eq(linked->identity->source, "desk");
    cr_expect_eq(linked->n_decision_ids, 0);
    cr_expect_eq(explained_in(page, "a@example.com")->n_decision_ids, 1, "of the page alone");
    cr_expect_eq(explained_in(page, "+966500000017")->n_decision_ids, 0);
}

Test(explain_profile, an_identity_told_in_another_form_is_the_same) {
    set_ignore_dots("email", true);
    const char *id = later(TOLD(.identities = {ID("email", "nora.s@example.com")}))->profile_id;
    later(TOLD(.identities = {ID("email", "noras@example.com")}));

    const Profiled__V1__ExplainProfileResponse *response = explain(id);

    cr_assert_eq(response->n_identities, 1);
    cr_expect_eq(response->identities[0]->n_decision_ids, 2);
}

/* Sets the city, or takes it away with NULL. */
static void set_city(const char *id, const char *city) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text("attributes.city")};
    ask_wait_us(US_PER_SECOND);
    request.profile = profile_told(city == NULL ? TOLD(.name = "")
                                                : TOLD(.attributes = {{"city", city, "desk", 0}}));
    request.profile->id = text(id);
    mask.n_paths = 1;
    mask.paths = paths;
    request.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

static void set_name(const char *id, const char *name) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    ask_wait_us(US_PER_SECOND);
    request.profile = profile_told(TOLD(.name = name));
    request.profile->id = text(id);
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

static void expect_city(const char *id, const char *member, const char *city, const char *source) {
    const Profiled__V1__ExplainProfileResponse *response = explain(id);
    cr_assert_eq(response->n_hand_set_values, 2, "%zu for %s", response->n_hand_set_values, city);
    cr_expect_str_eq(response->hand_set_values[0]->field, "name");
    const Profiled__V1__HandSetValue *value = response->hand_set_values[1];
    cr_expect_str_eq(value->field, "attributes.city");
    cr_expect_str_eq(value->text, city);
    cr_expect_str_eq(value->source, source);
    cr_expect_str_eq(value->member_id, member);
    cr_expect_eq(value->set_time->seconds, ask_now_us() / US_PER_SECOND);
}

Test(explain_profile, values_that_somebody_set_or_took_away_are_told) {
    const char *one = later(TOLD(.name = "Noura", .identities = {ID("email", "a@example.com")},
                                 .attributes = {ATTRIBUTE("city", "Riyadh")}))
                          ->profile_id;
    const char *two = later(TOLD(.identities = {ID("email", "b@example.com")}))->profile_id;
    cr_expect_eq(explain(one)->n_hand_set_values, 0, "records told all of it");
    set_name(one, "نورة السالم");
    set_city(one, "Dammam");
    expect_city(one, one, "Dammam", "desk");
    merge_two(one, two);
    set_city(two, "Abha");
    expect_city(one, two, "Abha", "desk");
    cr_expect_str_eq(explain(two)->hand_set_values[0]->text, "نورة السالم");
    cr_expect_str_eq(explain(two)->hand_set_values[0]->member_id, one);
    set_city(two, NULL);
    set_city(one, NULL);
    expect_city(two, one, "", "");

    later(TOLD(.identities = {ID("email", "a@example.com")},
               .attributes = {ATTRIBUTE("city", "Mecca")}));

    cr_expect_eq(explain(one)->n_hand_set_values, 1, "the name alone: a record came later");
}

static void forbid(const char *one, const char *two) {
    Profiled__V1__CreateNeverJoinRequest request = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    request.profile_id = text(one);
    request.other_profile_id = text(two);
    ask(&rpc_identity_service, "CreateNeverJoin", &request.base);
}

Test(explain_profile, pairs_that_are_never_to_be_one_are_told) {
    const char *one = relative("+966500000017", "family@example.com", "1980-01-31");
    const char *two = relative("+966500000018", "family@example.com", "1990-01-31");
    const char *three = later(TOLD(.identities = {ID("email", "c@example.com")}))->profile_id;
    const char *four = later(TOLD(.identities = {ID("email", "d@example.com")}))->profile_id;
    const char *review = the_review()->id;
    decide(review, DECISION(KEEP_APART));
    const char *merge = merge_two(one, three);
    unmerge(merge);
    merge_two(one, four);
    forbid(four, two);

    const Profiled__V1__ExplainProfileResponse *response = explain(one);

    cr_assert_eq(response->n_never_joins, 3);
    cr_expect_str_eq(response->never_joins[0]->other_profile_id, two);
    cr_expect_str_eq(response->never_joins[0]->review_id, review);
    cr_expect_str_eq(response->never_joins[1]->other_profile_id, three);
    cr_expect_str_eq(response->never_joins[1]->merge_id, merge);
    cr_expect_str_eq(response->never_joins[2]->profile_id, two);
    cr_expect_str_eq(response->never_joins[2]->other_profile_id, four);
    cr_expect_str_empty(response->never_joins[2]->merge_id);
    cr_expect_str_empty(response->never_joins[2]->review_id);
    cr_expect_eq(explain(three)->n_never_joins, 1);
}

/* Told on both sides; that of two who are both kept from one is told once of each. */
Test(explain_profile, open_reviews_are_told) {
    const char *one = relative("+966500000017", "family@example.com", "1980-01-31");
    const char *two = relative("+966500000018", "family@example.com", "1990-01-31");
    const char *three = relative("+966500000019", "family@example.com", "2000-01-31");

    const Profiled__V1__ExplainProfileResponse *first = explain(one);
    const Profiled__V1__ExplainProfileResponse *second = explain(two);

    cr_assert_eq(first->n_open_reviews, 2);
    cr_expect_str_eq(first->open_reviews[0]->other_side->member_id, three, "the latest first");
    cr_assert_eq(second->n_open_reviews, 1);
    const Profiled__V1__Review *review = second->open_reviews[0];
    cr_expect_str_eq(review->id, first->open_reviews[1]->id);
    cr_expect_eq(review->state, REVIEW(OPEN));
    cr_expect_eq(review->rule, RULE(VETO_BIRTH_DATE));
    cr_expect_str_eq(review->side->member_id, one);
    cr_expect_null(review->side->profile);

    decide(review->id, DECISION(DISMISS));
    cr_expect_eq(explain(two)->n_open_reviews, 0);
    cr_expect_eq(explain(one)->n_open_reviews, 1);
}

/* Of a profile that was merged into it, and of a person who is deleted since. */
Test(explain_profile, open_reviews_are_those_of_members_that_can_be_decided) {
    const char *third = create(TOLD(.name = "Third"))->id;
    const char *one = relative("+966500000017", "family@example.com", "1980-01-31");
    const char *two = relative("+966500000018", "family@example.com", "1990-01-31");
    merge_two(two, third);

    const Profiled__V1__ExplainProfileResponse *response = explain(third);

    cr_assert_eq(response->n_open_reviews, 1);
    cr_expect_str_eq(response->open_reviews[0]->other_side->member_id, two);
    cr_expect_str_eq(response->open_reviews[0]->other_side->profile_id, third);
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(one);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    cr_expect_eq(explain(third)->n_open_reviews, 0);
}

Test(explain_profile, pages_hold_each_decision_once) {
    enum { COUNT = 11 };
    const char *id = NULL;
    for (size_t i = 0; i < COUNT; i++) {
        id = later(TOLD(.source = arena_format(&ask_arena, "source%zu", i),
                        .identities = {ID("email", "a@example.com")}))
                 ->profile_id;
    }
    const char *token = "";
    size_t seen = 0;
    do {
        const Profiled__V1__ExplainProfileResponse *page = explain_page(id, 3, token);
        for (size_t i = 0; i < page->n_decisions; i++) {
            cr_expect_str_eq(page->decisions[i]->record->source,
                             arena_format(&ask_arena, "source%zu", seen++));
            cr_expect_eq(page->decisions[i]->number, (int64_t)seen, "from page to page");
        }
        cr_expect_eq(page->n_members, 1);
        token = page->next_page_token;
    } while (token[0] != '\0');
    cr_expect_eq(seen, COUNT);
}

/* The record had been linked to the first, which no merge was; it lies with the second then. */
Test(explain_profile, a_record_that_rules_have_linked_to_another_one_tells_what_linked_it) {
    const char *one = later(TOLD(.identities = {ID("twitter", "handle2")},
                                 .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
                          ->profile_id;
    const char *other = later(TOLD(.identities = {ID("anonymous_id", "anon-50")},
                                   .attributes = {ATTRIBUTE("birth_date", "1991-01-01")}))
                            ->profile_id;
    later(TOLD(.identities = {ID("twitter", "handle2"), ID("anonymous_id", "anon-50")}));
    set_blocked("twitter", "handle2");
    ask_wait_us(US_PER_SECOND);
    apply_rules(0);

    const Profiled__V1__ExplainProfileResponse *response = explain(other);

    cr_assert_eq(response->n_merges, 2);
    const Profiled__V1__Merge *had = response->merges[0];
    cr_expect(had->made_of_records);
    cr_expect_str_eq(had->other_profile_id, one);
    cr_expect_eq(had->rule_version, 1, "those that linked the record");
    cr_expect(had->undone_by_rules);
    cr_expect_eq(had->undo_rule_version, 2);
    const Profiled__V1__Merge *has = response->merges[1];
    cr_expect_not(has->made_of_records);
    cr_expect_str_eq(has->profile_id, had->profile_id);
    cr_expect_str_eq(has->other_profile_id, other);
    cr_expect_eq(has->rule_version, 2);
    cr_expect_null(has->undo_time);
    cr_expect_str_empty(response->merge_causes[1]->review_id, "nobody decided the review");

    restore_rules(1);
    ask_wait_us(US_PER_SECOND);
    apply_rules(0);
    response = explain(one);
    cr_assert_eq(response->n_merges, 2);
    cr_expect_null(response->merges[0]->undo_time);
    cr_expect_eq(response->merges[0]->undo_rule_version, 0);
    cr_expect_eq(response->merges[1]->undo_rule_version, 3);
}

Test(explain_profile, bad_missing_deleted_and_elsewhere) {
    const char *id = later(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    const char *other = later(TOLD(.identities = {ID("email", "b@example.com")}))->profile_id;
    later(TOLD(.identities = {ID("email", "a@example.com")}));
    Profiled__V1__ExplainProfileRequest request = PROFILED__V1__EXPLAIN_PROFILE_REQUEST__INIT;
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ExplainProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "profile_id"), "is required");
    request.profile_id = text(id);
    request.page_size = -1;
    ask_refused(&rpc_identity_service, "ExplainProfile", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request.page_size = 1;
    request.page_token = explain_page(id, 1, "")->next_page_token;
    request.profile_id = text(other);
    ask_refused(&rpc_identity_service, "ExplainProfile", &request.base, STATUS_INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID");
    request.page_token = text("");
    ask_refused_elsewhere(&rpc_identity_service, "ExplainProfile", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(other);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    ask_refused(&rpc_identity_service, "ExplainProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
}
