/* The commands that put the profiles that are there under other rules, or tell what would come of
 * it. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/cli/signals.h"
#include "client/cli/table.h"
#include "client/json.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    PAGE_MAX = 200,
    RATE_MAX = 1000000,
    PASSES_MAX = 8, /* Of the server. */
    LINE_SIZE = 128,
};

/* Each pass is a way of its own. An older server has one, and says nothing of it. */
static void tell_progress(struct progress *progress, int64_t profiles, int32_t pass,
                          const Profiled__V1__IdentityTypesProgress *answer) {
    struct progress_place place = {.profiles = profiles};
    if (answer != NULL) { /* An older server says nothing. */
        place.looked_at = answer->looked_at_count;
        place.whole = answer->profile_count;
    }
    progress_pass(progress, pass);
    progress_tell(progress, &place, progress_now_us());
}

static void print_effect(const Profiled__V1__IdentityTypesEffect *effect) {
    fprintf(stdout,
            "Profiles    %" PRId64 ", %" PRId64 " changed\n"
            "Identities  %" PRId64 " lost, %" PRId64 " gained\n"
            "Merges      %" PRId64 " split off, %" PRId64 " joined\n"
            "Records     %" PRId64 " profiles made of them\n",
            effect->profile_count, effect->changed_count, effect->lost_identity_count,
            effect->gained_identity_count, effect->split_count, effect->joined_count,
            effect->made_count);
    if (effect->moved_count > 0) {
        fprintf(stdout,
                "            %" PRId64
                " %s records, or merged profiles, of another one that stays\n",
                effect->moved_count,
                effect->moved_count == 1 ? "profile takes over" : "profiles take over");
    }
    if (effect->unjudged_count > 0) {
        fprintf(
            stdout,
            "            %" PRId64
            " profiles are left whole: they have more records or interactions than come apart\n",
            effect->unjudged_count);
    }
}

/* Says so where the last pass that there may be changed something. An older server never says that
 * profiles are settled. */
static void tell_unsettled(bool settled, int32_t pass) {
    if (!settled && pass >= PASSES_MAX) {
        fprintf(stderr,
                "Profiles still changed on pass %" PRId32
                ", the last: some depend on each other, and\n"
                "applying these rules once more may change them once more\n",
                pass);
    }
}

/* ---- simulate ---- */

/* What came so far. */
struct simulation {
    struct session *session;
    struct profiled_stream *stream;
    bool stopped; /* By a signal; for who waits until its thread is over. */
    struct progress progress;
    struct table table;
    size_t listed_count;
    bool answered;
    bool counted; /* The counts are those of all profiles. */
    bool settled;
    int32_t pass;
    Profiled__V1__IdentityTypesEffect effect;
    int64_t unlisted_count;
    json_t *whole; /* For JSON: the last answer, with all that is listed. */
};

/* A line beneath a profile. */
static void add_line(struct table *table, const char *text) {
    table_add(table, text);
    table_add(table, "");
    table_add(table, "");
    table_add(table, "");
}

/* A line each, or on a screen the first and how many more there are. An older server has no count;
 * what is made on the way has no id. */
static void add_ids(struct table *table, const char *words, char *const *ids, size_t count,
                    int64_t whole_count, bool all) {
    char line[LINE_SIZE];
    const int64_t whole = whole_count > (int64_t)count ? whole_count : (int64_t)count;
    const size_t shown = all || count == 0 ? count : 1;
    const int64_t more = whole - (int64_t)shown;
    for (size_t i = 0; i < shown; i++) {
        char rest[LINE_SIZE / 4] = "";
        if (!all && more > 0) {
            snprintf(rest, sizeof rest, ", %" PRId64 " more", more);
        }
        snprintf(line, sizeof line, "  %s %s%s", words, ids[i], rest);
        add_line(table, line);
    }
    if (more > 0 && (all || shown == 0)) {
        snprintf(line, sizeof line, "  %s %" PRId64 "%s", words, more, shown > 0 ? " more" : "");
        add_line(table, line);
    }
}

