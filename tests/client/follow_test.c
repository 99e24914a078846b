/* Streams that go on by a token: `export` against a server that breaks off as the test says. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include "profiled/v1/transfer_service.pb-c.h"

#include <stdio.h>

TestSuite(follow, .init = ran_isolate, .timeout = 60);

enum { STEPS_MAX = 8, TEXT_SIZE = 32, UNAVAILABLE = 14, RESOURCE_EXHAUSTED = 8, DATA_LOSS = 15 };

/* How the server ends a call, behind a message that has a profile of this id and a token of the
 * same name; without a message where that is NULL. */
struct step {
    const char *id;
    bool done;
    int code;
};

struct script {
    const struct step *steps;
    size_t count;
    size_t calls;
    char tokens[STEPS_MAX][TEXT_SIZE]; /* With which each call came. */
};

static void serve(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__ExportProfilesResponse response;
    static Profiled__V1__Profile profile;
    static Profiled__V1__Profile *profiles[] = {&profile};
    static char id[TEXT_SIZE];
    struct script *script = data;
    answer->last = true;
    cr_assert_str_eq(request->path, "/profiled.v1.TransferService/ExportProfiles");
    cr_assert_lt(script->calls, script->count);
    Profiled__V1__ExportProfilesRequest *got =
        profiled__v1__export_profiles_request__unpack(NULL, request->size, request->bytes);
    snprintf(script->tokens[script->calls], TEXT_SIZE, "%s", got->resume_token);
    profiled__v1__export_profiles_request__free_unpacked(got, NULL);
    const struct step *step = &script->steps[script->calls++];
    answer->code = step->code;
    if (step->id == NULL) {
        return;
    }
    profiled__v1__export_profiles_response__init(&response);
    profiled__v1__profile__init(&profile);
    snprintf(id, sizeof id, "%s", step->id);
    profile.id = id;
    response.profiles = profiles;
    response.n_profiles = 1;
    response.resume_token = id;
    response.exported_count = (int64_t)script->calls;
    response.segment_ready = true;
    response.done = step->done;
    answer->response = &response.base;
}

static struct ran run(struct script *script, const struct step *steps, size_t count) {
    *script = (struct script){.steps = steps, .count = count};
    return ran_line(serve, script, "export|--format|ndjson");
}

Test(follow, it_goes_on_behind_the_last_message) {
    static const struct step steps[] = {{"one", false, UNAVAILABLE},
                                        {NULL, false, UNAVAILABLE},
                                        {"two", false, RESOURCE_EXHAUSTED},
                                        {"three", true, 0}};
    struct script script;

    const struct ran ran = run(&script, steps, 4);

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_str_eq(ran.out, "{\"id\":\"one\"}\n{\"id\":\"two\"}\n{\"id\":\"three\"}\n");
    cr_expect_str_eq(script.tokens[0], "");
    cr_expect_str_eq(script.tokens[1], "one");
    cr_expect_str_eq(script.tokens[2], "one");
    cr_expect_str_eq(script.tokens[3], "two");
    expect_said(ran.err, "the stream broke (UNAVAILABLE");
    expect_said(ran.err, "the stream broke (RESOURCE_EXHAUSTED");
}

Test(follow, what_came_last_is_the_end_however_the_call_ends) {
    static const struct step steps[] = {{"one", true, UNAVAILABLE}};
    struct script script;

    const struct ran ran = run(&script, steps, 1);

    cr_expect_eq(ran.code, EXIT_DONE, "%s", ran.err);
    cr_expect_null(strstr(ran.err, "broke"), "%s", ran.err);
}

Test(follow, what_does_not_mend_itself_ends_it) {
    static const struct step steps[] = {{"one", false, DATA_LOSS}};
    struct script script;

    const struct ran ran = run(&script, steps, 1);

    cr_expect_eq(ran.code, EXIT_STATUS + DATA_LOSS);
    cr_expect_str_eq(ran.out, "{\"id\":\"one\"}\n");
    expect_said(ran.err, "DATA_LOSS");
    expect_said(ran.err, "1 profiles exported");
}

Test(follow, a_server_that_ends_before_the_end_is_told_of) {
    static const struct step steps[] = {{"one", false, 0}};
    struct script script;

    const struct ran ran = run(&script, steps, 1);

    cr_expect_eq(ran.code, EXIT_LOCAL);
    expect_said(ran.err, "the server ended before the end");
}

Test(follow, without_a_first_message_it_is_tried_a_few_times) {
    static const struct step steps[] = {{NULL, false, UNAVAILABLE},
                                        {NULL, false, UNAVAILABLE},
                                        {NULL, false, UNAVAILABLE},
                                        {NULL, false, UNAVAILABLE},
                                        {NULL, false, UNAVAILABLE}};
    struct script script;

    const struct ran ran = run(&script, steps, 5);

    cr_expect_eq(ran.code, EXIT_STATUS + UNAVAILABLE);
    cr_expect_eq(script.calls, 5);
    cr_expect_str_empty(ran.out);
    cr_expect_null(strstr(ran.err, "broke"), "%s", ran.err);
}
