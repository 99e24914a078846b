/* Names of codes and reasons, for the wire and for people. */

#include "server/base/status.h"

#include <assert.h>

const char *error_reason_name(enum error_reason reason) {
    static const char *const names[] = {
#define X(name) #name,
        ERROR_REASONS(X)
#undef X
    };
    static_assert(sizeof names / sizeof *names == REASON_COUNT, "one name for each reason");
    assert(reason >= REASON_NONE && reason < REASON_COUNT);
    return names[reason];
}

const char *status_code_name(enum status_code code) {
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
    static_assert(sizeof names / sizeof *names == STATUS_UNAUTHENTICATED + 1, "one name each");
    assert(code >= STATUS_OK && code <= STATUS_UNAUTHENTICATED);
    return names[code];
}
