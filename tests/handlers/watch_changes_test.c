/* WatchChanges: what is told of each kind of write, and in which order; from where, of whom and of
 * what; snapshots without a gap and without a double; tokens. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/rules.h"
#include "tests/handlers/watches.h"

TestSuite(watch_changes, .init = ask_open, .fini = ask_close, .timeout = 120);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *kind_name(int kind) {
    static const char *const names[] = {
        "?",        "created", "updated", "merged",   "unmerged", "deleted", "undeleted", "linked",
        "unlinked", "demoted", "blocked", "recorded", "entered",  "left",    "snapshot",  "gone"};
    return names[kind];
}

/* The changes of one message, a word each: with the paths, the type, the channel or the segment. */
static const char *told(const Profiled__V1__WatchChangesResponse *response) {
    const char *all = "";
    for (size_t i = 0; i < response->n_changes; i++) {
        const Profiled__V1__Change *change = response->changes[i];
        const char *of = "";
        for (size_t k = 0; change->update_mask != NULL && k < change->update_mask->n_paths; k++) {
            of = arena_format(&ask_arena, "%s%s%s", of, k == 0 ? "" : "+",
                              change->update_mask->paths[k]);
        }
        of = arena_format(&ask_arena, "%s%s%s%s", of, change->identity_type, change->channel,
                          change->segment);
        all = arena_format(&ask_arena, "%s%s%s%s%s", all, i == 0 ? "" : " ",
                           kind_name((int)change->kind), of[0] == '\0' ? "" : ":", of);
    }
    return all;
}

static const char *next_told(struct watch *watch) { return told(watch_next(watch)); }

Test(watch_changes, tells_what_becomes_of_a_profile) {
    struct watch watch = watch_begin("", false);
    cr_expect_str_eq(next_told(&watch), ""); /* Nothing happens: a heartbeat. */

    const char *noura =
        create(TOLD(.name = "Noura", .identities = {ID("email", "noura@example.com")},
                    .attributes = {ATTRIBUTE("city", "riyadh")}))
            ->id;
    cr_expect_str_eq(next_told(&watch), "created linked:email");
    (void)resolve(TOLD(.identities = {ID("email", "noura@example.com")}));
    (void)resolve(
        TOLD(.identities = {ID("email", "noura@example.com"), ID("phone", "+966500000017")},
             .attributes = {ATTRIBUTE("city", "jeddah"), ATTRIBUTE("job", "baker")}));
    cr_expect_str_eq(next_told(&watch),
                     "updated:attributes.city+attributes.job+identities linked:phone");
    record_event(event_by_id(engagement_told("", "whatsapp", 0), noura));
    cr_expect_str_eq(next_told(&watch), "recorded:whatsapp");
    (void)resolve(
        TOLD(.identities = {ID("email", "noura@example.com"), ID("email", "info@example.com")}));
    cr_expect_str_eq(next_told(&watch), "updated:identities blocked:email");
    watch_end(&watch);
}

/* Who is cut off before the first heartbeat has a token all the same. */
Test(watch_changes, the_first_message_comes_at_once) {
    create(TOLD(.name = "Sami"));
    struct watch watch = watch_begin("", false);
    watch.request.heartbeat_seconds = 300;

    cr_expect_str_eq(next_told(&watch), "");

    create(TOLD(.name = "Huda"));
    watch_resume(&watch);
    cr_expect_str_eq(next_told(&watch), "created");
    watch_resume(&watch);
    cr_expect_str_eq(next_told(&watch), "");
    watch_end(&watch);
}

Test(watch_changes, tells_merges_deletions_and_their_undoing) {
    const char *one = create(TOLD(.name = "Noura"))->id;
    const char *other = create(TOLD(.name = "Noora"))->id;
    struct watch watch = watch_begin("", false);
    (void)next_told(&watch);

    const char *merge = merge_two(one, other);
    const Profiled__V1__WatchChangesResponse *response = watch_next(&watch);
    cr_expect_str_eq(told(response), "updated:merged_ids merged");
    cr_expect_str_eq(response->changes[1]->profile_id, other);
    cr_expect_str_eq(response->changes[1]->other_profile_id, one);

    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(merge);
    (void)ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    cr_expect_str_eq(next_told(&watch), "updated:merged_ids unmerged");
    Profiled__V1__DeleteProfileRequest remove = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    remove.id = text(one);
    (void)ask(&rpc_profile_service, "DeleteProfile", &remove.base);
    Profiled__V1__UndeleteProfileRequest back = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    back.id = text(one);
    (void)ask(&rpc_profile_service, "UndeleteProfile", &back.base);
    cr_expect_str_eq(next_told(&watch), "deleted undeleted");
    watch_end(&watch);
}

