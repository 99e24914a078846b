/* What interactions cost where there are many, and traits to compute of them: a profile with
 * 100,000 of them beside one with 100, and counting 1,000,000 of a workspace, by what is kept of
 * days and fact by fact. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "tests/bench/served.h"

enum {
    BATCH = 1000,
    ROUNDS = 101,
    ANALYSES = 15,
    PEOPLE = 1000,
    DAYS = 365,
    SECONDS_A_DAY = 86400,
    DASHBOARD_MS = 50,
    ID_SIZE = 37,
};

static char people[PEOPLE][ID_SIZE];
static uint64_t state = 1;

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* SplitMix64. */
static size_t below(size_t count) {
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((z ^ (z >> 31)) % count);
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- what there is ---- */

static void create(char id[ID_SIZE]) {
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = text("Noura");
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__CreateProfileResponse *response = NULL;
    served_check(profiled_create_profile(served.client, &request, NULL, &response, &error), &error);
    snprintf(id, ID_SIZE, "%s", response->profile->id);
    profiled_message_free(&response->base);
}

/* Makes a trait that each message counts for. */
static void make_trait(char *name, Profiled__V1__TraitAggregation aggregation,
                       Profiled__V1__TraitField field, int32_t window_days) {
    Profiled__V1__TraitDefinition trait = PROFILED__V1__TRAIT_DEFINITION__INIT;
    trait.name = name;
    trait.aggregation = aggregation;
    trait.field = field;
    trait.window_days = window_days;
    Profiled__V1__CreateTraitRequest request = PROFILED__V1__CREATE_TRAIT_REQUEST__INIT;
    request.trait = &trait;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__CreateTraitResponse *response = NULL;
    served_check(profiled_create_trait(served.client, &request, NULL, &response, &error), &error);
    profiled_message_free(&response->base);
}

static void make_traits(void) {
    make_trait(text("messages_365d"), PROFILED__V1__TRAIT_AGGREGATION__TRAIT_AGGREGATION_COUNT,
               PROFILED__V1__TRAIT_FIELD__TRAIT_FIELD_UNSPECIFIED, 365);
    make_trait(text("last_channel"), PROFILED__V1__TRAIT_AGGREGATION__TRAIT_AGGREGATION_LAST,
               PROFILED__V1__TRAIT_FIELD__TRAIT_FIELD_CHANNEL, 0);
    make_trait(text("main_channel_30d"),
               PROFILED__V1__TRAIT_AGGREGATION__TRAIT_AGGREGATION_MOST_FREQUENT,
               PROFILED__V1__TRAIT_FIELD__TRAIT_FIELD_CHANNEL, 30);
    make_trait(text("themes"), PROFILED__V1__TRAIT_AGGREGATION__TRAIT_AGGREGATION_DISTINCT_COUNT,
               PROFILED__V1__TRAIT_FIELD__TRAIT_FIELD_THEME, 0);
}

/* A message of some sort, within the last year. */
static void make(Profiled__V1__Engagement *engagement, Profiled__V1__Interaction *interaction,
                 Google__Protobuf__Timestamp *occur_time) {
    static const char *const channels[] = {"whatsapp", "twitter", "instagram", "email",
                                           "facebook", "tiktok",  "chat",      "call"};
    static const char *const themes[] = {"question", "complaint", "compliment", "other"};
    static const char *const subs[] = {"delivery",          "payment",           "portal_app",
                                       "products_services", "customer_services", "undefined"};
    engagement->channel = text(channels[below(8)]);
    engagement->theme = text(themes[below(4)]);
    engagement->sub_theme = text(subs[below(6)]);
    engagement->sentiment = (Profiled__V1__Sentiment)(1 + below(3));
    engagement->language = text("ar");
    engagement->text = text("When will it come?");
    occur_time->seconds = time(NULL) - (int64_t)below((size_t)DAYS * SECONDS_A_DAY);
    interaction->source = text("bench");
    interaction->occur_time = occur_time;
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction->engagement = engagement;
}

/* Records up to BATCH messages, of one person or, where `of` is NULL, of all. */
static void record(char *of, size_t count) {
    static Profiled__V1__Engagement engagements[BATCH];
    static Profiled__V1__Interaction interactions[BATCH];
    static Google__Protobuf__Timestamp times[BATCH];
    static Profiled__V1__InteractionRecord records[BATCH];
    Profiled__V1__InteractionRecord *list[BATCH];
    for (size_t i = 0; i < count; i++) {
        profiled__v1__engagement__init(&engagements[i]);
        profiled__v1__interaction__init(&interactions[i]);
        google__protobuf__timestamp__init(&times[i]);
        profiled__v1__interaction_record__init(&records[i]);
        make(&engagements[i], &interactions[i], &times[i]);
        records[i].interaction = &interactions[i];
        records[i].subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_PROFILE_ID;
        records[i].profile_id = of != NULL ? of : people[below(PEOPLE)];
        list[i] = &records[i];
    }
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = count;
    request.interaction_records = list;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__BatchRecordInteractionsResponse *response = NULL;
    served_check(
        profiled_batch_record_interactions(served.client, &request, NULL, &response, &error),
        &error);
    profiled_message_free(&response->base);
}

static void record_many(char *of, size_t count) {
    while (count > 0) {
        const size_t batch = count < BATCH ? count : BATCH;
        record(of, batch);
        count -= batch;
    }
}

/* ---- one profile ---- */

/* A profile with so many interactions, and what its calls took. */
struct one {
    size_t interactions;
    char id[ID_SIZE];
    double page_us[ROUNDS];
    double counts_us[ROUNDS];
    double record_us[ROUNDS];
};
static struct one ones[] = {{.interactions = 100}, {.interactions = 100000}};
enum { ONES = sizeof ones / sizeof *ones };

static double list_first_page(struct one *one) {
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = one->id;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__ListInteractionsResponse *response = NULL;
    const double began_us = now_us();
    served_check(profiled_list_interactions(served.client, &request, NULL, &response, &error),
                 &error);
    const double took_us = now_us() - began_us;
    profiled_message_free(&response->base);
    return took_us;
}

static double get_counts(struct one *one) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = one->id;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__GetProfileResponse *response = NULL;
    const double began_us = now_us();
    served_check(profiled_get_profile(served.client, &request, NULL, &response, &error), &error);
    const double took_us = now_us() - began_us;
    if (response->profile->interaction_summary->count < (int64_t)one->interactions) {
        fputs("the profile has not all of its interactions\n", stderr);
        exit(1);
    }
    profiled_message_free(&response->base);
    return took_us;
}

