/* AnalyzeInteractions: random interactions against a count of the test's own, by every pair of
 * dimensions, in two time zones; then limits, persons, and what is refused. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/segments.h"

TestSuite(analyze_interactions, .init = ask_open, .fini = ask_close, .timeout = 240);

enum { COUNT = 150, PEOPLE = 6, LABELS = 3, HOURS = 70 * 24 };

#define DIMENSION(NAME) PROFILED__V1__INTERACTION_DIMENSION__INTERACTION_DIMENSION_##NAME
#define BUCKET(NAME) PROFILED__V1__TIME_BUCKET__TIME_BUCKET_##NAME

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *const channels[LABELS] = {"email", "whatsapp", "twitter"};
static const char *const themes[LABELS] = {"", "complaint", "question"};
static const char *const subs[LABELS] = {"", "delivery", "payment"};
static const char *const dialects[LABELS] = {"", "saudi", "egyptian"};
static const char *const agents[LABELS] = {"", "a-1", "a-2"};
static const char *const sentiments[] = {"", "negative", "neutral", "positive"};
static const char *const countries[] = {"SA", "EG", ""};

/* What was told, and by whom. */
struct told_event {
    size_t person;
    size_t labels[5]; /* Of the arrays above, in their order. */
    uint32_t sentiment;
    int64_t occur_us;
};
static struct told_event model[COUNT];
static const char *people[PEOPLE];

static void tell_one(struct told_event *told, struct seeded *seeded) {
    told->person = seeded_below(seeded, PEOPLE);
    for (size_t i = 0; i < 5; i++) {
        told->labels[i] = seeded_below(seeded, LABELS);
    }
    told->sentiment = (uint32_t)seeded_below(seeded, 4);
    told->occur_us = CALL_START_US - (int64_t)seeded_below(seeded, HOURS) * US_PER_HOUR;
    Profiled__V1__Interaction *interaction =
        engagement_told("", channels[told->labels[0]], told->occur_us);
    interaction->engagement->theme = text(themes[told->labels[1]]);
    interaction->engagement->sub_theme = text(subs[told->labels[2]]);
    interaction->engagement->dialect = text(dialects[told->labels[3]]);
    interaction->engagement->agent = text(agents[told->labels[4]]);
    interaction->engagement->sentiment = (Profiled__V1__Sentiment)told->sentiment;
    record_event(event_by_id(interaction, people[told->person]));
}

static void tell_all(void) {
    struct seeded seeded = {.state = 11};
    for (size_t i = 0; i < PEOPLE; i++) {
        const char *country = countries[i % 3];
        people[i] =
            country[0] == '\0'
                ? create(TOLD(.name = "Noura"))->id
                : create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("country", country)}))->id;
    }
    for (size_t i = 0; i < COUNT; i++) {
        tell_one(&model[i], &seeded);
    }
}

static const char *label_of(const struct told_event *told, int dimension) {
    switch (dimension) {
    case DIMENSION(CHANNEL):
        return channels[told->labels[0]];
    case DIMENSION(KIND):
        return "engagement";
    case DIMENSION(THEME):
        return themes[told->labels[1]];
    case DIMENSION(SUB_THEME):
        return subs[told->labels[2]];
    case DIMENSION(SENTIMENT):
        return sentiments[told->sentiment];
    case DIMENSION(DIALECT):
        return dialects[told->labels[3]];
    case DIMENSION(AGENT):
        return agents[told->labels[4]];
    case DIMENSION(COUNTRY):
        return countries[told->person % 3];
    default:
        return "";
    }
}

/* ---- asking ---- */

struct asked {
    Profiled__V1__AnalyzeInteractionsRequest request;
    Profiled__V1__InteractionFilter filter;
    Profiled__V1__InteractionDimension dimensions[4];
};

static struct asked *asked_new(void) {
    struct asked *asked = arena_alloc(&ask_arena, sizeof *asked);
    profiled__v1__analyze_interactions_request__init(&asked->request);
    profiled__v1__interaction_filter__init(&asked->filter);
    asked->request.filter = &asked->filter;
    asked->request.group_by = asked->dimensions;
    asked->request.limit = 1000;
    return asked;
}

