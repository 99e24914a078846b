/* SimulateIdentityTypes and ApplyIdentityTypes against what they promise, over random histories:
 * simulating tells what applying does, in all and page by page, applying again changes nothing, no
 * record and no interaction is lost, and back under the earlier rules every profile is what it was.
 *
 * A failure is printed as the smallest history that fails too, with the seed of the first one:
 * PROFILED_SEED=N runs that alone, PROFILED_HISTORIES=N as many from there on (or from 1). */

#include <inttypes.h>
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/engine/seeds.h"
#include "tests/handlers/ask.h"
#include "tests/identity/reapply_trial.h"

enum { HISTORIES = 250, FAILURES_MAX = 20, STEPS_MIN = 4 };

static struct trial trial;

static void report(uint64_t seed) {
    trial_shrink(&trial);
    static struct trial made;
    trial_repeat(&made, &trial);
    const char *fault = trial_judge(&made);
    fprintf(stderr, "---- seed %" PRIu64 ": %s\n%s", seed, fault, trial_text(&made));
}

/* Whether all is well. */
static bool run(uint64_t seed) {
    struct seeded random = {~seed};
    trial_invent(&trial, seed, STEPS_MIN + seeded_below(&random, REPLAY_STEPS - STEPS_MIN + 1));
    const char *fault = trial_is_exact(&trial) ? trial_judge(&trial) : NULL;
    if (fault == NULL) {
        return true;
    }
    report(seed);
    return false;
}

TestSuite(reapply_history, .init = ask_open, .fini = ask_close, .timeout = 36000);

/* What comes of it may be of then or of now; but it comes to its end. */
Test(reapply_history, a_simulation_outlasts_what_is_done_meanwhile) {
    const struct seeds seeds = seeds_of(HISTORIES);
    size_t failures = 0;
    for (uint64_t seed = seeds.first; seed <= seeds.last && failures < FAILURES_MAX; seed++) {
        trial_invent(&trial, seed, REPLAY_STEPS / 2);
        const char *fault = trial_outlast(&trial, seed);
        if (fault != NULL) {
            fprintf(stderr, "---- seed %" PRIu64 ": %s\n%s", seed, fault, trial_text(&trial));
            failures++;
        }
    }
    cr_assert_eq(failures, 0, "%zu simulations end early", failures);
}

Test(reapply_history, other_rules_do_what_is_told_and_can_be_taken_back) {
    const struct seeds seeds = seeds_of(HISTORIES);
    size_t failures = 0;
    for (uint64_t seed = seeds.first; seed <= seeds.last && failures < FAILURES_MAX; seed++) {
        failures += !run(seed);
    }
    cr_assert_eq(failures, 0, "%zu histories fail", failures);
}
