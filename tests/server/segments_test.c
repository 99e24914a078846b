/* Segments of the server as it is shipped, by its own clock and over its crashes: every RPC of
 * SegmentService through the typed client, times that pass while nobody writes, and a filling that
 * is killed on its way. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "tests/server/fixture.h"
#include "tests/server/program.h"

TestSuite(segments, .init = fixture_setup, .fini = fixture_teardown, .timeout = 100);

enum {
    ID_SIZE_MAX = 64,
    BATCH = 1000,
    BATCHES = 12,
    PEOPLE = BATCHES * BATCH,
    CRASHES = 3,
};

static const int64_t US_PER_SECOND = 1000000;

/* Makes a call that must succeed. */
#define ASK(function, request, response)                                                           \
    do {                                                                                           \
        struct profiled_error ask_error = PROFILED_ERROR_INIT;                                     \
        (response) = NULL; /* What an assertion leaves, the compiler does not see. */              \
        cr_assert(function(fixture.client, &(request), NULL, &(response), &ask_error), "%s: %s",   \
                  #function, ask_error.message);                                                   \
    } while (0)

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* Of the wall, by which the server tells times. */
static int64_t now_us(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

/* ---- calls ---- */

static void create_segment(const char *name, const char *filter) {
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    Profiled__V1__CreateSegmentResponse *response;
    segment.name = text(name);
    segment.kind = filter == NULL ? PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_STATIC
                                  : PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
    segment.filter = text(filter == NULL ? "" : filter);
    request.segment = &segment;
    ASK(profiled_create_segment, request, response);
    profiled_message_free(&response->base);
}

static Profiled__V1__GetSegmentResponse *get_segment(const char *name) {
    Profiled__V1__GetSegmentRequest request = PROFILED__V1__GET_SEGMENT_REQUEST__INIT;
    Profiled__V1__GetSegmentResponse *response;
    request.name = text(name);
    ASK(profiled_get_segment, request, response);
    return response;
}

/* Waits until it is ready: how many are in it. */
static int64_t ready_count(const char *name) {
    for (;;) {
        Profiled__V1__GetSegmentResponse *response = get_segment(name);
        const bool ready = response->segment->ready;
        const int64_t count = response->segment->member_count;
        profiled_message_free(&response->base);
        if (ready) {
            return count;
        }
    }
}

/* Makes somebody; the id, and when the server says that it was. */
static int64_t create_person(const char *name, char id[ID_SIZE_MAX]) {
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    Profiled__V1__CreateProfileResponse *response;
    profile.name = text(name);
    request.profile = &profile;
    ASK(profiled_create_profile, request, response);
    snprintf(id, ID_SIZE_MAX, "%s", response->profile->id);
    const Google__Protobuf__Timestamp *time = response->profile->create_time;
    const int64_t create_us = time->seconds * US_PER_SECOND + time->nanos / 1000;
    profiled_message_free(&response->base);
    return create_us;
}

static bool is_member(const char *segment, const char *id) {
    Profiled__V1__CheckMembershipRequest request = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__INIT;
    Profiled__V1__CheckMembershipResponse *response;
    char *segments[] = {text(segment)};
    request.person_case = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__PERSON_PROFILE_ID;
    request.profile_id = text(id);
    request.n_segments = 1;
    request.segments = segments;
    ASK(profiled_check_membership, request, response);
    const bool member = response->memberships[0]->member;
    profiled_message_free(&response->base);
    return member;
}

/* ---- every RPC ---- */

Test(segments, every_rpc_through_the_typed_client) {
    char nora[ID_SIZE_MAX];
    create_person("Nora Salem", nora);
    create_segment("pilot", NULL);
    create_segment("all", "name:*");
    cr_expect_eq(ready_count("all"), 1);

    Profiled__V1__SegmentMember member = PROFILED__V1__SEGMENT_MEMBER__INIT;
    Profiled__V1__SegmentMember *members[] = {&member};
    member.person_case = PROFILED__V1__SEGMENT_MEMBER__PERSON_PROFILE_ID;
    member.profile_id = nora;
    Profiled__V1__AddSegmentMembersRequest add = PROFILED__V1__ADD_SEGMENT_MEMBERS_REQUEST__INIT;
    Profiled__V1__AddSegmentMembersResponse *added;
    add.name = text("pilot");
    add.n_members = 1;
    add.members = members;
    ASK(profiled_add_segment_members, add, added);
    cr_expect_eq(added->added_count, 1);
    cr_expect(is_member("pilot", nora));

    Profiled__V1__ListSegmentsRequest list = PROFILED__V1__LIST_SEGMENTS_REQUEST__INIT;
    Profiled__V1__ListSegmentsResponse *listed;
    ASK(profiled_list_segments, list, listed);
    cr_expect_eq(listed->n_segments, 2);

    char *names[] = {text("pilot"), text("all")};
    Profiled__V1__OverlapSegmentsRequest overlap = PROFILED__V1__OVERLAP_SEGMENTS_REQUEST__INIT;
    Profiled__V1__OverlapSegmentsResponse *overlapped;
    overlap.n_segments = 2;
    overlap.segments = names;
    ASK(profiled_overlap_segments, overlap, overlapped);
    cr_expect_eq(overlapped->all_count, 1);

    Profiled__V1__ListSegmentSizesRequest sizes = PROFILED__V1__LIST_SEGMENT_SIZES_REQUEST__INIT;
    Profiled__V1__ListSegmentSizesResponse *sized;
    sizes.name = text("pilot");
    ASK(profiled_list_segment_sizes, sizes, sized);
    cr_expect_eq(sized->n_sizes, 1);

    profiled_message_free(&added->base);
    profiled_message_free(&listed->base);
    profiled_message_free(&overlapped->base);
    profiled_message_free(&sized->base);
}

Test(segments, every_other_rpc_through_the_typed_client) {
    char nora[ID_SIZE_MAX];
    create_person("Nora Salem", nora);
    create_segment("pilot", NULL);

    Profiled__V1__RemoveSegmentMembersRequest remove =
        PROFILED__V1__REMOVE_SEGMENT_MEMBERS_REQUEST__INIT;
    Profiled__V1__RemoveSegmentMembersResponse *removed;
    Profiled__V1__SegmentMember member = PROFILED__V1__SEGMENT_MEMBER__INIT;
    Profiled__V1__SegmentMember *members[] = {&member};
    member.person_case = PROFILED__V1__SEGMENT_MEMBER__PERSON_PROFILE_ID;
    member.profile_id = nora;
    remove.name = text("pilot");
    remove.n_members = 1;
    remove.members = members;
    ASK(profiled_remove_segment_members, remove, removed);
    cr_expect_eq(removed->removed_count, 0);

    Profiled__V1__ListSegmentMembersRequest list = PROFILED__V1__LIST_SEGMENT_MEMBERS_REQUEST__INIT;
    Profiled__V1__ListSegmentMembersResponse *listed;
    list.name = text("pilot");
    ASK(profiled_list_segment_members, list, listed);
    cr_expect_eq(listed->n_profiles, 0);

    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    Profiled__V1__UpdateSegmentRequest update = PROFILED__V1__UPDATE_SEGMENT_REQUEST__INIT;
    Profiled__V1__UpdateSegmentResponse *updated;
    char *paths[] = {text("color")};
    segment.name = text("pilot");
    segment.color = text("#0a7d5c");
    mask.n_paths = 1;
    mask.paths = paths;
    update.segment = &segment;
    update.update_mask = &mask;
    ASK(profiled_update_segment, update, updated);
    cr_expect_str_eq(updated->segment->color, "#0a7d5c");

    Profiled__V1__DeleteSegmentRequest delete = PROFILED__V1__DELETE_SEGMENT_REQUEST__INIT;
    Profiled__V1__DeleteSegmentResponse *deleted;
    delete.name = text("pilot");
    ASK(profiled_delete_segment, delete, deleted);
    cr_expect_str_eq(deleted->segment->color, "#0a7d5c");

    profiled_message_free(&removed->base);
    profiled_message_free(&listed->base);
    profiled_message_free(&updated->base);
    profiled_message_free(&deleted->base);
}

/* ---- times that pass ---- */

/* Reads until somebody is in the segment; how long after a time that was, in microseconds. */
static int64_t late_us(const char *segment, const char *id, int64_t due_us) {
    while (!is_member(segment, id)) {
        cr_assert_lt(now_us(), due_us + 10 * US_PER_SECOND, "not at all");
    }
    return now_us() - due_us;
}

Test(segments, who_is_due_enters_within_a_second_while_nobody_writes) {
    char nora[ID_SIZE_MAX];
    create_segment("aged", "create_time < now - 2s");
    cr_expect_eq(ready_count("aged"), 0);

    const int64_t due_us = create_person("Nora Salem", nora) + 2 * US_PER_SECOND;
    cr_expect_not(is_member("aged", nora));

    const int64_t late = late_us("aged", nora, due_us);
    cr_log_info("%d ms late", (int)(late / 1000));
    cr_expect_geq(late, 0, "before its time");
    cr_expect_lt(late, US_PER_SECOND, "%d ms late", (int)(late / 1000));
    cr_expect_eq(ready_count("aged"), 1);
}

Test(segments, who_is_due_leaves_within_a_second_while_nobody_writes) {
    char nora[ID_SIZE_MAX];
    create_segment("new", "create_time > now - 2s");
    create_segment("old", "NOT segments:new");
    (void)ready_count("old");

    const int64_t due_us = create_person("Nora Salem", nora) + 2 * US_PER_SECOND;
    cr_expect(is_member("new", nora));
    cr_expect_not(is_member("old", nora));

    const int64_t late = late_us("old", nora, due_us);
    cr_log_info("%d ms late", (int)(late / 1000));
    cr_expect_lt(late, US_PER_SECOND, "%d ms late", (int)(late / 1000));
    cr_expect_not(is_member("new", nora));
}

Test(segments, what_is_due_survives_a_crash) {
    char nora[ID_SIZE_MAX];
    char huda[ID_SIZE_MAX];
    create_segment("aged", "create_time < now - 2s");
    (void)ready_count("aged");
    (void)create_person("Nora Salem", nora);
    fixture_crash();

    const int64_t due_us = create_person("Huda Salem", huda) + 2 * US_PER_SECOND;
    fixture_crash();

    const int64_t late = late_us("aged", huda, due_us);
    cr_expect_geq(late, 0, "before its time");
    cr_expect_lt(late, US_PER_SECOND, "%d ms late", (int)(late / 1000));
    cr_expect(is_member("aged", nora));
    cr_expect_eq(ready_count("aged"), 2);
}

Test(segments, what_was_due_while_the_server_was_down_is_done_when_it_is_back) {
    char nora[ID_SIZE_MAX];
    create_segment("aged", "create_time < now - 1s");
    (void)ready_count("aged");
    const int64_t due_us = create_person("Nora Salem", nora) + US_PER_SECOND;
    profiled_disconnect(fixture.client);
    server_kill(&fixture.server);
    while (now_us() <= due_us) { /* The clock is what is waited for. */
    }
    cr_assert(server_start(&fixture.server, fixture_data(), NULL));
    struct profiled_error error = PROFILED_ERROR_INIT;
    fixture.client = profiled_connect(fixture.server.address, NULL, &error);

    cr_expect_lt(late_us("aged", nora, now_us()), US_PER_SECOND);
}

/* ---- a filling that is killed ---- */

/* Makes a thousand people, every third of them in Riyadh; their ids. */
static void create_batch(size_t batch, char ids[][ID_SIZE_MAX]) {
    static Profiled__V1__Record records[BATCH];
    static Profiled__V1__Record *record_list[BATCH];
    static Profiled__V1__Record__AttributesEntry entries[BATCH];
    static Profiled__V1__Record__AttributesEntry *entry_list[BATCH];
    static Profiled__V1__RecordAttribute values[2];
    static char names[BATCH][32];
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    Profiled__V1__BatchResolveProfilesResponse *response;
    for (size_t i = 0; i < 2; i++) {
        profiled__v1__record_attribute__init(&values[i]);
        values[i].value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
        values[i].text = text(i == 0 ? "riyadh" : "jeddah");
    }
    for (size_t i = 0; i < BATCH; i++) {
        snprintf(names[i], sizeof names[i], "Nora %zu", batch * BATCH + i);
        profiled__v1__record__init(&records[i]);
        profiled__v1__record__attributes_entry__init(&entries[i]);
        entries[i].key = text("city");
        entries[i].value = &values[(batch * BATCH + i) % 3 == 0 ? 0 : 1];
        entry_list[i] = &entries[i];
        records[i].name = names[i];
        records[i].n_attributes = 1;
        records[i].attributes = &entry_list[i];
        record_list[i] = &records[i];
    }
    request.n_records = BATCH;
    request.records = record_list;
    ASK(profiled_batch_resolve_profiles, request, response);
    for (size_t i = 0; i < BATCH; i++) {
        snprintf(ids[batch * BATCH + i], ID_SIZE_MAX, "%s",
                 response->verdicts[i]->decision->profile_id);
    }
    profiled_message_free(&response->base);
}

/* Moves somebody to another city. */
static void move_person(const char *id, const char *city) {
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    Profiled__V1__Profile__AttributesEntry entry = PROFILED__V1__PROFILE__ATTRIBUTES_ENTRY__INIT;
    Profiled__V1__Profile__AttributesEntry *entries[] = {&entry};
    Profiled__V1__AttributeValue value = PROFILED__V1__ATTRIBUTE_VALUE__INIT;
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    Profiled__V1__UpdateProfileResponse *response;
    value.value_case = PROFILED__V1__ATTRIBUTE_VALUE__VALUE_TEXT;
    value.text = text(city);
    entry.key = text("city");
    entry.value = &value;
    profile.id = text(id);
    profile.n_attributes = 1;
    profile.attributes = entries;
    request.profile = &profile;
    ASK(profiled_update_profile, request, response);
    profiled_message_free(&response->base);
}

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

/* All ids in a segment, in order; how many. */
static size_t list_members(const char *segment, char ids[][ID_SIZE_MAX]) {
    static char id_only[] = "id";
    char *paths[] = {id_only};
    char token[512] = "";
    size_t count = 0;
    do {
        Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
        Profiled__V1__ListSegmentMembersRequest request =
            PROFILED__V1__LIST_SEGMENT_MEMBERS_REQUEST__INIT;
        Profiled__V1__ListSegmentMembersResponse *response;
        mask.n_paths = 1;
        mask.paths = paths;
        request.name = text(segment);
        request.page_size = BATCH;
        request.page_token = token;
        request.read_mask = &mask;
        ASK(profiled_list_segment_members, request, response);
        for (size_t i = 0; i < response->n_profiles; i++) {
            cr_assert_lt(count, PEOPLE);
            snprintf(ids[count++], ID_SIZE_MAX, "%s", response->profiles[i]->id);
        }
        snprintf(token, sizeof token, "%s", response->next_page_token);
        profiled_message_free(&response->base);
    } while (token[0] != '\0');
    return count;
}

/* Kills the server when the segment has come some way further, but not to its end. False when it
 * was at the end first. */
static bool crash_on_the_way(int64_t *looked_at) {
    for (;;) {
        Profiled__V1__GetSegmentResponse *response = get_segment("riyadh");
        const bool ready = response->segment->ready;
        const int64_t at = response->segment->looked_at_count;
        profiled_message_free(&response->base);
        if (ready) {
            return false;
        }
        if (at > *looked_at) {
            fixture_crash();
            *looked_at = at;
            return true;
        }
    }
}

/* Ends the server, and proves the store row by row. */
static void expect_sound(void) {
    const char *const arguments[] = {SERVER_PROGRAM, "verify", "--data", fixture_data(), NULL};
    cr_assert_eq(server_stop(&fixture.server), 0);
    struct program program = program_run(arguments, NULL);
    cr_expect_eq(program.code, 0, "%s", program.out);
    program_free(&program);
}

Test(segments, one_that_is_killed_while_it_is_filled_ends_exact) {
    static char ids[PEOPLE][ID_SIZE_MAX];
    static char expected[PEOPLE][ID_SIZE_MAX];
    static char members[PEOPLE][ID_SIZE_MAX];
    for (size_t i = 0; i < BATCHES; i++) {
        create_batch(i, ids);
    }
    int64_t looked_at = 0;
    size_t crashes = 0;
    create_segment("riyadh", "attributes.city = riyadh");
    for (; crashes < CRASHES && crash_on_the_way(&looked_at); crashes++) {
        /* Who is behind the place, and who is before it. */
        move_person(ids[PEOPLE - 1 - crashes * 3], crashes % 2 == 0 ? "riyadh" : "jeddah");
        move_person(ids[crashes * 3], "jeddah");
    }
    cr_assert_gt(crashes, 0, "it was never on its way");

    size_t count = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        bool in = i % 3 == 0;
        for (size_t k = 0; k < crashes; k++) {
            in = i == PEOPLE - 1 - k * 3 ? k % 2 == 0 : i == k * 3 ? false : in;
        }
        if (in) {
            memcpy(expected[count++], ids[i], ID_SIZE_MAX);
        }
    }
    qsort(expected, count, sizeof expected[0], by_text);
    cr_expect_eq(ready_count("riyadh"), (int64_t)count);
    cr_assert_eq(list_members("riyadh", members), count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_str_eq(members[i], expected[i], "%zu", i);
    }
    cr_log_info("%zu crashes, the last at %d", crashes, (int)looked_at);
    expect_sound();
}
