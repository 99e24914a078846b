/* RecordInteraction. */

#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"

TestSuite(record_interaction, .init = ask_open, .fini = ask_close);

static Profiled__V1__RecordInteractionRequest request_of(Profiled__V1__InteractionRecord *event) {
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = event;
    return request;
}

static const struct answer *refused(Profiled__V1__InteractionRecord *event) {
    const Profiled__V1__RecordInteractionRequest request = request_of(event);
    return ask_refused(&rpc_interaction_service, "RecordInteraction", &request.base,
                       STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

Test(record_interaction, finds_or_makes_the_profile_and_is_counted) {
    const struct told *told = TOLD(.identities = {ID("whatsapp", "966500000001")});
    Profiled__V1__Interaction *interaction =
        engagement_told("m-1", "whatsapp", CALL_START_US - US_PER_HOUR);
    interaction->engagement->theme = (char *)(uintptr_t) "complaint";
    interaction->engagement->sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
    interaction->engagement->text = (char *)(uintptr_t) "أين طلبي؟";
    interaction->engagement->language = (char *)(uintptr_t) "AR";
    Profiled__V1__RecordInteractionRequest request = request_of(event_by_record(interaction, told));

    const Profiled__V1__RecordInteractionResponse *first =
        ask_twice(&rpc_interaction_service, "RecordInteraction", &request.base);
    record_event(event_by_record(engagement_told("m-2", "email", 0), told));
    record_event(event_by_record(engagement_told("m-3", "whatsapp", 0), told));

    cr_expect_eq(first->decision->outcome, OUTCOME(CREATED));
    cr_expect_not(first->repeated_event);
    const Profiled__V1__Profile *profile = get(first->profile_id);
    cr_expect_eq(identity_in(profile, "whatsapp", "+966500000001")->first_seen_time->seconds,
                 (CALL_START_US - US_PER_HOUR) / US_PER_SECOND, "seen when it happened");
    cr_expect_str_eq(profile->identities[0]->source, "inbox");
    const Profiled__V1__InteractionSummary *summary = profile->interaction_summary;
    cr_expect_eq(summary->count, 3);
    cr_expect_eq(summary->first_time->seconds, (CALL_START_US - US_PER_HOUR) / US_PER_SECOND);
    cr_expect_eq(summary->last_time->seconds, CALL_START_US / US_PER_SECOND);
    cr_assert_eq(summary->n_channels, 2);
    cr_expect_str_eq(summary->channels[0]->label, "whatsapp");
    cr_expect_eq(summary->channels[0]->count, 2);
    cr_assert_eq(summary->n_themes, 1);
    cr_expect_str_eq(summary->themes[0]->label, "complaint");
    cr_assert_eq(summary->n_sentiments, 1);
    cr_expect_str_eq(summary->sentiments[0]->label, "negative");

    const Profiled__V1__ListInteractionsResponse *list = events_of(first->profile_id);
    cr_assert_eq(list->n_interactions, 3);
    const Profiled__V1__Interaction *oldest = list->interactions[2];
    cr_expect_str_eq(oldest->id, first->interaction_id);
    cr_expect_str_eq(oldest->engagement->text, "أين طلبي؟");
    cr_expect_str_eq(oldest->engagement->language, "ar");
    cr_expect_eq(oldest->record_time->seconds, CALL_START_US / US_PER_SECOND);
}

Test(record_interaction, a_repeated_event_is_stored_once_and_changes_nothing) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    const Profiled__V1__RecordInteractionResponse *first =
        record_event(event_by_id(engagement_told("m-1", "email", 0), id));
    const int64_t before = get(id)->interaction_summary->count;
    ask_wait_us(US_PER_DAY * 40);

    const Profiled__V1__RecordInteractionResponse *again =
        record_event(event_by_record(engagement_told("m-1", "sms", 0),
                                     TOLD(.identities = {ID("email", "somebody@example.com")})));

    cr_expect(again->repeated_event);
    cr_expect_str_eq(again->interaction_id, first->interaction_id);
    cr_expect_str_eq(again->profile_id, id);
    cr_expect_null(again->decision);
    cr_expect_eq(get(id)->interaction_summary->count, before);
    cr_expect_null(lookup("email", "somebody@example.com"));

    /* The same id of another source, and no id at all, are other events. */
    Profiled__V1__Interaction *other = engagement_told("m-1", "email", 0);
    other->source = (char *)(uintptr_t) "elsewhere";
    cr_expect_not(record_event(event_by_id(other, id))->repeated_event);
    record_event(event_by_id(engagement_told("", "email", 0), id));
    cr_expect_not(record_event(event_by_id(engagement_told("", "email", 0), id))->repeated_event);
    cr_expect_eq(get(id)->interaction_summary->count, 4);
}

Test(record_interaction, interactions_of_merged_profiles_are_the_survivor_s) {
    const char *older =
        record_event(event_by_record(engagement_told("m-1", "email", 0),
                                     TOLD(.identities = {ID("email", "n@example.com")})))
            ->profile_id;
    ask_wait_us(US_PER_SECOND);
    const char *younger =
        record_event(event_by_record(engagement_told("m-2", "twitter", 0),
                                     TOLD(.identities = {ID("twitter", "noura_x")})))
            ->profile_id;
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura_x")}));
    /* What comes later, by either identity or id. */
    cr_expect_str_eq(record_event(event_by_record(engagement_told("m-3", "twitter", 0),
                                                  TOLD(.identities = {ID("twitter", "noura_x")})))
                         ->profile_id,
                     older);
    cr_expect_str_eq(
        record_event(event_by_id(engagement_told("m-4", "twitter", 0), younger))->profile_id,
        older);

    const Profiled__V1__Profile *survivor = get(younger);
    cr_expect_eq(survivor->interaction_summary->count, 4);
    cr_expect_eq(survivor->interaction_summary->channels[0]->count, 3);
    const Profiled__V1__ListInteractionsResponse *list = events_of(older);
    cr_assert_eq(list->n_interactions, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(list->interactions[i]->profile_id, older);
    }
    cr_expect_str_eq(list->interactions[3]->event_id, "m-1");
    const Profiled__V1__RecordInteractionResponse *again =
        record_event(event_by_id(engagement_told("m-2", "twitter", 0), older));
    cr_expect(again->repeated_event);
    cr_expect_str_eq(again->profile_id, older);
}

Test(record_interaction, a_survey_and_an_activity_read_as_they_were_told) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answers[3] = {PROFILED__V1__SURVEY_ANSWER__INIT,
                                             PROFILED__V1__SURVEY_ANSWER__INIT,
                                             PROFILED__V1__SURVEY_ANSWER__INIT};
    Profiled__V1__SurveyAnswer *list[] = {&answers[0], &answers[1], &answers[2]};
    for (size_t i = 0; i < 3; i++) {
        answers[i].question_id = arena_format(&ask_arena, "q%zu", i);
    }
    answers[0].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER;
    answers[0].number = 9.5;
    answers[1].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT;
    answers[1].text = (char *)(uintptr_t) "good";
    Profiled__V1__SurveyResponse survey = PROFILED__V1__SURVEY_RESPONSE__INIT;
    survey.survey_id = (char *)(uintptr_t) "nps-1";
    survey.n_answers = 3;
    survey.answers = list;
    Profiled__V1__Interaction *interaction = engagement_told("s-1", "", 0);
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    interaction->survey_response = &survey;
    record_event(event_by_id(interaction, id));

    Profiled__V1__Activity activity = PROFILED__V1__ACTIVITY__INIT;
    Profiled__V1__Activity__PropertiesEntry property =
        PROFILED__V1__ACTIVITY__PROPERTIES_ENTRY__INIT;
    Profiled__V1__Activity__PropertiesEntry *properties[] = {&property};
    property.key = (char *)(uintptr_t) "order";
    Profiled__V1__PropertyValue value = PROFILED__V1__PROPERTY_VALUE__INIT;
    value.value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT;
    value.text = (char *)(uintptr_t) "77";
    property.value = &value;
    activity.name = (char *)(uintptr_t) "order_placed";
    activity.amount = 99.5;
    activity.currency = (char *)(uintptr_t) "SAR";
    activity.n_properties = 1;
    activity.properties = properties;
    ask_wait_us(US_PER_SECOND);
    interaction = engagement_told("a-1", "", 0);
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    interaction->activity = &activity;
    record_event(event_by_id(interaction, id));

    const Profiled__V1__ListInteractionsResponse *page = events_of(id);
    cr_assert_eq(page->n_interactions, 2);
    cr_expect_str_eq(page->interactions[0]->activity->name, "order_placed");
    cr_expect_float_eq(page->interactions[0]->activity->amount, 99.5, 1e-9);
    cr_expect_str_eq(page->interactions[0]->activity->properties[0]->value->text, "77");
    const Profiled__V1__SurveyResponse *told = page->interactions[1]->survey_response;
    cr_expect_str_eq(told->survey_id, "nps-1");
    cr_assert_eq(told->n_answers, 3);
    cr_expect_float_eq(told->answers[0]->number, 9.5, 1e-9);
    cr_expect_str_eq(told->answers[1]->text, "good");
    cr_expect_eq(told->answers[2]->answer_case, PROFILED__V1__SURVEY_ANSWER__ANSWER__NOT_SET);
}

