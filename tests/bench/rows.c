/* The requests of each row. Who is asked for is chosen by chance among all that were loaded. */

#include "tests/bench/rows.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "tests/bench/echo.pb-c.h"
#include "tests/bench/peer.h"
#include "tests/bench/people.h"

enum { ECHO_SIZE = 200, PAGE_SIZE = 50, WHOLE_EVENTS = 1000, STEADY_OUTSTANDING = 512 };

/* Interactions are of the time that goes from here on, a minute each. */
#define OCCUR_US INT64_C(1735689600000000)
#define MINUTE_US INT64_C(60000000)

static struct bytes pack(const ProtobufCMessage *message, struct arena *arena) {
    const size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = arena_alloc(arena, size);
    return bytes_of(packed, protobuf_c_message_pack(message, packed));
}

/* xorshift64. */
uint64_t crowd_anybody(struct crowd *crowd) {
    crowd->random ^= crowd->random << 13;
    crowd->random ^= crowd->random >> 7;
    crowd->random ^= crowd->random << 17;
    return crowd->random % crowd->loaded;
}

static uint64_t somebody_new(struct crowd *crowd) { return crowd->next++; }

static struct bytes make_echo(struct crowd *crowd, struct arena *arena) {
    (void)crowd;
    Profiled__Bench__V1__EchoRequest request = PROFILED__BENCH__V1__ECHO_REQUEST__INIT;
    request.payload = (ProtobufCBinaryData){ECHO_SIZE, arena_alloc(arena, ECHO_SIZE)};
    return pack(&request.base, arena);
}

static struct bytes make_get(struct crowd *crowd, struct arena *arena) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = crowd->ids[crowd_anybody(crowd)];
    return pack(&request.base, arena);
}

static struct bytes make_lookup(Profiled__V1__Identity *identity, struct arena *arena) {
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = identity;
    return pack(&request.base, arena);
}

static struct bytes make_lookup_email(struct crowd *crowd, struct arena *arena) {
    return make_lookup(people_email(crowd_anybody(crowd), arena), arena);
}

static struct bytes make_lookup_phone(struct crowd *crowd, struct arena *arena) {
    return make_lookup(people_phone(crowd_anybody(crowd), arena), arena);
}

static struct bytes make_resolve(uint64_t number, struct arena *arena) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = people_record(number, arena);
    return pack(&request.base, arena);
}

static struct bytes make_match(struct crowd *crowd, struct arena *arena) {
    return make_resolve(crowd_anybody(crowd), arena);
}

static struct bytes make_create(struct crowd *crowd, struct arena *arena) {
    return make_resolve(somebody_new(crowd), arena);
}

static struct bytes make_list(struct crowd *crowd, struct arena *arena) {
    static const char *const filters[] = {"attributes.city = \"Riyadh\"",
                                          "attributes.city = \"Cairo\""};
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = PAGE_SIZE;
    request.filter = (char *)(uintptr_t)filters[crowd_anybody(crowd) % 2];
    return pack(&request.base, arena);
}

static struct bytes make_timeline(struct crowd *crowd, struct arena *arena) {
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = crowd->ids[crowd_anybody(crowd) % INTERACTION_PEOPLE];
    request.page_size = PAGE_SIZE;
    return pack(&request.base, arena);
}

/* ---- batches ---- */

static struct bytes make_batch(struct crowd *crowd, uint64_t (*choose)(struct crowd *crowd),
                               size_t count, struct arena *arena) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = count;
    request.records = arena_array(arena, count, sizeof *request.records);
    for (size_t i = 0; i < count; i++) {
        request.records[i] = people_record(choose(crowd), arena);
    }
    return pack(&request.base, arena);
}

/* Each of another minute. */
static int64_t next_occur_us(void) {
    static int64_t minute;
    return OCCUR_US + MINUTE_US * (minute++ % 500000);
}

/* Of the people that have a timeline. */
Profiled__V1__InteractionRecord *row_interaction(struct crowd *crowd, struct arena *arena) {
    return people_interaction(crowd_anybody(crowd) % INTERACTION_PEOPLE, next_occur_us(), arena);
}

