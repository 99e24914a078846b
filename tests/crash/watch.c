/* Watching through kills. Two consumers follow the changes of a server under load; the server is
 * killed under them, and they are killed too, now the one, now the other, before it or after. In
 * the end each has told every change once, in order: what came of its journal is what the server
 * has, and holds all that the server had acknowledged.
 *
 * One consumer watches everything from the first moment, the other one the segments alone, behind a
 * snapshot that begins under load. */

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/profiled_calls.h"
#include "profiled/v1/segment_service.pb-c.h"
#include "tests/crash/consumer.h"
#include "tests/crash/journal.h"
#include "tests/crash/ledger.h"
#include "tests/crash/load.h"
#include "tests/crash/options.h"
#include "tests/crash/steps.h"
#include "tests/engine/scratch.h"
#include "tests/engine/seeded.h"
#include "tests/server/program.h"
#include "tests/server/server.h"

enum {
    LOADS = 3,
    STORE_CYCLES = 10, /* Then all is compared, and the next store begins. */
    KILL_US_MIN = 50000,
    KILL_US_MAX = 500000, /* After the load has begun. */
    LOAD_PEOPLE = 1000000,
    CONSUMERS = 2,
    KILL_CONSUMER_ONE_IN = 2,
    SETTLE_US = 4000000, /* Longer than the relative times of the segments, and their second. */
    POLL_US = 20000,
    POLLS_MAX = 3000,
    PAGE_SIZE = 1000,
    PATH_SIZE_MAX = 256,
    ID_SIZE = LEDGER_ID_SIZE,
};

/* What a segment is called, and whom it has. Time alone makes people enter the last one. */
static const char *const segment_names[] = {"known", "talkers", "merged", "quiet", NULL};
static const char *const segment_filters[] = {"identity.email:*", "interaction_count >= 1",
                                              "merged_count >= 1",
                                              "last_interaction_time < now - 2s"};
static const char segment_list[] = "known,talkers,merged,quiet";
enum { SEGMENTS = sizeof segment_filters / sizeof *segment_filters };

struct consumer_process {
    int pid; /* 0: not there. */
    char journal[PATH_SIZE_MAX];
    const char *watched;
    int64_t kills;
};

struct watch {
    struct seeded seeded;
    char data[PATH_SIZE_MAX];
    char address[SERVER_ADDRESS_SIZE_MAX]; /* Of the first server, and so of all of them. */
    struct server server;
    struct consumer_process consumers[CONSUMERS];
    struct ledger ledger;
    int64_t person;
    uint64_t changes; /* Of all stores. */
    uint64_t messages;
    uint64_t facts;
};

static char *text_of(const char *text) { return (char *)(uintptr_t)text; }

/* ---- processes ---- */

static bool serve(struct watch *watch) {
    const char *const same_address[] = {"--listen", watch->address, NULL};
    const bool again = watch->address[0] != '\0';
    if (!server_start(&watch->server, watch->data, again ? same_address : NULL)) {
        fprintf(stderr, "crash: the server does not start\n%s", watch->server.log);
        return false;
    }
    if (!again) {
        snprintf(watch->address, sizeof watch->address, "%s", watch->server.address);
    }
    return true;
}

static void consumer_start(struct watch *watch, struct consumer_process *consumer) {
    const char *const arguments[] = {"/proc/self/exe",  CONSUMER_MODE,     watch->address,
                                     consumer->journal, consumer->watched, NULL};
    consumer->pid = program_start(arguments, -1, -1, STDERR_FILENO);
}

/* False when it had ended by itself. */
static bool consumer_kill(struct consumer_process *consumer) {
    kill(consumer->pid, SIGKILL);
    const int code = program_wait(consumer->pid);
    consumer->pid = 0;
    if (code != 128 + SIGKILL) {
        fprintf(stderr, "crash: a consumer ended with %d\n", code);
        return false;
    }
    return true;
}

static void consumers_start(struct watch *watch) {
    for (size_t i = 0; i < CONSUMERS; i++) {
        if (watch->consumers[i].pid == 0) {
            consumer_start(watch, &watch->consumers[i]);
        }
    }
}

static bool consumers_kill(struct watch *watch) {
    bool good = true;
    for (size_t i = 0; i < CONSUMERS; i++) {
        if (watch->consumers[i].pid != 0) {
            good = consumer_kill(&watch->consumers[i]) && good;
        }
    }
    return good;
}

