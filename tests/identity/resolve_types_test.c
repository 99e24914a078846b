/* Identity types of a workspace's own, and disabled ones, through the calls that clients make. */

#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/clock.h"
#include "tests/handlers/events.h"

TestSuite(resolve_types, .init = ask_open, .fini = ask_close);

static void set_disabled(const char *type, bool disabled) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = (char *)(uintptr_t)type;
    rules.disabled = disabled;
    set_rules("disabled", &rules);
}

/* ---- types of the workspace's own ---- */

Test(resolve_types, an_own_type_identifies_people) {
    add_type("badge", NORMALIZER(CASE_FOLD));
    const char *id = resolve(TOLD(.identities = {ID("badge", "AB-17")}))->profile_id;

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("badge", "ab-١٧"), ID("email", "nora@example.com")}));

    cr_expect_str_eq(decision->profile_id, id);
    cr_expect_str_eq(decision->identities[0]->canonical_value, "ab-17");
    call_reopen(ask_fixture);
    cr_expect_str_eq(lookup("badge", "Ab-17")->id, id);
    const Profiled__V1__Profile *profile = get(id);
    cr_expect_str_eq(profile->identities[0]->type, "email", "of the higher priority");
    cr_expect_str_eq(profile->identities[1]->type, "badge");
    cr_expect_str_eq(profile->identities[1]->value, "ab-١٧");
}

Test(resolve_types, an_own_type_merges_and_is_linked_and_unlinked) {
    add_type("badge", NORMALIZER(EXACT));
    const char *id = resolve(TOLD(.identities = {ID("badge", "17")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("email", "nora@example.com")}));
    cr_expect_eq(
        resolve(TOLD(.identities = {ID("badge", "17"), ID("email", "nora@example.com")}))->outcome,
        OUTCOME(MERGED));

    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = (char *)(uintptr_t)id;
    link.identity = identity_told("badge", "18");
    ask_twice(&rpc_identity_service, "LinkIdentity", &link.base);
    cr_expect_str_eq(lookup("badge", "18")->id, id);
    Profiled__V1__UnlinkIdentityRequest unlink = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    unlink.profile_id = (char *)(uintptr_t)id;
    unlink.identity = identity_told("badge", "17");
    ask_twice(&rpc_identity_service, "UnlinkIdentity", &unlink.base);
    cr_expect_null(lookup("badge", "17"));
}

Test(resolve_types, an_own_type_of_limit_one_vetoes) {
    add_type("iqama", NORMALIZER(DIGITS));
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = (char *)(uintptr_t) "iqama";
    rules.limit = 1;
    rules.priority = 1;
    set_rules("limit,priority", &rules);
    resolve(TOLD(.identities = {ID("iqama", "2111"), ID("email", "nora@example.com")}));

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("iqama", "2112"), ID("email", "nora@example.com")}));

    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_eq(decision->candidates[0]->rule, RULE(VETO_SINGLE_VALUE));
}

Test(resolve_types, own_phones_take_the_region_of_their_record) {
    add_type("second_phone", NORMALIZER(PHONE));
    const char *id =
        resolve(TOLD(.region = "SA", .identities = {ID("second_phone", "050 000 0017")}))
            ->profile_id;
    cr_expect_str_eq(lookup("second_phone", "+966500000017")->id, id);
    cr_expect_null(lookup("phone", "+966500000017"), "another type");
}

Test(resolve_types, deleted_profiles_come_back_with_them) {
    add_type("badge", NORMALIZER(EXACT));
    const char *id = resolve(TOLD(.identities = {ID("badge", "17")}))->profile_id;
    Profiled__V1__DeleteProfileRequest delete = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    delete.id = (char *)(uintptr_t)id;
    ask(&rpc_profile_service, "DeleteProfile", &delete.base);
    Profiled__V1__UndeleteProfileRequest undelete = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    undelete.id = (char *)(uintptr_t)id;
    ask(&rpc_profile_service, "UndeleteProfile", &undelete.base);
    cr_expect_str_eq(lookup("badge", "17")->id, id);
}

Test(resolve_types, interactions_come_with_them) {
    add_type("badge", NORMALIZER(EXACT));
    const struct told *told = TOLD(.identities = {ID("badge", "17")});
    const char *id =
        record_event(event_by_record(engagement_told("", "branch", 0), told))->profile_id;
    cr_expect_str_eq(
        record_event(event_by_record(engagement_told("", "branch", 0), told))->profile_id, id);
}

Test(resolve_types, of_one_priority_the_first_by_name_counts_more) {
    add_type("card_b", NORMALIZER(EXACT));
    add_type("card_a", NORMALIZER(EXACT));
    resolve(TOLD(.identities = {ID("card_a", "1"), ID("external_id", "crm-1")}));
    const char *other =
        resolve(TOLD(.identities = {ID("card_b", "2"), ID("external_id", "crm-2")}))->profile_id;

    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("card_b", "2"), ID("card_a", "1")}));

    cr_expect_str_neq(decision->profile_id, other, "whatever comes first in the record");
    const Profiled__V1__Profile *profile = get(decision->profile_id);
    cr_expect_str_eq(profile->identities[1]->type, "card_a");
}

/* ---- what can't be read ---- */

