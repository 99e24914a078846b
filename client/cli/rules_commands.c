/* The commands that put the profiles that are there under other rules, or tell what would come of
 * it. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/json.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PAGE_MAX = 200, RATE_MAX = 1000000, US_PER_SECOND = 1000000 };

static void print_progress(const struct screen *screen, int64_t profiles) {
    if (screen->terminal) {
        fprintf(screen->out, "\r%" PRId64 " profiles", profiles);
        fflush(screen->out);
    }
}

static void end_progress(const struct screen *screen) {
    if (screen->terminal) {
        fputs("\r\033[K", screen->out);
    }
}

static void print_effect(const Profiled__V1__IdentityTypesEffect *effect) {
    fprintf(stdout,
            "Profiles    %" PRId64 ", %" PRId64 " changed\n"
            "Identities  %" PRId64 " lost, %" PRId64 " gained\n"
            "Profiles    %" PRId64 " split off, %" PRId64 " joined\n",
            effect->profile_count, effect->changed_count, effect->lost_identity_count,
            effect->gained_identity_count, effect->split_count, effect->joined_count);
}

/* ---- simulate ---- */

/* What came so far. */
struct simulation {
    struct session *session;
    struct screen progress;
    struct table table;
    size_t listed_count;
    json_t *whole; /* For JSON: the last answer, with all that is listed. */
};

static void add_ids(struct table *table, char *const *ids, size_t count) {
    char text[64] = "";
    if (count == 1) {
        snprintf(text, sizeof text, "%s", ids[0]);
    } else if (count > 1) {
        snprintf(text, sizeof text, "%s, %zu more", ids[0], count - 1);
    }
    table_add(table, text);
}

static void add_listed(struct table *table, const Profiled__V1__ProfileEffect *listed) {
    char number[24];
    table_add(table, listed->profile_id);
    snprintf(number, sizeof number, "%" PRId64, listed->lost_identity_count);
    table_add(table, number);
    snprintf(number, sizeof number, "%" PRId64, listed->gained_identity_count);
    table_add(table, number);
    add_ids(table, listed->split_ids, listed->n_split_ids);
    add_ids(table, listed->joined_ids, listed->n_joined_ids);
}

/* As a page of a list: what is listed goes behind what was. */
static void keep_whole(struct simulation *simulation, json_t *json) {
    json_t *listed = json_object_get(simulation->whole, "changes");
    if (listed != NULL) {
        json_array_extend(listed, json_object_get(json, "changes"));
        json_object_set(json, "changes", listed);
    }
    json_decref(simulation->whole);
    simulation->whole = json;
}

static int take_answer(struct simulation *simulation,
                       const Profiled__V1__SimulateIdentityTypesResponse *response) {
    print_progress(&simulation->progress, response->effect->profile_count);
    for (size_t i = 0; i < response->n_changes; i++) {
        add_listed(&simulation->table, response->changes[i]);
        simulation->listed_count++;
    }
    if (simulation->session->output == OUTPUT_TABLE) {
        return EXIT_DONE;
    }
    json_t *json = json_from_message(&response->base);
    const bool streams = simulation->session->output == OUTPUT_NDJSON;
    const int code = streams && response->n_changes > 0
                         ? output_lines(json_incref(json_object_get(json, "changes")))
                         : EXIT_DONE;
    if (streams) {
        json_object_del(json, "changes");
    }
    keep_whole(simulation, json);
    return code;
}

static int print_simulation(struct simulation *simulation) {
    if (simulation->session->output != OUTPUT_TABLE) {
        return simulation->whole == NULL
                   ? EXIT_DONE
                   : output_json(simulation->session, json_incref(simulation->whole));
    }
    if (simulation->listed_count > 0) {
        fputc('\n', stdout);
        table_print(&simulation->table, &simulation->session->screen);
    }
    return EXIT_DONE;
}

static int run_simulation(struct simulation *simulation, struct profiled_stream *stream) {
    int code = EXIT_DONE;
    Profiled__V1__IdentityTypesEffect effect = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT;
    int64_t unlisted = 0;
    bool answered = false;
    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        const Profiled__V1__SimulateIdentityTypesResponse *response =
            (const Profiled__V1__SimulateIdentityTypesResponse *)message;
        const int taken = take_answer(simulation, response);
        code = code == EXIT_DONE ? taken : code;
        effect = *response->effect;
        answered = true;
        unlisted = response->unlisted_count;
        profiled_message_free(message);
    }
    end_progress(&simulation->progress);
    if (answered && simulation->session->output == OUTPUT_TABLE) {
        print_effect(&effect);
    }
    const int printed = print_simulation(simulation);
    if (unlisted > 0) {
        fprintf(stderr, "%" PRId64 " more would change\n", unlisted);
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_stream_finish(stream, &error)) {
        return session_failed(&error);
    }
    return code == EXIT_DONE ? printed : code;
}

