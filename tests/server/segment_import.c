/* Segments that are made, and given another filter, while an import runs: when they are ready they
 * have those whom their filters take of all that came in, before, meanwhile and after. The program
 * takes the number of rows. */

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "profiled/v1/segment_service.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"
#include "tests/engine/scratch.h"
#include "tests/server/server.h"

enum {
    ROWS_DEFAULT = 5000,
    ROWS_MAX = 10000000,
    BATCH = 250,
    AGAIN_ONE_IN = 7, /* Rows that tell a person of before anew, elsewhere. */
    NAME_SIZE = 64,
    PAGE_SIZE = 1000,
    CALL_MS_MAX = 60000,
    PAUSE_NS = 2000000,
    SEGMENTS = 2,
};

static const char *const cities[] = {"Riyadh", "Jeddah", "Dammam", "Medina"};
enum { CITIES = sizeof cities / sizeof *cities };

/* Whom the segments have in the end; the second one is made of others, and then changed. */
static const char *const names[SEGMENTS] = {"riyadh", "elsewhere"};
static const char *const filters[SEGMENTS] = {"attributes.city = \"Riyadh\"",
                                              "NOT attributes.city = \"Riyadh\""};
static const char filter_before[] = "attributes.city = \"Dammam\"";

static struct profiled_client *client;
static int64_t row_count;
static atomic_int_fast64_t durable_row;

static char *text_of(const char *text) { return (char *)(uintptr_t)text; }

static void check(bool done, struct profiled_error *error) {
    if (!done) {
        fprintf(stderr, "%s %s: %s\n", profiled_code_name(error->code), error->reason,
                error->message);
        exit(EXIT_FAILURE);
    }
}

static void pause_shortly(void) {
    const struct timespec pause = {0, PAUSE_NS};
    nanosleep(&pause, NULL);
}

/* ---- the import ---- */

/* One row and what it holds. */
struct told {
    char email[NAME_SIZE];
    Profiled__V1__Identity identity;
    Profiled__V1__Identity *identities[1];
    Profiled__V1__RecordAttribute city;
    Profiled__V1__Record__AttributesEntry entry;
    Profiled__V1__Record__AttributesEntry *entries[1];
    Profiled__V1__Record record;
    Profiled__V1__ImportRow row;
};

static void row_fill(struct told *told, int64_t number) {
    const bool again = number % AGAIN_ONE_IN == 0;
    snprintf(told->email, sizeof told->email, "person%" PRId64 "@example.com",
             again ? number / 2 : number);
    profiled__v1__identity__init(&told->identity);
    told->identity.type = text_of("email");
    told->identity.value = told->email;
    told->identities[0] = &told->identity;
    profiled__v1__record_attribute__init(&told->city);
    told->city.value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
    told->city.text = text_of(cities[number / 3 % CITIES]);
    profiled__v1__record__attributes_entry__init(&told->entry);
    told->entry.key = text_of("city");
    told->entry.value = &told->city;
    told->entries[0] = &told->entry;
    profiled__v1__record__init(&told->record);
    told->record.n_identities = 1;
    told->record.identities = told->identities;
    told->record.n_attributes = 1;
    told->record.attributes = told->entries;
    profiled__v1__import_row__init(&told->row);
    told->row.row = number;
    told->row.record = &told->record;
}

static void send_batch(struct profiled_stream *stream, int64_t first, size_t count) {
    static struct told told[BATCH];
    Profiled__V1__ImportRow *rows[BATCH];
    for (size_t i = 0; i < count; i++) {
        row_fill(&told[i], first + (int64_t)i);
        rows[i] = &told[i].row;
    }
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    batch.n_rows = count;
    batch.rows = rows;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    const bool sent = profiled_stream_send(stream, &request.base);
    assert(sent);
}

static void receive(struct profiled_stream *stream) {
    Profiled__V1__ImportProfilesResponse *response =
        (Profiled__V1__ImportProfilesResponse *)profiled_stream_receive(stream);
    assert(response != NULL);
    if (response->payload_case == PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK) {
        atomic_store(&durable_row, response->ack->durable_row);
    }
    profiled_message_free(&response->base);
}

