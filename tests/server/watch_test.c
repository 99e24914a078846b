/* WatchChanges of the program: many at once, all of whom are told everything, also when the server
 * stops; and those who do not read. */

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    profiled_message_free(&event->response->base);
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
