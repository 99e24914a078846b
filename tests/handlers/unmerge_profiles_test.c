/* UnmergeProfiles. Random histories are in tests/identity/unmerge_model_test.c. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"
#include "tests/handlers/people.h"

TestSuite(unmerge_profiles, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *make(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return create(told)->id;
}

static Profiled__V1__UnmergeProfilesRequest by_merge(const char *merge_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text(merge_id);
    return request;
}

static Profiled__V1__UnmergeProfilesRequest by_profile(const char *profile_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(profile_id);
    return request;
}

static void expect_refused(const Profiled__V1__UnmergeProfilesRequest *request,
                           enum status_code code, const char *reason) {
    ask_refused(&rpc_identity_service, "UnmergeProfiles", &request->base, code, reason);
}

Test(unmerge_profiles, both_are_what_they_were_and_what_came_since_goes_with_its_identity) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")},
                                .attributes = {ATTRIBUTE("city", "Riyadh")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("twitter", "reem_x")},
                                .attributes = {ATTRIBUTE("city", "Jeddah")}));
    const char *merge_id = merge_two(one, two);
    cr_expect_str_eq(attribute_in(get(one), "city"), "Jeddah");
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("twitter", "reem_x"), ID("phone", "+966500000001")},
                 .attributes = {ATTRIBUTE("job", "Engineer")}));
    record_event(event_by_record(engagement_told("e-1", "twitter", 0),
                                 TOLD(.identities = {ID("twitter", "reem_x")})));
    ask_wait_us(US_PER_SECOND);

    Profiled__V1__UnmergeProfilesRequest request = by_merge(merge_id);
    const Profiled__V1__UnmergeProfilesResponse *response =
        ask_twice(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect_str_eq(response->profile->id, one);
    cr_expect_str_eq(response->restored_profile->id, two);
    cr_expect_str_eq(response->merge->id, merge_id);
    cr_expect_not_null(response->merge->undo_time);
    const Profiled__V1__Profile *noura = get(one);
    const Profiled__V1__Profile *reem = get(two);
    cr_expect_str_eq(noura->name, "Noura");
    cr_expect_str_eq(attribute_in(noura, "city"), "Riyadh");
    cr_expect_null(attribute_in(noura, "job"));
    cr_expect_eq(noura->n_identities, 1);
    cr_expect_eq(noura->n_merged_ids, 0);
    cr_expect_eq(noura->interaction_summary->count, 0);
    cr_expect_str_eq(reem->id, two, "it answers for itself again");
    cr_expect_str_eq(attribute_in(reem, "job"), "Engineer");
    cr_expect_eq(reem->n_identities, 2);
    cr_expect_eq(reem->interaction_summary->count, 1);
    cr_expect_eq(events_of(two)->n_interactions, 1);
    cr_expect_str_eq(lookup("phone", "+966500000001")->id, two);
    cr_expect_eq(profile_count(), 2);
}

Test(unmerge_profiles, the_two_are_never_joined_again) {
    const char *one = resolve(TOLD(.identities = {ID("email", "n@example.com")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("phone", "+966500000001")}));
    ask_wait_us(US_PER_SECOND);
    const struct told both = {
        .identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}};
    const Profiled__V1__Decision *merged = resolve(&both);
    cr_assert_eq(merged->n_merge_ids, 1);
    const Profiled__V1__UnmergeProfilesRequest request = by_merge(merged->merge_ids[0]);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);

    const Profiled__V1__Decision *again = resolve(&both);

    cr_expect_eq(again->outcome, OUTCOME(LINKED));
    cr_expect_str_eq(again->profile_id, one);
    cr_assert_eq(again->n_candidates, 2);
    cr_expect_eq(again->candidates[1]->rule, RULE(NEVER_JOIN));
    cr_expect_eq(again->identities[1]->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_eq(profile_count(), 2);
}

Test(unmerge_profiles, nested_merges_are_undone_in_any_order) {
    static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}};
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        const char *ids[4];
        const char *merges[3];
        for (size_t i = 0; i < 4; i++) {
            ids[i] =
                make(TOLD(.name = arena_format(&ask_arena, "Person %zu", i),
                          .identities = {ID(
                              "email", arena_format(&ask_arena, "p%zu-%zu@example.com", o, i))}));
        }
        for (size_t i = 0; i < 3; i++) {
            merges[i] = merge_two(ids[i + 1], ids[i]);
        }
        cr_expect_eq(get(ids[3])->n_merged_ids, 3);
        for (size_t i = 0; i < 3; i++) {
            const Profiled__V1__UnmergeProfilesRequest request = by_merge(merges[orders[o][i]]);
            ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
        }
        for (size_t i = 0; i < 4; i++) {
            const Profiled__V1__Profile *profile = get(ids[i]);
            cr_expect_str_eq(profile->id, ids[i]);
            cr_expect_eq(profile->n_identities, 1);
            cr_expect_str_eq(profile->name, arena_format(&ask_arena, "Person %zu", i));
        }
    }
}

Test(unmerge_profiles, an_update_and_what_is_cleared_hold_for_the_merged_profile_only) {
    const char *one = make(TOLD(.name = "A", .attributes = {ATTRIBUTE("city", "Riyadh")}));
    const char *two = make(TOLD(.name = "B", .attributes = {ATTRIBUTE("city", "Jeddah")}));
    const char *merge_id = merge_two(one, two);
    char *path = text("attributes.city");
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = &path;
    Profiled__V1__UpdateProfileRequest update = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    update.profile = profile_told(TOLD(.name = NULL));
    update.profile->id = text(one);
    update.update_mask = &mask;
    ask_wait_us(US_PER_SECOND);
    ask(&rpc_profile_service, "UpdateProfile", &update.base);
    cr_expect_null(attribute_in(get(two), "city"),
                   "what the other one knows does not shine through");

    const Profiled__V1__UnmergeProfilesRequest request = by_merge(merge_id);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect_null(attribute_in(get(one), "city"));
    cr_expect_str_eq(attribute_in(get(two), "city"), "Jeddah");
}

Test(unmerge_profiles, an_identity_that_somebody_else_got_stays_there) {
    Profiled__V1__IdentityType limit = PROFILED__V1__IDENTITY_TYPE__INIT;
    limit.type = text("email");
    limit.limit = 2;
    set_rules("limit", &limit);
    const char *one = make(TOLD(.name = "A", .identities = {ID("email", "a@example.com")}));
    const char *two = make(TOLD(.name = "B", .identities = {ID("email", "b@example.com")}));
    const char *merge_id = merge_two(one, two);
    ask_wait_us(US_PER_SECOND);
    /* A third address of the merged profile: the least recently seen is contact data now. */
    resolve(TOLD(.identities = {ID("email", "b@example.com"), ID("email", "c@example.com")}));
    cr_assert_eq(identity_in(get(one), "email", "a@example.com")->rule, RULE(OVER_LIMIT));
    ask_wait_us(US_PER_SECOND);
    const char *three = resolve(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id;
    cr_assert_str_neq(three, one);

    Profiled__V1__UnmergeProfilesRequest request = by_merge(merge_id);
    request.keep_decisions = true;
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect_eq(identity_in(get(one), "email", "a@example.com")->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_str_eq(lookup("email", "a@example.com")->id, three);
    cr_expect_eq(get(two)->n_identities, 2);
}

Test(unmerge_profiles, a_merged_profile_names_the_merge_that_took_it) {
    const char *one = make(TOLD(.name = "A"));
    const char *two = make(TOLD(.name = "B"));
    merge_two(one, two);
    const Profiled__V1__UnmergeProfilesRequest request = by_profile(two);

    const Profiled__V1__UnmergeProfilesResponse *response =
        ask(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect_str_eq(response->restored_profile->id, two);
    expect_refused(&request, STATUS_NOT_FOUND, "MERGE_NOT_FOUND");
}

Test(unmerge_profiles, what_cannot_be_undone_is_refused) {
    const char *one = make(TOLD(.name = "A"));
    const char *two = make(TOLD(.name = "B"));
    Profiled__V1__UnmergeProfilesRequest request = by_profile(one);
    expect_refused(&request, STATUS_NOT_FOUND, "MERGE_NOT_FOUND");
    const char *merge_id = merge_two(one, two);
    request = by_merge(merge_id);
    Profiled__V1__DeleteProfileRequest delete = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    delete.id = text(one);
    ask(&rpc_profile_service, "DeleteProfile", &delete.base);
    expect_refused(&request, STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    Profiled__V1__UndeleteProfileRequest undelete = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    undelete.id = text(two);
    ask(&rpc_profile_service, "UndeleteProfile", &undelete.base);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
    expect_refused(&request, STATUS_FAILED_PRECONDITION, "MERGE_UNDONE");
}

Test(unmerge_profiles, bad_missing_and_elsewhere) {
    const char *one = make(TOLD(.name = "A"));
    const char *two = make(TOLD(.name = "B"));
    const char *merge_id = merge_two(one, two);
    Profiled__V1__UnmergeProfilesRequest request = by_merge("");
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "UnmergeProfiles", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "merge_id"), "is required");
    request = by_merge("x");
    expect_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    request = by_merge(merge_id);
    request.profile_id = text(two);
    expect_refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    request = by_merge("0190b8a2-0000-7000-8000-00000000000a");
    expect_refused(&request, STATUS_NOT_FOUND, "MERGE_NOT_FOUND");
    request = by_merge(merge_id);
    ask_refused_elsewhere(&rpc_identity_service, "UnmergeProfiles", &request.base, STATUS_NOT_FOUND,
                          "MERGE_NOT_FOUND");
}

Test(unmerge_profiles, is_done_once_for_one_request_id) {
    const char *one = make(TOLD(.name = "A"));
    const char *two = make(TOLD(.name = "B"));
    Profiled__V1__UnmergeProfilesRequest request = by_merge(merge_two(one, two));
    Profiled__V1__UnmergeProfilesRequest other = by_profile(two);
    ask_again(&rpc_identity_service, "UnmergeProfiles", &request.base, &other.base);
}

/* ---- several merges of one person ---- */

static const Profiled__V1__Merge *merge_of(const char *id) {
    Profiled__V1__ListMergesRequest request = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    const Profiled__V1__ListMergesResponse *response =
        ask(&rpc_identity_service, "ListMerges", &request.base);
    size_t at = 0;
    while (at < response->n_merges && strcmp(response->merges[at]->id, id) != 0) {
        at++;
    }
    cr_assert_lt(at, response->n_merges, "there is no such merge");
    return response->merges[at];
}

/* The second merge took what answered for the first two. Without the first it took the third alone,
 * and says so. */
Test(unmerge_profiles, a_merge_tells_whom_it_took_as_if_those_undone_had_never_been) {
    const char *one = make(TOLD(.name = "Noura"));
    const char *two = make(TOLD(.name = "Reem"));
    const char *three = make(TOLD(.name = "Huda"));
    const char *first = merge_two(two, three);
    const char *second = merge_two(one, three);
    cr_assert_str_eq(merge_of(second)->absorbed_id, two);
    Profiled__V1__UnmergeProfilesRequest request = by_merge(first);

    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect_str_eq(get(two)->id, two);
    cr_expect_str_eq(get(three)->id, one);
    cr_expect_str_eq(merge_of(second)->survivor_id, one);
    cr_expect_str_eq(merge_of(second)->absorbed_id, three);
    request = by_profile(two);
    expect_refused(&request, STATUS_NOT_FOUND, "MERGE_NOT_FOUND");
    request = by_profile(three);
    const Profiled__V1__UnmergeProfilesResponse *response =
        ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
    cr_expect_str_eq(response->merge->id, second);
    cr_expect_str_eq(response->restored_profile->id, three);
}

Test(unmerge_profiles, the_merge_that_took_a_profile_is_the_one_that_stands) {
    const char *one = make(TOLD(.name = "Noura"));
    const char *two = make(TOLD(.name = "Reem"));
    const char *three = make(TOLD(.name = "Huda"));
    const char *first = merge_two(two, three);
    merge_two(one, three);
    Profiled__V1__UnmergeProfilesRequest request = by_merge(first);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
    Profiled__V1__DeleteNeverJoinRequest allow = PROFILED__V1__DELETE_NEVER_JOIN_REQUEST__INIT;
    allow.profile_id = text(two);
    allow.other_profile_id = text(three);
    ask(&rpc_identity_service, "DeleteNeverJoin", &allow.base);
    const char *third = merge_two(one, two);
    request = by_profile(two);

    const Profiled__V1__UnmergeProfilesResponse *response =
        ask(&rpc_identity_service, "UnmergeProfiles", &request.base);

    cr_expect_str_eq(response->merge->id, third);
    cr_expect_str_eq(get(two)->id, two);
    cr_expect_str_eq(get(three)->id, one);
}

static void clear(const char *id, const char *path) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text(path)};
    profile.id = text(id);
    mask.paths = paths;
    mask.n_paths = 1;
    request.profile = &profile;
    request.update_mask = &mask;
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

