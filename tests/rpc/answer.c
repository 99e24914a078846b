/* Reads google.rpc details as a client's library does. */

#include "tests/rpc/answer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

static void text_set(char out[ANSWER_TEXT_MAX], const char *text) {
    const int size = snprintf(out, ANSWER_TEXT_MAX, "%s", text);
    assert(size >= 0 && size < ANSWER_TEXT_MAX);
}

static void error_info_read(const ProtobufCBinaryData *packed, struct answer *out) {
    Google__Rpc__ErrorInfo *info = google__rpc__error_info__unpack(NULL, packed->len, packed->data);
    assert(info != NULL);
    text_set(out->reason, info->reason);
    text_set(out->domain, info->domain);
    assert(info->n_metadata <= ANSWER_METADATA_MAX);
    out->metadata_count = info->n_metadata;
    for (size_t i = 0; i < info->n_metadata; i++) {
        text_set(out->metadata[i].key, info->metadata[i]->key);
        text_set(out->metadata[i].value, info->metadata[i]->value);
    }
    google__rpc__error_info__free_unpacked(info, NULL);
}

static void bad_request_read(const ProtobufCBinaryData *packed, struct answer *out) {
    Google__Rpc__BadRequest *request =
        google__rpc__bad_request__unpack(NULL, packed->len, packed->data);
    assert(request != NULL);
    assert(request->n_field_violations <= ANSWER_VIOLATIONS_MAX);
    out->violation_count = request->n_field_violations;
    for (size_t i = 0; i < request->n_field_violations; i++) {
        text_set(out->violations[i].field, request->field_violations[i]->field);
        text_set(out->violations[i].description, request->field_violations[i]->description);
    }
    google__rpc__bad_request__free_unpacked(request, NULL);
}

static void retry_info_read(const ProtobufCBinaryData *packed, struct answer *out) {
    Google__Rpc__RetryInfo *info = google__rpc__retry_info__unpack(NULL, packed->len, packed->data);
    assert(info != NULL);
    assert(info->retry_delay != NULL);
    out->retry_ms = info->retry_delay->seconds * 1000 + info->retry_delay->nanos / 1000000;
    google__rpc__retry_info__free_unpacked(info, NULL);
}

void answer_read(struct status status, struct bytes details, struct answer *out) {
    *out = (struct answer){.code = status.code};
    text_set(out->text, status.text);
    if (status_is_ok(status)) {
        assert(details.size == 0);
        return;
    }
    Google__Rpc__Status *read = google__rpc__status__unpack(NULL, details.size, details.data);
    assert(read != NULL);
    assert(read->code == (int32_t)status.code);
    assert(strcmp(read->message, status.text) == 0);
    for (size_t i = 0; i < read->n_details; i++) {
        const Google__Protobuf__Any *any = read->details[i];
        if (strcmp(any->type_url, "type.googleapis.com/google.rpc.ErrorInfo") == 0) {
            error_info_read(&any->value, out);
        } else if (strcmp(any->type_url, "type.googleapis.com/google.rpc.BadRequest") == 0) {
            bad_request_read(&any->value, out);
        } else if (strcmp(any->type_url, "type.googleapis.com/google.rpc.RetryInfo") == 0) {
            retry_info_read(&any->value, out);
        } else {
            assert(false && "a detail of ours");
        }
    }
    google__rpc__status__free_unpacked(read, NULL);
    assert(strcmp(out->reason, error_reason_name(status.reason)) == 0);
    assert(strcmp(out->domain, "profiled") == 0);
}

const char *answer_violation(const struct answer *answer, const char *field) {
    for (size_t i = 0; i < answer->violation_count; i++) {
        if (strcmp(answer->violations[i].field, field) == 0) {
            return answer->violations[i].description;
        }
    }
    return NULL;
}

const char *answer_metadata(const struct answer *answer, const char *key) {
    for (size_t i = 0; i < answer->metadata_count; i++) {
        if (strcmp(answer->metadata[i].key, key) == 0) {
            return answer->metadata[i].value;
        }
    }
    return NULL;
}
