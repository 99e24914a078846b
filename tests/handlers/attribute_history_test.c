/* Attributes that the workspace defines, through merges, other rules, dry runs and the seal. */

#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/clock.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/rules.h"

static void init(void) {
    ask_open();
    define_once(PLAIN("visits", NUMBER));
    define_once(DEFINITION("tags", STRING, .max_values = 3));
    define_once(DEFINITION("note", STRING, .personal = true));
}

TestSuite(attribute_history, .init = init, .fini = ask_close);

static const char *const one_tags[] = {"a", "b", NULL};
static const char *const other_tags[] = {"c", NULL};

static const char *tell(const char *email, const char *visits, const char *const *tags,
                        const char *note) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.identities = {ID("email", email)},
                        .attributes = {ATTRIBUTE("visits", visits),
                                       ATTRIBUTE("note", note),
                                       {.name = "tags", .items = tags}}))
        ->profile_id;
}

static void unmerge(const char *merge) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = (char *)(uintptr_t)merge;
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

static void expect_values(const char *id, const char *visits, const char *tags, const char *note) {
    const Profiled__V1__Profile *profile = get(id);
    cr_expect_str_eq(value_in(profile, "visits"), visits);
    cr_expect_str_eq(value_in(profile, "tags"), tags);
    cr_expect_str_eq(value_in(profile, "note"), note);
}

Test(attribute_history, a_merge_takes_a_list_as_a_whole_and_undone_each_has_its_own) {
    const char *one = tell("n@example.com", "1.5", one_tags, "personalfair");
    const char *other = tell("r@example.com", "2", other_tags, "shop");

    const char *merge = merge_two(one, other);
    expect_values(one, "number 2", "list text c", "shop");
    cr_expect_eq(found_by("attributes.tags = a"), 0);
    cr_expect_eq(call_verify(ask_fixture), 0);

    unmerge(merge);
    expect_values(one, "number 1.5", "list text a, text b", "personalfair");
    expect_values(other, "number 2", "list text c", "shop");
    cr_expect_eq(found_by("attributes.tags = a AND attributes.visits = \"1.5\""), 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* A value that no profile shows, since another member's survived, is there all the same: it is kept
 * in clear, so its attribute can't become personal, and it comes back as it was told. */
Test(attribute_history, a_value_that_a_merge_hides_holds_its_attribute) {
    define_once(PLAIN("hint", STRING));
    ask_wait_us(US_PER_SECOND);
    const char *one = create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("hint", "x")}))->id;
    ask_wait_us(US_PER_SECOND);
    const char *other = create(TOLD(.name = "Reem"))->id;
    const char *merge = merge_two(other, one);
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *path = (char *)(uintptr_t) "attributes.hint";
    mask.paths = &path;
    mask.n_paths = 1;
    request.update_mask = &mask;
    request.profile = profile_told(TOLD(.name = ""));
    request.profile->id = (char *)(uintptr_t)other;
    ask_wait_us(US_PER_SECOND);
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
    cr_expect_str_eq(value_in(get(one), "hint"), "");

    ask_refused(&rpc_schema_service, "UpdateAttribute",
                &redefine_request("personal", DEFINITION("hint", STRING, .personal = true))->base,
                STATUS_FAILED_PRECONDITION, "ATTRIBUTE_IN_USE");

    unmerge(merge);
    cr_expect_str_eq(value_in(get(one), "hint"), "x");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(attribute_history, personal_ones_are_sealed_and_others_stand_in_clear) {
    static const char *const secret_tags[] = {"cleartag", NULL};
    tell("n@example.com", "1", secret_tags, "topsecretnote");

    cr_expect_not(call_data_has(ask_fixture, "topsecretnote"));
    cr_expect(call_data_has(ask_fixture, "cleartag"));
}

