/* Interactions that tell by themselves whose they are, and answers of every type. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"
#include "tests/handlers/reviews.h"
#include "tests/handlers/rules.h"

TestSuite(interaction_contacts, .init = ask_open, .fini = ask_close);

#define ANSWER(NAME) PROFILED__V1__SURVEY_ANSWER__ANSWER_##NAME
#define DIRECTION(NAME) PROFILED__V1__DIRECTION__DIRECTION_##NAME

enum { ANSWERS_MAX = 16 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- surveys ---- */

static Profiled__V1__Interaction *survey_told(const char *event_id) {
    Profiled__V1__Interaction *interaction = arena_alloc(&ask_arena, sizeof *interaction);
    Profiled__V1__SurveyResponse *survey = arena_alloc(&ask_arena, sizeof *survey);
    profiled__v1__interaction__init(interaction);
    profiled__v1__survey_response__init(survey);
    interaction->source = text("surveys");
    interaction->event_id = text(event_id);
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    interaction->survey_response = survey;
    survey->survey_id = text("delivery");
    survey->answers = arena_array(&ask_arena, ANSWERS_MAX, sizeof *survey->answers);
    return interaction;
}

static Profiled__V1__SurveyAnswer *answer_to(Profiled__V1__Interaction *interaction, int kind) {
    Profiled__V1__SurveyResponse *survey = interaction->survey_response;
    Profiled__V1__SurveyAnswer *answer = arena_alloc(&ask_arena, sizeof *answer);
    profiled__v1__survey_answer__init(answer);
    cr_assert_lt(survey->n_answers, ANSWERS_MAX);
    answer->question_id = arena_format(&ask_arena, "q-%zu", survey->n_answers);
    answer->answer_case = (Profiled__V1__SurveyAnswer__AnswerCase)kind;
    survey->answers[survey->n_answers++] = answer;
    return answer;
}

static void answer_phone(Profiled__V1__Interaction *interaction, const char *number,
                         const char *country) {
    Profiled__V1__SurveyPhone *phone = arena_alloc(&ask_arena, sizeof *phone);
    profiled__v1__survey_phone__init(phone);
    phone->number = text(number);
    phone->country = text(country);
    answer_to(interaction, ANSWER(PHONE))->phone = phone;
}

static void answer_email(Profiled__V1__Interaction *interaction, const char *address) {
    answer_to(interaction, ANSWER(EMAIL))->email = text(address);
}

static Profiled__V1__InteractionRecord *event_alone(Profiled__V1__Interaction *interaction) {
    Profiled__V1__InteractionRecord *event = arena_alloc(&ask_arena, sizeof *event);
    profiled__v1__interaction_record__init(event);
    event->interaction = interaction;
    return event;
}

