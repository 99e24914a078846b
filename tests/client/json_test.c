/* The proto3 JSON mapping, both ways. */

#include "client/json.h"
#include "client/rfc3339.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"

/* Parses the text as a message; NULL with `problem` filled. */
static ProtobufCMessage *parse(const ProtobufCMessageDescriptor *descriptor, const char *text,
                               struct json_problem *problem) {
    json_t *json = json_loads(text, 0, NULL);
    cr_assert_not_null(json, "the test's own JSON is wrong");
    ProtobufCMessage *message = json_to_message(descriptor, json, problem);
    json_decref(json);
    return message;
}

/* The text after a way through a message, the wire, and back. */
static void check(const ProtobufCMessageDescriptor *descriptor, const char *text,
                  const char *expected) {
    struct json_problem problem = {"", ""};
    ProtobufCMessage *message = parse(descriptor, text, &problem);
    cr_assert_not_null(message, "%s: %s", problem.field, problem.text);
    uint8_t *bytes = malloc(protobuf_c_message_get_packed_size(message) + 1);
    const size_t size = protobuf_c_message_pack(message, bytes);
    ProtobufCMessage *copy = protobuf_c_message_unpack(descriptor, NULL, size, bytes);
    cr_assert_not_null(copy);
    json_t *json = json_from_message(copy);
    char *out = json_dumps(json, JSON_COMPACT);

    cr_assert_str_eq(out, expected);

    free(out);
    json_decref(json);
    protobuf_c_message_free_unpacked(copy, NULL);
    protobuf_c_message_free_unpacked(message, NULL);
    free(bytes);
}

static void check_refused(const ProtobufCMessageDescriptor *descriptor, const char *text,
                          const char *field) {
    struct json_problem problem;

    cr_assert_null(parse(descriptor, text, &problem), "%s", text);

    cr_assert_str_eq(problem.field, field);
    cr_assert_gt(strlen(problem.text), 0);
}

Test(json, a_profile_keeps_everything) {
    static const char text[] =
        "{\"id\":\"a\",\"name\":\"نورة\",\"nameDerived\":true,\"identities\":[{\"type\":\"email\","
        "\"value\":\"nora@example.org\",\"provenance\":\"PROVENANCE_VERIFIED\",\"firstSeenTime\":"
        "\"2026-01-31T12:00:00.500Z\"}],\"attributes\":{\"city\":{\"text\":\"Riyadh\"}},"
        "\"interactionSummary\":{\"count\":\"9007199254740993\"},\"completeness\":40}";

    check(&profiled__v1__profile__descriptor, text, text);
}

Test(json, defaults_are_left_out) {
    check(&profiled__v1__profile__descriptor,
          "{\"name\":\"\",\"completeness\":0,\"identities\":[],\"attributes\":{},"
          "\"nameDerived\":false,\"interactionSummary\":null}",
          "{}");
}

Test(json, both_spellings_of_a_name_are_read) {
    check(&profiled__v1__get_profile_request__descriptor, "{\"show_deleted\":true}",
          "{\"showDeleted\":true}");
}

Test(json, a_field_mask_is_a_string) {
    check(&profiled__v1__update_profile_request__descriptor,
          "{\"updateMask\":\"name,attributes.givenName\"}",
          "{\"updateMask\":\"name,attributes.givenName\"}");
}

Test(json, the_mask_on_the_wire_is_in_snake_case) {
    struct json_problem problem;
    Profiled__V1__UpdateProfileRequest *request = (Profiled__V1__UpdateProfileRequest *)parse(
        &profiled__v1__update_profile_request__descriptor,
        "{\"updateMask\":\"attributes.givenName\"}", &problem);

    cr_assert_eq(request->update_mask->n_paths, 1);
    cr_assert_str_eq(request->update_mask->paths[0], "attributes.given_name");

    protobuf_c_message_free_unpacked(&request->base, NULL);
}

Test(json, a_set_member_of_a_oneof_shows_though_it_is_zero) {
    check(&profiled__v1__survey_answer__descriptor, "{\"questionId\":\"q\",\"number\":0}",
          "{\"questionId\":\"q\",\"number\":0.0}");
}

Test(json, a_map_of_strings) {
    check(&profiled__v1__activity__descriptor,
          "{\"name\":\"order\",\"properties\":{\"sku\":{\"text\":\"1\"},\"size\":{\"text\":\"L\"}},"
          "\"amount\":12.5}",
          "{\"name\":\"order\",\"properties\":{\"sku\":{\"text\":\"1\"},\"size\":{\"text\":\"L\"}},"
          "\"amount\":12.5}");
}

Test(json, numbers_come_as_text_and_enums_as_numbers) {
    check(&profiled__v1__identity_type__descriptor,
          "{\"limit\":\"5\",\"priority\":3.0,\"normalizer\":4}",
          "{\"normalizer\":\"NORMALIZER_EMAIL\",\"limit\":5,\"priority\":3}");
}

Test(json, a_plain_string_is_a_messages_text) {
    check(&profiled__v1__record__descriptor, "{\"attributes\":{\"city\":\"Riyadh\"}}",
          "{\"attributes\":{\"city\":{\"text\":\"Riyadh\"}}}");
}

Test(json, a_name_that_is_none_gets_those_that_there_are) {
    struct json_problem problem = {.text = ""};

    cr_assert_null(
        parse(&profiled__v1__identity__descriptor, "{\"provenance\":\"SURE\"}", &problem));

    cr_assert_str_eq(problem.text, "must be one of PROVENANCE_INFERRED, PROVENANCE_ATTESTED, "
                                   "PROVENANCE_VERIFIED");
}

