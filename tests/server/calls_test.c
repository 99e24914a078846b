/* Every RPC of the contract through the typed client, against the server's program. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "client/profiled_calls.h"
#include "profiled/v1/transfer_service.pb-c.h"
#include "tests/server/fixture.h"

TestSuite(calls, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

#define MISSING_ID "01a20000-0000-7000-8000-000000000000"

enum { ID_SIZE_MAX = 64 };

/* Makes a call that must succeed. */
#define ASK(function, request, response)                                                           \
    do {                                                                                           \
        struct profiled_error ask_error = PROFILED_ERROR_INIT;                                     \
        (response) = NULL; /* What an assertion leaves, the compiler does not see. */              \
        cr_assert(function(fixture.client, &(request), NULL, &(response), &ask_error), "%s: %s",   \
                  #function, ask_error.message);                                                   \
    } while (0)

/* Makes a call that must fail for a reason. */
#define REFUSED(function, request, response, wanted_code, wanted_reason)                           \
    do {                                                                                           \
        struct profiled_error ask_error = PROFILED_ERROR_INIT;                                     \
        cr_assert_not(function(fixture.client, &(request), NULL, &(response), &ask_error));        \
        cr_expect_eq(ask_error.code, wanted_code);                                                 \
        cr_expect_str_eq(ask_error.reason, wanted_reason);                                         \
        profiled_error_clear(&ask_error);                                                          \
    } while (0)

static Profiled__V1__Identity identity(const char *type, const char *value) {
    Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    identity.type = (char *)(uintptr_t)type;
    identity.value = (char *)(uintptr_t)value;
    return identity;
}

static const char *create(const char *name, const char *email, char id[ID_SIZE_MAX]) {
    Profiled__V1__Identity address = identity("email", email);
    Profiled__V1__Identity *addresses[] = {&address};
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = (char *)(uintptr_t)name;
    profile.n_identities = email == NULL ? 0 : 1;
    profile.identities = addresses;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    Profiled__V1__CreateProfileResponse *response;
    ASK(profiled_create_profile, request, response);
    cr_expect_str_eq(response->profile->name, name);
    snprintf(id, ID_SIZE_MAX, "%s", response->profile->id);
    profiled_message_free(&response->base);
    return id;
}

static Profiled__V1__GetProfileResponse *get(const char *id) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    Profiled__V1__GetProfileResponse *response;
    ASK(profiled_get_profile, request, response);
    return response;
}

/* ---- profiles ---- */

Test(calls, get_profile) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", "nora@example.org", id);

    Profiled__V1__GetProfileResponse *response = get(id);

    cr_expect_str_eq(response->profile->identities[0]->canonical_value, "nora@example.org");
    cr_expect_str_eq(response->redirected_from_id, "");
    profiled_message_free(&response->base);
}

Test(calls, get_profile_that_is_missing) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    static char missing[] = MISSING_ID;
    request.id = missing;
    Profiled__V1__GetProfileResponse *response;

    REFUSED(profiled_get_profile, request, response, PROFILED_NOT_FOUND, "PROFILE_NOT_FOUND");
}

Test(calls, create_profile_with_a_taken_identity_names_the_owner) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", "nora@example.org", id);
    Profiled__V1__Identity address = identity("email", "Nora@Example.ORG");
    Profiled__V1__Identity *addresses[] = {&address};
    static char name[] = "Somebody Else";
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = name;
    profile.n_identities = 1;
    profile.identities = addresses;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    Profiled__V1__CreateProfileResponse *response;
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert_not(profiled_create_profile(fixture.client, &request, NULL, &response, &error));

    cr_expect_eq(error.code, PROFILED_FAILED_PRECONDITION);
    cr_expect_str_eq(error.reason, "IDENTITY_CONFLICT");
    cr_assert_gt(error.metadata_count, 0);
    cr_expect_str_eq(error.metadata[0].name, "owner_id");
    cr_expect_str_eq(error.metadata[0].text, id);
    profiled_error_clear(&error);
}

