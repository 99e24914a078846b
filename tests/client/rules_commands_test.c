/* `identity simulate` and `identity apply`, where it does not go well: what a server says then
 * can't be had from a real one at will. */

#include "client/cli/command.h"
#include "tests/client/ran.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiled/v1/identity_service.pb-c.h"

TestSuite(rules_commands, .init = ran_isolate);

#define expect_unsaid(TEXT, PART)                                                                  \
    cr_expect_null(strstr(TEXT, PART), "it says \"%s\":\n%s", PART, TEXT)

/* ---- apply ---- */

/* The first page is done; the second ends with this code. */
static void apply(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__ApplyIdentityTypesResponse response =
        PROFILED__V1__APPLY_IDENTITY_TYPES_RESPONSE__INIT;
    static Profiled__V1__IdentityTypesEffect effect = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT;
    static char token[] = "second";
    const int *code = data;
    effect.profile_count = 200;
    effect.changed_count = 3;
    response.effect = &effect;
    response.next_page_token = token;
    answer->last = true;
    answer->code = request->call == 0 ? 0 : *code;
    answer->response = request->call == 0 ? &response.base : NULL;
}

/* One page a way, the second of which changes something more and is the last. */
static void apply_twice(void *data, const struct fake_request *request,
                        struct fake_answer *answer) {
    static Profiled__V1__ApplyIdentityTypesResponse response =
        PROFILED__V1__APPLY_IDENTITY_TYPES_RESPONSE__INIT;
    static Profiled__V1__IdentityTypesEffect effect = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT;
    static Profiled__V1__IdentityTypesProgress progress =
        PROFILED__V1__IDENTITY_TYPES_PROGRESS__INIT;
    static char token[] = "second";
    const bool is_first = request->call == 0;
    progress.looked_at_count = 200;
    effect.profile_count = is_first ? 200 : 0;
    effect.changed_count = is_first ? 3 : 1;
    response.effect = &effect;
    response.progress = &progress;
    response.pass = is_first ? 1 : *(const int *)data;
    response.done = !is_first;
    response.next_page_token = is_first ? token : (char *)(uintptr_t) "";
    answer->last = true;
    answer->response = &response.base;
}

Test(rules_commands, apply_goes_on_until_the_server_is_done) {
    int last_pass = 2;
    const struct ran ran = ran_line(apply_twice, &last_pass, "identity|apply");

    cr_expect_eq(ran.code, EXIT_DONE);
    expect_said(ran.out, "Profiles    200, 4 changed\n");
    expect_unsaid(ran.err, "page-token");
    expect_unsaid(ran.err, "still changed");
}

Test(rules_commands, apply_says_when_the_last_pass_changed_something) {
    int last_pass = 8;
    const struct ran ran = ran_line(apply_twice, &last_pass, "identity|apply");

    cr_expect_eq(ran.code, EXIT_DONE);
    expect_said(ran.err, "Profiles still changed on pass 8, the last");
}

static struct ran apply_until(int code) { return ran_line(apply, &code, "identity|apply"); }

static void check_goes_on(int code) {
    const struct ran ran = apply_until(code);

    cr_expect_eq(ran.code, EXIT_STATUS + code);
    expect_said(ran.err, "To go on: --page-token second\n");
    expect_said(ran.out, "So far:\n\nProfiles    200, 3 changed\n");
}

static void check_begins_again(int code) {
    const struct ran ran = apply_until(code);

    cr_expect_eq(ran.code, EXIT_STATUS + code);
    expect_said(ran.err, "Begin again, without --page-token");
    expect_unsaid(ran.err, "second");
}

Test(rules_commands, apply_goes_on_after_an_overload) { check_goes_on(8); }

Test(rules_commands, apply_goes_on_after_a_deadline) { check_goes_on(4); }

Test(rules_commands, apply_goes_on_once_the_server_is_there) { check_goes_on(14); }

Test(rules_commands, apply_begins_again_when_the_rules_have_changed) { check_begins_again(10); }

Test(rules_commands, apply_begins_again_when_its_token_is_refused) { check_begins_again(3); }

