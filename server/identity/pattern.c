/* Patterns, with PCRE2's interpreter: unlike its compiler to machine code it counts the same steps
 * everywhere, so that the limits decide the same on every machine.
 *
 * A thread remembers what it compiled under the pattern's own text: nothing has to be told to it
 * when rules change, and rules that were never committed leave nothing wrong behind. */

#include "server/identity/pattern.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "server/base/limits.h"

enum {
    STEPS_MAX = 10000,            /* Of one match; 0.25 ms at most. */
    HEAP_KIB_MAX = 2048,          /* Of one match: what the steps need. */
    NESTING_MAX = 32,             /* Brackets within brackets. */
    COMPILED_SIZE_MAX = 16 << 10, /* Bytes. */
    FAULT_SIZE_MAX = 160,
    SLOTS = 1024, /* Patterns that a thread remembers. */
    SLOTS_TRIED = 4,
    /* A value that is made to make a pattern fail has PROBE_SIZE characters: steps that grow with
     * their square stay below STEPS_MAX, those that grow faster do not. */
    PROBE_SIZE = 64,
    PROBE_CHARACTERS_MAX = 32, /* Tried one after the other. */
};

/* ---- compiling and matching ---- */

static pcre2_code *compile(const char *pattern, uint32_t options, int *error, size_t *offset) {
    pcre2_compile_context *limits = pcre2_compile_context_create(NULL);
    assert(limits != NULL);
    pcre2_set_parens_nest_limit(limits, NESTING_MAX);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | options, error, offset, limits);
    pcre2_compile_context_free(limits);
    return code;
}

/* What matching needs beside the pattern. */
struct matcher {
    pcre2_match_context *limits;
    pcre2_match_data *data;
};

static struct matcher matcher_open(void) {
    struct matcher matcher = {pcre2_match_context_create(NULL), pcre2_match_data_create(1, NULL)};
    assert(matcher.limits != NULL && matcher.data != NULL);
    pcre2_set_match_limit(matcher.limits, STEPS_MAX);
    pcre2_set_depth_limit(matcher.limits, STEPS_MAX);
    pcre2_set_heap_limit(matcher.limits, HEAP_KIB_MAX);
    return matcher;
}

static void matcher_close(struct matcher *matcher) {
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->limits);
}

/* PCRE2's answer: 0 or more when it is found, PCRE2_ERROR_NOMATCH, or another error. */
static int match(const struct matcher *matcher, const pcre2_code *code, const char *value) {
    return pcre2_match(code, (PCRE2_SPTR)value, strlen(value), 0, 0, matcher->data,
                       matcher->limits);
}

/* ---- what a thread remembers ---- */

struct slot {
    char *pattern;    /* NULL: free. */
    pcre2_code *code; /* NULL: it does not compile with this version of PCRE2. */
};

struct memory {
    struct matcher matcher;
    struct slot slots[SLOTS];
};

static _Thread_local struct memory *own_memory;
static pthread_key_t memory_key; /* Frees it at the end of the thread. */
static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

static void slot_clear(struct slot *slot) {
    pcre2_code_free(slot->code);
    free(slot->pattern);
    *slot = (struct slot){NULL, NULL};
}

static void memory_free(void *pointer) {
    struct memory *memory = pointer;
    for (size_t i = 0; i < SLOTS; i++) {
        slot_clear(&memory->slots[i]);
    }
    matcher_close(&memory->matcher);
    free(memory);
}

static void memory_key_make(void) {
    const int error = pthread_key_create(&memory_key, memory_free);
    assert(error == 0);
    (void)error;
}

static struct memory *memory_get(void) {
    if (own_memory == NULL) {
        pthread_once(&memory_once, memory_key_make);
        own_memory = calloc(1, sizeof *own_memory);
        assert(own_memory != NULL);
        own_memory->matcher = matcher_open();
        const int error = pthread_setspecific(memory_key, own_memory);
        assert(error == 0);
        (void)error;
    }
    return own_memory;
}

/* FNV-1a. */
static uint32_t hash_of(const char *text) {
    uint32_t hash = UINT32_C(2166136261);
    for (const char *at = text; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT32_C(16777619);
    }
    return hash;
}