Test(calls, batch_get_profiles) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    static char missing[] = MISSING_ID;
    create("One", NULL, one);
    create("Two", NULL, two);
    char *ids[] = {two, missing, one};
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    request.n_ids = 3;
    request.ids = ids;
    Profiled__V1__BatchGetProfilesResponse *response;

    ASK(profiled_batch_get_profiles, request, response);

    cr_assert_eq(response->n_profiles, 2);
    cr_expect_str_eq(response->profiles[0]->profile->name, "Two");
    cr_expect_str_eq(response->profiles[1]->profile->name, "One");
    cr_assert_eq(response->n_missing_ids, 1);
    cr_expect_str_eq(response->missing_ids[0], missing);
    profiled_message_free(&response->base);
}

Test(calls, lookup_profile) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", "nora@example.org", id);
    Profiled__V1__Identity address = identity("email", "NORA@example.org");
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = &address;
    Profiled__V1__LookupProfileResponse *response;

    ASK(profiled_lookup_profile, request, response);

    cr_expect_str_eq(response->profile->id, id);
    profiled_message_free(&response->base);
}

Test(calls, list_profiles) {
    char one[ID_SIZE_MAX];
    char two[ID_SIZE_MAX];
    create("One", NULL, one);
    create("Two", NULL, two);
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = 1;
    Profiled__V1__ListProfilesResponse *first;
    Profiled__V1__ListProfilesResponse *second;

    ASK(profiled_list_profiles, request, first);
    request.page_token = first->next_page_token;
    ASK(profiled_list_profiles, request, second);

    cr_assert_eq(first->n_profiles, 1);
    cr_assert_eq(second->n_profiles, 1);
    cr_expect_str_eq(first->profiles[0]->id, one);
    cr_expect_str_eq(second->profiles[0]->id, two);
    profiled_message_free(&first->base);
    profiled_message_free(&second->base);
}

Test(calls, update_profile) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", NULL, id);
    static char name[] = "Noura Salem";
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.id = id;
    profile.name = name;
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    Profiled__V1__UpdateProfileResponse *response;

    ASK(profiled_update_profile, request, response);

    cr_expect_str_eq(response->profile->name, name);
    static char stale[] = "stale";
    profile.etag = stale;
    profiled_message_free(&response->base);
    REFUSED(profiled_update_profile, request, response, PROFILED_ABORTED, "ETAG_MISMATCH");
}

Test(calls, delete_and_undelete_profile) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", "nora@example.org", id);
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = id;
    Profiled__V1__DeleteProfileResponse *deleted;
    Profiled__V1__UndeleteProfileRequest undelete = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    undelete.id = id;
    Profiled__V1__UndeleteProfileResponse *back;
    Profiled__V1__GetProfileRequest get_request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    get_request.id = id;
    Profiled__V1__GetProfileResponse *got;

    ASK(profiled_delete_profile, request, deleted);
    REFUSED(profiled_get_profile, get_request, got, PROFILED_NOT_FOUND, "PROFILE_NOT_FOUND");
    ASK(profiled_undelete_profile, undelete, back);
    ASK(profiled_get_profile, get_request, got);

    cr_expect_neq(deleted->profile->delete_time, NULL);
    cr_expect_eq(back->profile->delete_time, NULL);
    cr_expect_eq(got->profile->n_identities, 1);
    profiled_message_free(&deleted->base);
    profiled_message_free(&back->base);
    profiled_message_free(&got->base);
    REFUSED(profiled_undelete_profile, undelete, back, PROFILED_FAILED_PRECONDITION,
            "PROFILE_NOT_DELETED");
}

/* ---- identities ---- */

