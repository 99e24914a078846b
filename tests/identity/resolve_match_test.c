/* People who write their address in several ways, in workspaces that ignore dots and +tags; and
 * what becomes of profiles when the workspace changes its mind. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(resolve_match, .init = ask_open, .fini = ask_close);

static void ignore(bool dots, bool tag) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = (char *)(uintptr_t) "email";
    rules.email_ignore_dots = dots;
    rules.email_ignore_tag = tag;
    set_rules("email_ignore_dots,email_ignore_tag", &rules);
}

static const Profiled__V1__Decision *told_by(const char *address) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.identities = {ID("email", address)}));
}

Test(resolve_match, nothing_is_ignored_unless_the_workspace_asks) {
    const char *id = told_by("nora.salem@example.com")->profile_id;
    cr_expect_str_neq(told_by("norasalem@example.com")->profile_id, id);
    cr_expect_str_neq(told_by("nora.salem+shop@example.com")->profile_id, id);
}

Test(resolve_match, dots_and_tags_join_one_person) {
    ignore(true, true);
    const char *id = told_by("nora.salem@example.com")->profile_id;

    const Profiled__V1__Decision *decision = told_by("NoraSalem+Shop@example.com");

    cr_expect_str_eq(decision->profile_id, id);
    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    const Profiled__V1__Profile *profile = get(id);
    cr_assert_eq(profile->n_identities, 1, "it is one identity, as it was told last");
    cr_expect_str_eq(profile->identities[0]->value, "NoraSalem+Shop@example.com");
    cr_expect_str_eq(profile->identities[0]->canonical_value, "norasalem+shop@example.com");
    cr_expect_str_eq(lookup("email", "n.orasalem@example.com")->id, id);
    cr_expect_null(lookup("email", "norasalem@example.org"));
}

Test(resolve_match, an_older_telling_does_not_change_the_form) {
    ignore(true, false);
    const char *id = told_by("nora.salem@example.com")->profile_id;

    resolve(TOLD(.observe_us = CALL_START_US - US_PER_DAY,
                 .identities = {ID("email", "norasalem@example.com")}));

    cr_expect_str_eq(get(id)->identities[0]->value, "nora.salem@example.com");
}

Test(resolve_match, two_spellings_in_one_record_are_one_identity) {
    ignore(true, true);
    const char *id = resolve(TOLD(.identities = {ID("email", "nora.salem@example.com"),
                                                 ID("email", "norasalem+1@example.com")}))
                         ->profile_id;
    cr_expect_eq(get(id)->n_identities, 1);
}

Test(resolve_match, links_unlinks_and_conflicts_go_by_the_match_value) {
    ignore(true, true);
    const char *id = told_by("nora.salem@example.com")->profile_id;
    const char *other = told_by("huda@example.com")->profile_id;
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = (char *)(uintptr_t)other;
    link.identity = identity_told("email", "norasalem@example.com");
    const struct answer *answer = ask_refused(&rpc_identity_service, "LinkIdentity", &link.base,
                                              STATUS_FAILED_PRECONDITION, "IDENTITY_CONFLICT");
    cr_expect_str_eq(answer_metadata(answer, "owner_id"), id);

    Profiled__V1__UnlinkIdentityRequest unlink = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    unlink.profile_id = (char *)(uintptr_t)id;
    unlink.identity = identity_told("email", "norasalem+1@example.com");
    ask_twice(&rpc_identity_service, "UnlinkIdentity", &unlink.base);
    cr_expect_null(lookup("email", "nora.salem@example.com"));
    ask_twice(&rpc_identity_service, "LinkIdentity", &link.base);
    cr_expect_str_eq(lookup("email", "nora.salem@example.com")->id, other);
}

/* ---- the workspace changes its mind ---- */

Test(resolve_match, whoever_was_there_before_is_found_by_the_address_told_then) {
    const char *id = told_by("nora.salem@example.com")->profile_id;
    ignore(true, true);

    cr_expect_str_eq(lookup("email", "nora.salem@example.com")->id, id);
    cr_expect_null(lookup("email", "norasalem@example.com"), "nobody has written it since");
    cr_expect_str_eq(told_by("nora.salem@example.com")->profile_id, id);
    cr_expect_str_eq(told_by("norasalem+1@example.com")->profile_id, id, "now it is known");
    cr_expect_eq(get(id)->n_identities, 1);
    cr_expect_eq(profile_count(), 1);
}

