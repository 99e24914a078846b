/* WatchChanges of the program: many at once, all of whom are told everything, also when the server
 * stops; and those who do not read. */

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "tests/server/fixture.h"
#include "tests/server/watchers.h"

enum { WATCHERS = 200, WRITES = 50, NEXT_MS_MAX = 30000, ID_SIZE = 37 };

TestSuite(watch, .init = fixture_setup, .fini = fixture_teardown, .timeout = 120);

static char name[] = "Nora Salem";
static char nothing[] = "";

/* What a watcher was told. */
struct told {
    size_t count;
    char last[ID_SIZE]; /* Ids of profiles grow. */
    char *token;
    int code;
};

static struct told told[WATCHERS];

static void create(void) {
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = name;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__CreateProfileResponse *response = NULL;
    cr_assert(profiled_create_profile(fixture.client, &request, NULL, &response, &error));
    profiled_message_free(&response->base);
}

/* A snapshot first, so that there is a message once the call is there. */
static Profiled__V1__WatchChangesRequest request_of(char *token) {
    static Profiled__V1__ChangeKind kinds[] = {
        PROFILED__V1__CHANGE_KIND__CHANGE_KIND_PROFILE_CREATED};
    Profiled__V1__WatchChangesRequest request = PROFILED__V1__WATCH_CHANGES_REQUEST__INIT;
    request.snapshot = true;
    request.resume_token = token;
    request.n_kinds = 1;
    request.kinds = kinds;
    request.heartbeat_seconds = 300;
    return request;
}

static void note(const struct watchers_event *event) {
    struct told *one = &told[event->watcher];
    if (event->response == NULL) {
        one->code = event->code;
        return;
    }
    for (size_t i = 0; i < event->response->n_changes; i++) {
        const char *id = event->response->changes[i]->profile_id;
        cr_expect(strcmp(one->last, id) < 0, "a change is told twice, or not in order");
        snprintf(one->last, sizeof one->last, "%s", id);
        one->count++;
    }
    free(one->token);
    one->token = strdup(event->response->resume_token);
}

static void take_one(struct watchers *watchers) {
    struct watchers_event event;
    cr_assert(watchers_next(watchers, NEXT_MS_MAX, &event), "nothing comes any more");
    note(&event);
}

static bool all_have(size_t count) {
    for (size_t i = 0; i < WATCHERS; i++) {
        if (told[i].token == NULL || told[i].count < count) {
            return false;
        }
    }
    return true;
}

static bool all_have_ended(void) {
    for (size_t i = 0; i < WATCHERS; i++) {
        if (told[i].code == 0) {
            return false;
        }
    }
    return true;
}

static void forget(void) {
    for (size_t i = 0; i < WATCHERS; i++) {
        free(told[i].token);
    }
}

static struct watchers *open_all(void) {
    const Profiled__V1__WatchChangesRequest request = request_of(nothing);
    struct watchers *watchers = watchers_open(fixture.server.address, WATCHERS, &request);
    while (!all_have(0)) {
        take_one(watchers);
    }
    return watchers;
}

Test(watch, many_are_told_everything) {
    struct watchers *watchers = open_all();

    for (size_t i = 0; i < WRITES; i++) {
        create();
    }
    while (!all_have(WRITES)) {
        take_one(watchers);
    }

    for (size_t i = 0; i < WATCHERS; i++) {
        cr_expect_eq(told[i].count, WRITES);
    }
    watchers_close(watchers);
    forget();
}

