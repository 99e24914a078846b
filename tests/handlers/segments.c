/* Calls about segments. */

#include "tests/handlers/segments.h"

#include <string.h>

#include <criterion/criterion.h>

enum { ROUNDS_MAX = 100000 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

const Profiled__V1__Segment *create_segment(const char *name, const char *filter) {
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    segment.name = text(name);
    segment.kind = filter == NULL ? PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_STATIC
                                  : PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
    segment.filter = text(filter == NULL ? "" : filter);
    request.segment = &segment;
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

static Profiled__V1__SegmentMember *member_told(const char *profile_id) {
    Profiled__V1__SegmentMember *member = arena_alloc(&ask_arena, sizeof *member);
    profiled__v1__segment_member__init(member);
    member->person_case = PROFILED__V1__SEGMENT_MEMBER__PERSON_PROFILE_ID;
    member->profile_id = text(profile_id);
    return member;
}

const Profiled__V1__SegmentMemberVerdict *add_member(const char *segment, const char *profile_id) {
    Profiled__V1__AddSegmentMembersRequest request =
        PROFILED__V1__ADD_SEGMENT_MEMBERS_REQUEST__INIT;
    Profiled__V1__SegmentMember *members[] = {member_told(profile_id)};
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
    Profiled__V1__SegmentMember *members[] = {member_told(profile_id)};
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