static void add_listed(struct table *table, const Profiled__V1__ProfileEffect *listed, bool all) {
    table_add(table, listed->profile_id);
    table_add_number(table, listed->lost_identity_count);
    table_add_number(table, listed->gained_identity_count);
    if (listed->pass > 0) { /* An older server says nothing of it. */
        table_add_number(table, listed->pass);
    } else {
        table_add(table, "");
    }
    add_ids(table, "split off", listed->split_ids, listed->n_split_ids, listed->split_count, all);
    add_ids(table, "joined with", listed->joined_ids, listed->n_joined_ids, listed->joined_count,
            all);
    if (listed->made_count > 0) {
        char line[LINE_SIZE];
        snprintf(line, sizeof line, "  %" PRId64 " %s made of its records", listed->made_count,
                 listed->made_count == 1 ? "profile" : "profiles");
        add_line(table, line);
    }
    add_ids(table, "records to", listed->moved_to_ids, listed->n_moved_to_ids,
            listed->moved_to_count, all);
    add_ids(table, "records from", listed->moved_from_ids, listed->n_moved_from_ids,
            listed->moved_from_count, all);
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
    simulation->answered = true;
    simulation->counted = response->counted;
    simulation->settled = response->settled;
    simulation->effect = *response->effect;
    simulation->unlisted_count = response->unlisted_count;
    simulation->pass = response->pass;
    tell_progress(&simulation->progress, response->effect->profile_count, response->pass,
                  response->progress);
    for (size_t i = 0; i < response->n_changes; i++) {
        add_listed(&simulation->table, response->changes[i], simulation->session->screen.uncut);
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
    if (simulation->answered && !simulation->counted && simulation->pass > 1) {
        fprintf(stdout, "So far, on pass %" PRId32 " through all profiles:\n\n", simulation->pass);
    } else if (simulation->answered && !simulation->counted) {
        fprintf(stdout, "So far, of the first %" PRId64 " profiles:\n\n",
                simulation->effect.profile_count);
    }
    if (simulation->answered) {
        print_effect(&simulation->effect);
    }
    if (simulation->listed_count > 0) {
        fputc('\n', stdout);
        table_print(&simulation->table, &simulation->session->screen);
    }
    return EXIT_DONE;
}

/* Takes all messages, until the stream is over. */
static int take_all(void *state) {
    struct simulation *simulation = state;
    int code = EXIT_DONE;
    for (ProtobufCMessage *message = profiled_stream_receive(simulation->stream); message != NULL;
         message = profiled_stream_receive(simulation->stream)) {
        const int taken =
            take_answer(simulation, (const Profiled__V1__SimulateIdentityTypesResponse *)message);
        code = code == EXIT_DONE ? taken : code;
        profiled_message_free(message);
    }
    return code;
}

static void stop_simulation(void *state) {
    struct simulation *simulation = state;
    simulation->stopped = true;
    profiled_stream_cancel(simulation->stream);
}

static int run_simulation(struct simulation *simulation) {
    const int code = signals_run(take_all, stop_simulation, simulation);
    progress_end(&simulation->progress);
    const int printed = print_simulation(simulation);
    if (simulation->counted) {
        tell_unsettled(simulation->settled, simulation->pass);
    }
    if (simulation->unlisted_count > 0) {
        fprintf(stderr, "%" PRId64 " more would change\n", simulation->unlisted_count);
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_stream_finish(simulation->stream, &error)) {
        if (simulation->counted) {
            fputs("The counts are whole, the list of what would change is not\n", stderr);
        }
        if (!simulation->stopped) {
            return session_failed(simulation->session, &error);
        }
        if (!simulation->answered) {
            fputs("Interrupted before anything was counted\n", stderr);
        }
        profiled_error_clear(&error);
        return EXIT_LOCAL;
    }
    return code == EXIT_DONE ? printed : code;
}

/* Whether anything is said of what would change, beside where that is to be read. */
static bool has_change_options(const struct arguments *arguments) {
    static const enum cli_option others[] = {OPT_SERVER,  OPT_WORKSPACE, OPT_OUTPUT,
                                             OPT_TIMEOUT, OPT_RULES,     OPT_JSON};
    for (size_t i = 0; i < arguments->given_count; i++) {
        bool is_other = false;
        for (size_t j = 0; j < sizeof others / sizeof *others; j++) {
            is_other = is_other || arguments->given[i].option == others[j];
        }
        if (!is_other) {
            return true;
        }
    }
    return false;
}

/* What is asked for; NULL, told, when it can't be read or is more than one thing. */
static json_t *simulation_request(const struct arguments *arguments) {
    const bool of_type = arguments->word_count > 0;
    const char *path = arguments_get(arguments, OPT_JSON);
    const bool of_version = arguments_has(arguments, OPT_RULES);
    if ((of_type ? 1 : 0) + (path != NULL ? 1 : 0) + (of_version ? 1 : 0) != 1 ||
        (!of_type && has_change_options(arguments))) {
        fputs("profilectl: name a type and what to change of it, or a version with --rules,\n"
              "or several changes with --json\n",
              stderr);
        return NULL;
    }
    if (path != NULL) {
        return request_file(path);
    }
    if (of_type) {
        json_t *change = identity_type_change(arguments->words[0], arguments);
        return change == NULL ? NULL : json_pack("{s:[o]}", "changes", change);
    }
    json_t *request = json_object();
    request_text(request, "ruleVersion", arguments, OPT_RULES);
    return request;
}

int identity_simulate(struct session *session, const struct arguments *arguments) {
    static const struct table_column columns[] = {
        {.title = "PROFILE", .whole = true},
        {.title = "LOST", .right = true},
        {.title = "GAINED", .right = true},
        {.title = "PASS", .right = true},
    };
    json_t *request = simulation_request(arguments);
    if (request == NULL) {
        return EXIT_USAGE;
    }
    signals_hold();
    struct profiled_stream *stream = NULL;
    const int code = session_listen(session, "SimulateIdentityTypes", request, &stream);
    if (code != EXIT_DONE) {
        return code;
    }
    struct simulation simulation = {
        .session = session,
        .stream = stream,
        .progress = {.screen = screen_of(stderr)},
        .effect = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT,
    };
    table_init(&simulation.table, columns, sizeof columns / sizeof columns[0]);
    const int run = run_simulation(&simulation);
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

static void add_effect(Profiled__V1__IdentityTypesEffect *sum,
                       const Profiled__V1__IdentityTypesEffect *effect) {
    sum->profile_count += effect->profile_count;
    sum->changed_count += effect->changed_count;
    sum->lost_identity_count += effect->lost_identity_count;
    sum->gained_identity_count += effect->gained_identity_count;
    sum->made_count += effect->made_count;
    sum->unjudged_count += effect->unjudged_count;
    sum->split_count += effect->split_count;
    sum->joined_count += effect->joined_count;
    sum->moved_count += effect->moved_count;
}

/* The ways through all profiles. */
struct applying {
    struct session *session;
    struct progress progress;
    json_t *request; /* Its page token moves on. */
    Profiled__V1__IdentityTypesEffect sum;
    bool answered; /* A page was done. */
    bool done;
    bool settled;
    int32_t pass;      /* Which of the ways. */
    int64_t passed;    /* Profiles on it so far, merged and deleted ones too, and */
    int64_t looked_at; /* on all of them. */
};

/* Counts what the page looked at. An older server has one way and tells profiles alone. */
static void add_looked_at(struct applying *applying,
                          const Profiled__V1__ApplyIdentityTypesResponse *response) {
    if (response->pass != applying->pass) {
        applying->pass = response->pass;
        applying->passed = 0;
    }
    if (response->progress == NULL) {
        applying->looked_at += response->effect->profile_count;
        return;
    }
    applying->looked_at += response->progress->looked_at_count - applying->passed;
    applying->passed = response->progress->looked_at_count;
}

/* One page. */
static int apply_page(struct applying *applying) {
    ProtobufCMessage *message = NULL;
    const int code = session_call(applying->session, "ApplyIdentityTypes",
                                  json_copy(applying->request), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__ApplyIdentityTypesResponse *response =
        (const Profiled__V1__ApplyIdentityTypesResponse *)message;
    add_effect(&applying->sum, response->effect);
    add_looked_at(applying, response);
    json_object_set_new(applying->request, "pageToken", json_string(response->next_page_token));
    applying->answered = true;
    applying->done = response->done;
    applying->settled = response->settled;
    tell_progress(&applying->progress, response->total_profile_count, response->pass,
                  response->progress);
    profiled_message_free(message);
    return code;
}

enum going_on { GOES_ON, BEGINS_AGAIN, IS_OF_NO_USE };

/* What may help after a page has ended so. A token is of no more use where the rules have changed
 * (ABORTED), or where the server does not take it (INVALID_ARGUMENT). */
static enum going_on going_on_after(int code) {
    switch (code) {
    case EXIT_DONE: /* Interrupted. */
    case EXIT_STATUS + PROFILED_CANCELLED:
    case EXIT_STATUS + PROFILED_UNKNOWN:
    case EXIT_STATUS + PROFILED_DEADLINE_EXCEEDED:
    case EXIT_STATUS + PROFILED_RESOURCE_EXHAUSTED:
    case EXIT_STATUS + PROFILED_UNAVAILABLE:
        return GOES_ON;
    case EXIT_STATUS + PROFILED_ABORTED:
    case EXIT_STATUS + PROFILED_INVALID_ARGUMENT:
        return BEGINS_AGAIN;
    default:
        return IS_OF_NO_USE;
    }
}

/* Says how to go on, where some way was made. */
static void tell_going_on(const struct applying *applying, int code) {
    const char *token = json_string_value(json_object_get(applying->request, "pageToken"));
    if (token == NULL || token[0] == '\0') {
        return;
    }
    switch (going_on_after(code)) {
    case GOES_ON:
        fprintf(stderr, "To go on: --page-token %s\n", token);
        break;
    case BEGINS_AGAIN:
        fputs("Begin again, without --page-token: what is done already is not done twice\n",
              stderr);
        break;
    case IS_OF_NO_USE:
        break;
    }
}

static int print_applied(const struct applying *applying) {
    if (!applying->answered) {
        return EXIT_DONE;
    }
    if (applying->session->output != OUTPUT_TABLE) {
        return output_message(applying->session, &applying->sum.base);
    }
    if (!applying->done) {
        fputs("So far:\n\n", stdout);
    }
    print_effect(&applying->sum);
    return EXIT_DONE;
}

static int apply_all(struct applying *applying, int64_t rate) {
    const int64_t began_us = progress_now_us();
    int code = EXIT_DONE;
    while (code == EXIT_DONE && !applying->done && !interrupted) {
        progress_wait(began_us, applying->looked_at, rate);
        code = interrupted ? code : apply_page(applying);
    }
    progress_end(&applying->progress);
    const int printed = print_applied(applying);
    if (applying->done) {
        tell_unsettled(applying->settled, applying->pass);
        return printed;
    }
    tell_going_on(applying, code);
    return code != EXIT_DONE ? code : EXIT_LOCAL;
}

int identity_apply(struct session *session, const struct arguments *arguments) {
    int64_t rate = 0;
    if (!arguments_number(arguments, OPT_RATE, 1, RATE_MAX, 0, &rate)) {
        return EXIT_USAGE;
    }
    const struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    const int64_t page = rate > 0 && rate < PAGE_MAX ? rate : PAGE_MAX;
    struct applying applying = {
        .session = session,
        .progress = {.screen = screen_of(stderr)},
        .request = json_pack("{s:I}", "maxProfiles", (json_int_t)page),
        .sum = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT,
    };
    request_text(applying.request, "pageToken", arguments, OPT_PAGE_TOKEN);
    const int code = apply_all(&applying, rate);
    json_decref(applying.request);
    return code;
}