/* Each by chance. */
static bool kill_some(struct watch *watch) {
    bool good = true;
    for (size_t i = 0; i < CONSUMERS; i++) {
        struct consumer_process *consumer = &watch->consumers[i];
        if (consumer->pid != 0 && seeded_below(&watch->seeded, KILL_CONSUMER_ONE_IN) == 0) {
            good = consumer_kill(consumer) && good;
            consumer->kills++;
        }
    }
    return good;
}

/* ---- cycles ---- */

static bool told(const char *what, struct profiled_error *error) {
    fprintf(stderr, "crash: %s: %s %s\n", what, error->reason, error->message);
    profiled_error_clear(error);
    return false;
}

static bool make_segments(struct profiled_client *client) {
    for (size_t i = 0; i < SEGMENTS; i++) {
        struct profiled_error error = PROFILED_ERROR_INIT;
        Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
        segment.name = text_of(segment_names[i]);
        segment.kind = PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
        segment.filter = text_of(segment_filters[i]);
        Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
        request.segment = &segment;
        ProtobufCMessage *response = NULL;
        if (!profiled_call(client, &profiled__v1__segment_service__descriptor, "CreateSegment",
                           &request.base, NULL, &response, &error)) {
            return told("a segment is not made", &error);
        }
        profiled_message_free(response);
    }
    return true;
}

static void loads_start(struct watch *watch, struct profiled_client *client,
                        struct load loads[LOADS]) {
    for (size_t i = 0; i < LOADS; i++) {
        loads[i] = (struct load){
            .client = client, .seeded.state = seeded_next(&watch->seeded), .person = watch->person};
        watch->person += LOAD_PEOPLE / LOADS / STORE_CYCLES;
        load_start(&loads[i]);
    }
}

static bool loads_join(struct watch *watch, struct load loads[LOADS]) {
    bool good = true;
    for (size_t i = 0; i < LOADS; i++) {
        good = load_join(&loads[i]) && good;
        ledger_append(&watch->ledger, &loads[i].ledger);
    }
    return good;
}

/* The server is up. Load, some consumers killed, the server killed; some consumers killed while it
 * is away; and the server is up again. */
static bool run_cycle(struct watch *watch) {
    struct load loads[LOADS];
    struct profiled_client *client = steps_connect(&watch->server, 1);
    loads_start(watch, client, loads);
    steps_wait_us(KILL_US_MIN + seeded_below(&watch->seeded, KILL_US_MAX));
    consumers_start(watch);
    bool good = kill_some(watch);
    consumers_start(watch);
    steps_wait_us(seeded_below(&watch->seeded, KILL_US_MIN));
    server_kill(&watch->server);
    good = loads_join(watch, loads) && good;
    profiled_disconnect(client);
    good = kill_some(watch) && good;
    return serve(watch) && good;
}

/* ---- what the server has ---- */

/* Each profile that it lists answers for a person in the journal, and none else does. */
static bool profiles_are_same(struct profiled_client *client, const struct journal *journal) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    char *token = strdup("");
    size_t listed = 0;
    size_t interactions = 0;
    size_t unknown = 0;
    do {
        struct profiled_error error = PROFILED_ERROR_INIT;
        Profiled__V1__ListProfilesResponse *response = NULL;
        request.page_size = PAGE_SIZE;
        request.page_token = token;
        if (!profiled_list_profiles(client, &request, NULL, &response, &error)) {
            free(token);
            return told("profiles are not listed", &error);
        }
        for (size_t i = 0; i < response->n_profiles; i++) {
            const Profiled__V1__Profile *profile = response->profiles[i];
            const struct journal_entry *entry = journal_find(journal, profile->id);
            const Profiled__V1__InteractionSummary *summary = profile->interaction_summary;
            unknown += entry != NULL && entry->live ? 0 : 1;
            interactions += summary == NULL ? 0 : (size_t)summary->count;
            listed++;
        }
        free(token);
        token = strdup(response->next_page_token);
        profiled_message_free(&response->base);
    } while (token[0] != '\0');
    free(token);
    size_t live = 0;
    for (size_t i = 0; i < journal->room; i++) {
        live += journal->entries[i].live ? 1 : 0;
    }
    const bool same = unknown == 0 && live == listed && interactions == journal->interactions;
    if (!same) {
        fprintf(stderr,
                "crash: the server has %zu profiles, of which %zu were not told, and %zu "
                "interactions; told were %zu and %zu\n",
                listed, unknown, interactions, live, journal->interactions);
    }
    return same;
}

