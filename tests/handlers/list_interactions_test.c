/* ListInteractions. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"

enum { EVENTS = 7 };

static const char *noura;

static void init(void) {
    ask_open();
    noura = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < EVENTS; i++) { /* Two at each time. */
        record_event(event_by_id(engagement_told(arena_format(&ask_arena, "m-%d", i), "email",
                                                 CALL_START_US - (i / 2) * US_PER_HOUR),
                                 noura));
    }
}

TestSuite(list_interactions, .init = init, .fini = ask_close);

static Profiled__V1__ListInteractionsRequest request_of(const char *id, int32_t page_size) {
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)id;
    request.page_size = page_size;
    return request;
}

static const Profiled__V1__ListInteractionsResponse *
list(const Profiled__V1__ListInteractionsRequest *request) {
    return ask(&rpc_interaction_service, "ListInteractions", &request->base);
}

/* Pages of every size are the timeline of noura, each interaction once. */
static void expect_pages(size_t count) {
    const Profiled__V1__ListInteractionsResponse *all = events_of(noura);
    cr_assert_eq(all->n_interactions, count);
    for (int32_t size = 1; size <= (int32_t)count; size++) {
        Profiled__V1__ListInteractionsRequest request = request_of(noura, size);
        size_t seen = 0;
        for (;;) {
            const Profiled__V1__ListInteractionsResponse *page = list(&request);
            cr_assert_leq(page->n_interactions, (size_t)size);
            for (size_t i = 0; i < page->n_interactions; i++) {
                cr_expect_str_eq(page->interactions[i]->id, all->interactions[seen++]->id);
            }
            if (page->next_page_token[0] == '\0') {
                break;
            }
            request.page_token = page->next_page_token;
        }
        cr_expect_eq(seen, count, "pages of %d", size);
    }
    for (size_t i = 1; i < count; i++) {
        cr_expect_geq(all->interactions[i - 1]->occur_time->seconds,
                      all->interactions[i]->occur_time->seconds);
        cr_expect_str_neq(all->interactions[i - 1]->id, all->interactions[i]->id);
    }
}

Test(list_interactions, pages_are_the_whole_the_latest_first) { expect_pages(EVENTS); }

/* Those of one time stand in the order of their ids, whichever member they lie under. */
Test(list_interactions, one_microsecond_of_several_members_is_paged_through_once) {
    enum { MEMBERS = 3, ROUNDS = 4 };
    const char *members[MEMBERS] = {noura};
    for (size_t i = 1; i < MEMBERS; i++) {
        ask_wait_us(US_PER_SECOND);
        members[i] = create(TOLD(.name = "Noura"))->id;
        merge_two(noura, members[i]);
    }
    for (int i = 0; i < MEMBERS * ROUNDS; i++) {
        record_event(event_by_id(engagement_told("", "email", CALL_START_US - US_PER_HOUR),
                                 members[i % MEMBERS]));
    }

    expect_pages(EVENTS + MEMBERS * ROUNDS);
    call_reopen(ask_fixture);
    expect_pages(EVENTS + MEMBERS * ROUNDS);
}

Test(list_interactions, a_page_comes_short_when_its_time_is_over_and_the_next_goes_on) {
    const Profiled__V1__ListInteractionsResponse *all = events_of(noura);
    Profiled__V1__ListInteractionsRequest request = request_of(noura, EVENTS);
    size_t seen = 0;
    size_t pages = 0;
    call_step_set(US_PER_SECOND / 2);
    for (bool more = true; more; pages++) {
        const Profiled__V1__ListInteractionsResponse *page = list(&request);
        cr_assert_eq(page->n_interactions, 1);
        cr_expect_str_eq(page->interactions[0]->id, all->interactions[seen++]->id);
        more = page->next_page_token[0] != '\0';
        request.page_token = page->next_page_token;
    }
    cr_expect_eq(seen, EVENTS);
    cr_expect_eq(pages, EVENTS);
}

Test(list_interactions, tokens_are_of_one_profile) {
    Profiled__V1__ListInteractionsRequest request = request_of(noura, 2);
    char *token = list(&request)->next_page_token;
    request = request_of(create(TOLD(.name = "Huda"))->id, 2);
    request.page_token = token;
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
    request = request_of(noura, 2);
    request.page_token = (char *)(uintptr_t) "AAAA";
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");

    /* Nor is that of another kind of list one. */
    create(TOLD(.name = "Dina"));
    Profiled__V1__ListProfilesRequest profiles = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    profiles.page_size = 1;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &profiles.base);
    request.page_token = page->next_page_token;
    cr_assert_str_neq(request.page_token, "");
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