Test(record_interaction, every_bad_field_is_named) {
    Profiled__V1__RecordInteractionRequest empty = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    const struct answer *answer =
        ask_refused(&rpc_interaction_service, "RecordInteraction", &empty.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "interaction_record"));

    Profiled__V1__InteractionRecord bare = PROFILED__V1__INTERACTION_RECORD__INIT;
    answer = refused(&bare);
    cr_expect_not_null(answer_violation(answer, "interaction_record.interaction"));
    cr_expect_not_null(answer_violation(answer, "interaction_record.subject"));

    Profiled__V1__Interaction *interaction =
        engagement_told("m", "No Channel", CALL_START_US + 2 * US_PER_DAY);
    interaction->source = (char *)(uintptr_t) "";
    interaction->engagement->sentiment = 9;
    interaction->engagement->language = (char *)(uintptr_t) "not a language";
    answer = refused(event_by_record(interaction, TOLD(.identities = {ID("email", "nobody")})));
    static const char *const fields[] = {"interaction.source",
                                         "interaction.occur_time",
                                         "interaction.engagement.channel",
                                         "interaction.engagement.sentiment",
                                         "interaction.engagement.language",
                                         "record.identities[0].value"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        cr_expect_not_null(
            answer_violation(answer, arena_format(&ask_arena, "interaction_record.%s", fields[i])),
            "%s", fields[i]);
    }
    interaction = engagement_told("m", "email", 0);
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD__NOT_SET;
    answer = refused(event_by_id(interaction, "x"));
    cr_expect_not_null(answer_violation(answer, "interaction_record.interaction.payload"));
    cr_expect_not_null(answer_violation(answer, "interaction_record.profile_id"));
}

