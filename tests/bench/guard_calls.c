/* The hottest calls in this process, some hundred times each, for callgrind to count what they
 * execute: from the request's bytes to the answer's, with the store in memory and no transport.
 * Counting is off between them. Run it through tests/bench/guard.py. */

#include <assert.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/services.h"
#include "tests/bench/people.h"
#include "tests/fuzz/fuzz_host.h"
#include "tests/rpc/caller.h"

enum {
    PEOPLE = 1000,   /* Known before anything is counted. */
    CALLS_MAX = 200, /* Of one sort, that are counted. */
    BATCH = 100,
    ID_TEXT = 37,
    ARENA_SIZE = 64 << 20,
};

static struct arena arena;
static char ids[PEOPLE][ID_TEXT];
static uint64_t next_new = PEOPLE; /* The number of a person who is not known. */
static uint64_t next_known;

static uint64_t known(void) { return next_known++ % PEOPLE; }

/* ---- calls ---- */

static struct bytes pack(const ProtobufCMessage *message) {
    uint8_t *packed = arena_alloc(&arena, protobuf_c_message_get_packed_size(message));
    return bytes_of(packed, protobuf_c_message_pack(message, packed));
}

static void done(struct rpc_call *call) { sem_post(call->owner); }

/* Calls with bytes and waits: as transport does, with nothing made of the answer. The caller frees
 * the call. */
static struct rpc_call *call(const struct rpc_method *method, struct bytes request) {
    sem_t answered;
    struct rpc_call *call = rpc_call_new();
    sem_init(&answered, 0, 0);
    call->method = method;
    call->workspace = fuzz_host_workspace();
    call->request = request;
    call->done = done;
    call->owner = &answered;
    rpc_submit(call);
    while (sem_wait(&answered) != 0) {
    }
    sem_destroy(&answered);
    if (!status_is_ok(call->status)) {
        fprintf(stderr, "guard_calls: %s: %s\n", error_reason_name(call->status.reason),
                call->status.text);
        exit(1);
    }
    return call;
}

/* ---- requests ---- */

static struct bytes get_profile(void) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = ids[known()];
    return pack(&request.base);
}

static struct bytes lookup_profile(void) {
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity =
        known() % 2 == 0 ? people_email(known(), &arena) : people_phone(known(), &arena);
    return pack(&request.base);
}

static struct bytes list_profiles(void) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = 50;
    return pack(&request.base);
}

static struct bytes resolve(uint64_t number) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = people_record(number, &arena);
    return pack(&request.base);
}

static struct bytes resolve_match(void) { return resolve(known()); }

static struct bytes resolve_create(void) { return resolve(next_new++); }

/* Every other one is known. */
static struct bytes batch_resolve(void) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = BATCH;
    request.records = arena_array(&arena, BATCH, sizeof *request.records);
    for (size_t i = 0; i < BATCH; i++) {
        request.records[i] = people_record(i % 2 == 0 ? known() : next_new++, &arena);
    }
    return pack(&request.base);
}

static Profiled__V1__InteractionRecord *a_message(uint64_t number) {
    Profiled__V1__InteractionRecord *event = arena_alloc(&arena, sizeof *event);
    Profiled__V1__Interaction *interaction = arena_alloc(&arena, sizeof *interaction);
    Profiled__V1__Engagement *engagement = arena_alloc(&arena, sizeof *engagement);
    Google__Protobuf__Timestamp *now = arena_alloc(&arena, sizeof *now);
    profiled__v1__interaction_record__init(event);
    profiled__v1__interaction__init(interaction);
    profiled__v1__engagement__init(engagement);
    google__protobuf__timestamp__init(now);
    now->seconds = time(NULL);
    engagement->channel = arena_format(&arena, "%s", "whatsapp");
    engagement->direction = PROFILED__V1__DIRECTION__DIRECTION_INBOUND;
    engagement->text = arena_format(&arena, "%s", "وين الطلب؟ It was to come yesterday.");
    engagement->language = arena_format(&arena, "%s", "ar");
    engagement->theme = arena_format(&arena, "%s", "complaint");
    engagement->sentiment = PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
    interaction->source = arena_format(&arena, "%s", "inbox");
    interaction->occur_time = now;
    interaction->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    interaction->engagement = engagement;
    event->interaction = interaction;
    event->subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD;
    event->record = people_record(number, &arena);
    return event;
}

static struct bytes record_interaction(void) {
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = a_message(known());
    return pack(&request.base);
}

static struct bytes batch_record(void) {
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = BATCH;
    request.interaction_records = arena_array(&arena, BATCH, sizeof *request.interaction_records);
    for (size_t i = 0; i < BATCH; i++) {
        request.interaction_records[i] = a_message(known());
    }
    return pack(&request.base);
}

/* ---- what is counted ---- */

static const struct guarded {
    const char *name;
    const struct rpc_service *service;
    const char *method;
    struct bytes (*make)(void);
    size_t calls; /* At most CALLS_MAX. */
} guarded[] = {
    {"GetProfile", &rpc_profile_service, "GetProfile", get_profile, 200},
    {"LookupProfile", &rpc_profile_service, "LookupProfile", lookup_profile, 200},
    {"ListProfiles, 50", &rpc_profile_service, "ListProfiles", list_profiles, 20},
    {"ResolveProfile, match", &rpc_identity_service, "ResolveProfile", resolve_match, 200},
    {"ResolveProfile, create", &rpc_identity_service, "ResolveProfile", resolve_create, 200},
    {"BatchResolveProfiles, 100", &rpc_identity_service, "BatchResolveProfiles", batch_resolve, 4},
    {"RecordInteraction", &rpc_interaction_service, "RecordInteraction", record_interaction, 200},
    {"BatchRecordInteractions, 100", &rpc_interaction_service, "BatchRecordInteractions",
     batch_record, 4},
};

static void load(void) {
    const struct rpc_method *method = caller_method(&rpc_identity_service, "ResolveProfile");
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct rpc_call *answered = call(method, resolve(i));
        Profiled__V1__ResolveProfileResponse *response =
            profiled__v1__resolve_profile_response__unpack(NULL, answered->response.size,
                                                           answered->response.data);
        assert(response != NULL && strlen(response->decision->profile_id) == ID_TEXT - 1);
        memcpy(ids[i], response->decision->profile_id, ID_TEXT);
        profiled__v1__resolve_profile_response__free_unpacked(response, NULL);
        rpc_call_free(answered);
        arena_reset(&arena);
    }
}

/* The requests are there before anything is counted. The first calls warm what is kept. */
static void run(const struct guarded *one) {
    const struct rpc_method *method = caller_method(one->service, one->method);
    struct bytes requests[CALLS_MAX];
    assert(one->calls <= CALLS_MAX);
    rpc_call_free(call(method, one->make()));
    rpc_call_free(call(method, one->make()));
    for (size_t i = 0; i < one->calls; i++) {
        requests[i] = one->make();
    }
    CALLGRIND_ZERO_STATS;
    CALLGRIND_START_INSTRUMENTATION;
    for (size_t i = 0; i < one->calls; i++) {
        rpc_call_free(call(method, requests[i]));
    }
    CALLGRIND_STOP_INSTRUMENTATION;
    CALLGRIND_DUMP_STATS_AT(one->name);
    printf("%s\t%zu\n", one->name, one->calls);
    arena_reset(&arena);
}

int main(void) {
    arena_init(&arena, ARENA_SIZE);
    (void)fuzz_host_ready();
    load();
    for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++) {
        run(&guarded[i]);
    }
    arena_free(&arena);
    return 0;
}
