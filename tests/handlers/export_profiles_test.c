/* ExportProfiles: whom it tells and in which order, what of them, what is left out and counted, how
 * large its messages are, and that tokens go on without a gap and without a double. */

#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/segments.h"
#include "tests/handlers/traits.h"

TestSuite(export_profiles, .init = ask_open, .fini = ask_close, .timeout = 120);

enum { MESSAGE_SIZE_MAX = (1 << 20) + 100000 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* A request that lives as long as the test. */
static Profiled__V1__ExportProfilesRequest *export_of(const char *segment, const char *filter) {
    Profiled__V1__ExportProfilesRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__export_profiles_request__init(request);
    request->segment = text(segment);
    request->filter = text(filter);
    return request;
}

static void set_mask(Profiled__V1__ExportProfilesRequest *request, const char *field) {
    request->read_mask = arena_alloc(&ask_arena, sizeof *request->read_mask);
    google__protobuf__field_mask__init(request->read_mask);
    request->read_mask->n_paths = 1;
    request->read_mask->paths = arena_array(&ask_arena, 1, sizeof(char *));
    request->read_mask->paths[0] = text(field);
}

static struct feed feed_of(const Profiled__V1__ExportProfilesRequest *request) {
    const struct feed feed = ask_feed(&rpc_transfer_service, "ExportProfiles", &request->base);
    cr_assert_eq(feed.answer->code, STATUS_OK, "%s", feed.answer->text);
    return feed;
}

static const Profiled__V1__ExportProfilesResponse *message_at(const struct feed *feed, size_t i) {
    return (const Profiled__V1__ExportProfilesResponse *)feed->messages[i];
}

static const Profiled__V1__ExportProfilesResponse *last_of(const struct feed *feed) {
    return message_at(feed, feed->count - 1);
}

/* The ids of all messages, each with a space before it. */
static const char *ids_in(const struct feed *feed) {
    const char *ids = "";
    for (size_t i = 0; i < feed->count; i++) {
        const Profiled__V1__ExportProfilesResponse *message = message_at(feed, i);
        for (size_t k = 0; k < message->n_profiles; k++) {
            ids = arena_format(&ask_arena, "%s %s", ids, message->profiles[k]->id);
        }
    }
    return ids;
}

static const char *exported(const char *segment, const char *filter) {
    const struct feed feed = feed_of(export_of(segment, filter));
    return ids_in(&feed);
}

static void delete_profile(const char *id) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = text(id);
    (void)ask(&rpc_profile_service, "DeleteProfile", &request.base);
}

/* Makes one a second after whoever was before: ids of one time are in no order. */
static const char *make(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return create(told)->id;
}

/* ---- whom ---- */

Test(export_profiles, tells_those_that_are_there_in_the_order_of_their_making) {
    const char *one = make(TOLD(.name = "Noura"));
    const char *two = make(TOLD(.name = "Sami"));
    const char *three = make(TOLD(.name = "Huda"));
    const char *four = make(TOLD(.name = "Noora"));
    delete_profile(two);
    (void)merge_two(one, four);

    const struct feed feed = feed_of(export_of("", ""));

    cr_expect_str_eq(ids_in(&feed), arena_format(&ask_arena, " %s %s", one, three));
    cr_expect(last_of(&feed)->done);
    cr_expect(last_of(&feed)->segment_ready);
    cr_expect_eq(last_of(&feed)->progress_percent, 100);
    cr_expect_eq(last_of(&feed)->exported_count, 2);
    cr_expect_eq(last_of(&feed)->looked_at_count, 4);
    const struct feed other =
        ask_feed_elsewhere(&rpc_transfer_service, "ExportProfiles", &export_of("", "")->base);
    cr_expect_eq(other.count, 1);
    cr_expect_str_eq(ids_in(&other), "");
    cr_expect(last_of(&other)->done);
    cr_expect_eq(last_of(&other)->progress_percent, 100);
}

