/* Calls about segments. */

#include "tests/handlers/segments.h"

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"

enum { ROUNDS_MAX = 100000 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

Profiled__V1__Segment *segment_told(const char *name, const char *filter) {
    Profiled__V1__Segment *segment = arena_alloc(&ask_arena, sizeof *segment);
    profiled__v1__segment__init(segment);
    segment->name = text(name);
    segment->kind = filter == NULL ? SEGMENT_KIND(STATIC) : SEGMENT_KIND(DYNAMIC);
    segment->filter = text(filter == NULL ? "" : filter);
    return segment;
}

void labels_told(Profiled__V1__Segment *segment, const char *const *pairs) {
    for (; *pairs != NULL; pairs += 2) {
        Profiled__V1__Segment__LabelsEntry *entry = arena_alloc(&ask_arena, sizeof *entry);
        profiled__v1__segment__labels_entry__init(entry);
        entry->key = text(pairs[0]);
        entry->value = text(pairs[1]);
        segment->labels =
            arena_append(&ask_arena, segment->labels, segment->n_labels, sizeof *segment->labels);
        segment->labels[segment->n_labels++] = entry;
    }
}

const Profiled__V1__Segment *create_segment(const char *name, const char *filter) {
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    request.segment = segment_told(name, filter);
    const Profiled__V1__CreateSegmentResponse *response =
        ask(&rpc_segment_service, "CreateSegment", &request.base);
    return response->segment;
}

const Profiled__V1__Segment *get_segment(const char *name) {
    Profiled__V1__GetSegmentRequest request = PROFILED__V1__GET_SEGMENT_REQUEST__INIT;
    request.name = text(name);
    const Profiled__V1__GetSegmentResponse *response =
        ask(&rpc_segment_service, "GetSegment", &request.base);
    return response->segment;
}

const Profiled__V1__Segment *ready_segment(const char *name) {
    const Profiled__V1__Segment *segment = get_segment(name);
    for (size_t i = 0; !segment->ready; i++) {
        cr_assert_lt(i, ROUNDS_MAX, "%s does not get ready", name);
        segment = get_segment(name);
    }
    return segment;
}

const Profiled__V1__Segment *update_segment(const char *name, const char *filter, int state) {
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    Profiled__V1__UpdateSegmentRequest request = PROFILED__V1__UPDATE_SEGMENT_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[2];
    segment.name = text(name);
    mask.paths = paths;
    if (filter != NULL) {
        segment.filter = text(filter);
        paths[mask.n_paths++] = text("filter");
    }
    if (state != 0) {
        segment.state = (Profiled__V1__SegmentState)state;
        paths[mask.n_paths++] = text("state");
    }
    request.segment = &segment;
    request.update_mask = &mask;
    const Profiled__V1__UpdateSegmentResponse *response =
        ask(&rpc_segment_service, "UpdateSegment", &request.base);
    return response->segment;
}

void delete_segment(const char *name) {
    Profiled__V1__DeleteSegmentRequest request = PROFILED__V1__DELETE_SEGMENT_REQUEST__INIT;
    request.name = text(name);
    (void)ask(&rpc_segment_service, "DeleteSegment", &request.base);
}

Profiled__V1__SegmentMember *member_by_id(const char *profile_id) {
    Profiled__V1__SegmentMember *member = arena_alloc(&ask_arena, sizeof *member);
    profiled__v1__segment_member__init(member);
    member->person_case = PROFILED__V1__SEGMENT_MEMBER__PERSON_PROFILE_ID;
    member->profile_id = text(profile_id);
    return member;
}

Profiled__V1__SegmentMember *member_by_identity(const char *type, const char *value) {
    Profiled__V1__SegmentMember *member = arena_alloc(&ask_arena, sizeof *member);
    profiled__v1__segment_member__init(member);
    member->person_case = PROFILED__V1__SEGMENT_MEMBER__PERSON_IDENTITY;
    member->identity = identity_told(type, value);
    return member;
}

const Profiled__V1__SegmentMemberVerdict *add_member(const char *segment, const char *profile_id) {
    Profiled__V1__AddSegmentMembersRequest request =
        PROFILED__V1__ADD_SEGMENT_MEMBERS_REQUEST__INIT;
    Profiled__V1__SegmentMember *members[] = {member_by_id(profile_id)};
    request.name = text(segment);
    request.n_members = 1;
    request.members = members;
    const Profiled__V1__AddSegmentMembersResponse *response =
        ask(&rpc_segment_service, "AddSegmentMembers", &request.base);
    return response->verdicts[0];
}

const Profiled__V1__SegmentMemberVerdict *remove_member(const char *segment,
                                                        const char *profile_id) {
    Profiled__V1__RemoveSegmentMembersRequest request =
        PROFILED__V1__REMOVE_SEGMENT_MEMBERS_REQUEST__INIT;
    Profiled__V1__SegmentMember *members[] = {member_by_id(profile_id)};
    request.name = text(segment);
    request.n_members = 1;
    request.members = members;
    const Profiled__V1__RemoveSegmentMembersResponse *response =
        ask(&rpc_segment_service, "RemoveSegmentMembers", &request.base);
    return response->verdicts[0];
}

static const char *join(Profiled__V1__Profile *const *profiles, size_t count, bool names) {
    const char *joined = "";
    for (size_t i = 0; i < count; i++) {
        joined =
            arena_format(&ask_arena, "%s %s", joined, names ? profiles[i]->name : profiles[i]->id);
    }
    return joined;
}

static const Profiled__V1__ListSegmentMembersResponse *list(const char *segment,
                                                            const char *field) {
    Profiled__V1__ListSegmentMembersRequest request =
        PROFILED__V1__LIST_SEGMENT_MEMBERS_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text(field)};
    mask.n_paths = 1;
    mask.paths = paths;
    request.name = text(segment);
    request.page_size = 1000;
    request.read_mask = &mask;
    const Profiled__V1__ListSegmentMembersResponse *response =
        ask(&rpc_segment_service, "ListSegmentMembers", &request.base);
    cr_assert_str_eq(response->next_page_token, "");
    return response;
}

