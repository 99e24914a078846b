/* Calls with what every call must keep. The checks are Criterion's: a call that breaks one ends the
 * test. */

#include "tests/handlers/ask.h"

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/identity/terms.h"
#include "server/segment/membership.h"
#include "server/segment/trait_filter.h"
#include "tests/engine/seeded.h"

struct call_fixture *ask_fixture;
struct arena ask_arena;
static int64_t now_us;
static const char *workspace_of_calls = "default";

enum { ASK_ARENA_SIZE = 1 << 30 };

static char request_id[] = "0190b8a2-0000-7000-8000-00000000000a";

void ask_open(void) {
    now_us = CALL_START_US;
    ask_in("default");
    arena_init(&ask_arena, ASK_ARENA_SIZE);
    ask_fixture = call_open(identity_profile_terms, &trait_filters, &membership_follower);
}

void ask_close(void) {
    arena_free(&ask_arena);
    call_close(ask_fixture);
}

void ask_anew(void) {
    arena_free(&ask_arena);
    call_end(ask_fixture);
    ask_open();
}

void ask_in(const char *workspace) { workspace_of_calls = workspace; }

void ask_time_set(int64_t time_us) {
    now_us = time_us;
    call_time_set(ask_fixture, now_us);
}

void ask_wait_us(int64_t us) { ask_time_set(now_us + us); }

int64_t ask_now_us(void) { return now_us; }

void ask_set_clock(struct seeded *rolls) {
    static const int64_t steps_us[] = {2 * (int64_t)US_PER_SECOND,
                                       US_PER_HOUR,
                                       11 * US_PER_HOUR,
                                       US_PER_DAY,
                                       3 * US_PER_DAY,
                                       33 * US_PER_DAY,
                                       90 * US_PER_DAY,
                                       400 * US_PER_DAY,
                                       1100 * US_PER_DAY};
    const int64_t us = steps_us[seeded_below(rolls, sizeof steps_us / sizeof *steps_us)];
    const int64_t way = (int64_t)seeded_below(rolls, 3) - 1;
    ask_time_set(CALL_START_US + way * us);
}

const void *ask(const struct rpc_service *service, const char *method,
                const ProtobufCMessage *request) {
    ProtobufCMessage *response = NULL;
    const struct answer *answer =
        call_in(ask_fixture, workspace_of_calls, service, method, request, &response);
    cr_assert_eq(answer->code, STATUS_OK, "%s: %s %s, %s: %s", method,
                 status_code_name(answer->code), answer->reason,
                 answer->violation_count > 0 ? answer->violations[0].field : "",
                 answer->violation_count > 0 ? answer->violations[0].description : answer->text);
    return response;
}

static const struct answer *refused(const char *workspace, const struct rpc_service *service,
                                    const char *method, const ProtobufCMessage *request,
                                    enum status_code code, const char *reason) {
    const uint64_t before = call_data_hash(ask_fixture);
    const struct answer *answer = call_in(ask_fixture, workspace, service, method, request, NULL);
    cr_assert_eq(answer->code, code, "%s: %s %s", method, status_code_name(answer->code),
                 answer->reason);
    cr_assert_str_eq(answer->reason, reason, "%s: %s", method, answer->reason);
    cr_assert_eq(call_data_hash(ask_fixture), before, "%s left something", method);
    return answer;
}

const struct answer *ask_refused(const struct rpc_service *service, const char *method,
                                 const ProtobufCMessage *request, enum status_code code,
                                 const char *reason) {
    return refused("default", service, method, request, code, reason);
}

const struct answer *ask_refused_elsewhere(const struct rpc_service *service, const char *method,
                                           const ProtobufCMessage *request, enum status_code code,
                                           const char *reason) {
    return refused("other", service, method, request, code, reason);
}

/* ---- streams ---- */

const void *ask_on(struct rpc_stream *stream, const struct rpc_service *service, const char *method,
                   const ProtobufCMessage *request) {
    ProtobufCMessage *response = NULL;
    const struct answer *answer =
        call_stream(ask_fixture, stream, service, method, request, &response);
    cr_assert_eq(answer->code, STATUS_OK, "%s %s", answer->reason,
                 answer->violation_count > 0 ? answer->violations[0].field : answer->text);
    return response;
}