static void *import(void *state) {
    (void)state;
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream = profiled_stream_open(
        client, &profiled__v1__transfer_service__descriptor, "ImportProfiles", NULL, &error);
    check(stream != NULL, &error);
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = text_of("import-1");
    header.source = text_of("test");
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    profiled_stream_send(stream, &request.base);
    receive(stream);
    for (int64_t row = 1; row <= row_count; row += BATCH) {
        const int64_t left = row_count - row + 1;
        send_batch(stream, row, left < BATCH ? (size_t)left : BATCH);
        receive(stream);
    }
    profiled_stream_half_close(stream);
    check(profiled_stream_finish(stream, &error), &error);
    return NULL;
}

/* Waits until so many of a hundred rows are in. */
static void wait_for_percent(int64_t percent) {
    while (atomic_load(&durable_row) < row_count * percent / 100) {
        pause_shortly();
    }
    printf("%" PRId64 " rows are in\n", (int64_t)atomic_load(&durable_row));
}

/* ---- segments ---- */

static ProtobufCMessage *ask(const char *method, const ProtobufCMessage *request) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *response = NULL;
    check(profiled_call(client, &profiled__v1__segment_service__descriptor, method, request, NULL,
                        &response, &error),
          &error);
    return response;
}

static void create(size_t segment, const char *filter) {
    Profiled__V1__Segment made = PROFILED__V1__SEGMENT__INIT;
    made.name = text_of(names[segment]);
    made.kind = PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
    made.filter = text_of(filter);
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    request.segment = &made;
    profiled_message_free(ask("CreateSegment", &request.base));
}

static void change(size_t segment, const char *filter) {
    char *paths[] = {text_of("filter")};
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = paths;
    Profiled__V1__Segment changed = PROFILED__V1__SEGMENT__INIT;
    changed.name = text_of(names[segment]);
    changed.filter = text_of(filter);
    Profiled__V1__UpdateSegmentRequest request = PROFILED__V1__UPDATE_SEGMENT_REQUEST__INIT;
    request.segment = &changed;
    request.update_mask = &mask;
    profiled_message_free(ask("UpdateSegment", &request.base));
}

/* Its member count once it is ready. */
static int64_t wait_until_ready(size_t segment) {
    for (;;) {
        Profiled__V1__GetSegmentRequest request = PROFILED__V1__GET_SEGMENT_REQUEST__INIT;
        request.name = text_of(names[segment]);
        ProtobufCMessage *message = ask("GetSegment", &request.base);
        const Profiled__V1__Segment *found =
            ((const Profiled__V1__GetSegmentResponse *)message)->segment;
        const bool ready = found->ready;
        const int64_t count = found->member_count;
        profiled_message_free(message);
        if (ready) {
            return count;
        }
        pause_shortly();
    }
}

/* ---- who is in them, and who should be ---- */

/* Ids in the order of creation, which is that of their texts. */
struct ids {
    size_t count;
    char (*items)[NAME_SIZE];
};

static void ids_add(struct ids *ids, const char *id) {
    snprintf(ids->items[ids->count++], NAME_SIZE, "%s", id);
}

static void ids_open(struct ids *ids) {
    *ids = (struct ids){.items = calloc((size_t)row_count, NAME_SIZE)};
    assert(ids->items != NULL);
}

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

static bool ids_same(struct ids *one, struct ids *other) {
    qsort(one->items, one->count, NAME_SIZE, by_text);
    qsort(other->items, other->count, NAME_SIZE, by_text);
    return one->count == other->count &&
           memcmp(one->items, other->items, one->count * NAME_SIZE) == 0;
}