Test(calls, resolve_profile) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", "nora@example.org", id);
    Profiled__V1__Identity address = identity("email", "nora@example.org");
    Profiled__V1__Identity *addresses[] = {&address};
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    record.n_identities = 1;
    record.identities = addresses;
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = &record;
    request.include_profile = true;
    Profiled__V1__ResolveProfileResponse *response;

    ASK(profiled_resolve_profile, request, response);

    cr_expect_eq(response->decision->outcome, PROFILED__V1__OUTCOME__OUTCOME_LINKED);
    cr_expect_str_eq(response->decision->profile_id, id);
    cr_expect_str_eq(response->profile->id, id);
    profiled_message_free(&response->base);
}

Test(calls, batch_resolve_profiles_has_a_verdict_for_each) {
    static char name[] = "Nora Salem";
    Profiled__V1__Record good = PROFILED__V1__RECORD__INIT;
    good.name = name;
    Profiled__V1__Record bad = PROFILED__V1__RECORD__INIT;
    Profiled__V1__Record *records[] = {&bad, &good};
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = 2;
    request.records = records;
    Profiled__V1__BatchResolveProfilesResponse *response;

    ASK(profiled_batch_resolve_profiles, request, response);

    cr_assert_eq(response->n_verdicts, 2);
    cr_expect_gt(response->verdicts[0]->n_errors, 0);
    cr_expect_eq(response->verdicts[0]->decision, NULL);
    cr_expect_eq(response->verdicts[1]->decision->outcome, PROFILED__V1__OUTCOME__OUTCOME_CREATED);
    profiled_message_free(&response->base);
}

Test(calls, link_and_unlink_identity) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", NULL, id);
    Profiled__V1__Identity handle = identity("twitter", "@Nora_Example");
    Profiled__V1__LinkIdentityRequest link = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    link.profile_id = id;
    link.identity = &handle;
    Profiled__V1__LinkIdentityResponse *linked;
    Profiled__V1__UnlinkIdentityRequest unlink = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    unlink.profile_id = id;
    unlink.identity = &handle;
    Profiled__V1__UnlinkIdentityResponse *unlinked;

    ASK(profiled_link_identity, link, linked);
    ASK(profiled_unlink_identity, unlink, unlinked);

    cr_assert_eq(linked->profile->n_identities, 1);
    cr_expect_str_eq(linked->profile->identities[0]->canonical_value, "nora_example");
    cr_expect_eq(unlinked->profile->n_identities, 0);
    profiled_message_free(&linked->base);
    profiled_message_free(&unlinked->base);
    REFUSED(profiled_unlink_identity, unlink, unlinked, PROFILED_NOT_FOUND, "IDENTITY_NOT_FOUND");
}

Test(calls, merge_profiles_keeps_the_older_and_redirects) {
    char older[ID_SIZE_MAX];
    char newer[ID_SIZE_MAX];
    create("Nora Salem", NULL, older);
    create("N. Salem", "nora@example.org", newer);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = newer;
    request.other_profile_id = older;
    Profiled__V1__MergeProfilesResponse *response;

    ASK(profiled_merge_profiles, request, response);
    Profiled__V1__GetProfileResponse *got = get(newer);

    cr_expect_str_eq(response->profile->id, older);
    cr_expect_str_eq(response->merged_id, newer);
    cr_expect_str_eq(got->profile->id, older);
    cr_expect_str_eq(got->redirected_from_id, newer);
    profiled_message_free(&response->base);
    profiled_message_free(&got->base);
}