Test(watch_changes, tells_who_enters_and_leaves_segments) {
    create(TOLD(.name = "Sami", .attributes = {ATTRIBUTE("city", "riyadh")}));
    struct watch watch = watch_begin("", false);
    (void)next_told(&watch);
    char *segments[] = {text("riyadh")};

    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("all", "name:*");
    ready_segment("riyadh");
    ready_segment("all");
    watch.request.n_segments = 1;
    watch.request.segments = segments;
    const Profiled__V1__WatchChangesResponse *response = watch_next(&watch);
    cr_expect_str_eq(told(response), "entered:riyadh");
    cr_expect(response->changes[0]->filled);
    const char *huda =
        create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("city", "riyadh")}))->id;
    response = watch_next(&watch);
    cr_expect_str_eq(told(response), "entered:riyadh");
    cr_expect_str_eq(response->changes[0]->profile_id, huda);
    cr_expect_not(response->changes[0]->filled);
    Profiled__V1__DeleteProfileRequest remove = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    remove.id = text(huda);
    (void)ask(&rpc_profile_service, "DeleteProfile", &remove.base);
    cr_expect_str_eq(next_told(&watch), "left:riyadh");
    watch_end(&watch);
}

/* What of segments is told from a token on, to who asks for these; and who is there at the end. */
static const char *told_of(const char *token, char *segment, const char *filter) {
    struct watch watch = watch_begin(token, false);
    watch.request.n_segments = 1;
    watch.request.segments = &segment;
    watch.request.filter = text(filter);
    const char *all = next_told(&watch);
    watch_end(&watch);
    return all;
}

/* Of a watch of one segment that begins now. */
static const char *token_of(char *segment) {
    struct watch watch = watch_begin("", false);
    watch.request.n_segments = 1;
    watch.request.segments = &segment;
    (void)next_told(&watch);
    watch_end(&watch);
    return watch.token;
}

/* Those of the token's own watch were there; others are looked for as by a new one. */
Test(watch_changes, a_token_takes_no_segment_that_never_was) {
    create_segment("welcome", NULL);
    const char *token = token_of(text("welcome"));
    cr_expect_str_eq(told_of(token, text("welcome"), ""), "");
    char *segment = text("wellcome");
    struct watch watch = watch_begin(token, false);
    watch.request.n_segments = 1;
    watch.request.segments = &segment;
    const struct answer *answer =
        ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                       STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "field"), "segments[0]");
    cr_expect_str_eq(answer_metadata(answer, "nearest"), "welcome");
    watch_end(&watch);
}

Test(watch_changes, a_filter_s_segment_that_is_deleted_ends_it) {
    create_segment("vip", NULL);
    struct watch watch = watch_begin("", false);
    watch.request.filter = text("NOT segments:vip");
    (void)next_told(&watch);
    create(TOLD(.name = "Sami"));
    cr_expect_str_eq(next_told(&watch), "created");
    create(TOLD(.name = "Huda"));
    delete_segment("vip");
    call_sweep(ask_fixture);
    const char *token = watch.token;
    cr_expect_str_eq(next_told(&watch), "gone:vip");
    const struct answer *answer =
        ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                       STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "field"), "filter");
    cr_expect_str_eq(answer_metadata(answer, "segment"), "vip");
    cr_expect_null(answer_metadata(answer, "offset"));
    cr_expect_null(answer_metadata(answer, "expected"));
    watch_resume(&watch);
    watch.request.filter = text("");
    cr_expect_str_eq(next_told(&watch), "created gone:vip", "nothing is missed with another one");
    watch_end(&watch);
    Profiled__V1__ChangeKind kind = CHANGE(PROFILE_CREATED);
    watch = watch_begin(token, false);
    watch.request.filter = text("NOT segments:vip");
    watch.request.n_kinds = 1;
    watch.request.kinds = &kind;
    (void)ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                         STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    watch_end(&watch);
}

