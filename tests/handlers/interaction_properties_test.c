/* What interactions add up to, after random histories: told by id and by record, merged, unmerged,
 * deleted and brought back, over days that go by, clocks that are set years ahead and back,
 * restarts, and what is past retention. Each summary is what the person's timeline adds up to, or
 * says that it is being counted anew; AnalyzeInteractions counts what all timelines have; and the
 * store is sound. */

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/events.h"

TestSuite(interaction_properties, .init = ask_open, .fini = ask_close, .timeout = 300);

enum {
    HISTORIES = 6,
    STEPS = 120,
    PEOPLE = 8,
    LOOK_EVERY = 30,
    RECENT_DAYS = 30,
    HOURS_BACK = 50 * 24,
    HOURS_ON = 12 * 24,
};

static const char *const channels[] = {"email", "whatsapp", "twitter"};
static const char *const themes[] = {"", "complaint", "question"};
static const char *const subs[] = {"", "delivery"};
static const char *const languages[] = {"", "ar", "en"};

static struct seeded random_source;
static const char *people[PEOPLE];
static bool deleted[PEOPLE];
static const char *merges[STEPS];
static size_t merge_count;
static bool is_retained; /* Times in summaries are of what is no longer kept too. */

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static size_t below(size_t count) { return seeded_below(&random_source, count); }

static bool try(const struct rpc_service *service, const char *method,
                const ProtobufCMessage *request, ProtobufCMessage **response) {
    return call(ask_fixture, service, method, request, response)->code == STATUS_OK;
}

/* ---- steps ---- */

static Profiled__V1__Interaction *some_interaction(void) {
    const int64_t occur_us = ask_now_us() - (int64_t)below(HOURS_BACK) * US_PER_HOUR;
    Profiled__V1__Interaction *interaction = engagement_told("", channels[below(3)], occur_us);
    interaction->engagement->theme = text(themes[below(3)]);
    interaction->engagement->sub_theme = text(subs[below(2)]);
    interaction->engagement->language = text(languages[below(3)]);
    interaction->engagement->sentiment = (Profiled__V1__Sentiment)below(4);
    interaction->engagement->direction = (Profiled__V1__Direction)below(3);
    if (below(4) == 0) {
        interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
        interaction->activity = activity_told(NULL, 0)->activity;
    }
    return interaction;
}

static void record_some(void) {
    const size_t person = below(PEOPLE);
    if (below(3) > 0) {
        Profiled__V1__RecordInteractionRequest request =
            PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
        request.interaction_record = event_by_id(some_interaction(), people[person]);
        (void)try(&rpc_interaction_service, "RecordInteraction", &request.base, NULL);
        return;
    }
    const struct told *told =
        TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%zu@example.com", person)),
                            ID("twitter", arena_format(&ask_arena, "p%zu", below(PEOPLE)))});
    record_event(event_by_record(some_interaction(), told));
}

static void merge_some(void) {
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    request.profile_id = text(people[below(PEOPLE)]);
    request.other_profile_id = text(people[below(PEOPLE)]);
    if (try(&rpc_identity_service, "MergeProfiles", &request.base, &response)) {
        merges[merge_count++] = arena_string(
            &ask_arena,
            bytes_of_string(((const Profiled__V1__MergeProfilesResponse *)response)->merge_id));
    }
}

static void unmerge_some(void) {
    if (merge_count > 0) {
        Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
        request.merge_id = text(merges[below(merge_count)]);
        (void)try(&rpc_identity_service, "UnmergeProfiles", &request.base, NULL);
    }
}

static void delete_some(void) {
    const size_t person = below(PEOPLE);
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    Profiled__V1__UndeleteProfileRequest back = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    request.id = text(people[person]);
    back.id = text(people[person]);
    const bool done = deleted[person]
                          ? try(&rpc_profile_service, "UndeleteProfile", &back.base, NULL)
                          : try(&rpc_profile_service, "DeleteProfile", &request.base, NULL);
    deleted[person] = done ? !deleted[person] : deleted[person];
}