static double record_one(struct one *one) {
    const double began_us = now_us();
    record(one->id, 1);
    return now_us() - began_us;
}

static void measure_ones(void) {
    for (size_t i = 0; i < ONES; i++) {
        create(ones[i].id);
        record_many(ones[i].id, ones[i].interactions);
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < ONES; i++) {
            ones[i].page_us[round] = list_first_page(&ones[i]);
            ones[i].counts_us[round] = get_counts(&ones[i]);
            ones[i].record_us[round] = record_one(&ones[i]);
        }
    }
}

/* False when it is over what is promised. */
static bool tell_one(const char *name, double *few, double *many) {
    const double least = served_median(few, ROUNDS);
    const double most = served_median(many, ROUNDS);
    printf("%-26s%10.0f%10.0f%8.2f\n", name, least, most, most / least);
    return most <= 2 * least;
}

/* ---- the workspace ---- */

struct counted {
    double took_us;
    double cpu_us;
    int64_t looked_at;
    int64_t interactions;
    size_t groups;
};

static struct counted analyze(Profiled__V1__AnalyzeInteractionsRequest *request) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct counted counted = {0};
    const uint64_t cpu_ns = process_cpu_ns(&served.server);
    const double began_us = now_us();
    struct profiled_stream *stream =
        profiled_stream_open(served.client, &profiled__v1__interaction_service__descriptor,
                             "AnalyzeInteractions", NULL, &error);
    served_check(stream != NULL && profiled_stream_send(stream, &request->base) &&
                     profiled_stream_half_close(stream),
                 &error);
    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        const Profiled__V1__AnalyzeInteractionsResponse *response =
            (const Profiled__V1__AnalyzeInteractionsResponse *)message;
        counted.looked_at = response->looked_at_count;
        counted.interactions = response->interaction_count;
        counted.groups += response->n_groups;
        profiled_message_free(message);
    }
    served_check(profiled_stream_finish(stream, &error), &error);
    counted.took_us = now_us() - began_us;
    counted.cpu_us = (double)(process_cpu_ns(&served.server) - cpu_ns) / 1e3;
    return counted;
}