Test(record_interaction, properties_have_types) {
    Profiled__V1__PropertyValue values[] = {
        PROFILED__V1__PROPERTY_VALUE__INIT, PROFILED__V1__PROPERTY_VALUE__INIT,
        PROFILED__V1__PROPERTY_VALUE__INIT, PROFILED__V1__PROPERTY_VALUE__INIT};
    values[0].value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER;
    values[0].number = 12.5;
    values[1].value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_FLAG;
    values[1].flag = true;
    values[2].value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TIME;
    values[2].time = time_told(CALL_START_US + 90 * US_PER_DAY);
    values[3].value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT;
    values[3].text = (char *)(uintptr_t) "";
    Profiled__V1__Interaction *interaction = activity_told(values, 4);
    const char *id = create(TOLD(.name = "Noura"))->id;
    record_event(event_by_id(interaction, id));
    const Profiled__V1__Activity *told = events_of(id)->interactions[0]->activity;
    cr_assert_eq(told->n_properties, 4);
    cr_expect_float_eq(told->properties[0]->value->number, 12.5, 1e-9);
    cr_expect(told->properties[1]->value->flag);
    cr_expect_eq(told->properties[2]->value->time->seconds,
                 (CALL_START_US + 90 * US_PER_DAY) / US_PER_SECOND);
    cr_expect_str_eq(told->properties[3]->value->text, "");

    values[0].number = NAN;
    values[1].value_case = PROFILED__V1__PROPERTY_VALUE__VALUE__NOT_SET;
    values[2].time->nanos = -1;
    char *longest = arena_alloc(&ask_arena, 1026);
    memset(longest, 'x', 1025);
    values[3].text = longest;
    const struct answer *answer = refused(event_by_id(activity_told(values, 4), id));
    static const char *const fields[] = {".p0.number", ".p1", ".p2.time", ".p3.text"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        cr_expect_not_null(
            answer_violation(answer,
                             arena_format(&ask_arena,
                                          "interaction_record.interaction.activity.properties%s",
                                          fields[i])),
            "%s", fields[i]);
    }
}