static struct bytes make_events(struct crowd *crowd, size_t count, struct arena *arena) {
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = count;
    request.interaction_records = arena_array(arena, count, sizeof *request.interaction_records);
    for (size_t i = 0; i < count; i++) {
        request.interaction_records[i] = row_interaction(crowd, arena);
    }
    return pack(&request.base, arena);
}

/* ---- whole records with an interaction each: what the peers are told ---- */

static struct bytes make_event(uint64_t number, struct arena *arena) {
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = people_interaction_whole(number, next_occur_us(), arena);
    return pack(&request.base, arena);
}

static struct bytes make_event_match(struct crowd *crowd, struct arena *arena) {
    return make_event(crowd_anybody(crowd), arena);
}

static struct bytes make_event_create(struct crowd *crowd, struct arena *arena) {
    return make_event(somebody_new(crowd), arena);
}

static struct bytes make_whole_events(struct crowd *crowd, uint64_t (*choose)(struct crowd *crowd),
                                      struct arena *arena) {
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = WHOLE_EVENTS;
    request.interaction_records =
        arena_array(arena, WHOLE_EVENTS, sizeof *request.interaction_records);
    for (size_t i = 0; i < WHOLE_EVENTS; i++) {
        request.interaction_records[i] =
            people_interaction_whole(choose(crowd), next_occur_us(), arena);
    }
    return pack(&request.base, arena);
}

static struct bytes make_events_match(struct crowd *crowd, struct arena *arena) {
    return make_whole_events(crowd, crowd_anybody, arena);
}

static struct bytes make_events_create(struct crowd *crowd, struct arena *arena) {
    return make_whole_events(crowd, somebody_new, arena);
}

/* ---- what the answers must say ---- */

/* Of a message that is packed in an answer; it ends the program when it does not decode. */
static void *unpack(const ProtobufCMessageDescriptor *shape, struct bytes packed) {
    ProtobufCMessage *message = protobuf_c_message_unpack(shape, NULL, packed.size, packed.data);
    if (message == NULL) {
        fprintf(stderr, "an answer is no %s\n", shape->name);
        exit(EXIT_FAILURE);
    }
    return message;
}

static bool came_to(const Profiled__V1__Decision *decision, Profiled__V1__Outcome outcome) {
    return decision != NULL && decision->outcome == outcome;
}

static uint64_t count_resolve(const void *message, Profiled__V1__Outcome outcome) {
    const Profiled__V1__ResolveProfileResponse *response = message;
    return !came_to(response->decision, outcome);
}

static uint64_t count_batch(const void *message, Profiled__V1__Outcome outcome) {
    const Profiled__V1__BatchResolveProfilesResponse *response = message;
    uint64_t failed = 0;
    for (size_t i = 0; i < response->n_verdicts; i++) {
        failed += !came_to(response->verdicts[i]->decision, outcome);
    }
    return failed;
}

/* An event that the server had before is one that it did not record. */
static bool is_recorded(const Profiled__V1__RecordInteractionResponse *recorded,
                        Profiled__V1__Outcome outcome) {
    return recorded != NULL && !recorded->repeated_event && came_to(recorded->decision, outcome);
}

static uint64_t count_event(const void *message, Profiled__V1__Outcome outcome) {
    return !is_recorded(message, outcome);
}

static uint64_t count_events(const void *message, Profiled__V1__Outcome outcome) {
    const Profiled__V1__BatchRecordInteractionsResponse *response = message;
    uint64_t failed = 0;
    for (size_t i = 0; i < response->n_verdicts; i++) {
        failed += !is_recorded(response->verdicts[i]->recorded, outcome);
    }
    return failed;
}

/* Those of a packed answer that came to something else. */
static uint64_t failed_of(struct bytes packed, const ProtobufCMessageDescriptor *shape,
                          uint64_t (*count)(const void *message, Profiled__V1__Outcome outcome),
                          Profiled__V1__Outcome outcome) {
    void *message = unpack(shape, packed);
    const uint64_t failed = count(message, outcome);
    protobuf_c_message_free_unpacked(message, NULL);
    return failed;
}