/* What is cleared stays so, whether others were one with the profile at that time or not. */
Test(unmerge_profiles, what_is_cleared_does_not_depend_on_what_was_merged) {
    for (int merged = 0; merged < 2; merged++) {
        const char *one = make(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("city", "Abha")}));
        const char *two = make(TOLD(.name = "Reem"));
        const char *three = make(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("city", "Riyadh")}));
        const char *merge_id = merged ? merge_two(one, two) : NULL;
        ask_wait_us(US_PER_SECOND);
        clear(one, "attributes.city");
        cr_expect_null(attribute_in(get(one), "city"));

        merge_two(one, three);
        if (merged) {
            const Profiled__V1__UnmergeProfilesRequest request = by_merge(merge_id);
            ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
        }

        cr_expect_str_eq(get(three)->id, one);
        cr_expect_null(attribute_in(get(one), "city"), "merged %d", merged);
    }
}

/* ---- what only the merge kept apart ---- */

static const Profiled__V1__UnmergeProfilesResponse *undo(const char *merge_id, bool reconsider) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UnmergeProfilesRequest request = by_merge(merge_id);
    request.keep_decisions = !reconsider;
    return ask_twice(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

static const Profiled__V1__Decision *tell(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return resolve(told);
}

static void set_limit_of(const char *type, int limit) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    rules.limit = limit;
    set_rules("limit", &rules);
}

