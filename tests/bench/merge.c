/* What MergeProfiles and UnmergeProfiles cost two profiles with few and with many interactions: the
 * same, since interactions stay where they are. Sizes take turns, so that what disturbs the machine
 * for a while disturbs all of them alike. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "tests/bench/served.h"

enum { BATCH = 1000, ROUNDS = 101, EMAIL_SIZE = 64 };

/* Two profiles with so many interactions each. */
struct pair {
    uint32_t interactions;
    char ids[2][SERVED_ID_SIZE];
    double merge_us[ROUNDS];
    double merge_cpu_us[ROUNDS];
    double unmerge_us[ROUNDS];
    double unmerge_cpu_us[ROUNDS];
};

static struct pair pairs[] = {
    {.interactions = 10}, {.interactions = 1000}, {.interactions = 100000}};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- the pairs ---- */

static void email_of(uint32_t number, char email[EMAIL_SIZE]) {
    snprintf(email, EMAIL_SIZE, "person%" PRIu32 "@example.com", number);
}

static void create(uint32_t number, char id[SERVED_ID_SIZE]) {
    char name[32];
    char email[EMAIL_SIZE];
    snprintf(name, sizeof name, "Person %" PRIu32, number);
    email_of(number, email);
    served_create(name, email, id);
}

/* Half of them as of the profile, and half as of whoever has the address: these are resolved, and
 * leave a decision each. */
static void record(uint32_t number, char *profile_id, uint32_t count) {
    static Profiled__V1__Engagement engagement = PROFILED__V1__ENGAGEMENT__INIT;
    static Profiled__V1__Interaction interaction = PROFILED__V1__INTERACTION__INIT;
    static Profiled__V1__InteractionRecord one = PROFILED__V1__INTERACTION_RECORD__INIT;
    static Profiled__V1__InteractionRecord other = PROFILED__V1__INTERACTION_RECORD__INIT;
    static Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    static Profiled__V1__Record told = PROFILED__V1__RECORD__INIT;
    Profiled__V1__Identity *identities[] = {&identity};
    Profiled__V1__InteractionRecord *records[BATCH];
    char email[EMAIL_SIZE];
    email_of(number, email);
    identity.type = text("email");
    identity.value = email;
    told.identities = identities;
    told.n_identities = 1;
    engagement.channel = text("whatsapp");
    engagement.text = text("When will it come?");
    engagement.theme = text("delivery");
    interaction.source = text("bench");
    interaction.payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction.engagement = &engagement;
    one.interaction = &interaction;
    one.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_PROFILE_ID;
    one.profile_id = profile_id;
    other.interaction = &interaction;
    other.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    other.record = &told;
    for (size_t i = 0; i < BATCH; i++) {
        records[i] = i % 2 == 0 ? &one : &other;
    }
    while (count > 0) {
        Profiled__V1__BatchRecordInteractionsRequest request =
            PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
        request.n_interaction_records = count < BATCH ? count : BATCH;
        request.interaction_records = records;
        struct profiled_error error = PROFILED_ERROR_INIT;
        Profiled__V1__BatchRecordInteractionsResponse *response = NULL;
        served_check(
            profiled_batch_record_interactions(served.client, &request, NULL, &response, &error),
            &error);
        profiled_message_free(&response->base);
        count -= (uint32_t)request.n_interaction_records;
    }
}

static void prepare(void) {
    for (uint32_t i = 0; i < PAIRS; i++) {
        for (uint32_t k = 0; k < 2; k++) {
            create(2 * i + k, pairs[i].ids[k]);
            record(2 * i + k, pairs[i].ids[k], pairs[i].interactions);
        }
    }
}

/* ---- the rounds ---- */

struct stopwatch {
    struct timespec began;
    uint64_t cpu_ns;
};

static void start(struct stopwatch *watch) {
    watch->cpu_ns = process_cpu_ns(&served.server);
    clock_gettime(CLOCK_MONOTONIC, &watch->began);
}

static void stop(const struct stopwatch *watch, double *us, double *cpu_us) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *us = (double)(now.tv_sec - watch->began.tv_sec) * 1e6 +
          (double)(now.tv_nsec - watch->began.tv_nsec) / 1e3;
    *cpu_us = (double)(process_cpu_ns(&served.server) - watch->cpu_ns) / 1e3;
}