static struct counted analyze_median(Profiled__V1__AnalyzeInteractionsRequest *request) {
    double took_us[ANALYSES];
    double cpu_us[ANALYSES];
    struct counted counted = {0};
    (void)analyze(request); /* Warm. */
    for (size_t i = 0; i < ANALYSES; i++) {
        counted = analyze(request);
        took_us[i] = counted.took_us;
        cpu_us[i] = counted.cpu_us;
    }
    counted.took_us = served_median(took_us, ANALYSES);
    counted.cpu_us = served_median(cpu_us, ANALYSES);
    return counted;
}

static void tell_analysis(const char *name, const struct counted *counted) {
    printf("%-44s%10.1f%10.1f%10zu%12" PRId64, name, counted->took_us / 1e3, counted->cpu_us / 1e3,
           counted->groups, counted->looked_at);
    if (counted->looked_at > 0) {
        printf("%14.0f", (double)counted->looked_at / counted->took_us * 1e6);
    }
    putchar('\n');
}

/* The question of a dashboard, as it is asked where nothing else is said. Machines that are busy
 * make it late: it is told, and judged by whoever reads it. */
static void tell_dashboard(size_t interactions, double took_us) {
    printf("\nday, channel, theme, sentiment of %zu interactions, the first 20 groups: %.1f ms, %s "
           "%d ms\n",
           interactions, took_us / 1e3, took_us <= DASHBOARD_MS * 1e3 ? "within" : "NOT within",
           DASHBOARD_MS);
}

static void measure_workspace(size_t interactions) {
    for (size_t i = 0; i < PEOPLE; i++) {
        create(people[i]);
    }
    const double began_us = now_us();
    record_many(NULL, interactions);
    const double took_us = now_us() - began_us;
    fprintf(stderr, "recorded %zu interactions, %.0f a second, one batch at a time\n", interactions,
            (double)interactions / took_us * 1e6);
    Profiled__V1__InteractionDimension dimensions[] = {
        PROFILED__V1__INTERACTION_DIMENSION__INTERACTION_DIMENSION_CHANNEL,
        PROFILED__V1__INTERACTION_DIMENSION__INTERACTION_DIMENSION_THEME,
        PROFILED__V1__INTERACTION_DIMENSION__INTERACTION_DIMENSION_SENTIMENT};
    Profiled__V1__AnalyzeInteractionsRequest request =
        PROFILED__V1__ANALYZE_INTERACTIONS_REQUEST__INIT;
    request.n_group_by = 3;
    request.group_by = dimensions;
    request.bucket = PROFILED__V1__TIME_BUCKET__TIME_BUCKET_DAY;
    printf("\n%-44s%10s%10s%10s%12s%14s\n", "of the workspace, medians", "ms", "cpu ms", "groups",
           "looked at", "a second");
    struct counted counted = analyze_median(&request);
    tell_analysis("day, channel, theme, sentiment: the first 20", &counted);
    const double dashboard_us = counted.took_us;
    request.limit = 1000;
    counted = analyze_median(&request);
    tell_analysis("the same, all groups", &counted);
    request.bucket = PROFILED__V1__TIME_BUCKET__TIME_BUCKET_MONTH;
    counted = analyze_median(&request);
    tell_analysis("month, channel, theme, sentiment: all", &counted);
    request.time_zone = text("Asia/Riyadh");
    counted = analyze_median(&request);
    tell_analysis("the same in a time zone, fact by fact", &counted);
    request.count_profiles = true;
    counted = analyze_median(&request);
    tell_analysis("the same with persons", &counted);
    tell_dashboard(interactions, dashboard_us);
}

int main(int argc, char **argv) {
    const size_t interactions = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    served_open("interactions");
    make_traits();
    measure_ones();
    printf("%-26s%10zu%10zu%8s\n", "of one profile, µs", ones[0].interactions, ones[1].interactions,
           "ratio");
    bool good = tell_one("first page of 50", ones[0].page_us, ones[1].page_us);
    good &= tell_one("profile with its counts", ones[0].counts_us, ones[1].counts_us);
    good &= tell_one("one more", ones[0].record_us, ones[1].record_us);
    measure_workspace(interactions);
    served_close();
    puts(good ? "\nof one profile: within twice" : "\nof one profile: NOT within twice");
    return good ? 0 : 1;
}