/* A thousand long messages are more than an answer holds. */
Test(list_interactions, a_page_of_long_messages_comes_short) {
    enum { COUNT = 500, TEXT_SIZE = 16000 };
    char *long_text = arena_alloc(&ask_arena, TEXT_SIZE + 1);
    memset(long_text, 'a', TEXT_SIZE);
    const char *id = create(TOLD(.name = "Huda"))->id;
    for (int i = 0; i < COUNT; i++) {
        Profiled__V1__Interaction *message =
            engagement_told(arena_format(&ask_arena, "l-%d", i), "email", CALL_START_US - i);
        message->engagement->text = long_text;
        record_event(event_by_id(message, id));
    }
    Profiled__V1__ListInteractionsRequest request = request_of(id, 1000);
    size_t seen = 0;
    size_t pages = 0;

    do {
        const Profiled__V1__ListInteractionsResponse *page = list(&request);
        seen += page->n_interactions;
        pages++;
        request.page_token = page->next_page_token;
    } while (request.page_token[0] != '\0');

    cr_expect_eq(seen, COUNT);
    cr_expect_gt(pages, 2);
}

Test(list_interactions, bad_missing_deleted_and_elsewhere) {
    Profiled__V1__ListInteractionsRequest request = request_of("x", -1);
    const struct answer *answer =
        ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(answer->violation_count, 2);
    request = request_of("0190b8a2-0000-7000-8000-00000000000a", 0);
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request = request_of(noura, 0);
    ask_refused_elsewhere(&rpc_interaction_service, "ListInteractions", &request.base,
                          STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    Profiled__V1__DeleteProfileRequest deletion = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    deletion.id = (char *)(uintptr_t)noura;
    ask(&rpc_profile_service, "DeleteProfile", &deletion.base);
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
}

/* ---- filters ---- */

#define KIND(NAME) PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_##NAME

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* Besides the messages of the beginning: a complaint, a survey and an order. */
static void tell_more(void) {
    Profiled__V1__Interaction *complaint = engagement_told("c-1", "twitter", 0);
    complaint->engagement->text = text("أين طلبي؟ It is LATE, again");
    complaint->engagement->theme = text("complaint");
    complaint->engagement->sub_theme = text("delivery");
    complaint->engagement->sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
    record_event(event_by_id(complaint, noura));
    Profiled__V1__Interaction *survey = engagement_told("s-1", "email", 0);
    static Profiled__V1__SurveyAnswer answer = PROFILED__V1__SURVEY_ANSWER__INIT;
    static Profiled__V1__SurveyAnswer *answers[] = {&answer};
    static Profiled__V1__SurveyResponse response = PROFILED__V1__SURVEY_RESPONSE__INIT;
    answer.question_id = text("q");
    answer.answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT;
    answer.text = text("never late");
    response.survey_id = text("delivery");
    response.answers = answers;
    response.n_answers = 1;
    survey->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    survey->survey_response = &response;
    record_event(event_by_id(survey, noura));
    Profiled__V1__Interaction *order = engagement_told("o-1", "email", 0);
    static Profiled__V1__Activity activity = PROFILED__V1__ACTIVITY__INIT;
    activity.name = text("order_placed");
    order->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    order->activity = &activity;
    record_event(event_by_id(order, noura));
}

/* What is wanted; NULL and 0 are what is not said. */
struct wanted {
    int kind;
    const char *channel;
    const char *theme;
    const char *sub_theme;
    const char *text;
    int sentiment;
    Google__Protobuf__Timestamp *min_time;
    Google__Protobuf__Timestamp *max_time;
};

#define WITH(...) (&(const struct wanted){__VA_ARGS__})

static Profiled__V1__InteractionFilter *filter_of(const struct wanted *wanted) {
    Profiled__V1__InteractionFilter *filter = arena_alloc(&ask_arena, sizeof *filter);
    profiled__v1__interaction_filter__init(filter);
    filter->kind = (Profiled__V1__InteractionKind)wanted->kind;
    filter->channel = wanted->channel == NULL ? filter->channel : text(wanted->channel);
    filter->theme = wanted->theme == NULL ? filter->theme : text(wanted->theme);
    filter->sub_theme = wanted->sub_theme == NULL ? filter->sub_theme : text(wanted->sub_theme);
    filter->text = wanted->text == NULL ? filter->text : text(wanted->text);
    filter->sentiment = (Profiled__V1__Sentiment)wanted->sentiment;
    filter->min_time = wanted->min_time;
    filter->max_time = wanted->max_time;
    return filter;
}

static size_t count_of(const struct wanted *wanted) {
    Profiled__V1__ListInteractionsRequest request = request_of(noura, 0);
    request.filter = filter_of(wanted);
    return list(&request)->n_interactions;
}

Test(list_interactions, a_filter_takes_what_all_of_it_holds_for) {
    tell_more();

    cr_expect_eq(count_of(WITH(.kind = KIND(UNSPECIFIED))), EVENTS + 3);
    cr_expect_eq(count_of(WITH(.kind = KIND(ENGAGEMENT))), EVENTS + 1);
    cr_expect_eq(count_of(WITH(.kind = KIND(SURVEY_RESPONSE))), 1);
    cr_expect_eq(count_of(WITH(.kind = KIND(ACTIVITY))), 1);
    cr_expect_eq(count_of(WITH(.channel = "email")), EVENTS);
    cr_expect_eq(count_of(WITH(.channel = "survey")), 1);
    cr_expect_eq(count_of(WITH(.theme = "complaint", .sub_theme = "delivery")), 1);
    cr_expect_eq(count_of(WITH(.theme = "complaint", .sub_theme = "price")), 0);
    cr_expect_eq(count_of(WITH(.sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE)), 1);
    cr_expect_eq(count_of(WITH(.text = "late")), 2, "in a message and in an answer");
    cr_expect_eq(count_of(WITH(.text = "again طلبي late")), 1, "in any order");
    cr_expect_eq(count_of(WITH(.text = "lat")), 0, "words are whole");
    cr_expect_eq(count_of(WITH(.text = "order placed")), 1);
    cr_expect_eq(count_of(WITH(.text = "late", .kind = KIND(SURVEY_RESPONSE))), 1);
}

Test(list_interactions, times_bound_the_list_on_both_sides) {
    Google__Protobuf__Timestamp *hour_ago = time_told(CALL_START_US - US_PER_HOUR);
    Google__Protobuf__Timestamp *now = time_told(CALL_START_US);

    cr_expect_eq(count_of(WITH(.min_time = hour_ago)), 4, "at that time or later");
    cr_expect_eq(count_of(WITH(.max_time = hour_ago)), EVENTS - 4, "before that time");
    cr_expect_eq(count_of(WITH(.min_time = hour_ago, .max_time = now)), 2);
    cr_expect_eq(count_of(WITH(.min_time = time_told(CALL_START_US + 1))), 0);
}

Test(list_interactions, pages_of_a_filter_are_the_whole) {
    tell_more();
    Profiled__V1__ListInteractionsRequest request = request_of(noura, 1);
    request.filter = filter_of(WITH(.text = "late"));
    size_t seen = 0;
    size_t pages = 0;
    const Profiled__V1__ListInteractionsResponse *page = NULL;
    do {
        page = list(&request);
        seen += page->n_interactions;
        request.page_token = page->next_page_token;
        cr_assert_lt(++pages, 10);
    } while (page->next_page_token[0] != '\0');
    cr_expect_eq(seen, 2);

    request = request_of(noura, 1);
    const char *token_of_all = list(&request)->next_page_token;
    request.filter = filter_of(WITH(.text = "late"));
    request.page_token = text(token_of_all);
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

Test(list_interactions, bad_filters_are_named) {
    Profiled__V1__ListInteractionsRequest request = request_of(noura, 1);
    request.filter = filter_of(WITH(.kind = 9, .sentiment = 9, .text = "؟!",
                                    .min_time = time_told(CALL_START_US),
                                    .max_time = time_told(CALL_START_US - 1)));

    const struct answer *answer =
        ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    cr_expect_not_null(answer_violation(answer, "filter.kind"));
    cr_expect_not_null(answer_violation(answer, "filter.sentiment"));
    cr_expect_not_null(answer_violation(answer, "filter.text"));
    cr_expect_not_null(answer_violation(answer, "filter.max_time"));
}

/* None of the words that are asked for is left out, and none of those that were written. */
Test(list_interactions, texts_have_all_their_words_and_filters_up_to_sixteen) {
    Profiled__V1__Interaction *spoken = engagement_told("", "email", 0);
    spoken->engagement->text = text("a1,b1,c1,d1,e1,f1,g1,h1,i1,j1,k1,l1,m1,n1,o1,p1,q1،r1");
    record_event(event_by_id(spoken, noura));
    cr_expect_eq(count_of(WITH(.text = "q1 r1")), 1);
    cr_expect_eq(count_of(WITH(.text = "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 l1 m1 n1 o1 A1 p1")), 1);
    cr_expect_eq(count_of(WITH(.text = "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 l1 m1 n1 o1 zz")), 0);

    Profiled__V1__ListInteractionsRequest request = request_of(noura, 1);
    request.filter = filter_of(WITH(.text = "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 l1 m1 n1 o1 p1 zz"));
    const struct answer *answer =
        ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "filter.text"), "has more than 16 words");
}