static const struct answer *refused(Profiled__V1__InteractionRecord *event) {
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = event;
    return ask_refused(&rpc_interaction_service, "RecordInteraction", &request.base,
                       STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
}

Test(interaction_contacts, a_number_that_was_answered_finds_who_wrote_on_whatsapp) {
    const char *id = resolve(TOLD(.identities = {ID("whatsapp", "+966545462356")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_phone(interaction, "545462356", "SA");

    const Profiled__V1__RecordInteractionResponse *response =
        record_event(event_alone(interaction));

    cr_expect_str_eq(response->profile_id, id);
    cr_expect_eq(response->decision->outcome, OUTCOME(LINKED));
    const Profiled__V1__Identity *phone = identity_in(get(id), "phone", "+966545462356");
    cr_assert_not_null(phone);
    cr_expect_str_eq(phone->source, "surveys");
    cr_expect_eq(profile_count(), 1);
    const Profiled__V1__SurveyAnswer *kept =
        events_of(id)->interactions[0]->survey_response->answers[0];
    cr_expect_eq(kept->answer_case, ANSWER(PHONE));
    cr_expect_str_eq(kept->phone->number, "545462356", "as it was answered");
    cr_expect_str_eq(kept->phone->country, "SA");
}

Test(interaction_contacts, an_address_makes_the_profile_and_joins_with_the_record) {
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_email(interaction, " Noura@Example.COM ");
    const char *id = record_event(event_alone(interaction))->profile_id;
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__Interaction *second = survey_told("s-2");
    answer_email(second, "noura@example.com");
    answer_phone(second, "٠٥٠٠٠٠٠٠٠١", "SA");

    const Profiled__V1__RecordInteractionResponse *response = record_event(
        event_by_record(second, TOLD(.name = "Noura", .identities = {ID("twitter", "noura_x")})));

    cr_expect_str_eq(response->profile_id, id);
    const Profiled__V1__Profile *profile = get(id);
    cr_expect_str_eq(profile->name, "Noura");
    cr_expect_not_null(identity_in(profile, "phone", "+966500000001"));
    cr_expect_not_null(identity_in(profile, "twitter", "noura_x"));
    cr_expect_eq(profile->n_identities, 3);
}

Test(interaction_contacts, answers_are_linked_to_a_profile_that_is_named) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_email(interaction, "Noura@example.com");
    answer_phone(interaction, "٠٥٠٠٠٠٠٠٠١", "SA");
    answer_email(interaction, "noura@example.com");
    answer_email(interaction, "info@example.com");

    const Profiled__V1__RecordInteractionResponse *response =
        record_event(event_by_id(interaction, id));

    cr_expect_null(response->decision);
    cr_assert_eq(response->n_identities, 3);
    cr_expect_str_eq(response->identities[0]->canonical_value, "noura@example.com");
    cr_expect_eq(response->identities[0]->state, STATE(ACTIVE));
    cr_expect_eq(response->identities[1]->state, STATE(ACTIVE));
    cr_expect_eq(response->identities[2]->rule, RULE(BLOCKED_ROLE_MAILBOX));
    const Profiled__V1__Profile *profile = get(id);
    cr_expect_eq(profile->n_identities, 2);
    cr_assert_not_null(identity_in(profile, "email", "noura@example.com"));
    cr_expect_str_eq(identity_in(profile, "email", "noura@example.com")->source, "surveys");
    cr_expect_str_eq(lookup("phone", "+966500000001")->id, id);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* What is somebody else's stays there, and the two are for somebody to decide on: once. */
Test(interaction_contacts, an_answer_that_is_somebody_else_s_is_for_review) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    ask_wait_us(US_PER_SECOND);
    const char *other =
        create(TOLD(.name = "Reem", .identities = {ID("email", "reem@example.com")}))->id;
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_email(interaction, "reem@example.com");

    const Profiled__V1__RecordInteractionResponse *response =
        record_event(event_by_id(interaction, id));
    interaction->event_id = text("s-2");
    record_event(event_by_id(interaction, id));

    cr_assert_eq(response->n_identities, 1);
    cr_expect_eq(response->identities[0]->state, STATE(CONTACT));
    cr_expect_eq(response->identities[0]->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_str_eq(response->identities[0]->matched_profile_id, other);
    cr_expect_eq(get(id)->n_identities, 0);
    cr_expect_str_eq(lookup("email", "reem@example.com")->id, other);
    const Profiled__V1__Review *review = the_review();
    cr_expect_eq(review->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_eq(review->record_count, 0);
    cr_expect_str_eq(review->side->profile_id, id);
    cr_expect_str_eq(review->other_side->profile_id, other);
    cr_expect_eq(call_verify(ask_fixture), 0);
    decide(review->id, DECISION(JOIN));
    cr_expect_not_null(identity_in(get(id), "email", "reem@example.com"));
}

/* Nothing kept the two apart, so no rules join them; a record that meets them says what does. */
Test(interaction_contacts, other_rules_leave_such_a_review_as_it_is) {
    const char *id =
        create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}))->id;
    ask_wait_us(US_PER_SECOND);
    const char *other = create(TOLD(.name = "Reem", .identities = {ID("email", "reem@example.com")},
                                    .attributes = {ATTRIBUTE("birth_date", "1960-01-01")}))
                            ->id;
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_email(interaction, "reem@example.com");
    answer_phone(interaction, "0500000001", "SA");
    record_event(event_by_id(interaction, id));

    set_disabled("twitter", true);
    (void)apply_rules(3);

    cr_expect_eq(profile_count(), 2);
    cr_expect_eq(the_review()->rule, RULE(OWNED_ELSEWHERE));
    cr_expect_not_null(identity_in(get(id), "phone", "+966500000001"));
    (void)resolve(
        TOLD(.identities = {ID("phone", "+966500000001"), ID("email", "reem@example.com")},
             .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_expect_eq(the_review()->rule, RULE(VETO_BIRTH_DATE));
    interaction->event_id = text("s-2");
    record_event(event_by_id(interaction, id));
    cr_expect_eq(the_review()->rule, RULE(VETO_BIRTH_DATE));
    cr_expect_eq(the_review()->n_rules, 2);
    cr_expect_str_eq(lookup("email", "reem@example.com")->id, other);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(interaction_contacts, an_answer_over_the_limit_is_told_and_left) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    for (int i = 0; i < 6; i++) {
        answer_email(interaction, arena_format(&ask_arena, "noura%d@example.com", i));
    }

    const Profiled__V1__RecordInteractionResponse *response =
        record_event(event_by_id(interaction, id));

    cr_assert_eq(response->n_identities, 6);
    cr_expect_eq(response->identities[4]->state, STATE(ACTIVE));
    cr_expect_eq(response->identities[5]->rule, RULE(OVER_LIMIT));
    cr_expect_eq(get(id)->n_identities, 5);
}

Test(interaction_contacts, answers_of_a_profile_that_is_named_are_read_all_the_same) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_email(interaction, "nobody");
    answer_phone(interaction, "12", "SA");

    const struct answer *answer = refused(event_by_id(interaction, id));

    cr_expect_not_null(answer_violation(
        answer, "interaction_record.interaction.survey_response.answers[0].email"));
    cr_expect_not_null(answer_violation(
        answer, "interaction_record.interaction.survey_response.answers[1].phone.number"));
}

/* A person's interaction goes to the profile that was named, what it tells to the member that has
 * it.
 */
Test(interaction_contacts, an_answer_of_a_merged_profile_is_its_member_s) {
    const char *one = create(TOLD(.name = "Noura"))->id;
    ask_wait_us(US_PER_SECOND);
    const char *other =
        create(TOLD(.name = "Noura", .identities = {ID("email", "noura@example.com")}))->id;
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(merge_two(one, other));
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_email(interaction, "noura@example.com");
    answer_phone(interaction, "0500000001", "SA");

    record_event(event_by_id(interaction, other));
    (void)ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);

    cr_expect_eq(get(one)->n_identities, 0);
    cr_expect_not_null(identity_in(get(other), "email", "noura@example.com"));
    cr_expect_not_null(identity_in(get(other), "phone", "+966500000001"));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(interaction_contacts, answers_of_every_type_come_back) {
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    static char *choices[] = {(char *)(uintptr_t) "price", (char *)(uintptr_t) "speed"};
    Profiled__V1__SurveyChoices several = PROFILED__V1__SURVEY_CHOICES__INIT;
    several.choices = choices;
    several.n_choices = 2;
    answer_to(interaction, ANSWER(CHOICES))->choices = &several;
    answer_to(interaction, ANSWER(RATING))->rating = 4;
    answer_to(interaction, ANSWER(NPS))->nps = 0;
    answer_to(interaction, ANSWER(DATE))->date = text("٢٠٣٠-٠١-٣١");
    answer_email(interaction, "Noura@example.com");
    interaction->survey_response->answers[0]->section = text("Delivery");

    const char *id = record_event(event_alone(interaction))->profile_id;

    const Profiled__V1__SurveyResponse *survey = events_of(id)->interactions[0]->survey_response;
    cr_assert_eq(survey->n_answers, 5);
    cr_expect_str_eq(survey->answers[0]->section, "Delivery");
    cr_assert_eq(survey->answers[0]->choices->n_choices, 2);
    cr_expect_str_eq(survey->answers[0]->choices->choices[1], "speed");
    cr_expect_eq(survey->answers[1]->rating, 4);
    cr_expect_eq(survey->answers[2]->answer_case, ANSWER(NPS), "0 is an answer");
    cr_expect_eq(survey->answers[2]->nps, 0);
    cr_expect_str_eq(survey->answers[3]->date, "2030-01-31");
    cr_expect_str_eq(survey->answers[4]->email, "Noura@example.com");
}

Test(interaction_contacts, every_answer_that_cannot_be_read_is_named) {
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_email(interaction, "nobody");
    answer_phone(interaction, "12", "SA");
    answer_phone(interaction, "0500000001", "XX");
    answer_to(interaction, ANSWER(NPS))->nps = 11;
    answer_to(interaction, ANSWER(RATING))->rating = -1;
    answer_to(interaction, ANSWER(DATE))->date = text("2026-02-30");
    static char *choices[] = {(char *)(uintptr_t) "price", (char *)(uintptr_t) "speed",
                              (char *)(uintptr_t) "price"};
    Profiled__V1__SurveyChoices several = PROFILED__V1__SURVEY_CHOICES__INIT;
    several.choices = choices;
    several.n_choices = 3;
    answer_to(interaction, ANSWER(CHOICES))->choices = &several;

    const struct answer *answer = refused(event_alone(interaction));

#define PATH "interaction_record.interaction.survey_response.answers"
    cr_expect_not_null(answer_violation(answer, PATH "[0].email"));
    cr_expect_not_null(answer_violation(answer, PATH "[1].phone.number"));
    cr_expect_not_null(answer_violation(answer, PATH "[2].phone.country"));
    cr_expect_str_eq(answer_violation(answer, PATH "[3].nps"), "must be 0 to 10");
    cr_expect_str_eq(answer_violation(answer, PATH "[4].rating"), "must be 0 to 100");
    cr_expect_not_null(answer_violation(answer, PATH "[5].date"));
    cr_expect_str_eq(answer_violation(answer, PATH "[6].choices.choices[2]"),
                     "is choices[0] again: each once");
    cr_expect_eq(answer->violation_count, 7, "and not that nobody is named");
}

Test(interaction_contacts, an_empty_answer_is_none) {
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    Profiled__V1__SurveyChoices none = PROFILED__V1__SURVEY_CHOICES__INIT;
    Profiled__V1__SurveyChoices blank = PROFILED__V1__SURVEY_CHOICES__INIT;
    static char *choices[] = {(char *)(uintptr_t) "price", (char *)(uintptr_t) ""};
    blank.choices = choices;
    blank.n_choices = 2;
    answer_to(interaction, ANSWER(TEXT))->text = text("");
    answer_to(interaction, ANSWER(CHOICE))->choice = text("");
    answer_to(interaction, ANSWER(CHOICES))->choices = &none;
    answer_to(interaction, ANSWER(CHOICES))->choices = &blank;
    answer_to(interaction, ANSWER(DATE))->date = text("");

    const struct answer *answer = refused(event_by_record(interaction, TOLD(.name = "Noura")));

    static const char *const fields[] = {PATH "[0].text", PATH "[1].choice", PATH "[2].choices",
                                         PATH "[3].choices.choices[1]", PATH "[4].date"};
    cr_expect_eq(answer->violation_count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
}

Test(interaction_contacts, what_is_blank_is_empty) {
    static const char *const blanks[] = {" ", "\t\u00a0", "\u200f", " \u200f \u2066"};
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
        Profiled__V1__Interaction *interaction = survey_told("s-1");
        answer_to(interaction, ANSWER(TEXT))->text = text(blanks[i]);
        answer_to(interaction, ANSWER(CHOICE))->choice = text(blanks[i]);
        answer_to(interaction, ANSWER(NPS))->question_id = text(blanks[i]);
        interaction->survey_response->survey_id = text(blanks[i]);
        Profiled__V1__Interaction *activity = activity_told(NULL, 0);
        activity->activity->name = text(blanks[i]);

        const struct answer *answer = refused(event_by_record(interaction, TOLD(.name = "Noura")));
        cr_expect_eq(answer->violation_count, 4);
        cr_expect_not_null(answer_violation(answer, PATH "[0].text"));
        cr_expect_not_null(answer_violation(answer, PATH "[1].choice"));
        cr_expect_str_eq(answer_violation(answer, PATH "[2].question_id"), "is required");
        answer = refused(event_by_record(activity, TOLD(.name = "Noura")));
        cr_expect_str_eq(answer_violation(answer, "interaction_record.interaction.activity.name"),
                         "is required");
    }
}

Test(interaction_contacts, a_question_that_is_told_again_is_named_with_the_first) {
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    static const char *const questions[] = {"b", "a", "", "b", "a", "", "b"};
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        answer_to(interaction, ANSWER(_NOT_SET))->question_id = text(questions[i]);
    }

    const struct answer *answer = refused(event_by_record(interaction, TOLD(.name = "Noura")));

    cr_expect_eq(answer->violation_count, 5);
    cr_expect_str_eq(answer_violation(answer, PATH "[2].question_id"), "is required");
    cr_expect_str_eq(answer_violation(answer, PATH "[5].question_id"), "is required");
    cr_expect_str_eq(answer_violation(answer, PATH "[3].question_id"),
                     "is that of answers[0] too: each question once");
    cr_expect_str_eq(answer_violation(answer, PATH "[4].question_id"),
                     "is that of answers[1] too: each question once");
    cr_expect_str_eq(answer_violation(answer, PATH "[6].question_id"),
                     "is that of answers[0] too: each question once");
}

Test(interaction_contacts, without_any_identity_the_subject_is_required) {
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_to(interaction, ANSWER(TEXT))->text = text("fine");

    const struct answer *answer = refused(event_alone(interaction));

    cr_expect_not_null(answer_violation(answer, "interaction_record.subject"));
}

/* ---- authors ---- */

static Profiled__V1__Interaction *post_of(const char *channel, const char *handle, int direction) {
    Profiled__V1__Interaction *interaction = engagement_told("", channel, 0);
    interaction->engagement->author_handle = text(handle);
    interaction->engagement->direction = (Profiled__V1__Direction)direction;
    return interaction;
}

Test(interaction_contacts, the_author_of_a_post_is_found_by_the_handle) {
    const char *id =
        record_event(event_alone(post_of("twitter", "@Noura_X", DIRECTION(INBOUND))))->profile_id;
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__RecordInteractionResponse *again =
        record_event(event_by_record(post_of("twitter", "noura_x", DIRECTION(UNSPECIFIED)),
                                     TOLD(.identities = {ID("email", "noura@example.com")})));

    cr_expect_str_eq(again->profile_id, id);
    cr_expect_not_null(identity_in(get(id), "twitter", "noura_x"));
    cr_expect_not_null(identity_in(get(id), "email", "noura@example.com"));
    cr_expect_str_eq(events_of(id)->interactions[1]->engagement->author_handle, "@Noura_X");
}

/* Not somebody's with the same number elsewhere. */
Test(interaction_contacts, a_record_s_region_is_that_of_its_author) {
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);
    (void)resolve(TOLD(.identities = {ID("whatsapp", "+966501234567")}));
    ask_wait_us(US_PER_SECOND);

    const char *builtin =
        record_event(event_by_record(post_of("whatsapp", "0501234567", DIRECTION(INBOUND)),
                                     TOLD(.name = "Noura", .region = "AE")))
            ->profile_id;
    channel_make("hotline", "phone");
    const char *own =
        record_event(event_by_record(post_of("hotline", "0509999999", DIRECTION(INBOUND)),
                                     TOLD(.name = "Reem", .region = "AE")))
            ->profile_id;

    cr_expect_not_null(identity_in(get(builtin), "whatsapp", "+971501234567"));
    cr_expect_not_null(identity_in(get(own), "phone", "+971509999999"));
    cr_expect_not_null(lookup("phone", "+971501234567"));
    cr_expect_eq(profile_count(), 3);
}

Test(interaction_contacts, a_record_s_region_is_that_of_answers_without_a_country) {
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);
    Profiled__V1__Interaction *interaction = survey_told("s-1");
    answer_phone(interaction, "0501234567", "");
    answer_phone(interaction, "0500000001", "SA");

    const char *id =
        record_event(event_by_record(interaction, TOLD(.name = "Noura", .region = "AE")))
            ->profile_id;

    cr_expect_not_null(identity_in(get(id), "phone", "+971501234567"));
    cr_expect_not_null(identity_in(get(id), "phone", "+966500000001"));
}