static void by(struct asked *asked, Profiled__V1__InteractionDimension dimension) {
    asked->dimensions[asked->request.n_group_by++] = dimension;
}

/* All messages of the answer as one. */
static Profiled__V1__AnalyzeInteractionsResponse analyze(const struct asked *asked) {
    const struct feed feed =
        ask_feed(&rpc_interaction_service, "AnalyzeInteractions", &asked->request.base);
    cr_assert_gt(feed.count, 0);
    Profiled__V1__AnalyzeInteractionsResponse all =
        *(const Profiled__V1__AnalyzeInteractionsResponse *)feed.messages[feed.count - 1];
    all.n_groups = 0;
    all.groups = arena_array(&ask_arena, feed.count * 1000, sizeof *all.groups);
    for (size_t i = 0; i < feed.count; i++) {
        const Profiled__V1__AnalyzeInteractionsResponse *message =
            (const Profiled__V1__AnalyzeInteractionsResponse *)feed.messages[i];
        for (size_t k = 0; k < message->n_groups; k++) {
            all.groups[all.n_groups++] = message->groups[k];
        }
    }
    cr_assert(all.counted);
    return all;
}

/* ---- the model ---- */

static const char *day_there(const struct asked *asked, int64_t occur_us) {
    const bool in_riyadh = asked->request.time_zone[0] != '\0';
    const int32_t day = day_of(occur_us + (in_riyadh ? 3 * US_PER_HOUR : 0));
    switch ((int)asked->request.bucket) {
    case BUCKET(DAY):
        return day_text(day, &ask_arena);
    case BUCKET(WEEK):
        return day_text(day_week(day), &ask_arena);
    case BUCKET(MONTH):
        return arena_format(&ask_arena, "%.7s-01", day_text(day, &ask_arena));
    default:
        return "";
    }
}

static bool is_taken(const struct asked *asked, const struct told_event *told) {
    const Profiled__V1__InteractionFilter *filter = &asked->filter;
    const int64_t min_us =
        filter->min_time == NULL ? INT64_MIN : filter->min_time->seconds * US_PER_SECOND;
    const int64_t max_us =
        filter->max_time == NULL ? INT64_MAX : filter->max_time->seconds * US_PER_SECOND;
    return told->occur_us >= min_us && told->occur_us < max_us &&
           (filter->channel[0] == '\0' ||
            strcmp(filter->channel, channels[told->labels[0]]) == 0) &&
           (filter->theme[0] == '\0' || strcmp(filter->theme, themes[told->labels[1]]) == 0) &&
           (filter->sentiment == 0 || (uint32_t)filter->sentiment == told->sentiment);
}

static bool is_in(const struct asked *asked, const struct told_event *told, const char *day,
                  const Profiled__V1__InteractionGroup *group) {
    bool in = day != NULL && strcmp(day, group->day) == 0;
    for (size_t i = 0; i < asked->request.n_group_by && in; i++) {
        in = strcmp(label_of(told, (int)asked->dimensions[i]), group->labels[i]) == 0;
    }
    return in;
}

static void expect_as_the_model(const struct asked *asked) {
    const Profiled__V1__AnalyzeInteractionsResponse all = analyze(asked);
    const char *days[COUNT]; /* NULL: not taken. */
    int64_t taken = 0;
    for (size_t i = 0; i < COUNT; i++) {
        days[i] = is_taken(asked, &model[i]) ? day_there(asked, model[i].occur_us) : NULL;
        taken += days[i] != NULL;
    }
    int64_t sum = 0;
    for (size_t g = 0; g < all.n_groups; g++) {
        const Profiled__V1__InteractionGroup *group = all.groups[g];
        int64_t count = 0;
        bool persons[PEOPLE] = {false};
        cr_assert_eq(group->n_labels, asked->request.n_group_by);
        for (size_t i = 0; i < COUNT; i++) {
            const bool in = is_in(asked, &model[i], days[i], group);
            count += in;
            persons[model[i].person] = persons[model[i].person] || in;
        }
        int64_t person_count = 0;
        for (size_t i = 0; i < PEOPLE; i++) {
            person_count += persons[i];
        }
        cr_assert_gt(count, 0);
        cr_assert_eq(group->count, count);
        cr_assert_eq(group->profile_count, asked->request.count_profiles ? person_count : 0);
        cr_assert(g == 0 || strcmp(all.groups[g - 1]->day, group->day) < 0 ||
                  (strcmp(all.groups[g - 1]->day, group->day) == 0 &&
                   all.groups[g - 1]->count >= group->count));
        sum += count;
    }
    cr_assert_eq(sum, taken);
    cr_assert_eq(all.interaction_count, taken);
}

