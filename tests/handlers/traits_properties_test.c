/* Random histories with traits: writes, merges and their undoing, other rules, which move
 * interactions, retention, which removes some, days that go by, clocks that are set years ahead and
 * back, restarts, traits that are made, backfilled a few interactions at a time, and deleted. At
 * every moment each trait that is ready, and does not say that it is being counted anew, is what
 * all interactions of the profile come to, computed from scratch, and the store verifies.
 *
 * A failure names the seed of its history; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/rules.h"
#include "tests/handlers/trait_oracle.h"

enum {
    SEEDS = 12,
    STEPS = 140,
    CHECK_EVERY = 7,
    TRAITS_MAX = 14,
    AGGREGATIONS = 9,
    IDS_MAX = 32,
    ID_TEXT = 37
};

static struct seeded rolls;
static uint64_t seed;
static int trait_number_next;
static char ids[IDS_MAX][ID_TEXT];
static size_t id_count;

static size_t below(size_t count) { return seeded_below(&rolls, count); }

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *one_of(const char *const *words, size_t count) { return words[below(count)]; }

/* ---- what happens ---- */

static Profiled__V1__Interaction *an_engagement(void) {
    static const char *const channels[] = {"email", "whatsapp", "phone_call"};
    static const char *const themes[] = {"", "complaint", "praise"};
    Profiled__V1__Interaction *interaction = engagement_told("", one_of(channels, 3), 0);
    interaction->engagement->theme = text(one_of(themes, 3));
    interaction->engagement->sentiment = (Profiled__V1__Sentiment)below(4);
    return interaction;
}

static Profiled__V1__Interaction *an_activity(void) {
    static const char *const coupons[] = {"spring", "summer", "ربيع"};
    static const char *const currencies[] = {"SAR", "USD"};
    Profiled__V1__PropertyValue *value = arena_alloc(&ask_arena, sizeof *value);
    profiled__v1__property_value__init(value);
    if (below(3) == 0) {
        value->value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER;
        value->number = (double)below(5) - 2.25;
    } else {
        value->value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT;
        value->text = text(one_of(coupons, 3));
    }
    Profiled__V1__Interaction *interaction = activity_told(value, below(4) == 0 ? 0 : 1);
    if (below(4) != 0) {
        interaction->activity->amount = (double)below(100000) / 100 - 100;
        interaction->activity->amount *= below(8) == 0 ? 1e11 : 1; /* What is too great, too. */
        interaction->activity->currency = text(one_of(currencies, 2));
    }
    return interaction;
}

static Profiled__V1__Interaction *a_survey(void) {
    static const char *const choices[] = {"yes", "no"};
    Profiled__V1__SurveyAnswer *answer = arena_alloc(&ask_arena, sizeof *answer);
    profiled__v1__survey_answer__init(answer);
    answer->question_id = text("q1");
    if (below(3) == 0) {
        answer->answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE;
        answer->choice = text(one_of(choices, 2));
    } else {
        answer->answer_case = PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS;
        answer->nps = (int32_t)below(11);
    }
    return answers_told(answer, 1);
}

/* Now, some days ago or some hours ahead; several happen at one time. */
static Profiled__V1__Interaction *an_interaction(void) {
    Profiled__V1__Interaction *interaction = below(3) == 0   ? an_engagement()
                                             : below(3) == 0 ? a_survey()
                                                             : an_activity();
    const int64_t hours = (int64_t)below(below(3) == 0 ? 40 * 24 : 60) - 20;
    interaction->occur_time =
        time_told(ask_now_us() / US_PER_HOUR * US_PER_HOUR - hours * US_PER_HOUR);
    return interaction;
}

/* ---- whose it is ---- */

static void note_id(const char *id) {
    memcpy(ids[id_count < IDS_MAX ? id_count++ : below(IDS_MAX)], id, ID_TEXT);
}

static struct told_identity an_identity(void) {
    return below(2) == 0
               ? (struct told_identity){.type = "email",
                                        .value =
                                            arena_format(&ask_arena, "p%zu@d%" PRIu64 ".example",
                                                         below(6), seed)}
               : (struct told_identity){
                     .type = "twitter",
                     .value = arena_format(&ask_arena, "t%" PRIu64 "_%zu", seed, below(6))};
}

static void do_record(void) {
    struct told told = {.source = "crm", .identities = {an_identity()}};
    if (below(3) == 0) {
        told.identities[1] = an_identity();
    }
    const Profiled__V1__RecordInteractionResponse *recorded =
        record_event(event_by_record(an_interaction(), &told));
    if (!recorded->expired) {
        note_id(recorded->profile_id);
    }
}

static void do_record_by_id(void) {
    if (id_count > 0) {
        (void)record_event(event_by_id(an_interaction(), ids[below(id_count)]));
    }
}

/* A call that the server may refuse. */
static void may(const char *method, const ProtobufCMessage *request) {
    (void)call(ask_fixture, &rpc_identity_service, method, request, NULL);
}

static void do_merge(void) {
    if (id_count > 1) {
        Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
        request.profile_id = ids[below(id_count)];
        request.other_profile_id = ids[below(id_count)];
        may("MergeProfiles", &request.base);
    }
}

static void do_unmerge(void) {
    if (id_count > 0) {
        Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
        request.profile_id = ids[below(id_count)];
        request.keep_decisions = below(2) == 0;
        may("UnmergeProfiles", &request.base);
    }
}

static void do_rules(void) {
    static bool disabled;
    disabled = !disabled;
    set_disabled("email", disabled);
    (void)apply_rules(3);
}

