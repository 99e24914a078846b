/* AnalyzeSurvey. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/events.h"

TestSuite(analyze_survey, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__SurveyAnswer answer_told(const char *question, int32_t order) {
    Profiled__V1__SurveyAnswer answer = PROFILED__V1__SURVEY_ANSWER__INIT;
    answer.question_id = text(question);
    answer.order = order;
    return answer;
}

static const Profiled__V1__AnalyzeSurveyResponse *
analyze(const Profiled__V1__AnalyzeSurveyRequest *request) {
    const struct feed feed = ask_feed(&rpc_interaction_service, "AnalyzeSurvey", &request->base);
    cr_assert_gt(feed.count, 0);
    const Profiled__V1__AnalyzeSurveyResponse *last =
        (const Profiled__V1__AnalyzeSurveyResponse *)feed.messages[feed.count - 1];
    cr_assert(last->counted);
    return last;
}

static const Profiled__V1__AnalyzeSurveyResponse *analyze_delivery(void) {
    Profiled__V1__AnalyzeSurveyRequest request = PROFILED__V1__ANALYZE_SURVEY_REQUEST__INIT;
    request.survey_id = text("delivery");
    return analyze(&request);
}

Test(analyze_survey, scores_numbers_and_choices_are_those_of_a_model) {
    enum { COUNT = 120, CHOICES = 3 };
    static const char *const choices[CHOICES] = {"yes", "no", "لا أعرف"};
    struct seeded seeded = {.state = 5};
    int64_t nps_sum = 0;
    int64_t groups[3] = {0};
    int64_t chosen[CHOICES] = {0};
    int64_t skipped = 0;
    double number_sum = 0;
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (size_t i = 0; i < COUNT; i++) {
        Profiled__V1__SurveyAnswer answers[] = {answer_told("on_time", 2), answer_told("nps", 1),
                                                answer_told("orders", 0)};
        const size_t choice = seeded_below(&seeded, CHOICES + 1);
        if (choice < CHOICES) {
            answers[0].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE;
            answers[0].choice = text(choices[choice]);
            chosen[choice]++;
        } else {
            skipped++;
        }
        answers[1].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS;
        answers[1].nps = (int32_t)seeded_below(&seeded, 11);
        nps_sum += answers[1].nps;
        groups[answers[1].nps >= 9 ? 0 : answers[1].nps >= 7 ? 1 : 2]++;
        answers[2].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER;
        answers[2].number = (double)seeded_below(&seeded, 100) / 4;
        number_sum += answers[2].number;
        record_event(event_by_id(answers_told(answers, 3), id));
        record_event(event_by_id(engagement_told("", "email", 0), id));
    }
    const Profiled__V1__AnalyzeSurveyResponse *all = analyze_delivery();
    cr_assert_eq(all->response_count, COUNT);
    cr_expect_eq(all->looked_at_count, COUNT);
    cr_assert_eq(all->n_questions, 3);
    const Profiled__V1__QuestionResult *nps = all->questions[0];
    cr_expect_str_eq(nps->question_id, "nps");
    cr_expect_eq(nps->answer_count, COUNT);
    cr_expect_eq(nps->nps->promoter_count, groups[0]);
    cr_expect_eq(nps->nps->passive_count, groups[1]);
    cr_expect_eq(nps->nps->detractor_count, groups[2]);
    cr_expect_float_eq(nps->nps->score, 100.0 * (double)(groups[0] - groups[2]) / COUNT, 1e-9);
    cr_expect_float_eq(nps->numbers->average, (double)nps_sum / COUNT, 1e-9);
    cr_expect_eq(nps->n_distribution, 11);
    const Profiled__V1__QuestionResult *on_time = all->questions[1];
    cr_expect_str_eq(on_time->question_id, "on_time");
    cr_expect_eq(on_time->skipped_count, skipped);
    cr_expect_eq(on_time->answer_count, COUNT - skipped);
    cr_expect_null(on_time->numbers);
    cr_assert_eq(on_time->n_distribution, CHOICES);
    for (size_t i = 0; i < CHOICES; i++) {
        for (size_t k = 0; k < CHOICES; k++) {
            cr_expect(strcmp(on_time->distribution[i]->answer, choices[k]) != 0 ||
                      on_time->distribution[i]->count == chosen[k]);
        }
        cr_expect(i == 0 || on_time->distribution[i - 1]->count >= on_time->distribution[i]->count);
    }
    const Profiled__V1__QuestionResult *orders = all->questions[2]; /* Without a place: last. */
    cr_expect_float_eq(orders->numbers->average, number_sum / COUNT, 1e-9);
    cr_expect_eq(orders->n_distribution, 0);
    cr_expect_null(orders->nps);
}

