/* Random histories with segments, in workspaces with random schemas: people, interactions, traits,
 * merges and their undoing, profiles deleted and brought back, days that go by, clocks that are set
 * years ahead and back, restarts; segments
 * that are made, filled, changed, paused and deleted, and lists that people are put on and taken
 * off. Filters come out of a grammar; and segments are filled by a person or two between writes, so
 * that all the rest happens meanwhile. At every moment each segment that is ready has the members
 * that its filter finds when it is tried on everybody, and by indexes, and each list those of whom
 * a profile is on it; who watches changes knows the same members, without a change that is told
 * twice or missing; and the store verifies.
 *
 * A failure names the seed of its history; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/random_schema.h"
#include "tests/handlers/watches.h"

enum {
    SEEDS = 8,
    STEPS = 160, /* A multiple of the other two. */
    CHECK_EVERY = 4,
    SETTLE_EVERY = 32,
    SEGMENTS_MAX = 10,
    LISTS_MAX = 2,
    PEOPLE = 9,
    IDS_MAX = 24,
    ID_TEXT = 37,
};

/* A list, as it should be: of each profile that was known whether it is on it. */
struct list {
    bool has[IDS_MAX];
};

static struct seeded rolls;
static uint64_t seed;
static char ids[IDS_MAX][ID_TEXT];
static size_t id_count;
static struct list lists[LISTS_MAX];
static struct random_schema schema;
static size_t unready_count; /* Of segments that were looked at. */

static size_t below(size_t count) { return seeded_below(&rolls, count); }

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *one_of(const char *const *words, size_t count) { return words[below(count)]; }

/* A call that the server may refuse. */
static bool may(const struct rpc_service *service, const char *method,
                const ProtobufCMessage *request) {
    const struct answer *answer = call(ask_fixture, service, method, request, NULL);
    cr_assert(answer->code == STATUS_OK || answer->code == STATUS_NOT_FOUND ||
                  answer->code == STATUS_FAILED_PRECONDITION ||
                  answer->code == STATUS_ALREADY_EXISTS || answer->code == STATUS_INVALID_ARGUMENT,
              "seed %" PRIu64 ", %s: %s %s", seed, method, answer->reason, answer->text);
    return answer->code == STATUS_OK;
}

/* ---- people ---- */

static void note_id(const char *id) {
    for (size_t i = 0; i < id_count; i++) {
        if (strcmp(ids[i], id) == 0) {
            return;
        }
    }
    if (id_count < IDS_MAX) {
        memcpy(ids[id_count++], id, ID_TEXT);
    }
}

static struct told_identity an_identity(void) {
    return below(2) == 0
               ? (struct told_identity){.type = "email",
                                        .value = arena_format(&ask_arena, "p%zu@d.example",
                                                              below(PEOPLE))}
               : (struct told_identity){.type = "twitter",
                                        .value = arena_format(&ask_arena, "t%zu", below(PEOPLE))};
}

static struct told_attribute an_attribute(void) {
    static const char *const cities[] = {"riyadh", "jeddah", "abha"};
    static const char *const genders[] = {"female", "male"};
    static const char *const dates[] = {"2000-02-29", "1999-12-20", "1987-01-05", "2001-12-31"};
    switch (below(3)) {
    case 0:
        return (struct told_attribute)ATTRIBUTE("city", one_of(cities, 3));
    case 1:
        return (struct told_attribute)ATTRIBUTE("gender", one_of(genders, 2));
    default:
        return (struct told_attribute)ATTRIBUTE("birth_date", one_of(dates, 4));
    }
}

static void do_resolve(void) {
    struct told told = {.source = "crm", .identities = {an_identity()}};
    if (below(3) == 0) {
        told.identities[1] = an_identity();
    }
    if (below(2) == 0) {
        told.attributes[0] = an_attribute();
    }
    if (below(3) == 0) {
        told.name = below(2) == 0 ? "Sara Alharbi" : "Omar";
    }
    note_id(resolve(&told)->profile_id);
}

static void do_record(void) {
    static const char *const channels[] = {"email", "whatsapp", "chat"};
    static const char *const themes[] = {"", "complaint", "praise"};
    Profiled__V1__Interaction *interaction = engagement_told(
        "", one_of(channels, 3),
        ask_now_us() - (int64_t)below((size_t)12 * 24) * US_PER_HOUR + 6 * US_PER_HOUR);
    interaction->engagement->theme = text(one_of(themes, 3));
    interaction->engagement->sentiment = (Profiled__V1__Sentiment)below(4);
    interaction->engagement->language = text(below(2) == 0 ? "ar" : "");
    const struct told told = {.source = "crm", .identities = {an_identity()}};
    note_id(record_event(event_by_record(interaction, &told))->profile_id);
}

