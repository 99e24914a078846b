/* Traits, computed the long way. */

#include "tests/handlers/trait_oracle.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/day.h"

/* What one interaction tells: a number, or a text where that is not NULL. */
struct told_value {
    bool is_there;
    const char *text;
    double number;
    int64_t occur_us;
    const char *id;
};

static struct told_value text_of(const char *text) {
    return (struct told_value){.is_there = text[0] != '\0', .text = text};
}

static struct told_value number_of(double number) {
    return (struct told_value){.is_there = true, .number = number};
}

static int64_t time_of(const Profiled__V1__Interaction *event) {
    return event->occur_time->seconds * US_PER_SECOND + event->occur_time->nanos / 1000;
}

static const Profiled__V1__Engagement *engagement_of(const Profiled__V1__Interaction *event) {
    static const Profiled__V1__Engagement nothing = PROFILED__V1__ENGAGEMENT__INIT;
    return event->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT ? event->engagement
                                                                                : &nothing;
}

static const Profiled__V1__Activity *activity_of(const Profiled__V1__Interaction *event) {
    static const Profiled__V1__Activity nothing = PROFILED__V1__ACTIVITY__INIT;
    return event->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY ? event->activity
                                                                              : &nothing;
}

static bool is_survey(const Profiled__V1__Interaction *event) {
    return event->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
}

static const char *channel_of(const Profiled__V1__Interaction *event) {
    return is_survey(event) ? "survey" : engagement_of(event)->channel;
}

static const char *name_of(const Profiled__V1__Interaction *event) {
    return is_survey(event) ? event->survey_response->survey_id : activity_of(event)->name;
}

/* ---- filters ---- */

static bool is_kind(const Profiled__V1__Interaction *event, int payload) {
    return (int)event->payload_case == payload;
}

static bool is_same(const char *a, const char *b) { return strcmp(a, b) == 0; }

static bool takes_riyals(const Profiled__V1__Interaction *event) {
    return is_same(activity_of(event)->currency, "SAR");
}

static bool takes_large_riyals(const Profiled__V1__Interaction *event) {
    return takes_riyals(event) && activity_of(event)->amount >= 250.5;
}

static bool takes_mail(const Profiled__V1__Interaction *event) {
    return is_same(channel_of(event), "email");
}

static bool takes_complaints(const Profiled__V1__Interaction *event) {
    const Profiled__V1__Engagement *engagement = engagement_of(event);
    return is_same(engagement->theme, "complaint") || engagement->sentiment == 1;
}

/* Whoever told no mood has none that is not positive. */
static bool takes_the_cool(const Profiled__V1__Interaction *event) {
    const int sentiment = (int)engagement_of(event)->sentiment;
    return sentiment == 1 || sentiment == 2;
}

static bool takes_no_orders(const Profiled__V1__Interaction *event) {
    return !is_same(name_of(event), "order_placed");
}

static bool takes_surveys(const Profiled__V1__Interaction *event) {
    return is_kind(event, PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE);
}

static const Profiled__V1__SurveyAnswer *answer_to_q1(const Profiled__V1__Interaction *event) {
    return is_survey(event) ? event->survey_response->answers[0] : NULL;
}

static bool takes_promoters(const Profiled__V1__Interaction *event) {
    const Profiled__V1__SurveyAnswer *answer = answer_to_q1(event);
    return answer != NULL && answer->answer_case == PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS &&
           answer->nps >= 9;
}

/* The first property is a text or a number, or there is none. */
static bool takes_coupons(const Profiled__V1__Interaction *event) {
    const Profiled__V1__Activity *activity = activity_of(event);
    return activity->n_properties > 0 &&
           activity->properties[0]->value->value_case == PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT &&
           (is_same(activity->properties[0]->value->text, "ربيع") ||
            strncmp(activity->properties[0]->value->text, "s", 1) == 0);
}

static bool takes_cheap(const Profiled__V1__Interaction *event) {
    const Profiled__V1__Activity *activity = activity_of(event);
    return activity->n_properties > 0 &&
           activity->properties[0]->value->value_case ==
               PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER &&
           activity->properties[0]->value->number < 0;
}

static const struct {
    const char *filter;
    bool (*takes)(const Profiled__V1__Interaction *event);
} filters[] = {
    {"currency = SAR", takes_riyals}, /* The first ones may be of amounts. */
    {"amount >= 250.5 AND currency = SAR", takes_large_riyals},
    {"channel:email", takes_mail},
    {"theme = complaint OR sentiment = negative", takes_complaints},
    {"sentiment != positive", takes_the_cool},
    {"NOT name = order_placed", takes_no_orders},
    {"kind = survey_response", takes_surveys},
    {"answers.q1 >= 9", takes_promoters},
    {"properties.p0 = (\"s*\" OR \"ربيع\")", takes_coupons},
    {"properties.p0 < 0", takes_cheap},
};
static_assert(sizeof filters / sizeof *filters == TRAIT_FILTERS, "the header says how many");