/* The other one's number kept the record from the first. */
Test(unmerge_profiles, whom_a_fact_of_the_other_kept_apart_is_joined_on_demand) {
    for (int reconsider = 0; reconsider < 2; reconsider++) { /* Or keep the decisions. */
        const char *mail = arena_format(&ask_arena, "n%d@example.com", reconsider);
        const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", mail)}));
        const char *two = make(
            TOLD(.name = "Reem", .identities = {ID("external_id", arena_format(&ask_arena, "c-%d-2",
                                                                               reconsider))}));
        const char *merge_id = merge_two(one, two);
        const char *three =
            tell(TOLD(.identities = {ID("email", mail),
                                     ID("external_id",
                                        arena_format(&ask_arena, "c-%d-3", reconsider))}))
                ->profile_id;
        cr_assert_str_neq(three, one);

        const Profiled__V1__UnmergeProfilesResponse *response = undo(merge_id, reconsider == 1);

        cr_expect_eq(response->n_reconsidered_merges, (size_t)reconsider);
        cr_expect_str_eq(get(three)->id, reconsider == 1 ? one : three);
        cr_expect_str_eq(get(two)->id, two);
        if (reconsider == 1) {
            cr_expect_str_eq(response->reconsidered_merges[0]->method, "UnmergeProfiles");
            cr_expect_str_eq(response->reconsidered_merges[0]->absorbed_id, three);
            cr_expect_str_neq(response->reconsidered_merges[0]->decision_id, "");
            undo(response->reconsidered_merges[0]->id, false);
            cr_expect_str_eq(get(three)->id, three);
        }
    }
}