Test(json, problems_name_their_field) {
    const ProtobufCMessageDescriptor *record = &profiled__v1__record__descriptor;
    check_refused(record, "[]", "");
    check_refused(record, "{\"nmae\":\"x\"}", "nmae");
    check_refused(record, "{\"identities\":[{\"typ\":\"email\"}]}", "identities[0].typ");
    check_refused(record, "{\"name\":5}", "name");
    check_refused(record, "{\"identities\":[{\"type\":\"email\"},{\"type\":5}]}",
                  "identities[1].type");
    check_refused(record, "{\"identities\":[{\"provenance\":\"SURE\"}]}",
                  "identities[0].provenance");
    check_refused(record, "{\"attributes\":{\"city\":5}}", "attributes.city");
    check_refused(record, "{\"observeTime\":\"yesterday\"}", "observe_time");
    check_refused(record, "{\"default_region\":\"SA\",\"defaultRegion\":\"EG\"}", "default_region");
    check_refused(&profiled__v1__identity_type__descriptor, "{\"limit\":3000000000}", "limit");
    check_refused(&profiled__v1__identity_type__descriptor, "{\"limit\":1.5}", "limit");
    check_refused(&profiled__v1__survey_answer__descriptor, "{\"text\":\"a\",\"number\":1}",
                  "number");
}

Test(json, text_that_is_not_utf8_is_shown_with_replacements) {
    Profiled__V1__LabelCount label = PROFILED__V1__LABEL_COUNT__INIT;
    char bytes[] = "a\xff"
                   "b";
    label.label = bytes;

    json_t *json = json_from_message(&label.base);

    cr_assert_str_eq(json_string_value(json_object_get(json, "label")), "a\xef\xbf\xbd"
                                                                        "b");
    json_decref(json);
}

Test(rfc3339, times_go_both_ways) {
    static const char *const texts[] = {"2026-01-31T12:00:00Z", "1969-12-31T23:59:59.000000001Z",
                                        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
                                        "2024-02-29T00:00:00.120Z"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t seconds;
        int32_t nanos;
        char out[RFC3339_SIZE];
        cr_assert(rfc3339_parse(texts[i], &seconds, &nanos), "%s", texts[i]);
        cr_assert(rfc3339_format(seconds, nanos, out));
        cr_assert_str_eq(out, texts[i]);
    }
}

Test(rfc3339, offsets_and_dates_are_read) {
    int64_t with_offset;
    int64_t in_utc;
    int64_t day;
    int32_t nanos;

    cr_assert(rfc3339_parse("2026-01-31T12:00:00+03:00", &with_offset, &nanos));
    cr_assert(rfc3339_parse("2026-01-31T09:00:00Z", &in_utc, &nanos));
    cr_assert(rfc3339_parse("2026-01-31", &day, &nanos));

    cr_assert_eq(with_offset, in_utc);
    cr_assert_eq(in_utc - day, INT64_C(9) * 3600);
}

Test(rfc3339, what_is_no_time_is_refused) {
    static const char *const texts[] = {"",
                                        "2026",
                                        "2026-13-01",
                                        "2026-02-29",
                                        "2026-01-31T12:00:00",
                                        "2026-01-31T25:00:00Z",
                                        "2026-01-31T12:00:00Zx",
                                        "2026-01-31T12:00:00.Z",
                                        "31.01.2026"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t seconds;
        int32_t nanos;
        cr_assert_not(rfc3339_parse(texts[i], &seconds, &nanos), "%s", texts[i]);
    }
}

/* ---- as text ---- */

static void check_written(const char *text, const char *expected) {
    char *out = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&out, &size);
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    cr_assert_not_null(file);
    cr_assert_not_null(json);

    cr_expect_eq(json_write(json, JSON_COMPACT | JSON_ENCODE_ANY, file), 0);

    cr_assert_eq(fclose(file), 0);
    cr_expect_str_eq(out, expected);
    json_decref(json);
    free(out);
}

Test(json, numbers_are_written_in_their_shortest_form) {
    check_written("[-0.4,0.1,4.0,1e300,0.30000000000000004,-2.5e-7,12]",
                  "[-0.4,0.1,4.0,1e+300,0.30000000000000004,-2.5e-07,12]");
    check_written("{\"a\":0.7,\"b\":true}", "{\"a\":0.7,\"b\":true}");
    check_written("0.40000000000000002", "0.4");
    check_written("0.6", "0.6");
    check_written("[5e-324,-1.5e-323,2.2250738585072014e-308]",
                  "[5e-324,-1.5e-323,2.2250738585072014e-308]");
}

Test(json, texts_are_written_as_they_are) {
    check_written("[\"0.40000000000000002\",\"a \\\" 0.40000000000000002 \\\\\",0.2]",
                  "[\"0.40000000000000002\",\"a \\\" 0.40000000000000002 \\\\\",0.2]");
}

Test(json, numbers_that_are_written_are_read_as_the_same) {
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        double number = 0;
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) {
            continue;
        }
        char *out = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&out, &size);
        json_t *json = json_real(number);
        cr_assert_eq(json_write(json, JSON_ENCODE_ANY, file), 0);
        cr_assert_eq(fclose(file), 0);
        cr_assert_eq(strtod(out, NULL), number, "%s", out);
        json_decref(json);
        free(out);
    }
}