const char *trait_filter_of(size_t at) { return filters[at].filter; }

static bool filter_takes(const char *filter, const Profiled__V1__Interaction *event) {
    for (size_t i = 0; i < TRAIT_FILTERS; i++) {
        if (strcmp(filters[i].filter, filter) == 0) {
            return filters[i].takes(event);
        }
    }
    cr_assert_str_eq(filter, "");
    return true;
}

/* ---- values ---- */

static struct told_value property_of(const Profiled__V1__Interaction *event, const char *name) {
    const Profiled__V1__Activity *activity = activity_of(event);
    for (size_t i = 0; i < activity->n_properties; i++) {
        const Profiled__V1__PropertyValue *value = activity->properties[i]->value;
        if (strcmp(activity->properties[i]->key, name) == 0) {
            return value->value_case == PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER
                       ? number_of(value->number)
                   : value->value_case == PROFILED__V1__PROPERTY_VALUE__VALUE_FLAG
                       ? text_of(value->flag ? "true" : "false")
                       : text_of(value->text);
        }
    }
    return (struct told_value){.is_there = false};
}

static struct told_value answer_of(const Profiled__V1__Interaction *event, const char *question) {
    for (size_t i = 0; is_survey(event) && i < event->survey_response->n_answers; i++) {
        const Profiled__V1__SurveyAnswer *answer = event->survey_response->answers[i];
        if (strcmp(answer->question_id, question) == 0) {
            return answer->answer_case == PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS
                       ? number_of(answer->nps)
                       : text_of(answer->choice);
        }
    }
    return (struct told_value){.is_there = false};
}

static struct told_value value_of(const Profiled__V1__TraitDefinition *trait,
                                  const Profiled__V1__Interaction *event) {
    static const char *const moods[] = {"", "negative", "neutral", "positive"};
    switch ((int)trait->field) {
    case FIELD(AMOUNT):
        return activity_of(event)->currency[0] == '\0' ? (struct told_value){.is_there = false}
                                                       : number_of(activity_of(event)->amount);
    case FIELD(PROPERTY):
        return property_of(event, trait->field_name);
    case FIELD(ANSWER):
        return answer_of(event, trait->field_name);
    case FIELD(CHANNEL):
        return text_of(channel_of(event));
    case FIELD(THEME):
        return text_of(engagement_of(event)->theme);
    case FIELD(SENTIMENT):
        return text_of(moods[engagement_of(event)->sentiment]);
    case FIELD(NAME):
        return text_of(name_of(event));
    default:
        return number_of(0);
    }
}

static bool is_of_number(const Profiled__V1__TraitDefinition *trait) {
    return trait->aggregation >= AGGREGATION(SUM) && trait->aggregation <= AGGREGATION(AVERAGE);
}

/* Whether it adds up, and a value is too great for that. */
static bool is_beyond(const Profiled__V1__TraitDefinition *trait, const struct told_value *value) {
    const int how = (int)trait->aggregation;
    return (how == AGGREGATION(SUM) || how == AGGREGATION(AVERAGE)) && fabs(value->number) > 1e12;
}

/* What all interactions tell that the trait takes; and how many it leaves out. */
static struct told_value *values_of(const Profiled__V1__TraitDefinition *trait,
                                    const Profiled__V1__ListInteractionsResponse *events,
                                    size_t *count, int64_t *left_out) {
    const int32_t today = day_of(ask_now_us());
    struct told_value *values = arena_array(&ask_arena, events->n_interactions, sizeof *values);
    *count = 0;
    for (size_t i = 0; i < events->n_interactions; i++) {
        const Profiled__V1__Interaction *event = events->interactions[i];
        const bool is_late =
            trait->window_days > 0 && day_of(time_of(event)) <= today - trait->window_days;
        if (is_late || !filter_takes(trait->filter, event)) {
            continue;
        }
        struct told_value value = value_of(trait, event);
        if (value.is_there && value.text == NULL && is_beyond(trait, &value)) {
            ++*left_out;
        } else if (value.is_there && !(is_of_number(trait) && value.text != NULL)) {
            value.occur_us = time_of(event);
            value.id = event->id;
            values[(*count)++] = value;
        }
    }
    return values;
}

static int by_value(const void *a, const void *b) {
    const struct told_value *left = a;
    const struct told_value *right = b;
    if (left->text != NULL && right->text != NULL) {
        return strcmp(left->text, right->text);
    }
    if (left->text != NULL || right->text != NULL) {
        return left->text != NULL ? -1 : 1;
    }
    return (left->number > right->number) - (left->number < right->number);
}