static bool members_are_same(struct profiled_client *client, const struct journal *journal,
                             const char *segment) {
    const uint32_t bit = journal_segment_bit(journal, segment);
    Profiled__V1__ListSegmentMembersRequest request =
        PROFILED__V1__LIST_SEGMENT_MEMBERS_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text_of("id")};
    mask.n_paths = 1;
    mask.paths = paths;
    char *token = strdup("");
    size_t listed = 0;
    size_t unknown = 0;
    do {
        struct profiled_error error = PROFILED_ERROR_INIT;
        ProtobufCMessage *message = NULL;
        request.name = text_of(segment);
        request.page_size = PAGE_SIZE;
        request.page_token = token;
        request.read_mask = &mask;
        if (!profiled_call(client, &profiled__v1__segment_service__descriptor, "ListSegmentMembers",
                           &request.base, NULL, &message, &error)) {
            free(token);
            return told("members are not listed", &error);
        }
        const Profiled__V1__ListSegmentMembersResponse *response =
            (const Profiled__V1__ListSegmentMembersResponse *)message;
        for (size_t i = 0; i < response->n_profiles; i++) {
            const struct journal_entry *entry = journal_find(journal, response->profiles[i]->id);
            unknown += entry != NULL && (entry->segments & bit) != 0 ? 0 : 1;
            listed++;
        }
        free(token);
        token = strdup(response->next_page_token);
        profiled_message_free(message);
    } while (token[0] != '\0');
    free(token);
    size_t members = 0;
    for (size_t i = 0; i < journal->room; i++) {
        members += (journal->entries[i].segments & bit) != 0 ? 1 : 0;
    }
    if (unknown != 0 || members != listed) {
        fprintf(stderr, "crash: %s has %zu members, of which %zu were not told; told were %zu\n",
                segment, listed, unknown, members);
    }
    return unknown == 0 && members == listed;
}

/* What was acknowledged is there. */
static bool facts_were_told(const struct watch *watch, const struct journal *journal) {
    size_t missing = 0;
    for (size_t i = 0; i < watch->ledger.count; i++) {
        const struct fact *fact = &watch->ledger.facts[i];
        if (fact->kind == FACT_PROFILE) {
            const struct journal_entry *entry = journal_find(journal, fact->id);
            missing += entry != NULL && entry->made ? 0 : 1;
        } else if (fact->kind == FACT_INTERACTION) {
            const struct journal_entry *entry = journal_find(journal, fact->other);
            missing += entry != NULL && entry->is_interaction ? 0 : 1;
        }
    }
    if (missing > 0) {
        fprintf(stderr, "crash: %zu acknowledged writes were not told\n", missing);
    }
    return missing == 0;
}

/* ---- the end of a store ---- */

/* Waits until the consumer has written that a profile entered a segment: then all before it is. */
static bool wait_for(const struct watch *watch, const struct consumer_process *consumer,
                     const char *id) {
    const bool of_all = strcmp(consumer->watched, CONSUMER_OF_ALL) == 0;
    for (int i = 0; i < POLLS_MAX; i++) {
        struct journal journal;
        journal_read(&journal, consumer->journal, segment_names, of_all);
        const struct journal_entry *entry = journal_find(&journal, id);
        const bool is_there = entry != NULL && entry->segments != 0;
        const bool bad = journal.bad > 0;
        journal_free(&journal);
        if (is_there || bad) {
            return is_there;
        }
        steps_wait_us(POLL_US);
    }
    fprintf(stderr, "crash: a consumer does not come to the end\n%s", watch->server.log);
    return false;
}

static bool compare(struct watch *watch, struct profiled_client *client,
                    const struct consumer_process *consumer) {
    const bool of_all = strcmp(consumer->watched, CONSUMER_OF_ALL) == 0;
    struct journal journal;
    journal_read(&journal, consumer->journal, segment_names, of_all);
    bool good = journal.bad == 0;
    for (size_t i = 0; i < SEGMENTS; i++) {
        good = members_are_same(client, &journal, segment_names[i]) && good;
    }
    if (of_all) {
        good = profiles_are_same(client, &journal) && good;
        good = facts_were_told(watch, &journal) && good;
    }
    watch->changes += journal.changes;
    watch->messages += journal.messages;
    journal_free(&journal);
    return good;
}