Test(interaction_contacts, without_a_region_of_the_record_the_workspace_s_holds) {
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);

    const char *id =
        record_event(event_by_record(post_of("whatsapp", "0501234567", DIRECTION(INBOUND)),
                                     TOLD(.name = "Noura")))
            ->profile_id;

    cr_expect_not_null(identity_in(get(id), "whatsapp", "+966501234567"));
}

Test(interaction_contacts, a_record_may_say_the_author_s_region_alone) {
    const char *id =
        record_event(event_by_record(post_of("whatsapp", "0501234567", DIRECTION(INBOUND)),
                                     TOLD(.region = "AE")))
            ->profile_id;
    cr_expect_not_null(identity_in(get(id), "whatsapp", "+971501234567"));
    channel_make("forum", "");

    const struct answer *nobody =
        refused(event_by_record(engagement_told("", "whatsapp", 0), TOLD(.region = "AE")));
    const struct answer *handle =
        refused(event_by_record(post_of("forum", "noura_x", DIRECTION(INBOUND)),
                                TOLD(.region = "AE", .attributes = {ATTRIBUTE("city", "Riyadh")})));

    cr_expect_not_null(answer_violation(nobody, "interaction_record.record.name"));
    cr_expect_not_null(
        answer_violation(handle, "interaction_record.interaction.engagement.author_handle"));
}

