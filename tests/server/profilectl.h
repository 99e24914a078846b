#pragma once
/* profilectl, run against the fixture's server. */

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

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

/* ---- what tests have in common ---- */

#define MISSING_ID "01a20000-0000-7000-8000-000000000000"

enum {
    EXIT_USAGE = 2,
    EXIT_CODES = 64, /* + gRPC's code. */
    INVALID_ARGUMENT = 3,
    NOT_FOUND = 5,
    ALREADY_EXISTS = 6,
    FAILED_PRECONDITION = 9,
    ABORTED = 10,
    UNAVAILABLE = 14,
    ID_SIZE_MAX = 64,
};

/* Makes a profile with an identity; its id. */
const char *make(const char *name, const char *identity, char id[ID_SIZE_MAX]);

/* Runs a command that must fail: the code, nothing on standard output, and a text on the other. */
#define expect_failure(code_wanted, text, ...)                                                     \
    do {                                                                                           \
        struct program failed = profilectl(__VA_ARGS__);                                           \
        cr_expect_eq(failed.code, code_wanted, "exit %d", failed.code);                            \
        cr_expect_str_empty(failed.out);                                                           \
        cr_expect_neq(strstr(failed.err, text), NULL, "%s", failed.err);                           \
        program_free(&failed);                                                                     \
    } while (0)

/* Runs a command that must succeed, and expects each text on standard output, in order. */
void expect_texts(const char *const *words, const char *const *texts);
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Makes a dynamic segment, and waits until it is ready. */
void make_segment(const char *name, const char *filter);

/* Two profiles that a third record joins. */
void make_joined(char one[ID_SIZE_MAX], char two[ID_SIZE_MAX], char merge[ID_SIZE_MAX]);
