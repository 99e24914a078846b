/* Makes interactions of invented people: NDJSON on standard output, one InteractionRecord a line,
 * the earliest first. Who they are and what they do follows from the options alone. */

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/sample/people.h"
#include "client/sample/said.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { TIME_SIZE = 32, ID_SIZE = 32, SECONDS_A_DAY = 86400 };

struct options {
    uint64_t seed;
    uint64_t people;
    uint64_t interactions;
    uint64_t days;
    time_t until;
};

/* One interaction that is being made. */
struct making {
    const struct options *options;
    uint64_t number;
    uint64_t state;
    struct person person;
    char time[TIME_SIZE];
};

/* ---- who ---- */

static json_t *identity(const char *type, const char *value) {
    return json_pack("{s:s,s:s}", "type", type, "value", value);
}

/* The person as a channel knows them: by its own identity, and by another one or two, so that
 * channels come together. */
static json_t *record_of(struct making *making, json_t *first) {
    const struct person *person = &making->person;
    json_t *identities = json_array();
    json_array_append_new(identities, first);
    const size_t more = sample_below(&making->state, 3);
    if (more != 1) {
        json_array_append_new(identities, identity("email", person->email));
    }
    if (more != 2) {
        json_array_append_new(identities, identity("phone", person->national));
    }
    json_t *record =
        json_pack("{s:o,s:s}", "identities", identities, "defaultRegion", person->country);
    if (sample_below(&making->state, 3) == 0) {
        json_object_set_new(record, "name", json_string(person->name));
        json_object_set_new(record, "attributes",
                            json_pack("{s:{s:s},s:{s:s},s:{s:s}}", "country", "text",
                                      person->country, "city", "text", person->city, "gender",
                                      "text", person->gender));
    }
    return record;
}

/* ---- engagements ---- */

struct channel {
    const char *name;
    const char *identity; /* The type by which it knows people. */
    const char *visibility;
    int weight;
};

static const struct channel channels[] = {
    {"whatsapp", "whatsapp", "VISIBILITY_PRIVATE", 30},
    {"twitter", "twitter", "VISIBILITY_PUBLIC", 18},
    {"instagram", "instagram", "VISIBILITY_PUBLIC", 14},
    {"email", "email", "VISIBILITY_PRIVATE", 12},
    {"facebook", "facebook", "VISIBILITY_PUBLIC", 8},
    {"tiktok", "tiktok", "VISIBILITY_PUBLIC", 6},
    {"chat", "email", "VISIBILITY_PRIVATE", 6},
    {"call", "phone", "VISIBILITY_PRIVATE", 6},
};

static const struct channel *some_channel(uint64_t *state) {
    int at = (int)sample_below(state, 100);
    size_t i = 0;
    while (at >= channels[i].weight) {
        at -= channels[i++].weight;
    }
    return &channels[i];
}

static const char *value_of(const struct person *person, const char *type) {
    return strcmp(type, "email") == 0      ? person->email
           : strcmp(type, "phone") == 0    ? person->national
           : strcmp(type, "whatsapp") == 0 ? person->phone
                                           : person->handle;
}

static json_t *engagement_of(struct making *making, const struct channel *channel) {
    static const char *const sentiments[] = {"SENTIMENT_NEGATIVE", "SENTIMENT_NEUTRAL",
                                             "SENTIMENT_POSITIVE"};
    const struct person *person = &making->person;
    const struct said *words = &said[sample_below(&making->state, said_count)];
    char conversation[ID_SIZE];
    char agent[ID_SIZE];
    snprintf(conversation, sizeof conversation, "c-%" PRIu64, making->number / 4);
    snprintf(agent, sizeof agent, "agent-%zu", 1 + sample_below(&making->state, 8));
    json_t *engagement =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "channel", channel->name, "visibility",
                  channel->visibility, "direction", "DIRECTION_INBOUND", "conversationId",
                  conversation, "text", person->writes_arabic ? words->arabic : words->english,
                  "language", person->writes_arabic ? "ar" : "en", "theme", words->theme,
                  "subTheme", words->sub_theme, "sentiment", sentiments[words->sentiment + 1]);
    json_object_set_new(engagement, "agent", json_string(agent));
    if (words->sentiment != 0) {
        const double strength = 0.3 + 0.1 * (double)sample_below(&making->state, 8);
        json_object_set_new(engagement, "sentimentScore", json_real(words->sentiment * strength));
    }
    if (person->writes_arabic) {
        json_object_set_new(engagement, "dialect", json_string(person->dialect));
        json_object_set_new(engagement, "subDialect", json_string(person->sub_dialect));
    }
    return engagement;
}

