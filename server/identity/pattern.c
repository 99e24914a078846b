/* Patterns, with PCRE2's interpreter: unlike its compiler to machine code it takes the same steps
 * everywhere, so that the limits decide the same on every machine.
 *
 * PCRE2's own limit begins anew at each character that a match may begin at, of which a value has
 * hundreds. So we count for ourselves: patterns are compiled with a call-out before each of their
 * items, and a step is an item that is tried, or STEP_BYTES that were gone over since the one
 * before. A step takes 13 to 65 ns; where classes name many scripts and values are long, 2,500.
 *
 * A thread remembers what it compiled under the pattern's own text: nothing has to be told to it
 * when rules change, and rules that were never committed leave nothing wrong behind. */

#include "server/identity/pattern.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "server/base/limits.h"

enum {
    STEPS_MAX = 10000,     /* Of one pattern on one value: 0.65 ms, mostly 0.2. */
    STEPS_ALL_MAX = 50000, /* Of all patterns of a type on one value: 3.3 ms, mostly 1. */
    STEP_BYTES = 16,
    HEAP_KIB_MAX = 2048,          /* Of one match: what the steps need. */
    NESTING_MAX = 32,             /* Brackets within brackets. */
    COMPILED_SIZE_MAX = 16 << 10, /* Bytes. */
    FAULT_SIZE_MAX = 160,
    SLOTS = 1024, /* Patterns that a thread remembers. */
    SLOTS_TRIED = 4,
    /* A value that is made to make a pattern fail has PROBE_SIZE characters, or more where a word
     * is to be there often enough: steps that grow with the square stay below STEPS_MAX, those that
     * grow faster do not. */
    PROBE_SIZE = 64,
    PROBE_REPEATS = 16,
    PROBE_WORD_SIZE_MAX = 8,
    PROBE_PREFIX_SIZE_MAX = 64,
    PROBE_VALUE_SIZE_MAX = PROBE_PREFIX_SIZE_MAX + PROBE_REPEATS * PROBE_WORD_SIZE_MAX + 2,
    PROBE_WORDS_MAX = 200,       /* Of one pattern. */
    PROBE_STEPS_MAX = 200000,    /* Of all probes of a pattern together: 4 ms. */
    PROBE_CHARACTERS_PAIRED = 8, /* Each with each. */
};
static_assert(PROBE_SIZE + PROBE_WORD_SIZE_MAX <= PROBE_REPEATS * PROBE_WORD_SIZE_MAX,
              "what is made longer for its size fits too");

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

/* Steps that may still be taken, and where the last one was. */
struct steps {
    size_t left;
    size_t position;
};

static int take_step(pcre2_callout_block *at, void *state) {
    struct steps *steps = state;
    const size_t passed =
        at->current_position > steps->position ? at->current_position - steps->position : 0;
    const size_t taken = 1 + passed / STEP_BYTES;
    steps->position = at->current_position;
    if (taken > steps->left) {
        steps->left = 0;
        return PCRE2_ERROR_MATCHLIMIT;
    }
    steps->left -= taken;
    return 0;
}

enum found {
    FOUND_NOWHERE,
    FOUND,
    FOUND_UNKNOWN, /* It takes more steps than are allowed to tell. */
};

/* Looks for a pattern, with STEPS_MAX or what is left of *steps_left, which becomes less. */
static enum found find(const struct matcher *matcher, const pcre2_code *code, uint32_t options,
                       const char *value, size_t *steps_left) {
    const size_t steps_max = *steps_left < STEPS_MAX ? *steps_left : STEPS_MAX;
    struct steps steps = {.left = steps_max};
    pcre2_set_callout(matcher->limits, take_step, &steps);
    const int answer = pcre2_match(code, (PCRE2_SPTR)value, strlen(value), 0, options,
                                   matcher->data, matcher->limits);
    *steps_left -= steps_max - steps.left;
    if (answer >= 0) {
        return FOUND;
    }
    return answer == PCRE2_ERROR_NOMATCH ? FOUND_NOWHERE : FOUND_UNKNOWN;
}

/* ---- what a thread remembers ---- */

struct slot {
    char *pattern;    /* NULL: free. */
    pcre2_code *code; /* NULL: it compiled with another version of PCRE2, and does not with this. */
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
    slot->code = compile(pattern, PCRE2_AUTO_CALLOUT, &error, &offset);
    return slot->code;
}