static double average_of(const double *numbers, size_t count) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answer = answer_told("orders", 1);
    answer.answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER;
    for (size_t i = 0; i < count; i++) {
        answer.number = numbers[i];
        record_event(event_by_id(answers_told(&answer, 1), id));
    }
    return analyze_delivery()->questions[0]->numbers->average;
}

Test(analyze_survey, an_average_is_the_nearest_number) {
    const double average = average_of((double[]){0.1, 0.2, 0}, 3);
    cr_expect_eq(average, 0.1);
}

/* Of numbers that millionths do not tell, too. */
Test(analyze_survey, an_average_has_all_decimals) {
    double average = average_of((double[]){1e-9}, 1);
    cr_expect_eq(average, 1e-9);
    average = average_of((double[]){0.5, 1.5}, 2);
    cr_expect_float_eq(average, (2 + 1e-9) / 3, 1e-15);
    average = average_of((double[]){5e12}, 1);
    cr_expect_eq(average, (5e12 + 2 + 1e-9) / 4);
}

Test(analyze_survey, several_choices_ratings_and_what_is_not_told) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answers[] = {answer_told("uses", 1), answer_told("rating", 2),
                                            answer_told("comment", 3)};
    char *uses[] = {text("orders"), text("offers")};
    Profiled__V1__SurveyChoices choices = PROFILED__V1__SURVEY_CHOICES__INIT;
    choices.n_choices = 2;
    choices.choices = uses;
    answers[0].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICES;
    answers[0].choices = &choices;
    answers[1].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_RATING;
    answers[1].rating = 4;
    answers[2].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT;
    answers[2].text = text("call me");
    answers[2].question = text("Anything else?");
    answers[2].section = text("end");
    record_event(event_by_id(answers_told(answers, 3), id));
    choices.n_choices = 1;
    answers[1].rating = 5;
    record_event(event_by_id(answers_told(answers, 3), id));
    const Profiled__V1__AnalyzeSurveyResponse *all = analyze_delivery();
    cr_assert_eq(all->n_questions, 3);
    cr_assert_eq(all->questions[0]->n_distribution, 2);
    cr_expect_str_eq(all->questions[0]->distribution[0]->answer, "orders");
    cr_expect_eq(all->questions[0]->distribution[0]->count, 2);
    cr_expect_eq(all->questions[0]->answer_count, 2);
    cr_expect_float_eq(all->questions[1]->numbers->average, 4.5, 1e-9);
    cr_expect_float_eq(all->questions[1]->numbers->min, 4, 1e-9);
    cr_expect_float_eq(all->questions[1]->numbers->max, 5, 1e-9);
    cr_expect_eq(all->questions[2]->answer_count, 2);
    cr_expect_eq(all->questions[2]->n_distribution, 0);
    cr_expect_str_eq(all->questions[2]->question, "Anything else?");
    cr_expect_str_eq(all->questions[2]->section, "end");
    cr_expect_eq(all->questions[2]->type, PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_TEXT);
    cr_expect_not(all->questions[2]->mixed);
}

Test(analyze_survey, scores_are_in_the_order_of_their_scale) {
    static const int32_t scores[] = {10, 2, 9, 0, 7, 9};
    static const char *const expected[] = {"0", "2", "7", "9", "10"};
    const char *id = create(TOLD(.name = "Noura"))->id;
    for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++) {
        Profiled__V1__SurveyAnswer answers[] = {answer_told("nps", 1), answer_told("rating", 2)};
        answers[0].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS;
        answers[0].nps = scores[i];
        answers[1].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_RATING;
        answers[1].rating = scores[i];
        record_event(event_by_id(answers_told(answers, 2), id));
    }

    const Profiled__V1__AnalyzeSurveyResponse *told = analyze_delivery();

    cr_assert_eq(told->n_questions, 2);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(told->questions[i]->n_distribution, 5);
        for (size_t k = 0; k < 5; k++) {
            cr_expect_str_eq(told->questions[i]->distribution[k]->answer, expected[k]);
        }
    }
}

Test(analyze_survey, answers_beyond_the_limit_are_counted_together_and_types_may_differ) {
    enum { COUNT = 103 };
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answer = answer_told("city", 1);
    answer.answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE;
    for (int i = 0; i < COUNT; i++) {
        answer.choice = arena_format(&ask_arena, "city %03d", i);
        record_event(event_by_id(answers_told(&answer, 1), id));
    }
    answer.answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER;
    answer.number = 7;
    ask_wait_us(US_PER_SECOND);
    record_event(event_by_id(answers_told(&answer, 1), id));
    const Profiled__V1__QuestionResult *city = analyze_delivery()->questions[0];
    cr_expect_eq(city->n_distribution, 100);
    cr_expect_eq(city->other_count, COUNT - 100);
    cr_expect_eq(city->answer_count, COUNT + 1);
    cr_expect(city->mixed);
    cr_expect_eq(city->type, PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_NUMBER);
    cr_expect_eq(city->numbers->count, 1);
}

