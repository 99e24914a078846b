/* `profile show`: a customer with what was done, said and answered. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include <stdio.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"

TestSuite(profile_show, .init = ran_isolate);

/* A server with one customer: what was answered is not among the latest. */
struct customer {
    bool has_answered;
    bool is_counted_anew;
    size_t survey_calls;
};

static ProtobufCMessage *get_profile(const struct customer *customer) {
    static Profiled__V1__GetProfileResponse response = PROFILED__V1__GET_PROFILE_RESPONSE__INIT;
    static Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    static Profiled__V1__InteractionSummary summary = PROFILED__V1__INTERACTION_SUMMARY__INIT;
    static Profiled__V1__LabelCount kinds[] = {PROFILED__V1__LABEL_COUNT__INIT,
                                               PROFILED__V1__LABEL_COUNT__INIT};
    static Profiled__V1__LabelCount *list[] = {&kinds[0], &kinds[1]};
    static char texts[][24] = {"7", "Nora", "activity", "survey_response"};
    kinds[0].label = texts[2];
    kinds[0].count = 10;
    kinds[1].label = texts[3];
    kinds[1].count = 1;
    static Profiled__V1__NetSentiment net = PROFILED__V1__NET_SENTIMENT__INIT;
    net.score = -1;
    net.count = 2;
    summary.count = 11;
    summary.recent_net_sentiment = &net;
    summary.backfilling = customer->is_counted_anew;
    summary.kinds = list;
    summary.n_kinds = customer->has_answered ? 2 : 1;
    profile.id = texts[0];
    profile.name = texts[1];
    profile.interaction_summary = &summary;
    response.profile = &profile;
    return &response.base;
}

static Profiled__V1__Interaction *make_activity(void) {
    static Profiled__V1__Interaction interaction = PROFILED__V1__INTERACTION__INIT;
    static Profiled__V1__Activity activity = PROFILED__V1__ACTIVITY__INIT;
    static char name[] = "order_placed";
    activity.name = name;
    interaction.payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    interaction.activity = &activity;
    return &interaction;
}

static Profiled__V1__Interaction *make_survey(void) {
    static Profiled__V1__Interaction interaction = PROFILED__V1__INTERACTION__INIT;
    static Profiled__V1__SurveyResponse survey = PROFILED__V1__SURVEY_RESPONSE__INIT;
    static Profiled__V1__SurveyAnswer answers[] = {PROFILED__V1__SURVEY_ANSWER__INIT,
                                                   PROFILED__V1__SURVEY_ANSWER__INIT,
                                                   PROFILED__V1__SURVEY_ANSWER__INIT};
    static Profiled__V1__SurveyAnswer *list[] = {&answers[0], &answers[1], &answers[2]};
    static Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    static char texts[][24] = {"nps", "recommend", "why", "Why not?", "It was late", "paid"};
    answers[0].question_id = texts[1];
    answers[0].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS;
    answers[0].nps = 3;
    answers[1].question_id = texts[2];
    answers[1].question = texts[3];
    answers[1].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT;
    answers[1].text = texts[4];
    answers[2].question_id = texts[5];
    answers[2].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER;
    answers[2].number = 1234567;
    survey.survey_id = texts[0];
    survey.answers = list;
    survey.n_answers = 3;
    time.seconds = 1769860800; /* 2026-01-31T12:00:00Z */
    interaction.occur_time = &time;
    interaction.payload_case = PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    interaction.survey_response = &survey;
    return &interaction;
}

static ProtobufCMessage *list_interactions(struct customer *customer,
                                           const struct fake_request *request) {
    static Profiled__V1__ListInteractionsResponse response =
        PROFILED__V1__LIST_INTERACTIONS_RESPONSE__INIT;
    static Profiled__V1__Interaction *list[1];
    Profiled__V1__ListInteractionsRequest *got =
        profiled__v1__list_interactions_request__unpack(NULL, request->size, request->bytes);
    const bool of_surveys =
        got->filter != NULL &&
        got->filter->kind == PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_SURVEY_RESPONSE;
    profiled__v1__list_interactions_request__free_unpacked(got, NULL);
    customer->survey_calls += of_surveys ? 1 : 0;
    list[0] = of_surveys ? make_survey() : make_activity();
    response.interactions = list;
    response.n_interactions = 1;
    return &response.base;
}

static void serve(void *data, const struct fake_request *request, struct fake_answer *answer) {
    answer->last = true;
    answer->response = strcmp(request->path, "/profiled.v1.ProfileService/GetProfile") == 0
                           ? get_profile(data)
                           : list_interactions(data, request);
}

Test(profile_show, answers_have_a_section_however_long_ago_they_were_given) {
    struct customer customer = {.has_answered = true};

    const struct ran ran = ran_line(serve, &customer, "profile|show|7");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    expect_said(ran.out, "\nLatest survey answers\n"
                         "  2026-01-31 12:00  nps  recommend  3 of 10\n"
                         "                         Why not?   It was late\n"
                         "                         paid       1234567\n"
                         "\nLatest\n");
    expect_said(ran.out, "order_placed");
}

Test(profile_show, json_has_them_beside_the_interactions) {
    struct customer customer = {.has_answered = true};

    const struct ran ran = ran_line(serve, &customer, "profile|show|7|--output|ndjson");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    expect_said(ran.out, "\"interactions\":[{\"activity\":{\"name\":\"order_placed\"}}]");
    expect_said(ran.out, "\"surveyResponses\":[{\"occurTime\":\"2026-01-31T12:00:00Z\"");
}

Test(profile_show, who_has_answered_nothing_has_no_section) {
    struct customer customer = {.has_answered = false};

    const struct ran ran = ran_line(serve, &customer, "profile|show|7");

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_eq(customer.survey_calls, 0);
    cr_expect_null(strstr(ran.out, "answers"));
}

Test(profile_show, moods_that_are_being_counted_anew_are_those_so_far) {
    struct customer customer = {.is_counted_anew = false};
    cr_expect_not_null(
        strstr(ran_line(serve, &customer, "profile|show|7").out, "last 30 days  -1.00 of 2\n"));

    customer.is_counted_anew = true;

    expect_said(ran_line(serve, &customer, "profile|show|7").out,
                "last 30 days  -1.00 of 2 so far\n");
}