Test(analyze_interactions, counts_by_every_pair_of_dimensions) {
    static const Profiled__V1__InteractionDimension dimensions[] = {
        DIMENSION(CHANNEL),   DIMENSION(KIND),    DIMENSION(THEME), DIMENSION(SUB_THEME),
        DIMENSION(SENTIMENT), DIMENSION(DIALECT), DIMENSION(AGENT), DIMENSION(COUNTRY)};
    enum { DIMENSIONS = sizeof dimensions / sizeof *dimensions };
    tell_all();
    for (size_t a = 0; a < DIMENSIONS; a++) {
        for (size_t b = 0; b <= a; b++) {
            struct asked *asked = asked_new();
            by(asked, dimensions[(a + b) % 3 == 0 ? b : a]);
            if (a != b) {
                by(asked, dimensions[(a + b) % 3 == 0 ? a : b]);
            }
            asked->request.bucket = (Profiled__V1__TimeBucket)((a + b) % 4);
            asked->request.count_profiles = b % 2 == 0;
            expect_as_the_model(asked);
        }
    }
}

Test(analyze_interactions, spans_are_those_of_the_time_zone) {
    tell_all();
    for (int bucket = BUCKET(UNSPECIFIED); bucket <= BUCKET(MONTH); bucket++) {
        for (int with_zone = 0; with_zone < 2; with_zone++) {
            struct asked *asked = asked_new();
            by(asked, DIMENSION(CHANNEL));
            by(asked, DIMENSION(THEME));
            by(asked, DIMENSION(SENTIMENT));
            asked->request.bucket = (Profiled__V1__TimeBucket)bucket;
            asked->request.time_zone = text(with_zone ? "Asia/Riyadh" : "");
            expect_as_the_model(asked);
        }
    }
}

/* Of a clock that was ahead by a change to summer time: half an hour before midnight, UTC, is the
 * next day in London. */
Test(analyze_interactions, days_are_those_of_the_zone_also_ahead_of_the_clock) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    ask_wait_us(200 * US_PER_DAY);
    const int32_t today = day_of(ask_now_us());
    const int64_t late_us = (int64_t)today * US_PER_DAY - US_PER_HOUR / 2;
    record_event(event_by_id(engagement_told("", "email", late_us), id));
    ask_wait_us(-200 * US_PER_DAY);
    call_sweep(ask_fixture);
    struct asked *asked = asked_new();
    asked->request.bucket = BUCKET(DAY);
    asked->request.time_zone = text("Europe/London");
    const Profiled__V1__AnalyzeInteractionsResponse all = analyze(asked);
    cr_assert_eq(all.n_groups, 1);
    cr_expect_str_eq(all.groups[0]->day, day_text(today, &ask_arena));
}

Test(analyze_interactions, filters_and_times_anywhere_in_a_day) {
    tell_all();
    static const int64_t hours[] = {0, 1, 24, 221, 1656};
    for (size_t from = 0; from < 5; from++) {
        for (size_t to = 0; to < from; to++) {
            struct asked *asked = asked_new();
            by(asked, DIMENSION(SENTIMENT));
            asked->request.bucket = BUCKET(WEEK);
            asked->filter.min_time = time_told(CALL_START_US - hours[from] * US_PER_HOUR);
            asked->filter.max_time = time_told(CALL_START_US - hours[to] * US_PER_HOUR);
            expect_as_the_model(asked);
            asked->filter.channel = text("whatsapp");
            asked->filter.theme = text("complaint");
            expect_as_the_model(asked);
            asked->filter.sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
            expect_as_the_model(asked);
        }
    }
}