Test(unmerge_profiles, whom_a_limit_of_both_kept_apart_is_joined_on_demand) {
    set_limit_of("phone", 2);
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com"),
                                                                ID("phone", "+966500000001")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("phone", "+966500000002")}));
    const char *three = make(TOLD(.name = "Huda", .identities = {ID("twitter", "huda_x"),
                                                                 ID("phone", "+966500000003")}));
    const char *merge_id = merge_two(one, two);
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "huda_x")}));
    cr_assert_str_eq(get(three)->id, three);

    undo(merge_id, true);

    cr_expect_str_eq(get(three)->id, one);
    cr_expect_str_eq(get(two)->id, two);
}

/* It was over the limit of both, and so another profile got it. */
Test(unmerge_profiles, who_got_what_was_over_a_limit_is_joined_on_demand) {
    set_limit_of("email", 2);
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "a@example.com")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("email", "b@example.com"),
                                                               ID("email", "c@example.com")}));
    const char *three = make(TOLD(.name = "Huda", .identities = {ID("twitter", "huda_x")}));
    set_limit_of("email", 3);
    const char *merge_id = merge_two(one, two);
    set_limit_of("email", 2);
    tell(TOLD(.identities = {ID("email", "b@example.com"), ID("email", "c@example.com")}));
    const char *got =
        tell(TOLD(.identities = {ID("email", "a@example.com"), ID("twitter", "huda_x")}))
            ->profile_id;
    cr_assert_str_eq(got, three);

    undo(merge_id, true);

    cr_expect_str_eq(get(three)->id, one);
}

