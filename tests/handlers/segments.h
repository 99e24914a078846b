#pragma once
/* Segments, a line each. */

#include "profiled/v1/segment_service.pb-c.h"
#include "tests/handlers/events.h"

#define SEGMENT_KIND(NAME) PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_##NAME
#define SEGMENT_STATE(NAME) PROFILED__V1__SEGMENT_STATE__SEGMENT_STATE_##NAME

/* A dynamic segment, or a static one where the filter is NULL, as a message in the test's arena. */
Profiled__V1__Segment *segment_told(const char *name, const char *filter);

/* Its labels: KEY, VALUE, and so on, NULL at the end. */
void labels_told(Profiled__V1__Segment *segment, const char *const *pairs);

/* Somebody for a list, by the id of a profile or by an identity, in the test's arena. */
Profiled__V1__SegmentMember *member_by_id(const char *profile_id);
Profiled__V1__SegmentMember *member_by_identity(const char *type, const char *value);

/* Makes somebody in a city, NULL for nowhere, a second after whatever was before; the id. */
const char *make_person(const char *name, const char *city);

/* Makes so many people in a city, up to 1,000; their ids, in that order, in the test's arena. */
const char **make_crowd(size_t count, const char *city);

/* Makes a dynamic segment, or a static one where the filter is NULL. It may not be ready yet. */
const Profiled__V1__Segment *create_segment(const char *name, const char *filter);

const Profiled__V1__Segment *get_segment(const char *name);

/* Waits until it is ready. */
const Profiled__V1__Segment *ready_segment(const char *name);

/* Changes a segment: what of `filter` and `state` is not NULL and not 0. */
const Profiled__V1__Segment *update_segment(const char *name, const char *filter, int state);

void delete_segment(const char *name);

/* Puts profiles on a list, or takes them off. The first one's verdict. */
const Profiled__V1__SegmentMemberVerdict *add_member(const char *segment, const char *profile_id);
const Profiled__V1__SegmentMemberVerdict *remove_member(const char *segment,
                                                        const char *profile_id);

/* The ids of the members of a segment, or of the profiles that a filter finds, each with a space
 * before it, in the order of ids. In the test's arena. */
const char *members_of(const char *segment);
const char *ids_found_by(const char *filter);

/* Their names, with a space before each. */
const char *names_in(const char *segment);

/* The last message of a preview, in which all that were told before are counted and sampled; NULL
 * when it is refused. */
const Profiled__V1__PreviewSegmentResponse *preview(const char *filter, int sample_size);

/* Whether a profile is in a segment. */
bool is_member(const char *segment, const char *profile_id);

/* A theme that is called by one label, in place of what it was called before. */
void label_theme(const char *name, const char *label);
