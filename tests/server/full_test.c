/* A disk that takes no more bytes, and a map that is full, under the server's program: what was
 * acknowledged is there afterwards, what was not is told in clear words, and what erases goes on.
 */

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client/profiled_calls.h"
#include "tests/engine/scratch.h"
#include "tests/server/fixture.h"
#include "tests/server/profilectl.h"

TestSuite(full, .init = fixture_setup, .fini = fixture_teardown, .timeout = 120);

enum {
    WRITERS = 4,
    PEOPLE_MAX = 5000, /* Of one writer: the limit comes long before. */
    ABOUT_SIZE = 2000,
    FILE_SIZE_MAX = 1 << 20,
    EXIT_EXHAUSTED = 64 + PROFILED_RESOURCE_EXHAUSTED,
    PROFILES_DELETED = 20,
};

/* ---- the disk ---- */

/* From now on writes past this size fail, as on a disk that takes no more: with EFBIG in place of
 * ENOSPC, or cut short. */
static void limit_files(rlim_t size) {
    struct rlimit limit;
    cr_assert_eq(prlimit(fixture.server.pid, RLIMIT_FSIZE, NULL, &limit), 0);
    limit.rlim_cur = size;
    cr_assert_eq(prlimit(fixture.server.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* The server ends by itself, and says why. */
static void expect_end(void) {
    cr_expect_eq(server_wait(&fixture.server), 1);
    cr_expect_not_null(strstr(fixture.server.log, "the storage failed: what was not acknowledged "
                                                  "may be lost; look at the disk"),
                       "%s", fixture.server.log);
    profiled_disconnect(fixture.client);
    fixture.client = NULL;
}

/* Starts it again on the same data, without a limit. */
static void start_again(const char *const *options) {
    cr_assert(server_start(&fixture.server, fixture_data(), options), "%s", fixture.server.log);
    struct profiled_error error = PROFILED_ERROR_INIT;
    fixture.client = profiled_connect(fixture.server.address, NULL, &error);
    cr_assert_not_null(fixture.client);
}

/* Stops it and proves the store. */
static void expect_sound(void) {
    profiled_disconnect(fixture.client);
    fixture.client = NULL;
    cr_expect_eq(server_stop(&fixture.server), 0);
    const char *const arguments[] = {SERVER_PROGRAM, "verify", "--data", fixture_data(), NULL};
    struct program program = program_run(arguments, NULL);
    cr_expect_eq(program.code, 0, "%s%s", program.out, program.err);
    program_free(&program);
}

/* ---- people ---- */

/* What came of one call. */
struct outcome {
    int32_t code;
    char reason[ID_SIZE_MAX];
    char id[ID_SIZE_MAX]; /* Of the profile, when it was acknowledged. */
};

/* Tells a person of a writer's by an id in another system, with `about` to fill the pages. */
static struct outcome tell(int writer, int number, const char *request_id) {
    char value[ID_SIZE_MAX];
    char about[ABOUT_SIZE + 1];
    snprintf(value, sizeof value, "w%d-%d", writer, number);
    memset(about, 'a' + writer, ABOUT_SIZE);
    about[ABOUT_SIZE] = '\0';
    Profiled__V1__Identity identity = PROFILED__V1__IDENTITY__INIT;
    Profiled__V1__Identity *identities[] = {&identity};
    identity.type = (char *)(uintptr_t) "external_id";
    identity.value = value;
    Profiled__V1__RecordAttribute text = PROFILED__V1__RECORD_ATTRIBUTE__INIT;
    text.value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
    text.text = about;
    Profiled__V1__Record__AttributesEntry entry = PROFILED__V1__RECORD__ATTRIBUTES_ENTRY__INIT;
    Profiled__V1__Record__AttributesEntry *entries[] = {&entry};
    entry.key = (char *)(uintptr_t) "about";
    entry.value = &text;
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    record.name = value;
    record.n_identities = 1;
    record.identities = identities;
    record.n_attributes = 1;
    record.attributes = entries;
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = &record;
    request.request_id = (char *)(uintptr_t)request_id;
    Profiled__V1__ResolveProfileResponse *response = NULL;
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct outcome outcome = {.code = PROFILED_OK};
    if (profiled_resolve_profile(fixture.client, &request, NULL, &response, &error)) {
        snprintf(outcome.id, sizeof outcome.id, "%s", response->decision->profile_id);
        profiled_message_free(&response->base);
    } else {
        outcome.code = error.code;
        snprintf(outcome.reason, sizeof outcome.reason, "%s", error.reason);
        profiled_error_clear(&error);
    }
    return outcome;
}

/* One of several that tell people until it fails. */
struct writer {
    pthread_t thread;
    int number;
    int acked; /* How many were acknowledged. */
    struct outcome last;
    char request_id[PROFILED_REQUEST_ID_SIZE]; /* Of the one that failed. */
    char ids[PEOPLE_MAX][ID_SIZE_MAX];
};

static struct writer writers[WRITERS];

static void *write_people(void *argument) {
    struct writer *writer = argument;
    while (writer->acked < PEOPLE_MAX) {
        profiled_request_id_make(writer->request_id);
        writer->last = tell(writer->number, writer->acked, writer->request_id);
        if (writer->last.code != PROFILED_OK) {
            return NULL;
        }
        snprintf(writer->ids[writer->acked++], ID_SIZE_MAX, "%s", writer->last.id);
    }
    return NULL;
}

/* All of them at a time, until each has failed. */
static void run_writers(void) {
    for (int i = 0; i < WRITERS; i++) {
        writers[i].number = i;
        cr_assert_eq(pthread_create(&writers[i].thread, NULL, write_people, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        cr_assert_lt(writers[i].acked, PEOPLE_MAX, "nothing stopped it");
    }
}

/* A client that tries nothing twice: what the server says first is what we get. */
static void connect_once(void) {
    profiled_disconnect(fixture.client);
    struct profiled_error error = PROFILED_ERROR_INIT;
    const struct profiled_options options = {.attempts_max = 1};
    fixture.client = profiled_connect(fixture.server.address, &options, &error);
    cr_assert_not_null(fixture.client);
}

static void expect_person(int writer, int number, const char *id) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    Profiled__V1__GetProfileResponse *response = NULL;
    struct profiled_error error = PROFILED_ERROR_INIT;
    char name[ID_SIZE_MAX];
    snprintf(name, sizeof name, "w%d-%d", writer, number);
    const bool answered = profiled_get_profile(fixture.client, &request, NULL, &response, &error);
    cr_assert(answered, "%s: %s", name, error.message);
    cr_expect_str_eq(response->profile->name, name);
    cr_expect_eq(response->profile->n_attributes, 1);
    profiled_message_free(&response->base);
}

/* Everybody who was acknowledged is there. How many they are. */
static int expect_acked(void) {
    int count = 0;
    for (int i = 0; i < WRITERS; i++) {
        for (int k = 0; k < writers[i].acked; k++) {
            expect_person(i, k, writers[i].ids[k]);
        }
        count += writers[i].acked;
    }
    return count;
}

static size_t profiles(void) {
    struct program program = profilectl("profile", "list", "--all", "--output", "ndjson");
    cr_assert_eq(program.code, 0, "%s", program.err);
    size_t lines = 0;
    for (const char *at = program.out; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    program_free(&program);
    return lines;
}

/* ---- a disk that fails ---- */

Test(full, failing_disk_loses_nothing_that_was_acknowledged) {
    connect_once();
    limit_files(FILE_SIZE_MAX);

    run_writers();

    expect_end();
    int told = 0;
    for (int i = 0; i < WRITERS; i++) {
        const struct outcome *last = &writers[i].last; /* Or nobody listens any more: no reason. */
        cr_expect_eq(last->code, PROFILED_UNAVAILABLE, "%d %s", last->code, last->reason);
        told += strcmp(last->reason, "STORAGE_FAILED") == 0;
    }
    cr_expect_gt(told, 0);
    start_again(NULL);
    const int acked = expect_acked();
    cr_expect_gt(acked, WRITERS);
    for (int i = 0; i < WRITERS; i++) { /* The same call again is safe. */
        const struct outcome again = tell(i, writers[i].acked, writers[i].request_id);
        cr_assert_eq(again.code, PROFILED_OK);
        expect_person(i, writers[i].acked, again.id);
    }
    cr_expect_eq(profiles(), (size_t)acked + WRITERS);
    expect_sound();
}

/* A file of people, by their ids in another system. */
static const char *people_file(int rows) {
    enum { LINE_SIZE = 256 };
    const size_t room = ((size_t)rows + 1) * LINE_SIZE;
    char *csv = malloc(room);
    cr_assert_not_null(csv);
    size_t size = (size_t)snprintf(csv, room, "name,external_id,about\n");
    for (int i = 0; i < rows; i++) {
        size += (size_t)snprintf(csv + size, room - size, "Person %d,row-%d,%0128d\n", i, i, i);
    }
    const char *file = profilectl_file("people.csv", csv);
    free(csv);
    return file;
}

/* profilectl waits and tries again, the server is started anew, and the import ends as if nothing
 * had been. */
Test(full, import_goes_on_when_the_disk_has_room_again) {
    enum { ROWS = 2000, ADDRESS_SIZE_MAX = 64 };
    char folder[] = "/tmp/profiled.XXXXXX"; /* A socket's path is short. */
    cr_assert_not_null(mkdtemp(folder));
    char address[ADDRESS_SIZE_MAX];
    snprintf(address, sizeof address, "unix:%s/socket", folder);
    const char *const options[] = {"--listen", address, NULL};
    const char *const arguments[] = {PROFILECTL_PROGRAM,
                                     "import",
                                     people_file(ROWS),
                                     "--map",
                                     "name=name",
                                     "--map",
                                     "external_id=identity.external_id",
                                     "--map",
                                     "about=attribute.about",
                                     "--batch",
                                     "50",
                                     "--server",
                                     address,
                                     NULL};
    profiled_disconnect(fixture.client);
    cr_assert_eq(server_stop(&fixture.server), 0);
    start_again(options);
    limit_files(FILE_SIZE_MAX);

    const int import = program_start(arguments, -1, -1, -1);

    expect_end();
    start_again(options);
    cr_expect_eq(program_wait(import), 0);
    cr_expect_eq(profiles(), ROWS);
    expect_sound();
    cr_expect_eq(rmdir(folder), 0);
}

/* ---- a map that is full ---- */

static bool delete_profile(const char *id) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    Profiled__V1__DeleteProfileResponse *response = NULL;
    struct profiled_error error = PROFILED_ERROR_INIT;
    const bool done = profiled_delete_profile(fixture.client, &request, NULL, &response, &error);
    cr_expect(done, "%s", error.message);
    if (done) {
        profiled_message_free(&response->base);
    }
    profiled_error_clear(&error);
    return done;
}

Test(full, full_map_is_read_and_deleted_from_and_refuses_the_rest) {
    static const char *const options[] = {"--map-size", "0.015625", NULL}; /* 16 MiB. */
    profiled_disconnect(fixture.client);
    cr_assert_eq(server_stop(&fixture.server), 0);
    start_again(options);

    run_writers();

    for (int i = 0; i < WRITERS; i++) {
        cr_expect_eq(writers[i].last.code, PROFILED_RESOURCE_EXHAUSTED);
        cr_expect_str_eq(writers[i].last.reason, "STORAGE_FULL");
    }
    const int acked = expect_acked();
    cr_expect_eq(profiles(), (size_t)acked);
    struct program refused = profilectl("profile", "create", "--name", "Nora Salem");
    cr_expect_eq(refused.code, EXIT_EXHAUSTED, "%s", refused.err);
    cr_expect_not_null(strstr(refused.err, "STORAGE_FULL"), "%s", refused.err);
    program_free(&refused);
    for (int i = 0; i < PROFILES_DELETED; i++) {
        cr_assert(delete_profile(writers[0].ids[i]));
    }
    cr_expect_eq(profiles(), (size_t)acked - PROFILES_DELETED);
    expect_sound();
}