static void list_members(size_t segment, struct ids *out) {
    char *paths[] = {text_of("id")};
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.n_paths = 1;
    mask.paths = paths;
    char *token = strdup("");
    do {
        Profiled__V1__ListSegmentMembersRequest request =
            PROFILED__V1__LIST_SEGMENT_MEMBERS_REQUEST__INIT;
        request.name = text_of(names[segment]);
        request.page_size = PAGE_SIZE;
        request.page_token = token;
        request.read_mask = &mask;
        ProtobufCMessage *message = ask("ListSegmentMembers", &request.base);
        const Profiled__V1__ListSegmentMembersResponse *response =
            (const Profiled__V1__ListSegmentMembersResponse *)message;
        for (size_t i = 0; i < response->n_profiles; i++) {
            ids_add(out, response->profiles[i]->id);
        }
        free(token);
        token = strdup(response->next_page_token);
        profiled_message_free(message);
    } while (token[0] != '\0');
    free(token);
}

static bool is_in_riyadh(const Profiled__V1__Profile *profile) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        if (strcmp(profile->attributes[i]->key, "city") == 0) {
            return strcmp(profile->attributes[i]->value->text, cities[0]) == 0;
        }
    }
    return false;
}

/* All profiles, told apart here. */
static void list_profiles(struct ids *here, struct ids *elsewhere) {
    char *token = strdup("");
    do {
        struct profiled_error error = PROFILED_ERROR_INIT;
        Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
        Profiled__V1__ListProfilesResponse *response = NULL;
        request.page_size = PAGE_SIZE;
        request.page_token = token;
        check(profiled_list_profiles(client, &request, NULL, &response, &error), &error);
        for (size_t i = 0; i < response->n_profiles; i++) {
            const Profiled__V1__Profile *profile = response->profiles[i];
            ids_add(is_in_riyadh(profile) ? here : elsewhere, profile->id);
        }
        free(token);
        token = strdup(response->next_page_token);
        profiled_message_free(&response->base);
    } while (token[0] != '\0');
    free(token);
}

static bool compare(void) {
    struct ids wanted[SEGMENTS];
    struct ids members;
    bool good = true;
    ids_open(&wanted[0]);
    ids_open(&wanted[1]);
    list_profiles(&wanted[0], &wanted[1]);
    for (size_t i = 0; i < SEGMENTS; i++) {
        const int64_t counted = wait_until_ready(i);
        ids_open(&members);
        list_members(i, &members);
        const bool exact = ids_same(&members, &wanted[i]) && counted == (int64_t)wanted[i].count;
        printf("%s: %zu members, %" PRId64 " counted, %zu wanted: %s\n", names[i], members.count,
               counted, wanted[i].count, exact ? "exact" : "NOT exact");
        good = good && exact;
        free(members.items);
    }
    free(wanted[0].items);
    free(wanted[1].items);
    return good;
}

int main(int argc, char **argv) {
    static struct server server;
    struct profiled_error error = PROFILED_ERROR_INIT;
    const struct profiled_options options = {.timeout_ms = CALL_MS_MAX};
    pthread_t importer;
    row_count = argc > 1 ? strtoll(argv[1], NULL, 10) : ROWS_DEFAULT;
    if (row_count < CITIES || row_count > ROWS_MAX) {
        fprintf(stderr, "%d to %d rows\n", CITIES, ROWS_MAX);
        return 2;
    }
    scratch_open();
    if (!server_start(&server, scratch_path("data"), NULL)) {
        fputs(server.log, stderr);
        return EXIT_FAILURE;
    }
    client = profiled_connect(server.address, &options, &error);
    check(client != NULL, &error);
    const int failed = pthread_create(&importer, NULL, import, NULL);
    assert(failed == 0);
    wait_for_percent(25);
    create(0, filters[0]);
    wait_for_percent(40);
    create(1, filter_before);
    wait_for_percent(70);
    change(1, filters[1]);
    pthread_join(importer, NULL);
    const bool good = compare();
    profiled_disconnect(client);
    const bool ended = server_stop(&server) == 0;
    scratch_close();
    return good && ended ? EXIT_SUCCESS : EXIT_FAILURE;
}