Test(resolve_types, what_the_rules_can_t_read_is_named_in_each_record) {
    add_type("card", NORMALIZER(DIGITS));
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    Profiled__V1__Record *records[] = {
        record_told(TOLD(.identities = {ID("card", "17")})),
        record_told(TOLD(.identities = {ID("email", "nora@example.com"), ID("card", "nobody")})),
        record_told(TOLD(.identities = {ID("email", "nobody"), ID("pager", "1"), ID("", "1")})),
    };
    request.n_records = 3;
    request.records = records;

    const Profiled__V1__BatchResolveProfilesResponse *response =
        ask_twice(&rpc_identity_service, "BatchResolveProfiles", &request.base);

    cr_expect_eq(response->verdicts[0]->n_errors, 0);
    cr_assert_eq(response->verdicts[1]->n_errors, 1);
    cr_expect_str_eq(response->verdicts[1]->errors[0]->field, "identities[1].value");
    cr_expect_str_eq(response->verdicts[1]->errors[0]->description, "has no digit");
    cr_assert_eq(response->verdicts[2]->n_errors, 3);
    cr_expect_str_eq(response->verdicts[2]->errors[0]->field, "identities[0].value");
    cr_expect_str_eq(response->verdicts[2]->errors[1]->field, "identities[2].type");
    cr_expect_str_eq(response->verdicts[2]->errors[1]->description, "is required");
    cr_expect_str_eq(response->verdicts[2]->errors[2]->field, "identities[1].type");
    cr_expect_not_null(strstr(response->verdicts[2]->errors[2]->description, " card"));
    cr_expect_eq(profile_count(), 1);
}

Test(resolve_types, unary_calls_name_them_under_their_own_paths) {
    Profiled__V1__ResolveProfileRequest resolve_request =
        PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    resolve_request.record = record_told(TOLD(.identities = {ID("pager", "1")}));
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ResolveProfile", &resolve_request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(strstr(answer_violation(answer, "record.identities[0].type"),
                              "is not an identity type; there are: external_id"));

    Profiled__V1__RecordInteractionRequest record_request =
        PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    record_request.interaction_record =
        event_by_record(engagement_told("", "branch", 0), TOLD(.identities = {ID("pager", "1")}));
    answer = ask_refused(&rpc_interaction_service, "RecordInteraction", &record_request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "interaction_record.record.identities[0].type"));

    const char *id = resolve(TOLD(.name = "Nora"))->profile_id;
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = (char *)(uintptr_t)id;
    link.identity = identity_told("pager", "1");
    answer = ask_refused(&rpc_identity_service, "LinkIdentity", &link.base, STATUS_INVALID_ARGUMENT,
                         "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "identity.type"));
}

/* ---- disabled types ---- */

Test(resolve_types, identities_of_a_disabled_type_are_contact_data) {
    const char *id = resolve(TOLD(.identities = {ID("twitter", "nora_x")}))->profile_id;
    set_disabled("twitter", true);

    const Profiled__V1__Decision *decision = resolve(TOLD(.identities = {ID("twitter", "nora_x")}));

    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_eq(decision->identities[0]->state, STATE(CONTACT));
    cr_expect_eq(decision->identities[0]->rule, RULE(TYPE_DISABLED));
    cr_expect_str_eq(get(decision->profile_id)->identities[0]->value, "nora_x", "nothing is lost");
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = (char *)(uintptr_t)id;
    link.identity = identity_told("twitter", "nora_y");
    const struct answer *answer = ask_refused(&rpc_identity_service, "LinkIdentity", &link.base,
                                              STATUS_FAILED_PRECONDITION, "IDENTITY_BLOCKED");
    cr_expect_str_eq(answer_metadata(answer, "rule"), "TYPE_DISABLED");

    set_disabled("twitter", false);
    cr_expect_str_eq(resolve(TOLD(.identities = {ID("twitter", "nora_x")}))->profile_id, id);
}

Test(resolve_types, a_disabled_single_type_vetoes_nothing) {
    resolve(TOLD(.identities = {ID("external_id", "crm-1"), ID("email", "nora@example.com")}));
    set_disabled("external_id", true);
    cr_expect_eq(
        resolve(TOLD(.identities = {ID("external_id", "crm-2"), ID("email", "nora@example.com")}))
            ->outcome,
        OUTCOME(LINKED));
}

/* ---- dry runs remember what they would have done, types included ---- */

static Profiled__V1__ImportVerdict *dry_row(struct rpc_stream *stream, int64_t number,
                                            const struct told *told) {
    Profiled__V1__ImportRow row = PROFILED__V1__IMPORT_ROW__INIT;
    row.row = number;
    row.record = record_told(told);
    Profiled__V1__ImportRow *rows[] = {&row};
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    batch.n_rows = 1;
    batch.rows = rows;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    ProtobufCMessage *response = NULL;
    cr_assert_eq(call_stream(ask_fixture, stream, &rpc_transfer_service, "ImportProfiles",
                             &request.base, &response)
                     ->code,
                 STATUS_OK);
    return ((const Profiled__V1__ImportProfilesResponse *)response)->ack->verdicts[0];
}

Test(resolve_types, dry_runs_have_them) {
    add_type("badge", NORMALIZER(CASE_FOLD));
    struct rpc_stream *stream = rpc_stream_new();
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = (char *)(uintptr_t) "dry";
    header.validate_only = true;
    Profiled__V1__ImportProfilesRequest start = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    start.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    start.header = &header;
    call_stream(ask_fixture, stream, &rpc_transfer_service, "ImportProfiles", &start.base, NULL);

    const char *id = dry_row(stream, 1, TOLD(.identities = {ID("badge", "AB-17")}))->profile_id;
    cr_expect_str_eq(dry_row(stream, 2, TOLD(.identities = {ID("badge", "ab-17")}))->profile_id,
                     id);
    const Profiled__V1__ImportVerdict *bad =
        dry_row(stream, 3, TOLD(.identities = {ID("pager", "1")}));
    cr_assert_eq(bad->n_errors, 1);
    cr_expect_str_eq(bad->errors[0]->field, "identities[0].type");
    rpc_stream_free(stream);
    cr_expect_eq(profile_count(), 0);
}