/* What a response does not tell takes nothing away. */
Test(analyze_survey, what_is_said_of_questions_is_what_was_said_last) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer full = answer_told("why", 4);
    full.question = text("Why?");
    full.section = text("end");
    full.type = PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_CHOICE;
    Profiled__V1__SurveyAnswer bare = answer_told("why", 0);
    Profiled__V1__Interaction *named = answers_told(&full, 1);
    named->survey_response->survey_name = text("Delivery");
    record_event(event_by_id(named, id));
    ask_wait_us(US_PER_SECOND);
    record_event(event_by_id(answers_told(&bare, 1), id));

    const Profiled__V1__AnalyzeSurveyResponse *told = analyze_delivery();

    cr_expect_str_eq(told->survey_name, "Delivery");
    cr_assert_eq(told->n_questions, 1);
    cr_expect_str_eq(told->questions[0]->question, "Why?");
    cr_expect_str_eq(told->questions[0]->section, "end");
    cr_expect_eq(told->questions[0]->order, 4);
    cr_expect_eq(told->questions[0]->type, PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_CHOICE);

    full.question = text("Why so?");
    full.order = 2;
    ask_wait_us(US_PER_SECOND);
    record_event(event_by_id(answers_told(&full, 1), id));
    told = analyze_delivery();

    cr_expect_str_eq(told->questions[0]->question, "Why so?");
    cr_expect_eq(told->questions[0]->order, 2);
}

Test(analyze_survey, a_skipped_question_has_the_type_of_its_answers) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answered = answer_told("score", 1);
    answered.answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_RATING;
    answered.rating = 5;
    Profiled__V1__SurveyAnswer skipped = answer_told("score", 1);
    skipped.type = PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_TEXT;
    Profiled__V1__SurveyAnswer *const responses[] = {&skipped, &answered, &skipped};
    for (size_t i = 0; i < 3; i++) {
        record_event(event_by_id(answers_told(responses[i], 1), id));
        ask_wait_us(US_PER_SECOND);
    }

    const Profiled__V1__QuestionResult *score = analyze_delivery()->questions[0];

    cr_expect_eq(score->type, PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_RATING);
    cr_expect_not(score->mixed);
    cr_expect_eq(score->answer_count, 1);
    cr_expect_eq(score->skipped_count, 2);
}

Test(analyze_survey, of_some_time_only) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answer = answer_told("q", 1);
    for (int day = 0; day < 5; day++) {
        record_event(event_by_id(answers_told(&answer, 1), id));
        ask_wait_us(US_PER_DAY);
    }
    Profiled__V1__AnalyzeSurveyRequest request = PROFILED__V1__ANALYZE_SURVEY_REQUEST__INIT;
    request.survey_id = text("delivery");
    request.min_time = time_told(CALL_START_US + US_PER_DAY);
    request.max_time = time_told(CALL_START_US + 3 * US_PER_DAY);
    const Profiled__V1__AnalyzeSurveyResponse *some = analyze(&request);
    cr_expect_eq(some->response_count, 2);
    cr_expect_eq(some->questions[0]->skipped_count, 2);
    cr_expect_eq(some->first_time->seconds, (CALL_START_US + US_PER_DAY) / US_PER_SECOND);
    cr_expect_eq(some->last_time->seconds, (CALL_START_US + 2 * US_PER_DAY) / US_PER_SECOND);
    request.min_time = time_told(CALL_START_US + 9 * US_PER_DAY);
    request.max_time = NULL;
    some = analyze(&request);
    cr_expect_eq(some->response_count, 0);
    cr_expect_eq(some->n_questions, 0);
    cr_expect_null(some->first_time);
}