const char *members_of(const char *segment) {
    const Profiled__V1__ListSegmentMembersResponse *response = list(segment, "id");
    return join(response->profiles, response->n_profiles, false);
}

const char *names_in(const char *segment) {
    const Profiled__V1__ListSegmentMembersResponse *response = list(segment, "name");
    return join(response->profiles, response->n_profiles, true);
}

const char *ids_found_by(const char *filter) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.filter = text(filter);
    request.page_size = 1000;
    const Profiled__V1__ListProfilesResponse *response =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    return join(response->profiles, response->n_profiles, false);
}

const Profiled__V1__PreviewSegmentResponse *preview(const char *filter, int sample_size) {
    Profiled__V1__PreviewSegmentRequest request = PROFILED__V1__PREVIEW_SEGMENT_REQUEST__INIT;
    struct rpc_stream *stream = rpc_stream_new();
    const Profiled__V1__PreviewSegmentResponse *last = NULL;
    bool more = true;
    request.filter = text(filter);
    request.sample_size = sample_size;
    while (more) {
        ProtobufCMessage *message = NULL;
        const struct answer *answer = call_stream(ask_fixture, stream, &rpc_segment_service,
                                                  "PreviewSegment", &request.base, &message);
        last = answer->code == STATUS_OK ? (const Profiled__V1__PreviewSegmentResponse *)message
                                         : NULL;
        more = last != NULL && call_more(ask_fixture);
    }
    rpc_stream_free(stream);
    return last;
}

bool is_member(const char *segment, const char *profile_id) {
    Profiled__V1__CheckMembershipRequest request = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__INIT;
    char *segments[] = {text(segment)};
    request.person_case = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__PERSON_PROFILE_ID;
    request.profile_id = text(profile_id);
    request.n_segments = 1;
    request.segments = segments;
    const Profiled__V1__CheckMembershipResponse *response =
        ask(&rpc_segment_service, "CheckMembership", &request.base);
    return response->memberships[0]->member;
}

const char *make_person(const char *name, const char *city) {
    ask_wait_us(US_PER_SECOND);
    struct told told = {.name = name};
    if (city != NULL) {
        told.attributes[0] = (struct told_attribute)ATTRIBUTE("city", city);
    }
    return create(&told)->id;
}

const char **make_crowd(size_t count, const char *city) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    const char **ids = arena_array(&ask_arena, count, sizeof *ids);
    request.n_records = count;
    request.records = arena_array(&ask_arena, count, sizeof *request.records);
    for (size_t i = 0; i < count; i++) {
        const char *address = arena_format(&ask_arena, "%s%zu@example.com", city, i);
        request.records[i] = record_told(
            TOLD(.identities = {ID("email", address)}, .attributes = {ATTRIBUTE("city", city)}));
    }
    const Profiled__V1__BatchResolveProfilesResponse *response =
        ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
    for (size_t i = 0; i < count; i++) {
        ids[i] = response->verdicts[i]->decision->profile_id;
    }
    return ids;
}

void label_theme(const char *name, const char *label) {
    Profiled__V1__Theme__LabelsEntry entry = PROFILED__V1__THEME__LABELS_ENTRY__INIT;
    Profiled__V1__Theme__LabelsEntry *labels[] = {&entry};
    Profiled__V1__Theme theme = PROFILED__V1__THEME__INIT;
    Profiled__V1__CreateThemeRequest creation = PROFILED__V1__CREATE_THEME_REQUEST__INIT;
    Profiled__V1__UpdateThemeRequest update = PROFILED__V1__UPDATE_THEME_REQUEST__INIT;
    entry.key = (char *)(uintptr_t) "en";
    entry.value = (char *)(uintptr_t)label;
    theme.name = (char *)(uintptr_t)name;
    theme.n_labels = 1;
    theme.labels = labels;
    creation.theme = &theme;
    update.theme = &theme;
    update.update_mask = mask_told("labels");
    if (call(ask_fixture, &rpc_schema_service, "CreateTheme", &creation.base, NULL)->code !=
        STATUS_OK) {
        (void)ask(&rpc_schema_service, "UpdateTheme", &update.base);
    }
}