/* A name is told; what may be a person's is not. */
Test(record_interaction, bad_properties_are_told_by_their_names) {
    Profiled__V1__PropertyValue values[] = {PROFILED__V1__PROPERTY_VALUE__INIT,
                                            PROFILED__V1__PROPERTY_VALUE__INIT,
                                            PROFILED__V1__PROPERTY_VALUE__INIT};
    Profiled__V1__Interaction *interaction = activity_told(values, 3);
    interaction->activity->properties[0]->key = (char *)(uintptr_t) "order.total-2";
    interaction->activity->properties[1]->key = (char *)(uintptr_t) "+966500000017";
    interaction->activity->properties[2]->key = (char *)(uintptr_t) "n@example.com";
    const char *id = create(TOLD(.name = "Noura"))->id;
    const struct answer *answer = refused(event_by_id(interaction, id));
    static const char *const fields[] = {".order.total-2", "[0]", "[1]"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        cr_expect_not_null(
            answer_violation(answer,
                             arena_format(&ask_arena,
                                          "interaction_record.interaction.activity.properties%s",
                                          fields[i])),
            "%s", fields[i]);
    }
}

Test(record_interaction, a_handle_that_is_too_long_is_told_once) {
    Profiled__V1__Interaction *interaction = engagement_told("", "twitter", 0);
    char *longest = arena_alloc(&ask_arena, 514);
    memset(longest, 'x', 513);
    interaction->engagement->author_handle = longest;
    const char *id = create(TOLD(.name = "Noura"))->id;
    const struct answer *answer = refused(event_by_id(interaction, id));
    cr_assert_eq(answer->violation_count, 1);
    cr_expect_str_eq(answer->violations[0].description, "is longer than 512 bytes");
    answer = refused(event_by_record(interaction, TOLD(.name = "")));
    cr_expect_not_null(
        answer_violation(answer, "interaction_record.interaction.engagement.author_handle"));
}