/* The compiled pattern, from memory or anew. */
static const pcre2_code *code_of(struct memory *memory, const char *pattern) {
    const uint32_t hash = hash_of(pattern);
    struct slot *slot = NULL;
    for (uint32_t i = 0; i < SLOTS_TRIED; i++) {
        slot = &memory->slots[(hash + i) % SLOTS];
        if (slot->pattern == NULL) {
            break;
        }
        if (strcmp(slot->pattern, pattern) == 0) {
            return slot->code;
        }
    }
    slot_clear(slot); /* The last one that was tried makes room. */
    slot->pattern = strdup(pattern);
    assert(slot->pattern != NULL);
    int error = 0;
    size_t offset = 0;
    slot->code = compile(pattern, 0, &error, &offset);
    return slot->code;
}

bool pattern_is_found(const char *pattern, const char *value) {
    struct memory *memory = memory_get();
    const pcre2_code *code = code_of(memory, pattern);
    return code != NULL && match(&memory->matcher, code, value) >= 0;
}

/* ---- checking ---- */

/* Whether it takes too many steps to find the pattern in a value that is one character again and
 * again and then another one: what makes patterns run wild is what repeats and fails at the end. */
static bool is_slow_on(const struct matcher *matcher, const pcre2_code *code, char character) {
    const char ends[] = {'!', character}; /* Where one is what should be there, the other is not. */
    char value[PROBE_SIZE + 1];
    memset(value, character, PROBE_SIZE);
    value[PROBE_SIZE] = '\0';
    for (size_t i = 0; i < sizeof ends; i++) {
        value[PROBE_SIZE - 1] = ends[i];
        const int found = match(matcher, code, value);
        if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
            return true;
        }
    }
    return false;
}

/* Tried with one each of what classes stand for, and the first ASCII characters of the pattern.
 * Without the shortcuts that PCRE2 takes where a value has not all that must be in it: a value that
 * has it somewhere would not be so lucky. */
static bool is_slow(const char *pattern) {
    int error = 0;
    size_t offset = 0;
    pcre2_code *code = compile(pattern, PCRE2_NO_START_OPTIMIZE, &error, &offset);
    assert(code != NULL); /* It compiled without the option. */
    struct matcher matcher = matcher_open();
    size_t count = 0;
    bool tried[128] = {false};
    bool slow = false;
    static const char common[] = "aA0 -._+@";
    const char *const texts[] = {common, pattern};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (const char *at = texts[i]; *at != '\0' && !slow && count < PROBE_CHARACTERS_MAX;
             at++) {
            const unsigned char character = (unsigned char)*at;
            if (character < sizeof tried && !tried[character]) {
                tried[character] = true;
                count++;
                slow = is_slow_on(&matcher, code, *at);
            }
        }
    }
    matcher_close(&matcher);
    pcre2_code_free(code);
    return slow;
}

/* What is wrong with a pattern that compiled; NULL when nothing is. */
static const char *fault_of(const char *pattern, const pcre2_code *code) {
    size_t size = 0;
    const int error = pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
    assert(error == 0);
    (void)error;
    if (size > COMPILED_SIZE_MAX) {
        return "is too large once it is compiled: use smaller repeat counts";
    }
    if (is_slow(pattern)) {
        return "takes too many steps on some values: avoid repeats within repeats";
    }
    /* Found where there is nothing, it is found everywhere. */
    struct matcher matcher = matcher_open();
    const bool finds_nothing = match(&matcher, code, "") >= 0;
    matcher_close(&matcher);
    return finds_nothing ? "is found in every value, or in an empty one" : NULL;
}

static struct status invalid(void) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, "is no good pattern");
}

struct status pattern_check(const char *pattern, struct arena *arena, const char **fault) {
    const size_t size = strlen(pattern);
    if (size == 0 || size > BLOCKED_PATTERN_SIZE_MAX) {
        *fault = "must be 1 to 256 bytes";
        return invalid();
    }
    int error = 0;
    size_t offset = 0;
    pcre2_code *code = compile(pattern, 0, &error, &offset);
    if (code == NULL) {
        PCRE2_UCHAR text[FAULT_SIZE_MAX];
        (void)pcre2_get_error_message(error, text, sizeof text);
        *fault = arena_format(arena, "is no pattern: %s, at byte %zu", (const char *)text, offset);
        return invalid();
    }
    const char *found = fault_of(pattern, code);
    pcre2_code_free(code);
    if (found != NULL) {
        *fault = found;
        return invalid();
    }
    return OK;
}
