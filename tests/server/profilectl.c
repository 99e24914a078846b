/* Runs profilectl as a script would: without a terminal, without a context file. */

#include "tests/server/profilectl.h"

#include <assert.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "tests/engine/scratch.h"

enum { WORDS_MAX = 32, PATH_SIZE_MAX = 128 };

struct program profilectl_run(const char *const *words, const char *input) {
    const char *arguments[WORDS_MAX + 4] = {PROFILECTL_PROGRAM};
    size_t count = 1;
    for (size_t i = 0; words[i] != NULL; i++) {
        assert(count < WORDS_MAX);
        arguments[count++] = words[i];
    }
    arguments[count++] = "--server";
    arguments[count++] = fixture.server.address;
    setenv("XDG_CONFIG_HOME", scratch_path("config"), 1);
    return program_run(arguments, input);
}

json_t *profilectl_json_run(int code, const char *const *words) {
    const char *all[WORDS_MAX + 1] = {NULL};
    size_t count = 0;
    for (; words[count] != NULL; count++) {
        assert(count + 2 < WORDS_MAX);
        all[count] = words[count];
    }
    all[count++] = "--output";
    all[count++] = "json";
    struct program program = profilectl_run(all, NULL);
    cr_expect_eq(program.code, code, "exit %d\n%s", program.code, program.err);
    json_error_t error;
    json_t *json = json_loads(program.out, 0, &error);
    cr_assert_neq(json, NULL, "%s\n%s", error.text, program.err);
    program_free(&program);
    return json;
}

static const json_t *json_at(const json_t *json, const char *path) {
    char keys[PATH_SIZE_MAX];
    assert(strlen(path) < sizeof keys);
    memcpy(keys, path, strlen(path) + 1);
    char *rest = NULL;
    for (char *key = strtok_r(keys, ".", &rest); key != NULL; key = strtok_r(NULL, ".", &rest)) {
        json = json_is_array(json) ? json_array_get(json, strtoul(key, NULL, 10))
                                   : json_object_get(json, key);
    }
    return json;
}

const char *json_text(const json_t *json, const char *path) {
    const char *text = json_string_value(json_at(json, path));
    return text == NULL ? "" : text;
}

long long json_number(const json_t *json, const char *path) {
    const json_t *number = json_at(json, path);
    return json_is_integer(number) ? json_integer_value(number) : -1;
}

const char *profilectl_file(const char *name, const char *content) {
    const char *path = scratch_path(name);
    scratch_write(path, content, strlen(content), 0600);
    return path;
}

/* ---- what tests have in common ---- */

const char *make(const char *name, const char *identity, char id[ID_SIZE_MAX]) {
    json_t *json = profilectl_json(0, "profile", "create", "--name", name, "--identity", identity);
    snprintf(id, ID_SIZE_MAX, "%s", json_text(json, "profile.id"));
    json_decref(json);
    return id;
}

/* Calls SegmentService; the answer is the caller's. */
static ProtobufCMessage *ask_segments(const char *method, const ProtobufCMessage *request) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    ProtobufCMessage *answer = NULL;
    cr_assert(profiled_call(fixture.client, &profiled__v1__segment_service__descriptor, method,
                            request, NULL, &answer, &error),
              "%s: %s", method, error.message);
    return answer;
}

static bool is_ready(const char *segment) {
    Profiled__V1__GetSegmentRequest request = PROFILED__V1__GET_SEGMENT_REQUEST__INIT;
    request.name = (char *)(uintptr_t)segment;
    ProtobufCMessage *answer = ask_segments("GetSegment", &request.base);
    const bool ready = ((const Profiled__V1__GetSegmentResponse *)answer)->segment->ready;
    profiled_message_free(answer);
    return ready;
}

void make_segment(const char *name, const char *filter) {
    Profiled__V1__CreateSegmentRequest request = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    Profiled__V1__Segment segment = PROFILED__V1__SEGMENT__INIT;
    segment.name = (char *)(uintptr_t)name;
    segment.filter = (char *)(uintptr_t)filter;
    segment.kind = PROFILED__V1__SEGMENT_KIND__SEGMENT_KIND_DYNAMIC;
    request.segment = &segment;
    profiled_message_free(ask_segments("CreateSegment", &request.base));
    bool ready = false;
    while (!ready) {
        ready = is_ready(name);
    }
}

void expect_texts(const char *const *words, const char *const *texts) {
    struct program program = profilectl_run(words, NULL);
    cr_expect_eq(program.code, 0, "%s", program.err);
    const char *at = program.out;
    for (size_t i = 0; texts[i] != NULL; i++) {
        const char *found = strstr(at, texts[i]);
        cr_assert_not_null(found, "\"%s\" in\n%s", texts[i], at);
        at = found + strlen(texts[i]);
    }
    program_free(&program);
}

void make_joined(char one[ID_SIZE_MAX], char two[ID_SIZE_MAX], char merge[ID_SIZE_MAX]) {
    json_t *json = profilectl_json(0, "identity", "resolve", "-n", "هند القحطاني", "-i",
                                   "phone:٠٥٠٠٠٠٠٠١٧", "-i", "email:info@example.com", "-a",
                                   "city=Riyadh", "--source", "crm", "--region", "SA");
    snprintf(one, ID_SIZE_MAX, "%s", json_text(json, "decision.profileId"));
    json_decref(json);
    json = profilectl_json(0, "identity", "resolve", "-i", "email:hind@example.org");
    snprintf(two, ID_SIZE_MAX, "%s", json_text(json, "decision.profileId"));
    json_decref(json);
    json = profilectl_json(0, "identity", "resolve", "-i", "email:hind@example.org", "-i",
                           "phone:+966500000017", "--source", "survey");
    snprintf(merge, ID_SIZE_MAX, "%s", json_text(json, "decision.mergeIds.0"));
    json_decref(json);
}
