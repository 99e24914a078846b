/* What becomes of writes while a time comes for many persons at once: all of them are in a segment
 * that waits for one moment. Somebody writes, one call at a time, before that moment and while they
 * are gone through; the latencies of both are told, and how many persons a second entered. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client/profiled_calls.h"
#include "profiled/v1/segment_service.pb-c.h"
#include "tests/bench/histogram.h"
#include "tests/bench/served.h"

enum {
    PEOPLE = 100000,
    BATCH = 1000,
    SEGMENTS = 5,      /* That wait for the moment. */
    LEAD_SECONDS = 60, /* In which all is made, and the latencies before are measured. */
    BEFORE_SECONDS = 5,
    NAME_SIZE = 64,
    FILTER_SIZE = 128,
};

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static int64_t now_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void asked(const ProtobufCServiceDescriptor *service, const char *method,
                  const ProtobufCMessage *request) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *response = NULL;
    served_check(profiled_call(served.client, service, method, request, NULL, &response, &error),
                 &error);
    profiled_message_free(response);
}

/* ---- people ---- */

static void define(void) {
    Profiled__V1__AttributeDefinition attribute = PROFILED__V1__ATTRIBUTE_DEFINITION__INIT;
    attribute.name = text("due");
    attribute.type = PROFILED__V1__ATTRIBUTE_TYPE__ATTRIBUTE_TYPE_TIME;
    Profiled__V1__CreateAttributeRequest request = PROFILED__V1__CREATE_ATTRIBUTE_REQUEST__INIT;
    request.attribute = &attribute;
    asked(&profiled__v1__schema_service__descriptor, "CreateAttribute", &request.base);
}

/* People who wait for the same moment. */
static void make_people(Google__Protobuf__Timestamp *moment) {
    static char emails[BATCH][NAME_SIZE];
    static Profiled__V1__Identity identities[BATCH];
    static Profiled__V1__Identity *lists[BATCH];
    static Profiled__V1__Record records[BATCH];
    static Profiled__V1__Record *all[BATCH];
    Profiled__V1__RecordAttribute value = PROFILED__V1__RECORD_ATTRIBUTE__INIT;
    value.value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TIME;
    value.time = moment;
    Profiled__V1__Record__AttributesEntry entry = PROFILED__V1__RECORD__ATTRIBUTES_ENTRY__INIT;
    entry.key = text("due");
    entry.value = &value;
    Profiled__V1__Record__AttributesEntry *attributes = &entry;
    for (uint32_t made = 0; made < PEOPLE; made += BATCH) {
        for (uint32_t i = 0; i < BATCH; i++) {
            snprintf(emails[i], NAME_SIZE, "person%" PRIu32 "@example.com", made + i);
            profiled__v1__identity__init(&identities[i]);
            identities[i].type = text("email");
            identities[i].value = emails[i];
            lists[i] = &identities[i];
            profiled__v1__record__init(&records[i]);
            records[i].n_identities = 1;
            records[i].identities = &lists[i];
            records[i].n_attributes = 1;
            records[i].attributes = &attributes;
            all[i] = &records[i];
        }
        Profiled__V1__BatchResolveProfilesRequest request =
            PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
        request.n_records = BATCH;
        request.records = all;
        asked(&profiled__v1__identity_service__descriptor, "BatchResolveProfiles", &request.base);
    }
}

/* ---- segments ---- */

static const char *name_of(uint32_t number) {
    static char name[NAME_SIZE];
    snprintf(name, sizeof name, "due_%" PRIu32, number);
    return name;
}

static void make_segment(uint32_t number) {
    char filter[FILTER_SIZE];
    snprintf(filter, sizeof filter, "attributes.due < now AND completeness < %" PRIu32,
             1000 + number);
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    segment.name = text(name_of(number));
    segment.kind = PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
    segment.filter = filter;
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    request.segment = &segment;
    asked(&profiled__v1__segment_service__descriptor, "CreateSegment", &request.base);
}