static void do_update(void) {
    if (id_count == 0) {
        return;
    }
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    const struct told told = {.attributes = {an_attribute()}};
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    request.profile = profile_told(&told);
    request.profile->id = ids[below(id_count)];
    char *paths[] = {
        text("attributes.city"), text("attributes.gender"),
        text(random_value_tell(&schema, request.profile)),
        text(arena_format(&ask_arena, "attributes.a%zu", below(schema.attribute_count)))};
    if (below(2) == 0) { /* What is named and not told is cleared. */
        mask.n_paths = strcmp(paths[2], paths[3]) == 0 ? 3 : 4;
        mask.paths = paths;
        request.update_mask = &mask;
    }
    (void)may(&rpc_profile_service, "UpdateProfile", &request.base);
}

static void do_merge(void) {
    if (id_count > 1) {
        Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
        request.profile_id = ids[below(id_count)];
        request.other_profile_id = ids[below(id_count)];
        (void)may(&rpc_identity_service, "MergeProfiles", &request.base);
    }
}

static void do_unmerge(void) {
    if (id_count > 0) {
        Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
        request.profile_id = ids[below(id_count)];
        request.keep_decisions = below(2) == 0;
        (void)may(&rpc_identity_service, "UnmergeProfiles", &request.base);
    }
}

static void do_delete(void) {
    if (id_count > 0) {
        Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
        request.id = ids[below(id_count)];
        (void)may(&rpc_profile_service, "DeleteProfile", &request.base);
    }
}

static void do_undelete(void) {
    if (id_count > 0) {
        Profiled__V1__UndeleteProfileRequest request = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
        request.id = ids[below(id_count)];
        (void)may(&rpc_profile_service, "UndeleteProfile", &request.base);
    }
}

/* ---- what is told ---- */

enum { TOLD_MAX = 4000 };

/* The members of all segments, as a caller makes them of what is told: "segment id". */
static char told_members[TOLD_MAX][80];
static size_t told_count;
static struct watch watch;

static size_t told_find(const char *member) {
    for (size_t i = 0; i < told_count; i++) {
        if (strcmp(told_members[i], member) == 0) {
            return i;
        }
    }
    return TOLD_MAX;
}

static void forget_segment(const char *name) {
    const char *prefix = arena_format(&ask_arena, "%s ", name);
    for (size_t i = told_count; i > 0; i--) {
        if (strncmp(told_members[i - 1], prefix, strlen(prefix)) == 0) {
            memmove(told_members[i - 1], told_members[--told_count], sizeof *told_members);
        }
    }
}

static void take_change(const Profiled__V1__Change *change, const char *when) {
    const char *member = arena_format(&ask_arena, "%s %s", change->segment, change->profile_id);
    const size_t at = told_find(member);
    if (change->kind == CHANGE(SEGMENT_ENTERED)) {
        cr_assert_eq(at, TOLD_MAX, "%s: %s entered twice", when, member);
        snprintf(told_members[told_count++], sizeof *told_members, "%s", member);
    } else if (change->kind == CHANGE(SEGMENT_LEFT)) {
        cr_assert_lt(at, TOLD_MAX, "%s: %s left and was not in it", when, member);
        memmove(told_members[at], told_members[--told_count], sizeof *told_members);
    } else if (change->kind == CHANGE(SEGMENT_DELETED)) {
        forget_segment(change->segment);
    }
}

/* Hears of all that was committed: something is, so that nobody waits. */
static void hear(const char *when) {
    bool caught_up = false;
    call_step_set(0);
    (void)create(TOLD(.name = "Marker"));
    while (!caught_up) {
        const Profiled__V1__WatchChangesResponse *response = watch_next(&watch);
        for (size_t i = 0; i < response->n_changes; i++) {
            take_change(response->changes[i], when);
        }
        caught_up = response->caught_up;
    }
    watch_resume(&watch);
}

static void expect_told(const char *name, const char *when) {
    const char *members = members_of(name);
    size_t count = 0;
    for (size_t i = 0; i < told_count; i++) {
        const size_t size = strlen(name);
        if (strncmp(told_members[i], name, size) == 0 && told_members[i][size] == ' ') {
            cr_assert_not_null(strstr(members, told_members[i] + size + 1), "%s: %s", when,
                               told_members[i]);
            count++;
        }
    }
    size_t expected = 0;
    for (; *members != '\0'; members++) {
        expected += *members == ' ' ? 1 : 0;
    }
    cr_assert_eq(count, expected, "%s: %s has %zu members, and %zu were told", when, name, expected,
                 count);
}

/* ---- segments ---- */

static const char *a_name(void) { return arena_format(&ask_arena, "s%zu", below(SEGMENTS_MAX)); }