/* Nothing is written any more: when the relative times have come, all are compared. */
static bool end_store(struct watch *watch) {
    char id[ID_SIZE];
    char request_id[PROFILED_REQUEST_ID_SIZE];
    struct profiled_client *client = steps_connect(&watch->server, 0);
    consumers_start(watch);
    steps_wait_us(SETTLE_US);
    profiled_request_id_make(request_id);
    bool good = load_create(client, "Person 999999", request_id, id);
    for (size_t i = 0; i < CONSUMERS && good; i++) {
        good = wait_for(watch, &watch->consumers[i], id);
    }
    for (size_t i = 0; i < CONSUMERS; i++) {
        good = compare(watch, client, &watch->consumers[i]) && good;
    }
    good = consumers_kill(watch) && good;
    profiled_disconnect(client);
    good = server_stop(&watch->server) == 0 && good;
    watch->facts += watch->ledger.count;
    ledger_free(&watch->ledger);
    return steps_verify(watch->data) && good;
}

/* Waits until the consumer has a token: what happens from now on is told. */
static bool wait_for_beginning(const struct consumer_process *consumer) {
    for (int i = 0; i < POLLS_MAX; i++) {
        struct stat info;
        if (stat(consumer->journal, &info) == 0 && info.st_size > 0) {
            return true;
        }
        steps_wait_us(POLL_US);
    }
    fputs("crash: a consumer does not begin\n", stderr);
    return false;
}

/* The first consumer begins before anything is there. */
static bool begin_store(struct watch *watch, int64_t cycle) {
    char name[32];
    snprintf(name, sizeof name, "watch%" PRId64, cycle);
    snprintf(watch->data, sizeof watch->data, "%s", scratch_path(name));
    watch->address[0] = '\0';
    watch->person = 0;
    for (size_t i = 0; i < CONSUMERS; i++) {
        struct consumer_process *consumer = &watch->consumers[i];
        snprintf(name, sizeof name, "journal%" PRId64 "-%zu", cycle, i);
        snprintf(consumer->journal, sizeof consumer->journal, "%s", scratch_path(name));
        consumer->watched = i == 0 ? CONSUMER_OF_ALL : segment_list;
    }
    if (!serve(watch)) {
        return false;
    }
    struct profiled_client *client = steps_connect(&watch->server, 0);
    const bool good = make_segments(client);
    profiled_disconnect(client);
    consumer_start(watch, &watch->consumers[0]);
    return wait_for_beginning(&watch->consumers[0]) && good;
}

static bool run_store(struct watch *watch, int64_t first, int64_t count) {
    bool good = begin_store(watch, first);
    for (int64_t i = 0; i < count && good; i++) {
        good = run_cycle(watch);
    }
    good = good && end_store(watch);
    printf("crash: %" PRId64 " cycles%s, %" PRIu64 " changes told so far\n", first + count,
           good ? "" : " FAILED", watch->changes);
    fflush(stdout);
    return good;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], CONSUMER_MODE) == 0) {
        return consumer_run(argv[2], argv[3], argv[4]);
    }
    const struct crash_options options =
        crash_options_read(argc, argv, "cycles", "How often the server is killed (5)", 5);
    static struct watch watch;
    watch.seeded.state = options.seed;
    printf("crash: watching, %" PRId64 " cycles, seed %" PRIu64 "\n", options.count, options.seed);
    scratch_open();
    bool good = true;
    int64_t cycle = 0;
    while (good && cycle < options.count) {
        const int64_t left = options.count - cycle;
        const int64_t count = left < STORE_CYCLES ? left : STORE_CYCLES;
        good = run_store(&watch, cycle, count);
        cycle += count;
    }
    printf("crash: %" PRId64 " kills of the server, %" PRId64 " and %" PRId64
           " of the consumers; %" PRIu64 " facts acknowledged, %" PRIu64 " changes told in %" PRIu64
           " messages, %s\n",
           cycle, watch.consumers[0].kills, watch.consumers[1].kills, watch.facts, watch.changes,
           watch.messages, good ? "each once, in order" : "NOT each once, in order");
    if (good) {
        scratch_close();
    } else {
        printf("crash: the data stays in %s\n", watch.data);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