static void expect_missing(const Profiled__V1__AnalyzeSurveyRequest *request, const char *nearest) {
    struct rpc_stream *stream = rpc_stream_new();
    const struct answer *answer = NULL;
    do { /* As long as it looks on. */
        answer = call_stream(ask_fixture, stream, &rpc_interaction_service, "AnalyzeSurvey",
                             &request->base, NULL);
    } while (call_more(ask_fixture));
    rpc_stream_free(stream);
    cr_assert_eq(answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(answer->reason, "SURVEY_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "field"), "survey_id");
    if (nearest != NULL) {
        cr_expect_str_eq(answer_metadata(answer, "nearest"), nearest);
    } else {
        cr_expect_null(answer_metadata(answer, "nearest"));
    }
}

Test(analyze_survey, one_that_nobody_answered_is_not_found) {
    Profiled__V1__AnalyzeSurveyRequest request = PROFILED__V1__ANALYZE_SURVEY_REQUEST__INIT;
    request.survey_id = text("delivry");
    expect_missing(&request, NULL);
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answer = answer_told("q", 1);
    record_event(event_by_id(answers_told(&answer, 1), id));
    expect_missing(&request, "delivery");
    request.min_time = time_told(CALL_START_US + US_PER_DAY);
    expect_missing(&request, "delivery");
    request.survey_id = text("onboarding");
    expect_missing(&request, NULL);
}

Test(analyze_survey, every_bad_field_is_named) {
    Profiled__V1__AnalyzeSurveyRequest request = PROFILED__V1__ANALYZE_SURVEY_REQUEST__INIT;
    request.min_time = time_told(CALL_START_US);
    request.max_time = time_told(CALL_START_US - US_PER_SECOND);
    static const char *const fields[] = {"survey_id", "max_time"};
    for (size_t i = 0; i < 2; i++) {
        struct rpc_stream *stream = rpc_stream_new();
        const struct answer *answer = call_stream(ask_fixture, stream, &rpc_interaction_service,
                                                  "AnalyzeSurvey", &request.base, NULL);
        rpc_stream_free(stream);
        cr_assert_eq(answer->code, STATUS_INVALID_ARGUMENT);
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
}

/* Where nobody says their order it is that in which they are answered; a response may leave some
 * out. */
Test(analyze_survey, questions_without_an_order_are_as_they_are_answered) {
    static const char *const asked[] = {"welcome", "age", "nps", "bye"};
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer some[] = {answer_told(asked[0], 0), answer_told(asked[2], 0),
                                         answer_told(asked[3], 0)};
    Profiled__V1__SurveyAnswer all[] = {answer_told(asked[0], 0), answer_told(asked[1], 0),
                                        answer_told(asked[2], 0), answer_told(asked[3], 0)};
    record_event(event_by_id(answers_told(some, 3), id));
    record_event(event_by_id(answers_told(all, 4), id));
    record_event(event_by_id(answers_told(some, 3), id));

    const Profiled__V1__AnalyzeSurveyResponse *told = analyze_delivery();

    cr_assert_eq(told->n_questions, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(told->questions[i]->question_id, asked[i]);
    }
}

/* A response by its questions, a letter each; none says an order. */
static void answer_letters(const char *profile_id, const char *survey_id, const char *letters) {
    Profiled__V1__SurveyAnswer answers[8];
    const size_t count = strlen(letters);
    cr_assert_leq(count, sizeof answers / sizeof answers[0]);
    for (size_t i = 0; i < count; i++) {
        answers[i] = answer_told(arena_format(&ask_arena, "%c", letters[i]), 0);
    }
    Profiled__V1__Interaction *interaction = answers_told(answers, count);
    interaction->survey_response->survey_id = text(survey_id);
    record_event(event_by_id(interaction, profile_id));
    ask_wait_us(US_PER_SECOND);
}

Test(analyze_survey, questions_are_in_an_order_that_contradicts_no_response) {
    static const struct {
        const char *survey_id;
        const char *responses[4];
        const char *order;
    } tests[] = {
        {"tail first", {"cd", "abc"}, "abcd"},
        {"joined last", {"ef", "abcd", "de"}, "abcdef"},
        {"by pairs", {"ac", "bc", "ab"}, "abc"},
        {"branches", {"abcf", "adef"}, "abcdef"},
        {"a contradiction", {"abcd", "dc"}, "abcd"},
        {"nothing in common", {"xy", "ab"}, "xyab"},
    };
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__AnalyzeSurveyRequest request = PROFILED__V1__ANALYZE_SURVEY_REQUEST__INIT;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        for (size_t k = 0; k < 4 && tests[i].responses[k] != NULL; k++) {
            answer_letters(id, tests[i].survey_id, tests[i].responses[k]);
        }
        request.survey_id = text(tests[i].survey_id);

        const Profiled__V1__AnalyzeSurveyResponse *told = analyze(&request);

        char order[8] = "";
        for (size_t k = 0; k < told->n_questions; k++) {
            order[k] = told->questions[k]->question_id[0];
        }
        cr_expect_str_eq(order, tests[i].order, "%s: %s", tests[i].survey_id, order);
    }
}