Test(record_interaction, an_answer_agrees_with_the_type_of_its_question) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__SurveyAnswer answers[] = {PROFILED__V1__SURVEY_ANSWER__INIT,
                                            PROFILED__V1__SURVEY_ANSWER__INIT};
    for (size_t i = 0; i < 2; i++) {
        answers[i].question_id = arena_format(&ask_arena, "q%zu", i);
        answers[i].order = (int32_t)i + 1;
    }
    answers[0].type = PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_NPS; /* Skipped. */
    answers[1].answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_RATING;
    answers[1].rating = 4;
    record_event(event_by_id(answers_told(answers, 2), id));
    const Profiled__V1__SurveyResponse *told = events_of(id)->interactions[0]->survey_response;
    cr_expect_eq(told->answers[0]->type, PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_NPS);
    cr_expect_eq(told->answers[1]->type, PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_RATING);
    cr_expect_eq(told->answers[1]->order, 2);

    answers[0].type = 10;
    answers[0].order = 10001;
    answers[1].type = PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_TEXT;
    const struct answer *answer = refused(event_by_id(answers_told(answers, 2), id));
    static const char *const fields[] = {"[0].type", "[0].order", "[1].type"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        cr_expect_not_null(
            answer_violation(
                answer,
                arena_format(&ask_arena, "interaction_record.interaction.survey_response.answers%s",
                             fields[i])),
            "%s", fields[i]);
    }
    answers[0] = answers[1];
    answer = refused(event_by_id(answers_told(answers, 2), id));
    cr_expect_not_null(answer_violation(
        answer, "interaction_record.interaction.survey_response.answers[1].question_id"));
}

Test(record_interaction, a_mood_has_a_score_and_a_text_a_dialect) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__Interaction *interaction = engagement_told("m-1", "whatsapp", 0);
    interaction->engagement->sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
    interaction->engagement->sentiment_score = -0.75;
    interaction->engagement->dialect = (char *)(uintptr_t) "Saudi";
    interaction->engagement->sub_dialect = (char *)(uintptr_t) "najdi-SA";
    record_event(event_by_id(interaction, id));
    const Profiled__V1__Engagement *told = events_of(id)->interactions[0]->engagement;
    cr_expect_float_eq(told->sentiment_score, -0.75, 1e-9);
    cr_expect_str_eq(told->dialect, "saudi");
    cr_expect_str_eq(told->sub_dialect, "najdi_sa");

    interaction->engagement->sentiment_score = 0.75;
    interaction->engagement->dialect = (char *)(uintptr_t) "klingon";
    const struct answer *answer = refused(event_by_id(interaction, id));
    cr_expect_not_null(
        answer_violation(answer, "interaction_record.interaction.engagement.sentiment_score"));
    cr_expect_not_null(
        answer_violation(answer, "interaction_record.interaction.engagement.dialect"));
    interaction->engagement->sentiment_score = 0;
    interaction->engagement->dialect = (char *)(uintptr_t) "egyptian";
    answer = refused(event_by_id(interaction, id));
    cr_expect_not_null(
        answer_violation(answer, "interaction_record.interaction.engagement.sub_dialect"));
    interaction->engagement->sub_dialect = (char *)(uintptr_t) "";
    static const double bad[] = {-1.01, 1.01, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        interaction->engagement->dialect = (char *)(uintptr_t) "";
        interaction->engagement->sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_UNSPECIFIED;
        interaction->engagement->sentiment_score = bad[i];
        refused(event_by_id(interaction, id));
    }
}

Test(record_interaction, a_sub_dialect_alone_tells_its_dialect) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__Interaction *interaction = engagement_told("m-1", "whatsapp", 0);
    interaction->engagement->sub_dialect = (char *)(uintptr_t) "Hijaze-SA";
    record_event(event_by_id(interaction, id));
    const Profiled__V1__Engagement *told = events_of(id)->interactions[0]->engagement;
    cr_expect_str_eq(told->dialect, "saudi");
    cr_expect_str_eq(told->sub_dialect, "hijazi_sa");
    cr_expect_str_eq(get(id)->interaction_summary->dominant_dialect, "saudi");
}