/* How many members the segment has; -1 while it is filled. */
static int64_t members_of(uint32_t number) {
    Profiled__V1__GetSegmentRequest request = PROFILED__V1__GET_SEGMENT_REQUEST__INIT;
    request.name = text(name_of(number));
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *response = NULL;
    served_check(profiled_call(served.client, &profiled__v1__segment_service__descriptor,
                               "GetSegment", &request.base, NULL, &response, &error),
                 &error);
    const Profiled__V1__Segment *segment =
        ((const Profiled__V1__GetSegmentResponse *)response)->segment;
    const int64_t count = segment->ready ? segment->member_count : -1;
    profiled_message_free(response);
    return count;
}

static bool all_are_ready(void) {
    bool ready = true;
    for (uint32_t i = 0; i < SEGMENTS; i++) {
        ready = ready && members_of(i) >= 0;
    }
    return ready;
}

/* ---- writes ---- */

static void record(struct histogram *histogram, uint64_t *longest_ns) {
    static uint32_t person;
    char email[NAME_SIZE];
    snprintf(email, sizeof email, "person%" PRIu32 "@example.com", person++ % PEOPLE);
    Profiled__V1__Engagement engagement = PROFILED__V1__ENGAGEMENT__INIT;
    engagement.channel = text("whatsapp");
    engagement.text = text("When will it come?");
    const int64_t began_us = now_us(CLOCK_MONOTONIC);
    served_record(NULL, email, &engagement);
    const uint64_t took_ns = (uint64_t)(now_us(CLOCK_MONOTONIC) - began_us) * 1000;
    histogram_add(histogram, took_ns);
    *longest_ns = took_ns > *longest_ns ? took_ns : *longest_ns;
}

static double ms(uint64_t nanoseconds) { return (double)nanoseconds / 1e6; }

static void tell(const char *when, const struct histogram *histogram, uint64_t longest_ns) {
    printf("%-12s %8" PRIu64 " %8.1f %8.1f %8.1f\n", when, histogram->count,
           ms(histogram_quantile(histogram, 0.5)), ms(histogram_quantile(histogram, 0.99)),
           ms(longest_ns));
}

static void prepare(int64_t moment_us) {
    Google__Protobuf__Timestamp moment = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    moment.seconds = moment_us / 1000000;
    define();
    for (uint32_t i = 0; i < SEGMENTS; i++) {
        make_segment(i);
    }
    make_people(&moment);
    while (!all_are_ready()) {
        const struct timespec pause = {0, 100000000};
        nanosleep(&pause, NULL);
    }
}

int main(void) {
    static struct histogram before;
    static struct histogram during;
    uint64_t before_ns = 0;
    uint64_t during_ns = 0;
    const int64_t moment_us = (now_us(CLOCK_REALTIME) / 1000000 + LEAD_SECONDS) * 1000000;
    served_open("due");
    prepare(moment_us);
    if (now_us(CLOCK_REALTIME) > moment_us - (int64_t)BEFORE_SECONDS * 1000000) {
        fputs("the moment came before all was made\n", stderr);
        return EXIT_FAILURE;
    }
    while (now_us(CLOCK_REALTIME) < moment_us) {
        record(&before, &before_ns);
    }
    const int64_t came_us = now_us(CLOCK_MONOTONIC);
    while (members_of(0) < PEOPLE) {
        record(&during, &during_ns);
    }
    const double took = (double)(now_us(CLOCK_MONOTONIC) - came_us) / 1e6;
    served_close();
    printf("%d persons entered %d segments each at one moment, in %.1f s: %.0f a second.\n\n"
           "RecordInteraction   calls   p50 ms   p99 ms  longest\n",
           PEOPLE, SEGMENTS, took, PEOPLE / took);
    tell("before", &before, before_ns);
    tell("meanwhile", &during, during_ns);
    return EXIT_SUCCESS;
}
