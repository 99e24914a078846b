/* `profilectl watch`: follows what becomes of persons, a line a change, until somebody ends it. */

#include "client/cli/command.h"
#include "client/cli/follow.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/text.h"
#include "client/json.h"
#include "client/rfc3339.h"

#include "profiled/v1/change_service.pb-c.h"

enum {
    WATCH_ATTEMPTS_MAX = 60, /* Some minutes: a server that is brought up anew is worth the wait. */
    HEARTBEAT_SECONDS = 30,
    HEARTBEATS_IN_SILENCE = 3,
    MS_PER_SECOND = 1000,
    SILENCE_MIN_MS = 3000, /* There is a heartbeat a second at most. */
};

struct watching {
    struct follow follow;
    const char *subscription; /* NULL for none. */
    bool until_caught_up;
};

/* ---- a change, for people ---- */

/* The kind as --kind takes it. */
static void kind_word(Profiled__V1__ChangeKind kind, char out[WORDS_SIZE]) {
    output_words(&profiled__v1__change_kind__descriptor, (int32_t)kind, "CHANGE_KIND_", out);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == ' ' ? '-' : *at;
    }
}

static void tell_word(const char *before, const char *word) {
    if (word[0] != '\0') {
        fputs(before, stdout);
        text_tell(stdout, word);
    }
}

/* What it is about: those of the fields that the kind has. */
static void tell_subject(const Profiled__V1__Change *change) {
    char words[WORDS_SIZE];
    for (size_t i = 0; change->update_mask != NULL && i < change->update_mask->n_paths; i++) {
        tell_word(i == 0 ? "  " : ",", change->update_mask->paths[i]);
    }
    tell_word(change->kind == PROFILED__V1__CHANGE_KIND__CHANGE_KIND_PROFILE_MERGED ? "  into "
                                                                                    : "  from ",
              change->other_profile_id);
    tell_word("  ", change->identity_type);
    output_words(&profiled__v1__identity_rule__descriptor, (int32_t)change->identity_rule,
                 "IDENTITY_RULE_", words);
    tell_word(", ", words);
    output_words(&profiled__v1__interaction_kind__descriptor, (int32_t)change->interaction_kind,
                 "INTERACTION_KIND_", words);
    tell_word("  ", words);
    tell_word(", ", change->channel);
    tell_word("  ", change->interaction_id);
    tell_word("  ", change->segment);
    tell_word(", ", change->filled ? "filled" : "");
}

static void tell_change(const struct session *session, const Profiled__V1__Change *change) {
    char time[RFC3339_SIZE] = "";
    char kind[WORDS_SIZE];
    if (change->commit_time != NULL) {
        (void)rfc3339_format(change->commit_time->seconds, change->commit_time->nanos, time);
    }
    kind_word(change->kind, kind);
    fprintf(stdout, "%-27s  %-20s", time, kind);
    tell_word("  ", change->profile_id);
    tell_subject(change);
    if (change->profile != NULL) {
        fputs("  ", stdout);
        output_text(&session->screen, change->profile->name);
    }
    fputc('\n', stdout);
}

/* ---- messages ---- */

/* Each change on a line, and on one behind them where to go on: whoever stores that has all before.
 */
static int write_lines(const Profiled__V1__WatchChangesResponse *response) {
    json_t *lines = json_array();
    for (size_t i = 0; i < response->n_changes; i++) {
        json_array_append_new(lines, json_from_message(&response->changes[i]->base));
    }
    json_array_append_new(lines, json_pack("{s:s,s:b,s:b}", "resumeToken", response->resume_token,
                                           "inSnapshot", response->in_snapshot, "caughtUp",
                                           response->caught_up));
    return output_lines(lines);
}

/* Moves on behind a message that was written: by its token, or by that of the subscription. */
static int go_on_behind(const struct watching *watching, struct follow *follow, const char *token) {
    if (watching->subscription == NULL) {
        follow_set_token(follow, token);
        return EXIT_DONE;
    }
    ProtobufCMessage *answer = NULL;
    const int code = session_call(
        follow->session, "AcknowledgeChanges",
        json_pack("{s:s,s:s}", "name", watching->subscription, "resumeToken", token), &answer);
    if (code == EXIT_DONE) {
        profiled_message_free(answer);
    } else {
        fputs("Not acknowledged: what was written last is told again\n", stderr);
    }
    return code;
}

static int take(struct follow *follow, const ProtobufCMessage *message) {
    struct watching *watching = follow->state;
    const Profiled__V1__WatchChangesResponse *response =
        (const Profiled__V1__WatchChangesResponse *)message;
    int code = EXIT_DONE;
    if (follow->session->output == OUTPUT_TABLE) {
        for (size_t i = 0; i < response->n_changes; i++) {
            tell_change(follow->session, response->changes[i]);
        }
    } else {
        code = write_lines(response);
    }
    code = code == EXIT_DONE ? output_flush() : code;
    if (code == EXIT_DONE) {
        code = go_on_behind(watching, follow, response->resume_token);
        follow->done = watching->until_caught_up && response->caught_up && !response->in_snapshot;
    }
    return code;
}

/* ---- the command ---- */

/* How often the server is to say something: several times in the silence after which it is taken
 * for lost, and soon where an end is waited for. */
static int64_t heartbeat_seconds(const struct session *session, const struct arguments *arguments) {
    const int64_t seconds = session->timeout_ms / MS_PER_SECOND / HEARTBEATS_IN_SILENCE;
    if (arguments_has(arguments, OPT_UNTIL_CAUGHT_UP)) {
        return 1;
    }
    if (session->timeout_ms == 0 || seconds > HEARTBEAT_SECONDS) {
        return HEARTBEAT_SECONDS;
    }
    return seconds == 0 ? 1 : seconds;
}

static json_t *read_request(const struct session *session, const struct arguments *arguments) {
    json_t *request = json_object();
    if (!request_change_kinds(request, arguments)) {
        json_decref(request);
        return NULL;
    }
    request_names(request, "segments", arguments, OPT_OF_SEGMENTS);
    request_text(request, "filter", arguments, OPT_CHANGE_FILTER);
    request_text(request, "resumeToken", arguments, OPT_FROM);
    request_text(request, "subscription", arguments, OPT_SUBSCRIPTION);
    request_flag(request, "snapshot", arguments, OPT_SNAPSHOT);
    request_flag(request, "includeProfile", arguments, OPT_WITH_PROFILE);
    json_object_set_new(request, "heartbeatSeconds",
                        json_integer(heartbeat_seconds(session, arguments)));
    return request;
}

int changes_watch(struct session *session, const struct arguments *arguments) {
    json_t *request = read_request(session, arguments);
    if (request == NULL) {
        return EXIT_USAGE;
    }
    struct watching watching = {.subscription = arguments_get(arguments, OPT_SUBSCRIPTION),
                                .until_caught_up = arguments_has(arguments, OPT_UNTIL_CAUGHT_UP)};
    follow_open(&watching.follow, session, "WatchChanges", request, take, &watching);
    watching.follow.attempts_max = WATCH_ATTEMPTS_MAX;
    if (watching.follow.silence_ms < SILENCE_MIN_MS) {
        watching.follow.silence_ms = SILENCE_MIN_MS;
    }
    const int code = follow_run_until_signal(&watching.follow);
    if (watching.follow.began && follow_token(&watching.follow)[0] != '\0') {
        fprintf(stderr, "Go on with --from %s\n", follow_token(&watching.follow));
    }
    follow_close(&watching.follow);
    return code;
}