#define FAILED(WHAT, SHAPE)                                                                        \
    static uint64_t failed_##WHAT##_match(struct bytes packed) {                                   \
        return failed_of(packed, &(SHAPE), count_##WHAT, PROFILED__V1__OUTCOME__OUTCOME_LINKED);   \
    }                                                                                              \
    static uint64_t failed_##WHAT##_create(struct bytes packed) {                                  \
        return failed_of(packed, &(SHAPE), count_##WHAT, PROFILED__V1__OUTCOME__OUTCOME_CREATED);  \
    }

FAILED(resolve, profiled__v1__resolve_profile_response__descriptor)
FAILED(batch, profiled__v1__batch_resolve_profiles_response__descriptor)
FAILED(event, profiled__v1__record_interaction_response__descriptor)
FAILED(events, profiled__v1__batch_record_interactions_response__descriptor)

/* ---- batches of so many ---- */

#define BATCHES(COUNT)                                                                             \
    static struct bytes make_match_##COUNT(struct crowd *crowd, struct arena *arena) {             \
        return make_batch(crowd, crowd_anybody, COUNT, arena);                                     \
    } static struct bytes make_create_##COUNT(struct crowd *crowd, struct arena *arena) {          \
        return make_batch(crowd, somebody_new, COUNT, arena);                                      \
    } static struct bytes make_events_##COUNT(struct crowd *crowd, struct arena *arena) {          \
        return make_events(crowd, COUNT, arena);                                                   \
    }

BATCHES(10)
BATCHES(100)
BATCHES(1000)

/* ---- the rows ---- */

#define ECHO_PATH "/profiled.bench.v1.EchoService/Echo"
#define GET_PATH "/profiled.v1.ProfileService/GetProfile"
#define LOOKUP_PATH "/profiled.v1.ProfileService/LookupProfile"
#define RESOLVE_PATH "/profiled.v1.IdentityService/ResolveProfile"
#define BATCH_PATH "/profiled.v1.IdentityService/BatchResolveProfiles"
#define LIST_PATH "/profiled.v1.ProfileService/ListProfiles"
#define TIMELINE_PATH "/profiled.v1.InteractionService/ListInteractions"
#define EVENT_PATH "/profiled.v1.InteractionService/RecordInteraction"
#define EVENTS_PATH "/profiled.v1.InteractionService/BatchRecordInteractions"

/* Name, path, request; connections, calls at once, items a call. */
#define CALLS(NAME, PATH, MAKE, CONNECTIONS, OUTSTANDING, ITEMS)                                   \
    { NAME, ROW_CALLS, PATH, MAKE, CONNECTIONS, OUTSTANDING, ITEMS, NULL, NULL, 0 }
/* The same, and what the answer must say. */
#define WRITES(NAME, PATH, MAKE, FAILED, CONNECTIONS, OUTSTANDING, ITEMS)                          \
    { NAME, ROW_CALLS, PATH, MAKE, CONNECTIONS, OUTSTANDING, ITEMS, FAILED, NULL, 0 }
/* The same of another way. */
#define OF(WAY, NAME, PATH, MAKE, OUTSTANDING)                                                     \
    { NAME, WAY, PATH, MAKE, 4, OUTSTANDING, 1, NULL, NULL, 0 }
#define WAY(NAME, WAY, OUTSTANDING, ITEMS)                                                         \
    { NAME, WAY, NULL, NULL, 1, OUTSTANDING, ITEMS, NULL, NULL, 0 }
#define PEER(NAME, PEER, CALL, OUTSTANDING, ITEMS)                                                 \
    { NAME, ROW_PEER, NULL, NULL, 1, OUTSTANDING, ITEMS, NULL, PEER, CALL }

