/* Filters of interactions: what each field holds of each kind of interaction. */

#include <string.h>
#include <strings.h>

#include <criterion/criterion.h>

#include "server/segment/interaction_field.h"
#include "server/segment/trait_filter.h"
#include "tests/store/fixture.h"

TestSuite(interaction_filter, .init = fixture_open, .fini = fixture_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- interactions ---- */

static const struct store_interaction *when(void) {
    static struct store_interaction interaction;
    interaction.occur_us = INT64_C(1773576000) * 1000000; /* 2026-03-15T12:00:00Z */
    return &interaction;
}

static const Stored__V1__Interaction *a_message(void) {
    static Stored__V1__Engagement engagement = STORED__V1__ENGAGEMENT__INIT;
    static Stored__V1__Interaction interaction = STORED__V1__INTERACTION__INIT;
    engagement.channel = text("whatsapp");
    engagement.visibility = 2;
    engagement.direction = 1;
    engagement.conversation_id = text("c-17");
    engagement.text = text("وين الطلب؟ Order is LATE");
    engagement.url = text("https://example.com/a");
    engagement.language = text("ar-SA");
    engagement.dialect = text("saudi");
    engagement.sub_dialect = text("najdi_sa");
    engagement.theme = text("complaint");
    engagement.sub_theme = text("delivery");
    engagement.sentiment = 1;
    engagement.sentiment_score = -0.75;
    engagement.agent = text("Agent 7");
    interaction.source = text("inbox");
    interaction.payload_case = STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction.engagement = &engagement;
    return &interaction;
}

static const Stored__V1__Interaction *an_order(void) {
    static Stored__V1__Property coupon = STORED__V1__PROPERTY__INIT;
    static Stored__V1__Property items = STORED__V1__PROPERTY__INIT;
    static Stored__V1__Property gift = STORED__V1__PROPERTY__INIT;
    static Stored__V1__Property due = STORED__V1__PROPERTY__INIT;
    static Stored__V1__Property *properties[] = {&coupon, &items, &gift, &due};
    static Stored__V1__Activity activity = STORED__V1__ACTIVITY__INIT;
    static Stored__V1__Interaction interaction = STORED__V1__INTERACTION__INIT;
    coupon.name = text("Coupon Code");
    coupon.value_case = STORED__V1__PROPERTY__VALUE_TEXT;
    coupon.text = text("SPRING");
    items.name = text("items");
    items.value_case = STORED__V1__PROPERTY__VALUE_NUMBER;
    items.number = 3;
    gift.name = text("gift");
    gift.value_case = STORED__V1__PROPERTY__VALUE_FLAG;
    gift.flag = true;
    due.name = text("due");
    due.value_case = STORED__V1__PROPERTY__VALUE_TIME_US;
    due.time_us = INT64_C(1773576000) * 1000000;
    activity.name = text("order_placed");
    activity.amount = 129.5;
    activity.currency = text("SAR");
    activity.n_properties = 4;
    activity.properties = properties;
    interaction.source = text("shop");
    interaction.payload_case = STORED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    interaction.activity = &activity;
    return &interaction;
}

static const Stored__V1__Interaction *a_survey(void) {
    static char *chosen[] = {NULL, NULL};
    static Stored__V1__SurveyChoices choices = STORED__V1__SURVEY_CHOICES__INIT;
    static Stored__V1__SurveyAnswer answers[6];
    static Stored__V1__SurveyAnswer *list[6];
    static Stored__V1__SurveyResponse survey = STORED__V1__SURVEY_RESPONSE__INIT;
    static Stored__V1__Interaction interaction = STORED__V1__INTERACTION__INIT;
    static const char *const ids[] = {"why", "nps", "which", "when", "mail", "nothing"};
    for (size_t i = 0; i < 6; i++) {
        stored__v1__survey_answer__init(&answers[i]);
        answers[i].question_id = text(ids[i]);
        list[i] = &answers[i];
    }
    answers[0].answer_case = STORED__V1__SURVEY_ANSWER__ANSWER_TEXT;
    answers[0].text = text("Too slow");
    answers[1].answer_case = STORED__V1__SURVEY_ANSWER__ANSWER_NPS;
    answers[1].nps = 3;
    chosen[0] = text("Price");
    chosen[1] = text("Staff");
    choices.n_choices = 2;
    choices.choices = chosen;
    answers[2].answer_case = STORED__V1__SURVEY_ANSWER__ANSWER_CHOICES;
    answers[2].choices = &choices;
    answers[3].answer_case = STORED__V1__SURVEY_ANSWER__ANSWER_DATE;
    answers[3].date = text("2026-02-01");
    answers[4].answer_case = STORED__V1__SURVEY_ANSWER__ANSWER_EMAIL;
    answers[4].email = text("sara@example.com");
    survey.survey_id = text("delivery");
    survey.survey_name = text("How was it");
    survey.n_answers = 6;
    survey.answers = list;
    interaction.source = text("forms");
    interaction.payload_case = STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    interaction.survey_response = &survey;
    return &interaction;
}

/* ---- filters ---- */

static bool takes(const char *filter, const Stored__V1__Interaction *interaction) {
    struct store_view *view = write_begin();
    struct trait_filter read;
    struct filter_error error = {.found = "", .expected = ""};
    const void *compiled = NULL;
    const struct status status = trait_filter_read(view, filter, &read, &error);
    cr_assert(status_is_ok(status), "%s: at %zu found %s, expected %s", filter, error.offset,
              error.found, error.expected);
    cr_expect_eq(strcasecmp(read.text, filter), 0, "%s", read.text);
    cr_assert(status_is_ok(trait_filters.compile(read.text, &arena, &compiled)));
    const bool out = trait_filters.takes(compiled, when(), interaction, &arena);
    write_drop();
    return out;
}

struct filter_case {
    const char *filter;
    bool message;
    bool order;
    bool survey;
};

static const struct filter_case filter_cases[] = {
    {"", true, true, true},
    {"kind = engagement", true, false, false},
    {"kind = (activity OR Survey_Response)", false, true, true},
    {"kind != activity", true, false, true},
    {"source:inbox OR source:SHOP", true, true, false},
    {"time >= 2026-03-15T12:00:00Z AND time < 2026-03-16", true, true, true},
    {"time > 2026-03-15T12:00:00Z", false, false, false},
    {"channel = whatsapp", true, false, false},
    {"channel = survey", false, false, true},
    {"channel:*", true, false, true},
    {"channel != email", true, false, true},
    {"NOT channel = email", true, true, true},
    {"visibility = private direction = inbound", true, false, false},
    {"conversation_id = \"C-17\"", true, false, false},
    {"url = \"https://example.com/*\"", true, false, false},
    {"language = \"ar-SA\" dialect = saudi sub_dialect = najdi_sa", true, false, false},
    {"theme = complaint AND sub_theme = delivery", true, false, false},
    {"sentiment = negative", true, false, false},
    {"sentiment_score < -0.5", true, false, false},
    {"sentiment_score <= 0", true, false, false},
    {"agent = 'agent 7'", true, false, false},
    {"name = order_placed", false, true, false},
    {"name = deliver*", false, false, true},
    {"amount > 100 currency = SAR", false, true, false},
    {"amount:*", false, true, false},
    {"text:late", true, false, false},
    {"late", true, false, false},
    {"'order late'", true, false, false},
    {"text:\"الطلب\"", true, false, false},
    {"text:slow", false, false, true},
    {"slow OR price", false, false, true},
    {"spring", false, true, false},
    {"text = \"*LATE\"", true, false, false},
    {"text:*", true, false, false},
    {"properties:items", false, true, false},
    {"properties:*", false, true, false},
    {"properties:price", false, false, false},
    {"properties.items:*", false, true, false},
    {"properties.items = 3", false, true, false},
    {"properties.items = \"3\"", false, true, false},
    {"properties.items > 3", false, false, false},
    {"properties.items != 4", false, true, false},
    {"properties.\"Coupon Code\" = spring", false, true, false},
    {"properties.\"coupon code\" = spring", false, false, false},
    {"properties.gift = true", false, true, false},
    {"properties.gift = false", false, false, false},
    {"properties.due < 2026-04-01", false, true, false},
    {"answers:why", false, false, true},
    {"answers:mail", false, false, true},
    {"answers:nothing", false, false, false},
    {"answers.nps < 7", false, false, true},
    {"answers.which = staff", false, false, true},
    {"answers.which = (price AND staff)", false, false, true},
    {"answers.which != staff", false, false, false},
    {"answers.why = \"too slow\"", false, false, true},
    {"answers.when >= 2026-02-01", false, false, true},
    {"answers.when = \"2026-02-01\"", false, false, true},
    {"answers.mail:*", false, false, true},
    {"answers.nothing:*", false, false, false},
};

Test(interaction_filter, takes_what_it_says) {
    for (size_t i = 0; i < sizeof filter_cases / sizeof *filter_cases; i++) {
        const struct filter_case *one = &filter_cases[i];
        cr_expect_eq(takes(one->filter, a_message()), one->message, "%s of a message", one->filter);
        cr_expect_eq(takes(one->filter, an_order()), one->order, "%s of an order", one->filter);
        cr_expect_eq(takes(one->filter, a_survey()), one->survey, "%s of a survey", one->filter);
    }
}

Test(interaction_filter, other_names_are_told_with_the_one_that_is_meant) {
    static const struct {
        const char *filter;
        const char *found;
        const char *nearest;
    } cases[] = {
        {"score > 0", "the name score", "sentiment_score"},
        {"created_at > 2026-01-01", "the name created_at", "time"},
        {"Channel = whatsapp", "the name Channel", "channel"},
        {"event_name = x", "the name event_name", "name"},
        {"sub_dialect = saudi", "a text of 5 characters", "dialect"},
        {"dialect = hijazi", "a text of 6 characters", "sub_dialect"},
        {"sentiment_score < -2", "a number of 2 characters", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trait_filter read;
        struct filter_error error = {.found = ""};
        struct store_view *view = write_begin();
        const struct status status = trait_filter_read(view, cases[i].filter, &read, &error);
        cr_expect_eq(status.reason, REASON_FILTER_INVALID, "%s", cases[i].filter);
        cr_expect_str_eq(error.found, cases[i].found, "%s: %s", cases[i].filter, error.found);
        cr_expect((error.nearest == NULL) == (cases[i].nearest == NULL) &&
                      (error.nearest == NULL || strcmp(error.nearest, cases[i].nearest) == 0),
                  "%s: %s", cases[i].filter, error.nearest == NULL ? "none" : error.nearest);
        write_drop();
    }
}

Test(interaction_filter, one_that_was_kept_and_is_none_is_corrupt) {
    const void *compiled = NULL;
    cr_expect_eq(trait_filters.compile("channel = ", &arena, &compiled).reason,
                 REASON_STORE_CORRUPT);
}