/* Kept counts answer what they can: nothing is gone through. */
Test(analyze_interactions, the_usual_question_looks_at_no_interaction) {
    tell_all();
    struct asked *asked = asked_new();
    by(asked, DIMENSION(CHANNEL));
    by(asked, DIMENSION(THEME));
    by(asked, DIMENSION(SENTIMENT));
    asked->request.bucket = BUCKET(DAY);
    cr_expect_eq(analyze(asked).looked_at_count, 0);
    asked->request.count_profiles = true;
    const Profiled__V1__AnalyzeInteractionsResponse all = analyze(asked);
    cr_expect_eq(all.looked_at_count, COUNT);
    cr_expect_eq(all.profile_count, PEOPLE);
}

Test(analyze_interactions, the_rest_is_counted_together) {
    tell_all();
    struct asked *asked = asked_new();
    by(asked, DIMENSION(CHANNEL));
    by(asked, DIMENSION(THEME));
    const Profiled__V1__AnalyzeInteractionsResponse whole = analyze(asked);
    cr_assert_eq(whole.n_groups, 9);
    asked->request.limit = 2;
    asked->request.count_profiles = true;
    const Profiled__V1__AnalyzeInteractionsResponse some = analyze(asked);
    cr_assert_eq(some.n_groups, 3);
    cr_expect_str_eq(some.groups[0]->labels[0], whole.groups[0]->labels[0]);
    cr_expect_eq(some.groups[0]->count, whole.groups[0]->count);
    cr_expect(some.groups[2]->rest);
    cr_expect_eq(some.groups[2]->n_labels, 0);
    cr_expect_eq(some.groups[2]->count, COUNT - some.groups[0]->count - some.groups[1]->count);
    cr_expect_eq(some.groups[2]->profile_count, PEOPLE);
    asked->request.bucket = BUCKET(MONTH);
    int64_t sum = 0;
    const Profiled__V1__AnalyzeInteractionsResponse months = analyze(asked);
    for (size_t i = 0; i < months.n_groups; i++) {
        sum += months.groups[i]->count;
    }
    cr_expect_eq(sum, COUNT);
}

Test(analyze_interactions, a_merged_person_is_one) {
    tell_all();
    struct asked *asked = asked_new();
    asked->request.count_profiles = true;
    cr_expect_eq(analyze(asked).profile_count, PEOPLE);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(people[0]);
    request.other_profile_id = text(people[3]);
    ask(&rpc_identity_service, "MergeProfiles", &request.base);
    const Profiled__V1__AnalyzeInteractionsResponse all = analyze(asked);
    cr_expect_eq(all.profile_count, PEOPLE - 1);
    cr_assert_eq(all.n_groups, 1);
    cr_expect_eq(all.groups[0]->count, COUNT);
    cr_expect_eq(all.groups[0]->profile_count, PEOPLE - 1);
}

Test(analyze_interactions, surveys_and_activities_have_names) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answer = PROFILED__V1__SURVEY_ANSWER__INIT;
    answer.question_id = text("q");
    record_event(event_by_id(answers_told(&answer, 1), id));
    record_event(event_by_id(activity_told(NULL, 0), id));
    struct asked *asked = asked_new();
    by(asked, DIMENSION(KIND));
    by(asked, DIMENSION(NAME));
    by(asked, DIMENSION(CHANNEL));
    const Profiled__V1__AnalyzeInteractionsResponse all = analyze(asked);
    cr_assert_eq(all.n_groups, 2);
    cr_expect_str_eq(all.groups[0]->labels[0], "activity");
    cr_expect_str_eq(all.groups[0]->labels[1], "order_placed");
    cr_expect_str_eq(all.groups[0]->labels[2], "");
    cr_expect_str_eq(all.groups[1]->labels[1], "delivery");
    cr_expect_str_eq(all.groups[1]->labels[2], "survey");
    /* Nobody sees another workspace. */
    const struct feed feed =
        ask_feed_elsewhere(&rpc_interaction_service, "AnalyzeInteractions", &asked->request.base);
    cr_expect_eq(
        ((const Profiled__V1__AnalyzeInteractionsResponse *)feed.messages[0])->interaction_count,
        0);
}