static const char *a_filter(void) {
    const char *known[IDS_MAX];
    for (size_t i = 0; i < id_count; i++) {
        known[i] = ids[i];
    }
    const struct random_names names = {.person_count = PEOPLE,
                                       .segment_count = SEGMENTS_MAX,
                                       .list_count = LISTS_MAX,
                                       .id_count = id_count,
                                       .ids = known};
    return random_filter(&schema, &names);
}

/* Segments that it names may not be there, or name it. */
static void do_create_segment(void) {
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    segment.name = text(a_name());
    segment.kind = PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
    segment.filter = text(a_filter());
    request.segment = &segment;
    (void)may(&rpc_segment_service, "CreateSegment", &request.base);
}

static void do_update_segment(void) {
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    Profiled__V1__UpdateSegmentRequest request = PROFILED__V1__UPDATE_SEGMENT_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text(below(3) == 0 ? "state" : "filter")};
    mask.n_paths = 1;
    mask.paths = paths;
    segment.name = text(a_name());
    segment.filter = text(a_filter());
    segment.state = (Profiled__V1__SegmentState)(1 + below(3));
    request.segment = &segment;
    request.update_mask = &mask;
    (void)may(&rpc_segment_service, "UpdateSegment", &request.base);
}

static void do_delete_segment(void) {
    Profiled__V1__DeleteSegmentRequest request = PROFILED__V1__DELETE_SEGMENT_REQUEST__INIT;
    request.name = text(a_name());
    (void)may(&rpc_segment_service, "DeleteSegment", &request.base);
}

static size_t index_of(const char *id) {
    for (size_t i = 0; i < id_count; i++) {
        if (strcmp(ids[i], id) == 0) {
            return i;
        }
    }
    return IDS_MAX;
}

static void do_list(void) {
    const size_t list = below(LISTS_MAX);
    const char *name = list == 0 ? "l0" : "l1";
    if (id_count == 0) {
        return;
    }
    const size_t one = below(id_count);
    if (below(3) > 0) {
        lists[list].has[one] = add_member(name, ids[one])->error[0] == '\0' || lists[list].has[one];
        return;
    }
    if (remove_member(name, ids[one])->error[0] != '\0') {
        return;
    }
    const Profiled__V1__Profile *person = get(ids[one]); /* All profiles of the person are off. */
    const size_t survivor = index_of(person->id);
    if (survivor < IDS_MAX) {
        lists[list].has[survivor] = false;
    }
    for (size_t i = 0; i < person->n_merged_ids; i++) {
        const size_t merged = index_of(person->merged_ids[i]);
        if (merged < IDS_MAX) {
            lists[list].has[merged] = false;
        }
    }
}

/* ---- what should be ---- */

static int by_id(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The persons of whom a profile is on a list. */
static const char *expected_of(const struct list *list) {
    const char *found[IDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < id_count; i++) {
        if (list->has[i] && answers(ids[i])) {
            found[count++] = get(ids[i])->id;
        }
    }
    qsort(found, count, sizeof *found, by_id);
    const char *joined = "";
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(found[i], found[i - 1]) != 0) {
            joined = arena_format(&ask_arena, "%s %s", joined, found[i]);
        }
    }
    return joined;
}

static size_t spaces(const char *joined) {
    size_t count = 0;
    for (; *joined != '\0'; joined++) {
        count += *joined == ' ' ? 1 : 0;
    }
    return count;
}

/* Those for whom a filter holds, whatever indexes say: none knows of completeness. */
static const char *ids_judged_by(const char *filter) {
    return ids_found_by(arena_format(&ask_arena, "(%s) OR merged_count > 9999", filter));
}

static void expect_segment(const Profiled__V1__Segment *segment, bool settled, const char *when) {
    const char *members = members_of(segment->name);
    if (segment->kind == PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_STATIC) {
        const struct list *list = &lists[strcmp(segment->name, "l0") == 0 ? 0 : 1];
        cr_assert_str_eq(members, expected_of(list), "%s: list %s", when, segment->name);
    } else if (segment->ready && (int)segment->state == SEGMENT_STATE(ACTIVE)) {
        const char *judged = ids_judged_by(segment->filter);
        cr_assert_str_eq(members, judged, "%s: %s: %s", when, segment->name, segment->filter);
        cr_assert_str_eq(ids_found_by(segment->filter), judged, "%s: %s", when, segment->filter);
    }
    cr_assert(!settled || segment->ready != (segment->waits_for[0] != 0), "%s: %s is not ready",
              when, segment->name);
    cr_assert_eq((size_t)segment->member_count, spaces(members), "%s: %s", when, segment->name);
    unready_count += segment->ready ? 0 : 1;
}

/* A preview counts those that the filter finds: by sets of persons where these know, else one by
 * one. */
static void expect_preview(const char *filter, const char *when) {
    const Profiled__V1__PreviewSegmentResponse *response = preview(filter, 2);
    if (response != NULL) { /* Else it names segments that are not there. */
        cr_assert(response->counted);
        cr_assert_eq((size_t)response->member_count, spaces(ids_found_by(filter)), "%s: %s", when,
                     filter);
        cr_assert_leq(response->n_sample, 2);
    }
}

