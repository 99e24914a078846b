/* What the server says of a failure. The status code and the message come with every call; the
 * rest is google.rpc.Status in the trailing metadata `grpc-status-details-bin`, a list of details
 * of which we read ErrorInfo, BadRequest and RetryInfo. */

#include "client/error.h"

#include <assert.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <stdlib.h>
#include <string.h>

#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

/* More than a server of ours sends; a stranger's list ends here. */
enum { DETAILS_MAX = 16, PAIRS_MAX = 4096 };

const char *profiled_code_name(int32_t code) {
    static const char *const names[] = {
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    };
    if (code < 0 || (size_t)code >= sizeof names / sizeof names[0]) {
        return "UNKNOWN";
    }
    return names[code];
}

static char *copy_text(const char *text) {
    char *copy = strdup(text == NULL ? "" : text);
    assert(copy != NULL);
    return copy;
}

static void replace_text(char **to, const char *text) {
    free(*to);
    *to = copy_text(text);
}

static void free_pairs(struct profiled_pair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].name);
        free(pairs[i].text);
    }
    free(pairs);
}

void profiled_error_clear(struct profiled_error *error) {
    free(error->message);
    free(error->reason);
    free_pairs(error->violations, error->violation_count);
    free_pairs(error->metadata, error->metadata_count);
    memset(error, 0, sizeof *error);
    error->retry_delay_ms = -1;
}

bool error_set(struct profiled_error *error, enum profiled_code code, const char *message) {
    profiled_error_clear(error);
    error->code = (int32_t)code;
    error->message = copy_text(message);
    error->reason = copy_text("");
    return false;
}

static void add_pair(struct profiled_pair **pairs, size_t *count, const char *name,
                     const char *text) {
    if (*count >= PAIRS_MAX) {
        return;
    }
    struct profiled_pair *grown = realloc(*pairs, (*count + 1) * sizeof *grown);
    assert(grown != NULL);
    *pairs = grown;
    grown[*count] = (struct profiled_pair){copy_text(name), copy_text(text)};
    (*count)++;
}

static void read_error_info(struct profiled_error *error, ProtobufCBinaryData value) {
    Google__Rpc__ErrorInfo *info = google__rpc__error_info__unpack(NULL, value.len, value.data);
    if (info == NULL) {
        return;
    }
    replace_text(&error->reason, info->reason);
    for (size_t i = 0; i < info->n_metadata; i++) {
        add_pair(&error->metadata, &error->metadata_count, info->metadata[i]->key,
                 info->metadata[i]->value);
    }
    google__rpc__error_info__free_unpacked(info, NULL);
}

static void read_bad_request(struct profiled_error *error, ProtobufCBinaryData value) {
    Google__Rpc__BadRequest *bad = google__rpc__bad_request__unpack(NULL, value.len, value.data);
    if (bad == NULL) {
        return;
    }
    for (size_t i = 0; i < bad->n_field_violations; i++) {
        add_pair(&error->violations, &error->violation_count, bad->field_violations[i]->field,
                 bad->field_violations[i]->description);
    }
    google__rpc__bad_request__free_unpacked(bad, NULL);
}

static void read_retry_info(struct profiled_error *error, ProtobufCBinaryData value) {
    static const int64_t seconds_max = 3600; /* Nobody waits longer for one call. */
    Google__Rpc__RetryInfo *info = google__rpc__retry_info__unpack(NULL, value.len, value.data);
    if (info == NULL) {
        return;
    }
    error->retry_delay_ms = 0;
    if (info->retry_delay != NULL && info->retry_delay->seconds >= 0 &&
        info->retry_delay->nanos >= 0) {
        const int64_t seconds = info->retry_delay->seconds;
        error->retry_delay_ms = (seconds < seconds_max ? seconds : seconds_max) * 1000 +
                                info->retry_delay->nanos / 1000000;
    }
    google__rpc__retry_info__free_unpacked(info, NULL);
}

static bool is_detail(const Google__Protobuf__Any *any, const char *name) {
    const char *slash = any->type_url == NULL ? NULL : strrchr(any->type_url, '/');
    return slash != NULL && strcmp(slash + 1, name) == 0;
}

void error_add_details(struct profiled_error *error, const uint8_t *bytes, size_t size) {
    Google__Rpc__Status *status = google__rpc__status__unpack(NULL, size, bytes);
    if (status == NULL) {
        return;
    }
    for (size_t i = 0; i < status->n_details && i < DETAILS_MAX; i++) {
        const Google__Protobuf__Any *any = status->details[i];
        if (is_detail(any, "google.rpc.ErrorInfo")) {
            read_error_info(error, any->value);
        } else if (is_detail(any, "google.rpc.BadRequest")) {
            read_bad_request(error, any->value);
        } else if (is_detail(any, "google.rpc.RetryInfo")) {
            read_retry_info(error, any->value);
        }
    }
    google__rpc__status__free_unpacked(status, NULL);
}

static bool is_details(const grpc_metadata *entry) {
    return grpc_slice_str_cmp(entry->key, "grpc-status-details-bin") == 0;
}

static bool has_details(const grpc_metadata_array *trailing) {
    for (size_t i = 0; i < trailing->count; i++) {
        if (is_details(&trailing->metadata[i])) {
            return true;
        }
    }
    return false;
}

void error_set_status(struct profiled_error *error, grpc_status_code code, grpc_slice message,
                      const grpc_metadata_array *trailing, bool cancelled) {
    if (code == GRPC_STATUS_CANCELLED && !cancelled && !has_details(trailing)) {
        error_set(error, PROFILED_UNAVAILABLE, "the server cut the call off");
        return;
    }
    char *text = grpc_slice_to_c_string(message);
    error_set(error, (enum profiled_code)code, text[0] == '\0' ? "no message" : text);
    gpr_free(text);
    for (size_t i = 0; i < trailing->count; i++) {
        const grpc_metadata *entry = &trailing->metadata[i];
        if (is_details(entry)) {
            error_add_details(error, GRPC_SLICE_START_PTR(entry->value),
                              GRPC_SLICE_LENGTH(entry->value));
        }
    }
}
