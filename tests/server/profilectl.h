#pragma once
/* profilectl, run against the fixture's server. */

#include <jansson.h>

#include "tests/server/fixture.h"
#include "tests/server/program.h"

/* Runs profilectl with these words, NULL-terminated, and `--server`; with `input`, unless NULL, on
 * standard input. */
struct program profilectl_run(const char *const *words, const char *input);

/* profilectl_run() with the words as arguments. */
#define profilectl(...) profilectl_run((const char *const[]){__VA_ARGS__, NULL}, NULL)

/* Runs it with `--output json`, expects `code` and nothing but JSON on standard output: that JSON,
 * the caller's. */
json_t *profilectl_json_run(int code, const char *const *words);
#define profilectl_json(code, ...)                                                                 \
    profilectl_json_run(code, (const char *const[]){__VA_ARGS__, NULL})

/* The text at a path of object keys and array positions, as "profile.identities.0.value"; "" when
 * there is none. Borrowed from the JSON. */
const char *json_text(const json_t *json, const char *path);

/* The number at a path; -1 when there is none. */
long long json_number(const json_t *json, const char *path);

/* Writes a file into the test's directory; its path. */
const char *profilectl_file(const char *name, const char *content);