static void expect_previews(const char *when) {
    static const char *const by_sets[] = {
        "attributes.city = riyadh",
        "attributes.city != riyadh AND attributes.gender = (female OR male)",
        "NOT attributes.city:* OR attributes.gender = male",
        "attributes.gender:* -attributes.city = (abha OR jeddah)",
        "segments:l0 OR segments:l1 AND attributes.city:*",
        "NOT segments:l0",
        "segments:s1 AND NOT (segments:s2 OR attributes.gender = female)",
    };
    const char *filter = one_of(by_sets, sizeof by_sets / sizeof *by_sets);
    const Profiled__V1__PreviewSegmentResponse *response = preview(filter, 0);
    cr_assert(response == NULL || !response->scanned, "%s: %s is gone through", when, filter);
    expect_preview(filter, when);
    expect_preview(a_filter(), when);
}

/* What is due is done, nothing is filled, and nothing changes while it is looked at. */
static void expect_all(bool settled, const char *when) {
    Profiled__V1__ListSegmentsRequest request = PROFILED__V1__LIST_SEGMENTS_REQUEST__INIT;
    request.show_archived = true;
    const Profiled__V1__ListSegmentsResponse *response =
        ask(&rpc_segment_service, "ListSegments", &request.base);
    for (size_t i = 0; i < response->n_segments; i++) {
        expect_segment(response->segments[i], settled, when);
    }
    hear(when);
    for (size_t i = 0; i < response->n_segments; i++) {
        expect_told(response->segments[i]->name, when);
    }
    expect_previews(when);
}

/* ---- histories ---- */

/* How far fills get until the next call: not at all, by a person or two, or as far as they like. */
static void set_pace(void) {
    const size_t choice = below(8);
    call_step_set(choice < 6 ? US_PER_SECOND : 0);
    call_steps_allow(choice < 6 ? (int64_t)below(4) : choice == 6 ? 0 : INT64_MAX);
}

/* Stands still, as after a restart of the server. */
static void stop(void) {
    call_step_set(0);
    call_steps_allow(0);
    call_dues(ask_fixture);
}

static void settle(void) {
    call_step_set(0);
    call_steps_allow(INT64_MAX);
    call_sweep(ask_fixture);
    call_steps_allow(0);
}

static void step(void) {
    static void (*const writes[])(void) = {do_resolve, do_record,   do_record, do_resolve,
                                           do_update,  do_update,   do_merge,  do_unmerge,
                                           do_delete,  do_undelete, do_list};
    static void (*const changes[])(void) = {do_create_segment, do_create_segment, do_update_segment,
                                            do_update_segment, do_delete_segment};
    ask_wait_us(US_PER_SECOND);
    set_pace();
    const size_t choice = below(21);
    if (choice < 13) {
        writes[below(sizeof writes / sizeof *writes)]();
    } else if (choice < 18) {
        changes[below(sizeof changes / sizeof *changes)]();
    } else {
        stop();
        hear("before time goes by"); /* What is told is perhaps no longer kept afterwards. */
        if (choice == 20) {
            ask_set_clock(&rolls);
        } else {
            ask_wait_us((int64_t)below(choice == 19 ? 30 * 24 : 30) * US_PER_HOUR);
        }
        if (below(2) == 0) {
            call_sweep(ask_fixture);
        }
    }
}

static void begin(void) {
    ask_open();
    rolls.state = seed;
    told_count = 0;
    id_count = 0;
    memset(lists, 0, sizeof lists);
    schema = random_schema_make(&rolls);
    watch = watch_begin("", false);
    (void)watch_next(&watch);
    for (size_t i = 0; i < LISTS_MAX; i++) {
        (void)create_segment(arena_format(&ask_arena, "l%zu", i), NULL);
    }
}

static void run(void) {
    begin();
    for (int i = 1; i <= STEPS; i++) {
        const char *when = arena_format(&ask_arena, "seed %" PRIu64 ", step %d", seed, i);
        step();
        if (i % CHECK_EVERY == 0) {
            stop();
            expect_all(false, when);
            call_forget(ask_fixture);
        }
        if (i % SETTLE_EVERY == 0) {
            settle();
            expect_all(true, when);
            cr_assert_eq(call_verify(ask_fixture), 0, "%s", when);
        }
    }
    watch_end(&watch);
    ask_close();
}

Test(segments_properties, members_are_those_that_filters_find, .timeout = 280) {
    const struct seeds seeds = seeds_of(SEEDS);
    for (seed = seeds.first; seed <= seeds.last; seed++) {
        run();
    }
    cr_expect_gt(unready_count, 0, "some were looked at while they were filled");
}