/* The server ends while they are being told: who goes on by its token is told the rest. */
Test(watch, many_go_on_after_a_restart) {
    struct watchers *watchers = open_all();
    for (size_t i = 0; i < WRITES; i++) {
        create();
    }

    cr_expect_eq(server_stop(&fixture.server), 0);
    while (!all_have_ended()) {
        take_one(watchers);
    }
    watchers_close(watchers);
    for (size_t i = 0; i < WATCHERS; i++) {
        cr_expect_eq(told[i].code, PROFILED_UNAVAILABLE);
        told[i].code = 0;
    }

    cr_assert(server_start(&fixture.server, fixture_data(), NULL));
    const Profiled__V1__WatchChangesRequest first = request_of(told[0].token);
    watchers = watchers_open(fixture.server.address, 1, &first);
    for (size_t i = 0; i < WATCHERS; i++) {
        struct watchers_event event;
        while (told[i].count < WRITES) {
            cr_assert(watchers_next(watchers, NEXT_MS_MAX, &event));
            event.watcher = i;
            note(&event);
        }
        cr_expect_eq(told[i].count, WRITES);
        watchers_close(watchers);
        const Profiled__V1__WatchChangesRequest next = request_of(told[(i + 1) % WATCHERS].token);
        watchers = watchers_open(fixture.server.address, 1, &next);
    }
    watchers_close(watchers);
    forget();
}

/* ---- when nothing happens ---- */

/* The time of a heartbeat is far away: that the snapshot is over is not to wait for it. */
Test(watch, the_end_of_a_snapshot_is_told_at_once) {
    create();
    const Profiled__V1__WatchChangesRequest request = request_of(nothing);
    struct watchers *watchers = watchers_open(fixture.server.address, 1, &request);
    struct watchers_event event = {.response = NULL};

    bool caught_up = false;
    while (!caught_up) {
        cr_assert(watchers_next(watchers, NEXT_MS_MAX, &event), "the end is not told");
        cr_assert_not_null(event.response);
        caught_up = event.response->caught_up;
    }

    cr_expect_not(event.response->in_snapshot);
    watchers_close(watchers);
}

enum { BEATS = 6, BEATS_LATE_MS_MAX = 900 }; /* A machine with much else to do is late, too. */

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Test(watch, heartbeats_come_in_time) {
    Profiled__V1__WatchChangesRequest request = request_of(nothing);
    request.snapshot = false;
    request.heartbeat_seconds = 1;
    struct watchers *watchers = watchers_open(fixture.server.address, 1, &request);
    struct watchers_event event = {.response = NULL};
    cr_assert(watchers_next(watchers, NEXT_MS_MAX, &event)); /* The first comes at once. */

    const int64_t began_ms = now_ms();
    for (int i = 0; i < BEATS; i++) {
        cr_assert(watchers_next(watchers, NEXT_MS_MAX, &event));
        cr_assert_not_null(event.response);
    }
    const int64_t late_ms = now_ms() - began_ms - (int64_t)BEATS * 1000;

    cr_expect_leq(late_ms, BEATS_LATE_MS_MAX, "%d ms late", (int)late_ms);
    watchers_close(watchers);
}

/* ---- who does not read ---- */

enum {
    UNREAD = 60,     /* Watchers. */
    LARGE = 600,     /* Profiles, */
    IDENTITIES = 20, /* each with so many of some 400 bytes. */
    IDENTITY_SIZE = 400,
    KB_OF_ONE_MAX = 3 << 10, /* That the server may hold for a watcher, */
    KB_LEFT_MAX = 24 << 10,  /* and for all who are gone. */
    POLL_NS = 20000000,
};

#define CUT_OFF_NS INT64_C(10000000000)

static void create_large(size_t number) {
    static char values[IDENTITIES][IDENTITY_SIZE];
    static char type[] = "external_id";
    Profiled__V1__Identity identities[IDENTITIES];
    Profiled__V1__Identity *list[IDENTITIES];
    for (size_t i = 0; i < IDENTITIES; i++) {
        const int size = snprintf(values[i], IDENTITY_SIZE, "%zu-%zu-", number, i);
        for (size_t k = (size_t)size; k < IDENTITY_SIZE - 1; k++) {
            values[i][k] = (char)('a' + (k * 7 + number + i) % 26);
        }
        profiled__v1__identity__init(&identities[i]);
        identities[i].type = type;
        identities[i].value = values[i];
        list[i] = &identities[i];
    }
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = name;
    profile.n_identities = IDENTITIES;
    profile.identities = list;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__CreateProfileResponse *response = NULL;
    cr_assert(profiled_create_profile(fixture.client, &request, NULL, &response, &error), "%s",
              error.message);
    profiled_message_free(&response->base);
}