static void merge(struct pair *pair, size_t round, char merge_id[SERVED_ID_SIZE]) {
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = pair->ids[0];
    request.other_profile_id = pair->ids[1];
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__MergeProfilesResponse *response = NULL;
    struct stopwatch watch;
    start(&watch);
    served_check(profiled_merge_profiles(served.client, &request, NULL, &response, &error), &error);
    stop(&watch, &pair->merge_us[round], &pair->merge_cpu_us[round]);
    if (response->profile->interaction_summary->count != 2 * (int64_t)pair->interactions) {
        fputs("the merged profile has not the interactions of both\n", stderr);
        exit(1);
    }
    snprintf(merge_id, SERVED_ID_SIZE, "%s", response->merge_id);
    profiled_message_free(&response->base);
}

static void unmerge(struct pair *pair, size_t round, char merge_id[SERVED_ID_SIZE]) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = merge_id;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__UnmergeProfilesResponse *response = NULL;
    struct stopwatch watch;
    start(&watch);
    served_check(profiled_unmerge_profiles(served.client, &request, NULL, &response, &error),
                 &error);
    stop(&watch, &pair->unmerge_us[round], &pair->unmerge_cpu_us[round]);
    if (response->restored_profile->interaction_summary->count != (int64_t)pair->interactions) {
        fputs("the restored profile has not its own interactions\n", stderr);
        exit(1);
    }
    profiled_message_free(&response->base);
}

/* So that the two may be merged again. */
static void forget(struct pair *pair) {
    Profiled__V1__DeleteNeverJoinRequest request = PROFILED__V1__DELETE_NEVER_JOIN_REQUEST__INIT;
    request.profile_id = pair->ids[0];
    request.other_profile_id = pair->ids[1];
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__DeleteNeverJoinResponse *response = NULL;
    served_check(profiled_delete_never_join(served.client, &request, NULL, &response, &error),
                 &error);
    profiled_message_free(&response->base);
}

static void measure(void) {
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < PAIRS; i++) {
            char merge_id[SERVED_ID_SIZE];
            merge(&pairs[i], round, merge_id);
            unmerge(&pairs[i], round, merge_id);
            forget(&pairs[i]);
        }
    }
}

/* False when one of the ratios is over what is promised. */
static bool tell(const char *name, double (*values[PAIRS])[ROUNDS]) {
    bool good = true;
    const double least = served_median(*values[0], ROUNDS);
    printf("%-22s", name);
    for (size_t i = 0; i < PAIRS; i++) {
        const double value = i == 0 ? least : served_median(*values[i], ROUNDS);
        printf("%12.0f %6.2f", value, value / least);
        good = good && value <= 2 * least;
    }
    putchar('\n');
    return good;
}

int main(void) {
    served_open("merge");
    prepare();
    measure();
    served_close();
    printf("Two profiles with so many interactions each; medians of %d rounds, and their ratio to "
           "the first.\n\n%-22s",
           ROUNDS, "");
    for (size_t i = 0; i < PAIRS; i++) {
        printf("%12" PRIu32 " ratio ", pairs[i].interactions);
    }
    putchar('\n');
    bool good = tell("merge, µs", (double(*[PAIRS])[ROUNDS]){&pairs[0].merge_us, &pairs[1].merge_us,
                                                             &pairs[2].merge_us});
    good &= tell("merge, server cpu µs",
                 (double(*[PAIRS])[ROUNDS]){&pairs[0].merge_cpu_us, &pairs[1].merge_cpu_us,
                                            &pairs[2].merge_cpu_us});
    good &=
        tell("unmerge, µs", (double(*[PAIRS])[ROUNDS]){&pairs[0].unmerge_us, &pairs[1].unmerge_us,
                                                       &pairs[2].unmerge_us});
    good &= tell("unmerge, server cpu µs",
                 (double(*[PAIRS])[ROUNDS]){&pairs[0].unmerge_cpu_us, &pairs[1].unmerge_cpu_us,
                                            &pairs[2].unmerge_cpu_us});
    puts(good ? "\nwithin twice" : "\nNOT within twice");
    return good ? 0 : 1;
}