static const struct row rows[] = {
    CALLS("Echo, 200 bytes", ECHO_PATH, make_echo, 1, 1, 1),
    CALLS("Echo, 200 bytes", ECHO_PATH, make_echo, 4, 16, 1),
    CALLS("Echo, 200 bytes", ECHO_PATH, make_echo, 4, 128, 1),
    CALLS("Echo, 200 bytes", ECHO_PATH, make_echo, 4, 256, 1),
    OF(ROW_CORE, "C core alone, echo", ECHO_PATH, make_echo, 16),
    OF(ROW_CORE, "C core alone, echo", ECHO_PATH, make_echo, 128),
    WAY("Bare LMDB, identity and profile", ROW_STORE, 1, 1),
    CALLS("GetProfile", GET_PATH, make_get, 1, 1, 1),
    CALLS("GetProfile", GET_PATH, make_get, 4, 16, 1),
    CALLS("GetProfile", GET_PATH, make_get, 4, 128, 1),
    CALLS("LookupProfile, e-mail", LOOKUP_PATH, make_lookup_email, 4, 16, 1),
    CALLS("LookupProfile, e-mail", LOOKUP_PATH, make_lookup_email, 4, 128, 1),
    CALLS("LookupProfile, phone", LOOKUP_PATH, make_lookup_phone, 4, 16, 1),
    CALLS("LookupProfile, phone", LOOKUP_PATH, make_lookup_phone, 4, 128, 1),
    CALLS("ListProfiles, page of 50", LIST_PATH, make_list, 2, 2, 1),
    WRITES("ResolveProfile, match", RESOLVE_PATH, make_match, failed_resolve_match, 1, 1, 1),
    WRITES("ResolveProfile, match", RESOLVE_PATH, make_match, failed_resolve_match, 4, 16, 1),
    WRITES("ResolveProfile, match", RESOLVE_PATH, make_match, failed_resolve_match, 4, 128, 1),
    WRITES("ResolveProfile, match", RESOLVE_PATH, make_match, failed_resolve_match, 4, 256, 1),
    WRITES("ResolveProfile, create", RESOLVE_PATH, make_create, failed_resolve_create, 1, 1, 1),
    WRITES("ResolveProfile, create", RESOLVE_PATH, make_create, failed_resolve_create, 4, 16, 1),
    WRITES("ResolveProfile, create", RESOLVE_PATH, make_create, failed_resolve_create, 4, 128, 1),
    WRITES("ResolveProfile, create", RESOLVE_PATH, make_create, failed_resolve_create, 4, 256, 1),
    WRITES("BatchResolveProfiles, match", BATCH_PATH, make_match_10, failed_batch_match, 4, 16, 10),
    WRITES("BatchResolveProfiles, match", BATCH_PATH, make_match_100, failed_batch_match, 4, 4,
           100),
    WRITES("BatchResolveProfiles, match", BATCH_PATH, make_match_1000, failed_batch_match, 2, 2,
           1000),
    WRITES("BatchResolveProfiles, create", BATCH_PATH, make_create_10, failed_batch_create, 4, 16,
           10),
    WRITES("BatchResolveProfiles, create", BATCH_PATH, make_create_100, failed_batch_create, 4, 4,
           100),
    WRITES("BatchResolveProfiles, create", BATCH_PATH, make_create_1000, failed_batch_create, 2, 2,
           1000),
    WRITES("RecordInteraction, match", EVENT_PATH, make_event_match, failed_event_match, 4, 16, 1),
    WRITES("RecordInteraction, match", EVENT_PATH, make_event_match, failed_event_match, 4, 256, 1),
    WRITES("RecordInteraction, create", EVENT_PATH, make_event_create, failed_event_create, 4, 16,
           1),
    WRITES("RecordInteraction, create", EVENT_PATH, make_event_create, failed_event_create, 4, 256,
           1),
    WRITES("BatchRecordInteractions", EVENTS_PATH, make_events_10, failed_events_match, 4, 16, 10),
    WRITES("BatchRecordInteractions", EVENTS_PATH, make_events_100, failed_events_match, 4, 4, 100),
    WRITES("BatchRecordInteractions", EVENTS_PATH, make_events_1000, failed_events_match, 2, 2,
           1000),
    WRITES("BatchRecordInteractions, match", EVENTS_PATH, make_events_match, failed_events_match, 2,
           2, WHOLE_EVENTS),
    WRITES("BatchRecordInteractions, create", EVENTS_PATH, make_events_create, failed_events_create,
           2, 2, WHOLE_EVENTS),
    WAY("StreamInteractions", ROW_EVENTS, 2, 500),
    WAY("ImportProfiles, create", ROW_IMPORT, 2, IMPORT_BATCH_ROWS),
    WAY("profilectl import, CSV", ROW_CSV, 2, IMPORT_BATCH_ROWS),
    CALLS("ListInteractions, page of 50", TIMELINE_PATH, make_timeline, 2, 2, 1),
    WAY("PreviewSegment, three fields", ROW_PREVIEW, 1, 1),
    WAY("WatchChanges", ROW_WATCH, 1, 1),
    OF(ROW_STEADY, "GetProfile, 10,000 a second", GET_PATH, make_get, STEADY_OUTSTANDING),
    OF(ROW_BESIDE, "GetProfile, 10,000 a second, import", GET_PATH, make_get, STEADY_OUTSTANDING),
    PEER("PostgreSQL, lookup", &peer_postgres, PEER_LOOKUP, 16, 1),
    PEER("PostgreSQL, match", &peer_postgres, PEER_MATCH, 16, 1),
    PEER("PostgreSQL, match", &peer_postgres, PEER_MATCH, 4, 100),
    PEER("PostgreSQL, match", &peer_postgres, PEER_MATCH, 2, 1000),
    PEER("PostgreSQL, create", &peer_postgres, PEER_CREATE, 16, 1),
    PEER("PostgreSQL, create", &peer_postgres, PEER_CREATE, 4, 100),
    PEER("PostgreSQL, create", &peer_postgres, PEER_CREATE, 2, 1000),
    PEER("Redis, lookup", &peer_redis, PEER_LOOKUP, 16, 1),
    PEER("Redis, lookup", &peer_redis, PEER_LOOKUP, 256, 1),
    PEER("Redis, match", &peer_redis, PEER_MATCH, 16, 1),
    PEER("Redis, match", &peer_redis, PEER_MATCH, 256, 1),
    PEER("Redis, create", &peer_redis, PEER_CREATE, 16, 1),
    PEER("Redis, create", &peer_redis, PEER_CREATE, 256, 1),
    PEER("SQLite, lookup", &peer_sqlite, PEER_LOOKUP, 1, 1),
    PEER("SQLite, match", &peer_sqlite, PEER_MATCH, 1, 1),
    PEER("SQLite, match", &peer_sqlite, PEER_MATCH, 1, 100),
    PEER("SQLite, match", &peer_sqlite, PEER_MATCH, 1, 1000),
    PEER("SQLite, create", &peer_sqlite, PEER_CREATE, 1, 1),
    PEER("SQLite, create", &peer_sqlite, PEER_CREATE, 1, 100),
    PEER("SQLite, create", &peer_sqlite, PEER_CREATE, 1, 1000),
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0], ECHO_ROWS = 4, ECHO_ROW_DEFAULT = 1 };

static_assert((size_t)ROW_COUNT <= (size_t)ROWS_MAX, "the report has room for all");

const struct row *rows_all(size_t *count) {
    *count = ROW_COUNT;
    return rows;
}

size_t row_find(const char *name, uint32_t outstanding, uint32_t items) {
    size_t at = 0;
    while (at < ROW_COUNT && (strcmp(rows[at].name, name) != 0 ||
                              rows[at].outstanding != outstanding || rows[at].items != items)) {
        at++;
    }
    return at;
}

size_t row_echo(const struct row *row) {
    for (size_t i = 0; i < ECHO_ROWS; i++) {
        if (rows[i].outstanding == row->outstanding) {
            return i;
        }
    }
    return ECHO_ROW_DEFAULT;
}