Test(export_profiles, a_segment_and_a_filter_choose) {
    const char *sami = make(TOLD(.name = "Sami", .attributes = {ATTRIBUTE("city", "riyadh")}));
    const char *huda = make(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("city", "riyadh")}));
    const char *noura = make(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("city", "abha")}));
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("list", NULL);
    add_member("list", huda);
    add_member("list", noura);
    ready_segment("riyadh");

    cr_expect_str_eq(exported("riyadh", ""), arena_format(&ask_arena, " %s %s", sami, huda));
    cr_expect_str_eq(exported("", "name:noura"), arena_format(&ask_arena, " %s", noura));
    cr_expect_str_eq(exported("list", "attributes.city = riyadh"),
                     arena_format(&ask_arena, " %s", huda));
    cr_expect_str_eq(exported("list", "merged_count > 9999"), "");
    cr_expect_str_eq(exported("riyadh", "segments:list AND -name:sami"),
                     arena_format(&ask_arena, " %s", huda));
}

Test(export_profiles, an_index_is_gone_through_where_there_is_one) {
    for (int i = 0; i < 20; i++) {
        create(TOLD(.name = "Sami", .attributes = {ATTRIBUTE("city", "abha")}));
    }
    create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("city", "riyadh")}));
    create_segment("riyadh", "attributes.city = riyadh");
    ready_segment("riyadh");

    const struct feed by_filter = feed_of(export_of("", "attributes.city = riyadh"));
    const struct feed by_segment = feed_of(export_of("riyadh", ""));

    cr_expect_eq(last_of(&by_filter)->looked_at_count, 1);
    cr_expect_eq(last_of(&by_segment)->looked_at_count, 1);
    cr_expect_eq(last_of(&by_segment)->exported_count, 1);
}

/* ---- what of them ---- */

Test(export_profiles, the_mask_says_which_fields) {
    const char *huda = create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("city", "riyadh"),
                                                                  ATTRIBUTE("job", "baker")}))
                           ->id;
    Profiled__V1__ExportProfilesRequest *request = export_of("", "attributes.city = riyadh");
    set_mask(request, "id");
    struct feed feed = feed_of(request);
    cr_expect_str_eq(last_of(&feed)->profiles[0]->id, huda);
    cr_expect_null(last_of(&feed)->profiles[0]->create_time);
    cr_expect_eq(last_of(&feed)->withheld_value_count, 0);

    set_mask(request, "attributes");
    feed = feed_of(request);
    cr_expect_str_eq(last_of(&feed)->profiles[0]->id, "");
    cr_expect_eq(last_of(&feed)->profiles[0]->n_attributes, 1);
    cr_expect_str_eq(last_of(&feed)->profiles[0]->attributes[0]->key, "city");
    cr_expect_eq(last_of(&feed)->withheld_value_count, 1, "the job, and not the name");
    request->include_personal = true;
    feed = feed_of(request);
    cr_expect_eq(last_of(&feed)->profiles[0]->n_attributes, 2);
    cr_expect_eq(last_of(&feed)->withheld_value_count, 0);
}

/* Whether the bytes of the last answer have the text. */
static bool answer_has(const char *part) {
    const struct bytes bytes = call_response_bytes(ask_fixture);
    return memmem(bytes.data, bytes.size, part, strlen(part)) != NULL;
}

static void make_trait(const char *name, int aggregation, int field, const char *field_name) {
    Profiled__V1__TraitDefinition *trait = trait_told(name, aggregation, field, 0);
    trait->field_name = text(field_name);
    create_trait(trait);
}