int identity_simulate(struct session *session, const struct arguments *arguments) {
    static const struct table_column columns[] = {
        {.title = "PROFILE", .whole = true},
        {.title = "LOST", .right = true},
        {.title = "GAINED", .right = true},
        {.title = "SPLIT OFF", .width_min = 12, .drop = 2},
        {.title = "JOINED", .width_min = 12, .drop = 1},
    };
    if ((arguments->word_count > 0) == arguments_has(arguments, OPT_RULES)) {
        fputs("profilectl: name a type and what to change of it, or a version with --rules\n",
              stderr);
        return EXIT_USAGE;
    }
    json_t *request = json_object();
    if (arguments->word_count > 0) {
        json_t *change = identity_type_change(arguments->words[0], arguments);
        if (change == NULL) {
            json_decref(request);
            return EXIT_USAGE;
        }
        json_object_set_new(request, "changes", json_pack("[o]", change));
    }
    request_text(request, "ruleVersion", arguments, OPT_RULES);
    struct profiled_stream *stream = NULL;
    const int code = session_listen(session, &profiled__v1__identity_service__descriptor,
                                    "SimulateIdentityTypes", request, &stream);
    if (code != EXIT_DONE) {
        return code;
    }
    struct simulation simulation = {.session = session, .progress = screen_of(stderr)};
    table_init(&simulation.table, columns, sizeof columns / sizeof columns[0]);
    const int run = run_simulation(&simulation, stream);
    table_free(&simulation.table);
    json_decref(simulation.whole);
    return run;
}

/* ---- apply ---- */

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

static int64_t now_us(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

/* Waits until so many profiles may be done, or until somebody interrupts. */
static void wait_for_turn(int64_t began_us, int64_t profiles, int64_t rate) {
    const int64_t due_us = rate == 0 ? 0 : began_us + profiles * US_PER_SECOND / rate;
    const struct timespec due = {due_us / US_PER_SECOND, due_us % US_PER_SECOND * 1000};
    if (!interrupted && due_us > now_us()) {
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
}

static void add_effect(Profiled__V1__IdentityTypesEffect *sum,
                       const Profiled__V1__IdentityTypesEffect *effect) {
    sum->profile_count += effect->profile_count;
    sum->changed_count += effect->changed_count;
    sum->lost_identity_count += effect->lost_identity_count;
    sum->gained_identity_count += effect->gained_identity_count;
    sum->split_count += effect->split_count;
    sum->joined_count += effect->joined_count;
}

/* One page; `request` gets the token of the next. */
static int apply_page(struct session *session, json_t *request,
                      Profiled__V1__IdentityTypesEffect *sum, bool *done) {
    ProtobufCMessage *message = NULL;
    const int code = session_call(session, &profiled__v1__identity_service__descriptor,
                                  "ApplyIdentityTypes", json_deep_copy(request), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__ApplyIdentityTypesResponse *response =
        (const Profiled__V1__ApplyIdentityTypesResponse *)message;
    add_effect(sum, response->effect);
    json_object_set_new(request, "pageToken", json_string(response->next_page_token));
    *done = response->done;
    profiled_message_free(message);
    return code;
}

static void tell_token(const json_t *request) {
    const char *token = json_string_value(json_object_get(request, "pageToken"));
    if (token != NULL && token[0] != '\0') {
        fprintf(stderr, "To go on: --page-token %s\n", token);
    }
}

static int print_applied(const struct session *session,
                         const Profiled__V1__IdentityTypesEffect *sum) {
    if (session->output != OUTPUT_TABLE) {
        return output_message(session, &sum->base);
    }
    print_effect(sum);
    return EXIT_DONE;
}

int identity_apply(struct session *session, const struct arguments *arguments) {
    int64_t rate = 0;
    if (!arguments_number(arguments, OPT_RATE, 1, RATE_MAX, 0, &rate)) {
        return EXIT_USAGE;
    }
    const struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    const struct screen progress = screen_of(stderr);
    const int64_t page = rate > 0 && rate < PAGE_MAX ? rate : PAGE_MAX;
    json_t *request = json_pack("{s:I}", "maxProfiles", (json_int_t)page);
    request_text(request, "pageToken", arguments, OPT_PAGE_TOKEN);
    Profiled__V1__IdentityTypesEffect sum = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT;
    const int64_t began_us = now_us();
    int code = EXIT_DONE;
    bool done = false;
    while (code == EXIT_DONE && !done && !interrupted) {
        wait_for_turn(began_us, sum.profile_count, rate);
        code = interrupted ? code : apply_page(session, request, &sum, &done);
        print_progress(&progress, sum.profile_count);
    }
    end_progress(&progress);
    const int printed = print_applied(session, &sum);
    if (!done) {
        tell_token(request);
    }
    json_decref(request);
    return code != EXIT_DONE ? code : done ? printed : EXIT_LOCAL;
}