Test(rules_commands, apply_says_no_way_where_there_is_none) {
    const struct ran ran = apply_until(15);

    cr_expect_eq(ran.code, EXIT_STATUS + 15);
    expect_unsaid(ran.err, "page-token");
}

static void refuse(void *data, const struct fake_request *request, struct fake_answer *answer) {
    answer->last = true;
    answer->code = *(const int *)data;
    (void)request;
}

Test(rules_commands, apply_does_not_repeat_a_token_that_is_none) {
    int code = 3;
    const struct ran ran = ran_line(refuse, &code, "identity|apply|--page-token|bad");

    cr_expect_eq(ran.code, EXIT_STATUS + 3);
    expect_said(ran.err, "Begin again");
    expect_unsaid(ran.err, "bad");
    cr_expect_str_empty(ran.out);
}

/* ---- simulate ---- */

enum { SPLIT_COUNT = 3 };

/* One message: counts, of all or of some profiles, with one that would change. */
struct simulating {
    bool counted;
    int code;
    int32_t pass;
    bool
        moves; /* It has records of another one, and becomes one with somebody who has no id yet. */
};

static void simulate(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__SimulateIdentityTypesResponse response =
        PROFILED__V1__SIMULATE_IDENTITY_TYPES_RESPONSE__INIT;
    static Profiled__V1__IdentityTypesEffect effect = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT;
    static Profiled__V1__ProfileEffect change = PROFILED__V1__PROFILE_EFFECT__INIT;
    static Profiled__V1__ProfileEffect *changes[] = {&change};
    static char ids[][37] = {
        "019ab1c8-cc80-7800-8000-000000000001", "019ab1c8-cc80-7800-8000-000000000002",
        "019ab1c8-cc80-7800-8000-000000000003", "019ab1c8-cc80-7800-8000-000000000004"};
    static char *splits[SPLIT_COUNT] = {ids[1], ids[2], ids[3]};
    const struct simulating *simulating = data;
    effect.profile_count = 200;
    effect.split_count = SPLIT_COUNT;
    change.profile_id = ids[0];
    change.split_ids = splits;
    change.n_split_ids = SPLIT_COUNT;
    if (simulating->moves) {
        effect.moved_count = 1;
        change.made_count = 1;
        change.joined_count = 1;
        change.n_moved_from_ids = 1;
        change.moved_from_ids = &splits[2];
        change.moved_from_count = 1;
    }
    response.effect = &effect;
    response.counted = simulating->counted;
    response.pass = simulating->pass;
    change.pass = simulating->pass;
    response.changes = changes;
    response.n_changes = simulating->counted ? 1 : 0;
    answer->last = true;
    answer->code = simulating->code;
    answer->response = &response.base;
    (void)request;
}

Test(rules_commands, a_simulation_that_stops_says_of_how_many_it_tells) {
    struct simulating simulating = {.code = 8};
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    cr_expect_eq(ran.code, EXIT_STATUS + 8);
    cr_expect_str_eq(ran.out, "So far, of the first 200 profiles:\n\n"
                              "Profiles    200, 0 changed\n"
                              "Identities  0 lost, 0 gained\n"
                              "Merges      3 split off, 0 joined\n"
                              "Records     0 profiles made of them\n");
}

Test(rules_commands, a_simulation_that_stops_later_says_on_which_pass) {
    struct simulating simulating = {.code = 8, .pass = 2};
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    cr_expect_eq(ran.code, EXIT_STATUS + 8);
    expect_said(ran.out, "So far, on pass 2 through all profiles:\n\nProfiles    200");
}

/* Message after message, each as large as may be on its way to who does not take it; in the midst
 * of them somebody interrupts. */