/* One who has a value of each sort that is personal, ten in all, and of each that is not. */
static void make_huda(void) {
    define(DEFINITION("note", STRING, .personal = true));
    define(PLAIN("tier", STRING));
    make_trait("last_coupon", AGGREGATION(LAST), FIELD(PROPERTY), "p0");
    make_trait("why", AGGREGATION(MOST_FREQUENT), FIELD(ANSWER), "q");
    make_trait("lot", AGGREGATION(FIRST), FIELD(PROPERTY), "p1");
    make_trait("coupons", AGGREGATION(DISTINCT_COUNT), FIELD(PROPERTY), "p0");
    make_trait("last_kind", AGGREGATION(LAST), FIELD(KIND), "");
    make_trait("her_agent", AGGREGATION(MOST_FREQUENT), FIELD(AGENT), "");
    make_trait("agents", AGGREGATION(DISTINCT_COUNT), FIELD(AGENT), "");
    const char *huda =
        create(
            TOLD(.name = "Huda Alpha",
                 .identities = {ID("email", "Huda@Example.com"), ID("phone", "+966500000017")},
                 .attributes = {ATTRIBUTE("city", "riyadh"), ATTRIBUTE("job", "by-trade-baker"),
                                ATTRIBUTE("birth_date", "1990-03-04"),
                                ATTRIBUTE("note", "note-of-hers"), ATTRIBUTE("tier", "gold-tier")}))
            ->id;
    Profiled__V1__PropertyValue values[] = {PROFILED__V1__PROPERTY_VALUE__INIT,
                                            PROFILED__V1__PROPERTY_VALUE__INIT};
    values[0].value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT;
    values[0].text = text("coupon-of-hers");
    values[1].value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER;
    values[1].number = 4711;
    record_event(event_by_id(activity_told(values, 2), huda));
    Profiled__V1__Interaction *talk = engagement_told("", "chat", ask_now_us());
    talk->engagement->agent = text("agent-of-hers");
    record_event(event_by_id(talk, huda));
    Profiled__V1__SurveyAnswer answer = PROFILED__V1__SURVEY_ANSWER__INIT;
    answer.question_id = text("q");
    answer.answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE;
    answer.choice = text("choice-of-hers");
    ask_wait_us(US_PER_SECOND);
    record_event(event_by_id(answers_told(&answer, 1), huda));
}

static const char *const personal_texts[] = {
    "Huda Alpha", "huda@example.com", "Huda@Example.com", "500000017",      "by-trade-baker",
    "1990-03-04", "note-of-hers",     "coupon-of-hers",   "choice-of-hers", "agent-of-hers",
};
enum { PERSONAL_TEXTS = sizeof personal_texts / sizeof *personal_texts, PERSONAL_VALUES = 10 };

Test(export_profiles, what_is_personal_is_left_out_and_counted) {
    make_huda();

    const struct feed feed = feed_of(export_of("", ""));

    cr_assert_eq(feed.count, 1);
    for (size_t i = 0; i < PERSONAL_TEXTS; i++) {
        cr_expect_not(answer_has(personal_texts[i]), "%s", personal_texts[i]);
    }
    cr_expect(answer_has("gold-tier"));
    const Profiled__V1__ExportProfilesResponse *message = last_of(&feed);
    cr_expect_eq(message->withheld_value_count, PERSONAL_VALUES);
    const Profiled__V1__Profile *huda = message->profiles[0];
    cr_expect_str_eq(huda->name, "");
    cr_expect_eq(huda->n_identities, 0);
    cr_expect_str_eq(attribute_in(huda, "city"), "riyadh");
    cr_expect_str_eq(attribute_in(huda, "tier"), "gold-tier");
    cr_expect_null(attribute_in(huda, "job"));
    cr_expect_eq((int)trait_in(huda, "last_coupon")->value_case,
                 PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET);
    cr_expect_eq(trait_in(huda, "last_coupon")->count, 1, "that there is one is told");
    cr_expect_eq((int)trait_in(huda, "lot")->value_case, PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET);
    cr_expect_eq(trait_in(huda, "coupons")->number, 1);
    cr_expect_eq((int)trait_in(huda, "her_agent")->value_case,
                 PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET);
    cr_expect_eq(trait_in(huda, "agents")->number, 1);
    cr_expect_str_eq(trait_in(huda, "last_kind")->text, "survey_response");
}

Test(export_profiles, what_is_personal_comes_when_it_is_asked_for) {
    make_huda();
    Profiled__V1__ExportProfilesRequest *request = export_of("", "");
    request->include_personal = true;

    const struct feed feed = feed_of(request);

    for (size_t i = 0; i < PERSONAL_TEXTS; i++) {
        cr_expect(answer_has(personal_texts[i]), "%s", personal_texts[i]);
    }
    const Profiled__V1__ExportProfilesResponse *message = last_of(&feed);
    cr_expect_eq(message->withheld_value_count, 0);
    cr_expect_eq(message->profiles[0]->n_identities, 2);
    cr_expect_str_eq(trait_in(message->profiles[0], "last_coupon")->text, "coupon-of-hers");
    cr_expect_eq(trait_in(message->profiles[0], "lot")->number, 4711);
}

