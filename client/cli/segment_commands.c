/* The commands of the group `segment` that are about segments themselves; who is in them is asked
 * in segment_member_commands.c. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/profile_rows.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/cli/segment_view.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/json.h"

#include "profiled/v1/segment_service.pb-c.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    SHOWN_MEMBERS = 10,
    SECONDS_PER_DAY = 86400,
    WAIT_US = 200000, /* Between two looks at one that is not ready. */
    MASK_SIZE = 128,
};

/* ---- reading ---- */

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListSegmentsResponse *list =
        (const Profiled__V1__ListSegmentsResponse *)message;
    *page = (struct page){list->n_segments, "segments", list->next_page_token, page->state};
    if (session->output != OUTPUT_TABLE) {
        return;
    }
    if (list->n_segments > 0) {
        segment_view_rows(session, list->segments, list->n_segments);
    } else if (list->next_page_token[0] == '\0' && !session->screen.run->begun) {
        fputs("No segments.\n", stdout);
    }
}

int segment_list(struct session *session, const struct arguments *arguments) {
    json_t *request = json_object();
    request_flag(request, "showArchived", arguments, OPT_ARCHIVED);
    return pages_print(session, arguments, "ListSegments", request, print_page);
}

/* A segment as it is shown. */
struct shown {
    ProtobufCMessage *segment;
    ProtobufCMessage *sizes;
    ProtobufCMessage *members;
};

static int ask_shown(struct session *session, const char *name, struct shown *shown) {
    int code =
        session_call(session, "GetSegment", json_pack("{s:s}", "name", name), &shown->segment);
    if (code == EXIT_DONE) {
        code = session_call(session, "ListSegmentSizes", json_pack("{s:s}", "name", name),
                            &shown->sizes);
    }
    if (code == EXIT_DONE) {
        code = session_call(session, "ListSegmentMembers",
                            json_pack("{s:s,s:i}", "name", name, "pageSize", SHOWN_MEMBERS),
                            &shown->members);
    }
    return code;
}

static void view_shown(const struct session *session, const struct shown *shown) {
    const Profiled__V1__ListSegmentMembersResponse *members =
        (const Profiled__V1__ListSegmentMembersResponse *)shown->members;
    segment_view_one(session, ((const Profiled__V1__GetSegmentResponse *)shown->segment)->segment);
    segment_view_sizes(session, (const Profiled__V1__ListSegmentSizesResponse *)shown->sizes,
                       (int64_t)time(NULL) / SECONDS_PER_DAY);
    if (members->n_profiles > 0) {
        output_heading(session,
                       members->next_page_token[0] == '\0' ? "Members\n" : "First members\n");
        profile_rows_print(session, members->profiles, members->n_profiles, true);
    }
}

/* Puts a list of another answer into the JSON under this name; an empty one, too. */
static void put_list(json_t *json, const char *name, const ProtobufCMessage *answer,
                     const char *field) {
    json_t *all = json_from_message(answer);
    json_t *list = json_object_get(all, field);
    json_object_set_new(json, name, list == NULL ? json_array() : json_incref(list));
    json_decref(all);
}

static int print_shown(const struct session *session, const struct shown *shown) {
    if (session->output == OUTPUT_TABLE) {
        view_shown(session, shown);
        return EXIT_DONE;
    }
    json_t *json = json_from_message(shown->segment);
    put_list(json, "sizes", shown->sizes, "sizes");
    put_list(json, "members", shown->members, "profiles");
    return output_json(session, json);
}

int segment_show(struct session *session, const struct arguments *arguments) {
    struct shown shown = {NULL, NULL, NULL};
    int code = ask_shown(session, arguments->words[0], &shown);
    if (code == EXIT_DONE) {
        code = print_shown(session, &shown);
    }
    profiled_message_free(shown.segment);
    profiled_message_free(shown.sizes);
    profiled_message_free(shown.members);
    return code;
}

/* ---- waiting ---- */

/* All four answers with one segment are of one shape. */
static const Profiled__V1__Segment *segment_in(const ProtobufCMessage *answer) {
    return ((const Profiled__V1__GetSegmentResponse *)answer)->segment;
}

static void view_segment(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    (void)arguments;
    Profiled__V1__Segment *segment = ((const Profiled__V1__GetSegmentResponse *)answer)->segment;
    segment_view_rows(session, &segment, 1);
}

