/* The requests of each row. Who is asked for is chosen by chance among all that were loaded. */

#include "tests/bench/rows.h"

#include <assert.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "tests/bench/echo.pb-c.h"
#include "tests/bench/people.h"

enum { ECHO_SIZE = 200, BATCH_ITEMS = 1000 };

static struct bytes pack(const ProtobufCMessage *message, struct arena *arena) {
    const size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = arena_alloc(arena, size);
    return bytes_of(packed, protobuf_c_message_pack(message, packed));
}

/* The number of one of those who were loaded (xorshift64). */
static uint64_t anybody(struct crowd *crowd) {
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
    request.id = crowd->ids[anybody(crowd)];
    return pack(&request.base, arena);
}

static struct bytes make_lookup(Profiled__V1__Identity *identity, struct arena *arena) {
    Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
    request.identity = identity;
    return pack(&request.base, arena);
}

static struct bytes make_lookup_email(struct crowd *crowd, struct arena *arena) {
    return make_lookup(people_email(anybody(crowd), arena), arena);
}

static struct bytes make_lookup_phone(struct crowd *crowd, struct arena *arena) {
    return make_lookup(people_phone(anybody(crowd), arena), arena);
}

static struct bytes make_resolve(uint64_t number, struct arena *arena) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = people_record(number, arena);
    return pack(&request.base, arena);
}

static struct bytes make_match(struct crowd *crowd, struct arena *arena) {
    return make_resolve(anybody(crowd), arena);
}

static struct bytes make_create(struct crowd *crowd, struct arena *arena) {
    return make_resolve(somebody_new(crowd), arena);
}

static struct bytes make_batch(struct crowd *crowd, uint64_t (*choose)(struct crowd *crowd),
                               struct arena *arena) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = BATCH_ITEMS;
    request.records = arena_array(arena, BATCH_ITEMS, sizeof *request.records);
    for (size_t i = 0; i < BATCH_ITEMS; i++) {
        request.records[i] = people_record(choose(crowd), arena);
    }
    return pack(&request.base, arena);
}

static struct bytes make_batch_match(struct crowd *crowd, struct arena *arena) {
    return make_batch(crowd, anybody, arena);
}

static struct bytes make_batch_create(struct crowd *crowd, struct arena *arena) {
    return make_batch(crowd, somebody_new, arena);
}

#define ECHO_PATH "/profiled.bench.v1.EchoService/Echo"
#define GET_PATH "/profiled.v1.ProfileService/GetProfile"
#define LOOKUP_PATH "/profiled.v1.ProfileService/LookupProfile"
#define RESOLVE_PATH "/profiled.v1.IdentityService/ResolveProfile"
#define BATCH_PATH "/profiled.v1.IdentityService/BatchResolveProfiles"

static const struct row rows[] = {
    {"Echo, 200 bytes", ECHO_PATH, make_echo, 1, 1, 1},
    {"Echo, 200 bytes", ECHO_PATH, make_echo, 4, 16, 1},
    {"Echo, 200 bytes", ECHO_PATH, make_echo, 4, 128, 1},
    {"GetProfile", GET_PATH, make_get, 1, 1, 1},
    {"GetProfile", GET_PATH, make_get, 4, 16, 1},
    {"GetProfile", GET_PATH, make_get, 4, 128, 1},
    {"LookupProfile, e-mail", LOOKUP_PATH, make_lookup_email, 4, 16, 1},
    {"LookupProfile, e-mail", LOOKUP_PATH, make_lookup_email, 4, 128, 1},
    {"LookupProfile, phone", LOOKUP_PATH, make_lookup_phone, 4, 16, 1},
    {"LookupProfile, phone", LOOKUP_PATH, make_lookup_phone, 4, 128, 1},
    {"ResolveProfile, match", RESOLVE_PATH, make_match, 1, 1, 1},
    {"ResolveProfile, match", RESOLVE_PATH, make_match, 4, 16, 1},
    {"ResolveProfile, match", RESOLVE_PATH, make_match, 4, 128, 1},
    {"ResolveProfile, create", RESOLVE_PATH, make_create, 1, 1, 1},
    {"ResolveProfile, create", RESOLVE_PATH, make_create, 4, 16, 1},
    {"ResolveProfile, create", RESOLVE_PATH, make_create, 4, 128, 1},
    {"BatchResolveProfiles, match", BATCH_PATH, make_batch_match, 2, 2, BATCH_ITEMS},
    {"BatchResolveProfiles, create", BATCH_PATH, make_batch_create, 2, 2, BATCH_ITEMS},
    {"ImportProfiles, create", NULL, NULL, 1, 2, IMPORT_BATCH_ROWS},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0], ECHO_ROWS = 3, ECHO_ROW_DEFAULT = 1 };

static_assert((size_t)ROW_COUNT <= (size_t)ROWS_MAX, "the report has room for all");

const struct row *rows_all(size_t *count) {
    *count = ROW_COUNT;
    return rows;
}

size_t row_echo(const struct row *row) {
    for (size_t i = 0; i < ECHO_ROWS; i++) {
        if (rows[i].outstanding == row->outstanding) {
            return i;
        }
    }
    return ECHO_ROW_DEFAULT;
}