static void make_engagement(struct making *making, json_t *interaction, json_t *line) {
    const struct channel *channel = some_channel(&making->state);
    json_object_set_new(interaction, "source", json_string(channel->name));
    json_object_set_new(interaction, "engagement", engagement_of(making, channel));
    json_object_set_new(line, "record",
                        record_of(making, identity(channel->identity,
                                                   value_of(&making->person, channel->identity))));
}

/* ---- surveys ---- */

static json_t *answer(const char *question, int order, const char *type, json_t *value) {
    return json_pack("{s:s,s:i,s:o}", "questionId", question, "order", order, type, value);
}

static json_t *phone_answer(const struct person *person) {
    return answer("phone", 4, "phone",
                  json_pack("{s:s,s:s}", "number", person->national, "country", person->country));
}

static json_t *delivery_survey(struct making *making) {
    static const char *const comments[] = {"سريع ومرتب", "تأخر قليلا", "Very good",
                                           "Could be better"};
    const int rating = 1 + (int)sample_below(&making->state, 5);
    return json_pack("{s:s,s:s,s:[o,o,o,o]}", "surveyId", "delivery", "surveyName",
                     "After delivery", "answers",
                     answer("rating", 1, "rating", json_integer(rating)),
                     answer("on_time", 2, "choice",
                            json_string(sample_below(&making->state, 3) == 0 ? "no" : "yes")),
                     answer("comment", 3, "text",
                            json_string(comments[sample_below(&making->state, COUNT(comments))])),
                     phone_answer(&making->person));
}

static json_t *nps_survey(struct making *making) {
    const int nps =
        10 - (int)(sample_below(&making->state, 11) * sample_below(&making->state, 11) / 11);
    return json_pack("{s:s,s:s,s:[o,o,o]}", "surveyId", "nps", "surveyName",
                     "Would you recommend us?", "answers",
                     answer("recommend", 1, "nps", json_integer(nps)),
                     answer("orders_a_year", 2, "number",
                            json_integer((json_int_t)sample_below(&making->state, 30))),
                     answer("email", 3, "email", json_string(making->person.email)));
}

static json_t *app_survey(struct making *making) {
    json_t *uses = json_array();
    static const char *const all[] = {"orders", "payments", "support", "offers"};
    for (size_t i = 0; i < COUNT(all); i++) {
        if (i == 0 || sample_below(&making->state, 2) == 0) {
            json_array_append_new(uses, json_string(all[i]));
        }
    }
    return json_pack("{s:s,s:s,s:[o,o,o]}", "surveyId", "app", "surveyName", "The new app",
                     "answers", answer("uses", 1, "choices", json_pack("{s:o}", "choices", uses)),
                     answer("rating", 2, "rating",
                            json_integer(1 + (json_int_t)sample_below(&making->state, 5))),
                     phone_answer(&making->person));
}

static void make_survey(struct making *making, json_t *interaction) {
    const size_t which = sample_below(&making->state, 3);
    json_object_set_new(interaction, "source", json_string("survey"));
    json_object_set_new(interaction, "surveyResponse",
                        which == 0   ? delivery_survey(making)
                        : which == 1 ? nps_survey(making)
                                     : app_survey(making));
}

/* ---- activities ---- */