Test(interaction_contacts, what_the_company_wrote_is_nobody_s_handle) {
    const char *id = resolve(TOLD(.identities = {ID("twitter", "noura_x")}))->profile_id;

    record_event(event_by_record(post_of("twitter", "our_shop", DIRECTION(OUTBOUND)),
                                 TOLD(.identities = {ID("twitter", "noura_x")})));

    cr_expect_eq(get(id)->n_identities, 1);
    cr_expect_null(lookup("twitter", "our_shop"));
}

Test(interaction_contacts, a_channel_that_is_no_identity_type_has_no_identities) {
    channel_make("forum", "");
    const char *id =
        record_event(event_by_record(post_of("forum", "noura_x", DIRECTION(INBOUND)),
                                     TOLD(.identities = {ID("email", "noura@example.com")})))
            ->profile_id;
    cr_expect_eq(get(id)->n_identities, 1);

    const struct answer *answer =
        refused(event_alone(post_of("forum", "noura_x", DIRECTION(INBOUND))));

    const char *told =
        answer_violation(answer, "interaction_record.interaction.engagement.author_handle");
    cr_assert_not_null(told);
    cr_expect_not_null(strstr(told, "make the type forum (CreateIdentityType)"), "%s", told);
}

Test(interaction_contacts, of_a_handle_that_is_none_it_is_told_once) {
    const struct answer *answer =
        refused(event_alone(post_of("whatsapp", "abc", DIRECTION(INBOUND))));
    cr_assert_eq(answer->violation_count, 1);
    cr_expect_str_eq(answer->violations[0].field,
                     "interaction_record.interaction.engagement.author_handle");
}