Test(attribute_history, a_record_that_goes_elsewhere_takes_its_values_along) {
    resolve(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura")},
                 .attributes = {ATTRIBUTE("visits", "1")}));
    ask_wait_us(US_PER_SECOND);
    const char *id = resolve(TOLD(.identities = {ID("twitter", "noura")},
                                  .attributes = {{.name = "tags", .items = one_tags},
                                                 ATTRIBUTE("note", "personalfair")}))
                         ->profile_id;
    expect_values(id, "number 1", "list text a, text b", "personalfair");
    Profiled__V1__IdentityType twitter = PROFILED__V1__IDENTITY_TYPE__INIT;
    twitter.type = (char *)(uintptr_t) "twitter";
    ask_wait_us(US_PER_SECOND);
    set_rules("match", &twitter);

    Profiled__V1__ApplyIdentityTypesRequest request =
        PROFILED__V1__APPLY_IDENTITY_TYPES_REQUEST__INIT;
    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    cr_expect_eq(response->effect->made_count, 1);
    expect_values(id, "number 1", "", "");
    cr_expect_eq(found_by("attributes.tags = b"), 1);
    cr_expect_eq(found_by("attributes.visits = 1"), 1);
    cr_expect_not(call_data_has(ask_fixture, "personalfair"));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* What a message of a dry run wishes outlives it. */
Test(attribute_history, a_dry_run_remembers_values_over_messages) {
    struct rpc_stream *stream = rpc_stream_new();
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = (char *)(uintptr_t) "dry";
    header.validate_only = true;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    ProtobufCMessage *response = NULL;
    cr_assert_eq(call_stream(ask_fixture, stream, &rpc_transfer_service, "ImportProfiles",
                             &request.base, &response)
                     ->code,
                 STATUS_OK);
    for (int64_t i = 1; i <= 3; i++) {
        Profiled__V1__ImportRow row = PROFILED__V1__IMPORT_ROW__INIT;
        Profiled__V1__ImportRow *rows[] = {&row};
        row.row = i;
        row.record = record_told(TOLD(.identities = {ID("email", "n@example.com")},
                                      .attributes = {ATTRIBUTE("visits", i == 1 ? "1" : "2"),
                                                     {.name = "tags", .items = one_tags},
                                                     ATTRIBUTE("note", "personalfair")}));
        Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
        batch.rows = rows;
        batch.n_rows = 1;
        request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
        request.batch = &batch;
        cr_assert_eq(call_stream(ask_fixture, stream, &rpc_transfer_service, "ImportProfiles",
                                 &request.base, &response)
                         ->code,
                     STATUS_OK);
        const Profiled__V1__ImportProfilesResponse *answer =
            (const Profiled__V1__ImportProfilesResponse *)response;
        cr_expect_eq(answer->ack->verdicts[0]->outcome,
                     i == 1 ? PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_CREATED
                            : PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_LINKED);
        call_forget(ask_fixture);
    }
    rpc_stream_free(stream);
    cr_expect_eq(profile_count(), 0);
}

/* ---- sizes ---- */

enum { LARGE = 25, LARGE_SIZE = 4000, LARGE_ITEMS = 4 };

/* Tells some of the large attributes, each a list of 4,000 bytes. */
static Profiled__V1__ResolveProfileRequest large_request(int from, int count) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    struct told told = {.identities = {ID("email", "n@example.com")}};
    const char **items = arena_array(&ask_arena, LARGE_ITEMS + 1, sizeof *items);
    for (int i = 0; i < LARGE_ITEMS; i++) {
        char *item = arena_alloc(&ask_arena, LARGE_SIZE / LARGE_ITEMS);
        memset(item, 'a' + i, LARGE_SIZE / LARGE_ITEMS - 1);
        items[i] = item;
    }
    for (int i = 0; i < count; i++) {
        told.attributes[i].name = arena_format(&ask_arena, "large%d", from + i);
        told.attributes[i].items = items;
    }
    request.record = record_told(&told);
    return request;
}

Test(attribute_history, a_record_and_a_profile_have_their_size) {
    for (int i = 0; i < LARGE; i++) {
        define_once(&(const struct defined){.name = arena_format(&ask_arena, "large%d", i),
                                            .type = ATTRIBUTE_TYPE(STRING),
                                            .max_length = 1000,
                                            .max_values = LARGE_ITEMS});
    }
    Profiled__V1__ResolveProfileRequest request = large_request(0, 8);
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_identity_service, "ResolveProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "record.attributes"));
    for (int i = 0; i < 3; i++) {
        request = large_request(7 * i, 7);
        ask(&rpc_identity_service, "ResolveProfile", &request.base);
    }
    cr_expect_eq(call_verify(ask_fixture), 0);

    request = large_request(21, 4);
    ask_refused(&rpc_identity_service, "ResolveProfile", &request.base, STATUS_FAILED_PRECONDITION,
                "IDENTITY_LIMIT");

    resolve(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura")}));
    cr_expect_eq(lookup("twitter", "noura")->n_attributes, 21);
}