static void make_activity(struct making *making, json_t *interaction, json_t *line) {
    static const char *const names[] = {"order_placed", "page_viewed", "coupon_used"};
    const size_t which = sample_below(&making->state, COUNT(names));
    const double amount = 20 + (double)sample_below(&making->state, 50000) / 100;
    json_t *activity =
        json_pack("{s:s,s:{s:{s:s},s:{s:i}}}", "name", names[which], "properties", "platform",
                  "text", sample_below(&making->state, 2) == 0 ? "ios" : "android", "items",
                  "number", (int)(1 + sample_below(&making->state, 6)));
    if (which == 0) {
        json_object_set_new(activity, "amount", json_real(amount));
        json_object_set_new(activity, "currency", json_string("SAR"));
    }
    json_object_set_new(interaction, "source", json_string("shop"));
    json_object_set_new(interaction, "activity", activity);
    json_object_set_new(line, "record", record_of(making, identity("email", making->person.email)));
}

/* ---- all of it ---- */

/* Evenly over the days, the earliest first. */
static void make_time(struct making *making) {
    const struct options *options = making->options;
    const uint64_t span = options->days * SECONDS_A_DAY;
    const time_t time =
        options->until - (time_t)span +
        (time_t)((double)making->number / (double)options->interactions * (double)span);
    struct tm parts;
    gmtime_r(&time, &parts);
    strftime(making->time, sizeof making->time, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static json_t *make(const struct options *options, uint64_t number) {
    struct making making = {.options = options, .number = number};
    making.state = options->seed ^ (number * UINT64_C(0xd1342543de82ef95));
    /* Some do more than others. */
    const uint64_t most = sample_next(&making.state) % options->people;
    const uint64_t some = sample_next(&making.state) % options->people;
    person_make(options->seed, most < some ? most : some, &making.person);
    make_time(&making);
    char event[ID_SIZE];
    snprintf(event, sizeof event, "e-%" PRIu64, number);
    json_t *interaction = json_pack("{s:s,s:s}", "eventId", event, "occurTime", making.time);
    json_t *line = json_pack("{s:o}", "interaction", interaction);
    const size_t kind = sample_below(&making.state, 20);
    if (kind < 15) {
        make_engagement(&making, interaction, line);
    } else if (kind < 17) {
        make_survey(&making, interaction);
    } else {
        make_activity(&making, interaction, line);
    }
    return line;
}

static bool read_number(const char *text, uint64_t *out) {
    char *end = NULL;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

static bool read_day(const char *text, time_t *out) {
    struct tm parts = {0};
    const char *end = strptime(text, "%Y-%m-%d", &parts);
    *out = timegm(&parts);
    return end != NULL && *end == '\0';
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct options *options = state->input;
    bool good = true;
    switch (key) {
    case 's':
        good = read_number(argument, &options->seed);
        break;
    case 'p':
        good = read_number(argument, &options->people) && options->people > 0 &&
               options->people <= PEOPLE_MAX;
        break;
    case 'i':
        good = read_number(argument, &options->interactions);
        break;
    case 'd':
        good = read_number(argument, &options->days) && options->days > 0 && options->days <= 36500;
        break;
    case 'u':
        good = read_day(argument, &options->until);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (!good) {
        argp_error(state, "%s: not in range", argument);
    }
    return 0;
}

int main(int argc, char **argv) {
    static const struct argp_option known[] = {
        {"people", 'p', "COUNT", 0, "How many people, 1 to 20,000,000; 200", 0},
        {"interactions", 'i', "COUNT", 0, "How many interactions; 5000", 0},
        {"days", 'd', "COUNT", 0, "Over how many days; 90", 0},
        {"until", 'u', "DAY", 0, "Up to the beginning of this day, as 2026-03-01; today", 0},
        {"seed", 's', "NUMBER", 0, "Other people who say other things; 1", 0},
        {0},
    };
    static const struct argp argp = {
        .options = known,
        .parser = parse,
        .doc = "Makes interactions of invented people: NDJSON, one InteractionRecord a line.",
    };
    struct options options = {.seed = 1, .people = 200, .interactions = 5000, .days = 90};
    options.until = time(NULL) / SECONDS_A_DAY * SECONDS_A_DAY;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    for (uint64_t i = 0; i < options.interactions; i++) {
        json_t *line = make(&options, i);
        const int failed = json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(8)) != 0 ||
                           fputc('\n', stdout) < 0;
        json_decref(line);
        if (failed) {
            perror("standard output");
            return 1;
        }
    }
    if (fflush(stdout) != 0) {
        perror("standard output");
        return 1;
    }
    return 0;
}
