#pragma once
/* A history: random steps over few identities, each made as it is invented, and the merges that it
 * made and undid. The same seed gives the same history. */

#include <assert.h>

#include "tests/engine/seeded.h"
#include "tests/identity/replay_step.h"

enum {
    REPLAY_STEPS = 32, /* Of a history. */
    REPLAY_STANDS = REPLAY_STEPS,
    REPLAY_HISTORY_TIES_MAX = REPLAY_STEPS * REPLAY_TIES_MAX,
};

static_assert((int)REPLAY_STEPS <= (int)REPLAY_STEPS_MAX, "a profile is the number of a step");

/* A merge, of the two members that it tied. */
struct replay_tie {
    int one;
    int other;
    size_t made;   /* The step. */
    size_t undone; /* The same; REPLAY_STANDS: it is not. */
    char id[REPLAY_ID_SIZE];
};

struct replay_history {
    struct seeded random;
    int type_count;     /* Of replay_types, the first ones: of these are the identities. */
    bool reconsiders;   /* Unmerges tell again what came since. */
    bool forbids;       /* Somebody says that two are never to be one, whatever records say. */
    bool is_of_records; /* Nobody links, unlinks, updates, deletes or allows anything. */
    struct replay_run run;
    size_t count;
    struct replay_step steps[REPLAY_STEPS];
    struct replay_outcome outcomes[REPLAY_STEPS];
    size_t tie_count;
    struct replay_tie ties[REPLAY_HISTORY_TIES_MAX];
};

/* A history without steps, in a workspace that no other one has. */
void replay_history_begin(struct replay_history *history, uint64_t seed, int type_count,
                          const char *workspace);

/* Invents the next step and makes it. */
void replay_history_go_on(struct replay_history *history);

/* Makes the steps of another history, but those that are about what has not come to be. Nothing is
 * to be made in the workspace before. */
void replay_history_repeat(struct replay_history *history, const struct replay_history *other,
                           const char *workspace);

/* Whether the merge stood when a step was made, or was made by it. */
bool replay_tie_stood(const struct replay_tie *tie, size_t step);

/* All profiles that were one with some of these when a step was made, a bit each. */
uint64_t replay_persons(const struct replay_history *history, uint64_t profiles, size_t step);