static bool is_filling(const Profiled__V1__Segment *segment) {
    return !segment->ready && segment->state == PROFILED__V1__SEGMENT_STATE__SEGMENT_STATE_ACTIVE;
}

/* Nobody fills it to its end. */
static bool is_stuck(const Profiled__V1__Segment *segment) {
    return is_filling(segment) && segment->waits_for[0] != '\0';
}

static void tell_stuck(const Profiled__V1__Segment *segment) {
    fprintf(stderr,
            "profilectl: %s does not get ready: it waits for %s, which is not active and was never "
            "filled.\nTo have it filled: profilectl segment update %s --state active\n",
            segment->name, segment->waits_for, segment->waits_for);
}

static void tell_place(struct progress *progress, const Profiled__V1__Segment *segment) {
    const struct progress_place place = {segment->looked_at_count, segment->progress_percent, 100};
    progress_tell(progress, &place, progress_now_us());
}

/* Waits until the segment in `*answer` is ready, or it is seen that it does not get ready, which
 * becomes the latest answer. The server fills it whether somebody waits or not. */
static int wait_for(struct session *session, ProtobufCMessage **answer) {
    struct progress progress = {.screen = screen_of(stderr)};
    const int64_t began_us = progress_now_us();
    int code = EXIT_DONE;
    for (int64_t looks = 1;
         code == EXIT_DONE && is_filling(segment_in(*answer)) && !is_stuck(segment_in(*answer));
         looks++) {
        tell_place(&progress, segment_in(*answer));
        progress_wait(began_us, looks, INT64_C(1000000) / WAIT_US);
        ProtobufCMessage *next = NULL;
        code = session_call(session, "GetSegment",
                            json_pack("{s:s}", "name", segment_in(*answer)->name), &next);
        if (code == EXIT_DONE) {
            profiled_message_free(*answer);
            *answer = next;
        }
    }
    progress_end(&progress);
    return code;
}

/* Prints what became of it, and says what is still to come. One that was waited for in vain is a
 * failure. Takes the answer. */
static int segment_print(struct session *session, const struct arguments *arguments,
                         ProtobufCMessage *answer) {
    const Profiled__V1__Segment *segment = segment_in(answer);
    const bool in_vain = is_stuck(segment) && arguments_has(arguments, OPT_WAIT);
    int code = EXIT_DONE;
    if (session->output == OUTPUT_TABLE) {
        view_segment(session, arguments, answer);
    } else {
        code = output_message(session, answer);
    }
    fflush(stdout); /* The segment first, where both go to one place. */
    if (is_filling(segment) && !arguments_has(arguments, OPT_DRY_RUN)) {
        if (is_stuck(segment)) {
            tell_stuck(segment);
        } else {
            fputs("The server is filling it: profilectl segment list tells how far it is.\n",
                  stderr);
        }
    }
    profiled_message_free(answer);
    return code == EXIT_DONE && in_vain ? EXIT_LOCAL : code;
}

/* Makes or changes a segment, waits for it where --wait says so, and prints it. Takes the reference
 * to the request. */
static int change(struct session *session, const struct arguments *arguments, const char *method,
                  json_t *request) {
    ProtobufCMessage *answer = NULL;
    request_write(request, arguments);
    int code = session_call(session, method, request, &answer);
    if (code == EXIT_DONE && arguments_has(arguments, OPT_WAIT)) {
        code = wait_for(session, &answer);
    }
    if (code != EXIT_DONE) {
        profiled_message_free(answer);
        return code;
    }
    return segment_print(session, arguments, answer);
}

/* ---- changing ---- */

/* What of a segment is a text of the command line. */
static const struct {
    enum cli_option option;
    const char *field;
} texts[] = {
    {OPT_SEGMENT_FILTER, "filter"},
    {OPT_DISPLAY_NAME, "displayName"},
    {OPT_DESCRIPTION, "description"},
    {OPT_COLOR, "color"},
};

static void read_texts(json_t *segment, const struct arguments *arguments) {
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        request_text(segment, texts[i].field, arguments, texts[i].option);
    }
}