bool patterns_block(const char *const *patterns, size_t count, const char *value) {
    struct memory *memory = memory_get();
    size_t steps_left = STEPS_ALL_MAX;
    for (size_t i = 0; i < count; i++) {
        const pcre2_code *code = code_of(memory, patterns[i]);
        if (code != NULL && find(&memory->matcher, code, 0, value, &steps_left) != FOUND_NOWHERE) {
            return true;
        }
    }
    return false;
}

bool pattern_is_found(const char *pattern, const char *value) {
    struct memory *memory = memory_get();
    size_t steps_left = STEPS_MAX;
    const pcre2_code *code = code_of(memory, pattern);
    return code != NULL && find(&memory->matcher, code, 0, value, &steps_left) == FOUND;
}

/* ---- checking ---- */

/* Trying a pattern on values that are made to make it run wild: a word again and again, and then
 * what does not belong there. What runs wild is what repeats in more than one way and fails at the
 * end. */
struct probe {
    pcre2_code *code;       /* As it will be matched. */
    pcre2_code *code_plain; /* Without the shortcuts that PCRE2 takes where a value has not all that
                               must be in it: one that has it somewhere would not be so lucky. */
    struct matcher matcher;
    char prefix[PROBE_PREFIX_SIZE_MAX + 1];   /* What the pattern begins with; "" for nothing. */
    char named[BLOCKED_PATTERN_SIZE_MAX + 1]; /* The ASCII characters that it names, in order. */
    size_t word_count;
    uint64_t words[PROBE_WORDS_MAX]; /* Tried already; of 8 bytes each. */
    size_t steps_left;
    bool is_slow;
};
static_assert(PROBE_WORD_SIZE_MAX == sizeof(uint64_t), "a word fits");