Test(watch_changes, a_segment_that_is_deleted_is_told_once_for_all_who_were_in_it) {
    make_person("Sami", "riyadh");
    make_person("Huda", "riyadh");
    struct watch watch = watch_begin("", false);
    (void)next_told(&watch);
    const char *token = watch.token;
    create_segment("here", "attributes.city = riyadh");
    create_segment("list", NULL);
    ready_segment("here");
    const char *token_of_list = token_of(text("list"));

    delete_segment("here");
    delete_segment("list");
    create_segment("here", "attributes.city = jeddah");
    const char *noura = make_person("Noura", "jeddah");
    ready_segment("here");

    cr_expect_str_eq(told_of(token, text("here"), ""),
                     "entered:here entered:here gone:here entered:here");
    cr_expect_str_eq(told_of(token, text("here"), "attributes.city = jeddah"),
                     "gone:here entered:here");
    cr_expect_str_eq(told_of(token_of_list, text("list"), ""), "gone:list", "it is there no more");
    Profiled__V1__ChangeKind kind = CHANGE(SEGMENT_DELETED);
    watch_resume(&watch);
    watch.request.n_kinds = 1;
    watch.request.kinds = &kind;
    watch.request.include_profile = true;
    const Profiled__V1__WatchChangesResponse *response = watch_next(&watch);
    cr_expect_str_eq(told(response), "gone:here gone:list");
    cr_expect_str_eq(response->changes[0]->profile_id, "");
    cr_expect_null(response->changes[0]->profile);
    watch_end(&watch);
    cr_expect(is_member("here", noura));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(watch_changes, kinds_and_filters_choose_and_profiles_come_along) {
    struct watch watch = watch_begin("", false);
    (void)next_told(&watch);
    watch_resume(&watch);
    Profiled__V1__ChangeKind kinds[] = {CHANGE(PROFILE_CREATED), CHANGE(PROFILE_DELETED)};
    watch.request.n_kinds = 2;
    watch.request.kinds = kinds;
    watch.request.filter = text("attributes.city = riyadh");
    watch.request.include_profile = true;

    create(TOLD(.name = "Sami", .attributes = {ATTRIBUTE("city", "abha")}));
    const char *huda = create(TOLD(.name = "Huda", .identities = {ID("email", "huda@example.com")},
                                   .attributes = {ATTRIBUTE("city", "riyadh")}))
                           ->id;
    const Profiled__V1__WatchChangesResponse *response = watch_next(&watch);
    cr_expect_str_eq(told(response), "created");
    cr_expect_str_eq(response->changes[0]->profile->id, huda);
    cr_expect_str_eq(response->changes[0]->profile->name, "Huda");
    watch_end(&watch);
}

/* ---- tokens ---- */

Test(watch_changes, a_token_goes_on_behind_its_message) {
    struct watch watch = watch_begin("", false);
    (void)next_told(&watch);
    create(TOLD(.name = "Sami"));
    cr_expect_str_eq(next_told(&watch), "created");
    const char *token = watch.token;
    create(TOLD(.name = "Huda", .identities = {ID("email", "huda@example.com")}));
    cr_expect_str_eq(next_told(&watch), "created linked:email");
    watch_end(&watch);
    call_reopen(ask_fixture);

    watch = watch_begin(token, false);
    cr_expect_str_eq(next_told(&watch), "created linked:email");
    cr_expect_str_eq(next_told(&watch), "");
    watch_end(&watch);
}

/* Nor does a token's filter mean another one, where a label was changed. */
Test(watch_changes, a_token_goes_on_with_the_filter_as_it_was_meant) {
    label_theme("complaint", "grievance");
    struct watch watch = watch_begin("", false);
    watch.request.filter = text("NOT themes:grievance");
    (void)next_told(&watch);
    label_theme("complaint", "trouble");
    watch_resume(&watch);
    create(TOLD(.name = "Sami"));
    cr_expect_str_eq(next_told(&watch), "created");
    watch_resume(&watch);
    create(TOLD(.name = "Huda"));
    cr_expect_str_eq(next_told(&watch), "created");
    watch.request.filter = text("NOT themes:grievance AND name:*");
    watch_resume(&watch);
    (void)ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                         STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    watch_end(&watch);
}

/* It need not be short enough for being a segment's. */
Test(watch_changes, a_filter_may_be_longer_in_canonical_form) {
    label_theme("trouble_with_what_was_ordered_and_never_came_to_those_who_waited", "z");
    const char *filter = "NOT themes:z";
    for (int i = 0; i < 80; i++) {
        filter = arena_format(&ask_arena, "%s -themes:z", filter);
    }
    struct watch watch = watch_begin("", false);
    watch.request.filter = text(filter);
    (void)next_told(&watch);
    watch_resume(&watch);
    create(TOLD(.name = "Sami"));
    cr_expect_str_eq(next_told(&watch), "created");
    watch_end(&watch);
}

static void expect_refused(const char *token, enum status_code code, const char *reason) {
    struct watch watch = watch_begin(token, false);
    (void)ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                         code, reason);
    watch_end(&watch);
}