int segment_create(struct session *session, const struct arguments *arguments) {
    const bool is_static = arguments_has(arguments, OPT_STATIC);
    if (!is_static && !arguments_has(arguments, OPT_SEGMENT_FILTER)) {
        fputs("profilectl: a segment has a --filter, or is --static\n", stderr);
        return EXIT_USAGE;
    }
    json_t *segment = json_pack("{s:s,s:s}", "name", arguments->words[0], "kind",
                                is_static ? "SEGMENT_KIND_STATIC" : "SEGMENT_KIND_DYNAMIC");
    json_t *request = json_pack("{s:o}", "segment", segment);
    read_texts(segment, arguments);
    if (arguments_has(arguments, OPT_TAGGED) &&
        !request_single_pairs(segment, "labels", arguments, OPT_TAGGED)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    return change(session, arguments, "CreateSegment", request);
}

/* The fields that the options name, as the mask of the JSON mapping. */
static json_t *mask_of(const struct arguments *arguments) {
    char mask[MASK_SIZE] = "";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (arguments_has(arguments, texts[i].option)) {
            text_append(mask, sizeof mask, ",", texts[i].field);
        }
    }
    if (arguments_has(arguments, OPT_KEPT)) {
        text_append(mask, sizeof mask, ",", "state");
    }
    if (arguments_has(arguments, OPT_RETAGGED)) {
        text_append(mask, sizeof mask, ",", "labels");
    }
    return json_string(mask);
}

/* What is told of labels goes into those that the segment has: an empty one is taken away. The etag
 * keeps what somebody else writes in between. */
static int complete_labels(struct session *session, json_t *segment) {
    ProtobufCMessage *answer = NULL;
    json_t *request =
        json_pack("{s:s}", "name", json_string_value(json_object_get(segment, "name")));
    const int code = session_call(session, "GetSegment", request, &answer);
    if (code != EXIT_DONE) {
        return code;
    }
    json_t *there = json_from_message(&segment_in(answer)->base);
    json_t *before = json_object_get(there, "labels");
    json_t *labels = json_object_get(segment, "labels");
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach(before, key, value) {
        if (json_object_get(labels, key) == NULL) {
            json_object_set(labels, key, value);
        }
    }
    json_object_foreach_safe(labels, next, key, value) {
        if (json_string_length(value) == 0) {
            json_object_del(labels, key);
        }
    }
    if (json_object_get(segment, "etag") == NULL) {
        json_object_set(segment, "etag", json_object_get(there, "etag"));
    }
    json_decref(there);
    profiled_message_free(answer);
    return EXIT_DONE;
}

/* The segment out of the options; NULL, told, when it can't be read. */
static json_t *read_update(const struct arguments *arguments) {
    json_t *segment = json_pack("{s:s}", "name", arguments->words[0]);
    read_texts(segment, arguments);
    request_text(segment, "etag", arguments, OPT_ETAG);
    const bool good = request_enum(segment, "state", &profiled__v1__segment_state__descriptor,
                                   "SEGMENT_STATE_", arguments, OPT_KEPT) &&
                      (!arguments_has(arguments, OPT_RETAGGED) ||
                       request_single_pairs(segment, "labels", arguments, OPT_RETAGGED));
    if (!good) {
        json_decref(segment);
        return NULL;
    }
    return segment;
}

int segment_update(struct session *session, const struct arguments *arguments) {
    json_t *mask = mask_of(arguments);
    if (json_string_length(mask) == 0) {
        fputs("profilectl: nothing to change: give --filter, --state or another option of\n"
              "`profilectl segment update --help`\n",
              stderr);
        json_decref(mask);
        return EXIT_USAGE;
    }
    json_t *segment = read_update(arguments);
    int code = segment == NULL ? EXIT_USAGE : EXIT_DONE;
    if (code == EXIT_DONE && arguments_has(arguments, OPT_RETAGGED)) {
        code = complete_labels(session, segment);
    }
    if (code != EXIT_DONE) {
        json_decref(segment);
        json_decref(mask);
        return code;
    }
    return change(session, arguments, "UpdateSegment",
                  json_pack("{s:o,s:o}", "segment", segment, "updateMask", mask));
}

int segment_delete(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:s}", "name", arguments->words[0]);
    request_text(request, "etag", arguments, OPT_ETAG);
    request_write(request, arguments);
    return answer_ask(session, arguments, "DeleteSegment", request, view_segment);
}
