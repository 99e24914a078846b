#pragma once
/* The outcome of a fallible function: a gRPC code, a reason that programs can act on, and a literal
 * text. The text never holds the caller's data. */

#include <stdbool.h>

/* gRPC's codes, with gRPC's numbers. */
enum status_code {
    STATUS_OK = 0,
    STATUS_CANCELLED = 1,
    STATUS_UNKNOWN = 2,
    STATUS_INVALID_ARGUMENT = 3,
    STATUS_DEADLINE_EXCEEDED = 4,
    STATUS_NOT_FOUND = 5,
    STATUS_ALREADY_EXISTS = 6,
    STATUS_PERMISSION_DENIED = 7,
    STATUS_RESOURCE_EXHAUSTED = 8,
    STATUS_FAILED_PRECONDITION = 9,
    STATUS_ABORTED = 10,
    STATUS_OUT_OF_RANGE = 11,
    STATUS_UNIMPLEMENTED = 12,
    STATUS_INTERNAL = 13,
    STATUS_UNAVAILABLE = 14,
    STATUS_DATA_LOSS = 15,
    STATUS_UNAUTHENTICATED = 16,
};

/* The reasons of google.rpc.ErrorInfo, domain "profiled". On the wire they read as here, without
 * REASON_. Each line: name. proto/README.md says what a client can do about each. */
#define ERROR_REASONS(X)                                                                           \
    X(NONE)                                                                                        \
    X(FIELD_INVALID)                                                                               \
    X(MESSAGE_INVALID)                                                                             \
    X(MESSAGE_TOO_LARGE)                                                                           \
    X(FILTER_INVALID)                                                                              \
    X(PAGE_TOKEN_INVALID)                                                                          \
    X(PROFILE_NOT_FOUND)                                                                           \
    X(PROFILE_NOT_DELETED)                                                                         \
    X(IDENTITY_NOT_FOUND)                                                                          \
    X(IDENTITY_TYPE_NOT_FOUND)                                                                     \
    X(ATTRIBUTE_NOT_FOUND)                                                                         \
    X(ATTRIBUTE_EXISTS)                                                                            \
    X(ATTRIBUTE_BUILT_IN)                                                                          \
    X(ATTRIBUTE_IN_USE)                                                                            \
    X(ATTRIBUTE_LIMIT)                                                                             \
    X(IDENTITY_TYPE_EXISTS)                                                                        \
    X(RULE_VERSION_NOT_FOUND)                                                                      \
    X(RULES_INVALID)                                                                               \
    X(SIMULATION_LIMIT)                                                                            \
    X(IDENTITY_CONFLICT)                                                                           \
    X(IDENTITY_BLOCKED)                                                                            \
    X(IDENTITY_LIMIT)                                                                              \
    X(MERGE_NOT_ALLOWED)                                                                           \
    X(MERGE_NOT_FOUND)                                                                             \
    X(MERGE_UNDONE)                                                                                \
    X(NEVER_JOIN_NOT_FOUND)                                                                        \
    X(REVIEW_NOT_FOUND)                                                                            \
    X(REVIEW_DECIDED)                                                                              \
    X(ETAG_MISMATCH)                                                                               \
    X(REQUEST_ID_REUSED)                                                                           \
    X(IMPORT_MISMATCH)                                                                             \
    X(STREAM_MISMATCH)                                                                             \
    X(WORKSPACE_NOT_FOUND)                                                                         \
    X(METHOD_NOT_FOUND)                                                                            \
    X(OVERLOADED)                                                                                  \
    X(STORAGE_FULL)                                                                                \
    X(STORAGE_FAILED)                                                                              \
    X(STORE_CORRUPT)                                                                               \
    X(STORE_IN_USE)                                                                                \
    X(STORE_VERSION)                                                                               \
    X(NOT_A_STORE)                                                                                 \
    X(KEY_INVALID)                                                                                 \
    X(SHUTTING_DOWN)                                                                               \
    X(DEADLINE_EXCEEDED)                                                                           \
    X(CANCELLED)                                                                                   \
    X(TOO_MANY_PROFILES)                                                                           \
    X(THEME_NOT_FOUND)                                                                             \
    X(THEME_EXISTS)                                                                                \
    X(CHANNEL_NOT_FOUND)                                                                           \
    X(CHANNEL_EXISTS)                                                                              \
    X(SURVEY_NOT_FOUND)                                                                            \
    X(TRAIT_NOT_FOUND)                                                                             \
    X(TRAIT_EXISTS)                                                                                \
    X(TRAIT_IN_USE)                                                                                \
    X(SEGMENT_NOT_FOUND)                                                                           \
    X(SEGMENT_EXISTS)                                                                              \
    X(SEGMENT_LIMIT)                                                                               \
    X(SEGMENT_CIRCLE)                                                                              \
    X(SEGMENT_IN_USE)                                                                              \
    X(SEGMENT_NOT_STATIC)                                                                          \
    X(SEGMENT_ARCHIVED)                                                                            \
    X(RESUME_TOKEN_INVALID)                                                                        \
    X(RESUME_TOKEN_EXPIRED)                                                                        \
    X(SUBSCRIPTION_NOT_FOUND)                                                                      \
    X(SUBSCRIPTION_EXISTS)                                                                         \
    X(SUBSCRIPTION_LIMIT)

enum error_reason {
#define X(name) REASON_##name,
    ERROR_REASONS(X)
#undef X
        REASON_COUNT,
};

struct status {
    enum status_code code;
    enum error_reason reason;
    const char *text; /* A literal, or of the call's arena where it names a limit. Never NULL. */
};

#define MUST_USE __attribute__((warn_unused_result))

#define OK ((struct status){STATUS_OK, REASON_NONE, ""})

/* Returns from the calling function when the expression fails. Never while you own something. */
#define TRY(expression)                                                                            \
    do {                                                                                           \
        const struct status try_status_ = (expression);                                            \
        if (try_status_.code != STATUS_OK) {                                                       \
            return try_status_;                                                                    \
        }                                                                                          \
    } while (0)

static inline MUST_USE struct status status_of(enum status_code code, enum error_reason reason,
                                               const char *text) {
    return (struct status){code, reason, text};
}

static inline bool status_is_ok(struct status status) { return status.code == STATUS_OK; }

/* The reason as it stands on the wire, as "FIELD_INVALID". A literal. */
const char *error_reason_name(enum error_reason reason);

/* The code as gRPC's documents name it, as "INVALID_ARGUMENT". A literal. */
const char *status_code_name(enum status_code code);