Test(calls, explain_profile_and_match) {
    char id[ID_SIZE_MAX];
    char other[ID_SIZE_MAX];
    create("Nora Salem", "nora@example.org", id);
    create("N. Salem", NULL, other);
    Profiled__V1__ExplainProfileRequest profile = PROFILED__V1__EXPLAIN_PROFILE_REQUEST__INIT;
    profile.profile_id = id;
    Profiled__V1__ExplainProfileResponse *explained;
    Profiled__V1__ExplainMatchRequest match = PROFILED__V1__EXPLAIN_MATCH_REQUEST__INIT;
    match.profile_id = id;
    match.subject_case = PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_OTHER_PROFILE_ID;
    match.other_profile_id = other;
    Profiled__V1__ExplainMatchResponse *matched;

    ASK(profiled_explain_profile, profile, explained);
    ASK(profiled_explain_match, match, matched);

    cr_expect_str_eq(explained->members[0]->id, id);
    cr_expect_eq(explained->n_decisions, 1);
    cr_expect_eq(matched->verdict, PROFILED__V1__MATCH_VERDICT__MATCH_VERDICT_MAY_JOIN_BY_HAND);
    profiled_message_free(&explained->base);
    profiled_message_free(&matched->base);
}

Test(calls, list_and_update_identity_types) {
    static char type_name[] = "phone";
    static char path[] = "limit";
    char *paths[] = {path};
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = paths;
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = type_name;
    type.limit = 7;
    Profiled__V1__UpdateIdentityTypeRequest request =
        PROFILED__V1__UPDATE_IDENTITY_TYPE_REQUEST__INIT;
    request.identity_type = &type;
    request.update_mask = &mask;
    Profiled__V1__UpdateIdentityTypeResponse *updated;
    Profiled__V1__ListIdentityTypesRequest list = PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    Profiled__V1__ListIdentityTypesResponse *before;
    Profiled__V1__ListIdentityTypesResponse *after;

    ASK(profiled_list_identity_types, list, before);
    ASK(profiled_update_identity_type, request, updated);
    ASK(profiled_list_identity_types, list, after);

    cr_expect_eq(before->n_identity_types, 14);
    cr_expect_str_eq(before->default_region, "SA");
    cr_expect_eq(updated->identity_type->limit, 7);
    cr_expect_gt(updated->rule_version, before->rule_version);
    cr_expect_eq(after->rule_version, updated->rule_version);
    profiled_message_free(&before->base);
    profiled_message_free(&updated->base);
    profiled_message_free(&after->base);
}

/* ---- suggestions ---- */

/* Somebody with a birth date, who has no identity. */
static void tell(const char *name, const char *birth_date) {
    Profiled__V1__RecordAttribute date = PROFILED__V1__RECORD_ATTRIBUTE__INIT;
    date.value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
    date.text = (char *)(uintptr_t)birth_date;
    static char key[] = "birth_date";
    Profiled__V1__Record__AttributesEntry entry = PROFILED__V1__RECORD__ATTRIBUTES_ENTRY__INIT;
    entry.key = key;
    entry.value = &date;
    Profiled__V1__Record__AttributesEntry *entries[] = {&entry};
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    record.name = (char *)(uintptr_t)name;
    record.n_attributes = 1;
    record.attributes = entries;
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = &record;
    Profiled__V1__ResolveProfileResponse *response;
    ASK(profiled_resolve_profile, request, response);
    profiled_message_free(&response->base);
}

static struct profiled_stream *ask_for_suggestions(void) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream = profiled_stream_open(
        fixture.client, &profiled__v1__identity_service__descriptor, "SuggestMerges", NULL, &error);
    cr_assert_neq(stream, NULL);
    Profiled__V1__SuggestMergesRequest request = PROFILED__V1__SUGGEST_MERGES_REQUEST__INIT;
    request.include_profiles = true;
    cr_assert(profiled_stream_send(stream, &request.base));
    cr_assert(profiled_stream_half_close(stream));
    return stream;
}

