#pragma once
/* Patterns that a workspace sets, of values that identify nobody and of what attributes may hold:
 * regular expressions of PCRE2. Found anywhere in a value, unless they are anchored with ^ and $.
 */

#include <stdbool.h>
#include <stddef.h>

#include "server/base/arena.h"
#include "server/base/status.h"

/* Checks a pattern: 1 to BLOCKED_PATTERN_SIZE_MAX bytes of UTF-8 that PCRE2 compiles, of a bounded
 * size, and that is found, or not, in a bounded number of steps in values made to make it fail.
 * That finds most patterns that run wild, not all: patterns_block() is bounded whatever it is
 * given.
 *
 * Errors: INVALID_ARGUMENT FIELD_INVALID; *fault is then what is wrong, with PCRE2's words and the
 * offset, in the arena. It is the workspace's own rule, no personal data. */
MUST_USE struct status pattern_check(const char *pattern, struct arena *arena, const char **fault);

/* Whether one of the patterns, which were checked, is found in a value, or can't be told not to be:
 * one pattern may take 10,000 steps on a value, all together 50,000. A value on which they run out
 * is blocked, since what is blocked joins nobody: the same for everybody and always. Compiled
 * patterns are remembered by each thread for itself. */
bool patterns_block(const char *const *patterns, size_t count, const char *value);

/* Whether a pattern, which was checked, is found in a value: false also where it runs out of its
 * 10,000 steps before that can be told. */
bool pattern_is_found(const char *pattern, const char *value);
