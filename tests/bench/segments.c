/* What RecordInteraction costs the server where there are no segments, few, and many, of which the
 * write concerns ten: the same, but for these ten, since filters are found by the fields that they
 * read. Each number of segments has a workspace of its own; these take turns, so that what disturbs
 * the machine for a while disturbs all of them alike. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "profiled/v1/segment_service.pb-c.h"
#include "tests/bench/served.h"

enum {
    CONCERNED = 10, /* Segments that read what the write changes. */
    OTHER_FIELDS = 40,
    PEOPLE = 100,
    CALLS = 50, /* In a row, of one round. */
    ROUNDS = 61,
    NAME_SIZE = 64,
    FILTER_SIZE = 128,
    RATIO_MAX = 2,
    WAIT_TRIES = 600,
};

/* A workspace with so many segments. */
struct trial {
    const char *workspace;
    uint32_t segments;
    double us[ROUNDS];
    double cpu_us[ROUNDS];
};

static struct trial trials[] = {
    {.workspace = "none", .segments = 0},
    {.workspace = "ten", .segments = 10},
    {.workspace = "hundred", .segments = 100},
    {.workspace = "thousand", .segments = 1000},
};
enum { TRIALS = sizeof trials / sizeof *trials };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* ---- segments ---- */

static void define(const struct profiled_call_options *options, uint32_t number) {
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "field_%" PRIu32, number);
    Profiled__V1__AttributeDefinition attribute = PROFILED__V1__ATTRIBUTE_DEFINITION__INIT;
    attribute.name = name;
    attribute.type = PROFILED__V1__ATTRIBUTE_TYPE__ATTRIBUTE_TYPE_NUMBER;
    Profiled__V1__CreateAttributeRequest request = PROFILED__V1__CREATE_ATTRIBUTE_REQUEST__INIT;
    request.attribute = &attribute;
    struct profiled_error error = PROFILED_ERROR_INIT;
    Profiled__V1__CreateAttributeResponse *response = NULL;
    served_check(profiled_create_attribute(served.client, &request, options, &response, &error),
                 &error);
    profiled_message_free(&response->base);
}

/* The first ten read how much somebody wrote; the others one of forty attributes each. */
static void add_segment(const struct profiled_call_options *options, uint32_t number) {
    char name[NAME_SIZE];
    char filter[FILTER_SIZE];
    snprintf(name, sizeof name, "segment_%" PRIu32, number);
    if (number < CONCERNED) {
        snprintf(filter, sizeof filter, "interaction_count > %" PRIu32, number * 1000);
    } else {
        snprintf(filter, sizeof filter, "attributes.field_%" PRIu32 " > %" PRIu32,
                 number % OTHER_FIELDS, number);
    }
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    segment.name = name;
    segment.kind = PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
    segment.filter = filter;
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    request.segment = &segment;
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *response = NULL;
    served_check(profiled_call(served.client, &profiled__v1__segment_service__descriptor,
                               "CreateSegment", &request.base, options, &response, &error),
                 &error);
    profiled_message_free(response);
}

static bool is_ready(const struct profiled_call_options *options, uint32_t number) {
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "segment_%" PRIu32, number);
    Profiled__V1__GetSegmentRequest request = PROFILED__V1__GET_SEGMENT_REQUEST__INIT;
    request.name = name;
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *response = NULL;
    served_check(profiled_call(served.client, &profiled__v1__segment_service__descriptor,
                               "GetSegment", &request.base, options, &response, &error),
                 &error);
    const bool ready = ((Profiled__V1__GetSegmentResponse *)response)->segment->ready;
    profiled_message_free(response);
    return ready;
}

static void wait_until_ready(const struct profiled_call_options *options, uint32_t number) {
    const struct timespec pause = {0, 100000000};
    for (int i = 0; i < WAIT_TRIES; i++) {
        if (is_ready(options, number)) {
            return;
        }
        nanosleep(&pause, NULL);
    }
    fputs("a segment is not filled\n", stderr);
    exit(EXIT_FAILURE);
}

/* ---- interactions ---- */

static void record(const struct profiled_call_options *options, uint32_t person) {
    char email[NAME_SIZE];
    snprintf(email, sizeof email, "person%" PRIu32 "@example.com", person);
    Profiled__V1__Engagement engagement = PROFILED__V1__ENGAGEMENT__INIT;
    engagement.channel = text("whatsapp");
    engagement.text = text("When will it come?");
    engagement.theme = text("delivery");
    served_record(options, email, &engagement);
}

static void prepare(const struct trial *trial) {
    const struct profiled_call_options options = {.workspace = trial->workspace};
    for (uint32_t i = 0; i < OTHER_FIELDS; i++) {
        define(&options, i);
    }
    for (uint32_t i = 0; i < PEOPLE; i++) {
        record(&options, i);
    }
    for (uint32_t i = 0; i < trial->segments; i++) {
        add_segment(&options, i);
    }
    for (uint32_t i = 0; i < trial->segments; i++) {
        wait_until_ready(&options, i);
    }
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void measure(struct trial *trial, uint32_t round) {
    const struct profiled_call_options options = {.workspace = trial->workspace};
    const uint64_t cpu_ns = process_cpu_ns(&served.server);
    const double began_us = now_us();
    for (uint32_t i = 0; i < CALLS; i++) {
        record(&options, (round * CALLS + i) % PEOPLE);
    }
    trial->us[round] = (now_us() - began_us) / CALLS;
    trial->cpu_us[round] = (double)(process_cpu_ns(&served.server) - cpu_ns) / 1e3 / CALLS;
}

/* ---- the report ---- */

/* False when the last ratio is over what is promised. */
static bool tell(const char *name, double (*const values[TRIALS])[ROUNDS]) {
    const double least = served_median(*values[0], ROUNDS);
    double value = least;
    printf("%-22s", name);
    for (size_t i = 0; i < TRIALS; i++) {
        value = i == 0 ? least : served_median(*values[i], ROUNDS);
        printf("%8.0f %5.2f", value, value / least);
    }
    putchar('\n');
    return value <= RATIO_MAX * least;
}

int main(void) {
    const char *const workspaces[] = {trials[0].workspace, trials[1].workspace, trials[2].workspace,
                                      trials[3].workspace, NULL};
    served_open_workspaces("segments", workspaces);
    for (size_t i = 0; i < TRIALS; i++) {
        prepare(&trials[i]);
    }
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < TRIALS; i++) {
            measure(&trials[i], round);
        }
    }
    served_close();
    printf("RecordInteraction with so many active segments, of which it concerns %d at most; "
           "medians of %d rounds\nof %d calls, one at a time, and their ratio to the first.\n\n"
           "%-22s",
           CONCERNED, ROUNDS, CALLS, "");
    for (size_t i = 0; i < TRIALS; i++) {
        printf("%8" PRIu32 " ratio", trials[i].segments);
    }
    putchar('\n');
    double(*const us[TRIALS])[ROUNDS] = {&trials[0].us, &trials[1].us, &trials[2].us,
                                         &trials[3].us};
    double(*const cpu_us[TRIALS])[ROUNDS] = {&trials[0].cpu_us, &trials[1].cpu_us,
                                             &trials[2].cpu_us, &trials[3].cpu_us};
    bool good = tell("server cpu, µs", cpu_us);
    (void)tell("as the caller sees, µs", us);
    puts(good ? "\nwithin twice" : "\nNOT within twice");
    return good ? 0 : 1;
}