Test(interaction_contacts, the_author_of_a_profile_that_is_named_is_linked_to_it) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    channel_make("forum", "");
    record_event(event_by_id(post_of("twitter", "@Noura_X", DIRECTION(INBOUND)), id));
    record_event(event_by_id(post_of("twitter", "our_shop", DIRECTION(OUTBOUND)), id));
    record_event(event_by_id(post_of("forum", "noura_x", DIRECTION(INBOUND)), id));

    const Profiled__V1__Profile *profile = get(id);
    cr_expect_eq(profile->n_identities, 1);
    cr_expect_not_null(identity_in(profile, "twitter", "noura_x"));
    cr_expect_not_null(
        answer_violation(refused(event_by_id(post_of("whatsapp", "abc", DIRECTION(INBOUND)), id)),
                         "interaction_record.interaction.engagement.author_handle"));
}

/* Neither has a canonical form when the handle is compared with it. */
Test(interaction_contacts, a_handle_beside_identities_that_are_not_read) {
    const struct answer *answer =
        refused(event_by_record(post_of("twitter", "noura_x", DIRECTION(INBOUND)),
                                TOLD(.identities = {ID("email", "nobody")})));
    cr_expect_not_null(answer_violation(answer, "interaction_record.record.identities[0].value"));

    answer = refused(event_by_record(post_of("telegram", "noura_x", DIRECTION(INBOUND)),
                                     TOLD(.identities = {ID("telegram", "noura_x")})));
    cr_expect_not_null(answer_violation(answer, "interaction_record.record.identities[0].type"));
}
