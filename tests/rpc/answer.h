#pragma once
/* What a call came to, as a client sees it: code, text, and google.rpc details read back from their
 * bytes. Plain data: nothing to free. */

#include <stddef.h>
#include <stdint.h>

#include "server/base/bytes.h"
#include "server/base/status.h"

enum { ANSWER_TEXT_MAX = 512, ANSWER_VIOLATIONS_MAX = 101, ANSWER_METADATA_MAX = 8 };

struct answer {
    enum status_code code;
    char text[ANSWER_TEXT_MAX];   /* The message; "" when the code is OK. */
    char reason[ANSWER_TEXT_MAX]; /* Of ErrorInfo, as "FIELD_INVALID". */
    char domain[ANSWER_TEXT_MAX];
    size_t metadata_count;
    struct {
        char key[ANSWER_TEXT_MAX];
        char value[ANSWER_TEXT_MAX];
    } metadata[ANSWER_METADATA_MAX];
    size_t violation_count;
    struct {
        char field[ANSWER_TEXT_MAX];
        char description[ANSWER_TEXT_MAX];
    } violations[ANSWER_VIOLATIONS_MAX];
    int64_t retry_ms; /* Of RetryInfo; 0 when there is none. */
};

/* Reads the details (empty when the status is OK); asserts that they are well-formed and agree with
 * the status. */
void answer_read(struct status status, struct bytes details, struct answer *out);

/* The description of a field's violation, or NULL. */
const char *answer_violation(const struct answer *answer, const char *field);

/* The value of a pair of ErrorInfo, or NULL. */
const char *answer_metadata(const struct answer *answer, const char *key);