static void retain_some(void) {
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    Profiled__V1__UpdateRetentionRequest request = PROFILED__V1__UPDATE_RETENTION_REQUEST__INIT;
    retention.engagement_days = (int32_t)below(60);
    request.retention = &retention;
    request.update_mask = mask_told("engagement_days");
    ask(&rpc_interaction_service, "UpdateRetention", &request.base);
    call_sweep(ask_fixture);
    is_retained = true;
}

/* ---- the model: what a timeline adds up to ---- */

struct sum {
    int64_t count;
    int64_t first;
    int64_t last;
};

/* Adds up those interactions of a timeline of which a function tells a label. */
typedef const char *label_fn(const Profiled__V1__Interaction *interaction);

static const char *kind_of(const Profiled__V1__Interaction *interaction) {
    return interaction->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT ? "engagement"
                                                                                      : "activity";
}

static const Profiled__V1__Engagement *engagement_of(const Profiled__V1__Interaction *interaction) {
    static const Profiled__V1__Engagement none = PROFILED__V1__ENGAGEMENT__INIT;
    return interaction->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT
               ? interaction->engagement
               : &none;
}

static const char *channel_of(const Profiled__V1__Interaction *interaction) {
    return engagement_of(interaction)->channel;
}

static const char *theme_of(const Profiled__V1__Interaction *interaction) {
    return engagement_of(interaction)->theme;
}

static const char *sentiment_of(const Profiled__V1__Interaction *interaction) {
    static const char *const names[] = {"", "negative", "neutral", "positive"};
    return names[engagement_of(interaction)->sentiment];
}

static const char *language_of(const Profiled__V1__Interaction *interaction) {
    const Profiled__V1__Engagement *engagement = engagement_of(interaction);
    return engagement->direction == PROFILED__V1__DIRECTION__DIRECTION_OUTBOUND
               ? ""
               : engagement->language;
}

static void add(struct sum *sum, int64_t time) {
    sum->first = sum->count == 0 || time < sum->first ? time : sum->first;
    sum->last = sum->count == 0 || time > sum->last ? time : sum->last;
    sum->count++;
}

static struct sum sum_of(const Profiled__V1__ListInteractionsResponse *timeline, label_fn *label_of,
                         const char *label) {
    struct sum sum = {0};
    for (size_t i = 0; i < timeline->n_interactions; i++) {
        const Profiled__V1__Interaction *one = timeline->interactions[i];
        if (strcmp(label_of(one), label) == 0) {
            add(&sum, one->occur_time->seconds);
        }
    }
    return sum;
}

static void expect_labels(const Profiled__V1__ListInteractionsResponse *timeline,
                          label_fn *label_of, Profiled__V1__LabelCount *const *labels,
                          size_t count) {
    int64_t labelled = 0;
    for (size_t i = 0; i < timeline->n_interactions; i++) {
        labelled += label_of(timeline->interactions[i])[0] != '\0';
    }
    for (size_t i = 0; i < count; i++) {
        const struct sum sum = sum_of(timeline, label_of, labels[i]->label);
        cr_assert_eq(labels[i]->count, sum.count, "%s", labels[i]->label);
        if (!is_retained) {
            cr_assert_eq(labels[i]->first_time->seconds, sum.first);
            cr_assert_eq(labels[i]->last_time->seconds, sum.last);
        }
        labelled -= labels[i]->count;
    }
    cr_assert_eq(labelled, 0);
}

static void expect_moods(const Profiled__V1__ListInteractionsResponse *timeline,
                         const Profiled__V1__InteractionSummary *summary) {
    int64_t count = 0;
    int64_t net = 0;
    int64_t recent_count = 0;
    int64_t recent = 0;
    const int32_t today = day_of(ask_now_us());
    for (size_t i = 0; i < timeline->n_interactions; i++) {
        const Profiled__V1__Interaction *one = timeline->interactions[i];
        const int mood = (int)engagement_of(one)->sentiment;
        const int64_t change = mood == 0 ? 0 : mood - 2;
        const int32_t day = day_of(one->occur_time->seconds * US_PER_SECOND);
        const bool is_recent = day > today - RECENT_DAYS && day <= today;
        count += mood != 0;
        net += change;
        recent_count += mood != 0 && is_recent;
        recent += is_recent ? change : 0;
    }
    cr_assert_eq(summary->net_sentiment == NULL ? 0 : summary->net_sentiment->count, count);
    if (summary->backfilling) {
        return;
    }
    cr_assert_eq(summary->recent_net_sentiment == NULL ? 0 : summary->recent_net_sentiment->count,
                 recent_count);
    if (count > 0) {
        cr_assert_float_eq(summary->net_sentiment->score, (double)net / (double)count, 1e-9);
    }
    if (recent_count > 0) {
        cr_assert_float_eq(summary->recent_net_sentiment->score,
                           (double)recent / (double)recent_count, 1e-9);
    }
}