Test(calls, suggest_merges) {
    tell("Noura Harbi", "1985-10-15");
    tell("Nora Harbi", "1985-10-15");
    tell("Reem Zahrani", "1999-01-02");
    struct profiled_stream *stream = ask_for_suggestions();
    size_t progress_count = 0;
    size_t suggestion_count = 0;

    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        const Profiled__V1__SuggestMergesResponse *response =
            (const Profiled__V1__SuggestMergesResponse *)message;
        if (response->payload_case == PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_PROGRESS) {
            progress_count++;
        } else if (response->payload_case ==
                   PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_SUGGESTIONS) {
            suggestion_count += response->suggestions->n_suggestions;
            cr_assert_eq(response->suggestions->n_suggestions, 1);
            cr_expect_str_eq(response->suggestions->suggestions[0]->profile->name, "Noura Harbi");
            cr_expect_str_eq(response->suggestions->suggestions[0]->other_profile->name,
                             "Nora Harbi");
        }
        profiled_message_free(message);
    }

    struct profiled_error error = PROFILED_ERROR_INIT;
    cr_expect(profiled_stream_finish(stream, &error));
    cr_expect_gt(progress_count, 1);
    cr_expect_eq(suggestion_count, 1);
}

Test(calls, suggest_merges_is_cancelled_midway) {
    tell("Noura Harbi", "1985-10-15");
    struct profiled_stream *stream = ask_for_suggestions();
    ProtobufCMessage *first = profiled_stream_receive(stream);
    cr_assert_neq(first, NULL);
    profiled_message_free(first);

    profiled_stream_cancel(stream);

    struct profiled_error error = PROFILED_ERROR_INIT;
    cr_expect_not(profiled_stream_finish(stream, &error));
    cr_expect_eq(error.code, PROFILED_CANCELLED);
    profiled_error_clear(&error);
    tell("Nora Harbi", "1985-10-15");
}

/* ---- interactions ---- */

static Profiled__V1__Interaction activity(Profiled__V1__Activity *activity, const char *event_id) {
    static char name[] = "order_placed";
    static char source[] = "shop";
    profiled__v1__activity__init(activity);
    activity->name = name;
    Profiled__V1__Interaction interaction = PROFILED__V1__INTERACTION__INIT;
    interaction.source = source;
    interaction.event_id = (char *)(uintptr_t)event_id;
    interaction.payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    interaction.activity = activity;
    return interaction;
}

Test(calls, record_interaction_of_one_event_is_stored_once) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", NULL, id);
    Profiled__V1__Activity order;
    Profiled__V1__Interaction interaction = activity(&order, "order-1");
    Profiled__V1__InteractionRecord record = PROFILED__V1__INTERACTION_RECORD__INIT;
    record.interaction = &interaction;
    record.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_PROFILE_ID;
    record.profile_id = id;
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = &record;
    Profiled__V1__RecordInteractionResponse *once;
    Profiled__V1__RecordInteractionResponse *twice;
    Profiled__V1__ListInteractionsRequest list = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    list.profile_id = id;
    Profiled__V1__ListInteractionsResponse *listed;

    ASK(profiled_record_interaction, request, once);
    ASK(profiled_record_interaction, request, twice);
    ASK(profiled_list_interactions, list, listed);

    cr_expect_not(once->repeated_event);
    cr_expect(twice->repeated_event);
    cr_expect_str_eq(twice->interaction_id, once->interaction_id);
    cr_assert_eq(listed->n_interactions, 1);
    cr_expect_str_eq(listed->interactions[0]->id, once->interaction_id);
    cr_expect_str_eq(listed->interactions[0]->activity->name, "order_placed");
    profiled_message_free(&once->base);
    profiled_message_free(&twice->base);
    profiled_message_free(&listed->base);
}

