/* `profilectl segment preview`: how many persons a filter finds, and some of them. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/profile_rows.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/json.h"

#include "profiled/v1/segment_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLE_MAX = 100 };

/* An answer that is coming in. */
struct previewing {
    struct session *session;
    struct progress progress;
    int64_t looked_at;
    json_t *whole;  /* The last message. Ours. NULL before the first. */
    json_t *sample; /* Of all messages. Ours. */

    /* For the table: the messages that have persons of the sample, and these. Each has one at
     * least. */
    ProtobufCMessage *messages[SAMPLE_MAX];
    size_t message_count;
    Profiled__V1__Profile *profiles[SAMPLE_MAX];
    size_t profile_count;
};

/* Keeps the persons of a message, as far as there is room. False when it has none. */
static bool keep_sample(struct previewing *previewing, ProtobufCMessage *message) {
    const Profiled__V1__PreviewSegmentResponse *response =
        (const Profiled__V1__PreviewSegmentResponse *)message;
    const size_t before = previewing->profile_count;
    for (size_t i = 0; i < response->n_sample && previewing->profile_count < SAMPLE_MAX; i++) {
        previewing->profiles[previewing->profile_count++] = response->sample[i];
    }
    if (previewing->profile_count == before) {
        return false;
    }
    previewing->messages[previewing->message_count++] = message;
    return true;
}

/* Takes a message. */
static void take(struct previewing *previewing, ProtobufCMessage *message) {
    const Profiled__V1__PreviewSegmentResponse *response =
        (const Profiled__V1__PreviewSegmentResponse *)message;
    const struct progress_place place = {.profiles = response->looked_at_count};
    progress_tell(&previewing->progress, &place, progress_now_us());
    previewing->looked_at = response->looked_at_count;
    json_decref(previewing->whole);
    previewing->whole = json_from_message(message);
    json_array_extend(previewing->sample, json_object_get(previewing->whole, "sample"));
    if (!keep_sample(previewing, message)) {
        profiled_message_free(message);
    }
}

static int receive_all(struct previewing *previewing, json_t *request) {
    struct profiled_stream *stream = NULL;
    const int code = session_listen(previewing->session, "PreviewSegment", request, &stream);
    if (code != EXIT_DONE) {
        return code;
    }
    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        take(previewing, message);
    }
    progress_end(&previewing->progress);
    struct profiled_error error = PROFILED_ERROR_INIT;
    return profiled_stream_finish(stream, &error) ? EXIT_DONE
                                                  : session_failed(previewing->session, &error);
}

/* "12 persons, gone through one by one: 400 looked at". */
static void print_table(const struct previewing *previewing) {
    json_t *whole = previewing->whole;
    const char *count = json_string_value(json_object_get(whole, "memberCount"));
    const bool is_one = count != NULL && strcmp(count, "1") == 0;
    fprintf(stdout, "%s%s %s, ", json_is_true(json_object_get(whole, "counted")) ? "" : "So far ",
            count == NULL ? "0" : count, is_one ? "person" : "persons");
    if (json_is_true(json_object_get(whole, "scanned"))) {
        fprintf(stdout, "gone through one by one: %" PRId64 " looked at\n", previewing->looked_at);
    } else {
        fputs("counted by sets\n", stdout);
    }
    if (previewing->profile_count > 0) {
        fputc('\n', stdout);
        profile_rows_print(previewing->session, previewing->profiles, previewing->profile_count,
                           false);
    }
}

static int print_all(struct previewing *previewing) {
    if (previewing->whole == NULL) {
        fputs("profilectl: the server has not said how many they are\n", stderr);
        return EXIT_LOCAL;
    }
    if (previewing->session->output == OUTPUT_TABLE) {
        print_table(previewing);
        return EXIT_DONE;
    }
    json_object_set(previewing->whole, "sample", previewing->sample);
    return output_json(previewing->session, json_incref(previewing->whole));
}

int segment_preview(struct session *session, const struct arguments *arguments) {
    json_t *request = json_object();
    request_text(request, "filter", arguments, OPT_SEGMENT_FILTER);
    if (!request_whole(request, "sampleSize", arguments, OPT_SAMPLE, 0, 100)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    struct previewing previewing = {.session = session, .sample = json_array()};
    previewing.progress.screen = screen_of(stderr);
    previewing.progress.noun = "profiles looked at";
    if (session->output == OUTPUT_TABLE) {
        json_object_set_new(request, "readMask", json_string("id,name,identities,updateTime"));
    }
    int code = receive_all(&previewing, request);
    if (code == EXIT_DONE) {
        code = print_all(&previewing);
    }
    for (size_t i = 0; i < previewing.message_count; i++) {
        profiled_message_free(previewing.messages[i]);
    }
    json_decref(previewing.sample);
    json_decref(previewing.whole);
    return code;
}
