#pragma once
/* profilectl run in the test's own process, against a fake server. */

#include <criterion/criterion.h>
#include <string.h>

#include "tests/client/fake_server.h"

enum { RAN_TEXT_SIZE = 4096 };

/* What a run left, and how it ended. */
struct ran {
    int code;
    char out[RAN_TEXT_SIZE];
    char err[RAN_TEXT_SIZE];
};

/* Redirects what is written, and hides the settings of whoever runs the test: for a suite's
 * `.init`.
 */
void ran_isolate(void);

/* Runs a command line, whose words are separated by `|`, against a server that answers so; against
 * none without a handler. */
struct ran ran_line(fake_handler *handler, void *data, const char *line);

#define expect_said(TEXT, PART)                                                                    \
    cr_expect_not_null(strstr(TEXT, PART), "it does not say \"%s\":\n%s", PART, TEXT)