Test(export_profiles, an_attribute_that_is_retired_stays_personal) {
    define(DEFINITION("note", STRING, .personal = true));
    create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("note", "note-of-hers")}));
    retire("note");

    const struct feed feed = feed_of(export_of("", ""));

    cr_expect_not(answer_has("note-of-hers"));
    cr_expect_eq(last_of(&feed)->withheld_value_count, 2, "the name, and the note");
}

/* ---- messages ---- */

enum { LARGE_PEOPLE = 600, ABOUT_SIZE = 2000 };

Test(export_profiles, messages_are_bounded) {
    static char about[ABOUT_SIZE * 2 + 1];
    for (size_t i = 0; i < ABOUT_SIZE; i++) {
        about[i * 2] = '\xd9'; /* A letter of two bytes. */
        about[i * 2 + 1] = '\x87';
    }
    for (size_t i = 0; i < LARGE_PEOPLE; i++) {
        create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("about", about)}));
        ask_wait_us(US_PER_SECOND);
    }
    Profiled__V1__ExportProfilesRequest *request = export_of("", "");
    request->include_personal = true;

    const struct feed feed = feed_of(request);

    cr_expect_geq(feed.count, 3);
    int32_t percent = 0;
    for (size_t i = 0; i < feed.count; i++) {
        const Profiled__V1__ExportProfilesResponse *message = message_at(&feed, i);
        cr_expect_leq(protobuf_c_message_get_packed_size(&message->base), MESSAGE_SIZE_MAX);
        cr_expect_leq(message->n_profiles, 500);
        cr_expect_eq(message->done, i + 1 == feed.count);
        cr_expect_geq(message->progress_percent, percent);
        cr_expect_eq(message->progress_percent == 100, message->done);
        percent = message->progress_percent;
    }
    cr_expect_geq(message_at(&feed, 0)->progress_percent, 30);
    cr_expect_eq(last_of(&feed)->exported_count, LARGE_PEOPLE);
    request->include_personal = false;
    const struct feed small = feed_of(request);
    cr_expect_leq(small.count, 3);
    cr_expect_eq(last_of(&small)->withheld_value_count, (int64_t)2 * LARGE_PEOPLE);
}

/* ---- tokens ---- */

/* One message of an export that goes on by a token; *token becomes that of the message. */
static const Profiled__V1__ExportProfilesResponse *
go_on(Profiled__V1__ExportProfilesRequest *request, const char **token) {
    struct rpc_stream *stream = rpc_stream_new();
    request->resume_token = text(*token);
    const Profiled__V1__ExportProfilesResponse *message =
        ask_on(stream, &rpc_transfer_service, "ExportProfiles", &request->base);
    rpc_stream_free(stream);
    *token = arena_string(&ask_arena, bytes_of_string(message->resume_token));
    return message;
}

enum { PEOPLE = 400, LATER_MAX = 4000, SLOW_US = 40000 };

struct seen {
    size_t count;
    const char *ids[PEOPLE + LATER_MAX];
};

static size_t times_seen(const struct seen *seen, const char *id) {
    size_t times = 0;
    for (size_t i = 0; i < seen->count; i++) {
        times += strcmp(seen->ids[i], id) == 0 ? 1 : 0;
    }
    return times;
}

/* Makes somebody, merges two, deletes or updates one; notes who is merged or deleted. */
static void write_something(struct seeded *seeded, const char *const *ids, bool *gone) {
    const size_t one = seeded_below(seeded, PEOPLE);
    const size_t other = seeded_below(seeded, PEOPLE);
    ask_wait_us(US_PER_SECOND);
    if (one == other || gone[one] || gone[other]) {
        create(TOLD(.name = "Late"));
        return;
    }
    Profiled__V1__MergeProfilesRequest merge = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    merge.profile_id = text(ids[one]);
    merge.other_profile_id = text(ids[other]);
    const char *email = arena_format(&ask_arena, "p%zu@example.com", one);
    switch (seeded_below(seeded, 3)) {
    case 0: /* The older one answers. Some have too many addresses by then. */
        if (call(ask_fixture, &rpc_identity_service, "MergeProfiles", &merge.base, NULL)->code ==
            STATUS_OK) {
            gone[one > other ? one : other] = true;
        }
        break;
    case 1:
        delete_profile(ids[one]);
        gone[one] = true;
        break;
    default:
        (void)resolve(
            TOLD(.identities = {ID("email", email)}, .attributes = {ATTRIBUTE("city", "jeddah")}));
    }
}