/* Kilobytes of memory of its own that the server has. */
static long server_kb(void) {
    static const char mark[] = "RssAnon:";
    char path[64];
    char line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%d/status", fixture.server.pid);
    FILE *file = fopen(path, "r");
    cr_assert_neq(file, NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, mark, sizeof mark - 1) == 0) {
            kb = strtol(line + sizeof mark - 1, NULL, 10);
        }
    }
    fclose(file);
    return kb;
}

static void serve_impatiently(void) {
    static const char *const options[] = {"--send-timeout", "1", NULL};
    struct profiled_error error = PROFILED_ERROR_INIT;
    cr_assert_eq(server_stop(&fixture.server), 0);
    cr_assert(server_start(&fixture.server, fixture_data(), options));
    profiled_disconnect(fixture.client);
    fixture.client = profiled_connect(fixture.server.address, NULL, &error);
}

/* They read the first message of many, and then nothing: not even their sockets. */
static struct watchers *open_unread(void) {
    Profiled__V1__WatchChangesRequest request = PROFILED__V1__WATCH_CHANGES_REQUEST__INIT;
    request.snapshot = true;
    request.include_profile = true;
    struct watchers *watchers = watchers_open(fixture.server.address, UNREAD, &request);
    for (size_t count = 0; count < UNREAD;) {
        struct watchers_event event;
        cr_assert(watchers_next(watchers, NEXT_MS_MAX, &event));
        count += told[event.watcher].count++ == 0 ? 1 : 0;
        if (event.response != NULL && event.response->caught_up) {
            told[event.watcher].code = -1;
        }
    }
    return watchers;
}

/* Time alone cuts them off. What was on its way stays until their sockets are read, which C core
 * does every five seconds, or their connections are closed: waits for twice that, and returns the
 * most memory that the server had. */
static long wait_until_cut_off(void) {
    const struct timespec pause = {0, POLL_NS};
    long most_kb = 0;
    for (int64_t waited_ns = 0; waited_ns < CUT_OFF_NS; waited_ns += POLL_NS) {
        const long kb = server_kb();
        most_kb = kb > most_kb ? kb : most_kb;
        nanosleep(&pause, NULL);
    }
    return most_kb;
}

/* Reads what comes of all: some may have read everything before. Returns how many were cut off. */
static size_t count_cut_off(struct watchers *watchers) {
    size_t cut = 0;
    size_t done = 0;
    for (size_t i = 0; i < UNREAD; i++) {
        done += told[i].code != 0 ? 1 : 0;
    }
    while (done < UNREAD) {
        struct watchers_event event;
        cr_assert(watchers_next(watchers, NEXT_MS_MAX, &event));
        const bool ended = event.response == NULL;
        struct told *one = &told[event.watcher];
        if (one->code == 0 && (ended || event.response->caught_up)) {
            one->code = ended ? event.code : -1;
            cut += one->code == PROFILED_RESOURCE_EXHAUSTED ? 1 : 0;
            done++;
        }
    }
    return cut;
}

Test(watch, who_does_not_read_is_cut_off) {
    serve_impatiently();
    for (size_t i = 0; i < LARGE; i++) {
        create_large(i);
    }
    const long before_kb = server_kb();
    struct watchers *watchers = open_unread();

    const long most_kb = wait_until_cut_off();
    const long after_kb = server_kb();
    cr_expect_gt(before_kb, 0);
    cr_expect_gt(most_kb, 0);
    cr_expect_gt(after_kb, 0);
    create(); /* Others are served. */

#if !defined(__SANITIZE_ADDRESS__) /* It keeps what is freed, to see who still uses it. */
    cr_expect_lt(most_kb, before_kb + (long)UNREAD * KB_OF_ONE_MAX);
    cr_expect_lt(after_kb, before_kb + KB_LEFT_MAX, "%ld, %ld, %ld", before_kb, most_kb, after_kb);
#endif
    cr_expect_gt(count_cut_off(watchers), UNREAD / 2);
    watchers_close(watchers);
}