/* It was over the limit of both, and nobody's: a record with it made a profile. */
Test(unmerge_profiles, whom_what_was_over_a_limit_made_is_joined_on_demand) {
    set_limit_of("phone", 2);
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com"),
                                                                ID("phone", "+966500000001")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("phone", "+966500000002")}));
    const char *merge_id = merge_two(one, two);
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000003")}));
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000004")}));
    const char *three = tell(TOLD(.identities = {ID("phone", "+966500000002")},
                                  .attributes = {ATTRIBUTE("city", "Abha")}))
                            ->profile_id;
    cr_assert_str_neq(three, one);

    cr_expect_eq(undo(merge_id, true)->n_reconsidered_merges, 1);

    cr_expect_str_eq(get(two)->id, two);
    cr_expect_str_eq(get(three)->id, two);
    cr_expect_str_eq(attribute_in(get(two), "city"), "Abha");
    cr_expect_null(attribute_in(get(one), "city"));
}

/* It is the other one's, though nobody is found by it while it is over the limit of both. */
Test(unmerge_profiles, what_was_over_a_limit_is_its_own_whoever_tells_it) {
    set_limit_of("email", 2);
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "a@example.com"),
                                                                ID("phone", "+966500000001")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("email", "b@example.com")}));
    const char *merge_id = merge_two(one, two);
    tell(TOLD(.identities = {ID("email", "a@example.com"), ID("email", "c@example.com")}));
    cr_assert_null(lookup("email", "b@example.com"));
    tell(TOLD(.identities = {ID("phone", "+966500000001"), ID("email", "a@example.com"),
                             ID("email", "b@example.com")}));

    undo(merge_id, false);

    cr_expect_str_eq(lookup("email", "b@example.com")->id, two);
}