/* Each who was there at the beginning and is there at the end is told once, nobody twice, and
 * nobody who came later. */
static void expect_each_once(const char *segment, const char *filter) {
    static const char *ids[PEOPLE];
    static bool gone[PEOPLE];
    static struct seen seen;
    struct seeded seeded = {.state = 7};
    for (size_t i = 0; i < PEOPLE; i++) {
        const char *email = arena_format(&ask_arena, "p%zu@example.com", i);
        ids[i] = make(TOLD(.name = "Early", .identities = {ID("email", email)}));
    }
    if (segment[0] != '\0') {
        create_segment(segment, "identity.email:*");
        ready_segment(segment);
    }
    Profiled__V1__ExportProfilesRequest *request = export_of(segment, filter);
    const char *token = "";
    size_t messages = 0;
    bool done = false;
    for (; !done; messages++) {
        call_step_set(SLOW_US); /* A view lasts for a few profiles. */
        const Profiled__V1__ExportProfilesResponse *message = go_on(request, &token);
        call_step_set(0);
        for (size_t i = 0; i < message->n_profiles; i++) {
            seen.ids[seen.count++] = message->profiles[i]->id;
        }
        cr_assert_eq(message->exported_count, (int64_t)seen.count);
        done = message->done;
        for (size_t i = 0; i < 3 && !done; i++) {
            write_something(&seeded, ids, gone);
        }
    }

    cr_expect_gt(messages, 10, "%zu messages", messages);
    for (size_t i = 0; i < PEOPLE; i++) {
        const size_t times = times_seen(&seen, ids[i]);
        cr_assert(gone[i] ? times <= 1 : times == 1, "number %zu is told %zu times", i, times);
    }
    cr_expect_leq(seen.count, PEOPLE, "nobody who was made later is told");
    const Profiled__V1__ExportProfilesResponse *again = go_on(request, &token);
    cr_expect(again->done);
    cr_expect_eq(again->n_profiles, 0);
    cr_expect_eq(again->exported_count, (int64_t)seen.count);
}

Test(export_profiles, each_is_told_once_whatever_is_written_meanwhile) { expect_each_once("", ""); }

Test(export_profiles, each_that_a_filter_finds_is_told_once) { expect_each_once("", "name:early"); }

Test(export_profiles, each_of_a_segment_is_told_once) { expect_each_once("known", ""); }

Test(export_profiles, a_token_goes_on_after_a_restart) {
    for (size_t i = 0; i < 40; i++) {
        create(TOLD(.name = "Huda"));
    }
    Profiled__V1__ExportProfilesRequest *request = export_of("", "");
    const char *token = "";
    call_step_set(SLOW_US);
    const Profiled__V1__ExportProfilesResponse *first = go_on(request, &token);
    cr_assert_not(first->done);
    cr_assert_gt(first->n_profiles, 0);
    const int64_t told = first->exported_count;
    call_step_set(0);
    ask_wait_us(30 * US_PER_DAY);
    call_reopen(ask_fixture);

    const Profiled__V1__ExportProfilesResponse *rest = go_on(request, &token);

    cr_expect(rest->done);
    cr_expect_eq((int64_t)rest->n_profiles, 40 - told);
    cr_expect_eq(rest->exported_count, 40);
    cr_expect_eq(rest->withheld_value_count, 40);
}

