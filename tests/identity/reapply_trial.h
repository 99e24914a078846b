#pragma once
/* A trial of other rules: a history, the rules that it was told under, and changes of them that are
 * applied to all that came of it and taken back. */

#include "tests/identity/replay_history.h"

enum { TRIAL_RULES_MAX = 4, TRIAL_KIND_COUNT = 11 };

enum trial_kind {
    TRIAL_DISABLE,
    TRIAL_MATCH_NOBODY,
    TRIAL_MERGE_NOBODY,
    TRIAL_LIMIT, /* A value more than a profile may have. */
    TRIAL_BLOCK_VALUE,
    TRIAL_BLOCK_PATTERN, /* All values up to this one; addresses that have a tag. */
    TRIAL_VERIFIED,      /* The provenance that joins. */
    TRIAL_SINGLE,        /* A limit of one. */
    TRIAL_VETO,          /* By the given name. */
    TRIAL_NO_VETO,
    TRIAL_IGNORE_TAG, /* Of addresses, whatever the type. */
};

/* One change of the rules. */
struct trial_rule {
    enum trial_kind kind;
    int type; /* Of replay_types. */
    int value;
};

struct trial {
    struct replay_history history;
    size_t before_count; /* Rules that stand when the history begins. */
    struct trial_rule before[TRIAL_RULES_MAX];
    size_t change_count;
    struct trial_rule changes[TRIAL_RULES_MAX];
    int page_size;      /* Profiles that are put under the changes at a time, and */
    int back_page_size; /* under the earlier rules. */
    bool is_slow;       /* A message of the simulation comes to a row or two. */
};

/* Invents a trial of many steps, in a store of its own, up to where the changes are made. */
void trial_invent(struct trial *trial, uint64_t seed, size_t step_count);

/* Whether what came of its history can be brought back exactly: see reapply.h. */
bool trial_is_exact(const struct trial *trial);

/* Makes the same up to there once more: what it is, in *out. */
void trial_repeat(struct trial *out, const struct trial *trial);

/* Applies the changes and takes them back. NULL when all is as it is said to be; otherwise what is
 * not: a text of the test's arena. */
const char *trial_judge(const struct trial *trial);

/* Applies the changes, and simulates taking them back while somebody else does this and that. NULL
 * when it comes to its end. */
const char *trial_outlast(struct trial *trial, uint64_t seed);

/* Whether a trial that is made anew fails. */
bool trial_fails(const struct trial *trial);

/* Takes out whatever it fails without. */
void trial_shrink(struct trial *trial);

/* The trial in words. */
const char *trial_text(const struct trial *trial);