Test(calls, batch_record_interactions_has_a_verdict_for_each) {
    Profiled__V1__Activity order;
    Profiled__V1__Interaction interaction = activity(&order, "order-1");
    Profiled__V1__Identity address = identity("email", "nora@example.org");
    Profiled__V1__Identity *addresses[] = {&address};
    Profiled__V1__Record person = PROFILED__V1__RECORD__INIT;
    person.n_identities = 1;
    person.identities = addresses;
    Profiled__V1__InteractionRecord good = PROFILED__V1__INTERACTION_RECORD__INIT;
    good.interaction = &interaction;
    good.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    good.record = &person;
    Profiled__V1__InteractionRecord bad = PROFILED__V1__INTERACTION_RECORD__INIT;
    bad.interaction = &interaction;
    Profiled__V1__InteractionRecord *records[] = {&good, &bad};
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = 2;
    request.interaction_records = records;
    Profiled__V1__BatchRecordInteractionsResponse *response;

    ASK(profiled_batch_record_interactions, request, response);

    cr_assert_eq(response->n_verdicts, 2);
    cr_expect_eq(response->verdicts[0]->recorded->decision->outcome,
                 PROFILED__V1__OUTCOME__OUTCOME_CREATED);
    cr_expect_eq(response->verdicts[1]->recorded, NULL);
    cr_expect_gt(response->verdicts[1]->n_errors, 0);
    profiled_message_free(&response->base);
}

/* ---- import ---- */

Test(calls, import_profiles) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream =
        profiled_stream_open(fixture.client, &profiled__v1__transfer_service__descriptor,
                             "ImportProfiles", NULL, &error);
    cr_assert_neq(stream, NULL);
    static char import_id[] = "import-1";
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = import_id;
    Profiled__V1__ImportProfilesRequest first = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    first.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    first.header = &header;
    static char name[] = "Nora Salem";
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    record.name = name;
    Profiled__V1__ImportRow row = PROFILED__V1__IMPORT_ROW__INIT;
    row.row = 3;
    row.record = &record;
    Profiled__V1__ImportRow *rows[] = {&row};
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    batch.n_rows = 1;
    batch.rows = rows;
    Profiled__V1__ImportProfilesRequest second = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    second.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    second.batch = &batch;

    cr_assert(profiled_stream_send(stream, &first.base));
    ProtobufCMessage *started = profiled_stream_receive(stream);
    cr_assert(profiled_stream_send(stream, &second.base));
    ProtobufCMessage *acked = profiled_stream_receive(stream);
    cr_assert(profiled_stream_half_close(stream));
    ProtobufCMessage *nothing = profiled_stream_receive(stream);

    cr_assert_neq(started, NULL);
    cr_assert_neq(acked, NULL);
    cr_expect_eq(nothing, NULL);
    cr_expect_eq(((Profiled__V1__ImportProfilesResponse *)started)->payload_case,
                 PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_STARTED);
    const Profiled__V1__ImportAck *ack = ((Profiled__V1__ImportProfilesResponse *)acked)->ack;
    cr_expect_eq(ack->durable_row, 3);
    cr_expect_eq(ack->counts->created, 1);
    cr_expect(profiled_stream_finish(stream, &error));
    profiled_message_free(started);
    profiled_message_free(acked);
}

/* ---- subscriptions ---- */

static void make_subscription(const char *name) {
    Profiled__V1__Subscription subscription = PROFILED__V1__SUBSCRIPTION__INIT;
    Profiled__V1__CreateSubscriptionRequest request =
        PROFILED__V1__CREATE_SUBSCRIPTION_REQUEST__INIT;
    subscription.name = (char *)(uintptr_t)name;
    subscription.max_attempts = 1;
    request.subscription = &subscription;
    Profiled__V1__CreateSubscriptionResponse *response;
    ASK(profiled_create_subscription, request, response);
    cr_expect_str_eq(response->subscription->name, name);
    profiled_message_free(&response->base);
}

static Profiled__V1__PullChangesResponse *pull(char *name) {
    Profiled__V1__PullChangesRequest request = PROFILED__V1__PULL_CHANGES_REQUEST__INIT;
    request.name = name;
    Profiled__V1__PullChangesResponse *response;
    ASK(profiled_pull_changes, request, response);
    return response;
}