static void simulate_for_ever(void *data, const struct fake_request *request,
                              struct fake_answer *answer) {
    static uint8_t padding[3 + 65536] = {0x80, 0x80, 0x04}; /* Its length before it. */
    static ProtobufCMessageUnknownField field = {.tag = 1000,
                                                 .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                                 .len = sizeof padding,
                                                 .data = padding};
    static Profiled__V1__SimulateIdentityTypesResponse response =
        PROFILED__V1__SIMULATE_IDENTITY_TYPES_RESPONSE__INIT;
    static Profiled__V1__IdentityTypesEffect effect = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT;
    effect.profile_count = 200;
    response.effect = &effect;
    response.base.n_unknown_fields = 1;
    response.base.unknown_fields = &field;
    answer->response = &response.base;
    answer->more = true;
    if (request->position == 64) {
        kill(getpid(), SIGINT);
    }
    (void)data;
}

Test(rules_commands, a_simulation_that_is_interrupted_says_of_how_many_it_tells) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* Also in the threads of the server. */

    const struct ran ran = ran_line(simulate_for_ever, NULL, "identity|simulate|--rules|1");

    cr_expect_eq(ran.code, EXIT_LOCAL);
    expect_said(ran.out, "So far, of the first 200 profiles:\n\nProfiles    200, 0 changed\n");
    cr_expect_str_empty(ran.err);
}

Test(rules_commands, a_simulation_tells_the_pass_of_each_change) {
    struct simulating simulating = {.counted = true, .pass = 3};
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    cr_expect_eq(ran.code, EXIT_DONE);
    expect_unsaid(ran.out, "So far");
    expect_said(ran.out, "  PASS\n");
    expect_said(ran.out, "     3\n");
}

Test(rules_commands, a_simulation_says_when_the_last_pass_would_change_something) {
    struct simulating simulating = {.counted = true, .pass = 8};
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    cr_expect_eq(ran.code, EXIT_DONE);
    expect_said(ran.err, "Profiles still changed on pass 8, the last");
}

Test(rules_commands, a_list_that_breaks_off_is_said_to_be_short) {
    struct simulating simulating = {.counted = true, .code = 14};
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    cr_expect_eq(ran.code, EXIT_STATUS + 14);
    expect_unsaid(ran.out, "So far");
    expect_said(ran.err, "The counts are whole, the list of what would change is not\n");
}

Test(rules_commands, a_simulation_has_all_ids_off_a_terminal) {
    struct simulating simulating = {.counted = true};
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    cr_expect_eq(ran.code, EXIT_DONE);
    expect_unsaid(ran.out, "So far");
    expect_unsaid(ran.out, "…");
    expect_said(ran.out, "  split off 019ab1c8-cc80-7800-8000-000000000002 ");
    expect_said(ran.out, "  split off 019ab1c8-cc80-7800-8000-000000000003 ");
    expect_said(ran.out, "  split off 019ab1c8-cc80-7800-8000-000000000004 ");
}

Test(rules_commands, a_simulation_fits_where_the_width_is_told) {
    struct simulating simulating = {.counted = true};
    setenv("COLUMNS", "80", 1);
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    expect_said(ran.out, "  split off 019ab1c8-cc80-7800-8000-000000000002, 2 more ");
    expect_unsaid(ran.out, "000000000003");
}

Test(rules_commands, a_simulation_tells_whose_records_go_where) {
    struct simulating simulating = {.counted = true, .moves = true};
    const struct ran ran = ran_line(simulate, &simulating, "identity|simulate|--rules|1");

    expect_said(ran.out, "Records     0 profiles made of them\n"
                         "            1 profile takes over records, or merged profiles, of another "
                         "one that stays\n");
    expect_said(ran.out, "  records from 019ab1c8-cc80-7800-8000-000000000004 ");
    expect_said(ran.out, "  1 profile made of its records ");
    expect_said(ran.out, "  joined with 1 ");
    expect_unsaid(ran.out, "records to");
}

Test(rules_commands, a_simulation_is_asked_for_one_thing) {
    static const char *const lines[] = {
        "identity|simulate",
        "identity|simulate|email|--limit|2|--rules|1",
        "identity|simulate|--limit|2",
        "identity|simulate|--rules|1|--disabled|yes",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct simulating simulating = {.counted = true};
        const struct ran ran = ran_line(simulate, &simulating, lines[i]);

        cr_expect_eq(ran.code, EXIT_USAGE, "%s", lines[i]);
        cr_expect_str_empty(ran.out);
    }
}