const struct answer *ask_refused_on(struct rpc_stream *stream, const struct rpc_service *service,
                                    const char *method, const ProtobufCMessage *request,
                                    enum status_code code, const char *reason) {
    const uint64_t before = call_data_hash(ask_fixture);
    const struct answer *answer = call_stream(ask_fixture, stream, service, method, request, NULL);
    cr_assert_eq(answer->code, code, "%s %s", status_code_name(answer->code), answer->reason);
    cr_assert_str_eq(answer->reason, reason);
    cr_assert_eq(call_data_hash(ask_fixture), before);
    return answer;
}

/* ---- feeds ---- */

enum { FEED_MESSAGES_MAX = 10000 };

static struct feed run_feed(const char *workspace, const struct rpc_service *service,
                            const char *method, const ProtobufCMessage *request) {
    struct feed feed = {0};
    const uint64_t before = call_data_hash(ask_fixture);
    struct rpc_stream *stream = rpc_stream_new();
    bool more = true;
    while (more) {
        cr_assert_lt(feed.count, FEED_MESSAGES_MAX, "%s has no end", method);
        ProtobufCMessage *message = NULL;
        feed.answer =
            call_stream_in(ask_fixture, workspace, stream, service, method, request, &message);
        more = feed.answer->code == STATUS_OK && call_more(ask_fixture);
        if (message != NULL) {
            feed.messages =
                arena_append(&ask_arena, feed.messages, feed.count, sizeof(ProtobufCMessage *));
            feed.messages[feed.count++] = message;
        }
    }
    rpc_stream_free(stream);
    cr_assert_eq(call_data_hash(ask_fixture), before, "%s left something", method);
    return feed;
}

struct feed ask_feed(const struct rpc_service *service, const char *method,
                     const ProtobufCMessage *request) {
    return run_feed("default", service, method, request);
}

struct feed ask_feed_elsewhere(const struct rpc_service *service, const char *method,
                               const ProtobufCMessage *request) {
    return run_feed("other", service, method, request);
}

/* ---- the same call twice ---- */

static void *field_of(ProtobufCMessage *request, const char *name) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(request->descriptor, name);
    cr_assert_not_null(field, "%s", name);
    return (uint8_t *)request + field->offset;
}

/* The last response's bytes, its ids made zeroes: those of what is made are random. */
static struct bytes without_ids(void) {
    const struct bytes bytes = call_response_bytes(ask_fixture);
    char *copy = arena_string(&ask_arena, bytes);
    for (size_t i = 0; i + ID_TEXT_SIZE <= bytes.size; i++) {
        char text[ID_TEXT_SIZE + 1] = {0};
        struct id id;
        memcpy(text, copy + i, ID_TEXT_SIZE);
        if (id_parse(text, &id)) {
            memset(copy + i, '0', ID_TEXT_SIZE);
        }
    }
    return bytes_of(copy, bytes.size);
}

const void *ask_twice(const struct rpc_service *service, const char *method,
                      ProtobufCMessage *request) {
    protobuf_c_boolean *validate_only = field_of(request, "validate_only");
    const uint64_t before = call_data_hash(ask_fixture);
    *validate_only = true;
    ask(service, method, request);
    const struct bytes dry = without_ids();
    cr_assert_eq(call_data_hash(ask_fixture), before, "%s left something", method);

    *validate_only = false;
    const void *response = ask(service, method, request);
    cr_expect_neq(call_data_hash(ask_fixture), before, "%s left nothing", method);
    cr_assert(bytes_equal(dry, without_ids()), "%s answers otherwise when it is meant", method);
    return response;
}

const void *ask_again(const struct rpc_service *service, const char *method,
                      ProtobufCMessage *request, ProtobufCMessage *other) {
    *(char **)field_of(request, "request_id") = request_id;
    *(char **)field_of(other, "request_id") = request_id;
    const void *response = ask(service, method, request);
    const struct bytes first = call_response_bytes(ask_fixture);
    const uint64_t before = call_data_hash(ask_fixture);
    ask_wait_us(1000);
    ask(service, method, request);
    cr_assert(bytes_equal(first, call_response_bytes(ask_fixture)), "%s: another answer", method);
    cr_assert_eq(call_data_hash(ask_fixture), before, "%s: done again", method);
    ask_refused(service, method, other, STATUS_INVALID_ARGUMENT, "REQUEST_ID_REUSED");
    return response;
}