/* Its filter means what it meant when it began, and so does its token's. */
Test(export_profiles, a_label_that_is_changed_meanwhile_changes_nothing) {
    label_theme("complaint", "grievance");
    for (size_t i = 0; i < 40; i++) {
        create(TOLD(.name = "Huda"));
    }
    Profiled__V1__ExportProfilesRequest *request = export_of("", "NOT themes:grievance");
    struct rpc_stream *stream = rpc_stream_new();
    call_step_set(SLOW_US);
    const Profiled__V1__ExportProfilesResponse *first =
        ask_on(stream, &rpc_transfer_service, "ExportProfiles", &request->base);
    cr_assert_not(first->done);
    const char *token = arena_string(&ask_arena, bytes_of_string(first->resume_token));
    label_theme("complaint", "trouble");
    const Profiled__V1__ExportProfilesResponse *second =
        ask_on(stream, &rpc_transfer_service, "ExportProfiles", &request->base);
    cr_expect_gt(second->exported_count, first->exported_count);
    rpc_stream_free(stream);
    (void)go_on(request, &token);
    call_step_set(0);
    cr_expect_eq(go_on(request, &token)->exported_count, 40);
}

/* ---- what is refused ---- */

static const struct answer *refused(Profiled__V1__ExportProfilesRequest *request,
                                    enum status_code code, const char *reason) {
    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *answer = ask_refused_on(stream, &rpc_transfer_service, "ExportProfiles",
                                                 &request->base, code, reason);
    rpc_stream_free(stream);
    return answer;
}

Test(export_profiles, forged_and_foreign_tokens_are_refused) {
    create(TOLD(.name = "Huda"));
    Profiled__V1__ExportProfilesRequest *request = export_of("", "name:huda");
    const char *token = "";
    (void)go_on(request, &token);
    char *changed = arena_string(&ask_arena, bytes_of_string(token));
    changed[9] = changed[9] == 'a' ? 'b' : 'a';
    request->resume_token = changed;
    refused(request, STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    request->resume_token = text("token");
    refused(request, STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");

    request->resume_token = text(token);
    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *answer =
        call_stream_in(ask_fixture, "other", stream, &rpc_transfer_service, "ExportProfiles",
                       &request->base, NULL);
    cr_expect_str_eq(answer->reason, "RESUME_TOKEN_INVALID");
    rpc_stream_free(stream);
    request->include_personal = true;
    refused(request, STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    request->include_personal = false;
    set_mask(request, "name");
    refused(request, STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
    request->read_mask = NULL;
    request->filter = text("name:noura");
    refused(request, STATUS_INVALID_ARGUMENT, "RESUME_TOKEN_INVALID");
}

Test(export_profiles, what_is_bad_is_named) {
    Profiled__V1__ExportProfilesRequest *request = export_of("Vip!", "");
    set_mask(request, "nickname");
    const struct answer *answer = refused(request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "segment"));
    cr_expect_not_null(answer_violation(answer, "read_mask.paths[0]"));

    refused(export_of("nobody", ""), STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    answer =
        refused(export_of("", "attributes.town = x"), STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), "11");
}

Test(export_profiles, a_segment_that_is_deleted_meanwhile_ends_it) {
    create(TOLD(.name = "Huda"));
    create_segment("all", "name:*");
    ready_segment("all");
    Profiled__V1__ExportProfilesRequest *request = export_of("all", "");
    const char *token = "";
    (void)go_on(request, &token);
    delete_segment("all");

    request->resume_token = text(token);
    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *answer = call_stream(ask_fixture, stream, &rpc_transfer_service,
                                              "ExportProfiles", &request->base, NULL);
    cr_expect_eq(answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(answer->reason, "SEGMENT_NOT_FOUND");
    rpc_stream_free(stream);
}

Test(export_profiles, a_filter_s_segment_that_is_deleted_meanwhile_ends_it) {
    create_segment("vip", NULL);
    for (size_t i = 0; i < 40; i++) {
        create(TOLD(.name = "Huda"));
    }
    Profiled__V1__ExportProfilesRequest *request = export_of("", "NOT segments:vip");
    const char *token = "";
    call_step_set(SLOW_US);
    cr_assert_not(go_on(request, &token)->done);
    call_step_set(0);
    delete_segment("vip");
    call_sweep(ask_fixture);

    request->resume_token = text(token);
    const struct answer *answer = refused(request, STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");

    cr_expect_str_eq(answer_metadata(answer, "field"), "filter");
    cr_expect_str_eq(answer_metadata(answer, "segment"), "vip");
    cr_expect_null(answer_metadata(answer, "offset"));
}