/* It is contact data of the member that the record goes to, and the person's as both. */
Test(unmerge_profiles, a_number_that_the_joining_record_tells_as_another_type_is_active_as_both) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("phone", "+966500000010")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("external_id", "crm-100")}));

    const Profiled__V1__Decision *decision =
        tell(TOLD(.identities = {ID("external_id", "crm-100"), ID("whatsapp", "+966500000010")}));

    cr_expect_eq(decision->outcome, OUTCOME(MERGED));
    cr_expect_str_eq(decision->member_id, two);
    cr_expect_eq(decision->identities[1]->state, STATE(ACTIVE));
    cr_expect_eq(identity_in(get(one), "phone", "+966500000010")->state, STATE(ACTIVE));
    cr_expect_eq(identity_in(get(one), "whatsapp", "+966500000010")->state, STATE(ACTIVE));
    const Profiled__V1__Decision *later =
        tell(TOLD(.identities = {ID("whatsapp", "+966500000010"), ID("twitter", "noura_x")}));
    cr_expect_str_eq(later->member_id, one, "as if the two had never been one");
    undo(decision->merge_ids[0], true);
    cr_expect_eq(identity_in(get(one), "whatsapp", "+966500000010")->state, STATE(ACTIVE));
    cr_expect_eq(identity_in(get(two), "whatsapp", "+966500000010")->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_str_eq(lookup("whatsapp", "+966500000010")->id, one);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* The review names the first of both alone. */
Test(unmerge_profiles, whom_a_record_reached_besides_is_joined_on_demand) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("phone", "+966500000001")},
                                .attributes = {ATTRIBUTE("birth_date", "1970-01-01")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("twitter", "reem_x")}));
    const char *merge_id = merge_two(one, two);
    const char *three =
        tell(TOLD(.identities = {ID("phone", "+966500000001"), ID("twitter", "reem_x")},
                  .attributes = {ATTRIBUTE("birth_date", "2001-01-01")}))
            ->profile_id;
    cr_assert_str_neq(three, one);

    cr_expect_eq(undo(merge_id, true)->n_reconsidered_merges, 1);

    cr_expect_str_eq(get(three)->id, two);
    cr_expect_str_eq(get(one)->id, one);
}

/* Another id of a kind of which a person has one had kept it from either, before they were merged.
 */
Test(unmerge_profiles, who_was_apart_before_stays_so) {
    make(TOLD(.name = "Noura",
              .identities = {ID("external_id", "e-1"), ID("national_id", "1011111111")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("national_id", "1022222222"),
                                                               ID("external_id", "e-2")}));
    const char *three =
        tell(TOLD(.identities = {ID("external_id", "e-2"), ID("national_id", "1011111111")}))
            ->profile_id;
    cr_assert_str_neq(three, two);
    const char *merge_id = merge_two(three, lookup("external_id", "e-1")->id);
    tell(TOLD(.identities = {ID("external_id", "e-2"), ID("external_id", "e-1")}));

    cr_expect_eq(undo(merge_id, true)->n_reconsidered_merges, 0);

    cr_expect_str_eq(get(two)->id, two);
    cr_expect_str_eq(get(three)->id, three);
}

Test(unmerge_profiles, whom_something_else_keeps_apart_stays_so) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")},
                                .attributes = {ATTRIBUTE("birth_date", "1980-01-01")}));
    const char *two = make(TOLD(.name = "Reem"));
    const char *merge_id = merge_two(one, two);
    const char *three = tell(TOLD(.identities = {ID("email", "n@example.com")},
                                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
                            ->profile_id;

    cr_expect_eq(undo(merge_id, true)->n_reconsidered_merges, 0);

    cr_expect_str_eq(get(three)->id, three);
}

/* A record's tie is to the member that an identity reached which may merge. */
Test(unmerge_profiles, who_was_reached_by_what_may_not_merge_is_not_tied) {
    const char *one = make(TOLD(.name = "Noura"));
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = text(one);
    link.identity = identity_told("phone", "+966500000014");
    link.identity->provenance = PROVENANCE(INFERRED);
    ask(&rpc_identity_service, "LinkIdentity", &link.base);
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("phone", "+966500000015")}));
    const char *three = make(TOLD(.name = "Huda", .identities = {ID("phone", "+966500000016")}));
    const char *merge_id = merge_two(one, two);
    tell(TOLD(.identities = {ID("phone", "+966500000016"), ID("phone", "+966500000014"),
                             ID("phone", "+966500000015")}));
    cr_assert_str_eq(get(three)->id, one);

    undo(merge_id, false);

    cr_expect_str_eq(get(one)->id, one);
    cr_expect_str_eq(get(three)->id, two, "joined by the second's number");
}