Test(record_interaction, a_url_is_one) {
    static const char *const bad[] = {"example.com/p/1", "ftp://example.com/", "https://",
                                      "https://me:secret@example.com/", "https://example.com/a b"};
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__Interaction *interaction = engagement_told("m-1", "twitter", 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        interaction->engagement->url = (char *)(uintptr_t)bad[i];
        cr_expect_not_null(answer_violation(refused(event_by_id(interaction, id)),
                                            "interaction_record.interaction.engagement.url"),
                           "%s", bad[i]);
    }
    interaction->engagement->url = (char *)(uintptr_t) "HTTPS://Example.com/P/1";
    record_event(event_by_id(interaction, id));
    cr_expect_str_eq(events_of(id)->interactions[0]->engagement->url, "https://example.com/P/1");
}

Test(record_interaction, amounts_need_a_currency_and_are_finite) {
    static const struct {
        double amount;
        const char *currency;
    } bad[] = {{1, ""},     {-1, "sar"}, {0, "RIYAL"}, {1, "ZZZ"},
               {0, "ARS1"}, {1, "EDA"},  {NAN, "SAR"}, {INFINITY, "SAR"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Profiled__V1__Activity activity = PROFILED__V1__ACTIVITY__INIT;
        activity.name = (char *)(uintptr_t) "order";
        activity.amount = bad[i].amount;
        activity.currency = (char *)(uintptr_t)bad[i].currency;
        Profiled__V1__Interaction *interaction = engagement_told("", "", 0);
        interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
        interaction->activity = &activity;
        refused(event_by_record(interaction, TOLD(.name = "N")));
    }
}

Test(record_interaction, currencies_are_those_of_iso_4217) {
    static const char *const good[] = {"AED", "SAR", "EUR", "USD", "HRK", "XCG", "ZWL"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        Profiled__V1__Activity activity = PROFILED__V1__ACTIVITY__INIT;
        activity.name = (char *)(uintptr_t) "order";
        activity.amount = 1;
        activity.currency = (char *)(uintptr_t)good[i];
        Profiled__V1__Interaction *interaction = engagement_told("", "", 0);
        interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
        interaction->activity = &activity;
        record_event(event_by_record(interaction, TOLD(.name = "N")));
    }
}

Test(record_interaction, times_at_and_before_1970_have_their_place) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    static const int64_t times_us[] = {-5 * INT64_C(1000000), 0, 5 * INT64_C(1000000)};
    for (size_t i = 0; i < 3; i++) {
        Profiled__V1__Interaction *interaction =
            engagement_told(arena_format(&ask_arena, "m-%zu", i), "email", 1);
        interaction->occur_time = time_told(times_us[i]);
        record_event(event_by_id(interaction, id));
    }
    const Profiled__V1__ListInteractionsResponse *page = events_of(id);
    cr_assert_eq(page->n_interactions, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(page->interactions[i]->occur_time->seconds, times_us[2 - i] / US_PER_SECOND);
    }
    cr_expect_eq(get(id)->interaction_summary->first_time->seconds, -5);
    cr_expect_eq(get(id)->interaction_summary->last_time->seconds, 5);
}

Test(record_interaction, missing_and_elsewhere) {
    Profiled__V1__RecordInteractionRequest request = request_of(
        event_by_id(engagement_told("m-1", "email", 0), "0190b8a2-0000-7000-8000-00000000000a"));
    ask_refused(&rpc_interaction_service, "RecordInteraction", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request = request_of(
        event_by_id(engagement_told("m-1", "email", 0), create(TOLD(.name = "Noura"))->id));
    ask(&rpc_interaction_service, "RecordInteraction", &request.base);
    ask_refused_elsewhere(&rpc_interaction_service, "RecordInteraction", &request.base,
                          STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
}

Test(record_interaction, is_done_once_for_one_request_id) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__RecordInteractionRequest request =
        request_of(event_by_id(engagement_told("", "email", 0), id));
    Profiled__V1__RecordInteractionRequest other =
        request_of(event_by_id(engagement_told("", "sms", 0), id));
    ask_again(&rpc_interaction_service, "RecordInteraction", &request.base, &other.base);
    cr_expect_eq(get(id)->interaction_summary->count, 1);
}