Test(watch_changes, forged_foreign_and_expired_tokens_are_refused) {
    struct watch watch = watch_begin("", false);
    (void)next_told(&watch);
    const char *token = watch.token;
    watch_end(&watch);
    char *changed = arena_string(&ask_arena, bytes_of_string(token));
    changed[5] = changed[5] == 'a' ? 'b' : 'a';
    expect_refused(changed, STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    expect_refused("token", STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    watch = watch_begin(token, false);
    const struct answer *answer =
        call_stream_in(ask_fixture, "other", watch.stream, &rpc_change_service, "WatchChanges",
                       &watch.request.base, NULL);
    cr_expect_str_eq(answer->reason, "RESUME_TOKEN_INVALID");
    watch_end(&watch);

    for (int i = 0; i < 3; i++) {
        create(TOLD(.name = "Sami"));
    }
    ask_wait_us(8 * US_PER_DAY); /* Changes are kept for 7 days; the last one stays. */
    call_sweep(ask_fixture);
    expect_refused(token, STATUS_OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED");
}

/* What a clock that was ahead wrote goes with what was written behind it. */
Test(watch_changes, changes_of_a_time_to_come_do_not_keep_those_behind_them) {
    struct watch watch = watch_begin("", false);
    (void)next_told(&watch);
    watch_end(&watch);
    ask_wait_us(365 * US_PER_DAY);
    create(TOLD(.name = "Sami"));
    create(TOLD(.name = "Huda"));
    ask_wait_us(-365 * US_PER_DAY);
    for (int i = 0; i < 3; i++) {
        create(TOLD(.name = "Noura"));
    }
    call_sweep(ask_fixture);
    struct watch again = watch_begin(watch.token, false);
    cr_expect_str_eq(next_told(&again), "created created created created created");
    watch_end(&again);

    ask_wait_us(8 * US_PER_DAY);
    call_sweep(ask_fixture);
    expect_refused(watch.token, STATUS_OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(watch_changes, every_bad_field_is_named) {
    struct watch watch = watch_begin("", false);
    Profiled__V1__ChangeKind kinds[] = {CHANGE(PROFILE_CREATED), CHANGE(SNAPSHOT)};
    char *segments[] = {text("Vip!")};
    watch.request.n_kinds = 2;
    watch.request.kinds = kinds;
    watch.request.n_segments = 1;
    watch.request.segments = segments;
    watch.request.heartbeat_seconds = 301;
    const struct answer *answer =
        ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                       STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "kinds[1]"));
    cr_expect_not_null(answer_violation(answer, "segments[0]"));
    cr_expect_not_null(answer_violation(answer, "heartbeat_seconds"));
    watch_end(&watch);
    char *twice[] = {text("vip"), text("other"), text("vip")};
    watch = watch_begin("", true);
    watch.request.n_segments = 3;
    watch.request.segments = twice;
    answer = ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                            STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "segments[2]"), "is there twice");
    watch_end(&watch);
    watch = watch_begin("", false);
    segments[0] = text("nobody");
    watch.request.n_segments = 1;
    watch.request.segments = segments;
    const struct answer *missing =
        ask_refused_on(watch.stream, &rpc_change_service, "WatchChanges", &watch.request.base,
                       STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(missing, "field"), "segments[0]");
    watch_end(&watch);
}

/* ---- snapshots ---- */

enum { PEOPLE = 700, MODEL_MAX = 2000, ID_TEXT = 37 };

/* Who there is, as a caller makes it of what is told. */
static char model[MODEL_MAX][ID_TEXT];
static size_t model_count;

static size_t model_find(const char *id) {
    for (size_t i = 0; i < model_count; i++) {
        if (strcmp(model[i], id) == 0) {
            return i;
        }
    }
    return MODEL_MAX;
}

static void apply(const Profiled__V1__Change *change) {
    const size_t at = model_find(change->profile_id);
    switch ((int)change->kind) {
    case CHANGE(SNAPSHOT):
    case CHANGE(PROFILE_CREATED):
    case CHANGE(PROFILE_UNMERGED):
    case CHANGE(PROFILE_UNDELETED):
        cr_assert_eq(at, MODEL_MAX, "%s is told twice", kind_name((int)change->kind));
        memcpy(model[model_count++], change->profile_id, ID_TEXT);
        break;
    case CHANGE(PROFILE_MERGED):
    case CHANGE(PROFILE_DELETED):
        cr_assert_lt(at, MODEL_MAX, "%s of one who was never told", kind_name((int)change->kind));
        memmove(model[at], model[--model_count], ID_TEXT);
        break;
    default:
        cr_assert_lt(at, MODEL_MAX, "%s of one who was never told", kind_name((int)change->kind));
    }
}

static void write_something(struct seeded *seeded, const char *const *ids) {
    const char *one = ids[seeded_below(seeded, PEOPLE)];
    const char *other = ids[seeded_below(seeded, PEOPLE)];
    Profiled__V1__MergeProfilesRequest merge = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    Profiled__V1__DeleteProfileRequest remove = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    Profiled__V1__UndeleteProfileRequest back = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    ask_wait_us(US_PER_SECOND);
    switch (seeded_below(seeded, 5)) {
    case 0:
        create(TOLD(.name = "Late"));
        break;
    case 1:
        merge.profile_id = text(one);
        merge.other_profile_id = text(other);
        (void)call(ask_fixture, &rpc_identity_service, "MergeProfiles", &merge.base, NULL);
        break;
    case 2:
        undo.profile_id = text(one);
        (void)call(ask_fixture, &rpc_identity_service, "UnmergeProfiles", &undo.base, NULL);
        break;
    case 3:
        remove.id = text(one);
        (void)call(ask_fixture, &rpc_profile_service, "DeleteProfile", &remove.base, NULL);
        break;
    default:
        back.id = text(one);
        (void)call(ask_fixture, &rpc_profile_service, "UndeleteProfile", &back.base, NULL);
    }
}

static void expect_other(const struct watch *watch, char *segment, const char *filter) {
    struct watch other = watch_begin(watch->token, true);
    other.request.n_segments = segment == NULL ? 0 : 1;
    other.request.segments = &segment;
    other.request.filter = text(filter);
    (void)ask_refused_on(other.stream, &rpc_change_service, "WatchChanges", &other.request.base,
                         STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    watch_end(&other);
}

/* A part of it is of the segments and the filter that the rest is of; these in any order. */
Test(watch_changes, a_snapshot_goes_on_with_what_it_is_of_alone) {
    char *segments[] = {text("vip"), text("list")};
    create_segment("vip", NULL);
    create_segment("list", NULL);
    for (size_t i = 0; i < PEOPLE; i++) {
        create(TOLD(.name = "Early"));
    }
    struct watch watch = watch_begin("", true);
    watch.request.filter = text("name:early");
    watch.request.n_segments = 2;
    watch.request.segments = segments;
    cr_assert(watch_next(&watch)->in_snapshot);
    expect_other(&watch, NULL, "name:early");
    expect_other(&watch, text("vip"), "name:early");
    segments[0] = text("list");
    segments[1] = text("vip");
    watch_resume(&watch);
    cr_expect(watch_next(&watch)->in_snapshot);
    watch_end(&watch);

    watch = watch_begin("", true);
    cr_assert(watch_next(&watch)->in_snapshot);
    expect_other(&watch, NULL, "name:early");
    expect_other(&watch, text("vip"), "");
    watch_resume(&watch);
    cr_expect(watch_next(&watch)->in_snapshot);
    watch_end(&watch);
}

Test(watch_changes, a_snapshot_has_no_gap_and_no_double) {
    static const char *ids[PEOPLE];
    struct seeded seeded = {.state = 5};
    for (size_t i = 0; i < PEOPLE; i++) {
        ids[i] = create(TOLD(.name = "Early"))->id;
    }
    struct watch watch = watch_begin("", true);
    size_t messages = 0;
    bool was_in_snapshot = true;
    for (bool done = false; !done; messages++) {
        const Profiled__V1__WatchChangesResponse *response = watch_next(&watch);
        for (size_t i = 0; i < response->n_changes; i++) {
            apply(response->changes[i]);
        }
        done = !response->in_snapshot && messages > 40 && response->caught_up;
        was_in_snapshot = was_in_snapshot && response->in_snapshot;
        for (size_t i = 0; i < 12 && messages < 40; i++) {
            write_something(&seeded, ids);
        }
        if (messages % 2 == 0) {
            watch_resume(&watch); /* A caller that comes back with its token. */
        }
    }
    watch_end(&watch);

    cr_expect_gt(messages, 4);
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = 1000;
    const Profiled__V1__ListProfilesResponse *list =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    cr_assert_eq(list->n_profiles, model_count);
    for (size_t i = 0; i < list->n_profiles; i++) {
        cr_assert_lt(model_find(list->profiles[i]->id), MODEL_MAX);
    }
}