/* The oldest answered for the first, whom an address reached that may not join anybody. */
Test(unmerge_profiles, whom_a_record_had_no_right_to_join_stays_apart) {
    const struct told_identity guessed = {
        .type = "email", .value = "n@example.com", .provenance = PROVENANCE(INFERRED)};
    const char *oldest = make(TOLD(.name = "Reem", .identities = {ID("external_id", "c-1")}));
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *three = make(TOLD(.name = "Noura", .identities = {ID("phone", "+966500000001"),
                                                                  ID("external_id", "c-3")}));
    const char *merge_id = merge_two(oldest, one);
    const Profiled__V1__Decision *decision =
        tell(TOLD(.identities = {guessed, ID("phone", "+966500000001")}));
    cr_assert_str_eq(decision->profile_id, oldest);
    cr_assert_str_eq(decision->member_id, one);

    cr_expect_eq(undo(merge_id, true)->n_reconsidered_merges, 0);

    cr_expect_str_eq(get(three)->id, three);
}

/* What somebody linked to another profile is that one's. */
Test(unmerge_profiles, what_was_linked_by_hand_meanwhile_joins_nobody) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "a@example.com")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("email", "b@example.com"),
                                                               ID("email", "c@example.com")}));
    const char *three = make(TOLD(.name = "Nasser", .identities = {ID("twitter", "nasser_x")}));
    const char *merge_id = merge_two(one, two);
    set_limit_of("email", 2);
    tell(TOLD(.identities = {ID("email", "b@example.com"), ID("email", "c@example.com")}));
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = text(three);
    link.identity = identity_told("email", "a@example.com");
    ask(&rpc_identity_service, "LinkIdentity", &link.base);

    cr_expect_eq(undo(merge_id, true)->n_reconsidered_merges, 0);

    cr_expect_str_eq(get(three)->id, three);
}

/* Three who were one when a record told of the first and the last: once neither is one with the
 * second they are one by the record, whichever merge is undone first and whoever is the oldest. */
Test(unmerge_profiles, who_is_related_over_a_member_that_both_leave_is_joined_on_demand) {
    for (int i = 0; i < 4; i++) {
        const char *mail = arena_format(&ask_arena, "n%d@example.com", i);
        const char *phone = arena_format(&ask_arena, "+96650000010%d", i);
        const char *middle = i < 2 ? make(TOLD(.name = "Reem")) : NULL;
        const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", mail)}));
        const char *other = make(TOLD(.name = "Noura", .identities = {ID("phone", phone)}));
        middle = i < 2 ? middle : make(TOLD(.name = "Reem"));
        const char *merge_ids[] = {merge_two(one, middle), merge_two(middle, other)};
        tell(TOLD(.identities = {ID("email", mail), ID("phone", phone)}));
        cr_expect_eq(undo(merge_ids[i % 2], true)->n_reconsidered_merges, 0, "%d", i);

        const Profiled__V1__UnmergeProfilesResponse *response = undo(merge_ids[1 - i % 2], true);

        cr_expect_eq(response->n_reconsidered_merges, 1, "%d", i);
        cr_expect_str_eq(get(other)->id, get(one)->id, "%d", i);
        cr_expect_str_eq(get(middle)->id, middle, "%d", i);
    }
}