Test(calls, subscriptions_are_made_read_listed_and_deleted) {
    static char name[] = "mails";
    make_subscription(name);
    Profiled__V1__GetSubscriptionRequest get_request = PROFILED__V1__GET_SUBSCRIPTION_REQUEST__INIT;
    get_request.name = name;
    Profiled__V1__GetSubscriptionResponse *there;
    ASK(profiled_get_subscription, get_request, there);
    cr_expect_eq(there->subscription->max_attempts, 1);
    profiled_message_free(&there->base);
    Profiled__V1__ListSubscriptionsRequest list = PROFILED__V1__LIST_SUBSCRIPTIONS_REQUEST__INIT;
    Profiled__V1__ListSubscriptionsResponse *all;
    ASK(profiled_list_subscriptions, list, all);
    cr_expect_eq(all->n_subscriptions, 1);
    profiled_message_free(&all->base);
    Profiled__V1__DeleteSubscriptionRequest delete_request =
        PROFILED__V1__DELETE_SUBSCRIPTION_REQUEST__INIT;
    delete_request.name = name;
    Profiled__V1__DeleteSubscriptionResponse *gone;
    ASK(profiled_delete_subscription, delete_request, gone);
    profiled_message_free(&gone->base);
    REFUSED(profiled_get_subscription, get_request, there, PROFILED_NOT_FOUND,
            "SUBSCRIPTION_NOT_FOUND");
}

Test(calls, changes_are_pulled_given_back_and_retried) {
    static char name[] = "mails";
    char id[ID_SIZE_MAX];
    make_subscription(name);
    create("Nora Salem", NULL, id);
    Profiled__V1__PullChangesResponse *pulled = pull(name);
    cr_assert_eq(pulled->n_deliveries, 1);
    char *ack_ids[] = {pulled->deliveries[0]->ack_id};
    Profiled__V1__AcknowledgeChangesRequest back = PROFILED__V1__ACKNOWLEDGE_CHANGES_REQUEST__INIT;
    back.name = name;
    back.n_retry_ids = 1;
    back.retry_ids = ack_ids;
    Profiled__V1__AcknowledgeChangesResponse *given;
    ASK(profiled_acknowledge_changes, back, given);
    cr_expect_eq(given->retried_count, 1);
    profiled_message_free(&given->base);
    Profiled__V1__PullChangesResponse *again = pull(name);
    cr_expect_eq(again->dead_count, 1);
    profiled_message_free(&again->base);

    Profiled__V1__ListDeadLettersRequest list = PROFILED__V1__LIST_DEAD_LETTERS_REQUEST__INIT;
    list.name = name;
    Profiled__V1__ListDeadLettersResponse *dead;
    ASK(profiled_list_dead_letters, list, dead);
    cr_expect_eq(dead->n_deliveries, 1);
    profiled_message_free(&dead->base);
    Profiled__V1__RetryDeadLettersRequest retry = PROFILED__V1__RETRY_DEAD_LETTERS_REQUEST__INIT;
    retry.name = name;
    retry.n_retry_ids = 1;
    retry.retry_ids = ack_ids;
    Profiled__V1__RetryDeadLettersResponse *retried;
    ASK(profiled_retry_dead_letters, retry, retried);
    cr_expect_eq(retried->retried_count, 1);
    profiled_message_free(&retried->base);
    profiled_message_free(&pulled->base);
}

/* ---- ways in ---- */

Test(calls, unknown_workspace_is_refused) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    const struct profiled_call_options options = {.workspace = "nowhere"};
    Profiled__V1__ListProfilesResponse *response;
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert_not(profiled_list_profiles(fixture.client, &request, &options, &response, &error));

    cr_expect_eq(error.code, PROFILED_NOT_FOUND);
    cr_expect_str_eq(error.reason, "WORKSPACE_NOT_FOUND");
    profiled_error_clear(&error);
}

Test(calls, what_was_answered_survives_a_crash) {
    char id[ID_SIZE_MAX];
    create("Nora Salem", "nora@example.org", id);

    fixture_crash();

    Profiled__V1__GetProfileResponse *response = get(id);
    cr_expect_str_eq(response->profile->name, "Nora Salem");
    profiled_message_free(&response->base);
}