static void expect_person(const char *id) {
    const Profiled__V1__ListInteractionsResponse *timeline = events_of(id);
    const Profiled__V1__InteractionSummary *summary = get(id)->interaction_summary;
    cr_assert_eq(summary->count, (int64_t)timeline->n_interactions);
    expect_labels(timeline, kind_of, summary->kinds, summary->n_kinds);
    expect_labels(timeline, channel_of, summary->channels, summary->n_channels);
    expect_labels(timeline, theme_of, summary->themes, summary->n_themes);
    expect_labels(timeline, sentiment_of, summary->sentiments, summary->n_sentiments);
    expect_labels(timeline, language_of, summary->languages, summary->n_languages);
    expect_moods(timeline, summary);
}

static void expect_everybody(void) {
    for (size_t i = 0; i < PEOPLE; i++) {
        Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
        request.id = text(people[i]);
        if (try(&rpc_profile_service, "GetProfile", &request.base, NULL)) {
            expect_person(people[i]);
        }
    }
}

/* All that anybody has, by kept counts and fact by fact: the same. */
static void expect_analysis(void) {
    int64_t counts[2] = {0};
    for (int by_facts = 0; by_facts < 2; by_facts++) {
        Profiled__V1__AnalyzeInteractionsRequest request =
            PROFILED__V1__ANALYZE_INTERACTIONS_REQUEST__INIT;
        request.count_profiles = by_facts;
        const struct feed feed =
            ask_feed(&rpc_interaction_service, "AnalyzeInteractions", &request.base);
        counts[by_facts] =
            ((const Profiled__V1__AnalyzeInteractionsResponse *)feed.messages[feed.count - 1])
                ->interaction_count;
    }
    cr_assert_eq(counts[0], counts[1]);
}

static void look(void) {
    call_sweep(ask_fixture); /* Whoever opens a store sweeps it, a moment later. */
    cr_assert_eq(call_verify(ask_fixture), 0);
    expect_everybody();
    expect_analysis();
}

/* ---- histories ---- */

static void step(bool retains) {
    const size_t choice = below(26);
    if (choice < 14) {
        record_some();
    } else if (choice < 16) {
        merge_some();
    } else if (choice < 18) {
        unmerge_some();
    } else if (choice == 18) {
        delete_some();
    } else if (choice == 19) {
        ask_wait_us((int64_t)below(HOURS_ON) * US_PER_HOUR);
    } else if (choice == 20) {
        call_sweep(ask_fixture); /* A restart, with nothing left to be swept while it is read. */
    } else if (choice == 21 && retains) {
        retain_some();
    } else if (choice == 22) {
        ask_set_clock(&random_source);
        expect_everybody();
    }
}

static void run(uint64_t seed, bool retains) {
    random_source = (struct seeded){seed};
    merge_count = 0;
    is_retained = false;
    memset(deleted, 0, sizeof deleted);
    for (size_t i = 0; i < PEOPLE; i++) {
        people[i] =
            create(
                TOLD(.name = "Noura",
                     .identities = {ID("email", arena_format(&ask_arena, "p%zu@example.com", i))}))
                ->id;
    }
    for (size_t i = 1; i <= STEPS; i++) {
        step(retains);
        if (i % LOOK_EVERY == 0) {
            look();
        }
    }
}

Test(interaction_properties, summaries_are_what_timelines_add_up_to) {
    const struct seeds seeds = seeds_of(HISTORIES);
    for (uint64_t seed = seeds.first; seed <= seeds.last; seed++) {
        ask_anew();
        fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
        run(seed, seed % 2 == 0);
    }
}
