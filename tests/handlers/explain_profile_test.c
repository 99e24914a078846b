/* ExplainProfile. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

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
        }
        cr_expect_eq(page->n_members, 1);
        token = page->next_page_token;
    } while (token[0] != '\0');
    cr_expect_eq(seen, COUNT);
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