/* An address reached the first, by which nobody may be joined. */
Test(unmerge_profiles, who_is_related_over_a_member_by_what_may_not_merge_stays_apart) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *middle = make(TOLD(.name = "Reem"));
    const char *other = make(TOLD(.name = "Noura", .identities = {ID("phone", "+966500000001")}));
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text("email");
    set_rules("merge", &rules);
    const char *merge_ids[] = {merge_two(one, middle), merge_two(middle, other)};
    tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")}));
    undo(merge_ids[0], true);

    cr_expect_eq(undo(merge_ids[1], true)->n_reconsidered_merges, 0);

    cr_expect_str_eq(get(other)->id, other);
}

/* Of two whom the other's birth date kept apart, the one that was told first. */
Test(unmerge_profiles, who_was_told_first_is_joined_first) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("twitter", "reem_x")},
                                .attributes = {ATTRIBUTE("birth_date", "1960-01-01")}));
    const char *merge_id = merge_two(one, two);
    const char *pilot =
        tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001")},
                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
            ->profile_id;
    const char *cook =
        tell(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000002")},
                  .attributes = {ATTRIBUTE("birth_date", "1970-01-01")}))
            ->profile_id;

    undo(merge_id, true);

    cr_expect_str_eq(get(pilot)->id, one);
    cr_expect_str_eq(get(cook)->id, cook);
}

/* Two persons are reviewed once: by the record that told of the one, not by that of the other. */
Test(unmerge_profiles, whom_a_later_record_met_is_joined_on_demand) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("phone", "+966500000001")},
                                .attributes = {ATTRIBUTE("birth_date", "1960-01-01")}));
    const char *merge_id = merge_two(one, two);
    const char *three =
        tell(TOLD(.identities = {ID("phone", "+966500000001"), ID("twitter", "huda_x")},
                  .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
            ->profile_id;
    tell(TOLD(.identities = {ID("twitter", "huda_x"), ID("email", "n@example.com")}));
    cr_assert_str_eq(get(three)->id, three);

    undo(merge_id, true);

    cr_expect_str_eq(get(three)->id, one);
    cr_expect_str_eq(get(two)->id, two);
}

/* With either there is room for the third one, with both there is not. */
Test(unmerge_profiles, who_was_told_first_is_joined_first_on_whichever_side) {
    set_limit_of("phone", 2);
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com"),
                                                                ID("phone", "+966500000001")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("email", "r@example.com"),
                                                               ID("phone", "+966500000002")}));
    const char *three = make(TOLD(.name = "Huda", .identities = {ID("twitter", "huda_x"),
                                                                 ID("phone", "+966500000003")}));
    const char *merge_id = merge_two(one, two);
    tell(TOLD(.identities = {ID("twitter", "huda_x"), ID("email", "r@example.com")}));
    tell(TOLD(.identities = {ID("twitter", "huda_x"), ID("email", "n@example.com")}));
    cr_assert_str_eq(get(three)->id, three);

    undo(merge_id, true);

    cr_expect_str_eq(get(three)->id, two);
    cr_expect_str_eq(get(one)->id, one);
}

/* The number is over the limit of both, and the best of those told: it is the first one's. */
Test(unmerge_profiles, a_record_goes_to_whom_it_would_have_gone_without_the_merge) {
    const char *one = make(TOLD(.name = "Noura", .identities = {ID("phone", "+966500000001")}));
    const char *two = make(TOLD(.name = "Reem", .identities = {ID("phone", "+966500000002"),
                                                               ID("phone", "+966500000003")}));
    const char *merge_id = merge_two(one, two);
    set_limit_of("phone", 2);
    tell(TOLD(.identities = {ID("phone", "+966500000002"), ID("phone", "+966500000003")}));

    const Profiled__V1__Decision *decision =
        tell(TOLD(.identities = {ID("phone", "+966500000001"), ID("phone", "+966500000002")},
                  .attributes = {ATTRIBUTE("city", "Abha")}));

    cr_expect_str_eq(decision->member_id, one);
    undo(merge_id, false);
    cr_expect_eq(get(one)->n_attributes, 1);
    cr_expect_eq(get(two)->n_attributes, 0);
}