static bool is_letter_or_digit(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

/* What a character of the pattern stands for in a value: itself, one of its class, or 0 for
 * nothing. `escaped`: behind a backslash. */
static char stands_for(char character, bool escaped) {
    if (escaped && is_letter_or_digit(character)) {
        return (char)(character == 'd' ? '0' : character == 'w' ? 'a' : character == 's' ? ' ' : 0);
    }
    if (!escaped && strchr("^$*+?()[]{}|", character) != NULL) {
        return 0;
    }
    return (unsigned char)character < 0x80 ? character : (char)0;
}

static void name_characters(const char *pattern, char *out) {
    bool escaped = false;
    for (const char *at = pattern; *at != '\0'; at++) {
        const char character = *at == '\\' && !escaped ? (char)0 : stands_for(*at, escaped);
        escaped = *at == '\\' && !escaped;
        if (character != 0) {
            *out++ = character;
        }
    }
    *out = '\0';
}

/* What every value must have before the rest of the pattern is looked at, where that is plain. */
static void find_prefix(const char *pattern, char *out) {
    const char *at = pattern + (*pattern == '^' ? 1 : 0);
    size_t size = 0;
    while (size < PROBE_PREFIX_SIZE_MAX && *at != '\0' &&
           (is_letter_or_digit(*at) || strchr("-_@ :/", *at) != NULL)) {
        out[size++] = *at++;
    }
    if (size > 0 && *at != '\0' && strchr("*?{|", *at) != NULL) {
        size--; /* That one need not be there. */
    }
    out[size] = '\0';
}

/* The word again and again, behind a prefix, and with an end. */
static void make_value(const char *prefix, const char *word, size_t size, const char *end,
                       char value[PROBE_VALUE_SIZE_MAX]) {
    size_t used = (size_t)snprintf(value, PROBE_VALUE_SIZE_MAX, "%s", prefix);
    for (size_t i = 0; i < PROBE_REPEATS || i * size < PROBE_SIZE; i++) {
        memcpy(value + used, word, size);
        used += size;
    }
    memcpy(value + used, end, strlen(end) + 1);
}

/* At the beginning of the value without the shortcuts, and everywhere with them. */
static void try_value(struct probe *probe, const char *prefix, const char *word, size_t size,
                      const char *end) {
    char value[PROBE_VALUE_SIZE_MAX];
    make_value(prefix, word, size, end, value);
    probe->is_slow =
        probe->is_slow ||
        find(&probe->matcher, probe->code_plain, PCRE2_ANCHORED, value, &probe->steps_left) ==
            FOUND_UNKNOWN ||
        find(&probe->matcher, probe->code, 0, value, &probe->steps_left) == FOUND_UNKNOWN;
}

/* The word with both ends: where one is what should be there, the other is not. Each word once. */
static void try_word(struct probe *probe, const char *word, size_t size) {
    uint64_t packed = 0;
    memcpy(&packed, word, size);
    for (size_t i = 0; i < probe->word_count; i++) {
        if (probe->words[i] == packed) {
            return;
        }
    }
    if (probe->is_slow || probe->word_count == PROBE_WORDS_MAX) {
        return;
    }
    probe->words[probe->word_count++] = packed;
    try_value(probe, "", word, size, "!");
    try_value(probe, "", word, size, "");
    if (probe->prefix[0] != '\0') {
        try_value(probe, probe->prefix, word, size, "!");
        try_value(probe, probe->prefix, word, size, "");
    }
}

/* One each of what classes stand for, and two and three of them. */
static void try_common(struct probe *probe) {
    static const char *const words[] = {"a",  "A",  "0",  " ",   "-",   ".",   "_",   "+",   "@",
                                        "a0", "0a", "A0", "0A",  "aA",  "a-",  "0-",  "a.",  "0.",
                                        "a_", "a ", "0 ", "aa0", "a00", "a0-", "a-0", "aA0", "ab"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        try_word(probe, words[i], strlen(words[i]));
    }
}

/* The words that stand in the pattern, and what stands side by side there. */
static void try_named_words(struct probe *probe) {
    const char *named = probe->named;
    for (size_t start = 0; named[start] != '\0';) {
        size_t size = 0;
        while (size < PROBE_WORD_SIZE_MAX && is_letter_or_digit(named[start + size])) {
            size++;
        }
        if (size > 1) {
            try_word(probe, named + start, size);
        }
        start += size == 0 ? 1 : size;
    }
    const size_t count = strlen(named);
    for (size_t size = 1; size <= 3; size++) {
        for (size_t i = 0; i + size <= count; i++) {
            try_word(probe, named + i, size);
        }
    }
}

/* Each of the first characters that the pattern names with each. */
static void try_named_pairs(struct probe *probe) {
    char first[PROBE_CHARACTERS_PAIRED + 1] = "";
    size_t count = 0;
    for (const char *at = probe->named; *at != '\0' && count < PROBE_CHARACTERS_PAIRED; at++) {
        if (strchr(first, *at) == NULL) {
            first[count++] = *at;
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            const char pair[] = {first[i], first[k]};
            try_word(probe, pair, sizeof pair);
        }
    }
}

/* Takes the code, and frees it. */
static bool is_slow(const char *pattern, pcre2_code *code) {
    int error = 0;
    size_t offset = 0;
    struct probe probe = {.code = code, .steps_left = PROBE_STEPS_MAX, .matcher = matcher_open()};
    probe.code_plain =
        compile(pattern, PCRE2_AUTO_CALLOUT | PCRE2_NO_START_OPTIMIZE, &error, &offset);
    assert(probe.code_plain != NULL); /* It compiled without the option. */
    name_characters(pattern, probe.named);
    find_prefix(pattern, probe.prefix);
    try_common(&probe);
    try_named_words(&probe);
    try_named_pairs(&probe);
    matcher_close(&probe.matcher);
    pcre2_code_free(probe.code);
    pcre2_code_free(probe.code_plain);
    return probe.is_slow;
}

/* What is wrong with a pattern that compiled; NULL when nothing is. */
static const char *fault_of(const char *pattern, size_t size) {
    int error = 0;
    size_t offset = 0;
    pcre2_code *code =
        size > COMPILED_SIZE_MAX ? NULL : compile(pattern, PCRE2_AUTO_CALLOUT, &error, &offset);
    if (code == NULL) { /* Call-outs take room, and PCRE2 has 64 KiB. */
        return "is too large once it is compiled: use smaller repeat counts";
    }
    if (is_slow(pattern, code)) {
        return "takes too many steps on some values: avoid repeats within repeats, and several "
               "that find the same";
    }
    /* Found where there is nothing, it is found everywhere. */
    return patterns_block(&pattern, 1, "") ? "is found in every value, or in an empty one" : NULL;
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
    size_t compiled_size = 0;
    error = pcre2_pattern_info(code, PCRE2_INFO_SIZE, &compiled_size);
    assert(error == 0);
    pcre2_code_free(code);
    const char *found = fault_of(pattern, compiled_size);
    if (found != NULL) {
        *fault = found;
        return invalid();
    }
    return OK;
}