static int by_time(const void *a, const void *b) {
    const struct told_value *left = a;
    const struct told_value *right = b;
    if (left->occur_us != right->occur_us) {
        return left->occur_us < right->occur_us ? -1 : 1;
    }
    return strcmp(left->id, right->id);
}

/* The sum by so many, written in decimals as long division does: with a 1 behind more of them than
 * a double has where it does not come out even. The C library reads that. */
static double share_of(const struct told_value *values, size_t count, uint64_t by) {
    enum { DECIMALS = 40 };
    int64_t millionths = 0;
    for (size_t i = 0; i < count; i++) {
        millionths += llround(values[i].number * 1e6);
    }
    const uint64_t divisor = by * 1000000;
    const uint64_t dividend = (uint64_t)(millionths < 0 ? -millionths : millionths);
    uint64_t rest = dividend % divisor;
    char decimals[DECIMALS + 2] = "";
    for (size_t i = 0; i < DECIMALS; i++) {
        decimals[i] = (char)('0' + rest * 10 / divisor);
        rest = rest * 10 % divisor;
    }
    decimals[DECIMALS] = rest > 0 ? '1' : '0';
    return strtod(arena_format(&ask_arena, "%s%" PRIu64 ".%s", millionths < 0 ? "-" : "",
                               dividend / divisor, decimals),
                  NULL);
}

/* Of values in order: how many there are, and the first one of those that occur most often. */
static size_t runs_of(const struct told_value *values, size_t count, struct told_value *most) {
    size_t runs = 0;
    size_t length = 0;
    size_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        const bool is_new = i == 0 || by_value(&values[i - 1], &values[i]) != 0;
        runs += is_new;
        length = is_new ? 1 : length + 1;
        if (length > longest) {
            longest = length;
            *most = values[i];
        }
    }
    return runs;
}

static struct told_value trait_of(const Profiled__V1__TraitDefinition *trait,
                                  struct told_value *values, size_t count) {
    struct told_value most = {.is_there = false};
    const struct told_value nothing = {.is_there = false};
    const int how = (int)trait->aggregation;
    qsort(values, count, sizeof *values,
          how == AGGREGATION(FIRST) || how == AGGREGATION(LAST) ? by_time : by_value);
    switch (how) {
    case AGGREGATION(COUNT):
        return number_of((double)count);
    case AGGREGATION(SUM):
        return number_of(share_of(values, count, 1));
    case AGGREGATION(AVERAGE):
        return count == 0 ? nothing : number_of(share_of(values, count, count));
    case AGGREGATION(MIN):
    case AGGREGATION(FIRST):
        return count == 0 ? nothing : values[0];
    case AGGREGATION(MAX):
    case AGGREGATION(LAST):
        return count == 0 ? nothing : values[count - 1];
    case AGGREGATION(DISTINCT_COUNT):
        return number_of((double)runs_of(values, count, &most));
    default:
        (void)runs_of(values, count, &most);
        return most;
    }
}

void expect_trait(const Profiled__V1__TraitDefinition *trait, const Profiled__V1__Profile *profile,
                  const Profiled__V1__ListInteractionsResponse *events, const char *when) {
    size_t count = 0;
    int64_t left_out = 0;
    struct told_value *values = values_of(trait, events, &count, &left_out);
    const struct told_value wanted = trait_of(trait, values, count);
    const Profiled__V1__TraitValue *value = trait_in(profile, trait->name);
    cr_assert_not_null(value, "%s: %s", when, trait->name);
    cr_assert_eq(value->left_out_count, left_out, "%s: %s", when, trait->name);
    if (!wanted.is_there) {
        cr_assert_eq(value->value_case, PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET, "%s: %s", when,
                     trait->name);
    } else if (wanted.text != NULL) {
        cr_assert_eq(value->value_case, PROFILED__V1__TRAIT_VALUE__VALUE_TEXT, "%s: %s", when,
                     trait->name);
        cr_assert_str_eq(value->text, wanted.text, "%s: %s", when, trait->name);
    } else {
        cr_assert_eq(value->value_case, PROFILED__V1__TRAIT_VALUE__VALUE_NUMBER, "%s: %s", when,
                     trait->name);
        cr_assert(value->number <= wanted.number && value->number >= wanted.number,
                  "%s: %s is %.17g and not %.17g", when, trait->name, value->number, wanted.number);
    }
    if (trait->aggregation != AGGREGATION(MOST_FREQUENT)) {
        cr_assert_eq(value->count, (int64_t)count, "%s: %s", when, trait->name);
    }
}