static void refused(const struct asked *asked, const char *field) {
    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *answer = call_stream(ask_fixture, stream, &rpc_interaction_service,
                                              "AnalyzeInteractions", &asked->request.base, NULL);
    rpc_stream_free(stream);
    cr_assert_eq(answer->code, STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(answer_violation(answer, field), "%s", field);
}

/* The groups of one dimension, as " label:count(persons)", in the order in which they are told. */
static const char *by_segment(const char *segment, int64_t *count, int64_t *persons) {
    Profiled__V1__AnalyzeInteractionsRequest request =
        PROFILED__V1__ANALYZE_INTERACTIONS_REQUEST__INIT;
    Profiled__V1__InteractionDimension dimensions[] = {DIMENSION(SEGMENT)};
    request.n_group_by = 1;
    request.group_by = dimensions;
    request.count_profiles = true;
    request.segment = text(segment);
    const struct feed feed =
        ask_feed(&rpc_interaction_service, "AnalyzeInteractions", &request.base);
    const char *told = "";
    for (size_t i = 0; i < feed.count; i++) {
        const Profiled__V1__AnalyzeInteractionsResponse *response =
            (const Profiled__V1__AnalyzeInteractionsResponse *)feed.messages[i];
        *count = response->interaction_count;
        *persons = response->profile_count;
        for (size_t k = 0; k < response->n_groups; k++) {
            told = arena_format(&ask_arena, "%s %s:%d(%d)", told, response->groups[k]->labels[0],
                                (int)response->groups[k]->count,
                                (int)response->groups[k]->profile_count);
        }
    }
    return told;
}

Test(analyze_interactions, by_segment_each_counts_in_all_of_its_person) {
    int64_t count = 0;
    int64_t persons = 0;
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("loyal", "interaction_count >= 2");
    ready_segment("riyadh");
    ready_segment("loyal");
    const char *noura =
        create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("city", "riyadh")}))->id;
    const char *sami = create(TOLD(.name = "Sami"))->id;
    const char *huda =
        create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("city", "riyadh")}))->id;
    for (size_t i = 0; i < 3; i++) {
        record_event(event_by_id(engagement_told("", "email", 0), noura));
    }
    record_event(event_by_id(engagement_told("", "email", 0), sami));
    record_event(event_by_id(engagement_told("", "email", 0), huda));

    cr_expect_str_eq(by_segment("", &count, &persons), " riyadh:4(2) loyal:3(1) :1(1)");
    cr_expect_eq(count, 5);
    cr_expect_eq(persons, 3);
    cr_expect_str_eq(by_segment("riyadh", &count, &persons), " riyadh:4(2) loyal:3(1)");
    cr_expect_eq(count, 4);
    cr_expect_eq(persons, 2);
    merge_two(noura, sami);
    cr_expect_str_eq(by_segment("", &count, &persons), " riyadh:5(2) loyal:4(1)");
}

Test(analyze_interactions, a_segment_that_is_not_there_is_said) {
    Profiled__V1__AnalyzeInteractionsRequest request =
        PROFILED__V1__ANALYZE_INTERACTIONS_REQUEST__INIT;
    request.segment = text("nobody");
    struct rpc_stream *stream = rpc_stream_new();
    (void)ask_refused_on(stream, &rpc_interaction_service, "AnalyzeInteractions", &request.base,
                         STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    rpc_stream_free(stream);
}

Test(analyze_interactions, every_bad_field_is_named) {
    struct asked *asked = asked_new();
    asked->request.limit = 1001;
    asked->request.time_zone = text("Asia/Atlantis");
    asked->request.bucket = 9;
    asked->filter.text = text("word");
    asked->filter.sentiment = 7;
    by(asked, DIMENSION(CHANNEL));
    by(asked, DIMENSION(CHANNEL));
    by(asked, 99);
    static const char *const fields[] = {"limit",           "time_zone",   "bucket",
                                         "filter.text",     "group_by[1]", "group_by[2]",
                                         "filter.sentiment"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        refused(asked, fields[i]);
    }
    by(asked, DIMENSION(THEME));
    refused(asked, "group_by");
    static const char *const zones[] = {"+03:00", "GMT+3x", "\xd8\xa7",
                                        "a/very/long/name/that/no/zone/has/in/any/of/the/worlds/"
                                        "that/there/are"};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        asked->request.time_zone = text(zones[i]);
        refused(asked, "time_zone");
    }
}