Test(resolve_match, and_when_nothing_is_ignored_again) {
    ignore(true, true);
    const char *id = told_by("nora.salem@example.com")->profile_id;
    ignore(false, false);

    cr_expect_str_eq(told_by("nora.salem@example.com")->profile_id, id);
    cr_expect_str_neq(told_by("norasalem@example.com")->profile_id, id);
    cr_expect_str_eq(told_by("nora.salem@example.com")->profile_id, id);
}

/* Whether anybody told the first one meanwhile or not. */
Test(resolve_match, and_when_nothing_is_ignored_again_two_are_two_at_once) {
    ignore(true, true);
    const char *id = told_by("nora.salem@example.com")->profile_id;
    ignore(false, false);

    cr_expect_null(lookup("email", "norasalem@example.com"));
    const char *other = told_by("norasalem@example.com")->profile_id;
    cr_expect_str_neq(other, id);
    cr_expect_str_eq(lookup("email", "nora.salem@example.com")->id, id);
    cr_expect_str_eq(told_by("nora.salem@example.com")->profile_id, id);
    cr_expect_str_eq(told_by("norasalem@example.com")->profile_id, other);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(resolve_match, two_profiles_that_the_new_rules_make_one_merge) {
    const char *old = told_by("nora.salem@example.com")->profile_id;
    ignore(true, true);
    const char *new = told_by("norasalem@example.com")->profile_id;
    cr_assert_str_neq(new, old);

    const Profiled__V1__Decision *decision = told_by("nora.salem@example.com");

    cr_expect_eq(decision->outcome, OUTCOME(MERGED));
    cr_expect_eq(decision->n_candidates, 2);
    cr_expect_str_eq(get(new)->id, old);
    cr_expect_eq(get(old)->n_identities, 1, "the two addresses have become one identity");
    cr_expect_str_eq(lookup("email", "nora.sal.em@example.com")->id, old);
}

/* Both have it, each under the rules of its time: each keeps it, and the index stays right. */
Test(resolve_match, two_profiles_that_must_stay_apart_keep_what_they_have) {
    const char *old = resolve(TOLD(.identities = {ID("email", "nora.salem@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))
                          ->profile_id;
    ignore(true, true);
    const char *new = resolve(TOLD(.identities = {ID("email", "norasalem@example.com")},
                                   .attributes = {ATTRIBUTE("birth_date", "1995-05-05")}))
                          ->profile_id;

    for (int i = 0; i < 2; i++) {
        ask_wait_us(US_PER_SECOND);
        const Profiled__V1__Decision *decision =
            resolve(TOLD(.identities = {ID("email", "nora.salem@example.com")},
                         .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
        cr_expect_str_eq(decision->profile_id, old);
        cr_expect_eq(decision->identities[0]->state, STATE(ACTIVE));
        decision = resolve(TOLD(.identities = {ID("email", "nora.salem@example.com")},
                                .attributes = {ATTRIBUTE("birth_date", "1995-05-05")}));
        cr_expect_str_eq(decision->profile_id, new);
        cr_expect_eq(decision->identities[0]->state, STATE(ACTIVE));
    }
    cr_expect_eq(identity_count(get(old), "email", true), 1);
    cr_expect_eq(identity_count(get(new), "email", true), 1);
    cr_expect_eq(profile_count(), 2);
}

Test(resolve_match, a_deleted_profile_comes_back_under_the_rules_of_now) {
    const char *id = told_by("nora.salem@example.com")->profile_id;
    Profiled__V1__DeleteProfileRequest delete = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    delete.id = (char *)(uintptr_t)id;
    ask(&rpc_profile_service, "DeleteProfile", &delete.base);
    ignore(true, true);
    Profiled__V1__UndeleteProfileRequest undelete = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    undelete.id = (char *)(uintptr_t)id;
    ask_twice(&rpc_profile_service, "UndeleteProfile", &undelete.base);
    cr_expect_str_eq(lookup("email", "norasalem@example.com")->id, id);

    delete.id = (char *)(uintptr_t)id;
    ask(&rpc_profile_service, "DeleteProfile", &delete.base);
    const char *other = told_by("nora.s.alem@example.com")->profile_id;
    cr_expect_str_neq(other, id);
    const struct answer *answer =
        ask_refused(&rpc_profile_service, "UndeleteProfile", &undelete.base,
                    STATUS_FAILED_PRECONDITION, "IDENTITY_CONFLICT");
    cr_expect_str_eq(answer_metadata(answer, "owner_id"), other);
}