static void do_retention(void) {
    Profiled__V1__Retention retention = PROFILED__V1__RETENTION__INIT;
    retention.engagement_days = (int32_t)below(2) * 9;
    retention.activity_days = (int32_t)below(3) * 8;
    Profiled__V1__UpdateRetentionRequest request = PROFILED__V1__UPDATE_RETENTION_REQUEST__INIT;
    request.retention = &retention;
    request.update_mask = mask_told("engagement_days,activity_days");
    (void)ask(&rpc_interaction_service, "UpdateRetention", &request.base);
}

/* ---- traits ---- */

static void make_trait(int how) {
    static const int fields[] = {FIELD(AMOUNT), FIELD(PROPERTY),  FIELD(ANSWER), FIELD(CHANNEL),
                                 FIELD(THEME),  FIELD(SENTIMENT), FIELD(NAME)};
    static const int windows[] = {0, 0, 0, 1, 7, 30};
    const bool is_of_number = how >= AGGREGATION(SUM) && how <= AGGREGATION(AVERAGE);
    const int field = how == AGGREGATION(COUNT) ? 0 : fields[below(is_of_number ? 3 : 7)];
    Profiled__V1__TraitDefinition *trait =
        trait_told(arena_format(&ask_arena, "t%d_%d_%d", trait_number_next++, how, field), how,
                   field, windows[below(6)]);
    trait->field_name = text(field == FIELD(PROPERTY) ? "p0" : field == FIELD(ANSWER) ? "q1" : "");
    if (field == FIELD(AMOUNT)) {
        trait->filter = text(trait_filter_of(below(TRAIT_FILTERS_OF_AMOUNTS)));
    } else if (below(3) != 0) {
        trait->filter = text(trait_filter_of(below(TRAIT_FILTERS)));
    }
    create_trait(trait);
}

static void do_create_trait(void) {
    if (list_traits()->n_traits < TRAITS_MAX) {
        make_trait((int)below(AGGREGATIONS) + 1);
    }
}

/* One of each sort, which are ready, in the place of those that there are. */
static void renew_traits(void) {
    const Profiled__V1__ListTraitsResponse *list = list_traits();
    for (size_t i = 0; i < list->n_traits; i++) {
        delete_trait(list->traits[i]->name);
    }
    for (int how = 1; how <= AGGREGATIONS; how++) {
        make_trait(how);
    }
    while (!backfill_traits(50)->done) {
    }
}

static void do_delete_trait(void) {
    const Profiled__V1__ListTraitsResponse *list = list_traits();
    if (list->n_traits > 9) {
        delete_trait(list->traits[below(list->n_traits)]->name);
    }
}

static void expect_all(const char *when) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = 1000;
    const Profiled__V1__ListProfilesResponse *profiles =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    const Profiled__V1__ListTraitsResponse *traits = list_traits();
    for (size_t i = 0; i < profiles->n_profiles; i++) {
        const Profiled__V1__Profile *profile = profiles->profiles[i];
        const Profiled__V1__ListInteractionsResponse *events = events_of(profile->id);
        cr_assert_eq(profile->n_traits, traits->n_traits);
        for (size_t k = 0; k < traits->n_traits; k++) {
            if (traits->traits[k]->ready &&
                !trait_in(profile, traits->traits[k]->name)->backfilling) {
                expect_trait(traits->traits[k], profile, events, when);
            }
        }
    }
}

/* ---- histories ---- */

/* The store is swept, which it is once more when it is opened: until the second write is answered
 * there is nothing to be removed between two reads. */
static void settle(void) {
    (void)backfill_traits(1);
    (void)backfill_traits(1);
}

static void do_sweep(void) {
    call_sweep(ask_fixture);
    settle();
}

static void verify(const char *when) {
    cr_assert_eq(call_verify(ask_fixture), 0, "%s", when);
    settle();
}

static void step(void) {
    static void (*const writes[])(void) = {do_record,       do_record_by_id, do_record,
                                           do_record_by_id, do_record_by_id, do_merge,
                                           do_unmerge};
    static void (*const changes[])(void) = {do_create_trait, do_create_trait, do_delete_trait,
                                            do_rules, do_retention};
    ask_wait_us(US_PER_SECOND);
    const size_t choice = below(21);
    if (choice < 12) {
        writes[below(sizeof writes / sizeof *writes)]();
    } else if (choice < 14) {
        changes[below(sizeof changes / sizeof *changes)]();
    } else if (choice < 17) {
        (void)backfill_traits(1 + (int)below(9));
    } else if (choice < 19) {
        ask_wait_us((int64_t)below(60) * US_PER_HOUR);
    } else if (choice < 20) {
        ask_set_clock(&rolls);
    } else {
        do_sweep();
    }
}

static void run(void) {
    rolls.state = seed;
    id_count = 0;
    renew_traits();
    for (int i = 0; i < STEPS; i++) {
        const char *when = arena_format(&ask_arena, "seed %" PRIu64 ", step %d", seed, i);
        step();
        if (i % CHECK_EVERY == 0) {
            expect_all(when);
            call_forget(ask_fixture);
        }
        if (i % (CHECK_EVERY * 5) == 0) {
            verify(when);
        }
    }
    while (!backfill_traits(20)->done) {
    }
    expect_all("at the end");
    verify("at the end");
}

TestSuite(traits_properties, .init = ask_open, .fini = ask_close);

Test(traits_properties, are_always_what_all_interactions_come_to, .timeout = 250) {
    const struct seeds seeds = seeds_of(SEEDS);
    for (seed = seeds.first; seed <= seeds.last; seed++) {
        run();
    }
}
